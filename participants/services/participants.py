"""Adding and changing participants, where they stay, and their place on the by-name list."""

import uuid
from collections.abc import Collection, Container, Mapping
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Field, Q

import audit.actions
import audit.services
from accounts.models import User
from agreements.models import Agency
from audit.models import AuditEntry
from participants.aliases import NO_ALIAS, gives_away, looks_like_alias, new_alias
from participants.grounds import may_replace
from participants.models import (
    HmisRecord,
    ListPlace,
    LivingSituation,
    Participant,
    ParticipantQuerySet,
    PlaceChange,
)
from participants.naming import label_for, labels
from participants.own_words import note_edited, note_typed
from participants.typed_words import Typed
from regions.clock import local_day
from regions.models import Continuum
from vault.blind import candidates

from . import on_file

PARTICIPANT_ADDED = audit.actions.register("participant.added", "Added a participant")
PARTICIPANT_CHANGED = audit.actions.register("participant.changed", "Changed a participant")

UNUSABLE_HMIS_ID = (
    "This HMIS ID can’t be used here. Check it, or leave it blank and ask the CE Specialist."
)
IDENTITY = ("name", "birth_date", "contact", "hmis_id")
USED_BEFORE = (
    "This form was sent before and something else was saved. Look at what is on file. If what you "
    "typed here is to be added as well, save again."
)


def possible_duplicates(
    continuum: Continuum, *, name: str | None, birth_date: date | None, but: UUID | None = None
) -> ParticipantQuerySet:
    """Participants of the continuum with the same name and birth date.

    Where a record was joined into another: that one.
    """
    same = Participant.every.filter(
        continuum=continuum,
        identity_index__in=candidates("identity", continuum.pk, name, birth_date),
    )
    found = Participant.objects.filter(
        Q(pk__in=same.values("pk")) | Q(pk__in=same.values("merged_into"))
    )
    others = found.exclude(pk=but) if but else found
    return others.select_related("agency").order_by("alias")


def with_hmis_id(
    continuum: Continuum, hmis_id: str | None, *, but: UUID | None = None
) -> ParticipantQuerySet:
    """Other participants of the continuum that have it; right also while keys are rotated."""
    found = Participant.every.filter(
        continuum=continuum, hmis_id_index__in=candidates("hmis id", continuum.pk, hmis_id)
    )
    return found.exclude(pk=but) if but else found


def is_hmis_id_taken(continuum: Continuum, hmis_id: str | None, *, but: UUID | None = None) -> bool:
    return with_hmis_id(continuum, hmis_id, but=but).exists()


def refuse_identity(participant: Participant) -> None:
    """A victim service provider's participant is known by alias alone."""
    if participant.agency.is_victim_service_provider:
        participant.is_confidential = True
        for field in IDENTITY:
            if getattr(participant, field):
                raise ValidationError(
                    {field: "A victim service provider's participant is known by alias alone."}
                )


def refuse_alias(participant: Participant) -> None:
    """The alias must tell nothing of the person, and mean one household alone."""
    if participant.name and gives_away(participant.alias, participant.name):
        raise ValidationError({"alias": NO_ALIAS})
    refuse_taken_alias(participant)


def refuse_taken_alias(participant: Participant) -> None:
    others = Participant.every.filter(
        continuum=participant.continuum, alias__iexact=participant.alias
    )
    if others.exclude(pk=participant.pk).exists():
        raise ValidationError(
            {"alias": "Another household has this alias. Choose another, or add a number."}
        )


def refuse_foreign_county(participant: Participant) -> None:
    if participant.county and participant.county.region_id != participant.region_id:
        raise ValidationError(
            {
                "county": (
                    f"{participant.county} is not a county of {participant.region}. Choose one of "
                    "its counties, or another region."
                )
            }
        )


def refuse_taken_hmis_id(participant: Participant) -> None:
    if is_hmis_id_taken(participant.continuum, participant.hmis_id, but=participant.pk):
        raise ValidationError({"hmis_id": UNUSABLE_HMIS_ID})


def refuse_nobody(participant: Participant) -> None:
    if not participant.household_size:
        raise ValidationError({"adults": "Enter at least one adult or one child."})


