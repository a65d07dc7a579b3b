"""The first page: what it asks about paper."""

from datetime import timedelta

from django.utils import timezone

from agreements.models import AgreementForm
from agreements.standing import day
from agreements.tests.factories import make_agency, make_agreement, make_form, make_staff
from conferencing.services.home import Task, home_page
from regions.clock import local_day


def tasks_of(user):
    return home_page(user, now=timezone.now())["tasks"]


def test_home_page_asks_a_new_lead_to_sign_both_papers(river):
    for kind in AgreementForm.Kind:
        make_form(river, kind)
    agency = make_agency(river, name="New House")
    lead = make_staff(agency, lead=True, statement=False).user
    assert [(task.title, task.state, task.tone) for task in tasks_of(lead)] == [
        ("Sign your confidentiality statement", "To sign", "bad"),
        ("Sign the CES Partner Agreement for New House", "To sign", "bad"),
    ]


def test_home_page_asks_to_sign_a_new_version_by_its_date(river, river_provider):
    by = local_day(timezone.now(), river.zone) + timedelta(days=20)
    make_form(river, AgreementForm.Kind.PERSONAL, version=2, sign_again_by=by)
    assert tasks_of(river_provider) == [
        Task(
            "Sign your confidentiality statement",
            "/agencies/statement/sign/",
            f"There is a new version; sign it by {day(by)}.",
            "Sign again",
            "warn",
            f"by {day(by)}",
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
        (
            "Countersign the agreement of Waiting House",
            f"/agencies/agreements/{waiting.pk}/countersign/",
        ),
        ("2 agencies are not in standing", "/agencies/standing/?show=not_in_standing"),
        ("1 agreement ends within 30 days", "/agencies/standing/?show=ending"),
    ]
