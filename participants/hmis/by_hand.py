"""Households of which a person said who heads them, while HMIS goes on to say what it said."""

from datetime import date
from uuid import UUID

from participants.hmis_ids import one_spelling, same_hmis_id
from participants.models import HmisRecord, HouseholdAct, Participant
from regions.models import Continuum

from . import households
from .known import by_hmis_id
from .twins import joined_ids


def told_by_former_heads(continuum: Continuum) -> dict[str, Participant]:
    """`{HMIS ID: record}` of which HMIS tells under who headed the household before, as ever.

    A person said that somebody else heads it. HMIS says nothing new until that one heads one there,
    the former head left, or was enrolled anew since. The record may be joined into another by now.
    """
    changed = HouseholdAct.objects.filter(
        kind=HouseholdAct.Kind.HEAD, undone_at__isnull=True, participant__continuum=continuum
    )
    since: dict[UUID, date] = {}
    for key, kept, on in changed.order_by("at").values_list(
        "participant", "participant__merged_into", "on"
    ):
        # What HMIS said goes with the HMIS ID, also to the record that was kept.
        since |= {each: on for each in (key, kept) if each}
    records = HmisRecord.objects.filter(
        participant__in=since, participant__is_confidential=False
    ).select_related("participant__merged_into")
    told = {
        record.said["head"]["value"]: record.participant
        for record in records
        if "head" in record.said
        and not same_hmis_id(record.participant.hmis_id, record.said["head"]["value"])
    }
    taken = {*by_hmis_id(continuum, told), *joined_ids(continuum, told)}
    heading = households.heading([*told, *(each.hmis_id for each in told.values())])
    found: dict[str, Participant] = {}
    for pid, person in told.items():
        there, anew = heading.get(one_spelling(pid)), heading.get(one_spelling(person.hmis_id))
        if there and not anew and there.entered <= since[person.pk] and pid not in taken:
            found[there.pid] = person
    return found
