"""The by-name list on paper and as a workbook: what each column says there, and the marks.

Names and aliases come in as they were chosen for this reader; no text that was typed about a
household stands in either file.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

from participants.models import Document, Participant
from participants.returned.keys import HEADING, RowKey, sealed
from participants.spreadsheets.reading import text_of
from regions.clock import local_day
from regions.models import Continuum
from regions.words import clock_words, day_words
from vault.documents import encrypt, render
from vault.workbooks import Sheet, locked_workbook

from .listing import COLUMNS
from .quiet import AGES, ASSESSED, Age

if TYPE_CHECKING:
    from .services.pages import Row

CONFIDENTIAL = "Confidential"
WIDTHS = {  # of columns on paper, in parts
    "where": 15,
    "status": 11,
    "days": 6,
    "makeup": 11,
    "needs": 17,
    "stay": 15,
    "age": 18,
    "contact": 11,
    "agency": 14,
    "navigator": 14,
    "release": 14,
    "source": 13,
    "bedrooms": 8,
    "documents": 16,
    "assessment": 14,
    "enrolled": 14,
}


@dataclass(frozen=True)
class Marks:
    """Who exported the list, when, why: on each page, and on each sheet."""

    continuum: str
    code: str
    is_example: bool
    person: str
    agency: str
    at: str
    reason: str
    notice: str
    moment: datetime

    @classmethod
    def of(
        cls, continuum: Continuum, *, person: str, agency: str, reason: str, now: datetime
    ) -> Self:
        local = now.astimezone(ZoneInfo(continuum.zone))
        return cls(
            continuum=continuum.name,
            code=continuum.code,
            is_example=continuum.is_example,
            person=person,
            agency=agency,
            at=f"{day_words(local_day(now, continuum.zone))}, {clock_words(local)} {local:%Z}",
            reason=" ".join(reason.split()),
            notice=continuum.non_disclosure_words,
            moment=now,
        )

    @property
    def who(self) -> str:
        return f"{self.person}, {self.agency}, on {self.at}"

    @property
    def by(self) -> str:
        return f"Exported by {self.who}"


def shown_as(row: "Row") -> str:
    return "Name" if row.label.is_named else "Alias"


def status_of(person: Participant) -> str:
    place = getattr(person, "place", None)
    return place.get_status_display() if place else "Not on the list"


def navigator_of(person: Participant) -> str:
    return person.navigator.user.name if person.navigator else ""


def age_words(age: Age) -> str:
    if age.days is None:
        return f"{age.words} never"
    if age.days == 0:
        return f"{age.words} today"
    return f"{age.words} {age.days} day{'' if age.days == 1 else 's'}"


def in_hand(document: Document) -> "Callable[[Row], object]":
    return lambda row: "Yes" if document in row.participant.documents else ""


WHO = ("Household", "Shown as", "Alias")
# On paper: one text per column.
WORDS: "dict[str, Callable[[Row], str]]" = {
    "where": lambda row: ", ".join(
        str(each) for each in (row.participant.region, row.participant.county) if each
    ),
    "status": lambda row: status_of(row.participant),
    "days": lambda row: "–" if row.days is None else str(row.days),
    "makeup": lambda row: row.participant.size_words,
    "needs": lambda row: ", ".join(row.needs) or "–",
    "stay": lambda row: (
        f"{row.stay}, {day_words(row.stay_on)}" if row.stay_on else row.stay or "Not known"
    ),
    "age": lambda row: "\n".join(map(age_words, row.ages)),
    "contact": lambda row: day_words(row.last_contact_on) if row.last_contact_on else "–",
    "agency": lambda row: row.participant.agency.name,
    "navigator": lambda row: navigator_of(row.participant) or "–",
    "release": lambda row: row.release_words,
    "source": lambda row: row.source,
    "bedrooms": lambda row: (
        "–" if row.participant.bedrooms is None else str(row.participant.bedrooms)
    ),
    "documents": lambda row: ", ".join(row.participant.documents_in_words) or "–",
    "assessment": lambda row: row.assessment or "–",
    "enrolled": lambda row: row.enrolled or "–",
}
# In a workbook: one fact per column, so that it can be sorted and counted.
FACTS: "dict[str, list[tuple[str, Callable[[Row], object]]]]" = {
    "where": [
        ("Region", lambda row: str(row.participant.region)),
        ("County", lambda row: row.participant.county and str(row.participant.county)),
    ],
    "status": [("Status", WORDS["status"])],
    "days": [("Days on the list", lambda row: row.days)],
    "makeup": [
        ("Adults", lambda row: row.participant.adults),
        ("Children", lambda row: row.participant.children),
    ],
    "needs": [("Needs", lambda row: ", ".join(row.needs))],
    "stay": [("Location", lambda row: row.stay), ("Recorded for", lambda row: row.stay_on)],
    "age": [
        *(
            (f"{words} on", lambda row, place=place: row.ages[place].on)
            for place, (words, _name) in enumerate(AGES.values())
        ),
        ("Inactive on", lambda row: row.inactive_on),
    ],
    "contact": [("Last contact", lambda row: row.last_contact_on)],
    "agency": [("Agency", WORDS["agency"])],
    "navigator": [("Navigator", lambda row: navigator_of(row.participant))],
    "release": [("Release", WORDS["release"])],
    "source": [("Source", WORDS["source"])],
    "bedrooms": [("Bedrooms needed", lambda row: row.participant.bedrooms)],
    "documents": [(str(each.label), in_hand(each)) for each in Document],
    "assessment": [
        ("Assessment", lambda row: row.participant.get_assessment_level_display()),
        ("Assessed on", lambda row: row.ages[ASSESSED].on),
    ],
    "enrolled": [("In HMIS", lambda row: row.enrolled)],
}


def locked_list_pdf(
    rows: "Sequence[Row]",
    columns: Sequence[str],
    *,
    chosen: Iterable[tuple[str, str]],
    marks: Marks,
    password: str,
) -> bytes:
    """Draw the list as a tagged PDF in landscape that opens with `password` alone."""
    pdf = render(
        "by_name_list",
        {
            "continuum": marks.continuum,
            "code": marks.code,
            "is_example": marks.is_example,
            "who": marks.who,
            "reason": marks.reason,
            "notice": marks.notice,
            "chosen": [[label, value] for label, value in chosen],
            "columns": [
                {"label": COLUMNS[key].label, "width": WIDTHS[key], "is_number": key == "days"}
                for key in columns
            ],
            "rows": [
                {
                    "label": row.label.text,
                    "is_named": row.label.is_named,
                    "alias": row.participant.alias,
                    "cells": [WORDS[key](row) for key in columns],
                }
                for row in rows
            ],
        },
    )
    return encrypt(pdf, password)


def cells_of(row: "Row", columns: Iterable[str]) -> dict[str, object]:
    """What a row of the workbook says, by heading."""
    who = (row.label.text, shown_as(row), row.participant.alias)
    facts = (fact for key in columns for fact in FACTS[key])
    return dict(zip(WHO, who, strict=True)) | {heading: fact(row) for heading, fact in facts}


def texts_of(row: "Row", columns: Iterable[str]) -> dict[str, str]:
    """The same as the texts that a file gives back."""
    return {heading: text_of(value) for heading, value in cells_of(row, columns).items()}


def key_of(row: "Row", columns: Iterable[str], moment: datetime) -> str:
    """The key by which a file that comes back finds the row."""
    person = row.participant
    return sealed(RowKey(person.pk, moment, texts_of(row, columns)), person.continuum_id)


def locked_list_workbook(
    rows: "Sequence[Row]",
    columns: Sequence[str],
    *,
    chosen: Iterable[tuple[str, str]],
    marks: Marks,
    password: str,
) -> bytes:
    """Return the list as an XLSX that opens with `password` alone: a table, and what it is."""
    facts = [fact for key in columns for fact in FACTS[key]]
    table = Sheet(
        "By-name list",
        [f"{CONFIDENTIAL}: by-name list, {marks.continuum} ({marks.code})", marks.by]
        + [f"Why: {marks.reason}"],
        [*WHO, *(heading for heading, _fact in facts), HEADING],
        [[*cells_of(row, columns).values(), key_of(row, columns, marks.moment)] for row in rows],
        hidden=1,
    )
    about = Sheet(
        "About this file",
        [f"{CONFIDENTIAL}: by-name list, {marks.continuum} ({marks.code})"],
        [],
        [
            ["Exported by", f"{marks.person}, {marks.agency}"],
            ["On", marks.at],
            ["Why", marks.reason],
            ["Households", len(rows)],
            *([label, value] for label, value in chosen),
            ["Confidentiality", marks.notice],
            *([["Data", "Invented people: this is an example."]] if marks.is_example else []),
        ],
    )
    mark = f"{CONFIDENTIAL} · {marks.by} · Why: {marks.reason}"
    return locked_workbook([table, about], mark=mark, notice=marks.notice, password=password)
