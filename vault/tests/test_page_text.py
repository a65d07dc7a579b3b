"""What `page_text` leaves of a text, so that any document can show it."""

import unicodedata

import pytest

from vault.page_text import FONTS, LONGEST_RUN, ZERO_WIDTH_SPACE, _code_points, fit, fit_text


@pytest.mark.parametrize(
    "text",
    [
        "Maria Thompson",
        "Nguyễn Thị Minh Khai",
        "Zoë Ærøskøbing",
        "Șt̀efan Ṣ́ọ́lá",
        "Олена Ковальчук",
        "Γιώργος Παπαδόπουλος",
        "နော်မူဖော",
        "စောထူးထူး",
        "አበበ ቢቂላ",
        "王小明 김철수 さくら",
        "कृष्ण बहादुर",
        "#let x = 1 *bold* $x$ <script> \\ `raw`",
        "two\nlines",
    ],
)
def test_fit_text_leaves_names_as_they_are(text):
    assert fit_text(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zoë 🌻", "Zoë [sunflower]"),
        ("👩‍👧 🇺🇸 👍🏽", "[woman][girl] [flag US] [thumbs up sign]"),
        ("❤️", "❤"),
        ("a\ue000b", "a[U+E000]b"),
        ("bod་", "bod[U+0F0B]"),
        ("k\u0e31", "k[U+0E31]"),  # a Thai vowel on a Latin letter: no font has both
        ("a\x00b\x07\x7f\x85c", "abc"),
        ("a\r\nb\rc\td", "a\nb\nc d"),
        ("\u202eevil\u2069\u2066", "evil"),
        ("\ud83d alone", " alone"),
        ("\ufeffmark\ufffe", "mark[U+FFFE]"),
        ("line\u2028sep\u2029", "linesep"),
        ("", ""),
    ],
)
def test_fit_text_names_or_drops_what_cannot_be_shown(text, shown):
    assert fit_text(text) == shown


def test_fit_text_isolates_right_to_left_lines():
    assert fit_text("محمد\nAna\nיעל 3") == "\u2067محمد\u2069\nAna\n\u2067יעל 3\u2069"


def test_fit_text_keeps_a_mixed_line_in_the_order_of_the_page():
    assert fit_text("محمد, Steele House") == "\u2066محمد, Steele House\u2069"


def test_fit_text_lets_long_runs_break_but_never_a_letter_from_its_marks():
    shown = fit_text("x" * 300)
    assert shown.replace(ZERO_WIDTH_SPACE, "") == "x" * 300
    assert max(map(len, shown.split(ZERO_WIDTH_SPACE))) <= LONGEST_RUN
    marked = fit_text("q\u0323\u0301" * 100)
    assert ZERO_WIDTH_SPACE in marked
    assert not any(unicodedata.combining(part[0]) for part in marked.split(ZERO_WIDTH_SPACE))


def test_fit_goes_through_lists_and_dictionaries_and_leaves_the_rest():
    assert fit({"a": ["x\x00", 1, None, True, 2.5], "b": ({"c": "🌻"},)}) == {
        "a": ["x", 1, None, True, 2.5],
        "b": [{"c": "[sunflower]"}],
    }


def test_code_points_of_the_main_font_hold_the_letters_of_the_region():
    points = _code_points((FONTS / "NotoSans-Regular.ttf").read_bytes())
    assert set(map(ord, "aZ09ëñøæßŋʼễḥ–…·“”")) <= points
    assert ord("က") not in points
    assert 0xFFFF not in points


def test_bold_fonts_hold_what_the_regular_ones_hold():
    for bold in FONTS.glob("*-Bold.ttf"):
        regular = bold.with_name(bold.name.replace("-Bold", "-Regular"))
        assert _code_points(bold.read_bytes()) == _code_points(regular.read_bytes()), bold.name
