"""Kinds of mail: what an upper room does when one of its mails is sent, or is not.

Upper rooms register theirs in `AppConfig.ready()`.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict, Unpack

if TYPE_CHECKING:
    from .models import Message


class Withheld(Exception):
    """Raised by a kind's `prepare`: this mail must not go out. Its text says why, in words."""


class OnHold(Exception):
    """Raised by a kind's `prepare` or `recheck`: not now, but perhaps later. Its text says why."""


@dataclass(frozen=True)
class Prepared:
    """What goes into one message.

    attachments: (file name, bytes, media type); alternatives: (content, media type), after
    the HTML part; headers: further ones (the outbox's own win). basis: what the words rest on,
    as `recheck` says it too; a kind that says nothing of it rests on every word.
    """

    subject: str
    text: str
    html: str = ""
    attachments: list[tuple[str, bytes, str]] = field(default_factory=list)
    alternatives: list[tuple[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    basis: str = ""

    @property
    def rests_on(self) -> str:
        """What has to be the same when the mail is repeated: `basis`, or else all that it says."""
        words = (self.subject, self.text, self.html, self.attachments, self.alternatives)
        return self.basis or hashlib.sha256(repr((words, self.headers)).encode()).hexdigest()


Prepare = Callable[["Message", datetime], Prepared]
Recheck = Callable[["Message", datetime], str]
Hook = Callable[["Message", datetime], object]
Replaced = Callable[["Message", "Message", datetime], object]
Answer = Callable[["Message"], Iterable[str]]


class Functions(TypedDict, total=False):
    """What a kind may bring; see `register`."""

    prepare: Prepare
    recheck: Recheck
    on_sent: Hook
    on_withheld: Hook
    on_failed: Hook
    on_late: Hook
    on_possible: Hook
    on_replaced: Replaced


@dataclass(frozen=True)
class Kind:
    """The functions of one kind; see `register`."""

    name: str
    prepare: Prepare | None = None
    recheck: Recheck | None = None
    on_sent: Hook | None = None
    on_withheld: Hook | None = None
    on_failed: Hook | None = None
    on_late: Hook | None = None
    on_possible: Hook | None = None
    on_replaced: Replaced | None = None


_kinds: dict[str, Kind] = {}
_answers: list[Answer] = []
_told_of_returned: list[Hook] = []


def register(kind: str, **functions: Unpack[Functions]) -> None:
    """Tell the outbox what to do for mails of this kind.

    `prepare(message, now) -> Prepared` is called by the worker right before sending, in no
    transaction; it may raise `Withheld("reason in words")`, after which the mail is never
    sent, or `OnHold("reason")`, after which the mail waits and is asked about again. Any other
    error counts as temporary and is tried again. What it made is kept, sealed,
    before the first attempt, and repeated as it is. Before a repeat `recheck(message, now)` is
    asked (where there is none, `prepare`): it may withhold, and returns what the words rest on
    now. Where that is not what the kept mail rests on (`Prepared.rests_on`), the mail is
    withheld and a new one takes its place: `on_replaced(message, new, now)`.

    The hooks are called as `hook(message, now)` in the transaction that records the
    outcome: `on_sent`; `on_withheld`, when nothing takes its place; `on_failed` when it was
    refused for good, given up or not sent in time (`message.state` is failed or expired);
    `on_late` when it is flagged late; `on_possible`, once, when a server may have taken the
    mail in and nobody can know. A hook that raises changes nothing and is called again by each
    tick until it succeeds.
    """
    new = Kind(kind, **functions)
    # The same again is no mistake: tests that change INSTALLED_APPS run ready() again.
    if _kinds.setdefault(kind, new) != new:
        raise ValueError(f"The kind of mail “{kind}” is registered already.")


def unregister(kind: str) -> None:
    """Forget a kind (for tests)."""
    _kinds.pop(kind, None)


def register_answers(function: Answer) -> None:
    """Have `function(message)` give the addresses to which a person's answer goes (Reply-To)."""
    if function not in _answers:
        _answers.append(function)


def answers_to(message: "Message") -> list[str]:
    """Return the addresses to which an answer to this mail goes; none: to its sender."""
    return [address for function in _answers for address in function(message)]


def register_returned(function: Hook) -> None:
    """Have `function(message, now)` called when another mail server sent a mail back."""
    if function not in _told_of_returned:
        _told_of_returned.append(function)


def tell_returned(message: "Message", now: datetime) -> None:
    """Tell those who want to know that this mail came back."""
    for function in _told_of_returned:
        function(message, now)


def get(kind: str) -> Kind:
    """Return the kind's functions; one that nobody registered has none."""
    return _kinds.get(kind) or Kind(kind)
