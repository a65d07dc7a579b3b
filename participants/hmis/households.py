"""From staged rows to households: who heads them, who is in them, where and since when.

A person is on the list once, by the household of their newest enrollment in a project that the CoC
chose; listed since the oldest of those that are open.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from participants.hmis.clients import opened
from participants.hmis.codes import Codes
from participants.hmis.heads import WHO, Doubts
from participants.hmis.kept import Member, RecordSaid, Said, text_of
from participants.hmis.reading import Refusals
from participants.models import HmisRecord, HouseholdMember, age_band

from . import codes
from .chronic import Told, chronic_of

HOUSEHOLDS = """
    WITH person AS (
        SELECT DISTINCT ON (s.household, s.pid) s.household, s.pid, s.rel, s.entered,
               c.age AS years, c.is_veteran AS veteran, p.pid AS head, s.left_on
          FROM hmis_stint s
          JOIN hmis_pick p ON p.household = s.household
          JOIN hmis_client c ON c.pid = s.pid
         WHERE s.is_listed
           AND (s.left_on IS NULL OR s.left_on >= coalesce(p.open_since, p.entered))
         ORDER BY s.household, s.pid, (s.left_on IS NULL) DESC, s.left_on DESC, s.entered
    ), size AS (
        SELECT person.household,
               count(*) FILTER (WHERE years >= 18 OR years IS NULL AND person.rel <> '2') AS adults,
               count(*) FILTER (WHERE years < 18 OR years IS NULL AND person.rel = '2') AS children,
               CASE WHEN bool_or(years >= 25) THEN false
                    WHEN bool_or(years IS NULL) THEN NULL ELSE true END AS is_youth,
               CASE WHEN bool_or(veteran) FILTER (WHERE years >= 18 OR years IS NULL) THEN true
                    WHEN bool_and(veteran IS NOT NULL) FILTER (WHERE years >= 18 OR years IS NULL)
                    THEN false END AS is_veteran
          FROM person JOIN hmis_pick p ON p.household = person.household
         WHERE (person.left_on IS NULL) = (p.left_on IS NULL)
         GROUP BY person.household
    ), others AS (
        SELECT household, jsonb_agg(jsonb_build_array(pid, rel, years, entered, left_on)
                                    ORDER BY (rel = '1') DESC, pid) AS members
          FROM person WHERE pid <> head GROUP BY household
    ), homelessness AS (
        SELECT household, jsonb_agg(jsonb_build_array(disabled, since, times, months)) AS told
          FROM (SELECT person.household, person.pid,
                       (array_agg(s.disabled ORDER BY s.entered DESC, s.eid)
                         FILTER (WHERE s.disabled <> ''))[1] AS disabled,
                       (array_agg(s.since ORDER BY s.entered DESC, s.eid)
                         FILTER (WHERE s.since IS NOT NULL))[1] AS since,
                       (array_agg(s.times ORDER BY s.entered DESC, s.eid)
                         FILTER (WHERE s.times <> ''))[1] AS times,
                       (array_agg(s.months ORDER BY s.entered DESC, s.eid)
                         FILTER (WHERE s.months <> ''))[1] AS months
                  FROM person JOIN hmis_stint s USING (pid)
                 WHERE person.left_on IS NULL
                   AND (person.pid = person.head OR coalesce(years >= 18, person.rel <> '2'))
                 GROUP BY person.household, person.pid) newest
         GROUP BY household
    ), met AS (
        SELECT s.pid, k.at, k.source, k.living, k.county, s.kind
          FROM hmis_contact k JOIN hmis_stint s USING (eid)
         WHERE k.at <= %(as_of)s AND s.pid IN (SELECT pid FROM hmis_pick)
        UNION ALL
        SELECT s.pid, s.entered, 'entry', s.living, '', s.kind
          FROM hmis_stint s WHERE s.pid IN (SELECT pid FROM hmis_pick)
    ), contact AS (
        SELECT DISTINCT ON (pid) pid, at, source FROM met ORDER BY pid, at DESC, source
    ), assessed AS (
        SELECT pid, max(at) AS at FROM met WHERE source = 'assessed' GROUP BY pid
    ), stay AS (
        SELECT DISTINCT ON (pid) pid, at, source, living, kind FROM met
         WHERE source IN ('situation', 'service', 'entry')
         ORDER BY pid, at DESC, array_position('{situation,service,entry}'::text[], source)
    ), whereabouts AS (
        SELECT DISTINCT ON (pid) pid, county FROM met WHERE county <> '' ORDER BY pid, at DESC
    ), homeless AS (
        SELECT pid, max(at) AS at FROM met
         WHERE source = 'service' OR living = ANY(%(homeless)s)
            OR source = 'entry' AND kind = ANY(%(shelters)s) GROUP BY pid
    ), referral AS (
        SELECT s.pid, max(v.at) AS at FROM hmis_event v JOIN hmis_stint s USING (eid)
         WHERE v.at <= %(as_of)s AND s.left_on IS NULL GROUP BY s.pid
    ), priority AS (
        SELECT DISTINCT ON (s.pid) s.pid, a.status
          FROM hmis_assessment a JOIN hmis_stint s USING (eid)
         WHERE a.at <= %(as_of)s AND a.status IN ('1', '2') ORDER BY s.pid, a.at DESC
    ), home AS (
        SELECT pid, max(moved_in) AS at FROM hmis_stint
         WHERE kind = ANY(%(permanent)s) AND moved_in <= %(as_of)s AND left_on IS NULL GROUP BY pid
    ), placed AS (
        SELECT s.pid, max(s.left_on) FILTER (WHERE s.left_on < p.open_since) AS before,
               max(s.left_on) FILTER (WHERE s.left_on >= p.open_since) AS meanwhile
          FROM hmis_stint s JOIN hmis_pick p USING (pid)
         WHERE s.destination = ANY(%(housed)s) GROUP BY s.pid
    )
    SELECT p.pid, p.project, p.rel, p.line, p.entered, p.open_since, p.first_entered,
           p.household_since, p.left_on,
           p.destination, size.adults, size.children, size.is_youth, size.is_veteran,
           contact.at, contact.source, assessed.at, stay.at, stay.source, stay.living, stay.kind,
           whereabouts.county, referral.at, priority.status, home.at, placed.before,
           placed.meanwhile, homeless.at, others.members, homelessness.told, c.sealed
      FROM hmis_pick p
      JOIN size USING (household)
      JOIN hmis_client c ON c.pid = p.pid
      LEFT JOIN others ON others.household = p.household
      LEFT JOIN homelessness ON homelessness.household = p.household
      LEFT JOIN contact ON contact.pid = p.pid
      LEFT JOIN assessed ON assessed.pid = p.pid
      LEFT JOIN stay ON stay.pid = p.pid
      LEFT JOIN whereabouts ON whereabouts.pid = p.pid
      LEFT JOIN homeless ON homeless.pid = p.pid
      LEFT JOIN referral ON referral.pid = p.pid
      LEFT JOIN priority ON priority.pid = p.pid
      LEFT JOIN home ON home.pid = p.pid
      LEFT JOIN placed ON placed.pid = p.pid
     ORDER BY p.line
