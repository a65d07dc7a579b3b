"""One attempt to send one mail: claim the row, hand the mail over, record what came of it."""

import logging
import time
import traceback
import uuid
from datetime import timedelta
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.mail import get_connection
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from ..emails import Verdict, build_mail, check_address, clean_line, judge
from ..kinds import Prepared, Withheld, get
from ..models import Attempt, Message
from .messages import LONGEST_COUNTDOWN, wake

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
RETRY_SECONDS = [10, 30, 60, 300, 900]
LAST_RETRY_SECONDS = 1800
GIVE_UP_AFTER = timedelta(days=5)  # RFC 5321 4.5.4.1: give-up time of at least 4-5 days
RECORD_RETRY_SECONDS = [0.2, 0.5, 1, 2, 4, 8, 16]

STATE_AFTER = {
    Attempt.Outcome.SENT: Message.State.SENT,
    Attempt.Outcome.REFUSED: Message.State.FAILED,
    Attempt.Outcome.WITHHELD: Message.State.WITHHELD,
    Attempt.Outcome.EXPIRED: Message.State.EXPIRED,
}
HOOK_AFTER = {
    Message.State.SENT: "on_sent",
    Message.State.FAILED: "on_failed",
    Message.State.EXPIRED: "on_failed",
    Message.State.WITHHELD: "on_withheld",
}
TOO_LATE = "Its time passed before it could be sent."


def send(message_id, *, now=None) -> Attempt | None:
    """Send one mail, if it is due and nobody else is sending it; safe to call any time.

    Claims the row with a five-minute lease and commits; prepares the mail; hands it to
    the mail server; records the outcome, provided the lease is still its own. Returns
    what happened, or None when there was nothing to do. With `now` given the clock
    stands still at it, and no later retry is queued.
    """
    clock = timezone.now if now is None else lambda: now
    message = claim(message_id, now=clock())
    if message is None:
        return None
    verdict = deliver(message, clock)
    attempt = _record_patiently(message, verdict, clock)
    if now is None and attempt is not None:
        _wake_for_retry(message.pk, attempt.at)
    return attempt


@transaction.atomic(durable=True)
def claim(message_id, *, now) -> Message | None:
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


def deliver(message, clock) -> Verdict:
    """Prepare the claimed mail and hand it to the mail server; say what came of it."""
    try:
        check_address(message.address)
    except ValidationError as error:
        return Verdict(Attempt.Outcome.REFUSED, error.message)
    prepared = _prepare(message, clock())
    if isinstance(prepared, Verdict):
        return prepared
    try:
        mail = build_mail(message, prepared)
        mail.message()
    except Exception as error:
        return judge(error)
    if message.not_after is not None and message.not_after <= clock():
        return Verdict(Attempt.Outcome.EXPIRED, TOO_LATE)
    try:
        if not _still_ours(message, clock()):
            return Verdict(Attempt.Outcome.INTERRUPTED, "Another worker took this mail over.")
    except (OperationalError, InterfaceError):
        return Verdict(Attempt.Outcome.INTERRUPTED, "The database was out of reach for a moment.")
    return _hand_over(mail)


def _prepare(message, now):
    """Return what the kind makes of the mail, or the verdict that it may or can not."""
    kind = get(message.kind)
    if kind.prepare is None and message.text:
        return Prepared(message.subject, message.text, message.html)
    if kind.prepare is None:
        words = "This worker does not know how to prepare the mail; it may be out of date."
        return Verdict(Attempt.Outcome.UNPREPARED, words)
    try:
        return kind.prepare(message, now)
    except Withheld as reason:
        return Verdict(Attempt.Outcome.WITHHELD, clean_line(str(reason), 300) or "Withheld.")
    except Exception as error:
        # Its text may hold what nobody may read in a log: only its type and place go there.
        logger.error("Mail %s could not be prepared: %s", message.pk, place_of(error))
        words = f"The mail could not be prepared ({type(error).__name__})."
        return Verdict(Attempt.Outcome.UNPREPARED, words)


def _hand_over(mail):
    # Opened and closed apart from sending: an error while saying goodbye, after the server
    # took the mail, must not look like a failure and repeat it.
    backend = get_connection()
    try:
        backend.open()
        if backend.send_messages([mail]) != 1:
            return Verdict(Attempt.Outcome.TEMPORARY, "The mail server took no mail.")
    except Exception as error:
        return judge(error)
    finally:
        try:
            backend.close()
        except OSError as error:
            logger.info("The mail server ended the session oddly: %s", type(error).__name__)
    return Verdict(Attempt.Outcome.SENT, "Accepted by the mail server.", 250)


