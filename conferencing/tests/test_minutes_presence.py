"""Minutes say truly who was there, who could not be, and which household was spoken of."""

import pytest
from django.urls import reverse
from django.utils import timezone

from agreements.models import StaffMember
from conferencing.models import Review
from conferencing.services.attendance import mark_present
from conferencing.services.closing import close_call
from conferencing.services.notes import save_notes
from conferencing.tests.factories import make_attendance
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
    save_notes(
        meeting.pk,
        review.pk,
        {"notes": "Spoke of the lease"},
        base=0,
        kept={},
        actor=river_provider,
        on=today_in(river.zone),
        now=timezone.now(),
    )
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
    save_notes(
        meeting.pk,
        told.pk,
        {"notes": "Spoke of the lease"},
        base=0,
        kept={},
        actor=river_provider,
        on=today_in(river.zone),
        now=timezone.now(),
    )
    close_call(meeting, carries_over=True, actor=river_specialist, now=timezone.now())
    page = minutes_of(client, meeting, river_specialist)
    assert [each["id"] for each in page.context["households"]] == [str(ben.pk)]
    carried = {each["id"] for each in page.context["carried"]}
    assert carried == {str(person.pk) for person in (ana, ben, wren)}
