"""Names kept out of free text."""

import re
import unicodedata
from itertools import permutations, product

import pytest

from participants.ordinary import is_ordinary
from participants.redaction import (
    STANDS,
    WITHHELD,
    Cleaner,
    MovedError,
    Names,
    Staying,
    parts_of,
    without_name,
)
from vault.sealed import Words

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
        (
            lambda text: f"X-1 {text[text.index('; ') + 2 :]}",
            "Ana X-1 and Kia Xiong too.",
        ),
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
    assert cleaner.clean(stored, {0: "X-1"}) == (
        "X-1 met [name withheld 1]; X-1 and [name withheld 2] too."
    )
    (shown,) = cleaner.to_edit([stored], {0: "X-1"})
    assert FOUR.sub("N", shown) == "X-1 met [name withheld N]; X-1 and [name withheld N] too."
    assert len(set(FOUR.findall(shown))) == 2
    assert cleaner.put_back(edit(shown), stored, {0: "X-1"}) == expected


FOUR = re.compile(r"\d{4}")


def people(*names):
    known = Names()
    for key, name in enumerate(names):
        known.add(key, name)
    return Cleaner(known)


def test_a_town_that_somebody_hidden_is_called_by_stays_only_where_the_words_tell_of_a_place():
    """Else whoever names a county after a guess reads the answer."""
    staying = Staying()
    for town in ("Qorvath", "Olmsted"):
        staying.add_town(town)
    names = Names()
    names.add("1", "Zyxwvut Qorvath")
    cleaner = Cleaner(names, staying=staying)
    assert cleaner.clean("Shares a tent with Qorvath.") == f"Shares a tent with {WITHHELD}."
    for text in ("Moved within Olmsted.", "Lives in Qorvath.", "Goes to Qorvath County."):
        assert cleaner.clean(text) == text


SENTENCES = (
    "Dmitri Volkov hit her. ",
    "Xochitl Tlapa drives her to work. ",
    "Loon-12 came alone. ",
    "Volkov has a key. ",
    "Call Hope Young on Monday. ",
)


def test_put_back_gives_each_name_its_own_place_whatever_is_moved_left_out_or_said_twice():
    cleaner, own = people("Agnes Quill", "Dmitri Volkov", "Xochitl Tlapa", "Hope Young"), {}
    own[0] = "Loon-12"
    stored = "".join(SENTENCES)
    shown = [f"{each}. " for each in cleaner.to_edit([stored], own)[0].split(". ")[:-1]]
    assert len(shown) == len(SENTENCES)
    tried = 0
    for size in range(len(SENTENCES) + 1):
        for order in [*permutations(range(5), size), *product(range(5), repeat=min(size, 3))]:
            typed = "".join(shown[each] for each in order)
            meant = "".join(SENTENCES[each] for each in order)
            assert cleaner.put_back(typed, stored, own) == meant, order
            tried += 1
    assert tried > 400


def test_what_stands_for_a_name_is_the_same_whatever_becomes_of_the_text():
    cleaner = people("Dmitri Volkov", "Xochitl Tlapa", "Oyelaran Adeyemi")
    stored = ["Volkov hit her. Tlapa drives. Adeyemi calls."]
    hit, drives, calls, _end = cleaner.to_edit(stored)[0].split(".")
    typed = [f"{drives.strip()}.{calls} daily."]
    texts, again = cleaner.put_back_all(typed, stored)
    assert texts == ["Tlapa drives. Adeyemi calls daily."]
    assert again == typed == cleaner.to_edit(texts)
    # Others wrote meanwhile: somebody stands before, and one of them no more.
    for now in ("Adeyemi says: Volkov hit her. Tlapa drives.", "Tlapa drives. Adeyemi calls."):
        assert cleaner.put_back_all(typed, [now])[0] == texts
    with pytest.raises(MovedError) as told:
        cleaner.put_back_all([f"{hit}."], ["Tlapa drives."])
    assert told.value.unknown in hit
    assert cleaner.put_back_all([f"{hit}."], ["Tlapa drives."], None, [stored])[0] == [
        "Volkov hit her."
    ]


def test_what_stands_for_a_name_tells_who_reads_where_and_no_more():
    names = people("Dmitri Volkov", "Xochitl Tlapa").names
    text = "Saw Volkov and Tlapa."
    seen = set()
    for reader in (b"one", b"other"):
        for place in (b"here", b"there"):
            cleaner = Cleaner(names, reader=reader)
            seen.update(FOUR.findall(cleaner.to_edit([Words(text, place)])[0]))
    assert len(seen) == 8


