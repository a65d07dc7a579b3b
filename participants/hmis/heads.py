"""Who heads which household of an export, and what is odd about its enrollments."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.db import connection
from django.db.backends.utils import CursorWrapper

from participants.hmis.reading import Refusals
from participants.hmis.staging import ids_of
from participants.models import HmisProject

DUPLICATED = """
    DELETE FROM hmis_enrollment a USING hmis_enrollment b
     WHERE a.eid = b.eid AND a.line > b.line RETURNING a.line, a.pid, a.eid
"""
# Only the head's enrollment need say which CoC it is in: the head's word holds for the household.
OTHER_COCS = """
    WITH told AS (
        SELECT household, (array_agg(coc ORDER BY rel = '1' DESC, entered DESC))[1] AS code
          FROM hmis_enrollment WHERE project = ANY(%s) AND coc <> '' GROUP BY household
    )
    DELETE FROM hmis_enrollment e USING told
     WHERE told.household = e.household AND told.code <> %s
"""
UNTOLD_COCS = """
    SELECT min(line), min(pid), min(eid) FROM hmis_enrollment WHERE project = ANY(%s)
     GROUP BY household HAVING bool_and(coc = '') ORDER BY 1
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
BACKWARDS = """
    SELECT line, pid, eid FROM hmis_stint WHERE left_on < entered ORDER BY line
"""
# Some systems give one HouseholdID to people who have nothing to do with each other.
SHARED_IDS = """
    UPDATE hmis_stint s SET household = s.household || ':' || s.pid
      FROM (SELECT household, count(DISTINCT pid) > %(most)s AS is_crowd,
                   CASE WHEN bool_or(rel <> '1') THEN
                        (array_agg(pid ORDER BY entered, pid) FILTER (WHERE rel = '1'))[1]
                   END AS with_others
              FROM hmis_stint WHERE is_listed AND left_on IS NULL GROUP BY household
            HAVING count(DISTINCT pid) FILTER (WHERE rel = '1') > 2
                OR count(DISTINCT pid) FILTER (WHERE rel = '1') = 2 AND bool_and(rel = '1')
                OR count(DISTINCT pid) > %(most)s) shared
     WHERE s.household = shared.household
       AND (is_crowd OR s.rel = '1' AND s.pid IS DISTINCT FROM with_others)
 RETURNING s.line, s.pid, s.eid
"""
# Who is, or may become, the head: an open enrollment as head goes before everybody else.
MEMBERS = """
    CREATE TEMPORARY TABLE hmis_member AS
    SELECT pid, rel = '1' OR (left_on IS NULL AND NOT bool_or(rel = '1' AND left_on IS NULL)
                              OVER (PARTITION BY household)) AS may_lead
      FROM hmis_stint WHERE is_listed
"""
# Where the head has left: an adult, the spouse or partner before others, the oldest.
HEADS = """
    CREATE TEMPORARY TABLE hmis_head AS
    SELECT DISTINCT ON (s.household) s.*, c.age
      FROM hmis_stint s JOIN hmis_client c USING (pid)
     WHERE s.is_listed
     ORDER BY s.household, (s.left_on IS NULL) DESC, (s.rel = '1') DESC, s.left_on DESC,
              coalesce(c.age >= 18, s.rel <> '2') DESC, (s.rel = '3') DESC, c.age DESC NULLS LAST,
              s.entered, s.pid, s.eid
"""
PICKS = """
    CREATE TEMPORARY TABLE hmis_pick AS
    WITH led AS (
        SELECT s.pid, min(s.entered) FILTER (WHERE s.left_on IS NULL) AS open_since,
               min(s.entered) AS first_entered
          FROM hmis_stint s JOIN hmis_head h ON h.household = s.household AND h.pid = s.pid
         WHERE s.is_listed GROUP BY s.pid
    ), pick AS (
        SELECT DISTINCT ON (pid) * FROM hmis_head
         ORDER BY pid, (left_on IS NULL) DESC, entered DESC, eid
    )
    SELECT pick.*, led.open_since, led.first_entered,
           (SELECT min(s.entered) FROM hmis_stint s
             WHERE s.household = pick.household AND s.is_listed
               AND (s.left_on IS NULL OR s.left_on >= led.open_since)) AS household_since
      FROM pick JOIN led USING (pid)
"""
# A household has ended when its last adult left, and as that one did.
ENDED = """
    UPDATE hmis_pick p SET left_on = last.left_on, destination = last.destination
      FROM (SELECT DISTINCT ON (s.household) s.household, s.left_on, s.destination
              FROM hmis_stint s JOIN hmis_client c USING (pid) JOIN hmis_pick q USING (household)
             WHERE q.left_on IS NOT NULL AND s.left_on IS NOT NULL
               AND coalesce(c.age >= 18, s.rel <> '2')
             ORDER BY s.household, s.left_on DESC, (s.rel = '1') DESC) last
     WHERE p.household = last.household AND p.left_on IS NOT NULL
"""
# Where the head has no row in Client.csv nobody else heads the household for that.
WITHOUT_HEADS_ROW = """
    DELETE FROM hmis_pick p USING hmis_stint s
     WHERE s.household = p.household AND s.is_listed AND s.rel = '1' AND s.left_on IS NULL
       AND p.left_on IS NULL AND p.rel <> '1'
       AND NOT EXISTS (SELECT 1 FROM hmis_client c WHERE c.pid = s.pid)
"""
TWICE = """
    DELETE FROM hmis_pick q USING hmis_pick p, hmis_stint a, hmis_stint b
     WHERE p.left_on IS NULL AND q.left_on IS NULL AND p.pid <> q.pid
       AND a.pid = p.pid AND a.household = q.household AND a.left_on IS NULL AND a.is_listed
       AND b.pid = q.pid AND b.household = p.household AND b.left_on IS NULL AND b.is_listed
       AND (p.open_since, p.pid) < (q.open_since, q.pid)
    RETURNING q.line, q.pid, q.eid
"""
ORPHANS = """
    SELECT s.line, s.pid, s.eid FROM hmis_stint s LEFT JOIN hmis_client c USING (pid)
     WHERE s.is_listed AND c.pid IS NULL ORDER BY s.line
"""
HEADLESS = """
    SELECT p.line, p.pid, p.eid FROM hmis_head p WHERE p.rel <> '1' AND NOT EXISTS (
        SELECT 1 FROM hmis_stint s WHERE s.household = p.household AND s.rel = '1')
     ORDER BY p.line
"""
HEAD_LEFT = """
    SELECT p.line, p.pid, p.eid FROM hmis_head p
     WHERE p.rel <> '1' AND p.left_on IS NULL AND EXISTS (
        SELECT 1 FROM hmis_stint s
         WHERE s.household = p.household AND s.rel = '1' AND s.left_on > p.entered)
     ORDER BY p.line
"""
TWO_HEADS = """
    SELECT min(line), min(pid), min(eid) FROM hmis_stint
     WHERE is_listed AND rel = '1' AND left_on IS NULL
     GROUP BY household HAVING count(DISTINCT pid) > 1 ORDER BY 1
"""
YOUNG_HEADS = """
    SELECT line, pid, eid FROM hmis_pick WHERE left_on IS NULL AND age < %s ORDER BY line
"""
REPEATED_CLIENTS = """
    DELETE FROM hmis_client a USING hmis_client b
     WHERE a.pid = b.pid AND a.line > b.line RETURNING a.line, a.pid, ''
"""
WHO = "RelationshipToHoH"
# More than that under one id is a default of the system, no household.
MOST_IN_HOUSEHOLD = 25
# HUD counts from 13 on whoever comes to a project alone.
YOUNGEST_HEAD = 13


