"""The audit as a file for a spreadsheet."""

import csv
import json
from collections.abc import Iterator
from datetime import datetime, tzinfo

from audit import readers
from audit.models import AuditEntry, AuditEntryQuerySet, Viewer, know_removed

BATCH = 1000
HEADINGS = [
    "Number",
    "When",
    "Person",
    "Person identifier",
    "What was done",
    "About",
    "Reference",
    "Why",
    "Details",
    "Hash",
]


class _Line:
    """What `csv` writes to: gives each line back."""

    def write(self, text: str) -> str:
        return text


def csv_lines(
    entries: AuditEntryQuerySet, zone: tzinfo, *, viewer: Viewer, now: datetime
) -> Iterator[str]:
    """Yield the lines of a CSV file with these entries as `viewer` may read them, times in `zone`.

    A streamed answer is made after the request, when no zone is spoken any more.
    """
    writer = csv.writer(_Line())
    yield "\ufeff" + writer.writerow(HEADINGS)
    for entry in _in_batches(entries, viewer, now):
        yield writer.writerow([cell(value) for value in _values(entry, zone)])


def _in_batches(entries: AuditEntryQuerySet, viewer: Viewer, now: datetime) -> Iterator[AuditEntry]:
    """Yield the entries, newest first, without a cursor that outlives a transaction."""
    last: str | None = None
    cleaners = readers.make_readers(viewer, now)
    while batch := list(entries.before(last)[:BATCH]):
        know_removed(batch)
        yield from readers.say(batch, viewer, now, readers=cleaners)
        last = str(batch[-1].sequence)


def _values(entry: AuditEntry, zone: tzinfo) -> list[object]:
    return [
        entry.sequence,
        entry.at.astimezone(zone).isoformat(timespec="seconds"),
        entry.actor_shown,
        entry.actor_id or "",
        entry.action_words,
        entry.object_words,
        entry.object_id,
        entry.flaw
        or ("Removed with a de-identified record" if entry.is_reason_removed else entry.why_shown),
        json.dumps(entry.detail, ensure_ascii=False) if entry.detail else "",
        bytes(entry.hash).hex(),
    ]


def cell(value: object) -> str:
    """Return the text of a cell, never one that a spreadsheet takes for a formula."""
    text = str(value)
    return "'" + text if text.lstrip().startswith(("=", "+", "-", "@")) else text
