"""What the live page asks of the database: little, and the same however much there is."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agreements.models import StaffMember
from conferencing.call.acts import begin_call, put_on_table
from conferencing.models import Review
from conferencing.rotation.roles import change_role
from conferencing.tests.factories import make_meeting, make_review, make_roster, make_step
from participants.tests.factories import make_participant, make_release

pytestmark = pytest.mark.django_db

# Issue 3: at most 12 for the page, 6 for a save, 2 for a look that finds nothing new. One of the
# page asks which households are read out as one. A save's are the session with its person, the
# transaction's begin and end, the review with all rights asked in the same query, two updates, and
# who typed the words of before and of now.
# The household’s openings: what is on offer, and, of a reader, whether they keep the record.
QUERIES = {"page": 17, "household": 26, "people": 6, "save": 12, "poll": 2, "news": 9}


def held_call(river, region, agency, note_taker, *, households, months):
    """A call being held with so many households, each reviewed so many months in a row."""
    now = timezone.now()
    place = StaffMember.objects.get(user=note_taker)
    people = [make_participant(agency, region, name=f"Ana Example{n}") for n in range(households)]
    for person in people:
        make_release(person)
    for month in range(1, months + 1):
        former = make_meeting(
            river, region, starts_at=now - timedelta(days=30 * month), state="closed"
        )
        for person in people:
            review = make_review(former, person, preferences="Two rooms", barriers=["No photo ID"])
            make_step(person, agency, person=place, review=review, due_in=-30 * month + 30)
    meeting = make_meeting(river, region, starts_at=now + timedelta(minutes=1))
    make_roster(meeting, *people)
    change_role(meeting, "note_taker", agency=agency, person=place, actor=None, now=now)
    begin_call(meeting, actor=note_taker, now=now)
    review = Review.objects.get(meeting=meeting, participant=people[0])
    put_on_table(meeting, review, actor=note_taker, now=now)
    return meeting, review


def counted(act):
    with CaptureQueriesContext(connection) as found:
        answer = act()
    return len(found), answer


@pytest.mark.parametrize(("households", "months"), [(1, 0), (1, 6), (10, 3)])
def test_call_asks_the_database_little_and_always_the_same(
    client, river, region_2, river_agency, river_provider, households, months
):
    meeting, review = held_call(
        river, region_2, river_agency, river_provider, households=households, months=months
    )
    client.force_login(river_provider)
    save_url = reverse("conferencing:notes_save", args=[meeting.pk, review.pk])

    def page():
        return client.get(reverse("conferencing:call_detail", args=[meeting.pk]))

    def save(n):
        values = {"notes": f"What was said, {n}"}
        return client.post(
            save_url, json.dumps({"base": n, "values": values}), content_type="application/json"
        )

    page()
    n, answer = counted(page)
    assert answer.status_code == 200
    assert n == QUERIES["page"]
    household = reverse("conferencing:call_household", args=[meeting.pk, review.pk])
    client.get(household)
    reports = 1 if months else 0  # of steps, where there are steps
    assert counted(lambda: client.get(household))[0] == QUERIES["household"] + reports
    people = reverse("conferencing:call_people", args=[meeting.pk])
    assert counted(lambda: client.get(people))[0] == QUERIES["people"]
    save(0)
    n, answer = counted(lambda: save(1))
    assert (answer.status_code, answer.json()["revision"]) == (200, 2)
    assert n == QUERIES["save"]
    version = meeting.call.__class__.objects.get(pk=meeting.pk).version
    live = reverse("conferencing:call_live", args=[meeting.pk])
    seen = page().context["rights"]
    rights = client.get(live, {"v": version, "s": seen}).json()["rights"]
    asked = {"v": version, "s": rights, "r": str(review.pk)}
    n, answer = counted(lambda: client.get(live, asked))
    assert (answer.status_code, answer.content) == (204, b"")
    assert n == QUERIES["poll"]
    client.get(live, asked | {"v": version - 1})
    n, answer = counted(lambda: client.get(live, asked | {"v": version - 1}))
    assert answer.json()["review"]["words"]["notes"] == "What was said, 1"
    assert n == QUERIES["news"]
