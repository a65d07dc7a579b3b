"""What becomes of this room's rows when two records are joined."""

from typing import TYPE_CHECKING

from participants.models import (
    Contact,
    DuplicatePair,
    HeadChange,
    HmisLine,
    HmisRecord,
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
    RightsRequest,
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
    """What HMIS said last goes with the HMIS ID, so that the next import knows what is new."""
    kept, former = (HmisRecord.objects.filter(pk=each.pk).first() for each in joining.both)
    if kept or former is None:
        return
    joining.journal.delete(former)
    values = {
        each.attname: getattr(former, each.attname)
        for each in HmisRecord._meta.concrete_fields
        if not each.primary_key
    }
    # The next import changes it; an undo takes it away as it is then.
    joining.journal.create(HmisRecord(participant=joining.keeper, **values), is_lasting=False)


def register() -> None:
    """Say what becomes of each row of this room when two records are joined."""
    relations.register(Participant, "what is on file", field="merged_into")
    relations.register(KnownName, "names that the record has or had", way=STAYS)
    relations.register(ListPlace, "the place on the list", way=STAYS)  # joined in places.py
    relations.register(PlaceChange, "moves on and off the list")
    relations.register(LivingSituation, "stays")
    relations.register(Contact, "contacts")
    relations.register(HouseholdMember, "members of the household")
    relations.register(HeadChange, "changes of the head")
    relations.register(Release, "releases")
    relations.register(RightsRequest, "requests")
    relations.register(OutflowCase, "last attempts", once_per=["round"], fold=fold_case)
    relations.register(HmisRecord, "what HMIS said", way=STAYS)  # goes with the HMIS ID
    relations.register(HmisLine, "lines of imports", way=STAYS)
    relations.register(DuplicatePair, "possible duplicates", field="one", way=STAYS)
    relations.register(DuplicatePair, "possible duplicates", field="other", way=STAYS)
    relations.register(Merge, "merges", field="keeper", way=STAYS)
    relations.register(Merge, "merges", field="former", way=STAYS)
    relations.register_return(OutflowCase, lambda case, now: case.round.closed_at is None)
