import secrets

import pytest
from django.test import Client

from .factories import make_person


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """Argon2 and the answer to a reset are slow by design; most tests here sign in."""
    settings.PASSWORD_RESET_SECONDS = 0
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def client():
    """A browser at an address of its own: attempts are counted per address in the shared cache."""
    return make_browser()


@pytest.fixture
def other_client():
    """A browser somewhere else."""
    return make_browser()


def make_browser():
    address = f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.{secrets.randbelow(256)}"
    return Client(REMOTE_ADDR=address, HTTP_USER_AGENT="Firefox")


@pytest.fixture
def ada(db):
    return make_person()
