"""Who is in standing, and exactly why not."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agreements.models import Agency, AgencyAgreement, AgreementForm, PersonalStatement, StaffMember
from agreements.standing import (
    Standing,
    agency_standing,
    is_in_standing,
    person_standing,
    specialist_standings,
    standings,
)
from agreements.tests.factories import (
    make_agency,
    make_agency_in_standing,
    make_agreement,
    make_form,
    make_staff,
    make_statement,
)
from regions.tests.factories import make_continuum, make_user, today_in

ON = date(2026, 3, 10)
ZONE = ZoneInfo("America/Chicago")
AGENCY, PERSONAL = AgreementForm.Kind.AGENCY, AgreementForm.Kind.PERSONAL


def noon(on):
    return datetime(on.year, on.month, on.day, 12, tzinfo=ZONE)


def agency_of(river, **paper):
    agency = make_agency(river, name="Bridge Housing")
    if paper:
        make_agreement(agency, **paper)
    return agency


def reasons(agency, on=ON):
    return agency_standing(agency, on).reasons


def test_agency_standing_is_good_with_a_countersigned_agreement_in_effect(river):
    agency = agency_of(river, effective_on=ON, expires_on=ON)
    assert agency_standing(agency, ON) == Standing(())
    assert agency_standing(agency, ON).is_good


def test_agency_standing_says_never_signed(river):
    assert reasons(agency_of(river)) == ("The CES Partner Agreement was never signed.",)


def test_agency_standing_says_expired_and_the_day(river):
    agency = agency_of(river, effective_on=ON - timedelta(days=365), expires_on=date(2026, 3, 9))
    assert reasons(agency) == ("The CES Partner Agreement expired on Mar 9, 2026.",)


def test_agency_standing_says_not_yet_in_effect(river):
    agency = agency_of(river, effective_on=date(2026, 3, 11))
    assert reasons(agency) == ("The CES Partner Agreement takes effect on Mar 11, 2026.",)


def test_agency_standing_says_waiting_for_countersignature(river):
    agency = make_agency(river)
    make_agreement(agency, countersigned=False, signed_at=noon(date(2026, 3, 8)))
    assert reasons(agency) == (
        "The CES Partner Agreement was signed on Mar 8, 2026 and waits for countersignature.",
    )


def test_agency_standing_says_both_the_old_shortcoming_and_the_new_paper_that_waits(river):
    agency = make_agency(river)
    make_agreement(
        agency,
        effective_on=date(2025, 3, 1),
        expires_on=date(2026, 2, 28),
        signed_at=noon(date(2025, 3, 1)),
    )
    make_agreement(agency, countersigned=False, signed_at=noon(date(2026, 3, 8)))
    assert reasons(agency) == (
        "The CES Partner Agreement expired on Feb 28, 2026. A new one was signed on Mar 8, 2026 "
        "and waits for countersignature.",
    )


def test_agency_standing_stays_while_a_renewal_waits(river):
    agency = make_agency(river)
    make_agreement(agency, effective_on=date(2025, 4, 1), expires_on=date(2026, 3, 31))
    make_agreement(agency, countersigned=False)
    assert agency_standing(agency, ON).is_good


def test_agency_standing_says_revoked_on_the_day_it_was_there(river):
    # 05:30 UTC on the 10th is still the evening of the 9th in Minnesota.
    at = datetime(2026, 3, 10, 4, 30, tzinfo=ZoneInfo("UTC"))
    agency = agency_of(river, effective_on=date(2026, 1, 1), revoked_at=at, revocation_reason="x")
    assert reasons(agency) == ("The CES Partner Agreement was revoked on Mar 9, 2026.",)


def test_agency_standing_says_not_accepted(river):
    agency = make_agency(river)
    make_agreement(
        agency,
        countersigned=False,
        revoked_at=noon(date(2026, 3, 2)),
        revocation_reason="No page 2",
    )
    assert reasons(agency) == ("The CES Partner Agreement was not accepted on Mar 2, 2026.",)


def test_agency_standing_asks_for_the_new_version_the_day_after_its_date(river):
    agency = agency_of(river, effective_on=date(2026, 1, 1))
    make_form(river, AGENCY, version=2, sign_again_by=ON)
    assert agency_standing(agency, ON).is_good
    assert reasons(agency, ON + timedelta(days=1)) == (
        "Version 2 of the CES Partner Agreement had to be signed by Mar 10, 2026.",
    )


def test_agency_standing_says_no_longer_takes_part_beside_the_paper(river):
    agency = make_agency(river, is_active=False)
    assert reasons(agency) == (
        "The agency no longer takes part.",
        "The CES Partner Agreement was never signed.",
    )


def test_agency_standing_needs_no_agreement_where_none_is_required(three):
    assert agency_standing(make_agency(three), ON).is_good


def test_person_standing_names_the_agencys_reason_and_their_own(river):
    person = make_staff(make_agency(river), statement=False).user
    assert person_standing(person, ON).reasons == (
        "The CES Partner Agreement was never signed.",
        "The confidentiality statement was never signed.",
    )


def test_person_standing_of_three_county_needs_the_statement_alone(three):
    agency = make_agency(three)
    signed = make_staff(agency).user
    unsigned = make_staff(agency, statement=False).user
    on = today_in()
    assert person_standing(signed, on).is_good
    assert person_standing(unsigned, on).reasons == (
        "The confidentiality statement was never signed.",
    )


def test_person_standing_of_a_specialist_needs_the_statement_alone(river, river_specialist):
    unsigned = make_user(river, specialist=True)
    on = today_in()
    assert person_standing(river_specialist, on).is_good
    assert person_standing(unsigned, on).reasons == (
        "The confidentiality statement was never signed.",
    )
    assert [line.user for line in specialist_standings(river, on)] == sorted(
        [river_specialist, unsigned], key=lambda user: user.name
    )


def test_person_standing_ends_with_the_place(river):
    place = make_staff(make_agency_in_standing(river))
    place.ended_on = today_in()
    place.save()
    assert person_standing(place.user, today_in()).reasons == (
        "This person isn’t assigned to an agency.",
    )


def test_person_standing_of_a_closed_account(river):
    user = make_staff(make_agency_in_standing(river)).user
    user.is_active = False
    user.save()
    assert person_standing(user, today_in()).reasons == ("The account is closed.",)


days = st.integers(min_value=-40, max_value=40).map(lambda n: ON + timedelta(days=n))
papers = st.lists(
    st.fixed_dictionaries(
        {
            "version": st.integers(1, 3),
            "first": days,
            "length": st.one_of(st.none(), st.integers(0, 60)),
            "countersigned": st.booleans(),
            "revoked": st.booleans(),
            "signed": days,
        }
    ),
    max_size=4,
)
world = st.fixed_dictionaries(
    {
        "requires": st.booleans(),
        "deadlines": st.tuples(st.none(), st.none() | days, st.none() | days),
        "agencies": st.lists(
            st.fixed_dictionaries(
                {
                    "active": st.booleans(),
                    "papers": papers,
                    "people": st.lists(
                        st.fixed_dictionaries(
                            {
                                "active": st.booleans(),
                                "specialist": st.booleans(),
                                "papers": papers,
                            }
                        ),
                        max_size=2,
                    ),
                }
            ),
            min_size=1,
            max_size=3,
        ),
        "specialists": st.lists(papers, max_size=2),
    }
)


def make_texts(continuum, kind, spec):
    return {
        version: make_form(
            continuum,
            kind,
            version=version,
            sign_again_by=spec["deadlines"][version - 1],
        )
        for version in (1, 2, 3)
    }


def sign(user, texts, spec):
    last = None if spec["length"] is None else spec["first"] + timedelta(days=spec["length"])
    PersonalStatement.objects.create(
        user=user,
        form=texts[spec["version"]],
        text_hash="",
        signed_name="N",
        signed_at=noon(spec["signed"]),
        effective_on=spec["first"],
        expires_on=last,
        revoked_at=noon(ON) if spec["revoked"] else None,
        revocation_reason="because" if spec["revoked"] else "",
    )


def sign_for(agency, texts, spec):
    is_new = not agency.agreements.filter(
        form=texts[spec["version"]], countersigned_at=None, revoked_at=None
    ).exists()
    if not (spec["countersigned"] or spec["revoked"] or is_new):
        return
    last = None if spec["length"] is None else spec["first"] + timedelta(days=spec["length"])
    AgencyAgreement.objects.create(
        agency=agency,
        form=texts[spec["version"]],
        way=AgencyAgreement.Way.ONLINE,
        text_hash="",
        signer_name="N",
        signer_title="T",
        signed_at=noon(spec["signed"]),
        countersigned_at=noon(spec["signed"]) if spec["countersigned"] else None,
        effective_on=spec["first"] if spec["countersigned"] else None,
        expires_on=last if spec["countersigned"] else None,
        revoked_at=noon(ON) if spec["revoked"] else None,
        revocation_reason="because" if spec["revoked"] else None,
    )


@pytest.mark.django_db
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(spec=world)
def test_standings_querysets_and_single_answers_agree(spec):
    continuum = make_continuum(requires_agency_agreement=spec["requires"])
    agency_texts = make_texts(continuum, AGENCY, spec)
    own_texts = make_texts(continuum, PERSONAL, spec)
    people = []
    for each in spec["agencies"]:
        agency = make_agency(continuum, is_active=each["active"])
        for paper in each["papers"]:
            sign_for(agency, agency_texts, paper)
        for person in each["people"]:
            place = make_staff(agency, statement=False)
            membership = place.user.membership
            membership.is_specialist = person["specialist"]
            membership.save()
            place.user.is_active = person["active"]
            place.user.save()
            for paper in person["papers"]:
                sign(place.user, own_texts, paper)
            people.append(place.user)
    for own in spec["specialists"]:
        user = make_user(continuum, specialist=True)
        for paper in own:
            sign(user, own_texts, paper)
        people.append(user)

    agencies = Agency.objects.filter(continuum=continuum).select_related("continuum")
    lines = standings(agencies, ON)
    by_sql = set(agencies.in_good_standing(ON))
    assert {line.agency for line in lines if line.standing.is_good} == by_sql
    assert {line.agency: line.standing for line in lines} == {
        agency: agency_standing(agency, ON) for agency in agencies
    }
    of_people = {person.user: person.standing for line in lines for person in line.people}
    of_people |= {line.user: line.standing for line in specialist_standings(continuum, ON)}
    assert of_people == {user: person_standing(user, ON) for user in people}
    staff = {place.user for place in StaffMember.objects.in_good_standing(ON)} & set(people)
    assert staff == {
        person.user for line in lines for person in line.people if person.standing.is_good
    }
    assert {user for user in people if is_in_standing(user, ON)} == {
        user for user in people if of_people[user].is_good
    }


def test_standings_asks_as_often_for_one_agency_as_for_thirty(river, django_assert_num_queries):
    def fill(count):
        for _ in range(count):
            agency = make_agency_in_standing(river)
            make_staff(agency)
            make_staff(agency, statement=False)

    agencies = Agency.objects.filter(continuum=river).select_related("continuum")
    for more, total in ((1, 1), (29, 30)):
        fill(more)
        with django_assert_num_queries(5):
            assert len(standings(agencies.all(), ON)) == total


def test_person_standing_of_the_statement_expired(river):
    agency = make_agency_in_standing(river)
    user = make_staff(agency, statement=False).user
    make_statement(user, effective_on=date(2025, 1, 1), expires_on=date(2025, 12, 31))
    assert person_standing(user, today_in()).reasons == (
        "The confidentiality statement expired on Dec 31, 2025.",
    )
