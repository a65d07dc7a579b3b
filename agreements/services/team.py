"""The CoC's own people: CE Specialists and administrators."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import invite
from audit import actions
from audit.services import record
from regions.models import Continuum, Membership

from ..emails import tell_role
from .people import account_for, close_if_unused, is_own, let_in

INVITED = actions.register("team.invited", "Gave a person a role in the CoC")
REINVITED = actions.register("team.reinvited", "Invited a person with a role in the CoC again")
CHANGED = actions.register("team.changed", "Changed a person’s role in the CoC")
LAST_ADMINISTRATOR = (
    "At least one administrator must remain. Make somebody else administrator first."
)
OWN_ROLE = (
    "Nobody changes their own role. Ask another administrator to do it; if you are the only one, "
    "make somebody else administrator first."
)
NO_ROLE = "Choose at least one role. To take both away, end the person’s role instead."


def _record(
    action: str, membership: Membership, *, actor: User | None, now: datetime | None
) -> None:
    record(
        action,
        actor=actor,
        about=membership.user,
        continuum_id=membership.continuum_id,
        detail={
            "person": membership.user.name,
            "is_specialist": membership.is_specialist,
            "is_administrator": membership.is_administrator,
        },
        now=now,
    )


@transaction.atomic
def invite_to_team(
    continuum: Continuum,
    *,
    actor: User | None,
    email: str,
    name: str,
    is_specialist: bool,
    is_administrator: bool,
    now: datetime | None = None,
) -> Membership:
    """Make somebody CE Specialist, administrator or both, and let them in by mail.

    `actor` is None for the first administrator, whom a command invites. Somebody who has an
    account in this continuum gets the role beside what they have. Raises ValidationError.
    """
    now = now or timezone.now()
    continuum = Continuum.objects.select_for_update().get(pk=continuum.pk)
    if not (is_specialist or is_administrator):
        raise ValidationError(NO_ROLE)
    if is_own(actor, email):
        raise ValidationError({"email": OWN_ROLE})
    user = account_for(continuum, email=email, name=name)
    membership = Membership.objects.select_for_update().get(user=user)
    if membership.is_specialist or membership.is_administrator:
        raise ValidationError({"email": f"{user.name} has a role in the CoC already."})
    membership.user = user
    membership.is_specialist, membership.is_administrator = is_specialist, is_administrator
    membership.full_clean()
    membership.save()
    let_in(
        user,
        continuum,
        actor=actor,
        on_behalf_of=continuum.name,
        or_else=lambda: tell_role(membership, actor=actor, now=now),
        now=now,
    )
    _record(INVITED, membership, actor=actor, now=now)
    return membership


@transaction.atomic
def reinvite_to_team(membership: Membership, *, actor: User, now: datetime | None = None) -> None:
    """Mail a new invitation; the earlier link no longer works. ValidationError once accepted."""
    invite(
        membership.user,
        actor=actor,
        on_behalf_of=membership.continuum.name,
        continuum_id=membership.continuum_id,
        now=now,
    )
    _record(REINVITED, membership, actor=actor, now=now)


@transaction.atomic
def change_roles(
    membership: Membership,
    *,
    actor: User,
    seen: tuple[bool, bool],
    is_specialist: bool,
    is_administrator: bool,
    now: datetime | None = None,
) -> Membership:
    """Change the roles; neither of them ends the person's part in the CoC's work at once.

    `seen`: the pair (specialist, administrator) that the form showed. Raises ValidationError
    when it changed meanwhile, when no administrator would remain, and for one's own role.
    """
    now = now or timezone.now()
    if membership.user_id == actor.pk:
        raise ValidationError(OWN_ROLE)
    # The continuum's row is the lock: of two last administrators only one can go.
    Continuum.objects.select_for_update().get(pk=membership.continuum_id)
    membership = (
        Membership.objects.select_for_update(of=("self",))
        .select_related("user", "continuum")
        .get(pk=membership.pk)
    )
    if (membership.is_specialist, membership.is_administrator) != tuple(seen):
        raise ValidationError(
            "Somebody changed these roles in the meantime, and nothing of yours was saved. Open "
            "the page again to see them.",
            code="stale",
        )
    others = Membership.objects.administrators_of(membership.continuum).exclude(pk=membership.pk)
    if membership.is_administrator and not is_administrator and not others.exists():
        raise ValidationError(LAST_ADMINISTRATOR)
    membership.is_specialist, membership.is_administrator = is_specialist, is_administrator
    membership.full_clean()
    membership.save()
    if not (is_specialist or is_administrator):
        close_if_unused(membership.user, actor=actor, now=now)
    _record(CHANGED, membership, actor=actor, now=now)
    return membership
