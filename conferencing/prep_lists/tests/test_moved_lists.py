"""A call that is moved takes its list along: whoever asks at the last moment, and what is out."""

import threading
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

import outbox.services
from conferencing import due
from conferencing.home import pages as home
from conferencing.list_words import list_state
from conferencing.models import Meeting
from conferencing.prep_lists import acts as lists
from conferencing.prep_lists import choices as list_choices
from conferencing.prep_lists.deliveries import PREP_LIST
from conferencing.prep_lists.mails import CALL_CANCELLED
from conferencing.roster import acts as roster
from conferencing.schedule import acts as meetings
from conferencing.schedule import effects
from conferencing.tests.factories import make_meeting, make_roster
from conferencing.tests.world import signed_in
from outbox.kinds import Withheld
from outbox.models import Message
from participants.tests.factories import make_participant

State = Message.State


def far_call(river, region, weeks=5):
    """A call far enough ahead that its list is due at its time."""
    starts_at = timezone.now() + timedelta(weeks=weeks)
    call = make_meeting(river, region, starts_at=starts_at)
    call.list_timed_at = timezone.now() - timedelta(days=1)
    call.list_timed_for = call.list_times.due_at
    call.save()
    return call


@pytest.fixture
def frozen(river, region_2, river_provider, river_specialist):
    """A call a good while ahead whose list was made just now, for one recipient: `(call, now)`."""
    call, now = far_call(river, region_2), timezone.now()
    lists.freeze_list(call, actor=river_specialist, now=now)
    return call, now


def states(call, revision):
    found = Message.objects.filter(
        prep_list_delivery__prep_list__meeting=call,
        prep_list_delivery__prep_list__revision=revision,
    )
    return sorted(found.values_list("state", flat=True))


def page_text(client, url):
    page = client.get(url)
    assert page.status_code == 200
    return " ".join(page.content.decode().split())


def move(call, *, by, actor, now):
    return meetings.move_meeting(
        call, starts_at=call.starts_at + by, minutes=call.minutes, actor=actor, now=now
    )


