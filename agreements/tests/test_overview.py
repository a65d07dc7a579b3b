"""What paper asks of somebody: the lines of their first page."""

from datetime import timedelta

from django.utils import timezone

from agreements.models import AgreementForm
from agreements.overview import Duty, papers_to_sign
from agreements.tests.factories import (
    make_agency,
    make_agreement,
    make_form,
    make_staff,
    make_statement,
)
from regions.clock import local_day
from regions.tests.factories import make_user
from regions.words import day_words


def today(continuum):
    return local_day(timezone.now(), continuum.zone)


def duties(user, continuum):
    return papers_to_sign(user, user.places.filter(ended_on=None).first(), today(continuum))


def titles(user, continuum):
    return [duty.title for duty in duties(user, continuum)]


def test_papers_to_sign_of_a_lead_in_standing_are_none(river, river_lead):
    assert duties(river_lead, river) == []


def test_papers_to_sign_of_a_new_lead_are_the_statement_and_the_agreement(river):
    for kind in AgreementForm.Kind:
        make_form(river, kind)
    agency = make_agency(river, name="New House")
    lead = make_staff(agency, lead=True, statement=False).user
    assert duties(lead, river) == [
        Duty(
            title="Sign your confidentiality statement",
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
    assert titles(lead, river) == ["Sign your confidentiality statement"]


def test_papers_to_sign_of_a_provider_are_their_own_statement_alone(river, river_lapsed_provider):
    assert titles(river_lapsed_provider, river) == []


def test_papers_to_sign_name_the_day_of_a_renewal(river, river_provider):
    last = today(river) + timedelta(days=40)
    river_provider.statements.update(expires_on=last)
    assert duties(river_provider, river) == [
        Duty(
            title="Sign your confidentiality statement",
            hint=f"Your signature is valid through {day_words(last)}.",
            url="/agencies/statement/sign/",
            due_on=last,
        )
    ]


def test_papers_to_sign_in_three_county_ask_no_agreement(three, three_lead):
    make_form(three, AgreementForm.Kind.AGENCY, version=9)
    assert titles(three_lead, three) == []


def test_papers_to_sign_of_a_specialist_are_their_statement(river):
    form = make_form(river, AgreementForm.Kind.PERSONAL)
    user = make_user(river, specialist=True)
    assert titles(user, river) == ["Sign your confidentiality statement"]
    make_statement(user, form=form)
    assert titles(user, river) == []
