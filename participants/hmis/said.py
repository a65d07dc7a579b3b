"""What a line of an import says, as rows and values of the record."""

from collections.abc import Collection, Iterable
from datetime import date

from participants.hmis.comparing import (
    CONTACTS,
)
from participants.hmis.kept import Change, Former, Member, Said, Value, day_of, text_of
from participants.models import (
    Contact,
    HmisLine,
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


def without_home(said: Said) -> tuple[date | None, date | None]:
    """`(day since when no enrolment is open, day when perhaps housed)`, as HMIS says."""
    left, asks = said["left"], said.get("asks")
    return day_of(left[0] if left else None), day_of(asks[1] if asks else None)


def members_of(person: Participant, members: Iterable[Member]) -> list[HouseholdMember]:
    """The rows of those who are of the household and do not head it."""
    return [
        HouseholdMember(
            continuum_id=person.continuum_id,
            participant=person,
            hmis_id=each["hmis_id"],
            relation=each["relation"],
            age_band=each["age"],
            since=date.fromisoformat(each["from"]),
            until=day_of(each["to"]),
        )
        for each in members
    ]


def members_on_file(person: Participant) -> list[Member]:
    """Those that came from HMIS, as a line keeps them."""
    return [
        {
            "hmis_id": each.hmis_id,
            "relation": each.relation,
            "age": each.age_band,
            "from": each.since.isoformat(),
            "to": text_of(each.until),
        }
        for each in person.members.filter(hmis_id__isnull=False)
    ]


def keep_members(person: Participant, members: Iterable[Member]) -> None:
    """Let these be the members that came from HMIS; those entered by hand stay."""
    person.members.filter(hmis_id__isnull=False).delete()
    HouseholdMember.objects.bulk_create(members_of(person, members))


def with_former_head(said: Said, former: Former, person: Participant) -> list[Member]:
    """The members that HMIS tells of, and the former head, also where it tells of them no more."""
    members = list(said.get("members") or [])
    head = former.get("head")
    if head and head["hmis_id"] not in {each["hmis_id"] for each in members}:
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
        if how == "service" or (how == "entry" and not (stay and stay[1] == on)):
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
    return value
