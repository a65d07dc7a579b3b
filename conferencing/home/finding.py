"""The search of the header: households, agencies, people and calls, each as far as one may see.

What is typed may be a name: it comes by POST, and stands in no address and no log.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Self, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.cache import cache

from accounts.models import User
from agreements.models import Agency, StaffMember
from conferencing.models import Meeting
from participants.folding import words
from participants.listing import ordered
from participants.models import Participant
from participants.naming import Label, labels
from participants.quiet import rule_of
from participants.search import matches, matching_keys
from participants.services.pages import Row, list_rows, record_listed, with_list_columns
from regions.clock import local_day
from regions.words import day_words

MOST = 20  # of each kind on the page
FEW = 4  # of each kind below the field
FROM = 2  # letters and figures from which something is found as one types
A_MINUTE = 60  # seconds within which one household that is shown again is not recorded again
CALLS_WITHIN = timedelta(days=400)


One = TypeVar("One")


@dataclass(frozen=True)
class Found(Generic[One]):
    """Some of what was found of one kind, and how many there are in all."""

    rows: Sequence[One]
    count: int

    @classmethod
    def of(cls, rows: Sequence[One]) -> Self:
        return cls(rows[:MOST], len(rows))

    @property
    def is_cut(self) -> bool:
        return self.count > len(self.rows)


def search_page(user: User, text: str, *, now: datetime) -> dict[str, object]:
    """What `text` finds for `user`, by kind; that households were shown is recorded."""
    wanted = words(text)
    if not wanted:
        return {"text": text}
    return {
        "text": text,
        "households": find_households(user, text, now=now),
        "agencies": find_agencies(user, wanted),
        "people": find_people(user, wanted),
        "calls": find_calls(user, wanted, now=now),
    }


def find_households(user: User, text: str, *, now: datetime) -> Found[Row]:
    """Rows of the by-name list; none for whoever sees nothing of participants."""
    on = local_day(now, user.membership.continuum.zone)
    visible = Participant.objects.visible_to(user, on)
    found = matching_keys(visible, text, user, now)
    if not found:
        return Found([], 0)
    rule = rule_of(user.membership.continuum)
    first = ordered(Participant.objects.filter(pk__in=found), "alias", rule)[:MOST]
    shown = Participant.objects.filter(pk__in=[each.pk for each in first])
    rows = list_rows(
        ordered(with_list_columns(shown, rule), "alias", rule),
        user,
        now=now,
        is_search=True,
        rule=rule,
        page="search",
    )
    return Found(rows, len(found))


@dataclass(frozen=True)
class Offer:
    """One line below the field: what it is, its kind and more in words, and where it leads."""

    text: str
    more: str
    url: str


def offers_as_typed(user: User, text: str, *, now: datetime) -> list[Offer]:
    """The first few of each kind that `search_page` would show for `text`, as one types it."""
    wanted = words(text)
    if sum(map(len, wanted)) < FROM:
        return []
    calls, agencies = find_calls(user, wanted, now=now), find_agencies(user, wanted)
    return [
        *offered_households(user, text, now=now),
        *(Offer(call_words(each), "Call", each.get_absolute_url()) for each in calls.rows[:FEW]),
        *(Offer(each.name, "Agency", each.get_absolute_url()) for each in agencies.rows[:FEW]),
        *(
            Offer(each.user.name, f"Person · {each.agency}", each.agency.get_absolute_url())
            for each in find_people(user, wanted).rows[:FEW]
        ),
    ]


def offered_households(user: User, text: str, *, now: datetime) -> list[Offer]:
    """The first households that the page would show; that they were shown is recorded."""
    on = local_day(now, user.membership.continuum.zone)
    found = matching_keys(Participant.objects.visible_to(user, on), text, user, now)
    if not found:
        return []
    rule = rule_of(user.membership.continuum)
    shown = Participant.objects.filter(pk__in=found).select_related("region", "agency")
    people = list(ordered(shown, "alias", rule)[:FEW])
    names = labels(people, user, now)
    record_as_typed(people, names, user, now=now)
    return [
        Offer(names[each.pk].text, household_words(each, names[each.pk]), each.get_absolute_url())
        for each in people
    ]


def household_words(person: Participant, label: Label) -> str:
    alias = person.alias if label.is_named else ""
    region = person.region.name if person.region else "No region"
    return " · ".join(filter(None, ["Household", alias, region, person.agency.name]))


def record_as_typed(
    people: Sequence[Participant], names: Mapping[UUID, Label], user: User, *, now: datetime
) -> None:
    """Record whom the list below the field showed: each, in each way, once a minute.

    A list for each letter would bury the record. What was recorded is remembered afterward, so
    that nothing is left out of it.
    """
    keys = {sight_key(user, each, names[each.pk]): each for each in people}
    known = cache.get_many(keys)
    new = {key: each for key, each in keys.items() if key not in known}
    if not new:
        return
    shown = {each.pk: names[each.pk] for each in new.values()}
    record_listed(shown, user, now=now, is_search=True, page="search")
    cache.set_many(dict.fromkeys(new, True), A_MINUTE)


def sight_key(user: User, person: Participant, label: Label) -> str:
    """Who was shown which household, by name under what or by alias, with its HMIS ID or not."""
    how = label.ground.under if label.is_named else f"alias-{bool(label.hmis_id)}"
    return f"found-as-typed:{user.pk}:{person.pk}:{label.is_named}:{how}"


def call_words(meeting: Meeting) -> str:
    local = meeting.starts_at.astimezone(ZoneInfo(meeting.continuum.zone))
    return f"{meeting.scope_words}, {day_words(local.date())}"


def find_agencies(user: User, wanted: Sequence[str]) -> Found[Agency]:
    agencies = Agency.objects.visible_to(user).order_by("name")
    return Found.of([each for each in agencies if matches(each.name, wanted)])


def find_people(user: User, wanted: Sequence[str]) -> Found[StaffMember]:
    """Staff whose agency's page shows them: everybody for the CoC's own people, else colleagues."""
    places = StaffMember.objects.visible_to(user).current().select_related("user", "agency")
    if not user.has_perm("agreements.view_standing"):
        places = places.filter(agency__in=Agency.objects.visible_to(user).with_place_of(user))
    found = [each for each in places if matches(f"{each.user.name} {each.user.email}", wanted)]
    return Found.of(sorted(found, key=lambda each: each.user.name.casefold()))


def find_calls(user: User, wanted: Sequence[str], *, now: datetime) -> Found[Meeting]:
    """Calls of about a year back and ahead by region, day or month, the nearest first."""
    meetings = Meeting.objects.visible_to(user).select_related("region", "continuum")
    near = meetings.filter(starts_at__gt=now - CALLS_WITHIN, starts_at__lt=now + CALLS_WITHIN)
    found = [each for each in near if is_call(words_of_call(each), wanted)]
    return Found.of(sorted(found, key=lambda each: abs(each.starts_at - now)))


def is_call(text: str, wanted: Sequence[str]) -> bool:
    """As `matches`, but a number is a whole one: Region 2 is not 2026."""
    numbers = [part for part in wanted if part.isdigit()]
    others = [part for part in wanted if not part.isdigit()]
    return set(numbers) <= set(words(text)) and matches(text, others)


def words_of_call(meeting: Meeting) -> str:
    local = meeting.starts_at.astimezone(ZoneInfo(meeting.continuum.zone))
    return f"{meeting.scope_words} call {local:%A %B} {local.day} {local.year} {local:%m/%d/%Y}"
