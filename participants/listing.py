"""What the by-name list can be narrowed to, ordered by and shown with.

The page, saved views, exports and the figures behind the list all choose here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, Protocol

from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.expressions import OrderBy
from django.db.models.functions import Coalesce

from accounts.models import User
from agreements.models import Agency, StaffMember
from participants.models import ParticipantQuerySet
from regions.clock import Moment
from regions.models import County, Region

from .grounds import may_be_named, nameable
from .models import InactivityRule, Participant, Release
from .quiet import in_state, newest_stay, with_ages, with_last_contact

NEEDS: dict[str, tuple[str, dict[str, object]]] = {
    "unsheltered": ("Unsheltered", {"is_unsheltered": True}),
    "youth": ("Youth", {"is_youth": True}),
    "veteran": ("Veteran", {"is_veteran": True}),
    "chronic": ("Chronically homeless", {"is_chronic": True}),
    "minors": ("Minors in the household", {"children__gt": 0}),
    "referral": ("Active referral", {"referral_active_on__isnull": False}),
    "shelter": ("Shelter or diversion need", {"needs_shelter": True}),
    "prioritized": ("Prioritized for housing", {"is_prioritized": True}),
}
# The same in a line of the list, which has no room for more.
SHORT_NEEDS = {
    "Chronically homeless": "Chronic",
    "Minors in the household": "Minors",
    "Shelter or diversion need": "Shelter need",
    "Prioritized for housing": "Prioritized",
}
NAMED, ALIAS, ENDING, NONE = "named", "alias", "ending", "none"
RELEASES = {
    NAMED: "By name to me",
    ALIAS: "By alias to me",
    ENDING: "Release ends within 30 days",
    NONE: "No current release",
}
SOURCES = {
    "hmis": "In HMIS",
    "hand": "Not in HMIS",
    "victims": "Victim service provider",
}
SOURCE_FILTERS = {
    "hmis": Q(hmis_id_index__isnull=False),
    "hand": Q(hmis_id_index__isnull=True, is_confidential=False),
    "victims": Q(is_confidential=True),
}
ENDED, PERHAPS_HOUSED = "ended", "housed"
SOURCE_FILTERS |= {
    ENDED: Q(hmis__left_on__isnull=False) | Q(hmis__absent_on__isnull=False),
    PERHAPS_HOUSED: Q(hmis__perhaps_housed_on__isnull=False),
}
SOURCE_CHOICES = SOURCES | {
    ENDED: "In HMIS, without an open enrollment",
    PERHAPS_HOUSED: "In HMIS, perhaps housed",
}
MINE, NOBODY = "me", "none"


Query = dict[str, str | list[str]]  # what was chosen otherwise than usual, as a view keeps it


class Choice(Protocol):
    """What somebody chose of the list (forms.listing.ListForm)."""

    def value(self, name: str) -> Any: ...  # of each field its own

    def chosen(self) -> dict[str, Any]: ...  # of each field its own

    def query(self) -> Query: ...

    @property
    def complaints(self) -> list[str]: ...

    @property
    def order(self) -> str: ...

    @property
    def shown_columns(self) -> list[str]: ...

    @property
    def lines(self) -> list[tuple[str, str]]: ...


@dataclass(frozen=True)
class Column:
    """A column: its head, the order it is sorted by (or none), whether it is there unasked."""

    label: str
    sort: str = ""
    is_usual: bool = True
    css: str = ""


# In the order of the page; the household itself always stands first.
COLUMNS = {
    "where": Column("Region, county", "region"),
    "status": Column("Status", "status"),
    "days": Column("Days", "days", css="cc-num"),
    "makeup": Column("Size", "size"),
    "needs": Column("Needs"),
    "stay": Column("Location", "stay"),
    "age": Column("Data age"),
    "contact": Column("Last contact", "contact", is_usual=False),
    "agency": Column("Agency", "agency", is_usual=False),
    "navigator": Column("Navigator", "navigator", is_usual=False),
    "release": Column("Release", is_usual=False),
    "source": Column("Source", is_usual=False),
    "bedrooms": Column("Bedrooms", "bedrooms", is_usual=False, css="cc-num"),
    "documents": Column("Documents in hand", is_usual=False),
    "assessment": Column("Assessment", "assessment", is_usual=False),
    "enrolled": Column("In HMIS", "enrolled", is_usual=False),
}
USUAL_COLUMNS = [key for key, column in COLUMNS.items() if column.is_usual]


def heads_of(columns: Iterable[str]) -> list[Column]:
    return [COLUMNS[key] for key in columns]


def both_ways(key: str, *columns: str) -> dict[str, list[OrderBy | str]]:
    """An order and its reverse; whoever has no value comes last either way, the same by alias."""
    up = [F(name).asc(nulls_last=True) for name in columns]
    down = [F(name).desc(nulls_last=True) for name in columns]
    return {key: [*up, "alias"], f"-{key}": [*down, "alias"]}


LONGEST_FIRST = "-days"
ORDERS: dict[str, list[OrderBy | str]] = {
    "alias": [F("alias").asc()],
    "-alias": [F("alias").desc()],
    # Many days are an early date. Not by the column itself: its index would lead through the
    # places of every other continuum.
    "days": [Coalesce("place__listed_on", Value(date.min)).desc(), "alias"],
    "-days": [Coalesce("place__listed_on", Value(date.max)).asc(), "alias"],
    **both_ways("region", "region__position", "region__name", "county__name"),
    **both_ways("status", "place__status", "place__status_on"),
    **both_ways("size", "people"),
    **both_ways("stay", "stay_on"),
    **both_ways("contact", "last_contact_on"),
    **both_ways("agency", "agency__name"),
    **both_ways("navigator", "navigator__user__name"),
    **both_ways("bedrooms", "bedrooms"),
    **both_ways("assessment", "assessed_on"),
    **both_ways("enrolled", "left_hmis_on", "agency__name"),
}
ORDER_WORDS = {
    "alias": ("alias, A first", "alias, Z first"),
    "days": ("days on the list, fewest first", "days on the list, most first"),
    "region": ("region and county", "region and county, the last first"),
    "status": ("status", "status, the last first"),
    "size": ("household, smallest first", "household, largest first"),
    "stay": ("stay recorded, longest ago first", "stay recorded, newest first"),
    "contact": ("last contact, longest ago first", "last contact, newest first"),
    "agency": ("agency, A first", "agency, Z first"),
    "navigator": ("navigator, A first", "navigator, Z first"),
    "bedrooms": ("bedrooms needed, fewest first", "bedrooms needed, most first"),
    "assessment": ("last assessment, longest ago first", "last assessment, newest first"),
    "enrolled": ("last exit in HMIS, longest ago first", "last exit in HMIS, newest first"),
}


def words_of_order(sort: str) -> str:
    """One of ORDERS in words."""
    words = ORDER_WORDS[sort.removeprefix("-")][sort.startswith("-")]
    return words[0].upper() + words[1:]


def ordered(
    participants: ParticipantQuerySet, sort: str, rule: InactivityRule | None = None
) -> ParticipantQuerySet:
    """Order by one of ORDERS; the longest on the list first for anything else."""
    match sort.removeprefix("-"):
        case "size":
            participants = participants.annotate(people=F("adults") + F("children"))
        case "stay":
            participants = participants.annotate(stay_on=newest_stay("on"))
        case "contact":
            participants = with_last_contact(participants, rule or InactivityRule())
        case "assessment":
            participants = with_ages(participants)
        case "enrolled":
            left = Coalesce("hmis__left_on", "hmis__absent_on")
            participants = participants.annotate(left_hmis_on=left)
    return participants.order_by(*ORDERS.get(sort, ORDERS[LONGEST_FIRST]))


def filtered(
    participants: ParticipantQuerySet,
    *,
    region: Region | str | None = None,
    county: County | str | None = None,
    status: str = "",
    need: str = "",
    agency: Agency | str | None = None,
    navigator: str = "",
    state: str = "",
    release: str = "",
    source: str = "",
    days: int | Literal[""] | None = None,
    rule: InactivityRule | None = None,
    viewer: User,
    now: datetime,
) -> ParticipantQuerySet:
    """Narrow by what was chosen.

    `state` is one of participants.quiet.STATES, which needs `rule`; `release` one of RELEASES.
    """
    at = Moment.of(now, viewer.membership.continuum.zone)
    participants = of_region_and_need(participants, region=region, need=need)
    plain = {"county": county, "agency": agency, "place__status": status}
    participants = participants.filter(**{name: each for name, each in plain.items() if each})
    if source:
        participants = participants.filter(SOURCE_FILTERS[source])
    if days:
        participants = participants.filter(place__listed_on__lte=at.on - timedelta(days=days))
    if navigator:
        participants = navigated(participants, navigator, viewer)
    if state:
        participants = in_state(participants, state, rule, at.on)
    if release:
        participants = released(participants, release, viewer, at)
    return participants


def of_region_and_need(
    participants: ParticipantQuerySet, *, region: Region | str | None = None, need: str = ""
) -> ParticipantQuerySet:
    """Narrow by these two alone, as figures are."""
    chosen = {"region": region} if region else {}
    return participants.filter(**chosen, **(NEEDS[need][1] if need else {}))


def navigated(
    participants: ParticipantQuerySet, navigator: str, viewer: User
) -> ParticipantQuerySet:
    """Those whose navigator is this member of staff (a key), the viewer (MINE), or NOBODY."""
    if navigator == NOBODY:
        return participants.filter(navigator__isnull=True)
    if navigator == MINE:
        own = StaffMember.objects.current().filter(user=viewer)
        return participants.filter(navigator__in=own.values("pk"))
    return participants.filter(navigator__pk=navigator)


def released(
    participants: ParticipantQuerySet, release: str, viewer: User, at: Moment
) -> ParticipantQuerySet:
    if release == NAMED:
        return nameable(participants, viewer, at.now)
    if release == ALIAS:
        return participants.exclude(may_be_named(viewer, at.now))
    if release == ENDING:
        ending = Release.objects.ending(at).kept_by(viewer)
        return participants.filter(pk__in=ending.values("participant"))
    live = Release.objects.live(at).filter(participant=OuterRef("pk"))
    return participants.filter(~Exists(live), is_confidential=False)


def source_of(participant: Participant) -> str:
    """Where the household's record comes from: a key of SOURCES."""
    if participant.is_confidential:
        return "victims"
    return "hmis" if participant.hmis_id_index else "hand"
