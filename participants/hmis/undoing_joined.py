"""Taking an import back from a record that was joined with another one since.

What the merge brought from it into the other is taken back with it, as far as it still stands as
imported, and in the merge's journal: taken apart, each of the two is as it was before the import.
"""

from datetime import date

from participants.former_heads import give_name
from participants.hmis.giving_back import (
    is_free,
    restore_alias,
    restore_head,
    restore_members,
    restore_record,
    restore_sheet_record,
    still_there,
)
from participants.hmis.kept import Former, HeadBefore, RecordBefore, Value, day_of
from participants.hmis.said import typed
from participants.merges.tracing import Trace
from participants.models import (
    Contact,
    FormerHead,
    HmisLine,
    HmisRecord,
    LivingSituation,
    Participant,
    Release,
)

from .comparing import FIELDS, PERSON, column_of


def restore_joined(line: HmisLine, person: Participant, trace: Trace, as_of: date) -> bool:
    """Give the fields back in every record that got them; return whether all could be.

    The place on the list stays: it was made of what both records told.
    """
    former: Former = line.former
    holder = Participant.every.select_related("hmis").get(pk=trace.holder_of_hmis())
    if former.get("is_absent"):
        HmisRecord.objects.filter(pk=holder.pk, absent_on=as_of).update(absent_on=None)
        trace.said_instead({"absent_on": None})
        trace.keep()
        return True
    head, other = former.get("head"), None
    returns = head is not None and id_instead(line, person, trace, head["hmis_id"])
    if former.get("joined"):
        id_instead(line, person, trace, former.get("replaced"))
    if head is not None and returns:
        other = restore_signed(head, trace)
    for name, value in former["fields"].items():
        if name == "where":
            where_instead(trace, former["set"][name], value)
        elif name in FIELDS and (returns or not (head and name in PERSON)):
            put_field_back(trace, former, name, value, other)
    if "members" in former and (returns or not head):
        restore_members(holder, former)
    restore_own(person, former)
    restore_stay(person, former, trace)
    Contact.objects.filter(pk__in=former.get("contacts", [])).delete()
    if "sheet" in former:
        restore_sheet_record(line, former["sheet"])
        trace.keep()
        return "place" not in former
    restore_record(holder, former["record"])
    trace.said_instead(columns_of(former["record"]))
    trace.keep()
    return "place" not in former


def id_instead(line: HmisLine, person: Participant, trace: Trace, before: str | None) -> bool:
    """Let the HMIS ID from before the import stand again, if it is free; return whether it does."""
    imported = line.said.get("hmis_id")
    if not trace.holders("hmis_id", imported):
        return False
    if before is not None and not is_free(person, before, but=trace.family):
        return False
    return bool(trace.put_instead("hmis_id", imported, before))


def put_field_back(
    trace: Trace, former: Former, name: str, value: Value, other: FormerHead | None
) -> None:
    """The value from before the import; with a name goes who typed it, and whose it is.

    `other`: who headed the household between the import and its undo.
    """
    before = typed(name, still_there(name, value))
    there = trace.put_instead(column_of(name), typed(name, former["set"][name]), before)
    if name == "name":
        typed_by = former.get("named_by")
        trace.follow("named_by_id", None, typed_by)
        Participant.every.filter(pk__in=there).update(named_by=typed_by)
        if other:
            give_name(other, there, former["set"][name])


def where_instead(trace: Trace, imported: list[str | None], before: list[str | None]) -> None:
    """Region and county together, where both are as imported."""
    pairs = zip(("region_id", "county_id"), imported, before, strict=True)
    changed = [(column, now, then) for column, now, then in pairs if now != then]
    both = [trace.holders(column, now) for column, now, _then in changed]
    if both and set.intersection(*both) == set.union(*both):
        for column, now, then in changed:
            trace.put_instead(column, now, then)


def restore_signed(head: HeadBefore, trace: Trace) -> FormerHead | None:
    """What the former head signed counts again, also when the records are taken apart.

    Return who headed the household in between.
    """
    found, other = restore_head(head, Release.objects.filter(pk__in=trace.own(Release)))
    trace.kept_instead(Release, "is_by_former_head", found)
    return other


def restore_own(person: Participant, former: Former) -> None:
    """What no merge brings into another record: the alias."""
    person.refresh_from_db()
    if "alias" in former and person.alias == former.get("alias_given"):
        fields = restore_alias(person, former["alias"])
        if fields:
            person.save(update_fields=fields)


def restore_stay(person: Participant, former: Former, trace: Trace) -> None:
    """Take the stay back wherever it moved to; who it was newest of is as the one before says."""
    if "stay" not in former:
        return
    LivingSituation.objects.filter(pk=former["stay"]).delete()
    trace.stamped_before("is_unsheltered", former["is_unsheltered"])
    family = Participant.every.filter(pk__in=trace.family)
    for each in family:
        newest = each.situations.order_by("-on", "-recorded_at").first()
        value = newest.kind == LivingSituation.Kind.UNSHELTERED if newest else each.is_unsheltered
        if each.pk == person.pk and newest is None:
            value = former["is_unsheltered"]
        if value != each.is_unsheltered:
            each.is_unsheltered = value
            each.save(update_fields=["is_unsheltered"])
            trace.stamped_instead(each, "is_unsheltered", value)


def columns_of(record: RecordBefore | None) -> dict[str, object] | None:
    """What a journal holds of it."""
    if record is None:
        return None
    return {
        "said": record["said"],
        "as_of": date.fromisoformat(record["as_of"]),
        "absent_on": day_of(record.get("absent_on")),
        "left_on": day_of(record.get("left_on")),
        "perhaps_housed_on": day_of(record.get("perhaps_housed_on")),
    }
