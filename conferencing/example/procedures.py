"""River Valleys (MN-502) and Three County (MA-507) as their procedures say.

Sources: River Valleys CoC, “Coordinated Entry System: Case Conferencing Procedures”; Three
County CoC, case conferencing statement for Coordinated Entry partners.
"""

from dataclasses import dataclass, field
from datetime import time

from regions.closed_days import ClosedDay
from regions.closed_days import Kind as ClosedKind
from regions.models import CallingRule, Continuum, ReviewCriterion

Kind = ReviewCriterion.Kind
Week = CallingRule.Week
Weekday = CallingRule.Weekday


@dataclass(frozen=True)
class RegionText:
    name: str
    counties: tuple[str, ...]
    week: int
    weekday: int
    starts: time


@dataclass(frozen=True)
class Procedure:
    code: str
    name: str
    zone: str
    requires_agency_agreement: bool
    purpose: str
    ground_rules: str
    non_disclosure_words: str
    regions: tuple[RegionText, ...]
    criteria: tuple[tuple[str, int | None], ...]
    personal_title: str
    personal_text: str
    export_by: str = Continuum.ExportBy.PARTNERS
    coc_wide: tuple[int, int, tuple[int, ...], time] | None = None
    agency_title: str = ""
    agency_text: str = ""
    closed_days: tuple[ClosedDay, ...] = ()
    link: str = field(default="https://meet.example.org/")


RIVER_VALLEYS = Procedure(
    code="MN-502",
    name="River Valleys CoC",
    zone="America/Chicago",
    requires_agency_agreement=True,
    purpose=(
        "To provide holistic, coordinated, and integrated services across providers, and to "
        "reduce duplication."
    ),
    ground_rules=(
        "Collective ownership and responsibility. Active participation. Bravery and courage. "
        "Positive intent and trust. Person-centered focus. Being flexible and adaptable. Growth "
        "promoting."
    ),
    non_disclosure_words=(
        "Confidential: for the named recipient only. Client information shared during case "
        "conferencing must be limited to information that is relevant to their housing needs. "
        "Do not copy, forward or photograph this list."
    ),
    regions=(
        RegionText(
            "Region 1",
            ("Fillmore", "Goodhue", "Houston", "Olmsted", "Wabasha", "Winona"),
            Week.SECOND,
            Weekday.TUESDAY,
            time(10, 0),
        ),
        RegionText(
            "Region 2",
            ("Dodge", "Freeborn", "Mower", "Rice", "Steele"),
            Week.SECOND,
            Weekday.THURSDAY,
            time(10, 0),
        ),
        RegionText(
            "Region 3",
            (
                "Blue Earth",
                "Brown",
                "Faribault",
                "Le Sueur",
                "Martin",
                "Nicollet",
                "Sibley",
                "Waseca",
                "Watonwan",
            ),
            Week.THIRD,
            Weekday.WEDNESDAY,
            time(13, 0),
        ),
    ),
    coc_wide=(Week.FOURTH, Weekday.FRIDAY, (1, 4, 7, 10), time(10, 0)),
    closed_days=(
        ClosedDay(
            "Day after Thanksgiving", ClosedKind.HOLIDAY, holiday="Thanksgiving Day", offset=1
        ),
    ),
    criteria=(
        (Kind.CARRIED_OVER, None),
        (Kind.UNSHELTERED, None),
        (Kind.LONGEST, 10),
        (Kind.YOUTH, None),
        (Kind.REFERRAL, None),
        (Kind.OVERDUE_STEP, None),
        (Kind.NOMINATED, None),
        (Kind.NOT_REVIEWED, 3),
    ),
    agency_title="Coordinated Entry System Partner Agreement",
    agency_text="""# Coordinated Entry System Partner Agreement

This agreement is between the River Valleys Continuum of Care (CoC) and the agency named below. \
Agencies participating in case conferencing must have it signed and on file with the CoC.

# What the agency takes on

- To share the responsibility of working to house clients, and to use the team's collective brain \
power to house them faster.
- To commit to active, not passive participation in case conferencing: to share thoughts, \
contribute to possible solutions, share the workload, and keep one another accountable.
- To approach all conversations and cases with the best of intentions, respectfulness, fairness \
and integrity.
- To use a person-centered approach that acknowledges each household's preferences and values.
- To review the list of participants before each call, and to give a status update of any action \
steps that were assigned to it.
- To take its turn as facilitator and as note taker, and to find a replacement and inform the CE \
Specialist when it cannot.

# Confidentiality

- Client information shared during case conferencing must be limited to information that is \
relevant to the household's housing needs.
- The prep list is for the person it was sent to. It is not copied, forwarded or photographed.
- A victim service provider discloses no identifying information; its participants are known by \
alias alone.

# Term

The agreement is in effect from the date of countersignature for the months shown with this \
version, and may be revoked by either side in writing.""",
    personal_title="Confidentiality statement",
    personal_text="""# Confidentiality statement

I take part in case conferencing of the River Valleys Continuum of Care.

- I share and ask for client information only as far as it is relevant to the household's housing \
needs.
- I keep what I read and hear to myself and to those who need it for the household's housing, and \
whose agreement and statement are current.
- I do not copy, forward or photograph the list, and I keep its password to myself.
- I tell the CE Specialist at once when I think that information has reached somebody whom it \
should not have reached.
- I uphold professional standards of conduct: respectfulness, fairness and integrity.""",
)

