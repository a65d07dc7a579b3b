"""Referrals: the list, one of them, and what becomes of it."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import get_permitted_or_404
from accounts.refusals import refusals
from agreements.access import refuse_without_standing
from agreements.models import StaffMember
from housing.models import DeclineReason, Opening, Referral, ReferralQuerySet
from participants.views.participants import context_of, get_participant
from regions.middleware import ContinuumRequest, continuum_of
from regions.models import Continuum

from . import acts, catalog, pages
from .forms import (
    AppealForm,
    DeclineForm,
    MoveInForm,
    ReasonForm,
    ReferForm,
    RulingForm,
    WaitsForm,
    WordsForm,
)

REFER = "participants.refer_household"
PER_PAGE = 50
SHOWN = {"": "Under way", "declined": "Declines to look at", "ended": "Ended", "all": "All"}


def visible(request: ContinuumRequest) -> ReferralQuerySet:
    return pages.with_all(Referral.objects.visible_to(request.user, request.today))


def get_referral(request: ContinuumRequest, pk: uuid.UUID, perm: str) -> Referral:
    return get_permitted_or_404(request.user, perm, visible(request), pk=pk)


@require_GET
def referral_list(request: ContinuumRequest) -> HttpResponse:
    refuse_without_standing(request)
    now, shown = timezone.now(), request.GET.get("shown", "")
    rows = visible(request)
    declined = Referral.State.PROGRAM_DECLINED
    if shown == "declined":
        rows = rows.filter(state=declined).exclude(ruling="agreed", appeal__in=["", "won", "lost"])
    elif shown == "ended":
        rows = rows.exclude(state__in=Referral.UNDER_WAY).order_by("-since")
    elif shown != "all":
        rows = rows.under_way()
    if request.GET.get("whose") == "mine":
        place = StaffMember.objects.current().filter(user=request.user).first()
        rows = rows.filter(follow_up_person=place)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    found = pages.referral_rows(page, request.user, now=now)
    pages.record_look(found, request.user, now=now)
    context = {
        "rows": found,
        "page": page,
        "shown": shown if shown in SHOWN else "",
        "tabs": SHOWN.items(),
        "whose": request.GET.get("whose", ""),
    }
    return render(request, "housing/referral_list.html", context)


@require_GET
def referral_detail(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    refuse_without_standing(request)
    referral = get_object_or_404(visible(request), pk=pk)
    context = pages.referral_page(referral, request.user, now=timezone.now())
    return render(request, "housing/referral_detail.html", context)


@require_http_methods(["GET", "POST"])
def referral_add(request: ContinuumRequest, pk: uuid.UUID, opening_pk: uuid.UUID) -> HttpResponse:
    """Refer a household to an opening: who follows up is filled in."""
    refuse_without_standing(request)
    participant = get_participant(request, pk, REFER)
    opening = get_object_or_404(
        Opening.objects.visible_to(request.user).select_related("program__agency", "county"),
        pk=opening_pk,
    )
    first = pages.people_to_follow_up(participant, request.user)
    initial = {"follow_up": first.pk if first else None}
    form = ReferForm(request.POST or None, continuum=continuum_of(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            referral = acts.propose(
                opening,
                participant,
                follow_up=form.cleaned_data["follow_up"],
                actor=request.user,
                now=timezone.now(),
            )
            messages.success(request, "Referred. Ask the household next.")
            return redirect("housing:referral_detail", referral.pk)
    context = {**context_of(request, participant), "form": form, "opening": opening}
    return render(request, "housing/referral_add.html", context)


Values = Callable[[Any], dict[str, Any]]  # Any: a form, and of each of its fields its own


def answered(
    request: ContinuumRequest,
    referral: Referral,
    form: Form,
    act: Callable[..., None],
    title: str,
    submit: str,
    values: Values = lambda form: form.cleaned_data,
) -> HttpResponse:
    """The page of one act: what is typed, and the act."""
    if request.method == "POST" and form.is_valid():
        with refusals(form):  # type: ignore[arg-type]  # each is a form of the house
            act(referral, actor=request.user, now=timezone.now(), **values(form))
            messages.success(request, "Recorded.")
            return redirect("housing:referral_detail", referral.pk)
    row = pages.referral_rows([referral], request.user, now=timezone.now())[0]
    pages.record_look([row], request.user, now=timezone.now())
    context = {"form": form, "row": row, "referral": referral, "title": title, "submit": submit}
    return render(request, "housing/referral_act.html", context)


@require_POST
def referral_accept(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    return pressed(request, pk, pages.ACTS_FOR_HOUSEHOLD, acts.accept)


@require_POST
def referral_acknowledge(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    return pressed(request, pk, pages.ACTS_FOR_PROGRAM, acts.acknowledge)


@require_POST
def referral_enroll(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    return pressed(request, pk, pages.ACTS_FOR_PROGRAM, acts.enroll)


def pressed(
    request: ContinuumRequest, pk: uuid.UUID, perm: str, act: Callable[..., None]
) -> HttpResponse:
    """One press; what does not fit any more is said on the referral's page."""
    refuse_without_standing(request)
    referral = get_referral(request, pk, perm)
    with refusals(request):
        act(referral, actor=request.user, now=timezone.now())
        messages.success(request, "Recorded.")
    return redirect("housing:referral_detail", referral.pk)


