"""Calls as calendar entries: a person's private feed, and invitations by mail.

iCalendar by RFC 5545, scheduling by RFC 5546. Times are UTC instants: each call is an entry of
its own, without recurrence, so every calendar shows it in its owner's zone and no time zone
table can go stale. An entry holds what may be seen over a shoulder or on a shared calendar: whose
call it is and a link behind sign-in. There is no field for anything about participants.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

import icalendar

from conferencing.words import NO_RECORDING

PRODUCT = "-//Case Conferencing//Calls//EN"
REQUEST = "REQUEST"
CANCEL = "CANCEL"
PUBLISH = "PUBLISH"
CONFIRMED = "CONFIRMED"
TENTATIVE = "TENTATIVE"
CANCELLED = "CANCELLED"
REFRESH = datetime.timedelta(hours=6)


@dataclass(frozen=True)
class Party:
    """Who invites or is invited: an email address, and a name to show beside it."""

    email: str
    name: str = ""


@dataclass(frozen=True)
class Entry:
    """One call as calendars see it.

    `uid` never changes (the meeting's primary key: RFC 7986, 5.3, asks for a UUID and no host
    name); `sequence` grows by one with every change of time or status; `stamp` is when the entry
    was last changed, kept with the meeting so that a repeated message is identical. A feed, whose
    address is a secret that may be shared, says nothing of where the call is held.
    """

    uid: str
    sequence: int
    starts_at: datetime.datetime
    ends_at: datetime.datetime
    summary: str
    url: str
    status: str
    organizer: Party
    stamp: datetime.datetime
    join: str = ""  # where the call is held, and
    part: str = ""  # "You are the facilitator of this call.": of one person's invitation alone
    answer_url: str = ""

    def __post_init__(self) -> None:
        for moment in (self.starts_at, self.ends_at, self.stamp):
            if moment.tzinfo is None:
                raise ValueError("A calendar entry's times carry their zone.")
        if self.ends_at <= self.starts_at:
            raise ValueError("A calendar entry ends after it starts.")
        if self.sequence < 0:
            raise ValueError("A calendar entry's sequence is 0 or more.")
        if self.status not in (CONFIRMED, TENTATIVE, CANCELLED):
            raise ValueError("A calendar entry is confirmed, tentative or canceled.")
        if not self.uid:
            raise ValueError("A calendar entry has an identity.")


def call_summary(continuum_name: str, region_name: str | None = None) -> str:
    """A call's neutral title: "Regional call · Region 2 · River Valleys CoC", or CoC-wide."""
    if region_name is None:
        return f"CoC-wide call · {continuum_name}"
    return f"Regional call · {region_name} · {continuum_name}"


def feed(entries: Iterable[Entry], name: str, zone: str | None = None) -> bytes:
    """A person's calls as a calendar to subscribe to, canceled ones marked as such.

    `zone` is the continuum's, a hint to calendars that ask for one; times do not depend on it.
    """
    calendar = _calendar(PUBLISH)
    calendar.add("name", icalendar.vText(name))
    calendar.add("x-wr-calname", icalendar.vText(name))
    if zone is not None:
        calendar.add("x-wr-timezone", zone)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", _written(icalendar.vDuration(REFRESH)).decode())
    for entry in entries:
        calendar.add_component(_event(entry, entry.status))
    return _written(calendar)


def invitation(entry: Entry, attendee: Party, method: str = REQUEST) -> bytes:
    """The calendar part of one person's mail: REQUEST invites or tells a change, CANCEL calls off.

    To one attendee only, so that nobody reads there who else is invited. No answer is asked for:
    attendance is kept in the portal. ValueError for another method, and for inviting to a
    canceled call.
    """
    if method not in (REQUEST, CANCEL):
        raise ValueError("An invitation's method is REQUEST or CANCEL.")
    if method == REQUEST and entry.status == CANCELLED:
        raise ValueError("Nobody is invited to a canceled call.")
    event = _event(entry, CANCELLED if method == CANCEL else entry.status)
    event.add("attendee", _address(attendee), parameters=_attendance(method))
    calendar = _calendar(method)
    calendar.add_component(event)
    return _written(calendar)


def content_type(method: str = PUBLISH) -> str:
    """The media type of a feed or, with its method, of an invitation (RFC 6047, 2.4)."""
    return f"text/calendar; method={method}; charset=utf-8"


def _written(part: icalendar.Calendar | icalendar.vDuration) -> bytes:
    text: bytes = part.to_ical()  # type: ignore[no-untyped-call]  # in part without types
    return text


def _calendar(method: str) -> icalendar.Calendar:
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    return calendar


def _event(entry: Entry, status: str) -> icalendar.Event:
    """PRIVATE, so that a calendar shared with colleagues shows the time as taken and no more."""
    event = icalendar.Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", _utc(entry.stamp))
    event.add("last-modified", _utc(entry.stamp))
    event.add("dtstart", _utc(entry.starts_at))
    event.add("dtend", _utc(entry.ends_at))
    event.add("summary", entry.summary)
    said = [
        entry.part,
        entry.join and f"Join the call: {entry.join}",
        f"The call's page, after signing in: {entry.url}",
        entry.answer_url and f"Can't come? Answer here: {entry.answer_url}",
        NO_RECORDING,
    ]
    event.add("description", "\n".join(filter(None, said)))
    if entry.join:
        event.add("location", entry.join)
    event.add("url", entry.url)
    event.add("status", status)
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT" if status == CANCELLED else "OPAQUE")
    event.add("organizer", _address(entry.organizer))
    return event


def _attendance(method: str) -> dict[str, str]:
    attendance = {"CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT"}
    if method == REQUEST:
        attendance |= {"PARTSTAT": "NEEDS-ACTION", "RSVP": "FALSE"}
    return attendance


def _address(party: Party) -> icalendar.vCalAddress:
    address = icalendar.vCalAddress(f"mailto:{party.email}")
    if party.name:
        address.params["CN"] = party.name
    return address


def _utc(moment: datetime.datetime) -> datetime.datetime:
    return moment.astimezone(datetime.UTC).replace(microsecond=0)
