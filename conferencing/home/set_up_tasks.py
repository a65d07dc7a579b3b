"""What a continuum still has to set up before its first call: the checklist on the first page."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q
from django.urls import reverse

from agreements.models import Agency, AgreementForm
from conferencing.models import Meeting
from participants.models import Participant
from regions.models import (
    CallingRule,
    Continuum,
    County,
    Membership,
    Region,
    ReviewCriterion,
)


@dataclass(frozen=True)
class SetUpStep:
    """One step of the set-up, who does it, whether it is done; `url` only for whom it is."""

    title: str
    hint: str
    url: str
    is_done: bool
    who: str


def set_up_steps(membership: Membership) -> list[SetUpStep]:
    """The steps in their order, for CE Specialists and administrators; empty once all are done.

    One query.
    """
    if not (membership.is_specialist or membership.is_administrator):
        return []
    done = _what_is_there(membership.continuum_id)
    steps = [
        _step(membership, name, values, done[name])
        for name, values in STEPS.items()
        if name != "agreement" or membership.continuum.requires_agency_agreement
    ]
    return [] if all(step.is_done for step in steps) else steps


def _step(
    membership: Membership, name: str, values: tuple[str, str, str, bool], is_done: bool
) -> SetUpStep:
    title, hint, url_name, is_administrators = values
    may = membership.is_administrator if is_administrators else membership.is_specialist
    who = "Administrator" if is_administrators else "CE Specialist"
    return SetUpStep(title, hint, reverse(url_name) if may else "", is_done, who)


# What is done by whom: title, why, where, and whether it is the administrator's.
STEPS = {
    "agreement": (
        "Publish the agreement that agencies sign",
        "Until an agency has signed it, its people take no part.",
        "agreements:form_list",
        True,
    ),
    "statement": (
        "Publish the confidentiality statement",
        "Until people have signed it, nobody sees participants or gets a list.",
        "agreements:form_list",
        True,
    ),
    "specialist": (
        "Name a CE Specialist",
        "They settle rosters and see that lists go out.",
        "agreements:team_list",
        True,
    ),
    "agencies": (
        "Add the agencies and invite their people",
        "Each agency’s lead signs, and names who attends.",
        "agreements:agency_list",
        True,
    ),
    "regions": (
        "Add your regions and their counties",
        "A CoC that meets as one has one region.",
        "regions:region_list",
        False,
    ),
    "rules": (
        "Set when each region meets",
        "The year’s calls are planned by these rules.",
        "regions:region_list",
        False,
    ),
    "criteria": (
        "Choose the review criteria of each region",
        "They propose who is on the roster.",
        "regions:region_list",
        False,
    ),
    "calls": (
        "Plan the year’s calls",
        "Look at them first; closed days are pointed out.",
        "conferencing:year_plan",
        False,
    ),
    "households": (
        "Bring in the by-name list",
        "From HMIS, or household by household.",
        "imports:import_list",
        False,
    ),
}


def _what_is_there(continuum_key: UUID) -> dict[str, bool]:
    """By step, whether it is done."""
    here = {"continuum": OuterRef("pk")}
    texts = AgreementForm.objects.published().filter(**here)
    regions = Region.objects.filter(**here)
    counties = County.objects.filter(region=OuterRef("pk"))
    used = ReviewCriterion.objects.filter(region=OuterRef("pk"), is_used=True)
    there = {
        "agreement": Exists(texts.filter(kind=AgreementForm.Kind.AGENCY)),
        "statement": Exists(texts.filter(kind=AgreementForm.Kind.PERSONAL)),
        "specialist": Exists(
            Membership.objects.filter(**here, is_specialist=True, user__is_active=True)
        ),
        "agencies": Exists(Agency.objects.filter(**here, is_active=True)),
        "regions": Q(Exists(regions)) & ~Q(Exists(regions.exclude(Exists(counties)))),
        "rules": Exists(CallingRule.objects.filter(**here)),
        "criteria": Q(Exists(regions)) & ~Q(Exists(regions.exclude(Exists(used)))),
        "calls": Exists(Meeting.objects.filter(**here)),
        "households": Exists(Participant.objects.filter(**here)),
    }
    rows = Continuum.objects.filter(pk=continuum_key).values(
        **{
            f"has_{name}": ExpressionWrapper(Q(found), BooleanField())
            for name, found in there.items()
        }
    )
    found = dict(rows.get())
    return {name: bool(found[f"has_{name}"]) for name in there}
