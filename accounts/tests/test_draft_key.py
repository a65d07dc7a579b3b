"""The key to what a browser keeps meanwhile, and sessions that carry their person."""

import base64
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import DraftKey, Session
from accounts.services import clear_sessions, draft_key_of
from accounts.tests.factories import make_person, sign_in

pytestmark = pytest.mark.django_db
URL = "/account/draft-key/"
STATE = "/account/session/state/"


def key_of(client):
    return client.post(URL).json()


def stored(user):
    return DraftKey.objects.filter(user=user).first()


def test_draft_key_is_made_once_and_is_only_ones_own(client, other_client, ada):
    other = make_person(name="Bo Berg")
    sign_in(client, ada)
    sign_in(other_client, other)
    first, again, others = key_of(client), key_of(client), key_of(other_client)
    assert first == again == {"user": str(ada.pk), "key": first["key"]}
    assert len(base64.b64decode(first["key"])) == 32
    assert (others["user"], others["key"] != first["key"]) == (str(other.pk), True)


def test_draft_key_is_not_stored_in_clear_nor_kept_by_the_browser(client, ada):
    sign_in(client, ada)
    answer = client.post(URL)
    with connection.cursor() as cursor:
        cursor.execute("SELECT key::text FROM accounts_draftkey")
        (row,) = cursor.fetchone()
    key = base64.b64decode(answer.json()["key"])
    assert key.hex() not in row
    assert "no-store" in answer.headers["Cache-Control"]


def test_draft_key_is_given_to_nobody_without_a_session(client, ada):
    assert client.post(URL, headers={"X-Background": "1"}).status_code == 401
    assert stored(ada) is None


def test_draft_key_takes_no_get(client, ada):
    sign_in(client, ada)
    assert client.get(URL).status_code == 405
    assert stored(ada) is None


def test_draft_key_is_destroyed_at_sign_out(client, ada):
    sign_in(client, ada)
    first = key_of(client)
    client.post("/account/sign-out/")
    assert stored(ada) is None
    sign_in(client, ada)
    assert key_of(client)["key"] != first["key"]


@pytest.mark.parametrize("clock", ["active_at", "signed_in_at"])
def test_draft_key_is_kept_when_the_session_lapses(client, ada, clock):
    sign_in(client, ada)
    first = key_of(client)
    session = client.session
    session[clock] -= 13 * 3600
    session.save()
    assert client.post(URL, headers={"X-Background": "1"}).status_code == 401
    assert stored(ada) is not None
    sign_in(client, ada)
    assert key_of(client) == first


def test_draft_key_is_kept_when_another_sign_in_ends_the_session(client, other_client, ada):
    sign_in(client, ada)
    first = key_of(client)
    sign_in(other_client, ada)
    assert key_of(other_client) == first


def test_draft_key_is_swept_two_days_after_it_was_last_asked_for_without_a_session(ada):
    now = timezone.now()
    key = draft_key_of(ada, now=now - timedelta(days=9))
    assert draft_key_of(ada, now=now) == key
    clear_sessions(now + timedelta(days=2))
    assert stored(ada) is not None
    clear_sessions(now + timedelta(days=2, seconds=1))
    assert stored(ada) is None


def test_draft_key_stays_while_its_person_has_a_session(client, ada):
    sign_in(client, ada)
    key_of(client)
    DraftKey.objects.update(asked_at=timezone.now() - timedelta(days=3))
    clear_sessions(timezone.now())
    assert stored(ada) is not None
    clear_sessions(timezone.now() + timedelta(days=1))
    assert (stored(ada), Session.objects.filter(user=ada).count()) == (None, 0)


def test_session_carries_its_person_and_both_come_in_one_query(client, ada):
    sign_in(client, ada)
    assert Session.objects.get(session_key=client.session.session_key).user == ada
    with CaptureQueriesContext(connection) as found:
        assert client.get(STATE, headers={"X-Background": "1"}).json()["user"] == str(ada.pk)
    reading = [each["sql"] for each in found if "accounts_session" in each["sql"]]
    assert len(reading) == 1
    assert "accounts_user" in reading[0]


def test_session_before_sign_in_is_nobodys_and_its_row_goes_at_sign_out(client, ada):
    client.get("/account/sign-in/")
    assert not Session.objects.filter(user__isnull=False).exists()
    sign_in(client, ada)
    client.post("/account/sign-out/")
    assert not Session.objects.filter(user=ada).exists()


def test_session_state_gives_a_token_for_forms_that_counts(ada):
    browser = Client(enforce_csrf_checks=True, REMOTE_ADDR="10.9.8.7")
    browser.force_login(ada)
    session = browser.session
    session["signed_in_at"] = session["active_at"] = int(timezone.now().timestamp())
    session.save()
    assert browser.post(URL).status_code == 403
    token = browser.get(STATE).json()["csrf"]
    assert browser.post(URL, headers={"X-CSRFToken": token}).status_code == 200
