"""Files as they come: encodings, separators, workbooks; what else is uploaded is named."""

import io
import zipfile
from datetime import date, datetime

import msoffcrypto
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msoffcrypto.format.ooxml import OOXMLFile
from openpyxl import Workbook

from conferencing.tests.readable import readable
from participants.hmis.archives import ImportRefused
from participants.spreadsheets.reading import (
    MOST_COLUMNS,
    MOST_ROWS,
    read_file,
    read_pasted,
)
from participants.spreadsheets.table import body_of, find_head, headings_of
from participants.spreadsheets.targets import is_heading
from participants.spreadsheets.tests.sheets import as_csv, workbook

assert msoffcrypto
ROWS = [
    ["Name", "DOB", "Where"],
    ["Ana Ñandú", "4/3/1990", "O’Neill St, near “the” bridge"],
    ["Bo Zwick", "5/6/1971", "Tent"],
]


def tabs_of(data, name="list.csv"):
    return read_file(io.BytesIO(data), name)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_every_encoding_and_separator_gives_the_same_rows(encoding, separator):
    text = as_csv(ROWS, separator)
    (tab,) = tabs_of(text.encode(encoding))
    assert tab.rows == ROWS
    assert tab.lines == [1, 2, 3]


cells = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12
).filter(lambda text: not text.startswith(("=", "@", "'", "#")))


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.lists(cells, min_size=3, max_size=3), min_size=2, max_size=6))
def test_a_workbook_a_csv_and_a_paste_say_the_same(rows):
    (book,) = tabs_of(workbook(rows), "list.xlsx")
    (pasted,) = read_pasted(as_csv(rows, "\t"))
    assert book.rows == rows
    assert pasted.rows == rows


def test_values_of_a_workbook_are_text():
    when = datetime(2026, 4, 30, 8, 15)
    (tab,) = tabs_of(workbook([["A", "B", "C"], [date(1990, 7, 24), when, 12.0], [True, 1.5, "x"]]))
    assert tab.rows[1:] == [["1990-07-24", "2026-04-30", "12"], ["Yes", "1.5", "x"]]


def test_a_formula_gives_its_last_value_and_one_without_is_said():
    book = Workbook()
    page = book.worksheets[0]
    for row in (["Name", "Days"], ["Ana", "=TODAY()-A1"], ["Bo", 3]):
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    (tab,) = tabs_of(out.getvalue())
    assert tab.rows == [["Name", "Days"], ["Ana"], ["Bo", "3"]]
    assert tab.formulas == [(2, 1)]
    (tab,) = tabs_of(b'Name,Id,More\nAna,"=""00123""",=HYPERLINK(1)\nBo,\'0042,@SUM(1)\n')
    assert tab.rows[1:] == [["Ana", "00123"], ["Bo", "0042"]]
    assert tab.formulas == [(2, 2), (3, 2)]


def test_hidden_sheets_are_not_read():
    book = Workbook()
    for title, state in (("List", "visible"), ("Old", "hidden"), ("Keys", "veryHidden")):
        page = book.create_sheet(title)
        page.append(["Name", "DOB"])
        page.append([title, "1/1/1990"])
        page.sheet_state = state
    out = io.BytesIO()
    book.save(out)
    assert [tab.name for tab in tabs_of(out.getvalue())] == ["List"]


def locked():
    plain, out = io.BytesIO(workbook(ROWS)), io.BytesIO()
    OOXMLFile(plain).encrypt("ABCD-EFGH-JKMN-PQRS", out)
    return out.getvalue()


