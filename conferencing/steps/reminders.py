"""Mails about steps that nobody reported: before a call to whoever is to report, after it to the
agency's lead, and a week after it to the CE Specialists. Numbers and links, no participant's data.
"""

import uuid
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import cast

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

import outbox.services
from accounts.models import User
from agreements.models import StaffMember
from agreements.models.agencies import StaffMemberQuerySet
from agreements.standing import is_in_standing, person_standing
from conferencing import due
from conferencing.emails import recipient_of
from conferencing.models import Meeting
from conferencing.words import meeting_words
from outbox.kinds import OnHold, Prepared, Withheld
from outbox.models import Message
from regions.clock import local_day
from regions.models import Membership
from regions.words import plural, weekday_words

from .unreported import unreported_of

REMINDER_KIND = "step-reminder"
LEAD_KIND = "steps-unreported"
SPECIALIST_KIND = "steps-unreported-week"
# How long before a call its steps are reminded of at the earliest, and told of after it.
AHEAD, BEHIND = timedelta(days=7), timedelta(days=15)
REPORTED = "Nothing is left to report."


def remind_of_steps(now: datetime) -> None:
    """Step of the tick: a working day before a call, remind people of what they are to report."""
    ahead = Meeting.objects.planned().filter(starts_at__gt=now, starts_at__lt=now + AHEAD)
    for meeting in ahead.select_related("continuum", "region"):
        if due.steps_reminder_at(meeting.continuum, meeting.on) <= now:
            for place in to_report(meeting, now=now):
                key = f"step-reminder:{meeting.pk}:{meeting.on:%Y%m%d}:{place.user_id}"
                queue(REMINDER_KIND, meeting, place.user, key, not_after=meeting.starts_at, now=now)


def tell_unreported_steps(now: datetime) -> None:
    """Step of the tick: tell leads two working days after a call, CE Specialists a week after."""
    held = Meeting.objects.filter(ends_at__lte=now, starts_at__gt=now - BEHIND)
    for meeting in held.exclude(state=Meeting.State.CANCELLED).select_related(
        "continuum", "region"
    ):
        week_after = due.specialist_told_at(meeting.continuum, meeting.on)
        if due.lead_told_at(meeting.continuum, meeting.on) <= now < week_after:
            tell_leads(meeting, now=now)
        elif week_after <= now:
            tell_specialists(meeting, now=now)


def tell_leads(meeting: Meeting, *, now: datetime) -> None:
    for place in unreported_by_lead(meeting, now=now):
        key = f"steps-unreported:{meeting.pk}:{place.agency_id}:{place.user_id}"
        queue(LEAD_KIND, meeting, place.user, key, now=now)


def tell_specialists(meeting: Meeting, *, now: datetime) -> None:
    if not unreported_of([meeting])[meeting.pk]:
        return
    for membership in Membership.objects.specialists_of(meeting.continuum).select_related("user"):
        key = f"steps-unreported-week:{meeting.pk}:{membership.user_id}"
        queue(SPECIALIST_KIND, meeting, membership.user, key, now=now)


def queue(
    kind: str,
    meeting: Meeting,
    user: User,
    key: str,
    *,
    not_after: datetime | None = None,
    now: datetime,
) -> None:
    outbox.services.queue_mail(
        kind=kind,
        address=user.email,
        user=user,
        subject=subject(kind, meeting),
        dedupe_key=key,
        not_after=not_after,
        continuum_id=meeting.continuum_id,
        about_id=meeting.pk,
        now=now,
    )


def subject(kind: str, meeting: Meeting) -> str:
    """Region or CoC-wide, and the date: all that a mail's subject may say."""
    call = f"{meeting.scope_words} call, {weekday_words(meeting.on)}"
    return f"Steps to report: {call}" if kind == REMINDER_KIND else f"Steps not reported: {call}"


def staff_in_standing(meeting: Meeting, now: datetime) -> StaffMemberQuerySet:
    on = local_day(now, meeting.continuum.zone)
    return (
        StaffMember.objects.in_good_standing(on)
        .filter(agency__continuum=meeting.continuum_id)
        .select_related("user", "agency")
    )


