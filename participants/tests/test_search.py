"""Finding by name: what is typed, what may be seen."""

import pytest
from django.utils import timezone

from participants.folding import words
from participants.models import Participant
from participants.search import matches, search
from participants.tests.factories import make_participant, make_release
from regions.tests.factories import today_in


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("ana", "Ana Example"),
        ("EXA an", "Ana Example"),
        ("celine", "Céline Böhm"),
        ("bohm", "Céline Böhm"),
        ("Ñan", "Ana Nandu"),
        ("nguyen", "Nguyễn Thị"),
        ("strasse", "Eva Straße"),
        ("sullivan", "Pat O’Sullivan"),
        ("harrington", "Jo Fitzwilliam-Harrington"),
        ("محمود", "نور الهدى محمود"),
        ("နော်ဧး", "နော်ဧးထူ"),
        ("шев", "Оксана Шевченко"),
    ],
)
def test_matches_prefixes_without_case_and_accents(typed, name):
    assert matches(name, words(typed))


@pytest.mark.parametrize(("typed", "name"), [("na", "Ana Example"), ("ana x", "Ana Example")])
def test_matches_nothing_in_the_middle_of_a_word(typed, name):
    assert not matches(name, words(typed))


def found(text, viewer):
    people = Participant.objects.visible_to(viewer, today_in())
    return set(search(people, text, viewer, timezone.now()))


def test_search_finds_a_name_only_for_whom_a_release_covers(
    river_agency, region_2, river_provider, river_other_provider, river_specialist
):
    ana = make_participant(river_agency, region_2, name="Ana Example", alias="Heron-1")
    bob = make_participant(river_agency, region_2, name="Bob Example", alias="Heron-2")
    make_release(ana, agencies=[river_agency])
    make_release(bob)
    assert found("example", river_provider) == {ana, bob}
    assert found("example", river_other_provider) == {bob}
    assert found("example", river_specialist) == {bob}
    assert found("heron", river_other_provider) == {ana, bob}
    assert found("", river_other_provider) == {ana, bob}
    assert found("!!", river_other_provider) == set()


def test_search_asks_the_database_the_same_for_1_and_30(
    django_assert_num_queries, river_agency, region_2, river_provider
):
    for _ in range(30):
        make_release(make_participant(river_agency, region_2))
    people = Participant.objects.filter(continuum=river_agency.continuum)
    with django_assert_num_queries(2):
        assert len(list(search(people, "ana", river_provider, timezone.now()))) == 30
    one = people.filter(pk=people.first().pk)
    with django_assert_num_queries(2):
        assert len(list(search(one, "ana", river_provider, timezone.now()))) == 1
