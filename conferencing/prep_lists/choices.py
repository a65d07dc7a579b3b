"""What becomes of a list that does not go out by itself: the CE Specialist chooses."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

import audit.actions
import audit.services
from accounts.models import User
from conferencing import due
from conferencing.models import Meeting, PrepList
from conferencing.prep_lists.acts import freeze_list
from conferencing.prep_lists.mails import lock_for_sending
from conferencing.prep_lists.recipients import who_gets_it
from conferencing.roster.acts import open_roster, proposal, settle_roster
from regions.words import plural

LIST_CHOSEN = audit.actions.register("prep_list.chosen", "Chose what happens to a prep list")
NOW = "now"
AT, NONE = Meeting.ListChoice.AT.value, Meeting.ListChoice.NONE.value


@transaction.atomic
def choose_list(
    meeting: Meeting, *, choice: str, send_at: datetime | None = None, actor: User, now: datetime
) -> Meeting:
    """Send the list now, at `send_at`, or not at all (`choice`: "now", "at", "none").

    Now: the roster is settled as it stands. At a time: the roster may still be changed; one that
    nobody settles by then goes out as proposed, an hour after the call was set at the earliest.
    ValidationError once a list went out, is on hold, or the call has begun.
    """
    meeting = lock_for_sending(meeting, now=now)
    if meeting.prep_lists.exists() and not meeting.list_was_for:
        raise ValidationError("The list has gone out already. Send a corrected revision instead.")
    if not (meeting.list_choice or meeting.needs_list_choice or meeting.list_was_for):
        raise ValidationError("This list goes out by itself. Send it now, or put it on hold.")
    if choice == AT:
        _check_time(meeting, send_at, now)
    meeting.list_choice = "" if choice == NOW else choice
    meeting.list_send_at = send_at if choice == AT else None
    meeting.list_chosen_at, meeting.list_chosen_by = now, actor
    meeting.full_clean()
    meeting.save()
    audit.services.record(
        LIST_CHOSEN,
        actor=actor,
        about=meeting,
        detail={
            "choice": choice,
            "send_at": send_at.isoformat() if choice == AT and send_at else "",
        },
        now=now,
    )
    if choice == NOW:
        send_settled(meeting, actor=actor, now=now)
    return meeting


@transaction.atomic
def send_settled(meeting: Meeting, *, actor: User, now: datetime) -> PrepList:
    """Settle the roster as it stands and send the list; returns the list."""
    open_roster(meeting, actor=actor, now=now)
    settle_roster(meeting, actor=actor, now=now)
    return freeze_list(meeting, actor=actor, now=now)


def _check_time(meeting: Meeting, send_at: datetime | None, now: datetime) -> None:
    if send_at is None or send_at <= now:
        raise ValidationError({"on": "This time has passed. Choose a time in the future."})
    if send_at >= meeting.starts_at:
        raise ValidationError({"on": "The call has begun by then. Choose a time before it."})
    if not meeting.roster_settled_at and send_at < meeting.list_timed_at + due.NOTICE:
        raise ValidationError(
            {"on": "Nobody has settled the roster. Settle it, or choose a time an hour from now."}
        )


def choices_for(meeting: Meeting, *, now: datetime) -> list[dict[str, str]]:
    """What can be done with the list, each with what it does, in words."""
    gets, left_out = who_gets_it(meeting, now=now)
    people = plural(len(gets), "person", "people")
    gets_it = "gets" if len(gets) == 1 else "get"
    left = (
        f" {plural(len(left_out), 'person', 'people')} won’t get it; the page of the list says why."
    )
    households = meeting.roster.count()
    if not meeting.roster_opened_at:
        households += len(proposal(meeting, now=now))
    settled = (
        "The roster is settled"
        if meeting.roster_settled_at
        else "You settle the roster as it stands"
    )
    return [
        {
            "value": NOW,
            "label": "Send it now",
            "hint": f"{settled} ({plural(households, 'household')}). {people} {gets_it} an email "
            f"with their own protected copy within minutes.{left}",
        },
        {
            "value": AT,
            "label": "Send it at a time you choose",
            "hint": "Until then you can change the roster. If nobody settles it, the list goes out "
            "as proposed, and says so.",
        },
        {
            "value": NONE,
            "label": "No list for this call",
            "hint": "Nobody gets a list by email. You can choose again until the call begins.",
        },
    ]
