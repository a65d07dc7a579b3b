"""An hour of twenty households, two steps each, is written down in the time it is spoken."""

import pytest
from django.utils import timezone

from agreements.models import StaffMember
from conferencing.call.acts import begin_call
from conferencing.models import Review
from conferencing.rotation.roles import change_role
from conferencing.tests.hour import open_call, own_address, wait_saved
from conferencing.tests.spoken import HOUSEHOLDS, Scribe, Spoken, twenty

__all__ = ["own_address"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.usefixtures("own_address")
def test_twenty_households_are_written_down_in_the_time_they_are_spoken_of(
    new_page, river, region_2, river_agency, river_provider, river_other_provider
):
    """Typing takes no time here: what is measured is what the page takes, against the speech."""
    now = timezone.now()
    place = StaffMember.objects.get(user=river_provider)
    call, people = twenty(river, region_2, river_agency, place)
    for name, user in (("facilitator", river_other_provider), ("note_taker", river_provider)):
        person = StaffMember.objects.get(user=user)
        change_role(call, name, agency=person.agency, person=person, actor=None, now=now)
    begin_call(call, actor=river_other_provider, now=now)
    steering = new_page(river_other_provider, viewport={"width": 1280, "height": 800})
    steering.goto(f"/meetings/{call.pk}/call/")
    steering.get_by_role("button", name="Next household").click()
    writing = open_call(new_page, call, river_provider, viewport={"width": 1280, "height": 800})
    scribe, told = Scribe(writing, who="Pat", is_paced=False), {}
    for number, person in enumerate(people):
        writing.get_by_role("heading", name=person.name).wait_for()
        told[person.pk] = spoken = Spoken.of(number, person.name, "Pat")
        before = scribe.keys
        taken = scribe.takes_down(spoken)
        assert taken < spoken.seconds(), (person.name, taken, spoken.seconds())
        wait_saved(writing)
        if number + 1 < HOUSEHOLDS:
            steering.locator("#steer-now[data-asks]").wait_for(state="detached")
            steering.get_by_role("button", name="Next household").click()
            writing.locator("#moved-on", has_text="Go there Alt 9").wait_for()
            scribe.press("Alt+Digit9")
        assert scribe.keys - before <= 10  # a second step among them
    for review in Review.objects.filter(meeting=call).select_related("participant"):
        spoken = told[review.participant_id]
        assert review.outcome == "discussed"
        assert review.preferences == spoken.preferences
        assert review.notes == f"{spoken.notes}\n{spoken.offered}"
        assert sorted(each.what for each in review.steps.all()) == sorted(
            [spoken.step, as_step(spoken.offered)]
        )


def as_step(line):
    """The line as a step: without who, and with the verb as one says it to them."""
    verb, rest = line.removeprefix("Pat ").split(" ", 1)
    return f"{verb.removesuffix('s').capitalize()} {rest}"
