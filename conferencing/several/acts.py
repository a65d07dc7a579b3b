"""What can be done for several households at once, each by the rules that it has for one."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.db import transaction

import audit.actions
from accounts.models import User
from accounts.refusals import codes_of
from conferencing.models import Meeting
from conferencing.permissions import permitted
from conferencing.roster.acts import add_to_roster
from conferencing.roster.criteria import candidates
from conferencing.roster.nominations import nominate_participant
from participants import disclosures
from participants.models import Participant
from participants.services.contacts import record_contact
from participants.services.participants import change_participant
from participants.services.places import change_place
from participants.services.releases import record_releases
from regions.clock import local_day

from .forms import (
    ContactForm,
    Form,
    NavigatorForm,
    PlaceForm,
    ReleaseForm,
    RosterForm,
    works_in_agency,
)

VIEWED = disclosures.register(
    audit.actions.register("participants.several_viewed", "Looked at several households at once"),
    kind=disclosures.PAGE,
    what="Households that one thing was done for",
)
MOST = 50  # households at once: those of one page of the list
Values = dict[str, Any]  # Any: of each field its own


class Do(Protocol):
    """Does it for one household; raises ValidationError where its rules refuse it."""

    def __call__(
        self, person: Participant, values: Values, *, actor: User, now: datetime
    ) -> object: ...


@dataclass(frozen=True)
class Act:
    """One of them. `perm_of_no_agency`: what whoever works in no agency must hold instead."""

    title: str
    button: str
    perm: str
    form: type[Form]
    do: Do
    perm_of_no_agency: str = ""
    # One paper for all: all or none, and none of a victim service provider's, which signs nothing.
    is_together: bool = False

    def may_for(self, user: User, people: Sequence[Participant]) -> set[uuid.UUID]:
        """The keys of those of `people` for whom the user may do it, in constant queries."""
        perm = self.perm
        if self.perm_of_no_agency and not works_in_agency(user):
            perm = self.perm_of_no_agency
        return permitted(
            user, perm, [p for p in people if not (self.is_together and p.is_confidential)]
        )


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


def released(person: Participant, values: Values, *, actor: User, now: datetime) -> object:
    raise NotImplementedError("One release is recorded for all of them together.")


def listed(person: Participant, values: Values, *, actor: User, now: datetime) -> object:
    """Onto the roster of a call: an agency nominates, a CE Specialist adds."""
    meeting: Meeting = values["meeting"]
    if works_in_agency(actor):
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


CONTACT = Act("Record a contact", "Record", "participants.record_stay", ContactForm, met)
PLACE = Act("Move on or off the list", "Move", "participants.change_place", PlaceForm, moved)
NAVIGATOR = Act(
    "Name a navigator", "Save", "participants.change_participant", NavigatorForm, navigated
)
RELEASE = Act(
    "Record a release",
    "Record",
    "participants.record_release",
    ReleaseForm,
    released,
    is_together=True,
)
ROSTER = Act(
    "Put on a roster",
    "Put on the roster",
    "conferencing.nominate_participant",
    RosterForm,
    listed,
    perm_of_no_agency="conferencing.settle_roster",
)


def do_for_each(
    act: Act, people: Iterable[Participant], values: Values, *, actor: User, now: datetime
) -> tuple[list[Participant], dict[uuid.UUID, str]]:
    """Do it for each of them, by itself; `(for whom it is done, {key: why not})`.

    What is done for all or none raises ValidationError instead.
    """
    people = list(people)
    if act.is_together:
        record_releases(people, actor=actor, now=now, **values)
        return people, {}
    done, refused, codes = [], {}, set()
    for person in people:
        try:
            # Each to its end: who holds the record's chain waits for no household.
            with transaction.atomic():
                act.do(person, values, actor=actor, now=now)
            done.append(person)
        except ValidationError as error:
            refused[person.pk] = " ".join(error.messages)
            codes |= codes_of(error)
            if codes == {"used_before"} and len(refused) == len(people):
                raise  # as of one household: the form is a new one from now on
    return done, refused