def test_two_who_would_share_a_number_both_get_another():
    cleaner = people(*(f"Dmitri{each} Volkov{each}" for each in map(letters, range(300))))
    text = " and ".join(f"Volkov{letters(each)}" for each in range(300))
    (shown,) = cleaner.to_edit([text])
    assert len(set(FOUR.findall(shown))) == 300
    assert cleaner.put_back(f"{shown} came", text) == f"{text} came"


def letters(number):
    return "".join(chr(ord("a") + int(each)) for each in f"{number:03}")


@pytest.mark.parametrize(
    "typed",
    [
        "qq[name withheld]qq",
        "x[name withheld]",
        "[name withheld]x",
        "[name withheld] about rent",
        "a [name withheld] of",
        "in [name withheld] county",
        "qq[name withheld]",
    ],
)
@pytest.mark.parametrize("stored", ["Met with Hope about rent", "Saw Grace today, she is well"])
def test_put_back_gives_no_name_to_read_by_moving_what_stands_for_it(typed, stored):
    cleaner = people("Hope Young", "Grace Park")
    (shown,) = cleaner.to_edit([stored])
    assert shown != stored
    typed = typed.replace("[name withheld]", STANDS.search(shown)[0])
    try:
        result = cleaner.put_back(typed, stored)
    except MovedError:
        return
    assert cleaner.to_edit([result]) == [typed]


@pytest.mark.parametrize("typed", ["qq[name withheld]qq, who", "HIS [name withheld]X"])
def test_put_back_refuses_a_name_that_is_glued_to_other_letters(typed):
    cleaner, stored = people("Dmitri Volkov"), "She fears Volkov, who knows."
    mark = STANDS.search(*cleaner.to_edit([stored]))[0]
    with pytest.raises(MovedError) as told:
        cleaner.put_back(typed.replace("[name withheld]", mark), stored)
    assert not told.value.unknown


def test_put_back_refuses_what_stands_for_nobody():
    """Kept as it was typed, it would stand where a name stood, and the name be lost."""
    cleaner, stored = people("Dmitri Volkov", "Xochitl Tlapa"), "Not Volkov: call Tlapa."
    for typed in ("Call [name withheld].", "Call [name withheld 3].", "Call [name withheld 4711]."):
        with pytest.raises(MovedError) as told:
            cleaner.put_back(typed, stored)
        assert told.value.unknown in typed
    assert cleaner.put_back("Call [name witheld 1].", stored) == "Call [name witheld 1]."
    written = "As [name withheld] said, Volkov left."
    (shown,) = cleaner.to_edit([written])
    assert FOUR.sub("N", shown) == "As [name withheld] said, [name withheld N] left."
    assert cleaner.put_back(f"{shown} So.", written) == f"{written} So."


def test_put_back_loses_nothing_of_a_list():
    cleaner, own = people("Agnes Quill", "Dmitri Volkov", "Xochitl Tlapa"), {0: "Loon-12"}
    stored = ["Owes Volkov", "Owes Tlapa", "Agnes has no ID", "Quill has no ID", "No income"]
    assert cleaner.clean_all(stored, own)[:2] == [
        "Owes [name withheld 1]",
        "Owes [name withheld 2]",
    ]
    shown = cleaner.to_edit(stored, own)
    assert cleaner.put_back_all(list(dict.fromkeys(shown)), stored, own)[0] == stored
    typed = [f"{shown[1]} rent", shown[0]]
    assert cleaner.put_back_all(typed, stored, own)[0] == ["Owes Tlapa rent", "Owes Volkov"]


def test_put_back_takes_a_text_over_from_beside():
    cleaner, beside = people("Dmitri Volkov", "Xochitl Tlapa"), "Tlapa drives her."
    (saw,), (drives,) = cleaner.to_edit(["Saw Volkov"]), cleaner.to_edit([beside])
    assert cleaner.put_back(f"{saw} again.\n{drives}", "Saw Volkov.", None, [beside]) == (
        "Saw Volkov again.\nTlapa drives her."
    )
    assert cleaner.put_back(drives, "", None, [beside]) == beside
    # Also a part of it, and changed by a word.
    changed = drives.replace("drives", "will drive")
    assert cleaner.put_back(changed, "Saw Volkov.", None, [beside]) == "Tlapa will drive her."


