"""What the standings ask of somebody: to sign, to countersign, to renew; and the page's filters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

from django.urls import reverse

from accounts.models import User
from regions.models import Continuum, Region
from regions.words import day_words

from .forms.agencies import AgencyFilterForm
from .models import Agency, AgreementForm, StaffMember
from .standing import (
    AGREEMENT,
    STATEMENT,
    AgencyLine,
    Paper,
    PersonLine,
    current_paper,
    deadline,
    paper_reason,
    published_texts,
)

RENEWAL_OPENS = timedelta(days=60)


@dataclass(frozen=True)
class Need:
    """Whether a signature is asked for: `reason` why none counts now, or `last_day` if one does."""

    reason: str = ""
    paper: Paper | None = None
    last_day: date | None = None
    newer: AgreementForm | None = None
    may_sign: bool = False


@dataclass(frozen=True)
class Duty:
    """A line of somebody's first page: what to do about paper, and by when.

    `is_urgent`: nobody of the agency, or the person, is in standing until it is done.
    """

    title: str
    hint: str
    url: str
    due_on: date | None = None
    is_urgent: bool = False


def need_of(
    papers: Sequence[Paper],
    published: list[AgreementForm],
    on: date,
    *,
    kind: str,
    noun: str,
    zone: str,
) -> Need:
    """What an agency or a person has to sign, told from their papers."""
    paper = current_paper(papers, published, on)
    in_use = max(
        (each for each in published if each.kind == kind),
        key=lambda each: each.version,
        default=None,
    )
    if paper is None:
        reason = paper_reason(papers, published, on, noun=noun, zone=zone)
        return Need(reason=reason, may_sign=in_use is not None)
    last_day = deadline(paper, published)
    newer = in_use if in_use is not None and in_use.version > paper.form.version else None
    ends_soon = last_day is not None and last_day <= on + RENEWAL_OPENS
    return Need(paper=paper, last_day=last_day, newer=newer, may_sign=bool(newer or ends_soon))


def statement_needed(user: User, continuum: Continuum, on: date) -> Need:
    """Whether the person has to sign the confidentiality statement, or soon may."""
    papers = list(user.statements.select_related("form").without_documents())
    return need_of(
        papers,
        published_texts(continuum.pk),
        on,
        kind=AgreementForm.Kind.PERSONAL,
        noun=STATEMENT,
        zone=continuum.zone,
    )


def agreement_needed(agency: Agency, on: date) -> Need | None:
    """Whether the agency has to sign the agreement, or soon may; None where none is asked for."""
    if not agency.continuum.requires_agency_agreement:
        return None
    papers = list(agency.agreements.select_related("form").without_documents())
    return need_of(
        papers,
        published_texts(agency.continuum_id),
        on,
        kind=AgreementForm.Kind.AGENCY,
        noun=AGREEMENT,
        zone=agency.continuum.zone,
    )


def papers_to_sign(user: User, place: StaffMember | None, on: date) -> list[Duty]:
    """What the person's first page asks them to sign: a list of `Duty`, the urgent ones first.

    Everybody with a place or the role of CE Specialist signs their own statement, a lead signs
    for the agency. `place`: where the person has one now, or None; `on`: the local date.
    """
    found = []
    if place or user.membership.is_specialist:
        need = statement_needed(user, user.membership.continuum, on)
        words = "Sign your confidentiality statement"
        found += duty_of(need, words, reverse("agreements:statement_sign"))
    if place and place.is_lead and place.agency.is_active:
        agency = place.agency
        asked = agreement_needed(agency, on)
        if asked and not agency.agreements.waiting_for_countersignature().exists():
            words = f"Sign the {AGREEMENT} for {agency.name}"
            found += duty_of(asked, words, reverse("agreements:agreement_sign", args=[agency.pk]))
    return sorted(found, key=lambda duty: (not duty.is_urgent, duty.due_on or date.max))


def duty_of(need: Need, title: str, url: str) -> list[Duty]:
    if not need.may_sign:
        return []
    return [
        Duty(
            title=title,
            hint=need.reason or hint_of(need),
            url=url,
            due_on=need.last_day,
            is_urgent=bool(need.reason),
        )
    ]


def hint_of(need: Need) -> str:
    if need.newer:
        by = f" by {day_words(need.last_day)}" if need.last_day else ""
        return f"There is a new version; sign it{by}."
    return f"Your signature is valid through {day_words(cast(date, need.last_day))}."


def narrowed(lines: list[AgencyLine], *, show: str, region: Region | None) -> list[AgencyLine]:
    """The lines of the page of standings that the filters ask for, with the people they mean."""
    if region:
        taking_part = set(Agency.objects.taking_part_in(region).values_list("pk", flat=True))
        lines = [line for line in lines if line.agency.pk in taking_part]
    choices: dict[str, Callable[[AgencyLine | PersonLine], bool]] = {
        AgencyFilterForm.Show.NOT_GOOD: lambda line: not line.standing.is_good,
        AgencyFilterForm.Show.ENDING: lambda line: line.ends_soon,
        AgencyFilterForm.Show.WAITING: lambda line: bool(getattr(line, "waiting", None)),
    }
    kept = choices.get(show)
    if kept is None:
        return lines
    found = []
    for line in lines:
        people = [person for person in line.people if kept(person)]
        if kept(line):
            found.append(line)
        elif people:
            line.people = people
            found.append(line)
    return found


def tally(lines: list[AgencyLine]) -> dict[str, int]:
    """How many agencies and people are in standing, and how many are not."""
    agencies = [line.standing.is_good for line in lines]
    people = [person.standing.is_good for line in lines for person in line.people]
    return {
        "agencies": len(agencies),
        "agencies_good": sum(agencies),
        "people": len(people),
        "people_good": sum(people),
        "waiting": sum(bool(line.waiting) for line in lines),
    }
