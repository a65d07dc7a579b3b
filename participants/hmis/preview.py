"""Reading an export as far as the preview: what it would do, household by household.

Nothing of the by-name list is written here; what was found is kept, sealed, as lines.
"""

import hashlib
from uuid import UUID

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery

from participants.models import (
    HmisImport,
    HmisLine,
    HmisRecord,
    HmisRefusal,
    LivingSituation,
    Participant,
)
from regions.clock import local_day
from regions.models import County
from regions.words import long_day_words
from vault.blind import candidates

from . import codes, households, staging
from .comparing import difference
from .projects import sync_projects
from .reading import Dates, Export, ImportRefused, Refusals, shape_of
from .twins import joined_ids, possible_twins

AT_ONCE = 500
FEW, PART_ABSENT, PART_CHANGED = 10, 0.2, 0.5


def read_export(hmis_import, files, *, now, progress=None):
    """Read the files and keep the preview. ImportRefused for an export that cannot be read."""
    refusals = Refusals()
    export = Export(files, refusals, progress)
    continuum = hmis_import.continuum
    today = local_day(now, continuum.zone)
    dates = Dates(today)
    is_asked = hmis_import.as_of is not None
    table_of_codes = read_head(hmis_import, export, dates, today)
    projects, by_project = sync_projects(export, continuum)
    hmis_import.digest = digest_of(hmis_import, export, projects)
    last = HmisImport.objects.undoable(continuum)
    if last and last.digest == hmis_import.digest:
        return keep_same(hmis_import, last)
    counts = {"refused_projects": {}, "unplaced": {}}
    with staging.temporary_tables():
        unreadable = stage(hmis_import, export, dates, projects, by_project, table_of_codes, counts)
        with transaction.atomic():
            HmisLine.objects.filter(hmis_import=hmis_import).delete()
            HmisRefusal.objects.filter(hmis_import=hmis_import).delete()
            Preview(hmis_import, projects, counts).compare_all(table_of_codes, unreadable)
            keep_refusals(hmis_import, refusals)
            counts["refused"] = refusals.count
            counts["rows"] = export.rows_read
            hmis_import.counts = counts
            hmis_import.stops = stops(hmis_import, last, today, is_asked=is_asked)
            hmis_import.save()
    return hmis_import


def read_head(hmis_import, export, dates, today):
    """Note what Export.csv says of the export; return the code table of its version."""
    table = export.table(
        "Export",
        ("CSVVersion", "ExportDate"),
        ("SourceName", "SoftwareName", "ExportStartDate", "ExportEndDate"),
    )
    _line, row = next(table.rows(), (None, None))
    if row is None:
        raise ImportRefused("Export.csv has no row. Export again.")
    version = row[table.at("CSVVersion")].strip()
    found = codes.codes_of(version)
    if found is None:
        raise ImportRefused(
            f"CSVVersion in Export.csv is of the shape “{shape_of(version)}”. FY2024 and FY2026 "
            "can be read: export in one of these."
        )
    hmis_import.csv_version = version[:40]
    hmis_import.source = table.get(row, "SourceName")[:120]
    hmis_import.software = table.get(row, "SoftwareName")[:120]
    for name, text in (
        ("exported_on", row[table.at("ExportDate")]),
        ("period_start", table.get(row, "ExportStartDate")),
        ("period_end", table.get(row, "ExportEndDate")),
    ):
        try:
            setattr(hmis_import, name, dates.read(text))
        except ValueError:
            table.refuse(2, name, shape_of(text), staging.NO_DATE, staging.DATE_REMEDY)
    if hmis_import.as_of is None:
        hmis_import.as_of = min(hmis_import.exported_on or today, today)
    return found


def digest_of(hmis_import, export, projects):
    """The same for the same files, day and decisions about projects."""
    decided = sorted(
        (
            each.key,
            each.is_listed,
            each.is_refused,
            str(each.region_id),
            str(each.county_id),
            str(each.agency_id),
        )
        for each in projects.values()
    )
    text = repr((export.digest(), hmis_import.as_of.isoformat(), decided))
    return hashlib.sha256(text.encode()).hexdigest()


