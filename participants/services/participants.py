"""Adding and changing participants, where they stay, and their place on the by-name list."""

import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Field

import audit.actions
import audit.services
from accounts.models import User
from agreements.models import Agency
from audit.models import AuditEntry
from participants.grounds import may_replace
from participants.living_with import forget_elsewhere
from participants.models import (
    IDENTITY,
    ListPlace,
    LivingSituation,
    Participant,
    PlaceChange,
)
from participants.own_words import note_edited, note_typed
from participants.typed_words import Typed
from participants.youth import is_youth
from regions.clock import local_day
from regions.models import Continuum

from .aliases import give_aliases, judge_alias
from .emptying import History
from .forgetting import forget_identity
from .judging import judge_by_itself, with_what_is_judged
from .on_file import UNUSABLE_HMIS_ID, refuse_what_is_on_file

PARTICIPANT_ADDED = audit.actions.register("participant.added", "Added a participant")
PARTICIPANT_CHANGED = audit.actions.register("participant.changed", "Changed a participant")

USED_BEFORE = (
    "This form was sent before and something else was saved. Look at what is on file. If what you "
    "typed here is to be added as well, save again."
)


def save(participant: Participant, *, is_new: bool) -> None:
    """Save; what somebody else took in the meantime is an error at its field."""
    with taken_meanwhile():
        participant.save(force_insert=is_new)


@contextmanager
def taken_meanwhile() -> Iterator[None]:
    """Let what somebody else took, between the comparison and the save, be an error at its field.

    Nothing of the block is saved then.
    """
    try:
        with transaction.atomic():
            yield
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
    typed = {
        name: value or None
        for name, value in values.items()
        # What was left blank is given by itself.
        if name not in ("alias", "is_youth") or value
    }
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
    if participant.is_youth is None:
        today = local_day(now, continuum.zone)
        participant.is_youth = is_youth(participant.birth_date, today)
    participant.is_unsheltered = stay == LivingSituation.Kind.UNSHELTERED
    participant.alias = participant.alias.strip()
    typed = {name for name, value in values.items() if value}
    if not participant.alias:
        typed.discard("alias")
        give_aliases(continuum, [participant])
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
    draft, changed = ask_of_change(
        participant,
        values,
        changed_at=changed_at,
        is_different_person=is_different_person,
        actor=actor,
        now=now,
    )
    if not changed:
        return draft
    return make_change(participant, values, changed_at=changed_at, actor=actor, now=now)


def ask_of_change(
    participant: Participant,
    values: Mapping[str, Any],  # of each column its own
    *,
    changed_at: datetime,
    is_different_person: bool = False,
    actor: User,
    now: datetime,
) -> tuple[Participant, list[str]]:
    """Ask all that is asked of a change, and last what is on file; `(the draft, what it changes)`.

    What is on file is asked before any transaction: an act that changes more than this asks here
    first, and then calls `make_change` within its own.
    """
    values = as_kept(values)
    draft = with_what_is_judged(participant)
    refuse_hidden(draft, values, actor=actor, now=now)
    changed = changed_by(draft, values, changed_at)
    if changed:
        write(draft, values, changed, actor)
        judge_alias(draft, changed)
        judge_by_itself(draft)
        refuse_what_is_on_file(
            draft, changed, is_different_person=is_different_person, actor=actor, now=now
        )
    return draft, changed


@transaction.atomic
def make_change(
    participant: Participant,
    values: Mapping[str, Any],  # of each column its own
    *,
    changed_at: datetime,
    actor: User,
    now: datetime,
) -> Participant:
    """Save a change of which `ask_of_change` asked already, and record it."""
    values = as_kept(values)
    current = with_what_is_judged(participant, is_held=True)
    refuse_hidden(current, values, actor=actor, now=now)  # recorded since it was looked at
    changed = changed_by(current, values, changed_at)
    if changed:
        write(current, values, changed, actor)
        if "notes" in changed:
            note_edited(current, "notes", actor=actor, values=values)
        goes = current.agency.is_victim_service_provider and not current.is_confidential
        if goes:
            # Before it is saved: by who they were it is found where else they are on file.
            forget_elsewhere([current.pk])
        save(current, is_new=False)
        history = forget_identity(current) if goes else History()
        audit.services.record(
            PARTICIPANT_CHANGED, actor=actor, about=current, detail={"fields": changed}, now=now
        )
        # Last, for from here on whatever else is to be recorded waits.
        history.write(actor=actor, continuum_id=current.continuum_id, now=now)
    return current


def as_kept(values: Mapping[str, Any]) -> dict[str, Any]:  # of each column its own
    """What was typed as the columns hold it: of who it is, nothing is None."""
    return {name: value or None if name in IDENTITY else value for name, value in values.items()}


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
