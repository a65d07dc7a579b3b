"""What somebody's sheet does that is no honest list: kinds of numbers and words, forged workbooks,
two rows of one person, numbers that are those of the lines, other people's samples.
"""

import contextlib
import io
import time
import zipfile
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from accounts.single_lines import single_line
from conferencing.tests.readable import readable
from conferencing.tests.world import signed_in
from participants.hmis.archives import ImportRefused
from participants.models import HmisImport, Participant, SheetSource
from participants.spreadsheets.kept import cleaned
from participants.spreadsheets.leaving_out import HEALTH, NUMBERS, leave_out, looks, named
from participants.spreadsheets.reading import MOST_COLUMNS, Tab, read_file, read_pasted
from participants.spreadsheets.services import MOST_WORDS, match_words
from participants.spreadsheets.targets import PAPER, TARGETS
from participants.spreadsheets.tests.sheets import (
    apply,
    as_csv,
    match,
    newest,
    upload,
    work,
    workbook,
)
from participants.spreadsheets.values import Doubt, day, key
from participants.tests.factories import make_participant
from regions.models import County
from regions.tests.factories import today_in

# Social Security numbers


digits = st.text("0123456789", min_size=9, max_size=9)
APART = ("-", " ", ".", "/", "_", " - ", "–", "—", "‑", "−", "－", ",", "  ", ":")
WRAPS = ("{}", "SSN {}", "SSN:{}", "ID-{}", "({})", "“{}”", "Car, {} he said", "#{}", "{}.", "{};")


@settings(max_examples=300, deadline=None)
@given(digits, st.sampled_from(APART), st.sampled_from(WRAPS))
def test_a_number_in_three_parts_is_known_however_it_is_written(number, sign, wrap):
    written = wrap.format(f"{number[:3]}{sign}{number[3:5]}{sign}{number[5:]}")
    assert looks(written) == NUMBERS


@settings(max_examples=200, deadline=None)
@given(
    digits,
    st.sampled_from(["{}", "{}.0", "{}.00", "SSN {}", "C{}", "SSN-{}", "x {} y"]),
    st.sampled_from(["", "\u200b", "\u2060", "\u00ad", "\u202e"]),
)
def test_nine_digits_are_known_with_what_is_hidden_between(number, wrap, hidden):
    assert looks(wrap.format(f"{number[:4]}{hidden}{number[4:]}")) == NUMBERS


@settings(max_examples=100, deadline=None)
@given(digits, st.sampled_from(["{}{}{}-{}{}-{}{}{}{}", "{}{}{}{}{}{}{}{}{}"]))
def test_letters_that_stand_for_digits_make_no_other_number(number, shape):
    number = "0" + number[1:8] + "1"
    written = shape.format(*number)
    for letter in "Oo":
        assert looks(written.replace("0", letter, 2)) == NUMBERS
    assert looks(written[:-1] + "l") == NUMBERS
    wide = written.translate({ord(str(each)): chr(0xFF10 + each) for each in range(10)})
    assert looks(wide) == NUMBERS


@pytest.mark.parametrize(
    "cell",
    ["1.23456789E+08", "1.23456789e8", "123,456,789", "1 2 3 4 5 6 7 8 9", "XXX XX 1234",
     "***-**-1234", "•••-••-1234", "ssn ends in 1234", "Last 4 of SSN: 1234", "SS# 6789",
     "social security no. 1234", "123-456789", "soc sec 123 456 789", "123.456.789",
     "123 456 789", "123-456-789", "123-45-6789A", "123-4S-67B9", "1,23456789E+08", "***6789",
     "last 4: 6789", "123|45|6789", "123=45=6789", "123\\45\\6789"],
)  # fmt: skip
def test_other_ways_to_write_it(cell):
    assert looks(cell) == NUMBERS


@pytest.mark.parametrize(
    "cell",
    ["1.23E+08", "55021-1234", "1-507-555-0142", "+1 507 555 0142", "5075550142", "2026-04-30",
     "04/30/2026", "RV-123456789", "507-555-0142 B", "(507) 555-0142", "507.555.0142",
     "2026-04-30 10:30", "12-30-2026", "100-200", "1-800-555-0142", "Unit 3B, 55021-1234",
     "12,345", "1234", "Hwy 35, mile 104", "Lot 12 34 56",
     "a1b2c3d4-123e-45d6-7890-abcdefabcdef", "20260430", "O'Neill, Illona", "Ill, Bo 1990-01-02"],
)  # fmt: skip
def test_what_is_no_such_number_stays(cell):
    assert looks(cell) == ""


