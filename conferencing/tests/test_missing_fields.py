"""What is missing is named: no page, part or answer says “This field is required.”"""

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import get_resolver, reverse

from accounts.named_fields import NAMELESS, Form, NamedFields, missing
from agreements.models import Agency
from conferencing.tests.pages import text_of
from conferencing.tests.test_single_lines_everywhere import forms_in
from conferencing.tests.test_walk import FIXED, ROWS
from conferencing.tests.world import CAST, keep_watchdog_content, scene_of, signed_in

pytestmark = pytest.mark.django_db
ROOMS = (
    "accounts",
    "audit",
    "regions",
    "agreements",
    "participants",
    "housing",
    "conferencing",
)
# Says that something is missing, but not what.
VAGUE = NAMELESS | {"Fill this in.", "Choose one.", "Enter a value.", "Required."}


def every(kind):
    for each in kind.__subclasses__():
        yield each
        yield from every(each)


def vague_errors(form):
    """Of a form that was sent: errors that leave open which field they mean."""
    said = {}
    for name, errors in form.errors.items():
        for error in errors:
            if error in VAGUE or error.startswith("This field"):
                yield f"{type(form).__name__}.{name}: {error}"
            is_hidden = name in form.fields and form.fields[name].widget.is_hidden
            if not is_hidden and said.setdefault(error, name) != name:
                yield f"{type(form).__name__}.{name} and .{said[error]} say the same: {error}"


def test_every_form_of_the_house_names_what_is_missing():
    assert get_resolver().url_patterns  # every view is imported, and so its forms
    classes = {each for each in every(forms.BaseForm) if each.__module__.split(".")[0] in ROOMS}
    nameless = {
        f"{each.__module__}.{each.__name__}.{name}"
        for each in classes
        if not issubclass(each, NamedFields) and ".tests." not in each.__module__
        for name, field in each.base_fields.items()
        if field.required and str(field.error_messages["required"]) in VAGUE
    }
    # Those of allauth, which name their fields as they are made: the sweep below sees them.
    assert {each for each in nameless if not each.startswith("accounts.forms.")} == set()
    assert len(classes) > 80


@pytest.mark.parametrize(("name", "role"), [(name, role) for name in CAST for role in CAST[name]])
def test_no_answer_to_an_empty_form_leaves_open_what_is_missing(request, db, name, role):
    keep_watchdog_content()
    scene = scene_of(request, name)
    client = signed_in(scene.people[role])
    faults, refused = set(), 0
    for address, (method, cells) in ROWS.items():
        if method == "GET" or cells[role] not in ("200", "422", "400"):
            continue
        keep_watchdog_content()
        with transaction.atomic():
            url = reverse(address, kwargs=scene.keys.get(address, FIXED.get(address)))
            page = client.post(url, {})
            transaction.set_rollback(True)
        said = page.content.decode() if "json" in page["Content-Type"] else text_of(page)
        if "This field" in said:
            faults.add(f"{address} says: This field …")
        for form in forms_in(page):
            if form.is_bound and form.errors:
                refused += 1
                faults |= {f"{address}: {fault}" for fault in vague_errors(form)}
    assert faults == set()
    assert refused > 2


class Example(Form):
    reason = forms.CharField(label="Why do you ask?")
    region = forms.ChoiceField(label="Region", choices=[("a", "A")])
    agency = forms.ModelChoiceField(Agency.objects.none())
    signed_on = forms.DateField(label="Signed on:")
    scan = forms.FileField(label="Scan of the release")
    is_read = forms.BooleanField(label="I have read the whole text.")
    own = forms.CharField(label="Own words", error_messages={"required": "Say it yourself."})
    pk = forms.UUIDField(widget=forms.HiddenInput)


def test_each_kind_of_field_says_what_to_do_about_it():
    assert Example({}).errors == {
        "reason": ["Fill in “Why do you ask?”."],
        "region": ["Choose an answer: “Region”."],
        "agency": ["Choose an answer: “Agency”."],
        "signed_on": ["Enter the date: “Signed on”."],
        "scan": ["Choose the file: “Scan of the release”."],
        "is_read": ["Tick “I have read the whole text”."],
        "own": ["Say it yourself."],
        "pk": ["Open the page again: it did not send all that it should."],
    }


@pytest.mark.parametrize("words", ["This field cannot be blank.", "This field cannot be null."])
def test_what_a_row_or_a_service_lacks_is_named_too(words):
    form = Example({"reason": "x"})
    assert not form.is_valid()
    form.add_error(None, ValidationError({"reason": ValidationError(words, code="blank")}))
    assert form.errors["reason"] == ["Fill in “Why do you ask?”."]
    assert form.errors.as_data()["reason"][0].code == "blank"


def test_a_form_that_is_complete_has_no_errors_to_name():
    assert missing(forms.CharField(), "Name") == "Fill in “Name”."
    form = Example({"reason": "x"})
    assert "reason" not in form.errors