def duplicates_told(
    participant: Participant, *, actor: User, now: datetime
) -> tuple[list[Participant], ValidationError] | None:
    """`(participants, error)` of records that may be of the same person, where `actor` may know
    of them: those that they read by name, and those whose record they keep. None for no such.

    Of others nobody is told: the household is saved, and the search for duplicates shows both to
    the CE Specialist.
    """
    found = list(
        possible_duplicates(
            participant.continuum,
            name=participant.name,
            birth_date=participant.birth_date,
            but=participant.pk,
        )
    )
    names = labels(found, actor, now)
    known = [each for each in found if names[each.pk].is_named]
    kept = [
        each
        for each in found
        if each not in known and actor.has_perm("participants.change_participant", each)
    ]
    if not known and not kept:
        return None
    words = [f"It may be {each.alias}, kept by {each.agency}." for each in known]
    if kept:
        agencies = ", ".join(sorted({each.agency.name for each in kept}))
        words.append(f"A household kept by {agencies} has both.")
    return known + kept, ValidationError(
        {
            "is_different_person": (
                "Somebody with this name and birth date may be on file already. "
                f"{' '.join(words)} If this is somebody else, check the box and save again."
            )
        }
    )


def taken_hmis_id(taken: Participant, actor: User, now: datetime) -> ValidationError:
    """The error, which says whose it is to whoever may read the id there."""
    label = label_for(taken, actor, now)
    words = f"{label.text} has this HMIS ID." if label.hmis_id else UNUSABLE_HMIS_ID
    return ValidationError({"hmis_id": words})


def refuse_what_is_on_file(
    participant: Participant,
    changed: Collection[str],
    *,
    is_different_person: bool,
    actor: User,
    now: datetime,
) -> None:
    """The last thing asked of what was typed: whether it is on file with somebody (on_file).

    `changed`: the fields that were typed. Nothing is asked of what this person reads anyway.
    """
    asks_duplicates = (
        bool({"name", "birth_date"} & set(changed) and participant.name and participant.birth_date)
        and not is_different_person
    )
    asks_hmis_id = "hmis_id" in changed and bool(participant.hmis_id)
    asks_alias = (
        "alias" in changed
        and "name" not in changed
        and bool(participant.name)
        and not label_for(participant, actor, now).is_named
    )

    def compare() -> on_file.Match | None:
        if asks_alias and gives_away(participant.alias, participant.name):
            return "alias", [participant], ValidationError({"alias": NO_ALIAS})
        if asks_hmis_id:
            taken = with_hmis_id(
                participant.continuum, participant.hmis_id, but=participant.pk
            ).first()
            if taken:
                return "hmis_id", [taken], taken_hmis_id(taken, actor, now)
        told = asks_duplicates and duplicates_told(participant, actor=actor, now=now)
        return ("name and birth date", *told) if told else None

    if asks_duplicates or asks_hmis_id or asks_alias:
        on_file.answer(participant.continuum, compare, actor=actor, now=now)


def judge(participant: Participant) -> None:
    """Raise ValidationError, each at its field, for what may not be stored."""
    refuse_alias(participant)
    judge_by_itself(participant)
    refuse_taken_hmis_id(participant)


def judge_by_itself(participant: Participant) -> None:
    """The same, as far as nothing sealed of the continuum's households is asked for it."""
    for field in IDENTITY:
        if not getattr(participant, field):
            setattr(participant, field, None)
    refuse_identity(participant)
    refuse_nobody(participant)
    refuse_foreign_county(participant)
    participant.full_clean(exclude=["hmis_id_index", "identity_index"], validate_unique=False)


def judge_alias(participant: Participant, changed: Container[str]) -> None:
    """What was typed as an alias, or beside one, as far as nothing sealed is asked for it."""
    if "alias" in changed and not looks_like_alias(participant.alias):
        raise ValidationError({"alias": NO_ALIAS})
    if "name" in changed and gives_away(participant.alias, participant.name):
        raise ValidationError({"alias": "The alias holds a part of the name. Choose another."})
    refuse_taken_alias(participant)


def save(participant: Participant, *, is_new: bool) -> None:
    """Save; what somebody else took in the meantime is an error at its field."""
    try:
        with transaction.atomic():
            participant.save(force_insert=is_new)
    except IntegrityError as error:
        for field, words in (
            ("alias", "Somebody took this alias just now. Choose another."),
            ("hmis_id", UNUSABLE_HMIS_ID),
        ):
            if f"participants_participant_{field}_once" in str(error):
                raise ValidationError({field: words}) from error
        raise


