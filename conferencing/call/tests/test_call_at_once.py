"""Two at once on a call: one counts, nobody waits for ever, nothing is overwritten."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from audit.models import AuditEntry
from conferencing.call import acts as calls
from conferencing.call import attendance
from conferencing.call.closing import close_call
from conferencing.call.note_history import revisions
from conferencing.coming.acts import keep_answer
from conferencing.models import Attendance, Call, Meeting, MeetingAnswer, Minutes, Review
from conferencing.tests.factories import send_notes
from outbox.models import Message
from participants.naming import Reader

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts):
    """Run the acts at the same moment; return what each gave, or the words of its refusal."""
    together = Barrier(len(acts))

    def run(act):
        try:
            together.wait(timeout=10)
            return act()
        except ValidationError as error:
            return error.messages
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_begin_call_by_two_at_once_begins_one(meeting, river_provider, river_other_provider):
    now = timezone.now()
    first, second = at_once(
        lambda: calls.begin_call(meeting, actor=river_provider, now=now),
        lambda: calls.begin_call(meeting, actor=river_other_provider, now=now),
    )
    assert first.began_by == second.began_by
    assert (Call.objects.count(), meeting.reviews.count()) == (1, 3)
    assert AuditEntry.objects.filter(action="call.begun").count() == 1


def test_an_answer_waits_for_the_call_that_begins(meeting, river_provider, river_specialist):
    """Who says that they cannot come is either in the call’s list, or told that it has begun."""
    has_begun, now = Event(), timezone.now()

    def begin():
        with transaction.atomic():
            calls.begin_call(meeting, actor=river_specialist, now=now)
            has_begun.set()
            time.sleep(0.5)

    def answer():
        has_begun.wait(timeout=10)
        return keep_answer(meeting, is_coming=False, actor=river_provider, now=now)

    _begun, answered = at_once(begin, answer)
    assert answered == ["The call has begun, or is off. Its page says who is here."]
    assert not MeetingAnswer.objects.exists()


def test_close_call_by_two_at_once_closes_once(review, river_provider, river_other_provider):
    def close(user):
        return lambda: close_call(review.meeting, carries_over=True, actor=user, now=timezone.now())

    first, second = at_once(close(river_provider), close(river_other_provider))
    assert (first.closed_by, first.closed_at) == (second.closed_by, second.closed_at)
    assert Minutes.objects.count() == AuditEntry.objects.filter(action="call.closed").count() == 1
    assert Message.objects.filter(kind="new-steps").count() == 0
    assert Meeting.objects.get(pk=review.meeting_id).state == "closed"


def test_save_notes_by_two_from_one_revision_accepts_one(review, river_provider, river_specialist):
    found = at_once(
        lambda: send_notes(review, {"notes": "Pat's"}, river_provider, base=0),
        lambda: send_notes(review, {"notes": "Sam's"}, river_specialist, base=0),
    )
    assert sorted(each.conflict for each in found) == [False, True]
    stored = Review.objects.get(pk=review.pk)
    assert (stored.revision, stored.notes) == (1, f"{stored.saved_by.name[:3]}'s")
    assert {each.review.notes for each in found} == {stored.notes}
    assert [
        event.revision for event, _ in revisions(stored, Reader(stored.meeting.continuum_id))
    ] == [1, 0]


def test_saving_while_households_are_taken_up_and_people_come_in_never_waits_in_a_ring(
    review, ben, river_provider, river_other_provider
):
    other = Review.objects.get(meeting=review.meeting, participant=ben)
    people = list(Attendance.objects.filter(meeting=review.meeting))

    def write():
        for n in range(12):
            assert not send_notes(review, {"notes": f"Said {n}"}, river_provider, base=n).conflict
        return "done"

    def steer():
        for n in range(12):
            found = other if n % 2 == 0 else review
            at = timezone.now() + timedelta(seconds=n)
            calls.put_on_table(review.meeting, found, actor=river_other_provider, now=at)
            calls.move_on_agenda(
                review.meeting, found, by=1, actor=river_other_provider, now=timezone.now()
            )
        return "done"

    def hear():
        for n in range(12):
            attendance.note_heard(
                people[n % len(people)], actor=river_other_provider, now=timezone.now()
            )
        return "done"

    assert at_once(write, steer, hear) == ["done", "done", "done"]
    stored = Review.objects.get(pk=review.pk)
    assert (stored.revision, stored.notes) == (12, "Said 11")
    assert sum(Attendance.objects.values_list("spoke_times", flat=True)) == 12


def test_a_save_that_meets_the_close_is_in_the_minutes_or_refused(
    review, river_provider, river_other_provider
):
    review.no_step_reason = "Moved in"
    review.save()
    calls.discuss(review, actor=river_provider, now=timezone.now())
    saved, closed = at_once(
        lambda: send_notes(review, {"notes": "At the last moment"}, river_provider, base=0),
        lambda: close_call(
            review.meeting, carries_over=True, actor=river_other_provider, now=timezone.now()
        ),
    )
    assert not closed.is_open
    stored = Review.objects.get(pk=review.pk)
    was_accepted = saved != [calls.IS_CLOSED]
    assert stored.notes == ("At the last moment" if was_accepted else "")
    said = str(Minutes.objects.get().snapshot)
    assert ("At the last moment" in said) == was_accepted


def test_add_walk_in_by_two_at_once_adds_one(held_call, river_provider, river_other_provider):
    def add(user):
        return lambda: attendance.add_walk_in(
            held_call.meeting, name="Wyn", organization="", actor=user, now=timezone.now()
        )

    first, second = at_once(add(river_provider), add(river_other_provider))
    assert first == second
    assert Attendance.objects.filter(meeting=held_call.meeting, user=None).count() == 1
