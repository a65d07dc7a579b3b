"""A continuum whose HMIS was imported, and a call that was held since."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conferencing.tests.factories import make_meeting
from conferencing.to_hmis.acts import Taking, take_file
from conferencing.to_hmis.facts import Scope
from conferencing.to_hmis.gathering import gather
from participants.models import HmisProject, HmisUser
from participants.tests.factories import make_release
from participants.tests.test_hmis import apply, by_hmis_id
from regions.tests.factories import today_in

from .hmis import FRONT_DOOR, OUTREACH, Hmis


@pytest.fixture
def projects(river, region_2, river_agency):
    """What River Valleys decided about the projects of its HMIS."""
    for key, name, kind, is_listed in (
        (FRONT_DOOR, "Front door", "14", True),
        (OUTREACH, "Street team", "4", False),
        ("P3", "Apartments", "13", False),
    ):
        HmisProject.objects.create(
            continuum=river,
            key=key,
            name=name,
            type_code=kind,
            is_listed=is_listed,
            region=region_2,
            agency=river_agency,
        )


@pytest.fixture
def hmis(river, projects):
    """Ana (A) is enrolled by the front door and outreach, Bo (B) by the front door."""
    found = Hmis(river)
    found.enrol("E1", "A", days=90)
    found.enrol("E9", "A", days=30, project=OUTREACH)
    found.enrol("E2", "B", days=60)
    return found


@pytest.fixture
def imported(hmis, river, river_specialist, tmp_path):
    """Import what HMIS holds now: `imported()`, any number of times."""
    count = iter(range(100))

    def run(continuum=river, actor=river_specialist, system=hmis):
        folder = system.export(tmp_path / f"export-{next(count)}")
        return apply(continuum, folder, actor, as_of=system.today)

    return run


@pytest.fixture
def ana(imported):
    imported()
    person = by_hmis_id("A")
    make_release(person, covers_hmis=True)
    return person


@pytest.fixture
def bo(ana):
    person = by_hmis_id("B")
    make_release(person, covers_hmis=True)
    return person


@pytest.fixture
def call(river, region_2):
    starts_at = timezone.now() - timedelta(days=7)
    return make_meeting(river, region_2, starts_at=starts_at, state="closed")


@pytest.fixture
def coc_user(river):
    return HmisUser.objects.create(continuum=river, key="COC1")


@pytest.fixture
def scope(river):
    today = today_in(river.zone)
    return Scope(river, today - timedelta(days=30), today)


@pytest.fixture
def take(scope, river_specialist, coc_user):
    """Take the file of what goes now: `take()`."""

    def run(*, actor=river_specialist, of=scope, now=None):
        now = now or timezone.now()
        seen = Taking.of(gather(of, actor, now)).seen
        return take_file(of, reason="Upload of the month", seen=seen, actor=actor, now=now)

    return run
