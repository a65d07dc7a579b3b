"""Who sees a screen that is shared at a call, and what the least entitled of them may see.

DESIGN, rule 3: a shared screen shows what the least entitled person present may see. Everybody who
is checked in counts, with whoever shows the screen; a guest counts from the moment their page asked
for the call, for on a phone it falls silent when they join by its link, and at their own household
from their invitation on, for the link comes to them with it.
"""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from conferencing.models import Attendance, Call, CallGuest, Meeting, Review
from participants.audiences import Audience, audiences_of
from participants.naming import Label, SharedReader
from regions.clock import Moment


@dataclass(frozen=True)
class Room:
    """`audiences`: the kinds of readers who are here; None where one of them may see nothing.

    `people`: how many are checked in, guests apart. `is_checked`: whether the opening check said
    who is here; before it was confirmed nobody knows, and nothing is shown but to strangers.
    """

    audiences: set[Audience] | None
    people: int
    guests: list[CallGuest]
    is_checked: bool
    reader: SharedReader

    @property
    def has_strangers(self) -> bool:
        return self.audiences is None

    def label(self, label: Label) -> Label:
        """Whoever's label it is, as everybody here may read it, with their texts."""
        return label.shown_to_all(self.reader)

    def why_no_notes(self, review: Review, meeting: Meeting) -> str:
        """Why the notes of a household stay hidden; empty where they may be shown."""
        if not self.is_checked:
            return "Notes stay hidden until the opening check is done."
        strange = [
            each
            for each in self.guests
            if not (each.is_participant and each.participant_id == review.participant_id)
        ]
        if strange or (self.guests and not meeting.continuum.guests_see_notes):
            return "Notes aren’t for everyone here."
        return ""

    def why_no_safety(self) -> str:
        """Why the words on safety stay hidden; empty where they may be shown, once pressed for.

        The words stand on the shared screen: they say of nobody that it is because of them.
        """
        if not self.is_checked:
            return "Safety stays hidden until the opening check is done."
        return "Safety isn’t for everyone here." if self.has_strangers else ""


@dataclass(frozen=True)
class Here:
    """Who is at a call: users, how many without an account, and the guests who count."""

    users: frozenset[uuid.UUID]
    without_account: int
    guests: list[CallGuest]

    @property
    def stamp(self) -> str:
        """A short text that differs once somebody else is here."""
        keys = sorted(map(str, [*self.users, *(each.pk for each in self.guests)]))
        said = " ".join([*keys, str(self.without_account)])
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def who_is_here(meeting: Meeting, call: Call) -> Here:
    """Who is at the call at this moment; two queries.

    Whoever is here is counted as soon as their row says so, whichever act wrote it: the same rows
    are the list of who is here (`people_page`), which can show nobody who was not counted.
    """
    rows = Attendance.objects.filter(meeting=meeting, is_present=True)
    here = list(rows.values_list("user", flat=True))
    users = frozenset(user for user in here if user)
    guests = [each for each in live_guests(meeting) if counts(each, call)]
    return Here(
        users,
        sum(user is None for user in here),
        [each for each in guests if each.user_id not in users],
    )


def room_of(meeting: Meeting, call: Call, here: Here, presenter: User, *, now: datetime) -> Room:
    """What those who are here may see, with whoever shows them the screen; one query."""
    return room(
        meeting,
        {*here.users, presenter.pk},
        without_account=here.without_account,
        guests=here.guests,
        is_checked=call.checked_at is not None,
        now=now,
    )


def room(
    meeting: Meeting,
    users: set[uuid.UUID],
    *,
    without_account: int,
    guests: list[CallGuest],
    is_checked: bool,
    now: datetime,
) -> Room:
    at = Moment.of(now, meeting.continuum.zone)
    audiences = None
    if is_checked and not without_account and not guests:
        audiences = audiences_of(meeting.continuum_id, users, at.on)
    reader = SharedReader(meeting.continuum_id, audiences, at)
    return Room(audiences, len(users) + without_account, guests, is_checked, reader)


def live_guests(meeting: Meeting) -> list[CallGuest]:
    return list(CallGuest.objects.live().filter(meeting=meeting))


def counts(guest: CallGuest, call: Call) -> bool:
    """Whether a guest may be at the call by now."""
    has_asked = guest.seen_at is not None and guest.seen_at >= call.began_at
    table = call.on_table
    return has_asked or (table is not None and table.participant_id == guest.participant_id)
