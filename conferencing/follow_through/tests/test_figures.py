"""The by-name list in numbers: every flow, month by month, and the households behind each."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.urls import reverse

from audit.models import AuditEntry
from conferencing.follow_through.figures import INFLOW, MEASURES, OUTFLOW, Month, figures
from conferencing.follow_through.pages import TONES
from conferencing.tests.pages import text_of
from participants.models import ListPlace, Participant, PlaceChange
from participants.tests.factories import make_move, make_participant
from regions.tests.factories import today_in

PAGE = "/participants/figures/"
QUERIES = 18


def story(agency, region, *moves, status="active", **fields):
    """A household with these moves: `(flow, day)`."""
    person = make_participant(agency, region, listed=False, **fields)
    for flow, on in moves:
        make_move(person, flow, on=on)
    ListPlace.objects.create(
        participant=person, status=status, listed_on=moves[0][1], status_on=moves[-1][1]
    )
    return person


def told(months):
    return {
        month.key: {name: number for name, _, number in month.cells if number} for month in months
    }


def test_figures_count_every_flow_in_its_month(river_agency, region_2):
    story(river_agency, region_2, ("identified", date(2026, 1, 5)))
    story(
        river_agency,
        region_2,
        ("identified", date(2026, 1, 10)),
        ("inactive", date(2026, 2, 1)),
        ("back_from_inactive", date(2026, 3, 1)),
        ("housed", date(2026, 3, 31)),
        status="housed",
    )
    story(
        river_agency,
        region_2,
        ("identified", date(2025, 6, 1)),
        ("housed", date(2026, 1, 31)),
        ("back_from_housing", date(2026, 2, 28)),
        ("housed", date(2026, 3, 10)),
        ("no_longer", date(2026, 4, 1)),
        status="no_longer",
    )
    months = figures(Participant.objects.all(), on=date(2026, 4, 15), number=4)
    assert told(months) == {
        "2026-01": {"active": 2, "identified": 2, "housed": 1},
        "2026-02": {"active": 2, "inactive": 1, "back_from_housing": 1},
        "2026-03": {"active": 1, "back_from_inactive": 1, "housed": 2},
        "2026-04": {"active": 1, "no_longer": 1},
    }
    assert [month.median_days for month in months] == [244, None, 45, None]
    assert [(month.inflow, month.outflow) for month in months] == [(2, 1), (1, 1), (1, 2), (0, 1)]


def test_figures_leave_out_moves_that_were_corrected(river_agency, region_2, river_provider):
    person = story(river_agency, region_2, ("identified", date(2026, 1, 5)))
    make_move(
        person,
        "housed",
        on=date(2026, 1, 9),
        withdrawn_at="2026-01-10T12:00Z",
        withdrawn_by=river_provider,
    )
    months = figures(Participant.objects.all(), on=date(2026, 1, 31), number=1)
    assert told(months) == {"2026-01": {"active": 1, "identified": 1}}


def test_figures_give_a_place_without_history_its_own(river_agency, region_2):
    person = make_participant(river_agency, region_2)
    ListPlace.objects.filter(participant=person).update(
        listed_on=date(2026, 1, 5), status_on=date(2026, 2, 5), status="housed"
    )
    months = figures(Participant.objects.all(), on=date(2026, 2, 28), number=2)
    assert told(months) == {
        "2026-01": {"active": 1, "identified": 1},
        "2026-02": {"housed": 1},
    }


def test_every_figure_opens_the_households_behind_it(
    client, river_agency, region_2, region_1, river_specialist
):
    here = make_participant(river_agency, region_2, days=0, alias="Here-1", is_veteran=True)
    make_participant(river_agency, region_1, days=0, alias="There-1")
    client.force_login(river_specialist)
    month = client.get(PAGE).context["current"]
    assert [number for _name, _words, number in month.cells[:2]] == [2, 2]
    for measure in MEASURES:
        url = reverse("conferencing:figures_list", args=[month.key, measure])
        response = client.get(url)
        assert len(response.context["rows"]) == month.count(measure)
        narrowed = client.get(f"{url}?region={region_2.pk}&need=veteran")
        shown = [row.participant for row in narrowed.context["rows"]]
        assert shown == ([here] if month.count(measure) else [])
    nowhere = reverse("conferencing:figures_list", args=["1999-01", "active"])
    assert client.get(nowhere).status_code == 404


def test_a_long_wait_does_not_hide_how_long_most_waited():
    assert Month(date(2026, 1, 1), days=[10, 30, 20, 900]).median_days == 25
    assert Month(date(2026, 1, 1)).median_days is None


def test_the_page_says_of_how_many_the_median_is(
    client, river_agency, region_2, river_specialist, river
):
    on = today_in(river.zone).replace(day=1)
    for days in (40, 60, 500):
        moves = ("identified", on - timedelta(days=days)), ("housed", on)
        story(river_agency, region_2, *moves, status="housed")
    client.force_login(river_specialist)
    assert "60 of 3" in text_of(client.get(PAGE))


def test_the_picture_of_flows_has_a_color_for_each_part_and_none_for_two(
    client, river_agency, region_2, river_specialist
):
    make_participant(river_agency, region_2, days=0)
    client.force_login(river_specialist)
    chart = client.get(PAGE).context["flow_chart"]
    names, tones = zip(*chart.legend, strict=True)
    assert [name.partition(":")[0] for name in names] == ["In"] * 3 + ["Out"] * 3
    assert len(set(tones)) == 6
    # None of them says of steps on another page how late these are.
    assert not set(tones) & set(TONES)
    into = next(bar for bar in chart.bars if bar.pieces)
    assert (into.label.endswith(", in"), into.total) == (True, 1)
    assert [piece.tone for piece in into.pieces] == [dict(chart.legend)["In: newly identified"]]


def test_an_administrator_sees_numbers_and_no_household(
    client, river_agency, region_2, river_administrator
):
    make_participant(river_agency, region_2, days=0)
    client.force_login(river_administrator)
    response = client.get(PAGE)
    month = response.context["current"]
    assert month.count("active") == 1
    url = reverse("conferencing:figures_list", args=[month.key, "active"])
    assert url not in response.content.decode()
    assert client.get(url).status_code == 403


def test_figures_of_another_continuum_are_not_counted(
    client, three_agency, three_region, river_specialist
):
    make_participant(three_agency, three_region, days=0)
    client.force_login(river_specialist)
    assert client.get(PAGE).context["current"].count("active") == 0


def test_figures_export_asks_why_and_is_recorded(client, river_agency, region_2, river_specialist):
    make_participant(river_agency, region_2, days=0, name="Ana Sentinelle")
    client.force_login(river_specialist)
    url = reverse("conferencing:figures_export")
    assert list(client.post(url, {"why": ""}).context["form"].errors) == ["why"]
    text = client.post(url, {"why": "Report to the board"}).content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == 13
    assert rows[-1][1:] == ["1", "1", "0", "0", "0", "0", "0", "", "0"]
    assert "Sentinelle" not in text
    assert AuditEntry.objects.get(action="figures.exported").why == "Report to the board"


@pytest.mark.parametrize("number", [1, 30])
def test_figures_ask_the_same_of_1_and_30(
    client, django_assert_num_queries, river_agency, region_2, river_specialist, number
):
    for _ in range(number):
        make_participant(river_agency, region_2)
    client.force_login(river_specialist)
    client.get(PAGE)
    with django_assert_num_queries(QUERIES):
        client.get(PAGE)


def test_each_move_onto_and_off_the_list_is_measured_and_has_its_color():
    """One that is not would end the page of figures in an error."""
    assert {*INFLOW, *OUTFLOW} == set(PlaceChange.Flow.values)
    assert {"active", *INFLOW, *OUTFLOW} == set(MEASURES)
    assert len({*INFLOW.values(), *OUTFLOW.values()}) == len(PlaceChange.Flow)
