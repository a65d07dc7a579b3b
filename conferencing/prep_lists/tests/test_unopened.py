"""Who did not open their list is shown, and reminded once, the evening before the call."""

import importlib
from datetime import timedelta

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from agreements.services.statements import revoke_statement
from conferencing import due
from conferencing.models import Meeting
from conferencing.prep_lists import acts as lists
from conferencing.prep_lists.deliveries import PREP_LIST
from conferencing.prep_lists.unopened import KIND, remind_unopened
from conferencing.schedule.acts import cancel_meeting
from conferencing.tests.factories import make_meeting, make_roster
from conferencing.tests.pages import text_of
from outbox.models import Message
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


@pytest.mark.parametrize("change", ["hold", "cancel", "no longer in standing", "begun"])
def test_nobody_is_reminded_of_a_list_that_is_not_theirs_to_open(
    frozen, change, river_provider, river_lead, river_specialist
):
    call, now = frozen.meeting, evening(frozen)
    if change == "hold":
        lists.hold_list(call, reason="Sorting it out", actor=river_specialist, now=timezone.now())
    elif change == "cancel":
        cancel_meeting(call, reason="Snow", actor=river_specialist, now=timezone.now())
    elif change == "begun":
        now = call.starts_at
    else:
        revoke_statement(river_provider.statements.get(), actor=None, reason="Left")
    remind_unopened(now)
    assert reminded() == (["Lee Lead"] if change == "no longer in standing" else [])


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
