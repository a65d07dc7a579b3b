"""One attempt to send one mail: claim the row, hand the mail over, record what came of it."""

import logging
import time
import traceback
import uuid
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import get_connection
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q

from ..clock import Clock, database_now
from ..emails import (
    OutboxMail,
    Verdict,
    build_mail,
    check_address,
    clean_line,
    judge,
    judge_making,
    kept_mail,
    with_possible,
)
from ..kinds import Hook, OnHold, Prepared, Withheld, get
from ..models import Attempt, Letter, Message
from .messages import LONGEST_COUNTDOWN, hold, resend, wake

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
RETRY_SECONDS = [10, 30, 60, 300, 900]
LAST_RETRY_SECONDS = 1800
HELD_RETRY = timedelta(minutes=5)  # a mail that its kind keeps back is asked about again
GIVE_UP_AFTER = timedelta(days=5)  # RFC 5321 4.5.4.1: give-up time of at least 4-5 days
RECORD_RETRY_SECONDS = [0.2, 0.5, 1, 2, 4, 8, 16]

STATE_AFTER: dict[str, Message.State] = {
    Attempt.Outcome.SENT: Message.State.SENT,
    Attempt.Outcome.REFUSED: Message.State.FAILED,
    Attempt.Outcome.WITHHELD: Message.State.WITHHELD,
    Attempt.Outcome.EXPIRED: Message.State.EXPIRED,
}
HOOK_AFTER: dict[str, str] = {
    Message.State.SENT: "on_sent",
    Message.State.FAILED: "on_failed",
    Message.State.EXPIRED: "on_failed",
    Message.State.WITHHELD: "on_withheld",
}
HELD = "It was put on hold while it was being made."
TOO_LATE = "Its time passed before it could be sent."
CHANGED = "What it may show has changed since the first attempt; a new mail takes its place."


def send(message_id: uuid.UUID | str, *, now: datetime | None = None) -> Attempt | None:
    """Send one mail, if it is due and nobody else is sending it; safe to call any time.

    Claims the row with a five-minute lease and commits; prepares the mail; hands it to
    the mail server; records the outcome, provided the lease is still its own. Returns
    what happened, or None when there was nothing to do. With `now` given the clock
    stands still at it, and no later retry is queued; else it is the database's.
    """
    clock: Clock = database_now if now is None else lambda: now
    message = claim(message_id, now=clock())
    if message is None:
        return None
    verdict = deliver(message, clock)
    attempt = _record_patiently(message, verdict, clock)
    if now is None and attempt is not None:
        _wake_for_retry(message.pk, attempt.at)
    return attempt


@transaction.atomic(durable=True)
def claim(message_id: uuid.UUID | str, *, now: datetime) -> Message | None:
    """Take the row for five minutes, if it is due or its last holder's lease ran out."""
    message = (
        Message.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(pk=message_id, held_at=None)
        .filter(
            Q(state=Message.State.WAITING, next_attempt_at__lte=now)
            | Q(state=Message.State.SENDING, leased_until__lte=now)
        )
        .first()
    )
    if message is None:
        return None
    if message.state == Message.State.SENDING:
        interrupt(message, now=now)
    if message.state == Message.State.WAITING and not expire(message, now=now):
        message.state = Message.State.SENDING
        message.attempts += 1
        message.lease_token = uuid.uuid4()
        message.leased_until = now + LEASE
        message.save()
        return message
    return None


def deliver(message: Message, clock: Clock) -> Verdict:
    """Prepare the claimed mail and hand it to the mail server; say what came of it."""
    try:
        check_address(message.address)
    except ValidationError as error:
        return Verdict(Attempt.Outcome.REFUSED, str(error.message))
    letter = Letter.objects.filter(message=message).first()
    made: OutboxMail | None
    if letter is None:
        mail = _make(message, clock())
        made = None if isinstance(mail, Verdict) else mail
    else:
        mail = _repeat(message, letter, clock())
        made = None
    if isinstance(mail, Verdict):
        return mail
    if message.not_after is not None and message.not_after <= clock():
        return Verdict(Attempt.Outcome.EXPIRED, TOO_LATE)
    try:
        if not begin_hand_over(message, made, now=clock()):
            if is_held(message):
                return Verdict(Attempt.Outcome.HELD, HELD, wait=timedelta(0))
            return Verdict(Attempt.Outcome.INTERRUPTED, "Another worker took this mail over.")
    except (OperationalError, InterfaceError):
        return Verdict(Attempt.Outcome.INTERRUPTED, "The database was out of reach for a moment.")
    return _hand_over(mail)