"""
# Households on file whose head heads none here any more, while another of theirs heads it. They
# were there together: an id that is given again, and a stranger with whom one of them lives now,
# make no household. Whoever was housed, or left the list, comes back by their own id alone.
HEADED_ANEW = """
    WITH standing AS (
        SELECT f.participant, f.pid FROM hmis_file f
          JOIN participants_listplace l ON l.participant_id = f.participant
         WHERE f.how = 'head' AND l.status IN ('active', 'inactive') AND f.pid <> ALL(%s)
           AND NOT EXISTS (SELECT 1 FROM hmis_pick p WHERE p.pid = f.pid AND p.left_on IS NULL)
    ), leads AS (
        SELECT * FROM hmis_pick p
         WHERE p.left_on IS NULL
           AND NOT EXISTS (SELECT 1 FROM hmis_file o
                            WHERE o.pid = p.pid AND o.how IN ('head', 'joined'))
    ), belongs AS (
        SELECT p.pid, f.participant FROM leads p JOIN hmis_file f USING (pid) WHERE f.how = 'member'
    ), claim AS (
        SELECT p.pid, h.participant, 1 AS rank, p.line
          FROM leads p
          JOIN hmis_stint s ON s.household = p.household AND s.is_listed AND s.pid <> p.pid
          JOIN standing h ON h.pid = s.pid
         WHERE (s.left_on IS NULL OR s.left_on > p.entered)
           AND (s.rel = '1' OR (p.pid, h.participant) IN (SELECT pid, participant FROM belongs))
        UNION ALL
        SELECT p.pid, h.participant, 2, p.line
          FROM leads p
          JOIN belongs b USING (pid)
          JOIN standing h ON h.participant = b.participant
         WHERE NOT EXISTS (SELECT 1 FROM hmis_stint s WHERE s.pid = h.pid AND s.is_listed
                              AND s.destination IS DISTINCT FROM %s)
    ), one AS (
        SELECT DISTINCT ON (participant) * FROM claim
         ORDER BY participant, (pid, participant) IN (SELECT pid, participant FROM belongs) DESC,
                  rank, line
    )
    SELECT DISTINCT ON (pid) pid, participant FROM one ORDER BY pid, rank, participant
