"""What the audit keeps of whom an act showed, and how the acts are told to the participant.

A room that shows participants puts `shown_to` (a page) or `shown` (a document, row by row) into
the detail of its entry, and says here what the act is. What nobody declared is told by the
audit's own words, as a look at a page.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypedDict
from uuid import UUID

from audit.models import JSON, AuditEntry
from participants.naming import Label

if TYPE_CHECKING:
    from .naming import Label

PAGE, LIST, MINUTES, CALL, EXPORT = "page", "list", "minutes", "call", "export"
KINDS = {
    PAGE: "Pages of this system",
    LIST: "Prep lists mailed",
    MINUTES: "Minutes",
    CALL: "Calls",
    EXPORT: "Files and papers taken along",
}
COORDINATION = "Coordinating services"
REVIEWED = "Case conferencing"


@dataclass(frozen=True)
class Act:
    """One kind of disclosure: what was shown, and what for unless somebody typed why."""

    action: str
    kind: str
    what: str
    purpose: str


class Shown(TypedDict):
    """What an entry showed of one participant: by name or not, under which release."""

    participant: str
    named: bool
    release: str


class Finder(Protocol):
    """What an entry of `actions` alone does not say."""

    @property
    def actions(self) -> tuple[str, ...]: ...

    def keys(self, keys: Collection[str]) -> list[str]: ...

    def shown(self, entries: Iterable[AuditEntry]) -> dict[str, list[Shown]]: ...


_acts: dict[str, Act] = {}
_finders: list[Finder] = []
Detail = dict[str, JSON]


def register(action: str, *, kind: str, what: str, purpose: str = COORDINATION) -> str:
    """Say how an action of the audit is told in the disclosure record; return the action."""
    _acts[action] = Act(action, kind, what, purpose)
    return action


def act(action: str) -> Act | None:
    return _acts.get(action)


def actions(*kinds: str) -> list[str]:
    """The declared actions, of some kinds or of all."""
    return sorted(each.action for each in _acts.values() if not kinds or each.kind in kinds)


def register_finder(finder: Finder) -> None:
    """Add what an entry alone does not say: `finder` has `keys(keys)` and `shown(entries)`.

    `keys` takes the participant's keys as text, of records joined into theirs too, and gives the
    references of entries that are about them; `shown` gives
    `{reference: [{participant, named, release}]}` for those of one page.
    """
    _finders.append(finder)


def finders() -> list[Finder]:
    return list(_finders)


def shown_to(names: Mapping[UUID, "Label"], *, with_hmis_ids: bool = False) -> Detail:
    """For the audit: whom a page showed (`{key: Label}`), and who of them by name, under what.

    `with_hmis_ids`: the page shows the HMIS ID beside an alias, to whom the label gives it.
    """
    detail: Detail = {
        "participants": sorted(str(pk) for pk in names),
        "named_under": {
            str(pk): label.ground.under for pk, label in names.items() if label.is_named
        },
    }
    ids = sorted(str(pk) for pk, label in names.items() if with_hmis_ids and is_by_id(label))
    return detail | ({"hmis_ids": ids} if ids else {})


def shown_as(label: "Label", *, with_hmis_id: bool = False) -> Detail:
    """For the audit: how a page about one household showed it, and by what right."""
    detail: Detail = {
        "named": label.is_named,
        "release": str(label.release_id) if label.release_id else "",
        "under": label.ground.under if label.is_named else "",
    }
    return detail | ({"hmis_id": True} if with_hmis_id and is_by_id(label) else {})


def is_by_id(label: "Label") -> bool:
    """Whether the household is told from others by its HMIS ID, without a name."""
    return bool(label.hmis_id) and not label.is_named
