"""Second-factor seeds at rest: allauth's TOTP and recovery seeds, sealed by the vault's key ring.

allauth keeps them in `mfa.Authenticator.data` and asks its adapter to encrypt a text. The seal is
bound to the person, so that a seed copied to somebody else's row does not open. allauth does not
say whose seed it is asking about: `of(user)` does, and without it the signed-in person is meant.
"""

import base64
from contextlib import contextmanager
from contextvars import ContextVar

from allauth.core import context
from allauth.mfa.models import Authenticator
from django.db import transaction

from vault import keys

SECRETS = ("secret", "seed")
BATCH = 500
_owner = ContextVar("the person whose second-factor seeds are being read")


@contextmanager
def of(user):
    """Within this block, seeds belong to `user`."""
    token = _owner.set(user.pk)
    try:
        yield
    finally:
        _owner.reset(token)


def seal(text):
    """Return the seed as text for the database."""
    return _encode(keys.seal(text.encode(), _associated(_owner_id())))


def unseal(token):
    """Return the seed; raises `vault.keys.VaultError` for somebody else's or a lost key."""
    return _open(token, _owner_id())


def count_on_old_keys():
    """How many seeds are not sealed by the newest key."""
    newest = keys.ring().newest
    return sum(
        keys.key_of(_decode(token)) is not newest
        for data in _sealed_rows().values_list("data", flat=True).iterator(BATCH)
        for token in _tokens(data).values()
    )


def rotate(*, batch=BATCH):
    """Seal anew, with the newest key, every seed that an older one sealed; return how many.

    Each batch is a transaction of its own, with its rows locked, so that it can run beside
    sign-ins, be stopped and be started again.
    """
    done, after = 0, 0
    while True:
        with transaction.atomic():
            rows = list(
                _sealed_rows().filter(pk__gt=after).select_for_update().order_by("pk")[:batch]
            )
            done += sum(_rotate_row(row) for row in rows)
        if not rows:
            return done
        after = rows[-1].pk


def _rotate_row(row):
    newest = keys.ring().newest
    old = {
        name: token
        for name, token in _tokens(row.data).items()
        if keys.key_of(_decode(token)) is not newest
    }
    for name, token in old.items():
        text = _open(token, row.user_id)
        row.data[name] = _encode(keys.seal(text.encode(), _associated(row.user_id)))
    if old:
        row.save(update_fields=["data"])
    return len(old)


def _sealed_rows():
    return Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN)


def _tokens(data):
    return {name: data[name] for name in SECRETS if name in data}


def _owner_id():
    owner = _owner.get(None)
    return owner if owner is not None else context.request.user.pk


def _associated(user_id):
    return b"mfa.authenticator\0seed\0" + user_id.bytes


def _open(token, user_id):
    return keys.unseal(_decode(token), _associated(user_id), "A second-factor seed").decode()


def _encode(token):
    return base64.urlsafe_b64encode(token).decode("ascii")


def _decode(text):
    return base64.urlsafe_b64decode(text.encode("ascii"))