def packed(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        for name, text in files.items():
            book.writestr(name.replace("__", "/").replace("_dot_", "."), text)
    return out.getvalue()


def with_macros():
    out = io.BytesIO(workbook(ROWS))
    with zipfile.ZipFile(out, "a") as book:
        book.writestr("xl/vbaProject.bin", b"\0")
    return out.getvalue()


OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
REFUSED = {
    "empty": (b"", "empty"),
    "blank": (b"   \n\n ", "empty|nothing"),
    "one column": (b"Name\nAna\nBo\n", "one column"),
    "one row": (b"Name,DOB\n", "one row"),
    "too many columns": (as_csv([["x"] * 200] * 3).encode(), f"{MOST_COLUMNS} columns"),
    "too many rows": (b"Name,DOB\n" + b"Ana,1/1/1990\n" * 100_000, f"{MOST_ROWS:,} rows"),
    "locked": (locked(), "password"),
    "xls": (OLD, r"\.xls\)"),
    "numbers": (packed(Index__Document_dot_iwa="x"), "Numbers"),
    "ods": (packed(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "ods"),
    "xlsb": (packed(xl__workbook_dot_bin="x"), "xlsb"),
    "word": (packed(word__document_dot_xml="x"), "Word"),
    "zip": (packed(a_dot_txt="x"), "zip"),
    "hmis": (packed(Export_dot_csv="x", Client_dot_csv="y"), "HMIS CSV export"),
    "macros": (with_macros(), "macros"),
    "pdf": (b"%PDF-1.7\n...", "PDF"),
    "web page": (b"<html><table><tr><td>Name</td><td>DOB</td></tr></table></html>", "web page"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(4000), "no text"),
    "damaged": (workbook(ROWS)[:900], "damaged"),
    "quotation": (b'Name,DOB\n"Ana,1/1/1990\n' + b"x,y\n" * 400_000, "quotation mark|rows"),
}


def rebuilt(name, content):
    """The workbook with one part of its own replaced."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(ROWS))) as book,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for info in book.infolist():
            made.writestr(info.filename, content if info.filename == name else book.read(info))
    return out.getvalue()


def test_workbooks_made_to_fill_the_memory_are_refused():
    page = "xl/worksheets/sheet1.xml"
    with pytest.raises(ImportRefused, match="larger than"):
        tabs_of(rebuilt(page, b"<x>" + b" " * (200 << 20) + b"</x>"))
    entities = b"".join(
        b'<!ENTITY e%d "%s">' % (depth, b"&e%d;" % (depth - 1) * 10 if depth else b"ha" * 100)
        for depth in range(9)
    )
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [%s]><x>&e8;</x>' % entities
    with pytest.raises(ImportRefused, match="damaged"):
        tabs_of(rebuilt(page, laughs))
    rows = b"".join(b'<row r="%d"/>' % line for line in range(1, 200_001))
    space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    blank = b'<worksheet xmlns="%s"><sheetData>%s</sheetData></worksheet>' % (space, rows)
    with pytest.raises(ImportRefused, match=r"lines|nothing"):
        tabs_of(rebuilt(page, blank))


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_read_is_named(kind):
    data, words = REFUSED[kind]
    with pytest.raises(ImportRefused, match=words) as refused:
        tabs_of(data)
    assert "Ana" not in readable(str(refused.value))


def test_titles_above_and_totals_below_are_no_households():
    rows = [
        ["Three Rivers CoC", "", ""],
        ["Report generated: 4/30/2026 by K. Staff"],
        ["", "Household", "", "Place"],
        ["First", "Last", "DOB", "County", "Kids"],
        ["Ana", "Alder", "4/3/1990", "Rice", "2"],
        ["First", "Last", "DOB", "County", "Kids"],
        ["Bo", "Birch", "5/6/1971", "Rice", "0"],
        ["Total:", "", "", "", "2"],
        ["Grand total 57"],
        ["Page 1 of 1"],
        ["* kids under 18 only, see the legend for the codes"],
    ]
    (tab,) = tabs_of(as_csv(rows).encode())
    head = find_head(tab, is_heading)
    assert [each.text for each in headings_of(tab, head)] == rows[3]
    body = body_of(tab, head)
    assert [line for line, _row in body.rows] == [5, 7]
    assert body.skipped == 5


@pytest.mark.parametrize(
    ("rows", "head"),
    [
        ([["Ana Alder", "4/3/1990", "Rice"], ["Bo Birch", "5/6/1971", "Rice"]], 0),
        ([["Client Name", "DOB"], ["Ana Alder", "4/3/1990"]], 1),
        ([["who is it", "born"], ["Ana", "4/3/1990"], ["Bo", "5/6/1971"]], 1),
    ],
)
def test_the_row_of_headings_is_found_or_there_is_none(rows, head):
    (tab,) = tabs_of(as_csv(rows).encode())
    assert find_head(tab, is_heading) == head


def test_headings_that_come_twice_or_not_at_all_are_told_apart():
    (tab,) = tabs_of(as_csv([["Name", "Date", "Date", ""], ["Ana", "1/1/2026", "x", "y"]]).encode())
    found = headings_of(tab, 1)
    assert [each.text for each in found] == ["Name", "Date", "Date (2)", "Column D"]
    assert len({each.key for each in found}) == 4
