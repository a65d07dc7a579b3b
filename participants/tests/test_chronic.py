"""Chronic homelessness, against HUD's definition written out once more as a table."""

from datetime import date, timedelta
from itertools import product

import pytest
from django.urls import reverse

from conferencing.tests.world import signed_in
from participants.hmis.chronic import Told, chronic_of

from .test_hmis import HEADERS, apply, base, by_hmis_id, export, ready

__all__ = ["export", "ready"]

ON = date(2026, 6, 1)
LONG, SHORT = ON - timedelta(days=365), ON - timedelta(days=364)


@pytest.mark.parametrize(
    ("disabled", "since", "times", "months", "stay", "expected"),
    [
        ("1", LONG, "", "", "unsheltered", True),
        ("1", LONG, "1", "101", "shelter", True),
        ("1", SHORT, "4", "112", "safe_haven", True),
        ("1", None, "4", "113", "unsheltered", True),
        ("1", SHORT, "4", "111", "unsheltered", False),
        ("1", SHORT, "3", "113", "unsheltered", False),
        ("1", SHORT, "", "", "unsheltered", None),
        ("1", None, "3", "105", "unsheltered", None),
        ("1", SHORT, "4", "99", "unsheltered", None),
        ("0", LONG, "4", "113", "unsheltered", False),
        ("99", LONG, "", "", "unsheltered", None),
        ("", LONG, "", "", "unsheltered", None),
        ("1", LONG, "4", "113", "doubled_up", False),
        ("1", LONG, "4", "113", "housed", False),
        ("1", LONG, "4", "113", "institution", None),
        ("1", LONG, "4", "113", None, None),
    ],
)
def test_one_person_by_the_definition(disabled, since, times, months, stay, expected):
    assert chronic_of([Told(disabled, since, times, months)], stay, ON)[0] is expected


def test_nothing_is_missing_where_it_is_said_and_something_where_it_is_not():
    values = (
        ("", "0", "1", "8"), (None, LONG, SHORT), ("", "3", "4", "99"), ("", "105", "112", "8"),
        (None, "shelter", "unknown", "hotel"),
    )  # fmt: skip
    for disabled, since, times, months, stay in product(*values):
        is_chronic, lacking = chronic_of([Told(disabled, since, times, months)], stay, ON)
        assert (is_chronic is None) == bool(lacking), (disabled, since, times, months, stay)


def test_another_adult_makes_a_household_chronic():
    head, other = Told("0"), Told("1", LONG)
    assert chronic_of([head, other], "shelter", ON) == (True, [])
    assert chronic_of([head, Told("")], "shelter", ON)[0] is None


@pytest.mark.django_db
def test_an_import_says_it_and_what_is_missing(ready, export, river_specialist):
    columns = (
        "DisablingCondition", "DateToStreetESSH", "TimesHomelessPastThreeYears",
        "MonthsHomelessPastThreeYears",
    )  # fmt: skip
    headers = HEADERS | {"Enrollment": ",".join((HEADERS["Enrollment"], *columns))}
    data = base()
    told = {"E1": ["1", "2024-02-01", "", ""], "E3": ["1", "2026-05-01", "4", ""]}
    data["Enrollment"] = [[*row, *told.get(row[0], [""] * 4)] for row in data["Enrollment"]]
    apply(ready, export(data, headers=headers), river_specialist)
    ana, bo = by_hmis_id("A"), by_hmis_id("B")
    assert (ana.is_chronic, bo.is_chronic) == (True, None)
    client = signed_in(river_specialist)
    assert b"how often and for how many months" in client.get(bo.get_absolute_url()).content
    listed = client.get(reverse("participants:participant_list"), {"need": "chronic"})
    assert ana.alias.encode() in listed.content
    assert bo.alias.encode() not in listed.content
