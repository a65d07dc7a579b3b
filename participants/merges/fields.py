"""In what two records differ, and which value was said more recently."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from participants.models import IDENTITY, ListPlace, LivingSituation, Participant
from participants.naming import Label
from participants.own_words import Said
from regions.words import day_words

from .journal import attname_of

if TYPE_CHECKING:
    from .pages import Side

HIDDEN = "On file; not shown to you without a release"
ONE, OTHER, BOTH = "one", "other", "both"


@dataclass(frozen=True)
class Group:
    """Columns that are chosen together."""

    key: str
    label: str
    columns: tuple[str, ...]


GROUPS = (
    Group("name", "Name", ("name",)),
    Group("birth_date", "Birth date", ("birth_date",)),
    Group("contact", "How to reach them", ("contact",)),
    Group("hmis_id", "HMIS ID", ("hmis_id",)),
    Group("where", "Region and county", ("region", "county")),
    Group("agency", "Agency", ("agency",)),
    Group("navigator", "Housing navigator", ("navigator",)),
    Group("household", "Household", ("adults", "children")),
    Group("is_youth", "Youth (under 25)", ("is_youth",)),
    Group("is_veteran", "Veteran", ("is_veteran",)),
    Group("is_chronic", "Chronically homeless", ("is_chronic",)),
    Group("needs_shelter", "Shelter or diversion need", ("needs_shelter",)),
    Group("is_prioritized", "Prioritized for housing", ("is_prioritized",)),
    Group("referral_active_on", "Active referral since", ("referral_active_on",)),
    Group("bedrooms", "Bedrooms needed", ("bedrooms",)),
    Group("documents", "Documents in hand", ("documents",)),
    Group("assessment_level", "Assessment level", ("assessment_level",)),
    Group("notes", "Notes", ("notes",)),
)
PLACE = "place"
PLACE_LABEL = "Place on the list"


def values_of(
    participant: Participant, group: Group
) -> tuple[Any, ...]:  # Any: of each column its own
    return tuple(getattr(participant, column) for column in group.columns)


def is_blank(values: Iterable[object]) -> bool:
    return not any(value not in (None, "", False, []) for value in values)


def differing(one: Participant, other: Participant) -> list[Group]:
    """The groups in which the two records differ."""
    return [each for each in GROUPS if values_of(one, each) != values_of(other, each)]


def to_choose(sides: Sequence["Side"]) -> list[Group]:
    """The groups to choose of: where the two differ, or may, for all that this reader may read.

    `sides`: with `participant` and `label`. Were a hidden value left out where it is the same, a
    record of one's own beside it would answer any guess.
    """
    one, other = (side.participant for side in sides)
    differ = differing(one, other)

    def is_hidden(side: "Side", group: Group) -> bool:
        return bool(values_of(side.participant, group)[0]) and not is_told(group, side.label)

    return [
        group
        for group in GROUPS
        if group in differ
        or (group.key in IDENTITY and any(is_hidden(side, group) for side in sides))
    ]


def said_at(people: Iterable[Participant]) -> dict[tuple[UUID, str], datetime]:
    """`{(record's key, group's key): moment}` at which each value was last said, by the history."""
    columns = {column for group in GROUPS for column in group.columns}
    names = sorted(attname_of(Participant, column) for column in columns)
    model = Participant.pgh_event_model  # type: ignore[attr-defined]  # pghistory's
    events = model.objects.filter(pgh_obj__in=[each.pk for each in people])
    last: dict[tuple[UUID, str], datetime] = {}
    former: dict[tuple[UUID, str], tuple[object, ...]] = {}
    for event in events.order_by("pgh_id").values("pgh_obj_id", "pgh_created_at", *names):
        key = event["pgh_obj_id"]
        for group in GROUPS:
            said = tuple(event[attname_of(Participant, column)] for column in group.columns)
            if former.get((key, group.key)) != said:
                last[(key, group.key)] = event["pgh_created_at"]
            former[(key, group.key)] = said
    return last


def newer(one: Participant, other: Participant, groups: Iterable[Group]) -> dict[str, str]:
    """`{group's key: "one" or "other"}`: what was said last; something before nothing."""
    last, found = said_at([one, other]), {}
    for group in groups:
        blank = [is_blank(values_of(each, group)) for each in (one, other)]
        if blank[0] != blank[1]:
            found[group.key] = OTHER if blank[0] else ONE
            continue
        moments = [last.get((each.pk, group.key), each.created_at) for each in (one, other)]
        found[group.key] = ONE if moments[0] >= moments[1] else OTHER
    if "notes" in found and one.notes and other.notes:
        found["notes"] = BOTH
    return found


def places_of(one: Participant, other: Participant) -> list[ListPlace | None]:
    return [getattr(each, "place", None) for each in (one, other)]


def newer_place(one: Participant, other: Participant) -> str:
    """Whose place counts: the one that changed last; an active one on the same day."""
    places = [each for each in places_of(one, other) if each is not None]
    if len(places) < 2:
        return ONE if places_of(one, other)[1] is None else OTHER
    ranks = [
        (place.status_on, place.status == ListPlace.Status.ACTIVE, place.listed_on)
        for place in places
    ]
    return ONE if ranks[0] >= ranks[1] else OTHER


def place_words(participant: Participant) -> str:
    place = getattr(participant, "place", None)
    if place is None:
        return "Not on the list"
    return (
        f"{place.get_status_display()} since {day_words(place.status_on)}; "
        f"on the list since {day_words(place.listed_on)}"
    )


def is_told(group: Group, label: Label) -> bool:
    """Whether this reader may read an identifying value of the record."""
    if group.key == "name":
        return label.is_named
    return label.tells_all or bool(group.key == "hmis_id" and label.hmis_id)


def words_of(
    participant: Participant, group: Group, label: Label, clean: Callable[[str], str]
) -> str:
    """What a record says, as this reader may read it."""
    values = values_of(participant, group)
    if group.key in IDENTITY and values[0] and not is_told(group, label):
        return HIDDEN
    match group.key:
        case "where":
            county = participant.county.name if participant.county else "no county"
            return f"{participant.region}, {county}"
        case "household":
            return participant.size_words
        case "navigator":
            return participant.navigator.user.name if participant.navigator else "Nobody"
        case "documents":
            return ", ".join(participant.documents_in_words) or "None recorded"
        case "assessment_level":
            return participant.get_assessment_level_display() or "Not recorded"
        case "bedrooms":
            return "Not recorded" if participant.bedrooms is None else str(participant.bedrooms)
        case "notes":
            return clean(values[0]) or "None"
        case "birth_date" | "referral_active_on":
            return day_words(values[0]) if values[0] else "Not recorded"
    if isinstance(values[0], bool):
        return "Yes" if values[0] else "No"
    return str(values[0] or "Not recorded")


def chosen_values(
    one: Participant, other: Participant, choices: Mapping[str, str]
) -> dict[str, object]:
    """`{column: value}` for the record that stays, by what was chosen of each group."""
    values: dict[str, object] = {}
    for group in differing(one, other):
        choice = choices[group.key]
        if choice == BOTH:
            texts = [each.notes for each in (one, other) if each.notes]
            values[group.key] = Said(texts[0], "\n\n", texts[1]) if texts[1:] else "".join(texts)
            continue
        said = values_of(one if choice == ONE else other, group)
        values |= dict(zip(group.columns, said, strict=True))
        if group.key == "name":
            # Who typed the name goes with it: they may read it.
            values["named_by"] = (one if choice == ONE else other).named_by
    return values


def is_unsheltered(keeper: Participant, former: Participant) -> bool:
    """As the newest stay of both says; as either record says where none is recorded."""
    stays = LivingSituation.objects.filter(participant__in=[keeper.pk, former.pk])
    newest = stays.order_by("-on", "-recorded_at").first()
    if newest is None:
        return keeper.is_unsheltered or former.is_unsheltered
    return newest.kind == LivingSituation.Kind.UNSHELTERED
