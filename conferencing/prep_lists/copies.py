"""One recipient's copy of what was frozen: what it shows by the rules of the moment.

`Names`, `frame` and `disclosed_rows` serve lists and minutes alike; the rest is the list's.
"""

from zoneinfo import ZoneInfo

from conferencing.deliveries.copies import Names, disclosed_rows, frame
from conferencing.elements import ELEMENTS
from participants.own_words import as_frozen
from regions.words import day_words

from .document import DECLARED


def names_of(snapshot, viewer, now):
    """The names of a list's snapshot: of its participants, and of those with open steps."""
    ids = {each["id"] for each in snapshot["participants"]}
    ids |= {each["participant"] for each in snapshot["steps"]}
    return Names(ids, viewer, now)


def prep_list_data(delivery, *, now):
    """Return what the document of this delivery shows (conferencing.prep_lists.document)."""
    prep_list = delivery.prep_list
    meeting = prep_list.meeting
    snapshot = prep_list.snapshot
    names = names_of(snapshot, delivery.recipient, now)
    agency = delivery.agency
    data = frame(meeting.continuum, delivery.recipient, agency, now=now)
    data["document"] |= {
        "revision": prep_list.revision,
        "is_settled": prep_list.was_settled,
        "corrects": corrected(prep_list, names),
    }
    return {
        **data,
        "meeting": snapshot["meeting"],
        "elements": DECLARED,
        "own_steps": [own_step(step, names) for step in own_steps(snapshot, agency)],
        "participants": [
            participant(row, position, names)
            for position, row in enumerate(snapshot["participants"], start=1)
        ],
    }


def corrected(prep_list, names):
    if prep_list.revision == 1:
        return None
    former = prep_list.meeting.prep_lists.get(revision=prep_list.revision - 1)
    zone = ZoneInfo(prep_list.meeting.continuum.zone)
    return {
        "revision": former.revision,
        "sent": day_words(former.frozen_at.astimezone(zone)),
        "why": names.reader.clean(prep_list.correction_reason),
    }


def own_steps(snapshot, agency):
    """The open steps of the recipient's agency: they stand on its people's copies alone."""
    return [step for step in snapshot["steps"] if agency and step["agency_id"] == str(agency.pk)]


def own_step(step, names):
    step = as_frozen(step)

    def clean(text):
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


def participant(row, position, names):
    row = as_frozen(row)

    def clean(text):
        return names.clean(text, row, "id")

    elements = row["elements"]
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
        "elements": elements
        and {
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
        },
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


def disclosed(delivery, *, now):
    """What the copy shows of whom, for the disclosure record.

    The households of the list, and those for whom the recipient's agency has a step on it.
    """
    snapshot = delivery.prep_list.snapshot
    names = names_of(snapshot, delivery.recipient, now)
    listed = {row["id"] for row in snapshot["participants"]}
    besides = {
        step["participant"]: {"id": step["participant"], "name": step["name"]}
        for step in own_steps(snapshot, delivery.agency)
        if step["participant"] not in listed
    }
    return disclosed_rows([*snapshot["participants"], *besides.values()], names)
