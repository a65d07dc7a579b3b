"""What somebody typed comes back to them after sign-in: to them alone, and never by itself."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core.files import uploadedfile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import resolve
from django.utils import timezone

from accounts import services
from accounts.models import HeldForm, User
from accounts.tests.factories import PASSWORD, make_person, sign_in
from accounts.tests.test_middleware import wind_back

pytestmark = pytest.mark.django_db
NAME = "/account/name/"
TYPED = "Ada Lovelace-Byron"


@pytest.fixture
def browser():
    """One that is asked for the forms' tokens, as real ones are."""
    return Client(enforce_csrf_checks=True, REMOTE_ADDR="10.9.8.7")


def enter(client, person):
    """Sign in through the page, with its token."""
    page = client.get("/account/sign-in/")
    return client.post(
        "/account/sign-in/",
        {
            "login": person.email,
            "password": PASSWORD,
            "csrfmiddlewaretoken": page.context["csrf_token"],
        },
    )


def form_of_page(client, **values):
    page = client.get(NAME)
    return {"csrfmiddlewaretoken": str(page.context["csrf_token"]), **values}


def test_a_form_of_an_idle_session_comes_back_after_sign_in(browser, ada):
    enter(browser, ada)
    form = form_of_page(browser, name=TYPED)
    wind_back(browser, 31 * 60)

    away = browser.post(NAME, form)
    enter(browser, ada)
    page = browser.get(NAME)

    assert away["Location"] == "/account/sign-in/?next=%2Faccount%2Fname%2F"
    assert page.context["form"]["name"].value() == TYPED
    assert "Not saved yet" in page.content.decode()
    assert User.objects.get(pk=ada.pk).name == "Ada Berg"


def test_a_form_of_a_session_ended_from_another_browser_comes_back(browser, ada):
    enter(browser, ada)
    form = form_of_page(browser, name=TYPED)
    enter(Client(enforce_csrf_checks=True, REMOTE_ADDR="10.9.8.6"), ada)

    assert browser.post(NAME, form).status_code == 302
    enter(browser, ada)

    assert browser.get(NAME).context["form"]["name"].value() == TYPED


def test_a_form_of_a_tab_from_before_the_last_sign_in_comes_back_at_once(browser, ada):
    enter(browser, ada)
    form = form_of_page(browser, name=TYPED)
    browser.cookies.pop("sessionid")
    enter(browser, ada)

    away = browser.post(NAME, form)

    assert (away.status_code, away["Location"]) == (302, NAME)
    assert browser.get(NAME).context["form"]["name"].value() == TYPED
    assert User.objects.get(pk=ada.pk).name == "Ada Berg"


def test_a_form_is_given_to_nobody_else_at_the_same_browser(browser, ada):
    other = make_person(name="Bo Else")
    enter(browser, ada)
    form = form_of_page(browser, name=TYPED)
    browser.cookies.pop("sessionid")
    enter(browser, other)

    refused = browser.post(NAME, form)
    page = browser.get(NAME)
    held = HeldForm.objects.get()

    assert refused.status_code == 403
    assert TYPED not in refused.content.decode() + page.content.decode()
    assert page.context["form"]["name"].value() == "Bo Else"
    assert held.user == ada
    assert browser.get(f"/account/held/{held.pk}/").status_code == 404
    form = form_of_page(browser)
    assert browser.post(f"/account/held/{held.pk}/discard/", form).status_code == 404


def test_nothing_is_held_without_a_token_that_was_made_for_somebody(browser, ada):
    browser.get("/account/sign-in/")
    for token in ("", "x" * 64, "é" * 64, browser.cookies["csrftoken"].value):
        browser.post(NAME, {"name": TYPED, "csrfmiddlewaretoken": token})
        answer = browser.post(
            "/account/held/",
            {"name": TYPED, "csrfmiddlewaretoken": token},
            headers={"X-Held-Path": NAME},
        )
        assert answer.status_code == 403

    assert HeldForm.objects.count() == 0


def test_what_waits_is_sealed_and_holds_no_secret_and_no_file(browser, ada):
    enter(browser, ada)
    file = SimpleUploadedFile("scan.pdf", b"%PDF the scan")
    form = form_of_page(browser, name=TYPED, password="pass-1-word", code="123456", scan=file)
    wind_back(browser, 31 * 60)
    browser.post(NAME, form)

    with connection.cursor() as cursor:
        cursor.execute("SELECT path, body::text FROM accounts_heldform")
        [(path, body)] = cursor.fetchall()
    held = HeldForm.objects.get()

    assert (path, held.fields) == (NAME, [["name", [TYPED]]])
    assert "Lovelace" not in body
    assert "TG92ZWxhY2" not in body


def test_a_file_of_a_form_that_waits_is_never_laid_on_a_disk(browser, ada, tmp_path, settings):
    """Large ones would be, in clear, by Django's own way of taking them."""
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    made = []
    settings.FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
    enter(browser, ada)
    form = form_of_page(browser, region="x", notes=TYPED)
    wind_back(browser, 31 * 60)
    file = SimpleUploadedFile("export.zip", b"PK" + b"x" * 4_000_000)
    with patched_temporary_files(made):
        # The page of imports takes its files sealed, and so is read by nobody before.
        browser.post("/set-up/import/add/", form | {"files": file})

    assert made == []
    assert HeldForm.objects.get().words == [TYPED]


