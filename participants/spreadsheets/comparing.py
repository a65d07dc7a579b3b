"""What a sheet says of a household against what is on file, by the rule of an HMIS import.

Who changed it last is who is believed: the file follows the sheet where it still holds what the
sheet said last, or nothing. Where it says otherwise both are shown, and a person may choose the
sheet's. What a sheet does not say stays as it is.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from participants.hmis.comparing import (
    CONTACTS,
    FIELDS,
    KEPT,
    PERSON,
    UPDATE,
    Difference,
    compare_field,
    compare_place,
    compare_stay,
    doubt_identity,
    keep,
    on_file,
    value_of,
)
from participants.hmis.kept import Newest, RecordSaid, Said, Value
from participants.hmis_ids import same_hmis_id
from participants.models import Document, Participant, SheetRecord
from vault.blind import normalised

CHOSEN = "chosen"
# What is of the head, and of a former one is not taken for who heads the household now.
OF_HEAD = (*PERSON, "phone")
# What a person may choose the sheet's word for, where the file says otherwise.
CHOOSABLE = (*FIELDS, "where", "listed_on")


def said_under(records: Iterable[SheetRecord], key: str) -> SheetRecord | None:
    """What a kind of sheet said of a household last: under this key of a row, else the newest.

    Of two households that were joined since it tells under two keys, and goes on to.
    """
    spelled = normalised(key)
    return max(
        records,
        key=lambda each: (normalised(each.row_key or "") == spelled, each.as_of),
        default=None,
    )


def difference(
    participant: Participant,
    said: Said,
    *,
    as_of: date,
    record: SheetRecord | None,
    newest_stay: Newest | None,
    chosen: Mapping[str, Value],
) -> Difference:
    """Compare a household with what a sheet says now. Nothing is written.

    `chosen`: of which fields a person chose the sheet's word, and what was on file then.
    """
    former: RecordSaid = dict(record.said) if record else {}
    found = Difference(said=dict(former))
    if record is None:
        found.note("link", None, None, UPDATE)
    elif record.absent_on:
        found.note("absent", record.absent_on.isoformat(), None, UPDATE)
    is_of_former = bool(said.get("under_former_head"))
    for name in (*FIELDS, "where", "listed_on"):
        # A size that follows from the members is changed with them.
        is_counted = participant.is_size_of_members and name in ("adults", "children")
        if is_of_former and name in OF_HEAD:
            continue
        if name == "documents" and "papers" in said:
            compare_papers(found, participant, said["papers"], former, as_of)
        elif (value := said.get(name)) is not None and not is_counted:
            compare_field(found, participant, name, value, former, as_of)
    if said["hmis_id"] and not is_of_former:
        # In another spelling it is no other one.
        is_same = same_hmis_id(said["hmis_id"], participant.hmis_id)
        value = participant.hmis_id if is_same else said["hmis_id"]
        compare_field(found, participant, "hmis_id", value, former, as_of)
    doubt_identity(found, former)
    compare_stay(found, said, former, as_of, newest_stay)
    compare_place(found, participant, said, former, as_of)
    for name in CONTACTS:
        value = said.get(name)
        if value and value != value_of(former, name):
            found.note(name, value_of(former, name), value, UPDATE)
            keep(found, name, value, as_of)
    for change in found.changes:
        name = change["field"]
        # Somebody who changed it since was not seen when the sheet's was chosen.
        if change["how"] == KEPT and name in chosen and chosen[name] == change["from"]:
            change["how"] = UPDATE
    return found


def compare_papers(
    found: Difference,
    participant: Participant,
    papers: Mapping[str, bool],
    former: RecordSaid,
    as_of: date,
) -> None:
    """Documents that have columns of their own: each is compared by itself, the others stay."""
    last: dict[str, bool] = value_of(former, "papers") or {}
    here: list[str] = on_file(participant, "documents")
    news = {each: is_there for each, is_there in papers.items() if last.get(each) != is_there}
    if not news:
        return
    keep(found, "papers", {**last, **papers}, as_of)
    differ = {each: is_there for each, is_there in news.items() if is_there != (each in here)}
    # The file holds what the sheet said last of it, or nothing.
    follows = {each for each in differ if last.get(each, False) == (each in here)}
    followed = with_papers(here, differ, follows)
    if follows:
        found.note("documents", here, followed, UPDATE)
    if followed != (theirs := with_papers(here, differ, set(differ))):
        found.note("documents", followed, theirs, KEPT)


def with_papers(here: Iterable[str], told: Mapping[str, bool], which: set[str]) -> list[str]:
    """The documents in hand, when those of `which` are as they are told."""
    return [each for each in Document.values if (told[each] if each in which else each in here)]
