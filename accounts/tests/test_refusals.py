import pytest
from django import forms
from django.contrib.messages import get_messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.named_fields import Form
from accounts.refusals import refusals


class NameForm(Form):
    name = forms.CharField(label="Name")


class KeenForm(NameForm):
    """Does more about one refusal."""

    is_renewed = False

    def refuse(self, error):
        self.is_renewed = True
        super().refuse(error)


def sent(kind=NameForm):
    form = kind({"name": "Ann"})
    assert form.is_valid()
    return form


def asked(rf):
    request = rf.get("/")
    request.session = {}
    request._messages = FallbackStorage(request)
    return request


def test_refusals_lets_a_block_through_that_refuses_nothing():
    form = sent()
    with refusals(form) as refused:
        done = "saved"
    assert (done, bool(refused), refused.messages, refused.codes) == ("saved", False, [], set())
    assert (form.errors, refused.by_field, refused.words) == ({}, {}, "")


def test_refusals_shows_a_refusal_on_the_form_and_goes_on():
    form = sent()
    with refusals(form) as refused:
        raise ValidationError("It is closed.", code="closed")
    assert refused
    assert form.errors == {"__all__": ["It is closed."]}
    assert (refused.messages, refused.codes) == (["It is closed."], {"closed"})
    assert refused.by_field == {"__all__": ["It is closed."]}


def test_refusals_shows_a_refusal_by_field_at_the_fields_that_the_form_has():
    form = sent()
    said = {"name": ValidationError("Too long.", code="long"), "zone": "There is no such zone."}
    with refusals(form) as refused:
        raise ValidationError(said)
    assert form.errors == {"name": ["Too long."], "__all__": ["There is no such zone."]}
    assert refused.by_field == {"name": ["Too long."], "zone": ["There is no such zone."]}
    assert (refused.words, refused.codes) == ("Too long. There is no such zone.", {"long", None})


def test_refusals_lets_a_form_do_more_about_it():
    form = sent(KeenForm)
    with refusals(form):
        raise ValidationError("It was used before.")
    assert (form.is_renewed, form.errors) == (True, {"__all__": ["It was used before."]})


def test_refusals_without_a_form_speak_on_the_page_that_comes_next(rf):
    request = asked(rf)
    with refusals(request) as refused:
        raise ValidationError(["It is closed.", "It is late."])
    assert [(each.level_tag, each.message) for each in get_messages(request)] == [
        ("error", "It is closed. It is late.")
    ]
    assert refused


def test_refusals_for_the_view_to_tell_say_nothing_themselves(rf):
    request = asked(rf)
    with refusals() as refused:
        raise ValidationError("It is closed.")
    assert list(get_messages(request)) == []
    refused.say(request)
    assert [each.message for each in get_messages(request)] == ["It is closed."]


@pytest.mark.parametrize("error", [PermissionDenied, ValueError])
def test_refusals_take_nothing_but_refusals(error):
    form = sent()
    with pytest.raises(error), refusals(form):
        raise error
    assert form.errors == {}