@require_http_methods(["GET", "POST"])
def referral_move_in(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    refuse_without_standing(request)
    referral = get_referral(request, pk, pages.ACTS_FOR_PROGRAM)
    form = MoveInForm(request.POST or None, initial={"happened_on": request.today})
    return answered(request, referral, form, acts.move_in, "Moved in", "Record the move-in")


@require_http_methods(["GET", "POST"])
def referral_household_decline(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    refuse_without_standing(request)
    referral = get_referral(request, pk, pages.ACTS_FOR_HOUSEHOLD)
    form = DeclineForm(request.POST or None, continuum=continuum_of(request), by_program=False)
    return answered(
        request,
        referral,
        form,
        acts.decline,
        "The household declines",
        "Record the decline",
        lambda form: {**form.cleaned_data, "by_program": False},
    )


@require_http_methods(["GET", "POST"])
def referral_program_decline(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    refuse_without_standing(request)
    referral = get_referral(request, pk, pages.ACTS_FOR_PROGRAM)
    form = DeclineForm(request.POST or None, continuum=continuum_of(request), by_program=True)
    return answered(
        request,
        referral,
        form,
        acts.decline,
        "The program declines",
        "Record the decline",
        lambda form: {**form.cleaned_data, "by_program": True},
    )


@require_http_methods(["GET", "POST"])
def referral_rule(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """The CE Specialist looks at a program's decline."""
    refuse_without_standing(request)
    referral = get_referral(request, pk, pages.RULES)
    form = RulingForm(request.POST or None)
    return answered(request, referral, form, acts.rule, "Look at the decline", "Save")


@require_http_methods(["GET", "POST"])
def referral_appeal(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    refuse_without_standing(request)
    referral = get_referral(request, pk, pages.ACTS_FOR_HOUSEHOLD)
    form = WordsForm(request.POST or None)
    return answered(request, referral, form, acts.appeal, "Appeal the decline", "Appeal")


@require_http_methods(["GET", "POST"])
def referral_decide_appeal(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    refuse_without_standing(request)
    referral = get_referral(request, pk, pages.RULES)
    form = AppealForm(request.POST or None)
    return answered(
        request,
        referral,
        form,
        acts.decide_appeal,
        "Decide the appeal",
        "Save",
        lambda form: {
            "words": form.cleaned_data["words"],
            "is_won": form.cleaned_data["is_won"] == "yes",
        },
    )


@require_http_methods(["GET", "POST"])
def referral_withdraw(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Take it back; one whose days are over expires."""
    refuse_without_standing(request)
    referral = get_object_or_404(visible(request), pk=pk)
    user = request.user
    if not (
        user.has_perm(pages.ACTS_FOR_HOUSEHOLD, referral) or user.has_perm(pages.RULES, referral)
    ):
        raise PermissionDenied
    form = WordsForm(request.POST or None)
    is_over = referral.is_overdue(request.today) and user.has_perm(pages.RULES, referral)
    act = acts.expire if is_over else acts.withdraw
    title = "End the referral: its days are over" if is_over else "Withdraw the referral"
    return answered(request, referral, form, act, title, "End it" if is_over else "Withdraw it")


PLAN = "regions.plan_calls"


@require_http_methods(["GET", "POST"])
def referral_waits(request: ContinuumRequest) -> HttpResponse:
    """How long each wait of a referral may be."""
    continuum = get_permitted_or_404(request.user, PLAN, own(request))
    form = WaitsForm(request.POST or None, rule=catalog.rule_of(continuum))
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            days = form.cleaned_data
            catalog.change_waits(continuum, days=days, actor=request.user, now=timezone.now())
            messages.success(request, "Saved. What waits already keeps its day.")
            return redirect("regions:region_list")
    return render(request, "housing/referral_waits.html", {"form": form})


@require_http_methods(["GET", "POST"])
def reason_list(request: ContinuumRequest) -> HttpResponse:
    """The catalog of reasons for declines; another one is added below."""
    continuum = get_permitted_or_404(request.user, PLAN, own(request))
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            catalog.add_reason(
                continuum, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
            messages.success(request, "Added.")
            return redirect("housing:reason_list")
    catalog.reasons_of(continuum)
    reasons = continuum.decline_reasons.order_by("side", "position", "words")
    return render(request, "housing/reason_list.html", {"form": form, "reasons": reasons})


@require_POST
def reason_use(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Offer a reason, or no longer."""
    rows = DeclineReason.objects.filter(continuum__in=own(request)).select_related("continuum")
    reason = get_object_or_404(rows, pk=pk)
    if not request.user.has_perm(PLAN, reason.continuum):
        raise PermissionDenied
    is_used = not reason.is_used
    catalog.use_reason(reason, is_used=is_used, actor=request.user, now=timezone.now())
    messages.success(request, "Offered again." if is_used else "No longer offered.")
    return redirect("housing:reason_list")


def own(request: ContinuumRequest) -> QuerySet[Continuum]:
    """The reader's own continuum, as whatever is asked for in Set-up."""
    return Continuum.objects.visible_to(request.user)
