"""Programs, what each asks, and what is open now: something that fits, that does not, unknown."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from agreements.models import Agency, StaffMember
from housing.models import (
    EligibilityRule,
    HousingAnswers,
    Opening,
    PrioritizationPolicy,
    Program,
)
from participants.models import Participant
from regions.clock import local_day
from regions.models import Continuum, County, Membership

KIND = Program.Kind
Ask = tuple[str, bool, Any]  # fact, whether it is required, what is asked of it
INCOMES = [1_850, 2_110, 2_375, 2_640, 2_850, 3_060, 3_270, 3_485]


@dataclass(frozen=True)
class ProgramText:
    """A program in words. `of`: the number of its agency among those that may have one."""

    name: str
    kind: Program.Kind
    of: int
    funding: str = ""
    asks: tuple[Ask, ...] = ()
    source: str = ""


@dataclass(frozen=True)
class OpeningText:
    """`free`, `fill`: days from today."""

    program: str
    bedrooms: int | None
    free: int
    fill: int
    unit: str = ""
    units: int = 1
    filled: int = 0
    access: Opening.Access = Opening.Access.NOT_KNOWN
    rent: int | None = None
    held: int | None = None


PROGRAMS = (
    ProgramText("Rapid Rehousing", KIND.RAPID, 0, "CoC", (("income", True, INCOMES),)),
    ProgramText(
        "Maple Commons",
        KIND.SUPPORTIVE,
        1,
        "CoC and housing vouchers",
        (
            ("chronic", True, True),
            ("disability", True, True),
            ("days", False, {"least": 180, "most": None}),
        ),
    ),
    ProgramText(
        "Front Street Shelter", KIND.SHELTER, 2, "ESG", (("type", True, ["one_adult", "adults"]),)
    ),
    ProgramText(
        "Youth Bridge", KIND.JOINT, 3, "YHDP", (("age", True, ["18_24"]), ("pets", True, True))
    ),
    ProgramText(
        "Family Transitional", KIND.TRANSITIONAL, 0, "State", (("type", True, ["family"]),)
    ),
    ProgramText("Veteran Vouchers", KIND.VOUCHER, 1, "HUD-VASH", (("veteran", True, True),)),
    ProgramText(
        "Landlord: River Terrace",
        KIND.OUTSIDE,
        2,
        "Private landlord",
        (("background", True, ["registry", "evicted"]), ("size", True, {"least": None, "most": 4})),
        "Landlord’s own rule",
    ),
)
OPENINGS = (
    OpeningText(
        "Rapid Rehousing",
        2,
        -5,
        16,
        "Ground floor, near a bus stop",
        access=Opening.Access.STEP_FREE,
        rent=1_050,
    ),
    OpeningText("Rapid Rehousing", 1, 9, 30, units=3, rent=890),
    OpeningText("Maple Commons", 0, -2, 12, "Second floor", access=Opening.Access.NONE, rent=640),
    OpeningText("Maple Commons", 1, -40, -6, access=Opening.Access.WHEELCHAIR, rent=700),
    OpeningText("Front Street Shelter", None, 0, 3, units=4, filled=1),
    OpeningText("Youth Bridge", 1, -3, 20, held=2),
    OpeningText("Family Transitional", 3, -1, 10, rent=0),
    OpeningText("Rapid Rehousing", 4, -3, 21, rent=1_420),
    OpeningText("Veteran Vouchers", None, -15, 45, units=2, filled=2),
    OpeningText("Landlord: River Terrace", 2, 4, 25, rent=1_180),
)
CONFIDENTIAL = ProgramText("Safe Housing", KIND.TRANSITIONAL, 0, "State")


def open_programs(continuum: Continuum, *, random: Random, now: datetime) -> None:
    """Programs of three agencies and of the victim service provider; answers of some households."""
    on = local_day(now, continuum.zone)
    agencies = Agency.objects.in_good_standing(on).filter(continuum=continuum)
    others = list(agencies.filter(is_victim_service_provider=False)[:4])
    counties = list(County.objects.filter(region__continuum=continuum).order_by("name"))
    programs = {
        text.name: make_program(text, others[text.of % len(others)], counties, random, now)
        for text in PROGRAMS
    }
    for opening in OPENINGS:
        make_opening(opening, programs[opening.program], now)
    provider = agencies.filter(is_victim_service_provider=True).first()
    if provider:
        program = make_program(CONFIDENTIAL, provider, counties, random, now)
        make_opening(OpeningText(program.name, 2, -1, 18), program, now)
    answer(continuum, random, now)
    write_policy(continuum, now)


POLICY = (
    "Housing goes first to households that need it most.\n\nChronic homelessness comes first. "
    "Then whoever has been on the list longest goes first."
)


def write_policy(continuum: Continuum, now: datetime) -> None:
    """Two approved versions: of last year, and of this one."""
    on = local_day(now, continuum.zone)
    specialist = Membership.objects.specialists_of(continuum).select_related("user")[0].user
    orders: tuple[tuple[list[str], int], ...] = (
        (["days"], 400),
        (["won_appeal", "is_chronic", "days", "score"], 120),
    )
    for version, (criteria, days) in enumerate(orders, 1):
        PrioritizationPolicy.objects.create(
            continuum=continuum,
            version=version,
            words=POLICY,
            criteria=criteria,
            tie_breaks=["assessed"],
            seed=f"{continuum.code.lower()}{version:04}",
            approved_by="CoC Board",
            approved_on=on - timedelta(days=days + 14),
            valid_from=on - timedelta(days=days),
            recorded_by=specialist,
            changed_at=now - timedelta(days=days),
        )


def make_program(
    text: ProgramText, agency: Agency, counties: list[County], random: Random, now: datetime
) -> Program:
    program = Program.objects.create(
        continuum_id=agency.continuum_id,
        agency=agency,
        name=text.name,
        kind=text.kind,
        funding=text.funding,
        changed_at=now,
    )
    program.counties.set(random.sample(counties, min(len(counties), 3)))
    EligibilityRule.objects.bulk_create(
        EligibilityRule(
            program=program,
            fact=fact,
            weight="required" if is_required else "preferred",
            asks=asks,
            source=text.source if fact == "background" else "",
        )
        for fact, is_required, asks in text.asks
    )
    program.refresh_from_db()  # a victim service provider's is confidential by the database
    return program


def make_opening(text: OpeningText, program: Program, now: datetime) -> None:
    on = local_day(now, program.continuum.zone)
    person = StaffMember.objects.current().filter(agency=program.agency).select_related("user")[0]
    county = program.counties.first()
    assert county is not None  # each program was given some
    Opening.objects.create(
        program=program,
        county=county,
        unit=text.unit,
        units=text.units,
        filled=text.filled,
        settled_on=on - timedelta(days=4) if text.filled == text.units else None,
        bedrooms=text.bedrooms,
        access=text.access,
        rent=text.rent,
        contact=person.user.name,
        free_from=on + timedelta(days=text.free),
        fill_by=on + timedelta(days=text.fill),
        held_until=None if text.held is None else on + timedelta(days=text.held),
        entered_by=person.user,
        entered_at=now - timedelta(days=max(1, -text.free)),
        changed_at=now - timedelta(days=1),
    )


def answer(continuum: Continuum, random: Random, now: datetime) -> None:
    """Every third household answered what programs ask."""
    people = Participant.objects.on_the_list().filter(continuum=continuum, is_confidential=False)
    HousingAnswers.objects.bulk_create(
        HousingAnswers(
            continuum=continuum,
            participant=person,
            given={
                "income": random.randrange(0, 2_600, 50),
                "access": random.choice(["none", "none", "none", "step_free", "wheelchair"]),
                "pets": random.choice(["none", "none", "pets", "assistance"]),
                "registry": False,
                "evicted": random.random() < 0.1,
            },
            changed_at=now - timedelta(days=random.randrange(1, 90)),
        )
        for person in people.order_by("alias")[::3]
    )
