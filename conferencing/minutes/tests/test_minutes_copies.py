"""Copies of the minutes after they went out: sent again, and their password read out."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

import outbox.services
from accounts.tests.factories import sign_in
from agreements.models import StaffMember
from agreements.tests.factories import make_statement
from audit.models import AuditEntry
from conferencing import minutes
from conferencing.minutes.deliveries import MINUTES
from conferencing.tests.factories import make_attendance, make_meeting, make_review, make_roster
from conferencing.tests.pages import text_of
from participants.tests.factories import make_participant, make_release
from regions.tests.factories import today_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def frozen(
    river, region_2, river_agency, river_provider, river_unsigned_provider, river_specialist
):
    """Mailed to who was there and the specialist; one of those present was left out."""
    river.sends_minutes = True
    river.save()
    starts_at = timezone.now() - timedelta(hours=2)
    call = make_meeting(river, region_2, starts_at=starts_at, state="closed")
    person = make_participant(river_agency, region_2, name="Ana Example", alias="Heron-1")
    make_release(person, agencies=[river_agency])
    make_roster(call, person)
    make_review(call, person, notes="Ana will call on Monday", no_step_reason="Moves in tomorrow")
    make_attendance(call, river_provider)
    make_attendance(call, river_unsigned_provider)
    return minutes.freeze_minutes(call, actor=river_specialist, now=timezone.now())


def copy_of(frozen, user):
    return frozen.deliveries.get(recipient=user)


def again(delivery, actor, **changes):
    act = {"reason": "It is not in the inbox", "actor": actor, "now": timezone.now()}
    return MINUTES.send_again(delivery, **act | changes)


def url(name, row):
    return reverse(f"conferencing:{name}", args=[row.pk])


def minutes_to(smtp_server, user):
    return [mail for mail in smtp_server.messages if mail["To"] == user.email]


def test_minutes_are_sent_again_with_the_same_password(
    smtp_server, frozen, river_provider, river_specialist
):
    now = timezone.now()
    delivery = copy_of(frozen, river_provider)
    with pytest.raises(ValidationError, match="still on its way"):
        again(delivery, river_specialist)
    outbox.services.tick(now, send=True)
    first = delivery.message
    delivery = again(delivery, river_specialist)
    outbox.services.tick(timezone.now(), send=True)
    mails = minutes_to(smtp_server, river_provider)
    assert len(mails) == 2
    assert len({mail["Message-ID"] for mail in mails}) == 2
    delivery.refresh_from_db()
    assert (delivery.message.resend_of, delivery.resent_times) == (first, 1)
    assert delivery.password == copy_of(frozen, river_provider).password
    (entry,) = AuditEntry.objects.filter(action="minutes.sent_again")
    assert (entry.actor_id, entry.reason["text"]) == (
        river_specialist.pk,
        "It is not in the inbox",
    )
    assert AuditEntry.objects.filter(action="minutes.sent", object_id=delivery.pk).count() == 2


def test_minutes_go_to_one_who_was_left_out_once_they_are_in_standing(
    smtp_server, frozen, river_unsigned_provider, river_specialist
):
    delivery = copy_of(frozen, river_unsigned_provider)
    with pytest.raises(ValidationError, match="Not sent: The confidentiality statement was never"):
        again(delivery, river_specialist)
    assert copy_of(frozen, river_unsigned_provider).password is None
    make_statement(river_unsigned_provider)
    again(delivery, river_specialist)
    outbox.services.tick(timezone.now(), send=True)
    assert len(minutes_to(smtp_server, river_unsigned_provider)) == 1
    delivery.refresh_from_db()
    assert (delivery.left_out_because, delivery.resent_times) == ("", 0)
    assert len(delivery.password) == 19


def test_minutes_are_not_sent_again_to_one_who_left_the_agency(
    frozen, river_provider, river_other_agency, river_specialist
):
    now = timezone.now()
    outbox.services.tick(now, send=True)
    StaffMember.objects.filter(user=river_provider).update(agency=river_other_agency)
    delivery = copy_of(frozen, river_provider)
    with pytest.raises(ValidationError, match="left the agency for which this copy was made"):
        again(delivery, river_specialist)
    StaffMember.objects.filter(user=river_provider).update(ended_on=today_in())
    with pytest.raises(ValidationError, match="Not sent: "):
        again(delivery, river_specialist)
    delivery.refresh_from_db()
    assert delivery.resent_times == 0


def test_minutes_again_is_asked_first_from_the_page_of_the_minutes(
    client, smtp_server, frozen, river_provider, river_unsigned_provider, river_specialist
):
    smtp_server.refuse(river_provider.email, 550, times=1)
    outbox.services.tick(timezone.now(), send=True)
    client.force_login(river_specialist)
    call = frozen.meeting
    page = client.get(url("minutes_detail", call))
    delivery = copy_of(frozen, river_provider)
    assert "Pat Provider Bridge Housing Failed" in text_of(page)
    for name in ("minutes_again", "minutes_read_out"):
        assert url(name, delivery) in page.content.decode()
    left_out = copy_of(frozen, river_unsigned_provider)
    assert url("minutes_again", left_out) in page.content.decode()
    assert url("minutes_read_out", left_out) not in page.content.decode()
    told = text_of(client.get(url("minutes_again", left_out)))
    assert "Can’t be sent now The confidentiality statement was never signed" in told

    asked = text_of(client.get(url("minutes_again", delivery)))
    assert "Pat Provider gets an email with the minutes, at once." in asked
    assert "The password stays the same." in asked
    refused = client.post(url("minutes_again", delivery), {"reason": " "})
    assert "Enter the reason; it is kept in the record." in text_of(refused)
    done = client.post(url("minutes_again", delivery), {"reason": "Address mended"}, follow=True)
    assert done.redirect_chain == [(url("minutes_detail", call), 302)]
    assert "The minutes for Pat Provider are on their way." in text_of(done)
    outbox.services.tick(timezone.now(), send=True)
    shown = text_of(client.get(url("minutes_detail", call)))
    assert "Pat Provider Bridge Housing Sent (sent again)" in shown


def test_minutes_read_out_needs_a_reason_and_is_recorded(
    client, frozen, river_provider, river_unsigned_provider, river_specialist
):
    delivery = copy_of(frozen, river_provider)
    sign_in(client, river_specialist, password="correct horse battery 1")
    address = url("minutes_read_out", delivery)
    assert delivery.password not in client.get(address).content.decode()
    refused = client.post(address, {"reason": " "}).content.decode()
    assert delivery.password not in refused
    assert "Enter the reason; it is kept in the record." in refused
    shown = client.post(address, {"reason": "Called from the known number"}).content.decode()
    assert delivery.password in shown
    (entry,) = AuditEntry.objects.filter(action="minutes.password_read_out")
    assert (entry.reason["text"], entry.detail["recipient"]) == (
        "Called from the known number",
        str(river_provider.pk),
    )
    left_out = url("minutes_read_out", copy_of(frozen, river_unsigned_provider))
    answer = client.post(left_out, {"reason": "Called from the known number"})
    assert "This person was left out, so there is no password." in text_of(answer)
