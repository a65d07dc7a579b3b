"""Minutes say truly who was there, who could not be, and which household was spoken of."""

import pytest
from django.urls import reverse
from django.utils import timezone

from agreements.models import StaffMember
from agreements.tests.factories import make_staff
from conferencing.call import acts as calls
from conferencing.call.attendance import mark_present, note_heard
from conferencing.call.closing import close_call
from conferencing.models import Minutes, Review
from conferencing.rotation.roles import change_role
from conferencing.steps.acts import report_own
from conferencing.tests.factories import make_attendance, make_step, write_notes
from conferencing.tests.pages import text_of
from regions.tests.factories import today_in

pytestmark = pytest.mark.django_db


def minutes_of(client, meeting, user):
    client.force_login(user)
    return client.get(reverse("conferencing:minutes_detail", args=[meeting.pk]))


def test_minutes_tell_who_took_part_and_who_could_not_come(
    client,
    review,
    ana,
    ben,
    wren,
    river,
    river_provider,
    river_other_provider,
    river_specialist,
    river_lead,
    river_lapsed_provider,
):
    meeting = review.meeting
    make_attendance(meeting, river_lead, present=False) if not meeting.attendances.filter(
        user=river_lead
    ).exists() else None
    if not meeting.attendances.filter(user=river_lapsed_provider).exists():
        make_attendance(meeting, river_lapsed_provider, present=False)
    facilitator = meeting.attendances.get(user=river_other_provider)
    mark_present(facilitator, is_present=True, actor=river_other_provider, now=timezone.now())
    write_notes(review, river_provider, notes="Spoke of the lease")
    close_call(meeting, carries_over=True, actor=river_specialist, now=timezone.now())
    page = minutes_of(client, meeting, river_specialist)
    here = {row["organization"]: row["people"] for row in page.context["present"]}
    away = {row["organization"]: row["people"] for row in page.context["absent"]}
    # nobody ticked the note taker and the specialist who closed the call: they were there
    assert here[river.name] == [river_specialist.name]
    assert any(river_provider.name in each for each in here["Bridge Housing"])
    assert "No organization given" not in {*here, *away}
    lapsed = StaffMember.objects.get(user=river_lapsed_provider).agency.name
    assert lapsed not in away
    assert page.context["locked_out"] == [lapsed]
    words = text_of(page)
    assert "Could not attend, because an agreement or statement is not current" in words
    for heading in ("Attendees", "Absent", "Discussion"):
        assert heading in words


def test_a_household_that_was_never_spoken_of_is_not_under_discussion(
    client, review, ana, ben, wren, river, river_provider, river_specialist
):
    """Its review began with a navigator and a target date of last month: nobody said them."""
    meeting = review.meeting
    place = StaffMember.objects.get(user=river_provider)
    Review.objects.filter(meeting=meeting).update(
        navigator=place, target_kind="move_in", target_on=today_in(river.zone), location="shelter"
    )
    told = Review.objects.get(meeting=meeting, participant=ben)
    write_notes(told, river_provider, notes="Spoke of the lease")
    close_call(meeting, carries_over=True, actor=river_specialist, now=timezone.now())
    page = minutes_of(client, meeting, river_specialist)
    assert [each["id"] for each in page.context["households"]] == [str(ben.pk)]
    carried = {each["id"] for each in page.context["carried"]}
    assert carried == {str(person.pk) for person in (ana, ben, wren)}


ACTS = {
    "take up": lambda review, **by: calls.put_on_table(review.meeting, review, **by),
    "discuss": calls.discuss,
    "open again": calls.reopen,
    "carry over": calls.carry_over,
    "move": lambda review, **by: calls.move_on_agenda(review.meeting, review, by=1, **by),
    "raise": lambda review, **by: calls.raise_participant(
        review.meeting, review.participant, because="", **by
    ),
    "count who spoke": lambda review, **by: note_heard(
        review.meeting.attendances.get(user__name="Sam Specialist"), **by
    ),
}


def in_minutes(meeting, user):
    """The duty and whether they were there, of each line with the person's name."""
    rows = Minutes.objects.get(meeting=meeting).snapshot["attendance"]
    return [(row["duty"], row["is_present"]) for row in rows if row["name"] == user.name]


@pytest.mark.parametrize("act", ACTS)
def test_who_leads_was_there_without_saying_so(
    act, meeting, ben, river_specialist, river_other_provider, river_lead
):
    now = timezone.now()
    calls.begin_call(meeting, actor=river_specialist, now=now)
    review = Review.objects.get(meeting=meeting, participant=ben)
    review.no_step_reason = "Moved in"
    review.save()
    ACTS[act](review, actor=river_other_provider, now=now)
    assert meeting.attendances.get(user=river_other_provider).is_present
    close_call(meeting, carries_over=True, actor=river_specialist, now=timezone.now())
    assert in_minutes(meeting, river_other_provider) == [("facilitator", True)]
    assert in_minutes(meeting, river_lead) == [("", False)]


def test_who_leads_without_being_expected_was_there(
    meeting, ben, river_specialist, river_other_provider
):
    now = timezone.now()
    calls.begin_call(meeting, actor=river_specialist, now=now)
    meeting.attendances.filter(user=river_other_provider).delete()
    review = Review.objects.get(meeting=meeting, participant=ben)
    calls.put_on_table(meeting, review, actor=river_other_provider, now=now)
    close_call(meeting, carries_over=True, actor=river_specialist, now=timezone.now())
    assert in_minutes(meeting, river_other_provider) == [("facilitator", True)]


@pytest.mark.django_db(transaction=True)
def test_a_note_taker_whose_text_was_saved_over_was_there_with_the_duty(
    review, region_2, river_provider, river_specialist
):
    meeting = review.meeting
    place = StaffMember.objects.get(user=river_provider)
    second = make_staff(place.agency, name="Moe Mate", regions=[region_2])
    write_notes(review, river_provider, notes="The lease")
    change_role(
        meeting,
        "note_taker",
        agency=place.agency,
        person=second,
        actor=river_specialist,
        now=timezone.now(),
    )
    write_notes(review, second.user, notes="The lease ends in May")
    close_call(meeting, carries_over=True, actor=river_specialist, now=timezone.now())
    assert in_minutes(meeting, river_provider) == [("note taker", True)]
    assert in_minutes(meeting, second.user) == [("note taker", True)]


def test_who_lost_the_role_and_did_nothing_is_absent_without_a_duty(
    review, ana, river_agency, region_2, river_provider, river_specialist
):
    meeting = review.meeting
    second = make_staff(river_agency, name="Moe Mate", regions=[region_2])
    change_role(
        meeting,
        "note_taker",
        agency=river_agency,
        person=second,
        actor=river_specialist,
        now=timezone.now(),
    )
    # a report from the page of steps is no act at the call
    step = make_step(ana, river_agency, person=StaffMember.objects.get(user=river_provider))
    report_own(step, progress="under_way", actor=river_provider, now=timezone.now())
    close_call(meeting, carries_over=True, actor=river_specialist, now=timezone.now())
    assert in_minutes(meeting, river_provider) == [("", False)]