# What makes a due list not due any more, between the tick's look and its lock.
CHANGES = {
    "moved": lambda call, actor, now: move(call, by=timedelta(days=23), actor=actor, now=now),
    "cancelled": lambda call, actor, now: meetings.cancel_meeting(
        call, reason="Snow", actor=actor, now=now
    ),
    "held": lambda call, actor, now: lists.hold_list(call, reason="Wait", actor=actor, now=now),
    "none": lambda call, actor, now: Meeting.objects.filter(pk=call.pk).update(list_choice="none"),
    "opened again": lambda call, actor, now: (
        Meeting.objects.filter(pk=call.pk).update(
            list_timed_at=call.list_due_at - timedelta(minutes=5)
        ),
        roster.unsettle_roster(call, actor=actor, now=now),
    ),
    "set later": lambda call, actor, now: Meeting.objects.filter(pk=call.pk).update(
        list_timed_at=call.list_due_at + timedelta(minutes=5)
    ),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", CHANGES)
def test_a_tick_that_waited_for_the_row_asks_again_what_made_the_list_due(
    change, river, region_2, river_provider, river_specialist
):
    call = far_call(river, region_2)
    due_at = call.list_due_at
    roster.settle_roster(call, actor=river_specialist, now=due_at - timedelta(hours=2))
    ticking = threading.Thread(target=tick_once, args=(due_at + timedelta(seconds=5),))
    with transaction.atomic():
        Meeting.objects.select_for_update().get(pk=call.pk)
        ticking.start()
        wait_until_blocked()
        CHANGES[change](Meeting.objects.get(pk=call.pk), river_specialist, due_at)
    ticking.join(timeout=30)

    assert not ticking.is_alive()
    assert call.prep_lists.count() == 0
    assert not Message.objects.filter(kind=PREP_LIST.kind).exists()


@pytest.mark.django_db(transaction=True)
def test_a_tick_that_waited_for_the_row_freezes_a_list_that_is_still_due(
    river, region_2, river_provider, river_specialist
):
    call = far_call(river, region_2)
    ticking = threading.Thread(target=tick_once, args=(call.list_due_at + timedelta(seconds=5),))
    with transaction.atomic():
        Meeting.objects.select_for_update().get(pk=call.pk)
        ticking.start()
        wait_until_blocked()
    ticking.join(timeout=30)

    assert call.prep_lists.count() == 1


def tick_once(now):
    try:
        lists.freeze_due_lists(now)
    finally:
        connection.close()


def wait_until_blocked():
    """Until another connection waits for a row that this one has locked."""

    until = time.monotonic() + 30
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted "
                "AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("Nobody waits for the row.")


@pytest.mark.django_db
def test_what_waits_of_a_moved_call_is_withheld_and_a_list_is_due_anew(
    river, region_2, river_agency, river_provider, river_specialist
):
    call = far_call(river, region_2)
    make_roster(call, make_participant(river_agency, region_2))
    lists.freeze_due_lists(call.list_due_at + timedelta(minutes=1))
    assert states(call, 1) == [State.WAITING]
    now = call.list_due_at + timedelta(minutes=2)

    moved = move(call, by=timedelta(days=21), actor=river_specialist, now=now)

    assert states(call, 1) == [State.CANCELLED]
    row = moved.prep_lists.get().deliveries.get(recipient=river_provider)
    assert "The call was moved" in row.message.last_error
    assert moved.list_due_at > now
    lists.freeze_due_lists(moved.list_due_at - timedelta(minutes=1))
    assert moved.prep_lists.count() == 1
    lists.freeze_due_lists(moved.list_due_at + timedelta(minutes=1))
    newest = moved.prep_lists.first()
    assert (newest.revision, states(call, 2)) == (2, [State.WAITING])
    assert "The call was moved from" in newest.correction_reason
    assert newest.deliveries.get(recipient=river_provider).message.late_after == moved.list_late_at
    lists.freeze_due_lists(moved.list_due_at + timedelta(minutes=2))
    assert moved.prep_lists.count() == 2


@pytest.mark.django_db
def test_pages_say_what_becomes_of_the_list_of_a_moved_call(
    river, region_2, river_provider, river_specialist
):
    call = far_call(river, region_2, weeks=1)
    lists.freeze_list(call, actor=river_specialist, now=timezone.now())
    moved = move(call, by=timedelta(days=14), actor=river_specialist, now=timezone.now())
    client = signed_in(river_specialist)

    words = list_state(moved, now=timezone.now()).words
    assert words.startswith("List was made for ")
    assert "; a corrected one goes out " in words
    for url in (f"/meetings/{call.pk}/", f"/meetings/{call.pk}/list/"):
        text = page_text(client, url)
        assert words in text
        assert "The call is now on " in text
    assert words in page_text(client, "/meetings/")
    (task,) = [
        each
        for each in home.home_page(river_specialist, now=timezone.now())["tasks"]
        if "The call was moved after its list was made." in each.hint
    ]
    assert task.when == words
    assert words in page_text(client, "/")


@pytest.mark.django_db
def test_a_call_moved_too_near_asks_and_sends_nothing_by_itself(frozen, river_specialist):
    call, now = frozen
    near = now + timedelta(hours=30)
    moved = meetings.move_meeting(call, starts_at=near, minutes=60, actor=river_specialist, now=now)

    assert list_state(moved, now=now).needs_choice
    for hours in (0, 1, 5, 29):
        lists.freeze_due_lists(now + timedelta(hours=hours))
    assert moved.prep_lists.count() == 1

    list_choices.choose_list(moved, choice="now", actor=river_specialist, now=now)
    moved.refresh_from_db()
    assert moved.prep_lists.count() == 2
    assert moved.list_was_for is None
    assert not list_state(moved, now=now).needs_choice


@pytest.mark.django_db
@pytest.mark.parametrize("choice", ["at", "none"])
def test_the_specialist_chooses_about_the_list_of_a_moved_call(choice, frozen, river_specialist):
    call, now = frozen
    moved = move(call, by=timedelta(days=7), actor=river_specialist, now=now)
    send_at = now + timedelta(days=3) if choice == "at" else None

    list_choices.choose_list(moved, choice=choice, send_at=send_at, actor=river_specialist, now=now)
    lists.freeze_due_lists(now + timedelta(days=3, minutes=1))

    assert moved.prep_lists.count() == (2 if choice == "at" else 1)


@pytest.mark.django_db
def test_a_copy_that_shows_the_former_time_is_never_sent_again_and_refuses_itself(
    smtp_server, river, region_2, river_provider, river_specialist
):
    call = far_call(river, region_2)
    now = timezone.now()
    prep_list = lists.freeze_list(call, actor=river_specialist, now=now)
    delivery = prep_list.deliveries.get(recipient=river_provider)
    outbox.services.tick(timezone.now(), send=True)
    assert states(call, 1) == [State.SENT]
    move(call, by=timedelta(days=9), actor=river_specialist, now=now)

    with pytest.raises(ValidationError, match="corrected revision"):
        PREP_LIST.send_again(delivery, reason="Lost", actor=river_specialist, now=now)
    delivery.refresh_from_db()
    with pytest.raises(Withheld, match="moved"):
        PREP_LIST.recheck(delivery.message, now)


@pytest.mark.django_db
def test_a_longer_call_at_the_same_time_keeps_its_list(frozen, river_specialist):
    call, now = frozen
    moved = meetings.move_meeting(
        call,
        starts_at=call.starts_at,
        minutes=call.minutes + 30,
        actor=river_specialist,
        now=now,
    )
    assert moved.list_was_for is None
    assert states(call, 1) == [State.WAITING]


@pytest.mark.django_db
def test_settling_a_roster_after_its_lists_time_sends_nothing_by_itself(
    river, region_2, river_provider, river_specialist
):
    now = timezone.now()
    call = make_meeting(river, region_2, starts_at=now + timedelta(hours=21))
    Meeting.objects.filter(pk=call.pk).update(list_timed_at=now)
    roster.settle_roster(call, actor=river_specialist, now=now)
    send_at = now + timedelta(minutes=12)
    list_choices.choose_list(call, choice="at", send_at=send_at, actor=river_specialist, now=now)
    roster.unsettle_roster(call, actor=river_specialist, now=now)
    lists.freeze_due_lists(send_at)
    later = send_at + due.NOTICE * 2

    client = signed_in(river_specialist)
    roster.settle_roster(call, actor=river_specialist, now=later)
    lists.freeze_due_lists(later + timedelta(minutes=1))

    call.refresh_from_db()
    assert call.prep_lists.count() == 0
    assert list_state(call, now=later).needs_choice
    assert "Choose what happens to the list" in page_text(client, f"/meetings/{call.pk}/")
    list_choices.choose_list(call, choice="now", actor=river_specialist, now=later)
    assert call.prep_lists.count() == 1


def cancelled_and_restored(call, actor, *, now):
    """The call as it is after it was canceled by mistake, and restored some minutes later."""
    meetings.cancel_meeting(call, reason="Wrong call", actor=actor, now=now)
    outbox.services.tick(now + timedelta(minutes=1), send=True)
    call.refresh_from_db()
    return meetings.restore_meeting(call, actor=actor, now=now + timedelta(minutes=2))


@pytest.mark.django_db(transaction=True)
def test_a_call_cancelled_by_mistake_and_restored_sends_its_list_after_all(
    smtp_server, frozen, river_specialist
):
    call, now = frozen
    assert any("not sent yet" in each for each in effects.effects_of_cancel(call, now=now))
    meetings.cancel_meeting(call, reason="Wrong call", actor=river_specialist, now=now)
    assert states(call, 1) == [State.CANCELLED]
    call.refresh_from_db()
    assert list_state(call, now=now).words == (
        "List did not reach everybody; no corrected one was sent"
    )
    told = " ".join(effects.effects_of_restore(call, now=now))
    assert "Not everybody got its list" in told
    assert "A corrected list goes out on" in told
    restored = meetings.restore_meeting(call, actor=river_specialist, now=now)

    words = list_state(restored, now=now).words
    assert words.startswith("List did not reach everybody; a corrected one goes out ")
    client = signed_in(river_specialist)
    for url in (f"/meetings/{call.pk}/", f"/meetings/{call.pk}/list/", "/"):
        text = page_text(client, url)
        assert words in text
        assert "former time" not in text
        assert "The call was moved" not in text
    assert "Not everybody got the list" in page_text(client, f"/meetings/{call.pk}/list/")
    outbox.services.tick(restored.list_due_at - timedelta(minutes=1), send=True)
    assert restored.prep_lists.count() == 1
    outbox.services.tick(restored.list_due_at + timedelta(minutes=1), send=True)
    assert restored.prep_lists.first().correction_reason.startswith(
        "The call was canceled or moved in the meantime. It is held as first planned, on "
    )
    assert states(call, 2) == [State.SENT]


@pytest.mark.django_db(transaction=True)
def test_near_its_time_a_restored_call_asks_and_sends_nothing_by_itself(
    smtp_server, river, region_2, river_provider, river_specialist
):
    call = far_call(river, region_2)
    due_at = call.list_due_at
    lists.freeze_due_lists(due_at + timedelta(minutes=1))
    assert states(call, 1) == [State.WAITING]
    now = due_at + timedelta(minutes=2)
    restored = cancelled_and_restored(call, river_specialist, now=now)

    assert list_state(restored, now=now).needs_choice
    for hours in (0, 1, 5, 20):
        outbox.services.tick(now + timedelta(hours=hours), send=True)
    assert restored.prep_lists.count() == 1
    assert states(call, 1) == [State.CANCELLED]
    now = now + timedelta(hours=21)
    list_choices.choose_list(restored, choice="now", actor=river_specialist, now=now)
    outbox.services.tick(now, send=True)
    assert states(call, 2) == [State.SENT]


@pytest.mark.django_db(transaction=True)
def test_a_call_restored_after_everybody_had_its_list_keeps_it(
    smtp_server, frozen, river_specialist
):
    call, now = frozen
    outbox.services.tick(now, send=True)
    restored = cancelled_and_restored(call, river_specialist, now=now)

    assert restored.list_was_for is None
    assert list_state(restored, now=now).words.startswith("List went out ")
    outbox.services.tick(restored.list_due_at + timedelta(minutes=1), send=True)
    assert restored.prep_lists.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_copy_that_a_worker_held_when_its_call_was_cancelled_is_owed_too(
    smtp_server, frozen, river_specialist
):
    """Also of a call that was canceled before anybody asked about that."""
    call, now = frozen
    call.state, call.cancellation_reason = Meeting.State.CANCELLED, "Wrong call"
    call.save()
    outbox.services.tick(now, send=True)
    assert states(call, 1) == [State.WITHHELD]
    assert any(
        "Not everybody got its list" in each for each in effects.effects_of_restore(call, now=now)
    )
    restored = meetings.restore_meeting(call, actor=river_specialist, now=now)
    assert restored.list_was_for == restored.starts_at


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("ends", "why"),
    [
        (State.SENT, ""),
        (State.WITHHELD, CALL_CANCELLED),
        (State.WITHHELD, "The call is cancelled."),  # as it was spelled before
    ],
)
def test_a_copy_that_was_on_its_way_when_its_call_was_cancelled_is_owed_if_it_did_not_arrive(
    ends, why, frozen, river_specialist
):
    call, now = frozen
    rows = Message.objects.filter(kind=PREP_LIST.kind)
    rows.update(state=State.SENDING, leased_until=now + timedelta(minutes=5), lease_token=uuid4())
    meetings.cancel_meeting(call, reason="Wrong call", actor=river_specialist, now=now)
    assert Meeting.objects.get(pk=call.pk).list_was_for == call.starts_at
    rows.update(
        state=ends,
        leased_until=None,
        lease_token=None,
        last_error=why,
        sent_at=now if ends == State.SENT else None,
    )
    restored = meetings.restore_meeting(call, actor=river_specialist, now=now)
    assert restored.list_was_for == (None if ends == State.SENT else call.starts_at)


