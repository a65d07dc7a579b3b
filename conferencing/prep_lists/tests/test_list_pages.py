"""The page of deliveries and the pages of passwords, as people meet them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

import outbox.services
from accounts.tests.factories import sign_in
from agreements.tests.factories import make_staff, make_statement
from audit.models import AuditEntry
from conferencing.models import PrepList
from conferencing.prep_lists import acts as lists
from conferencing.tests.factories import make_meeting, make_roster
from participants.tests.factories import make_participant

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(river, region_2):
    return make_meeting(river, region_2)


def sign_in_just_now(client, user):
    client.logout()
    sign_in(client, user, password="correct horse battery 1")


def page(client, name, *args):
    return client.get(reverse(f"conferencing:{name}", args=args)).content.decode()


QUERIES_BEFORE = 16
QUERIES_AFTER = 13


@pytest.mark.parametrize("count", [1, 30])
def test_list_detail_asks_the_database_the_same_for_1_and_30(
    client, django_assert_num_queries, river_agency, region_2, call, river_specialist, count
):
    for _ in range(count):
        make_staff(river_agency, regions=[region_2])
    client.force_login(river_specialist)
    url = reverse("conferencing:list_detail", args=[call.pk])
    client.get(url)
    with django_assert_num_queries(QUERIES_BEFORE):
        client.get(url)
    lists.freeze_list(call, actor=river_specialist, now=timezone.now())
    with django_assert_num_queries(QUERIES_AFTER):
        client.get(url)


def test_list_detail_says_of_each_revision_once_when_it_was_frozen(
    client, call, river_provider, river_specialist
):
    lists.freeze_list(call, actor=river_specialist, now=timezone.now())
    make_roster(call, make_participant(river_provider.places.get().agency, call.region))
    lists.correct_list(
        call, revision=1, reason="One more household", actor=river_specialist, now=timezone.now()
    )
    client.force_login(river_specialist)
    said = page(client, "list_detail", call.pk)
    assert [said.count(f"Revision {n} was frozen on") for n in (1, 2)] == [1, 1]
    assert said.count("frozen") == 2
    assert said.count("One more household") == 1


def test_list_send_says_first_what_it_will_do_and_does_it_once(
    client, call, river_agency, region_2, river_provider, river_lapsed_provider, river_specialist
):
    make_roster(call, make_participant(river_agency, region_2))
    client.force_login(river_specialist)
    before = page(client, "list_send", call.pk)
    assert "The roster as it stands is frozen (1 household)." in before
    assert "1 person gets an email with their own protected copy, at once." in before
    assert "1 person is left out; the page says why." in before
    assert not PrepList.objects.exists()
    url = reverse("conferencing:list_send", args=[call.pk])
    client.post(url)
    client.post(url)
    assert PrepList.objects.count() == 1
    after = page(client, "list_detail", call.pk)
    assert "Left out" in after
    assert "The CES Partner Agreement expired on" in after


def test_list_correct_by_a_stale_page_makes_no_second_correction(
    client, call, river_agency, region_2, river_provider, river_specialist
):
    lists.freeze_list(call, actor=river_specialist, now=timezone.now())
    make_roster(call, make_participant(river_agency, region_2))
    client.force_login(river_specialist)
    url = reverse("conferencing:list_correct", args=[call.pk])
    client.post(url, {"revision": 1, "reason": "One more"})
    answer = client.post(url, {"revision": 1, "reason": "One more"})
    assert "Revision 2 of this list was made in the meantime" in answer.content.decode()
    assert "One more" in answer.content.decode()
    assert PrepList.objects.count() == 2


def test_list_correct_with_nothing_changed_asks_whether_to_send_it_all_the_same(
    client, call, river_agency, region_2, river_provider, river_specialist
):
    make_roster(call, make_participant(river_agency, region_2))
    lists.freeze_list(call, actor=river_specialist, now=timezone.now() - timedelta(days=3))
    client.force_login(river_specialist)
    url = reverse("conferencing:list_correct", args=[call.pk])
    assert "Nothing has changed since revision 1." in client.get(url).content.decode()
    form = {"revision": 1, "reason": "By mistake"}
    answer = client.post(url, form)
    assert "Tick this to send it all the same." in answer.content.decode()
    assert PrepList.objects.count() == 1
    client.post(url, form | {"all_the_same": "on"})
    assert PrepList.objects.count() == 2


def test_delivery_reveal_shows_a_recipient_their_own_password_alone(
    client, call, river_provider, river_other_provider, river_lead, three_provider, river_specialist
):
    prep_list = lists.freeze_list(call, actor=river_specialist, now=timezone.now())
    delivery = prep_list.deliveries.get(recipient=river_provider)
    url = reverse("conferencing:delivery_reveal", args=[delivery.pk])
    for user, status in [
        (river_provider, 200),
        (river_other_provider, 404),
        (river_lead, 404),
        (three_provider, 404),
        (river_specialist, 403),
    ]:
        sign_in_just_now(client, user)
        answer = client.get(url)
        assert answer.status_code == status
        assert (delivery.password in answer.content.decode()) == (user == river_provider)
    looks = AuditEntry.objects.filter(action="password.revealed")
    assert [entry.actor_id for entry in looks] == [river_provider.pk]


def test_delivery_read_out_needs_a_reason_and_is_recorded(
    client, call, river_provider, river_specialist
):
    prep_list = lists.freeze_list(call, actor=river_specialist, now=timezone.now())
    delivery = prep_list.deliveries.get()
    sign_in_just_now(client, river_specialist)
    url = reverse("conferencing:delivery_read_out", args=[delivery.pk])
    assert delivery.password not in client.get(url).content.decode()
    refused = client.post(url, {"reason": " "}).content.decode()
    assert delivery.password not in refused
    assert "Enter the reason; it is kept in the record." in refused
    shown = client.post(url, {"reason": "Called from the known number"}).content.decode()
    assert delivery.password in shown
    (entry,) = AuditEntry.objects.filter(action="password.read_out")
    assert entry.reason["text"] == "Called from the known number"


def test_delivery_to_a_refused_address_is_shown_with_the_reason(
    client, smtp_server, call, river_provider, river_specialist
):
    smtp_server.refuse(river_provider.email, 550)
    lists.freeze_list(call, actor=river_specialist, now=timezone.now())
    outbox.services.tick(timezone.now(), send=True)
    client.force_login(river_specialist)
    shown = page(client, "list_detail", call.pk)
    assert "Failed" in shown
    assert "550" in shown or "refused" in shown.lower()


def test_roster_of_nobody_gives_a_list_that_says_so(call, river_provider, river_specialist):
    prep_list = lists.freeze_list(call, actor=river_specialist, now=timezone.now())
    assert prep_list.snapshot["participants"] == []
    assert prep_list.deliveries.get().message is not None


def test_delivery_again_says_why_it_cannot_be_sent_yet(
    client, call, river_agency, region_2, river_provider, river_lapsed_provider, river_specialist
):
    make_roster(call, make_participant(river_agency, region_2))
    prep_list = lists.freeze_list(call, actor=river_specialist, now=timezone.now())
    client.force_login(river_specialist)
    told = {
        each.recipient: page(client, "delivery_again", each.pk)
        for each in prep_list.deliveries.select_related("recipient")
    }
    assert "Can’t be sent now" in told[river_lapsed_provider]
    assert "The CES Partner Agreement expired on" in told[river_lapsed_provider]
    assert "What this will do" not in told[river_lapsed_provider]
    assert "Pat Provider gets an email with revision 1, at once." in told[river_provider]
    assert "Why you are sending it again" in told[river_provider]


def test_delivery_again_offers_to_whoever_was_left_out_the_way_to_the_paper_first(
    client, call, river_agency, region_2, river_unsigned_provider, river_specialist
):
    make_roster(call, make_participant(river_agency, region_2))
    prep_list = lists.freeze_list(call, actor=river_specialist, now=timezone.now())
    delivery = prep_list.deliveries.get(recipient=river_unsigned_provider)
    url = reverse("conferencing:delivery_again", args=[delivery.pk])
    client.force_login(river_specialist)
    agency = river_unsigned_provider.places.get().agency
    for answer in (client.get(url), client.post(url, {"reason": "Please"})):
        html = answer.content.decode().partition("<main")[2].partition("</main>")[0]
        assert f'href="{agency.get_absolute_url()}"' in html
        assert "<form" not in html
        assert "<button" not in html
    delivery.refresh_from_db()
    assert delivery.message is None
    make_statement(river_unsigned_provider)
    asked = page(client, "delivery_again", delivery.pk)
    assert "Why you are sending it" in asked
    assert "sending it again" not in asked
    client.post(url, {"reason": "Signed today"})
    delivery.refresh_from_db()
    assert delivery.message is not None
