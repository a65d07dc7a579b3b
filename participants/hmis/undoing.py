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
from participants.aliases import gives_away
from participants.hmis.kept import Former, HeadBefore, RecordBefore, day_of
from participants.hmis.said import contacts_said, keep_members, typed
from participants.models import (
    Contact,
    HeadChange,
    HmisImport,
    HmisLine,
    HmisRecord,
    ListPlace,
    LivingSituation,
    Merge,
    Participant,
    PlaceChange,
    Release,
)
from regions.models import Continuum, Region
from vault.blind import candidates

from .comparing import FIELDS, IDENTITY, on_file

UNDONE = audit.actions.register("import.undone", "Undid an HMIS import")
AT_ONCE = 500
# Between the two times of a row when it is made.
AN_INSTANT = timedelta(milliseconds=100)
# What an import itself makes with a new household.
OWN = {
    *("Contact", "ListPlace", "PlaceChange", "LivingSituation"),
    *("HmisRecord", "HmisLine", "KnownName", "HouseholdMember"),
}


@transaction.atomic
def undo_import(hmis_import: HmisImport, *, actor: User, now: datetime) -> dict[str, int]:
    """Undo the last import; return `{"removed", "restored", "kept"}`, in households.

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
    keys = list(last.lines.values_list("pk", flat=True).order_by("-number"))
    for start in range(0, len(keys), AT_ONCE):
        undo_lines(keys[start : start + AT_ONCE], last, counts)
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


def undo_lines(keys: Sequence[UUID], hmis_import: HmisImport, counts: dict[str, int]) -> None:
    lines = [line for line in HmisLine.objects.filter(pk__in=keys) if line.former or is_added(line)]
    people = (
        Participant.objects.select_for_update(of=("self",))
        .select_related("place", "hmis")
        .in_bulk([line.participant_id for line in lines if line.participant_id])
    )
    added = {
        people[line.participant_id].pk: line
        for line in lines
        if is_added(line) and line.participant_id in people
    }
    fresh = [people[key] for key in added]
    touched = touched_since(fresh) | recontacted(added)
    for line in lines:
        person = people.get(line.participant_id)
        if person is None:
            counts["kept"] += 1
            continue
        if is_added(line):
            counts["kept" if person.pk in touched else "removed"] += 1
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


def touched_since(people: Sequence[Participant]) -> set[UUID]:
    """Those that a person worked with since: a review, a step, a release, a changed field."""
    keys = [person.pk for person in people]
    found = {person.pk for person in people if person.changed_at - person.created_at > AN_INSTANT}
    found |= {person.pk for person in people if person.notes or person.navigator_id}
    found |= {person.pk for person in people if person.deidentified_at}
    for relation in Participant._meta.related_objects:
        if relation.related_model.__name__ in OWN or not getattr(
            relation.field, "db_constraint", True
        ):
            continue
        name = relation.field.name
        rows = relation.related_model._base_manager.filter(**{f"{name}__in": keys})
        found |= set(rows.values_list(name, flat=True))
    for side in ("keeper", "former"):
        merged = Merge.objects.filter(**{f"{side}__in": keys})
        found |= set(merged.values_list(side, flat=True))
    for model in (PlaceChange, LivingSituation):
        of_each = model.objects.filter(participant__in=keys).values("participant")
        more = of_each.annotate(number=Count("pk")).filter(number__gt=1).order_by()
        found |= set(more.values_list("participant", flat=True))
    return found


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


def restore(line: HmisLine, person: Participant) -> None:
    """Give a household's fields back what they were before, where they are as imported."""
    former: Former = line.former
    fields: set[str] = set()
    head = former.get("head")
    returns = head is not None and is_as_imported(person, line) and is_free(person, head["hmis_id"])
    for name, value in former["fields"].items():
        if head and name in IDENTITY:
            # Name and birth date are of one person: the former head's whole, or the new one's.
            if not returns:
                continue
        elif on_file(person, name) != former["set"][name] or name == "listed_on":
            continue
        if name == "where":
            fields |= restore_where(person, value)
        elif name in FIELDS:
            setattr(person, name, typed(name, value))
            fields |= {name} | ({"identity_index"} if name in ("name", "birth_date") else set())
            if name == "name":
                person.named_by_id = former.get("named_by")
                fields.add("named_by")
    if head is not None and returns:
        fields |= restore_head(person, head)
    if "members" in former and (returns or not head):
        keep_members(person, former["members"])
    replaced = former.get("replaced")
    is_joined = former.get("joined") and is_as_imported(person, line)
    if is_joined and (replaced is None or is_free(person, replaced)):
        person.hmis_id = former.get("replaced")
        fields |= {"hmis_id", "hmis_id_index"}
    if "alias" in former and person.alias == former.get("alias_given"):
        fields |= restore_alias(person, former["alias"])
    if "stay" in former:
        LivingSituation.objects.filter(pk=former["stay"]).delete()
        newest = person.situations.order_by("-on", "-recorded_at").first()
        person.is_unsheltered = (
            newest.kind == LivingSituation.Kind.UNSHELTERED if newest else former["is_unsheltered"]
        )
        fields.add("is_unsheltered")
    if fields:
        person.save(update_fields=[*fields, "changed_at"])
    Contact.objects.filter(pk__in=former.get("contacts", [])).delete()
    restore_place(person, former)
    restore_record(person, former["record"])


