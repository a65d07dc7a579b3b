"""One recipient's copy of a frozen list: what it shows by the rules of the moment."""

from collections.abc import Callable
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from accounts.models import User
from conferencing.deliveries.copies import Disclosed, Names, disclosed_rows, frame
from conferencing.elements import ELEMENTS
from conferencing.models import PrepList, PrepListDelivery
from conferencing.words import roles_in
from participants.own_words import as_frozen
from regions.words import day_words

from .document import (
    DECLARED,
    ElementsData,
    FormerRevision,
    NothingData,
    OwnStepData,
    ParticipantData,
    PrepListData,
)
from .snapshots import FrozenElements, FrozenParticipant, FrozenStep, Snapshot


def names_of(snapshot: Snapshot, viewer: User, now: datetime) -> Names:
    """The names of a list's snapshot: of its participants, and of those with open steps."""
    ids = {each["id"] for each in snapshot["participants"]}
    ids |= {each["participant"] for each in snapshot["steps"]}
    return Names(ids, viewer, now)


class Copy:
    """A frozen list as one recipient may see it at the moment `now`."""

    def __init__(self, delivery: PrepListDelivery, *, now: datetime) -> None:
        self.prep_list, self.viewer, self.now = delivery.prep_list, delivery.recipient, now
        self.snapshot: Snapshot = self.prep_list.snapshot
        self.agency = delivery.agency
        self.names = names_of(self.snapshot, self.viewer, now)

    def document(self) -> PrepListData:
        """What the PDF of this copy shows (conferencing.prep_lists.document)."""
        continuum = self.prep_list.meeting.continuum
        data = frame(continuum, self.viewer, self.agency, now=self.now)
        rows = self.snapshot["participants"]
        return {
            **data,
            "document": {
                **data["document"],
                "revision": self.prep_list.revision,
                "is_settled": self.prep_list.was_settled,
                "corrects": corrected(self.prep_list, self.names),
            },
            "meeting": self.snapshot["meeting"],
            "roles": roles_in(self.snapshot["meeting"]),
            "elements": DECLARED,
            "own_steps": [own_step(step, self.names) for step in self.own_steps],
            "nothing": [nothing(row, self.names) for row in rows if row.get("nothing_by")],
            "participants": [
                participant(row, position, self.names)
                for position, row in enumerate(
                    (row for row in rows if not row.get("nothing_by")), start=1
                )
            ],
        }

    @property
    def own_steps(self) -> list[FrozenStep]:
        """The open steps of the recipient's agency: on its people's copies alone."""
        agency = self.agency and str(self.agency.pk)
        return [step for step in self.snapshot["steps"] if step["agency_id"] == agency]

    @property
    def disclosed(self) -> list[Disclosed]:
        """What the copy shows of whom, for the disclosure record.

        The households of the list, and those for whom the recipient's agency has a step on it.
        """
        listed = {row["id"] for row in self.snapshot["participants"]}
        more = {
            step["participant"]: {"id": step["participant"], "name": step["name"]}
            for step in self.own_steps
            if step["participant"] not in listed
        }
        return disclosed_rows([*self.snapshot["participants"], *more.values()], self.names)


def corrected(prep_list: PrepList, names: Names) -> FormerRevision | None:
    if prep_list.revision == 1:
        return None
    former = prep_list.meeting.prep_lists.get(revision=prep_list.revision - 1)
    zone = ZoneInfo(prep_list.meeting.continuum.zone)
    return {
        "revision": former.revision,
        "sent": day_words(former.frozen_at.astimezone(zone)),
        "why": names.reader.clean(prep_list.correction_reason),
    }


def own_step(step: FrozenStep, names: Names) -> OwnStepData:
    step = as_frozen(step)

    def clean(text: str) -> str:
        return names.clean(text, step, "participant")

    return {
        "participant": names.label(step, "participant"),
        "what": clean(step["what"]),
        "owner": step["owner"],
        "due": step["due"],
        "is_overdue": step["is_overdue"],
        "is_critical": step["is_critical"],
        "report": clean(step["report"]),
    }


def nothing(row: FrozenParticipant, names: Names) -> NothingData:
    """One household that is read out with others: its open steps, each with the last report."""
    row = as_frozen(row)

    def clean(text: str) -> str:
        return names.clean(text, row, "id")

    return {
        "label": names.label(row, "id"),
        "is_named": names.is_named(row, "id"),
        "household": row["household"],
        "marked_by": row["nothing_by"],
        "steps": [
            {
                "what": clean(step["what"]),
                "owner": ", ".join(filter(None, [step["owner"], step["agency"]])),
                "due": step["due"],
                "report": clean(step["report"]),
            }
            for step in row["steps"]
        ],
    }


def participant(row: FrozenParticipant, position: int, names: Names) -> ParticipantData:
    row = as_frozen(row)

    def clean(text: str) -> str:
        return names.clean(text, row, "id")

    return {
        "position": position,
        "label": names.label(row, "id"),
        "is_named": names.is_named(row, "id"),
        "reasons": [clean(each) for each in row["reasons"]],
        "household": row["household"],
        "days_on_list": row["days_on_list"],
        "county": row["county"],
        "status": row["status"],
        "minutes": row["minutes"],
        "elements": said_of(row["elements"], clean) if row["elements"] else None,
        "changes": [clean(each) for each in row["changes"]],
        "steps": [
            {
                "what": clean(step["what"]),
                "owner": ", ".join(filter(None, [step["owner"], step["agency"]])),
                "due": step["due"],
                "is_overdue": step["is_overdue"],
                "is_critical": step["is_critical"],
            }
            for step in row["steps"]
        ],
    }


def said_of(elements: FrozenElements, clean: Callable[[str], str]) -> ElementsData:
    found = {
        **elements,
        **{
            each.key: [clean(words) for words in elements[each.key]]
            if each.is_list
            else clean(elements[each.key])
            for each in ELEMENTS
            if each.key in elements
        },
        "is_carried_over": elements.get("is_carried_over", False),
        "notes": clean(elements.get("notes", "")),
        "decisions": [clean(each) for each in elements.get("decisions", [])],
    }
    return cast(ElementsData, found)  # and beside it each element by its key
