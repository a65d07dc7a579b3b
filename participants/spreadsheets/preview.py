"""Reading a sheet as far as the preview: what it would do, household by household.

Nothing of the by-name list is written here; what was found is kept, sealed, as lines.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from openpyxl.utils import get_column_letter

from participants.hmis.archives import ImportRefused
from participants.hmis.comparing import KEPT, UPDATE
from participants.hmis.kept import Counts, Said
from participants.hmis.known import households_on_file, newest_stay
from participants.hmis.previewing import Previewing, keep_refusals
from participants.hmis.reading import Refusals
from participants.merges.reasons import same_name
from participants.models import (
    HmisImport,
    HmisLine,
    HmisRefusal,
    Participant,
    SheetRecord,
    SheetSource,
)
from regions.clock import local_day
from vault.blind import normalised

from .choices import kinds_of
from .comparing import CHOOSABLE, difference, said_under
from .kept import KeptTab, chosen_tab, settings_of
from .matching import Matches, are_two, match
from .rows import SHEET, Found, RowReader, columns_chosen

AT_ONCE = 500
FEW, PART_ABSENT, PART_CHANGED = 10, 0.2, 0.5
Kind = HmisLine.Kind


def read_sheet(hmis_import: HmisImport, *, now: datetime) -> None:
    """Compare the kept sheet with the list and keep the preview."""
    source = hmis_import.sheet_source
    if source is None:
        raise ImportRefused("It is not said what the columns are. Upload the sheet again.")
    _tabs, tab = chosen_tab(hmis_import)
    refusals = Refusals()
    today = local_day(now, hmis_import.continuum.zone)
    hmis_import.as_of = hmis_import.as_of or today
    rows, counts = read_rows(hmis_import, source, tab, refusals, today)
    with transaction.atomic():
        HmisLine.objects.filter(hmis_import=hmis_import).delete()
        HmisRefusal.objects.filter(hmis_import=hmis_import).delete()
        Preview(hmis_import, source, counts, refusals).compare_all(rows)
        counts["refused"] = refusals.count
        refusals.rows.sort(key=lambda each: each.line)
        keep_refusals(hmis_import, refusals)
        hmis_import.counts = counts
        hmis_import.source = source.name[:120]
        hmis_import.stops = stops(hmis_import, source)
        hmis_import.save()


def read_rows(
    hmis_import: HmisImport,
    source: SheetSource,
    tab: KeptTab,
    refusals: Refusals,
    today: date,
) -> tuple[list[Found], Counts]:
    """The households of the sheet, each once; what was left out is said."""
    say_left_out(tab, refusals)
    headings = tab.headings
    columns = columns_chosen(headings, settings_of(hmis_import).get("columns", {}))
    body = tab.body
    reader = RowReader(
        hmis_import.continuum,
        columns,
        kinds_of(hmis_import.continuum),
        source.word_meanings,
        as_of=hmis_import.brought_to,
        today=today,
        refusals=refusals,
    )
    found = list[Found]()
    before = dict[tuple[str, ...], Found]()
    for line, row in body.rows:
        each = reader.read(line, row)
        if each is None:
            continue
        hmis = ("hmis", normalised(each.said["hmis_id"]))
        if hmis in before and are_two(each, before[hmis]):
            refusals.add(
                *(SHEET, line, "", ""),
                f"Line {before[hmis].line} has the same HMIS ID, and is of somebody else: that one "
                "gets it.",
                "Correct the HMIS ID in the sheet.",
            )
            each.forget_hmis_id()
        same = ids_of(each)
        if twice := next((before[key] for key in same if key in before), None):
            are_others = are_two(each, twice)
            tells = "has the same number" if are_others else "tells of the same person"
            remedy = "Correct the number" if are_others else "Leave one of the two"
            refusals.add(
                *(SHEET, line, "", ""),
                f"Line {twice.line} {tells}; that one is taken.",
                f"{remedy} in the sheet.",
            )
            continue
        before |= dict.fromkeys(same, each)
        found.append(each)
    counts: Counts = {
        **{"new": 0, "changed": 0, "unchanged": 0, "absent": 0, "duplicate": 0, "left": 0},
        "rows": len(body.rows),
        "skipped": body.skipped,
        "out": reader.out,
        "differ": 0,
        "sizes_alone": reader.sizes_alone,
        "columns_out": [[letter, what] for letter, what in tab.left.columns],
    }
    return found, counts


def ids_of(row: Found) -> list[tuple[str, ...]]:
    """By what two rows of one sheet are of one person: number, HMIS ID, name with birth date."""
    found: list[tuple[str, ...]] = [("key", normalised(row.key))]
    if row.said["hmis_id"]:
        found.append(("hmis", normalised(row.said["hmis_id"])))
    name, born = same_name(row.said["name"]), row.said["birth_date"]
    if name and born:
        found.append(("person", name, born))
    return found


def say_left_out(tab: KeptTab, refusals: Refusals) -> None:
    for cell in tab.left.cells:
        refusals.add(
            *(SHEET, cell.line, cell.column, ""),
            f"The cell looks like {cell.what}: it was left out, and is not kept.",
            "Take it out of the sheet.",
        )
    for line, place in tab.tab.formulas:
        refusals.add(
            *(SHEET, line, get_column_letter(place + 1), ""),
            "The cell holds a formula without a value: it is read as blank.",
            "Open the sheet in Excel, save it, and upload it again.",
        )


class Preview(Previewing):
    """Compares the households of a sheet with the file, and keeps lines."""

    def __init__(
        self, hmis_import: HmisImport, source: SheetSource, counts: Counts, refusals: Refusals
    ) -> None:
        super().__init__(hmis_import, counts)
        self.source, self.refusals = source, refusals

    def compare_all(self, rows: Sequence[Found]) -> None:
        matches = match(self.hmis_import.continuum, self.source, rows)
        for start in range(0, len(rows), AT_ONCE):
            self.compare(list(enumerate(rows))[start : start + AT_ONCE], matches, rows)
        seen = {
            *(*matches.known.values(), *matches.perhaps.values(), *matches.doubtful.values()),
        }
        self.compare_absent(seen)

    def compare(
        self, batch: Sequence[tuple[int, Found]], matches: Matches, rows: Sequence[Found]
    ) -> None:
        keys = [matches.known[place] for place, _row in batch if place in matches.known]
        people = households_on_file(self.hmis_import.continuum, pk__in=keys).in_bulk()
        records: dict[UUID, list[SheetRecord]] = defaultdict(list)
        for each in SheetRecord.objects.filter(source=self.source, participant__in=keys):
            records[each.participant_id].append(each)
        lines = list[HmisLine | None]()
        for place, row in batch:
            said: Said = {**row.said, "key": row.key}
            if place in matches.former:
                said["under_former_head"] = True
            if place in matches.known:
                person = people.get(matches.known[place])
                if person is None or person.is_confidential:
                    self.counts["out"] += 1
                    continue
                record = said_under(records[person.pk], row.key)
                lines.append(self.line_of_known(said, person, record))
            elif place in matches.doubtful:
                self.refusals.add(
                    *(SHEET, row.line, "", ""),
                    "Its number is of a household with another name or birth date.",
                    "Correct the number, or change the columns: it may be that of the line.",
                )
            elif place in matches.twice:
                self.refusals.add(
                    *(SHEET, row.line, "", ""),
                    f"Line {rows[matches.twice[place]].line} tells of the same household on file; "
                    "that one is taken.",
                    "Leave one of the two in the sheet, or correct its number or HMIS ID.",
                )
            elif place in matches.several:
                self.refusals.add(
                    *(SHEET, row.line, "", ""),
                    "More than one household on file may be meant.",
                    "Add date of birth or HMIS ID to the row.",
                )
            else:
                lines.append(self.line_of_new(said, matches.perhaps.get(place)))
        HmisLine.objects.bulk_create(line for line in lines if line)

    def line_of_new(self, said: Said, perhaps: UUID | None) -> HmisLine | None:
        if said["left"]:
            self.counts["left"] += 1
            return None
        if not said["name"] and not perhaps:
            self.refusals.add(
                *(SHEET, said["line"], "", ""),
                "Nobody on file has this number, and the row has no name.",
                "Add the name, or add the household yourself.",
            )
            return None
        said["where"] = said["where"] or default_where(self.source)
        said["agency"] = said["agency"] or default_agency(self.source)
        said["listed_on"] = said["listed_on"] or self.hmis_import.brought_to.isoformat()
        if not said["where"] or not said["agency"]:
            what = "agency" if said["where"] else "county or region"
            self.refusals.add(
                *(SHEET, said["line"], "", ""),
                f"The household is new, and it is not known which {what} it belongs to.",
                "Choose one for the whole sheet under “Change the columns”, or fill it in.",
            )
            return None
        return self.line(Kind.DUPLICATE if perhaps else Kind.NEW, said, perhaps)

    def line_of_known(
        self, said: Said, person: Participant, record: SheetRecord | None
    ) -> HmisLine | None:
        found = difference(
            person,
            said,
            as_of=self.hmis_import.brought_to,
            record=record,
            newest_stay=newest_stay(person),
            chosen={},
        )
        if not found.changes:
            self.counts["unchanged"] += 1
            return None
        if any(each["how"] == KEPT and each["field"] in CHOOSABLE for each in found.changes):
            self.counts["differ"] += 1
        return self.line(Kind.CHANGED, said, person.pk, found.changes)

    def compare_absent(self, seen: set[UUID]) -> None:
        """Households that this kind of sheet told of before, and does not any more."""
        records = SheetRecord.objects.filter(
            source=self.source, absent_on__isnull=True, participant__merged_into__isnull=True
        )
        keys = records.order_by("participant__alias").values_list("participant", flat=True)
        gone = [key for key in dict.fromkeys(keys) if key not in seen]
        HmisLine.objects.bulk_create([self.line(Kind.ABSENT, None, key) for key in gone])


def default_where(source: SheetSource) -> list[str | None] | None:
    if source.county_id and source.county:
        return [str(source.county.region_id), str(source.county_id)]
    return [str(source.region_id), None] if source.region_id else None


def default_agency(source: SheetSource) -> str | None:
    return str(source.agency_id) if source.agency_id else None


def stops(hmis_import: HmisImport, source: SheetSource) -> list[str]:
    """What is so unusual that somebody must say it is right, in words; empty as a rule."""
    counts, found = hmis_import.counts, []
    known = counts["changed"] + counts["unchanged"] + counts["absent"]
    if counts["absent"] > FEW and counts["absent"] > PART_ABSENT * known:
        found.append(
            f"{counts['absent']} of {known} households that this sheet told of before are not in "
            "it now. Is it the whole list?"
        )
    lines = hmis_import.lines.filter(kind=Kind.CHANGED)
    updated = sum(
        1
        for line in lines.iterator()
        if any(each["how"] == UPDATE and each["field"] != "link" for each in line.changes)
    )
    had = SheetRecord.objects.filter(source=source).exists()
    if had and updated > FEW and updated > PART_CHANGED * known:
        found.append(
            f"{updated} of {known} households would change. Are the columns the same as last time?"
        )
    last = (
        HmisImport.objects.filter(sheet_source=source, state=HmisImport.State.APPLIED)
        .order_by("-applied_at")
        .first()
    )
    if last and hmis_import.brought_to < last.brought_to:
        found.append("This sheet is older than the one of its kind that was applied last.")
    return found
