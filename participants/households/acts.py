"""Another person heads a household, and what every act on a household asks and keeps.

A part of it goes its own way: `splitting.py`; two live as one: `joining.py`. Each can be undone
(`undoing.py`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction

import audit.actions
import audit.services
from accounts.models import User
from participants.aliases import gives_away
from participants.former_heads import note_former_head
from participants.hmis_ids import is_among
from participants.merges.journal import Journal
from participants.models import (
    AgeBand,
    HeadChange,
    HmisRecord,
    HouseholdAct,
    HouseholdMember,
    ListPlace,
    Participant,
    age_band,
)
from participants.own_words import note_typed
from participants.services.aliases import give_aliases
from participants.services.judging import judge_by_itself, with_what_is_judged
from participants.services.on_file import refuse_what_is_on_file
from participants.services.participants import (
    refuse_hidden,
    stale_words,
    taken_meanwhile,
)
from participants.services.places import locked
from participants.youth import age_on, is_youth
from regions.clock import local_day
from regions.words import long_day_words

from .members import is_there, less

HEAD_CHANGED = audit.actions.register("participant.head_changed", "Recorded another head")
NOT_OF_IT = "Choose somebody who is of the household on that day."
Relation = HouseholdMember.Relation


class Identity(TypedDict):
    """Who heads a household, as it was typed; of a victim service provider's nothing."""

    name: str | None
    birth_date: date | None
    contact: str | None
    hmis_id: str | None


def refuse_others(
    participant: Participant, members: Sequence[HouseholdMember], on: date
) -> list[HouseholdMember]:
    """The rows as they are, held; ValidationError for who is not of the household on the day."""
    rows = HouseholdMember.objects.select_for_update().filter(
        participant=participant, pk__in=[each.pk for each in members]
    )
    found = list(rows)
    if len(found) != len(members) or not all(is_there(each, on) for each in found):
        raise ValidationError({"member": NOT_OF_IT})
    return found


@dataclass(frozen=True)
class NewHead:
    """Another head as typed and judged: the household held, `draft` with what it would say."""

    participant: Participant
    former: Participant
    draft: Participant
    members: list[HouseholdMember]
    values: dict[str, Any]  # of each column its own

    @property
    def typed(self) -> list[str]:
        return [name for name, value in self.values.items() if value]


def change_head(
    participant: Participant,
    *,
    head: Identity,
    member: HouseholdMember | None,
    stays_as: str,
    happened_on: date,
    reason: str,
    changed_at: datetime,
    actor: User,
    now: datetime,
    is_different_person: bool = False,
) -> HouseholdAct:
    """Let another person head a household since `happened_on`.

    Releases of the former head are asked about.
    `member`: who of the household it is, None for somebody who was not listed. `stays_as`: the
    relation in which the former head stays, empty if they left. The place on the list stays as it
    is: no household came or went. Raises ValidationError for what may not be stored, for a page
    made before somebody else changed the record, and for identity that `actor` may not replace.
    """

    def judged() -> NewHead:
        return judge_new_head(
            participant,
            head,
            member,
            happened_on=happened_on,
            changed_at=changed_at,
            actor=actor,
            now=now,
        )

    # What is on file is asked before the act is begun: that somebody was told stays on record.
    asked = judged()
    refuse_what_is_on_file(
        asked.draft, asked.typed, is_different_person=is_different_person, actor=actor, now=now
    )
    with taken_meanwhile():
        return record_head(
            judged(),
            stays_as=stays_as,
            happened_on=happened_on,
            reason=reason,
            actor=actor,
            now=now,
        )


@transaction.atomic
def judge_new_head(
    participant: Participant,
    head: Identity,
    member: HouseholdMember | None,
    *,
    happened_on: date,
    changed_at: datetime,
    actor: User,
    now: datetime,
) -> NewHead:
    participant = locked(participant)
    refuse_stale(participant, changed_at)
    refuse_before_last_head(participant, happened_on)
    found = refuse_others(participant, [member] if member else [], happened_on)
    values = identity_of(participant, head, found)
    refuse_member_beside(participant, values.get("hmis_id"), found)
    refuse_hidden(participant, values, actor=actor, now=now)
    former, draft = with_what_is_judged(participant), with_what_is_judged(participant)
    for name, value in values.items():
        setattr(draft, name, value)
    if gives_away(draft.alias, draft.name):
        give_aliases(draft.continuum, [draft])
    judge_by_itself(draft)
    return NewHead(participant, former, draft, found, values)


