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
import zlib
from contextlib import ExitStack
from datetime import date
from pathlib import Path

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
# No real export of a CoC comes near; a file made to fill a disk does.
MOST_BYTES = 8 * 1024**3
# A row of any export has some kilobytes; a line without end fills the memory.
MOST_ROW_BYTES = 1 << 20
# Text packs to a twentieth or so. What packs to less than this part of itself, and is large, was
# made to be so.
MOST_RATIO, RATIO_COUNTS_FROM = 200, 32 << 20
# The list of what a zip holds is read whole: room for some ten thousand files.
MOST_DIRECTORY_BYTES = 2 << 20
MOST_REMEMBERED = 50_000
KEY = re.compile(r"[\x21-\x5b\x5d-\x7e]{1,32}")  # no backslash: COPY reads it as a sign


def _as_western(error):
    """Bytes that are no UTF-8 are what Windows programs write."""
    wrong = error.object[error.start : error.end]
    return wrong.decode("cp1252", errors="replace"), error.end


codecs.register_error("hmis-western", _as_western)


class ImportRefused(Exception):
    """The export cannot be read at all: what is wrong, and the remedy. Names nobody."""


def shape_of(value):
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

    def __init__(self, file, name):
        self.file, self.name, self.since_row = file, name, 0

    def readable(self):
        return True

    def read1(self, size=-1):
        while data := self.read_raw(size):
            # Some systems fill a field up with zero bytes; nobody's word is one.
            if text := data.replace(b"\0", b"") if b"\0" in data else data:
                return text
        return b""

    def read_raw(self, size):
        try:
            data = self.file.read1(size)
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise ImportRefused(f"{self.name} is damaged in the zip. Export it again.") from error
        self.since_row += len(data)
        if self.since_row > MOST_ROW_BYTES:
            raise ImportRefused(
                f"{self.name} has a row of more than 1 MB: a line or a quotation mark does not "
                "end, or this is no export. Export it again."
            )
        return data

    read = read1

    def close(self):
        self.file.close()
        super().close()


class Folder:
    """The files of an export that lie in a folder."""

    def __init__(self, path):
        self.paths = {each.name: each for each in sorted(Path(path).iterdir()) if each.is_file()}

    def names(self):
        return list(self.paths)

    def open(self, name):
        return self.paths[name].open("rb")

    def digest(self, digest, name):
        with self.open(name) as file:
            for chunk in iter(lambda: file.read(1 << 20), b""):
                digest.update(chunk)

    def close(self):
        pass


class Zip:
    """The files of an export in a zip, as they come, wherever in it they lie."""

    def __init__(self, file):
        try:
            refuse_long_directory(file)
            self.zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise ImportRefused(
                "The file is no zip, or it is damaged. Export it again, and upload it as it is."
            ) from error
        self.infos = {}
        for info in self.zip.infolist():
            name = info.filename.replace("\\", "/").rpartition("/")[2]
            if info.is_dir() or "__MACOSX" in info.filename or not name:
                continue
            if info.flag_bits & 1:
                raise ImportRefused(
                    "The zip is locked with a password. Unlock it, and upload the files in it."
                )
            if name.lower() in {each.lower() for each in self.infos}:
                raise ImportRefused(
                    f"{name[:60]} is in the zip twice. Leave one export in it, and try again."
                )
            self.infos[name] = info
        if sum(info.file_size for info in self.infos.values()) > MOST_BYTES:
            raise ImportRefused("The files in the zip are larger than 8 GB: that is no export.")
        for name, info in self.infos.items():
            if info.file_size > max(RATIO_COUNTS_FROM, MOST_RATIO * info.compress_size):
                raise ImportRefused(
                    f"{name[:60]} is packed more tightly than any export is: it would be "
                    f"{info.file_size >> 20} MB. Export it again."
                )

    def names(self):
        return list(self.infos)

    def open(self, name):
        return self.zip.open(self.infos[name])

    def digest(self, digest, name):
        # The checksum of what is in it: a zip made anew of the same files is the same export.
        info = self.infos[name]
        digest.update(f"{info.CRC}:{info.file_size}".encode())

    def close(self):
        self.zip.close()


def refuse_long_directory(file):
    """Raise ImportRefused before a list of contents is read that is made to fill the memory."""
    with ExitStack() as opened:
        if not hasattr(file, "seek"):
            file = opened.enter_context(Path(file).open("rb"))
        record = zipfile._EndRecData(file)  # what ZipFile itself goes by
    if record and record[zipfile._ECD_SIZE] > MOST_DIRECTORY_BYTES:
        raise ImportRefused("The zip holds too many files to be an export. Zip the export alone.")