def _make(message: Message, now: datetime) -> OutboxMail | Verdict:
    """Return the mail of a row that was never handed over, or the verdict that there is none."""
    prepared = _prepare(message, now)
    if isinstance(prepared, Verdict):
        return prepared
    try:
        mail = build_mail(message, prepared)
        mail.message()
    except Exception as error:
        return judge_making(error)
    mail.basis = prepared.rests_on
    return mail


def _repeat(message: Message, letter: Letter, now: datetime) -> OutboxMail | Verdict:
    """Return the mail as it was kept, or the verdict that it may not, or not so, go out again."""
    kind = get(message.kind)
    basis = letter.basis
    try:
        if kind.recheck is not None:
            basis = kind.recheck(message, now)
        elif kind.prepare is not None:
            basis = kind.prepare(message, now).rests_on
    except (OnHold, Withheld) as reason:
        return _kept_back(reason)
    except Exception as error:
        return _unprepared(message, error)
    # Of a mail that was kept before kinds said what they rest on, nobody can tell.
    if letter.basis not in ("", basis):
        return Verdict(Attempt.Outcome.WITHHELD, CHANGED, is_replaced=True)
    return kept_mail(message, letter.content)


@transaction.atomic
def begin_hand_over(message: Message, mail: OutboxMail | None, *, now: datetime) -> bool:
    """Renew the lease and note that a server is about to be given the mail, sealed and kept.

    `mail` is what was made, or None for what is kept already. False if the row is somebody
    else's by now, or was put on hold: behind this point a hold comes too late.
    """
    message.leased_until = now + LEASE
    is_ours = Message.objects.filter(
        pk=message.pk,
        state=Message.State.SENDING,
        lease_token=message.lease_token,
        held_at=None,
    ).update(leased_until=message.leased_until, handed_at=now)
    if is_ours and mail is not None:
        Letter.objects.create(
            message=message, content=mail.message().as_bytes(), basis=mail.basis, made_at=now
        )
    return bool(is_ours)


def is_held(message: Message) -> bool:
    """Whether the mail that this worker holds was put on hold meanwhile."""
    return Message.objects.filter(
        pk=message.pk, lease_token=message.lease_token, held_at__isnull=False
    ).exists()


def _prepare(message: Message, now: datetime) -> Prepared | Verdict:
    """Return what the kind makes of the mail, or the verdict that it may or can not."""
    kind = get(message.kind)
    if kind.prepare is None and message.text:
        return Prepared(message.subject, message.text, message.html)
    if kind.prepare is None:
        words = "This worker does not know how to prepare the mail; it may be out of date."
        return Verdict(Attempt.Outcome.UNPREPARED, words)
    try:
        return kind.prepare(message, now)
    except (OnHold, Withheld) as reason:
        return _kept_back(reason)
    except Exception as error:
        return _unprepared(message, error)


def _kept_back(reason: OnHold | Withheld) -> Verdict:
    words = clean_line(str(reason), 300)
    if isinstance(reason, OnHold):
        return Verdict(Attempt.Outcome.HELD, words or "On hold.", wait=HELD_RETRY)
    return Verdict(Attempt.Outcome.WITHHELD, words or "Withheld.")


def _unprepared(message: Message, error: Exception) -> Verdict:
    # Its text may hold what nobody may read in a log: only its type and place go there.
    logger.error("Mail %s could not be prepared: %s", message.pk, place_of(error))
    words = f"The mail could not be prepared ({type(error).__name__})."
    return Verdict(Attempt.Outcome.UNPREPARED, words)


