"""Agencies with paper, staff with statements."""

import hashlib
from datetime import date, timedelta
from itertools import count

from django.contrib.auth.models import Group
from django.utils import timezone
from guardian.shortcuts import assign_perm

from agreements.models import (
    Agency,
    AgencyAgreement,
    AgreementForm,
    PersonalStatement,
    StaffMember,
)
from regions.tests.factories import make_user, today_in

number = count(1)


def make_form(continuum, kind=AgreementForm.Kind.AGENCY, *, version=1, **fields):
    text = fields.pop("text", f"# {kind}\n\nThe text, version {version}.")
    return AgreementForm.objects.create(
        continuum=continuum,
        kind=kind,
        version=version,
        title=fields.pop("title", AgreementForm.Kind(kind).label),
        text=text,
        text_hash=hashlib.sha256(text.encode()).hexdigest(),
        published_at=fields.pop("published_at", timezone.now() - timedelta(days=400)),
        **fields,
    )


def form_of(continuum, kind):
    form = AgreementForm.objects.published().filter(continuum=continuum, kind=kind).first()
    return form or make_form(continuum, kind)


def make_agency(continuum, *, name=None, regions=(), vsp=False, **fields):
    """An agency without paper that takes part in `regions`."""
    n = next(number)
    agency = Agency.objects.create(
        continuum=continuum,
        name=name or f"Agency {n:03}",
        is_victim_service_provider=vsp,
        group=Group.objects.create(name=f"agency {n} {timezone.now().timestamp()}"),
        **fields,
    )
    for region in regions:
        assign_perm("regions.take_part_in_region", agency.group, region)
    return agency


def make_agreement(agency, *, effective_on=None, expires_on=None, countersigned=True, **fields):
    """A countersigned agreement in effect, unless told otherwise."""
    today = today_in(agency.continuum.zone)
    effective_on = effective_on or today - timedelta(days=100)
    form = fields.pop("form", None) or form_of(agency.continuum, AgreementForm.Kind.AGENCY)
    return AgencyAgreement.objects.create(
        agency=agency,
        form=form,
        way=AgencyAgreement.Way.ONLINE,
        text_hash=form.text_hash,
        signer_name=fields.pop("signer_name", f"Signer of {agency.name}"),
        signer_title="Director",
        signed_at=fields.pop("signed_at", timezone.now() - timedelta(days=101)),
        countersigned_at=fields.pop(
            "countersigned_at", timezone.now() - timedelta(days=100) if countersigned else None
        ),
        effective_on=effective_on if countersigned else None,
        expires_on=(expires_on or effective_on + timedelta(days=365)) if countersigned else None,
        **fields,
    )


def make_statement(user, *, effective_on=None, expires_on=None, **fields):
    continuum = user.membership.continuum
    today = today_in(continuum.zone)
    form = fields.pop("form", None) or form_of(continuum, AgreementForm.Kind.PERSONAL)
    return PersonalStatement.objects.create(
        user=user,
        form=form,
        text_hash=form.text_hash,
        signed_name=user.name,
        signed_at=fields.pop("signed_at", timezone.now() - timedelta(days=100)),
        effective_on=effective_on or today - timedelta(days=100),
        expires_on=expires_on or today + timedelta(days=265),
        **fields,
    )


def make_staff(agency, *, name=None, email=None, lead=False, statement=True, regions=(), **fields):
    """A person of the agency; in standing if the agency is."""
    user = make_user(agency.continuum, name=name, email=email)
    place = StaffMember.objects.create(
        user=user,
        agency=agency,
        function=fields.pop("function", StaffMember.Function.HOUSING_PROVIDER),
        is_lead=lead,
        joined_on=fields.pop("joined_on", date(2024, 1, 2)),
        **fields,
    )
    place.regions.set(regions)
    if statement:
        make_statement(user)
    return place


def make_agency_in_standing(continuum, **fields):
    agency = make_agency(continuum, **fields)
    make_agreement(agency)
    return agency


def revoke(agreements, *, at, reason="Left the CoC"):
    """Revoke agreements as they stand, past the service."""
    for agreement in agreements:
        agreement.revoked_at, agreement.revocation_reason = at, reason
        agreement.save()
