"""Second-factor seeds at rest: allauth's TOTP and recovery seeds, sealed by the vault's key ring.

allauth keeps them in `mfa.Authenticator.data` and asks its adapter to encrypt a text. The seal is
bound to the person, so that a seed copied to somebody else's row does not open. allauth does not
say whose seed it is asking about: `of(user)` does, and without it the signed-in person is meant.
"""

import base64
import logging
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from allauth.core import context
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import QuerySet

from vault import keys
from vault.rotation import Counts

from .models import User

SECRETS = ("secret", "seed")
BATCH = 500
logger = logging.getLogger(__name__)
_owner: ContextVar[uuid.UUID] = ContextVar("the person whose second-factor seeds are being read")


@contextmanager
def of(user: User) -> Iterator[None]:
    """Within this block, seeds belong to `user`."""
    token = _owner.set(user.pk)
    try:
        yield
    finally:
        _owner.reset(token)


def seal(text: str) -> str:
    """Return the seed as text for the database."""
    return _encode(keys.seal(text.encode(), _associated(_owner_id())))


def unseal(token: str) -> str:
    """Return the seed; raises `vault.keys.VaultError` for somebody else's or a lost key."""
    return _open(token, _owner_id())


def count() -> Counts:
    """How many seeds each key id has sealed (for `vault.rotation`)."""
    counts: Counter[str] = Counter()
    for data in _sealed_rows().values_list("data", flat=True).iterator(BATCH):
        counts.update(keys.key_id_of(_header(token)) for token in _tokens(data).values())
    return dict(counts)


@transaction.atomic
def rotate(batch: int) -> int:
    """Seal up to `batch` people's seeds of old keys with the newest one; return how many.

    One that cannot be opened is left as it is, and is counted among what is left.
    """
    old = [pk for pk, data in _sealed_rows().values_list("pk", "data") if _is_old(data)]
    rows = _sealed_rows().filter(pk__in=old).select_for_update(skip_locked=True).order_by("pk")
    done = 0
    for row in rows.iterator(batch):
        try:
            done += _rotate_row(row)
        except keys.VaultError as error:
            logger.error("Authenticator %s: %s", row.pk, error)
        if done >= batch:
            break
    return done


def _rotate_row(row: Authenticator) -> int:
    if not _is_old(row.data):
        return 0
    for name, token in _tokens(row.data).items():
        text = _open(token, row.user_id)
        row.data[name] = _encode(keys.seal(text.encode(), _associated(row.user_id)))
    row.save(update_fields=["data"])
    return 1


def _is_old(data: dict[str, str]) -> bool:
    newest = keys.ring().newest.header
    return any(_header(token) != newest for token in _tokens(data).values())


def _header(token: str) -> bytes:
    try:
        return keys.header_of(_decode(token))
    except (keys.VaultError, ValueError):
        return b""


def _sealed_rows() -> QuerySet[Any]:  # Any: allauth's
    rows: QuerySet[Any] = Authenticator.objects.all()  # Any: allauth's
    return rows.exclude(type=Authenticator.Type.WEBAUTHN)


def _tokens(data: dict[str, str]) -> dict[str, str]:
    return {name: data[name] for name in SECRETS if name in data}


def _owner_id() -> uuid.UUID:
    owner = _owner.get(None)
    return owner if owner is not None else context.request.user.pk


def _associated(user_id: uuid.UUID) -> bytes:
    return b"mfa.authenticator\0seed\0" + user_id.bytes


def _open(token: str, user_id: uuid.UUID) -> str:
    what = "A second-factor seed"
    try:
        sealed = _decode(token)
    except ValueError:
        raise keys.Tampered(f"{what} is damaged.") from None
    return keys.unseal(sealed, _associated(user_id), what).decode()


def _encode(token: bytes) -> str:
    return base64.urlsafe_b64encode(token).decode("ascii")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.encode())
