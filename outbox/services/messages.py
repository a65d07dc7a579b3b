"""Mails as rows: queue one, send it again, take it back, hold it."""

import logging
import time
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction

from ..clock import database_now
from ..emails import clean_address, clean_line, with_possible
from ..kinds import get
from ..models import Letter, Message, make_date_header, make_message_id

logger = logging.getLogger(__name__)

Person = Any  # the user, whom the settings name: of a room above this one

# Celery holds a task with a countdown in a worker's memory; longer waits are the tick's.
LONGEST_COUNTDOWN = timedelta(seconds=60)
BROKER_REST_SECONDS = 10
_broker_rests_until = 0.0


@transaction.atomic
def queue_mail(
    *,
    kind: str,
    address: str,
    user: Person | None = None,
    subject: str = "",
    text: str = "",
    html: str = "",
    dedupe_key: str,
    due_at: datetime | None = None,
    late_after: datetime | None = None,
    not_after: datetime | None = None,
    continuum_id: uuid.UUID | None = None,
    about_id: uuid.UUID | None = None,
    actor: Person | None = None,
    now: datetime | None = None,
) -> Message:
    """Put a mail into the outbox, once per `dedupe_key`, and have it sent when it is due.

    Returns the row; for a key that is there already, that row, unchanged. Times are aware
    datetimes: `due_at` (default: now), `late_after` (flagged late if not sent by then),
    `not_after` (never sent from then on). The mail goes out after the caller's
    transaction commits, and does not go out if it rolls back. An address that cannot be
    one does not raise: the mail fails, and says why where deliveries are shown.
    Raises ValidationError when the row itself is wrong, or has nothing to say.
    """
    now = now or database_now()
    row_id = uuid.uuid4()
    due_at = due_at or now
    message = Message(
        id=row_id,
        kind=kind,
        continuum_id=continuum_id,
        about_id=about_id,
        user=user,
        asked_by=actor,
        address=clean_address(address),
        subject=clean_line(subject, 250),
        text=text,
        html=html,
        due_at=due_at,
        late_after=late_after,
        not_after=not_after,
        next_attempt_at=due_at,
        queued_at=now if due_at <= now else None,
        message_id=make_message_id(row_id),
        date_header=make_date_header(max(now, due_at)),
        dedupe_key=dedupe_key,
        created_at=now,
    )
    if not text and get(kind).prepare is None:
        raise ValidationError({"text": "A mail of this kind needs a text."})
    message.clean_fields(exclude=["address"] if not message.address else None)
    Message.objects.bulk_create([message], ignore_conflicts=True)
    kept = Message.objects.get(dedupe_key=dedupe_key)
    if kept.pk == row_id and due_at <= now:
        transaction.on_commit(lambda: wake(row_id), robust=True)
    return kept


@transaction.atomic
def resend(message: Message, *, actor: Person | None, now: datetime | None = None) -> Message:
    """Send a settled mail again, as a new mail of its own (new Message-ID), due at once.

    It goes to the person's address of today, which may be the corrected one. Raises
    ValidationError while the mail, or another copy of it, is still on its way, and once
    its last moment has passed.
    """
    now = now or database_now()
    root = Message.objects.select_for_update().get(pk=message.resend_of_id or message.pk)
    copies = list(root.resends.all())
    if any(not row.is_settled for row in [root, *copies]):
        raise ValidationError("This mail is still on its way. Wait for it, or send it now.")
    if root.not_after is not None and root.not_after <= now:
        raise ValidationError("The time for this mail has passed; it can no longer be sent.")
    # What is late already was flagged with the first mail; its copy is not late anew.
    late_after = message.late_after
    if late_after is not None and late_after <= now:
        late_after = None
    copy = queue_mail(
        kind=message.kind,
        address=_address_of(message.user) if message.user else message.address,
        user=message.user,
        subject=message.subject,
        text=message.text,
        html=message.html,
        dedupe_key=f"{root.dedupe_key}#{len(copies) + 2}",
        late_after=late_after,
        not_after=message.not_after,
        continuum_id=message.continuum_id,
        about_id=message.about_id,
        actor=actor,
        now=now,
    )
    Message.objects.filter(pk=copy.pk).update(resend_of=root)
    copy.resend_of = root
    return copy


