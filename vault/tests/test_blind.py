import datetime
import uuid

import pytest

from vault import blind
from vault.tests.conftest import key

RIVER = uuid.UUID(int=1)
THREE = uuid.UUID(int=2)
BIRTH = datetime.date(1990, 2, 28)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Zoë  O'Brien", "ZOE OBRIEN"),
        ("Anne-Marie", "anne marie "),
        ("Straße", "STRASSE"),
        ("Ａｎｎａ", "Anna"),
        (datetime.date(1990, 2, 28), datetime.date(1990, 2, 28)),
    ],
)
def test_normalised_is_the_same_for_spellings_of_a_value(one, other):
    assert blind.normalised(one) == blind.normalised(other) != ""


@pytest.mark.parametrize(("one", "other"), [("နော်", "နော"), ("Ann", "Anna"), ("1-11", "11-1")])
def test_normalised_keeps_different_values_apart(one, other):
    assert blind.normalised(one) != blind.normalised(other)


def test_candidates_are_one_per_key_newest_first_and_tell_nothing_alike(settings):
    settings.FIELD_KEYS = f"{key(2)},{key(1)}"
    found = blind.candidates("name", RIVER, "Zoë", BIRTH)
    assert [index[:4] for index in found] == [b"\x01\x02k2", b"\x01\x02k1"]
    assert len({index[4:] for index in found}) == 2
    assert [len(index) for index in found] == [36, 36]


def test_candidates_differ_by_purpose_continuum_and_place_of_the_value(settings):
    settings.FIELD_KEYS = key(1)
    all_found = [
        blind.candidates("name", RIVER, "Zoë", BIRTH),
        blind.candidates("other", RIVER, "Zoë", BIRTH),
        blind.candidates("name", THREE, "Zoë", BIRTH),
        blind.candidates("name", RIVER, BIRTH, "Zoë"),
        blind.candidates("name", RIVER, "Zo", "ë", BIRTH),
    ]
    assert len({found[0] for found in all_found}) == len(all_found)


def test_candidates_of_an_unknown_value_are_none(settings):
    settings.FIELD_KEYS = key(1)
    assert blind.candidates("name", RIVER, "Zoë", None) == []
    assert blind.candidates("name", RIVER, " - ", BIRTH) == []
