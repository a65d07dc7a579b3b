"""A paper on its way to people: a copy for each by the rules of the moment, locked, mailed.

Prep lists and minutes are papers. A third one says, as a kind of `Paper`, what its copy holds, how
it is drawn, whom it refuses, and its words; everything else is here.
"""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Generic, Protocol, TypedDict, TypeVar, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.template.loader import render_to_string

import audit.services
import outbox.services
from accounts.models import User
from agreements.models import Agency, StaffMember
from agreements.standing import person_standing
from audit.models import JSON
from conferencing.models import Meeting
from conferencing.models.lists import Delivery
from outbox import kinds
from outbox.kinds import Prepared, Withheld
from outbox.models import Message
from regions.clock import local_day
from vault.documents import new_password

from .copies import Disclosed

LEFT_AGENCY = "The person has left the agency for which this copy was made."


Kept = TypeVar("Kept", bound=Delivery)
Data = TypeVar("Data", bound=Mapping[str, object])
Shown = TypeVar("Shown", bound=Mapping[str, object], covariant=True)


class MailTimes(TypedDict, total=False):
    late_after: datetime
    not_after: datetime


class More(TypedDict, total=False):
    """What a kind of paper may let happen to its mails beside what all do (outbox.kinds)."""

    on_withheld: kinds.Hook
    on_failed: kinds.Hook
    on_late: kinds.Hook


class Copy(Protocol[Shown]):
    """What one person may see of a frozen paper at a moment."""

    def document(self) -> Shown:
        """What its PDF shows, as plain data."""

    @property
    def disclosed(self) -> list[Disclosed]:
        """What it shows of whom, for the disclosure record."""


