"""Locked workbooks: opened by the password alone, a text a text, marked on each page."""

from datetime import date, datetime
from io import BytesIO

import msoffcrypto
import olefile
import pytest
from msoffcrypto.exceptions import InvalidKeyError

from vault.tests.workbooks import cells_in, opened
from vault.workbooks import Sheet, locked_workbook

PASSWORD = "ABCD-EFGH-JKMN-PQRS"


def book(rows, *, headings=("What",), marks=("Confidential",), **changes):
    values = {"mark": "Exported by Pat", "notice": "For you alone", "password": PASSWORD}
    sheet = Sheet("Table", list(marks), list(headings), rows)
    return locked_workbook([sheet], **(values | changes))


def test_workbook_opens_with_its_password_and_with_no_other():
    content = book([["Zyxwvut Hiddenname", 3, date(2026, 3, 31), None]])
    assert msoffcrypto.OfficeFile(BytesIO(content)).is_encrypted()
    assert b"Zyxwvut Hiddenname" not in content
    page = opened(content, PASSWORD)["Table"]
    rows = list(page.iter_rows(values_only=True))
    assert rows == [
        ("Confidential", None, None, None),
        (None, None, None, None),
        ("What", None, None, None),
        ("Zyxwvut Hiddenname", 3, datetime(2026, 3, 31), None),
    ]
    for wrong in ("x", PASSWORD.lower(), "ABCD-EFGH-JKMN-PQRT"):
        with pytest.raises(InvalidKeyError):
            opened(content, wrong)


def test_workbook_is_locked_by_aes_256_and_by_another_key_each_time():
    first, second = book([["A"]]), book([["A"]])
    info = olefile.OleFileIO(BytesIO(first)).openstream("EncryptionInfo").read().decode("latin-1")
    for words in (
        'cipherAlgorithm="AES"',
        'cipherChaining="ChainingModeCBC"',
        'hashAlgorithm="SHA512"',
        'keyBits="256"',
        'spinCount="100000"',
    ):
        assert words in info
    assert first[2048:] != second[2048:]


def test_workbook_that_was_changed_does_not_open():
    content = bytearray(book([["A" * 3000]]))
    package = olefile.OleFileIO(BytesIO(bytes(content))).openstream("EncryptedPackage").read()
    place = content.find(package[100:160])
    content[place] ^= 1
    with pytest.raises(msoffcrypto.exceptions.InvalidKeyError):
        opened(bytes(content), PASSWORD)


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t="])
def test_workbook_takes_a_text_as_text_whatever_it_begins_with(sign):
    text = f'{sign}HYPERLINK("http://example.org","x")'
    page = opened(book([[text]], headings=[text], marks=[text]), PASSWORD)["Table"]
    cells = [page["A1"], page["A3"], page["A4"]]
    assert [(cell.value, cell.data_type, cell.quotePrefix) for cell in cells] == [
        (text, "s", True)
    ] * 3


@pytest.mark.parametrize("text", ["#N/A", "TRUE", "2026-01-01", "007", "နော်ဧးထူ", "نور", "👩‍👧"])
def test_workbook_keeps_a_text_as_it_is(text):
    cell = opened(book([[text]]), PASSWORD)["Table"]["A4"]
    assert (cell.value, cell.data_type) == (text, "s")


def test_workbook_drops_what_no_cell_may_hold():
    page = opened(book([["A\x00B\x0b\ud800C", "x" * 40_000]]), PASSWORD)["Table"]
    assert page["A4"].value == "ABC"
    assert len(page["B4"].value) == 32_767
    with pytest.raises(TypeError):
        book([[1.5]])


def test_workbook_is_marked_on_each_printed_page():
    content = book([["A"]], mark="R&D & \x07Co " + "x" * 400, notice="Ours")
    page = opened(content, PASSWORD)["Table"]
    assert page.oddHeader.left.text.startswith("R&&D && Co xxx")
    assert len(page.oddHeader.left.text) <= 255
    assert "Ours" in list(cells_in(content, PASSWORD))
    assert (page.freeze_panes, page.print_title_rows, page.page_setup.orientation) == (
        "B4",
        "$3:$3",
        "landscape",
    )


@pytest.mark.parametrize("password", ["", "ä" * 8, "A" * 33, "A\nB"])
def test_workbook_refuses_a_password_that_programs_could_not_take(password):
    with pytest.raises(ValueError, match="password"):
        book([["A"]], password=password)
