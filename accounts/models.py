"""The user: a person who signs in with an email address, and the invitation that lets them in."""

import hashlib
import json
import re
import uuid
from datetime import datetime, timedelta
from typing import Any, Self, TypedDict, cast

import pghistory
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Lower

from vault.fields import EncryptedBinaryField, EncryptedJSONField, EncryptedTextField

# Values that forms carry beside what was typed: keys, numbers, dates, marks and choices.
NOT_WORDS = re.compile(r"[0-9a-f-]{16,}|[\d.:/T-]*|[a-z_]+:?[a-z_]*")


class UserManager(BaseUserManager["User"]):
    """Makes users; addresses are kept in lower case so that they are found as typed."""

    use_in_migrations = True

    def create_user(
        self,
        email: str,
        *,
        name: str,
        password: str | None = None,
        **fields: Any,  # columns of the row
    ) -> "User":
        """Return a new user. Without a password the account cannot sign in until invited."""
        user = self.model(email=email.strip().lower(), name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email=(email or "").strip().lower())


@pghistory.track(exclude=["password", "last_login"])
class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in. What they may do follows from roles kept in later rooms."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField("email address", unique=True)
    name = models.CharField(max_length=150)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")),
                name="accounts_user_email_lower_case",
                violation_error_message="Write the email address in lower case.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self, now: datetime) -> Self:
        """Invitations that can still be accepted at `now`."""
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=now)


@pghistory.track(exclude=["token_hash", "token"])
class Invitation(models.Model):
    """Lets a person whose account was made for them set a password, once, within seven days.

    Asked for by its token (256 random bits), it is found by the hash. The token itself is kept
    encrypted, for the mail that is written when it is sent, until the invitation is settled.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    token = EncryptedTextField(null=True, editable=False)
    invited_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    on_behalf_of = models.CharField(max_length=200, blank=True)
    continuum_id = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(accepted_at=None, revoked_at=None),
                name="accounts_one_pending_invitation_per_user",
                violation_error_message="This person already has an invitation that is open.",
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at=None) | models.Q(revoked_at=None),
                name="accounts_invitation_accepted_or_revoked",
                violation_error_message="An invitation is either accepted or withdrawn.",
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")),
                name="accounts_invitation_expires_later",
                violation_error_message="An invitation must expire after it was made.",
            ),
        ]

    def __str__(self) -> str:
        return f"Invitation of {self.user}"

    @staticmethod
    def hash_of(token: str) -> str:
        """SHA-256 in hexadecimal; enough for a random token, which nobody can guess."""
        return hashlib.sha256(token.encode()).hexdigest()

    def is_open(self, now: datetime) -> bool:
        return not self.accepted_at and not self.revoked_at and now < self.expires_at


class Session(AbstractBaseSession):
    """A browser's session, with the person in a column of its own.

    So that both come in one query: the pages that follow a live call ask every other second.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="sessions"
    )

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        from .session_store import SessionStore

        return SessionStore


class DraftKey(models.Model):
    """The key to what a person's browser keeps, as ciphertext, until the server has it.

    Given only to a signed-in session of that person. It outlives a session that lapsed in
    mid-sentence, and is destroyed when the person signs out: what is left behind opens for nobody.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="draft_key")
    key = EncryptedBinaryField()
    asked_at = models.DateTimeField(help_text="When a page of theirs last asked for it.")

    def __str__(self) -> str:
        return f"Draft key of {self.user}"


class HeldBody(TypedDict):
    """What a form sent, as it is kept; see `HeldForm`."""

    fields: list[tuple[str, list[str]]]
    query: str
    page: str


class HeldEntry(TypedDict):
    """A text that a form sent, for reading."""

    label: str
    text: str
    rows: int


class HeldFormQuerySet(models.QuerySet["HeldForm"]):
    def waiting(self, now: datetime) -> Self:
        """Forms that are still given back at `now`."""
        return self.filter(held_at__gt=now - HeldForm.KEPT)


class HeldForm(models.Model):
    """What somebody typed into a form that was not taken, until they have signed in again.

    Sealed, for its owner alone, one of each address, and gone after twelve hours. `body` is JSON:
    `fields` (name and values of each), `query` of the address, `page` on which the form stood.
    """

    KEPT = timedelta(hours=12)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="held_forms")
    path = models.CharField(max_length=500)
    body = EncryptedTextField()
    held_at = models.DateTimeField()

    objects = HeldFormQuerySet.as_manager()

    class Meta:
        ordering = ["-held_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "path"],
                name="accounts_one_held_form_per_address",
                violation_error_message="What was typed into this form is kept already.",
            )
        ]

    def __str__(self) -> str:
        return f"Held form of {self.user}"

    @property
    def _said(self) -> HeldBody:
        return cast(HeldBody, json.loads(self.body))

    @property
    def fields(self) -> list[tuple[str, list[str]]]:
        """The pairs (name, values) that the form sent."""
        return self._said["fields"]

    @property
    def query(self) -> str:
        return self._said["query"]

    @property
    def page(self) -> str:
        return self._said["page"]

    @property
    def words(self) -> list[str]:
        """The texts that somebody wrote, as opposed to keys, numbers and choices."""
        return [
            text
            for _name, values in self.fields
            for text in values
            if text.strip() and not NOT_WORDS.fullmatch(text.strip())
        ]

    @property
    def entries(self) -> list[HeldEntry]:
        """What the form sent, for reading: label, text and its number of lines."""
        return [
            {
                "label": name.replace("-", " ").replace("_", " ").capitalize(),
                "text": text,
                "rows": min(12, 1 + text.count("\n") + len(text) // 80),
            }
            for name, values in self.fields
            for text in values
            if text.strip()
        ]


class UndoOffer(models.Model):
    """What a person can take back during a sign-in, and how: see `accounts.undo`.

    What it holds of households goes with the sign-in, within half a day.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    sign_in = models.CharField(max_length=32)
    kind = models.CharField(max_length=40)
    place = models.CharField("page", max_length=300)
    memory = EncryptedJSONField()
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "sign_in", "place"], name="accounts_undo_page")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.user}"
