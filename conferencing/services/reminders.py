"""What the CE Specialist is told before a list goes out, and when it is late."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

import outbox.services
from conferencing.models import Meeting, MeetingRole
from regions.models import Membership

from .deliveries import tell_specialists_late
from .lists import left_out_of, list_due_at, list_late_at, warning_at, who_gets_it
from .snapshots import clock_words, day_words, meeting_words, plural

WARNING_KIND = "list-warning"


def still_open(meeting, *, now):
    """What the list still lacks, in words that name nobody: `[line, …]`, empty when all is set."""
    left_out = [place for place, why in who_gets_it(meeting, now=now)[1] if place.gets_list]
    return open_lines(meeting, meeting.roles.select_related("agency"), left_out)


def still_open_of(meetings, *, now):
    """Like `still_open` for many calls of one continuum: `{meeting's key: [line, …]}`."""
    left_out = left_out_of(meetings, now=now)
    roles = {meeting.pk: [] for meeting in meetings}
    for role in MeetingRole.objects.filter(meeting__in=meetings).select_related("agency"):
        roles[role.meeting_id].append(role)
    return {
        meeting.pk: open_lines(meeting, roles[meeting.pk], left_out[meeting.pk])
        for meeting in meetings
    }


def open_lines(meeting, roles, left_out):
    """The words for what is open: `roles` of the meeting, `left_out` for want of paper."""
    lines = []
    if meeting.list_held_at:
        lines.append("The list is on hold: it will not go out until it is taken off hold.")
    if not meeting.roster_settled_at:
        lines.append("The roster is not settled.")
    roles = {role.role: role for role in roles}
    for role in MeetingRole.Role:
        if role not in roles:
            lines.append(f"No agency has the role of {role.label.lower()}.")
        elif roles[role].person_id is None:
            lines.append(f"{roles[role].agency.name} has not named its {role.label.lower()}.")
    if left_out:
        agencies = sorted({place.agency.name for place in left_out})
        lines.append(
            f"{plural(len(left_out), 'person', 'people')} will be left out for want of paper "
            f"({', '.join(agencies)})."
        )
    return lines


def warn_before_lists(now):
    """Step of the tick: the day before a list goes out, tell the specialist what is open."""
    for meeting in lists_to_come(now):
        if warning_at(meeting) <= now < list_due_at(meeting):
            lines = still_open(meeting, now=now)
            if lines:
                tell_specialists_open(meeting, lines, now=now)


def tell_late_lists(now):
    """Step of the tick: a list that was not even frozen when it had to be out is late too."""
    for meeting in lists_to_come(now):
        if list_late_at(meeting) <= now:
            tell_specialists_late(meeting, key=f"unfrozen:{meeting.pk}", now=now)


def lists_to_come(now):
    return (
        Meeting.objects.planned()
        .filter(starts_at__gt=now, prep_lists__isnull=True)
        .select_related("continuum", "region")
        .order_by("starts_at")
    )


def tell_specialists_open(meeting, lines, *, now):
    due = list_due_at(meeting).astimezone(ZoneInfo(meeting.continuum.zone))
    context = {
        "continuum": meeting.continuum,
        "scope": meeting.scope_words,
        "meeting": meeting_words(meeting),
        "due": f"{due:%A}, {day_words(due)}, {clock_words(due)} {due:%Z}",
        "open": lines,
        "link": settings.SITE_URL + reverse("conferencing:list_detail", args=[meeting.pk]),
    }
    for membership in Membership.objects.specialists_of(meeting.continuum).select_related("user"):
        outbox.services.queue_mail(
            kind=WARNING_KIND,
            address=membership.user.email,
            user=membership.user,
            subject=f"Before the list goes out: {meeting.scope_words} call, {context['due']}",
            text=render_to_string("emails/list_warning.txt", context),
            html=render_to_string("emails/list_warning.html", context),
            dedupe_key=f"list-warning:{meeting.pk}:{due:%Y%m%d}:{membership.user_id}",
            not_after=list_due_at(meeting),
            continuum_id=meeting.continuum_id,
            about_id=meeting.pk,
            now=now,
        )
