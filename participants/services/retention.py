"""De-identification of records that nobody has used for seven years."""

import re
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias, cast
from uuid import UUID

from dateutil.relativedelta import relativedelta
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Exists, Field, Model, OuterRef, QuerySet

import audit.actions
import audit.history
import audit.services
from accounts.models import User
from agreements.models import AgencyAgreement, PersonalStatement
from audit.models import AuditEntry
from participants import retention
from participants.known_names import forget_names, names_on_file, staying_of
from participants.models import (
    Contact,
    DuplicatePair,
    HeadChange,
    HmisLine,
    HmisRecord,
    HouseholdMember,
    LastAttempt,
    ListPlace,
    LivingSituation,
    Merge,
    Participant,
    ParticipantQuerySet,
    PlaceChange,
    Release,
    RightsRequest,
)
from participants.redaction import Cleaner, cleaner_of, without_name
from participants.retention import REMOVED, YEARS, Removal
from regions.clock import local_day, local_midnight
from regions.models import Continuum
from vault.blind import BlindIndexField
from vault.documents import CROCKFORD
from vault.fields import (
    EncryptedField,
    EncryptedJSONField,
    EncryptedTextField,
    decrypt_column,
)

PREVIEWED = audit.actions.register("retention.previewed", "Looked at which records are due")
STARTED = audit.actions.register("retention.started", "Had old records de-identified")
DEIDENTIFIED = audit.actions.register("participant.deidentified", "De-identified a record")

# By the key of the event and the column.
Changes = dict[int, dict[str, Any]]  # Any: of each column its own
Column: TypeAlias = "Field[Any, Any]"  # of whatever kind
BATCH = 100
MOST_AT_ONCE = 500  # from the page: a person waits for it


def nothing_said(value: object) -> dict[str, object]:
    return {}


@dataclass
class Preview:
    """What would be de-identified: counts alone, for whoever may see no participant."""

    before: date
    count: int
    agencies: list[tuple[str, int]]
    rows: list[tuple[str, int]]
    still_active: int


def last_day(on: date) -> date:
    """Records last changed before this date are due on the date `on`."""
    return on - relativedelta(years=YEARS)


def unused(continuum: Continuum, *, on: date) -> ParticipantQuerySet:
    """Records of the continuum that nobody changed in the seven years before the date `on`."""
    since = local_midnight(last_day(on), continuum.zone)
    found = Participant.objects.filter(
        continuum=continuum, deidentified_at__isnull=True, changed_at__lt=since
    )
    for kept in retention.kept():
        for column in kept.changed:
            newer = {kept.way: OuterRef("pk"), f"{column}__gte": since}
            found = found.filter(~Exists(kept.model._base_manager.filter(**newer)))
    return found


def due(continuum: Continuum, *, on: date) -> ParticipantQuerySet:
    """Those of them that are to be de-identified: whoever is active on the list is in use."""
    return unused(continuum, on=on).exclude(place__status=ListPlace.Status.ACTIVE)


def preview(continuum: Continuum, *, on: date) -> Preview:
    """Return the `Preview` for the date `on`; changes nothing."""
    people = due(continuum, on=on)
    agencies = people.order_by("agency__name").values_list("agency__name")
    return Preview(
        before=last_day(on),
        count=people.count(),
        agencies=list(agencies.annotate(Count("pk"))),
        rows=[
            (kept.label, kept.model._base_manager.filter(**{f"{kept.way}__in": people}).count())
            for kept in retention.kept()
        ],
        still_active=unused(continuum, on=on).filter(place__status=ListPlace.Status.ACTIVE).count(),
    )


def deidentify_page(continuum: Continuum, viewer: User, *, now: datetime) -> dict[str, object]:
    """What the administrators' page shows; the look is recorded."""
    on = local_day(now, continuum.zone)
    found = preview(continuum, on=on)
    audit.services.record(
        PREVIEWED, actor=viewer, continuum_id=continuum.pk, detail={"due": found.count}, now=now
    )
    return {"preview": found, "most": MOST_AT_ONCE}


