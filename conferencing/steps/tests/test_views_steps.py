"""The pages of steps: whose they show, by which names, who may report, and what is kept."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agreements.models import StaffMember
from agreements.tests.factories import make_agency_in_standing, make_staff
from audit.models import AuditEntry
from conferencing.models import ActionItem, ProgressUpdate
from conferencing.tests.factories import make_meeting, make_step, report
from conferencing.tests.pages import hidden, text_of
from participants.models import Participant
from participants.tests.factories import make_participant, make_release
from regions.tests.factories import today_in

LIST = "/steps/"


def place_of(user):
    return StaffMember.objects.get(user=user)


def report_url(step):
    return f"/steps/{step.pk}/report/"


def sent(**typed):
    return {"pk": uuid4(), "progress": "under_way", "line": "", "last_seen_on": "", **typed}


def whats(page):
    return [row.what for row in page.context["rows"]]


@pytest.fixture
def ana(river_agency, region_2):
    return make_participant(river_agency, region_2, name="Ana Sentinelle", alias="Heron-1")


@pytest.fixture
def step(ana, river_agency, river_provider):
    return make_step(ana, river_agency, person=place_of(river_provider), what="Call Ana back")


def test_step_list_shows_ones_own_then_the_agencys_overdue_first(
    client, ana, river_agency, river_other_agency, river_provider, river_lead
):
    mine, lead = place_of(river_provider), place_of(river_lead)
    make_step(ana, river_agency, person=mine, due_in=5, what="later")
    make_step(ana, river_agency, person=mine, due_in=-5, what="overdue")
    make_step(ana, river_agency, person=mine, due_in=5, is_critical=True, what="critical")
    make_step(ana, river_agency, person=lead, due_in=1, what="lead's")
    make_step(ana, river_agency, due_in=2, what="nobody's")
    make_step(ana, river_other_agency, what="other's")
    client.force_login(river_provider)
    page = client.get(LIST)
    assert whats(page) == ["overdue", "critical", "later"]
    assert [tab["label"] for tab in page.context["tabs"]] == ["Mine", "My agency’s"]
    assert whats(client.get(LIST + "?whose=agency")) == [
        "overdue",
        "lead's",
        "nobody's",
        "critical",
        "later",
    ]
    assert whats(client.get(LIST + "?whose=all")) == ["overdue", "critical", "later"]
    assert "other" not in text_of(client.get(LIST + "?whose=agency"))


def test_step_list_shows_a_specialist_everybodys_by_agency_and_no_other_continuums(
    client,
    ana,
    river_agency,
    river_other_agency,
    river_specialist,
    three_agency,
    three_region,
):
    make_step(ana, river_agency, due_in=1, what="bridge")
    make_step(ana, river_other_agency, due_in=2, what="cedar")
    make_step(make_participant(three_agency, three_region), three_agency, what="three")
    client.force_login(river_specialist)
    page = client.get(LIST)
    assert [tab["label"] for tab in page.context["tabs"]] == ["Everybody’s"]
    assert whats(page) == ["bridge", "cedar"]
    assert whats(client.get(f"{LIST}?whose=all&agency={river_other_agency.pk}")) == ["cedar"]
    assert whats(client.get(f"{LIST}?whose=all&agency={three_agency.pk}")) == ["bridge", "cedar"]
    assert "Hilltown" not in text_of(page)


def test_step_list_filters_by_state(
    client, river, ana, river_agency, region_2, region_1, river_provider
):
    now = timezone.now()
    place = place_of(river_provider)

    def make(what, **fields):
        return make_step(ana, river_agency, person=place, what=what, **fields)

    make_meeting(river, region_2, starts_at=now - timedelta(days=35))
    make_meeting(river, region_2, starts_at=now - timedelta(days=5))
    make_meeting(
        river,
        region_2,
        starts_at=now - timedelta(days=1),
        state="cancelled",
        cancellation_reason="Snow",
    )
    make_meeting(river, region_1, starts_at=now - timedelta(days=1))
    make("ahead", due_in=9)
    make("unreported", due_in=-8)
    before = make("reported before the call", due_in=-7)
    report(before, by=river_provider, at=now - timedelta(days=9))
    since = make("reported since", due_in=-6)
    report(since, by=river_provider, at=now - timedelta(days=2))
    closed = make("closed since", due_in=-6, state="done", closed_at=now - timedelta(days=3))
    report(closed, "done", by=river_provider, at=now - timedelta(days=3))
    make("closed long ago", due_in=-40, state="not_needed", closed_at=now - timedelta(days=30))
    client.force_login(river_provider)
    found = {
        state: whats(client.get(f"{LIST}?state={state}"))
        for state in ("open", "overdue", "unreported", "reported", "closed", "nonsense")
    }
    opened = ["unreported", "reported before the call", "reported since", "ahead"]
    assert found == {
        "open": opened,
        "overdue": opened[:3],
        "unreported": ["unreported"],
        "reported": ["reported since", "closed since"],
        "closed": ["closed since", "closed long ago"],
        "nonsense": opened,
    }
    rows = client.get(LIST).context["rows"]
    assert [(row.what, row.asks_for_report) for row in rows] == [
        ("unreported", True),
        ("reported before the call", True),
        ("reported since", False),
        ("ahead", True),
    ]


def test_step_list_says_names_by_the_release_rules_and_records_the_look(
    client, step, ana, river_agency, river_other_agency, river_provider
):
    Participant.objects.filter(pk=ana.pk).update(agency=river_other_agency)
    named = make_participant(river_other_agency, step.participant.region, name="Bo Open")
    make_release(named, agencies=[river_agency])
    make_step(named, river_agency, person=place_of(river_provider), what="Visit Bo Open")
    report(step, line="Ana Sentinelle moved", by=river_provider, at=timezone.now())
    client.force_login(river_provider)
    page = client.get(LIST)
    words = text_of(page)
    assert "Call Heron-1 back" in words
    assert "Heron-1 moved" in words
    assert "Visit Bo Open" in words
    assert "Sentinelle" not in page.content.decode()
    entry = AuditEntry.objects.get(action="steps.viewed")
    assert entry.actor_id == river_provider.pk
    assert entry.detail == {
        "participants": sorted([str(ana.pk), str(named.pk)]),
        "named_under": {str(named.pk): str(named.releases.get().pk)},
    }


@pytest.mark.parametrize("person", ["river_unsigned_provider", "river_lapsed_provider"])
def test_step_list_is_closed_without_standing(client, request, step, person):
    client.force_login(request.getfixturevalue(person))
    for url in (LIST, report_url(step)):
        assert client.get(url).status_code == 403
    assert client.post(report_url(step), sent(progress="done")).status_code == 403
    assert not ProgressUpdate.objects.exists()
    assert not AuditEntry.objects.filter(action="steps.viewed").exists()


def test_step_report_is_for_its_agency_and_the_specialist_alone(
    client,
    step,
    river_provider,
    river_lead,
    river_specialist,
    river_administrator,
    river_other_provider,
    river_vsp_provider,
    three_provider,
    three_specialist,
):
    answers = {}
    for user in (
        river_provider,
        river_lead,
        river_specialist,
        river_administrator,
        river_other_provider,
        river_vsp_provider,
        three_provider,
        three_specialist,
    ):
        client.force_login(user)
        url = report_url(step)
        answers[user.name] = (
            client.get(url).status_code,
            client.post(url, sent(line=user.name)).status_code,
        )
    assert answers == {
        "Pat Provider": (200, 302),
        "Lee Lead": (200, 302),
        "Sam Specialist": (200, 302),
        "Ada Administrator": (403, 403),
        "Oli Other": (403, 403),
        "Val Victimservices": (403, 403),
        "Theo Provider": (404, 404),
        "Terry Specialist": (404, 404),
    }
    assert [update.by.name for update in step.updates.order_by("at")] == [
        "Pat Provider",
        "Lee Lead",
        "Sam Specialist",
    ]


def test_step_report_of_a_victim_service_providers_household_is_for_two_agencies_alone(
    client,
    region_2,
    river_agency,
    river_vsp_agency,
    river_provider,
    river_vsp_provider,
    river_specialist,
    river_other_provider,
):
    household = make_participant(river_vsp_agency, region_2, alias="Wren-9")
    step = make_step(household, river_agency)
    answers = {}
    for user in (river_provider, river_vsp_provider, river_specialist, river_other_provider):
        client.force_login(user)
        answers[user.name] = client.post(report_url(step), sent()).status_code
    assert answers == {
        "Pat Provider": 302,
        "Val Victimservices": 302,
        "Sam Specialist": 403,
        "Oli Other": 403,
    }
    client.force_login(river_specialist)
    page = client.get(LIST)
    (row,) = page.context["rows"]
    assert (row.label.text, row.form) == ("Wren-9", None)
    assert report_url(step) not in page.content.decode()


def test_step_report_refuses_where_a_victim_service_providers_household_is(
    client, region_2, river_agency, river_vsp_agency, river_provider, step
):
    household = make_participant(river_vsp_agency, region_2, alias="Wren-9")
    hers = make_step(household, river_agency)
    words = "Met her at 412 Elm Street"
    client.force_login(river_provider)
    page = client.post(report_url(hers), sent(line=words))
    assert list(page.context["form"].errors) == ["line"]
    assert f'value="{words}"' in page.content.decode()
    assert client.post(report_url(step), sent(line=words)).status_code == 302
    assert [update.step for update in ProgressUpdate.objects.all()] == [step]


def test_step_report_reaches_an_agency_beyond_the_households_region(client, river, ana, region_1):
    agency = make_agency_in_standing(river, regions=[region_1])
    place = make_staff(agency, regions=[region_1])
    step = make_step(ana, agency, person=place)
    client.force_login(place.user)
    assert not Participant.objects.visible_to(place.user, today_in()).filter(pk=ana.pk).exists()
    assert whats(client.get(LIST)) == ["Call the landlord"]
    assert client.post(report_url(step), sent(progress="done")).status_code == 302
    step.refresh_from_db()
    assert step.state == ActionItem.State.DONE


def test_step_report_leads_back_to_where_one_came_from_on_this_site(client, step, river_provider):
    client.force_login(river_provider)
    page = client.get(report_url(step) + "?next=/steps/%3Fstate=overdue")
    assert hidden(page, "next") == "/steps/?state=overdue"
    places = {}
    for asked in ("/steps/?state=overdue", "/", "https://evil.example/", "//evil.example", ""):
        answer = client.post(report_url(step), sent(next=asked))
        places[asked] = answer["Location"]
    assert places == {
        "/steps/?state=overdue": "/steps/?state=overdue",
        "/": "/",
        "https://evil.example/": LIST,
        "//evil.example": LIST,
        "": LIST,
    }
    assert "Reported: under way." in text_of(client.get(LIST))


NO_PATHS = (
    "4711", "-3", "{}", "2031-02-30", "conferencing:home", "steps", "./../x", "javascript:alert(1)",
    "é",
    "\\evil.example", "/\\evil.example", "///evil.example", "/\u0000" + "x" * 3000, "?whose=all",
)  # fmt: skip


@pytest.mark.parametrize("address", ["report", "change"])
@pytest.mark.parametrize("where", NO_PATHS)
def test_what_is_no_path_of_ours_leads_to_the_list_once_the_step_is_acted_on(
    client, step, river_provider, address, where
):
    """Both pages that lead back: what they are given never fails, least of all after the act."""
    client.force_login(river_provider)
    if address == "report":
        url, data = report_url(step), sent(progress="done", next=where)
        answer = client.post(url, data)
        assert (answer.status_code, answer["Location"]) == (302, LIST)
        step.refresh_from_db()
        assert step.state == ActionItem.State.DONE
    page = client.get(f"/steps/{step.pk}/{address}/", {"next": where})
    if page.status_code == 200:
        assert hidden(page, "next") == LIST


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"progress": ""}, "progress", "Choose what happened."),
        ({"progress": "gone"}, "progress", "Choose one of the list."),
        ({"progress": "blocked"}, "line", "Say in one line what is in the way."),
        ({"progress": "not_needed"}, "line", "Say in one line what changed."),
        ({"progress": "not_done"}, "line", "Say in one line why nobody got to it."),
        (
            {"progress": "not_reached"},
            "last_seen_on",
            "Enter when they were last seen, or tick “Not known”.",
        ),
        (
            {"progress": "not_reached", "last_seen_on": "2099-01-01"},
            "last_seen_on",
            "Enter today’s date or one before.",
        ),
        (
            {"progress": "not_reached", "last_seen_on": "yesterday"},
            "last_seen_on",
            "Enter a date that exists, such as 2026-03-31.",
        ),
        (
            {"line": "x" * 501},
            "line",
            "Shorten this to 500 characters; it has 501.",
        ),
    ],
)
def test_step_report_says_at_the_field_what_is_wrong_and_keeps_what_was_typed(
    client, step, river_provider, typed, field, words
):
    client.force_login(river_provider)
    data = {**sent(line="" if field == "line" else "Left two messages"), **typed}
    for headers in ({}, {"HX-Request": "true"}):
        page = client.post(report_url(step), data, headers=headers)
        assert page.status_code == 200
        assert page.context["form"].errors == {field: [words]}
        for kept in filter(None, (data["line"], data["last_seen_on"])):
            assert f'value="{kept}"' in page.content.decode()
    assert not ProgressUpdate.objects.exists()


def test_step_report_asks_once_about_words_that_have_no_place_here(client, step, river_provider):
    client.force_login(river_provider)
    data = sent(line="Diagnosed with PTSD")
    for headers in ({}, {"HX-Request": "true"}):
        page = client.post(report_url(step), data, headers=headers)
        (hint, again) = page.context["form"].errors["line"]
        assert hint.startswith("This reads like a diagnosis.")
        assert again == "To keep your words as they are, press the button again."
        assert 'value="Diagnosed with PTSD"' in page.content.decode()
    kept = page.context["form"]["kept"].value()
    other = client.post(report_url(step), {**data, "line": "HIV positive", "kept": kept})
    assert "line" in other.context["form"].errors
    assert not ProgressUpdate.objects.exists()
    assert client.post(report_url(step), {**data, "kept": kept}).status_code == 302
    assert step.updates.get().line == "Diagnosed with PTSD"


def test_step_report_takes_when_they_were_last_seen_or_that_nobody_knows(
    client, step, river_provider
):
    client.force_login(river_provider)
    on = today_in() - timedelta(days=3)
    client.post(report_url(step), sent(progress="not_reached", last_seen_on=on.isoformat()))
    client.post(
        report_url(step),
        sent(progress="not_reached", last_seen_on=on.isoformat(), is_not_known="on"),
    )
    newest, first = step.updates.all()
    assert (first.last_seen_on, newest.last_seen_on) == (on, None)
    assert "last seen not known" in text_of(client.get(report_url(step)))


def test_step_report_sent_twice_reports_once_and_sent_again_with_other_words_asks(
    client, step, river_provider
):
    client.force_login(river_provider)
    data = sent(line="Asked")
    for _ in range(2):
        assert client.post(report_url(step), data).status_code == 302
    assert step.updates.count() == 1
    page = client.post(report_url(step), {**data, "line": "Asked twice"})
    assert "sent before with other words" in text_of(page)
    again = {**data, "line": "Asked twice", "pk": hidden(page, "pk")}
    assert again["pk"] != str(data["pk"])
    assert client.post(report_url(step), again).status_code == 302
    assert [update.line for update in step.updates.all()] == ["Asked twice", "Asked"]


def test_step_report_by_script_answers_with_the_row_alone(
    client, step, ana, region_2, river_agency, river_other_agency, river_provider
):
    Participant.objects.filter(pk=ana.pk).update(agency=river_other_agency)
    client.force_login(river_provider)
    page = client.post(
        report_url(step),
        sent(progress="done", line="Ana Sentinelle moved in", next="/steps/?whose=agency"),
        headers={"HX-Request": "true"},
    )
    html = page.content.decode()
    assert page.status_code == 200
    assert html.strip().startswith(f'<li class="cc-step" id="step-{step.pk}">')
    assert "<html" not in html
    assert "Reported: Done : Ana Sentinelle moved in" in text_of(page)  # as who typed it wrote
    assert html.count("autofocus") == 1
    assert hidden(page, "next") == "/steps/?whose=agency"
    assert hidden(page, "pk") != str(step.updates.get().pk)
    wrong = client.post(report_url(step), sent(progress=""), headers={"HX-Request": "true"})
    assert " open>" in wrong.content.decode()
    assert "autofocus" in wrong.content.decode()
    client.force_login(make_staff(river_agency, regions=[region_2]).user)
    seen = client.get(LIST + "?whose=agency&state=closed")
    assert "Heron-1 moved in" in text_of(seen)
    assert "Sentinelle" not in seen.content.decode()


def test_step_report_by_script_sends_to_sign_in_when_the_session_is_over(client, step):
    answer = client.post(
        report_url(step),
        sent(),
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/steps/"},
    )
    assert answer.status_code == 401
    assert answer["HX-Redirect"].startswith("/account/sign-in/?next=")
    assert not ProgressUpdate.objects.exists()


def test_participant_reviews_show_every_report_and_a_link_to_whom_may_report(
    client, step, ana, river_provider, river_other_provider
):
    for days, line in ((9, "First try"), (2, "Second try, Ana was in")):
        report(step, line=line, by=river_provider, at=timezone.now() - timedelta(days=days))
    answers = {}
    for user in (river_provider, river_other_provider):
        client.force_login(user)
        page = client.get(f"/participants/{ana.pk}/reviews/")
        words = text_of(page)
        assert "First try" in words
        called = "Ana" if user == river_provider else "Heron-1"
        assert f"Second try, {called} was in" in words
        answers[user.name] = report_url(step) in page.content.decode()
    assert answers == {"Pat Provider": True, "Oli Other": False}


def test_navigation_leads_to_steps_whom_participants_are_open_to(
    client, river_provider, river_specialist, river_administrator
):
    found = {}
    for user in (river_provider, river_specialist, river_administrator):
        client.force_login(user)
        found[user.name] = [
            entry["label"]
            for entry in client.get("/").context["navigation"]
            if entry["url"] == LIST
        ]
    assert found == {
        "Pat Provider": ["Steps"],
        "Sam Specialist": ["Steps"],
        "Ada Administrator": [],
    }


def asked(client, url):
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


@pytest.mark.parametrize(
    ("person", "url", "expected"),
    [
        ("river_provider", "/steps/", 27),
        ("river_provider", "/steps/?whose=agency&state=reported", 29),
        ("river_specialist", "/steps/", 27),
        ("river_specialist", "/steps/?state=unreported", 30),
    ],
)
def test_step_list_asks_the_database_the_same_for_1_and_30(
    client, request, river, river_agency, region_2, river_provider, person, url, expected
):
    client.force_login(request.getfixturevalue(person))
    held = make_meeting(river, region_2, starts_at=timezone.now() - timedelta(days=3))

    def more():
        household = make_participant(river_agency, region_2)
        make_release(household, agencies=[river_agency])
        for due_in in (-5, 5):
            step = make_step(
                household, river_agency, person=place_of(river_provider), due_in=due_in
            )
        report(step, by=river_provider, at=held.ends_at + timedelta(days=1))

    more()
    client.get(url)
    assert asked(client, url) == expected
    assert len(client.get(url).context["rows"]) >= 1
    for _ in range(29):
        more()
    assert asked(client, url) == expected
    assert len(client.get(url).context["rows"]) == 25
