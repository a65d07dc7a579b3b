"""When a continuum calls: from a written rule to the dates of a year.

Pure computation: nothing here reads or writes a row. A rule speaks local time; a call is an
instant. Both clock changes are met as RFC 5545 (3.3.5) has it: a local time that does not exist,
because the clock is put forward over it, is counted from the offset before the change (02:30
becomes 03:30); a local time that occurs twice means its first occurrence. A call's length is
time that passes, not a difference of clock faces.
"""

import calendar
import datetime
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from regions.holidays import FEDERAL, Offices

LAST = -1
EVERY_MONTH = frozenset(range(1, 13))
WEEKDAY_NAMES = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)
MONTH_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
WEEK_NAMES = {1: "1st", 2: "2nd", 3: "3rd", 4: "4th", LAST: "Last"}
ZONE_NAMES = {
    "America/New_York": "Eastern time",
    "America/Detroit": "Eastern time",
    "America/Indiana/Indianapolis": "Eastern time",
    "America/Chicago": "Central time",
    "America/Denver": "Mountain time",
    "America/Boise": "Mountain time",
    "America/Phoenix": "Arizona time",
    "America/Los_Angeles": "Pacific time",
    "America/Anchorage": "Alaska time",
    "Pacific/Honolulu": "Hawaii time",
    "America/Puerto_Rico": "Atlantic time",
    "America/St_Thomas": "Atlantic time",
    "Pacific/Guam": "Chamorro time",
    "Pacific/Pago_Pago": "Samoa time",
}


@dataclass(frozen=True)
class Rule:
    """A monthly call: which weekday of which week, in which months, from when, how long, where.

    `week` is 1 to 4, or -1 for the last of the month; `weekday` 0 (Monday) to 6; `months` are
    1 to 12; `starts` is local time in `zone`, an IANA name; `minutes` is the length.
    ValueError for anything else, so that a plan is never made from half a rule.
    """

    week: int
    weekday: int
    months: frozenset[int]
    starts: datetime.time
    minutes: int
    zone: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "months", frozenset(self.months))
        if self.week not in WEEK_NAMES:
            raise ValueError("The week of the month is 1, 2, 3, 4 or -1 (last).")
        if self.weekday not in range(7):
            raise ValueError("The weekday is 0 (Monday) to 6 (Sunday).")
        if not self.months or not self.months <= EVERY_MONTH:
            raise ValueError("The months are one or more of 1 (January) to 12 (December).")
        if self.starts.tzinfo is not None:
            raise ValueError("The start is local time; the zone is named apart.")
        if self.minutes < 1:
            raise ValueError("A call lasts at least one minute.")
        ZoneInfo(self.zone)


@dataclass(frozen=True)
class Call:
    """One call: its local date, and its start and end as instants in UTC."""

    on: datetime.date
    starts_at: datetime.datetime
    ends_at: datetime.datetime

    def overlaps(self, other: "Call") -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True)
class Planned:
    """One call of a year's plan.

    `key` is the region's, None for CoC-wide. `slot` ("2026-04") stays the generated meeting's
    identity within its region, or within the continuum when CoC-wide, wherever it is moved to.
    `clash` names the holiday or closed day on `on`; `proposed_on` is then the nearest free day of
    the same month, None when there is none or nothing clashes.
    """

    key: Hashable | None
    slot: str
    on: datetime.date
    starts_at: datetime.datetime
    ends_at: datetime.datetime
    clash: str | None
    proposed_on: datetime.date | None


def local_instant(
    on: datetime.date, at: datetime.time, zone: str, *, fold: int = 0
) -> datetime.datetime:
    """The instant, in UTC, of a local date and time; see the module on clock changes.

    `fold` 1 means the second occurrence of a time that occurs twice.
    """
    local = datetime.datetime.combine(on, at, ZoneInfo(zone)).replace(fold=fold)
    return local.astimezone(datetime.UTC)


def is_skipped(on: datetime.date, at: datetime.time, zone: str) -> bool:
    """Whether the clocks are put forward over this local time, so that it does not exist."""
    back = local_instant(on, at, zone).astimezone(ZoneInfo(zone))
    return back.replace(tzinfo=None) != datetime.datetime.combine(on, at)


def is_repeated(on: datetime.date, at: datetime.time, zone: str) -> bool:
    """Whether the clocks are put back over this local time, so that it occurs twice."""
    first, second = (local_instant(on, at, zone, fold=fold) for fold in (0, 1))
    return second > first


