"""Finding by name: what is typed, what may be seen."""

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from participants.folding import words
from participants.known_names import Spelled
from participants.models import Participant
from participants.search import day_of, matches, may_match, pieces, search
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


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        # by part, in any order, folded
        ("soren tran", "Søren Trần"),
        ("tran soren", "Søren Trần"),
        ("thorsson", "Þórsson"),
        ("osullivan", "Pat O'Sullivan"),
        ("o'sullivan", "Pat OSullivan"),
        ("sullivan pat", "Pat O’Sullivan"),
        ("fitzwilliamharrington", "Jo Fitzwilliam-Harrington"),
        ("anamaria", "Ana María Ruiz"),
        ("ana-maria", "Anamaria Ruiz"),
        ("allister", "DeShawn McAllister"),
        ("mueller", "Jürgen Müller"),
        ("oezil", "Özil"),
        ("LOPEZ", "lópez garcía"),
        ("heron12", "Heron-12"),
        ("heron 12", "Heron-12"),
        ("HERON-12", "Heron-12"),
        # one mistake in words of five letters and more
        ("whitcomb", "Rosalind Whitcombe"),
        ("whitcimbe", "Rosalind Whitcombe"),
        ("whtcombe", "Rosalind Whitcombe"),
        ("whitcoombe", "Rosalind Whitcombe"),
        ("whictombe", "Rosalind Whitcombe"),
        ("rosalnid whitcobme", "Rosalind Whitcombe"),
        ("vhitcombe", "Rosalind Whitcombe"),
        ("osulivan", "Pat O’Sullivan"),
        ("nguyne", "Nguyễn Thị"),
        ("hernandz", "Hernández"),
        ("quintanila", "Marisol Quintanilla"),
    ],
)
def test_matches_parts_in_any_order_with_one_mistake(typed, name):
    assert matches(name, words(typed))


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("na", "Ana Example"),
        ("ana x", "Ana Example"),
        ("vagn", "Paj Vang"),  # four letters: no mistake is forgiven
        ("whotcimbe", "Rosalind Whitcombe"),  # two mistakes
        ("rosalind smith", "Rosalind Whitcombe"),
        ("12345", "Heron-12346"),  # nor in a number
        ("heron 13", "Heron-12"),
    ],
)
def test_matches_nothing_else(typed, name):
    assert not matches(name, words(typed))


ALPHABET = "abcdefghijklmnopqrstuvwxyz"


@given(st.text(ALPHABET, min_size=5, max_size=12), st.data())
def test_matches_forgives_any_one_mistake(name, data):
    """A wrong letter, one left out, one too many, or two that changed places: at every place."""
    place = data.draw(st.integers(0, len(name) - 1))
    letter = data.draw(st.sampled_from(ALPHABET))
    mistaken = [
        name[:place] + letter + name[place + 1 :],
        name[:place] + letter + name[place:],
        name[:place] + name[place + 1 :],
        name[:place] + name[place : place + 2][::-1] + name[place + 2 :],
    ]
    for typed in mistaken:
        if len(typed) >= 5:
            assert matches(f"Ana {name.title()}", [typed]), typed


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("04/12/1988", date(1988, 4, 12)),
        ("4/12/1988", date(1988, 4, 12)),
        ("4-12-1988", date(1988, 4, 12)),
        ("4/12/88", date(1988, 4, 12)),
        ("4/12/31", date(1931, 4, 12)),
        ("1988-04-12", date(1988, 4, 12)),
        ("April 12, 1988", date(1988, 4, 12)),
        ("apr 12 1988", date(1988, 4, 12)),
        ("12 April 1988", date(1988, 4, 12)),
        ("1988", None),
        ("13/13/1988", None),
        ("April", None),
        ("", None),
    ],
)
def test_day_of_reads_a_date_as_people_write_it(typed, day):
    assert day_of(typed, datetime(2026, 6, 1, tzinfo=UTC)) == day


def test_search_finds_by_birth_date_only_whose_name_shows(
    river_agency, region_2, river_provider, river_other_provider
):
    born = {"name": "Ana Example", "birth_date": date(1988, 4, 12)}
    ana = make_participant(river_agency, region_2, **born, alias="Heron-1")
    make_participant(river_agency, region_2, name="Bo Example", birth_date=date(1988, 4, 13))
    make_release(ana, agencies=[river_agency])
    for typed in ("04/12/1988", "1988-04-12", "Apr 12, 1988"):
        assert found(typed, river_provider) == {ana}
        assert found(typed, river_other_provider) == set()


def test_search_finds_by_hmis_id_for_whom_may_see_it(
    river_agency, region_2, river_provider, river_other_provider, river_specialist, three_provider
):
    ana = make_participant(river_agency, region_2, name="Ana Example", hmis_id="HX-4242")
    make_participant(river_agency, region_2, name="Bo Example", hmis_id="HX-4243")
    for typed in ("HX-4242", "hx-4242", " HX 4242 "):
        assert found(typed, river_provider) == {ana}
        assert found(typed, river_specialist) == {ana}
        assert found(typed, river_other_provider) == set()
        assert found(typed, three_provider) == set()
    assert found("HX-42", river_specialist) == set()
    make_release(ana)
    assert found("HX-4242", river_other_provider) == {ana}


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
    with django_assert_num_queries(5):
        assert len(list(search(people, "ana", river_provider, timezone.now()))) == 30
    one = people.filter(pk=people.first().pk)
    with django_assert_num_queries(5):
        assert len(list(search(one, "ana", river_provider, timezone.now()))) == 1


NAMES = [
    "Ana Example",
    "Søren Trần",
    "Jürgen Müller",
    "Bo\nNg",
    "محمود نور",
    "Pat O’Sullivan",
    "",
    "×",
]


@given(
    st.lists(st.one_of(st.sampled_from(NAMES), st.text(max_size=20)), max_size=12),
    st.one_of(
        st.sampled_from(["ana", "soren", "mueller", "osulivan", "ng bo"]), st.text(max_size=8)
    ),
)
def test_no_name_that_matches_is_told_apart_before_it_is_looked_at(names, typed):
    wanted = tuple(words(typed))
    needed = [(part, *pieces(part)) for part in wanted]
    assert all(may_match(Spelled(each), needed) for each in names if matches(each, wanted))


def test_search_finds_no_household_by_a_name_that_it_had_before(
    river_agency, region_2, river_specialist, river_provider
):
    """Only what the page would show is found: the present name, and to whom it may be told."""
    person = make_participant(river_agency, region_2, name="Rosalind Whitcombe")
    person.name = "Joan Newlastname"
    person.save()
    for viewer, text, expected in (
        (river_provider, "whitcombe", set()),
        (river_provider, "newlastname", {person.pk}),
        (river_specialist, "newlastname", set()),
    ):
        found = search(Participant.objects.all(), text, viewer, timezone.now())
        assert {each.pk for each in found} == expected


@pytest.mark.parametrize("many", [0, 500])
def test_search_of_many_finds_the_same(river_agency, region_2, river_provider, monkeypatch, many):
    monkeypatch.setattr("participants.search.MANY", many)
    one = make_participant(river_agency, region_2, name="Ana Xiong")
    make_participant(river_agency, region_2, name="Ben Sample")
    found = search(Participant.objects.all(), "xiong", river_provider, timezone.now())
    assert [each.pk for each in found] == [one.pk]
