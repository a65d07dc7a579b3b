"""From staged rows to households: who heads them, who is in them, where and since when.

A person is on the list once, by the household of their newest enrolment in a project that the CoC
chose; listed since the oldest of those that are open.
"""

from django.db import connection

from . import codes
from .staging import opened

DUPLICATED = """
    DELETE FROM hmis_enrollment a USING hmis_enrollment b
     WHERE a.eid = b.eid AND a.line > b.line RETURNING a.line
"""
# Of whoever was in a project on the list: the others count for nobody.
STINTS = """
    CREATE TEMPORARY TABLE hmis_stint AS
    WITH p AS (
        SELECT * FROM unnest(%s::text[], %s::text[], %s::boolean[]) AS p(key, kind, is_listed)
    ), counting AS (
        SELECT DISTINCT e.pid FROM hmis_enrollment e JOIN p ON p.key = e.project AND p.is_listed
    )
    SELECT e.*, x.left_on, x.destination, p.kind, p.is_listed
      FROM hmis_enrollment e
      JOIN counting USING (pid)
      JOIN p ON p.key = e.project
      LEFT JOIN (SELECT DISTINCT ON (eid) eid, left_on, destination FROM hmis_exit
                  WHERE left_on <= %s ORDER BY eid, left_on DESC) x USING (eid)
     WHERE e.entered <= %s
       AND e.pid IN (SELECT pid FROM hmis_enrollment WHERE project = ANY(%s))
"""
MEMBERS = """
    CREATE TEMPORARY TABLE hmis_member AS
    SELECT pid, rel = '1' OR NOT bool_or(rel = '1') OVER (PARTITION BY household) AS may_lead
      FROM hmis_stint WHERE is_listed
"""
HEADS = """
    CREATE TEMPORARY TABLE hmis_head AS
    SELECT DISTINCT ON (s.household) s.*
      FROM hmis_stint s JOIN hmis_client c USING (pid)
     WHERE s.is_listed
     ORDER BY s.household, (s.left_on IS NULL) DESC, (s.rel = '1') DESC, c.age DESC NULLS LAST,
              s.pid
"""
PICKS = """
    CREATE TEMPORARY TABLE hmis_pick AS
    SELECT DISTINCT ON (pid) h.*,
           min(entered) FILTER (WHERE left_on IS NULL) OVER (PARTITION BY pid) AS open_since,
           min(entered) OVER (PARTITION BY pid) AS first_entered
      FROM hmis_head h
     ORDER BY pid, (left_on IS NULL) DESC, entered DESC, eid
"""
HOUSEHOLDS = """
    WITH size AS (
        SELECT s.household,
               count(*) FILTER (WHERE c.age >= 18 OR (c.age IS NULL AND s.rel <> '2')) AS adults,
               count(*) FILTER (WHERE c.age < 18 OR (c.age IS NULL AND s.rel = '2')) AS children,
               max(c.age) AS oldest,
               bool_or(c.is_veteran) FILTER (WHERE c.age >= 18 OR c.age IS NULL) AS is_veteran
          FROM hmis_stint s
          JOIN hmis_pick p ON p.household = s.household
          JOIN hmis_client c ON c.pid = s.pid
         WHERE (s.left_on IS NULL) = (p.left_on IS NULL)
         GROUP BY s.household
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
    )
    SELECT p.pid, p.project, p.rel, p.line, p.entered, p.open_since, p.first_entered, p.left_on,
           p.destination, size.adults, size.children, size.oldest, size.is_veteran,
           contact.at, contact.source, assessed.at, stay.at, stay.source, stay.living, stay.kind,
           whereabouts.county, referral.at, priority.status, home.at, c.sealed
      FROM hmis_pick p
      JOIN size USING (household)
      JOIN hmis_client c ON c.pid = p.pid
      LEFT JOIN contact ON contact.pid = p.pid
      LEFT JOIN assessed ON assessed.pid = p.pid
      LEFT JOIN stay ON stay.pid = p.pid
      LEFT JOIN whereabouts ON whereabouts.pid = p.pid
      LEFT JOIN referral ON referral.pid = p.pid
      LEFT JOIN priority ON priority.pid = p.pid
      LEFT JOIN home ON home.pid = p.pid
     ORDER BY p.line
"""
ORPHANS = """
    SELECT s.line FROM hmis_stint s LEFT JOIN hmis_client c USING (pid)
     WHERE s.is_listed AND c.pid IS NULL ORDER BY s.line
"""
HEADLESS = """
    SELECT p.line FROM hmis_head p WHERE p.rel <> '1' AND NOT EXISTS (
        SELECT 1 FROM hmis_stint s WHERE s.household = p.household AND s.rel = '1')
     ORDER BY p.line
"""
TWO_HEADS = """
    SELECT min(line) FROM hmis_stint WHERE is_listed AND rel = '1' AND left_on IS NULL
     GROUP BY household HAVING count(DISTINCT pid) > 1 ORDER BY 1
"""
REPEATED_CLIENTS = """
    DELETE FROM hmis_client a USING hmis_client b
     WHERE a.pid = b.pid AND a.line > b.line RETURNING a.line
"""
WHO = "RelationshipToHoH"


