"""What an export says of itself, whether it can be read at all, and what is unusual about it."""

import hashlib
from collections.abc import Mapping
from datetime import date

from participants.hmis import codes, staging
from participants.hmis.archives import ImportRefused
from participants.hmis.reading import Dates, Export, Row, Table, shape_of
from participants.models import HmisImport, HmisProject
from regions.words import long_day_words

from .codes import Codes

PERIOD_BEFORE = 7
FEW, PART_ABSENT, PART_CHANGED = 10, 0.2, 0.5


def read_head(hmis_import: HmisImport, export: Export, dates: Dates, today: date) -> Codes:
    """Note what Export.csv says of the export; return the code table of its version."""
    table = export.table(
        "Export",
        ("CSVVersion", "ExportDate"),
        (
            *("SourceName", "SoftwareName", "ExportStartDate", "ExportEndDate"),
            *("ExportPeriodType", "ExportDirective"),
        ),
    )
    _line, row = next(table.rows(), (None, None))
    if row is None:
        raise ImportRefused("Export.csv has no row. Export again.")
    version = row[table.at("CSVVersion")].strip()
    found = codes.codes_of(version)
    if found is None:
        raise ImportRefused(
            f"CSVVersion in Export.csv is “{codes.version_said(version)}”. FY2024 and FY2026 can "
            "be read: export in one of these."
        )
    refuse_delta(table, row)
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
    dates.latest = max(hmis_import.exported_on or today, today)
    if hmis_import.as_of is None:
        hmis_import.as_of = min(hmis_import.exported_on or today, today)
    return found


def refuse_delta(table: Table, row: Row) -> None:
    """Raise for an export of changes alone: who did not change would be taken for gone."""
    if table.get(row, "ExportPeriodType") == "1" or table.get(row, "ExportDirective") == "1":
        raise ImportRefused(
            "This export holds only what changed since the one before. (It says ExportPeriodType "
            "Updated, or ExportDirective Delta Refresh.) Export the whole: Full Refresh."
        )


# Grows when more is read of an export: the very same one is then read again.
READS = 2


def digest_of(hmis_import: HmisImport, export: Export, projects: Mapping[str, HmisProject]) -> str:
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
    text = repr((READS, export.digest(), hmis_import.brought_to.isoformat(), decided))
    return hashlib.sha256(text.encode()).hexdigest()


def stops(
    hmis_import: HmisImport, last: HmisImport | None, today: date, *, is_asked: bool
) -> list[str]:
    """What is so unusual that somebody must say it is right, in words; empty as a rule."""
    counts, found = hmis_import.counts, []
    if counts["renumbered"] > FEW:
        doubtful = counts["duplicate"] - counts["renumbered"]
        found.append(
            f"{counts['renumbered']} households on file are in this export under another HMIS ID, "
            f"by name and date of birth; {doubtful} more are doubtful, {counts['new']} are new. Is "
            "it the export of another system? Then join them under Possible duplicates first."
        )
    known = counts["changed"] + counts["unchanged"] + counts["absent"]
    if counts["absent"] > FEW and counts["absent"] > PART_ABSENT * known:
        found.append(
            f"{counts['absent']} of {known} households that came from HMIS are not in this export. "
            "Was it made for fewer projects, or for a shorter period?"
        )
    changed = counts["changed"] - counts["unseen"]
    if changed > FEW and changed > PART_CHANGED * known:
        found.append(
            f"{changed} of {known} households that came from HMIS would change. Is it "
            "the export of another system, or made after a long time?"
        )
    if last and hmis_import.brought_to < last.brought_to:
        found.append("This export is older than the one that was applied last.")
    end, made = hmis_import.period_end, hmis_import.exported_on or today
    if end and (made - end).days > PERIOD_BEFORE:
        found.append(
            f"The export was made on {long_day_words(made)}, and its period ends on "
            f"{long_day_words(end)}: nothing later is in it. Was the right period chosen?"
        )
    end = min(end or hmis_import.brought_to, hmis_import.brought_to)
    if not is_asked and (today - end).days > 45:
        found.append(f"The data of this export end on {long_day_words(end)}. Is there a newer one?")
    return found
