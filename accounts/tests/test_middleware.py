"""Headers, time limits, and the second factor that everybody needs."""

import time

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.middleware import person_of
from accounts.models import Session
from accounts.session_store import SessionStore
from accounts.sessions import Ending
from accounts.tests.factories import actions_of, add_app, add_recovery_codes, sign_in
from audit.models import AuditEntry

pytestmark = pytest.mark.django_db
ACCOUNT = "/account/"
SIGN_IN = "/account/sign-in/"
MINUTE = 60
HOUR = 3600


def wind_back(client, seconds, *keys):
    """As if so many seconds had gone by since the session's times were written."""
    session = client.session
    for key in keys or ("active_at", "signed_in_at"):
        session[key] -= seconds
    session.save()


def told(page):
    return [str(message) for message in page.context["messages"]]


# Headers


def test_every_page_has_the_headers(client, ada):
    sign_in(client, ada)

    headers = client.get(ACCOUNT).headers

    assert headers["Cache-Control"] == "no-store, private"
    assert "Cookie" in headers["Vary"]
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    policy = headers["Permissions-Policy"].split(", ")
    assert {"camera=()", "microphone=()", "geolocation=()"} <= set(policy)
    assert "publickey-credentials-get=(self)" in policy
    assert set(headers["Content-Security-Policy"].split("; ")) == {
        "base-uri 'none'",
        "connect-src 'self'",
        "default-src 'none'",
        "font-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "img-src 'self' data:",
        "script-src 'self'",
        "style-src 'self'",
    }


def test_page_that_is_not_found_is_not_kept_either(client, ada):
    sign_in(client, ada)

    response = client.get("/no/such/page/")

    assert (response.status_code, response["Cache-Control"]) == (404, "no-store, private")


# Without signing in


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_health_needs_no_sign_in(db, path):
    assert Client().get(path).status_code in (200, 503)


# Time limits


def test_session_lasts_while_it_is_used(client, ada):
    sign_in(client, ada)
    for _ in range(3):
        wind_back(client, 29 * MINUTE)
        assert client.get(ACCOUNT).status_code == 200


def test_session_ends_after_30_minutes_without_activity(client, ada):
    sign_in(client, ada)
    wind_back(client, 30 * MINUTE)

    page = client.get(ACCOUNT + "name/", follow=True)

    assert page.redirect_chain == [(SIGN_IN + "?next=%2Faccount%2Fname%2F", 302)]
    assert told(page) == [Ending.IDLE.label]
    assert client.get(ACCOUNT).status_code == 302
    assert not UserSession.objects.exists()
    assert AuditEntry.objects.get(action="account.signed_out").detail == {"ending": "idle"}


def test_end_of_an_idle_session_empties_the_cache_only(client, ada):
    sign_in(client, ada)
    wind_back(client, 30 * MINUTE)

    assert client.get(ACCOUNT)["Clear-Site-Data"] == '"cache"'


def test_session_ends_after_12_hours_in_all(client, ada):
    sign_in(client, ada)
    wind_back(client, 12 * HOUR, "signed_in_at")

    page = client.get(ACCOUNT, follow=True)

    assert told(page) == [Ending.TOO_LONG.label]


def test_form_sent_too_late_changes_nothing_and_leads_back(client, ada):
    sign_in(client, ada)
    wind_back(client, 30 * MINUTE)

    response = client.post(
        ACCOUNT + "name/",
        {"name": "Changed"},
        headers={"referer": "http://testserver/account/name/"},
    )

    assert response["Location"] == SIGN_IN + "?next=%2Faccount%2Fname%2F"
    ada.refresh_from_db()
    assert ada.name == "Ada Berg"


def test_background_request_does_not_extend_a_session(client, ada):
    sign_in(client, ada)
    wind_back(client, 29 * MINUTE)
    assert client.get(ACCOUNT, headers={"x-background": "1"}).status_code == 200
    wind_back(client, MINUTE)

    response = client.get(ACCOUNT, headers={"x-background": "1"})

    assert response.status_code == 401
    assert response.json() == {"go_to": SIGN_IN + "?next=%2F"}
    assert told(client.get(SIGN_IN)) == [Ending.IDLE.label]


def test_session_without_times_is_over(client, ada):
    sign_in(client, ada)
    session = client.session
    del session["active_at"]
    session.save()

    assert client.get(ACCOUNT).status_code == 302


def test_activity_is_written_at_most_every_30_seconds(client, ada):
    sign_in(client, ada)
    wind_back(client, 20, "active_at")
    before = client.session["active_at"]
    client.get(ACCOUNT)
    assert client.session["active_at"] == before
    wind_back(client, 20, "active_at")
    seen = UserSession.objects.get().last_seen_at

    client.get(ACCOUNT)

    assert client.session["active_at"] == pytest.approx(time.time(), abs=3)
    assert UserSession.objects.get().last_seen_at > seen


def test_session_ping_extends_and_says_how_long(client, ada):
    sign_in(client, ada)
    wind_back(client, 28 * MINUTE)

    response = client.post("/account/session/ping/")

    assert (response.status_code, response.content) == (204, b"")
    assert int(response["X-Seconds-Left"]) == pytest.approx(30 * MINUTE, abs=3)
    wind_back(client, 28 * MINUTE)
    assert client.get(ACCOUNT).status_code == 200


def test_session_ping_cannot_pass_12_hours(client, ada):
    sign_in(client, ada)
    wind_back(client, 12 * HOUR - 5 * MINUTE, "signed_in_at")

    response = client.post("/account/session/ping/")

    assert int(response["X-Seconds-Left"]) == pytest.approx(5 * MINUTE, abs=3)