def _hand_over(mail: OutboxMail) -> Verdict:
    # Opened and closed apart from sending: an error while saying goodbye, after the server
    # took the mail, must not look like a failure and repeat it.
    is_smtp = settings.EMAIL_BACKEND == "django.core.mail.backends.smtp.EmailBackend"
    backend = get_connection("outbox.backends.SmtpBackend" if is_smtp else None)
    try:
        backend.open()
        if backend.send_messages([mail]) != 1:
            return Verdict(Attempt.Outcome.TEMPORARY, "The mail server took no mail.")
    except Exception as error:
        return judge(error, handed_over=getattr(backend, "may_have_taken", False))
    finally:
        try:
            backend.close()
        except OSError as error:
            logger.info("The mail server ended the session oddly: %s", type(error).__name__)
    return Verdict(Attempt.Outcome.SENT, "Accepted by the mail server.", 250)


def _record_patiently(message: Message, verdict: Verdict, clock: Clock) -> Attempt | None:
    """Record the outcome, over a new connection if PostgreSQL restarted meanwhile.

    An accepted mail whose record is lost is repeated once the lease has run out.
    """
    for wait in RECORD_RETRY_SECONDS:
        try:
            return record(message, verdict, now=clock())
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block:
                raise
            connection.close()
            time.sleep(wait)
    return record(message, verdict, now=clock())


@transaction.atomic(durable=True)
def record(message: Message, verdict: Verdict, *, now: datetime) -> Attempt | None:
    """Write down what came of an attempt, and run the kind's hook, in one transaction.

    Returns None when the lease is no longer this worker's: whoever holds the row decides.
    """
    row = (
        Message.objects.select_for_update(of=("self",))
        .filter(pk=message.pk, state=Message.State.SENDING, lease_token=message.lease_token)
        .first()
    )
    if row is None:
        logger.warning("Mail %s: %s, but the lease was lost", message.pk, verdict.outcome)
        return None
    attempt = log(row, verdict, now=now)
    row.handed_at = None
    if verdict.outcome == Attempt.Outcome.POSSIBLE:
        note_possible(row, now=now)
    state = STATE_AFTER.get(verdict.outcome)
    if state is None:
        wait = verdict.wait
        retry_at = now + (retry_delay(row.attempts) if wait is None else wait)
        if (
            wait is None
            and row.not_after is None
            and now >= max(row.due_at, row.created_at) + GIVE_UP_AFTER
        ):
            settle(row, Message.State.FAILED, f"Given up. {verdict.words}"[:300], now=now)
        else:
            _wait(row, retry_at, verdict.words)
    else:
        settle(row, state, verdict.words, with_hook=not verdict.is_replaced, now=now)
    if verdict.is_replaced:
        _replace(row, now=now)
    return attempt


def _replace(row: Message, *, now: datetime) -> None:
    """Put a new mail, made by the rules of this moment, in the place of one that may not go.

    On hold as that one is.
    """
    try:
        new = resend(row, actor=row.asked_by, now=now)
    except ValidationError:
        return  # too late for another
    if row.held_at is not None:
        new = hold(new, actor=row.asked_by, reason=row.held_reason, now=row.held_at)
    hook = get(row.kind).on_replaced
    if hook is not None:
        hook(row, new, now)


def note_possible(row: Message, *, now: datetime) -> None:
    """Note on a locked row that a server may have taken it, and tell its kind, once."""
    row.handed_at = None
    if row.possibly_at is None:
        row.possibly_at = now
        row.possible_hook_pending = get(row.kind).on_possible is not None
        row.save()
        if row.possible_hook_pending:
            run_possible_hook(row, now=now)


def run_possible_hook(row: Message, *, now: datetime) -> Exception | None:
    """Run what the kind does when a mail may have arrived; return the error if it raised."""
    return _run(row, get(row.kind).on_possible, "possible_hook_pending", now)


