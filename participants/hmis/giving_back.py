"""What an import changed of a household, given back as it was where it is as imported."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from agreements.leaving import hold_places
from agreements.models import StaffMember
from participants.aliases import gives_away
from participants.by_hmis_id import records_with
from participants.former_heads import head_again, signers_since
from participants.hmis.kept import Former, HeadBefore, RecordBefore, SheetBefore, Value, day_of
from participants.hmis.said import follow_members, members_on_file, typed
from participants.hmis_ids import same_hmis_id
from participants.models import (
    Contact,
    FormerHead,
    HeadChange,
    HmisLine,
    HmisRecord,
    ListPlace,
    LivingSituation,
    Participant,
    PlaceChange,
    Release,
    ReleaseQuerySet,
    SheetRecord,
)
from participants.services.aliases import with_alias
from regions.models import Continuum, Region
from vault.blind import candidates

from .comparing import FIELDS, PERSON, column_of, on_file


def restore(line: HmisLine, person: Participant) -> None:
    """Give a household's fields back what they were before, where they are as imported."""
    former: Former = line.former
    fields: set[str] = set()
    head = former.get("head")
    returns = head is not None and is_as_imported(person, line) and is_free(person, head["hmis_id"])
    for name, value in former["fields"].items():
        if head and name in PERSON:
            # Name and birth date are of one person: the former head's whole, or the new one's.
            if not returns:
                continue
        elif on_file(person, name) != former["set"][name] or name == "listed_on":
            continue
        if name == "where":
            fields |= restore_where(person, value)
        elif name in FIELDS:
            setattr(person, column_of(name), typed(name, still_there(name, value)))
            fields.add(column_of(name))
            fields |= {"identity_index"} if name in PERSON else set()
            if name == "name":
                person.named_by_id = former.get("named_by")
                fields.add("named_by")
    if head is not None and returns:
        restore_head(head, person.releases.all())
        person.hmis_id = head["hmis_id"]
        fields |= {"hmis_id", "hmis_id_index"}
    if "members" in former and (returns or not head):
        restore_members(person, former)
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
    if "sheet" in former:
        restore_sheet_record(line, former["sheet"])
    else:
        restore_record(person, former["record"])


def still_there(name: str, value: Value) -> Value:
    """The value from before; nobody for a navigator who left since (`hold_navigators`)."""
    if name == "navigator_id" and value:
        return value if StaffMember.objects.current().filter(pk=value).exists() else None
    return value


def hold_navigators(continuum: Continuum) -> set[UUID]:
    """Let nobody who may help a household leave meanwhile; to be asked before one is locked."""
    places = StaffMember.objects.current().filter(agency__continuum=continuum)
    return hold_places(list(places.values_list("pk", flat=True)))


def restore_members(person: Participant, former: Former) -> None:
    """The members as before, with the record under whose id HMIS told of them."""
    if "told" not in former:
        give_members_back(person, former)
    elif told := Participant.every.filter(pk=former["told"]).select_related("hmis").first():
        give_members_back(told, former)
        restore_record(told, former["told_record"])


def give_members_back(person: Participant, former: Former) -> None:
    # An import of before did not keep whom it left there.
    imported = former.get("members_set", members_on_file(person))
    follow_members(person, imported, former["members"])


def is_as_imported(person: Participant, line: HmisLine) -> bool:
    """Whether the household still goes by the HMIS ID that the import gave it."""
    return same_hmis_id(person.hmis_id, line.said.get("hmis_id"))


def is_free(person: Participant, hmis_id: str, *, but: Collection[str] = ()) -> bool:
    """Whether no other record of the continuum, joined ones among them, has the HMIS ID by now.

    `but`: keys of records that are this one by now.
    """
    others = records_with(person.continuum_id, [hmis_id])
    return not others.exclude(pk__in=[person.pk, *but]).exists()


def restore_head(
    head: HeadBefore, releases: ReleaseQuerySet
) -> tuple[dict[str, bool], FormerHead | None]:
    """The former head heads the household again.

    What the one signed counts again, and what the other signed since no longer. `releases`: of the
    household. Return `{release: is by a former head}`, and who headed it in between.
    """
    found, other = dict.fromkeys(head["releases"], False), None
    change = HeadChange.objects.filter(pk=head["change"]).first()
    if change:
        since = releases.filter(recorded_at__gte=change.recorded_at)
        own, others = signers_since(change, since.exclude(pk__in=list(found)))
        found |= {str(key): key in others for key in own | others}
        other = head_again(change.pk, signed_since=others)
        change.delete()
    for value in (True, False):
        of_these = [key for key, is_former in found.items() if is_former is value]
        Release.objects.filter(pk__in=of_these).update(is_by_former_head=value)
    return found, other


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
    others = with_alias(person.continuum, [alias])
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


def restore_sheet_record(line: HmisLine, former: SheetBefore | None) -> None:
    """What the kind of sheet said of the household before; nothing where it had said nothing.

    With whichever record it stands by now: two that are joined have one household's.
    """
    done = line.hmis_import
    if done.sheet_source_id is None:
        return
    records = SheetRecord.objects.filter(source=done.sheet_source_id)
    if former is None:
        index = candidates("sheet key", done.sheet_source_id, line.said["key"])
        records.filter(row_key_index__in=index, as_of=done.brought_to).delete()
        return
    record = records.filter(pk=former["id"]).first()
    if record is None:
        return
    record.row_key, record.said = former["key"], former["said"]
    record.as_of = date.fromisoformat(former["as_of"])
    record.absent_on = day_of(former["absent_on"])
    record.save()
