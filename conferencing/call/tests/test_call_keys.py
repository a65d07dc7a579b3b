"""Keys of one's own: each does one thing, and only its person's."""

import itertools
from contextlib import suppress

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from conferencing.call.keys import (
    ACTS,
    USUAL,
    WORDS,
    acts_for,
    choose_key,
    keys_of,
    usual_keys,
)
from conferencing.models import OwnKeys
from conferencing.tests.pages import text_of

pytestmark = pytest.mark.django_db


def test_no_two_acts_have_one_usual_key():
    assert len(set(USUAL.values())) == len(ACTS)
    assert set(USUAL.values()) <= set(WORDS)


def test_the_usual_keys_are_no_letters():
    """Alt with a letter opens menus of browsers, and writes signs on a Mac."""
    assert not [key for key in USUAL.values() if key.startswith("Key")]


def test_a_key_is_changed_for_its_person_alone(river_provider, river_specialist):
    choose_key(river_provider, "notes", "KeyJ")
    assert keys_of(river_provider) == USUAL | {"notes": "KeyJ"}
    assert keys_of(river_specialist) == USUAL
    choose_key(river_provider, "step", "Digit5")
    assert keys_of(river_provider)["step"] == "Digit5"
    choose_key(river_provider, "step", "Digit9")
    assert keys_of(river_provider) == USUAL | {"notes": "KeyJ", "step": "Digit9", "next": "Digit5"}
    usual_keys(river_provider)
    assert keys_of(river_provider) == USUAL


def test_whatever_is_chosen_each_key_does_one_thing(river_provider):
    names = itertools.cycle(USUAL)
    for key in [*WORDS, *reversed(WORDS)]:
        with suppress(ValidationError):
            choose_key(river_provider, next(names), key)
        keys = keys_of(river_provider)
        assert len(set(keys.values())) == len(ACTS)


@pytest.mark.parametrize(("name", "key"), [("no_act", "KeyJ"), ("notes", "Enter"), ("notes", "")])
def test_what_is_no_act_or_no_key_is_refused(river_provider, name, key):
    with pytest.raises(ValidationError, match="a letter, a number or a sign"):
        choose_key(river_provider, name, key)
    assert not OwnKeys.objects.exists()


def test_what_an_act_was_called_once_is_passed_over(river_provider):
    OwnKeys.objects.create(user=river_provider, chosen={"gone": "KeyQ", "notes": "KeyJ"})
    assert keys_of(river_provider) == USUAL | {"notes": "KeyJ"}


@pytest.mark.parametrize("rights", [(True, False), (False, True), (True, True), (False, False)])
def test_the_list_holds_what_the_seat_may_do(rights):
    may_write, may_steer = rights
    acts = acts_for(USUAL, may_write=may_write, may_steer=may_steer)
    does = {act["name"]: act["does"] for act in acts}
    assert ("notes" in does, "carry" in does, "discuss" in does) == (
        may_write,
        may_steer,
        may_write or may_steer,
    )
    goes_on = "Next household" if may_steer else "To the household being discussed"
    assert does.get("next") == (goes_on if may_write or may_steer else None)


def test_the_page_changes_a_key_and_says_why_not(client, begun, river_provider):
    call, _review = begun
    client.force_login(river_provider)
    url = reverse("conferencing:call_keys", args=[call.pk])
    answer = client.post(url, {"act": "notes", "key": "KeyJ"}).json()
    assert answer["keys"]["notes"] == ["KeyJ", "J"]
    refused = client.post(url, {"act": "step", "key": "Enter"})
    assert (refused.status_code, refused.json()["errors"]) == (
        422,
        ["Choose a letter, a number or a sign, with Alt."],
    )
    swapped = client.post(url, {"act": "step", "key": "KeyJ"}).json()["keys"]
    assert (swapped["step"], swapped["notes"]) == (["KeyJ", "J"], ["Digit6", "6"])
    page = client.get(reverse("conferencing:call_detail", args=[call.pk]))
    assert "Alt J To the new step" in text_of(page)
    assert client.post(url, {"usual": "on"}).json()["keys"]["notes"] == ["Digit5", "5"]
