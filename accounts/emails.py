"""The mails of this room: invitation, password reset, notices of changes to an account.

The first two carry a link that lets in whoever holds it, so they are written when they are sent
and never lie in the outbox.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import cast

from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from outbox.kinds import Prepared, Withheld
from outbox.models import Message
from outbox.services import queue_mail

from .models import Invitation, User
from .tokens import ResetTokenGenerator

INVITATION = "accounts-invitation"
PASSWORD_RESET = "accounts-password-reset"
NOTICE = "accounts-notice"
# allauth's name of a notice: subject, what happened.
NOTICES = {
    "account/email/password_changed": ("Your password was changed", "Your password was changed."),
    "account/email/password_set": ("Your password was set", "A password was set."),
    "account/email/password_reset": ("Your password was reset", "Your password was reset."),
    "mfa/email/recovery_codes_generated": (
        "New recovery codes were made",
        "New recovery codes were made. Earlier ones no longer work.",
    ),
    "mfa/email/totp_activated": (
        "An authenticator app was added",
        "An authenticator app was added as your second factor.",
    ),
    "mfa/email/totp_deactivated": (
        "Your authenticator app was removed",
        "Your authenticator app was removed as a second factor.",
    ),
    "mfa/email/webauthn_added": ("A passkey was added", "A passkey was added to your account."),
    "mfa/email/webauthn_removed": (
        "A passkey was removed",
        "A passkey was removed from your account.",
    ),
}


def prepare_invitation(message: Message, now: datetime) -> Prepared:
    """Write the invitation's mail, with its link; withheld once it cannot be accepted."""
    invitation = (
        Invitation.objects.open(now)
        .select_related("user", "invited_by")
        .filter(pk=_about(message))
        .first()
    )
    if invitation is None:
        raise Withheld("The invitation was accepted, withdrawn or has expired.")
    link = _link("accounts:invitation_open", invitation.token)
    return _write("invitation", message.subject, invitation=invitation, link=link)


def prepare_password_reset(message: Message, now: datetime) -> Prepared:
    """Write the mail with the reset link; withheld if the account was closed meanwhile."""
    user = User.objects.filter(pk=_about(message), is_active=True).first()
    if user is None or not user.has_usable_password():
        raise Withheld("The account was closed.")
    key = ResetTokenGenerator(at=message.created_at).make_token(user)
    link = _link("account_reset_password_from_key", user_pk_to_url_str(user), key)
    hours = settings.PASSWORD_RESET_TIMEOUT // 3600
    return _write("password_reset", message.subject, user=user, link=link, hours=hours)


def recheck_password_reset(message: Message, now: datetime) -> str:
    """Say what the reset mail says now; withheld once its link was made useless by a sign-in."""
    signed_in_at = User.objects.filter(pk=_about(message)).values_list("last_login", flat=True)
    if any(at is not None and at > message.created_at for at in signed_in_at):
        raise Withheld("The person has signed in since; the link no longer works.")
    return prepare_password_reset(message, now).rests_on


def queue_notice(template_prefix: str, address: str, context: Mapping[str, object]) -> Message:
    """Tell a person of a change to their account; `context`: timestamp, ip, user_agent."""
    subject, what = NOTICES[template_prefix]
    written = _write("notice", subject, what=what, **context)
    return queue_mail(
        kind=NOTICE,
        address=address,
        user=User.objects.filter(email=address.lower()).first(),
        subject=written.subject,
        text=written.text,
        html=written.html,
        dedupe_key=f"{NOTICE}:{uuid.uuid4()}",
    )


def _about(message: Message) -> uuid.UUID:
    return cast(uuid.UUID, message.about_id)  # every mail of this room is about a row


def _write(template: str, subject: str, **context: object) -> Prepared:
    context["subject"] = subject
    text = render_to_string(f"emails/accounts/{template}.txt", context)
    html = render_to_string(f"emails/accounts/{template}.html", context)
    return Prepared(subject=subject, text=text.strip() + "\n", html=html)


def _link(name: str, *args: str) -> str:
    return settings.SITE_URL.rstrip("/") + reverse(name, args=args)
