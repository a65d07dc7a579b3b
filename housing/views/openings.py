"""Openings: the list, one of them, and what became of it."""

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import undo
from accounts.access import get_permitted_or_404
from accounts.refusals import refusals
from agreements.access import refuse_without_standing
from housing import openings as acts
from housing import pages, policy_pages
from housing.forms.listing import OpeningListForm
from housing.forms.openings import AddOpeningForm, ChangeOpeningForm, HoldForm
from housing.matching import counties_of
from housing.models import Opening, OpeningQuerySet, Program
from housing.openings import SETTLE, UNDO, Settled
from regions.middleware import ContinuumRequest, continuum_of

from .programs import get_program

ENTER = "housing.enter_opening"
PER_PAGE = 50


def visible(request: ContinuumRequest) -> OpeningQuerySet:
    return pages.with_all(Opening.objects.visible_to(request.user))


def get_opening(request: ContinuumRequest, pk: uuid.UUID) -> Opening:
    return get_permitted_or_404(request.user, SETTLE, visible(request), pk=pk)


@require_GET
def opening_list(request: ContinuumRequest) -> HttpResponse:
    refuse_without_standing(request)
    form = OpeningListForm(request.GET, continuum=continuum_of(request))
    found = form.narrowed(visible(request), request.today)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "filter_form": form,
        "page": page,
        "rows": pages.opening_rows(page, request.today),
        "may_enter": bool(pages.speaks_for(request.user)),
    }
    return render(request, "housing/opening_list.html", context)


@require_GET
def opening_choose(request: ContinuumRequest) -> HttpResponse:
    """Which program it is of; passed by where there is but one."""
    refuse_without_standing(request)
    agencies = pages.speaks_for(request.user)
    programs = Program.objects.running().filter(agency__in=agencies).select_related("agency")
    if len(programs) == 1:
        return redirect("housing:opening_add", programs[0].pk)
    return render(
        request, "housing/opening_choose.html", {"programs": programs, "may_add": bool(agencies)}
    )


@require_http_methods(["GET", "POST"])
def opening_add(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Enter one; filled in as the last of the program was."""
    refuse_without_standing(request)
    program = get_program(request, pk, ENTER)
    last = program.openings.order_by("-entered_at").first()
    form = AddOpeningForm(request.POST or None, program=program, on=request.today, like=last)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            opening = acts.enter_opening(
                program, actor=request.user, now=timezone.now(), **form.values()
            )
            messages.success(request, "The opening was entered. Every partner agency sees it now.")
            return redirect(opening)
    context = {"form": form, "program": program, "last": last}
    return render(request, "housing/opening_add.html", context)


@require_GET
def opening_detail(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    refuse_without_standing(request)
    rows = visible(request).select_related("entered_by").prefetch_related("program__rules")
    opening = get_object_or_404(rows, pk=pk)
    program = opening.program
    asks = pages.asks_in_words(program.rules.all(), counties_of(program.continuum))
    context = {
        "opening": opening,
        "row": pages.opening_rows([opening], request.today)[0],
        "required": asks["required"],
        "preferred": asks["preferred"],
        "may_settle": request.user.has_perm(SETTLE, opening),
    }
    return render(request, "housing/opening_detail.html", context)


@require_GET
def opening_households(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """The households for an opening, in the policy's order."""
    refuse_without_standing(request)
    rows = visible(request).prefetch_related("program__rules")
    opening = get_object_or_404(rows, pk=pk)
    page = policy_pages.opening_order(opening, request.user, now=timezone.now())
    return render(request, "housing/opening_households.html", page)


@require_http_methods(["GET", "POST"])
def opening_edit(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    refuse_without_standing(request)
    opening = get_opening(request, pk)
    form = ChangeOpeningForm(request.POST or None, opening=opening)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            acts.change_opening(opening, actor=request.user, now=timezone.now(), **form.values())
            messages.success(request, "Saved.")
            return redirect(opening)
    return render(request, "housing/opening_edit.html", {"form": form, "opening": opening})


@require_http_methods(["GET", "POST"])
def opening_hold(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Keep it for somebody until a day."""
    refuse_without_standing(request)
    opening = get_opening(request, pk)
    form = HoldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        with refusals(form):
            done = acts.hold_opening(opening, actor=request.user, now=now, **form.cleaned_data)
            return told(request, opening, done, "Held.")
    return render(request, "housing/opening_hold.html", {"form": form, "opening": opening})


@require_POST
def opening_fill(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    return settled(request, pk, acts.fill_unit, "A unit was filled.")


@require_POST
def opening_withdraw(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    return settled(request, pk, acts.withdraw_opening, "Withdrawn.")


@require_POST
def opening_offer(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    return settled(request, pk, acts.offer_again, "On offer again.")


def settled(
    request: ContinuumRequest, pk: uuid.UUID, act: Callable[..., Settled], words: str
) -> HttpResponse:
    refuse_without_standing(request)
    opening = get_opening(request, pk)
    with refusals(request):
        return told(request, opening, act(opening, actor=request.user, now=timezone.now()), words)
    return redirect(opening)


def told(request: ContinuumRequest, opening: Opening, done: Settled, words: str) -> HttpResponse:
    """Say what was done, and how to take it back."""
    if done["before"] != done["after"]:
        undo.offer(
            request,
            UNDO,
            place=opening.get_absolute_url(),
            words=words,
            data=dict(done),
            now=timezone.now(),
        )
    messages.success(request, words)
    return redirect(opening)