THREE_COUNTY = Procedure(
    code="MA-507",
    name="Three County CoC",
    zone="America/New_York",
    requires_agency_agreement=False,
    # “Prohibited … from keeping/copying/capturing an image of the By Names List.”
    export_by=Continuum.ExportBy.SPECIALISTS,
    closed_days=(ClosedDay("Patriots’ Day", ClosedKind.WEEKDAY, week=3, weekday=0, month=4),),
    purpose=(
        "To ensure holistic, equitable, coordinated, and integrated assistance across providers "
        "for all households experiencing homelessness in the community."
    ),
    ground_rules=(
        "Open, honest and non-judgmental; recognizing implicit and explicit biases; no single "
        "advocate or program is advantaged in getting clients housed."
    ),
    non_disclosure_words=(
        "Case conferencing attendees are prohibited from sharing information learned in case "
        "conferencing with any unauthorized parties, and from keeping, copying or capturing an "
        "image of the By Names List."
    ),
    regions=(
        RegionText(
            "Three County",
            ("Berkshire", "Franklin", "Hampshire"),
            Week.FIRST,
            Weekday.WEDNESDAY,
            time(13, 0),
        ),
    ),
    criteria=(
        (Kind.CARRIED_OVER, None),
        (Kind.PRIORITIZED, None),
        (Kind.SHELTER_NEED, None),
        (Kind.OVERDUE_STEP, None),
        (Kind.LONGEST, 10),
        (Kind.NOMINATED, None),
        (Kind.NOT_REVIEWED, 3),
    ),
    personal_title="Case Conferencing statement",
    personal_text="""# Case Conferencing: goals, practices and expectations

- Case Conferencing differs from routine coordination. Case conferencing is a more formal, \
planned, and structured ongoing set of meetings separate from regular contacts and other CoC \
planning meetings.
- Case conferences are usually interdisciplinary, and include one or multiple internal and \
external providers and, if possible and appropriate, the client and family members/close supports.
- Case conferencing relies on providers being open, honest and non-judgmental, recognizing \
implicit and explicit biases and the common goal of ending homelessness in the community. All \
parties agree that all other parties are approaching this goal with the best of intentions and \
commitment.
- Case conferences should be used to identify or clarify issues regarding a household's housing \
status, needs, service desires, and goals; to review activities including progress and barriers \
towards housing goals; to map roles and responsibilities; to resolve conflicts or strategize \
solutions; and to adjust current service plans to best meet the needs and desires of the household \
within the context of the CoC's prioritization criteria and available resources.
- Case Conferencing elevates a broad spectrum of relevant voices to ensure that no single \
advocate or program is advantaged in getting clients housed and that decisions remain focused on \
how best to match individual households with a limited amount of housing and service resources. \
Consideration should be made for how to include individuals with lived homeless experience in all \
CoC processes to ensure system processes are client centered.
- Case Conferencing relies on providers and advocates maintaining timely data entry into Three \
County's Coordinated Entry HMIS Project, which is the basis for Three County's By Name List \
exports, prioritization and eligibility information, and other functions of the housing match \
process.
- Advocates and assessors from partner agencies are strongly encouraged to attend case \
conferencing meetings regularly and to provide updates on where By Names List participants are at \
this moment, provide updates, and to maneuver possible placements in open and available CoC and \
non-CoC housing opportunities.

# What is prohibited

Case Conferencing attendees are prohibited from sharing information learned in case conferencing \
with any unauthorized parties, from hindering efforts to participate in the coordination of \
services for clients, from keeping/copying/capturing an image of the By Names List, or from \
knowingly revealing any information about a client not necessary for determining potential program \
opportunities.

As a Coordinated Entry partner, I understand and agree to the above.""",
)

PROCEDURES = (RIVER_VALLEYS, THREE_COUNTY)
