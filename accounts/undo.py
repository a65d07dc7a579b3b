"""Taking back what was just removed or put in another order, for as long as the sign-in lasts.

An act that removes or reorders leaves with `offer` what it takes to undo it, sealed, under the
address of the page where it was done; that page then says so with a button. Who offers registers
how to undo in `AppConfig.ready()`. Undoing asks anew who may, and refuses when what the act left
has been changed since, by whomever: nothing of somebody else's is undone with it.
"""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest

from accounts.access import SignedInRequest
from accounts.models import UndoOffer, User

# A sign-in lasts 12 hours at most (accounts.sessions).
KEPT = timedelta(hours=12)
MOST = 25
SIGN_IN = "undo"
CHANGED_SINCE = "This was changed since, so it can no longer be undone."

Data = Any  # what an offer keeps to be undone by, plain; each kind its own


class Undoer(Protocol):
    """See `register`."""

    def __call__(self, data: Data, *, actor: User, now: datetime) -> str | None: ...


_undoers: dict[str, Undoer] = {}
# Apart from how to undo them, so that offering leads to no undoer.
_kinds: set[str] = set()
_giving_access: set[str] = set()


@dataclass(frozen=True)
class Offered:
    """What the page says can be undone."""

    pk: uuid.UUID
    words: str


def register(kind: str, undoer: Undoer, *, gives_access: bool = False) -> None:
    """Let what was offered under `kind` be undone by `undoer(data, *, actor, now)`.

    `undoer` raises PermissionDenied for who may not, ValidationError when it is too late, and
    returns in words what of it could not be put back, if anything. What lets somebody in again
    (`gives_access`) asks first who it is that undoes it.
    """
    _undoers[kind] = undoer
    _kinds.add(kind)
    if gives_access:
        _giving_access.add(kind)


def kinds() -> set[str]:
    """Everything that can be undone."""
    return set(_kinds)


def gives_access(kind: str) -> bool:
    return kind in _giving_access


def offer(
    request: SignedInRequest, kind: str, *, place: str, words: str, data: Data, now: datetime
) -> None:
    """Keep for this sign-in how to undo what was just done on the page `place` (a path).

    `words` tell it ("Heron-1 was taken off the roster"); `data` is plain data for the undoer.
    """
    if kind not in _kinds:
        raise LookupError(f"Nobody registered how to undo {kind}.")
    sign_in = request.session.setdefault(SIGN_IN, secrets.token_urlsafe(16))
    mine = UndoOffer.objects.filter(user=request.user, sign_in=sign_in)
    UndoOffer.objects.create(
        user=request.user,
        sign_in=sign_in,
        kind=kind,
        place=place,
        memory={"words": words, "data": data},
        made_at=now,
    )
    too_old = mine.order_by("-made_at").values_list("pk", flat=True)[MOST:]
    UndoOffer.objects.filter(pk__in=list(too_old)).delete()


def offered(request: HttpRequest, place: str | None = None) -> Offered | None:
    """What was done last on the page that is asked for, or at `place`, and can be undone; or None.

    `place` is for parts of a page that scripts fetch at addresses of their own.
    """
    sign_in = request.session.get(SIGN_IN)
    if not sign_in or not request.user.is_authenticated:
        return None
    row = (
        UndoOffer.objects.filter(user=request.user, sign_in=sign_in, place=place or request.path)
        .order_by("-made_at")
        .first()
    )
    return None if row is None else Offered(row.pk, row.memory["words"])


def carry_out(user: User, sign_in: str | None, key: uuid.UUID, *, now: datetime) -> tuple[str, str]:
    """Undo what was offered; returns what it was, in words, and the page it was done on.

    UndoOffer.DoesNotExist for what is not theirs or was undone already; the registered undoer's
    errors otherwise. What can no longer be undone is no longer offered.
    """
    mine = UndoOffer.objects.filter(user=user, sign_in=sign_in or "")
    try:
        with transaction.atomic():
            row = mine.select_for_update().get(pk=key)
            left = _undoers[row.kind](row.memory["data"], actor=user, now=now)
            row.delete()
    except ValidationError:
        mine.filter(pk=key).delete()
        raise
    return " ".join(filter(None, (row.memory["words"], left))), row.place


def clear(now: datetime) -> None:
    """Forget what sign-ins left that are over (with the sessions, in the tick)."""
    UndoOffer.objects.filter(made_at__lt=now - KEPT).delete()


def refuse_changed(is_same: bool) -> None:
    """ValidationError unless what the act left is there as it was."""
    if not is_same:
        raise ValidationError(CHANGED_SINCE)
