"""From staged rows to households: who heads them, who is in them, where and since when.

A person is on the list once, by the household of their newest enrollment in a project that the CoC
chose; listed since the oldest of those that are open.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from participants.hmis.clients import opened
from participants.hmis.codes import Codes
from participants.hmis.heads import WHO, Doubts
from participants.hmis.kept import Member, RecordSaid, Said, text_of
from participants.hmis.own import enrollment_of, event_of
from participants.hmis.reading import Refusals
from participants.hmis_ids import one_spelling
from participants.models import HmisRecord, HouseholdMember, age_band

from . import codes
from .chronic import Told, chronic_of
from .household_queries import (
    GONE,
    HEAD_UNREAD,
    HEADED_ANEW,
    HOUSEHOLDS,
    JOINED_ANOTHER,
    LEFT_ANOTHER,
    UNDER_JOINED_ID,
)

# Ended enrollments and events are kept as long: what was done then may still go back to HMIS.
KEPT_FOR = timedelta(days=400)
Relation = HouseholdMember.Relation


def headed_anew(unreadable: Iterable[str]) -> dict[str, UUID]:
    """`{HMIS ID of who heads it now: key of the household on file}`.

    `unreadable`: HMIS IDs whose rows could not be read; what is told beside them is no change.
    """
    with connection.cursor() as cursor:
        cursor.execute(HEADED_ANEW, [list(unreadable), codes.DECEASED])
        return {pid: UUID(str(participant)) for pid, participant in cursor.fetchall()}


def left_another() -> dict[str, date]:
    """`{HMIS ID of who left a household on the list: the day since when that one is on it}`."""
    with connection.cursor() as cursor:
        cursor.execute(LEFT_ANOTHER)
        return dict(cursor.fetchall())


def with_unread_heads(unreadable: Iterable[str]) -> set[str]:
    """HMIS IDs that head a household here for want of its head's row alone."""
    with connection.cursor() as cursor:
        cursor.execute(HEAD_UNREAD, [list(unreadable)])
        return {pid for (pid,) in cursor.fetchall()}


def under_joined_ids() -> dict[str, UUID]:
    """`{HMIS ID of a record that was joined: key of the household on file that it became}`."""
    with connection.cursor() as cursor:
        cursor.execute(UNDER_JOINED_ID)
        return {pid: UUID(str(participant)) for pid, participant in cursor.fetchall()}


class Heading(NamedTuple):
    """Who heads a household in the export: as that spells their HMIS ID, and since when."""

    pid: str
    entered: date  # of their newest open enrollment


def heading(pids: Iterable[str | None]) -> dict[str, Heading]:
    """`{HMIS ID in one spelling: Heading}` of those of them who head a household here."""
    wanted = {one_spelling(pid) for pid in pids if pid}
    if not wanted:
        return {}
    with connection.chunked_cursor() as cursor:
        cursor.execute("SELECT pid, entered FROM hmis_pick WHERE left_on IS NULL")
        rows = iter(lambda: cursor.fetchmany(1_000), [])
        every = ((one_spelling(row[0]), Heading(*row)) for some in rows for row in some)
        return {spelled: each for spelled, each in every if spelled in wanted}