def columns_of(*rows):
    return Tab("Sheet", [list(row) for row in rows], list(range(1, len(rows) + 1)))


def test_a_number_in_parts_over_columns_goes_and_years_do_not():
    rows = [[f"Person {n}", f"{100 + n}", f"{40 + n}", f"{6000 + n}", "x"] for n in range(9)]
    tab = columns_of(["Name", "A", "B", "C", "County"], *rows)
    assert leave_out(tab, 1).columns == [(each, NUMBERS) for each in "BCD"]
    assert {tuple(row[1:4]) for row in tab.rows} == {("", "", "")}
    rows = [[f"Person {n}", f"{100 + n}", f"{40 + n}", f"{1980 + n}"] for n in range(9)]
    assert leave_out(columns_of(["Name", "Unit", "Age", "Born"], *rows), 1).columns == []


def test_a_number_that_a_format_alone_shows_with_nine_digits_goes():
    book = Workbook()
    page = book.worksheets[0]
    page.append(["Name", "Ident", "Days"])
    for number in range(3):
        page.append([f"Person {number}", 1234567 + number, 45 + number])
        page.cell(number + 2, 2).number_format = "000\\-00\\-0000"
    out = io.BytesIO()
    book.save(out)
    (kept,) = cleaned(read_file(io.BytesIO(out.getvalue()), "list.xlsx"))
    assert kept.left.columns == [("B", NUMBERS)]
    assert [row[2] for row in kept.tab.rows] == ["Days", "45", "46", "47"]
    assert "Person 0" in str(kept)
    assert "1234567" not in readable(str(kept))


# Words

TERMS = ["HIV", "PTSD", "AIDS", "bipolar", "schizophrenia", "methadone", "heroin", "opioids",
         "alcoholic", "sobriety", "seropositive", "depression", "suicidal", "relapsed", "Seroquel",
         "drugs", "marijuana", "Hep C", "Biktarvy", "viral load"]  # fmt: skip
AROUND = ("{}", "{}.", "Car; {}", "{}, lives outside", "“{}”", "({})", "on file: {}")


@pytest.mark.parametrize("term", TERMS)
@pytest.mark.parametrize("around", AROUND)
def test_health_is_known_in_any_letters_and_with_what_is_hidden_in_it(term, around):
    for written in (
        term,
        term.upper(),
        term[:2] + "\u200b" + term[2:],
        term[:1] + "\u00ad" + term[1:],
    ):
        assert looks(around.format(written)) == HEALTH, written


@pytest.mark.parametrize("term", ["HIV", "PTSD", "AIDS", "COPD"])
@pytest.mark.parametrize("sign", [".", ". ", " ", "-"])
def test_letters_with_something_between_them_are_one_word(term, sign):
    assert looks(sign.join(term)) == HEALTH
    assert looks(f"He has {sign.join(term)}.") == HEALTH


@pytest.mark.parametrize(
    "cell",
    ["Rehab Hassan", "Hassan, Rehab", "Halfway house", "Sunny Meadows Apartments", "J. R. R. Vance",
     "Crystal Molly Angel", "Mary Jane Cook", "Emergency shelter", "Place not meant for habitation",
     "Doubled up with family", "Y", "Warming center", "Social Services of Rice", "Steele County",
     "First Presbyterian", "Street outreach", "Bridge Housing", "Host home"],
)  # fmt: skip
def test_names_and_places_stay(cell):
    assert looks(cell) == ""


@pytest.mark.parametrize(
    ("heading", "what"),
    [("S.S.N.", NUMBERS), ("S S N", NUMBERS), ("ssnlast4", NUMBERS), ("clientssn", NUMBERS),
     ("SSNum", NUMBERS), ("SS", NUMBERS), ("Soc", NUMBERS), ("Social Sec. Nbr", NUMBERS),
     ("Ｓ Ｓ Ｎ", NUMBERS), ("SS\u200bN", NUMBERS), ("H.I.V. status", HEALTH), ("MH", HEALTH),
     ("Dual diagnosis", HEALTH), ("Primary_Diagnosis", HEALTH), ("primarydiagnosis", HEALTH),
     ("Meds", HEALTH), ("Rx", HEALTH), ("Co-occurring?", HEALTH), ("AODA", HEALTH), ("CD4", HEALTH),
     ("Viral Load", HEALTH), ("Rehab history", HEALTH), ("Hospitalizations", HEALTH),
     ("Special needs", HEALTH), ("Suicide risk", HEALTH)],
)  # fmt: skip
def test_headings_in_other_words(heading, what):
    assert named(heading) == what


