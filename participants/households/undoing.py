"""Whether an act on a household can be undone, and undoing it."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model

import audit.actions
import audit.services
from accounts.models import User
from participants.by_hmis_id import records_with
from participants.former_heads import head_again, signers_since
from participants.merges import journal
from participants.merges.relations import relations
from participants.models import (
    DuplicatePair,
    FormerHead,
    HeadChange,
    HmisLine,
    HouseholdAct,
    KnownName,
    Merge,
    Participant,
    PlaceChange,
)
from participants.services.aliases import with_alias
from participants.services.places import locked

from .members import keep_size

ACT_UNDONE = audit.actions.register(
    "participant.household_undone", "Undid a change of who is of a household"
)
GONE_FROM_FILE = "What was on file then was removed since: nothing can be put back."
# What is found of a household by itself, and says of nobody that they worked with it.
OF_ITSELF: tuple[type[Model], ...] = (DuplicatePair, FormerHead, HmisLine, KnownName)


def hindrances(act: HouseholdAct) -> list[str]:
    """In words, why an act cannot be undone as things are; empty if it can."""
    if act.undone_at:
        return ["It was undone already."]
    later = HouseholdAct.objects.filter(
        participant=act.participant_id, undone_at__isnull=True, at__gt=act.at
    )
    if later.exists():
        return ["The household was changed again since. Undo that first."]
    if act.participant.deidentified_at:
        return ["The record was de-identified since: it tells of nobody any more."]
    if not act.journal:
        return [GONE_FROM_FILE]
    found = journal.obstacles(act.journal)
    words = [f"Changed since: {', '.join(found)}."] if found else []
    words += taken_since(act)
    if act.kind == HouseholdAct.Kind.HEAD and was_joined_since(act):
        words.append("Another record was joined to this one later. Undo that first.")
    if act.kind == HouseholdAct.Kind.JOIN and was_moved_since(act):
        words.append("The household was moved on or off the list since.")
    if act.kind == HouseholdAct.Kind.SPLIT:
        other = act.other
        if other is None or other.merged_into_id:
            return ["The other household’s record was joined with another or removed since."]
        if was_worked_with(act, other):
            words.append(
                "The other household has been worked with since. If both are one household again, "
                "compare the two records instead."
            )
    return words


def was_worked_with(act: HouseholdAct, other: Participant) -> bool:
    """Whether anything is about the household that began with an act, and was not made by it."""
    for relation in relations():
        model = relation.related_model
        if issubclass(model, OF_ITSELF):
            continue
        rows = model._base_manager.filter(**{relation.field.name: other})
        if model is HouseholdAct:
            rows = rows.filter(undone_at__isnull=True).exclude(pk=act.pk)
        if rows.exclude(pk__in=made_by(act, model)).exists():
            return True
    return False


def taken_since(act: HouseholdAct) -> list[str]:
    """In words, what the household gave up by an act and another record has by now."""
    label, found = Participant._meta.label, []
    for entry in act.journal:
        if entry["op"] != "change" or entry["model"] != label:
            continue
        continuum = act.participant.continuum
        alias, hmis_id = (entry["before"].get(name) for name in ("alias", "hmis_id"))
        if records_with(continuum.pk, [hmis_id]).exclude(pk=entry["pk"]).exists():
            found.append("Another record has the former head’s HMIS ID by now.")
        if alias and with_alias(continuum, [alias]).exclude(pk=entry["pk"]).exists():
            found.append("Another household has the former alias by now.")
    return found


def was_joined_since(act: HouseholdAct) -> bool:
    """Whether a record was joined to the household: by then, its names are the later head's."""
    merges = Merge.objects.standing().filter(keeper=act.participant_id, at__gt=act.at)
    return merges.exists()


def made_by(act: HouseholdAct, model: type[Model]) -> list[str]:
    """The keys of the rows of a model that an act made."""
    return [
        each["pk"]
        for each in act.journal
        if each["op"] == "create" and each["model"] == model._meta.label
    ]


def was_moved_since(act: HouseholdAct) -> bool:
    moves = PlaceChange.objects.filter(participant=act.participant_id, recorded_at__gt=act.at)
    return moves.exclude(pk__in=made_by(act, PlaceChange)).exists()


@transaction.atomic
def undo_act(act: HouseholdAct, *, actor: User, now: datetime) -> list[str]:
    """Put back who was of a household; return in words what could not be put back.

    What a new head signed since counts no longer. Raises ValidationError, with the reason, where
    something was changed since that cannot be taken apart.
    """
    both = [key for key in (act.participant_id, act.other_id) if key]
    # In the order in which whoever lets two households live together holds them.
    rows = Participant.every.filter(pk__in=both).order_by("pk")
    list(rows.select_for_update(of=("self",)).values_list("pk"))
    locked(act.participant)
    act = (
        HouseholdAct.objects.select_for_update(of=("self",))
        .select_related("participant__continuum", "other")
        .get(pk=act.pk)
    )
    if found := hindrances(act):
        raise ValidationError(found)
    if act.kind == HouseholdAct.Kind.HEAD:
        since = act.participant.releases.filter(recorded_at__gt=act.at)
        for change in HeadChange.objects.filter(pk__in=made_by(act, HeadChange)):
            own, others = signers_since(change, since)
            since.filter(pk__in=own).update(is_by_former_head=False)
            since.filter(pk__in=others).update(is_by_former_head=True)
            head_again(change.pk, signed_since=others)
    left = journal.undo(act.journal, now)
    act.undone_at, act.undone_by, act.journal = now, actor, []
    if act.kind == HouseholdAct.Kind.SPLIT:
        act.other = None
    act.save()
    Participant.objects.filter(pk__in=both).update(changed_at=now)
    for each in Participant.objects.filter(pk__in=both).select_related("continuum"):
        keep_size(each, now)
    audit.services.record(
        ACT_UNDONE, actor=actor, about=act.participant, detail={"act": str(act.pk)}, now=now
    )
    return left