def is_as_imported(person: Participant, line: HmisLine) -> bool:
    """Whether the household still goes by the HMIS ID that the import gave it."""
    return bool(person.hmis_id == line.said.get("hmis_id"))


def is_free(person: Participant, hmis_id: str) -> bool:
    """Whether no other record of the continuum, joined ones among them, has the HMIS ID by now."""
    index = candidates("hmis id", person.continuum_id, hmis_id)
    others = Participant.every.filter(continuum=person.continuum_id, hmis_id_index__in=index)
    return not others.exclude(pk=person.pk).exists()


def restore_head(person: Participant, head: HeadBefore) -> set[str]:
    """The former head heads the household again; return what was set.

    What the one signed counts again, and what the other signed since no longer.
    """
    change = HeadChange.objects.filter(pk=head["change"]).first()
    if change:
        since = person.releases.filter(recorded_at__gte=change.recorded_at)
        since.exclude(pk__in=head["releases"]).update(is_by_former_head=True)
        change.delete()
    Release.objects.filter(pk__in=head["releases"]).update(is_by_former_head=False)
    person.hmis_id = head["hmis_id"]
    return {"hmis_id", "hmis_id_index"}


def restore_where(person: Participant, value: list[str | None]) -> set[str]:
    """Region and county as before, if they are still there; return what was set."""
    region, county = (UUID(each) if each else None for each in value)
    if region is None:
        return set()
    there = Region.objects.filter(continuum=person.continuum_id, pk=region)
    if county:
        there = there.filter(counties=county)
    if not there.exists():
        return set()
    person.region_id, person.county_id = region, county
    return {"region", "county"}


def restore_alias(person: Participant, alias: str) -> set[str]:
    """The alias as before, unless somebody else has it by now; return what was set."""
    others = Participant.every.filter(continuum=person.continuum_id, alias=alias)
    if gives_away(alias, person.name or "") or others.exclude(pk=person.pk).exists():
        return set()
    person.alias = alias
    return {"alias"}


def restore_place(person: Participant, former: Former) -> None:
    if "place" not in former:
        return
    last = person.place_changes.standing().order_by("-recorded_at").first()
    if "move" in former and (last is None or str(last.pk) != former["move"]):
        return
    if "move" in former:
        PlaceChange.objects.filter(pk=former["move"]).delete()
    if former["place"] is None:
        ListPlace.objects.filter(pk=person.pk).delete()
        return
    status, status_on, listed_on = former["place"]
    place = person.place
    if "move" in former:
        place.status, place.status_on = status, date.fromisoformat(status_on)
    if former["set"].get("listed_on") == on_file(person, "listed_on"):
        place.listed_on = date.fromisoformat(listed_on)
    place.save()


def restore_record(person: Participant, former: RecordBefore | None) -> None:
    if former is None:
        HmisRecord.objects.filter(pk=person.pk).delete()
        return
    record = person.hmis
    record.said, record.as_of = former["said"], date.fromisoformat(former["as_of"])
    record.absent_on = day_of(former.get("absent_on"))
    record.left_on = day_of(former.get("left_on"))
    record.perhaps_housed_on = day_of(former.get("perhaps_housed_on"))
    record.save()
