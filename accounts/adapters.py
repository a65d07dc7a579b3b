"""Where allauth asks how this system signs people in."""

from collections.abc import Iterable, Mapping
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ReauthenticationRequired
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.usersessions.adapter import DefaultUserSessionsAdapter

from . import emails, known_browsers, seeds, services
from .access import Request
from .factors import PASSWORD, lacking_proof, may_remove
from .models import User
from .sessions import Ending

SITE_NAME = "Case Conferencing"
APP = "allauth.account"  # whose limits these are


class AccountAdapter(DefaultAccountAdapter):
    """Accounts by invitation, mail through the outbox, full re-authentication."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "This account is closed. Ask your administrator.",
        "email_password_mismatch": (
            "The email address or the password is not right. Check both and try again."
        ),
        "enter_current_password": "This is not your current password. Type it again.",
        "incorrect_code": (
            "This code is not right. Type the code that your app shows now, or a recovery code "
            "that you have not used; each works once."
        ),
        "incorrect_password": "This is not your password. Type it again.",
        "too_many_login_attempts": (
            "There were too many attempts that failed. Wait five minutes, then try again. A "
            "passkey still works."
        ),
        "address_guessed_at": (
            "Somebody is trying out passwords for this address, so for an hour it takes one only "
            "in a browser in which you signed in before. Use a passkey, or reset your password "
            "by mail: then this browser counts as yours."
        ),
        "rate_limited": "There were too many attempts. Wait a few minutes, then try again.",
    }

    def _get_login_attempts_cache_key(self, request: Request, **credentials: str) -> str:
        # Per address *and* source, so that whoever guesses keeps nobody else out.
        login = credentials.get("email", "").lower()
        return f"{login}:{known_browsers.source_of(request, login)}"

    def _delete_login_attempts_cached_email(self, request: Request, **credentials: str) -> None:
        super()._delete_login_attempts_cached_email(request, **credentials)
        ratelimit.clear(
            request, app=APP, action="login_address", key=credentials.get("email", "").lower()
        )

    def pre_authenticate(self, request: Request, **credentials: str) -> None:
        super().pre_authenticate(request, **credentials)
        login = credentials.get("email", "").lower()
        self._address_usage: Any = None  # Any: allauth's
        if known_browsers.number_of(request, login):
            return
        self._address_usage = ratelimit.consume(request, app=APP, action="login_address", key=login)
        if not self._address_usage:
            raise self.validation_error("address_guessed_at")

    def _rollback_login_failed_rl_usage(self) -> None:
        super()._rollback_login_failed_rl_usage()
        if getattr(self, "_address_usage", None):
            self._address_usage.rollback()

    def is_open_for_signup(self, request: Request) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: object) -> bool:
        # allauth's own check is content with one factor, hence the exception instead of True.
        if lacking_proof(context.request):
            raise ReauthenticationRequired
        return False

    def get_reauthentication_methods(self, user: User) -> list[dict[str, str]]:
        """Offer what is still lacking; everything when nothing is. The first is the default."""
        methods = super().get_reauthentication_methods(user)
        by_kind = {method["id"]: method for method in methods}
        password = by_kind.get("reauthenticate")
        code = by_kind.get("mfa_reauthenticate")
        passkey = by_kind.get("mfa_reauthenticate:webauthn")
        if password:
            password["description"] = "Use your password"
        if code:
            code["description"] = "Use a code from your app, or a recovery code"
        if passkey:
            passkey["description"] = "Use a passkey"
        lacking = lacking_proof(context.request)
        if not lacking:
            offered = [password, code, passkey]
        elif PASSWORD in lacking:
            offered = [passkey, password]
        else:
            offered = [code, passkey]
        return [method for method in offered if method]

    def send_password_reset_mail(self, user: User, email: str, context: object) -> None:
        if user.has_usable_password():
            services.send_password_reset(user)

    def send_mail(self, template_prefix: str, email: str, context: Mapping[str, object]) -> None:
        """Put allauth's notices ("your password was changed") into the outbox."""
        emails.queue_notice(template_prefix, email, context)


class MFAAdapter(DefaultMFAAdapter):
    """Sealed seeds, plain names, and no way to be left without a factor that is required."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": (
            "This is your only second factor, and everybody needs one here. Add another one "
            "first, then remove this one."
        ),
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
    }

    def encrypt(self, text: str) -> str:
        return seeds.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return seeds.unseal(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return may_remove(authenticator)

    def generate_authenticator_name(self, user: User, type: str) -> str:
        count = Authenticator.objects.filter(user=user, type=type).count()
        return f"Passkey {count + 1}" if count else "Passkey"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": SITE_NAME}


class UserSessionsAdapter(DefaultUserSessionsAdapter):
    """Sessions that a person ends from the page that lists them."""

    def end_sessions(self, sessions: Iterable[Any]) -> None:  # Any: allauth's
        services.end_sessions(sessions, actor=context.request.user, ending=Ending.ENDED)
