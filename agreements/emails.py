"""The mails of this room: something to sign, to countersign, to renew; what was decided.

None of them says anything about participants; each leads to the page where it is done.
"""

import uuid
from collections.abc import Iterable
from datetime import date, datetime
from typing import cast

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import User
from outbox.models import Message
from outbox.services import queue_mail
from regions.clock import local_day
from regions.models import Continuum, Membership
from regions.words import day_words

from .leaving import Told
from .models import Agency, AgencyAgreement, AgreementForm, PersonalStatement, StaffMember
from .standing import AGREEMENT

KIND = "agreements-notice"
AS_LEAD = "You get this mail because you lead {agency}."
AS_ADMINISTRATOR = "You get this mail because you are an administrator of {continuum}."
AS_PERSON = "You get this mail because you take part in case conferencing of {continuum}."


def leads_of(agency: Agency) -> list[User]:
    """The users who sign for the agency."""
    places = StaffMember.objects.current().filter(agency=agency, is_lead=True)
    return [place.user for place in places.select_related("user")]


def administrators_of(continuum: Continuum) -> list[User]:
    memberships = Membership.objects.administrators_of(continuum).select_related("user")
    return [membership.user for membership in memberships]


def tell(
    user: User,
    *,
    continuum: Continuum,
    subject: str,
    lines: list[str],
    label: str,
    url: str,
    reason: str,
    key: str,
    about_id: uuid.UUID,
    now: datetime,
    actor: User | None = None,
) -> Message:
    """Put one notice to one person into the outbox, once per `key`.

    `url` is a path of this site, `label` the words of the button that leads there.
    """
    words = {
        "continuum": continuum,
        "subject": subject,
        "name": user.name,
        "lines": lines,
        "label": label,
        "url": f"{settings.SITE_URL}{url}",
        "reason": reason,
    }
    return queue_mail(
        kind=KIND,
        address=user.email,
        user=user,
        subject=subject,
        text=render_to_string("emails/agreements_notice.txt", words),
        html=render_to_string("emails/agreements_notice.html", words),
        dedupe_key=f"{key}:{user.pk}",
        continuum_id=continuum.pk,
        about_id=about_id,
        actor=actor,
        now=now,
    )


def tell_leads(
    agency: Agency,
    *,
    subject: str,
    lines: list[str],
    label: str,
    url: str,
    key: str,
    about_id: uuid.UUID,
    now: datetime,
    actor: User | None = None,
) -> None:
    for user in leads_of(agency):
        tell(
            user,
            continuum=agency.continuum,
            subject=subject,
            lines=lines,
            label=label,
            url=url,
            reason=AS_LEAD.format(agency=agency.name),
            key=key,
            about_id=about_id,
            now=now,
            actor=actor,
        )


def tell_administrators(
    continuum: Continuum,
    *,
    subject: str,
    lines: list[str],
    label: str,
    url: str,
    key: str,
    about_id: uuid.UUID,
    now: datetime,
    actor: User | None = None,
) -> None:
    for user in administrators_of(continuum):
        tell(
            user,
            continuum=continuum,
            subject=subject,
            lines=lines,
            label=label,
            url=url,
            reason=AS_ADMINISTRATOR.format(continuum=continuum.name),
            key=key,
            about_id=about_id,
            now=now,
            actor=actor,
        )


def tell_waiting(agreement: AgencyAgreement, *, actor: User | None, now: datetime) -> None:
    """To the administrators: an agreement waits for their countersignature."""
    agency = agreement.agency
    tell_administrators(
        agency.continuum,
        subject=f"{agency.name}: agreement to countersign",
        lines=[
            f"{agreement.signer_name} signed the {AGREEMENT} for {agency.name}.",
            "It counts once you countersign it.",
        ],
        label="See and countersign it",
        url=agreement.get_absolute_url(),
        key=f"agreement-waiting:{agreement.pk}",
        about_id=agreement.pk,
        now=now,
        actor=actor,
    )


def tell_countersigned(agreement: AgencyAgreement, *, actor: User | None, now: datetime) -> None:
    """To the leads: the agreement counts, and from when to when."""
    agency = agreement.agency
    until = f" until {day_words(agreement.expires_on)}" if agreement.expires_on else ""
    tell_leads(
        agency,
        subject=f"{agency.name}: agreement countersigned",
        lines=[
            f"{agency.continuum.name} countersigned the {AGREEMENT} of {agency.name}.",
            f"It is in effect from {day_words(cast(date, agreement.effective_on))}{until}.",
        ],
        label="See it",
        url=agreement.get_absolute_url(),
        key=f"agreement-countersigned:{agreement.pk}",
        about_id=agreement.pk,
        now=now,
        actor=actor,
    )


def tell_revoked(agreement: AgencyAgreement, *, actor: User | None, now: datetime) -> None:
    """To the leads: it does not count any more, or was not accepted; the page says why."""
    agency = agreement.agency
    done = "revoked" if agreement.countersigned_at else "did not accept"
    tell_leads(
        agency,
        subject=f"{agency.name}: about your agreement",
        lines=[
            f"{agency.continuum.name} {done} the {AGREEMENT} that {agency.name} signed on "
            f"{day_words(local_day(agreement.signed_at, agency.continuum.zone))}.",
            "The page says why, and where your agency stands now.",
        ],
        label="See why",
        url=agreement.get_absolute_url(),
        key=f"agreement-revoked:{agreement.pk}",
        about_id=agreement.pk,
        now=now,
        actor=actor,
    )


