"""Recording that a household was met; the one click of outreach among it."""

from datetime import date, datetime
from typing import TypedDict
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

import audit.actions
from accounts.models import User
from participants.models import Contact, Participant
from regions.clock import local_day

from .participants import USED_BEFORE
from .places import locked

CONTACT_RECORDED = audit.actions.register("participant.contact_recorded", "Recorded a contact")
CONTACT_REMOVED = audit.actions.register(
    "participant.contact_removed", "Took back a contact recorded by mistake"
)

REMOVAL = "contact-removed"
RECORD = "participants.record_stay"


class Removed(TypedDict):
    """A contact that was taken back."""

    participant: str
    kind: str
    on: str


@transaction.atomic
def record_contact(
    participant: Participant,
    *,
    kind: str,
    happened_on: date,
    actor: User,
    now: datetime,
    pk: UUID | None = None,
) -> Contact:
    """Record a contact with the household on a day; sent twice with one `pk` it records once."""
    participant = locked(participant)
    former = Contact.objects.filter(pk=pk).first() if pk else None
    if former:
        held = (former.participant_id, former.kind, former.on, former.by_id)
        if held != (participant.pk, kind, happened_on, actor.pk):
            raise ValidationError(USED_BEFORE, code="used_before")
        return former
    contact = Contact(participant=participant, kind=kind, on=happened_on, by=actor)
    contact.pk = pk or contact.pk
    contact.full_clean()
    contact.save(force_insert=True)
    audit.services.record(
        CONTACT_RECORDED, actor=actor, about=participant, detail={"kind": str(kind)}, now=now
    )
    return contact


@transaction.atomic
def record_seen_today(participant: Participant, *, actor: User, now: datetime) -> Contact:
    """Record that this person saw the household today; pressed twice it records once."""
    participant = locked(participant)
    on = local_day(now, participant.continuum.zone)
    kind = Contact.Kind.SEEN
    former = participant.contacts.filter(by=actor, kind=kind, on=on).first()
    return former or record_contact(participant, kind=kind, happened_on=on, actor=actor, now=now)


@transaction.atomic
def remove_contact(contact: Contact, *, actor: User, now: datetime) -> None:
    """Take back a contact that this person recorded today; anything older is history."""
    contact = (
        Contact.objects.select_for_update(of=("self",))
        .select_related("participant__continuum")
        .get(pk=contact.pk)
    )
    zone = contact.participant.continuum.zone
    if contact.by_id != actor.pk or local_day(contact.recorded_at, zone) != local_day(now, zone):
        raise ValidationError("Only who recorded a contact takes it back, on the same day.")
    contact.delete()
    audit.services.record(
        CONTACT_REMOVED,
        actor=actor,
        about=contact.participant,
        detail={"kind": contact.kind},
        now=now,
    )


@transaction.atomic
def undo_removal(data: Removed, *, actor: User, now: datetime) -> None:
    """Record again a contact that this person took back."""
    on = local_day(now, actor.membership.continuum.zone)
    visible = Participant.objects.visible_to(actor, on)
    participant = visible.in_place_of([data["participant"]]).first()
    if participant is None or not actor.has_perm(RECORD, participant):
        raise PermissionDenied
    day = date.fromisoformat(data["on"])
    record_contact(participant, kind=data["kind"], happened_on=day, actor=actor, now=now)
