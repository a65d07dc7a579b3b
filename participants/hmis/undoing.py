"""Taking back what the last import did, as long as no other was applied after it.

What a person changed, or added to, since the import stays: undoing takes back the import's own
words and nobody else's.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count

import audit.actions
import audit.services
from accounts.models import User
from participants.hmis.said import contacts_said
from participants.merges.relations import relations
from participants.merges.tracing import Trace, merges_since
from participants.models import (
    Contact,
    HmisImport,
    HmisLine,
    HmisRecord,
    LivingSituation,
    Merge,
    Participant,
    PlaceChange,
)
from participants.services.places import hold
from regions.models import Continuum

from .giving_back import hold_navigators, restore, restore_sheet_record
from .undoing_joined import restore_joined

UNDONE = audit.actions.register("import.undone", "Undid an import")
AT_ONCE = 500
# Of those that are kept, whose record was joined with another; of the others, whose place stays.
JOINED, PLACE_STAYS = "kept_joined", "place_stays"
# Between the two times of a row when it is made.
AN_INSTANT = timedelta(milliseconds=100)
# What an import itself makes with a new household, and what is found or asked of it by itself.
OWN = {
    *("Contact", "ListPlace", "PlaceChange", "LivingSituation"),
    *("HmisRecord", "SheetRecord", "HmisLine", "KnownName", "HouseholdMember"),
    *("DuplicatePair", "ReturnedCell"),
}


@transaction.atomic
def undo_import(hmis_import: HmisImport, *, actor: User, now: datetime) -> dict[str, int]:
    """Undo the last import; return `{"removed", "restored", "kept"}`, in households.

    Where there are any also JOINED and PLACE_STAYS.
    ValidationError if another import was applied since, or this one was undone already.
    """
    Continuum.objects.select_for_update(no_key=True).get(pk=hmis_import.continuum_id)
    last = HmisImport.objects.undoable(hmis_import.continuum)
    if last is None or last.pk != hmis_import.pk:
        raise ValidationError(
            "Only the import that was applied last can be undone, and only once. To correct an "
            "older one, change the households, or import again."
        )
    counts = {"removed": 0, "restored": 0, "kept": 0}
    applied_at = last.applied_at or now  # one that can be undone was applied
    joined = merges_since(hmis_import.continuum, applied_at)
    if last.is_sheet:
        hold_navigators(hmis_import.continuum)
    keys = list(last.lines.values_list("pk", flat=True).order_by("-number"))
    for start in range(0, len(keys), AT_ONCE):
        undo_lines(keys[start : start + AT_ONCE], last, joined, counts)
    last.state, last.undone_at, last.undone_by = HmisImport.State.UNDONE, now, actor
    last.counts = {**last.counts, "undone": counts}
    last.save()
    audit.services.record(
        UNDONE,
        actor=actor,
        about=last,
        detail=counts,
        now=now,
    )
    return counts


def undo_lines(
    keys: Sequence[UUID], hmis_import: HmisImport, joined: Sequence[Merge], counts: dict[str, int]
) -> None:
    # The last one first: an HMIS ID that went from one household to another goes back that way.
    rows = HmisLine.objects.filter(pk__in=keys).order_by("-number")
    hold(rows.order_by().values("participant"), whole=True)
    lines = [line for line in rows.select_related("hmis_import") if line.former or is_added(line)]
    people = Participant.every.select_related("place", "hmis").in_bulk(
        [line.participant_id for line in lines if line.participant_id]
    )
    added = {
        people[line.participant_id].pk: line
        for line in lines
        if is_added(line) and line.participant_id in people
    }
    fresh = [people[key] for key in added]
    touched = touched_since(fresh) | recontacted(added)
    touched |= {person.pk for person in fresh if is_helped_by_another(person, added[person.pk])}
    for line in lines:
        person = people.get(line.participant_id)
        if person is None:
            counts["kept"] += 1
            continue
        trace = Trace(person, joined)
        if is_added(line):
            counts["kept" if person.pk in touched else "removed"] += 1
            if trace.is_joined:
                counts[JOINED] = counts.get(JOINED, 0) + 1
        elif line.former.get("is_absent") and "sheet" in line.former:
            for each in [line.former["sheet"], *line.former.get("sheets", [])]:
                restore_sheet_record(line, each)
            counts["restored"] += 1
        elif trace.is_joined:
            if not restore_joined(line, person, trace, hmis_import.brought_to):
                counts[PLACE_STAYS] = counts.get(PLACE_STAYS, 0) + 1
            counts["restored"] += 1
        elif line.former.get("is_absent"):
            HmisRecord.objects.filter(pk=person.pk, absent_on=hmis_import.as_of).update(
                absent_on=None
            )
            counts["restored"] += 1
        else:
            restore(line, person)
            counts["restored"] += 1
    gone = [person.pk for person in fresh if person.pk not in touched]
    # Nothing that was said of them is kept either.
    HmisLine.objects.filter(participant__in=gone).delete()
    Participant.objects.filter(pk__in=gone).delete()


def is_added(line: HmisLine) -> bool:
    """Whether the household was not on file before; what changed one says what it was."""
    if line.former:
        return "is_new" in line.former
    return line.kind == HmisLine.Kind.NEW and line.participant_id is not None


def changed_since(people: Sequence[Participant]) -> set[UUID]:
    """Those of whom a person changed what is on file since they were added."""
    return {
        person.pk
        for person in people
        if person.changed_at - person.created_at > AN_INSTANT
        or person.notes
        or person.deidentified_at
    }


def touched_since(people: Sequence[Participant]) -> set[UUID]:
    """Those that a person worked with since: a review, a step, a release, a changed field.

    Also those with whom another household lives by now: its people are of them.
    """
    keys = [person.pk for person in people]
    found = changed_since(people)
    for relation in relations():
        if relation.related_model.__name__ in OWN:
            continue
        name = relation.field.name
        rows = relation.related_model._base_manager.filter(**{f"{name}__in": keys})
        found |= set(rows.values_list(name, flat=True))
    for model in (PlaceChange, LivingSituation):
        of_each = model.objects.filter(participant__in=keys).values("participant")
        more = of_each.annotate(number=Count("pk")).filter(number__gt=1).order_by()
        found |= set(more.values_list("participant", flat=True))
    return found


def is_helped_by_another(person: Participant, line: HmisLine) -> bool:
    """Whether somebody is the navigator whom the import did not name."""
    told = line.said.get("navigator_id")
    return person.navigator_id is not None and str(person.navigator_id) != told


def recontacted(added: Mapping[UUID, HmisLine]) -> set[UUID]:
    """Those of the added ones whose contacts are not, or not only, those that HMIS told of."""
    found: dict[UUID, set[tuple[str, date]]] = {key: set() for key in added}
    for contact in Contact.objects.filter(participant__in=added):
        found[contact.participant_id].add((contact.kind, contact.on))
    return {
        key
        for key, contacts in found.items()
        if added[key].said and contacts != contacts_said(added[key].said)
    }
