"""The prep list as people get it: what stands on its pages, for whom, and in which order."""

import copy
import re
from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conferencing.prep_lists.document import DECLARED, locked_prep_list
from conferencing.words import roles_in
from vault import documents

PASSWORD = "ABCD-EFGH-JKMN-PQRS"
NOTICE = "Confidential: for the call only. Do not keep, copy or photograph."
NAMES = [
    "Maria Thompson",
    "Nguyễn Thị Minh Khai",
    "Zoë Ærøskøbing",
    "محمد عبد الرحمن",
    "နော်မူဖော",
    "စောထူးထူး",
    "Олена Ковальчук",
    "Γιώργος Παπαδόπουλος",
    "Nkauj Hli Xyooj",
    "Cabdiraxmaan Xuseen Maxamed",
    "አበበ ቢቂላ",
    "王小明 김철수",
    "יעל כהן",
    "#let x = *bold* $x$ <script>alert(1)</script> \\",
]


def step(**changes):
    return {
        "what": "Bring the rental application to the landlord",
        "owner": "Ana Reyes, Rice County Social Services",
        "due": "Nov 30, 2026",
        "is_overdue": False,
        "is_critical": False,
        **changes,
    }


def own_step(**changes):
    return {**step(owner="Ana Reyes"), "participant": "Grey Heron", "report": "", **changes}


def elements(**changes):
    return {
        "reviewed_on": "Oct 23, 2026",
        "location": "A car near the fairground",
        "location_changed": "changed",
        "preferences": "Two bedrooms",
        "barriers": ["No identification", "Eviction in 2024"],
        "safety": "No immediate need",
        **changes,
    }


def participant(position=1, **changes):
    return {
        "position": position,
        "label": f"Person {position}",
        "is_named": True,
        "reasons": ["Youth (under 25)", "Active referral"],
        "household": "2 adults, 1 child",
        "days_on_list": 412,
        "county": "Rice",
        "status": "Active",
        "minutes": 5,
        "elements": elements(),
        "changes": ["Moved to a car (Nov 2)"],
        "steps": [step()],
        **changes,
    }


def prep_list(*participants, own_steps=(), document=None, meeting=None, **changes):
    meeting = {
        "kind": "Regional call",
        "region": "Region 2",
        "date": "Friday, December 4, 2026",
        "time": "10:00–11:00 AM CST",
        "link": "https://meet.example.org/river-valleys",
        "facilitator": {"name": "Halima Warsame", "agency": "Steele House"},
        "note_taker": {"name": None, "agency": "Northfield Outreach"},
        **(meeting or {}),
    }
    return {
        "document": {
            "continuum": "River Valleys CoC",
            "code": "MN-502",
            "revision": 1,
            "is_settled": True,
            "corrects": None,
            "made_at": "Nov 20, 2026, 8:00 AM CST",
            "is_example": False,
            **(document or {}),
        },
        "elements": DECLARED,
        "recipient": {"name": "Ana Reyes", "agency": "Rice County Social Services"},
        "notice": NOTICE,
        "meeting": meeting,
        "roles": roles_in(meeting),
        "own_steps": list(own_steps),
        "participants": list(participants),
        **changes,
    }


def pages_of(data):
    """Return the text of each page as one line, with what is only there for layout taken out."""
    document = pypdfium2.PdfDocument(documents.render("prep_list", data))
    pages = [page.get_textpage().get_text_range() for page in document]
    return [" ".join(re.sub("[\u200b\u2066-\u2069\ufffe]", "", it).split()) for it in pages]


def text_of(data):
    return " ".join(pages_of(data))


def in_order(text, *parts):
    places = [text.index(part) for part in parts]
    return places == sorted(places)


def test_prep_list_first_page_has_the_call_then_own_steps_then_participants():
    text = text_of(
        prep_list(participant(), own_steps=[own_step(report="Nov 12: two pay stubs missing")])
    )
    assert in_order(
        text,
        "Case conferencing prep list",
        "River Valleys CoC (MN-502) · Regional call · Region 2",
        "Friday, December 4, 2026, 10:00–11:00 AM CST",
        "https://meet.example.org/river-valleys",
        "Facilitator Halima Warsame, Steele House",
        "Note taker Northfield Outreach (person not yet named)",
        "Your agency’s open steps",
        "Grey Heron",
        "Last report: Nov 12: two pay stubs missing",
        "1 participant for this call",
        "Person 1",
        "2 adults, 1 child · 412 days on the list · Rice County · Active · 5 minutes",
        "Why today Youth (under 25); Active referral",
        "Last review Oct 23, 2026",
        "Location A car near the fairground",
        "Changed",
        "Preferences Two bedrooms",
        "Critical barriers No identification; Eviction in 2024",
        "Safety No immediate need",
        "Since then Moved to a car (Nov 2)",
        "Due Nov 30, 2026 Bring the rental application to the landlord",
        "Follow-up: Ana Reyes, Rice County Social Services",
    )
    assert "Alias" not in text
    assert "Proposed list" not in text
    assert "Corrected" not in text