def keep_same(hmis_import, last):
    """The very export that was applied last: nothing of it is read again."""
    known = HmisRecord.objects.filter(
        participant__continuum=hmis_import.continuum, absent_on__isnull=True
    ).count()
    hmis_import.counts = {
        "is_same": True,
        "new": 0,
        "changed": 0,
        "absent": 0,
        "duplicate": 0,
        "unchanged": known,
        "refused": 0,
        "refused_projects": {},
        "unplaced": {},
        "rows": 0,
    }
    hmis_import.stops = []
    hmis_import.save()
    HmisLine.objects.filter(hmis_import=hmis_import).delete()
    return hmis_import


def stage(hmis_import, export, dates, projects, by_project, table_of_codes, counts):
    """Fill the tables; return the PersonalIDs of enrolments that could not be read."""
    continuum, as_of = hmis_import.continuum, hmis_import.as_of
    refused, unreadable = staging.stage_enrollments(
        export, projects, dates, coc_code=continuum.code, codes_by_project=by_project
    )
    counts["refused_projects"] = {projects[key].name: number for key, number in refused.items()}
    staging.stage_exits(export, dates, projects)
    households.build_stints(projects, as_of, export.refusals)
    staging.stage_clients(export, dates, as_of=as_of)
    staging.stage_contacts(export, dates, county_finder(continuum))
    staging.stage_events(export, dates, table_of_codes)
    households.build_households(export.refusals)
    return unreadable


def county_finder(continuum):
    """Return a function from a place in words to the key of the one county it names, or ''."""
    counties = {
        each.name.casefold(): str(each.pk)
        for each in County.objects.filter(region__continuum=continuum)
    }

    def county_in(words):
        text = words.casefold().strip()
        if not text:
            return ""
        if text in counties:
            return counties[text]
        found = {key for name, key in counties.items() if f"{name} county" in text}
        return found.pop() if len(found) == 1 else ""

    return county_in


class Preview:
    """Compares households with the file, some hundred at a time, and keeps lines."""

    def __init__(self, hmis_import, projects, counts):
        self.hmis_import, self.projects, self.counts = hmis_import, projects, counts
        self.continuum = hmis_import.continuum
        self.counties = {
            str(each.pk): each for each in County.objects.filter(region__continuum=self.continuum)
        }
        self.number = 0
        counts.update(new=0, changed=0, unchanged=0, absent=0, duplicate=0, left=0)

    def compare_all(self, table_of_codes, unreadable):
        batch = []
        for pid, said in households.households(self.hmis_import.as_of, table_of_codes):
            batch.append((pid, self.placed(said)))
            if len(batch) == AT_ONCE:
                self.compare(batch)
                batch = []
        self.compare(batch)
        pids = sorted(unreadable)
        for start in range(0, len(pids), AT_ONCE):
            mark_seen(on_file_by_hmis_id(self.continuum, pids[start : start + AT_ONCE]).values())
        self.compare_absent()

    def placed(self, said):
        """With region, county and agency, from where they were met or from the project."""
        project = self.projects[said["project"]]
        county = self.counties.get(said.pop("county_words") or "")
        if county:
            said["where"] = [str(county.region_id), str(county.pk)]
        elif project.region_id:
            said["where"] = [
                str(project.region_id),
                str(project.county_id) if project.county_id else None,
            ]
        else:
            said["where"] = None
        said["agency"] = str(project.agency_id) if project.agency_id else None
        return said

    def compare(self, batch):
        by_pid = on_file_by_hmis_id(self.continuum, [pid for pid, _said in batch])
        joined = joined_ids(self.continuum, [pid for pid, _said in batch if pid not in by_pid])
        self.counts["unchanged"] += len(joined)
        batch = [(pid, said) for pid, said in batch if pid not in joined]
        fresh = [(pid, said) for pid, said in batch if pid not in by_pid]
        twins = possible_twins(self.continuum, fresh)
        lines = []
        for pid, said in batch:
            participant = by_pid.get(pid)
            if participant is None:
                line = self.line_of_new(pid, said, twins.get(pid))
            else:
                line = self.line_of_known(pid, said, participant)
            if line:
                lines.append(line)
        HmisLine.objects.bulk_create(lines)
        mark_seen(by_pid.values())

    def line(self, kind, pid, said, participant=None, changes=()):
        self.number += 1
        self.counts[str(kind)] += 1
        return HmisLine(
            hmis_import=self.hmis_import,
            number=self.number,
            kind=kind,
            participant=participant,
            said={"hmis_id": pid, **said} if pid else {},
            changes=list(changes),
        )

    def line_of_new(self, pid, said, twin):
        if said["left"]:
            self.counts["left"] += 1
            return None
        if not said["where"] or not said["agency"]:
            unplaced = self.counts["unplaced"]
            unplaced[said["project"]] = unplaced.get(said["project"], 0) + 1
            return None
        kind = HmisLine.Kind.DUPLICATE if twin else HmisLine.Kind.NEW
        return self.line(kind, pid, said, participant=twin)

    def line_of_known(self, pid, said, participant):
        found = difference(
            participant,
            said,
            as_of=self.hmis_import.as_of,
            record=getattr(participant, "hmis", None),
            newest_stay=newest_stay(participant),
        )
        if not found.changes:
            self.counts["unchanged"] += 1
            return None
        return self.line(HmisLine.Kind.CHANGED, pid, said, participant, found.changes)

    def compare_absent(self):
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE hmis_seen")
            cursor.execute(
                """
                SELECT r.participant_id FROM participants_hmisrecord r
                  JOIN participants_participant p ON p.id = r.participant_id
                 WHERE p.continuum_id = %s AND r.absent_on IS NULL
                   AND p.merged_into_id IS NULL
                   AND NOT EXISTS (SELECT 1 FROM hmis_seen s WHERE s.participant = p.id)
                 ORDER BY p.alias
                """,
                [self.continuum.pk],
            )
            absent = [key for (key,) in cursor.fetchall()]
        for start in range(0, len(absent), AT_ONCE):
            HmisLine.objects.bulk_create(
                self.line_of_absent(key) for key in absent[start : start + AT_ONCE]
            )

    def line_of_absent(self, key):
        line = self.line(HmisLine.Kind.ABSENT, None, {})
        line.participant_id = key if isinstance(key, UUID) else UUID(str(key))
        return line


