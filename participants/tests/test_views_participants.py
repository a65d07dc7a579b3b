"""The by-name list, one household, and the forms about it, as each person meets them."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.forms import NullBooleanField
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agreements.tests.factories import make_agency_in_standing, make_staff
from audit.models import AuditEntry
from conferencing.tests.factories import make_meeting, make_review, make_step
from conferencing.tests.pages import hidden, text_of
from participants.aliases import BIRDS
from participants.models import ListPlace, LivingSituation, Participant, PlaceChange
from participants.services.participants import change_participant
from participants.tests.factories import make_merge, make_participant, make_release, make_situation

LIST = "/participants/"
ADD = "/participants/add/"
NAMES = [
    "A" * 300,
    "Zoë 👩‍👧 Example",
    "نور الهدى محمود",
    "နော်ဧးထူ",
    "<b>Bob</b> & “Co” {{ x }}",
]


def today():
    return timezone.localdate(timezone=timezone.get_fixed_timezone(-360))


def typed(region, /, **changes):
    """What a person types into the form for a new household."""
    values = {
        "pk": str(uuid4()),
        "name": "Ana Sentinelle",
        "birth_date": "1980-02-03",
        "contact": "555-0100",
        "hmis_id": "H-77",
        "alias": "",
        "region": str(region.pk),
        "county": str(region.counties.first().pk),
        "adults": "1",
        "children": "2",
        "listed_on": today().isoformat(),
        "notes": "Likes the river",
    }
    return {name: value for name, value in (values | changes).items() if value is not None}


def edited(participant, page, **changes):
    """What the edit page sends back, with `changes`."""
    form = page.context["form"]
    values = {name: form[name].value() for name in form.fields}
    asked = {name for name, each in form.fields.items() if isinstance(each, NullBooleanField)}
    values = {
        name: {None: "unknown", True: "true", False: "false"}[value] if name in asked else value
        for name, value in values.items()
    }
    values = {
        name: "" if value is None else value for name, value in values.items() if value is not False
    }
    return {name: getattr(value, "pk", value) for name, value in (values | changes).items()}


def errors(response):
    """`{field: words}` of the form on the page; None is the whole form."""
    return {
        None if name == "__all__" else name: " ".join(words)
        for name, words in response.context["form"].errors.items()
    }


def acts(action=None):
    entries = AuditEntry.objects.filter(action__startswith="participant")
    return [each.action for each in entries.order_by("sequence") if action in (None, each.action)]


def queries(client, url):
    with CaptureQueriesContext(
        connection,
    ) as seen:
        response = client.get(url)
    assert response.status_code == 200
    return len(seen)


# The list


def aliases(response):
    return [row.participant.alias for row in response.context["rows"]]


@pytest.fixture
def four(river_agency, region_1, region_2):
    """Four households of two regions."""
    steele = region_2.counties.get(name="Steele")
    here = make_participant(river_agency, region_2, alias="A-1", days=10, is_veteran=True)
    there = make_participant(river_agency, region_1, alias="B-2", days=30)
    county = make_participant(river_agency, region_2, alias="C-3", days=20)
    Participant.objects.filter(pk=county.pk).update(county=steele)
    housed = make_participant(river_agency, region_2, alias="D-4", days=40)
    ListPlace.objects.filter(participant=housed).update(status="housed")
    return here, there, county, housed


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["B-2", "C-3", "A-1"]),
        ("sort=days", ["A-1", "C-3", "B-2"]),
        ("sort=alias", ["A-1", "B-2", "C-3"]),
        ("sort=-alias", ["C-3", "B-2", "A-1"]),
        ("sort=region", ["B-2", "A-1", "C-3"]),
        ("sort=;drop", ["B-2", "C-3", "A-1"]),
        ("status=all", ["D-4", "B-2", "C-3", "A-1"]),
        ("status=housed", ["D-4"]),
        ("status=nonsense", ["B-2", "C-3", "A-1"]),
        ("need=veteran", ["A-1"]),
        ("need=nonsense&region=nonsense&county=1&page=x", ["B-2", "C-3", "A-1"]),
        ("region={region_1}", ["B-2"]),
        ("county={steele}", ["C-3"]),
        ("region={region_1}&county={steele}", []),
    ],
)
def test_participant_list_filters_and_sorts(
    client, river_specialist, region_1, region_2, four, query, expected
):
    Participant.objects.filter(region=region_1).update(region=region_1)
    region_1.position, region_2.position = 1, 2
    region_1.save()
    region_2.save()
    client.force_login(river_specialist)
    keys = {"region_1": region_1.pk, "steele": region_2.counties.get(name="Steele").pk}
    response = client.get(f"{LIST}?{query.format(**keys)}")
    assert (response.status_code, aliases(response)) == (200, expected)


def test_participant_list_puts_those_without_a_place_last_either_way(
    client, river_specialist, river_agency, region_2
):
    make_participant(river_agency, region_2, alias="A-1", days=10)
    make_participant(river_agency, region_2, alias="Z-9", listed=False)
    client.force_login(river_specialist)
    for sort in ("days", "-days"):
        response = client.get(f"{LIST}?status=all&sort={sort}")
        assert aliases(response) == ["A-1", "Z-9"]


def test_participant_list_searches_by_post_with_pages_of_its_own(
    client, river_provider, river_agency, river_other_agency, region_2
):
    for number in range(52):
        person = make_participant(river_other_agency, region_2, name="Ana Sentinelle")
        if number != 51:
            make_release(person, agencies=[river_agency])
    client.force_login(river_provider)
    first = client.post(f"{LIST}?page=2", {"q": "sentin"})
    assert (len(first.context["rows"]), first.context["page"].paginator.count) == (50, 51)
    assert "Ana Sentinelle" in first.content.decode()
    second = client.post(LIST, {"q": "sentin", "page": "2"})
    assert len(second.context["rows"]) == 1
    assert client.get(f"{LIST}?page=2").context["page"].number == 2
    by_address = client.get(f"{LIST}?q=sentin")
    assert by_address.context["page"].paginator.count == 52
    entry = AuditEntry.objects.filter(action="participant.listed").order_by("sequence")[1]
    (row,) = second.context["rows"]
    assert entry.detail == {
        "participants": [str(row.participant.pk)],
        "named_under": {str(row.participant.pk): str(row.participant.releases.get().pk)},
        "searched": True,
    }


def test_participant_list_keeps_a_search_while_it_is_narrowed_and_the_filters_while_searched(
    client, river_provider, river_agency, region_2
):
    named = {"name": "Ana Sentinelle"}
    for alias, is_veteran in (("Heron-1", True), ("Heron-2", False)):
        person = make_participant(
            river_agency, region_2, alias=alias, is_veteran=is_veteran, **named
        )
        make_release(person, agencies=[river_agency])
    client.force_login(river_provider)

    def shown(response):
        return [row.participant.alias for row in response.context["rows"]]

    both = client.post(LIST, {"q": "sentin"})
    assert sorted(shown(both)) == ["Heron-1", "Heron-2"]
    # The filters beside a search send the search along, by POST.
    assert '<input type="hidden" name="q" value="sentin">' in both.content.decode()
    narrowed = client.post(LIST, {"q": "sentin", "is_narrowed": "1", "need": "veteran"})
    assert shown(narrowed) == ["Heron-1"]
    # The search box sends what the filters are now.
    assert 'action="?need=veteran"' in narrowed.content.decode()
    again = client.post(f"{LIST}?need=veteran", {"q": "ana"})
    assert shown(again) == ["Heron-1"]


def test_participant_list_records_whom_it_showed(client, river_provider, river_agency, region_2):
    people = [make_participant(river_agency, region_2, days=n) for n in (3, 2, 1)]
    client.force_login(river_provider)
    client.get(LIST)
    entry = AuditEntry.objects.get(action="participant.listed")
    assert entry.detail["participants"] == [str(each.pk) for each in people]
    assert entry.actor_id == river_provider.pk


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("participants:participant_list", 33),
        ("participants:participant_detail", 39),
        ("conferencing:participant_reviews", 36),
        ("participants:release_list", 23),
    ],
)
def test_participant_pages_ask_the_database_the_same_for_1_and_30(
    client, river, river_provider, river_agency, region_2, page, expected
):
    client.force_login(river_provider)
    one = make_participant(river_agency, region_2)
    args = [] if page.endswith("participant_list") else [one.pk]
    place = river_provider.places.get()

    def more():
        meeting = make_meeting(
            river, region_2, starts_at=timezone.now() - timedelta(days=len(args) + more.count)
        )
        more.count += 1
        review = make_review(meeting, one, barriers=["No ID"])
        step = make_step(one, river_agency, person=place, review=review)
        step.updates.create(progress="done", line="Done", by=river_provider, at=timezone.now())
        make_situation(one)
        make_release(one, agencies=[river_agency], recorded_by=river_provider)
        PlaceChange.objects.create(
            participant=one, flow="identified", on=today(), by=river_provider
        )
        make_release(make_participant(river_agency, region_2), agencies=[river_agency])

    more.count = 1
    more()
    url = reverse(page, args=args)
    client.get(url)
    assert queries(client, url) == expected
    for _ in range(29):
        more()
    assert queries(client, url) == expected


# Adding


def test_participant_add_stores_everything_encrypted_and_on_the_list(
    client, river_provider, river_agency, region_2
):
    client.force_login(river_provider)
    data = typed(region_2, stay="unsheltered", stay_words="Under the bridge", is_youth="true")
    response = client.post(ADD, data)
    person = Participant.objects.get()
    assert response.url == person.get_absolute_url()
    assert str(person.pk) == data["pk"]
    assert (person.name, person.birth_date.isoformat(), person.contact, person.hmis_id) == (
        "Ana Sentinelle",
        "1980-02-03",
        "555-0100",
        "H-77",
    )
    assert (person.agency, person.is_youth, person.is_unsheltered) == (river_agency, True, True)
    assert re.fullmatch(r"[A-Z][a-z]+-\d+", person.alias)
    assert person.place.status == "active"
    assert person.situations.get().words == "Under the bridge"
    assert acts() == ["participant.added"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, contact, notes FROM participants_participant")
        stored = b"".join(bytes(each) for each in cursor.fetchone())
    assert b"Sentinelle" not in stored
    assert b"Likes the river" not in stored
    assert person.named_by == river_provider
    page = client.get(response.url)
    assert "Ana Sentinelle" in text_of(page)
    assert person.alias in text_of(page)
    assert "Added" in text_of(page)
    assert "by Pat Provider" in text_of(page)


@pytest.mark.parametrize("name", NAMES)
def test_participant_add_takes_names_of_every_kind_and_shows_them_isolated(
    client, river_provider, river_agency, region_2, name
):
    client.force_login(river_provider)
    client.post(ADD, typed(region_2, name=name, alias="Heron-1"))
    person = Participant.objects.get()
    assert person.name == name
    make_release(person, agencies=[river_agency])
    for url in (LIST, person.get_absolute_url()):
        page = client.get(url)
        html = page.content.decode()
        assert f"<bdi>{escaped(name)}</bdi>" in html
        assert "<b>Bob</b>" not in html


def escaped(name):
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        name = name.replace(sign, entity)
    return name


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": "B" * 301}, "name", "Shorten this to 300 characters; it has 301."),
        ({"alias": "B" * 41}, "alias", "Shorten this to 40 characters; it has 41."),
        ({"alias": "Sentinelle-1"}, "alias", "This doesn’t look like an alias"),
        ({"alias": "xsentinellex"}, "alias", "This doesn’t look like an alias"),
        ({"name": "Ana Heron", "alias": "Heron-12"}, "alias", "holds a part of the name"),
        ({"alias": "heron-7"}, "alias", "Another household has this alias"),
        ({"region": ""}, "region", "Choose an answer: “Region”."),
        ({"adults": "0", "children": "0"}, "adults", "Enter at least one adult or one child."),
        ({"bedrooms": "11"}, "bedrooms", "Enter a number from 0 to 10."),
        ({"adults": "51"}, "adults", "Enter a number from 0 to 50."),
        ({"listed_on": ""}, "listed_on", "Enter the date: “On the list since”."),
        ({"listed_on": "2099-01-01"}, "listed_on", "Enter today’s date or one before."),
        ({"birth_date": "1980-02-31"}, "birth_date", "Enter a date that exists"),
        ({"birth_date": "1066-10-14"}, "birth_date", "Enter a date between 1900 and 2100."),
        ({"stay_words": "Bridge"}, "stay", "Choose the kind of place that you described."),
        ({"notes": "n" * 5001}, "notes", "Shorten this to 5000 characters; it has 5001."),
        ({"hmis_id": "TAKEN 1"}, "hmis_id", "Ana Example has this HMIS ID."),
        ({"pk": "nonsense"}, "pk", "Open the page again."),
    ],
)
def test_participant_add_names_field_and_remedy_and_keeps_what_was_typed(
    client, river_provider, river_agency, region_2, changes, field, words
):
    make_participant(river_agency, region_2, alias="Heron-7", hmis_id="taken-1")
    client.force_login(river_provider)
    response = client.post(ADD, typed(region_2, **changes))
    assert list(errors(response)) == [field]
    assert words in errors(response)[field]
    html = response.content.decode()
    assert 'value="555-0100"' in html
    assert "There is a problem" in html
    assert Participant.objects.count() == 1
    assert "is required" not in html


def test_participant_add_refuses_a_county_of_another_region(
    client, river_provider, region_1, region_2
):
    client.force_login(river_provider)
    response = client.post(ADD, typed(region_2, county=str(region_1.counties.first().pk)))
    assert list(errors(response)) == ["county"]
    assert "is not a county of Region 2" in errors(response)["county"]


def test_participant_add_makes_an_alias_that_tells_nothing_of_the_name(
    client, river_provider, region_2
):
    client.force_login(river_provider)
    name = " ".join(bird for bird in BIRDS if bird not in ("Ibis",))[:300]
    client.post(ADD, typed(region_2, name=name))
    person = Participant.objects.get()
    assert not {part.casefold() for part in name.split()} & {person.alias.split("-")[0].casefold()}


def test_participant_add_sent_twice_adds_once(client, river_provider, region_2):
    client.force_login(river_provider)
    data = typed(region_2)
    first, second = client.post(ADD, data), client.post(ADD, data)
    assert first.url == second.url
    assert Participant.objects.count() == 1
    assert acts() == ["participant.added"]


def test_participant_add_from_a_used_form_with_other_words_asks_first(
    client, river_provider, region_2
):
    client.force_login(river_provider)
    data = typed(region_2)
    client.post(ADD, data)
    other = data | {"name": "Bo Another", "hmis_id": "", "birth_date": ""}
    response = client.post(ADD, other)
    assert "This form was sent before" in errors(response)[None]
    assert 'value="Bo Another"' in response.content.decode()
    client.post(ADD, other | {"pk": hidden(response, "pk")})
    assert {each.name for each in Participant.objects.all()} == {"Ana Sentinelle", "Bo Another"}


@pytest.mark.parametrize(
    "changed",
    [
        {"stay": "hotel"},
        {"stay_words": "Room 4"},
        {"listed_on": (today() - timedelta(days=3)).isoformat()},
    ],
    ids=lambda each: next(iter(each)),
)
def test_participant_add_sent_again_loses_nothing_of_what_was_changed_since(
    client, river_provider, region_2, changed
):
    client.force_login(river_provider)
    data = typed(region_2) | {"stay": "shelter", "stay_words": "Main Street"}
    first = client.post(ADD, data)
    assert client.post(ADD, data).url == first.url
    assert "This form was sent before" in errors(client.post(ADD, data | changed))[None]
    assert Participant.objects.count() == 1


def test_participant_add_sent_again_tells_nothing_of_what_others_recorded_since(
    client, river_specialist, river_provider, region_2, river_agency
):
    client.force_login(river_specialist)
    data = typed(region_2) | {"agency": str(river_agency.pk)}
    first = client.post(ADD, data)
    person = Participant.objects.get()
    change_participant(
        person,
        changed_at=person.changed_at,
        actor=river_provider,
        now=timezone.now(),
        name="Zora Safehaven",
        birth_date=date(1971, 3, 2),
    )
    for guess in ({"name": "Zora Safehaven"}, {"name": "Zora Other"}, {"birth_date": "1971-03-02"}):
        assert "This form was sent before" in errors(client.post(ADD, data | guess))[None]
    assert client.post(ADD, data).url == first.url


def test_participant_add_sent_again_says_so_once_the_record_was_joined_into_another(
    client, river_specialist, region_2, river_agency
):
    client.force_login(river_specialist)
    data = typed(region_2) | {"agency": str(river_agency.pk)}
    client.post(ADD, data)
    keeper = make_participant(river_agency, region_2, name="Ana Sentinella")
    make_merge(keeper, Participant.objects.exclude(pk=keeper.pk).get(), by=river_specialist)
    assert "This form was sent before" in errors(client.post(ADD, data))[None]


def test_participant_add_with_the_key_of_anothers_household_tells_and_changes_nothing(
    client, river_provider, three_agency, three_region, region_2
):
    foreign = make_participant(three_agency, three_region, name="Three Person")
    client.force_login(river_provider)
    response = client.post(ADD, typed(region_2, pk=str(foreign.pk)))
    assert "This form was sent before" in errors(response)[None]
    assert foreign.alias not in response.content.decode()
    foreign.refresh_from_db()
    assert foreign.name == "Three Person"


def duplicate_page(client, person, region):
    client.force_login(person)
    response = client.post(ADD, typed(region, name="ana  SENTINELLE", hmis_id=""))
    return response, errors(response).get("is_different_person", "")


def test_participant_add_of_a_possible_duplicate_needs_the_tick(
    client, river_agency, river_provider, region_2
):
    make_participant(
        river_agency, region_2, name="Ana Sentinelle", birth_date="1980-02-03", alias="Heron-8"
    )
    response, words = duplicate_page(client, river_provider, region_2)
    assert "It may be Heron-8, kept by Bridge Housing." in words
    assert 'type="checkbox" name="is_different_person"' in response.content.decode()
    assert Participant.objects.count() == 1
    client.post(ADD, typed(region_2, hmis_id="", is_different_person="on"))
    assert Participant.objects.count() == 2


def test_participant_add_names_a_possible_duplicate_only_under_a_release(
    client, river_agency, river_other_agency, river_provider, region_2
):
    person = make_participant(
        river_other_agency,
        region_2,
        name="Ana Sentinelle",
        birth_date="1980-02-03",
        alias="Heron-8",
    )
    make_release(person, agencies=[river_agency])
    _, words = duplicate_page(client, river_provider, region_2)
    assert "It may be Heron-8, kept by Cedar Outreach." in words


def test_participant_add_tells_nothing_of_a_duplicate_that_the_person_may_not_see(
    client, river, river_other_provider, region_1, region_2
):
    elsewhere = make_agency_in_standing(river, name="Elsewhere House", regions=[region_1])
    make_participant(
        elsewhere, region_1, name="Ana Sentinelle", birth_date="1980-02-03", alias="Heron-9"
    )
    client.force_login(river_other_provider)
    response = client.post(ADD, typed(region_2, hmis_id=""), follow=True)
    assert Participant.objects.count() == 2
    for word in ("Heron-9", "Elsewhere", "Region 1, "):
        assert word not in text_of(response)


def test_participant_add_for_the_own_agency_alone(
    client, river_provider, river_agency, river_other_agency, region_2
):
    client.force_login(river_provider)
    assert "agency" not in client.get(ADD).context["form"].fields
    client.post(ADD, typed(region_2, agency=str(river_other_agency.pk)))
    assert Participant.objects.get().agency == river_agency


def test_participant_add_by_the_specialist_for_any_agency_but_victim_services(
    client,
    river_specialist,
    river_agency,
    river_other_agency,
    river_vsp_agency,
    river_lapsed_agency,
    three_agency,
    region_2,
):
    client.force_login(river_specialist)
    choices = client.get(ADD).context["form"].fields["agency"].queryset
    assert set(choices) == {river_agency, river_other_agency}
    for agency in (river_vsp_agency, river_lapsed_agency, three_agency):
        response = client.post(ADD, typed(region_2, agency=str(agency.pk)))
        assert errors(response) == {"agency": "Choose one of the list."}
    client.post(ADD, typed(region_2, agency=str(river_other_agency.pk)))
    assert Participant.objects.get().agency == river_other_agency


def test_participant_add_without_any_agency_in_standing_says_so(client, river_specialist):
    client.force_login(river_specialist)
    response = client.get(ADD)
    assert response.status_code == 403
    assert "No agency has current paperwork" in text_of(response)


# Who is let in


@pytest.mark.parametrize(
    ("person", "words"),
    [
        ("river_administrator", "Administrators see nothing of participants."),
        ("river_lapsed_provider", "expired"),
        ("river_unsigned_provider", "confidentiality statement"),
    ],
)
def test_participant_pages_say_why_somebody_is_not_let_in(
    client, request, river_agency, region_2, person, words
):
    participant = make_participant(river_agency, region_2, alias="Heron-1")
    client.force_login(request.getfixturevalue(person))
    for url in (
        LIST,
        ADD,
        participant.get_absolute_url(),
        reverse("conferencing:participant_reviews", args=[participant.pk]),
    ):
        response = client.get(url)
        assert response.status_code == 403
        assert words in text_of(response)
        assert "Heron-1" not in text_of(response)
    assert acts() == []


def test_participant_pages_of_another_continuum_or_region_are_not_there(
    client, river, river_agency, region_1, region_2, three_specialist
):
    participant = make_participant(river_agency, region_2)
    far = make_staff(make_agency_in_standing(river, regions=[region_1]), regions=[region_1]).user
    for person in (three_specialist, far):
        client.force_login(person)
        for page in ("participant_detail", "participant_edit", "stay_add", "release_list"):
            url = reverse(f"participants:{page}", args=[participant.pk])
            assert client.get(url).status_code == 404
    assert acts() == []


# One household


def test_participant_pages_hide_name_and_identity_from_whom_no_release_covers(
    client,
    river,
    river_provider,
    river_specialist,
    river_other_provider,
    river_vsp_provider,
    river_agency,
    region_2,
):
    """Nothing of it stands in the source of any page."""
    person = make_participant(
        river_agency,
        region_2,
        alias="Heron-1",
        name="Ana Sentinelle",
        birth_date="1981-11-29",
        contact="555-0199",
        hmis_id="HX-4242",
        notes="Ana Sentinelle sleeps badly. ANA waits.",
    )
    make_situation(person, words="At the Sentinelle house")
    PlaceChange.objects.create(
        participant=person, flow="identified", on=today(), reason="Ana came in"
    )
    meeting = make_meeting(river, region_2, starts_at=timezone.now() - timedelta(days=20))
    review = make_review(
        meeting,
        person,
        location_words="Sentinelle farm",
        preferences="Ana wants two rooms",
        barriers=["Ana has no ID"],
        safety="Ana is safe",
        notes="Ana said so",
    )
    step = make_step(person, river_agency, review=review, what="Call Ana Sentinelle")
    step.updates.create(progress="done", line="Ana answered", by=river_provider, at=timezone.now())
    make_release(
        person,
        expires_on=today() - timedelta(days=1),
        revoked_at=timezone.now(),
        revocation_reason="Ana asked",
    )
    release = person.releases.get()
    pages = [
        person.get_absolute_url(),
        reverse("conferencing:participant_reviews", args=[person.pk]),
        LIST,
        *(
            reverse(f"participants:{page}", args=[person.pk])
            for page in (
                "participant_edit",
                "stay_add",
                "place_change",
                "release_list",
                "release_add",
            )
        ),
        reverse("participants:release_revoke", args=[person.pk, release.pk]),
        "/",
    ]
    # The whole date, with its year: a page may well show the day of its month, as today's.
    birth = ("Nov 29, 1981", "November 29, 1981", "1981-11-29", "11/29/1981")
    secrets = ("Sentinelle", "Ana ", "ANA ", *birth, "555-0199", "HX-4242")
    readers = {
        river_specialist: [each for each in secrets if each != "HX-4242"],
        river_other_provider: secrets,
        river_vsp_provider: secrets,
    }
    for reader, secrets in readers.items():
        client.force_login(reader)
        for url in pages:
            response = client.get(url)
            assert response.status_code in ((200,) if reader == river_specialist else (200, 403))
            html = response.content.decode()
            assert [word for word in secrets if word in html] == []
            # What the household is shown as must not become a field's label.
            assert "Label(" not in html
        found = client.post(LIST, {"q": "Sentinelle"}).content.decode()
        assert "Ana " not in found
        assert "Heron-1" not in found
    client.force_login(river_specialist)
    assert "HX-4242" in client.get(person.get_absolute_url()).content.decode()
    # The agency that keeps the record reads it all, without a release.
    client.force_login(river_provider)
    html = client.get(pages[0]).content.decode()
    for word in ("Ana Sentinelle", "Nov 29, 1981", "555-0199", "At the Sentinelle house"):
        assert word in html
    assert "Ana has no ID" in client.get(pages[1]).content.decode()


def test_participant_pages_are_recorded_with_the_release_that_named(
    client, river_provider, river_agency, region_2
):
    person = make_participant(river_agency, region_2)
    release = make_release(person, agencies=[river_agency])
    client.force_login(river_provider)
    client.get(person.get_absolute_url())
    client.get(reverse("participants:participant_edit", args=[person.pk]))
    client.get(reverse("conferencing:participant_reviews", args=[person.pk]))
    client.get(reverse("participants:release_list", args=[person.pk]))
    entries = AuditEntry.objects.filter(object_id=str(person.pk)).order_by("sequence")
    assert [(each.action, each.detail.get("page")) for each in entries] == [
        ("participant.viewed", "overview"),
        ("participant.viewed", "participant_edit"),
        ("participant.reviews_viewed", "reviews"),
        ("participant.releases_viewed", "releases"),
    ]
    assert {each.detail["release"] for each in entries} == {str(release.pk)}


def test_participant_edit_changes_and_says_who_last_changed(
    client, river_provider, river_agency, region_2
):
    person = make_participant(river_agency, region_2, name="Ana Sentinelle", alias="Heron-1")
    make_release(person, agencies=[river_agency])
    client.force_login(river_provider)
    url = reverse("participants:participant_edit", args=[person.pk])
    page = client.get(url)
    assert 'value="Ana Sentinelle"' in page.content.decode()
    response = client.post(url, edited(person, page, contact="555-0123", adults="3"))
    assert response.url == person.get_absolute_url()
    person = Participant.objects.get()
    assert (person.name, person.contact, person.adults) == ("Ana Sentinelle", "555-0123", 3)
    entry = AuditEntry.objects.get(action="participant.changed")
    assert sorted(entry.detail["fields"]) == ["adults", "contact"]
    assert "by Pat Provider" in text_of(client.get(response.url))
    event = person.events.order_by("pgh_id").last()
    assert (event.pgh_label, event.adults) == ("update", 3)
    assert event.pgh_context.metadata["user"] == str(river_provider.pk)


def test_participant_edit_replaces_nothing_that_is_hidden_whatever_is_typed(
    client, river_specialist, river_agency, region_2
):
    person = make_participant(
        river_agency, region_2, name="Ana Sentinelle", contact="555-0100", notes="Ana waits."
    )
    client.force_login(river_specialist)
    url = reverse("participants:participant_edit", args=[person.pk])
    page = client.get(url)
    assert "On file, but hidden" in text_of(page)
    assert "Ask Bridge Housing, which keeps this record, to change it." in text_of(page)
    for typed_over in (
        {"contact": "555-0177"},
        {"contact": "555-0100"},
        {"name": "Ana Sentinelle"},
        {"name": "Ana Sentinell"},
        {"name": "Ana Sentinell", "contact": "555-0100", "adults": "4"},
    ):
        answer = client.post(url, edited(person, page, **typed_over))
        words = "Not changed: it is on file, but hidden from you. Ask Bridge Housing, which keeps"
        hidden_ones = typed_over.keys() & {"name", "contact"}
        assert errors(answer) == dict.fromkeys(hidden_ones, f"{words} this record, to change it.")
        kept = Participant.objects.get()
        assert (kept.name, kept.contact, kept.notes, kept.adults, kept.changed_at) == (
            "Ana Sentinelle",
            "555-0100",
            "Ana waits.",
            person.adults,
            person.changed_at,
        )
    assert client.post(url, edited(person, page, birth_date="1990-02-03")).status_code == 302
    assert str(Participant.objects.get().birth_date) == "1990-02-03"  # there was none on file


def test_participant_edit_from_a_stale_page_changes_nothing_and_keeps_what_was_typed(
    client, river_provider, river_specialist, river_agency, region_2
):
    person = make_participant(river_agency, region_2)
    url = reverse("participants:participant_edit", args=[person.pk])
    client.force_login(river_provider)
    stale = edited(person, client.get(url), notes="Typed for a long time")
    client.force_login(river_specialist)
    client.post(url, edited(person, client.get(url), adults="4", notes="Theirs"))
    client.force_login(river_provider)
    response = client.post(url, stale)
    assert "Sam Specialist changed adults, notes" in errors(response)[None]
    assert "It says now: “Theirs”." in errors(response)["notes"]
    assert "Typed for a long time" in response.content.decode()
    person = Participant.objects.get()
    assert (person.notes, person.adults) == ("Theirs", 4)
    again = edited(person, response)
    assert (again["notes"], again["adults"]) == ("Typed for a long time", "4")
    assert client.post(url, again).status_code == 302
    person = Participant.objects.get()
    assert (person.notes, person.adults) == ("Typed for a long time", 4)
    assert client.post(url, again).status_code == 302
    assert acts("participant.changed") == ["participant.changed"] * 2


@pytest.mark.parametrize("changed_at", ["", "yesterday", "2026-99-99T00:00", "2020-01-01T00:00"])
def test_participant_edit_with_a_broken_time_is_refused_in_words(
    client, river_provider, river_agency, region_2, changed_at
):
    person = make_participant(river_agency, region_2)
    client.force_login(river_provider)
    url = reverse("participants:participant_edit", args=[person.pk])
    data = edited(person, client.get(url), adults="9", changed_at=changed_at)
    response = client.post(url, data)
    assert response.status_code == 200
    assert "There is a problem" in response.content.decode()
    assert Participant.objects.get().adults == 1


def test_participant_edit_keeps_a_navigator_who_has_left(
    client, river_provider, river_agency, region_2
):
    gone = make_staff(river_agency, name="Nia Gone", ended_on=today() - timedelta(days=3))
    person = make_participant(river_agency, region_2, navigator=gone)
    client.force_login(river_provider)
    url = reverse("participants:participant_edit", args=[person.pk])
    client.post(url, edited(person, client.get(url), adults="2"))
    assert Participant.objects.get().navigator == gone


def test_participant_edit_of_another_agencys_household_is_forbidden(
    client, river_other_provider, river_agency, region_2
):
    person = make_participant(river_agency, region_2)
    client.force_login(river_other_provider)
    assert client.get(person.get_absolute_url()).status_code == 200
    for page in ("participant_edit", "place_change", "release_add"):
        url = reverse(f"participants:{page}", args=[person.pk])
        assert client.get(url).status_code == 403
        assert client.post(url, {"adults": "9"}).status_code == 403


# Victim service providers


def test_participant_add_for_victim_services_holds_no_identity_whatever_is_posted(
    client, river_vsp_provider, river_vsp_agency, region_2
):
    client.force_login(river_vsp_provider)
    fields = client.get(ADD).context["form"].fields
    assert {"name", "birth_date", "contact", "hmis_id", "stay_words"} & set(fields) == set()
    response = client.post(ADD, typed(region_2, stay="shelter", stay_words="Elm Street"))
    assert response.status_code == 302
    person = Participant.objects.get()
    assert person.is_confidential
    assert (person.name, person.birth_date, person.contact, person.hmis_id) == (None,) * 4
    assert person.situations.get().words is None
    url = reverse("participants:participant_edit", args=[person.pk])
    data = edited(person, client.get(url), name="Ana", contact="5", hmis_id="1", adults="2")
    assert client.post(url, data).status_code == 302
    person = Participant.objects.get()
    assert (person.name, person.contact, person.hmis_id, person.adults) == (None, None, None, 2)


def test_participant_of_victim_services_is_refused_identity_by_the_database(
    river_vsp_agency, region_2
):
    make_participant(river_vsp_agency, region_2)
    with connection.cursor() as cursor:
        for column in ("name", "birth_date", "contact", "hmis_id"):
            with pytest.raises(IntegrityError, match="confidential"), transaction.atomic():
                cursor.execute(f"UPDATE participants_participant SET {column} = 'x'")


def test_participant_of_victim_services_is_moved_but_not_edited_by_the_specialist(
    client, river_specialist, river_provider, river_vsp_agency, region_2
):
    person = make_participant(river_vsp_agency, region_2, alias="Heron-1", days=9)
    client.force_login(river_specialist)
    url = reverse("participants:participant_edit", args=[person.pk])
    assert client.get(url).status_code == 403
    url = reverse("participants:place_change", args=[person.pk])
    data = {"flow": "housed", "on": today().isoformat(), "reason": "Moved in"}
    assert client.post(url, data).status_code == 302
    assert ListPlace.objects.get().status == "housed"
    for reader in (river_specialist, river_provider):
        client.force_login(reader)
        assert client.get(reverse("participants:stay_add", args=[person.pk])).status_code == 403


# Where they stay, and the place on the list


def test_stay_add_records_once_and_tells_whether_unsheltered(
    client, river_other_provider, river_agency, region_2
):
    person = make_participant(river_agency, region_2)
    client.force_login(river_other_provider)
    url = reverse("participants:stay_add", args=[person.pk])
    pk = hidden(client.get(url), "pk")
    data = {"pk": pk, "kind": "unsheltered", "on": today().isoformat(), "words": "Rose Park"}
    for _ in range(2):
        assert client.post(url, data).status_code == 302
    stay = LivingSituation.objects.get()
    assert (stay.words, stay.by) == ("Rose Park", river_other_provider)
    person.refresh_from_db()
    assert person.is_unsheltered
    earlier = {"pk": str(uuid4()), "kind": "shelter", "on": "2020-01-01", "words": ""}
    client.post(url, earlier)
    person.refresh_from_db()
    assert person.is_unsheltered
    assert acts("participant.stay_recorded") == ["participant.stay_recorded"] * 2


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"kind": ""}, {"kind": "Choose an answer: “Where they stay”."}),
        ({"kind": "palace"}, {"kind": "Choose one of the list."}),
        ({"on": "2099-01-01"}, {"on": "Enter today’s date or one before."}),
        ({"words": "w" * 301}, {"words": "Shorten this to 300 characters; it has 301."}),
    ],
)
def test_stay_add_names_field_and_remedy(
    client, river_provider, river_agency, region_2, changes, expected
):
    person = make_participant(river_agency, region_2)
    client.force_login(river_provider)
    data = {"pk": str(uuid4()), "kind": "hotel", "on": "2026-01-02", "words": "Inn"} | changes
    response = client.post(reverse("participants:stay_add", args=[person.pk]), data)
    assert errors(response) == expected
    assert not LivingSituation.objects.exists()


def test_place_change_offers_what_fits_and_keeps_the_first_date(
    client, river_provider, river_agency, region_2
):
    person = make_participant(river_agency, region_2, days=100)
    listed_on = person.place.listed_on
    client.force_login(river_provider)
    url = reverse("participants:place_change", args=[person.pk])

    def offered():
        return [value for value, _ in client.get(url).context["form"].fields["flow"].choices]

    assert offered() == ["housed", "inactive", "no_longer"]
    data = {"flow": "housed", "on": today().isoformat(), "reason": "Keys today"}
    client.post(url, data)
    assert offered() == ["back_from_housing", "no_longer"]
    assert client.post(url, data).status_code == 302
    assert PlaceChange.objects.count() == 1
    response = client.post(url, data | {"flow": "back_from_inactive"})
    assert "does not fit" in errors(response)["flow"]
    assert "Keys today" in response.content.decode()
    response = client.post(url, data | {"flow": "back_from_housing", "on": "2020-01-01"})
    assert "not before the last change" in errors(response)["on"]
    client.post(url, data | {"flow": "back_from_housing", "reason": "Lost it"})
    place = ListPlace.objects.get()
    assert (place.status, place.listed_on, place.status_on) == ("active", listed_on, today())
    assert [each.pgh_label for each in place.events.order_by("pgh_id")] == [
        "insert",
        "update",
        "update",
    ]


def test_place_change_puts_a_household_without_a_place_on_the_list(
    client, river_provider, river_agency, region_2
):
    person = make_participant(river_agency, region_2, listed=False)
    client.force_login(river_provider)
    url = reverse("participants:place_change", args=[person.pk])
    client.post(url, {"flow": "identified", "on": today().isoformat(), "reason": "Met today"})
    place = ListPlace.objects.get(participant=person)
    assert (place.status, place.listed_on) == ("active", today())


def test_place_change_says_what_is_missing(client, river_provider, river_agency, region_2):
    person = make_participant(river_agency, region_2)
    client.force_login(river_provider)
    url = reverse("participants:place_change", args=[person.pk])
    response = client.post(url, {"on": "2099-01-01"})
    assert errors(response) == {
        "flow": "Choose an answer: “What happened”.",
        "on": "Enter today’s date or one before.",
        "reason": "Say why; it is shown in the history.",
    }
