"""The year's calls, and one call: planned, moved, canceled, restored, added."""

import uuid
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.refusals import refusals
from conferencing.access import get_continuum, get_meeting, zone_words
from conferencing.models import Meeting
from conferencing.schedule import (
    acts as meetings,
)
from conferencing.schedule import (
    clashes,
    effects,
    year_pages,
    years,
)
from conferencing.schedule import (
    pages as meeting_pages,
)
from conferencing.schedule.forms.meetings import (
    AddMeetingForm,
    CancelMeetingForm,
    LinkForm,
    MoveMeetingForm,
    RestoreMeetingForm,
)
from conferencing.schedule.planning import fingerprint
from conferencing.shared_forms import MomentForm
from regions.calling import zone_name
from regions.middleware import ContinuumRequest
from regions.models import Continuum, Region

PLAN = "regions.plan_calls"
# Years that a page is made for; beyond them an address was typed by hand.
YEARS = range(2000, 2100)

Timed = TypeVar("Timed", bound=MomentForm)


def get_year(request: ContinuumRequest) -> int:
    text = request.GET.get("year", "")
    if not text:
        return request.today.year
    if not text.isdecimal() or int(text) not in YEARS:
        raise Http404("No such year")
    return int(text)


def time_form(
    form_class: type[Timed],
    where: Continuum,
    data: QueryDict | None,
    **kwargs: Any,  # as of any form
) -> Timed:
    return form_class(data, zone=where.zone, zone_words=zone_words(where), **kwargs)


def go_on(request: ContinuumRequest, meeting: Meeting) -> HttpResponse:
    """After a call was added, moved or restored: to its page, or first to choose about its list."""
    may_send = request.user.has_perm("conferencing.send_list", meeting)
    has_list = meeting.prep_lists.exists() and not meeting.list_was_for
    if meeting.needs_list_choice and not has_list and may_send:
        messages.warning(request, "The call is near: its list does not go out by itself.")
        return redirect("conferencing:list_choose", pk=meeting.pk)
    return redirect(meeting)


@require_GET
def meeting_list(request: ContinuumRequest) -> HttpResponse:
    """The year's calls by month, what is next, and what is amiss."""
    continuum = get_continuum(request)
    now, year = timezone.now(), get_year(request)
    regions = list(Region.objects.filter(continuum=continuum))
    wanted = request.GET.get("region", "")
    region = next((each for each in regions if str(each.pk) == wanted), None)
    page = year_pages.year_page(continuum, year, region=region, now=now)
    return render(
        request,
        "conferencing/schedule/meeting_list.html",
        {
            **page,
            "regions": regions,
            "region": region,
            "next_calls": year_pages.next_calls(continuum, request.user, now=now),
            "this_year": request.today.year,
            "zone": zone_name(continuum.zone),
            "may_plan": request.user.has_perm(PLAN, continuum),
        },
    )


