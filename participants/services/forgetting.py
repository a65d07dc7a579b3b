"""What is forgotten of a household that goes to a victim service provider: who it is.

VAWA, 34 USC 12291(b)(2): the database holds no name, birth date or id of theirs. Former states are
emptied as they are when a record is de-identified, and on record like there. What stays is said in
docs/decisions/0028-households-and-hmis.md.
"""

from django.db.models import Model, Q

from audit.history import events_of
from participants import retention
from participants.models import (
    IDENTITY,
    HmisEntry,
    HmisLine,
    HmisRecord,
    HouseholdAct,
    Merge,
    Participant,
    ReturnedCell,
    SheetRecord,
)

from .emptying import History, column_of, left_of, sealed_names

# The columns of a record, and of its former states, that tell who heads the household or did.
WHO = (*IDENTITY, "former_names", "hmis_id_index", "identity_index")


def forget_identity(participant: Participant) -> History:
    """Forget by what the household is known elsewhere; return what is to change in history.

    No id, nothing that HMIS, a sheet or a returned list said, and nothing of what it takes to undo
    what was done to it: who headed it then, and with whom it lived.
    """
    history = History()
    forget_former_states(participant, history)
    for model in (HmisRecord, SheetRecord, ReturnedCell, HmisLine):
        model._base_manager.filter(participant=participant).delete()
    for entry in participant.hmis_entries.all():
        entry.answers, entry.given = {}, {}
        entry.save(update_fields=["answers", "given"])
    participant.members.forget_ids()
    participant.former_heads.update(hmis_id=None)
    for change in participant.head_changes.all():
        # Why somebody else heads it tells who did.
        change.reason = ""
        change.save(update_fields=["reason"])
    acts = HouseholdAct.objects.filter(Q(participant=participant) | Q(other=participant))
    merges = Merge.objects.filter(Q(keeper=participant) | Q(former=participant))
    for done in (*acts, *merges):
        done.journal = []
        done.save(update_fields=["journal"])
    return history


def forget_former_states(participant: Participant, history: History) -> None:
    """Empty who it was in every former state, also of rows that are not there any more."""
    into = {kept.model: kept.into for kept in retention.kept()}
    models: list[type[Model]] = [Participant, HmisRecord, SheetRecord, HmisEntry]
    for model in models:
        events = events_of(model)
        is_record = model is Participant
        names = list(WHO) if is_record else sealed_names(events.model)
        own = {"pgh_obj" if is_record else "participant": participant.pk}
        for event in events.filter(**own):
            said = {name: getattr(event, name) for name in names}
            if any(said.values()):
                history.changes[model][event.pk] = {
                    name: left_of(column_of(events.model, name), value, into.get(model, {}))
                    for name, value in said.items()
                }
