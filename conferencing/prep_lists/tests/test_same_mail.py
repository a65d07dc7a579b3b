"""A mail whose server drops the connection, and what changes before it is tried again."""

from datetime import timedelta

import pytest
from django.utils import timezone

import outbox.services
from agreements.models import PersonalStatement
from audit.models import AuditEntry
from conferencing.call import guests
from conferencing.models import PrepListDelivery
from conferencing.prep_lists import acts as lists
from conferencing.prep_lists.pages import list_page
from conferencing.schedule.acts import cancel_meeting, change_link, move_meeting
from conferencing.tests.factories import make_meeting, make_roster
from conferencing.tests.readable import readable
from conferencing.upkeep.retention import forget_letters
from conferencing.words import day_of
from outbox.models import Letter, Message
from outbox.services.returns import note_return
from outbox.tests.test_returns import report
from participants.models import Release
from participants.tests.factories import make_participant, make_release

from .test_lists import attachment, lists_in, text_of

pytestmark = pytest.mark.django_db(transaction=True)
SECOND = timedelta(seconds=1)


@pytest.fixture
def call(river, region_2):
    return make_meeting(river, region_2)


@pytest.fixture
def ana(river_other_agency, region_2, river_agency):
    """A household kept elsewhere, whom a release covers for the recipient."""
    participant = make_participant(
        river_other_agency, region_2, name="Ana Ñandú-Example", alias="Heron-1"
    )
    make_release(participant, agencies=[river_agency])
    return participant


@pytest.fixture
def dropped(smtp_server, call, ana, river_provider, river_specialist):
    """The list was handed over, and the connection dropped before the answer."""
    make_roster(call, ana)
    prep_list = lists.freeze_list(call, actor=river_specialist, now=timezone.now())
    smtp_server.drop("ACCEPTED")
    delivery = prep_list.deliveries.get(recipient=river_provider)
    outbox.services.send(delivery.message_id, now=timezone.now())
    delivery.refresh_from_db()
    return delivery


def shown(action):
    """Who was shown by name in the entries of an action: `[{participant key: named}]`."""
    return [
        {each["participant"]: each["named"] for each in entry.detail["shown"]}
        for entry in AuditEntry.objects.filter(action=action).order_by("sequence")
    ]


def repeat(delivery):
    message = Message.objects.get(pk=delivery.message_id)
    outbox.services.send(message.pk, now=message.next_attempt_at + SECOND)
    return Message.objects.get(pk=message.pk)


def row_of(call, delivery):
    rows = list_page(call, now=timezone.now())["rows"]
    return next(row for row in rows if row.delivery and row.delivery.pk == delivery.pk)


def test_what_may_have_arrived_is_a_disclosure_at_once(dropped, smtp_server, ana, call):
    assert shown("prep_list.possibly_sent") == [{str(ana.pk): True}]
    assert shown("prep_list.sent") == []
    assert "it may have arrived" in row_of(call, dropped).detail


def test_the_repeat_is_the_same_pdf(dropped, smtp_server, ana, call):
    assert repeat(dropped).state == "sent"
    first, second = smtp_server.received
    assert first.content == second.content
    assert shown("prep_list.possibly_sent") == [{str(ana.pk): True}]
    assert shown("prep_list.sent") == [{str(ana.pk): True}]
    assert row_of(call, dropped).detail.startswith("Not opened yet")
    assert not Letter.objects.exists()


def test_a_release_revoked_in_between_sends_no_name_and_keeps_what_may_have_gone(
    dropped, smtp_server, ana, call
):
    Release.objects.update(revoked_at=timezone.now())
    old = repeat(dropped)
    assert old.state == "withheld"
    assert old.last_error.endswith("An earlier attempt may have arrived.")
    assert len(lists_in(smtp_server)) == 1
    delivery = PrepListDelivery.objects.get(pk=dropped.pk)
    assert delivery.message_id != old.pk
    assert "may have arrived" in row_of(call, delivery).detail
    outbox.services.send(delivery.message_id, now=timezone.now() + 60 * SECOND)
    first, second = lists_in(smtp_server)
    text = text_of(attachment(second).get_payload(decode=True), delivery.password)
    assert "Heron-1" in text
    assert "Ana" not in readable(text)
    assert first["Message-ID"] != second["Message-ID"]
    assert shown("prep_list.possibly_sent") == [{str(ana.pk): True}]
    assert shown("prep_list.sent") == [{str(ana.pk): False}]
    assert "may have arrived" in row_of(call, delivery).detail


def test_a_call_cancelled_in_between_sends_nothing_more_and_keeps_what_may_have_gone(
    dropped, smtp_server, ana, call, river_specialist
):
    cancel_meeting(call, reason="Snow", actor=river_specialist, now=timezone.now())
    row = repeat(dropped)
    assert (row.state, len(lists_in(smtp_server))) == ("cancelled", 1)
    assert row.last_error == "The call is canceled. An earlier attempt may have arrived."
    assert shown("prep_list.possibly_sent") == [{str(ana.pk): True}]
    assert shown("prep_list.sent") == []
    assert not Letter.objects.exists()