@pytest.mark.parametrize("term", TERMS)
@pytest.mark.parametrize("around", ["{}", "{} (Y/N)", "Has {}?", "{} history", "H: {}"])
def test_a_heading_of_a_word_that_no_cell_may_hold_takes_its_answers(term, around):
    heading = around.format(term)
    assert named(heading) == HEALTH
    rows = [[f"Person {n}", "Y" if n % 2 else "N"] for n in range(9)]
    tab = columns_of(["Name", heading], *rows)
    assert leave_out(tab, 1).columns == [("B", HEALTH)]


def test_no_heading_that_a_column_of_the_list_has_is_left_out():
    """Of the columns of one document see test_leaving_out."""
    for target in TARGETS:
        if target.way == PAPER:
            continue
        for heading in (*target.headings, target.label):
            for written in (heading, heading.title(), heading.upper()):
                assert named(written) == "", written


@pytest.mark.parametrize(
    "heading", ["Business name", "businessname", "Class", "Passenger", "Needs"]
)
def test_headings_of_something_else(heading):
    assert named(heading) == ""


def test_a_heading_over_several_columns_reaches_as_far_as_it_stands():
    head = [
        ["Client", "", "Health", "", "Where", ""],
        ["Name", "DOB", "A", "Date", "County", "Seen"],
    ]
    rows = [["Ana", "", "yes", "x", "Rice", "y"], ["Bo", "", "no", "x", "Rice", "y"]]
    tab = columns_of(*head, *rows)
    assert leave_out(tab, 2).columns == [("C", HEALTH), ("D", HEALTH)]
    # The last one may end before the table does.
    head = [["Client", "", "HIV", "", ""], ["Name", "DOB", "A", "B", "County"]]
    tab = columns_of(*head, *[row[:5] for row in rows])
    assert leave_out(tab, 2).columns == [("C", HEALTH), ("D", HEALTH)]


def test_the_name_of_a_sheet_tells_nothing():
    for title in ("HIV program", "Xandra 123-45-6789", "Detox list"):
        rows = [["Name", "DOB"], ["Ana Alder", "4/3/1990"]]
        (kept,) = cleaned(read_file(io.BytesIO(workbook(rows, title=title)), "list.xlsx"))
        assert kept.tab.name == "Sheet"


def test_a_large_sheet_is_looked_through_in_seconds():
    words = ["Emergency shelter", "Quillfeather, Xandra", "4/3/1990", "Rice County", "UQ-00123"]
    rows = [[f"{words[n % 5]} {line}" for n in range(20)] for line in range(2_000)]
    before = time.process_time()
    leave_out(columns_of(["Name"] * 20, *rows), 1)
    assert time.process_time() - before < 20


# Files


def test_columns_beyond_the_last_that_is_read_are_said_also_after_a_blank_one():
    for place in (MOST_COLUMNS + 1, MOST_COLUMNS + 2, 400, 16_384):
        book = Workbook()
        page = book.worksheets[0]
        page.append(["Name", "DOB"])
        page.append(["Ana", "4/3/1990"])
        page.cell(2, place, "SSN")
        out = io.BytesIO()
        book.save(out)
        with pytest.raises(ImportRefused, match="more than 120 columns"):
            read_file(io.BytesIO(out.getvalue()), "list.xlsx")


def test_blank_cells_far_to_the_right_are_no_columns():
    book = Workbook()
    page = book.worksheets[0]
    for row in (["Name", "DOB"], ["Ana", "4/3/1990"]):
        page.append(row)
    page.cell(2, 16_384).number_format = "0.00"
    out = io.BytesIO()
    book.save(out)
    (tab,) = read_file(io.BytesIO(out.getvalue()), "list.xlsx")
    assert tab.rows == [["Name", "DOB"], ["Ana", "4/3/1990"]]


