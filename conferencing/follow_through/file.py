"""The figures of follow-through as a file for a spreadsheet: nothing in it is of one household."""

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime

import audit.services
from accounts.models import User
from audit.exports import cell
from regions.clock import local_day
from regions.models import Continuum, Region

from .pages import EXPORTED, Figures, figures
from .periods import Period

HEADINGS = ["Figure", "Of", "Date", "Number"]


def export_follow_through(
    continuum: Continuum,
    *,
    period: Period,
    region: Region | None,
    why: str,
    actor: User,
    now: datetime,
) -> str:
    """Return the text of the file; that it was made, and why, is recorded."""
    on = local_day(now, continuum.zone)
    told = figures(continuum, actor, period=period, region=region, on=on)
    audit.services.record(
        EXPORTED,
        actor=actor,
        continuum_id=continuum.pk,
        about=region,
        why=why,
        detail={"since": period.since.isoformat(), "until": period.until.isoformat()},
        now=now,
    )
    written = io.StringIO()
    written.write("\ufeff")
    writer = csv.writer(written)
    writer.writerow(HEADINGS)
    writer.writerows([cell(value) for value in row] for row in rows(told, on))
    return written.getvalue()


def rows(told: Figures, on: date) -> Iterator[tuple[str, str, date, int]]:
    """Yield one figure per row: what, of which agency or call, of which day, how many."""
    for line in [*told.agencies, told.total]:
        for _name, words, number in line.aged:
            yield f"Open steps: {words.lower()}", line.name, on, number
        yield "Open steps: critical and overdue", line.name, on, line.critical_overdue
        yield "Steps done in the period", line.name, on, line.done
        yield "Steps not done in the period: nobody got to it", line.name, on, line.not_done
        yield "Steps ended in the period: circumstances changed", line.name, on, line.overtaken
    for call in told.calls:
        of = call.meeting.scope_words
        yield "Steps due at the call", of, call.on, call.due
        yield "Reported before the call", of, call.on, call.before
        yield "Reported at the call or after", of, call.on, call.after
        yield "Not reported", of, call.on, call.never
    yield "Households with the same barrier three times", "All", on, len(told.stuck)
    yield "Target dates passed without a new one", "All", on, len(told.passed)
