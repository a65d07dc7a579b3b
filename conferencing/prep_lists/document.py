"""The prep list of one recipient as PDF: what its template needs, and the call that draws it.

Every text is final: dates, times and names are written as the recipient will read them, in
the continuum's zone, names or aliases already chosen by the release rules that hold for this
recipient. Lists are in the order in which they are shown.
"""

from typing import TypedDict

from conferencing.deliveries.copies import RecipientData
from conferencing.elements import ELEMENTS
from conferencing.words import MeetingData, RoleData
from vault import documents


class FormerRevision(TypedDict):
    revision: int
    sent: str  # "Nov 18"
    why: str  # may be ""


class DocumentData(TypedDict):
    continuum: str  # "River Valleys CoC"
    code: str  # "MN-502"
    revision: int
    is_settled: bool  # False: "Proposed list: not yet settled by the CE Specialist"
    corrects: FormerRevision | None
    made_at: str  # "Nov 20, 2026, 8:00 AM CST"
    is_example: bool


class OwnStepData(TypedDict):
    participant: str  # name or alias
    what: str
    owner: str  # the person, or ""
    due: str  # may be ""
    is_overdue: bool
    is_critical: bool
    report: str  # the last progress update, or ""


class StepData(TypedDict):
    what: str
    owner: str  # "person, agency", or ""
    due: str  # may be ""
    is_overdue: bool
    is_critical: bool


class ElementData(TypedDict):
    """An element as it is declared (conferencing/elements.py)."""

    key: str
    title: str
    mark: str


class ElementsData(TypedDict):
    """The last review: beside these a text, or a list of texts, by each element's key.

    By the mark of one of which the list says so: "changed" since the one before, "unchanged", or
    "not recorded".
    """

    reviewed_on: str
    is_carried_over: bool  # spoken of there, then left for a later call
    notes: str  # of one that was carried over; else ""
    decisions: list[str]  # likewise


class ParticipantData(TypedDict):
    position: int
    label: str  # name or alias
    is_named: bool  # False: marked as an alias
    reasons: list[str]  # why on the list today
    household: str
    days_on_list: int
    county: str  # without the word "County"; may be ""
    status: str
    minutes: int | None
    elements: ElementsData | None  # None: not reviewed before
    changes: list[str]  # since that review
    steps: list[StepData]


class ReportedStepData(TypedDict):
    what: str
    owner: str  # "person, agency", or ""
    due: str
    report: str  # the last one, or ""


class NothingData(TypedDict):
    """A household that is read out with others: nothing to discuss, unless somebody asks."""

    label: str  # name or alias
    is_named: bool
    household: str
    marked_by: str  # person and agency
    steps: list[ReportedStepData]


class PrepListData(TypedDict):
    document: DocumentData
    recipient: RecipientData
    notice: str  # the continuum's non-disclosure words, at the foot of every page
    meeting: MeetingData
    roles: list[tuple[str, RoleData | None]]
    elements: list[ElementData]  # in the order in which they stand
    own_steps: list[OwnStepData]  # the recipient's own agency's, shown first
    nothing: list[NothingData]
    participants: list[ParticipantData]  # to be discussed


DECLARED: list[ElementData] = [
    {"key": each.key, "title": each.on_paper, "mark": each.mark} for each in ELEMENTS
]


def locked_prep_list(data: PrepListData, *, password: str) -> bytes:
    """Return the list as a PDF that opens with `password` and with nothing else.

    Raises vault.documents.DocumentError when the data lacks something the template needs.
    """
    return documents.encrypt(documents.render("prep_list", data), password)
