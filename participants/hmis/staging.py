"""Copying the wanted columns of an export into temporary tables of PostgreSQL.

Temporary tables are written to no log and no backup, and end with the connection. Names and dates
of birth go into them sealed, and only those of people who may lead a household. Of everybody else
an age is all that is kept.
"""

import json
from contextlib import contextmanager
from itertools import islice

from django.db import connection

from vault import keys

from . import codes
from .reading import KEY, ImportRefused, shape_of

TABLES = {
    "hmis_enrollment": (
        "eid text, pid text, project text, household text, rel text, entered date, living text,"
        " moved_in date, line integer"
    ),
    "hmis_exit": "eid text, left_on date, destination text",
    "hmis_contact": "eid text, at date, source text, living text, county text",
    "hmis_event": "eid text, at date",
    "hmis_assessment": "eid text, at date, status text",
    "hmis_seen": "participant uuid",
    "hmis_client": "pid text, age integer, is_veteran boolean, sealed bytea, line integer",
}
DERIVED = ("hmis_member", "hmis_stint", "hmis_head", "hmis_pick")
CLIENTS_AT_ONCE = 5_000
BED_NIGHTS_AT_ONCE = 20_000
MOST_HELD = 200_000
SEALED = b"participants.hmis.client\0"
NO_DATE = "Not a date in any known shape."
DATE_REMEDY = "Correct it in HMIS (year-month-day), and export again."
NO_KEY = "Not an id of up to 32 characters."
KEY_REMEDY = "Correct the id in HMIS, and export again."
MOST_UNREADABLE = 50_000


@contextmanager
def temporary_tables():
    """The tables that an import is staged in; gone afterwards, whatever happens."""
    drop_all()
    with connection.cursor() as cursor:
        for name, columns in TABLES.items():
            cursor.execute(f"CREATE TEMPORARY TABLE {name} ({columns})")
    try:
        yield
    finally:
        # A connection that broke has taken its temporary tables with it.
        if connection.connection is not None and not connection.connection.closed:
            if not connection.needs_rollback:
                drop_all()
        else:
            connection.close()


def drop_all():
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {', '.join((*TABLES, *DERIVED))}")


class Lines:
    """An iterator of rows as a file that COPY reads (text format, tab between columns).

    While COPY runs nothing else may be asked of the connection; when `is_due()`, the file ends, so
    that progress can be noted, and what is left is for the next COPY.
    """

    def __init__(self, rows, is_due=None):
        self.rows, self.rest, self.is_due = iter(rows), "", is_due
        self.is_over, self.refusal = False, None

    def read(self, size=8192):
        try:
            return self.read_rows(size)
        except ImportRefused as refusal:
            # The driver would make an error of its own of it, in other words.
            self.refusal, self.is_over = refusal, True
            return ""

    def read_rows(self, size):
        if not self.rest and self.is_due and self.is_due():
            return ""
        lines = [self.rest] if self.rest else []
        length = len(self.rest)
        while length < size:
            more = list(islice(self.rows, 200))
            if not more:
                self.is_over = True
                break
            text = "".join(more)
            lines.append(text)
            length += len(text)
        text = "".join(lines)
        self.rest = text[size:]
        return text[:size]


def copy(table, rows, export):
    """COPY lines of text into a table, as they come, and note how far it is in between."""
    lines = Lines(rows, export.is_progress_due)
    with connection.cursor() as cursor:
        while not lines.is_over:
            cursor.copy_expert(f"COPY {table} FROM STDIN", lines, size=1 << 16)
            if lines.refusal:
                raise lines.refusal
            export.tell_progress()
        cursor.execute(f"ANALYZE {table}")


def is_key(text):
    return KEY.fullmatch(text) is not None


def day(table, dates, line, column, text):
    """The date as COPY wants it; None, and a refusal, for what is no date."""
    try:
        found = dates.read(text)
    except ValueError:
        table.refuse(line, column, shape_of(text), NO_DATE, DATE_REMEDY)
        return None
    return found.isoformat() if found else ""


def refuse_key(table, line, column, text):
    table.refuse(line, column, shape_of(text), NO_KEY, KEY_REMEDY)


