"""What is never kept goes, whatever its heading; what only looks a little like it stays."""

import random

import pytest

from participants.spreadsheets.leaving_out import HEALTH, NUMBERS, leave_out, looks, named
from participants.spreadsheets.reading import Tab
from participants.spreadsheets.targets import PAPER_HEADINGS, TARGETS, paper_of

NAMES = ["Quillfeather, Xandra", "Zwick, Bartholomew", "Okonkwo, Adaeze", "Vance, Io"]
NINE = "{}{}{}-{}{}-{}{}{}{}"
SHAPES = [NINE, NINE.replace("-", " "), NINE.replace("-", "."), NINE.replace("-", "")]
SHAPES.append("XXX-XX-{}{}{}{}")


def tab_of(heading, cells):
    rows = [["Client", heading, "County"]]
    rows += [[name, cell, "Rice"] for name, cell in zip(NAMES * 5, cells, strict=False)]
    return Tab("Sheet", rows, list(range(1, len(rows) + 1)))


def numbers(shape):
    chance = random.Random(7)  # noqa: S311 (no secret)
    return [shape.format(*(str(chance.randint(0, 9)) for _each in range(9))) for _row in range(12)]


@pytest.mark.parametrize("heading", ["Notes", "Client ID", "Column 4", "", "DOB", "Phone"])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_column_of_social_security_numbers_goes_under_any_heading(heading, shape):
    tab = tab_of(heading, numbers(shape))
    assert leave_out(tab, 1).columns == [("B", NUMBERS)]
    assert {row[1] for row in tab.rows} == {""}
    assert {row[0] for row in tab.rows} == {"Client", *NAMES}


@pytest.mark.parametrize(
    "cells",
    [["F32.1", "F20.9", "Z59.02", "F41"], ["bipolar", "PTSD; anxiety", "HIV+", "meth, heroin"],
     ["Schizophrenia", "", "Major depression", "alcohol use disorder"]],
)  # fmt: skip
@pytest.mark.parametrize("heading", ["Column X", "Needs", "Barriers", "Primary"])
def test_a_column_of_diagnoses_goes_under_any_heading(heading, cells):
    tab = tab_of(heading, cells * 3)
    assert leave_out(tab, 1).columns == [("B", HEALTH)]


@pytest.mark.parametrize(
    ("heading", "what"),
    [("SSN", NUMBERS), ("SSN4", NUMBERS), ("Last 4 SSN", NUMBERS), ("Soc Sec #", NUMBERS),
     ("social_security_number", NUMBERS), ("ClientSSN", NUMBERS), ("Last 4", NUMBERS),
     ("SS#", NUMBERS), ("Diagnosis", HEALTH), ("DX", HEALTH), ("HIV/AIDS", HEALTH),
     ("Substance Use", HEALTH), ("SUD?", HEALTH), ("Mental Health", HEALTH), ("ICD-10", HEALTH),
     ("Disabling Condition", HEALTH), ("Disability type", HEALTH), ("Alcohol abuse", HEALTH),
     ("Chronic Health Condition", HEALTH), ("Tri-morbidity", HEALTH), ("Medications", HEALTH)],
)  # fmt: skip
def test_a_heading_that_says_so_is_enough(heading, what):
    assert named(heading) == what
    tab = tab_of(heading, ["", "a", "b"])
    assert leave_out(tab, 1).columns == [("B", what)]


@pytest.mark.parametrize("heading", [each for t in TARGETS for each in (*t.headings, t.label)])
def test_no_column_that_is_asked_for_is_taken_for_it(heading):
    if paper_of(heading):
        assert leave_out(tab_of(heading, ["Y", "", "no", "needed"]), 1).columns == []
    else:
        assert named(heading) == ""


@pytest.mark.parametrize(
    "heading", [each for words in PAPER_HEADINGS.values() for each in words if named(each)]
)
@pytest.mark.parametrize(
    "cell", ["6789", "123", "F32", "back pain", "3/4/2026", "severe", "2", "?x"]
)
def test_a_column_of_a_card_or_letter_holds_yes_and_no_or_goes(heading, cell):
    """A Social Security card is a paper, not its number; a letter is no condition."""
    tab = tab_of(heading, ["Y", "", "no", cell])
    assert [letter for letter, _what in leave_out(tab, 1).columns] == ["B"]
    assert {row[1] for row in tab.rows} == {""}


def test_a_group_of_health_details_goes_with_its_letters():
    tab = tab_of("Proof of disability", ["Y", "N", "Y"])
    tab.rows.insert(0, ["", "Health", ""])
    tab.lines = list(range(1, len(tab.rows) + 1))
    assert leave_out(tab, 2).columns == [("B", HEALTH)]


@pytest.mark.parametrize(
    "cell",
    ["507-555-0142", "(507) 555-0142", "55021-1234", "2026-04-30", "UQ-00123", "12345678",
     "1234567890", "Apt A12", "Unit B12", "Hiawatha Mental Health Center", "Crackling Fire Camp",
     "Dr. Methven", "Recovery Church shelter", "Rice", "Emergency shelter", "Audrey", "Oudt, Sam"],
)  # fmt: skip
def test_what_is_alike_and_something_else_stays(cell):
    assert looks(cell) == ""


def test_a_single_cell_goes_and_its_line_is_said():
    tab = tab_of("Where", ["Shelter", "Car, SSN 123-45-6789", *["Shelter"] * 9, "Detox"])
    left = leave_out(tab, 1)
    assert left.columns == []
    assert left.cells == [(3, "B", NUMBERS), (13, "B", HEALTH)]
    assert (tab.rows[2][1], tab.rows[12][1], tab.rows[1][1]) == ("", "", "Shelter")


def test_a_title_above_the_table_takes_no_column():
    tab = tab_of("Where", ["Shelter", "Car"])
    tab.rows.insert(0, ["Substance use and mental health program list"])
    tab.lines = list(range(1, len(tab.rows) + 1))
    assert leave_out(tab, 2).columns == []
