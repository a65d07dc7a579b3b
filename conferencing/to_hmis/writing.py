"""The zip that an HMIS takes: rows of ids, days and codes, and the headings that it asks for.

No name, no birth date, no number but ids, and no words: nothing that anybody typed is in it.
"""

import csv
import io
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from regions.clock import local_day

from . import layout
from .facts import Fact, Kind, Scope
from .rows import FILE_OF, given_of

SOFTWARE = "Case Conferencing"
Row = dict[str, str]


def moment(at: datetime, zone: str) -> str:
    """2026-04-30 10:05:00, of the clock where the continuum is."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"


def row_of(fact: Fact, *, export_id: str, zone: str, now: datetime) -> Row:
    """A whole row of a fact that goes into the file.

    What it says otherwise than in the file before is written now: of two rows with one id an
    importer takes the newer.
    """
    entry = fact.entry
    answered_at = entry.answered_at if entry else None
    written = max(filter(None, (fact.recorded_at, answered_at)))
    if entry and entry.given_at and (entry.removed_at or given_of(fact) != entry.given):
        written = now
    return {
        **given_of(fact),
        "DateCreated": moment(fact.recorded_at, zone),
        "DateUpdated": moment(written, zone),
        "ExportID": export_id,
    }


def row_back(fact: Fact, *, removed_at: datetime, export_id: str, zone: str) -> Row:
    """The row as it was handed out last, deleted."""
    entry = fact.entry
    given: Row = entry.given if entry else {}
    return {
        **given,
        "DateCreated": moment(min(fact.recorded_at, removed_at), zone),
        "DateUpdated": moment(removed_at, zone),
        "DateDeleted": moment(removed_at, zone),
        "ExportID": export_id,
    }


def export_row(scope: Scope, *, export_id: str, now: datetime) -> Row:
    """Says whose the file is. Delta: what is not in it is not gone."""
    continuum = scope.continuum
    meeting = scope.meeting
    return {
        "ExportID": export_id,
        "SourceType": "4",
        "SourceID": continuum.code,
        "SourceName": plain(continuum.name),
        "ExportDate": moment(now, continuum.zone),
        "ExportStartDate": (meeting.on if meeting else scope.since).isoformat(),
        "ExportEndDate": (meeting.on if meeting else scope.until).isoformat(),
        "SoftwareName": SOFTWARE,
        "CSVVersion": layout.VERSION,
        "ExportPeriodType": "1",
        "ExportDirective": "1",
        "HashStatus": "1",
        "ImplementationID": f"{SOFTWARE} {continuum.code}",
    }


def plain(name: str) -> str:
    """A name that no spreadsheet takes for a formula, as long as HUD's column."""
    return name.lstrip("=+-@\t\r ")[:50]


def rows_by_file(
    ready: Iterable[Fact],
    back: Iterable[tuple[Fact, datetime]],
    scope: Scope,
    *,
    key: UUID,
    now: datetime,
) -> dict[str, list[Row]]:
    """`{file: rows}` of the facts, and of those that are taken back with since when."""
    zone, export_id = scope.continuum.zone, key.hex
    found: dict[str, list[Row]] = defaultdict(list)
    for fact in ready:
        row = row_of(fact, export_id=export_id, zone=zone, now=now)
        found[FILE_OF[Kind(fact.kind)]].append(row)
    for fact, removed_at in back:
        row = row_back(fact, removed_at=removed_at, export_id=export_id, zone=zone)
        found[FILE_OF[Kind(fact.kind)]].append(row)
    found["Export"] = [export_row(scope, export_id=export_id, now=now)]
    return found


def zip_of(rows: Mapping[str, Iterable[Row]], *, now: datetime) -> bytes:
    """The files as a zip without folders."""
    written = io.BytesIO()
    at = local_day(now, "UTC").timetuple()[:6]
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in (*layout.FILES, *layout.HEADINGS):
            about = zipfile.ZipInfo(f"{file}.csv", date_time=at)
            about.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(about, csv_of(file, rows.get(file, ())))
    return written.getvalue()


def csv_of(file: str, rows: Iterable[Row]) -> str:
    """One file: columns in HUD's order, what is not known left empty."""
    names = layout.names_of(file)
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
