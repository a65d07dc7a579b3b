"""Reminders to sign again, 60, 30 and 7 days before a signature stops counting.

A signature stops counting on the day it expires, or when a newer version had to be signed.
Leads and administrators are reminded of agreements, each person of their own statement.
"""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from outbox.models import Message
from regions.clock import local_day
from regions.models import Continuum, Membership
from regions.words import day_words

from ..emails import AS_ADMINISTRATOR, AS_LEAD, AS_PERSON, administrators_of, tell
from ..models import Agency, AgencyAgreement, AgreementForm, PersonalStatement, StaffMember
from ..standing import (
    AGREEMENT,
    Paper,
    Papers,
    current_paper,
    deadline,
    first_day,
    is_waiting,
    published_texts,
)

MARKS = (60, 30, 7)


@dataclass
class Reminder:
    """One mail to one person; `key` names the signature, its last day and the mark."""

    user: User
    continuum: Continuum
    subject: str
    lines: list[str]
    label: str
    url: str
    reason: str
    key: str
    about_id: uuid.UUID


@dataclass(frozen=True)
class End:
    """When a signature stops counting; `key` names it and the mark that is due."""

    paper: Paper
    last_day: date
    key: str


def mark_due(last_day: date, since: date, today: date) -> int | None:
    """Which of the marks is to be sent today for a signature that is valid through `last_day`.

    The nearest one only, so that days on which the tick did not run are made up for by one mail;
    none whose day lay before `since`, when the signature began to count. None: nothing.
    """
    left = (last_day - today).days
    if left < 0:
        return None
    mark = min((each for each in MARKS if left <= each), default=None)
    if mark is None or last_day - timedelta(days=mark) < since:
        return None
    return mark


def remind(now: datetime) -> None:
    """A step of the tick: queue what is due today in each continuum, nothing twice."""
    for continuum in Continuum.objects.all():
        due = reminders(continuum, local_day(now, continuum.zone))
        keys = {f"{each.key}:{each.user.pk}" for each in due}
        sent = set(Message.objects.filter(dedupe_key__in=keys).values_list("dedupe_key", flat=True))
        for each in due:
            if f"{each.key}:{each.user.pk}" not in sent:
                tell(**vars(each), now=now)


def reminders(continuum: Continuum, today: date) -> list[Reminder]:
    """Every reminder that is due in the continuum on its local date `today`, sent or not."""
    published = published_texts(continuum.pk)
    due = statement_reminders(continuum, published, today)
    if continuum.requires_agency_agreement:
        due += agreement_reminders(continuum, published, today)
    return due


def ending_soon(kind: str, published: list[AgreementForm], today: date) -> Q:
    """Papers that expire, or have to be signed in a newer version, by the first mark's day."""
    horizon = today + timedelta(days=max(MARKS))
    soon = Q(expires_on__range=(today, horizon))
    for form in published:
        if form.kind == kind and form.sign_again_by and today <= form.sign_again_by <= horizon:
            soon |= Q(form__version__lt=form.version)
    return soon


def agreement_reminders(
    continuum: Continuum, published: list[AgreementForm], today: date
) -> list[Reminder]:
    """To the leads, unless they signed already, and to the administrators."""
    ending = (
        AgencyAgreement.objects.filter(agency__continuum=continuum, agency__is_active=True)
        .current(today)
        .filter(ending_soon(AgreementForm.Kind.AGENCY, published, today))
    )
    papers = grouped(
        AgencyAgreement.objects.filter(agency__in=ending.values("agency")).select_related("agency"),
        "agency_id",
    )
    found = {key: next_end(own, published, today, continuum.zone) for key, own in papers.items()}
    ends = {key: end for key, end in found.items() if end}
    if not ends:
        return []
    leads = defaultdict(list)
    places = StaffMember.objects.current().filter(agency__in=ends, is_lead=True)
    for place in places.select_related("user"):
        leads[place.agency_id].append(place.user)
    administrators = administrators_of(continuum)
    due = []
    for key, end in ends.items():
        is_signed = any(is_waiting(each) for each in papers[key])
        if not is_signed:
            due += [to_lead(user, continuum, end) for user in leads[key]]
        hint = hint_for_administrators(is_signed=is_signed, has_lead=bool(leads[key]))
        due += [to_administrator(user, continuum, end, hint) for user in administrators]
    return due


def what_ends(agency: Agency, end: End) -> list[str]:
    return [
        f"The {AGREEMENT} of {agency.name} is valid through {day_words(end.last_day)}.",
        "From the day after, its people receive no list and see no participants until a new one "
        "is signed and countersigned.",
    ]


