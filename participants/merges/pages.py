"""What the pages of possible duplicates show: two records beside each other, by who is looking."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Prefetch

import audit.actions
import audit.services
from accounts.models import User
from participants.disclosures import PAGE as PAGE_KIND
from participants.disclosures import register, shown_to
from participants.models import DuplicatePair, DuplicateSearch, Merge, Participant, Release
from participants.models.merging import DuplicatePairQuerySet
from participants.naming import Label, labels
from participants.services.release_pages import state_of
from regions.clock import local_day
from regions.models import Continuum

from . import fields as merge_fields
from .acts import hindrances, seen_mark

VIEWED = audit.actions.register("duplicates.viewed", "Looked at possible duplicates")
register(VIEWED, kind=PAGE_KIND, what="Possible duplicates")

PER_PAGE = 25
MERGES_SHOWN = 20
RECORD = ("agency", "region", "county", "place", "navigator__user")


# A group of columns: its key, its label, and `(choice, what it says, whose it is)`.
Choosing = tuple[str, str, list[tuple[str, str, str]]]


class PairPage(TypedDict):
    """What the page of a pair shows; `seen`: the state that it was made from."""

    pair: DuplicatePair
    sides: list["Side"]
    why: str
    fields: list[Choosing]
    proposed: dict[str, str]
    seen: str


@dataclass
class Side:
    """One record of a pair. `key`: "one" or "other", as a form says it."""

    key: str
    participant: Participant
    label: Label
    place: str
    releases: list[tuple[Release, str, str]]

    @property
    def words(self) -> str:
        """The record, told from the other one: two of one name have two aliases."""
        text = self.label.text
        return f"{text} ({self.participant.alias})" if self.label.is_named else text


def with_records(rows: DuplicatePairQuerySet, *names: str) -> DuplicatePairQuerySet:
    return rows.select_related(*(f"{name}__{part}" for name in names for part in RECORD))


def record_look(viewer: User, names: Mapping[UUID, Label], *, page: str, now: datetime) -> None:
    audit.services.record(
        VIEWED,
        actor=viewer,
        continuum_id=viewer.membership.continuum_id,
        detail={**shown_to(names), "page": page},
        now=now,
    )


def beside_each_other(
    names: Mapping[UUID, Label], one: Participant, other: Participant
) -> dict[UUID, Label]:
    """The labels of two records on one page: both by alias, unless both may be named.

    A name beside an alias and "the same name" would name whom no release covers.
    """
    pair = {each.pk: names[each.pk] for each in (one, other)}
    if all(each.is_named for each in pair.values()):
        return pair
    return {key: each.by_alias() for key, each in pair.items()}


def duplicates_page(viewer: User, *, number: str | None, now: datetime) -> dict[str, object]:
    """Pairs to decide about, and records joined of late; in a constant number of queries."""
    on = local_day(now, viewer.membership.continuum.zone)
    pairs = DuplicatePair.objects.visible_to(viewer, on).waiting(on)
    page = Paginator(with_records(pairs, "one", "other"), PER_PAGE).get_page(number)
    merges = (
        Merge.objects.visible_to(viewer, on)
        .standing()
        .select_related("keeper", "former", "by")[:MERGES_SHOWN]
    )
    people = [each for pair in page for each in (pair.one, pair.other)]
    people += [each.keeper for each in merges]
    names = labels(people, viewer, now)
    rows = [(pair, beside_each_other(names, pair.one, pair.other)) for pair in page]
    shown = {each.keeper_id: names[each.keeper_id] for each in merges}
    for _pair, two in rows:
        shown |= {key: each for key, each in two.items() if each.is_named or key not in shown}
    record_look(viewer, shown, page="duplicates", now=now)
    search = DuplicateSearch.objects.filter(continuum=viewer.membership.continuum_id).first()
    return {
        "page": page,
        "rows": [
            {"pair": pair, "sides": [(each, two[each.pk]) for each in (pair.one, pair.other)]}
            for pair, two in rows
        ],
        "merges": [{"merge": each, "label": names[each.keeper_id]} for each in merges],
        "searched_at": search and search.searched_at,
    }


def releases_of(participant: Participant, on: date) -> list[tuple[Release, str, str]]:
    return [(each, *state_of(each, on)) for each in participant.releases.all()]


def pair_page(pair: DuplicatePair, viewer: User, *, now: datetime) -> PairPage:
    """The two records, in what they differ, and what is proposed; the look is recorded."""
    on = local_day(now, viewer.membership.continuum.zone)
    people = (
        Participant.objects.filter(pk__in=[pair.one_id, pair.other_id])
        .select_related(*RECORD)
        .prefetch_related(
            Prefetch("releases", Release.objects.with_proof().defer("scan")), "releases__agencies"
        )
    )
    found = {each.pk: each for each in people}
    both = [found[pair.one_id], found[pair.other_id]]
    names = beside_each_other(labels(both, viewer, now), *both)
    record_look(viewer, names, page="duplicate", now=now)
    sides = [
        Side(
            key,
            person,
            names[person.pk],
            merge_fields.place_words(person),
            releases_of(person, on),
        )
        for key, person in zip(("one", "other"), both, strict=True)
    ]
    groups = merge_fields.to_choose(sides)
    return {
        "pair": pair,
        "sides": sides,
        "why": clean(sides, pair.why),
        "fields": fields_of(sides, groups),
        "proposed": merge_fields.newer(both[0], both[1], groups)
        | {"place": merge_fields.newer_place(*both), "keeper": older(*both)},
        "seen": seen_mark(*both),
    }


def older(one: Participant, other: Participant) -> str:
    """The record that stays unless somebody chooses: the one that was on file first."""
    return merge_fields.ONE if one.created_at <= other.created_at else merge_fields.OTHER


def clean(sides: Sequence[Side], text: str | None) -> str:
    """Words about the two without the name of one whose name this reader may not see."""
    labels_of_both = [side.label for side in sides]
    return labels_of_both[0].reader.clean(text, labels_of_both)


def fields_of(sides: Sequence[Side], groups: Iterable[merge_fields.Group]) -> list[Choosing]:
    """`[(key, label, [(choice, words, whose)])]` of what is chosen, as this reader may read it."""

    def cleaned(text: str) -> str:
        return clean(sides, text)

    found: list[Choosing] = []
    for group in groups:
        choices = [
            (
                side.key,
                merge_fields.words_of(side.participant, group, side.label, cleaned),
                side.words,
            )
            for side in sides
        ]
        if group.key == "notes":
            choices.append((merge_fields.BOTH, "Both, one below the other", ""))
        found.append((group.key, group.label, choices))
    places = merge_fields.places_of(*(side.participant for side in sides))
    if len({each.status if each else None for each in places} - {None}) > 1:
        choices = [(side.key, side.place, side.words) for side in sides]
        found.append((merge_fields.PLACE, merge_fields.PLACE_LABEL, choices))
    return found


def merge_page(merge: Merge, viewer: User, *, now: datetime) -> dict[str, object]:
    """What taking two records apart does, or why it cannot be done; the look is recorded."""
    names = labels([merge.keeper], viewer, now)
    record_look(viewer, names, page="merge_undo", now=now)
    return {
        "merge": merge,
        "shown_as": names[merge.keeper_id],
        "hindrances": hindrances(merge),
    }


def waiting_count(continuum: Continuum, on: date) -> int:
    """How many pairs wait for a decision, for the CE Specialist's first page."""
    return DuplicatePair.objects.filter(continuum=continuum).waiting(on).count()
