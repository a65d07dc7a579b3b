"""The text of a document is what is seen, in each program that reads it."""

import re
import unicodedata
from io import BytesIO

import pikepdf
import pymupdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vault import documents
from vault.page_text import fit_text
from vault.text_layer import _ACTUAL, INVISIBLE, _digits, _said

from .test_documents import AGREEMENT, agreement
from .text_readers import READERS, lines_of

NAMES = [
    "José Ibargüen",
    "Nguyễn Thị Minh Khai",
    "Søren Trần-Đặng",
    "Þórsson O’Brien",
    "Yąą́ Tsosie",  # Navajo: no single character for the last vowel
    "Kʼwálą́ Begay",
    "ạ́ e̱ n̈ K̓wal w̓ ŋ̀",  # marks that only a second character writes
    "Hawaiʻi Kealoha",
    "Мария Иванова",
    "Γιώργος Παπαδόπουλος",
    "Գարեգին",
    "ქართული",
    "ᏣᎳᎩ",
    "ᐃᓄᒃ",
    "मारिया शर्मा",
    "প্রিয়াঙ্কা মারিয়া",
    "ਗੁਰਪ੍ਰੀਤ",
    "પ્રિયા મારિયા",
    "மரியா",
    "మారియా",
    "ማርያም ተስፋዬ",
    "မမလှ",  # without a space: PDFium drops one after a syllable of several signs
    "နော်မူဖော",
    "ស្រីមុំ ច័ន្ទ",
    "ສົມສັກ",
    "สมชาย น้ำ",
    "ꤊꤢꤛꤢ꤬",
    "张伟 山田太郎",
    "김민수",
]
RIGHT_TO_LEFT = ["محمد عبد الله", "יוסף כהן"]
LINKS = [
    "https://meet.example.org/river-valleys/mmmmmmmmmmmmmmmmmmmmmmm/room?mom=memmmmmmmmmm",
    "https://meet.example.org/" + "a1b2c3d4" * 12,
    "https://" + "mi" * 60 + ".example.org/",
]


def paper(*lines):
    """An agreement with these lines, each a paragraph of its own."""
    return agreement(text="\n\n".join(f"Here: {line}" for line in lines))


def found_in(reader, pdf):
    """What follows "Here: " in each paragraph, over the ends of its lines, as one reader has it."""
    whole = "\n".join(lines_of(reader, pdf))
    parts = whole.split("Here: ")[1:]
    return [part.split("\n")[0] for part in parts], "".join(parts).replace("\n", "")


@pytest.mark.parametrize("reader", READERS)
def test_names_of_every_script_are_read_as_they_are_written(reader):
    found, _ = found_in(reader, paper(*NAMES))
    assert found == [unicodedata.normalize("NFC", name) for name in NAMES]


@pytest.mark.parametrize("reader", sorted({*READERS} - {"pypdf"}))
def test_names_from_right_to_left_are_read_as_they_are_written(reader):
    pdf = agreement(text="\n\n".join(RIGHT_TO_LEFT))
    lines = lines_of(reader, pdf)
    assert [line for line in lines if line in RIGHT_TO_LEFT] == RIGHT_TO_LEFT


def test_pypdf_reads_each_word_from_right_to_left():
    """Which word comes first, and whether there is a space, it decides by itself."""
    text = " ".join(lines_of("pypdf", agreement(text="\n\n".join(RIGHT_TO_LEFT))))
    for name in RIGHT_TO_LEFT:
        for word in name.split():
            assert text.count(word) == 1


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("link", LINKS)
def test_a_long_link_is_read_whole_and_with_nothing_in_it(reader, link):
    # The link comes first: the first glyph of a letter is the one that kept the break.
    _, whole = found_in(reader, paper(link, "common mammal memo", link))
    assert whole.startswith(link + "common mammal memo" + link)


@pytest.mark.parametrize("reader", READERS)
def test_nothing_invisible_is_read(reader):
    pdf = paper(*LINKS, *NAMES, *RIGHT_TO_LEFT)
    text = "\n".join(lines_of(reader, pdf))
    assert not set(map(ord, text)) & set(INVISIBLE)


LATIN = "aeinoyAEIKNOwzrlt"
MARKS = "\u0300\u0301\u0302\u0303\u0304\u0307\u0308\u030a\u030b\u030c\u0313\u0323\u0328\u0331"


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.lists(
            st.tuples(st.sampled_from(LATIN), st.text(MARKS, max_size=2)).map("".join),
            min_size=2,
            max_size=7,
        ).map("".join),
        min_size=1,
        max_size=12,
    )
)
def test_letters_with_any_marks_come_out_once_in_every_reader(words):
    shown = [fit_text(word) for word in words]
    plain = [word for word in shown if "[" not in word]
    if not plain:
        return
    pdf = paper(*plain)
    for reader in READERS:
        found, _ = found_in(reader, pdf)
        assert [unicodedata.normalize("NFC", each) for each in found] == plain, reader


def test_the_look_is_the_same_as_before(monkeypatch):
    """Composites stand where the glyphs stood: hardly a dot of the page is another."""
    settled = paper(*NAMES)
    monkeypatch.setattr(documents, "_with_settled_text", lambda drawn: drawn)
    drawn = paper(*NAMES)
    assert settled != drawn
    pages = [pymupdf.open(stream=pdf)[0].get_pixmap(dpi=110).samples for pdf in (settled, drawn)]
    differing = sum(abs(one - other) > 96 for one, other in zip(*pages, strict=True))
    assert differing < len(pages[0]) / 10_000


@pytest.mark.parametrize("reader", READERS)
def test_bold_names_of_every_script_are_bold_and_read(reader):
    """Headings: the fonts that hold names have a bold face, and its text is the same."""
    pdf = agreement(text="\n\n".join(f"# Here: {name}" for name in NAMES))
    found, _ = found_in(reader, pdf)
    assert found == [unicodedata.normalize("NFC", name) for name in NAMES]


def test_every_letter_has_one_text_and_no_other_is_meant():
    with pikepdf.open(BytesIO(paper(*NAMES, *LINKS))) as pdf:
        for page in pdf.pages:
            texts = set()
            for font in page.Resources.Font.values():
                cmap = font.ToUnicode.read_bytes().decode("ascii")
                texts |= set(re.findall(r"^<[0-9A-F]{4}> <([0-9A-F]*)>$", cmap, re.MULTILINE))
            assert texts
            assert "" not in texts
            for found in _ACTUAL.finditer(page.Contents.read_bytes()):
                assert _digits(_said(found)) in texts


def test_a_latin_document_is_taken_as_it_was_drawn():
    data = {**AGREEMENT, "signer": {"name": "Ann Example", "title": "Director"}}
    data["countersigned"] = None
    pdf = documents.render("agreement", data | {"text": "Plain words."})
    assert pdf.startswith(b"%PDF-")
    assert "Plain words." in "\n".join(lines_of("pypdf", pdf))
