"""Second factors: who has one, and whether somebody proved who they are just now."""

import time
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import QuerySet

from .access import SignedInRequest
from .models import User

PASSWORD = "password"
FACTOR = "factor"


def has_second_factor(user: User) -> bool:
    """Whether the person has an authenticator app or a passkey; recovery codes alone are none."""
    return _factors_of(user).exists()


def may_remove(authenticator: Authenticator) -> bool:  # Any: allauth's
    """Whether this factor may go: the last one may not where everybody needs one."""
    if not settings.SECOND_FACTOR_REQUIRED:
        return True
    return _factors_of(authenticator.user).exclude(pk=authenticator.pk).exists()


def lacking_proof(request: SignedInRequest, now: float | None = None) -> set[str]:
    """What the signed-in person has not shown within the last five minutes.

    A set of PASSWORD and FACTOR; empty means that they may act. Full re-authentication (OWASP
    ASVS 5, 7.5.1) is all that signing in takes: the password and, for whoever has one, the second
    factor. A passkey is both, for it asks for a PIN or a fingerprint (user verification is
    required of every one). A sign-in counts as well as a re-authentication.
    """
    now = now or time.time()
    wanted = {PASSWORD}
    if has_second_factor(request.user):
        wanted.add(FACTOR)
    for record in get_authentication_records(request, request.user):
        if now - record["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
            wanted -= _proof_of(record)
    return wanted


def _proof_of(record: dict[str, Any]) -> set[str]:  # Any: as allauth keeps it
    if record["method"] == "password":
        return {PASSWORD}
    if record["method"] == "mfa":
        is_passkey = record.get("type") == Authenticator.Type.WEBAUTHN
        return {PASSWORD, FACTOR} if is_passkey else {FACTOR}
    return set()


def _factors_of(user: User) -> QuerySet[Any]:  # Any: allauth's
    own: QuerySet[Any] = Authenticator.objects.filter(user=user)  # Any: allauth's
    return own.exclude(type=Authenticator.Type.RECOVERY_CODES)
