from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import icalendar
import pytest

from conferencing.schedule.calendar_feed import (
    CANCELLED,
    CONFIRMED,
    TENTATIVE,
    Entry,
    Party,
    call_summary,
    content_type,
    feed,
    invitation,
)

CENTRAL = ZoneInfo("America/Chicago")
UID = "5c3b0e6e-6d0c-4a5e-9b52-6d2c2f0f7d11"
ENTRY = Entry(
    uid=UID,
    sequence=0,
    starts_at=datetime(2026, 11, 12, 10, tzinfo=CENTRAL),
    ends_at=datetime(2026, 11, 12, 11, tzinfo=CENTRAL),
    summary="Regional call · Region 2 · River Valleys CoC",
    url="https://conferencing.example/meetings/5c3b0e6e/",
    status=CONFIRMED,
    organizer=Party("ces@rivervalleys.example", "River Valleys CoC"),
    stamp=datetime(2026, 1, 5, 9, 30, 15, 250, tzinfo=UTC),
)
ATTENDEE = Party("ann@hope.example", "Ann Vang")


def lines(content):
    """The unfolded content lines of a calendar."""
    return content.decode().replace("\r\n ", "").split("\r\n")


def events(content):
    return icalendar.Calendar.from_ical(content).events


def test_invitation_is_exactly_this():
    assert sorted(lines(invitation(ENTRY, ATTENDEE))) == sorted(
        [
            "BEGIN:VCALENDAR",
            "PRODID:-//Case Conferencing//Calls//EN",
            "VERSION:2.0",
            "CALSCALE:GREGORIAN",
            "METHOD:REQUEST",
            "BEGIN:VEVENT",
            f"UID:{UID}",
            "SEQUENCE:0",
            "DTSTAMP:20260105T093015Z",
            "LAST-MODIFIED:20260105T093015Z",
            "DTSTART:20261112T160000Z",
            "DTEND:20261112T170000Z",
            "SUMMARY:Regional call · Region 2 · River Valleys CoC",
            "DESCRIPTION:The call's page\\, after signing in: "
            "https://conferencing.example/meetings/5c3b0e6e/\\nPlease don’t record this call\\, "
            "and don’t use an AI note taker.",
            "URL:https://conferencing.example/meetings/5c3b0e6e/",
            "STATUS:CONFIRMED",
            "CLASS:PRIVATE",
            "TRANSP:OPAQUE",
            'ORGANIZER;CN="River Valleys CoC":mailto:ces@rivervalleys.example',
            'ATTENDEE;CN="Ann Vang";CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;'
            "ROLE=REQ-PARTICIPANT;RSVP=FALSE:mailto:ann@hope.example",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]
    )


def test_invitation_to_cancel_keeps_the_identity_and_calls_off():
    called_off = replace(ENTRY, sequence=3, status=CANCELLED)
    content = invitation(called_off, ATTENDEE, "CANCEL")
    (event,) = events(content)
    assert icalendar.Calendar.from_ical(content)["METHOD"] == "CANCEL"
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (UID, 3, "CANCELLED")
    assert event["TRANSP"] == "TRANSPARENT"
    assert "RSVP" not in event["ATTENDEE"].params
    assert invitation(replace(called_off, status=CONFIRMED), ATTENDEE, "CANCEL") == content


def test_invitation_again_is_the_same_to_the_byte():
    assert invitation(ENTRY, ATTENDEE) == invitation(replace(ENTRY), ATTENDEE)


def test_invitation_to_a_moved_call_changes_time_and_sequence_and_no_identity():
    moved = replace(
        ENTRY,
        sequence=1,
        starts_at=ENTRY.starts_at + timedelta(days=1),
        ends_at=ENTRY.ends_at + timedelta(days=1),
    )
    former, now = (set(lines(invitation(entry, ATTENDEE))) for entry in (ENTRY, moved))
    assert now - former == {"SEQUENCE:1", "DTSTART:20261113T160000Z", "DTEND:20261113T170000Z"}


def test_invitation_names_one_attendee_only():
    (event,) = events(invitation(ENTRY, ATTENDEE))
    assert event["ATTENDEE"] == "mailto:ann@hope.example"
    assert event["ATTENDEE"].params["CN"] == "Ann Vang"


def test_invitation_refuses_other_methods_and_a_cancelled_call():
    with pytest.raises(ValueError, match="REQUEST or CANCEL"):
        invitation(ENTRY, ATTENDEE, "REPLY")
    with pytest.raises(ValueError, match="canceled call"):
        invitation(replace(ENTRY, status=CANCELLED), ATTENDEE)


