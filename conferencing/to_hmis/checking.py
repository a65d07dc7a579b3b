"""What HUD's format asks of a zip of HMIS CSV: read again as an importer would, rule by rule.

A fault says file, row and column, and never a value. A file with one is not handed out.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime

from . import layout
from .layout import Column
from .rows import asked_of

ID = re.compile(rf"[\x21-\x7e]{{1,{layout.LONGEST_ID}}}")
# What a spreadsheet would take for a formula.
FORMULA = re.compile(r"[=+\-@\t\r]")
Row = dict[str, str]


def faults(content: bytes, enrolled: Mapping[str, str]) -> list[str]:
    """What is wrong with the zip, in words; empty for one that HUD's rules let through.

    `enrolled`: `{EnrollmentID: PersonalID}` of the enrollments that HMIS holds.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile:
        return ["It is no zip."]
    with archive:
        found = list(wrong_names(archive.namelist()))
        if found:
            return found
        tables: dict[str, list[Row]] = {}
        for file in (*layout.FILES, *layout.HEADINGS):
            lines = list(csv.reader(io.StringIO(archive.read(f"{file}.csv").decode("utf-8"))))
            found += wrong_shape(file, lines)
            names = layout.names_of(file)
            tables[file] = [dict(zip(names, line, strict=False)) for line in lines[1:]]
    for file, rows in tables.items():
        found += wrong_values(file, rows)
        found += wrong_keys(file, rows, tables, enrolled)
    found += wrong_events(tables["Event"])
    return found


def wrong_names(names: list[str]) -> Iterator[str]:
    wanted = {f"{file}.csv" for file in (*layout.FILES, *layout.HEADINGS)}
    if any("/" in name or "\\" in name for name in names):
        yield "The zip has a folder."
    if len(names) != len(set(names)) or set(names) != wanted:
        yield "The zip lacks a file, or has one too many."


def wrong_shape(file: str, lines: list[list[str]]) -> Iterator[str]:
    names = layout.names_of(file)
    if not lines or tuple(lines[0]) != names:
        yield f"{file}: the columns are not HUD’s, in HUD’s order."
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(names):
            yield f"{file}, line {number}: {len(line)} values for {len(names)} columns."
    if file in layout.HEADINGS and len(lines) > 1:
        yield f"{file}: holds a row, where headings alone belong."
    if file == "Export" and len(lines) != 2:
        yield "Export: must hold one row."


def wrong_values(file: str, rows: list[Row]) -> Iterator[str]:
    for number, row in enumerate(rows, start=2):
        for column in layout.FILES.get(file, ()):
            value = row.get(column.name, "")
            if why := wrong_value(column, value):
                yield f"{file}, line {number}, {column.name}: {why}"


def wrong_value(column: Column, value: str) -> str:
    """Why the value cannot stand in the column; empty if it can."""
    if not value:
        return "must not be empty." if column.is_required else ""
    if FORMULA.match(value):
        return "could be taken for a formula."
    match column.kind:
        case "id":
            return "" if ID.fullmatch(value) else "no id of up to 32 characters."
        case "code":
            return "" if value in layout.CODES[column.more] else "no code of HUD’s list."
        case "text":
            return "" if len(value) <= int(column.more) else f"longer than {column.more}."
        case "date":
            return "" if is_like(value, "%Y-%m-%d") else "no date."
        case _:
            return "" if is_like(value, "%Y-%m-%d %H:%M:%S") else "no date with its time."


def is_like(value: str, form: str) -> bool:
    try:
        return datetime.strptime(value, form).strftime(form) == value
    except ValueError:
        return False


def wrong_keys(
    file: str, rows: list[Row], tables: Mapping[str, list[Row]], enrolled: Mapping[str, str]
) -> Iterator[str]:
    """Ids that stand twice, or point to nothing."""
    if file not in layout.FILES:
        return
    key = layout.FILES[file][0].name
    ids = [row.get(key, "") for row in rows]
    if len(ids) != len(set(ids)):
        yield f"{file}: {key} is there twice."
    exports = {row.get("ExportID") for row in tables["Export"]}
    for number, row in enumerate(rows, start=2):
        if row.get("ExportID") not in exports:
            yield f"{file}, line {number}: of another export."
        if file != "Export" and enrolled.get(row.get("EnrollmentID", "")) != row.get("PersonalID"):
            yield f"{file}, line {number}: the enrollment is not this person’s."
        if row.get("DateUpdated", "") < row.get("DateCreated", ""):
            yield f"{file}, line {number}: updated before it was made."


def wrong_events(rows: list[Row]) -> Iterator[str]:
    """What an event of one kind says, and one of another does not."""
    more = ("ProbSolDivRRResult", "ReferralCaseManageAfter", "LocationCrisisOrPHHousing")
    for number, row in enumerate(rows, start=2):
        allowed = asked_of(row.get("Event", ""))
        for name in (*more, "ReferralResult", "ResultDate"):
            if row.get(name) and name not in allowed:
                yield f"Event, line {number}, {name}: not of this kind of event."
        place = row.get("LocationCrisisOrPHHousing")
        if place and not ID.fullmatch(place):
            yield f"Event, line {number}, LocationCrisisOrPHHousing: no id of up to 32 characters."
        if bool(row.get("ReferralResult")) != bool(row.get("ResultDate")):
            yield f"Event, line {number}: a result and its date go together."
        if row.get("ResultDate") and day(row["ResultDate"]) < day(row.get("EventDate", "")):
            yield f"Event, line {number}: the result is older than the event."


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.max