def _still_ours(message, now):
    """Renew the lease before the mail server is called; False if it is somebody else's."""
    message.leased_until = now + LEASE
    return bool(
        Message.objects.filter(pk=message.pk, lease_token=message.lease_token).update(
            leased_until=message.leased_until
        )
    )


def _record_patiently(message, verdict, clock):
    """Record the outcome, over a new connection if PostgreSQL restarted meanwhile.

    An accepted mail whose record is lost is repeated once the lease has run out.
    """
    for wait in [*RECORD_RETRY_SECONDS, None]:
        try:
            return record(message, verdict, now=clock())
        except (OperationalError, InterfaceError):
            if wait is None or connection.in_atomic_block:
                raise
            connection.close()
            time.sleep(wait)


@transaction.atomic(durable=True)
def record(message, verdict, *, now) -> Attempt | None:
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
    state = STATE_AFTER.get(verdict.outcome)
    if state is None:
        retry_at = now + retry_delay(row.attempts)
        if row.not_after is None and now >= max(row.due_at, row.created_at) + GIVE_UP_AFTER:
            settle(row, Message.State.FAILED, f"Given up. {verdict.words}"[:300], now=now)
        else:
            _wait(row, retry_at, verdict.words)
    else:
        settle(row, state, verdict.words, now=now)
    return attempt


def retry_delay(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: soon at first, then every half hour."""
    if attempts <= len(RETRY_SECONDS):
        return timedelta(seconds=RETRY_SECONDS[attempts - 1])
    return timedelta(seconds=LAST_RETRY_SECONDS)


def log(row, verdict, *, now) -> Attempt:
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


def settle(row, state, words, *, now) -> None:
    """Bring a locked row to its end, and run the kind's hook for it."""
    row.state = state
    row.leased_until = row.lease_token = row.queued_at = None
    row.last_error = "" if state == Message.State.SENT else words
    row.sent_at = now if state == Message.State.SENT else None
    row.hook_pending = _hook(row) is not None
    row.save()
    if row.hook_pending:
        run_hook(row, now=now)


def run_hook(row, *, now) -> Exception | None:
    """Run what the kind does at this end of a locked row; return the error if it raised.

    The outcome stands even then, or a broken hook would send the mail again and again;
    the tick runs the hook again.
    """
    hook = _hook(row)
    try:
        with transaction.atomic():
            row.hook_pending = False
            row.save(update_fields=["hook_pending"])
            if hook is not None:
                hook(row, now)
    except Exception as error:
        if isinstance(error, OperationalError | InterfaceError) and not connection.is_usable():
            raise
        row.hook_pending = True
        logger.error("After mail %s: %s", row.pk, place_of(error))
        return error
    return None


def interrupt(row, *, now) -> None:
    """Put a locked row, whose holder's lease ran out, back among the waiting."""
    words = "The worker stopped while sending; the same mail is tried again."
    log(row, Verdict(Attempt.Outcome.INTERRUPTED, words), now=now)
    if row.not_after is None and now >= max(row.due_at, row.created_at) + GIVE_UP_AFTER:
        settle(row, Message.State.FAILED, f"Given up. {words}", now=now)
    else:
        _wait(row, now, words)


def expire(row, *, now) -> bool:
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


def _hook(row):
    return getattr(get(row.kind), HOOK_AFTER.get(row.state, ""), None)


def _wait(row, until, words):
    row.state = Message.State.WAITING
    row.leased_until = row.lease_token = row.queued_at = None
    row.next_attempt_at = until
    row.last_error = words
    row.save()


def _wake_for_retry(message_id, now):
    """Queue a retry that is at most a minute away; longer waits are the tick's."""
    row = Message.objects.get(pk=message_id)
    delay = row.next_attempt_at - now
    if row.state == Message.State.WAITING and delay <= LONGEST_COUNTDOWN:
        Message.objects.filter(pk=row.pk, state=Message.State.WAITING).update(
            queued_at=row.next_attempt_at
        )
        wake(row.pk, countdown=max(1, round(delay.total_seconds())))
