"""Last contact, the rule of inactivity, its warning, contacts and corrections of moves."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from conferencing.tests.pages import text_of, words_of
from outbox.kinds import Withheld
from outbox.models import Message
from participants.models import Contact, InactivityRule, ListPlace, Participant, PlaceChange
from participants.quiet import past, soon, with_last_contact
from participants.services.contacts import record_seen_today, remove_contact
from participants.services.inactivity import (
    change_inactivity,
    prepare_inactivity_warning,
    warn_of_inactivity,
)
from participants.services.places import change_place, correct_place
from participants.tests.factories import (
    make_contact,
    make_inactivity,
    make_move,
    make_participant,
    make_situation,
)
from regions.clock import local_midnight
from regions.tests.factories import today_in
from regions.words import day_words


@pytest.fixture
def today(river):
    return today_in(river.zone)


def last_contact(person, rule):
    return with_last_contact(Participant.objects.filter(pk=person.pk), rule).get().last_contact_on


def test_last_contact_is_the_latest_of_what_the_continuum_counts(
    river, river_agency, region_2, today
):
    rule = make_inactivity(river)
    person = make_participant(river_agency, region_2, days=200)
    assert last_contact(person, rule) == today - timedelta(days=200)
    make_situation(person, days_ago=60)
    make_situation(person, kind="missing", days_ago=1)
    make_contact(person, days_ago=40)
    make_contact(person, kind="assessed", days_ago=50)
    assert last_contact(person, rule) == today - timedelta(days=40)
    rule.sources = ["stay", "assessed"]
    assert last_contact(person, rule) == today - timedelta(days=50)
    rule.sources = ["stay"]
    assert last_contact(person, rule) == today - timedelta(days=60)
    rule.sources = ["assessed"]
    assert last_contact(person, rule) == today - timedelta(days=50)


@pytest.mark.parametrize(
    ("days", "is_youth", "expected"),
    [
        (75, False, ""),
        (76, False, "soon"),
        (89, False, "soon"),
        (90, False, "past"),
        (15, True, ""),
        (16, True, "soon"),
        (29, True, "soon"),
        (30, True, "past"),
    ],
)
def test_a_household_is_warned_of_14_days_before_its_day(
    river, river_agency, region_2, today, days, is_youth, expected
):
    rule = make_inactivity(river)
    person = make_participant(river_agency, region_2, days=400, is_youth=is_youth)
    make_contact(person, days_ago=days)
    everybody = Participant.objects.all()
    ListPlace.objects.filter(participant=make_participant(river_agency, region_2, days=400)).update(
        status="housed"
    )
    found = {"soon": list(soon(everybody, rule, today)), "past": list(past(everybody, rule, today))}
    assert found == {"soon": [], "past": []} | ({expected: [person]} if expected else {})


def test_list_shows_ages_and_filters_by_them(client, river, river_agency, region_2, river_provider):
    make_inactivity(river)
    fresh = make_participant(river_agency, region_2, alias="Fresh-1")
    for make in (make_situation, make_contact):
        make(fresh, days_ago=0)
    make_contact(fresh, kind="assessed", days_ago=31)
    make_participant(river_agency, region_2, alias="Quiet-1", days=80)
    client.force_login(river_provider)

    def aliases(query):
        response = client.get(reverse("participants:participant_list") + query)
        return {row.participant.alias: row for row in response.context["rows"]}

    rows = aliases("")
    assert [age.days for age in rows["Fresh-1"].ages] == [0, 0, 31]
    assert [age.is_old for age in rows["Fresh-1"].ages] == [False, False, True]
    assert [age.days for age in rows["Quiet-1"].ages] == [None, None, None]
    assert (rows["Fresh-1"].inactive_on, rows["Quiet-1"].inactive_on) == (
        None,
        today_in(river.zone) + timedelta(days=10),
    )
    assert set(aliases("?state=soon")) == {"Quiet-1"}
    assert set(aliases("?state=past")) == set()
    assert set(aliases("?state=location")) == {"Quiet-1"}
    assert set(aliases("?state=assessment")) == {"Fresh-1", "Quiet-1"}
    assert set(aliases("?state=contact")) == {"Quiet-1"}


def test_seen_today_records_once_and_is_taken_back_the_same_day_only(
    client, river, river_other_provider, river_agency, region_2, river_provider, today
):
    person = make_participant(river_agency, region_2)
    client.force_login(river_other_provider)
    url = reverse("participants:seen_today", args=[person.pk])
    for _ in range(2):
        response = client.post(url, headers={"HX-Request": "true"})
        assert "Seen today" in response.content.decode()
    contact = person.contacts.get()
    assert (contact.kind, contact.on, contact.by) == ("seen", today, river_other_provider)
    now = timezone.now()
    with pytest.raises(ValidationError):
        remove_contact(contact, actor=river_provider, now=now)
    with pytest.raises(ValidationError):
        remove_contact(contact, actor=river_other_provider, now=now + timedelta(days=1))
    assert Contact.objects.get() == contact
    client.post(reverse("participants:contact_remove", args=[person.pk, contact.pk]))
    assert not Contact.objects.exists()
    acts = AuditEntry.objects.filter(action__startswith="participant.contact")
    assert [each.action for each in acts.order_by("sequence")] == [
        "participant.contact_recorded",
        "participant.contact_removed",
    ]


def test_seen_today_lets_the_rest_of_its_line_follow(
    client, river_agency, region_2, river_provider, today
):
    person = make_participant(river_agency, region_2, days=200)
    client.force_login(river_provider)
    url = reverse("participants:seen_today", args=[person.pk])
    shows = {"shows": ["age", "contact"]}
    answer = client.post(url, shows, headers={"HX-Request": "true"}).content.decode()
    assert f'<div id="ages-{person.pk}" hx-swap-oob="true">' in answer
    assert "Contact today" in words_of(answer)
    assert day_words(today) in words_of(answer)
    contact = person.contacts.get()
    url = reverse("participants:contact_remove", args=[person.pk, contact.pk])
    answer = client.post(url, shows, headers={"HX-Request": "true"}).content.decode()
    assert "Contact never" in words_of(answer)
    # a table without these columns has no place for them
    url = reverse("participants:seen_today", args=[person.pk])
    assert "hx-swap-oob" not in client.post(url, headers={"HX-Request": "true"}).content.decode()


def test_who_is_housed_is_asked_for_no_contact_and_grows_no_days(
    client, river_agency, region_2, river_provider, today
):
    person = make_participant(river_agency, region_2, days=200)
    ListPlace.objects.filter(participant=person).update(
        status="housed", status_on=today - timedelta(days=40)
    )
    client.force_login(river_provider)
    page = text_of(client.get(person.get_absolute_url()))
    left_on = day_words(today - timedelta(days=40))
    assert f"Housed since {left_on}, after 160 days on the list" in page
    assert "out of date" not in page
    listed = client.get(reverse("participants:participant_list") + "?status=housed")
    assert "out of date" not in text_of(listed)
    assert f"seen-{person.pk}" not in listed.content.decode()
    (row,) = listed.context["rows"]
    assert row.days == 160


def test_seen_today_of_a_victim_service_providers_household_is_its_own_staffs(
    client, river_vsp_agency, river_vsp_provider, river_specialist, region_2
):
    person = make_participant(river_vsp_agency, region_2)
    url = reverse("participants:seen_today", args=[person.pk])
    client.force_login(river_specialist)
    assert client.post(url).status_code == 403
    assert not Contact.objects.exists()
    client.force_login(river_vsp_provider)
    assert client.post(url).status_code == 302
    assert person.contacts.count() == 1


def test_contact_add_refuses_a_day_to_come_and_records_once(
    client, river_agency, region_2, river_provider, today
):
    person = make_participant(river_agency, region_2)
    client.force_login(river_provider)
    url = reverse("participants:contact_add", args=[person.pk])
    page = client.get(url)
    data = {"pk": str(page.context["form"]["pk"].initial), "kind": "spoke"}
    refused = client.post(url, data | {"on": today + timedelta(days=1)})
    assert refused.context["form"].errors == {"on": ["Enter today’s date or one before."]}
    for _ in range(2):
        assert client.post(url, data | {"on": today}).status_code == 302
    assert [(each.kind, each.on) for each in person.contacts.all()] == [("spoke", today)]


def test_inactivity_edit_publishes_the_rule_and_records_it(client, river, river_specialist):
    client.force_login(river_specialist)
    url = reverse("participants:inactivity_edit")
    wrong = client.post(url, {"days": "20", "youth_days": "30", "sources": ["stay"]})
    assert wrong.context["form"].errors == {
        "days": ["Enter 21 to 730 days: agencies are warned 14 days before the last."]
    }
    for _ in range(2):
        client.post(url, {"days": "60", "youth_days": "30", "sources": ["stay", "seen"]})
    river.refresh_from_db()
    rule = river.inactivity
    assert (rule.days, rule.youth_days, rule.sources) == (60, 30, ["stay", "seen"])
    assert AuditEntry.objects.filter(action="inactivity.changed").count() == 1


def monday_morning(river):
    """A Monday at 8:00 local time in the coming week."""
    today = today_in(river.zone)
    return local_midnight(today + timedelta(days=7 - today.weekday()), river.zone) + timedelta(
        hours=8
    )


def test_leads_are_told_once_a_week_how_many_households_fall_inactive_soon(
    river, river_agency, river_lead, river_provider, river_lapsed_agency, region_2
):
    make_inactivity(river)
    now = monday_morning(river)
    make_participant(river_agency, region_2, days=75, name="Ana Sentinelle")
    warn_of_inactivity(now - timedelta(days=6, minutes=1))
    Message.objects.all().delete()
    for minutes in (0, 1, 60 * 24 * 3):
        warn_of_inactivity(now + timedelta(minutes=minutes))
    message = Message.objects.get()
    assert (message.user, message.kind) == (river_lead, "inactivity-warning")
    mail = prepare_inactivity_warning(message, now)
    assert "Bridge Housing keeps 1 household on the by-name list" in mail.text
    assert "Sentinelle" not in mail.text + mail.html + mail.subject
    assert f"?state=soon&agency={river_agency.pk}" in mail.text
    warn_of_inactivity(now + timedelta(days=7))
    assert Message.objects.count() == 2
    make_contact(Participant.objects.get(), days_ago=0)
    with pytest.raises(Withheld):
        prepare_inactivity_warning(message, now)


def test_nobody_is_warned_without_a_published_rule(river, river_agency, river_lead, region_2):
    make_participant(river_agency, region_2, days=78)
    warn_of_inactivity(monday_morning(river))
    assert not Message.objects.exists()


def act(person, flow, on, actor, reason="Told by the agency"):
    return change_place(
        person, flow=flow, happened_on=on, reason=reason, actor=actor, now=timezone.now()
    )


def test_a_return_keeps_the_original_date(river_agency, region_2, river_provider, today):
    person = make_participant(river_agency, region_2, days=100)
    for back, flow in [(40, "inactive"), (20, "back_from_inactive"), (10, "housed")]:
        act(person, flow, today - timedelta(days=back), river_provider)
    act(person, "back_from_housing", today, river_provider)
    place = ListPlace.objects.get(participant=person)
    assert (place.status, place.listed_on, place.status_on) == (
        "active",
        today - timedelta(days=100),
        today,
    )


@pytest.fixture
def moved(river_agency, region_2, river_provider, today):
    """Identified 100 days ago, inactive 40 days ago, back 20 days ago."""
    person = make_participant(river_agency, region_2, days=100)
    first = make_move(person, "identified", on=today - timedelta(days=100), by=river_provider)
    for back, flow in [(40, "inactive"), (20, "back_from_inactive")]:
        act(person, flow, today - timedelta(days=back), river_provider)
    return person, first


def correct(change, on, actor):
    return correct_place(
        change, happened_on=on, reason="Typing error", actor=actor, now=timezone.now()
    )


def test_place_correct_moves_the_first_day_and_keeps_the_mistake(moved, river_provider, today):
    person, first = moved
    right = today - timedelta(days=120)
    assert correct(first, right, river_provider)
    assert not correct(first, right, river_provider)
    place = ListPlace.objects.get(participant=person)
    assert (place.status, place.listed_on) == ("active", right)
    first.refresh_from_db()
    assert (first.withdrawn_by, first.withdrawal_reason) == (river_provider, "Typing error")
    standing = person.place_changes.standing().order_by("on")
    assert [(each.flow, each.on) for each in standing] == [
        ("identified", right),
        ("inactive", today - timedelta(days=40)),
        ("back_from_inactive", today - timedelta(days=20)),
    ]


def test_place_correct_takes_back_the_last_move_alone(moved, river_provider, today):
    person, first = moved
    inactive, back = person.place_changes.standing().order_by("on")[1:]
    with pytest.raises(ValidationError) as caught:
        correct(inactive, None, river_provider)
    assert list(caught.value.error_dict) == ["what"]
    with pytest.raises(ValidationError) as caught:
        correct(inactive, today - timedelta(days=10), river_provider)
    assert list(caught.value.error_dict) == ["on"]
    correct(back, None, river_provider)
    place = ListPlace.objects.get(participant=person)
    assert (place.status, place.status_on) == ("inactive", today - timedelta(days=40))
    correct(inactive, None, river_provider)
    with pytest.raises(ValidationError):
        correct(first, None, river_provider)
    assert ListPlace.objects.get(participant=person).status == "active"
    assert PlaceChange.objects.standing().get() == first


def test_place_correct_page_asks_for_the_day_and_a_reason(client, moved, river_provider, today):
    person, first = moved
    client.force_login(river_provider)
    url = reverse("participants:place_correct", args=[person.pk, first.pk])
    response = client.post(url, {"what": "right"})
    assert response.context["form"].errors == {
        "on": ["Enter the right day."],
        "reason": ["Say why; it is kept in the history."],
    }
    data = {"what": "right", "on": today - timedelta(days=101), "reason": "Read wrongly"}
    assert client.post(url, data).status_code == 302
    page = client.get(reverse("participants:participant_detail", args=[person.pk]))
    assert "Read wrongly" in page.content.decode()
    assert client.get(url).status_code == 404


def test_change_inactivity_refuses_what_is_no_source(river, river_specialist):
    with pytest.raises(ValidationError):
        change_inactivity(
            river,
            days=90,
            youth_days=30,
            sources=["guess"],
            actor=river_specialist,
            now=timezone.now(),
        )
    assert not InactivityRule.objects.exists()


def test_record_seen_today_returns_the_former(river_agency, region_2, river_provider):
    person = make_participant(river_agency, region_2)
    now = timezone.now()
    first = record_seen_today(person, actor=river_provider, now=now)
    assert record_seen_today(person, actor=river_provider, now=now) == first
