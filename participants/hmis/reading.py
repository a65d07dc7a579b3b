"""Reading the files of an export as a stream: zip or folder, any column order, known traps.

Nothing is held but the row at hand. What a row says of a person never gets into an error: an error
names file, line, column, and the shape of the value (`9999-99-99`, `Aaaa`).
"""

import codecs
import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import NamedTuple

from participants.hmis.archives import DAMAGED, Files, ImportRefused, Raw, archive_of

KNOWN = (
    "Export",
    "Organization",
    "Project",
    "ProjectCoC",
    "Enrollment",
    "Exit",
    "Client",
    "CurrentLivingSituation",
    "Services",
    "Assessment",
    "Event",
)
REQUIRED = ("Export", "Organization", "Project", "Enrollment", "Exit", "Client")
# A row of any export has some kilobytes; a line without end fills the memory.
MOST_ROW_BYTES = 1 << 20
# What a spreadsheet makes of a long number, such as 1.23457E+15: many ids become one.
EATEN = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.IGNORECASE)
MOST_REMEMBERED = 50_000
KEY = re.compile(r"[\x21-\x5b\x5d-\x7e]{1,32}")  # no backslash: COPY reads it as a sign


def _as_western(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are no UTF-8 are what Windows programs write."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return wrong.decode("cp1252", errors="replace"), error.end


Row = list[str]
Progress = Callable[[str, int], None]
# A column, and whether a row with this value there is asked for.
Chosen = tuple[str, Callable[[str], bool]]


class Refused(NamedTuple):
    """What of a file was not taken, and where it stands."""

    file_name: str
    line: int
    column: str
    shape: str
    problem: str
    remedy: str
    ids: str


codecs.register_error("hmis-western", _as_western)


def shape_of(value: str) -> str:
    """The form of a value without the value: digits as 9, letters as A and a, at most 20 long."""
    text = re.sub(r"\d", "9", value[:20])
    text = "".join(
        letter if letter == "9" or not letter.isalpha() else ("A" if letter.isupper() else "a")
        for letter in text
    )
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    return text + ("…" if len(value) > 20 else "") if value else "(empty)"


class BoundedReader(io.BufferedIOBase):
    """A file of which at most `MOST_ROW_BYTES` are read for one row.

    The reader of rows sets `since_row` back at each row: a line without an end, and a row whose
    quotation mark is never closed, are refused before they fill the memory.
    """

    def __init__(self, file: Raw, name: str) -> None:
        self.file, self.name, self.since_row = file, name, 0

    def readable(self) -> bool:
        return True

    def read1(self, size: int = -1) -> bytes:
        while data := self.read_raw(size):
            # Some systems fill a field up with zero bytes; nobody's word is one.
            if text := data.replace(b"\0", b"") if b"\0" in data else data:
                return text
        return b""

    def read_raw(self, size: int) -> bytes:
        try:
            data = self.file.read1(size)
        except DAMAGED as error:
            raise ImportRefused(f"{self.name} is damaged in the zip. Export it again.") from error
        self.since_row += len(data)
        if self.since_row > MOST_ROW_BYTES:
            raise ImportRefused(
                f"{self.name} has a row of more than 1 MB: a line or a quotation mark does not "
                "end, or this is no export. Export it again."
            )
        return data

    def read(self, size: int | None = -1) -> bytes:
        return self.read1(-1 if size is None else size)

    def close(self) -> None:
        self.file.close()
        super().close()


class Export:
    """The files of one export; `refusals` and `progress` are told what happens on the way."""

    def __init__(
        self, files: Files, refusals: "Refusals", progress: Progress | None = None
    ) -> None:
        self.files, self.refusals, self.progress = files, refusals, progress
        by_lower = {name.lower(): name for name in files.names()}
        self.names = {
            known: by_lower[f"{known.lower()}.csv"]
            for known in KNOWN
            if f"{known.lower()}.csv" in by_lower
        }
        self.rows_read = 0
        self.due: tuple[str, int] | None = None
        self.why_refused: dict[str, str] = {}  # {ProjectID: why its rows are not read}
        missing = [known for known in REQUIRED if known not in self.names]
        if missing:
            raise ImportRefused(
                f"Missing from the export: {', '.join(f'{each}.csv' for each in missing)}. Export "
                "all files of the HMIS CSV, and upload them together."
            )

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def digest(self) -> str:
        """What is the same when all files that are read are the same."""
        digest = hashlib.sha256()
        for known in KNOWN:
            if known in self.names:
                digest.update(known.encode())
                self.files.digest(digest, self.names[known])
        return digest.hexdigest()

    def is_progress_due(self) -> bool:
        return self.due is not None and self.progress is not None

    def tell_progress(self) -> None:
        if self.due is not None and self.progress is not None:
            self.progress(*self.due)
        self.due = None

    def table(self, name: str, columns: Iterable[str], optional: Iterable[str] = ()) -> "Table":
        return Table(self, name, columns, optional)


class Table:
    """One file, row by row. `at` says where a column stands."""

    def __init__(
        self, export: Export, name: str, columns: Iterable[str], optional: Iterable[str] = ()
    ) -> None:
        self.export, self.name = export, f"{name}.csv"
        raw = export.files.open(export.names[name])
        try:
            head = raw.peek(4)[:4] if hasattr(raw, "peek") else b""
        except DAMAGED as error:
            raise ImportRefused(f"{self.name} is damaged in the zip. Export it again.") from error
        if what := archive_of(head):
            raise ImportRefused(
                f"{self.name} is no text: it is {what} under another name. Export it again, and "
                "do not open it in a spreadsheet before."
            )
        if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in head[:4]:
            raise ImportRefused(
                f"{self.name} is written in UTF-16. Save it as “CSV UTF-8” and try again."
            )
        self.bounded = BoundedReader(raw, self.name)
        self.file = io.TextIOWrapper(
            self.bounded, encoding="utf-8-sig", errors="hmis-western", newline=""
        )
        self.reader = csv.reader(self.file)
        self.lines_before, self.left_out, self.is_between_rows = 0, 0, True
        try:
            header = next(self.reader, None)
        except (csv.Error, zipfile.BadZipFile, OSError, EOFError) as error:
            raise self.broken(error) from error
        if not header:
            raise ImportRefused(f"{self.name} is empty: it has no header. Export it again.")
        self.width = len(header)
        self.places: dict[str, int] = {}
        for place, column in enumerate(header):
            self.places.setdefault(column.strip().strip("\ufeff\"'").lower(), place)
        missing = [column for column in columns if column.lower() not in self.places]
        if missing:
            raise ImportRefused(
                f"{self.name} has no column {', '.join(missing)}. Is it an export in HUD's HMIS "
                "CSV format? Export it again."
            )
        self.optional = {column: self.places.get(column.lower()) for column in optional}

    def at(self, column: str) -> int:
        return self.places[column.lower()]

    def get(self, row: Row, column: str) -> str:
        """The value of a column that some exports lack; empty then."""
        place = self.optional[column]
        return row[place].strip() if place is not None else ""

    def rows(
        self, chosen: Chosen | None = None, *, again: bool = False
    ) -> Iterator[tuple[int, Row]]:
        """Yield (line, row) of what is not deleted, or of that what is `chosen`.

        Rows of a wrong width are refused, and rows are counted, unless they are read `again`.
        """
        deleted, width, bounded = self.places.get("datedeleted"), self.width, self.bounded
        place, is_asked_for = (self.at(chosen[0]), chosen[1]) if chosen else (0, None)
        if is_asked_for is not None:
            self.lines_before = self.reader.line_num
            self.reader = csv.reader(self.lines_to_read(place, is_asked_for))
        reader, read, before = self.reader, 0, self.lines_before
        try:
            for row in reader:
                read += 1
                bounded.since_row, self.is_between_rows = 0, True
                if not read % 20_000:
                    self.export.due = (self.name, read + self.left_out)
                if len(row) != width:
                    if row and not again:
                        self.refuse_width(row)
                    continue
                if deleted is not None and row[deleted].strip():
                    continue
                if is_asked_for is not None and not is_asked_for(row[place].strip()):
                    continue
                yield before + reader.line_num + self.left_out, row
        except (csv.Error, zipfile.BadZipFile, OSError, EOFError) as error:
            raise self.broken(error) from error
        finally:
            self.export.rows_read += 0 if again else read + self.left_out
            self.file.close()
        self.export.due = (self.name, read + self.left_out)

    def lines_to_read(self, place: int, is_asked_for: Callable[[str], bool]) -> Iterator[str]:
        """The lines that must be taken apart to know whether they are asked for.

        A line without a quotation mark, where a row begins, is a row, and its commas part it: most
        of a long file is told by that.
        """
        commas, bounded = self.width - 1, self.bounded
        for line in self.file:
            is_row = self.is_between_rows and '"' not in line and line.count(",") == commas
            if is_row and not is_asked_for(line.split(",", place + 1)[place].strip()):
                bounded.since_row = 0
                self.left_out += 1
            else:
                self.is_between_rows = False
                yield line

    @property
    def line(self) -> int:
        return self.lines_before + self.reader.line_num + self.left_out

    def broken(self, error: Exception) -> ImportRefused:
        return ImportRefused(
            f"{self.name} cannot be read after line {self.line}: a quotation mark is "
            "not closed, or the file is damaged. Export it again."
        )

    def refuse_width(self, row: Row) -> None:
        self.refuse(
            self.line,
            "",
            f"{len(row)} columns",
            f"The header has {self.width} columns.",
            "Export the file again; do not save it from a spreadsheet.",
        )

    def refuse(
        self, line: int, column: str, shape: str, problem: str, remedy: str, *, ids: str = ""
    ) -> None:
        self.export.refusals.add(self.name, line, column, shape, problem, remedy, ids=ids)


class Refusals:
    """What was not taken: the first few thousand with their place, all of them counted."""

    MOST = 5_000

    def __init__(self) -> None:
        self.rows: list[Refused] = []
        self.count = 0

    def add(
        self,
        file_name: str,
        line: int,
        column: str,
        shape: str,
        problem: str,
        remedy: str,
        *,
        ids: str = "",
    ) -> None:
        """`ids`: how a person finds the row in HMIS, such as "PersonalID 17"."""
        self.count += 1
        if len(self.rows) < self.MOST:
            self.rows.append(Refused(file_name, line, column, shape, problem, remedy, ids))


class Dates:
    """Reads the shapes that dates have in real exports; remembers those it read.

    `latest`: the last day that an export can tell of.

    `2022-05-04`, with or without a time; `02-07-2023 12:00:00`; `03-11-21`: month, day, year. A
    year of two digits is the last such year that is not after `today`.
    """

    ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[ T].*)?")
    US = re.compile(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4}|\d{2})(?:[ T].*)?")

    def __init__(self, today: date) -> None:
        self.today, self.latest = today, today
        self.known: dict[str, date | None] = {"": None}

    def read(self, text: str) -> date | None:
        """Return the date; None for an empty text. ValueError for what is no date."""
        try:
            return self.known[text]
        except KeyError:
            found = self.parse(text.strip())
        if len(self.known) < MOST_REMEMBERED:
            self.known[text] = found
        return found

    def or_none(self, text: str) -> date | None:
        """The date; None also for what is no date, where nothing hangs on it."""
        try:
            return self.read(text)
        except ValueError:
            return None

    def parse(self, text: str) -> date | None:
        if not text:
            return None
        if iso := self.ISO.fullmatch(text):
            year, month, day = map(int, iso.groups())
        elif us := self.US.fullmatch(text):
            month, day, year = map(int, us.groups())
            if len(us.group(3)) == 2:
                year += 2000
                if year > self.today.year:
                    year -= 100
        else:
            raise ValueError("no date")
        found = date(year, month, day)
        if not 1900 <= found.year <= 2100:
            raise ValueError("no date of this age")
        return found
