"""A file or pasted text as rows of text, whatever wrote it; what cannot be read is named.

Nothing of a workbook is computed: of a formula its last value is read. What a cell holds never
gets into an error.
"""

import csv
import io
import math
import re
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import IO

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.worksheet.worksheet import Worksheet

from accounts.single_lines import HIDDEN, JOINERS
from participants.hmis.archives import (
    DAMAGED,
    MOST_RATIO,
    RATIO_COUNTS_FROM,
    ImportRefused,
    archive_of,
    refuse_long_directory,
    refuse_other_methods,
)

MOST_BYTES = 20 << 20
MOST_UNPACKED = 150 << 20
MOST_ROWS, MOST_COLUMNS, MOST_CELL = 10_000, 120, 8_000
MOST_TABS = 12
# Lines with nothing in them are gone through all the same.
MOST_LINES = 100_000
# So are places to the right of the last column, where a row says that it goes so far.
MOST_PLACES = 200_000_000
TOO_MANY_COLUMNS = (
    f"There are more than {MOST_COLUMNS} columns. Take out the columns that you do not need here, "
    "and upload it again."
)
# How a number is shown by Excel's own format for Social Security numbers.
NINE_DIGITS = re.compile(r"0{3}\W{1,3}0{2}\W{1,3}0{4}")
SEPARATORS = "\t,;|"
FORMULA_SIGNS = ("=", "@", "+", "-")
AS_XLSX = "Save it as an Excel workbook (.xlsx) or as CSV, and upload that."

Row = list[str]


@dataclass
class Tab:
    """One sheet: its rows, empty ones among them left out, and where each stands in the file.

    `formulas`: `(line, column)` of cells that hold a formula and no value.
    """

    name: str
    rows: list[Row] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    formulas: list[tuple[int, int]] = field(default_factory=list)

    def add(self, line: int, cells: Row) -> None:
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            return
        if len(self.rows) >= MOST_ROWS:
            raise ImportRefused(
                f"There are more than {MOST_ROWS:,} rows. Take out what is no by-name list, or "
                "split the sheet, and upload it in parts."
            )
        if len(cells) > MOST_COLUMNS:
            raise ImportRefused(TOO_MANY_COLUMNS)
        self.rows.append(cells)
        self.lines.append(line)

    @property
    def width(self) -> int:
        return max(map(len, self.rows), default=0)


def read_file(file: IO[bytes], name: str) -> list[Tab]:
    """Return the sheets of a file that hold anything. ImportRefused says what is wrong with it."""
    file.seek(0, io.SEEK_END)
    size = file.tell()
    file.seek(0)
    head = file.read(8)
    if not size or not head.strip():
        raise ImportRefused("The file is empty. Save the sheet again, and upload it.")
    if size > MOST_BYTES:
        raise ImportRefused(f"The file is larger than {MOST_BYTES >> 20} MB. {AS_XLSX}")
    refuse_other_kinds(file, head, name)
    file.seek(0)
    if head.startswith(b"PK\x03\x04"):
        tabs = read_workbook(file)
    else:
        tabs = [read_text(decoded(file.read()), "Sheet")]
    return with_something(tabs)


def read_pasted(text: str) -> list[Tab]:
    """Return what was pasted, as the one sheet that it is."""
    return with_something([read_text(text.lstrip("\ufeff").replace("\0", ""), "Pasted")])


def with_something(tabs: Iterable[Tab]) -> list[Tab]:
    found = [tab for tab in tabs if tab.rows]
    if not found:
        raise ImportRefused("There is nothing in it. Save the sheet again, and upload it.")
    if max(tab.width for tab in found) < 2:
        raise ImportRefused(
            "There is one column alone. A list of households has at least two, such as name and "
            "date of birth. Check what separates the columns: a comma, a semicolon or a tab."
        )
    if all(len(tab.rows) < 2 for tab in found):
        raise ImportRefused("There is one row alone, and no household under it.")
    return found


def refuse_other_kinds(file: IO[bytes], head: bytes, name: str) -> None:
    """Raise ImportRefused for what is neither text nor a workbook, by what it is."""
    small = name.lower()
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        file.seek(0)
        if "EncryptedPackage".encode("utf-16-le") in file.read(MOST_BYTES):
            raise ImportRefused(
                "The workbook is locked with a password. Open it, take the password off, save it "
                "under another name, and upload that."
            )
        raise ImportRefused(f"This is an old Excel workbook (.xls). {AS_XLSX}")
    if head.startswith(b"%PDF"):
        raise ImportRefused(
            "This is a PDF: a picture of a list, with no columns to read. Export the report as "
            "Excel or CSV, and upload that."
        )
    if head.startswith(b"PK\x03\x04"):
        refuse_other_zips(file)
        return
    if what := archive_of(head):
        raise ImportRefused(f"The file is {what}. Unpack it, and upload the sheet in it.")
    if small.endswith((".numbers", ".ods", ".xlsx", ".xls", ".doc", ".docx")):
        raise ImportRefused(f"The file is damaged, or it is no workbook. {AS_XLSX}")
    file.seek(0)
    start = file.read(4096)
    has_mark = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    if not has_mark and start.count(0) > len(start) // 2 + 1:
        raise ImportRefused(f"This is no text and no workbook. {AS_XLSX}")
    if b"<html" in start.lower() or b"<?xml" in start[:64].lower():
        raise ImportRefused(
            "This is a web page under the name of a sheet, as some systems export it. Open it in "
            f"Excel. {AS_XLSX}"
        )