@contextmanager
def patched_temporary_files(made):
    """Note each file that Django lays on the disk for an upload, while it lasts."""
    former = uploadedfile.TemporaryUploadedFile.__init__

    def noting(self, name, *args, **kwargs):
        made.append(name)
        former(self, name, *args, **kwargs)

    uploadedfile.TemporaryUploadedFile.__init__ = noting
    try:
        yield
    finally:
        uploadedfile.TemporaryUploadedFile.__init__ = former


def test_forms_of_signing_in_are_not_held(browser, ada):
    enter(browser, ada)
    form = form_of_page(browser, oldpassword=PASSWORD, password1="a b c", reason="words")
    wind_back(browser, 31 * 60)

    browser.post("/account/password/change/", form)

    assert HeldForm.objects.count() == 0


def test_what_waited_goes_when_it_is_sent_or_discarded_or_old_or_at_sign_out(browser, ada):
    def hold_again():
        form = form_of_page(browser, name=TYPED)
        wind_back(browser, 31 * 60)
        browser.post(NAME, form)
        enter(browser, ada)
        return HeldForm.objects.get()

    enter(browser, ada)
    hold_again()
    page = browser.get(NAME)
    sent = form_of_page(browser, name=page.context["form"]["name"].value())
    assert browser.post(NAME, sent).status_code == 302
    assert User.objects.get(pk=ada.pk).name == TYPED
    assert HeldForm.objects.count() == 0

    held = hold_again()
    browser.post(f"/account/held/{held.pk}/discard/", form_of_page(browser))
    assert HeldForm.objects.count() == 0
    assert "Not saved yet" not in browser.get(NAME).content.decode()

    held = hold_again()
    HeldForm.objects.update(held_at=timezone.now() - timedelta(hours=12, seconds=1))
    assert "Not saved yet" not in browser.get(NAME).content.decode()
    services.clear_sessions(timezone.now())
    assert HeldForm.objects.count() == 0

    hold_again()
    browser.post("/account/sign-out/", form_of_page(browser))
    assert HeldForm.objects.count() == 0


def test_a_page_that_closes_leaves_its_form_and_says_where_it_comes_back(browser, ada):
    enter(browser, ada)
    form = form_of_page(browser, name=TYPED)
    browser.cookies.pop("sessionid")

    answer = browser.post("/account/held/", form, headers={"X-Held-Path": NAME})
    enter(browser, ada)

    assert answer.json() == {"path": NAME}
    assert browser.get(NAME).context["form"]["name"].value() == TYPED


@pytest.mark.parametrize(
    "target",
    ["//evil.example/", "https://evil.example/", "", "/no/such/page/", "/account/sign-in/"],
)
def test_a_page_that_closes_leaves_nothing_for_other_places(browser, ada, target):
    enter(browser, ada)
    form = form_of_page(browser, name=TYPED)

    browser.post("/account/held/", form, headers={"X-Held-Path": target})

    assert HeldForm.objects.count() == 0


def test_only_the_newest_forms_of_a_person_wait(ada):
    from accounts.held_forms import PER_PERSON, keep

    now = timezone.now()
    for number in range(PER_PERSON + 5):
        keep(ada, f"/page/{number}/", "{}", now=now + timedelta(seconds=number))
    keep(ada, "/page/24/", "{}", now=now + timedelta(minutes=2))

    left = {held.path for held in HeldForm.objects.all()}
    assert left == {f"/page/{number}/" for number in range(5, PER_PERSON + 5)}


def test_a_form_with_more_than_is_kept_is_refused_as_before(browser, ada):
    enter(browser, ada)
    form = form_of_page(browser, name="x" * 300_000)
    wind_back(browser, 31 * 60)

    assert browser.post(NAME, form).status_code == 302
    assert HeldForm.objects.count() == 0


def test_pages_without_a_held_form_cost_nothing_more(client, ada, django_assert_num_queries):
    sign_in(client, ada)
    client.get(NAME)
    with django_assert_num_queries(1):
        client.get(NAME)


@pytest.mark.parametrize(
    ("sql", "app"),
    [
        ('INSERT INTO "conferencing_nomination" ("id") VALUES (1) ON CONFLICT DO NOTHING', "conf"),
        ('UPDATE "participants_release" SET "state" = 1', "part"),
        ('SELECT set_config(\'a\', \'b\', true); DELETE FROM "agreements_agency"', "agre"),
        ('WITH gone AS (DELETE FROM outbox_message RETURNING id) SELECT * FROM gone', "outb"),
        ('SELECT "id" FROM "conferencing_meeting" FOR NO KEY UPDATE OF "conferencing_meeting"', ""),
        ('SELECT "update_at" AS "update" FROM "outbox_message" FOR UPDATE', ""),
        ('INSERT INTO "audit_auditentry" ("id") VALUES (1)', "audi"),
    ],
)  # fmt: skip
def test_a_statement_that_writes_is_told_from_one_that_reads(sql, app):
    from accounts.held_forms import written_table

    assert written_table(sql)[:4] == app


def test_while_a_waiting_form_is_shown_the_database_refuses_to_write(rf, ada):
    from accounts.held_forms import NotAsked, nothing_is_done

    request = rf.get(NAME)
    request.resolver_match = resolve(NAME)
    with nothing_is_done(request):
        assert User.objects.get(pk=ada.pk).name == "Ada Berg"
        with pytest.raises(NotAsked), transaction.atomic():
            User.objects.filter(pk=ada.pk).update(name=TYPED)
    assert request.was_refused_to_act
    assert User.objects.get(pk=ada.pk).name == "Ada Berg"
    User.objects.filter(pk=ada.pk).update(name=TYPED)
