"""The facilitator's bar: the household being discussed, and how the hour goes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypedDict

from conferencing.elements import ELEMENTS
from conferencing.models import Meeting, Review

from .acts import what_is_lacking

if TYPE_CHECKING:
    from .pages import AgendaRow


class SteerPage(TypedDict):
    """What the facilitator's bar shows of the household on the table, and of the hour."""

    meeting: Meeting
    row: "AgendaRow | None"
    is_open: bool
    lacking: list[str]  # what it needs before it is done
    unconfirmed: list[str]  # elements, by their titles
    steps: int
    done: int
    total: int
    expected_seconds: int  # what the households that are done were to take


def steer_page(meeting: Meeting, rows: "Sequence[AgendaRow]") -> SteerPage:
    """The facilitator's bar, from the rows of the agenda; one query for the steps given now."""
    row = next((each for each in rows if each["is_now"]), None)
    rows = [each for each in rows if each["mark"] is None]  # what is read out takes no minutes
    done = [each for each in rows if each["review"].outcome != Review.Outcome.OPEN]
    review = row["review"] if row else None
    is_open = review is not None and review.outcome == Review.Outcome.OPEN
    return {
        "meeting": meeting,
        "row": row,
        "is_open": is_open,
        "lacking": what_is_lacking(review, has_step=review.has_step) if review and is_open else [],
        "unconfirmed": [
            element.title.lower()
            for element in ELEMENTS
            if review and getattr(review, element.mark) == Review.Changed.NOT_RECORDED
        ],
        "steps": review.steps.count() if review else 0,
        "done": len(done),
        "total": len(rows),
        "expected_seconds": 60 * sum(each["entry"].minutes for each in done if not each["is_now"]),
    }
