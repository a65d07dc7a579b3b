"""When households count as inactive, the outflow rounds, and how fresh agencies' data is."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import get_permitted_or_404
from accounts.refusals import refusals
from agreements.access import refuse_without_standing
from participants.forms.places import AttemptForm, InactivityForm
from participants.models import InactivityRule, OutflowCase, OutflowRound
from participants.quiet import rule_of
from participants.services import round_pages
from participants.services.freshness import freshness_page
from participants.services.inactivity import change_inactivity
from participants.services.rounds import begin_round, close_round, record_attempt
from regions.middleware import ContinuumRequest, continuum_of
from regions.models import Continuum

from .participants import context_of

RUN = "participants.run_outflow"


@require_http_methods(["GET", "POST"])
def inactivity_edit(request: ContinuumRequest) -> HttpResponse:
    if request.continuum is None:
        raise Http404
    own = Continuum.objects.visible_to(request.user)
    continuum = get_permitted_or_404(
        request.user, "regions.plan_calls", own, pk=request.continuum.pk
    )
    rule = rule_of(continuum)
    form = InactivityForm(request.POST or None, instance=rule or InactivityRule())
    if request.method == "POST" and form.is_valid():
        change_inactivity(continuum, actor=request.user, now=timezone.now(), **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("regions:region_list")
    return render(request, "participants/inactivity_edit.html", {"form": form, "rule": rule})


def refuse_unless_in_standing(request: ContinuumRequest, perm: str) -> None:
    """Whether the person may at all, of whichever round."""
    refuse_without_standing(request)
    if not request.user.has_perm(perm):
        raise PermissionDenied


def get_round(request: ContinuumRequest, perm: str, pk: uuid.UUID) -> OutflowRound:
    refuse_without_standing(request)
    rounds = OutflowRound.objects.filter(continuum=continuum_of(request)).select_related(
        "continuum", "begun_by", "closed_by"
    )
    return get_permitted_or_404(request.user, perm, rounds, pk=pk)


@require_GET
def round_list(request: ContinuumRequest) -> HttpResponse:
    refuse_unless_in_standing(request, RUN)
    context = round_pages.rounds_page(continuum_of(request), on=request.today)
    return render(request, "participants/round_list.html", context)


@require_POST
def round_begin(request: ContinuumRequest) -> HttpResponse:
    refuse_unless_in_standing(request, RUN)
    with refusals(request):
        round = begin_round(continuum_of(request), actor=request.user, now=timezone.now())
        messages.success(request, "The round is begun, and each household given to an agency.")
        return redirect(round)
    return redirect("participants:round_list")


@require_GET
def round_detail(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    round = get_round(request, "participants.see_outflow", pk)
    context = round_pages.round_page(round, request.user, now=timezone.now())
    context["may_run"] = request.user.has_perm(RUN, round)
    return render(request, "participants/round_detail.html", context)


@require_http_methods(["GET", "POST"])
def attempt_add(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    refuse_without_standing(request)
    cases = OutflowCase.objects.filter(round__continuum=continuum_of(request)).select_related(
        "round", "agency", "participant__continuum", "participant__agency", "participant__region"
    )
    case = get_permitted_or_404(request.user, "participants.record_attempt", cases, pk=pk)
    form = AttemptForm(request.POST or None, is_confidential=case.participant.is_confidential)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            record_attempt(
                case,
                actor=request.user,
                now=timezone.now(),
                **{"words": "", **form.values()},
            )
            messages.success(request, "The attempt is recorded.")
            return redirect(case.round)
    context = context_of(request, case.participant)
    return render(request, "participants/attempt_add.html", {**context, "form": form, "case": case})


@require_http_methods(["GET", "POST"])
def round_close(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    round = get_round(request, RUN, pk)
    if request.method == "POST":
        with refusals(request):
            moved = close_round(
                round, seen=request.POST.get("seen", ""), actor=request.user, now=timezone.now()
            )
            done = f"Closed: {moved} moved to inactive."
            messages.success(request, "It was closed already." if moved is None else done)
            return redirect(round)
        return redirect("participants:round_close", pk=round.pk)
    context = round_pages.closing_page(round, on=request.today)
    return render(request, "participants/round_close.html", context)


@require_GET
def freshness(request: ContinuumRequest) -> HttpResponse:
    refuse_unless_in_standing(request, "participants.watch_freshness")
    context = freshness_page(continuum_of(request), request.user, now=timezone.now())
    return render(request, "participants/freshness.html", context)
