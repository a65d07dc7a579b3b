"""Joining two records of one person, and taking that apart again."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model

import audit.actions
from accounts.models import User
from agreements.leaving import hold_places
from participants.former_heads import part_names
from participants.hmis_ids import same_hmis_id
from participants.models import (
    DuplicatePair,
    ListPlace,
    Merge,
    Participant,
    PlaceChange,
    Release,
)
from participants.own_words import note_typed
from participants.services.judging import judge
from regions.models import Continuum

from . import fields as merge_fields
from . import journal, own_rows, relations
from .journal import Journal
from .places import join_places

MERGED = audit.actions.register("participant.merged", "Joined two records of one person")
UNMERGED = audit.actions.register("participant.unmerged", "Took two joined records apart")

PROVIDERS_OWN = (
    "A victim service provider’s household is never joined with another record. Whoever reads "
    "both as one would learn where somebody is. The provider alone "
    "knows whether it is the same person, and puts its own sheet right."
)
GONE = "One of the two was joined with another record meanwhile. Look at the list again."
STALE = (
    "Somebody changed one of the two while you were looking. Nothing was joined. Look at what "
    "differs now, and choose again."
)


@dataclass
class Joining:
    """Two records while they are being joined."""

    keeper: Participant
    former: Participant
    actor: User
    now: datetime
    journal: Journal = field(default_factory=Journal)

    @property
    def both(self) -> list[Participant]:
        return [self.keeper, self.former]


def seen_mark(one: Participant, other: Participant) -> str:
    """What a page was made from: a form made from an older state joins nothing."""
    return f"{one.changed_at.isoformat()} {other.changed_at.isoformat()}"


def refuse_pair(one: Participant, other: Participant) -> None:
    """Raise ValidationError for two records that may not be joined, with the reason."""
    if one.pk == other.pk:
        raise ValidationError("This is the same record. Choose another one.")
    if one.continuum_id != other.continuum_id:
        raise ValidationError("Records of two CoCs are never joined.")
    if one.is_confidential or other.is_confidential:
        raise ValidationError(PROVIDERS_OWN)
    if one.deidentified_at or other.deidentified_at:
        raise ValidationError("This record was de-identified. It tells of nobody any more.")


def locked_pair(keys: Sequence[UUID], now: datetime) -> dict[UUID, Participant]:
    """Both records, held until the end of the transaction; what must be held before, first."""
    of_these = Participant.every.filter(pk__in=keys).values("continuum")
    list(
        Continuum.objects.filter(pk__in=of_these)
        .order_by("pk")
        .select_for_update(no_key=True)
        .values_list("pk")
    )
    relations.lock(keys, now)
    rows = Participant.every.filter(pk__in=keys).order_by("pk")
    # Locked by themselves: a row whose agency was changed while this waited would not be found
    # together with the agency that it had.
    list(rows.select_for_update(of=("self",)).values_list("pk"))
    rows = rows.select_related("agency", "continuum", "region", "county")
    return {each.pk: each for each in rows}


@transaction.atomic
def merge_pair(
    pair: DuplicatePair,
    *,
    keeper: str,
    choices: Mapping[str, str],
    seen: str,
    why: str = "",
    actor: User,
    now: datetime,
) -> Merge:
    """Join the two records of a pair; return the Merge.

    `keeper`: "one" or "other", the record that stays. `choices`: for each group of columns that
    differ, and for "place", which record's value stays. `seen`: the mark of the page. All that
    points at the other record moves, or is closed so that nothing counts twice; that record stays
    as it was, and leads to the one that stays. Raises ValidationError for what may not be joined.
    """
    pair = DuplicatePair.objects.get(pk=pair.pk)
    people = locked_pair([pair.one_id, pair.other_id], now)
    one, other = people[pair.one_id], people[pair.other_id]
    if one.merged_into_id or other.merged_into_id:
        raise ValidationError(GONE, code="gone")
    refuse_pair(one, other)
    if seen != seen_mark(one, other):
        raise ValidationError(STALE, code="stale")
    if missing := relations.unregistered():
        raise RuntimeError(f"No rule says what becomes of {missing} in a merge.")
    values = merge_fields.chosen_values(one, other, choices)
    stays, goes = (one, other) if keeper == merge_fields.ONE else (other, one)
    joining = Joining(stays, goes, actor, now)
    unsheltered = merge_fields.is_unsheltered(stays, goes)
    joining.journal.stamp(stays, "is_unsheltered", unsheltered)
    join_places(joining, one if choices["place"] == merge_fields.ONE else other)
    for rule in relations.rules():
        if rule.way == relations.MOVES:
            move_rows(joining, rule)
    join_columns(joining, values)
    merge = Merge(
        continuum_id=stays.continuum_id,
        keeper=stays,
        former=goes,
        reasons=pair.reasons,
        why=why or None,
        journal=joining.journal.entries,
        at=now,
        by=actor,
    )
    note_typed(merge, "why", actor=actor)
    merge.save(force_insert=True)
    audit.services.record(
        MERGED,
        actor=actor,
        about=stays,
        why=why,
        detail={"former": str(goes.pk), "merge": str(merge.pk)},
        now=now,
    )
    return merge


def move_rows(joining: Joining, rule: relations.Rule) -> None:
    """Move the rows of one relation; those of which there may be one alone are folded together."""
    rows = rule.model._base_manager.filter(**{rule.field: joining.former})
    if rule.but is not None:
        rows = rows.exclude(rule.but)
    if rule.once_per:
        kept = rule.model._base_manager.filter(**{rule.field: joining.keeper})
        by_key = {once_key(rule, each): each for each in kept}
        clashing = [each for each in rows if once_key(rule, each) in by_key]
        for former in clashing:
            if rule.fold:
                rule.fold(joining, former, by_key[once_key(rule, former)])
        rows = rows.exclude(pk__in=[each.pk for each in clashing])
    joining.journal.move(rows, rule.field, joining.keeper, rule.keeps)


def once_key(rule: relations.Rule, row: Model) -> tuple[object, ...]:
    return tuple(getattr(row, journal.attname_of(type(row), name)) for name in rule.once_per)


def join_columns(joining: Joining, values: dict[str, Any]) -> None:  # of columns
    """Write what was chosen, close the former record, and keep its name for redaction."""
    keeper, former, log = joining.keeper, joining.former, joining.journal
    former_names = {*(keeper.former_names or "").split("\n"), *former.every_name.split("\n")}
    former_names |= {keeper.name or ""}
    left_id = keeper.hmis_id
    swaps = same_hmis_id(former.hmis_id, values.get("hmis_id"))
    if swaps:
        # One id, one record: it goes to the one that stays, and that one's leads here from now on.
        log.change(former, is_lasting=not left_id, hmis_id=None)
        own_rows.follow_hmis_id(joining)
    log.change(former, merged_into=keeper)
    before = {name: getattr(keeper, name) for name in values}
    for name, value in values.items():
        setattr(keeper, name, value)
    judge(keeper)
    for name, value in before.items():
        setattr(keeper, name, value)
    names = sorted(former_names - {"", values.get("name", keeper.name)})
    log.change(keeper, **values, former_names="\n".join(names) or None)
    if swaps and left_id:
        log.change(former, hmis_id=left_id)
    log.stamp(keeper, "changed_at", joining.now)


def hindrances(merge: Merge) -> list[str]:
    """In words, why a merge cannot be undone as things are; empty if it can."""
    if merge.undone_at:
        return ["It was undone already."]
    found = []
    keeper, former = merge.keeper, merge.former
    if keeper.deidentified_at or former.deidentified_at:
        return ["The record was de-identified since: it tells of nobody any more."]
    if keeper.merged_into:
        return [
            f"{keeper.alias} was joined with {keeper.merged_into.alias} since. Undo that first."
        ]
    later = Merge.objects.standing().filter(keeper=keeper, at__gt=merge.at)
    found += [
        f"{each.former.alias} was joined to it later. Undo that first."
        for each in later.select_related("former")
    ]
    signed = Release.objects.filter(
        participant=keeper, recorded_at__gt=merge.at, revoked_at__isnull=True
    )
    if signed.exists():
        found.append(
            "A release was recorded since, and nobody can tell which of the two would have signed "
            "it. Revoke it, undo the merge, and record it again where it belongs."
        )
    changed = journal.obstacles(merge.journal)
    if was_moved_since(merge):
        changed = sorted({*changed, relations.label_of(ListPlace)})
    if changed:
        found.append(
            f"Changed since, so that it cannot be taken apart: {', '.join(changed)}. Add a second "
            "record for the other person yourself."
        )
    return found


def was_moved_since(merge: Merge) -> bool:
    """Whether the household moved on or off the list after the merge: one of the two did."""
    own = [each["pk"] for each in merge.journal if each["op"] == "create"]
    moves = PlaceChange.objects.filter(participant=merge.keeper_id, recorded_at__gt=merge.at)
    return moves.exclude(pk__in=own).exists()


def navigators_of(merge: Merge) -> set[UUID]:
    """The keys of whom the two records name, or named before, as navigator."""
    changes = [each["before"] for each in merge.journal if each["op"] == "change"]
    before = {UUID(key) for each in changes if (key := each.get("navigator_id"))}
    now = {merge.keeper.navigator_id, merge.former.navigator_id}
    return before | {key for key in now if key}


def without_navigators(merge: Merge, still_here: Container[UUID]) -> list[str]:
    """Take whoever left since off both records; return that in words.

    While two records are one, nobody is asked who takes over what the former one says.
    """
    left = []
    people = Participant.every.filter(pk__in=[merge.keeper_id, merge.former_id])
    for person in people.select_related("navigator__agency"):
        place = person.navigator
        if place and not (place.pk in still_here and place.agency.is_active):
            person.navigator = None
            person.save(update_fields=["navigator"])
            left.append(f"the navigator of {person.alias}, who left")
    return left


@transaction.atomic
def undo_merge(merge: Merge, *, why: str, actor: User, now: datetime) -> list[str]:
    """Put back all that a merge changed; return in words what could not be put back.

    What was recorded since stays with the record that stayed, and nobody who left navigates again.
    Raises ValidationError, with the reason, where something was changed since that cannot be taken
    apart.
    """
    if not why.strip():
        raise ValidationError({"why": "Say why the two are taken apart."})
    still_here = hold_places(navigators_of(merge))
    locked_pair([merge.keeper_id, merge.former_id], now)
    merge = (
        Merge.objects.select_for_update(of=("self",))
        .select_related("keeper__merged_into", "former")
        .get(pk=merge.pk)
    )
    found = hindrances(merge)
    if found:
        raise ValidationError(found)
    told = own_rows.members_told(merge)
    left = journal.undo(merge.journal, now) + without_navigators(merge, still_here)
    own_rows.keep_members_told(told)
    part_names(merge.keeper_id, merge.former_id)
    merge.undone_at, merge.undone_by, merge.undone_because = now, actor, why
    merge.full_clean()
    note_typed(merge, "undone_because", actor=actor)
    merge.save()
    audit.services.record(
        UNMERGED,
        actor=actor,
        about=merge.keeper,
        why=why,
        detail={"former": str(merge.former_id), "merge": str(merge.pk)},
        now=now,
    )
    return left
