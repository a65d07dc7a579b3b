"""Guests of a call: who may invite whom, what is mailed, and that they get nothing else."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.services import accept_invitation
from agreements.models import StaffMember
from audit.models import AuditEntry
from conferencing.call.guests import (
    invite_guest,
    own_calls,
    prepare_guest,
    reinvite_guest,
    tell_guests,
    withdraw_guest,
)
from conferencing.models import Call, CallGuest
from conferencing.schedule.acts import cancel_meeting, move_meeting
from conferencing.tests.factories import make_guest, make_meeting, make_roster
from conferencing.tests.pages import text_of
from conferencing.tests.world import prove, signed_in
from conferencing.words import day_of
from outbox.kinds import Withheld
from outbox.models import Message
from participants.tests.factories import make_participant, make_release

PASSWORD = "a long and unguessable phrase 7"


@pytest.fixture
def call(three, three_region):
    return make_meeting(three, three_region)


@pytest.fixture
def household(three_agency, three_region, call):
    """On the roster, under no release."""
    person = make_participant(three_agency, three_region, name="Ana Sentinelle", alias="Heron-1")
    make_roster(call, person)
    return person


def invite(call, participant, actor, **values):
    now = timezone.now()
    return invite_guest(
        call,
        participant,
        **{
            "relation": "participant",
            "name": "",
            "email": "guest@example.org",
            "actor": actor,
            "now": now,
        }
        | values,
    )


def may_attend(guest):
    user = User.objects.get(pk=guest.user_id)
    return user.has_perm("conferencing.attend_meeting_as_guest", guest.meeting)


def in_words(message):
    return prepare_guest(message, timezone.now())


def test_invite_guest_makes_an_account_without_a_name_and_mails_nothing_of_the_household(
    call, household, three_specialist
):
    guest = invite(call, household, three_specialist, email="Ana.Sentinelle@example.org")
    user = guest.user
    assert (user.name, user.email, user.has_usable_password()) == (
        "Guest",
        "ana.sentinelle@example.org",
        False,
    )
    membership = user.membership
    assert (membership.is_guest, membership.is_specialist, membership.is_administrator) == (
        True,
        False,
        False,
    )
    assert not StaffMember.objects.filter(user=user).exists()
    assert may_attend(guest)
    kinds = Message.objects.filter(user=user).values_list("kind", flat=True)
    assert sorted(kinds) == ["accounts-invitation", "call-guest"]
    mail = in_words(Message.objects.get(kind="call-guest"))
    for said in (mail.subject, mail.text, mail.html):
        assert "Heron" not in said
        assert "Sentinelle" not in said
        assert str(household.pk) not in said
    assert mail.text.startswith("Hello Guest,")
    assert "You are invited to a call of Three County CoC:" in mail.text
    entries = AuditEntry.objects.filter(action__in=["guest.invited", "account.invited"])
    assert {entry.action for entry in entries} == {"guest.invited", "account.invited"}
    assert "sentinelle" not in str([entry.detail for entry in entries]).lower()


def test_invite_guest_names_family_and_knows_an_account_again(
    three, three_region, call, household, three_specialist
):
    with pytest.raises(ValidationError, match="Say what the guest is called"):
        invite(call, household, three_specialist, relation="family", name="  ")
    guest = invite(call, household, three_specialist, relation="family", name="Mo Ther")
    assert (guest.user.name, guest.name) == ("Guest", "Mo Ther")
    with pytest.raises(ValidationError, match="invited to a review of this call already"):
        invite(call, household, three_specialist, relation="family", name="Mo Ther")
    with pytest.raises(ValidationError, match="invited to a review of this call already"):
        invite(call, household, three_specialist)
    later = make_meeting(three, three_region, starts_at=call.starts_at + timedelta(days=30))
    make_roster(later, household)
    again = invite(later, household, three_specialist, relation="family", name="Mo Ther")
    assert again.user == guest.user
    assert CallGuest.objects.count() == 2


def test_invite_guest_refuses_staff_the_roster_and_what_is_over(
    call, household, three_region, three_agency, three_specialist, three_provider, river_provider
):
    for user, words in (
        (three_provider, "Somebody who takes part in the calls"),
        (three_specialist, "Somebody who takes part in the calls"),
        (river_provider, "This address can’t be invited here"),
    ):
        with pytest.raises(ValidationError, match=words):
            invite(call, household, three_specialist, email=user.email)
    aside = make_participant(three_agency, three_region)
    with pytest.raises(ValidationError, match="not on the roster"):
        invite(call, aside, three_specialist)
    with pytest.raises(ValidationError, match="not on the roster, or not yours"):
        invite(call, household, three_provider)
    with pytest.raises(ValidationError, match="This call is over"):
        invite(call, household, three_specialist, now=call.ends_at + timedelta(minutes=1))
    assert not CallGuest.objects.exists()
    three_provider.membership.refresh_from_db()
    assert three_provider.membership.is_guest is False


def test_invite_guest_to_a_victim_service_providers_household_is_for_its_own_staff(
    client, river, region_2, river_vsp_agency, river_vsp_provider, river_specialist, river_agency
):
    call = make_meeting(river, region_2)
    person = make_participant(river_vsp_agency, region_2, alias="Confidential-1")
    other = make_participant(river_agency, region_2, alias="Heron-1")
    make_roster(call, person, other)
    with pytest.raises(ValidationError, match="not yours to invite to"):
        invite(call, person, river_specialist)
    with pytest.raises(ValidationError, match="not yours to invite to"):
        invite(call, other, river_vsp_provider)
    address = reverse("conferencing:guest_invite", args=[call.pk])
    client.force_login(river_specialist)
    prove(client, river_specialist)
    assert "Confidential-1" not in client.get(address).content.decode()
    client.force_login(river_vsp_provider)
    prove(client, river_vsp_provider)
    page = client.get(address)
    assert "Confidential-1" in text_of(page)
    assert "Heron-1" not in text_of(page)
    assert 'name="name"' not in page.content.decode()
    typed = {
        "participant": str(person.pk),
        "relation": "support",
        "name": "Nina Secret",
        "email": "made-for-this@example.org",
    }
    refused = client.post(address, typed)
    assert "Without a release nobody can be invited." in text_of(refused)
    assert not CallGuest.objects.exists()
    client.post(address, typed | {"is_released": "on"})
    guest = CallGuest.objects.get()
    assert guest.user.name == "Guest"
    assert not User.objects.filter(name__contains="Nina").exists()
    for user in (river_specialist, river_vsp_provider):
        client.force_login(user)
        words = client.get(reverse("conferencing:guest_list", args=[call.pk])).content.decode()
        assert "Confidential-1" in words
        assert "made-for-this" not in words


def test_withdraw_guest_shuts_them_out_at_once(call, household, three_specialist):
    guest = invite(call, household, three_specialist)
    accept_invitation(guest.user.invitations.get(), password=PASSWORD)
    browser = signed_in(User.objects.get(pk=guest.user_id))
    assert browser.get("/").status_code == 200
    withdraw_guest(guest, actor=three_specialist, now=timezone.now())
    withdraw_guest(guest, actor=three_specialist, now=timezone.now())
    assert not may_attend(guest)
    user = User.objects.get(pk=guest.user_id)
    assert user.is_active is False
    assert browser.get("/").status_code == 302
    with pytest.raises(Withheld, match="withdrawn"):
        in_words(Message.objects.get(kind="call-guest"))
    with pytest.raises(ValidationError, match="was withdrawn"):
        reinvite_guest(guest, actor=three_specialist, now=timezone.now())
    assert AuditEntry.objects.filter(action="guest.withdrawn").count() == 1
    back = invite(call, household, three_specialist)
    assert (back.user, may_attend(back)) == (user, True)


def test_withdraw_guest_leaves_what_other_calls_need(
    three, three_region, call, household, three_specialist
):
    later = make_meeting(three, three_region, starts_at=call.starts_at + timedelta(days=30))
    make_roster(later, household)
    guest = invite(call, household, three_specialist)
    other = invite(later, household, three_specialist)
    withdraw_guest(guest, actor=three_specialist, now=timezone.now())
    assert (may_attend(guest), may_attend(other)) == (False, True)
    assert User.objects.get(pk=guest.user_id).is_active


def test_reinvite_guest_mails_the_way_in_again(call, household, three_specialist):
    guest = invite(call, household, three_specialist)
    now = timezone.now() + timedelta(days=1)
    reinvite_guest(guest, actor=three_specialist, now=now)
    kinds = Message.objects.filter(user=guest.user).values_list("kind", flat=True)
    assert sorted(kinds) == ["accounts-invitation"] * 2 + ["call-guest"] * 2
    accept_invitation(guest.user.invitations.open(now).get(), password=PASSWORD)
    reinvite_guest(guest, actor=three_specialist, now=now + timedelta(hours=1))
    assert Message.objects.filter(user=guest.user, kind="accounts-invitation").count() == 2


def test_tell_guests_tells_of_a_call_moved_and_called_off_once_each(
    call, household, three_specialist
):
    invite(call, household, three_specialist)
    gone = make_guest(call, household, by=three_specialist, withdrawn_at=timezone.now())
    now = timezone.now()

    def told():
        tell_guests(now)
        tell_guests(now)
        return Message.objects.filter(kind="call-guest").count()

    assert told() == 1
    move_meeting(
        call,
        starts_at=call.starts_at + timedelta(days=1),
        minutes=60,
        actor=three_specialist,
        now=now,
    )
    assert told() == 2
    cancel_meeting(call, reason="Snow", actor=three_specialist, now=now)
    assert told() == 3
    newest = Message.objects.filter(kind="call-guest").latest("created_at")
    mail = in_words(newest)
    assert mail.subject == "Your call is called off"
    assert "Snow" not in mail.text
    assert not Message.objects.filter(kind="call-guest", user=gone.user).exists()


def test_guest_of_a_household_that_leaves_the_roster_and_comes_back_is_told_each_time(
    three, call, household, three_specialist
):
    guest = invite(call, household, three_specialist)
    other = make_participant(household.agency, household.region, name="Bo Other")
    make_roster(make_meeting(three, household.region), household, other)
    now = timezone.now()

    def subjects(hours):
        tell_guests(now + timedelta(hours=hours))
        tell_guests(now + timedelta(hours=hours, minutes=1))
        mails = Message.objects.filter(kind="call-guest", about_id=guest.pk).order_by("created_at")
        return [in_words(mails.last()).subject, mails.count()]

    assert subjects(1) == [f"Your call on {day_of(call)}", 1]
    client = signed_in(three_specialist)
    entry = call.roster.get()
    url = reverse("conferencing:roster_remove", args=[call.pk, entry.pk])
    said = text_of(client.post(url, follow=True))
    assert "1 guest was invited to a review that is off the roster now." in said
    assert subjects(2) == ["Your call is called off", 2]
    mail = in_words(Message.objects.filter(kind="call-guest").latest("created_at"))
    assert "will not take place at this call" in mail.text
    for unsaid in ("Heron-1", "Sentinelle"):
        assert unsaid not in mail.text
    assert "will not take place" in text_of(signed_in(guest.user).get("/"))
    make_roster(call, household)
    assert subjects(3) == [f"Your call on {day_of(call)}", 3]
    assert "will not take place" not in text_of(signed_in(guest.user).get("/"))
    call.roster.all().delete()
    assert subjects(4) == ["Your call is called off", 4]
    cancel_meeting(call, reason="Snow", actor=three_specialist, now=now + timedelta(hours=5))
    assert subjects(6) == ["Your call is called off", 5]
    mail = in_words(Message.objects.filter(kind="call-guest").latest("created_at"))
    assert "is not held" in mail.text


def test_a_victim_service_providers_staff_withdraw_their_guest_of_a_household_off_the_roster(
    river, region_2, river_vsp_agency, river_vsp_provider, river_specialist
):
    call = make_meeting(river, region_2)
    robin = make_participant(river_vsp_agency, region_2, alias="Robin-7")
    guest = make_guest(call, robin, by=river_vsp_provider, relation="family")
    client = signed_in(river_vsp_provider)
    page = client.get(reverse("conferencing:guest_list", args=[call.pk]))
    assert [line["guest"] for line in page.context["lines"]] == [guest]
    client.post(reverse("conferencing:guest_withdraw", args=[call.pk, guest.pk]))
    guest.refresh_from_db()
    assert guest.withdrawn_at is not None


def test_tell_guests_lets_them_go_after_the_call(
    three, three_region, call, household, three_specialist
):
    guest = invite(call, household, three_specialist)
    tell_guests(call.ends_at + timedelta(hours=23))
    assert may_attend(guest)
    tell_guests(call.ends_at + timedelta(hours=25))
    assert not may_attend(guest)
    assert User.objects.get(pk=guest.user_id).is_active is False


def test_home_of_a_guest_says_only_when_their_call_is(
    three, three_region, call, household, three_specialist
):
    other = make_meeting(three, three_region, starts_at=call.starts_at + timedelta(days=3))
    guest = make_guest(call, household, by=three_specialist)
    browser = signed_in(guest.user)
    page = browser.get("/")
    words = page.content.decode()
    assert f"{timezone.localtime(call.starts_at, ZoneInfo(three.zone)):%B}" in text_of(page)
    assert "Your call" in text_of(page)
    for unsaid in ("Heron-1", "Sentinelle", "Meetings", "Participants", str(other.pk), "Hilltown"):
        assert unsaid not in words
    assert "calendar" not in browser.get(reverse("accounts:account")).content.decode().lower()
    call.state, call.cancellation_reason = "cancelled", "Snow"
    call.save()
    words = text_of(browser.get("/"))
    assert "This call is not held." in words
    assert "Snow" not in words


def test_guest_of_a_call_that_runs_over_finds_it_and_can_still_be_withdrawn(
    three, three_region, three_agency, three_specialist
):
    now = timezone.now()
    call = make_meeting(three, three_region, starts_at=now - timedelta(minutes=80))
    household = make_participant(three_agency, three_region, name="Ana Sentinelle")
    make_roster(call, household)
    guest = make_guest(call, household, by=three_specialist)
    held = Call.objects.create(meeting=call, began_at=call.starts_at, began_by=three_specialist)
    assert own_calls(guest.user, now) == [call]
    words = text_of(signed_in(three_specialist).get(f"/meetings/{call.pk}/guests/"))
    assert "Withdraw" in words
    assert "Invite again" not in words
    held.delete()
    assert own_calls(guest.user, now) == []


@pytest.mark.parametrize(
    "path",
    [
        "/meetings/",
        "/participants/",
        "/agencies/",
        "/set-up/regions/",
        "/audit/",
        "/account/calendar/",
        "/roles/",
    ],
)
def test_a_guest_finds_no_other_page(call, household, three_specialist, path):
    guest = make_guest(call, household, by=three_specialist)
    assert signed_in(guest.user).get(path).status_code == 404
    own = signed_in(guest.user)
    for address in (call.get_absolute_url(), household.get_absolute_url()):
        assert own.get(address).status_code == 404


def test_a_guest_who_becomes_staff_is_no_guest_any_more(
    call, household, three_agency, three_specialist
):
    guest = make_guest(call, household, by=three_specialist)
    StaffMember.objects.create(
        user=guest.user, agency=three_agency, function="other", joined_on=call.on
    )
    browser = signed_in(User.objects.get(pk=guest.user_id))
    assert browser.get("/meetings/").status_code == 200
    withdraw_guest(guest, actor=three_specialist, now=timezone.now())
    assert browser.get("/meetings/").status_code == 200
    assert User.objects.get(pk=guest.user_id).is_active


def test_guest_pages_invite_list_and_withdraw(client, call, household, three_specialist):
    client.force_login(three_specialist)
    prove(client, three_specialist)
    listing = reverse("conferencing:guest_list", args=[call.pk])
    assert f'href="{listing}"' in client.get(call.get_absolute_url()).content.decode()
    assert "Nobody is invited to a review of this call." in text_of(client.get(listing))
    address = reverse("conferencing:guest_invite", args=[call.pk])
    typed = {"participant": str(household.pk), "email": "mother@example.org", "name": ""}
    refused = client.post(address, typed | {"relation": "family"})
    assert "Say what the guest is called." in text_of(refused)
    refused = client.post(address, typed | {"relation": "participant", "name": "Ana Sentinelle"})
    assert "Leave the name blank" in text_of(refused)
    assert not CallGuest.objects.exists()
    answer = client.post(
        address, typed | {"relation": "family", "name": "Eva Sentinelle"}, follow=True
    )
    words = text_of(answer)
    assert "The guest is invited by mail." in words
    assert "Not signed in yet" in words
    assert "Eva Sentinelle" in words  # as who typed it wrote
    guest = CallGuest.objects.get()
    for act, said in (
        ("guest_reinvite", "invited again by mail"),
        ("guest_withdraw", "The invitation is withdrawn."),
    ):
        url = reverse(f"conferencing:{act}", args=[call.pk, guest.pk])
        assert said in text_of(client.post(url, follow=True))
    refused = client.post(
        reverse("conferencing:guest_reinvite", args=[call.pk, guest.pk]), follow=True
    )
    assert "This invitation was withdrawn." in text_of(refused)
    entries = AuditEntry.objects.filter(action="guests.viewed")
    shown = {"participants": [str(household.pk)], "named_under": {}}
    assert entries.latest("sequence").detail == shown


def test_guest_list_asks_as_often_for_one_and_thirty(
    client,
    call,
    three_agency,
    three_region,
    three_specialist,
    django_assert_num_queries,
    django_assert_max_num_queries,
):
    def more():
        person = make_participant(three_agency, three_region)
        make_release(person)
        make_guest(call, person, by=three_specialist)

    more()
    client.force_login(three_specialist)
    listing = reverse("conferencing:guest_list", args=[call.pk])
    client.get(listing)
    with django_assert_max_num_queries(30) as first:
        assert len(client.get(listing).context["lines"]) == 1
    for _ in range(29):
        more()
    with django_assert_num_queries(len(first)):
        assert len(client.get(listing).context["lines"]) == 30