def with_part(name, data):
    out = io.BytesIO(workbook([["Name", "DOB"], ["Ana", "4/3/1990"]]))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr(name, data)
    return out.getvalue()


def test_a_bomb_in_a_part_that_is_looked_at_first_is_not_unpacked():
    data = with_part("mimetype", b"\0" * (200 << 20))
    before = time.process_time()
    with pytest.raises(ImportRefused):
        read_file(io.BytesIO(data), "list.xlsx")
    assert time.process_time() - before < 1


def test_rows_that_go_to_the_right_without_end_take_no_time():
    far = get_column_letter(16_384)
    lines = "".join(f'<row r="{n}"><c r="{far}{n}"/></row>' for n in range(1, 60_000))
    page = (
        '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/'
        f'2006/main"><sheetData>{lines}</sheetData></worksheet>'
    )
    out, plain = io.BytesIO(), zipfile.ZipFile(io.BytesIO(workbook([["Name", "DOB"], ["A", "B"]])))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name in plain.namelist():
            sheet = name == "xl/worksheets/sheet1.xml"
            book.writestr(name, page if sheet else plain.read(name))
    before = time.process_time()
    with pytest.raises(ImportRefused):
        read_file(io.BytesIO(out.getvalue()), "list.xlsx")
    assert time.process_time() - before < 15


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20))
def test_no_cell_holds_a_sign_that_a_field_of_one_line_refuses(text):
    (tab,) = read_pasted(f"Name\tDOB\nAna {text.replace(chr(34), '')} B\t4/3/1990\nBo\tx")
    for row in tab.rows:
        for cell in row:
            single_line(cell)


@pytest.mark.parametrize(
    "text", ["1" * 7_999 + "x", "t" * 8_000, "t 1" * 2_600, "a-" * 4_000, "x" * 8_000, "1 " * 4_000]
)
def test_a_cell_that_is_made_to_take_long_takes_no_time(text):
    rows = [["Name", "DOB", "Where"]] + [[f"Person {n}", text, text] for n in range(2_000)]
    before = time.process_time()
    (kept,) = cleaned(read_file(io.BytesIO(workbook(rows)), "list.xlsx"))
    assert len(kept.body.rows) in (0, 2_000)
    for _line, row in kept.body.rows:
        with contextlib.suppress(Doubt):
            day(row[1], date(2026, 4, 30))
    assert time.process_time() - before < 10


# Rows


@pytest.fixture
def places(river, region_2):
    for name in ("Rice", "Steele"):
        County.objects.get_or_create(region=region_2, name=name)


@pytest.fixture
def specialist(river_specialist, river_agency, places):
    return signed_in(river_specialist)


def us(day):
    return f"{day.month}/{day.day}/{day.year}"


def bring(client, rows, river_agency, **typed):
    upload(client, as_csv(rows).encode(), name="list.csv")
    hmis_import = newest()
    if hmis_import.state == "matching":
        match(client, hmis_import, agency=str(river_agency.pk), **typed)
    return work(hmis_import)


HEADS = ["Name", "DOB", "Client ID", "HMIS ID", "County", "# adults"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "second",
    [["Xandra Quillfeather", 0, "C-2", "H2"], ["Xandra Newname", 0, "C-2", "h-1"],
     ["Quillfeather, Xandra", 1, "C-2", "h_1"], ["Quillfeather, XANDRA", 0, "", ""],
     ["Newname, Xandra", 0, "c 1", "H2"]],
)  # fmt: skip
def test_two_rows_of_one_person_are_one_household_and_the_import_goes_on(
    specialist, river, river_agency, second
):
    born = today_in(river.zone) - timedelta(days=12_000)
    name, later, key, hmis_id = second
    rows = [
        HEADS,
        ["Xandra Quillfeather", us(born), "C-1", "H-1", "Rice", 1],
        [name, us(born + timedelta(days=400 * later)), key, hmis_id, "Rice", 1],
        ["Bo Zwick", us(born - timedelta(days=77)), "C-9", "H9", "Rice", 1],
    ]
    hmis_import = bring(specialist, rows, river_agency, name="List")
    assert [(row.line, row.problem) for row in hmis_import.refusals.all()] == [
        (3, "Line 2 tells of the same person; that one is taken.")
    ]
    apply(specialist, hmis_import)
    assert (hmis_import.state, hmis_import.failure) == ("applied", "")
    assert {each.name for each in Participant.objects.all()} == {"Xandra Quillfeather", "Bo Zwick"}


