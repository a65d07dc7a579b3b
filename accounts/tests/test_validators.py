import random
import re

import pytest
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.models import User
from regions.models import Membership
from regions.tests.factories import make_continuum

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
        "!!sunshine!!2026!!",
        "a1a1a1a1a1a1a1a1",
        "Password1Password1!",
        "Welcome1 Welcome1 Welcome1",
        "monkey-12 MONKEY-34",
        "dragon77sunshine88",
        "p a s s w o r d 1 2 3 4 5 6",
        "Letmein!Letmein?123",
        "qwerty99 asdfgh 2026",
    ],
)
def test_password_built_on_a_common_one_is_refused(password):
    assert "password_guessable" in codes(password)


@pytest.fixture
def member(db):
    """Maria in a continuum of a name of its own."""
    user = User.objects.create_user(
        "mgz.ops@bridgehousing.example", name="María José Nuñez-Ng", password="x" * 20
    )
    continuum = make_continuum(code="MN-502", name="River Valleys CoC", zone="America/Chicago")
    Membership.objects.create(user=user, continuum=continuum)
    return user


@pytest.mark.parametrize(
    ("password", "whose"),
    [
        ("Case Conferencing 2026", "the system’s"),
        ("my caseconferencing pw 1", "the system’s"),
        ("C-A-S-E conf3r3ncing, orbit", "the system’s"),
        ("lantern COORDINATED entry 7", "the system’s"),
        ("gravel maria orbit 7 teapot", "your"),
        ("gravelMARIAorbit 7 teapot", "your"),
        ("gravel jos3 orbit teapot", "your"),
        ("J o s é gravel 7 teapot", "your"),
        ("lantern nunez 7 teapot pw", "your"),
        ("lantern ng gravel 7 teapot", "your"),
        ("orbit mgzops gravel 7 pots", "your"),
        ("river valleys orbit teapot 7", "your CoC’s"),
        ("The Valleys by the RIVER 7", "your CoC’s"),
        ("rIvErVaLlEyS-teapot-7", "your CoC’s"),
        ("teapot lantern MN-502 orbit", "your CoC’s"),
        ("teapot lantern mn 502 orbit", "your CoC’s"),
    ],
)
def test_password_that_holds_a_name_is_refused(member, password, whose):
    with pytest.raises(ValidationError) as caught:
        validate_password(password, member)
    found = [each.message for each in caught.value.error_list if each.code == "password_holds_name"]
    assert found == [
        f"Your password must not hold {whose} name: whoever guesses tries that first. Try four "
        "unrelated words and a number."
    ]


@pytest.mark.parametrize(
    "password",
    [
        "lantern gravel orbit 7 teapot",
        "the driver sings at noon 7",  # "river" alone is not the CoC's name
        "ring the evening bell 12 times",  # "ng" within words is not the person's
        "nine-herons-cross-4-rivers",
    ],
)
def test_password_that_holds_parts_of_names_by_chance_is_accepted(member, password):
    assert validate_password(password, member) is None


def test_passwords_of_four_random_words_are_nearly_all_accepted(member):
    """The price: of 400 made of four words of this project's own prose, at most 1 % fall."""
    prose = (settings.BASE_DIR / "docs" / "architecture.md").read_text().lower()
    words = sorted(set(re.findall(r"[a-z]{4,9}", prose)))
    chance = random.Random(7)  # noqa: S311
    refused = 0
    for _ in range(400):
        password = " ".join(chance.sample(words, 4)) + f" {chance.randrange(10)}"
        try:
            validate_password(password, member)
        except ValidationError:
            refused += 1
    assert refused <= 4


def test_password_like_the_persons_own_address_is_refused():
    assert codes("maria.gonzalez2026x") == {"password_too_similar", "password_holds_name"}