WRITTEN = {
    "Hope Young": [
        "HOPE YOUNG CAME",
        "TALKED TO YOUNG, HOPE",
        "HOPE M YOUNG CAME",
        "Hope Y. came",
        "HOPE Y. CAME",
        "Hope’s voucher",
        "Hope and her son came.",
        "HOPE AND KIDS CAME",
        "young, hope",
        "H Young came",
        "MR. YOUNG SAID NO",
    ],
    "Don Trumbull": [
        "Met Don T. at camp",
        "Don T called",
        "DON T. CAME",
        "Don T., his brother",
    ],
    'Robert "Bear" Stone': [
        "Bear came by",
        "Met “Bear” today",
        "“Bear” said no",
        "goes by Bear",
        "met (Bear) at",
        "BEAR CAME",
    ],
    "Mary Grace Delgado": [
        "Met Grace at the park",
        "MARY GRACE CAME",
        "MG Delgado",
        "grace delgado",
    ],
    "Grace May Rivers": [
        "GRACE RIVERS CAME",
        "grace rivers came",
        "May Rivers came",
    ],
    "John Will Hunter": [
        "WILL HUNTER CAME",
        "Met Will Hunter at 9",
    ],
    "Marisol Delgado": [
        "msdelgado@gmail.com",
        "Delgadofamily",
        "the delgadofamily",
        "mrsdelgado",
        "MsDelgado",
        "#teamdelgado",
        "@marisol.d.99",
        "marisolxo@gmail.com",
        "delgado_m@x.com",
        "De1gado",
        "DELGAD0",
    ],
    "Xochitl Tlapa": [
        "xochi_tlapa@yahoo.com",
        "T1apa",
        "Xoch-itl",
        "Xochi tl",
        "XOCHITL",
        "XochitI",
        "Xo\u0441hitl",
        "x o c h i t l",
    ],
    "Ana Ibarra": [
        "Ib-ar-ra",
        "Ib ar ra",
        "Ib.ar.ra",
        "I.b.a.r.r.a",
        "I\u20ddb\u20dda\u20ddr\u20ddr\u20dda\u20dd",
        "[I]barra",
        "I(b)arra",
        "lbarra",
        "1barra",
        "Ib4rra",
        "I\u0336b\u0336a\u0336r\u0336r\u0336a\u0336",
        "Ⓘⓑⓐⓡⓡⓐ",
    ],
    "Fatima al-Zahra": [
        "FATIMA ALZAHRA",
        "el Zahra",
        "Al‑Zahra family",
    ],
    "María José Núñez Peña": [
        "NUNEZ-PENA",
        "Ma. José Núñez",
        "mjnunez@x.org",
        "Núñez de Peña",
    ],
    "Nguyễn Thị Hồng": [
        "Hong Nguyen",
        "NGUYEN T. H.",
        "nguyenthihong@x.com",
    ],
    "Pa Houa Vang": [
        "Pahoua",
        "VANG, PA HOUA",
        "P.H. Vang",
    ],
}
KEPT = [
    "Northampton",
    "We don’t know.",
    "I don t know",
    "DON'T CALL",
    "She will call in may",
    "Hope to hear by Friday.",
    "hunters will hunt",
    "The grace period ends.",
    "write to office@housing.invalid",
    "#housing",
    "Young people came.",
    "Summer’s end",
    "A bear was seen at camp.",
    "may grow rivers of mud",
    "Rose early.",
    "Room 1B4 and 2A",
    "Will and her say",
]


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("whose", ["other", "own"])
def test_ways_of_writing_that_strangers_to_the_code_found(name, whose):
    names = Names()
    names.add("one", name)
    own = {"one": "Heron-4711"} if whose == "own" else None
    shown = [(each, Cleaner(names).clean(each, own)) for each in WRITTEN[name]]
    assert [each for each, cleaned in shown if cleaned == each] == []
    long = [part for part in parts_of(name) if len(part) > 4 and not is_ordinary(part)]
    assert [each for each in shown if any(part in parts_of(each[1]) for part in long)] == []


@pytest.mark.parametrize("text", KEPT)
def test_what_only_looks_like_these_names_stays(text):
    names = Names()
    for number, name in enumerate([*WRITTEN, "Jo Hampton", "Summer Rose", "Art Will"]):
        names.add(str(number), name)
    assert Cleaner(names).clean(text) == text
