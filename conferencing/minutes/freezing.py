"""Freezing the minutes when a call is closed, and who gets a copy.

Source: River Valleys, “Roles”: notes of what was discussed for each participant are kept, “so
they can be reviewed from month to month”.
"""

from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction

import audit.actions
import audit.services
import outbox.services
from accounts.models import User
from agreements.models import StaffMember
from agreements.standing import specialist_standings, standings
from conferencing.models import CallGuest, Meeting, Minutes, MinutesDelivery
from regions.clock import local_day
from regions.models import Membership
from regions.words import full_day_words
from vault.documents import new_password

from .snapshots import make_snapshot

KIND = "minutes"
MINUTES_FROZEN = audit.actions.declare("minutes.frozen", "Froze the minutes of a call")
NOT_STAFF = "This person isn’t assigned to an agency."


@transaction.atomic
def freeze_minutes(meeting, *, actor, now):
    """Freeze what was said into the meeting's minutes; make a delivery per recipient.

    Frozen already: those minutes, unchanged. Copies are mailed where the continuum chose so.
    Raises ValidationError while the call is not closed.
    """
    meeting = (
        Meeting.objects.select_for_update(of=("self",), no_key=True)
        .select_related("continuum", "region")
        .get(pk=meeting.pk)
    )
    former = Minutes.objects.filter(meeting=meeting).first()
    if former:
        return former
    if meeting.state != Meeting.State.CLOSED:
        raise ValidationError("The call is not closed yet. Its minutes are made when it is.")
    minutes = Minutes(
        meeting=meeting, frozen_at=now, frozen_by=actor, snapshot=make_snapshot(meeting)
    )
    minutes.full_clean()
    minutes.save(force_insert=True)
    gets, left_out = [], []
    if meeting.continuum.sends_minutes:
        gets, left_out = who_gets_them(meeting, now=now)
    for user, agency in gets:
        deliver_to(minutes, user, agency, actor=actor, now=now)
    MinutesDelivery.objects.bulk_create(
        MinutesDelivery(minutes=minutes, recipient=user, agency=agency, left_out_because=why)
        for user, agency, why in left_out
    )
    audit.services.record(
        MINUTES_FROZEN,
        actor=actor,
        continuum_id=meeting.continuum_id,
        about=minutes,
        detail={
            "meeting": str(meeting.pk),
            "households": len(minutes.snapshot["households"]),
            "recipients": len(gets),
            "left_out": len(left_out),
        },
        now=now,
    )
    return minutes


def who_gets_them(meeting, *, now):
    """Return `([(user, agency)], [(user, agency, why not)])`: the present, and CE Specialists.

    Everybody with an account who was present; guests aside. In a constant number of queries.
    """
    on = local_day(now, meeting.continuum.zone)
    guests = CallGuest.objects.filter(meeting=meeting).values("user")
    present = meeting.attendances.filter(is_present=True, user__isnull=False)
    specialists = Membership.objects.specialists_of(meeting.continuum)
    wanted = present.exclude(user__in=guests).values("user").union(specialists.values("user"))
    people = list(User.objects.filter(pk__in=wanted).order_by("name"))
    places = list(
        StaffMember.objects.current()
        .filter(user__in=people, agency__continuum=meeting.continuum)
        .select_related("agency__continuum")
    )
    lines = standings({place.agency for place in places}, on)
    found = {
        line.place.user_id: (agency.agency, line.standing.reasons)
        for agency in lines
        for line in agency.people
    }
    for line in specialist_standings(meeting.continuum, on):
        found[line.user.pk] = (None, line.standing.reasons)
    gets, left_out = [], []
    for user in people:
        agency, reasons = found.get(user.pk, (None, (NOT_STAFF,)))
        if reasons:
            left_out.append((user, agency, " ".join(reasons)))
        else:
            gets.append((user, agency))
    return gets, left_out


def deliver_to(minutes, user, agency, *, delivery=None, actor, now):
    """Make, or complete, the one delivery of these minutes to this person, with its mail."""
    meeting = minutes.meeting
    delivery = delivery or MinutesDelivery(minutes=minutes, recipient=user)
    delivery.agency, delivery.password = agency, new_password()
    delivery.left_out_because = ""
    delivery.message = outbox.services.queue_mail(
        kind=KIND,
        address=user.email,
        user=user,
        subject=subject(meeting),
        dedupe_key=f"minutes:{minutes.pk}:{user.pk}",
        continuum_id=meeting.continuum_id,
        about_id=delivery.pk,
        actor=actor,
        now=now,
    )
    delivery.save()
    return delivery


def call_and_day(meeting):
    """Region or CoC-wide, and the date: all that a mail's subject may say."""
    on = meeting.starts_at.astimezone(ZoneInfo(meeting.continuum.zone))
    return f"{meeting.scope_words} call, {full_day_words(on)}"


def subject(meeting):
    return f"Minutes: {call_and_day(meeting)}"