def deidentify(
    continuum: Continuum,
    *,
    on: date,
    reason: str,
    actor: User | None,
    now: datetime,
    most: int | None = None,
) -> int:
    """De-identify what is due on the date `on`, in batches; return how many records.

    It cannot be taken back. Each batch is a transaction of its own: stopped in the middle, it goes
    on where it was when asked again. `most`: of how many records at most. Raises ValidationError
    without a reason.
    """
    if not reason.strip():
        raise ValidationError({"reason": "Say why the records are de-identified now."})
    audit.services.record(
        STARTED,
        actor=actor,
        continuum_id=continuum.pk,
        why=reason,
        detail={"on": on.isoformat()},
        now=now,
    )
    done = 0
    while most is None or done < most:
        size = BATCH if most is None else min(BATCH, most - done)
        count = deidentify_batch(continuum, on=on, size=size, actor=actor, now=now)
        if not count:
            break
        done += count
    return done


@transaction.atomic
def deidentify_batch(
    continuum: Continuum, *, on: date, size: int, actor: User | None, now: datetime
) -> int:
    """De-identify up to `size` records that are due; return how many. Nothing of some is left."""
    chosen = due(continuum, on=on).order_by("changed_at", "pk").values("pk")[:size]
    people = list(
        Participant.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(pk__in=list(chosen.values_list("pk", flat=True)), deidentified_at__isnull=True)
        .order_by("pk")
    )
    number = len(people)
    # Records that were joined into them were theirs too.
    people += Participant.every.select_for_update(of=("self",)).filter(merged_into__in=people)
    names = names_on_file([each.pk for each in people])
    removals = [
        Removal(
            each.pk,
            "\n".join(names.get(each.pk, ())) or None,
            each.alias,
            neutral_alias(continuum),
        )
        for each in people
    ]
    history = History()
    # Before names are gone, by which what was said of them elsewhere is found.
    for step in retention.steps():
        history.add(step(continuum, removals) or {})
    for texts in retention.texts():
        strip_texts(texts, continuum, removals, history)
    reasons = reasons_to_remove(continuum, removals)
    for kept in retention.kept():
        rows = kept.model._base_manager.filter(**{f"{kept.way}__in": [each.pk for each in people]})
        for row in rows.iterator(chunk_size=100):
            empty_row(row, kept.into)
        history.empty(kept.model, rows, kept.into)
    for participant, removal in zip(people, removals, strict=True):
        empty_participant(participant, removal, history, now=now)
    clean_others(continuum, removals, history)
    forget_names([each.pk for each in people])
    # Last, for from here on whatever else is to be recorded waits.
    history.write(actor=actor, continuum_id=continuum.pk, now=now)
    audit.services.remove_reasons(reasons, actor=actor, continuum_id=continuum.pk, now=now)
    audit.services.record_many(
        [audit.services.Act(action=DEIDENTIFIED, actor=actor, about=each) for each in people],
        now=now,
    )
    return number


def clean_others(continuum: Continuum, removals: Sequence[Removal], history: "History") -> None:
    """Take the names out of what people wrote about others: soon nothing will tell that they are.

    Names of staff, agencies and places stay, as they do for every reader.
    """
    cleaner = cleaner_of(removals, staying_of(continuum.pk))
    if not cleaner.names.size:
        return
    keys = [each.pk for each in removals]
    tables = [(kept.model, f"{kept.way}__") for kept in retention.kept()] + [(Participant, "")]
    for model, way in tables:
        rows = model._base_manager.filter(**{f"{way}continuum": continuum})
        rows = rows.exclude(**{f"{way}pk__in": keys})
        for row, changed in rows_with_names(model, rows, cleaner):
            for column, value in changed.items():
                setattr(row, column, value)
            row.save(update_fields=list(changed))
        if events := getattr(model, "pgh_event_model", None):
            former = events.objects.filter(pgh_obj__in=rows.values("pk"))
            for event, changed in rows_with_names(events, former, cleaner):
                history.changes[model].setdefault(event.pk, {}).update(changed)


