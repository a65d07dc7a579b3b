"""Every mail as a row before it is a message."""

import uuid
from datetime import datetime
from email.utils import formatdate, parseaddr
from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from vault.fields import EncryptedBinaryField, EncryptedTextField


def make_message_id(row_id: uuid.UUID) -> str:
    """Return the RFC 5322 Message-ID of a row: its key at the sender's domain, so it is found."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{row_id.hex}@{domain or 'localhost'}>"


def make_date_header(at: datetime) -> str:
    """Return the RFC 5322 Date of a time, in UTC."""
    return formatdate(at.timestamp(), localtime=False)


class MessageQuerySet(models.QuerySet["Message"]):
    """Picks messages in words of the post office."""

    def unsettled(self) -> Self:
        """Neither sent nor given up."""
        return self.filter(state__in=[Message.State.WAITING, Message.State.SENDING])

    def due(self, now: datetime) -> Self:
        """Waiting, at their time, not on hold and not past their last moment."""
        return self.filter(
            Q(not_after=None) | Q(not_after__gt=now),
            state=Message.State.WAITING,
            held_at=None,
            next_attempt_at__lte=now,
        )

    def abandoned(self, now: datetime) -> Self:
        """Being sent by a worker whose lease has run out: it was killed, or lost its way."""
        return self.filter(state=Message.State.SENDING, leased_until__lte=now)

    def overtaken(self, now: datetime) -> Self:
        """Waiting past the moment after which they are never sent."""
        return self.filter(state=Message.State.WAITING, not_after__lte=now)

    def late(self, now: datetime) -> Self:
        """Not sent by the time they should have been; still to be sent."""
        return self.unsettled().filter(late_after__lte=now)

    def about(self, row_id: uuid.UUID) -> Self:
        """About one row of an upper room, the newest first."""
        return self.filter(about_id=row_id).order_by("-created_at")

    def newer_than(self, message: "Message") -> Self:
        """That tell the same person of the same matter, and were queued later."""
        return self.filter(
            kind=message.kind,
            about_id=message.about_id,
            user=message.user_id,
            created_at__gt=message.created_at,
        )


class Message(models.Model):
    """One mail to one person: what it is, how far it has come, and what went wrong.

    `message_id` and `date_header` are fixed in the row (the database refuses to change them),
    and what is handed over first is kept (`Letter`) and repeated byte for byte, so that a repeat
    after a crash is the same message, which mail servers fold. A kind with a `prepare` function
    (`outbox.kinds`) keeps `text` and `html` blank: its words are made right before sending.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting to be sent"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"
        WITHHELD = "withheld", "Withheld"
        EXPIRED = "expired", "Not sent in time"
        CANCELLED = "cancelled", "Canceled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.SlugField(max_length=60, db_index=False)
    continuum_id = models.UUIDField(null=True, blank=True)
    about_id = models.UUIDField(null=True, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    address = models.CharField("email address", max_length=320)
    subject = models.CharField(max_length=250, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)

    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    due_at = models.DateTimeField()
    late_after = models.DateTimeField(null=True, blank=True)
    late_at = models.DateTimeField(null=True, blank=True)
    not_after = models.DateTimeField(null=True, blank=True)

    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    queued_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    handed_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="A hand-over began then, and nobody knows yet how it ended.",
    )
    lease_token = models.UUIDField(null=True, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)
    held_reason = models.CharField(max_length=200, blank=True)

    message_id = models.CharField("Message-ID", max_length=320)
    date_header = models.CharField("Date", max_length=40)
    dedupe_key = models.CharField(max_length=200)
    resend_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="resends"
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    last_error = models.CharField(max_length=300, blank=True)
    hook_pending = models.BooleanField(default=False)
    possibly_at = models.DateTimeField(
        null=True, blank=True, help_text="When a server first may have taken it, without a word."
    )
    possible_hook_pending = models.BooleanField(default=False)
    returned_at = models.DateTimeField(null=True, blank=True)
    returned_words = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "created_at"]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(state="waiting"),
                name="outbox_message_due",
            ),
            models.Index(
                fields=["leased_until"],
                condition=Q(state="sending"),
                name="outbox_message_leased",
            ),
            models.Index(
                fields=["created_at"],
                condition=Q(hook_pending=True),
                name="outbox_message_hook",
            ),
            models.Index(
                fields=["created_at"],
                condition=Q(possible_hook_pending=True),
                name="outbox_message_possible_hook",
            ),
            models.Index(
                fields=["about_id"],
                condition=Q(possibly_at__isnull=False),
                name="outbox_message_possibly",
            ),
            models.Index(fields=["state"], name="outbox_message_state"),
            models.Index(fields=["about_id", "created_at"], name="outbox_message_about"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["dedupe_key"],
                name="outbox_message_once",
                violation_error_message="This mail is in the outbox already.",
            ),
            models.UniqueConstraint(
                fields=["message_id"],
                name="outbox_message_id_unique",
                violation_error_message="Another mail has this Message-ID.",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "waiting",
                        "sending",
                        "sent",
                        "failed",
                        "withheld",
                        "expired",
                        "cancelled",
                    ]
                ),
                name="outbox_message_state_known",
                violation_error_message="The state of a mail must be one of the known ones.",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="outbox_message_sent_has_time",
                violation_error_message="A sent mail has the time it was sent; no other has.",
            ),
            models.CheckConstraint(
                condition=Q(state="sending", lease_token__isnull=False, leased_until__isnull=False)
                | (~Q(state="sending") & Q(lease_token__isnull=True, leased_until__isnull=True)),
                name="outbox_message_sending_has_lease",
                violation_error_message="A mail that is being sent has a lease; no other has.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["failed", "withheld", "expired", "cancelled"])
                | ~Q(last_error=""),
                name="outbox_message_unsent_says_why",
                violation_error_message="A mail that is not sent must say why.",
            ),
            models.CheckConstraint(
                condition=Q(late_at__isnull=True) | Q(late_after__isnull=False),
                name="outbox_message_late_has_limit",
                violation_error_message="Only a mail with a time limit can be late.",
            ),
            models.CheckConstraint(
                condition=Q(handed_at__isnull=True) | Q(state="sending"),
                name="outbox_message_handed_while_sending",
                violation_error_message="Only a mail that is being sent is being handed over.",
            ),
            models.CheckConstraint(
                condition=Q(returned_at__isnull=True) | ~Q(returned_words=""),
                name="outbox_message_returned_says_why",
                violation_error_message="A mail that came back says why.",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="message_id_is_fixed", fields=["message_id", "dedupe_key"]),
            pgtrigger.Protect(
                name="date_is_fixed",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__attempts__gt=0)
                & pgtrigger.Q(old__date_header__df=pgtrigger.F("new__date_header")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def is_settled(self) -> bool:
        """Whether nothing more will happen to it by itself."""
        return self.state not in (self.State.WAITING, self.State.SENDING)

    def is_late(self, now: datetime) -> bool:
        """Whether it should have been sent by now and was not, or was flagged for that."""
        if self.late_at is not None:
            return True
        return not self.is_settled and self.late_after is not None and self.late_after <= now

    def status_words(self, now: datetime) -> str:
        """Return in plain words how far this mail has come, with the reason if it is not sent.

        Times are left to the page, which knows the reader's zone.
        """
        late = "Late: " if self.is_late(now) else ""
        if self.returned_at is not None:
            return f"Returned: {self.returned_words}"
        if self.state == self.State.SENT:
            return "Sent late" if late else "Sent"
        if self.is_settled:
            return f"{self.get_state_display()}: {self.last_error}"
        if self.held_at is not None:
            return f"{late}On hold: {self.held_reason}"
        if self.state == self.State.SENDING:
            return f"{late}Being sent"
        if self.attempts and self.last_error:
            tries = "once" if self.attempts == 1 else f"{self.attempts} times"
            return f"{late}Tried {tries}, will be tried again: {self.last_error}"
        if self.due_at > now:
            return "Planned"
        return f"{late}Waiting to be sent"


class Letter(models.Model):
    """A mail as it was first handed over, sealed: the bytes of every repeat.

    Kept from before the first attempt until the mail is settled, and then deleted.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="letter")
    content = EncryptedBinaryField()
    basis = EncryptedTextField(
        blank=True, default="", help_text="What its words rest on, as its kind says it."
    )
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Letter of {self.message_id}"


class Attempt(models.Model):
    """What happened to a mail, once: one line of its history, never changed."""

    class Outcome(models.TextChoices):
        SENT = "sent", "Accepted by the mail server"
        POSSIBLE = "possible", "May have been delivered"
        TEMPORARY = "temporary", "Refused for now"
        UNREACHED = "unreached", "Mail server not reached"
        CONFIGURATION = "configuration", "Mail settings refused"
        UNPREPARED = "unprepared", "Could not be prepared"
        INTERRUPTED = "interrupted", "Interrupted"
        REFUSED = "refused", "Refused for good"
        WITHHELD = "withheld", "Withheld"
        HELD = "held", "On hold"
        EXPIRED = "expired", "Not sent in time"
        RETURNED = "returned", "Returned by the recipient's mail server"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="log")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    outcome = models.CharField(max_length=15, choices=Outcome)
    code = models.PositiveSmallIntegerField(null=True, blank=True)
    words = models.CharField(max_length=300)

    class Meta:
        ordering = ["at", "number"]
        indexes = [models.Index(fields=["message", "at"], name="outbox_attempt_log")]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.words}"


class Heartbeat(models.Model):
    """When the tick last ran; one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(id=1),
                name="outbox_heartbeat_single_row",
                violation_error_message="There is one heartbeat.",
            )
        ]

    def __str__(self) -> str:
        return self.at.isoformat()


class StepRun(models.Model):
    """How a step of the tick fared last: when it worked, when it failed and why."""

    name = models.SlugField(max_length=60, primary_key=True)
    worked_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.name
