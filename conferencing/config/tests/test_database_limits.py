"""One hung transaction stops nobody else: pages give up, say so, and the idle one is put out."""

import itertools
import threading
import time

import pytest
from django.db import OperationalError, connection, transaction

import audit.services
from accounts.tests.factories import make_browser
from audit.services import CHAIN_LOCK
from conferencing.config.database_limits import set_limits

NUMBERS = itertools.count()
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def hung():
    """A session that took the audit's lock in a transaction, and went to sleep."""
    other = connection.copy()
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
    yield other
    other.close()


@pytest.fixture
def as_page():
    """This test's connection with the limits of a page, but shorter."""

    def limit(target=connection, **seconds):
        set_limits(target, {"lock_timeout": 1, "statement_timeout": 3, **seconds})

    limit()
    yield limit
    connection.close()
    audit.services._Process.is_held_up_until = 0.0


@pytest.fixture
def browser(client):
    client.raise_request_exception = False
    return client


def sign_in_attempt(browser):
    """A page that writes into the audit: a wrong password, each time of somebody else."""
    login = f"nobody-{next(NUMBERS)}@example.org"
    return browser.post("/account/sign-in/", {"login": login, "password": "wrong"})


def test_a_page_that_waits_for_a_hung_transaction_answers_503(browser, hung, as_page):
    began = time.monotonic()
    answer = sign_in_attempt(browser)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert b"Nothing of yours was saved" in answer.content
    assert time.monotonic() - began < 15
    # The ones after it do not each wait as long.
    began = time.monotonic()
    answers = [sign_in_attempt(browser).status_code for _ in range(4)]
    assert answers == [503] * 4
    assert time.monotonic() - began < 15
    assert browser.get("/health/ready").status_code == 200
    hung.rollback()
    assert sign_in_attempt(browser).status_code == 200
    assert audit.services._Process.is_held_up_until == 0.0


def test_threads_that_wait_are_free_again_for_pages_that_need_no_audit(hung, as_page):
    """As many requests at once as a small process has threads, then one that only reads."""
    answers = []

    def ask():
        as_page()
        browser = make_browser()
        browser.raise_request_exception = False
        answers.append(sign_in_attempt(browser).status_code)
        connection.close()

    began = time.monotonic()
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert answers == [503] * 8
    assert time.monotonic() - began < 20


def test_whoever_sleeps_inside_a_transaction_is_put_out(as_page):
    sleeper = connection.copy()
    set_limits(sleeper, {"idle_in_transaction_session_timeout": 1})
    sleeper.set_autocommit(False)
    with sleeper.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
    as_page(lock_timeout=10, statement_timeout=15)
    with transaction.atomic():
        audit.services.lock_chain()
    sleeper.close()


def test_a_statement_that_never_ends_is_ended(as_page):
    as_page(statement_timeout=1)
    with pytest.raises(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(30)")


def test_a_database_that_takes_no_connection_answers_503(browser, settings, tmp_path):
    """Its connections are exhausted, or it is away: whatever the request carries."""
    usual = connection.settings_dict["HOST"]
    connection.close()
    connection.settings_dict["HOST"] = str(tmp_path)
    try:
        browser.cookies[settings.SESSION_COOKIE_NAME] = "an-old-session-of-somebody"
        for path in ("/", "/participants/"):
            answer = browser.get(path)
            assert (answer.status_code, answer["Retry-After"]) == (503, "5")
        ready = browser.get("/health/ready")
        assert (ready.status_code, ready.json()) == (503, {"database": "fails", "cache": "ok"})
        assert browser.get("/health/live").status_code == 200
    finally:
        connection.close()
        connection.settings_dict["HOST"] = usual


def test_limits_of_pages_and_of_workers(settings):
    """What each kind of process sets on its connections, in PostgreSQL's own words."""
    from conferencing.config import database_limits

    def shown():
        connection.close()
        names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        with connection.cursor() as cursor:
            found = []
            for name in names:
                cursor.execute("SELECT current_setting(%s)", [name])
                found.append(cursor.fetchone()[0])
        return found

    was = database_limits._Process.serves_pages
    try:
        database_limits._Process.serves_pages = False
        assert shown() == ["0", "0", "5min"]
        database_limits.serve_pages()
        assert shown() == ["30s", "5s", "1min"]
    finally:
        database_limits._Process.serves_pages = was
        connection.close()
