"""What the CE Specialist is told before a list goes out, and when it is late."""

import uuid
from collections.abc import Collection, Iterable
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

import outbox.services
from agreements.models import StaffMember
from conferencing.list_words import first_out_at
from conferencing.models import Meeting, MeetingRole
from conferencing.models.meetings import MeetingQuerySet
from conferencing.prep_lists.recipients import left_out_of, who_gets_it
from conferencing.words import meeting_words
from regions.models import Membership
from regions.words import clock_words, day_words, plural

from .deliveries import tell_specialists_late
from .timing import AHEAD

WARNING_KIND = "list-warning"


class Lack(StrEnum):
    """What kind of thing is open before a call, each put right on a page of its own."""

    OUTDATED = "outdated"
    HELD = "held"
    CHOICE = "choice"
    ROSTER = "roster"
    ROLE = "role"
    LINK = "link"
    PAPER = "paper"


class OpenPoint(NamedTuple):
    """One thing that is open, in words that name nobody; `role`: of which role it is."""

    lack: Lack
    words: str
    role: MeetingRole.Role | None = None


def still_open(meeting: Meeting, *, now: datetime) -> list[str]:
    """What the list still lacks, in words that name nobody: `[line, …]`, empty when all is set."""
    left_out = [place for place, why in who_gets_it(meeting, now=now)[1] if place.gets_list]
    roles = meeting.roles.select_related("agency")
    return [point.words for point in open_points(meeting, roles, left_out, first_out_at(meeting))]


def still_open_of(
    meetings: Collection[Meeting], *, now: datetime
) -> dict[uuid.UUID, list[OpenPoint]]:
    """Like `still_open` for many calls of one continuum: `{meeting's key: [point, …]}`."""
    left_out = left_out_of(meetings, now=now)
    roles: dict[uuid.UUID, list[MeetingRole]] = {meeting.pk: [] for meeting in meetings}
    for role in MeetingRole.objects.filter(meeting__in=meetings).select_related("agency"):
        roles[role.meeting_id].append(role)
    return {
        meeting.pk: open_points(
            meeting,
            roles[meeting.pk],
            left_out[meeting.pk],
            meeting.list_out_at if hasattr(meeting, "list_out_at") else first_out_at(meeting),
        )
        for meeting in meetings
    }


def open_points(
    meeting: Meeting,
    roles: Iterable[MeetingRole],
    left_out: list[StaffMember],
    out_at: datetime | None = None,
) -> list[OpenPoint]:
    """What is open: `roles` of the meeting, `left_out` for want of paper.

    `out_at`: when the list went out; what it lacked is past then, what the call lacks is not.
    """
    points = []
    if out_at and meeting.list_was_for:
        words = (
            "The call was moved after its list was made."
            if meeting.shows_former_time
            else "The call was canceled or moved before everybody got its list."
        )
        points.append(OpenPoint(Lack.OUTDATED, words))
        out_at = None
    if meeting.list_held_at:
        words = (
            "The list is on hold: what is not sent yet waits until it is taken off hold."
            if out_at
            else "The list is on hold: it will not go out until it is taken off hold."
        )
        points.append(OpenPoint(Lack.HELD, words))
    if not out_at and meeting.needs_list_choice:
        words = "The list does not go out by itself: choose what happens to it."
        points.append(OpenPoint(Lack.CHOICE, words))
    if not (out_at or meeting.roster_settled_at):
        points.append(OpenPoint(Lack.ROSTER, "The roster is not settled."))
    given = {role.role: role for role in roles}
    for role in MeetingRole.TURNS:
        if role not in given:
            words = f"No agency has the role of {role.label.lower()}."
            points.append(OpenPoint(Lack.ROLE, words, role))
        elif given[role].person_id is None:
            words = f"{given[role].agency.name} has not named its {role.label.lower()}."
            points.append(OpenPoint(Lack.ROLE, words, role))
    if out_at and not meeting.join_link:
        points.append(OpenPoint(Lack.LINK, "There is no link to the call."))
    has_no_list = meeting.list_choice == Meeting.ListChoice.NONE
    if left_out and not (out_at or has_no_list):
        agencies = sorted({place.agency.name for place in left_out})
        words = (
            f"{plural(len(left_out), 'person', 'people')} won’t get the list: "
            f"agreement or statement missing ({', '.join(agencies)})."
        )
        points.append(OpenPoint(Lack.PAPER, words))
    return points


def warn_before_lists(now: datetime) -> None:
    """Step of the tick: the day before a list goes out, tell the specialist what is open."""
    for meeting in lists_to_come(now):
        times = meeting.list_times
        if meeting.is_list_promised and times.warned_at <= now < times.due_at:
            lines = still_open(meeting, now=now)
            if lines:
                tell_specialists_open(meeting, lines, now=now)


def tell_late_lists(now: datetime) -> None:
    """Step of the tick: a list that was not even frozen when it had to be out is late too.

    Told once for each time that the call is at. Not one that the CE Specialist chooses about: its
    call came too near for the two days.
    """
    for meeting in lists_to_come(now):
        if meeting.is_list_promised and meeting.list_times.late_at <= now:
            key = f"unfrozen:{meeting.pk}:{meeting.starts_at:%Y%m%dT%H%MZ}"
            tell_specialists_late(meeting, key=key, now=now)


def lists_to_come(now: datetime) -> MeetingQuerySet:
    return (
        Meeting.objects.planned()
        .awaiting_list()
        .filter(starts_at__gt=now, starts_at__lt=now + AHEAD)
        .order_by("starts_at")
    )


def tell_specialists_open(meeting: Meeting, lines: list[str], *, now: datetime) -> None:
    due_at = meeting.list_times.due_at
    due = due_at.astimezone(ZoneInfo(meeting.continuum.zone))
    context = {
        "continuum": meeting.continuum,
        "scope": meeting.scope_words,
        "meeting": meeting_words(meeting),
        "is_held": meeting.list_held_at is not None,
        "due": f"{due:%A}, {day_words(due)}, {clock_words(due)} {due:%Z}",
        "open": lines,
        "link": settings.SITE_URL + reverse("conferencing:list_detail", args=[meeting.pk]),
    }
    start = "The list is on hold" if context["is_held"] else "Before the list goes out"
    for membership in Membership.objects.specialists_of(meeting.continuum).select_related("user"):
        outbox.services.queue_mail(
            kind=WARNING_KIND,
            address=membership.user.email,
            user=membership.user,
            subject=f"{start}: {meeting.scope_words} call, {context['due']}",
            text=render_to_string("emails/list_warning.txt", context),
            html=render_to_string("emails/list_warning.html", context),
            dedupe_key=f"list-warning:{meeting.pk}:{due:%Y%m%d}:{membership.user_id}",
            not_after=due_at,
            continuum_id=meeting.continuum_id,
            about_id=meeting.pk,
            now=now,
        )