def test_prep_list_without_own_steps_says_so():
    text = text_of(prep_list(participant()))
    assert "Rice County Social Services has no open steps for this call." in text
    assert "Last report" not in text
    assert "No report yet" not in text


def test_prep_list_marks_overdue_and_critical_steps_in_words():
    steps = [step(is_overdue=True), step(is_critical=True), step()]
    text = text_of(prep_list(participant(steps=steps)))
    assert text.count("Overdue") == 1
    assert text.count("Critical") == 1 + 1  # the step's mark and "Critical barriers"
    own = text_of(prep_list(own_steps=[own_step(is_overdue=True, is_critical=True), own_step()]))
    assert own.count("Overdue") == own.count("Critical") == 1


@pytest.mark.parametrize(
    ("changed", "mark"),
    [
        ("changed", "fairground Changed"),
        ("unchanged", "fairground (not changed)"),
        ("not recorded", "fairground (change not recorded)"),
    ],
)
def test_prep_list_says_whether_the_location_changed(changed, mark):
    data = prep_list(participant(elements=elements(location_changed=changed)))
    assert mark in text_of(data)


def test_prep_list_says_what_is_missing_instead_of_leaving_blanks():
    bare = elements(location="", location_changed="not recorded", preferences="", barriers=[])
    text = text_of(
        prep_list(
            participant(1, elements=None, changes=[], steps=[], reasons=[], county=""),
            participant(2, elements={**bare, "safety": ""}, label="", minutes=None),
            participant(3, steps=[step(due="", owner="")]),
            own_steps=[own_step(due="", owner="")],
            meeting={"link": "", "facilitator": None, "note_taker": None, "region": None},
        )
    )
    for part in (
        "None given: ask the CE Specialist",
        "Facilitator Not yet named",
        "Note taker Not yet named",
        "412 days on the list · Active",
        "Why today No reason recorded",
        "Last review None before this call",
        "Open steps None",
        "No name recorded",
        "Location Not recorded",
        "Preferences Not recorded",
        "Critical barriers None recorded",
        "Safety Not recorded",
        "No due date Bring the rental application to the landlord No follow-up person",
        "No report yet",
        "No date",
    ):
        assert part in text


def test_prep_list_every_page_says_for_whom_when_and_under_which_words():
    data = prep_list(*map(participant, range(1, 31)), document={"is_example": True})
    pages = pages_of(data)
    assert len(pages) > 5
    for number, page in enumerate(pages, start=1):
        mark = "Prepared for Ana Reyes, Rice County Social Services · Nov 20, 2026, 8:00 AM CST"
        assert mark in page
        assert NOTICE in page
        assert "Example data" in page
        assert f"Page {number} of {len(pages)}" in page


def test_prep_list_of_real_data_is_not_marked_as_example():
    assert "Example data" not in text_of(prep_list(participant()))


def test_prep_list_long_notice_stays_whole_on_every_page():
    words = " ".join(f"rule{number}" for number in range(150))
    for page in pages_of(prep_list(*map(participant, range(1, 9)), notice=words)):
        assert words in re.sub(r" Page \d+ of \d+", "", page)


def test_prep_list_endless_notice_leaves_room_for_the_list():
    words = "\n".join(f"rule{number}" for number in range(2000))
    whom = {"name": "W" * 3000, "agency": "W" * 3000}
    pages = pages_of(prep_list(participant(), notice=words, recipient=whom))
    assert "(in full on the first page)" in pages[-1]
    text = " ".join(pages)
    assert "rule1999" in text
    assert "Person 1" in text


def test_prep_list_long_notes_in_tall_scripts_are_drawn():
    words = "မြန်မာ နော် " * 2000 + "محمد عبد " * 2000
    data = prep_list(participant(elements=elements(preferences=words), changes=[words]))
    assert documents.render("prep_list", data).startswith(b"%PDF-")


