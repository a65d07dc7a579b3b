"""The page of the minutes, addenda, exports and passwords, as people meet them."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import sign_in
from agreements.models import StaffMember
from agreements.tests.factories import make_agency_in_standing, make_staff, make_statement
from audit.models import AuditEntry
from conferencing import minutes
from conferencing.minutes import exports
from conferencing.minutes.addenda import add_addendum
from conferencing.models import Addendum, Minutes
from conferencing.tests.factories import (
    make_attendance,
    make_meeting,
    make_review,
    make_role,
    make_roster,
    make_step,
    review_of,
)
from conferencing.tests.pages import hidden, text_of
from conferencing.tests.readable import readable
from participants.models import Participant, Release
from participants.tests.factories import make_participant, make_release
from regions.models import Continuum

from .test_minutes import text_of as text_of_pdf

pytestmark = pytest.mark.django_db
ANA = "Ana Ñandú-Example"


@pytest.fixture
def call(river, region_2):
    return make_meeting(
        river, region_2, starts_at=timezone.now() - timedelta(hours=2), state="closed"
    )


@pytest.fixture
def ana(river_agency, region_2):
    participant = make_participant(river_agency, region_2, name=ANA, alias="Heron-1")
    make_release(participant, agencies=[river_agency])
    return participant


@pytest.fixture
def wren(river_vsp_agency, region_2):
    return make_participant(river_vsp_agency, region_2, alias="Wren-9")


@pytest.fixture
def frozen(call, ana, wren, river_agency, river_specialist):
    make_roster(call, ana, wren)
    review = make_review(
        call,
        ana,
        preferences="Ana wants a ground floor",
        safety="Ana feels safe",
        safety_changed="changed",
        notes="Ana will call on Monday",
    )
    make_step(ana, river_agency, review=review, what="Drive Ana to the office")
    make_review(call, wren, no_step_reason="Moves in tomorrow")
    return minutes.freeze_minutes(call, actor=river_specialist, now=timezone.now())


def url(name, row):
    return reverse(f"conferencing:{name}", args=[row.pk])


def page(client, user, name, row):
    client.force_login(user)
    return text_of(client.get(url(name, row)))


def sign_in_just_now(client, user):
    client.logout()
    sign_in(client, user, password="correct horse battery 1")


def test_minutes_detail_shows_each_reader_what_the_releases_of_now_allow(
    client,
    call,
    ana,
    frozen,
    river_provider,
    river_other_agency,
    river_other_provider,
    river_specialist,
):
    own = page(client, river_provider, "minutes_detail", call)
    assert "1. Ana Ñandú-Example" in own
    assert "Ana will call on Monday" in own
    for user in (river_other_provider, river_specialist):
        shown = page(client, user, "minutes_detail", call)
        assert "Heron-1 will call on Monday" in shown
        assert "Drive Heron-1 to the office" in shown
        assert "Ana" not in readable(shown)
        assert "Wren-9" in shown
    Release.objects.update(revoked_at=timezone.now() - timedelta(seconds=1))
    assert "1. Ana Ñandú-Example" in page(client, river_provider, "minutes_detail", call)
    entry = AuditEntry.objects.filter(action="minutes.viewed").latest("sequence")
    assert entry.detail["named_under"] == {str(ana.pk): "keeps"}
    # The record went to another agency since: the frozen name is read there, and here no longer.
    Participant.objects.filter(pk=ana.pk).update(agency=river_other_agency)
    assert "Ana" not in readable(page(client, river_provider, "minutes_detail", call))
    assert "1. Ana Ñandú-Example" in page(client, river_other_provider, "minutes_detail", call)


def test_minutes_detail_says_what_was_not_confirmed(client, call, frozen, river_provider):
    shown = page(client, river_provider, "minutes_detail", call)
    assert "Preferences Not confirmed at this call Known before: Ana wants a ground floor" in shown
    assert "Current safety Ana feels safe Changed" in shown
    assert "Critical barriers Not recorded" in shown
    assert "Steps None needed: Moves in tomorrow" in shown


def test_minutes_detail_of_another_region_shows_no_household_unless_one_was_there(
    client, call, frozen, river, region_1
):
    agency = make_agency_in_standing(river, name="Far Away House", regions=[region_1])
    far = make_staff(agency, name="Fay Faraway", regions=[region_1]).user
    shown = page(client, far, "minutes_detail", call)
    assert "2 households of this call are of other regions and not shown to you." in shown
    for secret in ("Heron-1", "Wren-9", "Ana", "will call on", "Export to print"):
        assert secret not in readable(shown)
    entry = AuditEntry.objects.get(action="minutes.viewed", actor_id=far.pk)
    assert entry.detail == {"participants": [], "named_under": {}}
    sign_in_just_now(client, far)
    answer = client.post(url("minutes_export", call), {"reason": "To look"})
    assert "None of this call’s households are of your regions." in text_of(answer)
    assert client.get(url("addendum_add", call)).status_code == 403
    make_attendance(call, far)
    assert "Heron-1 will call on Monday" in page(client, far, "minutes_detail", call)


def test_minutes_detail_is_a_404_to_the_other_continuum_and_403_without_standing(
    client,
    call,
    frozen,
    three_provider,
    three_specialist,
    river_lapsed_provider,
    river_administrator,
):
    for user, status in [
        (three_provider, 404),
        (three_specialist, 404),
        (river_lapsed_provider, 403),
        (river_administrator, 403),
    ]:
        client.force_login(user)
        for name in ("minutes_detail", "addendum_add"):
            assert client.get(url(name, call)).status_code == status


def test_minutes_detail_records_who_was_looked_at(client, call, frozen, ana, wren, river_provider):
    page(client, river_provider, "minutes_detail", call)
    entry = AuditEntry.objects.get(action="minutes.viewed")
    assert entry.actor_id == river_provider.pk
    assert entry.object_id == str(frozen.pk)
    assert entry.detail == {
        "participants": sorted([str(ana.pk), str(wren.pk)]),
        "named_under": {str(ana.pk): str(ana.releases.get().pk)},
    }


def test_minutes_detail_before_the_close_and_without_minutes(
    client, river, region_2, call, river_provider
):
    ahead = make_meeting(river, region_2)
    assert "No minutes yet" in page(client, river_provider, "minutes_detail", ahead)
    assert "No minutes of this call" in page(client, river_provider, "minutes_detail", call)


PAGE_QUERIES = 39


@pytest.mark.parametrize("count", [1, 30])
def test_minutes_detail_asks_the_database_the_same_for_1_and_30(
    client, django_assert_num_queries, call, region_2, river_agency, river_specialist, count
):
    Continuum.objects.update(sends_minutes=True)
    people = [make_participant(river_agency, region_2) for _ in range(count)]
    make_roster(call, *people)
    for person in people:
        make_step(person, river_agency, review=make_review(call, person, notes="Said"))
        make_attendance(call, make_staff(river_agency).user)
    minutes.freeze_minutes(call, actor=river_specialist, now=timezone.now())
    for review in call.reviews.all():
        add_addendum(call, review=review, words="More", actor=river_specialist, now=timezone.now())
    client.force_login(river_specialist)
    client.get(url("minutes_detail", call))
    with django_assert_num_queries(PAGE_QUERIES):
        client.get(url("minutes_detail", call))


def test_minutes_detail_shows_copies_to_the_specialist_alone(
    client, river, call, ana, river_provider, river_unsigned_provider, river_specialist
):
    river.sends_minutes = True
    river.save()
    make_attendance(call, river_provider)
    make_attendance(call, river_unsigned_provider)
    minutes.freeze_minutes(call, actor=river_specialist, now=timezone.now())
    shown = page(client, river_specialist, "minutes_detail", call)
    assert "Who has a copy" in shown
    assert "Una Unsigned Bridge Housing Left out The confidentiality statement was never" in shown
    own = page(client, river_provider, "minutes_detail", call)
    assert "Who has a copy" not in own
    assert "A locked copy is on its way to you by mail. See its password" in own


def test_minutes_tab_stands_on_closed_calls_alone(
    client, river, region_2, call, river_provider, river_administrator
):
    link = f'href="{url("minutes_detail", call)}"'
    client.force_login(river_provider)
    assert link in client.get(call.get_absolute_url()).content.decode()
    ahead = make_meeting(river, region_2)
    assert "/minutes/" not in client.get(ahead.get_absolute_url()).content.decode()
    client.force_login(river_administrator)
    assert link not in client.get(call.get_absolute_url()).content.decode()


def test_addendum_add_stands_beside_its_household_with_author_and_time_oldest_first(
    client, call, frozen, ana, river_agency, river_provider, river_other_provider
):
    before = Minutes.objects.get().snapshot
    client.force_login(river_provider)
    about = str(review_of(call, ana).pk)
    form = client.get(url("addendum_add", call) + f"?about={about}").content.decode()
    assert f'<option value="{about}" selected>Ana Ñandú-Example</option>' in form
    assert "Wren-9" not in form
    for words in ("Ana called on Tuesday", "Ana called again"):
        answer = client.post(url("addendum_add", call), {"about": about, "words": words})
        assert answer["Location"] == url("minutes_detail", call)
    shown = page(client, river_provider, "minutes_detail", call)
    assert "Ana will call on Monday" in shown
    assert shown.index("by Pat Provider Ana called on Tuesday") < shown.index("Ana called again")
    other = page(client, river_other_provider, "minutes_detail", call)
    assert "by Pat Provider Heron-1 called on Tuesday" in other
    assert "Ana" not in readable(other)
    assert Minutes.objects.get().snapshot == before
    entries = AuditEntry.objects.filter(action="minutes.addendum_added")
    assert [(each.actor_id, each.detail["participant"]) for each in entries] == [
        (river_provider.pk, str(ana.pk))
    ] * 2


def test_addendum_add_about_the_whole_call_keeps_every_name_that_is_not_released(
    client,
    call,
    frozen,
    river_other_agency,
    river_other_provider,
    river_provider,
    river_specialist,
):
    place = StaffMember.objects.get(user=river_other_provider)
    make_role(call, river_other_agency, person=place)
    client.force_login(river_other_provider)
    words = {"about": "call", "words": "Ana was spoken of twice"}
    client.post(url("addendum_add", call), words)
    shown = page(client, river_specialist, "minutes_detail", call)
    assert "Added about the whole call" in shown
    assert "Heron-1 was spoken of twice" in shown
    writers_own = page(client, river_other_provider, "minutes_detail", call)
    assert "Ana was spoken of twice" in writers_own
    assert "Ana was spoken of twice" in page(client, river_provider, "minutes_detail", call)


def test_addendum_add_refuses_a_wrong_agency_and_a_household_that_is_not_its_own(
    client, call, frozen, ana, wren, river_provider, river_other_provider, river_vsp_provider
):
    client.force_login(river_other_provider)
    about = str(review_of(call, ana).pk)
    data = {"about": about, "words": "Not mine"}
    assert client.post(url("addendum_add", call), data).status_code == 403
    client.force_login(river_vsp_provider)
    for wrong in (about, "call", "", "x"):
        answer = client.post(url("addendum_add", call), {"about": wrong, "words": "Not mine"})
        assert "Choose what it is about." in answer.content.decode()
        assert "Not mine" in answer.content.decode()
    assert not Addendum.objects.exists()
    client.post(
        url("addendum_add", call), {"about": str(review_of(call, wren).pk), "words": "Mine"}
    )
    assert Addendum.objects.get().by == river_vsp_provider
    assert river_vsp_provider.has_perm("conferencing.add_addendum", review_of(call, wren))
    assert not river_vsp_provider.has_perm("conferencing.add_addendum", review_of(call, ana))


def test_addendum_add_asks_once_about_words_with_no_place_here_and_keeps_what_was_typed(
    client, call, frozen, ana, river_provider
):
    client.force_login(river_provider)
    data = {"about": str(review_of(call, ana).pk), "words": "Ana has bipolar disorder"}
    asked = client.post(url("addendum_add", call), data)
    assert "This reads like a diagnosis." in text_of(asked)
    assert "press the button again" in text_of(asked)
    assert "Ana has bipolar disorder" in asked.content.decode()
    assert not Addendum.objects.exists()
    kept = {"kept": hidden(asked, "kept")}
    changed = client.post(url("addendum_add", call), data | kept | {"words": "She has HIV"})
    assert "This may tell of HIV status." in text_of(changed)
    assert not Addendum.objects.exists()
    client.post(url("addendum_add", call), data | kept)
    assert Addendum.objects.get().words == "Ana has bipolar disorder"


@pytest.mark.parametrize("is_whole", [True, False])
def test_addendum_add_refuses_where_a_victim_service_providers_participant_is(
    client, call, frozen, wren, river_specialist, is_whole
):
    client.force_login(river_specialist)
    about = "call" if is_whole else str(review_of(call, wren).pk)
    data = {"about": about, "words": "wren-9 is staying at 412 Oak Street"}
    for _ in range(2):
        refused = client.post(url("addendum_add", call), data)
        assert "cannot be kept here" in text_of(refused)
    assert not Addendum.objects.exists()
    client.post(url("addendum_add", call), {"about": "call", "words": "We met at 9 Elm Street"})
    assert Addendum.objects.get().words == "We met at 9 Elm Street"


def test_add_addendum_refuses_no_words_another_call_and_a_call_without_minutes(
    call, frozen, ana, river, region_2, river_specialist
):
    now = timezone.now()
    other = make_meeting(river, region_2, starts_at=now - timedelta(days=40), state="closed")
    foreign = make_review(other, ana)
    for meeting, review, words, why in [
        (call, None, "  ", "cannot be blank"),
        (call, foreign, "Words", "not reviewed at this call"),
        (other, foreign, "Words", "no minutes of this call"),
    ]:
        with pytest.raises(ValidationError, match=why):
            add_addendum(meeting, review=review, words=words, actor=river_specialist, now=now)
    assert not Addendum.objects.exists()


def test_minutes_export_asks_for_proof_and_a_reason_and_gives_a_locked_file(
    client, call, frozen, ana, wren, river_provider
):
    client.force_login(river_provider)
    answer = client.get(url("minutes_export", call))
    assert answer["Location"].startswith("/account/confirm/")
    sign_in_just_now(client, river_provider)
    refused = client.post(url("minutes_export", call), {"reason": " "})
    assert "Say why you export the minutes." in refused.content.decode()
    assert not AuditEntry.objects.filter(action="minutes.exported").exists()
    given = client.post(url("minutes_export", call), {"reason": "For the paper file"})
    password, order = given.context["password"], given.context["order"]
    assert password in given.content.decode()
    file = client.post(url("minutes_export", call), {"order": order})
    assert file["Content-Type"] == "application/pdf"
    assert file["Content-Disposition"] == (f'attachment; filename="minutes-{call.on:%Y-%m-%d}.pdf"')
    text = text_of_pdf(file.content, password)
    assert "Ana will call on Monday" in text
    assert "Made for Pat Provider" in text
    exported = AuditEntry.objects.get(action="minutes.exported")
    assert (exported.actor_id, exported.reason["text"]) == (river_provider.pk, "For the paper file")
    taken = AuditEntry.objects.get(action="minutes.downloaded")
    assert taken.detail["participants"] == 2
    assert taken.detail["by_name"] == 1
    assert {each["participant"] for each in taken.detail["shown"]} == {str(ana.pk), str(wren.pk)}
    assert password not in client.get(url("minutes_export", call)).content.decode()


def test_download_minutes_takes_an_order_of_its_own_person_and_call_within_minutes(
    call, frozen, river, region_2, river_provider, river_other_provider, river_specialist
):
    now = timezone.now()
    other = make_meeting(river, region_2, starts_at=now - timedelta(days=40), state="closed")
    minutes.freeze_minutes(other, actor=river_specialist, now=now)
    _, order = exports.export_minutes(call, reason="To file", actor=river_provider, now=now)
    for meeting, text, actor, at in [
        (call, order, river_other_provider, now),
        (other, order, river_provider, now),
        (call, order, river_provider, now + timedelta(minutes=11)),
        (call, order[:-8], river_provider, now),
        (call, "ñ", river_provider, now),
        (call, "", river_provider, now),
    ]:
        with pytest.raises(ValidationError, match="The time for this file is over"):
            exports.download_minutes(meeting, order=text, actor=actor, now=at)
    assert not AuditEntry.objects.filter(action="minutes.downloaded").exists()
    assert exports.download_minutes(call, order=order, actor=river_provider, now=now)


def test_minutes_reveal_shows_a_recipient_their_own_password_alone(
    client, river, call, ana, river_provider, river_lead, three_provider, river_specialist
):
    river.sends_minutes = True
    river.save()
    make_attendance(call, river_provider)
    frozen = minutes.freeze_minutes(call, actor=river_specialist, now=timezone.now())
    delivery = frozen.deliveries.get(recipient=river_provider)
    for user, status in [
        (river_provider, 200),
        (river_lead, 404),
        (three_provider, 404),
        (river_specialist, 403),
    ]:
        sign_in_just_now(client, user)
        answer = client.get(url("minutes_reveal", delivery))
        assert answer.status_code == status
        assert (delivery.password in answer.content.decode()) == (user == river_provider)
    looks = AuditEntry.objects.filter(action="minutes.password_revealed")
    assert [each.actor_id for each in looks] == [river_provider.pk]


def test_minutes_reveal_of_one_left_out_has_no_password(
    client, river, call, river_unsigned_provider, river_specialist
):
    river.sends_minutes = True
    river.save()
    make_attendance(call, river_unsigned_provider)
    frozen = minutes.freeze_minutes(call, actor=river_specialist, now=timezone.now())
    make_statement(river_unsigned_provider)
    sign_in_just_now(client, river_unsigned_provider)
    delivery = frozen.deliveries.get(recipient=river_unsigned_provider)
    answer = client.get(url("minutes_reveal", delivery), follow=True)
    assert "These minutes were not sent to you" in text_of(answer)


def test_minutes_choice_edit_is_the_specialists_and_is_recorded(
    client, river, river_specialist, river_provider
):
    address = reverse("conferencing:minutes_choice_edit")
    client.force_login(river_provider)
    assert client.post(address, {"sends_minutes": "yes"}).status_code == 403
    client.force_login(river_specialist)
    refused = client.post(address, {"sends_minutes": "perhaps"})
    assert "Choose whether the minutes are mailed." in refused.content.decode()
    river.refresh_from_db()
    assert river.sends_minutes is False
    client.post(address, {"sends_minutes": "yes"})
    river.refresh_from_db()
    assert river.sends_minutes is True
    entry = AuditEntry.objects.get(action="continuum.changed")
    assert entry.detail == {"sends_minutes": True}
    assert "Mailed, locked, to the CE Specialists, and to everyone who was there" in text_of(
        client.get(reverse("regions:region_list"))
    )
