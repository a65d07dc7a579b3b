"""The rule of inactivity, and telling agencies two weeks before their households fall under it."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

import audit.actions
import audit.services
import outbox.services
from accounts.models import User
from agreements.models import StaffMember
from agreements.standing import is_in_standing
from outbox.kinds import Prepared, Withheld
from outbox.models import Message
from participants.models import InactivityRule, Participant
from participants.quiet import rule_of, soon
from regions.clock import local_day
from regions.models import Continuum

KIND = "inactivity-warning"
WARNED_AT = time(8)
INACTIVITY_CHANGED = audit.actions.register(
    "inactivity.changed", "Changed when a household counts as inactive"
)


@transaction.atomic
def change_inactivity(
    continuum: Continuum,
    *,
    days: int,
    youth_days: int,
    sources: list[str],
    actor: User,
    now: datetime,
) -> InactivityRule:
    """Publish after how long without contact a household is inactive, and what counts."""
    rule = InactivityRule.objects.select_for_update().filter(continuum=continuum).first()
    rule = rule or InactivityRule(continuum=continuum)
    former = [rule.days, rule.youth_days, rule.sources] if not rule._state.adding else None
    rule.days, rule.youth_days, rule.sources = days, youth_days, sources
    rule.full_clean()
    rule.save()
    if former != [days, youth_days, sources]:
        audit.services.record(
            INACTIVITY_CHANGED,
            actor=actor,
            about=continuum,
            detail={"days": days, "youth_days": youth_days, "sources": sources},
            now=now,
        )
    return rule


def warn_of_inactivity(now: datetime) -> None:
    """Step of the tick: each week, tell agencies' leads how many households fall inactive soon."""
    for rule in InactivityRule.objects.select_related("continuum"):
        on = local_day(now, rule.continuum.zone)
        monday = on - timedelta(days=on.weekday())
        begins = datetime.combine(monday, WARNED_AT, ZoneInfo(rule.continuum.zone))
        if now >= begins and (rule.warned_on is None or rule.warned_on < monday):
            tell_agencies(rule, week=monday, now=now)
            rule.warned_on = on
            rule.save(update_fields=["warned_on"])


def tell_agencies(rule: InactivityRule, *, week: date, now: datetime) -> None:
    on = local_day(now, rule.continuum.zone)
    counted = by_agency(rule, on)
    leads = (
        StaffMember.objects.in_good_standing(on)
        .filter(agency__in=list(counted), is_lead=True)
        .select_related("user")
    )
    for place in leads:
        outbox.services.queue_mail(
            kind=KIND,
            address=place.user.email,
            user=place.user,
            subject="Households that will be inactive soon",
            dedupe_key=f"{KIND}:{week:%Y%m%d}:{place.agency_id}:{place.user_id}",
            continuum_id=rule.continuum_id,
            about_id=place.agency_id,
            now=now,
        )


def by_agency(rule: InactivityRule, on: date) -> Counter[UUID]:
    """`Counter` of agencies' keys: how many of their households fall inactive within 14 days."""
    people = Participant.objects.filter(continuum=rule.continuum_id)
    return Counter(soon(people, rule, on).values_list("agency", flat=True))


def prepare_inactivity_warning(message: Message, now: datetime) -> Prepared:
    """Make the mail by what is due at this moment (see outbox.kinds.register)."""
    place = (
        StaffMember.objects.current()
        .filter(user=message.user_id, agency=message.about_id, is_lead=True)
        .select_related("agency__continuum", "user")
        .first()
    )
    if place is None:
        raise Withheld("The person does not lead the agency.")
    continuum = place.agency.continuum
    on = local_day(now, continuum.zone)
    if not is_in_standing(place.user, on):
        raise Withheld("The person’s paperwork is not current.")
    rule = rule_of(continuum)
    number = by_agency(rule, on)[place.agency_id] if rule else 0
    if not number:
        raise Withheld("No household falls inactive soon.")
    link = f"{reverse('participants:participant_list')}?state=soon&agency={place.agency_id}"
    context = {
        "recipient": place.user,
        "continuum": continuum,
        "agency": place.agency,
        "number": number,
        "rule": rule,
        "link": settings.SITE_URL + link,
    }
    return Prepared(
        subject=message.subject,
        text=render_to_string("emails/inactivity_warning.txt", context),
        html=render_to_string("emails/inactivity_warning.html", context),
    )
