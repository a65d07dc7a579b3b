"""Rules: seen with their dates, saved as seen, refused when something changed in between."""

from datetime import UTC, datetime, time

import pytest
from django.core.exceptions import ValidationError

from audit.models import AuditEntry
from conferencing.models import Meeting
from conferencing.schedule.acts import cancel_meeting
from conferencing.schedule.planning import Act
from conferencing.schedule.rules import change_rule, preview_rule
from conferencing.schedule.years import plan_year
from regions.calling import EVERY_MONTH, Rule
from regions.models import CallingRule

MARCH = datetime(2026, 3, 1, 18, tzinfo=UTC)
OCTOBER = datetime(2026, 10, 2, 18, tzinfo=UTC)


def rule(continuum, *, week=2, weekday=3, months=EVERY_MONTH, starts=time(10, 0), minutes=60):
    return Rule(week, weekday, months, starts, minutes, continuum.zone)


def acts_by_year(shown):
    return {
        year.year: (year.is_made, sorted({change.act.value for change in year.changes}))
        for year in shown.years
    }


def test_preview_rule_shows_this_and_next_year_and_changes_nothing(river, region_2):
    shown = preview_rule(river, region_2, rule(river), now=MARCH)
    assert acts_by_year(shown) == {2026: (True, ["made"]), 2027: (False, ["made"])}
    assert [len(year.changes) for year in shown.years] == [10, 12]
    assert not Meeting.objects.exists()
    assert not CallingRule.objects.exists()


def test_preview_rule_proposes_free_days_for_holidays(river, region_2):
    """Thanksgiving Day 2026 is the 4th Thursday of November, the 26th."""
    shown = preview_rule(river, region_2, rule(river, week=4), now=MARCH)
    clashes = [
        (each.planned.clash, each.planned.proposed_on.isoformat())
        for each in shown.years[0].changes
        if each.planned.clash
    ]
    assert clashes == [("Thanksgiving Day", "2026-11-25")]


def test_change_rule_makes_this_years_calls_and_leaves_next_years_to_october(
    river, region_2, river_specialist
):
    wanted = rule(river)
    seen = preview_rule(river, region_2, wanted, now=MARCH).seen
    change_rule(river, region_2, rule=wanted, seen=seen, actor=river_specialist, now=MARCH)
    assert Meeting.objects.count() == 10
    assert not Meeting.objects.filter(slot__startswith="2027").exists()
    assert region_2.calling_rule.as_rule() == wanted
    assert AuditEntry.objects.filter(action="calling_rule.changed").count() == 1


def test_change_rule_in_october_makes_next_year_too(river, region_2, river_specialist):
    wanted = rule(river)
    seen = preview_rule(river, region_2, wanted, now=OCTOBER).seen
    change_rule(river, region_2, rule=wanted, seen=seen, actor=river_specialist, now=OCTOBER)
    assert Meeting.objects.filter(slot__startswith="2027").count() == 12


def test_change_rule_refuses_what_was_not_seen(river, region_2, river_specialist):
    wanted = rule(river)
    seen = preview_rule(river, region_2, wanted, now=MARCH).seen
    with pytest.raises(ValidationError, match="changed since"):
        change_rule(
            river, region_2, rule=rule(river, week=3), seen=seen, actor=river_specialist, now=MARCH
        )
    change_rule(river, region_2, rule=wanted, seen=seen, actor=river_specialist, now=MARCH)
    later = rule(river, starts=time(13, 0))
    seen = preview_rule(river, region_2, later, now=MARCH).seen
    cancel_meeting(
        Meeting.objects.get(slot="2026-05"), reason="Snow", actor=river_specialist, now=MARCH
    )
    with pytest.raises(ValidationError, match="changed since"):
        change_rule(river, region_2, rule=later, seen=seen, actor=river_specialist, now=MARCH)
    assert region_2.calling_rule.starts == time(10, 0)


def test_change_rule_coc_wide_takes_the_place_of_regional_calls(
    river, region_1, region_2, river_specialist
):
    for region in (region_1, region_2):
        wanted = rule(river)
        seen = preview_rule(river, region, wanted, now=MARCH).seen
        change_rule(river, region, rule=wanted, seen=seen, actor=river_specialist, now=MARCH)
    wide = rule(river, week=4, weekday=4, months=frozenset({1, 4, 7, 10}))
    shown = preview_rule(river, None, wide, now=MARCH)
    counts = dict.fromkeys(Act, 0)
    for change in shown.years[0].changes:
        counts[change.act] += 1
    assert (counts[Act.MADE], counts[Act.REMOVED], counts[Act.UNCHANGED]) == (3, 6, 14)
    change_rule(river, None, rule=wide, seen=shown.seen, actor=river_specialist, now=MARCH)
    months = {row.slot[5:] for row in Meeting.objects.filter(region=region_1)}
    assert months == {"03", "05", "06", "08", "09", "11", "12"}
    assert [row.slot[5:] for row in Meeting.objects.filter(region=None)] == ["04", "07", "10"]


def test_change_rule_to_none_removes_the_calls_to_come(river, region_2, river_specialist):
    CallingRule.objects.create(
        continuum=river, region=region_2, week=2, weekday=3, starts=time(10, 0)
    )
    plan_year(river, 2026, actor=None, now=datetime(2026, 1, 1, tzinfo=UTC))
    seen = preview_rule(river, region_2, None, now=MARCH).seen
    change_rule(river, region_2, rule=None, seen=seen, actor=river_specialist, now=MARCH)
    assert [row.slot for row in Meeting.objects.all()] == ["2026-01", "2026-02"]
    assert not CallingRule.objects.exists()
