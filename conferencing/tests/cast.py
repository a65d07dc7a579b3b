"""The cast: two continuums, and people whose names carry what they may do.

`river` is River Valleys with Region 2 (and Region 1); `three` is Three County. Each person
is a user; `<continuum>_<role>`.
"""

from datetime import timedelta

import pytest

from agreements.tests.factories import (
    make_agency,
    make_agency_in_standing,
    make_agreement,
    make_staff,
    make_statement,
)
from regions.tests.factories import make_continuum, make_region, make_user, today_in


@pytest.fixture
def river(db):
    return make_continuum(code="MN-502", name="River Valleys CoC", zone="America/Chicago")


@pytest.fixture
def region_2(river):
    return make_region(river, name="Region 2", position=2)


@pytest.fixture
def region_1(river):
    return make_region(river, name="Region 1", position=1, counties=("Olmsted", "Winona"))


@pytest.fixture
def three(db):
    return make_continuum(
        code="MA-507",
        name="Three County CoC",
        zone="America/New_York",
        requires_agency_agreement=False,
    )


@pytest.fixture
def three_region(three):
    return make_region(three, name="Three County", counties=("Berkshire", "Franklin", "Hampshire"))


@pytest.fixture
def river_specialist(river):
    user = make_user(river, name="Sam Specialist", specialist=True)
    make_statement(user)
    return user


@pytest.fixture
def river_administrator(river):
    return make_user(river, name="Ada Administrator", administrator=True)


@pytest.fixture
def river_agency(river, region_2):
    return make_agency_in_standing(river, name="Bridge Housing", regions=[region_2])


@pytest.fixture
def river_lead(river_agency, region_2):
    return make_staff(river_agency, name="Lee Lead", lead=True, regions=[region_2]).user


@pytest.fixture
def river_provider(river_agency, region_2):
    return make_staff(river_agency, name="Pat Provider", regions=[region_2]).user


@pytest.fixture
def river_other_agency(river, region_2):
    return make_agency_in_standing(river, name="Cedar Outreach", regions=[region_2])


@pytest.fixture
def river_other_provider(river_other_agency, region_2):
    return make_staff(river_other_agency, name="Oli Other", regions=[region_2]).user


@pytest.fixture
def river_vsp_agency(river, region_2):
    return make_agency_in_standing(river, name="Safe Harbor", regions=[region_2], vsp=True)


@pytest.fixture
def river_vsp_provider(river_vsp_agency, region_2):
    return make_staff(river_vsp_agency, name="Val Victimservices", regions=[region_2]).user


@pytest.fixture
def river_lapsed_agency(river, region_2):
    agency = make_agency(river, name="Lapsed Shelter", regions=[region_2])
    today = today_in(river.zone)
    make_agreement(
        agency,
        effective_on=today - timedelta(days=400),
        expires_on=today - timedelta(days=35),
    )
    return agency


@pytest.fixture
def river_lapsed_provider(river_lapsed_agency, region_2):
    """Signed the statement; the agency's agreement has expired."""
    return make_staff(river_lapsed_agency, name="Lou Lapsed", regions=[region_2]).user


@pytest.fixture
def river_unsigned_provider(river_agency, region_2):
    """Of an agency in standing, without a confidentiality statement."""
    return make_staff(river_agency, name="Una Unsigned", statement=False, regions=[region_2]).user


@pytest.fixture
def three_specialist(three):
    user = make_user(three, name="Terry Specialist", specialist=True)
    make_statement(user)
    return user


@pytest.fixture
def three_administrator(three):
    return make_user(three, name="Tess Administrator", administrator=True)


@pytest.fixture
def three_agency(three, three_region):
    return make_agency_in_standing(three, name="Hilltown Shelter", regions=[three_region])


@pytest.fixture
def three_lead(three_agency, three_region):
    return make_staff(three_agency, name="Toni Lead", lead=True, regions=[three_region]).user


@pytest.fixture
def three_provider(three_agency, three_region):
    return make_staff(three_agency, name="Theo Provider", regions=[three_region]).user
