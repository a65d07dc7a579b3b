import pytest

from .factories import make_browser, make_person


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """Argon2 and the answer to a reset are slow by design; most tests here sign in."""
    settings.PASSWORD_RESET_SECONDS = 0
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def other_client():
    """A browser somewhere else."""
    return make_browser()


@pytest.fixture
def ada(db):
    return make_person()
