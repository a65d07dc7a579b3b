"""What `make run` starts with: loaded once, and every printed account can be tried."""

import secrets
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from conferencing.example.accounts import example_accounts
from conferencing.models import Meeting
from conferencing.tests.pages import text_of
from participants.models import Participant
from regions.models import Continuum

pytestmark = pytest.mark.django_db
NO_STANDING = "You get no list and see no participants"


@pytest.fixture
def _quick_passwords(settings):
    """Argon2 is slow by design; here a dozen people sign in."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def load():
    said = StringIO()
    call_command("load_example", stdout=said)
    return said.getvalue().strip()


def everything():
    return [model.objects.count() for model in (Continuum, User, Participant, Meeting)]


def sign_in(address, password):
    """A browser at an address of its own: attempts are counted per address."""
    client = Client(REMOTE_ADDR=f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.1")
    answer = client.post("/account/sign-in/", {"login": address, "password": password})
    assert (address, answer.status_code, answer["Location"]) == (address, 302, "/")
    return client


def first_page(address, password):
    response = sign_in(address, password).get("/")
    assert (address, response.status_code) == (address, 200)
    return text_of(response)


@pytest.mark.usefixtures("_quick_passwords")
def test_load_example_once_and_everybody_printed_sees_their_first_page():
    assert load() == "Example data made: MN-502, MA-507."
    made = everything()
    assert load() == "Example data is there already."
    assert everything() == made

    names = dict(Continuum.objects.values_list("code", "name"))
    pages = {}
    for address, password, _role, code in example_accounts():
        pages[address] = first_page(address, password)
        assert names[code] in pages[address]
        assert "Example data" in pages[address]
    out = {address for address, page in pages.items() if NO_STANDING in page}
    assert out == {"lapsed@river.example", "unsigned@river.example", "unsigned@three.example"}
    assert "The roster is not settled." in pages["specialist@river.example"]
    assert "Sign the CES Partner Agreement" in pages["unsigned@river.example"]
    river = Continuum.objects.get(code="MN-502")
    assert [
        (region.name, [county.name for county in region.counties.order_by("name")])
        for region in river.regions.all()
    ] == [
        ("Region 1", ["Fillmore", "Goodhue", "Houston", "Olmsted", "Wabasha", "Winona"]),
        ("Region 2", ["Dodge", "Freeborn", "Mower", "Rice", "Steele"]),
        (
            "Region 3",
            [
                "Blue Earth",
                "Brown",
                "Faribault",
                "Le Sueur",
                "Martin",
                "Nicollet",
                "Sibley",
                "Waseca",
                "Watonwan",
            ],
        ),
    ]
    three = Continuum.objects.get(code="MA-507")
    assert [county.name for county in three.regions.get().counties.order_by("name")] == [
        "Berkshire",
        "Franklin",
        "Hampshire",
    ]
