"""Attendance by agency over the year."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from agreements.models import StaffMember
from agreements.tests.factories import (
    make_agency_in_standing,
    make_agreement,
    make_staff,
    make_statement,
    revoke,
)
from audit.models import AuditEntry
from conferencing.follow_through.attendance import Came, attendance_tables
from conferencing.follow_through.periods import period_named
from conferencing.models import Attendance
from conferencing.tests.factories import make_attendance, make_guest, make_meeting, make_review
from conferencing.tests.pages import text_of
from conferencing.tests.readable import readable
from participants.tests.factories import make_participant
from regions.tests.factories import make_region, today_in

pytestmark = pytest.mark.django_db
URL = "/follow-through/attendance/"
THERE, SENT_WORD, ABSENT = Came.THERE, Came.SENT_WORD, Came.ABSENT


def held(continuum, region=None, *, days_ago=10, **fields):
    starts_at = timezone.now() - timedelta(days=days_ago)
    return make_meeting(continuum, region, starts_at=starts_at, **{"state": "closed"} | fields)


def tables(continuum, region=None):
    period = period_named("year", on=today_in(continuum.zone), zone=continuum.zone)
    found = attendance_tables(continuum, period=period, region=region)
    return {
        table.name: {line.agency.name: list(line.cells) for line in table.lines} for table in found
    }


def send_word(attendance):
    Attendance.objects.filter(pk=attendance.pk).update(sent_word=True)


def test_attendance_tells_of_each_agency_whether_it_was_there_sent_word_or_was_absent(
    river, region_2, river_agency, river_provider, river_lead, river_other_provider
):
    first, second, third = (held(river, region_2, days_ago=days_ago) for days_ago in (90, 60, 30))
    # One of an agency is enough; who sends word speaks for it, unless somebody came.
    make_attendance(first, river_provider)
    send_word(make_attendance(first, river_lead, present=False))
    send_word(make_attendance(second, river_provider, present=False))
    make_attendance(second, river_lead, present=False)
    make_attendance(third, river_provider, present=False)
    for call in (first, second):
        make_attendance(call, river_other_provider)
    make_attendance(third, name="Wanda Walkin", organization="Bridge Housing", kind="walk_in")
    assert tables(river) == {
        "Region 2": {
            "Bridge Housing": [THERE, SENT_WORD, ABSENT],
            "Cedar Outreach": [THERE, THERE, Came.NOT_EXPECTED],
        }
    }
    (table,) = attendance_tables(
        river, period=period_named("year", on=today_in(), zone=river.zone), region=region_2
    )
    bridge, cedar = table.lines
    assert (bridge.there, bridge.expected, bridge.missed) == (1, 3, "1 absent, 1 sent word")
    assert (cedar.there, cedar.expected, cedar.missed) == (2, 2, "")


def test_attendance_counts_closed_calls_of_the_last_twelve_months_alone(
    river, region_1, region_2, river_provider, three, three_region, three_provider
):
    assert tables(river) == {}
    for call in (
        held(river, region_2, days_ago=400),
        held(river, region_2, state="planned"),
        held(river, region_2, state="cancelled", cancellation_reason="Snow"),
        held(three, three_region),
    ):
        make_attendance(call, three_provider if call.continuum == three else river_provider)
    assert tables(river) == {}
    make_attendance(held(river), river_provider)
    make_attendance(held(river, region_2), river_provider, present=False)
    bridge = {"Bridge Housing": [THERE]}
    assert tables(river, region_2) == {
        "Region 2": {"Bridge Housing": [ABSENT]},
        "CoC-wide calls": bridge,
    }
    # Of another region's agencies alone.
    assert tables(river, region_1) == {}


def test_attendance_calls_no_agency_absent_before_it_joined_or_after_it_left(
    river, region_2, river_provider
):
    newcomer = make_agency_in_standing(river, name="New Roof", regions=[region_2])
    person = make_staff(newcomer, regions=[region_2]).user
    before, after = held(river, region_2, days_ago=120), held(river, region_2, days_ago=20)
    for call in (before, after):
        make_attendance(call, river_provider)
        # On the list of both; its papers took effect 100 days ago.
        make_attendance(call, person, present=False)
    assert tables(river)["Region 2"] == {
        "Bridge Housing": [THERE, THERE],
        "New Roof": [Came.NOT_CURRENT, ABSENT],
    }
    StaffMember.objects.filter(agency=newcomer).update(ended_on=today_in(river.zone))
    newcomer.is_active = False
    newcomer.save()
    revoke(newcomer.agreements.all(), at=timezone.now())
    make_attendance(held(river, region_2, days_ago=1), river_provider)
    # What it missed while its papers were current stays told; what came later is not missed.
    assert tables(river)["Region 2"]["New Roof"] == [
        Came.NOT_CURRENT,
        ABSENT,
        Came.NOT_EXPECTED,
    ]


def test_attendance_asks_for_the_papers_of_the_day(
    river, region_2, river_agency, river_provider, river_unsigned_provider, three, three_region
):
    call = held(river, region_2, days_ago=50)
    make_attendance(call, river_unsigned_provider, present=False)
    assert tables(river)["Region 2"]["Bridge Housing"] == [Came.NOT_CURRENT]
    day = today_in(river.zone) - timedelta(days=50)
    make_statement(river_unsigned_provider, effective_on=day)
    assert tables(river)["Region 2"]["Bridge Housing"] == [ABSENT]
    revoke(river_agency.agreements.all(), at=timezone.now() - timedelta(days=60))
    assert tables(river)["Region 2"]["Bridge Housing"] == [Came.NOT_CURRENT]
    make_agreement(river_agency, countersigned=False)
    assert tables(river)["Region 2"]["Bridge Housing"] == [Came.NOT_CURRENT]
    # Where a continuum asks for no agreement, the statement is enough.
    agency = make_agency_in_standing(three, name="Hilltown", regions=[three_region])
    revoke(agency.agreements.all(), at=timezone.now() - timedelta(days=60))
    person = make_staff(agency, regions=[three_region]).user
    make_attendance(held(three, three_region), person, present=False)
    assert tables(three)[three_region.name]["Hilltown"] == [ABSENT]


def test_attendance_takes_who_wrote_for_there_and_leaves_guests_and_visits_out(
    river, region_1, region_2, river_agency, river_provider, river_other_provider, river_specialist
):
    call = held(river, region_2)
    make_attendance(call, river_provider, present=False)
    make_attendance(call, river_specialist)
    person = make_participant(river_agency, region_2)
    review = make_review(call, person)
    review.saved_by = river_provider
    review.save()
    guest = make_guest(call, person, by=river_provider)
    make_attendance(call, guest.user, kind="walk_in")
    elsewhere = held(river, region_1)
    make_attendance(elsewhere, river_other_provider, kind="visitor")
    make_attendance(call, river_other_provider, present=False)
    found = tables(river)
    # Region 1 has no agency; a visit makes none of it.
    assert found == {"Region 2": {"Bridge Housing": [THERE], "Cedar Outreach": [ABSENT]}}
    north = make_region(river, name="Region 3", position=3)
    local = make_agency_in_standing(river, name="Northern Roof", regions=[north])
    make_attendance(held(river, north), river_provider, kind="visitor")
    assert tables(river)["Region 3"] == {local.name: [Came.NOT_EXPECTED]}


def test_attendance_page_reads_by_itself_and_is_recorded(
    client, river, region_2, river_agency, river_provider, river_specialist
):
    client.force_login(river_specialist)
    assert "No calls yet" in text_of(client.get(URL))
    first, second = held(river, region_2, days_ago=60), held(river, region_2, days_ago=30)
    make_attendance(first, river_provider)
    make_attendance(second, river_provider, present=False)
    page = client.get(URL, {"region": str(region_2.pk)})
    assert readable(page)
    text = text_of(page)
    assert "Bridge Housing" in text
    assert "1 of 2" in text
    assert "1 absent" in text
    entry = AuditEntry.objects.filter(action="attendance.viewed").latest("sequence")
    assert (entry.actor_id, entry.continuum_id, entry.detail) == (
        river_specialist.pk,
        river.pk,
        {},
    )
    assert reverse("conferencing:attendance") in client.get("/follow-through/").content.decode()
    # What is no region is all of them.
    assert "Bridge Housing" in text_of(client.get(URL, {"region": "nonsense"}))


@pytest.mark.parametrize("who", ["river_provider", "river_lead", "river_administrator"])
def test_attendance_page_is_the_specialists(client, request, who):
    client.force_login(request.getfixturevalue(who))
    assert client.get(URL).status_code == 403
    assert not AuditEntry.objects.filter(action="attendance.viewed").exists()


def test_attendance_page_asks_the_same_for_1_and_12_calls_of_30_agencies(
    client, django_assert_num_queries, river, region_2, river_provider, river_specialist
):
    client.force_login(river_specialist)
    make_attendance(held(river, region_2), river_provider)
    client.get(URL)
    with django_assert_num_queries(QUERIES):
        client.get(URL)
    people = [river_provider]
    for _ in range(29):
        agency = make_agency_in_standing(river, regions=[region_2])
        people.append(make_staff(agency, regions=[region_2]).user)
    for number in range(11):
        call = held(river, region_2, days_ago=20 * number + 11)
        for person in people:
            make_attendance(call, person)
    with django_assert_num_queries(QUERIES):
        page = client.get(URL)
    (table,) = page.context["tables"]
    assert (len(table.lines), len(table.calls)) == (30, 12)


QUERIES = 27
