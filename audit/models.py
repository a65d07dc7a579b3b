"""The audit: who looked at, printed, exported or was sent what, and why.

Append-only: the database refuses to change or delete entries (migration `0002_append_only`).
Chained: each entry's hash covers its content and the former entry's hash; the chain's head is
signed with a key that the database does not hold. See docs/audit.md for what that detects.
"""

import hashlib
import json
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Self

from django.apps import apps
from django.contrib.auth.models import AnonymousUser, PermissionsMixin
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import dateformat, timezone
from django.utils.functional import cached_property

from audit import actions
from vault import keys
from vault.fields import EncryptedJSONField
from vault.sealed import held

FIRST_HASH = bytes(32)
# How the key of a row looks in an entry.
KEY = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
# How a moment looks in the details of one.
MOMENT = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:\+00:00|Z)")
# What acts are asked about that are seldom so: a no says nothing.
ASKED = {"searched"}
# Words of the names of details that are not written small.
SHORT_FORMS = {"hmis": "HMIS", "id": "ID", "ids": "IDs"}
# A detail longer than this is folded away.
LONGEST = 120

JSON = str | int | None | Sequence["JSON"] | Mapping[str, "JSON"]  # a detail, or a part of one
Viewer = PermissionsMixin | AnonymousUser


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _label(name: str) -> str:
    """`hmis_ids` as people write it: “HMIS IDs”."""
    words = " ".join(SHORT_FORMS.get(word, word) for word in name.split("_"))
    return words[:1].upper() + words[1:]


def _count(value: object, is_folded: bool) -> str:
    if isinstance(value, list | dict) and (is_folded or len(value) > 3):
        return f" ({len(value)})"
    return ""


def _moment(found: re.Match[str]) -> str:
    at = timezone.localtime(datetime.fromisoformat(found[0]))
    return dateformat.format(at, "M j, Y, g:i A T")


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_said(inner) for inner in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_said(inner)}" for name, inner in value.items())
    return "–" if value is None else MOMENT.sub(_moment, str(value))


def reason_digest(salt: str, text: str) -> bytes:
    """Return the commitment to a reason: it shows a change and tells nothing of the text."""
    return hashlib.sha256(f"{salt}\0{text}".encode()).digest()


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def visible_to(self, user: Viewer) -> Self:
        """The entries of the user's own continuum; whether they may see them is a permission."""
        membership = getattr(user, "membership", None)
        if membership is None or membership.continuum_id is None:
            return self.none()
        return self.filter(continuum_id=membership.continuum_id)

    def matching(
        self,
        *,
        person: str = "",
        action: str = "",
        since: date | None = None,
        until: date | None = None,
        reference: uuid.UUID | None = None,
    ) -> Self:
        """The entries by a person (a part of the name) of an action, from day to day, about a row.

        Days are those of the zone now spoken.
        """
        entries = self
        if person:
            entries = entries.filter(actor_label__icontains=person)
        if action:
            entries = entries.filter(action=action)
        if since:
            entries = entries.filter(at__gte=_midnight(since))
        if until:
            entries = entries.filter(at__lt=_midnight(until + timedelta(days=1)))
        if reference:
            entries = entries.filter(object_id=str(reference))
        return entries

    def up_to(self, sequence: int) -> Self:
        """The entries that there were when this one was the newest."""
        return self.filter(sequence__lte=sequence)

    def never_numbered(self) -> Self:
        """Entries that no chain can hold: it begins at 1. The database refuses them now."""
        return self.filter(sequence__lt=1)

    def before(self, sequence: str | None) -> Self:
        """The entries older than a sequence number, as an address may carry it (or not)."""
        if sequence and sequence.isdecimal() and len(sequence) < 19:
            return self.filter(sequence__lt=int(sequence))
        return self