def retry_delay(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: soon at first, then every half hour."""
    if attempts <= len(RETRY_SECONDS):
        return timedelta(seconds=RETRY_SECONDS[attempts - 1])
    return timedelta(seconds=LAST_RETRY_SECONDS)


def log(row: Message, verdict: Verdict, *, now: datetime) -> Attempt:
    """Add a line to the mail's history; settings that are refused go to the operator's log."""
    if verdict.outcome == Attempt.Outcome.CONFIGURATION:
        logger.error("Mail is not going out; check EMAIL_URL. %s", verdict.words)
    return Attempt.objects.create(
        message=row,
        number=row.attempts,
        at=now,
        outcome=verdict.outcome,
        code=verdict.code,
        words=verdict.words,
    )


def settle(row: Message, state: str, words: str, *, with_hook: bool = True, now: datetime) -> None:
    """Bring a locked row to its end, and run the kind's hook for it."""
    row.state = state
    row.leased_until = row.lease_token = row.queued_at = row.handed_at = None
    row.last_error = "" if state == Message.State.SENT else with_possible(row, words)
    row.sent_at = now if state == Message.State.SENT else None
    row.hook_pending = with_hook and _hook(row) is not None
    row.save()
    Letter.objects.filter(message=row).delete()
    if row.hook_pending:
        run_hook(row, now=now)


def run_hook(row: Message, *, now: datetime) -> Exception | None:
    """Run what the kind does at this end of a locked row; return the error if it raised.

    The outcome stands even then, or a broken hook would send the mail again and again;
    the tick runs the hook again.
    """
    return _run(row, _hook(row), "hook_pending", now)


def _run(row: Message, hook: Hook | None, pending: str, now: datetime) -> Exception | None:
    try:
        with transaction.atomic():
            setattr(row, pending, False)
            row.save(update_fields=[pending])
            if hook is not None:
                hook(row, now)
    except Exception as error:
        if isinstance(error, OperationalError | InterfaceError) and not connection.is_usable():
            raise
        setattr(row, pending, True)
        logger.error("After mail %s: %s", row.pk, place_of(error))
        return error
    return None


def interrupt(row: Message, *, now: datetime) -> None:
    """Put a locked row, whose holder's lease ran out, back among the waiting."""
    if row.handed_at is None:
        words = "The worker stopped before the mail was handed over; it is tried again."
        log(row, Verdict(Attempt.Outcome.INTERRUPTED, words), now=now)
    else:
        words = "The worker stopped while handing the mail over; it may have arrived."
        log(row, Verdict(Attempt.Outcome.POSSIBLE, words), now=now)
        note_possible(row, now=row.handed_at)
    if row.not_after is None and now >= max(row.due_at, row.created_at) + GIVE_UP_AFTER:
        settle(row, Message.State.FAILED, f"Given up. {words}", now=now)
    else:
        _wait(row, now, words)


def expire(row: Message, *, now: datetime) -> bool:
    """Settle a locked, waiting row whose last moment has passed; return whether it had."""
    if row.not_after is None or row.not_after > now:
        return False
    log(row, Verdict(Attempt.Outcome.EXPIRED, TOO_LATE), now=now)
    settle(row, Message.State.EXPIRED, TOO_LATE, now=now)
    return True


def place_of(error: Exception) -> str:
    """Return an error's type and where it was raised, without its text."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return type(error).__name__
    return f"{type(error).__name__} at {Path(frames[-1].filename).name}:{frames[-1].lineno}"


def _hook(row: Message) -> Hook | None:
    return getattr(get(row.kind), HOOK_AFTER.get(row.state, ""), None)


def _wait(row: Message, until: datetime, words: str) -> None:
    row.state = Message.State.WAITING
    row.leased_until = row.lease_token = row.queued_at = row.handed_at = None
    row.next_attempt_at = until
    row.last_error = words
    row.save()


def _wake_for_retry(message_id: uuid.UUID, now: datetime) -> None:
    """Queue a retry that is at most a minute away; longer waits are the tick's."""
    row = Message.objects.get(pk=message_id)
    delay = row.next_attempt_at - now
    if row.state == Message.State.WAITING and row.held_at is None and delay <= LONGEST_COUNTDOWN:
        Message.objects.filter(pk=row.pk, state=Message.State.WAITING).update(
            queued_at=row.next_attempt_at
        )
        wake(row.pk, countdown=max(1, round(delay.total_seconds())))
