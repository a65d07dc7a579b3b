"""Kinds of mail: what an upper room does when one of its mails is sent, or is not.

Upper rooms register theirs in `AppConfig.ready()`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field


class Withheld(Exception):
    """Raised by a kind's `prepare`: this mail must not go out. Its text says why, in words."""


@dataclass(frozen=True)
class Prepared:
    """What goes into one message.

    attachments: (file name, bytes, media type); alternatives: (content, media type), after
    the HTML part; headers: further ones, such as Reply-To (the outbox's own win).
    """

    subject: str
    text: str
    html: str = ""
    attachments: list[tuple[str, bytes, str]] = field(default_factory=list)
    alternatives: list[tuple[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Kind:
    """The functions of one kind; see `register`."""

    name: str
    prepare: Callable | None = None
    on_sent: Callable | None = None
    on_withheld: Callable | None = None
    on_failed: Callable | None = None
    on_late: Callable | None = None


_kinds: dict[str, Kind] = {}


def register(
    kind, *, prepare=None, on_sent=None, on_withheld=None, on_failed=None, on_late=None
) -> None:
    """Tell the outbox what to do for mails of this kind.

    `prepare(message, now) -> Prepared` is called by the worker right before sending, in no
    transaction; it may raise `Withheld("reason in words")`, after which the mail is never
    sent. Any other error counts as temporary and is tried again. It may run several times
    for one mail, and should then give the same words.

    The hooks are called as `hook(message, now)` in the transaction that records the
    outcome: `on_sent`; `on_withheld`; `on_failed` when it was refused for good, given up
    or not sent in time (`message.state` is failed or expired); `on_late` when it is
    flagged late. A hook that raises changes nothing and is called again by each tick
    until it succeeds.
    """
    new = Kind(kind, prepare, on_sent, on_withheld, on_failed, on_late)
    # The same again is no mistake: tests that change INSTALLED_APPS run ready() again.
    if _kinds.setdefault(kind, new) != new:
        raise ValueError(f"The kind of mail “{kind}” is registered already.")


def unregister(kind) -> None:
    """Forget a kind (for tests)."""
    _kinds.pop(kind, None)


def get(kind) -> Kind:
    """Return the kind's functions; one that nobody registered has none."""
    return _kinds.get(kind) or Kind(kind)
