"""Recording an act, and checking that the record was not changed since."""

import dataclasses
import enum
import secrets
import time
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import OperationalError, connection, models, transaction
from django.utils import timezone

from audit import actions
from audit.models import JSON, AuditEntry, ChainHead, reason_digest

# An arbitrary number, the audit's own among advisory locks.
CHAIN_LOCK = 0x0A0D17
# So many entries one entry of removed reasons names at most.
AT_ONCE = 500
HELD_UP_SECONDS = 5
AN_INSTANT = "200ms"
# How a row says whose it is.
CONTINUUM_ID = "continuum_id"

About = models.Model | tuple[str, object]


class _Row(enum.Enum):
    """Stands for the continuum of the row that an entry is about."""

    OF_THE_ROW = enum.auto()


OF_THE_ROW = _Row.OF_THE_ROW
Whose = uuid.UUID | None | _Row


@dataclasses.dataclass(kw_only=True)
class Act:
    """What is to be recorded. `about` is a row, or a pair such as ("participants.participant", pk).

    An entry about a row is of the row's continuum, which a model tells as `continuum_id`, a column
    or a property. `continuum_id` is given of what is about no row, or about a row that has none.
    `detail` holds text, whole numbers, truth values, and lists and mappings of these: identifiers
    and counts, never a participant's data. `why` is what a person typed, kept encrypted.
    """

    action: str
    actor: models.Model | None
    continuum_id: Whose = OF_THE_ROW
    about: About | None = None
    why: str = ""
    detail: Mapping[str, JSON] | None = None

    @property
    def whose(self) -> uuid.UUID | None:
        """The continuum whose administrators read the entry."""
        if self.continuum_id is not OF_THE_ROW:
            return _uuid(self.continuum_id)
        if not isinstance(self.about, models.Model):
            return None
        if not hasattr(type(self.about), CONTINUUM_ID):
            raise TypeError(f"{self.about._meta.label} tells no continuum: give continuum_id.")
        return _uuid(getattr(self.about, CONTINUUM_ID))


def record(
    action: str,
    *,
    actor: models.Model | None,
    continuum_id: Whose = OF_THE_ROW,
    about: About | None = None,
    why: str = "",
    detail: Mapping[str, JSON] | None = None,
    now: datetime | None = None,
) -> AuditEntry:
    """Write into the audit that `actor` (None: the system) did `action`; return the entry.

    Call it in the transaction of the act, and last: from here to the end of the transaction every
    other act that is recorded waits.
    """
    act = Act(
        action=action, actor=actor, continuum_id=continuum_id, about=about, why=why, detail=detail
    )
    return record_many([act], now=now)[0]


@transaction.atomic
def record_many(acts: list[Act], *, now: datetime | None = None) -> list[AuditEntry]:
    """Write many acts at once, such as the participants that one page showed."""
    entries = [_entry(act, now or timezone.now()) for act in acts]
    if not entries:
        return []
    lock_chain()
    head = ChainHead.objects.first() or _new_head()
    count, last_hash = head.count, bytes(head.hash)
    for entry in entries:
        count += 1
        entry.sequence, entry.former_hash = count, last_hash
        entry.hash = last_hash = entry.content_hash()
    AuditEntry.objects.bulk_create(entries)
    head.move_to(count, last_hash)
    head.save()
    return entries


@transaction.atomic
def remove_reasons(
    numbers: Iterable[int],
    *,
    actor: models.Model | None,
    continuum_id: uuid.UUID | None,
    now: datetime | None = None,
) -> None:
    """Take the reasons out of these entries, because a record that they tell of is de-identified.

    What was done, by whom, when and to what stays, and so does the chain. That they were taken out
    is an entry of its own, without which the database refuses.
    """
    numbers = sorted(numbers)
    for start in range(0, len(numbers), AT_ONCE):
        part = numbers[start : start + AT_ONCE]
        record(
            actions.REASONS_REMOVED,
            actor=actor,
            continuum_id=continuum_id,
            detail={"entries": part},
            now=now,
        )
        with connection.cursor() as cursor:
            cursor.execute("SELECT audit_forget_reasons(%s)", [part])


class _Process:
    """Until when this process takes the chain for held up by somebody who does not let go."""

    is_held_up_until = 0.0


def lock_chain() -> None:
    """Let nobody else write to the chain until the end of this transaction.

    Where the connection has a limit (pages do), an OperationalError says that somebody held the
    chain all that time. The requests that come next do not each wait as long, or they would take
    every thread of the process: for some seconds they try for an instant only.
    """
    with connection.cursor() as cursor:
        try:
            if time.monotonic() < _Process.is_held_up_until:
                cursor.execute("SELECT current_setting('lock_timeout')")
                usual = cursor.fetchone()[0]
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [AN_INSTANT])
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [usual])
                _Process.is_held_up_until = 0.0
            else:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
        except OperationalError:
            _Process.is_held_up_until = time.monotonic() + HELD_UP_SECONDS
            raise


def _entry(act: Act, now: datetime) -> AuditEntry:
    if not actions.is_registered(act.action):
        raise ValueError(f"The action “{act.action}” is not declared (audit.actions.register).")
    _refuse_detail(act.detail)
    entry = AuditEntry(
        at=now,
        actor_id=_uuid(act.actor and act.actor.pk),
        actor_label="System" if act.actor is None else str(act.actor)[:200],
        continuum_id=act.whose,
        action=act.action,
        detail=act.detail or {},
    )
    if isinstance(act.about, models.Model):
        entry.object_type, entry.object_id = act.about._meta.label_lower, str(act.about.pk)
    elif act.about is not None:
        entry.object_type, entry.object_id = act.about[0].lower(), str(act.about[1])
    if act.why.strip():
        entry.reason = {"text": act.why.strip(), "salt": secrets.token_hex(16)}
        entry.reason_digest = reason_digest(entry.reason["salt"], entry.reason["text"])
    return entry


def _uuid(value: object) -> uuid.UUID | None:
    return None if value is None else uuid.UUID(str(value))


def _refuse_detail(value: object) -> None:
    """Raise for what does not come back from the database exactly as it was hashed."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if not isinstance(name, str):
                raise TypeError("In an audit entry's detail every name is a text.")
            _refuse_detail(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _refuse_detail(inner)
    elif value is not None and not isinstance(value, str | int):
        raise TypeError(
            f"An audit entry's detail cannot hold {type(value).__name__}: give text or a number."
        )


def _new_head() -> ChainHead:
    """Return the head of an audit that has none: an empty one, or one that was robbed of it."""
    last = AuditEntry.objects.order_by("-sequence").first()
    if last is None:
        return ChainHead()
    # Entries without a head: the chain goes on, but is never signed again.
    return ChainHead(count=last.sequence, hash=bytes(last.hash))
