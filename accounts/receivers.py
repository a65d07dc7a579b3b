"""What allauth and Django report of signing in, for the audit and the one-workstation rule.

These are signals of other people's libraries; this system sends none of its own.
"""

import time
from typing import Any

from allauth.account import signals as account_signals
from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa import signals as mfa_signals
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth import signals as auth_signals
from django.db import transaction
from django.dispatch import receiver

from audit import actions

from . import held_forms, seeds, services, sessions
from .access import Request, SignedInRequest
from .models import User
from .services import record_act
from .sessions import Ending

SIGNED_IN = actions.register("account.signed_in", "Signed in")
SIGN_IN_FAILED = actions.register("account.sign_in_failed", "A sign-in failed")
SIGNED_OUT = actions.register("account.signed_out", "Signed out")
PASSWORD_CHANGED = actions.register("account.password_changed", "Changed their password")
PASSWORD_RESET = actions.register("account.password_reset", "Reset their password by mail")
FACTOR_ADDED = actions.register("factor.added", "Added a second factor")
FACTOR_REMOVED = actions.register("factor.removed", "Removed a second factor")
FACTOR_FAILED = actions.register("factor.failed", "A second factor was wrong")
RECOVERY_CODES_MADE = actions.register("factor.recovery_codes_made", "Made new recovery codes")
RECOVERY_CODE_USED = actions.register("factor.recovery_code_used", "Used a recovery code")


@receiver(auth_signals.user_logged_in)
def start_clocks(request: Request, user: User, **kwargs: object) -> None:
    sessions.begin(request.session, time.time())
    held_forms.note_page_owner(request, user)
    held_forms.take_up(request, user)


@receiver(account_signals.user_logged_in)
def keep_one_workstation(request: Request, user: User, **kwargs: object) -> None:
    request.becomes_known_to = user
    with transaction.atomic():
        services.end_other_sessions(
            user, keep=request.session.session_key, actor=user, ending=Ending.ELSEWHERE
        )
        # Within the lock, so that a sign-in at the same time finds this session; saved, because
        # allauth drops from its list a session that does not yet say whose it is.
        request.session.save()
        UserSession.objects.create_from_request(request)
        records = get_authentication_records(request, user)
        means = sorted({record.get("type", record["method"]) for record in records})
        record_act(SIGNED_IN, actor=user, means=means, address=address_of(request))


@receiver(auth_signals.user_login_failed)
def note_failed_sign_in(
    credentials: dict[str, str], request: Request | None = None, **kwargs: object
) -> None:
    email = (credentials.get("email") or "").lower()
    user = User.objects.filter(email=email).first()
    # An address that is nobody's is not kept: people type passwords into the wrong field.
    record_act(SIGN_IN_FAILED, actor=None, user=user, address=address_of(request))


@receiver(auth_signals.user_logged_out)
def note_sign_out(request: Request, user: User | None, **kwargs: object) -> None:
    if user is not None:
        UserSession.objects.filter(session_key=request.session.session_key).delete()
        ending = getattr(request, "session_ending", None)
        if ending is None:
            services.forget_what_waits(user)
        detail: dict[str, Any] = {"ending": str(ending)} if ending else {}  # Any: for `note`
        record_act(SIGNED_OUT, actor=user, **detail)


@receiver([account_signals.password_changed, account_signals.password_set])
def note_password_change(request: Request, user: User, **kwargs: object) -> None:
    services.end_other_sessions(
        user, keep=request.session.session_key, actor=user, ending=Ending.PASSWORD
    )
    record_act(PASSWORD_CHANGED, actor=user, address=address_of(request))


@receiver(account_signals.password_reset)
def note_password_reset(request: Request, user: User, **kwargs: object) -> None:
    request.becomes_known_to = user
    services.end_other_sessions(user, keep=None, actor=user, ending=Ending.PASSWORD)
    record_act(PASSWORD_RESET, actor=user, address=address_of(request))
    # allauth lifts the limit on failed attempts only for addresses in a table not used here.
    get_adapter()._delete_login_attempts_cached_email(request, email=user.email)


@receiver(mfa_signals.authenticator_added)
def note_factor_added(
    request: SignedInRequest, user: User, authenticator: Authenticator, **kwargs: object
) -> None:
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        record_act(RECOVERY_CODES_MADE, actor=user)
        return
    record_act(FACTOR_ADDED, actor=user, type=authenticator.type)
    # Who added it has just used it: the recovery codes can be shown without asking for it again.
    record_authentication(request, user, method="mfa", type=authenticator.type)


@receiver(mfa_signals.authenticator_removed)
def note_factor_removed(user: User, authenticator: Authenticator, **kwargs: object) -> None:
    record_act(FACTOR_REMOVED, actor=user, type=authenticator.type)


@receiver(mfa_signals.authenticator_reset)
def note_recovery_codes_made(user: User, **kwargs: object) -> None:
    record_act(RECOVERY_CODES_MADE, actor=user)


@receiver(mfa_signals.authenticator_used)
def note_recovery_code_used(user: User, authenticator: Authenticator, **kwargs: object) -> None:
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        # allauth marked the code in the database, on an instance of its own.
        authenticator.refresh_from_db()
        with seeds.of(user):
            left = len(authenticator.wrap().get_unused_codes())
        record_act(RECOVERY_CODE_USED, actor=user, left=left)


@receiver(mfa_signals.authentication_failed)
def note_factor_failed(
    request: Request, user: User, authenticator: Authenticator, **kwargs: object
) -> None:
    record_act(
        FACTOR_FAILED, actor=None, user=user, type=authenticator.type, address=address_of(request)
    )


def address_of(request: Request | None) -> str:
    return get_adapter().get_client_ip(request) if request is not None else ""
