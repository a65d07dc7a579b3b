"""The search of the header: households, agencies, people and calls, each as far as one may see.

What is typed may be a name: it comes by POST, and stands in no address and no log.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Self, TypeVar
from zoneinfo import ZoneInfo

from accounts.models import User
from agreements.models import Agency, StaffMember
from conferencing.models import Meeting
from participants.folding import words
from participants.listing import ordered
from participants.models import Participant
from participants.quiet import rule_of
from participants.search import matches, matching_keys
from participants.services.pages import Row, list_rows, with_list_columns
from regions.clock import local_day

MOST = 20  # of each kind on the page
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
