"""What the pages of programs and openings show."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict

from accounts.models import User
from agreements.models import Agency, StaffMember
from participants.models import Participant
from participants.naming import Label
from participants.services.pages import record_look
from regions.clock import local_day
from regions.models import Continuum

from .facts import ANSWERS, FACTS, Counties
from .household import KEEPS, household_of
from .matching import DOES_NOT, FITS, NOT_KNOWN, Match, counties_of, on_offer, openings_for
from .models import EligibilityRule, Opening, OpeningQuerySet, Program
from .referrals.pages import ReferralRow, row_of, with_opening

State = Opening.State
TONES = {State.OPEN: "good", State.UPCOMING: "info", State.HELD: "warn"}
# How long an agency is asked by itself before the CE Specialist sees it, too.
ASKED_FIRST = 3


@dataclass(frozen=True)
class OpeningRow:
    """An opening as a list shows it on a day."""

    opening: Opening
    state: State
    is_past: bool

    @property
    def tone(self) -> str:
        return "bad" if self.is_past else TONES.get(self.state, "neutral")

    @property
    def words(self) -> str:
        return "Overdue" if self.is_past else str(self.state.label)


def opening_rows(openings: Iterable[Opening], on: date) -> list[OpeningRow]:
    return [OpeningRow(each, each.state(on), each.is_past(on)) for each in openings]


def with_all(rows: OpeningQuerySet) -> OpeningQuerySet:
    """With what a line of a list says of each."""
    return rows.with_held().select_related("program__agency", "program__continuum", "county")


def asks_in_words(rules: Iterable[EligibilityRule], counties: Counties) -> dict[str, list[str]]:
    """`{weight: what is asked, in words}`, in the order of the facts, as a person reads it back."""
    found: dict[str, list[str]] = {each.value: [] for each in EligibilityRule.Weight}
    by_fact = {each.fact: each for each in rules}
    for key, fact in FACTS.items():
        rule = by_fact.get(key)
        if rule:
            words = fact.in_words(rule.asks, counties)
            source = f" ({rule.source})" if rule.source else ""
            found[rule.weight].append(words[:1].upper() + words[1:] + source)
    return found


class ProgramPage(TypedDict):
    program: Program
    required: list[str]
    preferred: list[str]
    rows: list[OpeningRow]


def program_page(program: Program, on: date) -> ProgramPage:
    asks = asks_in_words(program.rules.all(), counties_of(program.continuum))
    return {
        "program": program,
        "required": asks["required"],
        "preferred": asks["preferred"],
        "rows": opening_rows(with_all(program.openings.all()), on),
    }


def speaks_for(user: User) -> list[Agency]:
    """The agencies whose programs this person enters: their own; a CE Specialist's continuum's."""
    membership = user.membership
    rows = Agency.objects.filter(continuum=membership.continuum_id, is_active=True)
    return list(rows if membership.is_specialist else rows.with_place_of(user))


class HouseholdOpenings(TypedDict):
    """What is open for one household, as this viewer may know it."""

    fits: list[Match]
    unknown: list[Match]
    does_not: list[Match]
    is_told: bool
    may_answer: bool
    may_edit: bool
    answers_at: str
    referrals: list[ReferralRow]
    may_refer: bool
    is_at_call: bool
    refer_url: str


def household_openings(
    participant: Participant, viewer: User, label: Label, *, now: datetime
) -> HouseholdOpenings:
    """The openings that fit, that do not and why, and what is not known for the rest.

    With the household's referrals. `viewer`: somebody in standing, of an agency or the CoC.
    """
    continuum = participant.continuum
    on = local_day(now, continuum.zone)
    referred = with_opening(participant.referrals.under_way())
    if participant.is_confidential:
        referred = referred.visible_to(viewer, on)
    offered = on_offer(continuum, on)
    may_edit = viewer.has_perm(KEEPS, participant)
    household = household_of(participant, label, on, is_keeper=may_edit)
    rows = [row_of(each, label, now) for each in referred]
    taken = {row.referral.opening_id for row in rows}
    free = [each for each in offered if each.pk not in taken]
    found = openings_for(household, free, counties_of(continuum) if free else {})
    return {
        "fits": found[FITS],
        "unknown": found[NOT_KNOWN],
        "does_not": found[DOES_NOT],
        "is_told": household.is_told,
        "may_answer": may_edit and not participant.is_confidential,
        "may_edit": may_edit,
        "answers_at": ANSWERS,
        "referrals": rows,
        "may_refer": (may_edit or not participant.is_confidential)
        and participant.deidentified_at is None,
        "is_at_call": False,
        "refer_url": "",
    }


def household_page(participant: Participant, viewer: User, *, now: datetime) -> dict[str, object]:
    """The page of one household's openings; the look is recorded."""
    label = record_look(participant, viewer, now, page="household_openings")
    return {
        "participant": participant,
        "shown_as": label,
        "keeps": viewer.has_perm("participants.view_disclosures", participant),
        **household_openings(participant, viewer, label, now=now),
    }


def past_openings(place: StaffMember | None, continuum: Continuum, on: date) -> Sequence[Opening]:
    """Those past their day that somebody is asked about: their agency's; for a CE Specialist
    (`place` None) those of all, once their agency had a few days to say.
    """
    rows = Opening.objects.past_their_day(on).filter(program__continuum=continuum)
    if place:
        rows = rows.filter(program__agency=place.agency_id)
    found = list(with_all(rows))
    return found if place else [each for each in found if (on - each.fill_by).days > ASKED_FIRST]
