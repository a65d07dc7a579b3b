"""Saying what a fact is in HMIS, leaving it out, taking a file, ticking what was keyed."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import transaction

import audit.actions
import audit.services
from accounts.models import User
from conferencing.models import Review
from participants import disclosures
from participants.models import HmisEntry, HmisUser, Participant
from regions.models import Continuum

from .checking import faults
from .facts import Fact, Kind, Scope, Source, enrollments_of
from .gathering import gather
from .rows import BACK, READY, given_of, is_changed, may_be_keyed, standing_of
from .writing import rows_by_file, zip_of

VIEWED = audit.actions.register("to_hmis.viewed", "Looked at what goes to HMIS")
ANSWERED = audit.actions.register("to_hmis.answered", "Said what something is in HMIS")
LEFT_OUT = audit.actions.register("to_hmis.left_out", "Left something out of HMIS")
TAKEN_IN = audit.actions.register("to_hmis.taken_in", "Let something go to HMIS again")
TAKEN = audit.actions.register("to_hmis.taken", "Took a file for HMIS")
KEYED = audit.actions.register("to_hmis.keyed", "Ticked as keyed into HMIS")
UNKEYED = audit.actions.register("to_hmis.unkeyed", "Took back that it was keyed into HMIS")
USERS = audit.actions.register("hmis_users.changed", "Changed who is who in HMIS")
MOST_ROWS = 20_000
GONE = "This is not said here any more. Go back to the list to see what is there now."
IN_A_FILE = "It went in a file meanwhile: keyed besides, HMIS would have it twice."
OVERTAKEN = (
    "What goes to HMIS changed since you looked. No file is made. Check the numbers and confirm "
    "again."
)


@dataclass(frozen=True)
class Taking:
    """What a file for HMIS holds; `seen` differs with any row of it."""

    ready: list[Fact]
    back: list[Fact]

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> "Taking":
        ready, back = [], []
        for fact in facts:
            group = standing_of(fact).group
            if group == READY:
                ready.append(fact)
            elif group == BACK:
                back.append(fact)
        return cls(ready, back)

    @property
    def seen(self) -> str:
        told = [sorted(given_of(each).items()) for each in self.ready]
        told += [[("back", each.key.hex)] for each in self.back]
        return hashlib.sha256(repr(told).encode()).hexdigest()[:32]

    @property
    def counts(self) -> Counter[str]:
        return Counter(str(each.kind) for each in self.ready)

    @property
    def people(self) -> dict[UUID, Participant]:
        return {each.person.pk: each.person for each in (*self.ready, *self.back)}


@transaction.atomic
def answer(fact: Fact, *, answers: Mapping[str, str], actor: User, now: datetime) -> HmisEntry:
    """Keep what a person said of a fact: `{HUD's column: code}`. It goes to HMIS from now on."""
    hold(fact.person)
    entry = entry_for(fact)
    entry.answers = {name: value for name, value in answers.items() if value}
    entry.answered_at, entry.answered_by, entry.is_left_out = now, actor, False
    entry.full_clean(exclude=["participant"])
    entry.save()
    note(ANSWERED, entry, actor=actor, now=now)
    return entry


@transaction.atomic
def add_event(
    review: Review, person: Participant, *, answers: Mapping[str, str], actor: User, now: datetime
) -> HmisEntry:
    """Add an event that was agreed at a call and that no box of the review says.

    ValidationError for one that was added already: HMIS would have it twice.
    """
    told = {name: value for name, value in answers.items() if value}
    hold(person)
    added = HmisEntry.objects.filter(source=Source.ADDED, source_id=review.pk, is_left_out=False)
    if any(each.answers == told for each in added):
        raise ValidationError("This event was added already.")
    entry = HmisEntry(
        participant=person,
        kind=Kind.EVENT,
        source=Source.ADDED,
        source_id=review.pk,
        on=review.meeting.on,
        answers=told,
        answered_at=now,
        answered_by=actor,
    )
    entry.full_clean()
    entry.save(force_insert=True)
    note(ANSWERED, entry, actor=actor, now=now)
    return entry


@transaction.atomic
def leave_out(fact: Fact, *, actor: User, now: datetime) -> None:
    """Keep a fact out of HMIS; what went there already is taken back with the next file."""
    hold(fact.person)
    entry = entry_for(fact)
    entry.is_left_out, entry.answered_at, entry.answered_by = True, now, actor
    entry.save()
    note(LEFT_OUT, entry, actor=actor, now=now)


@transaction.atomic
def take_in(fact: Fact, *, actor: User, now: datetime) -> None:
    """Let a fact that was left out go to HMIS again."""
    hold(fact.person)
    entry = entry_for(fact)
    entry.is_left_out, entry.answered_at, entry.answered_by = False, now, actor
    entry.save()
    note(TAKEN_IN, entry, actor=actor, now=now)


def hold(person: Participant) -> None:
    """Let nobody else act on what goes to HMIS meanwhile: a file, a tick, a word on a row."""
    Continuum.objects.select_for_update(no_key=True).get(pk=person.continuum_id)


def entry_for(fact: Fact) -> HmisEntry:
    """The fact's own row, under lock; a new one, not saved yet, if there is none."""
    entry = HmisEntry.objects.select_for_update(of=("self",)).filter(pk=fact.key).first()
    return entry or HmisEntry(
        pk=fact.key,
        participant=fact.person,
        kind=fact.kind,
        source=fact.source,
        source_id=fact.source_id,
        on=fact.on,
    )


