"""Households in the policy's order, for the pages of policies and openings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import audit.actions
import audit.services
from accounts.models import User
from agreements.models import StaffMember
from participants.disclosures import shown_to
from participants.models import Participant, ParticipantQuerySet
from participants.naming import Label, labels
from regions.clock import local_day
from regions.models import Continuum

from .criteria import CRITERIA
from .household import known_of
from .matching import DOES_NOT, FITS, NOT_KNOWN, Match, counties_of, match
from .models import HousingAnswers, Opening, PrioritizationPolicy
from .ordering import Place, moved, ordered, standings_of

ORDERED = audit.actions.register(
    "policy.order_viewed", "Looked at households in the policy’s order"
)
SHOWN = 25


@dataclass(frozen=True)
class Move:
    """Where a household stands by the version in force, and by another one."""

    label: Label
    before: int
    after: int

    @property
    def by(self) -> int:
        """So many places up; below zero, down."""
        return self.before - self.after

    @property
    def down(self) -> int:
        return self.after - self.before


@dataclass(frozen=True)
class OrderRow:
    """A household in the order, and whether it fits an opening."""

    participant: Participant
    label: Label
    place: Place
    match: Match
    is_referred: bool
    said: tuple[str, ...]


def policy_page(policy: PrioritizationPolicy, viewer: User, *, now: datetime) -> dict[str, object]:
    """A version's words and order; against the one in force, how many move and who moves most."""
    on = local_day(now, policy.continuum.zone)
    in_force = PrioritizationPolicy.objects.in_force(policy.continuum, on)
    moves: list[Move] = []
    found: list[tuple[UUID, int, int]] = []
    if in_force and in_force != policy and policy.criteria:
        found = moved(in_force, policy, standings_of(on_the_list(policy.continuum), on))
        visible = visible_of([key for key, _before, _after in found], viewer, on)
        shown = [row for row in found if row[0] in visible][:SHOWN]
        names = labels([visible[key] for key, _before, _after in shown], viewer, now)
        moves = [Move(names[key], before, after) for key, before, after in shown]
        record(policy, names, viewer, now)
    return {
        "policy": policy,
        "order": [CRITERIA[key].label for key in policy.criteria if key in CRITERIA],
        "ties": [CRITERIA[key].label for key in policy.tie_breaks if key in CRITERIA],
        "in_force": in_force,
        "moves": moves,
        "moved": len(found),
    }


def on_the_list(continuum: Continuum) -> ParticipantQuerySet:
    """All that an order numbers, also whom a reader may not know of: they are never shown."""
    rows = Participant.objects.filter(continuum=continuum).on_the_list()
    return rows.select_related("place")


def visible_of(keys: Iterable[UUID], viewer: User, on: date) -> dict[UUID, Participant]:
    rows = Participant.objects.visible_to(viewer, on).filter(pk__in=list(keys))
    return {each.pk: each for each in rows.select_related("place", "county", "continuum")}


def opening_order(opening: Opening, viewer: User, *, now: datetime) -> dict[str, object]:
    """The households for an opening in the policy's order: who fits, who not and why.

    Numbers are those of the whole list; shown are the households that the viewer may know of.
    Referred ones stand in it, too, so that it shows who was passed over. The look is recorded.
    """
    continuum = opening.program.continuum
    on = local_day(now, continuum.zone)
    policy = PrioritizationPolicy.objects.in_force(continuum, on)
    if policy is None:
        return {"opening": opening, "policy": None, "rows": []}
    places = ordered(policy, standings_of(on_the_list(continuum), on))
    people = visible_of([each.standing.key for each in places], viewer, on)
    names = labels(people.values(), viewer, now)
    told = told_of(names, viewer)
    given = {
        each.participant_id: each.given
        for each in HousingAnswers.objects.filter(participant__in=told)
    }
    rules, counties = list(opening.program.rules.all()), counties_of(continuum)
    referred = set(opening.referrals.under_way().values_list("participant", flat=True))
    rows: list[OrderRow] = []
    for place in places:
        person = people.get(place.standing.key)
        if person:
            known = known_of(person, on, is_told=person.pk in told, given=given.get(person.pk))
            judged = match(opening, rules, known, counties)
            is_referred, said = person.pk in referred, told_words(policy, place, person.pk in told)
            rows.append(OrderRow(person, names[person.pk], place, judged, is_referred, said))
    counts = {key: sum(row.match.answer == key for row in rows) for key in KINDS}
    shown = first_of(rows)
    record(opening, {row.participant.pk: row.label for row in shown}, viewer, now)
    return {
        "opening": opening,
        "policy": policy,
        "rows": shown,
        "fits": counts[FITS],
        "unknown": counts[NOT_KNOWN],
        "does_not": counts[DOES_NOT],
    }


def told_words(policy: PrioritizationPolicy, place: Place, is_told: bool) -> tuple[str, ...]:
    """Why a household stands where it does; of what is sealed, only that it counts."""
    keys = [key for key in policy.criteria if key in CRITERIA]
    return tuple(
        words if is_told or not CRITERIA[key].is_sealed else f"by {CRITERIA[key].label.lower()}"
        for key, words in zip(keys, place.said, strict=True)
    )


KINDS = (FITS, NOT_KNOWN, DOES_NOT)


def first_of(rows: Sequence[OrderRow]) -> list[OrderRow]:
    """The first that fit or may fit, with everybody who stands before them."""
    found: list[OrderRow] = []
    open_ones = 0
    for row in rows:
        if open_ones == SHOWN:
            break
        found.append(row)
        open_ones += row.match.answer != DOES_NOT
    return found


def told_of(names: dict[UUID, Label], viewer: User) -> set[UUID]:
    """Of whom this viewer is told what is sealed: as `household.household_of` asks for one."""
    membership = viewer.membership
    own = StaffMember.objects.current().filter(user=viewer).values_list("agency", flat=True)
    agencies = set(own)
    return {
        pk
        for pk, label in names.items()
        if label.tells_all
        or label.participant.agency_id in agencies
        or (membership.is_specialist and not label.participant.is_confidential)
    }


def record(
    about: Opening | PrioritizationPolicy, names: dict[UUID, Label], viewer: User, now: datetime
) -> None:
    if names:
        audit.services.record(ORDERED, actor=viewer, about=about, detail=shown_to(names), now=now)
