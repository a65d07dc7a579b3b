"""Who did not open their list is shown, and reminded once, the evening before the call."""

import importlib
from datetime import timedelta

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from agreements.services.statements import revoke_statement
from conferencing import due
from conferencing.models import Call, Meeting
from conferencing.prep_lists import acts as lists
from conferencing.prep_lists.deliveries import PREP_LIST
from conferencing.prep_lists.unopened import KIND, remind_unopened
from conferencing.schedule.acts import cancel_meeting
from conferencing.tests.factories import make_meeting, make_roster
from conferencing.tests.pages import text_of
from outbox.models import Message
from outbox.services.attempts import send
from participants.tests.factories import make_participant

pytestmark = pytest.mark.django_db


@pytest.fixture
def frozen(river, region_2, river_agency, river_provider, river_lead, river_specialist):
    """The list of a call in three days, with its two copies in the mailboxes."""
    call = make_meeting(river, region_2, starts_at=timezone.now() + timedelta(days=3))
    make_roster(call, make_participant(river_agency, region_2, name="Ana Sentinelle"))
    prep_list = lists.freeze_list(call, actor=river_specialist, now=timezone.now())
    Message.objects.filter(kind=PREP_LIST.kind).update(state="sent", sent_at=timezone.now())
    return prep_list


def evening(prep_list):
    return due.unopened_told_at(prep_list.meeting.continuum, prep_list.meeting.on)


def reminded():
    return sorted(Message.objects.filter(kind=KIND).values_list("user__name", flat=True))


def test_who_opened_their_list_is_not_reminded_and_the_others_are_once(
    frozen, river_provider, river_lead
):
    own = frozen.deliveries.get(recipient=river_lead)
    PREP_LIST.reveal_password(own, actor=river_lead, now=timezone.now())
    remind_unopened(evening(frozen) - timedelta(minutes=1))
    assert reminded() == []
    for minutes in (0, 10):
        remind_unopened(evening(frozen) + timedelta(minutes=minutes))
        assert reminded() == ["Pat Provider"]
    mail = Message.objects.get(kind=KIND)
    theirs = frozen.deliveries.get(recipient=river_provider)
    assert reverse("conferencing:delivery_reveal", args=[theirs.pk]) in mail.text
    assert "Sentinelle" not in mail.text + mail.html + mail.subject


def test_a_password_that_was_read_aloud_opens_the_list(frozen, river_provider, river_specialist):
    theirs = frozen.deliveries.get(recipient=river_provider)
    PREP_LIST.read_password_out(
        theirs, reason="Called back", actor=river_specialist, now=timezone.now()
    )
    remind_unopened(evening(frozen))
    assert reminded() == ["Lee Lead"]


CHANGES = ["hold", "cancel", "no longer in standing", "begun", "its time has come", "returned"]


def change_it(frozen, change, river_provider, river_specialist):
    """Something after which a copy is not to be read, or is in nobody's mailbox; gives the time."""
    call, now = frozen.meeting, evening(frozen)
    if change == "hold":
        lists.hold_list(call, reason="Sorting it out", actor=river_specialist, now=timezone.now())
    elif change == "cancel":
        cancel_meeting(call, reason="Snow", actor=river_specialist, now=timezone.now())
    elif change == "begun":
        Call.objects.create(meeting=call, began_at=now, began_by=river_specialist)
    elif change == "its time has come":
        now = call.starts_at
    elif change == "returned":
        mails = Message.objects.filter(kind=PREP_LIST.kind, user=river_provider)
        mails.update(returned_at=timezone.now(), returned_words="No such mailbox")
    else:
        revoke_statement(river_provider.statements.get(), actor=None, reason="Left")
    return now


@pytest.mark.parametrize("change", CHANGES)
def test_nobody_is_reminded_of_a_list_that_is_not_theirs_to_open(
    frozen, change, river_provider, river_lead, river_specialist
):
    remind_unopened(change_it(frozen, change, river_provider, river_specialist))
    is_one = change in ("no longer in standing", "returned")
    assert reminded() == (["Lee Lead"] if is_one else [])


