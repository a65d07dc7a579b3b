"""The first page: what it asks about paper."""

from datetime import timedelta

from django.utils import timezone

from agreements.models import AgreementForm
from agreements.tests.factories import (
    form_of,
    make_agency,
    make_agency_in_standing,
    make_agreement,
    make_form,
    make_staff,
)
from conferencing.home.pages import Task, home_page
from conferencing.tests.factories import make_meeting
from conferencing.tests.pages import text_of
from participants.tests.factories import make_participant
from regions.clock import local_day
from regions.tests.factories import make_continuum, make_criteria, make_region, make_rule, make_user
from regions.words import day_words


def tasks_of(user):
    return home_page(user, now=timezone.now())["tasks"]


def test_home_page_asks_a_new_lead_to_sign_both_papers(river):
    for kind in AgreementForm.Kind:
        make_form(river, kind)
    agency = make_agency(river, name="New House")
    lead = make_staff(agency, lead=True, statement=False).user
    today = local_day(timezone.now(), river.zone)
    assert [(task.title, task.button, task.by) for task in tasks_of(lead)] == [
        ("Sign your confidentiality statement", "Sign", today),
        ("Sign the CES Partner Agreement for New House", "Sign", today),
    ]


def test_home_page_asks_to_sign_a_new_version_by_its_date(river, river_provider):
    by = local_day(timezone.now(), river.zone) + timedelta(days=20)
    make_form(river, AgreementForm.Kind.PERSONAL, version=2, sign_again_by=by)
    assert tasks_of(river_provider) == [
        Task(
            "Sign your confidentiality statement",
            "/agencies/statement/sign/",
            f"There is a new version; sign it by {day_words(by)}.",
            "Sign again",
            by,
        )
    ]


def test_home_page_shows_an_administrator_what_waits_what_lapsed_and_what_ends(
    river, river_administrator, river_agency, river_lapsed_agency, three
):
    today = local_day(timezone.now(), river.zone)
    waiting = make_agreement(make_agency(river, name="Waiting House"), countersigned=False)
    make_agreement(
        make_agency(river, name="Ending House"),
        effective_on=today - timedelta(days=300),
        expires_on=today + timedelta(days=30),
    )
    make_agreement(make_agency(three), countersigned=False)
    assert [(task.title, task.url) for task in tasks_of(river_administrator)] == [
        ("1 agreement ends within 30 days", "/agencies/standing/?show=ending"),
        (
            "Countersign the agreement of Waiting House",
            f"/agencies/agreements/{waiting.pk}/countersign/",
        ),
        ("Make a second person administrator", "/set-up/people/"),
        ("2 agencies have no current agreement", "/agencies/standing/?show=not_in_standing"),
    ]


def test_a_new_continuum_finds_a_checklist_that_shrinks_to_nothing(client, db):
    river = make_continuum(code="CO-500", name="New CoC")
    founder = make_user(river, name="Founder", specialist=True, administrator=True)
    client.force_login(founder)

    def undone():
        steps = home_page(founder, now=timezone.now())["set_up"]
        return [step.title for step in steps if not step.is_done]

    assert "confidential" in text_of(client.get("/agencies/texts/personal/draft/")).lower()

    words = text_of(client.get("/"))
    assert "Set up your CoC" in words
    assert "Nothing is waiting for you." not in words
    assert undone() == [
        "Add your regions",
        "Pick the counties of each region",
        "Publish the agreement that agencies sign",
        "Publish the confidentiality statement",
        "Add the agencies",
        "Invite their people",
        "Choose the review criteria of each region",
        "Set when each region meets",
        "Add the days your agencies are closed",
        "Plan the year’s calls",
        "Bring in the by-name list",
    ]
    region = make_region(river, counties=())
    assert "Add your regions" not in undone()
    (counties,) = [
        step
        for step in home_page(founder, now=timezone.now())["set_up"]
        if step.title == "Pick the counties of each region"
    ]
    assert not counties.is_done
    page = client.get(counties.url)
    assert 'value="Adams"' in page.content.decode()
    client.post(counties.url, {"picked": ["Adams", "Boulder"], "name": "Own Valley"})
    assert set(region.counties.values_list("name", flat=True)) == {
        "Adams",
        "Boulder",
        "Own Valley",
    }
    assert 'value="Adams"' not in client.get(counties.url).content.decode()
    refused = client.post(counties.url, {"picked": ["Suffolk"]})
    assert "Pick from the counties on this page." in text_of(refused)
    assert not region.counties.filter(name="Suffolk").exists()
    make_criteria(region, "longest")
    make_rule(river, region)
    make_meeting(river, region)
    agency = make_agency_in_standing(river, regions=[region])
    make_participant(agency, region)
    make_staff(agency)
    form_of(river, "personal")
    assert undone() == []
    assert home_page(founder, now=timezone.now())["set_up"] == []
