"""Finding pairs of records that may be of one person, and what people decide about them."""

import hashlib
import secrets
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Protocol, TypedDict, cast
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

import audit.actions
from accounts.models import User
from accounts.undo import refuse_changed
from participants.models import DuplicatePair, DuplicateSearch, Participant
from participants.naming import labels
from participants.own_words import note_typed
from regions.clock import local_day
from regions.models import Continuum

from .acts import refuse_pair
from .reasons import (
    Reason,
    Traits,
    aliases_in,
    pairs,
    reasons,
    same_name,
)

PROPOSED = audit.actions.register(
    "duplicate.proposed", "Asked for two participants’ records to be compared"
)
DISMISSED = audit.actions.register(
    "duplicate.dismissed", "Said that two participants’ records are of two people"
)
PUT_OFF = audit.actions.register("duplicate.put_off", "Put off deciding about two records")

DECISION = "duplicate-decision"
EVERY = timedelta(minutes=15)
AT_ONCE = 30
LATER = timedelta(days=14)
State = DuplicatePair.State
Keys = tuple[UUID, UUID]  # of the two records of a pair, in order


class Compared(Protocol):
    """A continuum, and whether a record of it changed since its records were last compared."""

    is_changed: bool


class KeptPair(TypedDict):
    """What of a pair is put back."""

    pair: str
    state: str
    put_off_until: str | None


class Decided(TypedDict):
    before: KeptPair
    after: KeptPair


def traits_of(
    participant: Participant, digest: Callable[[str], object] = lambda name: name
) -> Traits:
    """What of a record is compared; its name as `digest` makes it of the folded one."""
    name = same_name(participant.name)
    return Traits(
        key=participant.pk,
        alias=participant.alias,
        name=digest(name) if name else None,
        birth_date=participant.birth_date,
        hmis_id=participant.hmis_id,
        region=participant.region_id,
        county=participant.county_id,
        size=participant.household_size,
        aliases_named=aliases_in(participant.notes),
        is_confidential=participant.is_confidential,
    )


def every_traits(continuum: Continuum) -> Iterator[Traits]:
    """The traits of a continuum's records, read some hundred at a time; names as digests alone.

    A victim service provider's are not even read.
    """
    key = secrets.token_bytes(32)

    def digest(name: str) -> bytes:
        return hashlib.blake2b(name.encode(), key=key, digest_size=16).digest()

    columns = ["alias", "name", "birth_date", "hmis_id", "region", "county", "notes"]
    people = Participant.objects.filter(
        continuum=continuum, is_confidential=False, deidentified_at__isnull=True
    ).only(*columns, "adults", "children", "is_confidential")
    for participant in people.order_by("pk").iterator(chunk_size=500):
        yield traits_of(participant, digest)


def mattered(participant: Participant) -> list[object]:
    """The values by which a pair was proposed: while they stay, what was decided stands."""
    found = traits_of(participant)
    return [
        found.name,
        found.birth_date and found.birth_date.isoformat(),
        found.hmis_id,
        str(found.county),
        found.size,
        sorted(found.aliases_named),
    ]


@transaction.atomic
def find_duplicates(continuum: Continuum, *, now: datetime) -> int:
    """Compare the continuum's records; propose new pairs, and forget those that nothing speaks for.

    In time that grows with the number of records, and in a constant number of queries.
    """
    search, _ = DuplicateSearch.objects.get_or_create(
        continuum=continuum, defaults={"searched_at": now}
    )
    DuplicateSearch.objects.select_for_update().get(pk=search.pk)
    found: dict[Keys, list[str]] = {}
    for one, other, why in pairs(every_traits(continuum)):
        first, second = sorted((one.key, other.key))
        found[first, second] = [str(each) for each in why]
    known = {
        (each.one_id, each.other_id): each
        for each in DuplicatePair.objects.filter(continuum=continuum)
    }
    DuplicatePair.objects.bulk_create(
        [
            DuplicatePair(
                continuum=continuum, one_id=keys[0], other_id=keys[1], reasons=why, found_at=now
            )
            for keys, why in found.items()
            if keys not in known
        ],
        ignore_conflicts=True,
    )
    renew(known, found, now)
    DuplicateSearch.objects.filter(continuum=continuum).update(searched_at=now)
    return len(found)


def renew(
    known: Mapping[Keys, DuplicatePair], found: Mapping[Keys, list[str]], now: datetime
) -> None:
    """Bring the pairs on file up to date with what was found."""
    again = [
        pair
        for keys, pair in known.items()
        if keys in found and pair.state == State.DIFFERENT and pair.as_was
    ]
    people = Participant.objects.in_bulk(
        {key for each in again for key in (each.one_id, each.other_id)}
    )
    changed = []
    for keys, pair in known.items():
        by_hand = [each for each in pair.reasons if each == Reason.BY_HAND]
        if keys not in found:
            continue
        if pair in again and as_it_is(people[pair.one_id], people[pair.other_id]) != pair.as_was:
            pair.state, pair.why, pair.as_was, pair.found_at = State.WAITING, None, None, now
            pair.decided_at = pair.decided_by = None
            pair.save()
        elif pair.reasons != [*found[keys], *by_hand]:
            pair.reasons = [*found[keys], *by_hand]
            changed.append(pair)
    DuplicatePair.objects.bulk_update(changed, ["reasons"])
    DuplicatePair.objects.filter(
        pk__in=[
            pair.pk
            for keys, pair in known.items()
            if keys not in found
            and pair.state == State.WAITING
            and Reason.BY_HAND not in pair.reasons
        ],
        one__merged_into__isnull=True,
        other__merged_into__isnull=True,
    ).delete()