def date_in_month(rule: Rule, year: int, month: int) -> datetime.date:
    """The date that the rule's week and weekday name in a month."""
    first, length = calendar.monthrange(year, month)
    day = 1 + (rule.weekday - first) % 7
    if rule.week == LAST:
        day += 7 * ((length - day) // 7)
    else:
        day += 7 * (rule.week - 1)
    return datetime.date(year, month, day)


def dates(rule: Rule, year: int) -> list[datetime.date]:
    """The rule's dates in a year, in order."""
    return [date_in_month(rule, year, month) for month in sorted(rule.months)]


def call_on(rule: Rule, on: datetime.date) -> Call:
    """The rule's call as it would be held on a date, also one that the rule does not name."""
    starts_at = local_instant(on, rule.starts, rule.zone)
    return Call(on, starts_at, starts_at + datetime.timedelta(minutes=rule.minutes))


def occurrences(rule: Rule, year: int) -> list[Call]:
    """The rule's calls in a year, in order."""
    return [call_on(rule, on) for on in dates(rule, year)]


def year_plan(
    regional_rules: Mapping[Hashable, Rule],
    coc_wide: Rule | None,
    year: int,
    offices: Offices = FEDERAL,
) -> list[Planned]:
    """The calls of a continuum in a year, in order of time, with what clashes and what is free.

    `offices` are the continuum's: a call on one of its closed days clashes like one on a federal
    holiday.

    In the months of the CoC-wide rule its call takes the place of every regional one: "Regional
    case conferencing will occur when there is not CoC-wide case conferencing" (River Valleys,
    Frequency). A proposed day avoids the year's other calls and the proposals before it, so that
    all of them can be accepted.
    """
    calls = _calls_of_year(regional_rules, coc_wide, year)
    taken = [call for _key, _rule, call in calls]
    plan = []
    for key, rule, call in calls:
        clash = offices.closed_name(call.on)
        proposed_on = None
        if clash is not None:
            proposed_on = nearest_free_day(rule, call.on, taken, offices)
        if proposed_on is not None:
            taken.append(call_on(rule, proposed_on))
        plan.append(
            Planned(
                key=key,
                slot=f"{call.on:%Y-%m}",
                on=call.on,
                starts_at=call.starts_at,
                ends_at=call.ends_at,
                clash=clash,
                proposed_on=proposed_on,
            )
        )
    return plan


def nearest_free_day(
    rule: Rule,
    on: datetime.date,
    taken: Iterable[Call] = (),
    offices: Offices = FEDERAL,
) -> datetime.date | None:
    """The working day of the same month nearest to `on` on which the rule's call fits, or None.

    It stays in its month because a region calls once a month. Of two days equally near the
    earlier is proposed: the day after Thanksgiving is a holiday in most agencies, and a call
    moved back leaves providers less of the month to act in before they report again. The call
    must not overlap any in `taken`, since the CE Specialist attends them all.
    """
    taken = list(taken)
    for day in _days_outward(on):
        if offices.is_working_day(day):
            call = call_on(rule, day)
            if not any(call.overlaps(other) for other in taken):
                return day
    return None


def describe(rule: Rule) -> str:
    """The rule in words: "2nd Thursday of the month, 10:00 AM for 60 minutes (Central time)"."""
    if rule.months == EVERY_MONTH:
        months = "the month"
    else:
        months = _listed([MONTH_NAMES[month - 1] for month in sorted(rule.months)])
    hour = rule.starts.hour % 12 or 12
    half = "AM" if rule.starts.hour < 12 else "PM"
    unit = "minute" if rule.minutes == 1 else "minutes"
    return (
        f"{WEEK_NAMES[rule.week]} {WEEKDAY_NAMES[rule.weekday]} of {months}, "
        f"{hour}:{rule.starts.minute:02} {half} for {rule.minutes} {unit} ({zone_name(rule.zone)})"
    )


def zone_name(zone: str) -> str:
    """A time zone as people in the United States call it, else its IANA name."""
    return ZONE_NAMES.get(zone, zone)


def _calls_of_year(
    regional_rules: Mapping[Hashable, Rule], coc_wide: Rule | None, year: int
) -> list[tuple[Hashable | None, Rule, Call]]:
    """Each call with its key and rule; at one time CoC-wide first, then regions as given."""
    calls: list[tuple[Hashable | None, Rule, Call]] = []
    if coc_wide is not None:
        calls += [(None, coc_wide, call) for call in occurrences(coc_wide, year)]
    replaced = coc_wide.months if coc_wide is not None else frozenset()
    for key, rule in regional_rules.items():
        for call in occurrences(rule, year):
            if call.on.month not in replaced:
                calls.append((key, rule, call))
    return sorted(calls, key=lambda planned: planned[2].starts_at)


def _days_outward(on: datetime.date) -> Iterator[datetime.date]:
    """The other days of the month, nearest first, the earlier of two before the later."""
    length = calendar.monthrange(on.year, on.month)[1]
    for distance in range(1, length):
        for day in (on.day - distance, on.day + distance):
            if 1 <= day <= length:
                yield on.replace(day=day)


def _listed(words: list[str]) -> str:
    if len(words) == 1:
        return words[0]
    return f"{', '.join(words[:-1])} and {words[-1]}"