def note(action: str, entry: HmisEntry, *, actor: User, now: datetime) -> None:
    audit.services.record(
        action, actor=actor, about=entry.participant, detail={"kind": str(entry.kind)}, now=now
    )


# The file


@transaction.atomic
def take_file(scope: Scope, *, reason: str, seen: str, actor: User, now: datetime) -> bytes:
    """Return the zip of what goes to HMIS, by the rules of this moment; that is recorded.

    `seen`: the `Taking.seen` that was confirmed. Raises ValidationError without a reason, for
    nothing, for too much at once, and when it is other rows by now.
    """
    if not reason.strip():
        raise ValidationError({"reason": "Say why you take the file."})
    Continuum.objects.select_for_update(no_key=True).get(pk=scope.continuum.pk)
    taking = Taking.of(gather(scope, actor, now))
    refuse_none(taking)
    if taking.seen != seen:
        raise ValidationError(OVERTAKEN)
    removed = {each.key: back_since(each, now) for each in taking.back}
    back = [(each, removed[each.key]) for each in taking.back]
    rows = rows_by_file(taking.ready, back, scope, key=uuid4(), now=now)
    content = zip_of(rows, now=now)
    if wrong := faults(content, enrolled(taking)):
        raise ValidationError(["The file would not be as HUD asks. No file is made.", *wrong[:5]])
    keep_given(taking.ready, now)
    for fact, removed_at in back:
        HmisEntry.objects.filter(pk=fact.key).update(removed_at=removed_at)
    released: dict[str, set[str]] = defaultdict(set)
    for each in taking.ready:
        # Of a household with another head by now there may be one of each.
        released[str(each.person.pk)].add(str(each.release))
    audit.services.record(
        TAKEN,
        actor=actor,
        continuum_id=scope.continuum.pk,
        why=reason,
        detail={
            "participants": sorted(str(key) for key in taking.people),
            "hmis_ids": sorted(str(key) for key in taking.people),
            "released": {key: ", ".join(sorted(some)) for key, some in released.items()},
            "rows": dict(taking.counts),
            "taken_back": len(back),
        },
        now=now,
    )
    return content


