"""Names kept out of free text."""

import unicodedata

import pytest

from participants.redaction import WITHHELD, Cleaner, Names, without_name

DECOMPOSED = unicodedata.normalize("NFD", "Zoë Núñez")


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("Ana Example called.", "Ana Example", "X-1 called."),
        (
            "Example (Ana) called; ANA’s sister too",
            "Ana Example",
            "X-1 (X-1) called; X-1’s sister too",
        ),
        ("ana called, example did not", "Ana Example", "X-1 called, example did not"),
        ("Banana, Anagram", "Ana Example", "Banana, Anagram"),
        ("Will will call in may; WILL may", "Will May", "X-1 will call in may; X-1 may"),
        ("Nunez and zoe, ZOË NÚÑEZ", "Zoë Núñez", "X-1 and X-1, X-1"),
        (f"Met {DECOMPOSED}.", "Zoë Núñez", "Met X-1."),
        ("Met Zoë Núñez.", DECOMPOSED, "Met X-1."),
        ("Jo Fitzwilliam moved", "Jo Fitzwilliam-Harrington", "X-1 moved"),
        ("O’Sullivan and o'sullivan", "Pat O’Sullivan", "X-1 and X-1"),
        ("နော်ဧးထူကို ဖုန်းဆက်ပါ", "နော်ဧးထူ", "X-1ကို ဖုန်းဆက်ပါ"),
        ("اتصل بمحمود ومحمود", "نور محمود", "اتصل بX-1 وX-1"),
        ("Шевченко, шевченко", "Оксана Шевченко", "X-1, X-1"),
        ("A+B (c)", "A+B (c)", "X-1"),
        ("Nothing to hide", "Bo", "Nothing to hide"),
        ("Bo came", "Bo", "X-1 came"),
        ("👩 came", "👩", "X-1 came"),
        ("", "Ana", ""),
        ("Ana", None, "Ana"),
    ],
)
def test_without_name_leaves_the_alias_alone(text, name, expected):
    assert without_name(text, name, "X-1") == expected


def test_without_name_takes_an_alias_as_it_is():
    assert without_name("Ana came", "Ana Example", r"\1 <b>") == r"\1 <b> came"


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (lambda text: text + " More.", "Ana met Bo Moua; X-1 and Kia Xiong too. More."),
        (lambda text: f"First. {text}", "First. Ana met Bo Moua; X-1 and Kia Xiong too."),
        (lambda text: text.replace("met", "saw"), "Ana saw Bo Moua; X-1 and Kia Xiong too."),
        # What the writer took out is gone, and the rest is still of whom it was.
        (lambda text: text.replace(f"met {WITHHELD}; ", ""), "Ana X-1 and Kia Xiong too."),
        (lambda text: text.replace("X-1 and ", ""), "Ana met Bo Moua; Kia Xiong too."),
        (lambda text: f"X-1 came. {text}", "X-1 came. Ana met Bo Moua; X-1 and Kia Xiong too."),
        (lambda text: "Other words", "Other words"),
        (lambda text: "", ""),
    ],
)
def test_put_back_keeps_names_through_an_edit_by_whoever_may_not_read_them(edit, expected):
    names = Names()
    for key, name in enumerate(["Ana Example", "Bo Moua", "Kia Xiong"]):
        names.add(key, name)
    cleaner, stored = Cleaner(names), "Ana met Bo Moua; X-1 and Kia Xiong too."
    shown = cleaner.clean(stored, {0: "X-1"})
    assert shown == f"X-1 met {WITHHELD}; X-1 and {WITHHELD} too."
    assert cleaner.put_back(edit(shown), stored, {0: "X-1"}) == expected
