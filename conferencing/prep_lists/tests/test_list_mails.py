"""Mails of a list, and about it: replaced, sent again, told as late; each by what is so today."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from agreements.models import StaffMember
from agreements.services.people import move_person
from agreements.tests.factories import make_staff
from conferencing.prep_lists import acts as lists
from conferencing.prep_lists.deliveries import PREP_LIST
from conferencing.prep_lists.reminders import tell_late_lists
from conferencing.schedule import acts as meetings
from conferencing.tests.factories import make_meeting, make_roster
from conferencing.tests.meanwhile import meanwhile
from outbox.models import Message
from outbox.services import attempts
from participants.tests.factories import make_participant

from .test_list_choices import (
    CALL_AT,
    DAY,
    HOUR,
    make_old,
)

MINUTE = timedelta(minutes=1)


@pytest.fixture
def frozen(river, region_2, river_agency, river_provider, river_specialist):
    """The list of a call in ten days, one copy of it waiting."""
    call = make_meeting(river, region_2)
    make_roster(call, make_participant(river_agency, region_2))
    return lists.freeze_list(call, actor=river_specialist, now=timezone.now())


@pytest.mark.django_db
def test_a_list_is_told_as_late_once_for_each_time_of_its_call(river, region_2, river_specialist):
    call = make_old(river, region_2, CALL_AT)
    lists.hold_list(call, reason="Sorting it out", actor=river_specialist, now=CALL_AT - 9 * DAY)
    told = []
    for days in (0, 14, 28):
        if days:
            meetings.move_meeting(
                call,
                starts_at=CALL_AT + days * DAY,
                minutes=60,
                actor=river_specialist,
                now=call.list_late_at + HOUR,
            )
            call.refresh_from_db()
        for late_by in (MINUTE, 5 * MINUTE):
            tell_late_lists(call.list_late_at + late_by)
            told.append(Message.objects.filter(kind="list-late").count())
    assert told == [1, 1, 2, 2, 3, 3]


@pytest.mark.django_db
@pytest.mark.parametrize("was_left_out", [False, True])
def test_a_copy_is_not_sent_again_to_somebody_of_another_agency(
    was_left_out,
    frozen,
    river_agency,
    river_other_agency,
    river_provider,
    river_administrator,
    river_specialist,
):
    delivery = frozen.deliveries.get(recipient=river_provider)
    Message.objects.update(state="withheld", last_error="Asked for.")
    if was_left_out:
        delivery.message, delivery.password = None, None
        delivery.left_out_because = "Never signed."
        delivery.save()
        Message.objects.filter(kind=PREP_LIST.kind).delete()
    place = StaffMember.objects.get(user=river_provider)
    move_person(
        place,
        actor=river_administrator,
        agency=river_other_agency,
        function=place.function,
        answers={},
    )
    _place, why_not = PREP_LIST.whom_and_why_not(delivery, now=timezone.now())
    assert ("goes to them at their new agency" in why_not) is not was_left_out
    act = {"reason": "Moved", "actor": river_specialist, "now": timezone.now()}
    if was_left_out:
        PREP_LIST.send_again(delivery, **act)
        delivery.refresh_from_db()
        assert (delivery.agency, delivery.message.state) == (river_other_agency, "waiting")
        return
    with pytest.raises(ValidationError, match="left the agency for which this copy was made"):
        PREP_LIST.send_again(delivery, **act)
    assert not Message.objects.filter(kind=PREP_LIST.kind).exclude(state="withheld").exists()


@pytest.mark.django_db(transaction=True)
def test_a_correction_passes_over_a_copy_that_is_claimed_meanwhile(
    river, region_2, river_agency, frozen, river_specialist
):
    make_staff(river_agency, regions=[region_2])
    copy = Message.objects.get(kind=PREP_LIST.kind)

    def claim():
        Message.objects.select_for_update().get(pk=copy.pk)
        Message.objects.filter(pk=copy.pk).update(
            state="sending", lease_token=copy.pk, leased_until=timezone.now() + attempts.LEASE
        )

    corrected = meanwhile(
        claim,
        lambda: lists.correct_list(
            frozen.meeting,
            revision=1,
            reason="One more",
            actor=river_specialist,
            now=timezone.now(),
        ),
    )
    assert (corrected.revision, corrected.deliveries.count()) == (2, 2)
    assert Message.objects.get(pk=copy.pk).state == "sending"
