"""Tables as encrypted Excel workbooks: written by openpyxl, locked by msoffcrypto.

Nothing here knows a model. A text stays a text, whatever it begins with: no cell is a formula.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import cast

from msoffcrypto.format.ooxml import OOXMLFile
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from .documents import check_password

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
LONGEST_TEXT = 32_767  # of a cell, by Excel
LONGEST_MARK = 250  # of what stands on each printed page, by Excel with its codes
WIDEST, NARROWEST = 48, 8


@dataclass(frozen=True)
class Sheet:
    """`marks`: lines above the table; `headings` may be empty: the rows are label and value.

    `hidden`: how many of the last columns are for the file's way back, and not shown.
    """

    title: str
    marks: list[str]
    headings: list[str]
    rows: Sequence[Sequence[object]]
    hidden: int = 0


def locked_workbook(sheets: list[Sheet], *, mark: str, notice: str, password: str) -> bytes:
    """Return an XLSX that opens with `password` only (ECMA-376 agile encryption, AES-256).

    Cells hold text, whole numbers, dates, or None. `mark` stands at the head of each printed page,
    `notice` at its foot. Raises ValueError for a password that documents do not take, and
    TypeError for what no cell may hold.
    """
    check_password(password)
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator = "Case Conferencing"
    for sheet in sheets:
        _fill(book.create_sheet(sheet.title), sheet, mark=mark, notice=notice)
    plain, locked = BytesIO(), BytesIO()
    book.save(plain)
    plain.seek(0)
    OOXMLFile(plain).encrypt(password, locked)
    return locked.getvalue()


def _fill(page: Worksheet, sheet: Sheet, *, mark: str, notice: str) -> None:
    for number, text in enumerate(sheet.marks, start=1):
        _put(page, number, 1, text).font = Font(bold=number == 1)
    top = len(sheet.marks) + 2
    if sheet.headings:
        for column, text in enumerate(sheet.headings, start=1):
            cell = _put(page, top, column, text)
            cell.font = Font(bold=True)
            cell.fill = PatternFill("solid", fgColor="E8EEEE")
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    first = top + bool(sheet.headings)
    for number, row in enumerate(sheet.rows, start=first):
        for column, value in enumerate(row, start=1):
            cell = _put(page, number, column, value)
            is_shown = column <= len(row) - sheet.hidden
            is_wrapped = isinstance(value, str) and is_shown
            cell.alignment = Alignment(vertical="top", wrap_text=is_wrapped)
    _lay_out(page, sheet, top, mark=mark, notice=notice)


def _lay_out(page: Worksheet, sheet: Sheet, top: int, *, mark: str, notice: str) -> None:
    for column, widest in enumerate(_widths(sheet), start=1):
        page.column_dimensions[get_column_letter(column)].width = widest
    for column in range(len(sheet.headings) - sheet.hidden, len(sheet.headings)):
        page.column_dimensions[get_column_letter(column + 1)].hidden = True
    if sheet.headings:
        page.freeze_panes = f"B{top + 1}"
        last = get_column_letter(len(sheet.headings))
        page.auto_filter.ref = f"A{top}:{last}{top + max(len(sheet.rows), 1)}"
        page.print_title_rows = f"{top}:{top}"
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = page.PAPERSIZE_LETTER
    page.page_setup.fitToHeight = 0
    page.page_setup.fitToPage = True
    assert page.oddHeader is not None
    assert page.oddFooter is not None
    page.oddHeader.left.text = _printed(mark)
    page.oddFooter.left.text = _printed(notice)
    page.oddFooter.right.text = "Page &P of &N"


def _widths(sheet: Sheet) -> Iterator[int]:
    lines: list[Sequence[object]] = [sheet.headings, *sheet.rows]
    for column in range(max(map(len, lines), default=0)):
        longest = max(len(str(line[column] or "")) for line in lines if column < len(line))
        yield min(max(longest + 2, NARROWEST), WIDEST)


def _put(page: Worksheet, row: int, column: int, value: object) -> Cell:
    """Set a cell; a text is set as one, so that a leading "=" begins no formula."""
    cell = cast(Cell, page.cell(row, column))  # none is merged
    if value is None or isinstance(value, date) or type(value) is int:
        cell.value = value
        if isinstance(value, date):
            cell.number_format = "yyyy-mm-dd"
        return cell
    if not isinstance(value, str):
        raise TypeError(f"A cell cannot hold {type(value).__name__}.")
    # A lone surrogate has no place in a file either.
    text = ILLEGAL_CHARACTERS_RE.sub("", value).encode(errors="ignore").decode()
    cell.value = text[:LONGEST_TEXT]
    cell.data_type = "s"
    cell.quotePrefix = text.startswith(FORMULA_SIGNS)
    return cell


def _printed(text: str) -> str:
    """Text for a printed page's head or foot, where "&" begins a code."""
    text = " ".join(ILLEGAL_CHARACTERS_RE.sub("", text).split()).replace("&", "&&")
    return text if len(text) <= LONGEST_MARK else text[: LONGEST_MARK - 2].rstrip("&") + " …"