def build_stints(
    projects: Mapping[str, HmisProject],
    as_of: date,
    refusals: Refusals,
    *,
    coc_code: str,
    shared: list[str],
) -> None:
    """Enrollments with their end as of the day; who is in the households that count.

    `shared`: projects that serve more than one CoC, this one among them.
    """
    rows = list(projects.values())
    listed = [row.key for row in rows if row.is_listed]
    with connection.cursor() as cursor:
        doubt = Doubts(cursor, refusals).enrollments
        doubt(
            DUPLICATED,
            "EnrollmentID",
            "The enrollment is in the file twice.",
            "The first row counts. Merge them in HMIS.",
        )
        cursor.execute(OTHER_COCS, [shared, coc_code])
        doubt(
            UNTOLD_COCS,
            "EnrollmentCoC",
            "The project serves more than one CoC, and the enrollment does not say which.",
            "Taken as this CoC’s. Enter the CoC in HMIS.",
            [[key for key in listed if key in shared]],
        )
        cursor.execute(
            STINTS,
            [
                [row.key for row in rows],
                [row.type_code for row in rows],
                [row.is_listed for row in rows],
                as_of,
                as_of,
                listed,
            ],
        )
        doubt(
            BACKWARDS,
            "ExitDate",
            "The exit is before the entry.",
            "Taken as left. Correct the dates in HMIS.",
        )
        doubt(
            SHARED_IDS,
            "HouseholdID",
            "People who head households of their own share the HouseholdID.",
            "Each is taken as a household of their own. Correct it in HMIS.",
            {"most": MOST_IN_HOUSEHOLD},
        )
        cursor.execute("CREATE INDEX ON hmis_stint (pid); CREATE INDEX ON hmis_stint (eid)")
        cursor.execute("CREATE INDEX ON hmis_stint (household)")
        cursor.execute(MEMBERS)
        cursor.execute("CREATE INDEX ON hmis_member (pid); ANALYZE hmis_member, hmis_stint")


