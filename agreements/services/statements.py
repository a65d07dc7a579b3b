"""The confidentiality statement that each person signs for themselves."""

import uuid
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit import actions
from audit.models import JSON
from audit.readers import note_typed
from audit.services import record
from regions.clock import local_day
from regions.models import Membership
from regions.words import day_words

from ..documents import hash_of, statement_pdf
from ..emails import tell_statement_revoked
from ..models import AgreementForm, PersonalStatement, StaffMember
from .agreements import SIGNED_ALREADY, last_day, right_text

SIGNED = actions.register("statement.signed", "Signed the confidentiality statement")
REVOKED = actions.register("statement.revoked", "Revoked a confidentiality statement")
DOWNLOADED = actions.register("statement.downloaded", "Downloaded a confidentiality statement")


def _record(
    action: str,
    statement: PersonalStatement,
    *,
    actor: User,
    now: datetime | None = None,
    why: str = "",
    **detail: JSON,
) -> None:
    record(
        action,
        actor=actor,
        about=statement,
        why=why,
        detail={"version": statement.form.version, "text_hash": statement.text_hash, **detail},
        now=now,
    )


def newest_statement(user: User) -> PersonalStatement | None:
    """The statement that the person signed last, or None."""
    return user.statements.select_related("form").without_documents().order_by("-signed_at").first()


@transaction.atomic
def sign_statement(
    user: User,
    *,
    form_id: uuid.UUID | str,
    text_hash: str,
    seen: uuid.UUID | str,
    name: str,
    signed_from: str | None = None,
    now: datetime | None = None,
) -> PersonalStatement:
    """Sign the continuum's statement for oneself; it counts at once.

    `form_id`, `text_hash`, `seen`: as in `sign_agreement`. Raises ValidationError when the text
    changed meanwhile, or when it is signed already.
    """
    now = now or timezone.now()
    user = User.objects.select_for_update().get(pk=user.pk)
    membership = Membership.objects.select_related("continuum").get(user=user)
    continuum = membership.continuum
    form = AgreementForm.objects.in_use(continuum, AgreementForm.Kind.PERSONAL)
    form = right_text(form, form_id=form_id, text_hash=text_hash)
    newest = newest_statement(user)
    if newest and str(newest.pk) != str(seen):
        on = day_words(local_day(newest.signed_at, continuum.zone))
        raise ValidationError(
            f"You signed this already: version {newest.form.version}, on {on}.",
            code=SIGNED_ALREADY,
        )
    today = local_day(now, continuum.zone)
    statement = PersonalStatement(
        id=uuid.uuid4(),
        user=user,
        form=form,
        text_hash=form.text_hash,
        signed_name=name.strip(),
        signed_at=now,
        signed_from=signed_from,
        effective_on=today,
        expires_on=last_day(today, form.months_valid),
    )
    statement.document = statement_pdf(statement, title=function_of(membership))
    statement.document_hash = hash_of(statement.document)
    statement.full_clean()
    statement.save()
    _record(SIGNED, statement, actor=user, now=now)
    return statement


@transaction.atomic
def revoke_statement(
    statement: PersonalStatement, *, actor: User, reason: str, now: datetime | None = None
) -> PersonalStatement:
    """Take a person's statement back at once; they may sign again. Needs a reason."""
    now = now or timezone.now()
    if not reason.strip():
        raise ValidationError({"reason": "Say why: the person reads it."})
    statement = (
        PersonalStatement.objects.select_for_update(of=("self",))
        .select_related("form__continuum", "user")
        .get(pk=statement.pk)
    )
    if statement.revoked_at:
        raise ValidationError("This was done already; nothing was changed.")
    statement.revoked_at, statement.revoked_by = now, actor
    statement.revocation_reason = reason.strip()
    statement.full_clean()
    note_typed(statement, "revocation_reason", actor=actor)
    statement.save()
    tell_statement_revoked(statement, actor=actor, now=now)
    _record(REVOKED, statement, actor=actor, now=now, why=reason, person=str(statement.user_id))
    return statement


@transaction.atomic
def read_statement(
    statement: PersonalStatement, *, actor: User, now: datetime | None = None
) -> bytes:
    """Return the PDF, and record who took it. Raises ValidationError if none is kept."""
    if not statement.document:
        raise ValidationError("No PDF of this statement is kept here.")
    _record(DOWNLOADED, statement, actor=actor, now=now, person=str(statement.user_id))
    return bytes(statement.document)


def function_of(membership: Membership) -> str:
    """What the person does, in the words of a document."""
    place = (
        StaffMember.objects.current()
        .filter(user=membership.user)
        .select_related("agency")
        .order_by("pk")
        .first()
    )
    if place:
        return f"{place.get_function_display()}, {place.agency.name}"
    return "CE Specialist" if membership.is_specialist else "Administrator"
