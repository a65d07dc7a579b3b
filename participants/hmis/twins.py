"""Whom of an export the by-name list may hold already, under another record or another id."""

from collections.abc import Iterable, Sequence
from datetime import date

from participants.by_hmis_id import records_with, those_of
from participants.hmis.kept import RecordSaid, Said
from participants.merges.pairs import traits_of
from participants.merges.reasons import Traits, reasons, same_name
from participants.models import HmisRecord, Participant
from regions.models import Continuum
from vault.blind import candidates


def joined_ids(continuum: Continuum, pids: Iterable[str]) -> set[str]:
    """Those of the HMIS IDs whose record was joined into another: that one follows its own id."""
    return those_of(continuum.pk, pids, Participant.every.filter(merged_into__isnull=False))


def joined_record(household: Participant, pid: str) -> Participant | None:
    """The record, joined into the household's, that HMIS tells of under this id."""
    rows = records_with(household.continuum_id, [pid]).filter(merged_into=household)
    return rows.select_related("hmis").first()


def said_of_joined(joined: Participant | None) -> RecordSaid | None:
    """What HMIS said of a joined record last; None for no such record."""
    if joined is None:
        return None
    record: HmisRecord | None = getattr(joined, "hmis", None)
    return record.said if record else {}


def possible_twins(
    continuum: Continuum, fresh: Sequence[tuple[str, Said]]
) -> dict[str, Participant]:
    """`{HMIS ID: Participant}`: who is on file with the same name and date of birth."""
    by_index: dict[bytes, list[str]] = {}
    for pid, said in fresh:
        name, born = said["name"], said["birth_date"]
        if not name or not born:
            continue
        for index in candidates("identity", continuum.pk, name, date.fromisoformat(born)):
            by_index.setdefault(index, []).append(pid)
    found: dict[str, Participant] = {}
    rows = Participant.every.filter(continuum=continuum, identity_index__in=list(by_index))
    rows = rows.select_related("merged_into")
    said_by_pid = dict(fresh)
    for participant in rows:
        for pid in by_index[bytes(participant.identity_index)]:
            if reasons(traits_of(participant), traits_of_line(pid, said_by_pid[pid])):
                found[pid] = participant.merged_into or participant
    return found


def traits_of_line(pid: str, said: Said) -> Traits:
    """A household of the file, as the rule for duplicates compares it."""
    born = said["birth_date"]
    return Traits(
        key=pid,  # type: ignore[arg-type]  # compared alone, with no other line
        alias="",
        name=same_name(said["name"]),
        birth_date=date.fromisoformat(born) if born else None,
        hmis_id=pid,
    )
