"""Each person's copy of a paper as a line: where it stands, and what can be done."""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from conferencing.models.lists import Delivery
from outbox.models import Message

State = Message.State


TONES: dict[str, str] = {
    State.SENT: "good",
    State.FAILED: "bad",
    State.EXPIRED: "bad",
    State.WITHHELD: "warn",
    State.CANCELLED: "neutral",
}


MAY_HAVE_ARRIVED = "An earlier attempt may have arrived."


# What somebody must look at comes first.
URGENCY = ["bad", "warn", "info", "neutral", "good"]


@dataclass(frozen=True)
class Row:
    """One person's line: status in words, its tone, and what can be done."""

    delivery: Delivery | None
    name: str
    agency: str
    status: str
    tone: str
    detail: str = ""
    at: datetime | None = None
    may_send_again: bool = False
    has_password: bool = False


def delivery_row(
    delivery: Delivery, now: datetime, possibly: Collection[uuid.UUID] = frozenset()
) -> Row:
    """One person's line; `possibly`: deliveries of which a copy may have arrived, unconfirmed."""
    person, agency = delivery.recipient.name, delivery.agency.name if delivery.agency else ""
    message = delivery.message
    if message is None:
        return Row(
            delivery, person, agency, "Left out", "warn", delivery.left_out_because,
            may_send_again=True,
        )  # fmt: skip
    return Row(
        delivery,
        person,
        agency,
        status_words(delivery, message, now),
        "bad" if message.is_late(now) or message.returned_at else TONES.get(message.state, "info"),
        detail=detail_words(delivery, message, possibly),
        at=message.sent_at or message.due_at,
        may_send_again=message.is_settled,
        has_password=True,
    )


def detail_words(delivery: Delivery, message: Message, possibly: Collection[uuid.UUID]) -> str:
    """Why a copy is not there, came back, or may be there although nobody said so."""
    if message.returned_at:
        return f"Their mail server said: {message.returned_words}"
    words = message.last_error if message.state != State.SENT else ""
    if delivery.pk in possibly and MAY_HAVE_ARRIVED not in words and "may have" not in words:
        words = f"{words} {MAY_HAVE_ARRIVED}".strip()
    return words


def possibly_arrived(deliveries: Iterable[Delivery]) -> set[uuid.UUID]:
    """The keys of deliveries of which a mail server may have taken a copy without a word.

    Also by a former mail of the delivery, which a later one replaced.
    """
    keys = [each.pk for each in deliveries]
    found = Message.objects.filter(about_id__in=keys, possibly_at__isnull=False)
    about = found.exclude(state=State.SENT).values_list("about_id", flat=True)
    return {key for key in about if key}


def status_words(delivery: Delivery, message: Message, now: datetime) -> str:
    """Due, sent, late, failed, withheld, resent: one of these, in words."""
    again = ""
    if delivery.resent_times:
        times = delivery.resent_times
        again = " (sent again)" if times == 1 else f" (sent again {times} times)"
    late_after = message.late_after
    if message.returned_at:
        return "Returned" + again
    if message.state == State.SENT:
        was_late = late_after and message.sent_at and message.sent_at > late_after
        return ("Sent late" if was_late else "Sent") + again
    words = message.get_state_display()
    if message.held_at and not message.is_settled:
        words = "On hold"
    if message.is_late(now) and not message.is_settled:
        words = f"Late: {words[:1].lower()}{words[1:]}"
    return words + again


def counts(rows: Iterable[Row]) -> list[tuple[str, int]]:
    """`[(status, number)]` in the order in which statuses first appear."""
    found: dict[str, int] = {}
    for row in rows:
        found[row.status] = found.get(row.status, 0) + 1
    return sorted(found.items(), key=lambda item: -item[1])