def refuse_none(taking: Taking) -> None:
    count = len(taking.ready) + len(taking.back)
    if not count:
        raise ValidationError("Nothing of this is ready for HMIS. Choose another time.")
    if count > MOST_ROWS:
        raise ValidationError(f"These are {count:,} rows; a file holds at most {MOST_ROWS:,}.")


def back_since(fact: Fact, now: datetime) -> datetime:
    """Since when it is taken back: the first time that a file said so."""
    return (fact.entry.removed_at if fact.entry else None) or now


def enrolled(taking: Taking) -> dict[str, str]:
    """`{EnrollmentID: PersonalID}` that HMIS told of the households, and of rows given before."""
    found = {
        each["id"]: each["person"]
        for person in taking.people.values()
        for each in enrollments_of(getattr(person, "hmis", None))
    }
    for fact in taking.back:
        if fact.entry:
            given = fact.entry.given
            found.setdefault(given["EnrollmentID"], given["PersonalID"])
    return found


def keep_given(facts: Iterable[Fact], now: datetime) -> None:
    """Keep each row as it was handed out; what a person says of it meanwhile stays."""
    entries = []
    for fact in facts:
        entry = fact.entry or entry_for(fact)
        entry.given, entry.given_at, entry.removed_at = given_of(fact), now, None
        entry.on, entry.participant = fact.on, fact.person
        entries.append(entry)
    HmisEntry.objects.bulk_create(
        entries,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["given", "given_at", "removed_at", "on"],
    )


# The list to key


@transaction.atomic
def note_keyed(fact: Fact, *, actor: User, now: datetime) -> HmisEntry:
    """Tick that somebody entered it in HMIS by hand, or took it out there. Twice ticks once."""
    hold(fact.person)
    entry = entry_for(fact)
    if entry.given_at:
        raise ValidationError(IN_A_FILE)
    if fact.is_gone:
        entry.removed_at = entry.removed_at or now
    elif entry.keyed_at is None or is_changed(fact):
        if not may_be_keyed(fact):
            raise ValidationError(standing_of(fact).why or GONE)
        entry.given = given_of(fact)
        entry.keyed_at, entry.keyed_by = now, actor
    else:
        return entry
    entry.save()
    note(KEYED, entry, actor=actor, now=now)
    return entry


@transaction.atomic
def take_back_keyed(fact: Fact, *, actor: User, now: datetime) -> None:
    """Take a tick back that was set by mistake; ValidationError where there is none."""
    hold(fact.person)
    entry = entry_for(fact)
    if fact.is_gone and entry.removed_at:
        entry.removed_at = None
    elif entry.keyed_at and not fact.is_gone:
        entry.keyed_at = entry.keyed_by = None
        entry.given = {}
    else:
        raise ValidationError("It is not checked off.")
    entry.save()
    note(UNKEYED, entry, actor=actor, now=now)


# Who is who in HMIS


@transaction.atomic
def set_hmis_users(
    continuum: Continuum,
    *,
    keys: Mapping[User | None, str],
    actor: User,
    now: datetime,
) -> None:
    """Keep `{person: UserID}`, None for the CoC's own; an empty one takes it away."""
    changed = 0
    former = {each.user_id: each for each in HmisUser.objects.filter(continuum=continuum)}
    for user, key in keys.items():
        row = former.get(user.pk if user else None)
        if (row.key if row else "") == key:
            continue
        changed += 1
        if row and not key:
            row.delete()
        else:
            row = row or HmisUser(continuum=continuum, user=user)
            row.key = key
            row.full_clean()
            row.save()
    if changed:
        audit.services.record(
            USERS, actor=actor, about=continuum, detail={"count": changed}, now=now
        )


def register() -> None:
    """Say how the file is told in the disclosure record."""
    disclosures.register(
        TAKEN, kind=disclosures.EXPORT, what="Entries for HMIS, as a file for its upload"
    )
    disclosures.register(VIEWED, kind=disclosures.PAGE, what="What goes to HMIS")
