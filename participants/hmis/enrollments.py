"""The enrollments of an export, of those people who count for the list."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from django.db import connection

from participants.hmis.archives import ImportRefused
from participants.hmis.reading import EATEN, Dates, Export, Table, shape_of
from participants.models import HmisProject

from .staging import (
    AHEAD,
    DATE_REMEDY,
    KEY_REMEDY,
    MOST_HELD,
    NO_DATE,
    NO_KEY,
    NULL,
    TAB,
    copy,
    day,
    ids_of,
    is_key,
    keys_held,
    of_those,
)

# Whether there is a disability, never which; and HUD 3.917, how long and how often homeless.
HOMELESSNESS = (
    *("DisablingCondition", "DateToStreetESSH"),
    *("TimesHomelessPastThreeYears", "MonthsHomelessPastThreeYears"),
)
MOST_UNREADABLE = 50_000


@dataclass
class Enrolled:
    """What the rows of Enrollment.csv tell of people before they are looked at one by one."""

    people: set[str] | None = field(default_factory=set)  # PersonalIDs; None for too many to hold
    refused: dict[str, int] = field(default_factory=dict)  # {ProjectID: rows of a refused project}
    unreadable: set[str] = field(default_factory=set)  # PersonalIDs with a row that was refused

    def count_in(self, pid: str) -> None:
        if self.people is not None:
            self.people.add(pid)
            if len(self.people) > MOST_HELD:
                self.people = None

    def refuse(
        self,
        table: Table,
        pid: str,
        eid: str,
        line: int,
        column: str,
        shape: str,
        problem: str,
        remedy: str,
    ) -> None:
        table.refuse(line, column, shape, problem, remedy, ids=ids_of(pid, eid))
        if is_key(pid) and len(self.unreadable) < MOST_UNREADABLE:
            self.unreadable.add(pid)


def stage_enrollments(
    export: Export, projects: Mapping[str, HmisProject], dates: Dates, *, shared: Container[str]
) -> Enrolled:
    """Enrollments of who counts, and of who is on file, in projects that are not refused.

    `projects` is `{ProjectID: HmisProject}`; `shared`: those that serve more than one CoC.
    """
    enrolled = who_is_enrolled(export, projects, shared)
    copy("hmis_enrollment", enrollment_lines(export, projects, dates, enrolled), export)
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX ON hmis_enrollment (pid)")
    return enrolled


def who_is_enrolled(
    export: Export, projects: Mapping[str, HmisProject], shared: Container[str]
) -> Enrolled:
    """A first look at the file: most of its rows may be of people who count for nobody here."""
    found = Enrolled()
    others = {
        key
        for key, project in projects.items()
        if not (project.is_listed or project.is_refused or key in shared)
    }
    table = export.table("Enrollment", ("EnrollmentID", "PersonalID", "ProjectID"))
    eid_at, pid_at, key_at = map(table.at, ("EnrollmentID", "PersonalID", "ProjectID"))
    for line, row in table.rows(("ProjectID", lambda key: key not in others)):
        pid, key = row[pid_at].strip(), row[key_at].strip()
        project = projects.get(key)
        if project is None:
            problem, remedy = "The project is not in Project.csv.", "Export again."
            found.refuse(table, pid, row[eid_at].strip(), line, "ProjectID", "", problem, remedy)
        elif project.is_refused:
            found.refused[key] = found.refused.get(key, 0) + 1
        elif key not in others:
            found.count_in(pid)
    on_file = keys_held("SELECT DISTINCT pid FROM hmis_file")
    if found.people is not None and on_file is not None:
        found.people |= on_file
    else:
        found.people = None
    return found


def enrollment_lines(
    export: Export, projects: Mapping[str, HmisProject], dates: Dates, enrolled: Enrolled
) -> Iterator[str]:
    table = export.table(
        "Enrollment",
        ("EnrollmentID", "PersonalID", "ProjectID", "EntryDate", "HouseholdID"),
        (
            *("RelationshipToHoH", "EnrollmentCoC", "LivingSituation", "MoveInDate"),
            *(*HOMELESSNESS, "UserID"),
        ),
    )
    eid_at, pid_at, project_at, entered_at, household_at = (
        table.at(column)
        for column in ("EnrollmentID", "PersonalID", "ProjectID", "EntryDate", "HouseholdID")
    )
    rel_at, coc_at, living_at, moved_at = (
        table.optional[column]
        for column in ("RelationshipToHoH", "EnrollmentCoC", "LivingSituation", "MoveInDate")
    )
    history_at = [table.optional[column] for column in HOMELESSNESS]
    refuse = enrolled.refuse
    for line, row in table.rows(of_those("PersonalID", enrolled.people), again=True):
        eid, pid, key = row[eid_at].strip(), row[pid_at].strip(), row[project_at].strip()
        project = projects.get(key)
        if project is None or project.is_refused:
            continue
        if "+" in pid + eid and (EATEN.fullmatch(pid) or EATEN.fullmatch(eid)):
            raise ImportRefused(
                f"Ids in Enrollment.csv, line {line}, were changed by a spreadsheet (such as "
                "1.2E+15): many became one. Export it again, and upload it as it is."
            )
        if not is_key(eid):
            refuse(table, pid, eid, line, "EnrollmentID", shape_of(eid), NO_KEY, KEY_REMEDY)
            continue
        if not is_key(pid):
            refuse(table, pid, eid, line, "PersonalID", shape_of(pid), NO_KEY, KEY_REMEDY)
            continue
        try:
            entered = dates.read(row[entered_at])
        except ValueError:
            shape = shape_of(row[entered_at])
            refuse(table, pid, eid, line, "EntryDate", shape, NO_DATE, DATE_REMEDY)
            continue
        if entered is None:
            problem = "Without a date of entry."
            refuse(table, pid, eid, line, "EntryDate", "(empty)", problem, DATE_REMEDY)
            continue
        if entered > dates.latest:
            shape = shape_of(row[entered_at])
            refuse(table, pid, eid, line, "EntryDate", shape, AHEAD, DATE_REMEDY)
            continue
        household = row[household_at].strip()
        # A household that has no id is the person alone.
        home = f"{key}:h:{household}" if is_key(household) else f"{key}:e:{eid}"
        if household and not is_key(household):
            # Longer than an id of HUD may be, or with other letters: one all the same.
            home = f"{key}:x:{sha256(household.encode()).hexdigest()[:32]}"
        moved_in: str | None = "" if moved_at is None else row[moved_at].strip()
        if moved_in:
            moved_in = day(table, dates, line, "MoveInDate", moved_in, pid=pid, eid=eid)
        rel = "" if rel_at is None else row[rel_at].strip()
        coc = "" if coc_at is None else row[coc_at].strip()
        living = "" if living_at is None else row[living_at].strip()
        disabled, since, times, months = (
            "" if at is None else row[at].strip() for at in history_at
        )
        began = since and day(table, dates, line, "DateToStreetESSH", since, pid=pid, eid=eid)
        told = (each if each.isdigit() else "" for each in (times, months))
        by_user = table.get(row, "UserID")
        yield (
            f"{eid}\t{pid}\t{key}\t{home}\t{rel if rel.isdigit() else ''}\t"
            f"{entered.isoformat()}\t{coc if is_key(coc) else ''}\t"
            f"{living if living.isdigit() else ''}\t{moved_in or NULL}\t{line}\t"
            f"{disabled if disabled.isdigit() else ''}\t{began or NULL}\t"
            f"{TAB.join(told)}\t{by_user if is_key(by_user) else ''}\n"
        )
