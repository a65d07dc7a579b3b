"""The minutes of a call for one reader as PDF: what its template needs, and the call that draws it.

Every text is final: dates, times and names are written as the reader will read them, in the
continuum's zone, names or aliases already chosen by the release rules that hold for this reader.
"""

from typing import Literal, NotRequired, TypedDict

from conferencing.deliveries.copies import RecipientData
from conferencing.words import MeetingData, RoleData
from vault import documents

# What the call made of an element; the last: it was not confirmed there.
Changed = Literal["changed", "unchanged", "not_recorded"]


class DocumentData(TypedDict):
    continuum: str  # "River Valleys CoC"
    code: str  # "MN-502"
    frozen_at: str  # when the call was closed: "Dec 4, 2026, 11:02 AM CST"
    made_at: str  # when this copy was made
    is_example: bool


class OrganizationData(TypedDict):
    organization: str
    people: list[str]  # each with duty or how they came: "Lee Lead (facilitator)"


class TextData(TypedDict):
    words: str
    is_systemic: bool


class WordData(TypedDict):
    """What somebody who could not come sent word of."""

    by: str
    agency: str
    words: str


class ElementData(TypedDict):
    """One of the elements (River Valleys, “Standard Set of Elements to Review”)."""

    label: str
    changed: Changed
    texts: list[TextData]


class DecisionData(TypedDict):
    label: str
    fact: str  # may be ""
    words: str  # may be ""


class StepData(TypedDict):
    what: str
    agency: str
    owner: str  # the follow-up person, or ""
    due: str
    is_critical: bool


class ReportedData(TypedDict):
    """The last report on a step from before this call: done, under way, or why it was not done."""

    what: str
    agency: str
    status: str
    line: str  # may be ""


class AddendumData(TypedDict):
    by: str
    at: str
    words: str


class HouseholdData(TypedDict):
    label: str  # name or alias
    is_named: bool  # False: marked as an alias
    summary: str
    because: str  # why somebody added it to the agenda; may be ""
    is_discussed: bool  # False: carried over, though something was said
    had_nothing: bool  # read out with others, and something was added later
    elements: list[ElementData]
    notes: str
    writers: NotRequired[list[str]]
    sent_word: NotRequired[list[WordData]]
    decisions: list[DecisionData]
    reported: list[ReportedData]
    steps: list[StepData]
    no_step_reason: str
    guests: list[str]  # how they belong to the household, never who they are
    added: list[AddendumData]


class LabelData(TypedDict):
    label: str
    is_named: bool


class NothingData(LabelData):
    marked_by: str  # person and agency


class MinutesData(TypedDict):
    document: DocumentData
    recipient: RecipientData
    notice: str  # the continuum's non-disclosure words, at the foot of every page
    meeting: MeetingData
    roles: list[tuple[str, RoleData | None]]
    held: str  # "10:02 AM–11:01 AM CST", or ""
    opening: str  # the opening check in words; "" in older minutes
    purpose: str  # may be ""
    present: list[OrganizationData]
    absent: list[OrganizationData]
    locked_out: list[str]  # organizations whose people could not get in
    households: list[HouseholdData]
    nothing: list[NothingData]  # read out as one: nothing to discuss
    carried: list[LabelData]
    left_out: int  # households that this reader may not know of
    added: list[AddendumData]  # about the whole call


def locked_minutes(data: MinutesData, *, password: str) -> bytes:
    """Return the minutes as a PDF that opens with `password` and with nothing else.

    Raises vault.documents.DocumentError when the data lacks something the template needs.
    """
    return documents.encrypt(documents.render("minutes", data), password)
