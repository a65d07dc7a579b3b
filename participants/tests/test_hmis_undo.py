"""An import is undone around what people did since: no word of theirs is lost, nor an alias."""

from datetime import date

import pytest
from django.utils import timezone

from participants.hmis import services
from participants.hmis.undoing import undo_import
from participants.models import HmisProject, ListPlace, Participant, PlaceChange
from participants.services.places import change_place, correct_place
from participants.tests.factories import make_participant
from participants.tests.test_hmis import apply, base, by_hmis_id, preview, write
from regions.models import County
from regions.services import remove_county

pytestmark = pytest.mark.django_db
Flow = PlaceChange.Flow


@pytest.fixture
def export(tmp_path):
    """Write an export and return its folder: `export(data, name)`."""
    return lambda data, name: write(tmp_path / name, data)


@pytest.fixture
def continuum(river, region_2, river_agency):
    HmisProject.objects.create(
        continuum=river,
        key="P1",
        name="Front door",
        organization="Bridge Housing",
        type_code="14",
        is_listed=True,
        region=region_2,
        agency=river_agency,
    )
    return river


@pytest.fixture
def changed(continuum, export, river_specialist):
    """Import, then what HMIS says of Bo after `change(data)`; return the second import."""

    def imported(change):
        data = base()
        change(data)
        return apply(continuum, export(data, "later"), river_specialist, as_of=date(2026, 6, 2))

    apply(continuum, export(base(), "first"), river_specialist)
    return imported


def undo(hmis_import, actor):
    undo_import(hmis_import, actor=actor, now=timezone.now())


def renamed(data):
    data["Client"][2][2] = "Birch-Sorrel"


@pytest.mark.parametrize("since", ["nothing", "changed", "taken"])
def test_undo_gives_an_alias_back_where_it_is_as_imported_and_free(
    changed, river_agency, region_2, river_specialist, since
):
    """The new name told the alias, which the import drew anew."""
    Participant.objects.filter(pk=by_hmis_id("B").pk).update(alias="Sorrel-9")
    done = changed(renamed)
    drawn = by_hmis_id("B").alias
    assert drawn != "Sorrel-9"
    if since == "changed":
        Participant.objects.filter(alias=drawn).update(alias="Wren-5")
    if since == "taken":
        make_participant(river_agency, region_2, name="Cy Other", alias="Sorrel-9")
    undo(done, river_specialist)
    bo = by_hmis_id("B")
    assert bo.name == "Bo Birch"
    assert bo.alias == {"nothing": "Sorrel-9", "changed": "Wren-5", "taken": drawn}[since]


def test_undo_gives_no_alias_back_that_tells_the_name_that_a_person_kept(changed, river_specialist):
    Participant.objects.filter(pk=by_hmis_id("B").pk).update(alias="Sorrel-9")
    done = changed(renamed)
    bo = by_hmis_id("B")
    bo.name = "Bo Sorrel"
    bo.save()
    undo(done, river_specialist)
    again = by_hmis_id("B")
    assert (again.name, again.alias) == ("Bo Sorrel", bo.alias)


@pytest.mark.parametrize(("typed", "left"), [(None, None), ("B-corrected", "B-corrected")])
def test_undo_takes_an_hmis_id_away_unless_somebody_typed_another(
    continuum, export, river_agency, region_2, river_specialist, typed, left
):
    twin = make_participant(
        river_agency, region_2, name="Bo Birch", birth_date=date(2004, 3, 2), alias="Wren-5"
    )
    hmis_import = preview(continuum, export(base(), "first"), river_specialist)
    acts = {"actor": river_specialist, "now": timezone.now()}
    line = hmis_import.lines.get(kind="duplicate")
    services.decide_duplicate(line, decision="join", **acts)
    services.confirm_import(hmis_import, accepts=True, is_queued=False, **acts)
    services.apply_confirmed(hmis_import, now=timezone.now())
    hmis_import.refresh_from_db()
    twin.refresh_from_db()
    assert twin.hmis_id == "B"
    if typed:
        twin.hmis_id = typed
        twin.save()
    undo(hmis_import, river_specialist)
    twin.refresh_from_db()
    assert twin.hmis_id == left


def place_of(key):
    place = ListPlace.objects.get(participant=by_hmis_id(key))
    return place.status, place.status_on, place.listed_on


def test_undo_moves_nobody_whom_a_person_moved_since(changed, river_specialist):
    """The import told an earlier day on the list; then somebody recorded that Bo was housed."""

    def earlier(data):
        data["Enrollment"][2][3] = "2026-03-20"

    done = changed(earlier)
    assert place_of("B")[2] == date(2026, 3, 20)
    change_place(
        by_hmis_id("B"),
        flow=Flow.HOUSED,
        happened_on=date(2026, 6, 3),
        reason="",
        actor=river_specialist,
        now=timezone.now(),
    )
    undo(done, river_specialist)
    assert place_of("B") == ("housed", date(2026, 6, 3), date(2026, 4, 1))


def test_undo_leaves_a_move_of_the_import_that_a_person_corrected(changed, river_specialist):
    def housed(data):
        data["Enrollment"][2][8] = "2026-05-20"
        data["Exit"] = [["X1", "E3", "B", "2026-05-20", "410", ""]]

    done = changed(housed)
    move = by_hmis_id("B").place_changes.get(flow=Flow.HOUSED)
    on = date(2026, 5, 22)
    correct_place(
        move, happened_on=on, reason="Keys came", actor=river_specialist, now=timezone.now()
    )
    undo(done, river_specialist)
    assert place_of("B") == ("housed", on, date(2026, 4, 1))
    moves = by_hmis_id("B").place_changes.standing().order_by("on")
    assert [(each.flow, each.on) for each in moves] == [
        (Flow.IDENTIFIED, date(2026, 4, 1)),
        (Flow.HOUSED, on),
    ]


def test_undo_leaves_a_household_where_it_is_whose_county_was_removed(
    changed, region_2, river_specialist
):
    county = County.objects.create(region=region_2, name="Waterside")

    def moved(data):
        data["CurrentLivingSituation"][0][3:6] = ["2026-05-25", "116", "Waterside County"]

    done = changed(moved)
    assert by_hmis_id("B").county == county
    remove_county(County.objects.get(region=region_2, name="Rice"), actor=river_specialist)
    undo(done, river_specialist)
    assert by_hmis_id("B").county == county