@pytest.mark.parametrize("change", [None, "opened", *CHANGES])
def test_a_reminder_that_waited_is_asked_about_when_it_is_sent(
    frozen, change, river_provider, river_specialist, smtp_server
):
    now = evening(frozen)
    remind_unopened(now)
    mail = Message.objects.get(kind=KIND, user=river_provider)
    if change == "opened":
        theirs = frozen.deliveries.get(recipient=river_provider)
        PREP_LIST.reveal_password(theirs, actor=river_provider, now=timezone.now())
    elif change:
        now = change_it(frozen, change, river_provider, river_specialist)
    send(mail.pk, now=now)
    mail.refresh_from_db()
    assert mail.state == ("withheld" if change else "sent")
    assert len(smtp_server.messages) == (0 if change else 1)


def test_who_got_their_list_that_evening_is_not_reminded_of_it(frozen, river_provider):
    Message.objects.filter(kind=PREP_LIST.kind, user=river_provider).update(
        sent_at=evening(frozen) + timedelta(minutes=5)
    )
    remind_unopened(evening(frozen) + timedelta(minutes=6))
    assert reminded() == ["Lee Lead"]


def test_the_specialist_sees_who_has_not_opened_it(
    client, frozen, river_provider, river_lead, river_specialist
):
    page_of = reverse("conferencing:list_detail", args=[frozen.meeting_id])
    client.force_login(river_specialist)
    assert "2 not opened yet; they get a reminder" in text_of(client.get(page_of))
    own = frozen.deliveries.get(recipient=river_lead)
    PREP_LIST.reveal_password(own, actor=river_lead, now=timezone.now())
    first = frozen.deliveries.get(recipient=river_lead).opened_at
    later = timezone.now() + timedelta(hours=1)
    PREP_LIST.reveal_password(own, actor=river_lead, now=later)
    assert frozen.deliveries.get(recipient=river_lead).opened_at == first
    page = text_of(client.get(page_of))
    assert "1 not opened yet" in page
    assert page.count("they haven’t looked up the password") == 1


@pytest.mark.parametrize("change", ["hold", "cancel"])
def test_nobody_is_promised_a_reminder_that_does_not_come(client, frozen, change, river_specialist):
    change_it(frozen, change, None, river_specialist)
    client.force_login(river_specialist)
    page = text_of(client.get(reverse("conferencing:list_detail", args=[frozen.meeting_id])))
    assert "2 not opened yet" in page
    assert "reminder" not in page


def test_after_the_evening_nobody_is_promised_a_reminder(client, frozen, river_specialist):
    client.force_login(river_specialist)
    Meeting.objects.filter(pk=frozen.meeting_id).update(
        starts_at=timezone.now() + timedelta(hours=1), ends_at=timezone.now() + timedelta(hours=2)
    )
    page = text_of(client.get(reverse("conferencing:list_detail", args=[frozen.meeting_id])))
    assert "2 not opened yet" in page
    assert "reminder" not in page


def test_what_was_opened_before_this_was_kept_is_taken_from_the_audit(
    frozen, river_provider, river_lead, river_specialist
):
    seen, heard = (frozen.deliveries.get(recipient=user) for user in (river_lead, river_provider))
    first = timezone.now() - timedelta(hours=2)
    for hours in (0, 1):
        at = first + timedelta(hours=hours)
        PREP_LIST.reveal_password(seen, actor=river_lead, now=at)
    reason = {"reason": "Called back", "actor": river_specialist, "now": first}
    PREP_LIST.read_password_out(heard, **reason)
    frozen.deliveries.update(opened_at=None)
    migration = importlib.import_module("conferencing.migrations.0023_opened_as_recorded")
    migration.take_from_audit(apps, None)
    assert set(frozen.deliveries.values_list("opened_at", flat=True)) == {first}
