"""What is done to accounts: invite, let in, restart, end sessions; each with its audit entry."""

import secrets
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from audit import actions
from audit.models import JSON
from audit.services import record
from outbox.models import Message
from outbox.services import queue_mail

from . import sessions, undo
from .emails import INVITATION, PASSWORD_RESET
from .models import DraftKey, HeldForm, Invitation, Session, User
from .sessions import Ending

VALID_FOR = timedelta(days=7)
TOKEN_BYTES = 32
# What a browser kept of a lapsed session is worth nothing after so long.
DRAFTS_KEPT = timedelta(days=2)

INVITED = actions.register("account.invited", "Invited a person")
INVITATION_REVOKED = actions.register("account.invitation_revoked", "Withdrew an invitation")
INVITATION_ACCEPTED = actions.register("account.invitation_accepted", "Accepted an invitation")
ACCESS_RESTARTED = actions.register("account.access_restarted", "Restarted a person's access")
RENAMED = actions.register("account.renamed", "Changed the name on an account")
SESSION_ENDED = actions.register("session.ended", "A session was ended")


def record_act(
    action: str,
    *,
    actor: User | None,
    user: User | None = None,
    now: datetime | None = None,
    why: str = "",
    **detail: JSON,
) -> None:
    """Record what was done to an account in the audit of the person's continuum, if they have one.

    Roles come in later rooms, so the person's membership is asked for by its name alone.
    """
    user = user or actor
    membership = getattr(user, "membership", None)
    record(
        action,
        actor=actor,
        about=user,
        continuum_id=membership and membership.continuum_id,
        why=why,
        detail=detail,
        now=now,
    )


@transaction.atomic
def invite(
    user: User,
    *,
    actor: User | None,
    on_behalf_of: str = "",
    continuum_id: uuid.UUID | None = None,
    is_staff: bool = True,
    now: datetime | None = None,
) -> Invitation:
    """Let `user`, whose account was made without a password, in: a mail with a link to set one.

    `on_behalf_of`: who invites, in words ("Bridge Housing, River Valleys"); `actor` may be None
    for a command. Earlier invitations that are pending are withdrawn. The address of one who is
    not staff may be a participant's: the audit does not name it. Returns the `Invitation`, good
    for seven days. Raises ValidationError for somebody who can sign in already, or whose
    account is closed.
    """
    now = now or timezone.now()
    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.is_active:
        raise ValidationError(f"The account of {user} is closed. Open it again first.")
    if user.has_usable_password():
        raise ValidationError(
            f"{user} has accepted an invitation already. If they cannot sign in, they can reset "
            "their password, or an administrator can restart their access."
        )
    user.invitations.filter(accepted_at=None, revoked_at=None).update(revoked_at=now, token=None)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    invitation = Invitation(
        user=user,
        token=token,
        token_hash=Invitation.hash_of(token),
        invited_by=actor,
        on_behalf_of=on_behalf_of,
        continuum_id=continuum_id,
        created_at=now,
        expires_at=now + VALID_FOR,
    )
    invitation.full_clean()
    invitation.save()
    queue_mail(
        kind=INVITATION,
        address=user.email,
        user=user,
        subject="You are invited to Case Conferencing",
        dedupe_key=f"{INVITATION}:{invitation.pk}",
        not_after=invitation.expires_at,
        continuum_id=continuum_id,
        about_id=invitation.pk,
        actor=actor,
        now=now,
    )
    record_act(INVITED, actor=actor, user=user, now=now, email=user.email if is_staff else "")
    return invitation


def resend_invitation(
    invitation: Invitation, *, actor: User | None, now: datetime | None = None
) -> Invitation:
    """Withdraw this invitation and send a new one, with a link of its own; return the new one."""
    return invite(
        invitation.user,
        actor=actor,
        on_behalf_of=invitation.on_behalf_of,
        continuum_id=invitation.continuum_id,
        now=now,
    )


@transaction.atomic
def revoke_invitation(
    invitation: Invitation, *, actor: User | None, now: datetime | None = None
) -> Invitation:
    """Withdraw an invitation; its link no longer works. Raises ValidationError once accepted."""
    now = now or timezone.now()
    invitation = _lock(invitation)
    if invitation.accepted_at:
        raise ValidationError(f"{invitation.user} has accepted this invitation already.")
    if invitation.revoked_at:
        return invitation
    invitation.revoked_at, invitation.token = now, None
    invitation.save()
    record_act(INVITATION_REVOKED, actor=actor, user=invitation.user, now=now)
    return invitation


