"""The figures of the by-name list as a file for a spreadsheet: no household stands in it."""

import csv
import io
from datetime import datetime

import audit.services
from accounts.models import User
from audit.exports import cell
from regions.clock import local_day
from regions.models import Continuum, Region

from .figures import (
    EXPORTED,
    MEASURES,
    figures,
    people_of,
)

HEADINGS = [
    *("Month", *MEASURES.values(), "Median days from identification to housing"),
    "Households that the median is of",
]


def export_figures(
    continuum: Continuum, *, region: Region | None, need: str, why: str, actor: User, now: datetime
) -> str:
    """Return the text of the file; that it was made, and why, is recorded."""
    on = local_day(now, continuum.zone)
    months = figures(people_of(actor, on=on, region=region, need=need), on=on)
    audit.services.record(
        EXPORTED,
        actor=actor,
        continuum_id=continuum.pk,
        about=region,
        why=why,
        detail={"since": months[0].key, "until": months[-1].key, "need": need},
        now=now,
    )
    written = io.StringIO()
    written.write("\ufeff")
    writer = csv.writer(written)
    writer.writerow(HEADINGS)
    for month in months:
        days = "" if month.median_days is None else month.median_days
        numbers = [number for _name, _words, number in month.cells]
        writer.writerow([cell(value) for value in [month.key, *numbers, days, len(month.days)]])
    return written.getvalue()
