"""Which records are proposed as one person's, what is decided, and what its pages show to whom."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from conferencing.tests.pages import hidden, text_of
from conferencing.tests.world import signed_in
from participants.merges.acts import PROVIDERS_OWN
from participants.merges.pairs import (
    dismiss_pair,
    find_due,
    find_duplicates,
    propose_pair,
    put_off_pair,
)
from participants.merges.reasons import (
    MOST_OF_A_KIND,
    Reason,
    Traits,
    pairs,
    reasons,
)
from participants.models import DuplicatePair, DuplicateSearch, Merge, Participant
from participants.services.disclosures import entries_about
from participants.services.on_file import possible_duplicates
from participants.services.retention import deidentify
from participants.tests.factories import (
    make_merge,
    make_pair,
    make_participant,
    make_release,
)
from regions.tests.factories import today_in

BORN = date(1980, 4, 12)
LIST = "participants:duplicates"


def traits(key, **fields):
    given = {"alias": f"Heron-{key}", "name": "ana example", "region": 1, "county": 1, "size": 1}
    return Traits(key=key, **(given | fields))


# The rule


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ({"birth_date": BORN}, {"birth_date": BORN}, [Reason.IDENTITY]),
        ({"birth_date": BORN}, {"birth_date": date(1980, 12, 4)}, [Reason.NEAR_DATE]),
        ({"birth_date": BORN}, {"birth_date": date(1981, 4, 12)}, [Reason.NEAR_DATE]),
        ({"birth_date": BORN}, {"birth_date": date(1991, 7, 12)}, []),
        ({"birth_date": BORN}, {}, [Reason.NAME_ALONE]),
        ({"birth_date": BORN}, {"region": 2}, []),
        (
            {"birth_date": BORN},
            {"birth_date": BORN, "name": "ann", "size": 2},
            [Reason.BIRTH_AND_PLACE],
        ),
        ({"birth_date": BORN}, {"birth_date": BORN, "name": "ann", "size": 4}, []),
        ({"birth_date": BORN}, {"birth_date": BORN, "name": "ann", "county": 2}, []),
        ({"name": None, "birth_date": BORN}, {"name": None, "birth_date": None}, []),
        ({"name": "a", "hmis_id": "H1"}, {"name": "b", "hmis_id": "H1"}, [Reason.HMIS_ID]),
        ({"name": "a"}, {"name": "b", "aliases_named": {"heron-1"}}, [Reason.ALIAS_NAMED]),
    ],
)
def test_reasons_say_what_speaks_for_one_person(one, other, found):
    assert reasons(traits(1, **one), traits(2, **other)) == found
    assert reasons(traits(2, **other), traits(1, **one)) == found


def test_reasons_never_guess_at_a_victim_service_providers_household():
    known = traits(1, birth_date=BORN, aliases_named={"heron-2"})
    secret = traits(2, birth_date=BORN, is_confidential=True)
    assert reasons(known, secret) == []
    assert reasons(secret, known) == []
    assert list(pairs([known, secret])) == []


def test_pairs_are_found_once_and_not_in_a_crowd():
    two = [traits(1, birth_date=BORN), traits(2, birth_date=BORN)]
    assert [(a.key, b.key) for a, b, _ in pairs(two)] == [(1, 2)]
    crowd = [traits(n, name=f"n{n}", birth_date=BORN) for n in range(MOST_OF_A_KIND + 1)]
    assert list(pairs(crowd)) == []


# The search


@pytest.fixture
def two(river_agency, river_other_agency, region_2):
    one = make_participant(river_agency, region_2, name="Ana Exämple", birth_date=BORN)
    other = make_participant(
        river_other_agency, region_2, name="ana example", birth_date=BORN, notes="Ana is out"
    )
    return one, other


def waiting(continuum):
    on = today_in(continuum.zone)
    return [set(each.reasons) for each in DuplicatePair.objects.waiting(on)]


def test_find_duplicates_proposes_a_pair_once(two, river):
    for _ in range(2):
        assert find_duplicates(river, now=timezone.now()) == 1
    assert waiting(river) == [{"identity"}]


def test_find_duplicates_asks_the_same_of_the_database_however_many(
    two, river, river_agency, region_2
):
    find_duplicates(river, now=timezone.now())
    counts = []
    for more in (0, 30):
        for n in range(more):
            born = BORN + timedelta(days=400 * n + 1)
            for _ in range(2):
                make_participant(river_agency, region_2, name=f"Person {n}", birth_date=born)
        DuplicatePair.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            find_duplicates(river, now=timezone.now())
        counts.append(len(queries))
    assert len(DuplicatePair.objects.all()) == 31
    assert counts == [8, 8]


def test_find_duplicates_keeps_continuums_apart(two, river, three_agency, three_region):
    make_participant(three_agency, three_region, name="Ana Example", birth_date=BORN)
    find_duplicates(three_agency.continuum, now=timezone.now())
    assert DuplicatePair.objects.count() == 0


def test_find_duplicates_forgets_what_nothing_speaks_for_any_more(two, river):
    find_duplicates(river, now=timezone.now())
    two[0].birth_date = date(1950, 1, 1)
    two[0].save()
    find_duplicates(river, now=timezone.now())
    assert DuplicatePair.objects.count() == 0


def test_dismiss_pair_holds_until_what_mattered_changes(two, river, river_specialist):
    now = timezone.now()
    find_duplicates(river, now=now)
    dismiss_pair(DuplicatePair.objects.get(), why="Met both", actor=river_specialist, now=now)
    two[0].contact = "555 0100"
    two[0].save()
    find_duplicates(river, now=now)
    assert waiting(river) == []
    two[0].hmis_id = "H-9"
    two[0].save()
    find_duplicates(river, now=now)
    assert waiting(river) == [{"identity"}]
    assert DuplicatePair.objects.get().why is None


def test_put_off_pair_comes_back_after_two_weeks(two, river, river_specialist):
    now = timezone.now()
    pair = make_pair(*two, by=river_specialist)
    put_off_pair(pair, actor=river_specialist, now=now)
    today = today_in(river.zone)
    assert not DuplicatePair.objects.waiting(today).exists()
    assert not DuplicatePair.objects.waiting(today + timedelta(days=13)).exists()
    assert DuplicatePair.objects.waiting(today + timedelta(days=14)).exists()


def test_find_due_looks_after_a_change_alone(two, river):
    now = timezone.now()
    find_due(now)
    assert waiting(river) == [{"identity"}]
    DuplicatePair.objects.all().delete()
    find_due(now + timedelta(minutes=20))
    assert waiting(river) == []
    assert DuplicateSearch.objects.get(continuum=river).searched_at == now + timedelta(minutes=20)
    DuplicateSearch.objects.filter(continuum=river).update(searched_at=now - timedelta(hours=1))
    find_due(now)
    assert waiting(river) == [{"identity"}]


def test_propose_pair_is_kept_although_nothing_else_speaks_for_it(
    river, river_agency, region_2, river_specialist
):
    one, other = (make_participant(river_agency, region_2, name=name) for name in ("A", "B"))
    make_pair(one, other, by=river_specialist)
    find_duplicates(river, now=timezone.now())
    assert waiting(river) == [{"by_hand"}]


# Pages


def test_duplicates_counts_on_the_specialists_first_page(two, river, river_specialist):
    find_duplicates(river, now=timezone.now())
    words = text_of(signed_in(river_specialist).get(reverse("conferencing:home")))
    assert "1 possible duplicate" in words
    other = text_of(signed_in(river_specialist).get(reverse(LIST)))
    assert "The same name and birth date" in other


def test_duplicates_asks_the_same_of_the_database_with_1_and_30(
    two, river, river_agency, region_2, river_specialist
):
    client, counts = signed_in(river_specialist), []
    client.get(reverse(LIST))
    for more in (0, 30):
        for n in range(more):
            born = BORN + timedelta(days=400 * n + 1)
            for _ in range(2):
                make_participant(river_agency, region_2, name=f"Person {n}", birth_date=born)
        find_duplicates(river, now=timezone.now())
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(LIST)).status_code == 200
        counts.append(len(queries))
    assert counts == [23, 23]


def test_duplicate_pages_name_both_or_nobody(two, river_specialist):
    pair = make_pair(*two, by=river_specialist)
    client = signed_in(river_specialist)
    make_release(two[0])
    for path in (pair.get_absolute_url(), reverse(LIST)):
        # "The same name" beside one name would name the other one, whom no release covers.
        words = text_of(client.get(path))
        assert "ana exämple" not in words.casefold()
        assert "ana example" not in words.casefold()
        assert all(each.alias in words for each in two)
    looks = AuditEntry.objects.filter(action="duplicates.viewed")
    assert {each.detail["page"] for each in looks} == {"duplicate", "duplicates"}
    assert all("named_under" not in each.detail or not each.detail["named_under"] for each in looks)
    make_release(two[1])
    words = text_of(client.get(pair.get_absolute_url()))
    assert "Ana Exämple" in words
    assert "ana example" in words
    shown = [str(each.pk) for each in two]
    last = looks.latest("at")
    assert last.detail["participants"] == sorted(shown)
    assert last.detail["named_under"] == {str(each.pk): str(each.releases.get().pk) for each in two}


def test_duplicate_detail_shows_words_without_a_name_that_no_release_covers(two, river_specialist):
    pair = make_pair(*two, by=river_specialist)
    make_release(two[0])
    words = text_of(signed_in(river_specialist).get(pair.get_absolute_url()))
    assert "Ana is out" not in words
    assert any(f"{each.alias} is out" in words for each in two)
    assert "On file; not shown to you without a release" in words


def post_join(client, pair, **values):
    page = client.get(pair.get_absolute_url())
    fields = page.context["form"].fields
    data = {name: field.initial or "" for name, field in fields.items()}
    return client.post(pair.get_absolute_url(), data | {"seen": hidden(page, "seen")} | values)


def test_duplicate_detail_joins_and_the_former_page_leads_on(
    two, river_specialist, river_provider, three_specialist
):
    make_release(two[0])
    pair = make_pair(*two, by=river_specialist)
    stays = "one" if pair.one_id == two[0].pk else "other"
    response = post_join(signed_in(river_specialist), pair, keeper=stays)
    assert response.url == two[0].get_absolute_url()
    assert Merge.objects.get().keeper == two[0]
    former = two[1].get_absolute_url()
    assert signed_in(river_provider).get(former).url == two[0].get_absolute_url()
    assert signed_in(three_specialist).get(former).status_code == 404
    assert signed_in(river_specialist).get(pair.get_absolute_url()).status_code == 404


def test_duplicate_detail_says_that_a_record_changed_meanwhile(two, river_specialist):
    client = signed_in(river_specialist)
    pair = make_pair(*two, by=river_specialist)
    response = post_join(client, pair, seen="long ago")
    assert "Somebody changed one of the two" in text_of(response)
    assert Merge.objects.count() == 0


def test_duplicate_dismiss_needs_a_reason(two, river_specialist):
    pair = make_pair(*two, by=river_specialist)
    with pytest.raises(ValidationError):
        dismiss_pair(pair, why=" ", actor=river_specialist, now=timezone.now())
    client = signed_in(river_specialist)
    url = reverse("participants:duplicate_dismiss", args=[pair.pk])
    assert "Fill in “" in text_of(client.post(url, {"why": ""}))
    assert client.post(url, {"why": "Met both"}).url == reverse(LIST)
    pair.refresh_from_db()
    assert (pair.state, pair.why) == ("different", "Met both")


def test_duplicate_put_off_leaves_the_pair_undecided(two, river_specialist):
    pair = make_pair(*two, by=river_specialist)
    url = reverse("participants:duplicate_put_off", args=[pair.pk])
    assert signed_in(river_specialist).post(url).url == reverse(LIST)
    pair.refresh_from_db()
    assert pair.state == "waiting"
    assert pair.put_off_until is not None


def test_duplicate_choose_finds_the_other_by_its_alias(
    two, river_vsp_agency, region_2, river_specialist
):
    client = signed_in(river_specialist)
    url = reverse("participants:duplicate_choose", args=[two[0].pk])
    assert "has this alias" in text_of(client.post(url, {"alias": "Nobody-1"}))
    assert "the same record" in text_of(client.post(url, {"alias": two[0].alias}))
    secret = make_participant(river_vsp_agency, region_2)
    assert PROVIDERS_OWN in text_of(client.post(url, {"alias": secret.alias}))
    response = client.post(url, {"alias": two[1].alias.lower()})
    assert response.url == DuplicatePair.objects.get().get_absolute_url()


def test_merge_undo_takes_them_apart_or_says_why_not(two, river_specialist):
    client = signed_in(river_specialist)
    merge = make_merge(*two, by=river_specialist)
    url = reverse("participants:merge_undo", args=[merge.pk])
    make_release(two[0])
    assert "This cannot be undone as things are" in text_of(client.get(url))
    assert "A release was recorded since" in text_of(client.post(url, {"why": "Sisters"}))
    two[0].releases.update(revoked_at=timezone.now())
    assert client.post(url, {"why": "Sisters"}).url == two[1].get_absolute_url()
    assert "It was undone already." in text_of(client.get(url))
    assert Participant.objects.count() == 2


# What follows a record into the other


def test_possible_duplicates_finds_somebody_by_the_former_record(two, river, river_specialist):
    one, _ = two
    former = make_participant(one.agency, one.region, name="Annabelle Sample", birth_date=BORN)
    make_merge(one, former, by=river_specialist)
    found = possible_duplicates(river, name="annabelle sample", birth_date=BORN)
    assert list(found) == [Participant.objects.get(pk=one.pk)]


def test_merge_keeps_the_former_spelling_from_whom_no_release_covers(
    two, river_specialist, river_other_provider
):
    """Her notes were moved: they hold a spelling that the record which stays does not have."""
    one, _ = two
    former = make_participant(
        one.agency, one.region, name="Annabelle Sampleson", notes="Annabelle asked for a room"
    )
    make_merge(one, former, by=river_specialist, notes=former)
    words = text_of(signed_in(river_other_provider).get(one.get_absolute_url()))
    assert "asked for a room" in words
    assert "Annabelle" not in words


def test_merge_adds_the_former_records_disclosures(two, river_specialist, river_other_provider):
    one, other = two
    signed_in(river_other_provider).get(other.get_absolute_url())
    assert entries_about(one).count() == 0
    merge = make_merge(one, other, by=river_specialist)
    seen = entries_about(Participant.objects.get(pk=one.pk))
    assert [each.object_id for each in seen] == [str(other.pk)]
    assert merge.keeper == one


def test_deidentify_empties_the_former_record_and_the_merge(
    two, river, river_specialist, river_administrator
):
    one, other = two
    old = timezone.now() - timedelta(days=366 * 8)
    make_merge(one, other, by=river_specialist, now=old, values={"notes": "both"})
    Merge.objects.update(at=old)
    one.place.delete()
    one.place_changes.update(recorded_at=old)
    Participant.every.update(changed_at=old)
    done = deidentify(
        river,
        as_of=today_in(river.zone),
        reason="Seven years",
        actor=river_administrator,
        now=timezone.now(),
    )
    assert done == 1
    for record in Participant.every.all():
        assert (record.name, record.former_names, record.notes) == (None, None, "")
        assert record.alias.startswith("Former-")
        assert record.deidentified_at is not None
    assert Merge.objects.get().journal == []


# Guesses

GUESSES = [
    ("birth_date", date(1980, 2, 3), date(1981, 2, 3)),
    ("contact", "218 555 0100", "218 555 0101"),
    ("name", "Zyxwvut Qorvath", "Zyxwvut Other"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("field", "right", "wrong"), GUESSES)
def test_a_record_of_ones_own_beside_a_hidden_one_answers_no_guess(
    field, right, wrong, river_agency, region_2, river_specialist
):
    values = {"name": "Ida Other"} | {field: right}
    hidden_one = make_participant(river_agency, region_2, **values)
    own = make_participant(river_agency, region_2, name="Bea Own", named_by=river_specialist)
    desk, seen = signed_in(river_specialist), []
    for guess in (wrong, right):
        own = Participant.objects.get(pk=own.pk)
        setattr(own, field, guess)
        own.save()
        pair = propose_pair(own, hidden_one, actor=river_specialist, now=timezone.now())
        page = desk.get(pair.get_absolute_url())
        seen.append([pair.reasons, [key for key, *_ in page.context["form"].page["fields"]]])
    assert seen[0] == seen[1]
    assert field in seen[0][1]


@pytest.mark.django_db
def test_what_speaks_for_a_pair_by_hand_is_told_to_whoever_may_read_both(
    river_agency, region_2, river_provider
):
    two = [make_participant(river_agency, region_2, birth_date=BORN) for _ in range(2)]
    pair = propose_pair(*two, actor=river_provider, now=timezone.now())
    assert pair.reasons == [Reason.IDENTITY, Reason.BY_HAND]