def added_before(
    pk: uuid.UUID,
    *,
    actor: User,
    values: Mapping[str, Any],  # of each column its own
    agency: Agency,
    listed_on: date,
    stay: str,
    words: str,
) -> Participant | None:
    """The household that this very form added already, or None; raise if it held something else.

    `pk` is made with the form and becomes the household's key: a form sent twice adds once. What
    is sent is compared with what was sent then, never with what others recorded since.
    """
    former = Participant.every.filter(pk=pk).first()
    if former is None:
        return None
    events = Participant.pgh_event_model  # type: ignore[attr-defined]  # pghistory's
    first = events.objects.filter(pgh_obj=pk).order_by("pgh_id").first()
    added = former.place_changes.filter(flow=PlaceChange.Flow.IDENTIFIED, by=actor, on=listed_on)
    stays = former.situations.filter(kind=stay, by=actor)
    typed = {name: value or None for name, value in values.items() if name != "alias" or value}
    is_same = (
        first.agency_id == agency.pk
        and all((getattr(first, name) or None) == typed[name] for name in typed)
        and (not stay or any((each.words or "") == words for each in stays))
        and added.exists()
    )
    if not is_same:
        raise ValidationError(USED_BEFORE, code="used_before")
    return former


def add_participant(
    continuum: Continuum,
    *,
    agency: Agency,
    actor: User,
    listed_on: date,
    now: datetime,
    is_different_person: bool = False,
    pk: UUID | None = None,
    stay: str = "",
    stay_words: str = "",
    **values: Any,  # columns of the row,
) -> Participant:
    """Add a household, kept by `agency`, with its place on the by-name list since `listed_on`
    and, when told, where they stay today.

    Without an alias one is made. With a `pk` that this person used before for the same household,
    nothing is added, and that household returned. Raises ValidationError for what the model
    refuses, for identity of a victim service provider's participant, and for a possible duplicate
    unless the person typing said that it is somebody else.
    """

    def sent_before() -> Participant | None:
        if pk is None:
            return None
        return added_before(
            pk,
            actor=actor,
            values=values,
            agency=agency,
            listed_on=listed_on,
            stay=stay,
            words=stay_words,
        )

    if former := sent_before():
        return former
    participant = Participant(continuum=continuum, agency=agency, **values)
    participant.pk = pk or participant.pk
    participant.named_by = actor if participant.name else None
    participant.is_unsheltered = stay == LivingSituation.Kind.UNSHELTERED
    participant.alias = participant.alias.strip()
    typed = {name for name, value in values.items() if value}
    if not participant.alias:
        typed.discard("alias")
        participant.alias = new_alias(
            lambda alias: (
                gives_away(alias, participant.name)
                or Participant.every.filter(continuum=continuum, alias=alias).exists()
            )
        )
    judge_alias(participant, typed)
    judge_by_itself(participant)
    refuse_what_is_on_file(
        participant, typed, is_different_person=is_different_person, actor=actor, now=now
    )
    try:
        put_on_the_list(
            participant, stay=stay, words=stay_words, listed_on=listed_on, actor=actor, now=now
        )
    except IntegrityError:
        # The same form, sent a moment ago, was still being saved when this one looked.
        if former := sent_before():
            return former
        raise
    return participant


@transaction.atomic
def put_on_the_list(
    participant: Participant, *, stay: str, words: str, listed_on: date, actor: User, now: datetime
) -> None:
    note_typed(participant, "notes", actor=actor)
    save(participant, is_new=True)
    ListPlace.objects.create(participant=participant, listed_on=listed_on, status_on=listed_on)
    PlaceChange.objects.create(
        participant=participant, flow=PlaceChange.Flow.IDENTIFIED, on=listed_on, by=actor
    )
    if stay:
        today = local_day(now, participant.continuum.zone)
        situation = LivingSituation(kind=stay, on=today, words=words or None, by=actor)
        situation.participant = participant
        note_typed(situation, "words", actor=actor)
        situation.save(force_insert=True)
    audit.services.record(PARTICIPANT_ADDED, actor=actor, about=participant, now=now)


