"""Who is a youth, on which day."""

from datetime import date
from uuid import UUID

import pytest
from django.core.cache import cache
from django.utils import timezone

from participants.models import Participant
from participants.services.participants import add_participant
from participants.tests.factories import make_participant
from participants.youth import age_on, follow_birthdays, is_youth
from regions.clock import local_day


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        (date(2000, 2, 29), date(2025, 2, 28), 24),
        (date(2000, 2, 29), date(2025, 3, 1), 25),
        (date(2001, 12, 31), date(2026, 12, 30), 24),
        (date(2001, 12, 31), date(2026, 12, 31), 25),
        (None, date(2026, 1, 1), None),
    ],
)
def test_an_age_is_reached_on_the_birthday(born, on, age):
    assert age_on(born, on) == age
    assert is_youth(born, on) == (None if age is None else age < 25)


@pytest.mark.django_db
def test_on_the_25th_birthday_a_household_is_no_youths_any_more(river_agency, region_2):
    now = timezone.now()
    on = local_day(now, river_agency.continuum.zone)
    born = {
        "grown": on.replace(year=on.year - 25, day=min(on.day, 28)),
        "young": date(on.year - 24, 1, 1),
        "not said": None,
    }
    people = {
        key: make_participant(river_agency, region_2, birth_date=day, is_youth=True)
        for key, day in born.items()
    }
    changed = {each.pk: each.changed_at for each in people.values()}
    cache.clear()
    for _ in range(2):
        follow_birthdays(now)
    rows = Participant.objects.in_bulk(changed)
    assert {key: rows[each.pk].is_youth for key, each in people.items()} == {
        "grown": False,
        "young": True,
        "not said": True,
    }
    assert {key: each.changed_at for key, each in rows.items()} == changed


@pytest.mark.django_db
@pytest.mark.parametrize("years", [20, 40])
def test_a_birth_date_tells_whether_a_new_household_is_a_youths(
    river, river_agency, region_2, river_provider, years
):
    now = timezone.now()
    on = local_day(now, river.zone)
    typed = {
        "region": region_2,
        "alias": "",
        "name": "Bo Kuhl",
        "birth_date": date(on.year - years, 1, 1),
        "is_youth": None,
    }
    for _ in range(2):  # the same form, sent twice
        person = add_participant(
            river,
            agency=river_agency,
            listed_on=on,
            actor=river_provider,
            now=now,
            pk=UUID(int=7),
            **typed,
        )
        assert person.is_youth is (years < 25)
    assert Participant.objects.count() == 1
