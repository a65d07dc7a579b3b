"""De-identification of records that nobody has used for seven years."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dateutil.relativedelta import relativedelta
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q

import audit.actions
import audit.services
from accounts.models import User
from audit.models import AuditEntry
from participants import retention
from participants.known_names import forget_names, names_on_file
from participants.models import ListPlace, Participant, ParticipantQuerySet
from participants.redaction import without_name
from participants.retention import YEARS, Removal
from regions.clock import local_day, local_midnight
from regions.models import Continuum
from vault.documents import CROCKFORD

from .emptying import History, clean_others, empty_participant, empty_row, strip_texts

PREVIEWED = audit.actions.register("retention.previewed", "Looked at which records are due")
STARTED = audit.actions.register("retention.started", "Had old records de-identified")
DEIDENTIFIED = audit.actions.register("participant.deidentified", "De-identified a record")

BATCH = 100
MOST_AT_ONCE = 500  # from the page: a person waits for it


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
    as_of: date,
    reason: str,
    actor: User | None,
    now: datetime,
    most: int | None = None,
) -> int:
    """De-identify what is due on the date `as_of`, in batches; return how many records.

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
        detail={"on": as_of.isoformat()},
        now=now,
    )
    done = 0
    while most is None or done < most:
        size = BATCH if most is None else min(BATCH, most - done)
        count = deidentify_batch(continuum, as_of=as_of, size=size, actor=actor, now=now)
        if not count:
            break
        done += count
    forget_gone(continuum, as_of=as_of, actor=actor, now=now)
    return done


@transaction.atomic
def forget_gone(continuum: Continuum, *, as_of: date, actor: User | None, now: datetime) -> None:
    """Empty what history keeps of households that an undo took away seven years ago."""
    history = History()
    history.empty_gone(continuum, before=local_midnight(last_day(as_of), continuum.zone))
    history.write(actor=actor, continuum_id=continuum.pk, now=now)


@transaction.atomic
def deidentify_batch(
    continuum: Continuum, *, as_of: date, size: int, actor: User | None, now: datetime
) -> int:
    """De-identify up to `size` records that are due; return how many. Nothing of some is left."""
    chosen = due(continuum, on=as_of).order_by("changed_at", "pk").values("pk")[:size]
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
        own = Q(**{f"{kept.way}__in": [each.pk for each in people]})
        rows = kept.model._base_manager.filter(own)
        for row in rows.iterator(chunk_size=100):
            empty_row(row, kept.into)
        history.empty(kept.model, rows, kept.into, of=own)
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


def neutral_alias(continuum: Continuum) -> str:
    """An alias that tells of nothing, not even of the former one."""
    while True:
        alias = "Former-" + "".join(secrets.choice(CROCKFORD) for _ in range(8))
        if not Participant.every.filter(continuum=continuum, alias=alias).exists():
            return alias


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
