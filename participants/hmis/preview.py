"""Reading an export as far as the preview: what it would do, household by household.

Nothing of the by-name list is written here; what was found is kept, sealed, as lines.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from participants.hmis.about import digest_of, read_head, stops
from participants.hmis.archives import Files
from participants.hmis.clients import stage_clients
from participants.hmis.codes import Codes
from participants.hmis.enrollments import stage_enrollments
from participants.hmis.events import stage_events
from participants.hmis.heads import build_households, build_stints
from participants.hmis.kept import Counts, Said
from participants.hmis.own import Own
from participants.hmis.reading import Progress
from participants.models import (
    HmisImport,
    HmisLine,
    HmisProject,
    HmisRecord,
    HmisRefusal,
    Participant,
)
from regions.clock import local_day
from regions.models import Continuum, County

from . import households, staging
from .by_hand import told_by_former_heads
from .comparing import difference
from .copying import copy_rows
from .known import by_hmis_id, households_on_file, keep_ids_on_file, mark_seen, newest_stay
from .previewing import Previewing, keep_refusals
from .projects import sync_projects
from .reading import Dates, Export, Refusals
from .twins import joined_ids, joined_record, possible_twins, said_of_joined

AT_ONCE = 500
# No page of the list shows a change of these: it is nothing unusual, however many there are.
UNSEEN = ("members", "chronic_lacks", "for_hmis")


def read_export(
    hmis_import: HmisImport, files: Files, *, now: datetime, progress: Progress | None = None
) -> HmisImport:
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
    last = HmisImport.objects.undoable(continuum, HmisImport.Kind.HMIS)
    if last and last.digest == hmis_import.digest:
        return keep_same(hmis_import)
    counts: Counts = {"refused_projects": {}, "unplaced": {}}
    own = Own.of(continuum)
    with staging.temporary_tables():
        unreadable = stage(
            hmis_import, export, dates, projects, by_project, table_of_codes, counts, own
        )
        with transaction.atomic():
            HmisLine.objects.filter(hmis_import=hmis_import).delete()
            HmisRefusal.objects.filter(hmis_import=hmis_import).delete()
            preview = Preview(hmis_import, projects, counts, refusals, unreadable)
            preview.compare_all(table_of_codes, own.ids)
            keep_refusals(hmis_import, refusals)
            counts["refused"] = refusals.count
            counts["rows"] = export.rows_read
            hmis_import.counts = counts
            hmis_import.stops = stops(hmis_import, last, today, is_asked=is_asked)
            hmis_import.save()
    return hmis_import


def keep_same(hmis_import: HmisImport) -> HmisImport:
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


def stage(
    hmis_import: HmisImport,
    export: Export,
    dates: Dates,
    projects: Mapping[str, HmisProject],
    by_project: Mapping[str, set[str]],
    table_of_codes: Codes,
    counts: Counts,
    own: Own,
) -> set[str]:
    """Fill the tables; return the PersonalIDs of enrollments that could not be read."""
    continuum, as_of = hmis_import.continuum, hmis_import.brought_to
    keep_ids_on_file(continuum)
    shared = [key for key in projects if {continuum.code} < by_project.get(key, set())]
    enrolled = stage_enrollments(export, projects, dates, shared=shared)
    refused, unreadable = enrolled.refused, enrolled.unreadable
    counts["refused_projects"] = {projects[key].name: number for key, number in refused.items()}
    counts["why_refused"] = {projects[key].name: export.why_refused[key] for key in refused}
    staging.stage_exits(export, dates, projects)
    build_stints(projects, as_of, export.refusals, coc_code=continuum.code, shared=shared)
    stage_clients(export, dates, as_of=as_of)
    staging.stage_contacts(export, dates, county_finder(continuum), as_of=as_of, own=own)
    stage_events(export, dates, table_of_codes)
    unreadable |= build_households(export.refusals)
    return unreadable


def county_finder(continuum: Continuum) -> Callable[[str], str]:
    """Return a function from a place in words to the key of the one county it names, or ''."""
    counties = {
        each.name.casefold(): str(each.pk)
        for each in County.objects.filter(region__continuum=continuum)
    }

    def county_in(words: str) -> str:
        text = words.casefold().strip()
        if not text:
            return ""
        if text in counties:
            return counties[text]
        found = {key for name, key in counties.items() if f"{name} county" in text}
        return found.pop() if len(found) == 1 else ""

    return county_in


class Preview(Previewing):
    """Compares households with the file, some hundred at a time, and keeps lines."""

    def __init__(
        self,
        hmis_import: HmisImport,
        projects: Mapping[str, HmisProject],
        counts: Counts,
        refusals: Refusals,
        unreadable: set[str],
    ) -> None:
        super().__init__(hmis_import, counts)
        self.projects, self.continuum = projects, hmis_import.continuum
        self.counties = {
            str(each.pk): each for each in County.objects.filter(region__continuum=self.continuum)
        }
        self.renumbered: Counter[UUID] = Counter()
        self.is_any_joined = Participant.every.filter(
            continuum=self.continuum, merged_into__isnull=False
        ).exists()
        self.unreadable = unreadable
        counts.update(
            {
                "renumbered": 0,
                "unseen": 0,
                "new": 0,
                "changed": 0,
                "unchanged": 0,
                "absent": 0,
                "duplicate": 0,
                "housed": 0,
                "left": 0,
            }
        )
        # `{HMIS ID of who heads it now: key of the household on file}`, and whose these are.
        told = told_by_former_heads(self.continuum)
        self.by_hand = {pid: each.pk for pid, each in told.items() if not each.merged_into}
        # What is told of a joined record under its former head, nothing follows.
        self.untold = {pid: each.merged_into for pid, each in told.items() if each.merged_into}
        self.headed = {
            pid: key
            for pid, key in households.headed_anew(unreadable).items()
            if self.by_hand.get(pid) != key and pid not in self.untold
        }
        self.unread = households.with_unread_heads(unreadable)
        self.joined = households.under_joined_ids()
        self.left = households.left_another()
        self.moved = {*self.headed.values(), *self.joined.values(), *self.by_hand.values()}
        households.note_joined(self.headed | self.by_hand, refusals)

    def compare_all(self, table_of_codes: Codes, own: Iterable[str]) -> None:
        batch: list[tuple[str, Said]] = []
        as_of = self.hmis_import.brought_to
        for pid, said in households.households(as_of, table_of_codes, own):
            batch.append((pid, self.placed(said)))
            if len(batch) == AT_ONCE:
                self.compare(batch)
                batch = []
        self.compare(batch)
        pids = sorted(self.unreadable)
        for start in range(0, len(pids), AT_ONCE):
            mark_seen(by_hmis_id(self.continuum, pids[start : start + AT_ONCE]).values())
        self.compare_gone(table_of_codes)
        self.compare_absent()
        self.counts["renumbered"] = sum(1 for times in self.renumbered.values() if times == 1)

    def placed(self, said: Said) -> Said:
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

    def compare(self, batch: list[tuple[str, Said]]) -> None:
        by_pid = by_hmis_id(self.continuum, [pid for pid, _said in batch])
        # A household that another person heads is compared with what is said of that one.
        by_own = by_pid
        by_pid = {pid: each for pid, each in by_pid.items() if each.pk not in self.moved}
        elsewhere = self.by_hand | self.joined | self.headed
        anew = {pid: elsewhere[pid] for pid, _said in batch if pid in elsewhere}
        people = households_on_file(self.continuum, pk__in=list(anew.values())).in_bulk()
        by_pid |= {pid: people[key] for pid, key in anew.items() if key in people}
        batch = [
            (pid, said)
            for pid, said in batch
            if pid in by_pid or (pid not in by_own and pid not in self.unread)
        ]
        unknown = [pid for pid, _said in batch if pid not in by_pid]
        joined = joined_ids(self.continuum, unknown) if self.is_any_joined else set[str]()
        joined |= {pid for pid, _said in batch if pid in self.untold}
        self.counts["unchanged"] += len(joined)
        batch = [(pid, said) for pid, said in batch if pid not in joined]
        fresh = [(pid, said) for pid, said in batch if pid not in by_pid]
        twins = possible_twins(self.continuum, fresh)
        self.note_renumbered(fresh, twins)
        lines = []
        for pid, said in batch:
            participant = by_pid.get(pid)
            if participant is None:
                line = self.line_of_new(pid, said, twins.get(pid))
            else:
                if pid in self.joined and pid not in self.headed:
                    said["under_joined_id"] = True
                elif pid in self.by_hand and pid not in self.headed:
                    said["under_former_head"] = True
                line = self.line_of_known(pid, said, participant)
            if line:
                lines.append(line)
        copy_rows(lines)
        mark_seen([*by_pid.values(), *(self.untold[pid] for pid in joined & self.untold.keys())])

    def note_renumbered(
        self, fresh: Iterable[tuple[str, Said]], twins: Mapping[str, Participant]
    ) -> None:
        """Note with a line which id on file its own takes the place of: one the export lacks."""
        former = {pid: each.hmis_id for pid, each in twins.items() if each.hmis_id}
        there = households.in_the_export(former.values())
        for pid, said in fresh:
            if pid in former and former[pid] not in there:
                said["replaces"] = former[pid]
            if pid in twins:
                self.renumbered[twins[pid].pk] += 1 if "replaces" in said else 2

    def line_of_new(self, pid: str, said: Said, twin: Participant | None) -> HmisLine | None:
        if said["left"]:
            self.counts["left"] += 1
            return None
        if since := self.left.get(pid):
            said["listed_with"] = since.isoformat()
        if not said["where"] or not said["agency"]:
            unplaced = self.counts["unplaced"]
            unplaced[said["project"]] = unplaced.get(said["project"], 0) + 1
            return None
        kind = HmisLine.Kind.DUPLICATE if twin else HmisLine.Kind.NEW
        if said["asks"] and not twin:
            kind = HmisLine.Kind.HOUSED
        return self.line(kind, {"hmis_id": pid, **said}, twin.pk if twin else None)

    def line_of_known(self, pid: str, said: Said, participant: Participant) -> HmisLine | None:
        is_joined = said.get("under_joined_id")
        joined = joined_record(participant, pid) if is_joined else None
        found = difference(
            participant,
            said,
            as_of=self.hmis_import.brought_to,
            record=getattr(participant, "hmis", None),
            newest_stay=newest_stay(participant),
            head=pid if pid in self.headed else None,
            joined=said_of_joined(joined),
        )
        if not found.changes:
            self.counts["unchanged"] += 1
            return None
        if all(each["field"] in UNSEEN for each in found.changes):
            self.counts["unseen"] += 1
        return self.line(
            HmisLine.Kind.CHANGED, {"hmis_id": pid, **said}, participant.pk, found.changes
        )

    def compare_gone(self, table_of_codes: Codes) -> None:
        """Those who head no household of the export, and whose enrollments tell where they went."""
        gone = households.gone(table_of_codes)
        for start in range(0, len(gone), AT_ONCE):
            part = dict(gone[start : start + AT_ONCE])
            people = households_on_file(self.continuum, pk__in=list(part)).in_bulk()
            lines = []
            for key, (pid, left) in part.items():
                if person := people.get(key):
                    said = households.said_of_gone(left, getattr(person, "hmis", None))
                    lines.append(self.line_of_known(pid, said, person))
            HmisLine.objects.bulk_create(line for line in lines if line)
            mark_seen(people.values())

    def compare_absent(self) -> None:
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

    def line_of_absent(self, key: UUID | str) -> HmisLine:
        return self.line(HmisLine.Kind.ABSENT, None, UUID(str(key)))
