"""Two at once: of two signatures one counts, of two last administrators one remains."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from agreements.models import AgencyAgreement, AgreementForm, StaffMember
from agreements.services.agreements import countersign_agreement, sign_agreement
from agreements.services.people import invite_person
from agreements.services.statements import sign_statement
from agreements.services.team import change_roles
from agreements.tests.factories import make_agency, make_agreement, make_form, make_staff
from regions.clock import local_day
from regions.models import Membership
from regions.tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def both(*acts):
    """Run the acts at the same moment; return what each gave: "done", or its error's words."""
    together = Barrier(len(acts))

    def run(act):
        try:
            together.wait(timeout=10)
            act()
        except ValidationError as error:
            return error.messages[0]
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts), key=lambda words: words != "done")


def test_sign_agreement_by_two_leads_at_once_signs_once(river):
    text = make_form(river, AgreementForm.Kind.AGENCY)
    agency = make_agency(river)
    leads = [make_staff(agency, lead=True, statement=False).user for _ in range(2)]

    def sign(lead):
        return lambda: sign_agreement(
            agency,
            actor=lead,
            form_id=text.pk,
            text_hash=text.text_hash,
            seen="",
            name=lead.name,
            title="Director",
        )

    first, second = both(*map(sign, leads))
    assert first == "done"
    assert second.startswith("This is signed already")
    assert AgencyAgreement.objects.count() == 1


def test_sign_statement_twice_at_once_signs_once(river):
    text = make_form(river, AgreementForm.Kind.PERSONAL)
    user = make_user(river, specialist=True)

    def sign():
        sign_statement(user, form_id=text.pk, text_hash=text.text_hash, seen="", name="N")

    first, second = both(sign, sign)
    assert first == "done"
    assert second.startswith("You signed this already")
    assert user.statements.count() == 1


def test_countersign_by_two_administrators_at_once_happens_once(river):
    agreement = make_agreement(make_agency(river), countersigned=False)
    first_day = local_day(agreement.signed_at, river.zone)

    def countersign(user):
        return lambda: countersign_agreement(
            agreement, actor=user, effective_on=first_day, expires_on=first_day
        )

    first, second = both(*(countersign(make_user(river, administrator=True)) for _ in range(2)))
    assert first == "done"
    assert "countersigned this already" in second


def test_change_roles_of_the_two_last_administrators_leaves_one(river):
    users = [make_user(river, administrator=True) for _ in range(2)]

    def end(user, actor):
        return lambda: change_roles(
            Membership.objects.get(user=user),
            actor=actor,
            seen=(False, True),
            is_specialist=False,
            is_administrator=False,
        )

    first, second = both(end(*users), end(*reversed(users)))
    assert first == "done"
    assert second.startswith("At least one administrator must remain.")
    assert Membership.objects.administrators_of(river).count() == 1


def test_invite_person_from_two_agencies_at_once_gives_one_place(river):
    administrator = make_user(river, administrator=True)

    def invite(agency):
        return lambda: invite_person(
            agency,
            actor=administrator,
            email="new@x.example",
            name="New",
            function="other",
            is_lead=False,
            gets_list=True,
            regions=[],
        )

    first, second = both(invite(make_agency(river)), invite(make_agency(river)))
    assert first == "done"
    assert second.startswith(
        ("Somebody else invites this address", "This person is with another agency")
    )
    assert StaffMember.objects.filter(user__email="new@x.example").count() == 1