def to_report(meeting: Meeting, *, now: datetime) -> Counter[StaffMember]:
    """`{place: number}`: who is to report how many steps before the call.

    A step is its follow-up person's; where there is none who may report, the leads'.
    """
    places = {place.pk: place for place in staff_in_standing(meeting, now)}
    counted: Counter[StaffMember] = Counter()
    for step in unreported_of([meeting])[meeting.pk]:
        person = places.get(step.person_id) if step.person_id else None
        if person and person.agency_id == step.agency_id:
            counted[person] += 1
        else:
            counted.update(leads_of(step.agency_id, places))
    return counted


def unreported_by_lead(meeting: Meeting, *, now: datetime) -> Counter[StaffMember]:
    """`{lead's place: number of the agency's steps that nobody reported}`."""
    places = {place.pk: place for place in staff_in_standing(meeting, now)}
    counted: Counter[StaffMember] = Counter()
    for step in unreported_of([meeting])[meeting.pk]:
        counted.update(leads_of(step.agency_id, places))
    return counted


def leads_of(agency: uuid.UUID, places: Mapping[uuid.UUID, StaffMember]) -> list[StaffMember]:
    return [place for place in places.values() if place.is_lead and place.agency_id == agency]


def meeting_of(message: Message) -> Meeting:
    meeting = Meeting.objects.select_related("continuum", "region").get(
        pk=cast(uuid.UUID, message.about_id)  # each of these mails is about a call
    )
    if meeting.state == Meeting.State.CANCELLED:
        raise Withheld("The call is canceled.")
    return meeting


def refuse_out_of_standing(user: User, meeting: Meeting, now: datetime) -> None:
    reasons = person_standing(user, local_day(now, meeting.continuum.zone)).reasons
    if reasons:
        raise Withheld(" ".join(reasons))


def own_number(counted: Mapping[StaffMember, int], user: User) -> int:
    number = sum(count for place, count in counted.items() if place.user_id == user.pk)
    if not number:
        raise Withheld(REPORTED)
    return number


def prepare_step_reminder(message: Message, now: datetime) -> Prepared:
    """Make the mail by what is open at this moment (see outbox.kinds.register)."""
    meeting = meeting_of(message)
    if meeting.starts_at <= now:
        raise Withheld("The call has begun.")
    if Message.objects.newer_than(message).exists():
        raise Withheld("A newer mail tells them.")
    if due.steps_reminder_at(meeting.continuum, meeting.on) > now:
        raise OnHold("The call was moved; people are reminded a working day before it.")
    user = recipient_of(message)
    refuse_out_of_standing(user, meeting, now)
    number = own_number(to_report(meeting, now=now), user)
    return made(message, meeting, "step_reminder", number=number, query="?whose=mine")


def prepare_steps_unreported(message: Message, now: datetime) -> Prepared:
    """To an agency's lead: how many of its steps nobody reported by now."""
    meeting = meeting_of(message)
    user = recipient_of(message)
    refuse_out_of_standing(user, meeting, now)
    number = own_number(unreported_by_lead(meeting, now=now), user)
    return made(message, meeting, "steps_unreported", number=number, query="?whose=agency")


def prepare_steps_unreported_week(message: Message, now: datetime) -> Prepared:
    """To a CE Specialist: how many steps of which agency nobody reported in a week."""
    meeting = meeting_of(message)
    if not is_in_standing(recipient_of(message), local_day(now, meeting.continuum.zone)):
        raise Withheld("The person’s paperwork is not current.")
    steps = unreported_of([meeting])[meeting.pk]
    if not steps:
        raise Withheld(REPORTED)
    agencies = [
        (name, plural(number, "step"))
        for name, number in sorted(Counter(step.agency_name for step in steps).items())
    ]
    query = "?whose=all&state=unreported"
    return made(
        message,
        meeting,
        "steps_unreported_week",
        number=len(steps),
        agencies=agencies,
        query=query,
    )


def made(
    message: Message, meeting: Meeting, template: str, *, query: str, number: int, **context: object
) -> Prepared:
    context |= {
        "recipient": message.user,
        "continuum": meeting.continuum,
        "scope": meeting.scope_words,
        "meeting": meeting_words(meeting),
        "number": number,
        "steps": plural(number, "step"),
        "link": settings.SITE_URL + reverse("conferencing:step_list") + query,
    }
    return Prepared(
        subject=subject(message.kind, meeting),
        text=render_to_string(f"emails/{template}.txt", context),
        html=render_to_string(f"emails/{template}.html", context),
    )
