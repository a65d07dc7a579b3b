"""Invented agencies, their paper, their staff."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from guardian.shortcuts import assign_perm

from accounts.models import User
from agreements.models import (
    Agency,
    AgencyAgreement,
    AgreementForm,
    PersonalStatement,
    StaffMember,
)
from regions.models import Continuum, Membership, Region

from .accounts import ACCOUNTS, PASSWORD
from .names import staff_name
from .procedures import Procedure

Function = StaffMember.Function


@dataclass(frozen=True)
class AgencyText:
    """`paper`: current, lapsed, never, or expiring (within 30 days)."""

    name: str
    regions: tuple[int, ...]
    function: str = Function.HOUSING_PROVIDER
    is_vsp: bool = False
    paper: str = "current"
    lead: str = ""
    people: tuple[str, ...] = ()


RIVER_AGENCIES = (
    AgencyText("Anchor Family Services", (1, 2, 3), Function.ASSESSOR),
    AgencyText("Bluff Country Housing Partnership", (1,)),
    AgencyText(
        "Cannon River Housing Alliance",
        (2,),
        lead="lead@river.example",
        people=("provider@river.example",),
    ),
    AgencyText("Driftless Outreach", (1, 2), Function.OUTREACH, people=("outreach@river.example",)),
    AgencyText("Elm Street Youth Center", (2, 3), Function.NAVIGATOR),
    AgencyText("Freeborn Community Action", (2,), Function.ASSESSOR),
    AgencyText("Gateway Shelter of Mankato", (3,)),
    AgencyText(
        "Harbor Light Advocates",
        (2,),
        Function.VICTIM_SERVICES,
        is_vsp=True,
        lead="vsp@river.example",
    ),
    AgencyText("Iron Bridge Veterans Services", (1, 2, 3), Function.NAVIGATOR),
    AgencyText("Juniper House", (1,), Function.VICTIM_SERVICES, is_vsp=True),
    AgencyText("Key Steps Supportive Housing", (2, 3), paper="expiring"),
    AgencyText("Lutheran Bluffs Shelter", (1, 2), paper="lapsed", lead="lapsed@river.example"),
    AgencyText("Minnesota River Legal Aid", (3,), Function.OTHER),
    AgencyText("New Path Tenancy Support", (2,), paper="never", lead="unsigned@river.example"),
    AgencyText("Open Door Outreach", (3,), Function.OUTREACH),
    AgencyText("Prairie Counties Community Action", (1, 2, 3), Function.ASSESSOR),
)
THREE_AGENCIES = (
    AgencyText("Ashfield Housing Trust", (1,), people=("provider@three.example",)),
    AgencyText("Berkshire Night Shelter", (1,)),
    AgencyText("Connecticut River Outreach", (1,), Function.OUTREACH),
    AgencyText("Deerfield Valley Youth", (1,), Function.NAVIGATOR),
    AgencyText("Eastern Hills Advocates", (1,), Function.VICTIM_SERVICES, is_vsp=True),
    AgencyText(
        "Franklin Family Resource",
        (1,),
        Function.ASSESSOR,
        people=("unsigned@three.example",),
    ),
    AgencyText("Greylock Veterans Outreach", (1,), Function.NAVIGATOR),
    AgencyText("Hampshire Bridge Housing", (1,)),
)
AGENCIES = {"MN-502": RIVER_AGENCIES, "MA-507": THREE_AGENCIES}
OTHER_REGIONS = 0.15


def noon(on: date, zone: str) -> datetime:
    return datetime.combine(on, time(12, 0), ZoneInfo(zone))


class People:
    """Makes a continuum's agencies and staff; every example account has the printed password."""

    def __init__(
        self, continuum: Continuum, procedure: Procedure, *, random: Random, today: date
    ) -> None:
        self.continuum = continuum
        self.procedure = procedure
        self.random = random
        self.today = today
        self.hashed = make_password(PASSWORD)
        self.regions = list(continuum.regions.order_by("position"))
        self.forms: dict[str, AgreementForm] = {}

    def make(self) -> None:
        self.make_forms()
        self.make_coc_staff()
        for text in AGENCIES[self.continuum.code]:
            self.make_agency(text)

    def make_forms(self) -> None:
        kinds = [
            (
                AgreementForm.Kind.PERSONAL,
                self.procedure.personal_title,
                self.procedure.personal_text,
            )
        ]
        if self.procedure.requires_agency_agreement:
            kinds.append(
                (
                    AgreementForm.Kind.AGENCY,
                    self.procedure.agency_title,
                    self.procedure.agency_text,
                )
            )
        for kind, title, text in kinds:
            self.forms[kind] = AgreementForm.objects.create(
                continuum=self.continuum,
                kind=kind,
                version=1,
                title=title,
                text=text,
                text_hash=hashlib.sha256(text.encode()).hexdigest(),
                months_valid=12,
                published_at=self.noon_before(days=800),
            )

    def noon_before(self, *, days: int) -> datetime:
        return noon(self.today - timedelta(days=days), self.continuum.zone)

    def make_coc_staff(self) -> None:
        for account in ACCOUNTS:
            if account.continuum != self.continuum.code:
                continue
            if account.role in ("CE Specialist", "Administrator"):
                user = self.make_user(
                    account.name,
                    account.address,
                    is_specialist=account.role == "CE Specialist",
                    is_administrator=account.role == "Administrator",
                )
                if account.role == "CE Specialist":
                    self.sign_statement(user, days_ago=90)

    def make_user(self, name: str, address: str, **roles: bool) -> User:
        user = User(email=address, name=name, password=self.hashed)
        user.save()
        Membership.objects.create(
            user=user, continuum=self.continuum, since=self.today - timedelta(days=700), **roles
        )
        return user

    def sign_statement(self, user: User, *, days_ago: int) -> None:
        form = self.forms[AgreementForm.Kind.PERSONAL]
        on = self.today - timedelta(days=days_ago)
        PersonalStatement.objects.create(
            user=user,
            form=form,
            text_hash=form.text_hash,
            signed_name=user.name,
            signed_at=noon(on, self.continuum.zone),
            effective_on=on,
            expires_on=on + relativedelta(months=form.months_valid),
        )

    def make_agency(self, text: AgencyText) -> None:
        agency = Agency.objects.create(
            continuum=self.continuum,
            name=text.name,
            is_victim_service_provider=text.is_vsp,
            phone=f"555-01{self.random.randrange(10, 99)}",
            group=Group.objects.create(name=f"{self.continuum.code} {text.name}"),
        )
        regions = [each for each in self.regions if each.position in text.regions]
        for region in regions:
            assign_perm("regions.take_part_in_region", agency.group, region)
        if self.procedure.requires_agency_agreement:
            self.make_agreement(agency, text.paper)
        slug = "".join(filter(str.isalpha, text.name.lower()))[:12]
        people = [(text.lead or f"lead.{slug}@agency.example", True)]
        people += [(address, False) for address in text.people]
        people += [
            (f"staff{n}.{slug}@agency.example", False)
            for n in range(1, self.random.randrange(2, 4))
        ]
        for address, is_lead in people:
            self.make_staff(agency, text, address, is_lead=is_lead, regions=regions)

    def make_agreement(self, agency: Agency, paper: str) -> None:
        if paper == "never":
            return
        days_ago = {"current": self.random.randrange(40, 250), "lapsed": 400, "expiring": 344}
        effective_on = self.today - timedelta(days=days_ago[paper])
        form = self.forms[AgreementForm.Kind.AGENCY]
        administrator = self.continuum.memberships.filter(is_administrator=True).order_by("pk")[0]
        AgencyAgreement.objects.create(
            agency=agency,
            form=form,
            way=AgencyAgreement.Way.ONLINE,
            text_hash=form.text_hash,
            signer_name=staff_name(self.random),
            signer_title="Executive Director",
            signed_at=noon(effective_on - timedelta(days=2), self.continuum.zone),
            countersigned_by=administrator.user,
            countersigned_at=noon(effective_on, self.continuum.zone),
            effective_on=effective_on,
            expires_on=effective_on + relativedelta(months=form.months_valid),
        )

    def make_staff(
        self,
        agency: Agency,
        text: AgencyText,
        address: str,
        *,
        is_lead: bool,
        regions: Iterable[Region],
    ) -> None:
        known = {each.address: each.name for each in ACCOUNTS}
        user = self.make_user(known.get(address) or staff_name(self.random), address)
        place = StaffMember.objects.create(
            user=user,
            agency=agency,
            function=text.function,
            is_lead=is_lead,
            joined_on=date(self.today.year - 2, 3, 1),
        )
        followed = list(regions)
        followed += [
            each
            for each in self.regions
            if each not in regions and self.random.random() < OTHER_REGIONS
        ]
        place.regions.set(followed)
        unsigned = address.startswith("unsigned@") or (
            address not in known and self.random.random() < 0.06
        )
        if not unsigned:
            self.sign_statement(user, days_ago=self.random.randrange(20, 300))
