"""The key ring: which keys seal personal data, and how one value is sealed and opened.

`settings.FIELD_KEYS` holds `id:base64url(32 bytes)`, comma-separated, newest first. The
newest key seals; every key on the ring opens. From each ring key sub-keys are derived
(HKDF-SHA256): one encrypts, one makes blind indexes, one signs, so that no use weakens another.

A sealed value (a *token*) is: version byte, length of the key id, key id, 96-bit random
nonce, AES-256-GCM ciphertext with its tag. What is not in the token but must be the same
when it is opened, the *associated data*, is given by the caller: see `vault.encrypted`.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
from functools import cache
from typing import NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.dispatch import receiver

VERSION = 1
NONCE_BYTES = 12
TAG_BYTES = 16
DAMAGED = "(damaged)"
KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,16}")


class VaultError(Exception):
    """A stored value cannot be opened. Messages never hold plaintext, ciphertext or keys."""


class KeysRefused(VaultError, ImproperlyConfigured):
    """`FIELD_KEYS` is not the ring that sealed this database. Names key ids, never a key."""


class UnknownKey(VaultError):
    """The key that sealed this value is not on the ring (`FIELD_KEYS`)."""


class WrongKey(VaultError):
    """The value does not open: another key stands under its key id, or it was changed or moved."""


class Tampered(WrongKey):
    """The stored bytes are no sealed value at all."""


def _subkey(material: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, None, b"case conferencing vault 1 " + purpose).derive(material)


class Key:
    """One key of the ring: its id and what is derived from it."""

    __slots__ = ("blind", "check_value", "cipher", "header", "id", "signing")

    def __init__(self, key_id: str, material: bytes):
        self.id = key_id
        self.header = bytes([VERSION, len(key_id)]) + key_id.encode("ascii")
        self.cipher = AESGCM(_subkey(material, b"encryption"))
        self.blind = _subkey(material, b"blind index")
        self.signing = _subkey(material, b"signature")
        self.check_value = _subkey(material, b"check value")

    def __repr__(self) -> str:
        return f"<Key {self.id}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A key is never pickled or copied.")


class Ring:
    """The keys in use, newest first."""

    __slots__ = ("by_header", "keys", "newest")

    def __init__(self, text: str):
        self.keys = _parse(text)
        self.newest = self.keys[0]
        self.by_header = {key.header: key for key in self.keys}

    def __repr__(self) -> str:
        return f"<Ring {', '.join(key.id for key in self.keys)}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("The key ring is never pickled or copied.")


def _parse(text: str) -> list[Key]:
    remedy = "Expected id:key, where key is 32 bytes in base64url; keys comma-separated."
    if not isinstance(text, str) or not text.strip():
        raise ImproperlyConfigured(f"FIELD_KEYS is empty. {remedy}")
    keys: list[Key] = []
    ids: dict[str, int] = {}
    materials: dict[bytes, int] = {}
    for position, entry in enumerate(text.split(","), start=1):
        where = f"FIELD_KEYS, key {position}"
        key_id, colon, encoded = entry.strip().partition(":")
        if not colon:
            raise ImproperlyConfigured(f"{where}: has no colon. {remedy}")
        if not KEY_ID.fullmatch(key_id):
            raise ImproperlyConfigured(
                f"{where}: the id must be 1 to 16 letters, digits, “-” or “_”. {remedy}"
            )
        try:
            material = base64.b64decode(
                encoded.rstrip("=") + "=" * (-len(encoded.rstrip("=")) % 4),
                altchars=b"-_",
                validate=True,
            )
        except (binascii.Error, ValueError):
            # "from None": the exception of the decoder would carry the material.
            raise ImproperlyConfigured(f"{where}: the key is not base64url. {remedy}") from None
        if len(material) != 32:
            raise ImproperlyConfigured(f"{where}: the key is {len(material)} bytes long. {remedy}")
        if key_id in ids:
            raise ImproperlyConfigured(f"{where}: has the same id as key {ids[key_id]}.")
        if material in materials:
            raise ImproperlyConfigured(f"{where}: is the same key as key {materials[material]}.")
        ids[key_id] = materials[material] = position
        keys.append(Key(key_id, material))
    return keys


@cache
def ring() -> Ring:
    """Return the ring of the settings; parsed once, again only when the setting changes."""
    return Ring(getattr(settings, "FIELD_KEYS", ""))


@receiver(setting_changed)
def forget_ring(*, setting: str, **kwargs: object) -> None:
    """In a test: the setting itself is looked up only once, as each value asks for the ring."""
    if setting == "FIELD_KEYS":
        ring.cache_clear()


def header_of(token: bytes) -> bytes:
    """Return version, id length and id from the front of a token."""
    if len(token) < 2 or token[0] != VERSION:
        raise Tampered("A stored value is not in a format that this version of the vault knows.")
    return token[: 2 + token[1]]


def key_of(token: bytes) -> Key:
    """Return the key that sealed this token (or made this blind index)."""
    header = header_of(token)
    key = ring().by_header.get(header)
    if key is None:
        name = key_id_of(header)
        if name == DAMAGED:
            raise Tampered("A stored value is damaged: its key id is not readable.")
        raise UnknownKey(f"FIELD_KEYS has no key “{name}”, which sealed a stored value.")
    return key


def key_id_of(header: bytes) -> str:
    """Return the key id in a token's header, or `DAMAGED`."""
    try:
        name = header_of(header)[2:].decode("ascii")
    except (VaultError, UnicodeDecodeError):
        return DAMAGED
    return name if KEY_ID.fullmatch(name) else DAMAGED


def seal(plain: bytes, associated: bytes) -> bytes:
    """Return `plain` sealed by the newest key, to be opened only with the same `associated`."""
    key = ring().newest
    nonce = os.urandom(NONCE_BYTES)
    return key.header + nonce + key.cipher.encrypt(nonce, plain, associated)


def unseal(token: bytes, associated: bytes, what: str = "A stored value") -> bytes:
    """Return what was sealed. `what` names the column for the message of a failure."""
    key = key_of(token)
    start = len(key.header)
    end = start + NONCE_BYTES
    if len(token) < end + TAG_BYTES:
        raise Tampered(f"{what} is damaged: it is too short.")
    try:
        return key.cipher.decrypt(token[start:end], token[end:], associated)
    except InvalidTag:
        raise WrongKey(
            f"{what} cannot be opened with key “{key.id}”. FIELD_KEYS holds another key under "
            "this id, or the stored value was changed or moved."
        ) from None


def sign(message: bytes) -> bytes:
    """Return the signature (HMAC-SHA256) of `message` by the newest key, with its key id."""
    key = ring().newest
    return key.header + hmac.digest(key.signing, message, hashlib.sha256)


def is_signed(message: bytes, signature: bytes) -> bool:
    """Whether `signature` is one of `message`, by any key of the ring."""
    try:
        key = key_of(signature)
    except VaultError:
        return False
    expected = key.header + hmac.digest(key.signing, message, hashlib.sha256)
    return hmac.compare_digest(expected, signature)