@transaction.atomic
def accept_invitation(
    invitation: Invitation, *, password: str, now: datetime | None = None
) -> User:
    """Set the invited person's first password; return the person. The link works no more.

    Raises ValidationError when the invitation was used, withdrawn or has expired, or when the
    password is not good enough.
    """
    now = now or timezone.now()
    invitation = _lock(invitation)
    user = User.objects.select_for_update().get(pk=invitation.user_id)
    if not invitation.is_open(now) or not user.is_active:
        raise ValidationError("This invitation can no longer be accepted. Ask for a new one.")
    validate_password(password, user)
    user.set_password(password)
    user.save()
    invitation.accepted_at, invitation.token = now, None
    invitation.save()
    record_act(INVITATION_ACCEPTED, actor=user, now=now)
    return user


@transaction.atomic
def restart_access(
    user: User, *, actor: User | None, reason: str, now: datetime | None = None
) -> Invitation:
    """Help somebody who lost their second factor: begin anew, as on the first day.

    The password and every second factor go, sessions end, and a new invitation is mailed.
    Returns it. Whoever asks for this must have made sure, by telephone or face to face, that it
    is the person themself who asks. Raises ValidationError without a reason.
    """
    if not reason.strip():
        raise ValidationError({"reason": "Say why, and how you made sure who asked."})
    if actor is not None and actor.pk == user.pk:
        raise ValidationError("Another administrator restarts your access, not you yourself.")
    user = User.objects.select_for_update().get(pk=user.pk)
    record_act(ACCESS_RESTARTED, actor=actor, user=user, now=now, why=reason)
    user.set_unusable_password()
    user.save()
    Authenticator.objects.filter(user=user).delete()
    end_other_sessions(user, keep=None, actor=actor, ending=Ending.RESTARTED)
    last = user.invitations.first()
    return invite(
        user,
        actor=actor,
        on_behalf_of=last.on_behalf_of if last else "",
        continuum_id=last.continuum_id if last else None,
        now=now,
    )


@transaction.atomic
def rename_user(user: User, *, actor: User | None, name: str) -> User:
    """Change the name that others see."""
    user = User.objects.select_for_update().get(pk=user.pk)
    user.name = name
    user.full_clean()
    user.save()
    record_act(RENAMED, actor=actor, user=user)
    return user


@transaction.atomic
def send_password_reset(user: User, *, now: datetime | None = None) -> Message:
    """Mail a link with which the person sets a new password, good for a few hours and once."""
    now = now or timezone.now()
    return queue_mail(
        kind=PASSWORD_RESET,
        address=user.email,
        user=user,
        subject="Reset your password",
        dedupe_key=f"{PASSWORD_RESET}:{user.pk}:{now.isoformat()}",
        not_after=now + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT),
        about_id=user.pk,
        now=now,
    )


@transaction.atomic
def end_other_sessions(user: User, *, keep: str | None, actor: User | None, ending: Ending) -> None:
    """End the person's sessions except the one whose key is `keep` (None: all of them).

    The person's row stays locked until the caller's transaction ends, so that of two sign-ins at
    once each sees the other.
    """
    User.objects.select_for_update().get(pk=user.pk)
    end_sessions(
        UserSession.objects.filter(user=user).exclude(session_key=keep or ""),
        actor=actor,
        ending=ending,
    )


@transaction.atomic
def end_sessions(
    user_sessions: Iterable[Any],  # allauth's
    *,
    actor: User | None,
    ending: Ending,
) -> None:
    """End these sessions (allauth's `UserSession` rows) and keep why, for the browser to ask."""
    for session in user_sessions:
        was_there = session.exists()
        session.end()
        if was_there:
            sessions.remember_ending(session.session_key, ending)
            record_act(SESSION_ENDED, actor=actor, user=session.user, ending=str(ending))


def clear_sessions(now: datetime) -> None:
    """Forget sessions that are over, and what waited too long (a step of the tick)."""
    Session.objects.filter(expire_date__lt=now).delete()
    HeldForm.objects.filter(held_at__lte=now - HeldForm.KEPT).delete()
    undo.clear(now)
    DraftKey.objects.filter(asked_at__lt=now - DRAFTS_KEPT).exclude(
        user__sessions__isnull=False
    ).delete()


def draft_key_of(user: User, *, now: datetime) -> bytes:
    """The key (32 bytes) to what the person's browser keeps meanwhile; made when first asked."""
    row, is_new = DraftKey.objects.get_or_create(
        user=user, defaults={"key": secrets.token_bytes(32), "asked_at": now}
    )
    if not is_new:
        DraftKey.objects.filter(pk=row.pk).update(asked_at=now)
    return bytes(row.key)


def forget_what_waits(user: User) -> None:
    """Whoever signs out leaves nothing: no key to what a browser keeps, no form to come back to."""
    DraftKey.objects.filter(user=user).delete()
    HeldForm.objects.filter(user=user).delete()


def _lock(invitation: Invitation) -> Invitation:
    return Invitation.objects.select_for_update().select_related("user").get(pk=invitation.pk)
