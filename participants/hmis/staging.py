"""Copying the wanted columns of an export into temporary tables of PostgreSQL.

Temporary tables are written to no log and no backup, and end with the connection. Names and dates
of birth go into them sealed, and only those of people who may lead a household. Of everybody else
an age is all that is kept.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from itertools import islice

from django.db import connection

from participants.hmis.own import ASSESSMENT, SITUATION, Own
from participants.hmis.reading import KEY, Chosen, Dates, Export, Table, shape_of
from participants.models import HmisProject

from . import codes

TABLES = {
    "hmis_enrollment": (
        "eid text, pid text, project text, household text, rel text, entered date, coc text,"
        " living text, moved_in date, line integer,"
        " disabled text, since date, times text, months text, by_user text"
    ),
    "hmis_exit": "eid text, left_on date, destination text",
    "hmis_contact": "eid text, at date, source text, living text, county text",
    "hmis_event": (
        "eid text, at date, waits boolean, id text, code text, prevented text, managed text,"
        " place text, result text, result_on date"
    ),
    "hmis_own": "kind text, id text, eid text, at date, told jsonb",
    "hmis_assessment": "eid text, at date, status text, level text",
    "hmis_file": "pid text, participant uuid, how text",
    "hmis_seen": "participant uuid",
    "hmis_client": "pid text, age integer, is_veteran boolean, sealed bytea, line integer",
}
DERIVED = ("hmis_member", "hmis_stint", "hmis_head", "hmis_pick")
BED_NIGHTS_AT_ONCE = 20_000
MOST_HELD = 200_000
TAB = "\t"
NULL = "\\N"
NO_DATE = "Not a date in any known shape."
AHEAD = "The date is ahead of the day of the export."
DATE_REMEDY = "Correct it in HMIS (year-month-day), and export again."
NO_KEY = "Not an id of up to 32 characters."
KEY_REMEDY = "Correct the id in HMIS, and export again."


@contextmanager
def temporary_tables() -> Iterator[None]:
    """The tables that an import is staged in; gone afterward, whatever happens."""
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


def drop_all() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {', '.join((*TABLES, *DERIVED))}")


class Lines:
    """An iterator of rows as a file that COPY reads (text format, tab between columns).

    While COPY runs nothing else may be asked of the connection; when `is_due()`, the file ends, so
    that progress can be noted, and what is left is for the next COPY.
    """

    def __init__(self, rows: Iterable[str], is_due: Callable[[], bool] | None = None) -> None:
        self.rows, self.rest, self.is_due = iter(rows), "", is_due
        self.is_over = False
        self.failure: Exception | None = None

    def read(self, size: int = 8192) -> str:
        try:
            return self.read_rows(size)
        except Exception as failure:
            # The driver would make an error of its own of it, in other words.
            self.failure, self.is_over = failure, True
            return ""

    def read_rows(self, size: int) -> str:
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


def copy(table: str, rows: Iterable[str], export: Export) -> None:
    """COPY lines of text into a table, as they come, and note how far it is in between."""
    lines = Lines(rows, export.is_progress_due)
    with connection.cursor() as cursor:
        while not lines.is_over:
            cursor.copy_expert(f"COPY {table} FROM STDIN", lines, size=1 << 16)
            if lines.failure:
                raise lines.failure
            export.tell_progress()
        cursor.execute(f"ANALYZE {table}")


def copy_all(statement: str, rows: Iterable[str]) -> None:
    """COPY lines of text; what fails as they are made is raised as it is."""
    lines = Lines(rows)
    with connection.cursor() as cursor:
        cursor.copy_expert(statement, lines, size=1 << 16)
    if lines.failure:
        raise lines.failure


def is_key(text: str) -> bool:
    return KEY.fullmatch(text) is not None


def day(
    table: Table, dates: Dates, line: int, column: str, text: str, *, pid: str = "", eid: str = ""
) -> str | None:
    """The date as COPY wants it; None, and a refusal, for what is no date, or is still to come."""
    try:
        found = dates.read(text)
    except ValueError:
        table.refuse(line, column, shape_of(text), NO_DATE, DATE_REMEDY, ids=ids_of(pid, eid))
        return None
    if found and found > dates.latest:
        table.refuse(line, column, shape_of(text), AHEAD, DATE_REMEDY, ids=ids_of(pid, eid))
        return None
    return found.isoformat() if found else ""


def refuse_key(table: Table, line: int, column: str, text: str, ids: str = "") -> None:
    table.refuse(line, column, shape_of(text), NO_KEY, KEY_REMEDY, ids=ids)


def ids_of(pid: str = "", eid: str = "") -> str:
    """How a person finds a row in HMIS: what of its ids is one."""
    named = (("PersonalID", pid), ("EnrollmentID", eid))
    return ", ".join(f"{name} {key}" for name, key in named if key and is_key(key))


def stage_exits(export: Export, dates: Dates, projects: Mapping[str, HmisProject]) -> None:
    """The ends of enrollments, of whoever was in a project on the list, if they can be held."""
    wanted = enrollments_that_may_count(projects)

    def lines() -> Iterator[str]:
        table = export.table("Exit", ("EnrollmentID", "ExitDate"), ("Destination",))
        eid_at, at = table.at("EnrollmentID"), table.at("ExitDate")
        for line, row in table.rows(of_those("EnrollmentID", wanted)):
            eid = row[eid_at].strip()
            left_on = day(table, dates, line, "ExitDate", row[at], eid=eid)
            if not is_key(eid):
                refuse_key(table, line, "EnrollmentID", eid)
            elif left_on == "":
                problem = "An exit without a date."
                table.refuse(line, "ExitDate", "(empty)", problem, DATE_REMEDY, ids=ids_of(eid=eid))
            elif left_on:
                destination = table.get(row, "Destination")
                yield f"{eid}\t{left_on}\t{destination if destination.isdigit() else ''}\n"

    copy("hmis_exit", lines(), export)


def stage_contacts(
    export: Export, dates: Dates, county_in: Callable[[str], str], *, as_of: date, own: Own
) -> None:
    """Living situations, bed nights, assessments; `county_in` finds a county in words, or none.

    Those that were written here are put aside too, to be known again.
    """
    wanted = enrollments_that_count()
    copy("hmis_contact", contact_lines(export, dates, county_in, wanted, as_of, own), export)
    if "Assessment" in export:
        copy("hmis_assessment", assessment_lines(export, dates, own), export)
    copy("hmis_own", own.lines(), export)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO hmis_contact SELECT eid, at, 'assessed', '', '' FROM hmis_assessment"
        )


def enrollments_that_may_count(projects: Mapping[str, HmisProject]) -> set[str] | None:
    """Like `enrollments_that_count`, before it is known which enrollments are of this day."""
    return keys_held(
        "SELECT DISTINCT eid FROM hmis_enrollment WHERE pid IN ("
        "SELECT pid FROM hmis_enrollment WHERE project = ANY(%s))",
        [key for key, project in projects.items() if project.is_listed],
    )


def enrollments_that_count() -> set[str] | None:
    """The EnrollmentIDs of whoever was in a project on the list; None for too many to hold."""
    return keys_held(
        "SELECT DISTINCT eid FROM hmis_stint WHERE pid IN (SELECT pid FROM hmis_member)"
    )


def of_those(column: str, wanted: Container[str] | None) -> Chosen | None:
    """The rows that have one of these in a column, for `Table.rows`; all of them for None."""
    return None if wanted is None else (column, wanted.__contains__)


def keys_held(query: str, *values: list[str]) -> set[str] | None:
    with connection.cursor() as cursor:
        cursor.execute(f"{query} LIMIT %s", [*values, MOST_HELD + 1])
        found = {key for (key,) in cursor.fetchall()}
    return found if len(found) <= MOST_HELD else None


def contact_lines(
    export: Export,
    dates: Dates,
    county_in: Callable[[str], str],
    wanted: set[str] | None,
    as_of: date,
    own: Own,
) -> Iterator[str]:
    if "CurrentLivingSituation" in export:
        yield from situation_lines(export, dates, county_in, own)
    if "Services" in export:
        yield from bed_night_lines(export, dates, wanted, as_of)


def situation_lines(
    export: Export, dates: Dates, county_in: Callable[[str], str], own: Own
) -> Iterator[str]:
    table = export.table(
        "CurrentLivingSituation",
        ("EnrollmentID", "InformationDate", "CurrentLivingSituation"),
        ("LocationDetails", "CurrentLivingSitID"),
    )
    eid_at, at = table.at("EnrollmentID"), table.at("InformationDate")
    living_at = table.at("CurrentLivingSituation")
    for line, row in table.rows():
        eid = row[eid_at].strip()
        on = day(table, dates, line, "InformationDate", row[at], eid=eid)
        if on and is_key(eid):
            living = row[living_at].strip()
            county = county_in(table.get(row, "LocationDetails"))
            own.note(SITUATION, table.get(row, "CurrentLivingSitID"), eid, on, [living])
            yield f"{eid}\t{on}\tsituation\t{living if living.isdigit() else ''}\t{county}\n"


def bed_night_lines(
    export: Export, dates: Dates, wanted: set[str] | None, as_of: date
) -> Iterator[str]:
    """The last bed night by the day, per enrollment, as far as memory tells; SQL does the rest.

    Of the enrollments `wanted` alone, if they are known: this is the longest file of all.
    """
    table = export.table("Services", ("EnrollmentID", "DateProvided", "RecordType"))
    eid_at, at, kind_at = (
        table.at(column) for column in ("EnrollmentID", "DateProvided", "RecordType")
    )
    last: dict[str, date] = {}
    known, latest = dates.known, min(dates.latest, as_of)
    for line, row in table.rows(of_those("EnrollmentID", wanted)):
        eid = row[eid_at]
        if row[kind_at].strip() != codes.BED_NIGHT:
            continue
        text = row[at]
        on = known.get(text)
        if on is None or on > latest:
            if not day(table, dates, line, "DateProvided", text, eid=eid.strip()):
                continue
            on = dates.read(text)
            if on is None or on > as_of:
                continue
        former = last.get(eid)
        if former is None:
            if len(last) >= BED_NIGHTS_AT_ONCE:
                yield from flushed(last)
            last[eid] = on
        elif on > former:
            last[eid] = on
    yield from flushed(last)


def flushed(last: dict[str, date]) -> Iterator[str]:
    for eid, on in last.items():
        key = eid.strip()
        if is_key(key):
            yield f"{key}\t{on.isoformat()}\tservice\t\t\n"
    last.clear()


def assessment_lines(export: Export, dates: Dates, own: Own) -> Iterator[str]:
    told = ("AssessmentType", "AssessmentLevel", "PrioritizationStatus")
    table = export.table("Assessment", ("EnrollmentID", "AssessmentDate"), ("AssessmentID", *told))
    eid_at, at = table.at("EnrollmentID"), table.at("AssessmentDate")
    for line, row in table.rows():
        eid = row[eid_at].strip()
        on = day(table, dates, line, "AssessmentDate", row[at], eid=eid)
        if on and is_key(eid):
            codes_of_row = [table.get(row, column) for column in told]
            _type, level, status = (each if each.isdigit() else "" for each in codes_of_row)
            own.note(ASSESSMENT, table.get(row, "AssessmentID"), eid, on, codes_of_row)
            yield f"{eid}\t{on}\t{status}\t{level}\n"