def on_file_by_hmis_id(continuum, pids):
    """`{HMIS ID: Participant}` of those on file, with place, record and newest stay; one query."""
    by_index = {index: pid for pid in pids for index in candidates("hmis id", continuum.pk, pid)}
    stays = LivingSituation.objects.filter(participant=OuterRef("pk")).order_by(
        "-on", "-recorded_at"
    )
    rows = (
        Participant.objects.filter(continuum=continuum, hmis_id_index__in=list(by_index))
        .select_related("place", "hmis")
        .annotate(
            stay_kind=Subquery(stays.values("kind")[:1]), stay_on=Subquery(stays.values("on")[:1])
        )
    )
    return {by_index[bytes(each.hmis_id_index)]: each for each in rows}


def newest_stay(participant):
    return (participant.stay_kind, participant.stay_on) if participant.stay_on else None


def mark_seen(participants):
    rows = [f"{each.pk}\n" for each in participants]
    if rows:
        with connection.cursor() as cursor:
            cursor.copy_expert("COPY hmis_seen FROM STDIN", staging.Lines(rows))


def keep_refusals(hmis_import, refusals):
    HmisRefusal.objects.bulk_create(
        [
            HmisRefusal(
                hmis_import=hmis_import,
                number=number,
                file_name=file_name,
                line=line,
                column=column,
                shape=shape[:60],
                problem=problem,
                remedy=remedy,
            )
            for number, (file_name, line, column, shape, problem, remedy) in enumerate(
                refusals.rows, start=1
            )
        ],
        batch_size=1_000,
    )


def stops(hmis_import, last, today, *, is_asked):
    """What is so unusual that somebody must say it is right, in words; empty as a rule."""
    counts, found = hmis_import.counts, []
    known = counts["changed"] + counts["unchanged"] + counts["absent"]
    if counts["absent"] > FEW and counts["absent"] > PART_ABSENT * known:
        found.append(
            f"{counts['absent']} of {known} households that came from HMIS are not in this export. "
            "Was it made for fewer projects, or for a shorter period?"
        )
    if counts["changed"] > FEW and counts["changed"] > PART_CHANGED * known:
        found.append(
            f"{counts['changed']} of {known} households that came from HMIS would change. Is it "
            "the export of another system, or made after a long time?"
        )
    if last and hmis_import.as_of < last.as_of:
        found.append("This export is older than the one that was applied last.")
    end = hmis_import.period_end or hmis_import.as_of
    if not is_asked and (today - min(end, hmis_import.as_of)).days > 45:
        found.append(f"The data of this export end on {long_day_words(end)}. Is there a newer one?")
    return found