"""
# Members on file who head a household here because the row of its head could not be read.
HEAD_UNREAD = """
    SELECT DISTINCT p.pid FROM hmis_pick p
      JOIN hmis_file f ON f.pid = p.pid AND f.how = 'member'
      JOIN hmis_file h ON h.participant = f.participant AND h.how = 'head'
     WHERE h.pid = ANY(%s) AND p.pid <> h.pid
       AND NOT EXISTS (SELECT 1 FROM hmis_file o WHERE o.pid = p.pid AND o.how = 'head')
"""
# Households on file whose other id, of a record that was joined into theirs, is in the export while
# their own heads nothing.
UNDER_JOINED_ID = """
    SELECT DISTINCT ON (f.participant) p.pid, f.participant
      FROM hmis_pick p JOIN hmis_file f USING (pid)
     WHERE f.how = 'joined' AND NOT EXISTS (
        SELECT 1 FROM hmis_file o JOIN hmis_pick q ON q.pid = o.pid AND q.left_on IS NULL
         WHERE o.how = 'head' AND o.participant = f.participant)
     ORDER BY f.participant, (p.left_on IS NULL) DESC, p.line
"""
# Heads on file who belong to a household that somebody else heads by now.
JOINED_ANOTHER = """
    SELECT DISTINCT ON (s.pid) s.line, s.pid, s.eid
      FROM hmis_file f
      JOIN hmis_stint s ON s.pid = f.pid AND s.is_listed AND s.left_on IS NULL
      JOIN hmis_pick p ON p.household = s.household AND p.pid <> s.pid
     WHERE f.how = 'head' AND f.participant <> ALL(%s::uuid[])
       AND NOT EXISTS (SELECT 1 FROM hmis_pick o WHERE o.pid = f.pid AND o.left_on IS NULL)
     ORDER BY s.pid, s.line
"""
# Heads on file who are in the export, and head nothing in it: with the day they left, if they did.
GONE = """
    SELECT DISTINCT ON (f.participant) f.participant, f.pid, s.left_on, s.destination
      FROM hmis_file f JOIN hmis_stint s USING (pid)
     WHERE f.how = 'head' AND s.is_listed
       AND NOT EXISTS (SELECT 1 FROM hmis_seen n WHERE n.participant = f.participant)
     ORDER BY f.participant, (s.left_on IS NULL) DESC, s.left_on DESC
"""
Relation = HouseholdMember.Relation


def headed_anew(unreadable: Iterable[str]) -> dict[str, UUID]:
    """`{HMIS ID of who heads it now: key of the household on file}`.

    `unreadable`: HMIS IDs whose rows could not be read; what is told beside them is no change.
    """
    with connection.cursor() as cursor:
        cursor.execute(HEADED_ANEW, [list(unreadable), codes.DECEASED])
        return {pid: UUID(str(participant)) for pid, participant in cursor.fetchall()}


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


def households(as_of: date, table: Codes) -> Iterator[tuple[str, Said]]:
    """Yield `(HMIS ID, what HMIS says)` of every head, as dates and words that JSON can hold."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            HOUSEHOLDS,
            {
                "as_of": as_of,
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
        moved_in_on,
        housed_before,
        housed_meanwhile,
        homeless_on,
        members,
        homelessness,
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
        "referral_active_on": text_of(referred_on),
        "listed_on": text_of(listed_on),
        "entered_on": entered.isoformat(),
        "left": left,
        "asks": asks,
        "housed_before": text_of(housed_before),
        "members": [member_of(*each) for each in json.loads(members or "[]")],
        "is_chronic": is_chronic,
        "chronic_lacks": lacking,
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
