"""Set-up of a continuum: what changes, what is refused, what is kept."""

import pytest
from django.core.exceptions import ValidationError

from agreements.tests.factories import make_agency
from audit.models import AuditEntry
from participants.tests.factories import make_participant
from regions.models import County, Region
from regions.services import (
    add_county,
    add_region,
    change_continuum,
    change_region,
    change_setting,
    move_region,
    remove_county,
    rename_county,
    state_of,
)
from regions.tests.factories import make_continuum, make_region


@pytest.fixture
def continuum(db):
    return make_continuum()


@pytest.fixture
def region(continuum):
    return make_region(continuum, name="Region 2")


def test_change_continuum_keeps_what_was_typed_once(continuum):
    seen = state_of(continuum, type(continuum).SET_UP)
    changed = change_continuum(
        continuum, actor=None, seen=seen, purpose="To house.", non_disclosure_words="Keep it."
    )
    assert (changed.purpose, changed.non_disclosure_words) == ("To house.", "Keep it.")
    with pytest.raises(ValidationError, match="changed meanwhile"):
        change_continuum(continuum, actor=None, seen=seen, purpose="Another")
    with pytest.raises(ValidationError):
        change_continuum(continuum, actor=None, non_disclosure_words="")
    continuum.refresh_from_db()
    assert continuum.purpose == "To house."
    entry = AuditEntry.objects.get(action="continuum.changed")
    assert entry.detail == {"changed": ["non_disclosure_words", "purpose"]}


def test_change_setting_stays_within_a_month(continuum):
    assert change_setting(continuum, lead_days=5, actor=None).lead_days == 5
    for wrong in (0, 31):
        with pytest.raises(ValidationError):
            change_setting(continuum, lead_days=wrong, actor=None)


def test_add_region_comes_last(continuum, region):
    added = add_region(continuum, name="Region 9", minutes_per_household=4, actor=None)
    assert list(continuum.regions.all()) == [region, added]
    with pytest.raises(ValidationError, match="region of that name"):
        add_region(continuum, name="Region 9", actor=None)


def test_change_region_renames(region):
    assert change_region(region, name="South", actor=None).name == "South"


def test_move_region_changes_places(continuum):
    for name in ("A", "B", "C"):
        make_region(continuum, name=name)
    regions = {row.name: row for row in Region.objects.all()}
    move_region(regions["C"], up=True, actor=None)
    move_region(regions["A"], up=True, actor=None)
    move_region(regions["A"], up=False, actor=None)
    assert [row.name for row in continuum.regions.all()] == ["C", "A", "B"]


def test_add_county_once_per_continuum(continuum, region):
    other = make_region(continuum, name="Other", counties=())
    assert add_county(region, name=" Dodge ", actor=None).name == "Dodge"
    with pytest.raises(ValidationError, match="county of Region 2 already"):
        add_county(other, name="dodge", actor=None)
    elsewhere = make_region(make_continuum(), counties=())
    assert add_county(elsewhere, name="Dodge", actor=None).region == elsewhere


def test_rename_county_and_remove_county(continuum, region):
    rice, steele = region.counties.all()
    with pytest.raises(ValidationError):
        rename_county(rice, name="Steele", actor=None)
    rice.refresh_from_db()
    rename_county(rice, name="Rice Lake", actor=None)
    participant = make_participant(make_agency(continuum, regions=[region]), region)
    with pytest.raises(ValidationError, match="Participants are kept"):
        remove_county(participant.county, actor=None)
    other = rice if participant.county == steele else steele
    remove_county(other, actor=None)
    assert list(County.objects.all()) == [participant.county]
