"""Every field for one line on every page takes one line."""

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse

from conferencing.tests.test_walk import FIXED, ROWS
from conferencing.tests.world import keep_watchdog_content, signed_in

pytestmark = pytest.mark.django_db
# What is searched for is shown to who typed it alone, and kept nowhere.
SEARCHES = {"q", "person", "code", "login"}


def forms_in(response):
    """Every form that a page was given, in whatever list of its context."""
    for context in response.context or []:
        for each in context:
            for value in each.values() if isinstance(each, dict) else []:
                found = value if isinstance(value, list | tuple) else [value]
                yield from (form for form in found if isinstance(form, forms.BaseForm))


def takes_a_break(field):
    try:
        field.run_validators("Ada\x0bBerg")
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("role", "least"), [("specialist", 30), ("administrator", 10), ("provider", 12)]
)
def test_every_field_for_one_line_takes_one(river_scene, role, least):
    client = signed_in(river_scene.people[role])
    seen, faults = set(), set()
    for address in ROWS:
        keep_watchdog_content()
        keys = river_scene.keys.get(address, FIXED.get(address, {}))
        page = client.get(reverse(address, kwargs=keys))
        for form in forms_in(page):
            for name, field in form.fields.items():
                is_line = isinstance(field, forms.CharField) and isinstance(
                    field.widget, forms.TextInput
                )
                is_hidden = isinstance(field.widget, forms.PasswordInput | forms.HiddenInput)
                is_key = isinstance(field, forms.UUIDField)
                if not is_line or is_hidden or is_key or name in SEARCHES:
                    continue
                where = f"{type(form).__module__}.{type(form).__name__}.{name}"
                seen.add(where)
                # Several counties may come as lines; each is parted from the others and trimmed.
                if where != "regions.forms.CountiesForm.name" and takes_a_break(field):
                    faults.add(where)
    assert faults == set()
    assert len(seen) >= least
