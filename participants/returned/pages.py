"""What the page of a returned list shows: each proposal with what was, is and would be."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import audit.actions
import audit.services
from accounts.models import User
from participants import disclosures
from participants.models import Participant, ReturnedCell, ReturnedList
from participants.naming import Label, labels
from regions.clock import local_day

from .acts import changeable, people_of
from .cells import BY_KEY, Texts, texts_of
from .now import texts_now

VIEWED = audit.actions.register("list.returned_viewed", "Looked at a returned list")
disclosures.register(VIEWED, kind=disclosures.PAGE, what="What a returned list changes")


@dataclass
class Proposal:
    """One changed cell as the page shows it; the texts are empty where they are hidden."""

    cell: ReturnedCell
    label: Label | None
    participant: Participant | None
    name: str
    before: str
    after: str
    here: str
    seen: Texts
    is_conflict: bool
    may_change: bool

    @property
    def seen_json(self) -> str:
        """What the page shows, for the button: what is changed meanwhile is not overwritten."""
        return json.dumps(list(self.seen))


def detail_page(returned: ReturnedList, viewer: User, *, now: datetime) -> dict[str, object]:
    """The proposals of a returned list, by the rights of this moment; that is recorded."""
    cells = list(returned.cells.order_by("number"))
    proposals = proposals_of(returned, cells, viewer, now=now)
    shown = {each.participant.pk: each.label for each in proposals if each.participant}
    told = {key: label for key, label in shown.items() if label}
    audit.services.record(
        VIEWED,
        actor=viewer,
        about=returned,
        detail={**disclosures.shown_to(told), "proposals": len(cells)},
        now=now,
    )
    is_open = [each for each in proposals if each.cell.state == ReturnedCell.State.OPEN]
    return {
        "returned": returned,
        "proposals": proposals,
        "open": len(is_open),
        "clear": sum(1 for each in is_open if each.may_change and not each.is_conflict),
        "conflicts": sum(1 for each in is_open if each.is_conflict),
        "taken": sum(1 for each in cells if each.state == ReturnedCell.State.TAKEN),
        "refusals": returned.refusals,
    }


def proposals_of(
    returned: ReturnedList, cells: Iterable[ReturnedCell], viewer: User, *, now: datetime
) -> list[Proposal]:
    cells = list(cells)
    on = local_day(now, returned.continuum.zone)
    people = people_of({cell.participant_id for cell in cells}, viewer, on)
    names = labels(people.values(), viewer, now)
    current = texts_now(people.values(), viewer, now=now, names=names)
    changing = changeable(people.values(), viewer)
    found = []
    for cell in cells:
        each, person = BY_KEY[cell.subject], people.get(cell.participant_id)
        label = names.get(person.pk) if person else None
        is_told = person is not None and (cell.subject != "name" or bool(label and label.is_named))
        here = texts_of(each.headings, current[person.pk]) if person else ()
        exported, after = (
            tuple(cell.changed_texts["exported"]),
            tuple(cell.changed_texts["returned"]),
        )
        found.append(
            Proposal(
                cell=cell,
                label=label,
                participant=person,
                name=each.label,
                before=words(exported) if is_told else "",
                after=words(after) if is_told else "",
                here=words(here) if is_told else "",
                seen=here,
                is_conflict=here not in (exported, after),
                may_change=is_told and person is not None and person.pk in changing,
            )
        )
    return found


def words(texts: Texts) -> str:
    return ", ".join(text for text in texts if text) or "nothing"
