"""Whom of an export the by-name list may hold already, under another record or another id."""

from datetime import date

from participants.merges.pairs import traits_of
from participants.merges.reasons import Traits, reasons, same_name
from participants.models import Participant
from vault.blind import candidates

from .comparing import is_blank


def joined_ids(continuum, pids):
    """Those of the HMIS IDs whose record was joined into another: that one follows its own id."""
    by_index = {index: pid for pid in pids for index in candidates("hmis id", continuum.pk, pid)}
    rows = Participant.every.filter(
        continuum=continuum, hmis_id_index__in=list(by_index), merged_into__isnull=False
    )
    return {by_index[bytes(index)] for index in rows.values_list("hmis_id_index", flat=True)}


def possible_twins(continuum, fresh):
    """`{HMIS ID: Participant}`: who is on file with the same name and date of birth."""
    by_index = {}
    for pid, said in fresh:
        if is_blank("name", said["name"]) or is_blank("birth_date", said["birth_date"]):
            continue
        born = date.fromisoformat(said["birth_date"])
        for index in candidates("identity", continuum.pk, said["name"], born):
            by_index.setdefault(index, []).append(pid)
    found = {}
    rows = Participant.every.filter(continuum=continuum, identity_index__in=list(by_index))
    rows = rows.select_related("merged_into")
    said_by_pid = dict(fresh)
    for participant in rows:
        for pid in by_index[bytes(participant.identity_index)]:
            if reasons(traits_of(participant), traits_of_line(pid, said_by_pid[pid])):
                found[pid] = participant.merged_into or participant
    return found


def traits_of_line(pid, said):
    """A household of the file, as the rule for duplicates compares it."""
    return Traits(
        key=pid,
        alias="",
        name=same_name(said["name"]),
        birth_date=date.fromisoformat(said["birth_date"]),
        hmis_id=pid,
    )