class Paper(ABC, Generic[Kept, Data]):
    """One kind of paper; `frozen` is the field by which a delivery knows what was frozen.

    `actions`: what the audit calls that a copy was sent, possibly sent, sent again, its password
    looked at by its reader, or looked at to be read out.
    """

    kind: str
    model: type[Kept]
    frozen: str
    template: str
    actions: dict[str, str]
    no_password: str  # said to whoever has no copy, and so no password

    # ---- What each paper says for itself -----------------------------------------------------

    @abstractmethod
    def refuse(self, delivery: Kept, now: datetime) -> None:
        """Raise `Withheld` or `OnHold` for what must not go out now (`refuse_out_of_standing`)."""

    @abstractmethod
    def copy(self, delivery: Kept, *, now: datetime) -> Copy[Data]:
        """What the recipient may see of it now."""

    @abstractmethod
    def draw(self, data: Data, *, password: str) -> bytes:
        """The copy as a PDF that the password alone opens."""

    @abstractmethod
    def subject(self, meeting: Meeting) -> str:
        """What kind of paper, of which call and day: all that a mail's subject may say."""

    @abstractmethod
    def file_name(self, delivery: Kept) -> str:
        """By kind and day."""

    @abstractmethod
    def context(self, delivery: Kept) -> dict[str, object]:
        """What the mail says: never a word about a household."""

    def detail(self, delivery: Kept) -> dict[str, JSON]:
        """What the audit's entry of a sent copy says of this paper alone."""
        return {}

    def mail_times(self, meeting: Meeting, *, now: datetime, is_due: bool) -> MailTimes:
        """After when its mail is late, and after when it is not sent any more."""
        return {}

    @abstractmethod
    def whom_and_why_not(self, delivery: Kept, *, now: datetime) -> tuple[Agency | None, str]:
        """For which agency the person would get a copy now, and why not; empty if they do."""

    def why_closed(self, delivery: Kept, now: datetime) -> str:
        """Why no password is shown now; empty if it may be."""
        return ""

    # ---- The mail of one copy ----------------------------------------------------------------

    def meeting_of(self, delivery: Kept) -> Meeting:
        meeting: Meeting = getattr(delivery, self.frozen).meeting
        return meeting

    def delivery_of(self, message: Message) -> Kept:
        way = f"{self.frozen}__meeting"
        return self.model._default_manager.select_related(
            f"{way}__continuum",
            f"{way}__region",
            "recipient__membership__continuum",
            "agency__continuum",
        ).get(pk=message.about_id)

    def mail(
        self,
        delivery: Kept,
        agency: Agency | None,
        *,
        actor: User | None,
        now: datetime,
        is_due: bool = False,
    ) -> Kept:
        """Make, or complete, one person's delivery with its mail; return it.

        `is_due`: it is the paper that the call owes, not a correction or a copy sent later.
        """
        frozen, meeting = getattr(delivery, self.frozen), self.meeting_of(delivery)
        person = delivery.recipient
        delivery.agency, delivery.password = agency, new_password()
        delivery.left_out_because = ""
        delivery.message = outbox.services.queue_mail(
            kind=self.kind,
            address=person.email,
            user=person,
            subject=self.subject(meeting),
            dedupe_key=f"{self.kind}:{frozen.pk}:{person.pk}",
            continuum_id=meeting.continuum_id,
            about_id=delivery.pk,
            actor=actor,
            now=now,
            **self.mail_times(meeting, now=now, is_due=is_due),
        )
        delivery.save()
        return delivery

    def prepare(self, message: Message, now: datetime) -> Prepared:
        """Make the mail of one delivery by the rules of this moment (see outbox.kinds.register).

        Names follow the releases as they are now; who is out of standing now gets nothing.
        """
        delivery = self.delivery_of(message)
        meeting = self.meeting_of(delivery)
        self.refuse(delivery, now)
        copy = self.copy(delivery, now=now)
        data = copy.document()
        pdf = self.draw(data, password=delivery.password)
        keep_what_went_out(delivery, pdf, copy.disclosed)
        context = self.context(delivery)
        return Prepared(
            subject=self.subject(meeting),
            text=render_to_string(f"emails/{self.template}.txt", context),
            html=render_to_string(f"emails/{self.template}.html", context),
            attachments=[(self.file_name(delivery), pdf, "application/pdf")],
            basis=basis_of(data),
        )

    def recheck(self, message: Message, now: datetime) -> str:
        """Say what a copy may show now, before one that was kept is repeated (outbox.kinds).

        Withheld as at the first attempt. Anything else than then, and the kept copy is replaced.
        """
        delivery = self.delivery_of(message)
        self.refuse(delivery, now)
        return basis_of(self.copy(delivery, now=now).document())

    def register(self, **more: Unpack[More]) -> None:
        """Let the outbox know how its mails are made and what became of them."""
        kinds.register(
            self.kind,
            prepare=self.prepare,
            recheck=self.recheck,
            on_sent=self.note_sent,
            on_possible=self.note_possibly_sent,
            on_replaced=self.note_replaced,
            **more,
        )

    def note_replaced(self, message: Message, new: Message, now: datetime) -> None:
        """Let the delivery follow the mail that took the place of one that may no longer go out."""
        delivery = self.delivery_of(message)
        delivery.message = new
        delivery.save(update_fields=["message"])

    def note_sent(self, message: Message, now: datetime) -> None:
        """Record in the audit what went out to whom."""
        self.record_copy("sent", message, now)

    def note_possibly_sent(self, message: Message, now: datetime) -> None:
        """Record what a mail server may have taken without saying so, as it was handed over."""
        self.record_copy("possibly_sent", message, now)

    def record_copy(self, action: str, message: Message, now: datetime) -> None:
        delivery = self.delivery_of(message)
        shown = delivery.disclosed or []
        audit.services.record(
            self.actions[action],
            actor=None,
            about=delivery,
            detail={
                "recipient": str(delivery.recipient_id),
                "meeting": str(self.meeting_of(delivery).pk),
                **self.detail(delivery),
                **shown_in(shown),
                "shown": shown,
            },
            now=now,
        )

    # ---- What people do with it --------------------------------------------------------------

    def locked(self, delivery: Kept, now: datetime) -> Kept:
        """The delivery, locked; ValidationError where nothing of it can be sent again."""
        return self.model._default_manager.select_for_update(of=("self",)).get(pk=delivery.pk)

    @transaction.atomic
    def send_again(self, delivery: Kept, *, reason: str, actor: User, now: datetime) -> Kept:
        """Send one person's copy again, or for the first time to one who was left out.

        The same frozen words and, for one who had them, the same password. Raises ValidationError
        while the former mail is on its way, and when the person may not have them now.
        """
        delivery = self.locked(delivery, now)
        agency, why_not = self.whom_and_why_not(delivery, now=now)
        if why_not:
            raise ValidationError(f"Not sent: {why_not}")
        if delivery.message is None:
            self.mail(delivery, agency, actor=actor, now=now)
        else:
            delivery.message = outbox.services.resend(delivery.message, actor=actor, now=now)
            delivery.resent_times += 1
            delivery.save(update_fields=["message", "resent_times"])
        self.record("sent_again", delivery, why=reason, actor=actor, now=now)
        return delivery

    @transaction.atomic
    def reveal_password(self, delivery: Kept, *, actor: User, now: datetime) -> str:
        """Return the recipient's own password of their copy; the look is recorded."""
        if why := self.why_closed(delivery, now):
            raise ValidationError(why)
        password: str | None = delivery.password
        if password is None:
            raise ValidationError(self.no_password)
        self.record("revealed", delivery, actor=actor, now=now)
        return password

    @transaction.atomic
    def read_password_out(self, delivery: Kept, *, reason: str, actor: User, now: datetime) -> str:
        """Return a recipient's password for the CE Specialist to read out, with the reason."""
        if not reason.strip():
            raise ValidationError(
                {"reason": "Say why you are reading the password aloud, and how you knew them."}
            )
        if why := self.why_closed(delivery, now):
            raise ValidationError(why)
        password: str | None = delivery.password
        if password is None:
            raise ValidationError("This person was left out, so there is no password.")
        self.record("read_out", delivery, why=reason, actor=actor, now=now)
        return password

    def record(
        self, action: str, delivery: Kept, *, why: str = "", actor: User, now: datetime
    ) -> None:
        detail = {} if action == "revealed" else {"recipient": str(delivery.recipient_id)}
        audit.services.record(
            self.actions[action],
            actor=actor,
            about=delivery,
            why=why,
            detail=detail,
            now=now,
        )


