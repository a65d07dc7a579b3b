"""An agency's people: invite, change, move, end; and what each chooses for themselves."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Invitation, User
from agreements.models import StaffMember
from agreements.services.people import invite_person
from agreements.standing import is_in_standing
from agreements.tests.conftest import shown, words_of
from agreements.tests.factories import make_agency, make_form, make_staff
from audit.models import AuditEntry
from regions.clock import local_day
from regions.models import Membership

NEW = {
    "name": "Nia New",
    "email": "Nia.New@agency.example",
    "function": "outreach",
    "gets_list": "on",
}


def url(row, act=""):
    return f"{row.get_absolute_url()}{act}"


def today(river):
    return local_day(timezone.now(), river.zone)


def invite(client, agency, **changed):
    return client.post(url(agency, "people/invite/"), NEW | changed)


def test_staff_invite_gives_a_place_and_mails_an_invitation(
    browser, river, river_lead, river_agency, region_2, audited, mails
):
    client = browser(river_lead)
    page = client.get(url(river_agency, "people/invite/"))
    assert page.context["form"]["regions"].value() == [region_2.pk] or region_2 in list(
        page.context["form"]["regions"].value()
    )
    answer = invite(client, river_agency, regions=[region_2.pk])
    assert answer.url == url(river_agency)
    place = StaffMember.objects.get(user__email="nia.new@agency.example")
    assert (place.user.name, place.agency, place.function) == ("Nia New", river_agency, "outreach")
    assert (place.is_lead, place.gets_list, place.joined_on) == (False, True, today(river))
    assert list(place.regions.all()) == [region_2]
    assert place.user.membership.continuum == river
    assert not place.user.has_usable_password()
    assert Invitation.objects.get().on_behalf_of == "Bridge Housing, River Valleys CoC"
    assert audited() == [("account.invited", "Lee Lead"), ("person.invited", "Lee Lead")]
    assert mails() == [("nia.new@agency.example", "You are invited to Case Conferencing")]
    words = words_of(client.get(url(river_agency)))
    assert "Nia New Invited, not yet accepted" in words


def test_staff_invite_twice_invites_once(browser, river_lead, river_agency):
    client = browser(river_lead)
    invite(client, river_agency)
    answer = invite(client, river_agency)
    assert "Nia New is already with Bridge Housing." in words_of(answer)
    assert 'value="Nia.New@agency.example"' in answer.content.decode()
    assert (
        StaffMember.objects.filter(user__name="Nia New").count(),
        Invitation.objects.count(),
    ) == (
        1,
        1,
    )


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("name", "Fill in “Name”."),
        ("email", "Fill in “Email address”."),
        ("function", "Choose an answer: “Function”."),
    ],
)
def test_staff_invite_names_what_is_missing(browser, river_lead, river_agency, field, words):
    answer = invite(browser(river_lead), river_agency, **{field: ""})
    assert words in words_of(answer)
    assert not Invitation.objects.exists()


def test_staff_invite_of_an_address_from_another_continuum_reveals_nothing(
    browser, river_lead, river_agency, three_provider, audited, mails
):
    answer = invite(browser(river_lead), river_agency, email=three_provider.email)
    words = words_of(answer)
    assert "This address can’t be invited here." in words
    assert not any(told in words for told in ("Three County", "Hilltown", "Theo"))
    assert three_provider.places.count() == 1
    assert (audited(), mails()) == ([], [])


def test_staff_invite_names_a_second_address_at_the_same_mailbox_and_takes_it(
    browser, river_lead, river_agency, three_provider
):
    desk = browser(river_lead)
    answer = invite(desk, river_agency, email=three_provider.email)
    tagged = three_provider.email.replace("@", "+mn502@")
    assert f"with most mail systems {tagged} reaches the same mailbox" in words_of(answer)
    invite(desk, river_agency, email=tagged)
    assert river_agency.staff.get(user__email=tagged).user != three_provider


def test_staff_invite_of_somebody_in_another_agency_sends_to_the_administrator(
    browser, river_lead, river_agency, river_other_provider
):
    answer = invite(browser(river_lead), river_agency, email=river_other_provider.email)
    assert "This person is with another agency of this continuum." in words_of(answer)
    assert river_other_provider.places.count() == 1


def test_staff_invite_brings_somebody_back_with_the_account_they_had(
    browser, river_administrator, river_agency, river_other_provider, mails
):
    client = browser(river_administrator)
    former = river_other_provider.places.get()
    client.post(url(former, "end/"), {"ended_on": former.joined_on})
    assert not User.objects.get(pk=river_other_provider.pk).is_active
    answer = invite(client, river_agency, email=river_other_provider.email, name="Other Name")
    assert answer.status_code == 302
    user = User.objects.get(pk=river_other_provider.pk)
    assert (user.is_active, user.name) == (True, "Oli Other")
    assert mails()[-1] == (user.email, "You were added to Bridge Housing")
    assert not Invitation.objects.exists()


def test_staff_invite_makes_a_lead_only_by_an_administrator(
    browser, river_lead, river_administrator, river_agency
):
    client = browser(river_lead)
    assert "An administrator decides this." in words_of(
        client.get(url(river_agency, "people/invite/"))
    )
    invite(client, river_agency, is_lead="on")
    assert not StaffMember.objects.get(user__name="Nia New").is_lead
    invite(
        browser(river_administrator), river_agency, is_lead="on", email="b@x.example", name="B B"
    )
    assert StaffMember.objects.get(user__name="B B").is_lead


def test_invite_person_refuses_a_lead_who_makes_leads(river_lead, river_agency):
    with pytest.raises(Exception, match="Only an administrator makes somebody agency lead"):
        invite_person(
            river_agency,
            actor=river_lead,
            email="c@x.example",
            name="C C",
            function="other",
            is_lead=True,
            gets_list=True,
            regions=[],
        )
    assert not User.objects.filter(email="c@x.example").exists()


def test_staff_invite_is_for_administrators_and_the_agencys_own_lead(
    browser,
    river_agency,
    river_provider,
    river_specialist,
    river_other_agency,
    three_lead,
    three_administrator,
):
    other_lead = make_staff(river_other_agency, name="Otto Lead", lead=True).user
    answers = {
        user.name: invite(browser(user), river_agency).status_code
        for user in (river_provider, river_specialist, other_lead, three_lead, three_administrator)
    }
    assert answers == {
        "Pat Provider": 403,
        "Sam Specialist": 403,
        "Otto Lead": 403,
        "Toni Lead": 404,
        "Tess Administrator": 404,
    }
    assert not Invitation.objects.exists()


@pytest.fixture
def place(river_provider):
    return river_provider.places.get()


def edit(client, place, **changed):
    data = shown(client.get(url(place, "edit/"))) | {
        "function": place.function,
        "gets_list": "on",
        "regions": [region.pk for region in place.regions.all()],
    }
    return client.post(url(place, "edit/"), data | changed)


def test_staff_edit_changes_function_list_and_regions(
    browser, river_lead, place, region_1, audited
):
    answer = edit(
        browser(river_lead), place, function="navigator", regions=[region_1.pk], gets_list=""
    )
    assert answer.status_code == 302
    place.refresh_from_db()
    assert (place.function, place.gets_list, list(place.regions.all())) == (
        "navigator",
        False,
        [region_1],
    )
    assert audited() == [("person.changed", "Lee Lead")]


def test_staff_edit_from_a_stale_page_changes_nothing(browser, river_lead, place):
    client = browser(river_lead)
    data = shown(client.get(url(place, "edit/"))) | {"function": "navigator"}
    client.post(url(place, "edit/"), data)
    answer = client.post(url(place, "edit/"), data | {"function": "outreach"})
    assert "Somebody changed this in the meantime" in words_of(answer)
    place.refresh_from_db()
    assert place.function == "navigator"


def test_staff_edit_by_a_lead_leaves_who_is_lead_alone(
    browser, river_lead, river_administrator, place
):
    edit(browser(river_lead), place, is_lead="on")
    place.refresh_from_db()
    assert not place.is_lead
    edit(browser(river_administrator), place, is_lead="on")
    place.refresh_from_db()
    assert place.is_lead


def test_staff_edit_refuses_a_region_of_the_other_continuum(
    browser, river_lead, place, three_region
):
    assert edit(browser(river_lead), place, regions=[three_region.pk]).status_code == 200
    assert three_region not in place.regions.all()


def test_staff_end_takes_standing_at_once_and_signs_out(
    browser, river, river_lead, river_provider, place, audited
):
    session = browser(river_provider)
    assert session.get("/agencies/").status_code == 200
    client = browser(river_lead)
    assert "sees no participants from now on" in words_of(client.get(url(place, "end/")))
    yesterday = today(river) - timedelta(days=1)
    answer = client.post(url(place, "end/"), {"ended_on": yesterday})
    assert answer.url == url(place.agency)
    place.refresh_from_db()
    user = User.objects.get(pk=river_provider.pk)
    assert (place.ended_on, user.is_active) == (yesterday, False)
    assert not is_in_standing(user, today(river))
    assert session.get("/agencies/").status_code == 302
    assert ("person.ended", "Lee Lead") in audited()
    client.get(url(place.agency))
    words = words_of(client.get(url(place.agency)))
    assert "Lee Lead Agency lead Housing provider" in words
    assert "Pat Provider Housing provider" not in words


def test_staff_end_closes_an_open_invitation(browser, river_lead, river_agency):
    client = browser(river_lead)
    invite(client, river_agency)
    place = StaffMember.objects.get(user__name="Nia New")
    client.post(url(place, "end/"), {"ended_on": place.joined_on})
    assert Invitation.objects.get().revoked_at is not None


def test_staff_end_leaves_the_account_of_somebody_with_another_role(
    browser, river_administrator, river_agency
):
    place = make_staff(river_agency)
    membership = place.user.membership
    membership.is_specialist = True
    membership.save()
    browser(river_administrator).post(url(place, "end/"), {"ended_on": place.joined_on})
    assert User.objects.get(pk=place.user_id).is_active


def test_staff_end_refuses_a_day_to_come(browser, river, river_lead, place):
    tomorrow = today(river) + timedelta(days=1)
    answer = browser(river_lead).post(url(place, "end/"), {"ended_on": tomorrow})
    assert "Give the last day, today or earlier" in words_of(answer)
    place.refresh_from_db()
    assert place.ended_on is None


def test_staff_end_twice_is_not_found(browser, river_lead, place):
    client = browser(river_lead)
    client.post(url(place, "end/"), {"ended_on": place.joined_on})
    assert client.post(url(place, "end/"), {"ended_on": place.joined_on}).status_code == 404


def test_staff_end_of_oneself_is_refused(browser, river_lead):
    own = river_lead.places.get()
    answer = browser(river_lead).post(url(own, "end/"), {"ended_on": own.joined_on})
    assert "You can’t remove your own access" in words_of(answer)
    own.refresh_from_db()
    assert own.ended_on is None


def test_staff_move_ends_one_place_and_begins_another(
    browser, river, river_administrator, river_lead, river_other_agency, region_2, audited, mails
):
    own = river_lead.places.get()
    client = browser(river_administrator)
    answer = client.post(
        url(own, "move/"), {"agency": river_other_agency.pk, "function": "assessor"}
    )
    own.refresh_from_db()
    moved = river_lead.places.get(ended_on__isnull=True)
    assert answer.url == url(moved)
    assert own.ended_on == moved.joined_on == today(river)
    assert (moved.agency, moved.function, moved.is_lead) == (river_other_agency, "assessor", False)
    assert list(moved.regions.all()) == [region_2]
    assert User.objects.get(pk=river_lead.pk).is_active
    assert is_in_standing(river_lead, today(river))
    assert audited() == [("person.moved", "Ada Administrator")]
    assert mails() == [(river_lead.email, "You were added to Cedar Outreach")]


def test_staff_move_offers_agencies_of_the_continuum_alone(
    browser, river_administrator, place, three_agency, river_other_agency
):
    client = browser(river_administrator)
    words = words_of(client.get(url(place, "move/")))
    assert "Cedar Outreach" in words
    assert "Hilltown" not in words
    answer = client.post(url(place, "move/"), {"agency": three_agency.pk, "function": "other"})
    assert answer.status_code == 200
    place.refresh_from_db()
    assert place.ended_on is None


def test_staff_move_is_the_administrators(browser, river_lead, place):
    assert browser(river_lead).get(url(place, "move/")).status_code == 403


def test_staff_reinvite_makes_a_new_link_and_closes_the_old(browser, river_lead, river_agency):
    client = browser(river_lead)
    invite(client, river_agency)
    first = Invitation.objects.get()
    place = StaffMember.objects.get(user__name="Nia New")
    assert client.post(url(place, "reinvite/")).url == url(place)
    first.refresh_from_db()
    assert first.revoked_at is not None
    assert Invitation.objects.filter(revoked_at=None).count() == 1


def test_staff_reinvite_of_somebody_who_signs_in_says_so(browser, river_lead, place):
    answer = browser(river_lead).post(url(place, "reinvite/"))
    assert "has accepted an invitation already" in words_of(answer)
    assert not Invitation.objects.exists()


def test_staff_pages_are_for_administrators_and_the_agencys_own_lead(
    browser, place, river_provider, river_specialist, river_other_agency, three_administrator
):
    other_lead = make_staff(river_other_agency, name="Otto Lead", lead=True).user
    for act in ("", "edit/", "end/", "reinvite/", "move/"):
        for user in (river_provider, river_specialist, other_lead):
            assert browser(user).get(url(place, act)).status_code == 403, (act, user)
        assert browser(three_administrator).get(url(place, act)).status_code == 404
        assert browser(None).get(url(place, act)).status_code == 302


def test_staff_detail_shows_the_person_to_the_lead(browser, river_lead, place):
    words = words_of(browser(river_lead).get(url(place)))
    assert place.user.email in words
    assert "Paperwork current Active" in words
    assert "Move to another agency" not in words


def test_my_place_changes_ones_own_regions_and_list(
    browser, river_provider, place, region_1, region_2, audited
):
    client = browser(river_provider)
    page = client.get("/agencies/my-place/")
    data = shown(page) | {"regions": [region_1.pk, region_2.pk]}
    assert client.post("/agencies/my-place/", data).status_code == 302
    place.refresh_from_db()
    assert (set(place.regions.all()), place.gets_list) == ({region_1, region_2}, False)
    assert audited() == [("person.chose_regions", "Pat Provider")]
    stale = client.post("/agencies/my-place/", data | {"regions": []})
    assert "Somebody changed this in the meantime" in words_of(stale)
    assert place.regions.count() == 2


def test_my_place_cannot_change_function_or_lead(browser, river_provider, place):
    client = browser(river_provider)
    data = shown(client.get("/agencies/my-place/")) | {"is_lead": "on", "function": "assessor"}
    client.post("/agencies/my-place/", data)
    place.refresh_from_db()
    assert (place.is_lead, place.function) == (False, "housing_provider")


def test_my_place_says_why_one_is_not_in_standing(browser, river, river_unsigned_provider):
    make_form(river, "personal")
    words = words_of(browser(river_unsigned_provider).get("/agencies/my-place/"))
    assert "Paperwork not current The confidentiality statement was never signed." in words
    assert "Read and sign it" in words


def test_my_place_of_a_specialist_shows_no_choice(browser, river_specialist):
    client = browser(river_specialist)
    assert "You aren’t assigned to an agency." in words_of(client.get("/agencies/my-place/"))
    assert client.post("/agencies/my-place/", {"revision": 0}).status_code == 404


def test_account_without_a_continuum_finds_no_pages(browser, db):
    user = User.objects.create_user("nobody@x.example", name="No Body", password="x")
    for path in (
        "/agencies/",
        "/agencies/standing/",
        "/agencies/statement/",
        "/agencies/statement/sign/",
        "/set-up/texts/",
    ):
        assert browser(user).get(path).status_code == 404


def test_agency_lead_of_a_lapsed_agency_still_manages_its_people(browser, river, region_2):
    agency = make_agency(river, regions=[region_2])
    lead = make_staff(agency, lead=True).user
    assert invite(browser(lead), agency).status_code == 302


def test_invitation_to_three_county_makes_a_member_of_three_county(
    browser, three, three_lead, three_agency
):
    invite(browser(three_lead), three_agency)
    assert Membership.objects.get(user__name="Nia New").continuum == three


def test_staff_restart_begins_anew_and_is_recorded_with_its_reason(
    browser, river_administrator, river_provider, place, mails
):
    session = browser(river_provider)
    assert session.get("/agencies/").status_code == 200
    client = browser(river_administrator)
    assert "every second factor of Pat Provider are removed" in words_of(
        client.get(url(place, "restart/"))
    )
    missing = client.post(url(place, "restart/"), {"reason": ""})
    assert "Fill in “Why, and how you made sure that it is they who ask”." in words_of(missing)
    assert client.post(url(place, "restart/"), {"reason": "Lost phone"}).url == url(place)
    assert not User.objects.get(pk=river_provider.pk).has_usable_password()
    assert session.get("/agencies/").status_code == 302
    assert mails() == [(river_provider.email, "You are invited to Case Conferencing")]
    entry = AuditEntry.objects.get(action="account.access_restarted")
    assert (entry.actor_label, entry.why) == ("Ada Administrator", "Lost phone")


def test_staff_restart_is_the_administrators(browser, river_lead, three_administrator, place):
    assert browser(river_lead).post(url(place, "restart/"), {"reason": "x"}).status_code == 403
    assert browser(three_administrator).get(url(place, "restart/")).status_code == 404


def test_agency_detail_keeps_former_people_for_the_lead(
    browser, river_lead, river_other_provider, place
):
    client = browser(river_lead)
    client.post(url(place, "end/"), {"ended_on": place.joined_on})
    words = words_of(client.get(url(place.agency)))
    assert "1 former person Pat Provider , until Jan 2, 2024" in words
    assert "Access removed" in words_of(client.get(url(place)))
