"""Rules, years and counties: shown before they are saved."""

from datetime import time, timedelta

from django.urls import reverse
from django.utils import timezone

from conferencing.models import Meeting
from conferencing.schedule.years import plan_year
from conferencing.tests.factories import make_meeting
from conferencing.tests.pages import hidden, text_of
from participants.tests.factories import make_participant
from regions.models import CallingRule
from regions.tests.factories import make_rule, today_in

YEAR = today_in().year + 1


def test_year_plan_shows_then_makes(client, river, region_2, river_specialist):
    make_rule(river, region_2)
    client.force_login(river_specialist)
    address = reverse("conferencing:year_plan") + f"?year={YEAR}"
    page = client.get(address)
    assert not Meeting.objects.exists()
    client.post(address, {"seen": "something else"})
    assert not Meeting.objects.exists()
    client.post(address, {"seen": hidden(page, "seen")})
    assert Meeting.objects.count() == 12


def test_rule_edit_saves_only_what_was_previewed(client, river, region_2, river_specialist):
    client.force_login(river_specialist)
    address = reverse("conferencing:rule_edit", args=[region_2.pk])
    form = {"week": 2, "weekday": 3, "starts": "10:00", "minutes": 60, "months": range(1, 13)}
    client.post(address, form | {"step": "save", "seen": ""})
    assert not CallingRule.objects.exists()
    page = client.post(address, form | {"step": "look"})
    seen = hidden(page, "seen")
    other = client.post(address, form | {"week": 3, "step": "save", "seen": seen})
    assert "Something changed" in text_of(other)
    assert not CallingRule.objects.exists()
    answer = client.post(address, form | {"step": "save", "seen": seen})
    assert answer.url == region_2.get_absolute_url()
    assert CallingRule.objects.get().starts == time(10, 0)


def test_rule_edit_names_what_is_wrong(client, river, region_2, river_specialist):
    client.force_login(river_specialist)
    address = reverse("conferencing:rule_edit", args=[region_2.pk])
    page = client.post(address, {"week": 2, "weekday": 3, "starts": "", "minutes": "x"})
    words = text_of(page)
    for expected in ("Enter the start time.", "whole number of minutes", "at least one month"):
        assert expected in words


def test_rule_remove_shows_then_removes(client, river, region_2, river_specialist):
    make_rule(river, region_2)
    plan_year(river, YEAR, actor=None)
    client.force_login(river_specialist)
    address = reverse("conferencing:rule_remove", args=[region_2.pk])
    page = client.get(address)
    assert CallingRule.objects.exists()
    client.post(address, {"seen": hidden(page, "seen")})
    assert not CallingRule.objects.exists()
    assert not Meeting.objects.exists()


def test_county_move_takes_its_participants_along(
    client, river, region_1, region_2, river_specialist, river_agency
):
    county, other = region_2.counties.all()
    goes = make_participant(river_agency, region_2)
    stays = make_participant(river_agency, region_2)
    stays.county = other
    stays.save()
    client.force_login(river_specialist)
    address = reverse("conferencing:county_move", args=[county.pk])
    assert "The one participant" in text_of(client.get(address))
    client.post(address, {"region": region_1.pk})
    for row in (county, goes, stays):
        row.refresh_from_db()
    assert (county.region, goes.region, stays.region) == (region_1, region_1, region_2)


def test_lead_days_edit_says_which_lists_then_wait_for_a_choice(
    client, river, region_2, river_specialist, river_provider
):
    now = timezone.now()
    near = make_meeting(river, region_2, starts_at=now + timedelta(days=12))
    make_meeting(river, region_2, starts_at=now + timedelta(days=90))
    address = reverse("conferencing:lead_days_edit")
    client.force_login(river_specialist)
    assert "at least two days" in text_of(client.post(address, {"lead_days": "0"}))
    page = client.post(address, {"lead_days": "20", "step": "look"})
    assert [row.meeting for row in page.context["past"]] == [near]
    seen = hidden(page, "seen")
    client.post(address, {"lead_days": "30", "step": "save", "seen": seen})
    river.refresh_from_db()
    assert river.lead_days == 2
    client.post(address, {"lead_days": "20", "step": "save", "seen": seen})
    river.refresh_from_db()
    assert river.lead_days == 20
    near.refresh_from_db()
    assert near.needs_list_choice
    client.force_login(river_provider)
    assert client.get(address).status_code == 403
