"""Adding and changing participants, where they stay, and their place on the by-name list."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

import audit.actions
import audit.services
from participants.aliases import gives_away, new_alias
from participants.models import ListPlace, LivingSituation, Participant, PlaceChange
from vault.blind import candidates

PARTICIPANT_ADDED = audit.actions.declare("participant.added", "Added a participant")
PARTICIPANT_CHANGED = audit.actions.declare("participant.changed", "Changed a participant")
PLACE_CHANGED = audit.actions.declare(
    "participant.place_changed", "Changed a place on the by-name list"
)
STAY_RECORDED = audit.actions.declare(
    "participant.stay_recorded", "Recorded where a participant stays"
)

IDENTITY = ("name", "birth_date", "contact", "hmis_id")
FLOW_TO_STATUS = {
    PlaceChange.Flow.IDENTIFIED: ListPlace.Status.ACTIVE,
    PlaceChange.Flow.BACK_FROM_HOUSING: ListPlace.Status.ACTIVE,
    PlaceChange.Flow.BACK_FROM_INACTIVE: ListPlace.Status.ACTIVE,
    PlaceChange.Flow.HOUSED: ListPlace.Status.HOUSED,
    PlaceChange.Flow.INACTIVE: ListPlace.Status.INACTIVE,
    PlaceChange.Flow.NO_LONGER: ListPlace.Status.NO_LONGER,
}


def note(action, participant, *, actor, now, why="", **detail):
    audit.services.record(
        action,
        actor=actor,
        continuum_id=participant.continuum_id,
        about=participant,
        why=why,
        detail=detail,
        now=now,
    )


def possible_duplicates(continuum, *, name, birth_date, hmis_id, but=None):
    """Participants of the continuum with the same HMIS id, or the same name and birth date."""
    by_id = candidates("hmis id", continuum.pk, hmis_id)
    by_person = candidates("identity", continuum.pk, name, birth_date)
    found = Participant.objects.filter(continuum=continuum, hmis_id_index__in=by_id)
    found |= Participant.objects.filter(continuum=continuum, identity_index__in=by_person)
    return found.exclude(pk=but.pk if but else None).select_related("agency")


def refuse_identity(participant):
    """A victim service provider's participant is known by alias alone."""
    if participant.agency.is_victim_service_provider:
        participant.is_confidential = True
        for field in IDENTITY:
            if getattr(participant, field):
                raise ValidationError(
                    {field: "A victim service provider's participant is known by alias alone."}
                )
            setattr(participant, field, None)


def refuse_telling_alias(participant):
    if participant.name and gives_away(participant.alias, participant.name):
        raise ValidationError({"alias": "The alias holds a part of the name. Choose another."})


def refuse_foreign_county(participant):
    if participant.county and participant.county.region_id != participant.region_id:
        raise ValidationError(
            {"county": f"{participant.county} is not a county of {participant.region}."}
        )


def save(participant, *, is_new):
    for field in IDENTITY:
        if not getattr(participant, field):
            setattr(participant, field, None)
    refuse_identity(participant)
    refuse_telling_alias(participant)
    refuse_foreign_county(participant)
    participant.full_clean(exclude=["hmis_id_index", "identity_index"])
    try:
        with transaction.atomic():
            participant.save(force_insert=is_new)
    except IntegrityError as error:
        if "hmis_id" in str(error):
            raise ValidationError(
                {"hmis_id": "Another participant of the CoC already has this HMIS id."}
            ) from error
        raise


@transaction.atomic
def add_participant(
    continuum, *, agency, actor, listed_on, now, is_different_person=False, **values
):
    """Add a household, kept by `agency`, with its place on the by-name list since `listed_on`.

    Without an alias one is made. Raises ValidationError for what the model refuses, for identity
    of a victim service provider's participant, and for a possible duplicate unless the person
    typing said that it is somebody else.
    """
    participant = Participant(continuum=continuum, agency=agency, **values)
    participant.alias = participant.alias.strip() or new_alias(
        lambda alias: Participant.objects.filter(continuum=continuum, alias=alias).exists()
    )
    if not is_different_person:
        refuse_duplicates(participant)
    save(participant, is_new=True)
    ListPlace.objects.create(participant=participant, listed_on=listed_on, status_on=listed_on)
    PlaceChange.objects.create(
        participant=participant, flow=PlaceChange.Flow.IDENTIFIED, on=listed_on, by=actor
    )
    note(PARTICIPANT_ADDED, participant, actor=actor, now=now)
    return participant


def refuse_duplicates(participant):
    found = possible_duplicates(
        participant.continuum,
        name=participant.name,
        birth_date=participant.birth_date,
        hmis_id=participant.hmis_id,
    )
    known = [f"{each.alias} ({each.agency})" for each in found]
    if known:
        raise ValidationError(
            {
                "is_different_person": (
                    f"This may be somebody who is on file already: {', '.join(known)}. If it is "
                    "somebody else, tick the box and save again."
                )
            }
        )


@transaction.atomic
def change_participant(participant, *, changed_at, actor, now, **values):
    """Change what is on file. `changed_at` is that of the page: a stale form changes nothing."""
    current = (
        Participant.objects.select_for_update(of=("self",))
        .select_related("agency", "continuum")
        .get(pk=participant.pk)
    )
    if current.changed_at != changed_at:
        raise ValidationError(
            "Somebody changed this participant while you were typing. Look at it again, then save."
        )
    changed = [name for name, value in values.items() if getattr(current, name) != value]
    for name in changed:
        setattr(current, name, values[name])
    save(current, is_new=False)
    note(PARTICIPANT_CHANGED, current, actor=actor, now=now, fields=changed)
    return current


@transaction.atomic
def record_stay(participant, *, kind, on, words, actor, now):
    """Record where the household stays on a day; the newest tells whether it is unsheltered."""
    if participant.is_confidential and words:
        raise ValidationError(
            {"words": "For a victim service provider's participant only the kind is stored."}
        )
    stay = LivingSituation(participant=participant, kind=kind, on=on, words=words or None, by=actor)
    stay.full_clean()
    stay.save()
    newest = participant.situations.order_by("-on", "-recorded_at").first()
    is_unsheltered = newest.kind == LivingSituation.Kind.UNSHELTERED
    Participant.objects.filter(pk=participant.pk).update(
        is_unsheltered=is_unsheltered, changed_at=now
    )
    note(STAY_RECORDED, participant, actor=actor, now=now, kind=str(kind))
    return stay


@transaction.atomic
def change_place(participant, *, flow, on, reason, actor, now):
    """Move a household on or off the list, with date and reason; a return keeps the first date.

    Raises ValidationError when it has that status already, or the date is before the last move.
    """
    place, _ = ListPlace.objects.select_for_update().get_or_create(
        participant=participant, defaults={"listed_on": on, "status_on": on}
    )
    status = FLOW_TO_STATUS[flow]
    if place.status == status:
        raise ValidationError({"flow": f"The household is “{place.get_status_display()}” already."})
    if on < place.status_on:
        raise ValidationError(
            {"on": f"Not before the last change of status, {place.status_on:%b %-d, %Y}."}
        )
    place.status, place.status_on = status, on
    place.full_clean()
    place.save()
    PlaceChange.objects.create(participant=participant, flow=flow, on=on, reason=reason, by=actor)
    note(PLACE_CHANGED, participant, actor=actor, now=now, why=reason, flow=str(flow))
    return place