def rows_with_names(
    model: type[Model],
    rows: QuerySet[Any],  # of the model
    cleaner: Cleaner,
) -> Iterator[tuple[Model, dict[str, object]]]:
    """`(row, {column: its value without the names})` of those of the rows that hold one."""
    columns = [
        each.name
        for each in model._meta.concrete_fields
        if isinstance(each, EncryptedTextField | EncryptedJSONField)
        and each.name not in ("name", "former_names", "hmis_id")
    ]
    key = "pgh_obj_id" if hasattr(model, "pgh_tracked_model") else "pk"
    found = set()
    for column in columns:
        at = rows.filter(**{f"{column}__isnull": False}).values_list("pk", key, column)
        row_keys = [row[0] for row in at]
        opened = decrypt_column(model, column, ((row[1], row[2]) for row in at))
        for pk, (_key, value) in zip(row_keys, opened, strict=True):
            if cleaned_value(value, cleaner) != value:
                found.add(pk)
    for row in model._base_manager.filter(pk__in=found):
        values = {column: getattr(row, column) for column in columns}
        cleaned = {column: cleaned_value(each, cleaner) for column, each in values.items()}
        yield row, {name: each for name, each in cleaned.items() if each != values[name]}


def cleaned_value(value: object, cleaner: Cleaner) -> object:
    """A text, or a list of texts, without the names; anything else as it is."""
    if isinstance(value, str):
        return cleaner.clean(value)
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return [cleaner.clean(each) for each in value]
    return value


def neutral_alias(continuum: Continuum) -> str:
    """An alias that tells of nothing, not even of the former one."""
    while True:
        alias = "Former-" + "".join(secrets.choice(CROCKFORD) for _ in range(8))
        if not Participant.every.filter(continuum=continuum, alias=alias).exists():
            return alias


def empty_participant(
    participant: Participant, removal: Removal, history: "History", *, now: datetime
) -> None:
    participant.alias = removal.alias
    participant.deidentified_at = now
    empty_row(participant, {}, also=["alias", "deidentified_at"])
    history.empty(
        Participant, Participant.every.filter(pk=participant.pk), {}, also={"alias": removal.alias}
    )


def sealed_names(model: type[Model]) -> list[str]:
    return [
        each.name
        for each in model._meta.concrete_fields
        if isinstance(each, EncryptedField | BlindIndexField)
    ]


def column_of(model: type[Model], name: str) -> Column:
    return cast(Column, model._meta.get_field(name))  # a column, of ours


def left_of(column: Column, value: object, into: retention.Into) -> object:
    """What is left of an encrypted column: nothing, or what cannot be told from nothing."""
    if column.name in into and value is not None:
        return into[column.name](value)
    if column.null:
        return None
    if isinstance(column, EncryptedJSONField):
        return []
    return "" if column.blank else REMOVED


def empty_row(row: Model, into: retention.Into, *, also: Iterable[str] = ()) -> None:
    """Empty the encrypted columns of a row, and save them with what changed besides."""
    names = sealed_names(type(row))
    for name in names:
        column = column_of(type(row), name)
        value = getattr(row, name) if name in into else None
        setattr(row, name, left_of(column, value, into))
    if names or also:
        row.save(update_fields=[*names, *also])


class History:
    """What is to change in the history of rows; written at the end, for that is on record."""

    def __init__(self) -> None:
        self.changes = defaultdict[type[Model], Changes](dict)

    def add(self, changes: retention.Events) -> None:
        for model, found in changes.items():
            self.changes[model] |= {key: dict(values) for key, values in found.items()}

    def empty(
        self,
        model: type[Model],
        rows: QuerySet[Any],  # of the model
        into: retention.Into,
        *,
        also: Mapping[str, object] | None = None,
    ) -> None:
        """Empty the sealed columns in every former state that the event table keeps."""
        events = getattr(model, "pgh_event_model", None)
        if events is None or not (also or sealed_names(events)):
            return
        keys = list(rows.values_list("pk", flat=True))
        for event in events.objects.filter(pgh_obj__in=keys).iterator(chunk_size=100):
            left = {
                name: left_of(column_of(events, name), value_in(event, name, into), into)
                for name in sealed_names(events)
            }
            self.changes[model][event.pk] = {**left, **(also or {})}

    def strip(self, row: Model, columns: Iterable[str], stripped: Callable[[str], str]) -> None:
        """Put `stripped(text)` in the place of each text that these columns ever held."""
        events = getattr(type(row), "pgh_event_model", None)
        if events is None:
            return
        for event in events.objects.filter(pgh_obj=row.pk):
            for name in columns:
                said = getattr(event, name, None)
                if said and stripped(said) != said:
                    self.changes[type(row)].setdefault(event.pk, {})[name] = stripped(said)

    def write(self, *, actor: User | None, continuum_id: UUID, now: datetime) -> None:
        for model, changes in self.changes.items():
            audit.history.rewrite(model, changes, actor=actor, continuum_id=continuum_id, now=now)