def record_head(
    new: NewHead, *, stays_as: str, happened_on: date, reason: str, actor: User, now: datetime
) -> HouseholdAct:
    participant, former, draft = new.participant, new.former, new.draft
    log = Journal()
    for each in new.members:
        log.change(each, until=max(happened_on, each.since))
    place = ListPlace.objects.filter(pk=participant.pk).first()
    since = min(place.listed_on, happened_on) if place else happened_on
    former_head = member_of(
        participant,
        relation=stays_as or Relation.HEAD,
        age=age_band(age_on(former.birth_date, happened_on)),
        since=since,
        hmis_id=former.hmis_id,
    )
    former_head.until = None if stays_as else happened_on
    log.create(former_head)
    change = HeadChange(participant=participant, on=happened_on, reason=reason, by=actor)
    note_typed(change, "reason", actor=actor)
    log.create(change)
    held = list(participant.releases.of_present_head().defer("scan"))
    for release in held:
        log.change(release, is_by_former_head=True)
    note_head_of_hmis(participant, former.hmis_id, as_of=happened_on)
    if new.values:
        note_former_head(participant, change, releases=[each.pk for each in held])
        typed_by = actor if draft.name else None
        log.change(participant, named_by=typed_by, alias=draft.alias, **new.values)
    today = local_day(now, participant.continuum.zone)
    gone = [] if stays_as else [age_band(age_on(former.birth_date, happened_on)) or AgeBand.TO_61]
    log.change(participant, is_lasting=False, **less(participant, gone, today))
    log.change(participant, is_lasting=False, **told_of_head(former, draft, bool(stays_as), today))
    log.stamp(participant, "changed_at", now)
    act = keep(HouseholdAct.Kind.HEAD, participant, None, happened_on, log, actor, now)
    audit.services.record(
        HEAD_CHANGED, actor=actor, about=participant, detail={"act": str(act.pk)}, now=now
    )
    return act


def refuse_before_last_head(participant: Participant, on: date) -> None:
    last = participant.head_changes.order_by("-on").first()
    if last and on < last.on:
        day = long_day_words(last.on)
        words = f"Enter a date not before the last change of the head, {day}."
        raise ValidationError({"on": words})


def refuse_member_beside(
    participant: Participant, hmis_id: str | None, members: Sequence[HouseholdMember]
) -> None:
    """Nobody heads a household of which they stay a member."""
    others = participant.members.filter(until__isnull=True)
    others = others.exclude(pk__in=[each.pk for each in members])
    if is_among(hmis_id, [each.hmis_id for each in others]):
        words = "Somebody of this household has this HMIS ID. Choose them as the head."
        raise ValidationError({"hmis_id": words})


def note_head_of_hmis(participant: Participant, hmis_id: str | None, *, as_of: date) -> None:
    """Keep under whose id HMIS told of the household last: said again, it is no change of head."""
    record: HmisRecord | None = HmisRecord.objects.filter(participant=participant).first()
    if record is not None and hmis_id and "head" not in record.said:
        record.said = {**record.said, "head": {"value": hmis_id, "on": as_of.isoformat()}}
        record.save(update_fields=["said"])


def told_of_head(
    former: Participant, draft: Participant, stays: bool, today: date
) -> dict[str, bool | None]:
    """What was said with the former head in mind, and is not known of the household any more."""
    told: dict[str, bool | None] = {"is_youth": is_youth(draft.birth_date, today)}
    if not stays:
        told |= {name: None for name in ("is_veteran", "is_chronic") if getattr(former, name)}
    return told


def identity_of(
    participant: Participant, head: Identity, members: Sequence[HouseholdMember]
) -> dict[str, Any]:  # of each column its own
    """`{column: value}` of a head as typed, with the HMIS ID on file for the member; empty of
    a victim service provider's household.
    """
    if participant.is_confidential:
        return {}
    known = members[0].hmis_id if members else None
    return {
        "name": head["name"] or None,
        "birth_date": head["birth_date"],
        "contact": head["contact"] or None,
        "hmis_id": head["hmis_id"] or known,
    }


def refuse_stale(participant: Participant, changed_at: datetime) -> None:
    if participant.changed_at != changed_at:
        raise ValidationError(stale_words(participant, changed_at), code="stale")


def member_of(
    household: Participant, *, relation: str, age: str, since: date, hmis_id: str | None = None
) -> HouseholdMember:
    """Somebody who is of a household from a day on; not saved yet."""
    return HouseholdMember(
        continuum=household.continuum,
        participant=household,
        hmis_id=hmis_id,
        relation=relation,
        age_band=age,
        since=since,
    )


def keep(
    kind: HouseholdAct.Kind,
    participant: Participant,
    other: Participant | None,
    happened_on: date,
    log: Journal,
    actor: User,
    now: datetime,
) -> HouseholdAct:
    return HouseholdAct.objects.create(
        kind=kind,
        participant=participant,
        other=other,
        on=happened_on,
        journal=log.entries,
        at=now,
        by=actor,
    )