def to_lead(user: User, continuum: Continuum, end: End) -> Reminder:
    agency = cast(AgencyAgreement, end.paper).agency
    return Reminder(
        user=user,
        continuum=continuum,
        subject=f"{agency.name}: sign the agreement again by {day_words(end.last_day)}",
        lines=what_ends(agency, end),
        label="Read and sign it",
        url=reverse("agreements:agreement_sign", args=[agency.pk]),
        reason=AS_LEAD.format(agency=agency.name),
        key=end.key,
        about_id=end.paper.pk,
    )


def to_administrator(user: User, continuum: Continuum, end: End, hint: str) -> Reminder:
    agency = cast(AgencyAgreement, end.paper).agency
    return Reminder(
        user=user,
        continuum=continuum,
        subject=f"{agency.name}: agreement ends on {day_words(end.last_day)}",
        lines=[*what_ends(agency, end), hint],
        label="See the agency",
        url=agency.get_absolute_url(),
        reason=AS_ADMINISTRATOR.format(continuum=continuum.name),
        key=end.key,
        about_id=end.paper.pk,
    )


def hint_for_administrators(*, is_signed: bool, has_lead: bool) -> str:
    if is_signed:
        return "A new one is signed and waits for your countersignature."
    if has_lead:
        return "The agency’s leads were reminded to sign."
    return (
        "The agency has no lead who could sign: make somebody its lead, or put in a signed paper."
    )


def statement_reminders(
    continuum: Continuum, published: list[AgreementForm], today: date
) -> list[Reminder]:
    """To each person with a place or the role of CE Specialist."""
    places = StaffMember.objects.current().filter(agency__continuum=continuum)
    specialists = Membership.objects.specialists_of(continuum)
    people = Q(user__in=places.values("user")) | Q(user__in=specialists.values("user"))
    ending = (
        PersonalStatement.objects.filter(people, form__continuum=continuum)
        .current(today)
        .filter(ending_soon(AgreementForm.Kind.PERSONAL, published, today))
    )
    papers = grouped(
        PersonalStatement.objects.filter(user__in=ending.values("user")).select_related("user"),
        "user_id",
    )
    ends = (next_end(own, published, today, continuum.zone) for own in papers.values())
    return [to_person(continuum, end) for end in ends if end]


def to_person(continuum: Continuum, end: End) -> Reminder:
    last_day = day_words(end.last_day)
    return Reminder(
        user=cast(PersonalStatement, end.paper).user,
        continuum=continuum,
        subject=f"Sign the confidentiality statement again by {last_day}",
        lines=[
            f"Your signature on the confidentiality statement is valid through {last_day}.",
            "From the day after you receive no list and see no participants until you have "
            "signed it again.",
        ],
        label="Read and sign it",
        url=reverse("agreements:statement_sign"),
        reason=AS_PERSON.format(continuum=continuum.name),
        key=end.key,
        about_id=end.paper.pk,
    )


def next_end(
    papers: Sequence[Paper], published: list[AgreementForm], today: date, zone: str
) -> End | None:
    """When these papers of one agency or person stop counting, if a reminder is due today."""
    paper = cast(Paper, current_paper(papers, published, today))  # asked where one counts
    last_day = deadline(paper, published)
    if last_day is None or is_followed(last_day, papers, published, today):
        return None
    began = [getattr(paper, "countersigned_at", None) or paper.signed_at]
    # Whoever has to sign a newer version was told when it was published.
    began += [
        cast(datetime, each.published_at) for each in published if each.sign_again_by == last_day
    ]
    mark = mark_due(last_day, local_day(max(began), zone), today)
    if mark is None:
        return None
    return End(paper, last_day, f"sign-again:{paper.pk}:{last_day}:{mark}")


def is_followed(
    last_day: date, papers: Sequence[Paper], published: list[AgreementForm], today: date
) -> bool:
    """Whether a paper decided already takes over where the present ones end."""
    return any(
        each.revoked_at is None
        and not is_waiting(each)
        and today < first_day(each) <= last_day + timedelta(days=1)
        and (deadline(each, published) or date.max) > last_day
        for each in papers
    )


def grouped(papers: Papers, key: str) -> dict[uuid.UUID, list[Any]]:  # Any: of their one kind
    groups = defaultdict(list)
    for paper in papers.select_related("form").without_documents():
        groups[getattr(paper, key)].append(paper)
    return groups
