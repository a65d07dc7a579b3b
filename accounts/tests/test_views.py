"""Pages of one's own account."""

import re

import pytest

from accounts.tests.factories import actions_of, add_app, add_recovery_codes, code_of, sign_in

pytestmark = pytest.mark.django_db
ACCOUNT = "/account/"
PAGES = [
    "",
    "name/",
    "second-factor/",
    "sessions/",
    "password/change/",
    "factors/",
    "factors/app/add/",
    "factors/app/remove/",
    "factors/passkeys/",
    "factors/passkeys/add/",
    "factors/recovery-codes/",
    "factors/recovery-codes/make/",
    "confirm/password/",
    "confirm/code/",
    "sign-out/",
]
# (path, whether the person has an app): there is nothing to show, or nothing to add.
EXCEPTIONS = {
    ("factors/app/add/", True): 302,
    ("factors/app/remove/", False): 404,
    ("factors/recovery-codes/", False): 404,
    ("confirm/code/", False): 302,
}
OPEN_PAGES = [
    "sign-in/",
    "closed/",
    "invitation/",
    "password/reset/",
    "password/reset/sent/",
    "password/reset/done/",
    "password/reset/abc-def/",
]


def check_inline(page):
    """Nothing that the content security policy refuses, and one heading of the first level."""
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)
    for script in re.findall(r"<script([^>]*)>", page):
        assert "src=" in script or "application/json" in script
    assert len(re.findall(r"<h1[ >]", page)) == 1
    assert page.count("<title>") == 1


@pytest.mark.parametrize("has_app", [False, True])
@pytest.mark.parametrize("path", PAGES)
def test_page_needs_a_sign_in_and_nothing_inline(client, ada, path, has_app):
    assert client.get(ACCOUNT + path).status_code == 302
    if has_app:
        add_app(ada)
        add_recovery_codes(ada)
    sign_in(client, ada, code=code_of() if has_app else None)

    response = client.get(ACCOUNT + path)

    assert response.status_code == EXCEPTIONS.get((path, has_app), 200)
    if response.status_code == 200:
        check_inline(response.content.decode())


@pytest.mark.parametrize("path", OPEN_PAGES)
def test_open_page_needs_no_sign_in_and_nothing_inline(client, db, path):
    response = client.get(ACCOUNT + path)

    assert response.status_code == (404 if path == "invitation/" else 200)
    check_inline(response.content.decode())


def test_second_factor_page_has_nothing_inline(client, ada):
    add_app(ada)
    page = client.post(
        ACCOUNT + "sign-in/",
        {"login": ada.email, "password": "lantern gravel orbit 7"},
        follow=True,
    )

    assert page.redirect_chain == [(ACCOUNT + "sign-in/second-factor/", 302)]
    check_inline(page.content.decode())


def test_limit_page_has_nothing_inline(client, ada):
    for _ in range(4):
        page = client.post(ACCOUNT + "password/reset/", {"email": ada.email})

    assert page.status_code == 429
    check_inline(page.content.decode())


def test_name_change_changes_the_name_and_is_noted(client, ada):
    sign_in(client, ada)

    response = client.post(ACCOUNT + "name/", {"name": "  Ada Bergström "})

    assert response["Location"] == ACCOUNT
    ada.refresh_from_db()
    assert ada.name == "Ada Bergström"
    assert actions_of(ada)[-1] == "account.renamed"
    assert list(ada.events.order_by("pgh_id").values_list("name", flat=True)) == [
        "Ada Berg",
        "Ada Bergström",
    ]


@pytest.mark.parametrize("name", ["", "   ", "x" * 151])
def test_name_change_keeps_what_was_typed_and_says_what_is_wrong(client, ada, name):
    sign_in(client, ada)

    response = client.post(ACCOUNT + "name/", {"name": name})

    assert response.status_code == 200
    assert response.context["form"]["name"].value() == name
    assert response.context["form"].errors["name"]
    ada.refresh_from_db()
    assert ada.name == "Ada Berg"


def test_history_holds_no_password(ada):
    fields = {field.name for field in ada.events.model._meta.get_fields()}

    assert not fields & {"password", "last_login"}


def test_account_shows_how_one_signs_in(client, ada):
    add_app(ada)
    codes = add_recovery_codes(ada)
    sign_in(client, ada, code=codes[0])

    page = client.get(ACCOUNT).content.decode()

    assert ada.email in page
    assert "9 not used yet" in page
    assert client.defaults["REMOTE_ADDR"] in page
    assert not any(code in page for code in codes)