def basis_of(data: Mapping[str, Any]) -> str:  # Any: by `document` its own facts
    """A digest of what a document shows, all but the minute at which it was made."""
    shown = {**data, "document": {**data["document"], "made_at": ""}}
    return hashlib.sha256(json.dumps(shown, sort_keys=True, default=str).encode()).hexdigest()


def refuse_out_of_standing(delivery: Delivery, *, zone: str, now: datetime) -> None:
    """Withhold a copy whose recipient is out of standing now, or left the agency it was for."""
    reasons = person_standing(delivery.recipient, local_day(now, zone)).reasons
    if reasons:
        raise Withheld(" ".join(reasons))
    places = StaffMember.objects.current().filter(user=delivery.recipient)
    if delivery.agency and not places.filter(agency=delivery.agency).exists():
        raise Withheld(LEFT_AGENCY)


def keep_what_went_out(delivery: Delivery, pdf: bytes, shown: list[Disclosed]) -> None:
    """Keep beside the delivery what its copy shows of whom, and the hash of the file."""
    delivery.disclosed = shown
    delivery.document_hash = hashlib.sha256(pdf).hexdigest()
    delivery.save(update_fields=["disclosed", "document_hash"])


def shown_in(rows: Collection[Disclosed]) -> dict[str, int]:
    """How many participants a copy shows, and how many of them by name, for the audit."""
    return {
        "participants": len(rows),
        "by_name": sum(1 for each in rows if each["named"]),
    }
