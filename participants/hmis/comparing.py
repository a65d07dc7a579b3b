"""What HMIS says of a household against what is on file: who changed it last is who is believed.

Three words are compared per field: what HMIS said last time, what it says now, and what is on file.
HMIS says the same as last time: nothing happens, whatever is on file. It says something new and the
file still holds what it said last: the file follows. A person changed the file meanwhile: the
person's word stays, and both are shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from participants.hmis.kept import (
    Change,
    FieldSaid,
    Member,
    Newest,
    RecordSaid,
    Said,
    Value,
)
from participants.hmis_ids import same_hmis_id
from participants.models import Document, HmisRecord, ListPlace, Participant, PlaceChange

Flow = PlaceChange.Flow
Status = ListPlace.Status

# What an import may change; notes, releases and alias are kept by hand.
FIELDS = (
    "name",
    "birth_date",
    "adults",
    "children",
    "is_youth",
    "is_veteran",
    "is_chronic",
    "is_prioritized",
    "referral_active_on",
    "assessment_level",
    # Told by spreadsheets alone.
    "bedrooms",
    "documents",
    "navigator_id",
    "phone",
)
# Of those whose column of a household is called otherwise: "contact" is a day, of an import.
COLUMNS = {"phone": "contact"}
# By these two a person is known.
PERSON = ("name", "birth_date")

CONTACTS = ("contact", "assessed")
# What is kept for what goes back to HMIS, and changes nothing on file.
FOR_HMIS = ("enrollments", "events", "own_rows")
UPDATE, KEPT, AGREED = "update", "kept", "agreed"
WORDS = {
    "name": "Name",
    "birth_date": "Date of birth",
    "adults": "Adults",
    "children": "Children",
    "is_youth": "Youth (under 25)",
    "is_veteran": "Veteran",
    "is_chronic": "Chronically homeless",
    "is_prioritized": "Being prioritized for housing",
    "referral_active_on": "Active referral since",
    "bedrooms": "Bedrooms needed",
    "assessment_level": "Level of the assessment",
    "documents": "Documents in hand",
    "navigator_id": "Navigator",
    "phone": "Phone, or another way to reach them",
    "where": "Region and county",
    "listed_on": "On the list since",
    "stay": "Where they stay",
    "contact": "Last contact",
    "assessed": "CE assessment",
    "place": "Place on the list",
    "left": "Left the project",
    "absent": "In the export",
    "link": "HMIS ID",
    "hmis_id": "HMIS ID",
    "chronic_lacks": "Missing, to say whether chronically homeless",
    "head": "Head of household",
    "members": "Others in the household",
    "asks": "Housed, by HMIS",
    "for_hmis": "Enrollments and events in HMIS",
}


@dataclass
class Difference:
    """What an import does to one household on file."""

    changes: list[Change] = field(default_factory=list)
    said: RecordSaid = field(default_factory=dict)
    joined: RecordSaid | None = None

    def note(self, name: str, former: object, value: object, how: str) -> None:
        self.changes.append({"field": name, "from": former, "to": value, "how": how})

    def updates(self) -> dict[str, Value]:
        return {each["field"]: each["to"] for each in self.changes if each["how"] == UPDATE}


def column_of(name: str) -> str:
    """The column of a household that holds a field of an import."""
    return COLUMNS.get(name, name)


def on_file(participant: Participant, name: str) -> Value:
    """What is on file, as JSON can hold it."""
    if name == "where":
        county = participant.county_id
        return [str(participant.region_id), str(county) if county else None]
    if name == "listed_on":
        place = getattr(participant, "place", None)
        return place.listed_on.isoformat() if place else None
    if name == "documents":
        return [each for each in Document.values if each in participant.documents]
    value = getattr(participant, column_of(name))
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def is_blank(name: str, value: object) -> bool:
    is_unsaid = name.startswith("is_") and name != "is_chronic" and value is False
    return value in (None, "", []) or is_unsaid


def difference(
    participant: Participant,
    said: Said,
    *,
    as_of: date,
    record: HmisRecord | None,
    newest_stay: Newest | None,
    head: str | None = None,
    joined: RecordSaid | None = None,
    is_linked: bool = False,
) -> Difference:
    """Compare a participant with what HMIS says now.

    `record` is the HmisRecord or None; `newest_stay` is `(kind, date)` of the newest stay on file,
    or None; `head` is the HMIS ID of who heads the household by now; `joined` is what HMIS said of
    the joined record under whose id it tells of the household; `is_linked`: HMIS tells of it under
    another id than before. Nothing is written.
    """
    former: RecordSaid = dict(record.said) if record else {}
    found = Difference(said=dict(former))
    found.joined = dict(joined) if joined is not None else None
    is_of_former = bool(said.get("under_former_head"))
    if "head" in former and not is_of_former and not said.get("is_gone"):
        # It was told of whoever a person said heads the household no more.
        for name in ("head", *PERSON):
            former.pop(name, None)
            found.said.pop(name, None)
    is_headed_anew = bool(head and participant.hmis_id) and not same_hmis_id(
        participant.hmis_id, head
    )
    if is_headed_anew:
        found.note("head", participant.hmis_id, head, UPDATE)
        for name in PERSON:
            follow_head(found, participant, name, said.get(name), as_of)
    if record is None:
        found.note("link", None, None, UPDATE)
    elif record.absent_on:
        found.note("absent", record.absent_on.isoformat(), None, UPDATE)
    for name in (*FIELDS, "where", "listed_on"):
        # The household is on the list since it came, whoever heads it.
        if is_headed_anew and name in (*PERSON, "listed_on"):
            continue
        if is_of_former and name in PERSON:
            continue
        if name == "listed_on" and (is_linked or joined is not None):
            follow_link(found, participant, said.get(name), former, as_of)
        else:
            compare_field(found, participant, name, said.get(name), former, as_of)
    if not is_headed_anew:
        doubt_identity(found, former)
    compare_members(found, said, former, as_of)
    compare_asks(found, participant, said, former, as_of)
    compare_lacks(found, said, former, as_of)
    compare_stay(found, said, former, as_of, newest_stay)
    compare_place(found, participant, said, former, as_of)
    for name in CONTACTS:
        value = said.get(name)
        if value and value != value_of(former, name):
            found.note(name, value_of(former, name), value, UPDATE)
            keep(found, name, value, as_of)
    compare_for_hmis(found, said, former, as_of)
    return found


def doubt_identity(found: Difference, former: RecordSaid) -> None:
    """Another name and another birth date under one HMIS ID: perhaps another person. Both stay."""
    changed = {each["field"]: each for each in found.changes if each["how"] == UPDATE}
    if all(name in changed and changed[name]["from"] for name in PERSON):
        for name in PERSON:
            changed[name]["how"] = KEPT
            found.said.pop(name, None)
            if name in former:
                found.said[name] = former[name]


def follow_head(
    found: Difference, participant: Participant, name: str, value: object, as_of: date
) -> None:
    """What is told of the head is the new one's, whoever typed the former one's."""
    here = on_file(participant, name)
    keep(found, name, value, as_of)
    if here != value:
        found.note(name, here, value, UPDATE)


def follow_link(
    found: Difference, participant: Participant, value: Value, former: RecordSaid, as_of: date
) -> None:
    """Under another id HMIS may know a household since later: it counts since the earlier day."""
    here, last = on_file(participant, "listed_on"), value_of(former, "listed_on")
    if value is None or value == last:
        return
    keep(found, "listed_on", value, as_of)
    if here is None or value < here:
        found.note("listed_on", here, value, UPDATE if here in (None, last) else KEPT)


def compare_members(found: Difference, said: Said, former: RecordSaid, as_of: date) -> None:
    members, former = said.get("members"), former if found.joined is None else found.joined
    before = value_of(former, "members") or []
    if members is None or members == before:
        return
    found.note("members", brief(before), brief(members), UPDATE)
    told: FieldSaid = {"value": members, "on": as_of.isoformat()}
    # Each id keeps its own: two records that are taken apart again each know theirs.
    (found.said if found.joined is None else found.joined)["members"] = told


def brief(members: Iterable[Member]) -> list[list[str | bool]]:
    """`[relation, age band, whether they left]` of each: what a page says of them."""
    return [[each["relation"], each["age"], bool(each["to"])] for each in members]


def compare_lacks(found: Difference, said: Said, former: RecordSaid, as_of: date) -> None:
    """What is missing to say whether the household is chronically homeless."""
    lacks = said.get("chronic_lacks")
    if lacks is not None and lacks != (value_of(former, "chronic_lacks") or []):
        found.note("chronic_lacks", value_of(former, "chronic_lacks") or [], lacks, UPDATE)
        keep(found, "chronic_lacks", lacks, as_of)


def compare_for_hmis(found: Difference, said: Said, former: RecordSaid, as_of: date) -> None:
    """Keep the ids and events of HMIS: what goes back to it is told by them."""
    news = [
        name
        for name in FOR_HMIS
        if (value := said.get(name)) is not None and value != (value_of(former, name) or [])
    ]
    if news:
        found.note("for_hmis", None, None, UPDATE)
    for name in news:
        keep(found, name, said.get(name), as_of)


def compare_asks(
    found: Difference, participant: Participant, said: Said, former: RecordSaid, as_of: date
) -> None:
    """Whether HMIS both calls a household housed and meets it without a home: somebody decides."""
    asks = said.get("asks")
    if asks == value_of(former, "asks") or said.get("is_gone"):
        return
    keep(found, "asks", asks, as_of)
    place = getattr(participant, "place", None)
    if not asks:
        found.note("asks", value_of(former, "asks"), None, UPDATE)
    if not asks or place is None:
        return
    is_back = place.status == Status.HOUSED and (asks[2] or "") > place.status_on.isoformat()
    if place.status == Status.ACTIVE or is_back:
        found.note("asks", None, asks, KEPT)


def value_of(former: RecordSaid, name: str) -> Value:
    return former[name]["value"] if name in former else None


def keep(found: Difference, name: str, value: object, as_of: date) -> None:
    found.said[name] = {"value": value, "on": as_of.isoformat()}


def compare_field(
    found: Difference,
    participant: Participant,
    name: str,
    value: object,
    former: RecordSaid,
    as_of: date,
) -> None:
    # A missing value is no statement; a referral that is gone is one.
    if value is None and (name != "referral_active_on" or name not in former):
        return
    if name in former and former[name]["value"] == value:
        return
    here = on_file(participant, name)
    keep(found, name, value, as_of)
    if here == value:
        if name in former:
            found.note(name, here, value, AGREED)
        return
    follows = here == former[name]["value"] if name in former else is_blank(name, here)
    found.note(name, here, value, UPDATE if follows else KEPT)


def compare_stay(
    found: Difference, said: Said, former: RecordSaid, as_of: date, newest_stay: Newest | None
) -> None:
    stay = said["stay"]
    if not stay or stay == value_of(former, "stay"):
        return
    here = [newest_stay[0], newest_stay[1].isoformat()] if newest_stay else None
    # Two stays of one day: the newer word of HMIS replaces its own, and nobody else's.
    is_own = here is not None and here == value_of(former, "stay")
    keep(found, "stay", stay, as_of)
    if here is None or stay[1] > here[1] or (is_own and stay[1] == here[1]):
        found.note("stay", here, stay, UPDATE)
    elif stay[0] != here[0]:
        found.note("stay", here, stay, KEPT)


def compare_place(
    found: Difference, participant: Participant, said: Said, former: RecordSaid, as_of: date
) -> None:
    """Moves on and off the list; nobody is moved off it but who is housed, or died."""
    place, left = getattr(participant, "place", None), said["left"]
    here = [place.status, place.status_on.isoformat()] if place else None
    if left is None and said.get("is_gone"):
        return
    if left is None:
        move, before = return_of(place, said), value_of(former, "left")
        if before:
            keep(found, "left", None, as_of)
        if move:
            found.note("place", here, move, UPDATE)
        elif before:
            found.note("left", before, None, UPDATE)
        return
    if left == value_of(former, "left"):
        return
    keep(found, "left", left, as_of)
    on, to = left
    if here is None or here[0] != Status.ACTIVE or on < here[1]:
        return
    if to in ("elsewhere", "inactive"):
        found.note("left", None, left, KEPT)
    else:
        flow = Flow.HOUSED if to == "housed" else Flow.NO_LONGER
        found.note("place", here, [str(flow), on], UPDATE)


def return_of(place: ListPlace | None, said: Said) -> list[str | None] | None:
    """`[flow, date]` of a return that an open enrolment tells of, or None."""
    entered = said["entered_on"]
    if place is None:
        return [str(Flow.IDENTIFIED), said["listed_on"]]
    since = place.status_on.isoformat()
    met = max(entered, said["contact"][0] if said["contact"] else "")
    if place.status == Status.HOUSED and entered > since:
        return [str(Flow.BACK_FROM_HOUSING), entered]
    if place.status == Status.NO_LONGER and entered > since:
        return [str(Flow.IDENTIFIED), entered]
    if place.status == Status.INACTIVE and met > since:
        return [str(Flow.BACK_FROM_INACTIVE), met]
    return None


def said_first(said: Said, as_of: date) -> RecordSaid:
    """What is kept of a household's first import."""
    names = (
        *(*FIELDS, "where", "listed_on", "stay", *CONTACTS),
        *("left", "members", "asks", "chronic_lacks"),
        *FOR_HMIS,
    )
    return {
        name: {"value": said.get(name), "on": as_of.isoformat()}
        for name in names
        if said.get(name) not in (None, [])
    }


def disagreements(
    participant: Participant, record: HmisRecord
) -> list[tuple[str, Value, str, Value]]:
    """Where HMIS and the file differ: `[(name, HMIS's value, as of, value on file)]`.

    What it says of who headed the household before is none: it tells of somebody else.
    """
    found: list[tuple[str, Value, str, Value]] = []
    head = record.said.get("head")
    is_of_former = head is not None and not same_hmis_id(head["value"], participant.hmis_id)
    for name in (*FIELDS, "where", "listed_on"):
        if name not in record.said or (is_of_former and name in PERSON):
            continue
        value, here = record.said[name]["value"], on_file(participant, name)
        if value != here:
            found.append((name, value, record.said[name]["on"], here))
    return found


__all__ = ["FIELDS", "WORDS", "Difference", "Participant", "difference", "disagreements"]
