"""What the CE Specialist's page says about a list and its deliveries."""

import copy
from dataclasses import dataclass

from conferencing.models import PrepListDelivery
from outbox.models import Message
from regions.words import plural

from .list_words import list_state
from .lists import who_gets_it
from .roster import proposal

State = Message.State
TONES = {
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

    delivery: PrepListDelivery | None
    name: str
    agency: str
    status: str
    tone: str
    detail: str = ""
    at: object = None
    may_send_again: bool = False
    has_password: bool = False


def delivery_row(delivery, now, possibly=frozenset()):
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


def detail_words(delivery, message, possibly):
    """Why a copy is not there, came back, or may be there although nobody said so."""
    if message.returned_at:
        return f"Their mail server said: {message.returned_words}"
    words = message.last_error if message.state != State.SENT else ""
    if delivery.pk in possibly and MAY_HAVE_ARRIVED not in words and "may have" not in words:
        words = f"{words} {MAY_HAVE_ARRIVED}".strip()
    return words


def possibly_arrived(deliveries):
    """The keys of deliveries of which a mail server may have taken a copy without a word.

    Also by a former mail of the delivery, which a later one replaced.
    """
    keys = [each.pk for each in deliveries]
    found = Message.objects.filter(about_id__in=keys, possibly_at__isnull=False)
    return set(found.exclude(state=State.SENT).values_list("about_id", flat=True))


def status_words(delivery, message, now):
    """Due, sent, late, failed, withheld, resent: one of these, in words."""
    again = ""
    if delivery.resent_times:
        times = delivery.resent_times
        again = " (sent again)" if times == 1 else f" (sent again {times} times)"
    late_after = message.late_after
    if message.returned_at:
        return "Returned" + again
    if message.state == State.SENT:
        was_late = late_after and message.sent_at > late_after
        return ("Sent late" if was_late else "Sent") + again
    words = message.get_state_display()
    if message.held_at and not message.is_settled:
        words = "On hold"
    if message.is_late(now) and not message.is_settled:
        words = f"Late: {words[:1].lower()}{words[1:]}"
    return words + again


def list_page(meeting, *, now):
    """Return what the page shows: the newest revision's rows, or who would get the list."""
    revisions = list(
        meeting.prep_lists.select_related("frozen_by").defer("snapshot").order_by("-revision")
    )
    meeting.list_out_at = revisions[-1].frozen_at if revisions else None
    meeting.list_is_waiting = False
    context = {
        "meeting": meeting,
        "revisions": revisions,
        "newest": revisions[0] if revisions else None,
        "times": meeting.list_times,
        "has_begun": meeting.has_begun(now),
    }
    if revisions:
        deliveries = (
            PrepListDelivery.objects.filter(prep_list=revisions[0])
            .select_related("recipient", "agency", "message")
            .order_by("recipient__name")
        )
        possibly = possibly_arrived(deliveries)
        rows = [delivery_row(each, now, possibly) for each in deliveries]
        mails = [each.message for each in deliveries if each.message]
        meeting.list_is_waiting = not all(each.is_settled for each in mails)
    else:
        gets, left_out = who_gets_it(meeting, now=now)
        rows = [
            Row(None, place.user.name, place.agency.name, "Will get it", "info") for place in gets
        ] + [
            Row(None, place.user.name, place.agency.name, "Will be left out", "warn", why)
            for place, why in left_out
        ]
    rows.sort(key=lambda row: URGENCY.index(row.tone))
    return context | {
        "state": list_state(meeting, now=now),
        "rows": rows,
        "counts": counts(rows),
    }


def counts(rows):
    """`[(status, number)]` in the order in which statuses first appear."""
    found = {}
    for row in rows:
        found[row.status] = found.get(row.status, 0) + 1
    return sorted(found.items(), key=lambda item: -item[1])


def effects_of_sending_again(delivery):
    """What sending one person's list, first or again, will do: texts."""
    name, revision = delivery.recipient.name, delivery.prep_list.revision
    effects = [f"{name} gets an email with revision {revision}, at once."]
    if delivery.password:
        effects.append("The password stays the same.")
    return [*effects, "Paperwork and releases are checked again before it goes out."]


def effects_of_release(meeting, *, now):
    """What taking the list off hold will do: when it goes out, or that somebody has to choose."""
    if meeting.prep_lists.exists() and not meeting.list_was_for:
        return "What is not sent yet goes out within minutes."
    if needs_choice_off_hold(meeting, now=now):
        return "Nothing goes out by itself: you choose next what happens to the list."
    return "The list goes out at its time."


def needs_choice_off_hold(meeting, *, now):
    """Whether the list, taken off hold, waits for a choice: it has no time, or that has passed."""
    if meeting.prep_lists.exists() and not meeting.list_was_for:
        return False
    released = copy.copy(meeting)
    released.list_held_at = None
    goes_at = released.list_goes_at
    return goes_at is None or goes_at <= now


def effects_of_sending(meeting, *, now):
    """What “send now” or a correction will do, said before: texts."""
    gets, left_out = who_gets_it(meeting, now=now)
    people = "1 person gets" if len(gets) == 1 else f"{len(gets)} people get"
    left = "1 person is" if len(left_out) == 1 else f"{len(left_out)} people are"
    settled = "The roster is not settled: the list will say that it is as proposed."
    if meeting.roster_settled_at:
        settled = "The roster is settled."
    elif meeting.needs_list_choice:
        settled = "You settle the roster as it stands."
    households = meeting.roster.count()
    frozen = "The roster as it stands"
    if not meeting.roster_opened_at:
        households += len(proposal(meeting, now=now))
        frozen = "Nobody opened the roster yet: what the criteria propose"
    lines = [
        f"{frozen} is frozen ({plural(households, 'household')}).",
        settled,
        f"{people} an email with their own protected copy, at once.",
    ]
    if left_out:
        lines.append(f"{left} left out; the page says why.")
    return lines
