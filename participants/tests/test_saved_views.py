"""Views of the by-name list: kept, shared, opened by each reader's own rights, removed."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from conferencing.tests.pages import text_of
from participants.models import ListPlace, Participant, SavedView
from participants.services.retention import deidentify
from participants.services.saved_views import add_saved_view, remove_saved_view
from participants.tests.factories import make_participant, make_saved_view
from participants.tests.test_retention import long_after

LIST = "/participants/"
ADD = "/participants/views/add/"


def url(view, act):
    return reverse(f"participants:saved_view_{act}", args=[view.pk])


def errors(response):
    return {name: " ".join(words) for name, words in response.context["form"].errors.items()}


def links(response):
    return [(link.view.name, link.is_own, link.is_current) for link in response.context["views"]]


def acts():
    entries = AuditEntry.objects.filter(action__startswith="saved_view").order_by("sequence")
    return [(each.action, each.detail["is_shared"]) for each in entries]


def test_saved_view_add_keeps_what_the_address_says_and_no_more(client, river_provider, river):
    client.force_login(river_provider)
    address = f"{ADD}?need=youth&sort=contact&columns=where&columns=source&status=nonsense&q=Ana"
    page = client.get(address)
    for words in ("Youth", "Last contact, longest ago first", "Region, county, Source"):
        assert words in text_of(page)
    assert "Do not include client information" in text_of(page)
    response = client.post(address, {"name": "  Youth,   by contact "})
    view = SavedView.objects.get()
    assert (view.name, view.owner, view.continuum, view.is_shared) == (
        "Youth, by contact",
        river_provider,
        river,
        False,
    )
    assert view.query == {"need": "youth", "sort": "contact", "columns": ["where", "source"]}
    assert response.url.startswith("/participants/?need=youth&sort=contact&columns=where")
    page = client.get(response.url)
    assert links(page) == [("Youth, by contact", True, True)]
    assert page.context["view_differs"] is False
    assert acts() == [("saved_view.added", False)]


def test_saved_view_add_sent_twice_keeps_one(client, river_provider):
    client.force_login(river_provider)
    for _ in range(2):
        assert client.post(f"{ADD}?need=youth", {"name": "Youth"}).status_code == 302
    response = client.post(f"{ADD}?need=veteran", {"name": "Youth"})
    assert errors(response) == {"name": "You have a view of this name. Choose another name."}
    assert [view.query for view in SavedView.objects.all()] == [{"need": "youth"}]
    assert acts() == [("saved_view.added", False)]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "Give the view a name."),
        ("x" * 61, "Shorten this to 60 characters; it has 61."),
        (
            "a\x00b",
            "Null characters are not allowed. "
            "Write this on one line, without line breaks or hidden characters.",
        ),
    ],
)
def test_saved_view_add_says_what_is_wrong_with_a_name(client, river_provider, name, words):
    client.force_login(river_provider)
    assert errors(client.post(ADD, {"name": name})) == {"name": words}
    assert not SavedView.objects.exists()


def test_saved_view_add_stops_at_thirty(river_provider, river):
    for number in range(30):
        make_saved_view(river_provider, name=f"View {number}")
    with pytest.raises(ValidationError, match="You have 30 views"):
        add_saved_view(river, name="One more", query={}, actor=river_provider, now=timezone.now())


def test_only_specialists_and_leads_share(
    client, river_provider, river_lead, river_specialist, river_other_provider
):
    for person in (river_provider, river_lead, river_specialist):
        client.force_login(person)
        assert ('name="is_shared"' in client.get(ADD).content.decode()) == (
            person != river_provider
        )
        client.post(ADD, {"name": f"Of {person.name}", "is_shared": "on"})
    assert {view.name: view.is_shared for view in SavedView.objects.all()} == {
        "Of Pat Provider": False,
        "Of Lee Lead": True,
        "Of Sam Specialist": True,
    }
    client.force_login(river_other_provider)
    page = client.get(LIST)
    assert links(page) == [("Of Lee Lead", False, False), ("Of Sam Specialist", False, False)]
    assert "shared by Lee Lead" in text_of(page)


def test_a_colleagues_shared_view_shows_each_reader_their_own(
    client,
    river_specialist,
    river_provider,
    river_other_provider,
    river_agency,
    region_1,
    region_2,
):
    make_participant(river_agency, region_2, name="Ana Here", alias="H-1", is_youth=True)
    make_participant(river_agency, region_2, alias="N-2")
    there = make_participant(river_agency, region_1, name="Tia There", alias="T-3", is_youth=True)
    query = {"need": "youth", "sort": "alias", "region": "", "columns": ["where"]}
    view = make_saved_view(river_specialist, name="Youth", is_shared=True, query=query)
    seen = {}
    for person in (river_specialist, river_provider, river_other_provider):
        client.force_login(person)
        page = client.get(url(view, "open"), follow=True)
        seen[person.name] = [row.label.text for row in page.context["rows"]]
        assert list(page.context["columns"]) == ["where"]
        assert links(page) == [("Youth", person == river_specialist, True)]
    assert seen == {
        "Sam Specialist": ["H-1", "T-3"],
        # Their own agency keeps both.
        "Pat Provider": ["Ana Here", "Tia There"],
        "Oli Other": ["H-1"],
    }
    assert there.region == region_1


def test_a_view_that_is_not_shared_is_its_owners_alone(
    client, river_provider, river_lead, river_specialist, three_specialist, three_provider
):
    own = make_saved_view(river_provider, name="Mine")
    shared = make_saved_view(river_provider, name="Ours", is_shared=True)
    answers = {}
    for person in (river_provider, river_lead, river_specialist, three_specialist, three_provider):
        client.force_login(person)
        answers[person.name] = [
            client.get(url(view, act)).status_code
            for view in (own, shared)
            for act in ("open", "edit", "remove")
        ]
        assert ("Mine" in client.get(LIST).content.decode()) == (person == river_provider)
    assert answers == {
        "Pat Provider": [302, 200, 200, 302, 200, 200],
        "Lee Lead": [404, 404, 404, 302, 403, 403],
        "Sam Specialist": [404, 404, 404, 302, 200, 200],
        "Terry Specialist": [404] * 6,
        "Theo Provider": [404] * 6,
    }


def test_whoever_falls_out_of_standing_opens_no_view(client, river_lapsed_provider):
    view = make_saved_view(river_lapsed_provider, name="Mine")
    client.force_login(river_lapsed_provider)
    assert [client.get(url(view, act)).status_code for act in ("open", "edit", "remove")] == [
        403
    ] * 3


def test_saved_view_edit_renames_shares_and_takes_over_what_the_list_shows(client, river_lead):
    view = make_saved_view(river_lead, name="Youth", query={"need": "youth"})
    client.force_login(river_lead)
    page = client.get(f"{url(view, 'edit')}?need=veteran")
    assert "What the list shows now" in text_of(page)
    client.post(url(view, "edit"), {"name": "Young people", "is_shared": "on"})
    view.refresh_from_db()
    assert (view.name, view.is_shared, view.query) == ("Young people", True, {"need": "youth"})
    client.post(f"{url(view, 'edit')}?need=veteran", {"name": "Veterans"})
    view.refresh_from_db()
    assert (view.name, view.is_shared, view.query) == ("Veterans", False, {"need": "youth"})
    answer = client.post(
        f"{url(view, 'edit')}?need=veteran", {"name": "Veterans", "takes_choice": "on"}
    )
    view.refresh_from_db()
    assert view.query == {"need": "veteran"}
    assert answer.url == f"{LIST}?need=veteran&view={view.pk}"
    make_saved_view(river_lead, name="Other")
    response = client.post(url(view, "edit"), {"name": "Other"})
    assert errors(response) == {"name": "You have a view of this name. Choose another name."}
    assert acts() == [
        ("saved_view.changed", True),
        ("saved_view.changed", False),
        ("saved_view.changed", False),
    ]


def test_a_provider_who_renames_a_view_that_was_shared_leaves_it_shared(client, river_provider):
    view = make_saved_view(river_provider, name="Ours", is_shared=True)
    client.force_login(river_provider)
    client.post(url(view, "edit"), {"name": "Ours, renamed"})
    view.refresh_from_db()
    assert (view.name, view.is_shared) == ("Ours, renamed", True)


def test_the_list_says_when_it_no_longer_shows_what_the_view_holds(client, river_provider):
    view = make_saved_view(river_provider, name="Youth", query={"need": "youth"})
    client.force_login(river_provider)
    same = client.get(f"{LIST}?need=youth&view={view.pk}")
    other = client.get(f"{LIST}?need=veteran&view={view.pk}")
    assert [page.context["view_differs"] for page in (same, other)] == [False, True]
    assert "Keep the changes, rename or share" in text_of(other)
    assert f'name="view" value="{view.pk}"' in other.content.decode()


def test_a_view_of_a_region_that_is_gone_says_so_and_shows_the_rest(client, river_provider):
    view = make_saved_view(
        river_provider, name="Old", query={"region": "00000000-0000-0000-0000-000000000000"}
    )
    client.force_login(river_provider)
    page = client.get(url(view, "open"), follow=True)
    assert page.status_code == 200
    assert page.context["view_differs"] is True


def test_saved_view_remove_takes_the_view_and_nothing_else(
    client, river_provider, river_agency, region_2
):
    make_participant(river_agency, region_2, alias="A-1")
    view = make_saved_view(river_provider, name="Youth", is_shared=True)
    client.force_login(river_provider)
    assert "for everybody in the CoC" in text_of(client.get(url(view, "remove")))
    assert client.post(url(view, "remove")).url == LIST
    assert not SavedView.objects.exists()
    remove_saved_view(view, actor=river_provider, now=timezone.now())
    assert acts() == [("saved_view.removed", True)]
    assert len(client.get(LIST).context["rows"]) == 1


def test_a_name_in_a_views_name_goes_with_the_record(river, river_agency, region_2, river_lead):
    person = make_participant(river_agency, region_2, name="Zyxwvut Hiddenname", alias="Heron-9")
    ListPlace.objects.filter(participant=person).update(status="housed")
    make_saved_view(river_lead, name="For Zyxwvut and youth")
    make_saved_view(river_lead, name="Heron-9 and others")
    make_saved_view(river_lead, name="Youth")
    acting = {"reason": "Yearly", "actor": river_lead, "now": timezone.now()}
    assert deidentify(river, as_of=long_after(), **acting) == 1
    person.refresh_from_db()
    assert sorted(each.name for each in SavedView.objects.all()) == sorted(
        [f"For {person.alias} and youth", f"{person.alias} and others", "Youth"]
    )


@pytest.fixture
def plover(river_other_agency, region_2):
    return make_participant(river_other_agency, region_2, name="Xochitl Tlapa", alias="Plover-9")


def test_saved_view_renamed_by_who_may_read_the_name_hides_it_from_its_owner(
    client, plover, river, river_lead, river_specialist
):
    Participant.objects.filter(pk=plover.pk).update(named_by=river_specialist)
    now = timezone.now()
    view = add_saved_view(river, name="Youth", query={}, is_shared=True, actor=river_lead, now=now)
    client.force_login(river_specialist)
    client.post(url(view, "edit"), {"name": "For Xochitl Tlapa", "is_shared": "on"})
    assert SavedView.objects.get().name == "For Xochitl Tlapa"
    client.force_login(river_lead)
    for address in (LIST, url(view, "edit"), url(view, "remove")):
        page = client.get(address).content.decode()
        assert "Xochitl" not in page
        assert "For [name withheld" in page
    # Its owner still shares it or not, and renames it around the name.
    shown = client.get(url(view, "edit")).context["form"]["name"].value()
    for typed, more, kept in (
        (shown, {}, "For Xochitl Tlapa"),
        (f"{shown} now", {"is_shared": "on"}, "For Xochitl Tlapa now"),
    ):
        assert client.post(url(view, "edit"), {"name": typed, **more}).status_code == 302
        stands = SavedView.objects.get()
        assert (stands.name, stands.is_shared) == (kept, bool(more))


@pytest.mark.parametrize("guess", ["For Xochitl Tlapa", "For Nemo Onfile"])
def test_saved_view_reads_as_typed_to_who_named_it(
    client, plover, guess, river, river_lead, river_provider, river_specialist
):
    """One’s own or another’s, whether or not somebody of that name is on file."""
    now = timezone.now()
    own = add_saved_view(
        river, name=guess, query={}, is_shared=True, actor=river_specialist, now=now
    )
    theirs = add_saved_view(
        river, name="Youth", query={}, is_shared=True, actor=river_lead, now=now
    )
    client.force_login(river_specialist)
    client.post(url(theirs, "edit"), {"name": f"{guess} too", "is_shared": "on"})
    page = text_of(client.get(LIST))
    assert (page.count(guess), page.count(f"{guess} too")) == (2, 1)
    assert client.get(url(own, "edit")).context["form"]["name"].value() == guess
    # Whoever guesses what their own view is called now does not learn it from a refusal.
    client.force_login(river_lead)
    answer = client.post(f"{ADD}?need=youth", {"name": f"{guess} too"})
    assert answer.status_code == (200 if guess == "For Nemo Onfile" else 302)


def test_saved_views_stand_in_the_order_of_what_their_reader_reads(
    client, plover, river, river_lead, river_provider, river_specialist
):
    now = timezone.now()
    for name in ("Xochitl Tlapa", "All", "Zebra"):
        add_saved_view(river, name=name, query={}, is_shared=True, actor=river_lead, now=now)
    for user, expected in (
        (river_lead, ["All", "Xochitl Tlapa", "Zebra"]),
        (river_specialist, ["[name withheld]", "All", "Zebra"]),
    ):
        client.force_login(user)
        page = client.get(LIST)
        assert [link.name for link in page.context["views"]] == expected
