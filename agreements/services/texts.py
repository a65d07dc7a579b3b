"""Agreement texts: draft a version, publish it, ask for signing again."""

from datetime import date, datetime
from typing import TypedDict

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit import actions
from audit.services import record
from regions.clock import local_day
from regions.models import Continuum, Membership

from ..emails import tell_new_version
from ..models import Agency, AgreementForm, StaffMember
from .agencies import refuse_stale

DRAFTED = actions.register("agreement_text.drafted", "Drafted an agreement text")
CHANGED = actions.register("agreement_text.changed", "Changed a draft of an agreement text")
DISCARDED = actions.register("agreement_text.discarded", "Discarded a draft of an agreement text")
PUBLISHED = actions.register("agreement_text.published", "Published an agreement text")
DISCARD = "agreement-draft"
POSTPONED = actions.register("agreement_text.postponed", "Changed the date to sign again by")


class Discarded(TypedDict):
    """A draft that was discarded, as plain data."""

    continuum: str
    kind: str
    title: str
    text: str
    months_valid: int


def _record(action: str, form: AgreementForm, *, actor: User, now: datetime | None) -> None:
    record(
        action,
        actor=actor,
        about=form,
        detail={
            "kind": form.kind,
            "version": form.version,
            "sign_again_by": form.sign_again_by.isoformat() if form.sign_again_by else None,
        },
        now=now,
    )


def clean_text(text: str) -> str:
    """Line ends as one character, no blanks at line ends: the text that is hashed and signed."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return "\n".join(lines).strip()


@transaction.atomic
def draft_form(
    continuum: Continuum,
    *,
    actor: User,
    kind: str,
    title: str,
    text: str,
    months_valid: int,
    now: datetime | None = None,
) -> AgreementForm:
    """Start the next version of a text, as a draft. Raises ValidationError while one is open."""
    Continuum.objects.select_for_update().get(pk=continuum.pk)
    versions = AgreementForm.objects.filter(continuum=continuum, kind=kind)
    if versions.drafts().exists():
        raise ValidationError("There is a draft of this text already. Go on with that one.")
    newest = versions.order_by("-version").first()
    form = AgreementForm(
        continuum=continuum, kind=kind, version=newest.version + 1 if newest else 1
    )
    return _write(form, DRAFTED, actor=actor, now=now, title=title, text=text, months=months_valid)


@transaction.atomic
def change_draft(
    form: AgreementForm,
    *,
    actor: User,
    revision: int,
    title: str,
    text: str,
    months_valid: int,
    now: datetime | None = None,
) -> AgreementForm:
    """Change a draft. Raises ValidationError once published, or when changed meanwhile."""
    form = _lock_draft(form, revision)
    form.revision += 1
    return _write(form, CHANGED, actor=actor, now=now, title=title, text=text, months=months_valid)


def _write(
    form: AgreementForm,
    action: str,
    *,
    actor: User,
    now: datetime | None,
    title: str,
    text: str,
    months: int,
) -> AgreementForm:
    form.title, form.text, form.months_valid = title.strip(), clean_text(text), months
    form.text_hash = AgreementForm.hash_of(form.text)
    form.full_clean()
    form.save()
    _record(action, form, actor=actor, now=now)
    return form


@transaction.atomic
def discard_draft(form: AgreementForm, *, actor: User, now: datetime | None = None) -> None:
    """Throw a draft away. Raises ValidationError once it is published."""
    form = _lock_draft(form)
    _record(DISCARDED, form, actor=actor, now=now)
    form.delete()


@transaction.atomic
def publish_form(
    form: AgreementForm,
    *,
    actor: User,
    revision: int,
    sign_again_by: date | None,
    now: datetime | None = None,
) -> AgreementForm:
    """Make a draft the version that is signed from now on, and tell whoever has to sign it.

    `sign_again_by`: until this date signatures on earlier versions still count; None: until
    they expire by themselves. It must lie in the future when there is an earlier version.
    """
    now = now or timezone.now()
    form = _lock_draft(form, revision)
    today = local_day(now, form.continuum.zone)
    earlier = AgreementForm.objects.published().filter(continuum=form.continuum, kind=form.kind)
    if not earlier.exists():
        sign_again_by = None
    elif sign_again_by and sign_again_by <= today:
        raise ValidationError({"sign_again_by": "Choose a date after today."})
    form.sign_again_by = sign_again_by
    form.published_at, form.published_by = now, actor
    form.full_clean()
    form.save()
    tell_new_version(form, people_to_sign(form), agencies_to_sign(form), actor=actor, now=now)
    _record(PUBLISHED, form, actor=actor, now=now)
    return form


@transaction.atomic
def postpone_signing(
    form: AgreementForm, *, actor: User, sign_again_by: date | None, now: datetime | None = None
) -> AgreementForm:
    """Change the date until which signatures on earlier versions still count (None: no date)."""
    now = now or timezone.now()
    form = AgreementForm.objects.select_for_update().get(pk=form.pk)
    newest = AgreementForm.objects.in_use(form.continuum, form.kind)
    if newest != form or form.version == 1:
        raise ValidationError("Only the version in use, with one before it, has such a date.")
    if sign_again_by and sign_again_by <= local_day(now, form.continuum.zone):
        raise ValidationError({"sign_again_by": "Choose a date after today."})
    form.sign_again_by = sign_again_by
    form.full_clean()
    form.save()
    _record(POSTPONED, form, actor=actor, now=now)
    return form


def agencies_to_sign(form: AgreementForm) -> list[Agency]:
    """The active agencies that sign this text."""
    if form.kind != AgreementForm.Kind.AGENCY or not form.continuum.requires_agency_agreement:
        return []
    return list(
        Agency.objects.filter(continuum=form.continuum, is_active=True).select_related("continuum")
    )


def people_to_sign(form: AgreementForm) -> list[User]:
    """The people who sign this text for themselves: with a place in an agency, or specialists."""
    if form.kind != AgreementForm.Kind.PERSONAL:
        return []
    places = StaffMember.objects.current().filter(agency__continuum=form.continuum)
    specialists = Membership.objects.specialists_of(form.continuum)
    people = {place.user for place in places.select_related("user")}
    people |= {membership.user for membership in specialists.select_related("user")}
    return sorted(people, key=lambda user: str(user.pk))


def _lock_draft(form: AgreementForm, revision: int | None = None) -> AgreementForm:
    found = (
        AgreementForm.objects.select_for_update(of=("self",))
        .select_related("continuum")
        .filter(pk=form.pk)
        .first()
    )
    if found is None:
        raise ValidationError("This draft was discarded in the meantime.")
    if found.is_published:
        raise ValidationError("This version is published already; it is not changed any more.")
    if revision is not None:
        refuse_stale(found, revision)
    return found


def kept_of(form: AgreementForm) -> Discarded:
    """What it takes to have a draft again that was discarded, as plain data."""
    return {
        "continuum": str(form.continuum_id),
        "kind": form.kind,
        "title": form.title,
        "text": form.text,
        "months_valid": form.months_valid,
    }


def undo_discard(data: Discarded, *, actor: User, now: datetime) -> None:
    """Have a discarded draft again; ValidationError where another was begun meanwhile."""
    continuum = Continuum.objects.visible_to(actor).filter(pk=data["continuum"]).first()
    if continuum is None or not actor.has_perm("agreements.manage_texts"):
        raise PermissionDenied
    draft_form(
        continuum,
        actor=actor,
        now=now,
        kind=data["kind"],
        title=data["title"],
        text=data["text"],
        months_valid=data["months_valid"],
    )
