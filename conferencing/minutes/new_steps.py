"""Telling people which steps they, or their agency, took on at a call: how many, and where."""

import uuid
from datetime import datetime
from typing import cast

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

import outbox.services
from accounts.models import User
from agreements.models import StaffMember
from agreements.standing import person_standing
from conferencing.emails import recipient_of
from conferencing.models import ActionItem, Meeting
from conferencing.models.reviews import ActionItemQuerySet
from conferencing.words import call_and_day, meeting_words
from outbox.kinds import Prepared, Withheld
from outbox.models import Message
from regions.clock import local_day
from regions.words import plural

KIND = "new-steps"


def steps_of(meeting: Meeting) -> ActionItemQuerySet:
    return ActionItem.objects.filter(review__meeting=meeting)


def tell_new_steps(meeting: Meeting, *, actor: User, now: datetime) -> None:
    """Queue one mail for each follow-up person and each lead of an agency with new steps.

    A lead who is a follow-up person as well gets one. Whether they may have it is asked when
    it is sent.
    """
    steps = steps_of(meeting)
    people = StaffMember.objects.current().filter(agency__continuum=meeting.continuum_id)
    owners = people.filter(pk__in=steps.values("follow_up_person"))
    leads = people.filter(is_lead=True, agency__in=steps.values("agency"))
    for place in (owners | leads).select_related("user").order_by("user__name"):
        outbox.services.queue_mail(
            kind=KIND,
            address=place.user.email,
            user=place.user,
            subject=subject(meeting),
            dedupe_key=f"new-steps:{meeting.pk}:{place.user_id}",
            continuum_id=meeting.continuum_id,
            about_id=meeting.pk,
            actor=actor,
            now=now,
        )


def subject(meeting: Meeting) -> str:
    return f"Your steps: {call_and_day(meeting)}"


def prepare_new_steps(message: Message, now: datetime) -> Prepared:
    """Make the mail by the standing of this moment (see outbox.kinds.register).

    Withheld when its recipient is out of standing, or has no step left from this call.
    """
    about = cast(uuid.UUID, message.about_id)  # each of these mails is about a call
    meeting = Meeting.objects.select_related("continuum", "region").get(pk=about)
    user = recipient_of(message)
    reasons = person_standing(user, local_day(now, meeting.continuum.zone)).reasons
    if reasons:
        raise Withheld(" ".join(reasons))
    place = StaffMember.objects.current().filter(user=user).select_related("agency").first()
    lines = lines_for(meeting, place) if place else []
    if not lines:
        raise Withheld("No step from this call is left with this person.")
    context = {
        "recipient": user,
        "continuum": meeting.continuum,
        "scope": meeting.scope_words,
        "meeting": meeting_words(meeting),
        "lines": lines,
        "link": settings.SITE_URL + reverse("conferencing:step_list"),
        "reason": "You get this because you, or your agency, took on steps at this call.",
    }
    return Prepared(
        subject=subject(meeting),
        text=render_to_string("emails/new_steps.txt", context),
        html=render_to_string("emails/new_steps.html", context),
    )


def lines_for(meeting: Meeting, place: StaffMember) -> list[str]:
    """How many steps the person took on and, for a lead, how many the agency did: texts."""
    own = steps_of(meeting).filter(follow_up_person=place).count()
    agencys = steps_of(meeting).filter(agency=place.agency_id).count() if place.is_lead else 0
    lines = []
    if own:
        lines.append(f"You are the follow-up person of {plural(own, 'step')}.")
    if agencys:
        lines.append(f"{place.agency.name} took on {plural(agencys, 'step')}.")
    return lines
