"""Where sheet and file differ: for all at once, as one by one; and a size that cannot be kept."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from conferencing.tests.readable import readable
from conferencing.tests.world import signed_in
from participants.models import HmisLine, Participant, SheetSource
from participants.spreadsheets import services
from participants.spreadsheets.table import remembered
from participants.spreadsheets.tests.sheets import (
    apply,
    as_csv,
    guessed,
    match,
    newest,
    say_words,
    upload,
    work,
)
from participants.tests.factories import make_participant, make_release
from regions.models import County
from regions.tests.factories import today_in

pytestmark = pytest.mark.django_db
HEADS = ["Name", "DOB", "HMIS ID", "County", "# adults", "# children"]


@pytest.fixture
def specialist(river_specialist, region_2):
    County.objects.get_or_create(region=region_2, name="Rice")
    return signed_in(river_specialist)


def us(day):
    return f"{day.month}/{day.day}/{day.year}"


def bring(client, rows, river_agency, **typed):
    upload(client, as_csv(rows).encode(), name="list.csv")
    match(client, newest(), agency=str(river_agency.pk), name="List", **typed)
    return work(newest())


@pytest.fixture
def differing(specialist, river, river_agency, region_2):
    """The import, and the households: one that is read, one of whom only the id, one of two."""
    born = today_in(river.zone) - timedelta(days=12_000)
    make = {"birth_date": born, "adults": 2, "children": 2}
    people = {
        name: make_participant(river_agency, region_2, name=name, hmis_id=key, **make)
        for name, key in (("Ana Alder", "H1"), ("Bo Birch", "H2"), ("Cy Cedar", "H3"))
    }
    make_release(people["Ana Alder"])
    make_release(people["Cy Cedar"])
    later = us(born.replace(year=born.year + 1))
    rows = [
        HEADS,
        ["Ana Alder", us(born), "H1", "Rice", 5, 6],
        ["Bo Birch", later, "H2", "Rice", 7, 2],
        ["Cy Newname", later, "H3", "Rice", 8, 2],
    ]
    return bring(specialist, rows, river_agency), people


def how(hmis_import):
    """`{(household, field): what applying does}` of what differs."""
    return {
        (line.participant.name, each["field"]): each["how"]
        for line in hmis_import.lines.select_related("participant")
        for each in line.changes
        if each["field"] in ("name", "birth_date", "adults", "children")
    }


def test_the_sheets_values_are_chosen_everywhere_but_where_one_looks_oneself(specialist, differing):
    hmis_import, people = differing
    before = {
        ("Ana Alder", "adults"): "kept",
        ("Ana Alder", "children"): "kept",
        ("Bo Birch", "birth_date"): "kept",
        ("Bo Birch", "adults"): "kept",
        ("Cy Cedar", "name"): "kept",
        ("Cy Cedar", "birth_date"): "kept",
        ("Cy Cedar", "adults"): "kept",
    }
    assert how(hmis_import) == before
    page = specialist.get(hmis_import.get_absolute_url() + "?show=changed").content.decode()
    assert "For 3 households the sheet says something else" in page
    url = reverse("imports:values_choose", args=[hmis_import.pk])
    answer = specialist.post(url, {"takes_sheet": "on"}, follow=True)
    assert "The sheet’s value is used in 4 places." in answer.content.decode()
    # Bo's birth date is hidden; Cy may be another person.
    chosen = [("Ana Alder", "adults"), ("Ana Alder", "children"), ("Bo Birch", "adults")]
    chosen.append(("Cy Cedar", "adults"))
    assert how(hmis_import) == before | dict.fromkeys(chosen, "chosen")
    answer = specialist.post(url, {}, follow=True)
    assert "What is on file stays in 4 places." in answer.content.decode()
    assert how(hmis_import) == before
    specialist.post(url, {"takes_sheet": "on"})
    apply(specialist, hmis_import)
    told = {each.name: (each.adults, each.children) for each in Participant.objects.all()}
    assert told == {"Ana Alder": (5, 6), "Bo Birch": (7, 2), "Cy Cedar": (8, 2)}
    assert {each.birth_date for each in Participant.objects.all()} == {
        people["Bo Birch"].birth_date
    }


def test_one_that_was_chosen_by_itself_is_chosen_and_what_was_applied_is_over(
    specialist, differing, river_specialist
):
    hmis_import, people = differing
    line = hmis_import.lines.get(participant=people["Cy Cedar"])
    services.choose_value(
        line, field="name", takes_sheet=True, actor=river_specialist, now=timezone.now()
    )
    act = {"takes_sheet": True, "actor": river_specialist, "now": timezone.now()}
    # The name was looked at; the birth date goes with the rest now.
    assert services.choose_all(hmis_import, **act) == 5
    assert services.choose_all(hmis_import, **act) == 0
    apply(specialist, hmis_import)
    with pytest.raises(ValidationError, match="cannot be decided any more"):
        services.choose_all(hmis_import, **act)


def test_all_at_once_asks_the_database_once_for_thirty_and_writes_each(
    specialist, river, river_agency, region_2, river_specialist
):
    for number in range(30):
        make_participant(river_agency, region_2, name=f"Person N{number}", hmis_id=f"H{number}")
    rows = [[f"Person N{n}", "", f"H{n}", "Rice", 4, 0] for n in range(30)]
    hmis_import = bring(specialist, [HEADS, *rows], river_agency)
    act = {"takes_sheet": True, "actor": river_specialist, "now": timezone.now()}
    kept = hmis_import.lines.filter(kind=HmisLine.Kind.CHANGED)
    few = kept.values("pk")[1:]
    kept.filter(pk__in=few).update(kind=HmisLine.Kind.ABSENT)
    with CaptureQueriesContext(connection) as one:
        assert services.choose_all(hmis_import, **act) == 1
    kept = hmis_import.lines.filter(kind=HmisLine.Kind.ABSENT)
    kept.update(kind=HmisLine.Kind.CHANGED)
    with CaptureQueriesContext(connection) as many:
        assert services.choose_all(hmis_import, **act) == 29
    assert len(many) - len(one) == 28


@pytest.mark.parametrize(
    ("heads", "cells", "lines", "alone"),
    [
        (["HH Size"], [[4], [1], [2], ["?"]], [], 2),
        (["HH Size", "# adults"], [[4, ""], [1, ""], [2, 2], [3, 1]], [2], 0),
        (["HH Size", "# children"], [[4, "?"], [5, ""], [2, 1], ["", 1]], [2, 3], 0),
    ],
)
def test_a_size_alone_is_said_never_guessed_nor_lost_in_silence(
    specialist, river, river_agency, heads, cells, lines, alone
):
    born = today_in(river.zone) - timedelta(days=12_000)
    rows = [
        [f"Person N{n}", us(born - timedelta(days=n)), "Rice", *each]
        for n, each in enumerate(cells)
    ]
    hmis_import = bring(specialist, [["Name", "DOB", "County", *heads], *rows], river_agency)
    assert hmis_import.counts["sizes_alone"] == alone
    told = [row.line for row in hmis_import.refusals.filter(problem__contains="are adults")]
    assert told == lines
    page = specialist.get(hmis_import.get_absolute_url()).content.decode()
    assert ("Sizes not kept" in page) == bool(alone)
    assert f"{alone} households of the sheet have a size alone" in page or not alone
    apply(specialist, hmis_import)
    without = Participant.objects.filter(adults=None, children=None)
    assert without.count() >= alone + len(lines)


def test_what_a_kind_of_sheet_remembers_is_known_again_and_read_by_nobody(
    specialist, river, river_agency, region_2
):
    """The first row was taken for headings, and a column of names for one of choices."""
    rows = [
        ["Quillfeather, Xandra", "4/3/1990", "Zwick, Bo"],
        ["Alder, Ana", "5/4/1991", "Elm, Cy"],
        ["Birch, Bo", "6/5/1992", "shelter"],
    ]
    columns = {"A": "name", "B": "birth_date", "C": "stay"}
    where = {"where": f"r:{region_2.pk}", "agency": str(river_agency.pk)}

    def once_more():
        upload(specialist, as_csv(rows).encode(), name="list.csv")
        url = reverse("imports:sheet_columns", args=[newest().pk])
        specialist.post(url, {"step": "table", "tab": 0, "line": 1})
        return newest()

    match(specialist, once_more(), name="List", changed=columns, **where)
    say_words(specialist, newest(), {"Elm, Cy": "skip"})
    kept = SheetSource.objects.get()
    told = readable(str([kept.column_meanings, kept.word_meanings]).lower())
    for name in ("quillfeather", "xandra", "zwick", "4/3/1990", "4 3 1990"):
        assert name not in told
    assert {len(key) for key in kept.column_meanings} == {32}
    assert [len(key) for key in kept.word_meanings["stay"]] == [32]
    apply(specialist, work(newest()))
    assert Participant.objects.count() == 2
    again = once_more()
    assert guessed(specialist, again) == columns
    match(specialist, again, **where, source=str(kept.pk))
    assert newest().state == "waiting"  # nothing is asked twice


def test_what_was_remembered_as_text_before_is_known_by_its_digest(river, river_specialist):
    source = SheetSource.objects.create(
        continuum=river,
        name="List",
        column_meanings={"client name": "name", "zoë": ""},
        word_meanings={"stay": {"under bridge": "unsheltered"}},
    )
    module = import_module("participants.migrations.0027_words_of_sheets")
    module.keep_digests(apps, None)
    source.refresh_from_db()
    assert source.column_meanings == {remembered("client name"): "name", remembered("zoë"): ""}
    assert source.word_meanings == {"stay": {remembered("under bridge"): "unsheltered"}}
