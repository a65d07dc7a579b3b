"""What somebody who cannot come sends word of: a line for each household that they know.

The line is their agency's pre-work ("Other updates"), so that the note taker takes it over like any
other; that its author cannot come stands beside it, in the minutes, too.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypedDict

import audit.services
from accounts.models import User
from agreements.models import StaffMember
from conferencing.models import Meeting, PreWork
from conferencing.reviews.prepared import shown
from participants.disclosures import shown_to
from participants.models import Participant
from participants.naming import Label, labels
from regions.clock import local_day

from .acts import FIELDS, entries_to_prepare, keep_prework
from .pages import VIEWED


class WordRow(TypedDict):
    participant: Participant
    label: Label
    household: str
    kept: dict[str, Any] | None  # Any: as `shown` gives it


def word_rows(meeting: Meeting, user: User, place: StaffMember, *, now: datetime) -> list[WordRow]:
    """The households that the person's agency may prepare, in the call's order; looks recorded."""
    on = local_day(now, meeting.continuum.zone)
    entries = entries_to_prepare(user, place, on).filter(meeting=meeting)
    entries = entries.select_related("participant").order_by("position")
    people = [each.participant for each in entries]
    if not people:
        return []
    names = labels(people, user, now)
    audit.services.record(VIEWED, actor=user, about=meeting, detail=shown_to(names), now=now)
    prepared = PreWork.objects.filter(meeting=meeting, agency=place.agency_id)
    kept = {each.participant_id: each for each in prepared.select_related("by", "agency")}
    return [
        {
            "participant": person,
            "label": names[person.pk],
            "household": person.size_words,
            "kept": shown(kept[person.pk], names[person.pk].to_edit) if person.pk in kept else None,
        }
        for person in people
    ]


def words_too_late(sent: Mapping[str, str], rows: Iterable[WordRow]) -> list[str]:
    """What was typed of households that the agency may not prepare any more.

    `sent`: by the names of the fields, as the page had them. Since it was opened the call ended or
    was canceled, or its roster changed.
    """
    names = {f"{row['participant'].pk}-notes" for row in rows}
    typed = {name: text.strip() for name, text in sent.items() if name.endswith("-notes")}
    return [text for name, text in typed.items() if text and name not in names]


def send_word(
    meeting: Meeting, row: WordRow, words: str, *, revision: int, actor: User, now: datetime
) -> PreWork | None:
    """Keep the line in place of the former one; what else the agency prepared stays as it is.

    None where nothing is left of it: the line was emptied, and stood alone.

    Raises ValidationError as `keep_prework` does.
    """
    values = {name: (row["kept"] or {}).get(name) for name in FIELDS}
    values = {name: value for name, value in values.items() if value is not None}
    return keep_prework(
        meeting,
        row["participant"],
        revision=revision,
        actor=actor,
        now=now,
        **values | {"notes": words},
    )
