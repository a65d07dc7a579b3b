"""What the audit keeps of whom an act showed, and how the acts are told to the participant.

A room that shows participants puts `shown_to` (a page) or `shown` (a document, row by row) into
the detail of its entry, and says here what the act is. What nobody declared is told by the
audit's own words, as a look at a page.
"""

from dataclasses import dataclass

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


_acts: dict[str, Act] = {}
_finders: list = []


def register(action, *, kind, what, purpose=COORDINATION):
    """Say how an action of the audit is told in the disclosure record; return the action."""
    _acts[action] = Act(action, kind, what, purpose)
    return action


def act(action):
    return _acts.get(action)


def actions(*kinds):
    """The declared actions, of some kinds or of all."""
    return sorted(each.action for each in _acts.values() if not kinds or each.kind in kinds)


def register_finder(finder):
    """Add what an entry alone does not say: `finder` has `keys(keys)` and `shown(entries)`.

    `keys` takes the participant's keys as text, of records joined into theirs too, and gives the
    references of entries that are about them; `shown` gives
    `{reference: [{participant, named, release}]}` for those of one page.
    """
    _finders.append(finder)


def finders():
    return list(_finders)


def shown_to(names, *, with_hmis_ids=False):
    """For the audit: whom a page showed (`{key: Label}`), and who of them by name, under what.

    `with_hmis_ids`: the page shows the HMIS ID beside an alias, to whom the label gives it.
    """
    detail = {
        "participants": sorted(str(pk) for pk in names),
        "named_under": {
            str(pk): label.ground.under for pk, label in names.items() if label.is_named
        },
    }
    ids = sorted(str(pk) for pk, label in names.items() if with_hmis_ids and is_by_id(label))
    return detail | ({"hmis_ids": ids} if ids else {})


def shown_as(label, *, with_hmis_id=False):
    """For the audit: how a page about one household showed it, and by what right."""
    detail = {
        "named": label.is_named,
        "release": str(label.release_id) if label.release_id else "",
        "under": label.ground.under if label.is_named else "",
    }
    return detail | ({"hmis_id": True} if with_hmis_id and is_by_id(label) else {})


def is_by_id(label):
    """Whether the household is told from others by its HMIS ID, without a name."""
    return bool(label.hmis_id) and not label.is_named
