"""Asking for an answer that is late: the person, then the agency's lead, then the CE Specialist.

Days past due: the person from the first, the lead from the third, the CE Specialist from the fifth.
A mail tells how many wait, and names nobody; what a page shows is asked when it is opened.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

import outbox.services
from accounts.models import User
from agreements.models import StaffMember
from agreements.standing import is_in_standing
from housing.models import Referral
from outbox.kinds import Prepared, Withheld
from outbox.models import Message
from regions.clock import local_day
from regions.models import Continuum, Membership
from regions.words import plural

from .pages import BY_PROGRAM, with_all

KIND = "referrals-late"
ASKED_AT = time(8)
PERSON, LEAD, SPECIALIST = 1, 3, 5


def ask_for_late(now: datetime) -> None:
    """Step of the tick: from 8 o'clock on, mail whoever is asked today for the first time."""
    for continuum in Continuum.objects.filter(referrals__due_on__isnull=False).distinct():
        on = local_day(now, continuum.zone)
        if now < datetime.combine(on, ASKED_AT, ZoneInfo(continuum.zone)):
            continue
        for user, late in asked_of(continuum, on).items():
            for referral in late:
                outbox.services.queue_mail(
                    kind=KIND,
                    address=user.email,
                    user=user,
                    subject="Referrals wait for an answer",
                    dedupe_key=f"{KIND}:{referral.pk}:{referral.due_on:%Y%m%d}:{user.pk}",
                    continuum_id=continuum.pk,
                    about_id=continuum.pk,
                    now=now,
                )


def asked_of(continuum: Continuum, on: date) -> dict[User, list[Referral]]:
    """`{person: late referrals}`: whom each late referral of a continuum asks on a day."""
    late = with_all(Referral.objects.overdue(on).filter(continuum=continuum))
    people = StaffMember.objects.in_good_standing(on).filter(agency__continuum=continuum)
    places = list(people.select_related("user"))
    memberships = Membership.objects.specialists_of(continuum).select_related("user")
    specialists = [each.user for each in memberships]
    found: defaultdict[User, list[Referral]] = defaultdict(list)
    for referral in late:
        for user in asked_about(referral, on, places, specialists):
            found[user].append(referral)
    return dict(found)


def asked_about(
    referral: Referral, on: date, places: Iterable[StaffMember], specialists: Iterable[User]
) -> set[User]:
    """Who is asked for one late referral on a day."""
    days = (on - referral.due_on).days if referral.due_on else 0
    agency = agency_asked(referral)
    asked: set[User] = set()
    for place in places:
        is_person = place.pk == referral.follow_up_person_id
        is_lead = place.is_lead and place.agency_id == agency
        if (is_person and days >= PERSON) or (is_lead and days >= LEAD):
            asked.add(place.user)
    if days >= SPECIALIST:
        asked.update(specialists)
    return asked


def agency_asked(referral: Referral) -> UUID:
    """The program's while the program is to answer, else that of who follows up."""
    if referral.state in BY_PROGRAM:
        return referral.opening.program.agency_id
    return referral.follow_up_person.agency_id


def prepare_late(message: Message, now: datetime) -> Prepared:
    """Make the mail by what is late at this moment (see outbox.kinds.register)."""
    if Message.objects.newer_than(message).exists():
        raise Withheld("A newer mail tells them.")
    user = message.user
    continuum = Continuum.objects.get(pk=cast(UUID, message.continuum_id))  # as it was queued
    on = local_day(now, continuum.zone)
    if user is None or not is_in_standing(user, on):
        raise Withheld("The person’s paperwork is not current.")
    late = asked_of(continuum, on).get(user, [])
    if not late:
        raise Withheld("Nothing is late any more.")
    context = {
        "recipient": user,
        "continuum": continuum,
        "number": len(late),
        "referrals": plural(len(late), "referral"),
        "link": settings.SITE_URL + reverse("housing:referral_list"),
    }
    return Prepared(
        subject=message.subject,
        text=render_to_string("emails/referrals_late.txt", context),
        html=render_to_string("emails/referrals_late.html", context),
    )
