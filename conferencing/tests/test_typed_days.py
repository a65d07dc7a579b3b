"""No day that somebody types, in a form or an address, is too early or late to reckon with."""

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.urls import get_resolver, reverse

from conferencing.tests.test_missing_fields import ROOMS, every
from conferencing.tests.test_walk import FIXED, ROWS
from conferencing.tests.world import keep_watchdog_content, signed_in

pytestmark = pytest.mark.django_db
FAR = ("0001-01-01", "1066-10-14", "2101-01-01", "9999-12-31")


def takes_another_time(field):
    for day in FAR:
        try:
            field.clean(day)
        except ValidationError:
            continue
        return True
    return False


def test_every_field_for_a_date_refuses_another_time():
    assert get_resolver().url_patterns  # every view is imported, and so its forms
    dates = {
        f"{each.__module__}.{each.__name__}.{name}": field
        for each in every(forms.BaseForm)
        if each.__module__.split(".")[0] in ROOMS and ".tests." not in each.__module__
        for name, field in getattr(each, "base_fields", {}).items()
        if isinstance(field, forms.DateField)
    }
    assert len(dates) > 30
    assert {name for name, field in dates.items() if takes_another_time(field)} == set()


@pytest.mark.parametrize(
    ("role", "day"), [("specialist", "9999-12-31"), ("administrator", "0001-01-01")]
)
def test_every_page_answers_to_far_days_in_its_address(river_scene, role, day):
    """Whatever a page reads from its address, under the names that forms of the house have."""
    names = ("since", "until", "on", "day", "as_of", "from", "to", "month", "year", "q")
    client = signed_in(river_scene.people[role])
    for address in ROWS:
        keep_watchdog_content()
        keys = river_scene.keys.get(address, FIXED.get(address, {}))
        page = client.get(reverse(address, kwargs=keys), dict.fromkeys(names, day))
        assert page.status_code < 500, address