def change_participant(
    participant: Participant,
    *,
    changed_at: datetime,
    actor: User,
    now: datetime,
    is_different_person: bool = False,
    **values: Any,  # columns of the row,
) -> Participant:
    """Change what is on file. `changed_at` is that of the page: a stale form changes nothing.

    A form that holds nothing new (sent twice, say) changes nothing either, and is no error. Raises
    ValidationError for whatever is typed over something that `actor` may not read.
    """
    rows = Participant.objects.select_related("agency", "continuum", "region", "county")
    values = {name: value or None if name in IDENTITY else value for name, value in values.items()}
    draft = rows.get(pk=participant.pk)
    refuse_hidden(draft, values, actor=actor, now=now)
    changed = changed_by(draft, values, changed_at)
    if not changed:
        return draft
    write(draft, values, changed, actor)
    judge_alias(draft, changed)
    judge_by_itself(draft)
    refuse_what_is_on_file(
        draft, changed, is_different_person=is_different_person, actor=actor, now=now
    )
    with transaction.atomic():
        current = rows.select_for_update(of=("self",)).get(pk=participant.pk)
        refuse_hidden(current, values, actor=actor, now=now)  # recorded since it was looked at
        changed = changed_by(current, values, changed_at)
        if changed:
            write(current, values, changed, actor)
            if "notes" in changed:
                note_edited(current, "notes", actor=actor, values=values)
            save(current, is_new=False)
            if current.agency.is_victim_service_provider:
                forget_hmis(current)
            audit.services.record(
                PARTICIPANT_CHANGED, actor=actor, about=current, detail={"fields": changed}, now=now
            )
    return current


def forget_hmis(participant: Participant) -> None:
    """Of a victim service provider's household nothing is kept that HMIS said, nor anybody's id."""
    HmisRecord.objects.filter(participant=participant).delete()
    participant.members.filter(hmis_id_index__isnull=False).update(hmis_id=None, hmis_id_index=None)


def refuse_hidden(
    participant: Participant, values: Mapping[str, object], *, actor: User, now: datetime
) -> None:
    """Raise ValidationError for what would replace what is hidden, the same right or wrong."""
    if not values.keys() & set(IDENTITY):
        return
    may = may_replace(participant, actor, now)
    hidden = [name for name in IDENTITY if name in values and not may[name]]
    if hidden:
        words = f"Not changed: it is on file, but hidden from you. {ask_keeper(participant)}"
        raise ValidationError(dict.fromkeys(hidden, words))


def ask_keeper(participant: Participant) -> str:
    return f"Ask {participant.agency}, which keeps this record, to change it."


def changed_by(
    current: Participant, values: Mapping[str, object], changed_at: datetime
) -> list[str]:
    """The names of what the form changes; ValidationError if somebody changed something since.

    A text that was written anew counts also where it says what stood there: a name that somebody
    put in place of a withheld one does not show by changing nothing that they were right.
    """
    changed = [
        name
        for name, value in values.items()
        if getattr(current, name) != value or type(value) is Typed
    ]
    if changed and current.changed_at != changed_at:
        raise ValidationError(stale_words(current, changed_at), code="stale")
    return changed


def write(
    current: Participant, values: Mapping[str, object], changed: Collection[str], actor: User
) -> None:
    for name in changed:
        setattr(current, name, values[name])
    if "name" in changed:
        current.named_by = actor if current.name else None


def stale_words(participant: Participant, since: datetime | None) -> str:
    """Who changed what after the page was opened, from the record of acts."""
    words = "Somebody changed this household while you were typing"
    acts = AuditEntry.objects.filter(
        continuum_id=participant.continuum_id,
        object_id=str(participant.pk),
        action=PARTICIPANT_CHANGED,
        **({"at__gte": since} if since else {}),
    ).order_by("sequence")
    said = []
    for act in acts:
        fields = ", ".join(
            str(cast("Field[Any, Any]", Participant._meta.get_field(name)).verbose_name)  # its own
            for name in act.detail["fields"]
        )
        said.append(f"{act.actor_label} changed {fields}")
    return (
        f"{words}{': ' if said else ''}{'; '.join(said)}. Nothing of yours was saved; what you "
        "typed is still here. If you save again now, what you changed replaces what is on file; "
        "what you left alone stays as the others have it."
    )


def last_change(participant: Participant) -> AuditEntry | None:
    """The entry of the audit of who added or last changed what is on file, or None."""
    return (
        AuditEntry.objects.filter(
            continuum_id=participant.continuum_id,
            object_id=str(participant.pk),
            action__in=[PARTICIPANT_ADDED, PARTICIPANT_CHANGED],
        )
        .order_by("-sequence")
        .first()
    )