def stage_enrollments(export, projects, dates, *, coc_code, codes_by_project):
    """Enrolments of projects that are not refused.

    Return `(how many were refused with their project, whose rows were refused as they are)`; who is
    among the latter is in the export all the same. `projects` is `{ProjectID: HmisProject}`; an
    enrolment in another CoC of a project that serves several is none of ours (`codes_by_project`).
    """
    refused, unreadable = {}, set()

    def refuse(table, pid, *refusal):
        table.refuse(*refusal)
        if is_key(pid) and len(unreadable) < MOST_UNREADABLE:
            unreadable.add(pid)

    def lines():
        table = export.table(
            "Enrollment",
            ("EnrollmentID", "PersonalID", "ProjectID", "EntryDate", "HouseholdID"),
            ("RelationshipToHoH", "EnrollmentCoC", "LivingSituation", "MoveInDate"),
        )
        eid_at, pid_at, project_at, entered_at, household_at = (
            table.at(column)
            for column in ("EnrollmentID", "PersonalID", "ProjectID", "EntryDate", "HouseholdID")
        )
        rel_at, coc_at, living_at, moved_at = (
            table.optional[column]
            for column in ("RelationshipToHoH", "EnrollmentCoC", "LivingSituation", "MoveInDate")
        )
        for line, row in table.rows():
            eid, pid, key = row[eid_at].strip(), row[pid_at].strip(), row[project_at].strip()
            project = projects.get(key)
            if project is None:
                problem = "The project is not in Project.csv."
                refuse(table, pid, line, "ProjectID", "", problem, "Export again.")
                continue
            if project.is_refused:
                refused[key] = refused.get(key, 0) + 1
                continue
            if not is_key(eid):
                refuse(table, pid, line, "EnrollmentID", shape_of(eid), NO_KEY, KEY_REMEDY)
                continue
            if not is_key(pid):
                refuse(table, pid, line, "PersonalID", shape_of(pid), NO_KEY, KEY_REMEDY)
                continue
            coc = coc_at is not None and row[coc_at].strip()
            if coc and coc != coc_code and coc_code in codes_by_project.get(key, ()):
                continue
            try:
                entered = dates.read(row[entered_at])
            except ValueError:
                shape = shape_of(row[entered_at])
                refuse(table, pid, line, "EntryDate", shape, NO_DATE, DATE_REMEDY)
                continue
            if entered is None:
                problem = "Without a date of entry."
                refuse(table, pid, line, "EntryDate", "(empty)", problem, DATE_REMEDY)
                continue
            household = row[household_at].strip()
            # A household that has no id is the person alone.
            home = f"{key}:h:{household}" if is_key(household) else f"{key}:e:{eid}"
            moved_in = moved_at is not None and row[moved_at].strip()
            moved_in = (moved_in and day(table, dates, line, "MoveInDate", moved_in)) or "\\N"
            rel = "" if rel_at is None else row[rel_at].strip()
            living = "" if living_at is None else row[living_at].strip()
            yield (
                f"{eid}\t{pid}\t{key}\t{home}\t{rel if rel.isdigit() else ''}\t"
                f"{entered.isoformat()}\t"
                f"{living if living.isdigit() else ''}\t{moved_in}\t{line}\n"
            )

    copy("hmis_enrollment", lines(), export)
    return refused, unreadable


def stage_exits(export, dates, projects):
    """The ends of enrolments, of whoever was in a project on the list, if they can be held."""
    wanted = enrollments_that_may_count(projects)

    def lines():
        table = export.table("Exit", ("EnrollmentID", "ExitDate"), ("Destination",))
        eid_at, at = table.at("EnrollmentID"), table.at("ExitDate")
        for line, row in table.rows():
            eid = row[eid_at].strip()
            if wanted is not None and eid not in wanted:
                continue
            left_on = day(table, dates, line, "ExitDate", row[at])
            if not is_key(eid):
                refuse_key(table, line, "EnrollmentID", eid)
            elif left_on == "":
                table.refuse(line, "ExitDate", "(empty)", "An exit without a date.", DATE_REMEDY)
            elif left_on:
                destination = table.get(row, "Destination")
                yield f"{eid}\t{left_on}\t{destination if destination.isdigit() else ''}\n"

    copy("hmis_exit", lines(), export)