def refuse_other_zips(file: IO[bytes]) -> None:
    try:
        refuse_long_directory(file)
        with zipfile.ZipFile(file) as packed:
            infos = packed.infolist()
            refuse_other_methods(infos)
            kind = b""
            if "mimetype" in packed.namelist():
                with packed.open("mimetype") as part:
                    kind = part.read(80)
    except DAMAGED as error:
        raise ImportRefused(
            "The file is damaged: it begins as a workbook and does not end as one. Save it again."
        ) from error
    names = {info.filename.lower() for info in infos}
    if b"opendocument" in kind:
        raise ImportRefused(f"This is an OpenDocument file (.ods). {AS_XLSX}")
    if any(name.endswith(".iwa") for name in names):
        raise ImportRefused(
            "This is a Numbers document. In Numbers choose File, Export To, Excel or CSV, and "
            "upload that."
        )
    if any(name.rpartition("/")[2] in ("export.csv", "enrollment.csv") for name in names):
        raise ImportRefused(
            "This is an HMIS CSV export. Go to Import, choose “Import an export”, and upload it "
            "there."
        )
    if any("vbaproject" in name for name in names):
        raise ImportRefused(
            "The workbook holds macros. Save it as an Excel workbook without macros (.xlsx), and "
            "upload that."
        )
    if "xl/workbook.bin" in names:
        raise ImportRefused(f"This is a binary workbook (.xlsb). {AS_XLSX}")
    if "xl/workbook.xml" not in names:
        what = "a Word document" if "word/document.xml" in names else "a zip, not a workbook"
        raise ImportRefused(f"The file is {what}. {AS_XLSX}")
    is_bomb = any(
        info.file_size > max(RATIO_COUNTS_FROM, MOST_RATIO * info.compress_size) for info in infos
    )
    if is_bomb or sum(info.file_size for info in infos) > MOST_UNPACKED:
        raise ImportRefused(
            f"Unpacked, the workbook is larger than {MOST_UNPACKED >> 20} MB. Copy the list into a "
            "workbook of its own, and upload that."
        )


