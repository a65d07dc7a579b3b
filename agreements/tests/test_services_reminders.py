"""Reminders to sign again: when, to whom, and never twice."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.models import AgreementForm
from agreements.services.reminders import MARKS, mark_due, remind
from agreements.tests.factories import (
    make_agency,
    make_agreement,
    make_form,
    make_staff,
    make_statement,
    revoke,
)
from outbox.models import Message
from outbox.services import tick
from regions.tests.factories import make_user

ZONE = ZoneInfo("America/Chicago")
LAST = date(2027, 6, 30)
AGENCY, PERSONAL = AgreementForm.Kind.AGENCY, AgreementForm.Kind.PERSONAL


def days_before(count, hour=9):
    return datetime.combine(LAST - timedelta(days=count), time(hour), ZONE)


def noon(on):
    return datetime.combine(on, time(12), ZONE)


@pytest.fixture
def agency(river):
    agency = make_agency(river, name="Bridge Housing")
    make_agreement(
        agency,
        effective_on=date(2026, 7, 1),
        expires_on=LAST,
        countersigned_at=noon(date(2026, 7, 1)),
    )
    return agency


@pytest.fixture
def lead(agency):
    place = make_staff(agency, name="Lee Lead", email="lead@x.example", lead=True, statement=False)
    make_statement(place.user, effective_on=date(2026, 7, 1), expires_on=date(2029, 1, 1))
    return place.user


def sent():
    return sorted(Message.objects.values_list("address", "subject"))


TO_LEAD = ("lead@x.example", "Bridge Housing: sign the agreement again by Jun 30, 2027")


def to_administrator(user):
    return (user.email, "Bridge Housing: agreement ends on Jun 30, 2027")


def test_remind_tells_leads_and_administrators_sixty_thirty_and_seven_days_before(
    lead, river_administrator
):
    make_staff(lead.places.get().agency, statement=False)
    counts = {}
    for left in (61, 60, 59, 31, 30, 29, 8, 7, 6, 1, 0, -1):
        before = Message.objects.count()
        remind(days_before(left))
        counts[left] = Message.objects.count() - before
    assert counts == {61: 0, 60: 2, 59: 0, 31: 0, 30: 2, 29: 0, 8: 0, 7: 2, 6: 0, 1: 0, 0: 0, -1: 0}
    assert set(sent()) == {TO_LEAD, to_administrator(river_administrator)}
    message = Message.objects.filter(address="lead@x.example").first()
    assert (
        "The CES Partner Agreement of Bridge Housing is valid through Jun 30, 2027." in message.text
    )
    assert f"/agencies/{lead.places.get().agency_id}/sign/" in message.text
    assert message.html


def test_remind_after_missed_days_sends_the_nearest_one_only(lead):
    for left in (20, 19, 5, 4):
        remind(days_before(left))
    marks = [key.split(":")[3] for key in Message.objects.values_list("dedupe_key", flat=True)]
    assert sorted(marks) == ["30", "7"]


def test_remind_counts_days_by_the_wall_of_the_continuum(lead):
    # 04:30 UTC on May 1 is still the evening of April 30 in Minnesota: 61 days left.
    remind(datetime(2027, 5, 1, 4, 30, tzinfo=ZoneInfo("UTC")))
    assert sent() == []
    remind(datetime(2027, 5, 1, 5, 30, tzinfo=ZoneInfo("UTC")))
    assert sent() == [TO_LEAD]


def test_remind_leaves_the_leads_alone_who_signed_already(agency, lead, river_administrator):
    make_agreement(agency, countersigned=False)
    remind(days_before(30))
    assert sent() == [to_administrator(river_administrator)]
    assert "waits for your countersignature" in Message.objects.get().text


def test_remind_is_silent_once_the_next_agreement_is_decided(agency, lead, river_administrator):
    make_agreement(agency, effective_on=LAST + timedelta(days=1))
    remind(days_before(30))
    assert sent() == []


def test_remind_tells_administrators_that_nobody_can_sign(agency, river_administrator):
    remind(days_before(7))
    assert sent() == [to_administrator(river_administrator)]
    assert "The agency has no lead who could sign" in Message.objects.get().text


@pytest.mark.parametrize("change", ["inactive", "revoked", "lead left"])
def test_remind_is_silent_where_nothing_is_to_be_renewed(agency, lead, change):
    if change == "inactive":
        agency.is_active = False
        agency.save()
    elif change == "revoked":
        revoke(agency.agreements.all(), at=noon(date(2027, 1, 1)))
    else:
        lead.places.update(ended_on=date(2027, 1, 1))
    remind(days_before(30))
    assert sent() == []


def test_remind_does_not_ask_for_agreements_where_none_is_required(three):
    agency = make_agency(three)
    make_agreement(agency, effective_on=date(2026, 7, 1), expires_on=LAST)
    make_staff(agency, lead=True, statement=False)
    remind(days_before(30))
    assert sent() == []


def test_remind_tells_each_person_of_their_own_statement(river, three):
    person = make_staff(make_agency(three), email="p@x.example", statement=False).user
    specialist = make_user(river, email="s@x.example", specialist=True)
    gone = make_staff(make_agency(river), email="g@x.example", statement=False)
    for user in (person, specialist, gone.user):
        make_statement(
            user,
            effective_on=date(2026, 7, 1),
            expires_on=LAST,
            signed_at=noon(date(2026, 7, 1)),
        )
    gone.ended_on = date(2027, 1, 1)
    gone.save()
    remind(days_before(30))
    remind(days_before(30, hour=15))
    subject = "Sign the confidentiality statement again by Jun 30, 2027"
    assert sent() == [("p@x.example", subject), ("s@x.example", subject)]


def test_remind_asks_to_sign_a_new_version_by_its_date(agency, lead, river_administrator):
    agency.agreements.update(expires_on=date(2029, 1, 1))
    make_form(
        agency.continuum,
        AGENCY,
        version=2,
        sign_again_by=LAST,
        published_at=noon(date(2027, 1, 1)),
    )
    for left in (61, 60, 30, 7):
        remind(days_before(left))
    assert sent() == sorted([TO_LEAD] * 3 + [to_administrator(river_administrator)] * 3)


def test_remind_is_silent_for_days_before_the_new_version_was_published(agency, lead):
    agency.agreements.update(expires_on=date(2029, 1, 1))
    make_form(
        agency.continuum,
        AGENCY,
        version=2,
        sign_again_by=LAST,
        published_at=noon(LAST - timedelta(days=20)),
    )
    remind(days_before(20))
    assert sent() == []
    remind(days_before(7))
    assert sent() == [TO_LEAD]


def test_remind_is_a_step_of_the_tick(lead):
    tick(now=days_before(60))
    tick(now=days_before(60, hour=10))
    assert sent() == [TO_LEAD]


def test_remind_asks_as_often_for_one_agency_as_for_thirty(
    river, river_administrator, django_assert_max_num_queries
):
    asked = []
    for more in (1, 29):
        for _ in range(more):
            agency = make_agency(river)
            make_agreement(
                agency,
                effective_on=date(2026, 7, 1),
                expires_on=LAST,
                countersigned_at=noon(date(2026, 7, 1)),
            )
            make_staff(agency, lead=True, statement=False)
        remind(days_before(30))
        with django_assert_max_num_queries(15) as queries:
            remind(days_before(30))
        asked.append(len(queries))
    assert asked[0] == asked[1]


days = st.integers(-10, 400)


@given(length=st.integers(0, 400), ticks=st.lists(days, min_size=1, unique=True))
def test_mark_due_is_sent_once_each_and_only_the_nearest(length, ticks):
    since = LAST - timedelta(days=length)
    found = [mark_due(LAST, since, LAST - timedelta(days=left)) for left in sorted(ticks)[::-1]]
    for left, mark in zip(sorted(ticks)[::-1], found, strict=True):
        if mark is None:
            continue
        assert 0 <= left <= mark
        assert not any(left <= other < mark for other in MARKS)
        assert mark <= length
    marks = [mark for mark in found if mark is not None]
    assert marks == sorted(marks, reverse=True)