class Doubts:
    """Notes what queries find odd; each gives line, PersonalID and EnrollmentID of its rows."""

    def __init__(self, cursor: CursorWrapper, refusals: Refusals) -> None:
        self.cursor, self.refusals = cursor, refusals

    def enrollments(
        self,
        query: str,
        column: str,
        problem: str,
        remedy: str,
        values: Sequence[list[str] | int] | Mapping[str, int] | None = None,
        file: str = "Enrollment.csv",
    ) -> list[tuple[str, str]]:
        """Note them; return `[(HMIS ID, EnrollmentID)]` of who it is about."""
        self.cursor.execute(query, values)
        rows = self.cursor.fetchall()
        for line, pid, eid in rows:
            self.refusals.add(file, line, column, "", problem, remedy, ids=ids_of(pid, eid))
        return [(pid, eid) for _line, pid, eid in rows]


def build_households(refusals: Refusals) -> set[str]:
    """Choose the head of each household and the household of each head; note what is odd.

    Return the HMIS IDs of those who are enrolled and have no row in Client.csv.
    """
    with connection.cursor() as cursor:
        doubt = Doubts(cursor, refusals).enrollments
        doubt(
            REPEATED_CLIENTS,
            "PersonalID",
            "The person is in the file twice.",
            "The first row counts. Merge them in HMIS.",
            file="Client.csv",
        )
        cursor.execute("CREATE INDEX ON hmis_client (pid); ANALYZE hmis_client")
        cursor.execute(HEADS)
        cursor.execute(PICKS)
        cursor.execute("CREATE INDEX ON hmis_pick (pid); ANALYZE hmis_pick, hmis_head")
        cursor.execute(ENDED)
        cursor.execute(WITHOUT_HEADS_ROW)
        doubt(
            TWICE,
            WHO,
            "Two people head each other’s household, in two projects.",
            "Taken once, by whom came first. Correct it in HMIS.",
        )
        without_row = {
            pid
            for pid, _eid in doubt(
                ORPHANS,
                "PersonalID",
                "The person is not in Client.csv.",
                "Not taken. Export all files together.",
            )
        }
        doubt(
            HEADLESS,
            WHO,
            "The household has no head.",
            "Taken, with the oldest adult as its head. Correct it in HMIS.",
        )
        doubt(
            HEAD_LEFT,
            WHO,
            "The head left, and others stay.",
            "Taken, with this person as its head. Name the new head in HMIS.",
        )
        doubt(
            TWO_HEADS,
            WHO,
            "The household has more than one head.",
            "Taken, with the oldest as its head. Correct it in HMIS.",
        )
        doubt(
            YOUNG_HEADS,
            WHO,
            f"The head of the household is under {YOUNGEST_HEAD}.",
            "Taken. Look for an adult’s enrollment, or for a wrong birth date, in HMIS.",
            [YOUNGEST_HEAD],
        )
        return without_row
