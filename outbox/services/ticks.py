"""The tick: once a minute, one at a time, sees to everything that is due."""

import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q

from .. import kinds, ticks
from ..clock import database_now
from ..models import Attempt, Heartbeat, Message, MessageQuerySet, StepRun
from .attempts import expire, interrupt, place_of, run_hook, run_possible_hook, send
from .messages import wake
from .returns import read_returns

logger = logging.getLogger(__name__)

TICK_LOCK = int.from_bytes(b"outbox")  # the key of PostgreSQL's advisory lock
BATCH = 500
QUEUED_FOR = timedelta(minutes=3)  # a row that nobody sent by then is queued again
UNREACHED_IN_A_ROW = 3


@dataclass(frozen=True)
class Summary:
    """What a tick did. late: past their time and unsent when sending began; waiting: after it."""

    ran: bool = True
    sent: int = 0
    failed: int = 0
    late: int = 0
    waiting: int = 0
    queued: int = 0

    def __str__(self) -> str:
        return f"sent {self.sent}, failed {self.failed}, late {self.late}, waiting {self.waiting}"


def tick(now: datetime | None = None, *, send: bool = False, beat: bool = True) -> Summary:
    """Do what is due: reclaim, run the registered steps, flag, expire, queue or send.

    Under an advisory lock: a second tick at the same time does nothing, and its summary
    says `ran=False`. With `send` it sends here and now, without Celery or Redis; else it
    queues a bounded number of rows. `beat=False` leaves the heartbeat alone (a clock that
    was set by hand says nothing about whether the system is alive). Failed counts what
    will not be sent any more, for being refused, given up or past its time.
    """
    now = now or database_now()
    with _alone() as alone:
        if not alone:
            return Summary(
                ran=False,
                late=Message.objects.late(now).count(),
                waiting=Message.objects.unsettled().count(),
            )
        if beat:
            Heartbeat.objects.update_or_create(id=1, defaults={"at": now})
        failed_before = _count_failed()
        _run_step("reclaim", lambda: _reclaim(now), now)
        _run_step("expire", lambda: _expire(now), now)
        for name, step in ticks.steps():
            _run_step(name, partial(step, now), now)
        if settings.BOUNCE_FOLDER or settings.BOUNCE_IMAP_URL:
            _run_step("read-returned", lambda: read_returns(now), now)
        _run_step("flag-late", lambda: _flag_late(now), now)
        _run_step("hooks", lambda: _run_hooks(now), now)
        late = Message.objects.late(now).count()
        sent = _send_due(now) if send else 0
        queued = 0 if send else _queue_due(now)
        return Summary(
            sent=sent,
            failed=_count_failed() - failed_before,
            late=late,
            waiting=Message.objects.unsettled().count(),
            queued=queued,
        )


@contextmanager
def _alone() -> Iterator[bool]:
    """Hold the tick's advisory lock; give False if another tick has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [TICK_LOCK])
        alone = cursor.fetchone()[0]
    try:
        yield alone
    finally:
        if alone:
            _release_lock()


def _release_lock() -> None:
    # A lost connection has given the lock back by itself.
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [TICK_LOCK])
    except (OperationalError, InterfaceError):
        connection.close()


def _run_step(name: str, step: Callable[[], object], now: datetime) -> None:
    """Run one step in its own transaction; note its failure, raised or returned, and go on.

    A step that loses its connection ends the tick, whose lock is lost with it.
    """
    session = connection.connection
    try:
        with transaction.atomic():
            error = step()
    except Exception as raised:
        # Django has opened another connection by now; PostgreSQL's lock stayed with this one.
        if connection.connection is not session:
            raise
        error = raised
    if isinstance(error, Exception):
        place = place_of(error)
        logger.error("Step %s of the tick failed: %s", name, place)
        fared = {"failed_at": now, "last_error": place[:300]}
    else:
        fared = {"worked_at": now, "failed_at": None, "last_error": ""}
    if not StepRun.objects.filter(name=name).update(**fared):
        StepRun.objects.create(name=name, **fared)


def _locked(rows: MessageQuerySet) -> MessageQuerySet:
    """Lock up to a batch of rows that nobody else is working on."""
    return rows.select_for_update(skip_locked=True, of=("self",))[:BATCH]


def _reclaim(now: datetime) -> None:
    for row in _locked(Message.objects.abandoned(now)):
        interrupt(row, now=now)


def _expire(now: datetime) -> None:
    for row in _locked(Message.objects.overtaken(now)):
        expire(row, now=now)


def _flag_late(now: datetime) -> Exception | None:
    """Flag what is late and tell its kind; a kind that cannot be told is told next time."""
    failure: Exception | None = None
    for row in _locked(Message.objects.late(now).filter(late_at=None)):
        hook = kinds.get(row.kind).on_late
        try:
            with transaction.atomic():
                row.late_at = now
                row.save(update_fields=["late_at"])
                if hook is not None:
                    hook(row, now)
        except Exception as error:
            if not connection.is_usable():
                raise
            failure = error
    return failure


def _run_hooks(now: datetime) -> Exception | None:
    """Run the hooks that failed when their mail was settled."""
    failures = [
        run_hook(row, now=now) for row in _locked(Message.objects.filter(hook_pending=True))
    ]
    failures += [
        run_possible_hook(row, now=now)
        for row in _locked(Message.objects.filter(possible_hook_pending=True))
    ]
    return next((failure for failure in failures if failure is not None), None)


def _queue_due(now: datetime) -> int:
    """Queue due rows that are in no queue, or were lost from one."""
    rows = Message.objects.due(now).filter(Q(queued_at=None) | Q(queued_at__lte=now - QUEUED_FOR))
    keys = list(rows.order_by("next_attempt_at").values_list("pk", flat=True)[:BATCH])
    Message.objects.filter(pk__in=keys).update(queued_at=now)
    queued = 0
    for key in keys:
        queued += wake(key)
    return queued


def _send_due(now: datetime) -> int:
    """Send what is due, here; stop early while the mail server cannot be reached."""
    sent, in_a_row = 0, 0
    tried: set[uuid.UUID] = set()
    while in_a_row < UNREACHED_IN_A_ROW:
        rows = Message.objects.due(now).exclude(pk__in=tried).order_by("next_attempt_at")
        key = rows.values_list("pk", flat=True).first()
        if key is None:
            break
        tried.add(key)
        attempt = send(key, now=now)
        outcome = attempt.outcome if attempt is not None else None
        sent += outcome == Attempt.Outcome.SENT
        down = outcome in (
            Attempt.Outcome.UNREACHED,
            Attempt.Outcome.CONFIGURATION,
            Attempt.Outcome.POSSIBLE,
        )
        in_a_row = in_a_row + 1 if down else 0
    return sent


def _count_failed() -> int:
    return Message.objects.filter(state__in=[Message.State.FAILED, Message.State.EXPIRED]).count()
