"""What can be done for several households at once, each by the rules that it has for one."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.db import transaction

import audit.actions
from accounts.models import User
from accounts.refusals import codes_of, refusals
from conferencing.models import Meeting
from conferencing.permissions import permitted
from conferencing.roster.acts import add_to_roster
from conferencing.roster.criteria import candidates
from conferencing.roster.nominations import NOMINATE, nominate_participant
from participants import disclosures
from participants.models import Participant
from participants.services.contacts import record_contact
from participants.services.participants import change_participant
from participants.services.places import change_place
from participants.services.releases import record_releases
from regions.clock import local_day

from .forms import Make, NavigatorForm, PlaceForm, RosterForm, contact_form, release_form

VIEWED = disclosures.register(
    audit.actions.register("participants.several_viewed", "Looked at several households at once"),
    kind=disclosures.PAGE,
    what="Households that one thing was done for",
)
SETTLE = "conferencing.settle_roster"
RECORD_RELEASE = "participants.record_release"
MOST = 50  # households at once: those of one page of the list
Values = dict[str, Any]  # Any: of each field its own


Refused = dict[uuid.UUID, str]  # {household: why not}


class Do(Protocol):
    """Does it for one household; raises ValidationError where its rules refuse it."""

    def __call__(
        self, person: Participant, values: Values, *, actor: User, now: datetime
    ) -> object: ...


class Run(Protocol):
    """Does it for all of them; whoever is refused, and why.

    Raises ValidationError where it is refused for all of them at once.
    """

    def __call__(
        self, people: Sequence[Participant], values: Values, *, actor: User, now: datetime
    ) -> Refused: ...


@dataclass(frozen=True)
class Act:
    """One of them. `may_for`: the keys of those for whom a user may do it, in constant queries."""

    title: str
    button: str
    make: Make
    may_for: Callable[[User, Sequence[Participant]], set[uuid.UUID]]
    run: Run


def holding(perm: str) -> Callable[[User, Sequence[Participant]], set[uuid.UUID]]:
    return lambda user, people: permitted(user, perm, people)


def sign(user: User, people: Sequence[Participant]) -> set[uuid.UUID]:
    """A victim service provider's households sign no release: they appear by alias anyway."""
    return permitted(user, RECORD_RELEASE, [each for each in people if not each.is_confidential])


def one_by_one(do: Do) -> Run:
    """Do it for one after the other, each to its end.

    Who holds the record's chain waits for no household then.
    """

    def run(
        people: Sequence[Participant], values: Values, *, actor: User, now: datetime
    ) -> Refused:
        refused: Refused = {}
        errors: list[ValidationError] = []
        for person in people:
            with refusals() as refusal, transaction.atomic():
                do(person, values, actor=actor, now=now)
            if refusal.error:
                refused[person.pk] = refusal.words
                errors.append(refusal.error)
        if (
            errors
            and len(errors) == len(people)
            and all(codes_of(one) == {"used_before"} for one in errors)
        ):
            raise errors[0]  # as of one household: the form is a new one from now on
        return refused

    return run


def met(person: Participant, values: Values, *, actor: User, now: datetime) -> object:
    key = uuid.uuid5(values["pk"], str(person.pk))  # the form sent twice records once
    return record_contact(
        person,
        kind=values["kind"],
        happened_on=values["on"],
        actor=actor,
        now=now,
        pk=key,
    )


def moved(person: Participant, values: Values, *, actor: User, now: datetime) -> object:
    return change_place(
        person,
        flow=values["flow"],
        happened_on=values["on"],
        reason=values["reason"],
        actor=actor,
        now=now,
    )


def navigated(person: Participant, values: Values, *, actor: User, now: datetime) -> object:
    return change_participant(
        person,
        changed_at=person.changed_at,
        navigator=values["navigator"],
        actor=actor,
        now=now,
    )


def released(
    people: Sequence[Participant], values: Values, *, actor: User, now: datetime
) -> Refused:
    """One paper for all of them: all or none."""
    record_releases(people, actor=actor, now=now, **values)
    return {}


def listed(person: Participant, values: Values, *, actor: User, now: datetime) -> object:
    """Onto the roster of a call: a CE Specialist adds, an agency nominates."""
    meeting: Meeting = values["meeting"]
    if not actor.has_perm(SETTLE, meeting):
        return nominate_participant(meeting, person, reason=values["reason"], actor=actor, now=now)
    on = local_day(now, meeting.continuum.zone)
    # Of the whole region, and so asked once for all of them.
    if "found" not in values:
        values["found"] = {each.participant.pk: each for each in candidates(meeting, on=on)}
    return add_to_roster(
        meeting,
        person,
        because=values["reason"],
        found=values["found"].get(person.pk),
        actor=actor,
        now=now,
    )


CONTACT = Act(
    "Record a contact", "Record", contact_form, holding("participants.record_stay"), one_by_one(met)
)
PLACE = Act(
    "Move on or off the list",
    "Move",
    PlaceForm,
    holding("participants.change_place"),
    one_by_one(moved),
)
NAVIGATOR = Act(
    "Name a navigator",
    "Save",
    NavigatorForm,
    holding("participants.change_participant"),
    one_by_one(navigated),
)
RELEASE = Act("Record a release", "Record", release_form, sign, released)
ROSTER = Act(
    "Put on a roster", "Put on the roster", RosterForm, holding(NOMINATE), one_by_one(listed)
)