@transaction.atomic
def send_now(message: Message, *, actor: Person | None, now: datetime | None = None) -> Message:
    """Send a waiting mail at once, without waiting for its time, its next try or a hold."""
    now = now or database_now()
    row = _lock_waiting(message)
    if row.not_after is not None and row.not_after <= now:
        raise ValidationError("The time for this mail has passed; it can no longer be sent.")
    if not row.attempts:
        row.date_header = make_date_header(now)
        row.due_at = min(row.due_at, now)
    row.next_attempt_at = row.queued_at = now
    row.held_at, row.held_reason = None, ""
    row.asked_by = actor
    row.save()
    transaction.on_commit(lambda: wake(row.pk), robust=True)
    return row


@transaction.atomic
def cancel(
    message: Message, *, actor: Person | None, reason: str, now: datetime | None = None
) -> Message:
    """Take back a mail that is still waiting; cancelling it again changes nothing.

    Raises ValidationError when it is being sent at this moment, or is settled otherwise.
    """
    row = Message.objects.select_for_update().get(pk=message.pk)
    if row.state == Message.State.CANCELLED:
        return row
    row = _lock_waiting(row)
    row.state = Message.State.CANCELLED
    row.last_error = with_possible(row, _reason(reason))
    row.asked_by = actor
    row.save()
    Letter.objects.filter(message=row).delete()
    return row


@transaction.atomic
def hold(
    message: Message, *, actor: Person | None, reason: str, now: datetime | None = None
) -> Message:
    """Keep a mail back, with a reason, until it is released. It can still be late.

    One that a worker holds at this moment is not handed over any more either, nor repeated; only
    what a mail server is being given already cannot be called back.
    """
    row = _lock_unsettled(message)
    row.held_at = now or database_now()
    row.held_reason = _reason(reason)[:200]
    row.asked_by = actor
    row.save()
    return row


@transaction.atomic
def release(message: Message, *, actor: Person | None, now: datetime | None = None) -> Message:
    """Let a mail on hold go; it is sent when due, which may be at once."""
    now = now or database_now()
    row = _lock_unsettled(message)
    row.held_at, row.held_reason = None, ""
    row.asked_by = actor
    if row.state == Message.State.WAITING and row.next_attempt_at <= now:
        row.queued_at = now
        transaction.on_commit(lambda: wake(row.pk), robust=True)
    row.save()
    return row


def wake(message_id: uuid.UUID, *, countdown: float | None = None) -> bool:
    """Ask a Celery worker to send a row; return whether the broker took the request.

    With Redis stopped nothing is lost: the row is in PostgreSQL, and the next tick finds
    it. After a failure the broker is left alone for some seconds, so that a request that
    queues hundreds of mails does not wait for it hundreds of times.
    """
    global _broker_rests_until
    from ..tasks import send

    if time.monotonic() >= _broker_rests_until:
        try:
            send.apply_async(
                (str(message_id),),
                countdown=countdown,  # type: ignore[arg-type]  # None is what it is without one
                retry=False,
            )
            return True
        except Exception as error:
            # Whatever the broker's client raises: the mail is safe in its row.
            _broker_rests_until = time.monotonic() + BROKER_REST_SECONDS
            logger.warning(
                "The broker took no task (%s); the next tick sends.", type(error).__name__
            )
    Message.objects.filter(pk=message_id).update(queued_at=None)
    return False


def _address_of(user: AbstractBaseUser) -> str:
    address: str = getattr(user, user.get_email_field_name())
    return address


def _lock_waiting(message: Message) -> Message:
    """Return the row, locked, or raise ValidationError if it is not waiting."""
    row = _lock_unsettled(message)
    if row.state == Message.State.SENDING:
        raise ValidationError("This mail is being sent at this moment. Try again in a minute.")
    return row


def _lock_unsettled(message: Message) -> Message:
    """Return the row, locked, or raise ValidationError if nothing more will happen to it."""
    row = Message.objects.select_for_update().get(pk=message.pk)
    if row.is_settled:
        raise ValidationError(
            f"This mail can no longer be changed: {row.get_state_display().lower()}."
        )
    return row


def _reason(reason: str) -> str:
    words = clean_line(reason, 300)
    if not words:
        raise ValidationError("Give a reason.")
    return words