def tell_new_version(
    form: AgreementForm,
    people: Iterable[User],
    agencies: Iterable[Agency],
    *,
    actor: User | None,
    now: datetime,
) -> None:
    """A new version was published: to each person, or to the leads of each agency."""
    by = (
        f"Please sign it by {day_words(form.sign_again_by)}."
        if form.sign_again_by
        else "Please sign."
    )
    lines = [f"There is a new version of “{form.title}” (version {form.version}).", by]
    key = f"new-version:{form.pk}"
    for agency in agencies:
        tell_leads(
            agency,
            subject=f"{agency.name}: a new agreement to sign",
            lines=lines,
            label="Read and sign it",
            url=reverse("agreements:agreement_sign", args=[agency.pk]),
            key=key,
            about_id=form.pk,
            now=now,
            actor=actor,
        )
    for user in people:
        tell(
            user,
            continuum=form.continuum,
            subject="A new confidentiality statement to sign",
            lines=lines,
            label="Read and sign it",
            url=reverse("agreements:statement_sign"),
            reason=AS_PERSON.format(continuum=form.continuum.name),
            key=key,
            about_id=form.pk,
            now=now,
            actor=actor,
        )


def tell_place(place: StaffMember, *, actor: User | None, now: datetime) -> None:
    """To somebody who has an account already: they have a place in an agency."""
    continuum = place.agency.continuum
    tell(
        place.user,
        continuum=continuum,
        subject=f"You were added to {place.agency.name}",
        lines=[
            f"You take part in case conferencing for {place.agency.name}, "
            f"as {place.get_function_display().lower()}.",
            "Sign in as before.",
        ],
        label="See your role",
        url=reverse("agreements:my_place"),
        reason=AS_PERSON.format(continuum=continuum.name),
        key=f"place:{place.pk}",
        about_id=place.pk,
        now=now,
        actor=actor,
    )


def tell_handed_on(place: StaffMember, told: Told, *, actor: User | None, now: datetime) -> None:
    """Who leaves an agency, who takes over what they had open, and the leads for the rest.

    `told`: see `leaving.settle`. Numbers alone, nothing about households; not to who did it.
    """
    if not told:
        return
    whose = f"{place.user.name} is no longer with {place.agency.name}."
    lines = {place.user: [f"You are no longer with {place.agency.name}."]}
    for receiver, words in told.items():
        listed = ", ".join(words)
        if receiver is None:
            lines[place.user].append(f"Left with the agency: {listed}.")
            for lead in leads_of(place.agency):
                lines.setdefault(lead, [whose]).append(
                    f"Left with the agency, nobody named yet: {listed}."
                )
        else:
            lines[place.user].append(f"{receiver.user.name} takes over: {listed}.")
            lines.setdefault(receiver.user, [whose]).append(f"You take over: {listed}.")
    if actor is not None:
        lines.pop(actor, None)
    continuum = place.agency.continuum
    for user, words in lines.items():
        tell(
            user,
            continuum=continuum,
            subject="Work was handed on",
            lines=words,
            label="Go to your first page",
            url="/",
            reason=AS_PERSON.format(continuum=continuum.name),
            key=f"handed-on:{place.pk}",
            about_id=place.pk,
            now=now,
            actor=actor,
        )


def tell_agency_left(agency: Agency, told: Told, *, actor: User | None, now: datetime) -> None:
    """Who takes over what an agency had open whose access ended, and its leads what was left.

    `told`: see `leaving.settle_agency`. Numbers alone, nothing about households.
    """
    whose = f"{agency.name} no longer takes part in case conferencing."
    lines: dict[User, list[str]] = {}
    for receiver, words in told.items():
        listed = ", ".join(words)
        if receiver is not None:
            lines.setdefault(receiver.user, [whose]).append(f"You take over: {listed}.")
        for lead in leads_of(agency):
            who = f"{receiver.user.name} takes over" if receiver else "Handed to nobody"
            lines.setdefault(lead, [whose]).append(f"{who}: {listed}.")
    if actor is not None:
        lines.pop(actor, None)
    for user, words in lines.items():
        tell(
            user,
            continuum=agency.continuum,
            subject="Work was handed on",
            lines=words,
            label="Go to your first page",
            url="/",
            reason=AS_PERSON.format(continuum=agency.continuum.name),
            key=f"agency-left:{agency.pk}:{now.isoformat()}",
            about_id=agency.pk,
            now=now,
            actor=actor,
        )


def tell_role(membership: Membership, *, actor: User | None, now: datetime) -> None:
    """To somebody who has an account already: they have a role in the CoC."""
    roles = [
        words
        for words, holds in (
            ("CE Specialist", membership.is_specialist),
            ("administrator", membership.is_administrator),
        )
        if holds
    ]
    tell(
        membership.user,
        continuum=membership.continuum,
        subject=f"You have a role in {membership.continuum.name}",
        lines=[f"You are now {' and '.join(roles)} of {membership.continuum.name}."],
        label="Go to your first page",
        url="/",
        reason=AS_PERSON.format(continuum=membership.continuum.name),
        key=f"role:{membership.pk}:{now.isoformat()}",
        about_id=membership.pk,
        now=now,
        actor=actor,
    )


def tell_statement_revoked(
    statement: PersonalStatement, *, actor: User | None, now: datetime
) -> None:
    """To the person: their confidentiality statement does not count any more."""
    continuum = statement.form.continuum
    tell(
        statement.user,
        continuum=continuum,
        subject="Your confidentiality statement was revoked",
        lines=[
            f"{continuum.name} revoked the confidentiality statement that you signed.",
            "The page says why. You can take part again once you have signed it anew.",
        ],
        label="See why",
        url=reverse("agreements:statement_detail"),
        reason=AS_PERSON.format(continuum=continuum.name),
        key=f"statement-revoked:{statement.pk}",
        about_id=statement.pk,
        now=now,
        actor=actor,
    )
