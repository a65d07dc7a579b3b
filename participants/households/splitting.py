"""A part of a household goes its own way, and is a household of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import transaction

import audit.actions
import audit.services
from accounts.models import User
from participants.merges.journal import Journal
from participants.models import (
    HouseholdAct,
    HouseholdMember,
    ListPlace,
    Participant,
    PlaceChange,
)
from participants.services.aliases import give_aliases
from participants.services.judging import judge_by_itself
from participants.services.on_file import refuse_what_is_on_file
from participants.services.participants import (
    USED_BEFORE,
    taken_meanwhile,
)
from participants.services.places import locked
from participants.youth import MAJORITY, age_on, is_youth
from regions.clock import local_day

from .acts import Identity, identity_of, keep, member_of, refuse_others, refuse_stale
from .members import MINORS, counted_as, less, size_of_bands

SPLIT = audit.actions.register("participant.split", "Recorded that part of a household left")
# No alias of another household in a text: who may know of both is asked when it is read.
LEFT_ANOTHER = "Left another household on the list."
Relation = HouseholdMember.Relation


@dataclass(frozen=True)
class Part:
    """A part that leaves, as typed and judged: the household that they left held, theirs fresh."""

    participant: Participant
    fresh: Participant
    leaving: list[HouseholdMember]
    typed: list[str]


def split_household(
    participant: Participant,
    *,
    members: Sequence[HouseholdMember],
    member: HouseholdMember,
    head: Identity,
    happened_on: date,
    changed_at: datetime,
    actor: User,
    now: datetime,
    is_different_person: bool = False,
    pk: UUID | None = None,
) -> HouseholdAct:
    """Let `members` leave as a household of their own, which `member`, one of them, heads.

    It is on the list since the day when the former one is, newly identified on `happened_on`;
    releases, steps and reviews stay where they were. Sent twice with one `pk` it happens once.
    """
    # A form without a key of its own is given one: what is asked of the part is asked of itself.
    key = pk or uuid4()

    def judged() -> Part | HouseholdAct:
        participant_held = locked(participant)
        sent = HouseholdAct.objects.filter(participant=participant_held, other=key).first()
        return sent or judge_part(
            participant_held,
            members,
            member,
            head,
            pk=key,
            happened_on=happened_on,
            changed_at=changed_at,
            actor=actor,
            now=now,
        )

    # What is on file is asked before the act is begun: that somebody was told stays on record.
    with transaction.atomic():
        asked = judged()
    if isinstance(asked, HouseholdAct):
        return asked
    refuse_what_is_on_file(
        asked.fresh, asked.typed, is_different_person=is_different_person, actor=actor, now=now
    )
    with taken_meanwhile():
        part = judged()
        if isinstance(part, HouseholdAct):
            return part
        return record_split(part, head=member, happened_on=happened_on, actor=actor, now=now)


def judge_part(
    participant: Participant,
    members: Sequence[HouseholdMember],
    member: HouseholdMember,
    head: Identity,
    *,
    pk: UUID,
    happened_on: date,
    changed_at: datetime,
    actor: User,
    now: datetime,
) -> Part:
    if Participant.every.filter(pk=pk).exists():
        raise ValidationError(USED_BEFORE, code="used_before")
    refuse_stale(participant, changed_at)
    if member.pk not in {each.pk for each in members}:
        raise ValidationError({"member": "Choose one of those who leave."})
    leaving = refuse_others(participant, members, happened_on)
    of_head = next(each for each in leaving if each.pk == member.pk)
    values = identity_of(participant, head, [of_head])
    fresh = Participant(
        pk=pk,
        continuum=participant.continuum,
        region=participant.region,
        county=participant.county,
        agency=participant.agency,
        **values,
    )
    age = age_on(fresh.birth_date, happened_on)
    # Of a minor without a birth date the members do not tell later that the head is one.
    fresh.is_size_of_members = age is not None or of_head.age_band not in MINORS
    fresh.adults, fresh.children = size_of_bands(
        is_minor=of_head.age_band in MINORS if age is None else age < MAJORITY,
        bands=[each.age_band for each in leaving if each.pk != member.pk],
    ) or (None, None)
    fresh.is_youth = is_youth(fresh.birth_date, local_day(now, participant.continuum.zone))
    fresh.named_by = actor if fresh.name else None
    give_aliases(fresh.continuum, [fresh])
    judge_by_itself(fresh)
    typed = [name for name, value in values.items() if value]
    return Part(participant, fresh, leaving, typed)


def record_split(
    part: Part, *, head: HouseholdMember, happened_on: date, actor: User, now: datetime
) -> HouseholdAct:
    participant, fresh = part.participant, part.fresh
    log = Journal()
    for each in part.leaving:
        log.change(each, until=max(happened_on, each.since))
    log.create(fresh)
    place = ListPlace.objects.filter(pk=participant.pk).first()
    listed_on = min(place.listed_on, happened_on) if place else happened_on
    log.create(ListPlace(participant=fresh, listed_on=listed_on, status_on=happened_on))
    log.create(
        PlaceChange(
            participant=fresh,
            flow=PlaceChange.Flow.IDENTIFIED,
            on=happened_on,
            by=actor,
            reason=LEFT_ANOTHER,
        )
    )
    for each in part.leaving:
        if each.pk != head.pk:
            # What they are to the new head, nobody said.
            relation = Relation.CHILD if each.relation == Relation.CHILD else ""
            band, key = each.age_band, each.hmis_id
            log.create(
                member_of(fresh, relation=relation, age=band, since=happened_on, hmis_id=key)
            )
    today = local_day(now, participant.continuum.zone)
    gone = [counted_as(each) for each in part.leaving]
    log.change(participant, is_lasting=False, **less(participant, gone, today))
    log.stamp(participant, "changed_at", now)
    act = keep(HouseholdAct.Kind.SPLIT, participant, fresh, happened_on, log, actor, now)
    detail = {"act": str(act.pk), "participant": str(fresh.pk)}
    audit.services.record(SPLIT, actor=actor, about=participant, detail=detail, now=now)
    return act