def as_it_is(one: Participant, other: Participant) -> list[list[object]]:
    return [mattered(one), mattered(other)]


def find_due(now: datetime) -> None:
    """A step of the tick: compare where records changed since they were last compared."""
    found = Continuum.objects.filter(
        Q(duplicate_search__isnull=True) | Q(duplicate_search__searched_at__lte=now - EVERY)
    ).annotate(
        is_changed=Exists(
            Participant.objects.filter(
                Q(changed_at__gt=OuterRef("duplicate_search__searched_at"))
                | Q(continuum__duplicate_search__isnull=True),
                continuum=OuterRef("pk"),
            )
        )
    )
    due = found.order_by(F("duplicate_search__searched_at").asc(nulls_first=True))[:AT_ONCE]
    for continuum in due:
        if cast(Compared, continuum).is_changed:  # as annotated
            find_duplicates(continuum, now=now)
        else:
            DuplicateSearch.objects.update_or_create(
                continuum=continuum, defaults={"searched_at": now}
            )


@transaction.atomic
def propose_pair(
    one: Participant, other: Participant, *, actor: User, now: datetime
) -> DuplicatePair:
    """Put two records that a person chose on the list of possible duplicates; return the pair.

    What else speaks for it is told to whoever may read all of both. To anybody else it would
    answer guesses, and again at each change of a record of their own.
    """
    refuse_pair(one, other)
    is_told = all(each.tells_all for each in labels([one, other], actor, now).values())
    why = reasons(traits_of(one), traits_of(other)) if is_told else []
    first, second = sorted((one, other), key=lambda each: each.pk)
    pair, is_new = DuplicatePair.objects.get_or_create(
        one=first,
        other=second,
        defaults={
            "continuum_id": one.continuum_id,
            "reasons": [*why, Reason.BY_HAND],
            "found_at": now,
        },
    )
    if not is_new:
        pair.state, pair.why, pair.as_was, pair.put_off_until = State.WAITING, None, None, None
        pair.decided_at = pair.decided_by = None
        found = [each for each in pair.reasons if each != Reason.BY_HAND]
        pair.reasons = [*(why if is_told else found), Reason.BY_HAND]
        pair.save()
    audit.services.record(
        PROPOSED,
        actor=actor,
        about=first,
        detail={"records": [str(first.pk), str(second.pk)]},
        now=now,
    )
    return pair


def locked(pair: DuplicatePair) -> DuplicatePair:
    """The pair, held, while both records stand and nobody decided."""
    pair = (
        DuplicatePair.objects.select_for_update(of=("self",))
        .select_related("one", "other", "continuum")
        .get(pk=pair.pk)
    )
    if pair.one.merged_into_id or pair.other.merged_into_id:
        raise ValidationError("One of the two was joined with another record meanwhile.")
    return pair


@transaction.atomic
def dismiss_pair(pair: DuplicatePair, *, why: str, actor: User, now: datetime) -> DuplicatePair:
    """Say that the two are two people; not proposed again until what mattered changes."""
    if not why.strip():
        raise ValidationError({"why": "Say how you know that these are two people."})
    pair = locked(pair)
    if pair.state == State.DIFFERENT:
        return pair
    pair.state, pair.why, pair.put_off_until = State.DIFFERENT, why, None
    pair.as_was = as_it_is(pair.one, pair.other)
    pair.decided_at, pair.decided_by = now, actor
    pair.full_clean()
    note_typed(pair, "why", actor=actor, values={"why": why})
    pair.save()
    about = [str(pair.one_id), str(pair.other_id)]
    audit.services.record(
        DISMISSED, actor=actor, about=pair.one, why=why, detail={"records": about}, now=now
    )
    return pair


@transaction.atomic
def put_off_pair(pair: DuplicatePair, *, actor: User, now: datetime) -> DuplicatePair:
    """Leave a pair for two weeks."""
    pair = locked(pair)
    pair.put_off_until = local_day(now, pair.continuum.zone) + LATER
    pair.save(update_fields=["put_off_until"])
    about = [str(pair.one_id), str(pair.other_id)]
    audit.services.record(PUT_OFF, actor=actor, about=pair.one, detail={"records": about}, now=now)
    return pair


def kept_of(pair: DuplicatePair) -> KeptPair:
    """What it takes to undo a decision on the pair, as plain data."""
    later = pair.put_off_until
    return {
        "pair": str(pair.pk),
        "state": pair.state,
        "put_off_until": later.isoformat() if later else None,
    }


@transaction.atomic
def undo_decision(data: Decided, *, actor: User, now: datetime) -> None:
    """Let a pair wait again that was told apart or put off."""
    on = local_day(now, actor.membership.continuum.zone)
    pair = DuplicatePair.objects.filter(pk=data["before"]["pair"]).first()
    refuse_changed(pair is not None)
    pair = locked(cast(DuplicatePair, pair))  # refused if there is none
    is_visible = DuplicatePair.objects.visible_to(actor, on).filter(pk=pair.pk).exists()
    if not (is_visible and actor.has_perm("participants.merge_participants", pair)):
        raise PermissionDenied
    refuse_changed(kept_of(pair) == data["after"])
    before = data["before"]
    later = before["put_off_until"]
    if pair.state != before["state"]:
        pair.why = pair.as_was = pair.decided_at = pair.decided_by = None
    pair.state = before["state"]
    pair.put_off_until = date.fromisoformat(later) if later else None
    pair.full_clean()
    pair.save()
    about = [str(pair.one_id), str(pair.other_id)]
    audit.services.record(PROPOSED, actor=actor, about=pair.one, detail={"records": about}, now=now)
