"""What paper asks of somebody: their first page."""

from datetime import timedelta

from django.utils import timezone

from agreements.models import AgreementForm
from agreements.overview import Duty, duties
from agreements.standing import day
from agreements.tests.factories import (
    make_agency,
    make_agreement,
    make_form,
    make_staff,
    make_statement,
)
from regions.clock import local_day
from regions.tests.factories import make_user


def today(continuum):
    return local_day(timezone.now(), continuum.zone)


def titles(user, continuum):
    return [duty.title for duty in duties(user, today(continuum))]


def test_duties_of_a_lead_in_standing_are_none(river, river_lead):
    assert duties(river_lead, today(river)) == []


def test_duties_of_a_new_lead_are_the_statement_and_the_agreement(river):
    for kind in AgreementForm.Kind:
        make_form(river, kind)
    agency = make_agency(river, name="New House")
    lead = make_staff(agency, lead=True, statement=False).user
    assert duties(lead, today(river)) == [
        Duty(
            title="Sign the confidentiality statement",
            hint="The confidentiality statement was never signed.",
            url="/agencies/statement/sign/",
            is_urgent=True,
        ),
        Duty(
            title="Sign the CES Partner Agreement for New House",
            hint="The CES Partner Agreement was never signed.",
            url=f"/agencies/{agency.pk}/sign/",
            is_urgent=True,
        ),
    ]
    make_agreement(agency, countersigned=False)
    assert titles(lead, river) == ["Sign the confidentiality statement"]


def test_duties_of_a_provider_are_their_own_statement_alone(river, river_lapsed_provider):
    assert titles(river_lapsed_provider, river) == []


def test_duties_name_the_day_of_a_renewal(river, river_provider):
    last = today(river) + timedelta(days=40)
    river_provider.statements.update(expires_on=last)
    assert duties(river_provider, today(river)) == [
        Duty(
            title="Sign the confidentiality statement",
            hint=f"Your signature counts until {day(last)}.",
            url="/agencies/statement/sign/",
            due_on=last,
        )
    ]


def test_duties_in_three_county_ask_no_agreement(three, three_lead):
    make_form(three, AgreementForm.Kind.AGENCY, version=9)
    assert titles(three_lead, three) == []


def test_duties_of_an_administrator_are_what_waits_what_lapsed_and_what_ends(
    river, river_administrator, river_agency, river_lapsed_agency
):
    waiting = make_agreement(make_agency(river, name="Waiting House"), countersigned=False)
    last = today(river) + timedelta(days=30)
    make_agreement(
        make_agency(river, name="Ending House"),
        effective_on=today(river) - timedelta(days=300),
        expires_on=last,
    )
    found = duties(river_administrator, today(river))
    assert [(duty.title, duty.due_on, duty.is_urgent) for duty in found] == [
        ("Countersign the agreement of Waiting House", None, True),
        ("The agreement of Ending House ends", last, False),
        ("Lapsed Shelter is not in standing", None, False),
    ]
    assert found[0].url == f"/agencies/agreements/{waiting.pk}/countersign/"


def test_duties_of_an_administrator_are_blind_to_the_other_continuum(
    three, three_administrator, river_lapsed_agency
):
    assert titles(three_administrator, three) == []


def test_duties_of_a_specialist_are_their_statement(river):
    form = make_form(river, AgreementForm.Kind.PERSONAL)
    user = make_user(river, specialist=True)
    assert titles(user, river) == ["Sign the confidentiality statement"]
    make_statement(user, form=form)
    assert titles(user, river) == []
