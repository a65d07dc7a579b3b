"""A form whose page is gone, or that its sender may not send, gives back what was typed."""

import uuid

import pytest
from django.urls import reverse

from conferencing.tests.test_walk import FIXED, ROWS
from conferencing.tests.world import keep_watchdog_content, signed_in

pytestmark = pytest.mark.django_db
WORDS = "She is <in> hospital & asks\nfor a call back"
# Opened by a link from a mail, before one has an account: a name and a password.
NO_WORDS = {"accounts:invitation_accept"}
SHOWN = "She is &lt;in&gt; hospital &amp; asks\nfor a call back"
FORM = {"notes": WORDS, "password": "correct horse battery", "csrfmiddlewaretoken": "a token too"}


@pytest.mark.parametrize("role", ["specialist", "provider"])
def test_every_form_that_comes_to_nothing_gives_its_words_back(river_scene, role):
    client = signed_in(river_scene.people[role])
    lost, seen = set(), 0
    for address in ROWS:
        keys = river_scene.keys.get(address, FIXED.get(address, {}))
        gone = {name: uuid.uuid4() if is_key(key) else key for name, key in keys.items()}
        keep_watchdog_content()
        answer = client.post(reverse(address, kwargs=gone), FORM)
        is_page = answer.headers.get("Content-Type", "").startswith("text/html")
        if answer.status_code not in (403, 404) or not is_page:
            continue
        seen += 1
        page = answer.content.decode()
        assert "correct horse" not in page, address
        if SHOWN not in page:
            lost.add(address)
    assert lost == NO_WORDS
    assert seen > 40


def is_key(value):
    return isinstance(value, uuid.UUID) or str(value).count("-") == 4


def test_a_form_from_elsewhere_gives_nothing_back(client):
    """Nobody puts words into a page of ours from another site: only answered forms are read."""
    client.handler.enforce_csrf_checks = True
    for address in ("/no/such/page/", reverse("conferencing:meeting_list")):
        assert "hospital" not in client.post(address, FORM).content.decode()
