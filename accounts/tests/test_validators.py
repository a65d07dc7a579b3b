import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.models import User

PERSON = User(email="maria.gonzalez@bridgehousing.example", name="Maria Gonzalez")


def codes(password):
    try:
        validate_password(password, PERSON)
    except ValidationError as error:
        return {each.code for each in error.error_list}
    return set()


@pytest.mark.parametrize(
    "password",
    [
        "lantern gravel orbit 7 teapot",
        "Kx7vQ2mZp9RtLw4sB",
        "nine-herons-cross-4-rivers",
        "ကမ္ဘာကြီးလှပသောနေရာ 7 တောတောင်",
        "tranquil dragon mowing sunshine 3",
    ],
)
def test_password_of_unrelated_words_is_accepted(password):
    assert codes(password) == set()


def test_password_shorter_than_15_is_refused():
    assert codes("gravel orbit 7") == {"password_too_short"}


def test_password_without_a_number_is_refused():
    assert codes("lantern gravel orbit teapot") == {"password_no_number"}


def test_password_without_a_letter_is_refused():
    assert "password_no_letter" in codes("839 204 771 562 018")


@pytest.mark.parametrize(
    "password",
    [
        "password12345678",
        "Password2024!!!!!",
        "12345678password",
        "passwordpassword1",
        "PasswordPasswordPassword9",
        "p4ssw0rdp4ssw0rd1",
        "P@$$w0rd20242024!",
        "abcabcabcabcabc1",
        "abcdefghijklmnop1",
        "qwertyuiopasdfgh1",
        "1qaz2wsx3edc4rfv",
        "iloveyouiloveyou2",
        "Case Conferencing 2026",
        "CaseConferencing1",
        "coordinatedentry2026",
        "!!sunshine!!2026!!",
        "a1a1a1a1a1a1a1a1",
    ],
)
def test_password_built_on_a_common_one_is_refused(password):
    assert "password_guessable" in codes(password)


def test_password_like_the_persons_own_address_is_refused():
    assert codes("maria.gonzalez2026x") == {"password_too_similar"}
