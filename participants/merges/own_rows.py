"""What becomes of this room's rows when two records are joined."""

from collections.abc import Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q

from participants.hmis.kept import FieldSaid
from participants.models import (
    Contact,
    DuplicatePair,
    FormerHead,
    HeadChange,
    HmisEntry,
    HmisLine,
    HmisRecord,
    HouseholdAct,
    HouseholdMember,
    KnownName,
    LastAttempt,
    ListPlace,
    LivingSituation,
    Merge,
    OutflowCase,
    Participant,
    PlaceChange,
    Release,
    ReturnedCell,
    RightsRequest,
    SheetRecord,
)

from . import relations
from .relations import STAYS

if TYPE_CHECKING:
    from .acts import Joining


def fold_case(joining: "Joining", former: OutflowCase, kept: OutflowCase) -> None:
    """Both looked for in one round: while it is open, one household with the attempts of both."""
    if former.round.closed_at:
        return
    joining.journal.move(LastAttempt.objects.filter(case=former), "case", kept)
    last = max(former.last_contact_on, kept.last_contact_on)
    joining.journal.change(kept, is_lasting=False, last_contact_on=last)
    joining.journal.delete(former)


def follow_hmis_id(joining: "Joining") -> None:
    """What HMIS said last, and whom it told of, go with the HMIS ID: the next import knows them.

    The ids of the two change places, and so does this.
    """
    kept, former = (HmisRecord.objects.filter(pk=each.pk).first() for each in joining.both)
    for row in (kept, former):
        if row is not None:
            joining.journal.delete(row)
    for to, row in ((joining.keeper, former), (joining.former, kept)):
        if row is not None:
            values = {
                each.attname: getattr(row, each.attname)
                for each in HmisRecord._meta.concrete_fields
                if not each.primary_key
            }
            # The next import changes it; an undo takes it away as it is then.
            joining.journal.create(HmisRecord(participant=to, **values), is_lasting=False)
    joining.journal.swap(HouseholdMember, "participant", joining.keeper, joining.former)


def members_told(merge: Merge) -> dict[UUID, FieldSaid | None]:
    """`{record: whom HMIS told of last under the id that it gets back by an undo}`.

    Only where the two changed ids: what was said of the others stays with each, as it is.
    """
    if not any(each["op"] == "swap" for each in merge.journal):
        return {}
    both = HmisRecord.objects.in_bulk([merge.keeper_id, merge.former_id])
    return {
        to: both[of].said.get("members")
        for to, of in ((merge.former_id, merge.keeper_id), (merge.keeper_id, merge.former_id))
        if of in both
    }


def keep_members_told(told: Mapping[UUID, FieldSaid | None]) -> None:
    """Note with each record the members that it has: the next import compares with them."""
    for record in HmisRecord.objects.filter(pk__in=told):
        said = {name: each for name, each in record.said.items() if name != "members"}
        members = told[record.pk]
        record.said = said | ({"members": members} if members else {})
        record.save(update_fields=["said"])


def register() -> None:
    """Say what becomes of each row of this room when two records are joined."""
    relations.register(Participant, "what is on file", field="merged_into")
    relations.register(FormerHead, "former heads", way=STAYS)
    relations.register(KnownName, "names that the record has or had", way=STAYS)
    relations.register(ListPlace, "the place on the list", way=STAYS)  # joined in places.py
    relations.register(PlaceChange, "moves on and off the list")
    relations.register(LivingSituation, "stays")
    relations.register(Contact, "contacts")
    # Whom HMIS tells of stays with the id under which it does.
    of_hmis = Q(hmis_id_index__isnull=False)
    relations.register(HouseholdMember, "members of the household", but=of_hmis)
    relations.register(HeadChange, "changes of the head")
    relations.register(HouseholdAct, "acts on the household", way=STAYS)
    relations.register(HouseholdAct, "acts on the household", field="other", way=STAYS)
    # Another head of the joined record is none of the former one's.
    relations.register(Release, "releases", keeps=["is_by_former_head"])
    relations.register(RightsRequest, "requests")
    relations.register(OutflowCase, "last attempts", once_per=["round"], fold=fold_case)
    relations.register(HmisRecord, "what HMIS said", way=STAYS)  # goes with the HMIS ID
    relations.register(HmisEntry, "entries for HMIS")
    relations.register(SheetRecord, "what spreadsheets said")
    relations.register(ReturnedCell, "changed cells of returned lists")
    relations.register(HmisLine, "lines of imports", way=STAYS)
    relations.register(DuplicatePair, "possible duplicates", field="one", way=STAYS)
    relations.register(DuplicatePair, "possible duplicates", field="other", way=STAYS)
    relations.register(Merge, "merges", field="keeper", way=STAYS)
    relations.register(Merge, "merges", field="former", way=STAYS)
    relations.register_return(OutflowCase, lambda case, now: case.round.closed_at is None)
