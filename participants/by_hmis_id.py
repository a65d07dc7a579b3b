"""Who has an HMIS ID, in whatever spelling: by the blind index, under each key of the ring."""

from collections.abc import Iterable
from uuid import UUID

from participants.models import Participant, ParticipantQuerySet
from vault.blind import candidates


def indexes_of(continuum: UUID, hmis_ids: Iterable[str | None]) -> dict[bytes, str]:
    """`{blind index: the HMIS ID as given}`, under each key; of those that are there."""
    return {
        index: each for each in hmis_ids if each for index in candidates("hmis id", continuum, each)
    }


def records_with(continuum: UUID, hmis_ids: Iterable[str | None]) -> ParticipantQuerySet:
    """Records of the continuum, joined ones among them, that have one of the HMIS IDs."""
    indexes = list(indexes_of(continuum, hmis_ids))
    return Participant.every.filter(continuum=continuum, hmis_id_index__in=indexes)


def those_of(continuum: UUID, hmis_ids: Iterable[str], records: ParticipantQuerySet) -> set[str]:
    """Those of the HMIS IDs that one of the records has, in one query."""
    by_index = indexes_of(continuum, hmis_ids)
    found = records.filter(continuum=continuum, hmis_id_index__in=list(by_index))
    return {by_index[bytes(index)] for index in found.values_list("hmis_id_index", flat=True)}