@pytest.mark.django_db
def test_two_persons_of_one_number_are_said(specialist, river, river_agency):
    born = today_in(river.zone) - timedelta(days=12_000)
    rows = [
        HEADS,
        ["Xandra Quillfeather", us(born), "C-1", "", "Rice", 1],
        ["Bo Zwick", us(born + timedelta(days=4_001)), "c 1", "", "Rice", 1],
    ]
    hmis_import = bring(specialist, rows, river_agency, name="List")
    assert [(row.line, row.problem) for row in hmis_import.refusals.all()] == [
        (3, "Line 2 has the same number; that one is taken.")
    ]
    assert apply(specialist, hmis_import).state == "applied"


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["C-2", ""])
def test_two_persons_of_one_hmis_id_are_two_households_and_the_first_has_it(
    specialist, river, river_agency, key
):
    born = today_in(river.zone) - timedelta(days=12_000)
    rows = [
        HEADS,
        ["Xandra Quillfeather", us(born), key and "C-1", "H-1", "Rice", 1],
        ["Bo Zwick", us(born + timedelta(days=4_001)), key, "h_1", "Rice", 1],
    ]
    hmis_import = bring(specialist, rows, river_agency, name="List")
    assert [(row.line, row.problem) for row in hmis_import.refusals.all()] == [
        (3, "Line 2 has the same HMIS ID, and is of somebody else: that one gets it.")
    ]
    done = apply(specialist, hmis_import)
    assert (done.state, done.failure) == ("applied", "")
    again = bring(specialist, rows, river_agency)
    assert (again.counts["unchanged"], again.lines.count()) == (2, 0)
    ids = {each.name: each.hmis_id for each in Participant.objects.all()}
    assert ids == {"Xandra Quillfeather": "H-1", "Bo Zwick": None}


@pytest.mark.django_db
def test_numbers_of_the_lines_move_nothing_to_another_household(specialist, river, river_agency):
    """A list that was sorted anew has each of its numbers with another person."""
    today = today_in(river.zone)
    people = [
        [f"{first} {last}", us(today - timedelta(days=9_000 + 391 * number)), "", "Rice"]
        for number, (first, last) in enumerate(
            [("Ana", "Alder"), ("Bo", "Birch"), ("Cy", "Cedar"), ("Di", "Dogwood"), ("Eve", "Elm")]
        )
    ]
    heads = ["ID", "Name", "DOB", "HMIS ID", "County", "# adults"]

    def listed(order):
        lines = [[n, *people[at], at + 1] for n, at in enumerate(order, start=1)]
        return [heads, *lines]

    apply(specialist, bring(specialist, listed(range(5)), river_agency, name="List"))
    before = {each.name: (each.birth_date, each.adults) for each in Participant.objects.all()}
    assert len(before) == 5
    second = bring(specialist, listed([3, 0, 4, 1, 2]), river_agency)
    assert {row.problem for row in second.refusals.all()} == {
        "Its number is of a household with another name or birth date."
    }
    assert (second.counts["absent"], second.counts["changed"], second.counts["new"]) == (0, 0, 0)
    apply(specialist, second)
    after = {each.name: (each.birth_date, each.adults) for each in Participant.objects.all()}
    assert after == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "days", "goes"),
    [("Xandra Newname", 0, True), ("Wholly Renamed", 0, True), ("Xandra Quillfeather", 500, True),
     ("Quillfeather, Yolanda", 500, False), ("Bo Zwick", 500, False), ("Bo Zwick", None, False),
     ("Xandra Newname", None, True)],
)  # fmt: skip
def test_a_number_counts_for_who_may_be_the_same_person(
    specialist, river, river_agency, region_2, name, days, goes
):
    born = today_in(river.zone) - timedelta(days=12_000)
    known = make_participant(
        river_agency, region_2, name="Xandra Quillfeather", birth_date=born, hmis_id="H1", adults=2
    )
    told = us(born + timedelta(days=days)) if days is not None else ""
    rows = [HEADS, [name, told, "", "H1", "Rice", 7], ["Di Vance", us(born), "", "H7", "Rice", 1]]
    hmis_import = bring(specialist, rows, river_agency, name="List")
    lines = hmis_import.lines.filter(participant=known)
    assert (lines.count(), hmis_import.refusals.count()) == ((1, 0) if goes else (0, 1))