@pytest.mark.parametrize(
    ("starts_at", "written"),
    [
        (datetime(2026, 3, 5, 10, tzinfo=CENTRAL), "20260305T160000Z"),
        (datetime(2026, 3, 12, 10, tzinfo=CENTRAL), "20260312T150000Z"),
        (datetime(2026, 10, 29, 10, tzinfo=CENTRAL), "20261029T150000Z"),
        (datetime(2026, 11, 5, 10, tzinfo=CENTRAL), "20261105T160000Z"),
        (datetime(2028, 2, 29, 15, tzinfo=UTC), "20280229T150000Z"),
        (datetime(2028, 2, 29, 15, tzinfo=timezone(timedelta(hours=-5))), "20280229T200000Z"),
    ],
)
def test_feed_writes_instants_in_utc_on_both_sides_of_a_clock_change(starts_at, written):
    entry = replace(ENTRY, starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))
    content = feed([entry], "Calls")
    assert f"DTSTART:{written}" in lines(content)
    (event,) = events(content)
    assert event.start == starts_at.astimezone(UTC)
    assert event.end - event.start == timedelta(hours=1)
    assert "TZID" not in content.decode()


def test_feed_comes_back_as_it_went():
    others = [
        ENTRY,
        replace(ENTRY, uid="b", sequence=7, status=TENTATIVE),
        replace(ENTRY, uid="c", status=CANCELLED, summary=call_summary("Three County CoC")),
    ]
    content = feed(others, "Calls · River Valleys CoC", "America/Chicago")
    calendar = icalendar.Calendar.from_ical(content)
    assert (calendar["VERSION"], calendar["PRODID"], calendar["METHOD"]) == (
        "2.0",
        "-//Case Conferencing//Calls//EN",
        "PUBLISH",
    )
    assert calendar["X-WR-CALNAME"] == "Calls · River Valleys CoC"
    assert calendar["X-WR-TIMEZONE"] == "America/Chicago"
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT6H" in lines(content)
    assert [
        (e["UID"], e["SEQUENCE"], e["STATUS"], e["SUMMARY"], e["URL"]) for e in calendar.events
    ] == [(e.uid, e.sequence, e.status, e.summary, e.url) for e in others]
    assert not any(calendar.errors)
    assert all(not event.errors for event in calendar.events)


def test_feed_has_no_attendees():
    assert b"ATTENDEE" not in feed([ENTRY], "Calls")


def test_feed_name_may_hold_signs_that_mean_something_in_a_calendar():
    content = feed([], "Calls, Region 2; River\\Valleys")
    assert "NAME:Calls\\, Region 2\\; River\\\\Valleys" in lines(content)
    assert "X-WR-CALNAME:Calls\\, Region 2\\; River\\\\Valleys" in lines(content)


def test_feed_of_no_calls_is_still_a_calendar():
    calendar = icalendar.Calendar.from_ical(feed([], "Calls"))
    assert calendar.events == []
    assert calendar["METHOD"] == "PUBLISH"


def test_feed_folds_long_and_accented_lines_at_75_octets_and_ends_lines_right():
    long_name = 'Ångström & Søn; Región Número Dos, "Valle" · ' * 8
    content = feed([replace(ENTRY, summary=long_name.strip())], "Calls")
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert "\n" not in content.decode().replace("\r\n", "")
    for line in content.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()  # no character is torn apart
    (event,) = events(content)
    assert event["SUMMARY"] == long_name.strip()


def test_feed_cannot_be_given_lines_of_its_own():
    sly = "x\r\nATTENDEE:mailto:spy@evil.example"
    content = feed(
        [replace(ENTRY, summary=sly, organizer=Party("ces@rivervalleys.example", sly))], sly
    )
    assert not [line for line in lines(content) if line.startswith("ATTENDEE")]
    with pytest.raises(ValueError, match="CR or LF"):
        feed([replace(ENTRY, url=f"https://{sly}")], "Calls")
    with pytest.raises(ValueError, match="CR or LF"):
        invitation(ENTRY, Party(sly))


def test_entry_has_no_room_for_participants():
    assert {field.name for field in fields(Entry)} == {
        "uid",
        "sequence",
        "starts_at",
        "ends_at",
        "summary",
        "url",
        "status",
        "organizer",
        "stamp",
        "join",
        "part",
        "answer_url",
    }


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"starts_at": datetime(2026, 11, 12, 10)}, "carry their zone"),
        ({"stamp": datetime(2026, 11, 12, 10)}, "carry their zone"),
        ({"ends_at": ENTRY.starts_at}, "ends after it starts"),
        ({"sequence": -1}, "0 or more"),
        ({"status": "OFF"}, "confirmed, tentative or canceled"),
        ({"uid": ""}, "has an identity"),
    ],
)
def test_entry_refuses_what_calendars_would_misread(change, says):
    with pytest.raises(ValueError, match=says):
        replace(ENTRY, **change)


def test_call_summary_is_neutral():
    assert call_summary("River Valleys CoC", "Region 2") == ENTRY.summary
    assert call_summary("River Valleys CoC") == "CoC-wide call · River Valleys CoC"


def test_content_type_says_the_method():
    assert content_type() == "text/calendar; method=PUBLISH; charset=utf-8"
    assert content_type("CANCEL") == "text/calendar; method=CANCEL; charset=utf-8"
