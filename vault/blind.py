"""Blind indexes: finding equal values without storing them in clear.

An index is HMAC-SHA256, under a sub-key of its own, over a purpose, a salt (the continuum, so that
two continuums do not learn of each other) and normalised values. Use one only where equality must
be found: HMIS ID, and name together with date of birth. Never on a name alone or on a flag: equal
values show as equal, and frequencies tell which they are.

A stored index begins with the id of its key, like a token. While keys are being rotated, rows
under the old and under the new key stand side by side: look up with `candidates`, and do not rely
on a unique constraint alone until `rotate_keys` says that nothing is left on old keys.
"""

import datetime
import hashlib
import hmac
import re
import unicodedata
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.core import checks
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from vault import keys

# Accents of Latin, Greek and Cyrillic letters; the vowel signs of other scripts are letters.
_ACCENTS = re.compile("[\u0300-\u036f]")
_SILENT = re.compile("['’‘ʼ`´.]")
_SPACES = re.compile(r"[\s,/_\-‐‑–]+")

Deconstructed = tuple[str, str, Sequence[Any], dict[str, Any]]  # Any: whatever a field is made of


def normalised(value: object) -> str:
    """Return what two spellings of the same value have in common.

    Dates become ISO text; text loses case, accents, width, apostrophes and repeated spaces, and a
    hyphen is a space.
    """
    if isinstance(value, datetime.date):
        return value.isoformat()
    text = str(value).casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
        text = unicodedata.normalize("NFC", _ACCENTS.sub("", text)).casefold()
    return _SPACES.sub(" ", _SILENT.sub("", text)).strip()


def _indexed(
    key: keys.Key, purpose: str, salt: uuid.UUID, values: Iterable[object]
) -> bytes | None:
    parts = [purpose.encode("utf-8"), salt.bytes]
    for value in values:
        text = "" if value is None else normalised(value)
        if not text:
            return None
        parts.append(text.encode("utf-8"))
    message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return key.header + hmac.digest(key.blind, message, hashlib.sha256)


def candidates(purpose: str, salt: uuid.UUID, *values: object) -> list[bytes]:
    """Return the index of these values under every key of the ring, for `field__in=…`.

    Empty when a value is missing: nothing is equal to what is not known.
    """
    found = [_indexed(key, purpose, salt, values) for key in keys.ring().keys]
    return [index for index in found if index is not None]


def exact(purpose: str, *parts: bytes) -> list[bytes]:
    """Return an index of these bytes as they are under each key of the ring, the newest first.

    For what tells of one row alone: parts that name the row keep equal texts apart.
    """
    values = [purpose.encode("utf-8"), *parts]
    message = b"".join(len(part).to_bytes(4, "big") + part for part in values)
    newest = keys.ring().newest
    order = [newest, *(key for key in keys.ring().keys if key is not newest)]
    return [key.header + hmac.digest(key.blind, message, hashlib.sha256)[:16] for key in order]


class IndexAttribute(DeferredAttribute):
    """The instance's attribute: follows the fields it is made of, once those are loaded."""

    field: "BlindIndexField"

    def __get__(
        self, instance: models.Model | None, owner: type[models.Model] | None = None
    ) -> object:
        if instance is not None and self.field.is_loaded(instance):
            instance.__dict__[self.field.attname] = self.field.index_of(instance)
        return super().__get__(instance, owner)

    def __set__(self, instance: models.Model, value: bytes | None) -> None:
        instance.__dict__[self.field.attname] = value


class BlindIndexField(models.BinaryField):  # type: ignore[type-arg]  # as Django runs, it takes none
    """The blind index of other fields of the row; follows them by itself.

    `of` names the fields, `salt` the attribute with the continuum's id, `purpose` keeps indexes of
    different things apart (and makes those of the same thing equal across models). NULL when any
    of the fields is blank. A save with `update_fields` must name the index with its fields.
    """

    descriptor_class = IndexAttribute

    def __init__(
        self,
        *args: Any,  # as of any field
        purpose: str = "",
        of: Iterable[str] = (),
        salt: str = "continuum_id",
        **kwargs: Any,  # as of any field
    ) -> None:
        self.purpose, self.of, self.salt = purpose, tuple(of), salt
        kwargs.update(null=True, blank=True, editable=False)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Deconstructed:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["null"], kwargs["blank"]
        kwargs.update(purpose=self.purpose, of=self.of, salt=self.salt)
        return name, path, args, kwargs

    def index_of(self, instance: models.Model) -> bytes | None:
        """Return the index of this row under the newest key."""
        values = [getattr(instance, name) for name in self.of]
        return _indexed(keys.ring().newest, self.purpose, getattr(instance, self.salt), values)

    def is_loaded(self, instance: models.Model) -> bool:
        """Whether the row has all that the index is made of."""
        return all(name in instance.__dict__ for name in (*self.of, self.salt))

    def check(self, **kwargs: object) -> list[checks.CheckMessage]:
        errors = super().check(**kwargs)
        names = {field.attname for field in self.model._meta.concrete_fields}
        if not self.purpose or not self.of or not {*self.of, self.salt} <= names:
            errors.append(
                checks.Error(
                    "A blind index needs a purpose, and fields of its model for `of` and `salt`.",
                    obj=self,
                    id="vault.E005",
                )
            )
        return errors