def stage_contacts(export, dates, county_in):
    """Living situations, bed nights, assessments; `county_in` finds a county in words, or none."""
    wanted = enrollments_that_count()
    copy("hmis_contact", contact_lines(export, dates, county_in, wanted), export)
    if "Assessment" in export:
        copy("hmis_assessment", assessment_lines(export, dates), export)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO hmis_contact SELECT eid, at, 'assessed', '', '' FROM hmis_assessment"
        )


def enrollments_that_may_count(projects):
    """Like `enrollments_that_count`, before it is known which enrolments are of this day."""
    return keys_held(
        "SELECT DISTINCT eid FROM hmis_enrollment WHERE pid IN ("
        "SELECT pid FROM hmis_enrollment WHERE project = ANY(%s))",
        [key for key, project in projects.items() if project.is_listed],
    )


def enrollments_that_count():
    """The EnrollmentIDs of whoever was in a project on the list; None for too many to hold."""
    return keys_held(
        "SELECT DISTINCT eid FROM hmis_stint WHERE pid IN (SELECT pid FROM hmis_member)"
    )


def keys_held(query, *values):
    with connection.cursor() as cursor:
        cursor.execute(f"{query} LIMIT %s", [*values, MOST_HELD + 1])
        found = {key for (key,) in cursor.fetchall()}
    return found if len(found) <= MOST_HELD else None


def contact_lines(export, dates, county_in, wanted):
    if "CurrentLivingSituation" in export:
        yield from situation_lines(export, dates, county_in)
    if "Services" in export:
        yield from bed_night_lines(export, dates, wanted)


def situation_lines(export, dates, county_in):
    table = export.table(
        "CurrentLivingSituation",
        ("EnrollmentID", "InformationDate", "CurrentLivingSituation"),
        ("LocationDetails",),
    )
    eid_at, at = table.at("EnrollmentID"), table.at("InformationDate")
    living_at = table.at("CurrentLivingSituation")
    for line, row in table.rows():
        eid, on = row[eid_at].strip(), day(table, dates, line, "InformationDate", row[at])
        if on and is_key(eid):
            living = row[living_at].strip()
            county = county_in(table.get(row, "LocationDetails"))
            yield f"{eid}\t{on}\tsituation\t{living if living.isdigit() else ''}\t{county}\n"


def bed_night_lines(export, dates, wanted):
    """The last bed night per enrolment, as far as a bounded memory tells; SQL does the rest.

    Of the enrolments `wanted` alone, if they are known: this is the longest file of all.
    """
    table = export.table("Services", ("EnrollmentID", "DateProvided", "RecordType"))
    eid_at, at, kind_at = (
        table.at(column) for column in ("EnrollmentID", "DateProvided", "RecordType")
    )
    last, known = {}, dates.known
    for line, row in table.rows():
        eid = row[eid_at]
        if wanted is not None and eid not in wanted and eid.strip() not in wanted:
            continue
        if row[kind_at].strip() != codes.BED_NIGHT:
            continue
        text = row[at]
        on = known.get(text)
        if on is None:
            if not day(table, dates, line, "DateProvided", text):
                continue
            on = dates.read(text)
        former = last.get(eid)
        if former is None:
            if len(last) >= BED_NIGHTS_AT_ONCE:
                yield from flushed(last)
            last[eid] = on
        elif on > former:
            last[eid] = on
    yield from flushed(last)


def flushed(last):
    for eid, on in last.items():
        key = eid.strip()
        if is_key(key):
            yield f"{key}\t{on.isoformat()}\tservice\t\t\n"
    last.clear()


def assessment_lines(export, dates):
    table = export.table(
        "Assessment", ("EnrollmentID", "AssessmentDate"), ("PrioritizationStatus",)
    )
    eid_at, at = table.at("EnrollmentID"), table.at("AssessmentDate")
    for line, row in table.rows():
        eid, on = row[eid_at].strip(), day(table, dates, line, "AssessmentDate", row[at])
        if on and is_key(eid):
            status = table.get(row, "PrioritizationStatus")
            yield f"{eid}\t{on}\t{status if status.isdigit() else ''}\n"