def value_in(row: Model, name: str, into: retention.Into) -> object:
    return getattr(row, name) if name in into else None


def strip_texts(
    texts: retention.Texts, continuum: Continuum, removals: Iterable[Removal], history: History
) -> None:
    """Take the names out of texts that are about no household."""
    known = [(each.name, each.former_alias, each.alias) for each in removals]

    def stripped(text: str) -> str:
        for name, former, alias in known:
            text = without_name(text, name, alias) if name else text
            text = re.sub(rf"(?<!\w){re.escape(former)}(?!\w)", alias, text, flags=re.IGNORECASE)
        return text

    rows = texts.model._base_manager.filter(**{texts.way: continuum})
    for row in rows.iterator(chunk_size=100):
        changed = {}
        for name in texts.columns:
            said = getattr(row, name)
            if said and stripped(said) != said:
                longest = column_of(type(row), name).max_length
                changed[name] = stripped(said)[:longest]
        for name, text in changed.items():
            setattr(row, name, text)
        if changed:
            row.save(update_fields=list(changed))
        history.strip(row, texts.columns, stripped)


def reasons_to_remove(continuum: Continuum, removals: Sequence[Removal]) -> list[int]:
    """The numbers of the audit's entries whose reason tells of these records.

    Those about them, and those that name them.
    """
    keys = {each.key for each in removals}
    for kept in retention.kept():
        rows = kept.model._base_manager.filter(**{f"{kept.way}__in": list(keys)})
        keys |= {str(pk) for pk in rows.values_list("pk", flat=True)}
    names = [each.name for each in removals if each.name]
    aliases = [each.former_alias.casefold() for each in removals]
    found = AuditEntry.objects.filter(continuum_id=continuum.pk, reason__isnull=False)
    return [
        entry.sequence
        for entry in found.order_by("sequence").iterator(chunk_size=500)
        if is_about(entry, keys)
        or any(without_name(entry.why, name, "") != entry.why for name in names)
        or any(alias in entry.why.casefold() for alias in aliases)
    ]


def is_about(entry: AuditEntry, keys: set[str]) -> bool:
    detail = entry.detail
    about = {entry.object_id, detail.get("participant"), detail.get("former")}
    return bool(keys & (about | set(detail.get("records", ()))))


def due_count(continuum: Continuum, *, on: date) -> int:
    """How many records are due, for the first page of administrators."""
    return due(continuum, on=on).count()


def register() -> None:
    """Say what is emptied with a record, of which rows of this room."""
    retention.register(
        PlaceChange, "participant", changed=["recorded_at"], label="changes of place"
    )
    retention.register(LivingSituation, "participant", changed=["recorded_at"], label="stays")
    retention.register(Contact, "participant", changed=["recorded_at"], label="contacts")
    retention.register(HouseholdMember, "participant", label="members of the household")
    retention.register(
        HeadChange, "participant", changed=["recorded_at"], label="changes of the head"
    )
    retention.register(
        LastAttempt, "case__participant", changed=["recorded_at"], label="last attempts"
    )
    retention.register(
        Release, "participant", changed=["recorded_at", "revoked_at"], label="releases, with scans"
    )
    retention.register(RightsRequest, "participant", changed=["recorded_at"], label="requests")
    retention.register(Merge, "keeper", changed=["at", "undone_at"], label="merges")
    retention.register(Merge, "former", label="merges as the former record")
    retention.register(DuplicatePair, "one", label="possible duplicates, the one")
    retention.register(DuplicatePair, "other", label="possible duplicates, the other")
    retention.register_texts(AgencyAgreement, "revocation_reason", way="agency__continuum")
    retention.register_texts(PersonalStatement, "revocation_reason", way="form__continuum")
    retention.register(
        HmisRecord, "participant", label="words of HMIS", into={"said": nothing_said}
    )
    retention.register(
        HmisLine,
        "participant",
        label="lines of imports",
        into={"said": nothing_said, "former": nothing_said},
    )
