"""Households on file as an import looks at them: by their ids, with what is compared."""

from collections.abc import Iterable
from itertools import chain
from typing import Any

from django.db import connection
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from participants.by_hmis_id import indexes_of
from participants.hmis.kept import Newest
from participants.hmis.staging import copy_all, is_key
from participants.models import (
    HouseholdMember,
    LivingSituation,
    Participant,
    ParticipantQuerySet,
)
from regions.models import Continuum
from vault.encrypted import decrypt_column


def by_hmis_id(continuum: Continuum, pids: Iterable[str]) -> dict[str, Participant]:
    """`{HMIS ID: Participant}` of those on file, as `households_on_file` gives them; one query."""
    by_index = indexes_of(continuum.pk, pids)
    rows = households_on_file(continuum, hmis_id_index__in=list(by_index))
    return {by_index[bytes(each.hmis_id_index)]: each for each in rows}


def households_on_file(
    continuum: Continuum,
    **chosen: Any,  # as `filter` has it
) -> ParticipantQuerySet:
    """Participants with place, record and newest stay."""
    stays = LivingSituation.objects.filter(participant=OuterRef("pk")).order_by(
        "-on", "-recorded_at"
    )
    return (
        Participant.objects.filter(continuum=continuum, **chosen)
        .select_related("place", "hmis")
        .annotate(
            stay_kind=Subquery(stays.values("kind")[:1]), stay_on=Subquery(stays.values("on")[:1])
        )
    )


def keep_ids_on_file(continuum: Continuum) -> None:
    """Put beside the export who heads a household on file, and who belongs to one."""
    people = Participant.objects.filter(continuum=continuum, hmis_id__isnull=False)
    members = HouseholdMember.objects.filter(
        continuum=continuum, hmis_id__isnull=False, participant__is_confidential=False
    )
    joined = Participant.every.filter(
        continuum=continuum, hmis_id__isnull=False, merged_into__isnull=False
    )
    kept = dict(joined.values_list("pk", "merged_into"))
    household = Coalesce("participant__merged_into", "participant")
    of_whom = dict(members.values_list("pk", household))
    heads = decrypt_column(
        Participant,
        "hmis_id",
        people.values_list("pk", "hmis_id"),  # type: ignore[arg-type]  # sealed, in a list
    )
    others = decrypt_column(
        HouseholdMember,
        "hmis_id",
        members.values_list("pk", "hmis_id"),  # type: ignore[arg-type]  # sealed, in a list
    )
    former = decrypt_column(
        Participant,
        "hmis_id",
        joined.values_list("pk", "hmis_id"),  # type: ignore[arg-type]  # sealed, in a list
    )
    rows = chain(
        (f"{pid}\t{kept[key]}\tjoined\n" for key, pid in former if is_key(pid)),
        (f"{pid}\t{key}\thead\n" for key, pid in heads if is_key(pid)),
        (f"{pid}\t{of_whom[key]}\tmember\n" for key, pid in others if is_key(pid)),
    )
    # Read whole before it is copied: while COPY runs nothing else may be asked.
    copy_all("COPY hmis_file FROM STDIN", list(rows))
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX ON hmis_file (pid); ANALYZE hmis_file")


def newest_stay(participant: Participant) -> Newest | None:
    """Of a row of `households_on_file` as that found it; of any other it is asked for."""
    if hasattr(participant, "stay_kind") and hasattr(participant, "stay_on"):
        return (participant.stay_kind, participant.stay_on) if participant.stay_on else None
    newest = participant.situations.order_by("-on", "-recorded_at").first()
    return (newest.kind, newest.on) if newest else None


def mark_seen(participants: Iterable[Participant]) -> None:
    rows = [f"{each.pk}\n" for each in participants]
    if rows:
        copy_all("COPY hmis_seen FROM STDIN", rows)
