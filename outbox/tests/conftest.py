"""A mail server, a mail in the outbox, and kinds and steps that a test registers."""

from datetime import UTC, datetime

import pytest

from outbox import kinds, services, ticks
from outbox.services import messages
from outbox.tests.post import PostOffice

NOW = datetime(2026, 5, 20, 13, 0, tzinfo=UTC)


@pytest.fixture
def smtp_server(settings):
    """A mail server that Django sends to; its `answers` can be scripted."""
    office = PostOffice()
    office.start()
    use_server(settings, office)
    yield office
    office.stop()


def use_server(settings, office, **more):
    """Point Django at the server."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = office.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_TIMEOUT = 10
    for name, value in more.items():
        setattr(settings, name, value)


@pytest.fixture
def queue(db):
    """Queue a plain mail at `NOW`; keywords change it."""

    def make(key="greeting:1", **fields):
        fields = {
            "kind": "greeting",
            "address": "ann@example.org",
            "subject": "Region 2: your list is ready",
            "text": "Your list is ready in the portal.",
            "now": NOW,
        } | fields
        return services.queue_mail(dedupe_key=key, **fields)

    return make


@pytest.fixture
def register_kind():
    """Register a kind of mail for the time of a test."""
    names = []

    def register(name, **functions):
        names.append(name)
        kinds.register(name, **functions)

    yield register
    for name in names:
        kinds.unregister(name)


@pytest.fixture
def only_steps(monkeypatch):
    """Leave the tick just the steps that the test registers."""
    monkeypatch.setattr(ticks, "_steps", {})
    return ticks.register


@pytest.fixture(autouse=True)
def rested_broker(monkeypatch):
    """Forget that an earlier test met a stopped broker."""
    monkeypatch.setattr(messages, "_broker_rests_until", 0.0)