def test_prep_list_not_settled_or_corrected_says_so():
    data = prep_list(
        participant(),
        document={
            "revision": 2,
            "is_settled": False,
            "corrects": {"revision": 1, "sent": "Nov 18", "why": "Wrong county."},
        },
    )
    text = text_of(data)
    assert "Proposed list: not yet settled by the CE Specialist" in text
    assert "This is revision 2. It replaces revision 1, sent Nov 18." in text
    assert "What was corrected: Wrong county." in text


def test_prep_list_marks_aliases_and_explains_them():
    text = text_of(prep_list(participant(1), participant(2, is_named=False, label="Grey Heron")))
    assert "shown to you by an alias" in text
    assert text.count("Alias") == 1 + 1  # the explanation and the mark


def test_prep_list_of_nobody_is_a_document_that_says_so():
    text = text_of(prep_list())
    assert "0 participants for this call Nobody is on the list for this call." in text


def test_prep_list_of_400_holds_everybody_in_order():
    data = prep_list(*map(participant, range(1, 401)))
    text = text_of(data)
    assert "400 participants for this call" in text
    found = [int(number) for number in re.findall(r"\bPerson (\d+)\b", text)]
    assert found == list(range(1, 401))


def test_prep_list_shows_names_of_every_script():
    people = [participant(n, label=name) for n, name in enumerate(NAMES, start=1)]
    text = text_of(prep_list(*people))
    for name in NAMES:
        assert name in text
    # PDFium reads letters with several marks one mark at a time: no equality, but no substitute.
    marked = text_of(prep_list(participant(label="Șt̀efan Ṣ́ọ́lá z̶")))
    assert "efan" in marked
    assert "[U+" not in marked


def test_prep_list_name_of_300_characters_stays_on_the_page():
    for name in (
        "W" * 300,
        "e\u0323\u0301" * 150,
        "မြန်မာ" * 50,
        "ع" * 300,
        "อักษรไทย" * 40,
        "王" * 300,
    ):
        data = prep_list(
            participant(label=name, steps=[step(what=name, owner=name)]),
            own_steps=[own_step(participant=name)],
            recipient={"name": name, "agency": name},
        )
        for page in pypdfium2.PdfDocument(documents.render("prep_list", data)):
            text = page.get_textpage()
            edges = [text.get_charbox(index) for index in range(text.count_chars())]
            assert min(box[0] for box in edges) > 50
            assert max(box[2] for box in edges) < 612 - 50


def test_prep_list_text_longer_than_a_page_is_shown_whole():
    words = " ".join(f"word{number}" for number in range(1500))
    data = prep_list(
        participant(elements=elements(preferences=words), steps=[step(what=words)]),
        participant(2, steps=[step(what=f"Step {number}.") for number in range(60)]),
        participant(3, changes=["\n".join(f"line{number}" for number in range(200))]),
        own_steps=[own_step(report=words)],
    )
    text = text_of(data)
    for number in range(1500):
        assert len(re.findall(rf"\bword{number}\b", text)) == 3
    for number in range(60):
        assert f"Step {number}." in text
    for number in range(200):
        assert re.search(rf"\bline{number}\b", text)


def test_prep_list_keeps_each_participant_in_one_piece():
    pages = pages_of(prep_list(*map(participant, range(1, 40))))
    for number in range(1, 40):
        page = next(page for page in pages if re.search(rf"\bPerson {number}\b", page))
        own = re.split(r"\bPerson \d+\b", page)[
            1 + [int(it) for it in re.findall(r"\bPerson (\d+)\b", page)].index(number)
        ]
        assert "Why today" in own
        assert "Safety" in own
        assert "Nov 30, 2026" in own


def test_prep_list_link_leads_where_it_says_and_only_to_the_web():
    def targets(link):
        pdf = documents.render("prep_list", prep_list(meeting={"link": link}))
        with pikepdf.open(BytesIO(pdf)) as opened:
            return [str(note.A.URI) for page in opened.pages for note in page.get("/Annots", [])]

    long = "https://meet.example.org/" + "a1b2c3d4" * 12
    assert set(targets(long)) == {long}
    for text in ("javascript:alert(1)", "file:///etc/passwd", "Room 4, ask at the desk"):
        assert targets(text) == []


