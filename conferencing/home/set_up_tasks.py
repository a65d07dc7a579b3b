"""What a continuum still has to set up before its first call: the checklist on the first page."""

from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, Subquery
from django.urls import reverse

from agreements.models import Agency, AgreementForm, StaffMember
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
    """One step of the set-up, who does it, whether it is done; `url` only for whom it is.

    The checklist does not wait for an optional one.
    """

    title: str
    hint: str
    button: str
    url: str
    is_done: bool
    who: str
    is_optional: bool = False


class Step(NamedTuple):
    """A step as it is written: title, why, where, the button's words, and whose it is."""

    title: str
    hint: str
    url_name: str
    button: str
    is_administrators: bool = False
    is_optional: bool = False


# In the order in which a new CoC does them: each needs what stands above it.
STEPS = {
    "regions": Step(
        "Add your regions",
        "A CoC that meets as one has one region.",
        "regions:region_add",
        "Add a region",
    ),
    "counties": Step(
        "Pick the counties of each region",
        "Each household is kept in a county, and so in a region.",
        "regions:region_list",
        "Pick counties",
    ),
    "agreement": Step(
        "Publish the agreement that agencies sign",
        "It begins with starter words. Until an agency has signed it, its people take no part.",
        "agreements:form_list",
        "Write the agreement",
        is_administrators=True,
    ),
    "statement": Step(
        "Publish the confidentiality statement",
        "It begins with starter words. Until people sign it, they see no households.",
        "agreements:form_list",
        "Write the statement",
        is_administrators=True,
    ),
    "specialist": Step(
        "Name a CE Specialist",
        "They settle rosters and see that lists go out.",
        "agreements:team_list",
        "Name a person",
        is_administrators=True,
    ),
    "agencies": Step(
        "Add the agencies",
        "Each agency’s lead signs, and names who attends.",
        "agreements:agency_list",
        "Add agencies",
        is_administrators=True,
    ),
    "people": Step(
        "Invite their people",
        "Begin with the lead of each agency.",
        "agreements:agency_list",
        "Invite people",
        is_administrators=True,
    ),
    "criteria": Step(
        "Choose the review criteria of each region",
        "They propose who is on the roster.",
        "regions:region_list",
        "Choose criteria",
    ),
    "rules": Step(
        "Set when each region meets",
        "The year’s calls are planned by these rules.",
        "regions:region_list",
        "Set the days",
    ),
    "closed": Step(
        "Add the days your agencies are closed",
        "Federal holidays are known already.",
        "conferencing:closed_day_list",
        "Add closed days",
        is_optional=True,
    ),
    "calls": Step(
        "Plan the year’s calls",
        "Look at them first; closed days are pointed out.",
        "conferencing:year_plan",
        "Plan the year",
    ),
    "households": Step(
        "Bring in the by-name list",
        "From HMIS, or household by household.",
        "imports:import_list",
        "Bring it in",
    ),
}


def set_up_steps(membership: Membership) -> list[SetUpStep]:
    """The steps in their order, for CE Specialists and administrators; empty once all are done.

    Told from what is in the database. One query.
    """
    if not (membership.is_specialist or membership.is_administrator):
        return []
    done, bare_region = _what_is_there(membership.continuum_id)
    steps = [
        _step(membership, name, step, done[name], bare_region)
        for name, step in STEPS.items()
        if name != "agreement" or membership.continuum.requires_agency_agreement
    ]
    return [] if all(step.is_done or step.is_optional for step in steps) else steps


def _step(
    membership: Membership, name: str, step: Step, is_done: bool, bare_region: UUID | None
) -> SetUpStep:
    is_administrators = step.is_administrators
    may = membership.is_administrator if is_administrators else membership.is_specialist
    url = reverse(step.url_name)
    if name == "counties" and bare_region:
        url = reverse("regions:county_add", args=[bare_region])
    return SetUpStep(
        step.title,
        step.hint,
        step.button,
        url if may else "",
        is_done,
        "Administrator" if is_administrators else "CE Specialist",
        step.is_optional,
    )


def _what_is_there(continuum_key: UUID) -> tuple[dict[str, bool], UUID | None]:
    """By step, whether it is done; and the first region without a county."""
    here = {"continuum": OuterRef("pk")}
    texts = AgreementForm.objects.published().filter(**here)
    regions = Region.objects.filter(**here)
    bare = regions.exclude(Exists(County.objects.filter(region=OuterRef("pk"))))
    used = ReviewCriterion.objects.filter(region=OuterRef("pk"), is_used=True)
    there = {
        "regions": Exists(regions),
        "counties": Q(Exists(regions)) & ~Q(Exists(bare)),
        "agreement": Exists(texts.filter(kind=AgreementForm.Kind.AGENCY)),
        "statement": Exists(texts.filter(kind=AgreementForm.Kind.PERSONAL)),
        "specialist": Exists(
            Membership.objects.filter(**here, is_specialist=True, user__is_active=True)
        ),
        "agencies": Exists(Agency.objects.filter(**here, is_active=True)),
        "people": Exists(StaffMember.objects.current().filter(agency__continuum=OuterRef("pk"))),
        "criteria": Q(Exists(regions)) & ~Q(Exists(regions.exclude(Exists(used)))),
        "rules": Exists(CallingRule.objects.filter(**here)),
        "closed": ~Q(closed_days=[]),
        "calls": Exists(Meeting.objects.filter(**here)),
        "households": Exists(Participant.objects.filter(**here)),
    }
    rows = Continuum.objects.filter(pk=continuum_key).values(
        bare_region=Subquery(bare.values("pk")[:1]),
        **{
            f"has_{name}": ExpressionWrapper(Q(found), BooleanField())
            for name, found in there.items()
        },
    )
    found: dict[str, Any] = dict(rows.get())  # Any: booleans and one key
    return {name: bool(found[f"has_{name}"]) for name in there}, found["bare_region"]