def stage_events(export, dates, table_of_codes):
    """Referrals to an opening that have no result yet."""

    def lines():
        table = export.table("Event", ("EnrollmentID", "EventDate", "Event"), ("ReferralResult",))
        eid_at, at, kind_at = (table.at(name) for name in ("EnrollmentID", "EventDate", "Event"))
        for line, row in table.rows():
            if row[kind_at].strip() not in table_of_codes.referrals:
                continue
            if table.get(row, "ReferralResult") in ("1", "2", "3"):
                continue
            eid, on = row[eid_at].strip(), day(table, dates, line, "EventDate", row[at])
            if on and is_key(eid):
                yield f"{eid}\t{on}\n"

    if "Event" in export:
        copy("hmis_event", lines(), export)


def stage_clients(export, dates, *, as_of):
    """The people of households that were staged: age, veteran, and who may lead, sealed."""
    columns = ("PersonalID", "FirstName", "LastName", "DOB")
    table = export.table("Client", columns, ("VeteranStatus", "NameSuffix"))
    pid_at, rows, held = table.at("PersonalID"), table.rows(), members_held()
    while batch := list(islice(rows, CLIENTS_AT_ONCE)):
        by_pid = {}
        for line, row in batch:
            pid = row[pid_at].strip()
            if pid in by_pid:
                problem = "The person is in the file twice."
                table.refuse(line, "PersonalID", "", problem, "Merge them in HMIS.")
            elif held is None or pid in held:
                by_pid[pid] = (line, row)
        copy_clients(table, dates, as_of, by_pid, held)
        export.tell_progress()


def members_held():
    """`{PersonalID: may lead}` of the households that count; None for too many to hold."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid, bool_or(may_lead) FROM hmis_member GROUP BY pid LIMIT %s", [MOST_HELD + 1]
        )
        found = dict(cursor.fetchall())
    return found if len(found) <= MOST_HELD else None


def copy_clients(table, dates, as_of, by_pid, held):
    with connection.cursor() as cursor:
        if held is None:
            cursor.execute(
                "SELECT pid, bool_or(may_lead) FROM hmis_member WHERE pid = ANY(%s) GROUP BY pid",
                [[pid for pid in by_pid if is_key(pid)]],
            )
            wanted = dict(cursor.fetchall())
        else:
            wanted = {pid: held[pid] for pid in by_pid}
        lines = Lines(
            client_line(table, dates, as_of, pid, *by_pid[pid], may_lead=may_lead)
            for pid, may_lead in wanted.items()
        )
        cursor.copy_expert("COPY hmis_client FROM STDIN", lines, size=1 << 16)


def client_line(table, dates, as_of, pid, line, row, *, may_lead):
    born = day(table, dates, line, "DOB", row[table.at("DOB")])
    age = "\\N"
    if born:
        years = as_of.year - int(born[:4]) - (as_of.isoformat()[5:] < born[5:])
        age = str(years) if 0 <= years < 130 else "\\N"
    veteran = codes.YES_NO.get(table.get(row, "VeteranStatus"))
    is_veteran = "\\N" if veteran is None else "t" if veteran else "f"
    sealed = "\\N"
    if may_lead:
        name = name_of(row[table.at("FirstName")], row[table.at("LastName")])
        plain = json.dumps([name, born or None]).encode()
        sealed = "\\\\x" + keys.seal(plain, SEALED + pid.encode()).hex()
    return f"{pid}\t{age}\t{is_veteran}\t{sealed}\t{line}\n"


def name_of(first, last):
    """First and last name; None for what is hashed or missing, whatever HashStatus says."""
    parts = [" ".join(part.split()) for part in (first, last)]
    parts = ["" if is_hash(part) else part for part in parts]
    return " ".join(filter(None, parts)).replace("\x00", "")[:300] or None


def is_hash(text):
    return len(text) in (32, 40, 64) and all(letter in "0123456789abcdefABCDEF" for letter in text)


def opened(sealed, pid):
    """`[name, date of birth]` of a person who may lead a household."""
    if sealed is None:
        return [None, None]
    return json.loads(keys.unseal(bytes(sealed), SEALED + pid.encode(), "HMIS client"))