class Export:
    """The files of one export; `refusals` and `progress` are told what happens on the way."""

    def __init__(self, files, refusals, progress=None):
        self.files, self.refusals, self.progress = files, refusals, progress
        by_lower = {name.lower(): name for name in files.names()}
        self.names = {
            known: by_lower[f"{known.lower()}.csv"]
            for known in KNOWN
            if f"{known.lower()}.csv" in by_lower
        }
        self.rows_read, self.due = 0, None
        self.why_refused = {}  # {ProjectID: why its rows are not read}
        missing = [known for known in REQUIRED if known not in self.names]
        if missing:
            raise ImportRefused(
                f"Missing from the export: {', '.join(f'{each}.csv' for each in missing)}. Export "
                "all files of the HMIS CSV, and upload them together."
            )

    def __contains__(self, name):
        return name in self.names

    def digest(self):
        """What is the same when all files that are read are the same."""
        digest = hashlib.sha256()
        for known in KNOWN:
            if known in self.names:
                digest.update(known.encode())
                self.files.digest(digest, self.names[known])
        return digest.hexdigest()

    def is_progress_due(self):
        return self.due is not None and self.progress is not None

    def tell_progress(self):
        if self.is_progress_due():
            self.progress(*self.due)
        self.due = None

    def table(self, name, columns, optional=()):
        return Table(self, name, columns, optional)


class Table:
    """One file, row by row. `at` says where a column stands."""

    def __init__(self, export, name, columns, optional=()):
        self.export, self.name = export, f"{name}.csv"
        raw = export.files.open(export.names[name])
        try:
            head = raw.peek(4)[:4] if hasattr(raw, "peek") else b""
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise ImportRefused(f"{self.name} is damaged in the zip. Export it again.") from error
        if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in head[:4]:
            raise ImportRefused(
                f"{self.name} is written in UTF-16. Save it as “CSV UTF-8” and try again."
            )
        self.bounded = BoundedReader(raw, self.name)
        self.file = io.TextIOWrapper(
            self.bounded, encoding="utf-8-sig", errors="hmis-western", newline=""
        )
        self.reader = csv.reader(self.file)
        try:
            header = next(self.reader, None)
        except (csv.Error, zipfile.BadZipFile, OSError, EOFError) as error:
            raise self.broken(error) from error
        if not header:
            raise ImportRefused(f"{self.name} is empty: it has no header. Export it again.")
        self.width = len(header)
        self.places = {}
        for place, column in enumerate(header):
            self.places.setdefault(column.strip().strip("\ufeff\"'").lower(), place)
        missing = [column for column in columns if column.lower() not in self.places]
        if missing:
            raise ImportRefused(
                f"{self.name} has no column {', '.join(missing)}. Is it an export in HUD's HMIS "
                "CSV format? Export it again."
            )
        self.optional = {column: self.places.get(column.lower()) for column in optional}

    def at(self, column):
        return self.places[column.lower()]

    def get(self, row, column):
        """The value of a column that some exports lack; empty then."""
        place = self.optional[column]
        return row[place].strip() if place is not None else ""

    def rows(self):
        """Yield (line, row) of what is not deleted; rows of a wrong width are refused."""
        deleted, width, reader = self.places.get("datedeleted"), self.width, self.reader
        read, bounded = 0, self.bounded
        try:
            for row in reader:
                read += 1
                bounded.since_row = 0
                if not read % 20_000:
                    self.export.due = (self.name, read)
                if len(row) != width:
                    if row:
                        self.refuse_width(row)
                    continue
                if deleted is not None and row[deleted].strip():
                    continue
                yield reader.line_num, row
        except (csv.Error, zipfile.BadZipFile, OSError, EOFError) as error:
            raise self.broken(error) from error
        finally:
            self.export.rows_read += read
            self.file.close()
        self.export.due = (self.name, read)

    def broken(self, error):
        return ImportRefused(
            f"{self.name} cannot be read after line {self.reader.line_num}: a quotation mark is "
            "not closed, or the file is damaged. Export it again."
        )

    def refuse_width(self, row):
        self.refuse(
            self.reader.line_num,
            "",
            f"{len(row)} columns",
            f"The header has {self.width} columns.",
            "Export the file again; do not save it from a spreadsheet.",
        )

    def refuse(self, line, column, shape, problem, remedy, *, ids=""):
        self.export.refusals.add(self.name, line, column, shape, problem, remedy, ids=ids)


class Refusals:
    """What was not taken: the first few thousand with their place, all of them counted."""

    MOST = 5_000

    def __init__(self):
        self.rows, self.count = [], 0

    def add(self, file_name, line, column, shape, problem, remedy, *, ids=""):
        """`ids`: how a person finds the row in HMIS, such as "PersonalID 17"."""
        self.count += 1
        if len(self.rows) < self.MOST:
            self.rows.append((file_name, line, column, shape, problem, remedy, ids))


class Dates:
    """Reads the shapes that dates have in real exports; remembers those it read.

    `latest`: the last day that an export can tell of.

    `2022-05-04`, with or without a time; `02-07-2023 12:00:00`; `03-11-21`: month, day, year. A
    year of two digits is the last such year that is not after `today`.
    """

    ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[ T].*)?")
    US = re.compile(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4}|\d{2})(?:[ T].*)?")

    def __init__(self, today):
        self.today, self.latest, self.known = today, today, {"": None}

    def read(self, text):
        """Return the date; None for an empty text. ValueError for what is no date."""
        try:
            return self.known[text]
        except KeyError:
            found = self.parse(text.strip())
        if len(self.known) < MOST_REMEMBERED:
            self.known[text] = found
        return found

    def parse(self, text):
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


def open_path(path):
    """The files at a path: a folder, or a zip. ImportRefused for what is neither."""
    path = Path(path)
    if path.is_dir():
        return Folder(path)
    if not path.is_file():
        raise ImportRefused(f"There is no file or folder {path.name}. Check the path.")
    return Zip(path)