class AuditEntry(models.Model):
    """One act. Written by `audit.services` alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sequence = models.BigIntegerField(unique=True)
    at = models.DateTimeField()
    actor_id = models.UUIDField(null=True, help_text="Empty for the system itself.")
    actor_label = models.CharField(max_length=200, help_text="The person's name at that time.")
    continuum_id = models.UUIDField(null=True)
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=100, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    reason = EncryptedJSONField(null=True, help_text="The text of why, with the digest's salt.")
    reason_digest = models.BinaryField(null=True)
    detail = models.JSONField(default=dict, help_text="Plain: never a participant's data.")
    former_hash = models.BinaryField()
    hash = models.BinaryField()

    objects = AuditEntryQuerySet.as_manager()

    # As `audit.readers` says them to one person.
    why_shown: str
    actor_shown: str
    about_shown: str
    detail_shown: list[tuple[str, str, bool]]

    class Meta:
        verbose_name_plural = "audit entries"
        ordering = ["-sequence"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reason__isnull=True) | models.Q(reason_digest__isnull=False),
                name="audit_reason_has_its_digest",
            ),
            models.CheckConstraint(
                condition=models.Q(sequence__gte=1), name="audit_entry_number_from_one"
            ),
        ]
        indexes = [
            models.Index(fields=["continuum_id", "-sequence"], name="audit_by_continuum"),
            models.Index(fields=["continuum_id", "action", "-sequence"], name="audit_by_action"),
            models.Index(fields=["continuum_id", "object_id", "-sequence"], name="audit_by_object"),
            GinIndex(fields=["detail"], opclasses=["jsonb_path_ops"], name="audit_by_detail"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.action}"

    @property
    def why(self) -> str:
        """The reason given, or nothing."""
        return "" if self.reason is None else self.reason["text"]

    @property
    def lacks_reason(self) -> bool:
        """Whether a reason was given that is not there any more. Opens nothing."""
        return self.reason_digest is not None and held(self, "reason") is None

    @cached_property
    def is_reason_removed(self) -> bool:
        """Whether a reason was given, and taken out when a record was de-identified.

        An entry of the chain says so; a reason that is gone without one was taken by somebody.
        """
        if not self.lacks_reason:
            return False
        told = AuditEntry.objects.filter(
            action=actions.REASONS_REMOVED, detail__contains={"entries": [self.sequence]}
        )
        return told.exists()

    @property
    def action_words(self) -> str:
        return actions.words(self.action)

    @property
    def deed(self) -> str:
        """What was done, to follow the person's name: “ looked at a roster”, “: a sign-in failed”.

        Most actions are words that begin with what somebody did.
        """
        words = self.action_words
        words = words[:1].lower() + words[1:]
        return f": {words}" if words.startswith("a ") else f" {words}"

    @property
    def identifiers(self) -> set[str]:
        """What could be the key of a row, of what the entry is about and in its details."""
        return {*KEY.findall(self.object_id), *KEY.findall(json.dumps(self.detail))}

    def detail_words(
        self, names: Mapping[str, str], pages: Mapping[str, str]
    ) -> list[tuple[str, str, bool]]:
        """The details that say something: label, value, and whether it is folded away.

        `names`: words for keys of rows; `pages`: words for pages. Of more than a few, and of rows
        without words, the label says how many there are.
        """
        lines = []
        for name, value in self.detail.items():
            if value in ("", None, [], {}) or (name in ASKED and value is False):
                continue
            said = _said(pages.get(value, value) if name == "page" else value)
            said = KEY.sub(lambda key: names.get(key[0], key[0]), said)
            is_folded = len(said) > LONGEST or KEY.search(said) is not None
            label = _label(name) + _count(value, is_folded)
            lines.append((label, said, is_folded))
        return lines

    @property
    def is_about_a_row(self) -> bool:
        return KEY.fullmatch(self.object_id) is not None

    @property
    def object_words(self) -> str:
        """What the act was about, in words: `participant`."""
        try:
            return str(apps.get_model(self.object_type)._meta.verbose_name)
        except (LookupError, ValueError):
            return self.object_type

    def content_hash(self) -> bytes:
        """Return the hash that an entry with this content has.

        The reason enters by its digest: the digest does not change when keys are rotated.
        """
        content = [
            self.sequence,
            str(self.id),
            self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            str(self.actor_id),
            self.actor_label,
            str(self.continuum_id),
            self.action,
            self.object_type,
            self.object_id,
            None if self.reason_digest is None else bytes(self.reason_digest).hex(),
            self.detail,
        ]
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(bytes(self.former_hash) + text.encode()).digest()

    @property
    def is_intact(self) -> bool:
        """Whether the entry still has the content that it was written with.

        Opens the reason, and so raises `vault.keys.VaultError` where that cannot be opened.
        """
        if self.content_hash() != bytes(self.hash):
            return False
        if self.reason is None:
            return self.reason_digest is None or self.is_reason_removed
        if self.reason_digest is None:
            return False
        return reason_digest(self.reason["salt"], self.why) == bytes(self.reason_digest)

    @cached_property
    def flaw(self) -> str:
        """What is wrong with the entry by itself, in words, or nothing."""
        try:
            return "" if self.is_intact else "the entry was changed"
        except keys.UnknownKey as error:
            return f"the entry's reason cannot be checked: {error}"
        except (keys.VaultError, KeyError, TypeError):
            return "the entry's reason was changed"


def know_removed(entries: Iterable[AuditEntry]) -> None:
    """Find out in one query of which entries the reason was removed (`is_reason_removed`)."""
    gone = {entry.sequence: entry for entry in entries if entry.lacks_reason}
    told = models.Q()
    for number in gone:
        told |= models.Q(detail__contains={"entries": [number]})
    removed: set[int] = set()
    if gone:
        details = AuditEntry.objects.filter(told, action=actions.REASONS_REMOVED)
        removed = {
            n for detail in details.values_list("detail", flat=True) for n in detail["entries"]
        }
    for number, entry in gone.items():
        entry.is_reason_removed = number in removed


class ChainHead(models.Model):
    """The one row that says how long the chain is and how it ends, signed."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    count = models.BigIntegerField(default=0)
    hash = models.BinaryField(default=FIRST_HASH)
    signature = models.BinaryField(default=b"")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="audit_one_chain_head")
        ]

    def __str__(self) -> str:
        return f"{self.count} {bytes(self.hash).hex()}"

    @property
    def message(self) -> bytes:
        return b"audit head %d %s" % (self.count, bytes(self.hash))

    @property
    def is_signed(self) -> bool:
        """Whether count and hash are as this system wrote them."""
        return keys.is_signed(self.message, bytes(self.signature))

    @property
    def missing_key(self) -> str:
        """The id of the key that signed, if it is not on the ring: a matter of settings."""
        try:
            keys.key_of(bytes(self.signature))
        except keys.UnknownKey:
            return keys.key_id_of(bytes(self.signature))
        except keys.VaultError:
            pass
        return ""

    @property
    def flaw_of_signature(self) -> str:
        """What is wrong with the signature, in words, or nothing."""
        if self.is_signed:
            return ""
        if self.missing_key:
            return f"the head cannot be checked: FIELD_KEYS has no key “{self.missing_key}”"
        return "the signature of the chain's head does not hold"

    def move_to(self, count: int, last_hash: bytes) -> None:
        """Put the head after the last entry.

        A head whose signature did not hold is never signed again: what was done to it stays
        visible.
        """
        may_sign = self.is_signed or (self.count == 0 and not self.signature)
        self.count, self.hash = count, last_hash
        self.signature = keys.sign(self.message) if may_sign else b""
