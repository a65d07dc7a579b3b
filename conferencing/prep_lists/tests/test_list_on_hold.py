"""On hold, nothing of a list goes out, whoever asks and however far a mail has come."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

import outbox.services
from agreements.services.people import choose_regions
from conferencing.models import Meeting
from conferencing.prep_lists import acts as lists
from conferencing.prep_lists import choices as list_choices
from conferencing.prep_lists.deliveries import PREP_LIST
from conferencing.prep_lists.recipients import NOT_FOLLOWING, NOT_WANTED
from conferencing.tests.factories import make_meeting, make_roster
from conferencing.tests.meanwhile import meanwhile
from conferencing.tests.world import signed_in
from outbox.kinds import OnHold, Withheld
from outbox.models import Attempt, Message
from outbox.services import attempts
from participants.models import Participant
from participants.tests.factories import make_participant

State = Message.State
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def call(river, region_2, river_agency, river_provider, now):
    call = make_meeting(river, region_2, starts_at=now + timedelta(days=9))
    make_roster(call, make_participant(river_agency, region_2, name="Ana", alias="Heron-1"))
    return call


@pytest.fixture
def delivery(call, river_provider, river_specialist, now):
    prep_list = lists.freeze_list(call, actor=river_specialist, now=now)
    return prep_list.deliveries.get(recipient=river_provider)


def hold(call, actor):
    return lists.hold_list(call, reason="In danger", actor=actor, now=timezone.now())


def release(call, actor):
    return lists.release_list(call, actor=actor, now=timezone.now())


def lists_in(smtp_server):
    return [mail for mail in smtp_server.messages if "Prep list:" in mail["Subject"]]


def send_everything(later):
    outbox.services.tick(timezone.now() + later, send=True)


@pytest.mark.parametrize(
    ("is_coc_wide", "gets_list", "follows", "why"),
    [
        (False, True, ["Region 1"], NOT_FOLLOWING),
        (False, False, ["Region 2"], NOT_WANTED),
        (True, True, [], NOT_FOLLOWING),
        (True, True, ["Region 1"], ""),
        (False, True, ["Region 1", "Region 2"], ""),
    ],
)
def test_a_list_goes_to_nobody_who_no_longer_follows_the_call_or_takes_no_list(
    call,
    river,
    region_1,
    river_provider,
    river_specialist,
    smtp_server,
    is_coc_wide,
    gets_list,
    follows,
    why,
):
    if is_coc_wide:
        Meeting.objects.filter(pk=call.pk).update(region=None)
        call.refresh_from_db()
    prep_list = lists.freeze_list(call, actor=river_specialist, now=timezone.now())
    delivery = prep_list.deliveries.get(recipient=river_provider)
    hold(call, river_specialist)
    regions = river.regions.filter(name__in=follows)
    place = river_provider.places.get()
    choose_regions(place, revision=place.revision, gets_list=gets_list, regions=regions)
    release(call, river_specialist)
    send_everything(timedelta(minutes=2))
    delivery.message.refresh_from_db()
    assert (delivery.message.state, delivery.message.last_error) == (
        (State.WITHHELD, why) if why else (State.SENT, "")
    )
    assert bool(lists_in(smtp_server)) == (not why)
    if why:
        with pytest.raises(ValidationError, match=why):
            PREP_LIST.send_again(
                delivery, reason="Asked", actor=river_specialist, now=timezone.now()
            )


@pytest.mark.parametrize("is_sent", [True, False])
@pytest.mark.parametrize("act", ["again", "correct", "send", "choose"])
def test_no_act_sends_anything_of_a_list_on_hold(
    act, is_sent, smtp_server, call, delivery, river_specialist, now
):
    if is_sent:
        send_everything(timedelta(0))
    sent = len(lists_in(smtp_server))
    hold(call, river_specialist)
    acts = {
        "again": lambda: PREP_LIST.send_again(
            delivery, reason="Lost", actor=river_specialist, now=now
        ),
        "correct": lambda: lists.correct_list(
            call, revision=1, reason="One added", actor=river_specialist, now=now
        ),
        "send": lambda: lists.freeze_list(call, actor=river_specialist, now=now),
        "choose": lambda: list_choices.choose_list(
            call, choice="now", actor=river_specialist, now=now
        ),
    }
    with pytest.raises(ValidationError, match="on hold"):
        acts[act]()
    send_everything(timedelta(minutes=1))

    assert len(lists_in(smtp_server)) == sent
    assert call.prep_lists.count() == 1
    assert not Message.objects.filter(kind=PREP_LIST.kind, held_at=None).unsettled().exists()


def test_the_pages_refuse_what_an_open_page_still_offers(call, delivery, river_specialist):
    send_everything(timedelta(0))
    hold(call, river_specialist)
    client = signed_in(river_specialist)

    detail = client.get(reverse("conferencing:list_detail", args=[call.pk])).content.decode()
    assert "Send again" not in detail
    assert "Read password" not in detail
    correct = {"reason": "One added", "revision": "1", "all_the_same": "on"}
    for name, key, data in (
        ("delivery_again", delivery.pk, {"reason": "Lost"}),
        ("delivery_read_out", delivery.pk, {"reason": "Called from the known number"}),
        ("list_correct", call.pk, correct),
    ):
        page = client.post(reverse(f"conferencing:{name}", args=[key]), data)
        assert page.status_code == 200, name
        assert "The list is on hold" in page.content.decode(), name
    assert not Message.objects.filter(kind=PREP_LIST.kind).unsettled().exists()


def test_passwords_stay_closed_while_the_list_is_on_hold(
    call, delivery, river_provider, river_specialist, now
):
    hold(call, river_specialist)

    def looks():
        PREP_LIST.reveal_password(delivery, actor=river_provider, now=now)
        PREP_LIST.read_password_out(delivery, reason="Phone", actor=river_specialist, now=now)

    delivery.prep_list.meeting.refresh_from_db()
    with pytest.raises(ValidationError, match="on hold"):
        PREP_LIST.reveal_password(delivery, actor=river_provider, now=now)
    with pytest.raises(ValidationError, match="on hold"):
        PREP_LIST.read_password_out(delivery, reason="Phone", actor=river_specialist, now=now)
    page = signed_in(river_provider).get(
        reverse("conferencing:delivery_reveal", args=[delivery.pk]), follow=True
    )
    assert delivery.password not in page.content.decode()
    release(call, river_specialist)
    delivery.prep_list.meeting.refresh_from_db()
    looks()


def held_by_a_worker(delivery):
    return attempts.claim(delivery.message_id, now=timezone.now())


@pytest.mark.parametrize("moment", ["claimed", "made"])
def test_a_mail_that_a_worker_holds_waits_for_the_end_of_the_hold(
    moment, smtp_server, call, delivery, river_specialist
):
    message = held_by_a_worker(delivery)
    mail = attempts._make(message, timezone.now()) if moment == "made" else None
    hold(call, river_specialist)
    if mail is not None:
        assert not attempts.begin_hand_over(message, mail, now=timezone.now())
    verdict = attempts.deliver(message, timezone.now)
    attempts.record(message, verdict, now=timezone.now())

    message = Message.objects.get(pk=delivery.message_id)
    assert (message.state, message.held_at is not None) == (State.WAITING, True)
    assert verdict.outcome == Attempt.Outcome.HELD
    send_everything(timedelta(hours=1))
    assert lists_in(smtp_server) == []
    release(call, river_specialist)
    send_everything(timedelta(hours=2))
    assert len(lists_in(smtp_server)) == 1


def test_a_mail_that_a_worker_holds_goes_on_if_the_hold_ends_before_its_hand_over(
    smtp_server, call, delivery, river_specialist
):
    message = held_by_a_worker(delivery)
    hold(call, river_specialist)
    release(call, river_specialist)
    verdict = attempts.deliver(message, timezone.now)
    attempts.record(message, verdict, now=timezone.now())

    assert Message.objects.get(pk=message.pk).state == State.SENT
    assert len(lists_in(smtp_server)) == 1


@pytest.mark.parametrize("answer", [451, 452])
def test_a_mail_refused_for_now_waits_for_the_end_of_the_hold(
    answer, smtp_server, call, delivery, river_specialist
):
    smtp_server.refuse_content(answer, times=1)
    message = held_by_a_worker(delivery)
    verdict = attempts.deliver(message, timezone.now)
    hold(call, river_specialist)
    attempts.record(message, verdict, now=timezone.now())
    for minutes in (1, 10, 60):
        send_everything(timedelta(minutes=minutes))
    assert Message.objects.get(pk=message.pk).state == State.WAITING
    assert lists_in(smtp_server) == []
    release(call, river_specialist)
    send_everything(timedelta(hours=2))
    assert len(lists_in(smtp_server)) == 1


def test_the_mail_that_takes_the_place_of_one_on_hold_is_on_hold_too(
    smtp_server, call, delivery, river_specialist, river_other_agency
):
    smtp_server.refuse_content(451, times=1)
    send_everything(timedelta(0))
    Participant.objects.update(agency=river_other_agency)  # no name any more for the recipient
    message = attempts.claim(delivery.message_id, now=timezone.now() + timedelta(minutes=5))
    verdict = attempts.deliver(message, timezone.now)
    assert verdict.is_replaced
    hold(call, river_specialist)
    attempts.record(message, verdict, now=timezone.now())

    delivery.refresh_from_db()
    assert delivery.message_id != message.pk
    assert delivery.message.held_at is not None
    send_everything(timedelta(hours=1))
    assert lists_in(smtp_server) == []
    release(call, river_specialist)
    send_everything(timedelta(hours=2))
    assert [mail["Message-ID"] for mail in lists_in(smtp_server)] == [delivery.message.message_id]


def test_a_worker_killed_while_the_list_is_on_hold_leaves_its_mail_on_hold(
    smtp_server, call, delivery, river_specialist
):
    held_by_a_worker(delivery)
    hold(call, river_specialist)
    send_everything(timedelta(hours=1))
    message = Message.objects.get(pk=delivery.message_id)
    assert (message.state, lists_in(smtp_server)) == (State.WAITING, [])
    release(call, river_specialist)
    send_everything(timedelta(hours=2))
    assert len(lists_in(smtp_server)) == 1


def test_a_mail_queued_without_its_hold_asks_for_itself(
    smtp_server, call, delivery, river_specialist
):
    Meeting.objects.filter(pk=call.pk).update(
        list_held_at=timezone.now(), list_held_by=river_specialist
    )
    with pytest.raises(OnHold):
        PREP_LIST.prepare(delivery.message, timezone.now())
    with pytest.raises(OnHold):
        PREP_LIST.recheck(delivery.message, timezone.now())
    send_everything(timedelta(0))
    message = Message.objects.get(pk=delivery.message_id)
    assert (message.state, message.last_error) == (State.WAITING, "The list is on hold.")
    release(call, river_specialist)
    send_everything(timedelta(minutes=6))
    assert Message.objects.get(pk=delivery.message_id).state == State.SENT


@pytest.mark.parametrize("act", [hold, release])
def test_a_mail_that_is_settled_while_the_hold_begins_or_ends_is_passed_over(
    act, call, delivery, river_specialist
):
    if act == release:
        hold(call, river_specialist)

    def settle():
        row = Message.objects.select_for_update().get(kind=PREP_LIST.kind)
        Message.objects.filter(pk=row.pk).update(state=State.SENT, sent_at=timezone.now())

    meanwhile(settle, lambda: act(call, river_specialist))
    assert bool(Meeting.objects.get(pk=call.pk).list_held_at) == (act == hold)
    assert Message.objects.get(kind=PREP_LIST.kind).state == State.SENT


def test_a_newer_revision_keeps_the_older_one_from_everybody(
    smtp_server, call, delivery, river_provider, river_specialist, now
):
    """Also from whoever the newer one left out, and of households that were taken off."""
    send_everything(timedelta(0))
    place = river_provider.places.get()
    place.gets_list = False
    place.save()
    call.roster.all().delete()
    lists.correct_list(
        call, revision=1, reason="Not on it", actor=river_specialist, now=timezone.now()
    )
    place.gets_list = True
    place.save()
    delivery.refresh_from_db()

    with pytest.raises(ValidationError, match="Revision 2 has replaced this list"):
        PREP_LIST.send_again(delivery, reason="asked", actor=river_specialist, now=timezone.now())
    for ask in (PREP_LIST.prepare, PREP_LIST.recheck):
        with pytest.raises(Withheld, match="corrected revision"):
            ask(delivery.message, timezone.now())
