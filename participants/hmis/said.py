"""What a line of an import says, as rows and values of the record."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from uuid import UUID

from participants.hmis.comparing import (
    CONTACTS,
)
from participants.hmis.copying import drafted
from participants.hmis.kept import (
    Change,
    Former,
    Member,
    RecordSaid,
    Said,
    Value,
    day_of,
    text_of,
)
from participants.hmis_ids import is_among, one_spelling, same_hmis_id
from participants.models import (
    Contact,
    HmisLine,
    HmisRecord,
    HouseholdMember,
    Participant,
    PlaceChange,
)

Flow = PlaceChange.Flow
# HUD's measure of returns looks back two years.
RETURN_DAYS = 730


def head_before(line: HmisLine) -> str | None:
    """The HMIS ID of who headed the household before, if the line tells of another head."""
    changes: list[Change] = line.changes
    return next((each["from"] for each in changes if each["field"] == "head"), None)


def is_joined(line: HmisLine) -> bool:
    """Whether the line tells of a household by the id of a record that was joined into it."""
    return bool(line.said.get("under_joined_id"))


def is_told_elsewhere(line: HmisLine) -> bool:
    """The same, or by the id of who headed it until a person said that somebody else does."""
    return is_joined(line) or bool(line.said.get("under_former_head"))


def waits(line: HmisLine) -> bool:
    """Whether a question about the line is open: it is left out for now."""
    if line.kind == HmisLine.Kind.HOUSED:
        return line.decision != HmisLine.Decision.ADD
    return line.kind == HmisLine.Kind.DUPLICATE and line.decision == HmisLine.Decision.WAIT


def first_flow(said: Said) -> Flow:
    """How a household comes onto the list: anew, or back within two years of being housed."""
    before, listed_on = said.get("housed_before"), said.get("listed_on")
    if before is None or listed_on is None:
        return Flow.IDENTIFIED
    days = (date.fromisoformat(listed_on) - date.fromisoformat(before)).days
    return Flow.BACK_FROM_HOUSING if days <= RETURN_DAYS else Flow.IDENTIFIED


def listed_since(said: Said) -> tuple[date, date]:
    """`(on the list since, identified on)` of a new household.

    Who left a household on the list counts since it does, and is identified as they left.
    """
    on = date.fromisoformat(said["listed_on"] or "")  # one that is new has it
    return min(on, day_of(said.get("listed_with")) or on), on


def without_home(said: Said) -> tuple[date | None, date | None]:
    """`(day since when no enrolment is open, day when perhaps housed)`, as HMIS says."""
    left, asks = said["left"], said.get("asks")
    return day_of(left[0] if left else None), day_of(asks[1] if asks else None)


def members_of(person: Participant, members: Iterable[Member]) -> list[HouseholdMember]:
    """The rows of those who are of the household and do not head it."""
    return [
        drafted(
            HouseholdMember,
            continuum_id=person.continuum_id,
            participant_id=person.pk,
            hmis_id=each["hmis_id"],
            relation=each["relation"],
            age_band=each["age"],
            since=date.fromisoformat(each["from"]),
            until=day_of(each["to"]),
        )
        for each in members
    ]


def members_told(said: RecordSaid | None) -> list[Member]:
    """Whom HMIS told of last, by what is kept of it."""
    found: list[Member] = said["members"]["value"] if said and "members" in said else []
    return found


def tells_of(record: HmisRecord | None, member: HouseholdMember) -> bool:
    """Whether HMIS tells of them in their household: who came from another one, nobody but us."""
    told = members_told(record.said if record else None)
    return is_among(member.hmis_id, [each["hmis_id"] for each in told])


def members_on_file(person: Participant) -> list[Member]:
    """Those that came from HMIS, as a line keeps them."""
    return [member_of_row(each) for each in person.members.of_hmis()]


def member_of_row(row: HouseholdMember) -> Member:
    """Somebody on file, as a line keeps them."""
    return {
        "hmis_id": row.hmis_id,
        "relation": row.relation,
        "age": row.age_band,
        "from": row.since.isoformat(),
        "to": text_of(row.until),
    }


def follow_members(
    person: Participant, before: Sequence[Member], now: Sequence[Member]
) -> list[Member]:
    """Let the members follow from what was told `before` to what is told `now`; return them.

    What is told as it was changes nothing. What a person changed since stays, and so does who came
    by hand: a part of another household, say. Whoever is told to have come again after that is
    there again. A row that changes stays the same row.
    """
    gone, came = list(before), list[Member]()
    for each in now:
        if each in gone:
            gone.remove(each)
        else:
            came.append(each)
    rows: dict[str, list[HouseholdMember]] = {}
    for row in person.members.of_hmis().order_by("since", "pk"):
        rows.setdefault(one_spelling(row.hmis_id), []).append(row)
    made: list[HouseholdMember] = []
    for key in dict.fromkeys(one_spelling(each["hmis_id"]) for each in [*gone, *came]):
        told = [each for each in gone if one_spelling(each["hmis_id"]) == key]
        said = [each for each in came if one_spelling(each["hmis_id"]) == key]
        made += follow_member(person, rows.get(key, []), told, said)
    HouseholdMember.objects.bulk_create(made)
    return members_on_file(person)


def follow_member(
    person: Participant, rows: list[HouseholdMember], told: list[Member], said: list[Member]
) -> list[HouseholdMember]:
    """The same of one of them; return the rows to add."""
    made: list[HouseholdMember] = []
    as_told = {}
    for each in told:
        row = next((row for row in rows if row.pk not in as_told and is_told_so(row, each)), None)
        if row is not None:
            as_told[row.pk] = row
    follows = list(as_told.values())
    was_told = bool(told)
    for each in said:
        if follows:
            write_member(follows.pop(0), each)
        elif not rows or all(left_before(row, each) for row in rows):
            made += members_of(person, [each])
        elif not was_told:
            # Nobody told of them here but whoever recorded that they came.
            write_member(rows[-1], each)
    HouseholdMember.objects.filter(pk__in=[row.pk for row in follows]).delete()
    return made


def is_told_so(row: HouseholdMember, told: Member) -> bool:
    """Whether a row is as somebody was told of, by whatever spelling of their HMIS ID."""
    is_one = same_hmis_id(row.hmis_id, told["hmis_id"])
    return is_one and member_of_row(row) | {"hmis_id": ""} == told | {"hmis_id": ""}


def left_before(row: HouseholdMember, said: Member) -> bool:
    """Whether somebody had left by the day when they are said to have come."""
    return row.until is not None and row.until <= date.fromisoformat(said["from"])


def write_member(row: HouseholdMember, said: Member) -> None:
    row.relation, row.age_band = said["relation"], said["age"]
    row.since, row.until = date.fromisoformat(said["from"]), day_of(said["to"])
    row.save(update_fields=["relation", "age_band", "since", "until"])


def with_former_head(said: Said, former: Former, person: Participant) -> list[Member]:
    """The members that HMIS tells of, and the former head, also where it tells of them no more."""
    members = list(said.get("members") or [])
    head = former.get("head")
    if head and not is_among(head["hmis_id"], [each["hmis_id"] for each in members]):
        place = getattr(person, "place", None)
        since = place.listed_on.isoformat() if place else head["on"]
        members.append(
            {
                "hmis_id": head["hmis_id"],
                "relation": HouseholdMember.Relation.HEAD.value,
                "age": "",
                "from": min(since, head["on"]),
                "to": head["on"],
            }
        )
    return members


def contacts_said(said: Said, names: Collection[str] = CONTACTS) -> set[tuple[str, date]]:
    """`{(kind, day)}`: the last contact, unless it is the stay of that day, and the assessment."""
    found: set[tuple[str, str]] = set()
    contact, stay = said["contact"], said["stay"]
    if contact and "contact" in names:
        on, how = contact
        if how == "sheet":
            found.add((Contact.Kind.SEEN, on))
        elif how == "service" or (how == "entry" and not (stay and stay[1] == on)):
            found.add((Contact.Kind.SERVICE, on))
        elif how == "assessed":
            found.add((Contact.Kind.ASSESSED, on))
    assessed = said.get("assessed")
    if assessed and "assessed" in names:
        found.add((Contact.Kind.ASSESSED, assessed))
    return {(kind, date.fromisoformat(on)) for kind, on in found}


def typed(name: str, value: Value) -> Value:
    if value is not None and name in ("birth_date", "referral_active_on"):
        return date.fromisoformat(value)
    if value is not None and name == "navigator_id":
        return UUID(value)
    return value