def test_a_statement_revoked_in_between_sends_nothing_more(dropped, smtp_server):
    for statement in PersonalStatement.objects.filter(user=dropped.recipient):
        statement.revoked_at = timezone.now()
        statement.revocation_reason = "Shared a list"
        statement.save()
    assert repeat(dropped).state == "withheld"
    assert len(lists_in(smtp_server)) == 1


def test_a_release_recorded_in_between_is_a_new_mail_too(dropped, smtp_server, ana, river_agency):
    """Not the same words: so not under the same Message-ID."""
    Release.objects.update(revoked_at=timezone.now())
    repeat(dropped)
    make_release(ana, agencies=[river_agency])
    delivery = PrepListDelivery.objects.get(pk=dropped.pk)
    outbox.services.send(delivery.message_id, now=timezone.now() + 60 * SECOND)
    ids = [mail["Message-ID"] for mail in lists_in(smtp_server)]
    assert len(set(ids)) == len(ids) == 2


def test_the_disclosure_record_says_what_may_have_arrived(dropped, ana, river_specialist):
    from participants.disclosures import act

    (entry,) = AuditEntry.objects.filter(action="prep_list.possibly_sent")
    assert act(entry.action).what == "Prep list, mailed locked; may not have arrived"
    release = Release.objects.get()
    (row,) = entry.detail["shown"]
    assert (row["participant"], row["named"]) == (str(ana.pk), True)
    assert row["release"] == str(release.pk)


@pytest.fixture
def invited(smtp_server, call, ana, river_specialist):
    """A guest's mail was handed over, and the connection dropped before the answer."""
    make_roster(call, ana)
    now = timezone.now()
    guests.invite_guest(
        call,
        ana,
        relation="support",
        name="Bo",
        email="bo@example.org",
        actor=river_specialist,
        now=now,
    )
    message = Message.objects.get(kind=guests.KIND)
    smtp_server.drop("ACCEPTED")
    outbox.services.send(message.pk, now=now)
    return Message.objects.get(pk=message.pk)


def days_told(smtp_server):
    return [mail["Subject"] for mail in smtp_server.messages]


@pytest.mark.parametrize("is_told_anew", [True, False])
def test_a_guest_is_never_told_a_former_time_again(
    is_told_anew, invited, smtp_server, call, river_specialist
):
    """Whether the tick told them of the new one before the repeat, or not yet."""
    (former,) = days_told(smtp_server)
    moved = move_meeting(
        call,
        starts_at=call.starts_at + timedelta(days=2),
        minutes=60,
        actor=river_specialist,
        now=timezone.now(),
    )
    if is_told_anew:
        guests.tell_guests(timezone.now())
    outbox.services.send(invited.pk, now=invited.next_attempt_at + SECOND)
    assert days_told(smtp_server) == [former]
    (newest,) = Message.objects.filter(kind=guests.KIND, state="waiting")
    outbox.services.send(newest.pk, now=timezone.now() + 60 * SECOND)
    assert days_told(smtp_server)[0] == former
    assert days_told(smtp_server)[1:] == [f"Your call on {day_of(moved)}"]
    first, second = smtp_server.messages
    assert first["Message-ID"] != second["Message-ID"]


def test_a_guests_repeat_of_what_still_holds_is_the_same_mail(
    invited, smtp_server, call, river_specialist
):
    change_link(call, link="https://example.org/call", actor=river_specialist, now=timezone.now())
    outbox.services.send(invited.pk, now=invited.next_attempt_at + SECOND)
    first, second = smtp_server.received
    assert first.content == second.content


def test_de_identification_forgets_kept_mails(dropped):
    assert Letter.objects.filter(message=dropped.message_id).exists()
    forget_letters(PrepListDelivery.objects.filter(pk=dropped.pk))
    assert not Letter.objects.exists()


def test_a_list_that_came_back_is_shown_and_the_specialist_told(
    dropped, smtp_server, call, river_provider, river_specialist
):
    repeat(dropped)
    message = Message.objects.get(pk=dropped.message_id)
    assert note_return(report(message.message_id), now=timezone.now())
    row = row_of(call, dropped)
    assert (row.status, row.tone, row.may_send_again) == ("Returned", "bad", True)
    assert row.detail == "Their mail server said: 5.1.1 550 5.1.1 No such person"
    (notice,) = Message.objects.filter(kind="mail-returned")
    assert notice.address == river_specialist.email
    assert f"An email to {river_provider.name} could not be delivered" in notice.text
    assert str(call.pk) in notice.text
    assert note_return(report(notice.message_id), now=timezone.now()) is False