def test_session_ping_takes_no_get(client, ada):
    sign_in(client, ada)

    assert client.get("/account/session/ping/").status_code == 405


def test_page_knows_the_seconds_left(client, ada):
    sign_in(client, ada)
    assert client.get(ACCOUNT).context["session_idle_seconds"] == pytest.approx(1800, abs=3)
    wind_back(client, 12 * HOUR - 10 * MINUTE, "signed_in_at")

    assert client.get(ACCOUNT).context["session_idle_seconds"] == pytest.approx(600, abs=3)


# The second factor


@pytest.fixture
def factor_required(settings):
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.mark.usefixtures("factor_required")
def test_without_a_second_factor_every_page_leads_to_adding_one(client, ada):
    sign_in(client, ada)

    for path in (ACCOUNT, ACCOUNT + "name/", ACCOUNT + "sessions/", ACCOUNT + "factors/"):
        response = client.get(path)
        assert (response.status_code, response["Location"]) == (302, "/account/second-factor/")
    assert client.post(ACCOUNT + "name/", {"name": "Changed"}).status_code == 302
    ada.refresh_from_db()
    assert ada.name == "Ada Berg"


@pytest.mark.usefixtures("factor_required")
def test_without_a_second_factor_one_can_add_one_or_sign_out(client, ada):
    sign_in(client, ada)

    for path in ("second-factor/", "factors/app/add/", "factors/passkeys/add/", "sign-out/"):
        assert client.get(ACCOUNT + path).status_code == 200
    assert client.post(ACCOUNT + "session/ping/").status_code == 204
    assert client.post(ACCOUNT + "sign-out/").status_code == 302
    assert client.get(ACCOUNT)["Location"].startswith(SIGN_IN)


@pytest.mark.usefixtures("factor_required")
def test_with_a_second_factor_pages_open(client, ada):
    sign_in(client, ada)
    add_app(ada)

    assert client.get(ACCOUNT).status_code == 200


@pytest.mark.usefixtures("factor_required")
def test_recovery_codes_alone_are_no_second_factor(client, ada):
    sign_in(client, ada)
    add_recovery_codes(ada)

    assert client.get(ACCOUNT).status_code == 302


@pytest.mark.usefixtures("factor_required")
def test_htmx_is_sent_to_adding_a_second_factor(client, ada):
    sign_in(client, ada)

    response = client.get(ACCOUNT, headers={"hx-request": "true"})

    assert (response.status_code, response["HX-Redirect"]) == (401, "/account/second-factor/")


@pytest.mark.parametrize("is_required", [False, True])
def test_pages_say_when_no_second_factor_is_required(client, settings, ada, is_required):
    settings.SECOND_FACTOR_REQUIRED = is_required
    said = "Sign-in asks for no second factor."

    before = client.get(SIGN_IN).content.decode()
    sign_in(client, ada)
    after = client.get("/account/second-factor/").content.decode()

    assert (said in before, said in after) == (not is_required, not is_required)


# The cache


def test_sign_in_without_the_cache_says_so(client, settings, ada):
    settings.CACHES = settings.CACHES | {
        "default": settings.CACHES["default"] | {"LOCATION": "unix:///nowhere/redis.sock"}
    }

    response = sign_in(client, ada)

    assert response.status_code == 503
    assert "Redis is down" in response.content.decode()
    assert actions_of(ada) == []


def test_who_is_signed_in_goes_on_without_the_cache(client, settings, ada):
    sign_in(client, ada)
    settings.CACHES = settings.CACHES | {
        "default": settings.CACHES["default"] | {"LOCATION": "unix:///nowhere/redis.sock"}
    }

    assert client.get(ACCOUNT).status_code == 200


def test_person_comes_with_the_session_in_one_query(
    client, django_assert_num_queries, river_provider
):
    client.force_login(river_provider)
    client.get("/account/")
    request = RequestFactory().get("/")
    with django_assert_num_queries(1):
        request.session = SessionStore(client.session.session_key)
        assert person_of(request) == river_provider
        assert person_of(request).membership.continuum.code == "MN-502"


@pytest.mark.parametrize("change", ["password", "closed", "backend", "somebody else"])
def test_person_of_a_session_that_no_longer_holds_is_nobody(
    client, river_provider, river_specialist, change
):
    client.force_login(river_provider)
    session = client.session
    if change == "password":
        river_provider.set_password("another horse battery 2")
        river_provider.save()
    elif change == "closed":
        river_provider.is_active = False
        river_provider.save()
    elif change == "backend":
        session["_auth_user_backend"] = "somebody.elses.Backend"
        session.save()
    else:
        Session.objects.filter(pk=session.session_key).update(user=river_specialist)
    request = RequestFactory().get("/")
    request.session = SessionStore(session.session_key)
    found = person_of(request)
    if change == "somebody else":  # the sealed session says who, not the column beside it
        assert found == river_provider
    else:
        assert found.is_anonymous


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/account/sign-in/", 200),
        ("/account/invitation/no-such-link/", None),
        ("/", 302),
        ("/health/ready", 200),
        ("/no/such/page/", 404),
    ],
)
def test_head_is_answered_as_get_is_without_the_body(client, db, path, status):
    got, headed = client.get(path), client.head(path)
    assert headed.status_code == got.status_code
    assert status in (None, headed.status_code)
    assert headed.content == b""
    if got.status_code == 200 and path != "/health/ready":
        assert abs(int(headed["Content-Length"]) - len(got.content)) < 200


def test_head_of_an_invitations_link_is_no_error(client, db):
    """Where a mail server looks at the link before it delivers the mail."""
    path = reverse("accounts:invitation_open", args=["a" * 43])
    assert client.get(path).status_code == client.head(path).status_code != 405