def in_the_export(pids: Iterable[str]) -> set[str]:
    """Those of the HMIS IDs that have an enrollment in the export."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM hmis_enrollment WHERE pid = ANY(%s)", [list(pids)])
        return {pid for (pid,) in cursor.fetchall()}


def note_joined(headed: Mapping[str, UUID], refusals: Refusals) -> None:
    """Say of whom on file somebody else heads the household by now; `headed`: as `headed_anew`."""
    with connection.cursor() as cursor:
        Doubts(cursor, refusals).enrollments(
            JOINED_ANOTHER,
            WHO,
            "Heads a household on the list, and is in another one in the export.",
            "Left as it is. Join the two, if they are one household now.",
            [[str(key) for key in headed.values()]],
        )


def gone(table: Codes) -> list[tuple[UUID, tuple[str, list[str] | None]]]:
    """`[(key of the household on file, (HMIS ID, [day, where to] | None))]` of who heads none."""
    with connection.cursor() as cursor:
        cursor.execute(GONE)
        return [
            (UUID(str(key)), (pid, left_of(left_on, destination, table) if left_on else None))
            for key, pid, left_on, destination in cursor.fetchall()
        ]


def said_of_gone(left: list[str] | None, record: HmisRecord | None) -> Said:
    """What HMIS says of a household of which it tells nothing but that its head left."""
    said: RecordSaid = record.said if record else {}
    kept = said.get("referral_active_on")
    return {
        "name": None,
        "birth_date": None,
        "adults": None,
        "children": None,
        "is_youth": None,
        "is_veteran": None,
        "is_chronic": None,
        "is_prioritized": None,
        "assessment_level": None,
        "referral_active_on": kept["value"] if kept else None,
        "where": None,
        "listed_on": None,
        "stay": None,
        "contact": None,
        "assessed": None,
        "asks": None,
        "left": left,
        "members": None,
        "entered_on": "",
        "is_gone": True,
    }


def households(as_of: date, table: Codes, own: Iterable[str] = ()) -> Iterator[tuple[str, Said]]:
    """Yield `(HMIS ID, what HMIS says)` of every head, as dates and words that JSON can hold.

    `own`: ids of rows that were written here, told however old they are.
    """
    with connection.cursor() as cursor:
        # All of them are read: not by the plan that has the first ones soonest.
        cursor.execute("SET LOCAL cursor_tuple_fraction = 1")
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            HOUSEHOLDS,
            {
                "as_of": as_of,
                "since": as_of - KEPT_FOR,
                "own": list(own),
                "permanent": sorted(codes.PERMANENT_HOUSING),
                "shelters": sorted(codes.SHELTERS),
                "homeless": sorted(codes.HOMELESS),
                "housed": sorted(table.housed),
            },
        )
        while rows := cursor.fetchmany(1_000):
            for row in rows:
                yield row[0], said_by(row, table, as_of)


def said_by(
    row: Sequence[Any],  # of each column its own
    table: Codes,
    as_of: date,
) -> Said:
    (
        pid,
        project,
        _rel,
        line,
        entered,
        open_since,
        first_entered,
        household_since,
        left_on,
        destination,
        adults,
        children,
        is_youth,
        is_veteran,
        met_on,
        met_by,
        assessed_on,
        stay_on,
        stay_source,
        living,
        kind,
        county,
        referred_on,
        priority,
        level,
        moved_in_on,
        housed_before,
        housed_meanwhile,
        homeless_on,
        members,
        homelessness,
        enrolled,
        happened,
        own,
        sealed,
    ) = row
    name, born = opened(sealed, pid)
    listed_on = min(open_since, household_since or open_since) if open_since else first_entered
    left: list[str] | None = None
    asks: list[str | None] | None = None
    if left_on is not None:
        left = left_of(left_on, destination, table)
    if moved_in_on and moved_in_on >= first_entered and (not left or left[1] != "deceased"):
        if homeless_on and homeless_on > moved_in_on:
            # Moved in, and seen without a home since: a move-in that nobody closed, or a return.
            asks = ["moved_in", text_of(moved_in_on), text_of(homeless_on)]
        else:
            left = [moved_in_on.isoformat(), "housed"]
    elif not left and housed_meanwhile and not (homeless_on and homeless_on > housed_meanwhile):
        asks = ["placed", text_of(housed_meanwhile), None]
    stay = stay_of(stay_on, stay_source, living, kind, table)
    told = [Told.of(*(value or "" for value in each)) for each in json.loads(homelessness or "[]")]
    is_chronic, lacking = chronic_of(told, stay[0] if stay else None, as_of)
    return {
        "name": name,
        "birth_date": born,
        "adults": adults,
        "children": children,
        "is_youth": is_youth,
        "is_veteran": is_veteran,
        "is_prioritized": codes.PRIORITIZED.get(priority),
        "assessment_level": level,
        "referral_active_on": text_of(referred_on),
        "listed_on": text_of(listed_on),
        "entered_on": entered.isoformat(),
        "left": left,
        "asks": asks,
        "housed_before": text_of(housed_before),
        "members": [member_of(*each) for each in json.loads(members or "[]")],
        "is_chronic": is_chronic,
        "chronic_lacks": lacking,
        "enrollments": [enrollment_of(pid, *each) for each in json.loads(enrolled or "[]")],
        "events": [event_of(*each) for each in json.loads(happened or "[]")],
        "own_rows": json.loads(own or "[]"),
        "stay": stay,
        "contact": [met_on.isoformat(), met_by] if met_on else None,
        "assessed": text_of(assessed_on),
        "project": project,
        "county_words": county,
        "line": line,
    }


def left_of(on: date, destination: str | None, table: Codes) -> list[str]:
    return [on.isoformat(), left_to(destination, table)]


def left_to(destination: str | None, table: Codes) -> str:
    """Where somebody went, as far as the list asks: housed, deceased, elsewhere."""
    if destination in table.housed:
        return "housed"
    return "deceased" if destination == codes.DECEASED else "elsewhere"


def member_of(
    pid: str, relation: str, age: int | None, entered: str, left_on: str | None
) -> Member:
    """Somebody of the household who does not head it, as a line keeps them."""
    return {
        "hmis_id": pid,
        "relation": relation if relation in Relation.values else "",
        "age": str(age_band(age)),
        "from": entered,
        "to": left_on,
    }


def stay_of(on: date | None, source: str, living: str, kind: str, table: Codes) -> list[str] | None:
    """`[kind, day]` of the newest word on where they stay; None when it says nothing."""
    if on is None:
        return None
    stays: str | None
    if source == "service":
        stays = "shelter"
    elif source == "entry" and kind in codes.STAYS_OF_PROJECTS:
        stays = codes.STAYS_OF_PROJECTS[kind]
    else:
        stays = table.situations.get(living)
    return [str(stays), on.isoformat()] if stays else None