def test_prep_list_is_tagged_with_headings_and_a_table():
    pdf = documents.render("prep_list", prep_list(participant(), own_steps=[own_step()]))
    with pikepdf.open(BytesIO(pdf)) as opened:
        kinds = [
            str(item.S)
            for item in opened.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/StructElem"
        ]
        with opened.open_metadata() as metadata:
            assert metadata["dc:title"] == "Case conferencing prep list"
            assert metadata["pdfuaid:part"] == "1"
        assert all(float(page.MediaBox[2]) == 612 for page in opened.pages)
        assert all(float(page.MediaBox[3]) == 792 for page in opened.pages)
    assert kinds.count("/H1") == 1
    assert kinds.count("/H2") == 2
    assert kinds.count("/H3") == 1
    assert kinds.count("/Table") == 1
    assert kinds.count("/TH") == 4


def test_prep_list_lacking_data_is_an_error_that_gives_nothing_away():
    whole = prep_list(participant(label="Maria Thompson"))
    for part in ("document", "recipient", "notice", "meeting", "own_steps", "participants"):
        lacking = copy.deepcopy(whole)
        del lacking[part]
        with pytest.raises(documents.DocumentError, match="prep_list") as caught:
            locked_prep_list(lacking, password=PASSWORD)
        assert "Maria" not in str(caught.value)


def test_locked_prep_list_opens_with_its_password_only():
    locked = locked_prep_list(prep_list(participant()), password=PASSWORD)
    assert b"Person 1" not in locked
    assert (
        "Person 1"
        in pypdfium2.PdfDocument(locked, password=PASSWORD)[0].get_textpage().get_text_range()
    )
    with pytest.raises(pypdfium2.PdfiumError):
        pypdfium2.PdfDocument(locked)


ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=40)
STEP = st.fixed_dictionaries(
    {
        "what": ANY_TEXT,
        "owner": ANY_TEXT,
        "due": ANY_TEXT,
        "is_overdue": st.booleans(),
        "is_critical": st.booleans(),
    }
)
ELEMENTS = st.fixed_dictionaries(
    {
        "reviewed_on": ANY_TEXT,
        "location": ANY_TEXT,
        "location_changed": st.sampled_from(["changed", "unchanged", "not recorded"]),
        "preferences": ANY_TEXT,
        "barriers": st.lists(ANY_TEXT, max_size=3),
        "safety": ANY_TEXT,
    }
)
PARTICIPANT = st.fixed_dictionaries(
    {
        "position": st.integers(0, 10**6),
        "label": ANY_TEXT,
        "is_named": st.booleans(),
        "reasons": st.lists(ANY_TEXT, max_size=3),
        "household": ANY_TEXT,
        "days_on_list": st.integers(-5, 10**9),
        "county": ANY_TEXT,
        "status": ANY_TEXT,
        "minutes": st.none() | st.integers(0, 999),
        "elements": st.none() | ELEMENTS,
        "changes": st.lists(ANY_TEXT, max_size=3),
        "steps": st.lists(STEP, max_size=3),
    }
)
ROLE = st.none() | st.fixed_dictionaries(
    {"name": st.none() | ANY_TEXT, "agency": st.none() | ANY_TEXT}
)
FORMER = st.none() | st.fixed_dictionaries(
    {"revision": st.integers(), "sent": ANY_TEXT, "why": ANY_TEXT}
)
ANY_LIST = st.fixed_dictionaries(
    {
        "document": st.fixed_dictionaries(
            {
                "continuum": ANY_TEXT,
                "code": ANY_TEXT,
                "revision": st.integers(),
                "is_settled": st.booleans(),
                "corrects": FORMER,
                "made_at": ANY_TEXT,
                "is_example": st.booleans(),
            }
        ),
        "roles": st.lists(st.tuples(ANY_TEXT, ROLE)),
        "elements": st.just(DECLARED),
        "recipient": st.fixed_dictionaries({"name": ANY_TEXT, "agency": ANY_TEXT}),
        "notice": ANY_TEXT,
        "meeting": st.fixed_dictionaries(
            {
                "kind": ANY_TEXT,
                "region": st.none() | ANY_TEXT,
                "date": ANY_TEXT,
                "time": ANY_TEXT,
                "link": ANY_TEXT | ANY_TEXT.map("https://".__add__),
            }
        ),
        "own_steps": st.lists(
            st.tuples(STEP, ANY_TEXT, ANY_TEXT).map(
                lambda it: {**it[0], "participant": it[1], "report": it[2]}
            ),
            max_size=3,
        ),
        "participants": st.lists(PARTICIPANT, max_size=3),
    }
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(ANY_LIST)
def test_prep_list_is_drawn_from_any_text(data):
    assert documents.render("prep_list", data).startswith(b"%PDF-")