@require_GET
def meeting_detail(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """One call: when and where, who has which role, its list, what can be done about it."""
    meeting = get_meeting(request, pk)
    page = meeting_pages.meeting_page(meeting, request.user, now=timezone.now())
    return render(request, "conferencing/schedule/meeting_detail.html", page)


@require_http_methods(["GET", "POST"])
def year_plan(request: ContinuumRequest) -> HttpResponse:
    """Make or update a year's calls as the rules have them, after looking at what that does."""
    continuum = get_continuum(request, PLAN)
    now, year = timezone.now(), get_year(request)
    plan = years.plan_of(continuum, year)
    changes = years.changes_of_plan(continuum, year, plan, now=now)
    seen = fingerprint(changes)
    if request.method == "POST":
        if request.POST.get("seen") == seen:
            done = years.plan_year(continuum, year, actor=request.user, now=now, with_past=False)
            messages.success(request, meeting_pages.done_words(year, done))
            return redirect(f"{reverse('conferencing:meeting_list')}?year={year}")
        messages.warning(request, "Something changed meanwhile. This is what would happen now.")
    context = {"year": year, "seen": seen, "has_rules": bool(plan)}
    context |= meeting_pages.preview(changes, continuum, now=now)
    return render(request, "conferencing/schedule/year_plan.html", context)


@require_http_methods(["GET", "POST"])
def clash_move(request: ContinuumRequest) -> HttpResponse:
    """Move all calls of a year that are on a closed day, after looking at where they go."""
    continuum = get_continuum(request, PLAN)
    now, year = timezone.now(), get_year(request)
    if request.method == "POST":
        with refusals(request):
            seen = request.POST.get("seen", "")
            moved = clashes.move_clashing(continuum, year, seen=seen, actor=request.user, now=now)
            messages.success(request, meeting_pages.moved_words(moved))
            return redirect(f"{reverse('conferencing:meeting_list')}?year={year}")
    rows = clashes.clashing_calls(continuum, year, now=now)
    context = {"year": year, "rows": rows, "seen": clashes.seen_of(rows)}
    context["movable"] = sum(row.proposed is not None for row in rows)
    return render(request, "conferencing/schedule/clash_move.html", context)


@require_http_methods(["GET", "POST"])
def meeting_add(request: ContinuumRequest) -> HttpResponse:
    """Add a single call beside the rule's."""
    continuum = get_continuum(request, PLAN)
    form = time_form(
        AddMeetingForm,
        continuum,
        request.POST or None,
        continuum=continuum,
        initial={"minutes": 60},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with refusals(form):
            meeting = meetings.add_meeting(
                continuum,
                region=data["region"],
                starts_at=data["starts_at"],
                minutes=data["minutes"],
                link=data["link"],
                actor=request.user,
            )
            messages.success(request, "The call is added.")
            return go_on(request, meeting)
    return render(request, "conferencing/schedule/meeting_add.html", {"form": form})


@require_http_methods(["GET", "POST"])
def meeting_move(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Choose another time, read what that does, then move the call."""
    meeting = get_meeting(request, pk, "conferencing.plan_meeting")
    now = timezone.now()
    local = meeting.starts_at.astimezone(ZoneInfo(meeting.continuum.zone))
    form = time_form(
        MoveMeetingForm,
        meeting.continuum,
        request.POST or None,
        initial={
            "on": local.date(),
            "starts": local.time(),
            "minutes": meeting.minutes,
            "sequence": meeting.sequence,
        },
    )
    context = {"meeting": meeting, "form": form}
    if request.method == "POST" and form.is_valid():
        data = {name: form.cleaned_data[name] for name in ("starts_at", "minutes", "sequence")}
        with refusals(form):
            if request.POST.get("step") == "move":
                moved = meetings.move_meeting(meeting, actor=request.user, now=now, **data)
                messages.success(request, "The call is moved.")
                return go_on(request, moved)
            meetings.check_move(meeting, now=now, **data)
            context |= effects.effects_of_move(meeting, data["starts_at"], data["minutes"], now=now)
    return render(request, "conferencing/schedule/meeting_move.html", context)


@require_http_methods(["GET", "POST"])
def meeting_cancel(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Say what cancelling does, ask why, cancel."""
    meeting = get_meeting(request, pk, "conferencing.plan_meeting")
    now = timezone.now()
    form = CancelMeetingForm(
        request.POST or None,
        initial={"sequence": meeting.sequence},
        label="Why is the call canceled?",
        hint="Everybody who can see the call reads this. Do not include client information.",
    )
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            meetings.cancel_meeting(meeting, actor=request.user, now=now, **form.cleaned_data)
            messages.success(request, "The call is canceled.")
            return redirect(meeting)
    context = {
        "meeting": meeting,
        "form": form,
        "effects": effects.effects_of_cancel(meeting, now=now),
    }
    return render(request, "conferencing/schedule/meeting_cancel.html", context)


@require_http_methods(["GET", "POST"])
def meeting_restore(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Say what restoring does; restore."""
    meeting = get_meeting(request, pk, "conferencing.plan_meeting")
    now = timezone.now()
    form = RestoreMeetingForm(request.POST or None, initial={"sequence": meeting.sequence})
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            restored = meetings.restore_meeting(
                meeting, actor=request.user, now=now, **form.cleaned_data
            )
            messages.success(request, "The call is restored.")
            return go_on(request, restored)
    context = {
        "meeting": meeting,
        "form": form,
        "effects": effects.effects_of_restore(meeting, now=now),
    }
    return render(request, "conferencing/schedule/meeting_restore.html", context)


@require_http_methods(["GET", "POST"])
def meeting_link(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Give one call a link of its own."""
    meeting = get_meeting(request, pk, "conferencing.plan_meeting")
    form = LinkForm(request.POST or None, initial={"link": meeting.link})
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            meetings.change_link(meeting, actor=request.user, **form.cleaned_data)
            messages.success(request, "The link is saved.")
            return redirect(meeting)
    return render(
        request, "conferencing/schedule/meeting_link.html", {"meeting": meeting, "form": form}
    )