def decoded(data: bytes) -> str:
    """Text in the encodings that spreadsheets write: UTF-8, UTF-16, or that of Windows."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace").replace("\0", "")
    if data[:200:2].count(0) > 50 or data[1:200:2].count(0) > 50:
        ending = "utf-16-be" if data[:1] == b"\0" else "utf-16-le"
        return data.decode(ending, errors="replace").replace("\0", "")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    return text.replace("\0", "")


def separator_of(text: str) -> str:
    """What separates the columns: the sign by which most lines have equally many cells.

    A tab is typed in no cell: where half of the lines have one, it is that.
    """
    lines = [line for line in text.splitlines()[:200] if line.strip()]
    if lines and lines[0].lower().startswith("sep=") and len(lines[0]) == 5:
        return lines[0][4]
    if sum("\t" in line for line in lines) * 2 >= len(lines):
        return "\t"

    def fit(sign: str) -> tuple[int, int]:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=sign) if len(row) > 1)
        width, times = max(widths.items(), key=lambda each: each[1], default=(0, 0))
        return times, width

    try:
        return max(SEPARATORS, key=fit)
    except csv.Error:
        return ","


def read_text(text: str, name: str) -> Tab:
    """Return separated text as a sheet. ImportRefused where a quotation mark never ends."""
    tab = Tab(name)
    separator = separator_of(text)
    if text[:4].lower() == "sep=":
        text = text.partition("\n")[2]
    csv.field_size_limit(1 << 20)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    before = 0
    try:
        for row in reader:
            line, before = before + 1, reader.line_num
            cells = [cell_of(each) for each in row]
            for place, cell in enumerate(cells):
                if is_formula(cell):
                    tab.formulas.append((line, place))
                    cells[place] = ""
            tab.add(line, cells)
    except csv.Error as error:
        raise ImportRefused(
            f"It cannot be read after line {before}: a quotation mark is not closed. Save the "
            "sheet again as CSV."
        ) from error
    return tab


def cell_of(text: str) -> str:
    """A cell as text: one line, without what keeps a spreadsheet from changing a number."""
    text = " ".join(text.replace("\xa0", " ").split())[:MOST_CELL]
    if not text.isprintable():
        # What a field of one line refuses (accounts.single_lines) is no part of a cell.
        shown = (
            each for each in text if each in JOINERS or unicodedata.category(each) not in HIDDEN
        )
        text = "".join(shown).strip()
    if text.startswith('="') and text.endswith('"') and len(text) > 2:
        return text[2:-1]
    if text.startswith("'") and len(text) > 1 and (text[1].isdigit() or text[1] in FORMULA_SIGNS):
        return text[1:]
    return text


def is_formula(cell: str) -> bool:
    """Whether a text is a formula, and not a number, a date, or a mark for nothing."""
    if not cell.startswith(("=", "@")):
        return False
    return len(cell) > 1


def read_workbook(file: IO[bytes]) -> list[Tab]:
    """Return the sheets of an XLSX, hidden ones left out."""
    try:
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        formats: Iterable[str] = getattr(book, "_number_formats", ())
        shows_nine = any(NINE_DIGITS.search(each) for each in formats)
        tabs = []
        for page in book.worksheets[:MOST_TABS]:
            if page.sheet_state != "visible":
                continue
            page.reset_dimensions()  # what a sheet says of itself lies
            tab = Tab(str(page.title)[:80])
            places = 0
            for line, values in enumerate(rows_of(page, shows_nine), start=1):
                if line > MOST_LINES:
                    raise ImportRefused(
                        f"“{tab.name}” goes on for more than {MOST_LINES:,} lines, most of them "
                        "blank. Copy the list into a sheet of its own, and upload that."
                    )
                places += len(values)
                if places > MOST_PLACES:
                    raise ImportRefused(
                        f"“{tab.name}” goes on far to the right, with blank columns. Copy the list "
                        "into a sheet of its own, and upload that."
                    )
                beyond = values[MOST_COLUMNS:]
                if beyond.count(None) < len(beyond) and any(map(text_of, beyond)):
                    raise ImportRefused(TOO_MANY_COLUMNS)
                tab.add(line, [text_of(each) for each in values[:MOST_COLUMNS]])
            tabs.append(tab)
        book.close()
        mark_formulas(file, tabs)
    except ImportRefused:
        raise
    except Exception as error:  # whatever a broken part of a workbook makes of openpyxl
        raise ImportRefused(
            "The workbook cannot be read: a part of it is damaged. Open it in Excel, save it under "
            "another name, and upload that."
        ) from error
    return tabs


def rows_of(page: Worksheet, shows_nine: bool) -> Iterator[tuple[object, ...]]:
    """The values of each row. `shows_nine`: a number may be shown with nine digits.

    Of a number that is, such as 012-34-5678, the sheet holds 12345678: it is told as it is shown.
    """
    if not shows_nine:
        yield from page.iter_rows(values_only=True)
        return
    for row in page.iter_rows():
        yield tuple(shown(cell) for cell in row)


def shown(cell: Cell | MergedCell) -> object:
    value = cell.value
    if isinstance(value, int | float) and not isinstance(value, bool):
        is_nine = NINE_DIGITS.search(str(cell.number_format or ""))
        if is_nine and math.isfinite(value) and 0 <= value < 10**9:
            return f"{int(value):09d}"
    return value


def mark_formulas(file: IO[bytes], tabs: list[Tab]) -> None:
    """Note the cells whose formula has no value: another program wrote the workbook."""
    by_name = {tab.name: dict(zip(tab.lines, tab.rows, strict=True)) for tab in tabs}
    file.seek(0)
    with zipfile.ZipFile(file) as packed:
        pages = [each for each in packed.namelist() if each.startswith("xl/worksheets/")]
        if not any(has_formula(packed, each) for each in pages):
            return
    file.seek(0)
    book = load_workbook(file, read_only=True, keep_links=False)
    for tab in tabs:
        rows, page = by_name[tab.name], book[tab.name]
        cells_of_rows = page.iter_rows(max_col=MOST_COLUMNS, values_only=True)
        for line, cells in enumerate(cells_of_rows, start=1):
            kept = rows.get(line, [])
            for place, cell in enumerate(cells):
                is_empty = place >= len(kept) or not kept[place]
                if is_empty and isinstance(cell, str) and cell.startswith("="):
                    tab.formulas.append((line, place))
    book.close()


def has_formula(packed: zipfile.ZipFile, name: str) -> bool:
    end = b""
    with packed.open(name) as part:
        for chunk in chunks(part):
            if b"<f>" in end + chunk or b"<f " in end + chunk:
                return True
            end = chunk[-3:]
    return False


def chunks(file: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: file.read(1 << 18), b"")


def text_of(value: object) -> str:
    """A value of a workbook as text: days as 2026-04-30, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (time, timedelta)):
        return str(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            return ""
        return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
    text = cell_of(str(value))
    # What Excel shows for a formula that fails.
    return "" if text.startswith("#") and text.rstrip("!?").isupper() else text