@pytest.mark.django_db
def test_twins_are_not_asked_about_as_each_other(specialist, river, river_agency, region_2):
    born = today_in(river.zone) - timedelta(days=9_000)
    one = make_participant(river_agency, region_2, name="Ana Alder", birth_date=born)
    rows = [HEADS, *([n, us(born), "", "", "Rice", 1] for n in ("Eve Alder", "Ana Alder"))]
    hmis_import = bring(specialist, rows, river_agency, name="List")
    found = {line.kind: line.participant_id for line in hmis_import.lines.all()}
    assert found == {"new": None, "changed": one.pk}


@pytest.mark.django_db
def test_a_size_that_follows_from_the_members_is_changed_with_them_alone(
    specialist, river, river_agency, region_2
):
    born = today_in(river.zone) - timedelta(days=12_000)
    known = make_participant(
        *(river_agency, region_2),
        **{"name": "Xandra Quillfeather", "birth_date": born, "hmis_id": "H1", "adults": 2},
        is_size_of_members=True,
    )
    rows = [HEADS, ["Xandra Quillfeather", us(born), "", "H1", "Rice", 7]]
    rows.append(["Di Vance", us(born), "", "H7", "Rice", 1])
    hmis_import = bring(specialist, rows, river_agency, name="List")
    told = [each["field"] for each in hmis_import.lines.get(participant=known).changes]
    assert "link" in told
    assert "adults" not in told
    apply(specialist, hmis_import)
    known.refresh_from_db()
    assert known.adults == 2


@pytest.mark.parametrize("written", ["X" * 65, "Q" * 64 + " " * 3 + "1"])
def test_a_number_is_never_cut_to_another_one(written):
    assert key("X" * 64) == "X" * 64
    with pytest.raises(Doubt, match="Longer than 64"):
        key(written)


# Other people's


@pytest.mark.django_db
def test_words_headings_and_titles_are_shown_to_whoever_uploaded_them_alone(
    specialist, river, river_agency, river_specialist
):
    rows = [["Quillfeather, Xandra", "veteran", "Location"], ["Okonkwo, Adaeze", "no", "Zwick, Bo"],
            ["Vance, Io", "yes", "Elm, Cy"]]  # fmt: skip
    upload(
        specialist,
        workbook(rows, title="Alder, Ana", more=[("Elm, Dee", rows[:2])]),
        name="list.xlsx",
    )
    hmis_import = newest()
    match(specialist, hmis_import, changed={"A": "name"}, name="List", agency=str(river_agency.pk))
    columns = reverse("imports:sheet_columns", args=[hmis_import.pk])
    words = reverse("imports:sheet_words", args=[hmis_import.pk])
    assert "Zwick" in specialist.get(words).content.decode()
    assert "Alder" in specialist.get(columns).content.decode()
    HmisImport.objects.filter(pk=hmis_import.pk).update(started_by=None)
    answer = specialist.get(words, follow=True)
    for page in (
        readable(answer.content.decode()),
        readable(specialist.get(columns).content.decode()),
    ):
        for name in ("Quillfeather", "Zwick", "Alder", "Okonkwo", "Elm, "):
            assert name not in page
    with pytest.raises(ValidationError, match="Only whoever uploaded"):
        match_words(newest(), words={}, actor=river_specialist, now=timezone.now())


@pytest.mark.django_db
def test_a_column_of_names_is_no_column_of_choices(specialist, river, river_agency):
    rows = [["Name", "Where"]]
    rows += [[f"Person Number{n}", f"Name{n} Of{n}"] for n in range(MOST_WORDS + 1)]
    upload(specialist, as_csv(rows).encode(), name="list.csv")
    answer = match(specialist, newest(), changed={"B": "stay"}, name="List")
    assert list(answer.context["form"].errors) == ["column_B"]
    assert not SheetSource.objects.exists()
    answer = match(specialist, newest(), changed={"B": ""}, name="HIV list")
    assert list(answer.context["form"].errors) == ["name"]