@pytest.mark.django_db(transaction=True)
def test_a_list_on_hold_of_a_call_cancelled_and_restored_stays_on_hold(
    smtp_server, frozen, river_specialist
):
    call, now = frozen
    lists.hold_list(call, reason="In danger", actor=river_specialist, now=now)
    restored = cancelled_and_restored(call, river_specialist, now=now)

    outbox.services.tick(restored.list_due_at + timedelta(minutes=1), send=True)
    assert restored.prep_lists.count() == 1
    assert not Message.objects.filter(kind=PREP_LIST.kind, state=State.SENT).exists()
    assert list_state(restored, now=now).words == (
        "List did not reach everybody; a corrected one is on hold"
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_out", [True, False])
def test_a_call_moved_there_and_back_says_no_false_time(
    is_out, smtp_server, frozen, river_specialist
):
    call, now = frozen
    if is_out:
        outbox.services.tick(now, send=True)
    first = call.starts_at
    moved = move(call, by=timedelta(days=1), actor=river_specialist, now=now)
    told = " ".join(effects.effects_of_move(moved, first, 60, now=now)["effects"])
    assert ("Its list stays as it is." in told) == is_out
    assert ("Not everybody got its list" in told) == (not is_out)
    back = move(moved, by=timedelta(days=-1), actor=river_specialist, now=now)

    if is_out:
        assert back.list_was_for is None
        assert list_state(back, now=now).words.startswith("List went out ")
        return
    assert list_state(back, now=now).words.startswith("List did not reach everybody; ")
    assert lists.why_moved(back).startswith("The call was canceled or moved in the meantime. ")
