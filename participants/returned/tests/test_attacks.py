"""Lists that come back from a spreadsheet that was sorted, copied, forged, or made to take long."""

import io
import time

import msoffcrypto.format.ooxml as locking
import pytest
from openpyxl import load_workbook

from conferencing.tests.world import signed_in
from participants.models import ReturnedCell, ReturnedList
from participants.returned import acts
from participants.returned.cells import is_same
from participants.tests.factories import make_participant

from .test_returned import bring, edited, export, people, proposed

pytestmark = pytest.mark.django_db
assert people


def table_of(data):
    """The page, its headings by place, and the rows of households."""
    book = load_workbook(io.BytesIO(data))
    page = book["By-name list"]
    rows = list(page.iter_rows())
    head = next(row for row in rows if any(cell.value == "Alias" for cell in row))
    return book, {cell.value: at for at, cell in enumerate(head)}, rows[head[0].row :]


def saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def more(people, river_agency, region_2):
    return [
        make_participant(river_agency, region_2, name=f"Person {n}", alias=f"More-{n}", children=n)
        for n in range(4)
    ]


def test_columns_that_were_sorted_apart_from_the_hidden_one_change_nothing(river_provider, more):
    """Whoever sorts what they see leaves the row keys where they were."""
    client = signed_in(river_provider)
    data, _locked, _password = export(client)
    book, place, rows = table_of(data)
    last = place["Row key"]
    values = [[cell.value for cell in row[:last]] for row in rows]
    for row, told in zip(rows, values[1:] + values[:1], strict=True):
        for cell, value in zip(row, told, strict=False):
            cell.value = value
    returned, _page = proposed(client, saved(book))
    assert not ReturnedCell.objects.exists()
    assert {words for _line, words in returned.refusals} == {acts.SORTED_APART}
    assert len(returned.refusals) == len(rows)


def test_a_row_key_of_another_row_changes_nothing(river_provider, more):
    client = signed_in(river_provider)
    data, _locked, _password = export(client)
    book, place, rows = table_of(data)
    rows[0][place["Row key"]].value = rows[1][place["Row key"]].value
    returned, _page = proposed(client, saved(book))
    assert not ReturnedCell.objects.exists()
    assert [words for _line, words in returned.refusals] == [acts.SORTED_APART]


def test_two_columns_of_one_heading_are_refused(river_provider, people):
    client = signed_in(river_provider)
    data, _locked, _password = export(client)
    for heading in ("Children", "Alias", "Row key"):
        book, place, rows = table_of(data)
        page = book["By-name list"]
        page.cell(rows[0][0].row - 1, len(place) + 1, heading)
        form = bring(client, saved(book)).context["form"]
        assert f"two columns “{heading}”" in str(form.errors)
    assert not ReturnedList.objects.exists()


def test_what_is_never_kept_comes_in_by_no_returned_name(river_provider, people):
    client = signed_in(river_provider)
    data, _locked, _password = export(client)
    for name in ("Qwert Newname 123-45-6789", "Qwert (HIV) Newname"):
        returned, _page = proposed(client, edited(data, {("Own-1", "Household"): name}))
        assert not ReturnedCell.objects.exists()
        assert "looks like" in returned.refusals[0][1]
        assert "Newname" not in str(returned.refusals)


def test_a_day_that_a_spreadsheet_wrote_otherwise_was_not_changed():
    for told in ("4/30/2026", "04/30/26", "30-Apr-26", "April 30, 2026", "2026-04-30"):
        assert is_same(told, "2026-04-30")
    for told in ("", "5/30/2026", "4/30/1926", "soon", "2026-04-3", "99/99/99"):
        assert not is_same(told, "2026-04-30")
    assert not is_same("4", "04")


def test_a_lock_that_is_made_to_take_long_is_not_tried(river_provider, people, monkeypatch):
    client = signed_in(river_provider)
    _data, locked, password = export(client)
    read = locking._parseinfo_agile

    def forged(ole):
        return {**read(ole), "spinValue": 9_999_999}

    monkeypatch.setattr(locking, "_parseinfo_agile", forged)
    before = time.process_time()
    form = bring(client, locked, password=password).context["form"]
    assert "cannot be opened" in str(form.errors)
    assert time.process_time() - before < 5
