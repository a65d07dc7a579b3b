"""Members of a household who do not head it: relation and age band, from when until when.

Source of the relations: HUD 3.15, Relationship to Head of Household.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TypedDict
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

import audit.actions
import audit.services
from accounts.models import User
from participants.hmis.said import tells_of
from participants.models import AgeBand, HmisRecord, HouseholdMember, Participant
from participants.services.participants import USED_BEFORE
from participants.services.places import locked
from participants.youth import MAJORITY, age_on
from regions.clock import local_day

MEMBER_ADDED = audit.actions.register("participant.member_added", "Added a household member")
MEMBER_CHANGED = audit.actions.register("participant.member_changed", "Changed a household member")
MEMBER_REMOVED = audit.actions.register(
    "participant.member_removed", "Removed a household member entered by mistake"
)
REMOVAL = "member-removed"
CHANGE = "participants.change_participant"
MOST_MEMBERS = 40
MINORS = {AgeBand.UNDER_5, AgeBand.TO_12, AgeBand.TO_17}
TOO_YOUNG = {AgeBand.UNDER_5, AgeBand.TO_12}
FROM_HMIS = (
    "This household member comes from HMIS. Change them there; the next import brings it here."
)
KNOWN_TO_HMIS = "HMIS knows this household member. Say when they left instead."


class Removed(TypedDict):
    """A member who was removed, as the row was."""

    pk: str
    participant: str
    relation: str
    age_band: str
    since: str
    until: str | None


def size_of(participant: Participant, on: date) -> tuple[int, int] | None:
    """`(adults, children)` of the head and the members on a day; None: not known.

    The head counts as an adult unless the birth date on file says otherwise.
    """
    age = age_on(participant.birth_date, on)
    return size_of_bands(
        is_minor=age is not None and age < MAJORITY,
        bands=[
            counted_as(each)
            for each in HouseholdMember.objects.of_household(participant)
            if is_there(each, on)
        ],
    )


def counted_as(member: HouseholdMember) -> str:
    """The age band by which somebody counts; a spouse or partner is an adult, of whatever age."""
    is_partner = member.relation == HouseholdMember.Relation.PARTNER
    return member.age_band or (AgeBand.TO_61 if is_partner else AgeBand.UNKNOWN)


def size_of_bands(*, is_minor: bool, bands: Sequence[str]) -> tuple[int, int] | None:
    """The same of a head who is a minor or not, and the age bands of the others."""
    if AgeBand.UNKNOWN in bands:
        return None
    children = sum(band in MINORS for band in bands)
    return len(bands) - children + (not is_minor), children + is_minor


def may_head(member: HouseholdMember) -> bool:
    """May this person head a household? A child of 12 or younger never does."""
    return member.age_band not in TOO_YOUNG


def is_there(member: HouseholdMember, on: date) -> bool:
    return member.since <= on and not has_left(member, on)


def has_left(member: HouseholdMember, on: date) -> bool:
    return member.until is not None and member.until <= on


def follow_members(participant: Participant, on: date) -> dict[str, int | None]:
    """The size as the members on file say it, once a person entered one: `{column: value}`.

    Where HMIS alone tells of them, its import says the size.
    """
    if not participant.is_size_of_members:
        return {}
    adults, children = size_of(participant, on) or (None, None)
    return {"adults": adults, "children": children}


def less(participant: Participant, bands: Sequence[str], on: date) -> dict[str, int | None]:
    """The size once people of these age bands left: by the members, or by what is on file."""
    if participant.is_size_of_members:
        return follow_members(participant, on)
    gone = size_of_bands(is_minor=True, bands=bands)
    if gone is None or participant.adults is None or participant.children is None:
        return {"adults": None, "children": None}
    adults, children = participant.adults - gone[0], participant.children - (gone[1] - 1)
    if adults < 0 or children < 0 or adults + children == 0:
        return {"adults": None, "children": None}
    return {"adults": adults, "children": children}


def more(participant: Participant, coming: Participant, on: date) -> dict[str, int | None]:
    """The size once another household came to live with this one."""
    if participant.is_size_of_members:
        return follow_members(participant, on)
    found: dict[str, int | None] = {}
    for name in ("adults", "children"):
        here, there = getattr(participant, name), getattr(coming, name)
        found[name] = None if here is None or there is None else here + there
    return found


def keep_size(participant: Participant, now: datetime) -> None:
    values = follow_members(participant, local_day(now, participant.continuum.zone))
    changed = {name: each for name, each in values.items() if getattr(participant, name) != each}
    for name, value in changed.items():
        setattr(participant, name, value)
    if changed:
        participant.save(update_fields=[*changed, "changed_at"])


def judge(members: Iterable[HouseholdMember]) -> None:
    for member in members:
        if member.until and member.until < member.since:
            raise ValidationError({"until": "Enter the day they came, or a later one."})
        member.full_clean(exclude=["hmis_id_index"])


@transaction.atomic
def add_member(
    participant: Participant,
    *,
    relation: str,
    age_band: str,
    since: date,
    actor: User,
    now: datetime,
    pk: UUID | None = None,
) -> HouseholdMember:
    """Add somebody to a household; sent twice with one `pk` they are added once.

    The size on file follows from the members from now on.
    """
    participant = locked(participant)
    former = HouseholdMember.objects.filter(pk=pk).first() if pk else None
    if former:
        held = (former.participant_id, former.relation, former.age_band, former.since)
        if held != (participant.pk, relation, age_band, since):
            raise ValidationError(USED_BEFORE, code="used_before")
        return former
    if participant.members.count() >= MOST_MEMBERS:
        raise ValidationError(f"A household has at most {MOST_MEMBERS} members here.")
    member = HouseholdMember(
        continuum=participant.continuum,
        participant=participant,
        relation=relation,
        age_band=age_band,
        since=since,
    )
    member.pk = pk or member.pk
    judge([member])
    member.save(force_insert=True)
    if not participant.is_size_of_members:
        participant.is_size_of_members = True
        participant.save(update_fields=["is_size_of_members", "changed_at"])
    keep_size(participant, now)
    audit.services.record(MEMBER_ADDED, actor=actor, about=participant, now=now)
    return member


def held(member: HouseholdMember) -> HouseholdMember:
    """The row as it is, held until the end of the transaction; ValidationError when it is gone."""
    found = HouseholdMember.objects.select_for_update().filter(pk=member.pk).first()
    if found is None:
        raise ValidationError("Somebody removed this household member meanwhile.")
    if is_told(found):
        raise ValidationError(FROM_HMIS)
    return found


def is_told(member: HouseholdMember) -> bool:
    record = HmisRecord.objects.filter(participant=member.participant_id).first()
    return tells_of(record, member)


@transaction.atomic
def change_member(
    member: HouseholdMember,
    *,
    relation: str,
    age_band: str,
    since: date,
    until: date | None,
    actor: User,
    now: datetime,
) -> bool:
    """Correct who somebody is, or say when they came and left; return whether it changes anything.

    `until`: the first day on which they are of the household no more.
    """
    participant = locked(member.participant)
    current = held(member)
    values = {"relation": relation, "age_band": age_band, "since": since, "until": until}
    changed = [name for name, value in values.items() if getattr(current, name) != value]
    for name in changed:
        setattr(current, name, values[name])
    if not changed:
        return False
    judge([current])
    current.save()
    keep_size(participant, now)
    audit.services.record(
        MEMBER_CHANGED, actor=actor, about=participant, detail={"fields": changed}, now=now
    )
    return True


@transaction.atomic
def remove_member(member: HouseholdMember, *, actor: User, now: datetime) -> Removed:
    """Remove somebody who was entered by mistake; return what it takes to put them back."""
    participant = locked(member.participant)
    current = held(member)
    if current.hmis_id:
        raise ValidationError(KNOWN_TO_HMIS)
    removed: Removed = {
        "pk": str(current.pk),
        "participant": str(participant.pk),
        "relation": current.relation,
        "age_band": current.age_band,
        "since": current.since.isoformat(),
        "until": current.until.isoformat() if current.until else None,
    }
    current.delete()
    keep_size(participant, now)
    if not participant.members.exists():
        # Nobody is listed: what the size is, a person says again.
        participant.adults = participant.children = None
        participant.is_size_of_members = False
        participant.save(update_fields=["adults", "children", "is_size_of_members", "changed_at"])
    audit.services.record(MEMBER_REMOVED, actor=actor, about=participant, now=now)
    return removed


@transaction.atomic
def undo_removal(data: Removed, *, actor: User, now: datetime) -> None:
    """Put somebody back who was removed by mistake."""
    on = local_day(now, actor.membership.continuum.zone)
    visible = Participant.objects.visible_to(actor, on)
    participant = visible.in_place_of([data["participant"]]).first()
    if participant is None or not actor.has_perm(CHANGE, participant):
        raise PermissionDenied
    member = add_member(
        participant,
        relation=data["relation"],
        age_band=data["age_band"],
        since=date.fromisoformat(data["since"]),
        actor=actor,
        now=now,
        pk=UUID(data["pk"]),
    )
    if data["until"]:
        member.until = date.fromisoformat(data["until"])
        member.save(update_fields=["until"])
        keep_size(member.participant, now)