def build_stints(projects, as_of, refusals):
    """Enrolments with their end as of the day; who is in the households that count."""
    with connection.cursor() as cursor:
        cursor.execute(DUPLICATED)
        for (line,) in cursor.fetchall():
            refusals.add(
                "Enrollment.csv",
                line,
                "EnrollmentID",
                "",
                "The enrolment is in the file twice.",
                "The first row counts. Merge them in HMIS.",
            )
        rows = list(projects.values())
        cursor.execute(
            STINTS,
            [
                [row.key for row in rows],
                [row.type_code for row in rows],
                [row.is_listed for row in rows],
                as_of,
                as_of,
                [row.key for row in rows if row.is_listed],
            ],
        )
        cursor.execute("CREATE INDEX ON hmis_stint (pid); CREATE INDEX ON hmis_stint (eid)")
        cursor.execute(MEMBERS)
        cursor.execute("CREATE INDEX ON hmis_member (pid); ANALYZE hmis_member, hmis_stint")


def build_households(refusals):
    """Choose the head of each household and the household of each head; note what is odd."""
    odd = [
        (
            ORPHANS,
            "PersonalID",
            "The person is not in Client.csv.",
            "Not taken. Export all files together.",
        ),
        (
            HEADLESS,
            WHO,
            "The household has no head.",
            "Taken, with the oldest person as its head. Correct it in HMIS.",
        ),
        (
            TWO_HEADS,
            WHO,
            "The household has more than one head.",
            "Taken, with the oldest as its head. Correct it in HMIS.",
        ),
    ]
    with connection.cursor() as cursor:
        cursor.execute(REPEATED_CLIENTS)
        for (line,) in cursor.fetchall():
            refusals.add(
                "Client.csv",
                line,
                "PersonalID",
                "",
                "The person is in the file twice.",
                "The first row counts. Merge them in HMIS.",
            )
        cursor.execute("CREATE INDEX ON hmis_client (pid); ANALYZE hmis_client")
        cursor.execute(HEADS)
        cursor.execute(PICKS)
        cursor.execute("ANALYZE hmis_pick, hmis_head")
        for query, column, problem, remedy in odd:
            cursor.execute(query)
            for (line,) in cursor.fetchall():
                refusals.add("Enrollment.csv", line, column, "", problem, remedy)


def households(as_of, table):
    """Yield `(HMIS ID, what HMIS says)` of every head, as dates and words that JSON can hold."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(HOUSEHOLDS, {"as_of": as_of, "permanent": sorted(codes.PERMANENT_HOUSING)})
        while rows := cursor.fetchmany(1_000):
            for row in rows:
                yield row[0], said_by(row, table)


def said_by(row, table):
    (
        pid,
        project,
        _rel,
        line,
        entered,
        open_since,
        first_entered,
        left_on,
        destination,
        adults,
        children,
        oldest,
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
        housed_on,
        sealed,
    ) = row
    name, born = opened(sealed, pid)
    is_left, left_to = left_on is not None, None
    if is_left:
        left_to = (
            "housed"
            if destination in table.housed
            else "deceased"
            if destination == codes.DECEASED
            else "elsewhere"
        )
    if housed_on and housed_on >= first_entered and left_to != "deceased":
        is_left, left_on, left_to = True, housed_on, "housed"
    return {
        "name": name,
        "birth_date": born,
        "adults": adults,
        "children": children,
        "is_youth": None if oldest is None else oldest < 25,
        "is_veteran": is_veteran,
        "is_prioritized": codes.PRIORITIZED.get(priority),
        "referral_active_on": text(referred_on),
        "listed_on": text(open_since or first_entered),
        "entered_on": text(entered),
        "left": [text(left_on), left_to] if is_left else None,
        "stay": stay_of(stay_on, stay_source, living, kind, table),
        "contact": [text(met_on), met_by] if met_on else None,
        "assessed": text(assessed_on),
        "project": project,
        "county_words": county,
        "line": line,
    }


def stay_of(on, source, living, kind, table):
    """`[kind, day]` of the newest word on where they stay; None when it says nothing."""
    if on is None:
        return None
    if source == "service":
        stays = "shelter"
    elif source == "entry" and kind in codes.STAYS_OF_PROJECTS:
        stays = codes.STAYS_OF_PROJECTS[kind]
    else:
        stays = table.situations.get(living)
    return [str(stays), text(on)] if stays else None


def text(on):
    return on.isoformat() if on else None
