"""Where the people of a household are on file elsewhere, by what was done: with whom they lived.

Whoever moves in brings those along who had moved in with them, and a part that leaves takes its
people with it. So they are looked for in every household to which acts and merges lead, to the
last, and not for one step; the acts say so also where nothing is left of what they did.
"""

from collections.abc import Collection, Iterable, Iterator
from uuid import UUID

from django.db.models import Q

from participants.by_hmis_id import indexes_of
from participants.hmis.kept import Former, Member
from participants.merges.journal import Entry
from participants.models import (
    HmisLine,
    HmisRefusal,
    HouseholdAct,
    HouseholdMember,
    Participant,
)
from vault.blind import normalised

Kind = HouseholdAct.Kind
MEMBER = HouseholdMember._meta.label


def members_in(act: HouseholdAct) -> Iterator[Entry]:
    """What an act did to rows of members, or to copies of them."""
    return (each for each in act.journal if each["model"] == MEMBER)


def rows_of(acts: Iterable[HouseholdAct]) -> set[str]:
    """Keys of the rows of members that acts made, or ended."""
    return {each["pk"] for act in acts for each in members_in(act)}


def about(households: Collection[UUID]) -> Q:
    return Q(participant__in=households) | Q(other__in=households)


def own_acts(households: Collection[UUID]) -> Q:
    """Acts of which the people are the household's: they moved in, or began one."""
    return Q(kind=Kind.JOIN, participant__in=households) | Q(kind=Kind.SPLIT, other__in=households)


def brought_along(household: UUID) -> set[str]:
    """Keys of the rows that one act made, or ended, of a household's people elsewhere."""
    return rows_of(HouseholdAct.objects.filter(own_acts([household])))


def lived_with(households: Collection[UUID]) -> set[UUID]:
    """Keys of all households that acts and merges connect with these, and of these."""
    found, newest = set[UUID](), set(households)
    while newest:
        found |= newest
        acts = HouseholdAct.objects.filter(about(newest), other__isnull=False)
        merged = Participant.every.filter(Q(pk__in=newest) | Q(merged_into__in=newest))
        pairs = [
            *acts.values_list("participant", "other"),
            *merged.values_list("pk", "merged_into"),
        ]
        newest = {key for pair in pairs for key in pair if key} - found
    return found


def ids_of_people(households: Collection[UUID]) -> set[str]:
    """The HMIS IDs of the people of households, in one spelling.

    Not of those who left one as a household of their own, unless they came back, nor of another
    household's people who moved in: they are that one's.
    """
    members = HouseholdMember.objects.of_hmis()
    joins = HouseholdAct.objects.filter(kind=Kind.JOIN, other__in=households)
    moved_in = [each["pk"] for act in joins for each in members_in(act) if each["op"] == "create"]
    own = members.filter(participant__in=households).exclude(pk__in=moved_in)
    parts = list(HouseholdAct.objects.filter(kind=Kind.SPLIT, participant__in=households))
    left = members.filter(pk__in=rows_of(parts))
    gone = {normalised(each) for each in left.values_list("hmis_id", flat=True)}
    gone |= {normalised(each) for act in parts for entry in members_in(act) for each in told(entry)}
    heads = Participant.every.filter(pk__in=households, hmis_id__isnull=False)
    stays = [*own.filter(until__isnull=True), *heads]
    found = {normalised(each.hmis_id) for each in own} - gone
    return found | {normalised(each.hmis_id) for each in stays}


def told(entry: Entry) -> list[str]:
    """The HMIS ID of a member as an entry tells it, before and after."""
    values = [entry.get("before"), entry.get("after")]
    return [each["hmis_id"] for each in values if isinstance(each, dict) and each.get("hmis_id")]


def forget_elsewhere(households: Iterable[UUID]) -> None:
    """Take the HMIS IDs off the people of households wherever they lived with others.

    Off the rows, out of what it takes to undo what was done there, by a person or an import, and
    out of what an import could not read. To be done before it is forgotten who they are.
    """
    keys = set(households)
    hmis_ids = ids_of_people(keys)
    salts = set(Participant.every.filter(pk__in=keys).values_list("continuum", flat=True))
    forget_refused(salts, hmis_ids)
    others = lived_with(keys) - keys
    if not others:
        return
    indexes = {index for salt in salts for index in indexes_of(salt, hmis_ids)}
    brought = rows_of(HouseholdAct.objects.filter(own_acts(keys)))
    by_id = Q(participant__in=others, hmis_id_index__in=list(indexes))
    rows = HouseholdMember.objects.filter(by_id | Q(pk__in=brought)).exclude(participant__in=keys)
    gone = {str(key) for key in rows.values_list("pk", flat=True)}
    HouseholdMember.objects.filter(pk__in=list(gone)).forget_ids()
    for act in HouseholdAct.objects.filter(about(others)):
        journal = [without_id(each, gone, hmis_ids) for each in act.journal]
        if journal != act.journal:
            act.journal = journal
            act.save(update_fields=["journal"])
    for line in HmisLine.objects.filter(participant__in=others):
        former = without_members(line.former, hmis_ids)
        if former != line.former:
            line.former = former
            line.save(update_fields=["former"])


def forget_refused(continuums: Collection[UUID], hmis_ids: Collection[str]) -> None:
    """Take the ids out of what imports say of rows of these people that they did not take."""
    rows = HmisRefusal.objects.filter(hmis_import__continuum__in=continuums, ids__isnull=False)
    told = [
        each.pk
        for each in rows.only("ids").iterator(chunk_size=500)
        if normalised(person_of(each.ids)) in hmis_ids
    ]
    HmisRefusal.objects.filter(pk__in=told).update(ids=None)


def person_of(ids: str) -> str:
    """The PersonalID in the ids of a refused row (`hmis.staging.ids_of`); empty where none is."""
    person, _comma, _enrollment = ids.partition(", EnrollmentID ")
    return person.removeprefix("PersonalID ") if person.startswith("PersonalID ") else ""


def without_id(entry: Entry, rows: Collection[str], hmis_ids: Collection[str]) -> Entry:
    """An entry without the HMIS ID of who it tells of, where it is one of these people."""
    if entry["model"] != MEMBER:
        return entry
    if entry["pk"] not in rows and not {*map(normalised, told(entry))} & set(hmis_ids):
        return entry
    left = entry.copy()
    if isinstance(before := entry.get("before"), dict):
        left["before"] = before | ({"hmis_id": None} if "hmis_id" in before else {})
    if isinstance(after := entry.get("after"), dict):
        left["after"] = after | ({"hmis_id": None} if "hmis_id" in after else {})
    return left


def without_members(former: Former, hmis_ids: Collection[str]) -> Former:
    """What a line keeps for its undo, without these among the members."""
    left = former.copy()
    if "members" in left:
        left["members"] = without(left["members"], hmis_ids)
    if "members_set" in left:
        left["members_set"] = without(left["members_set"], hmis_ids)
    return left


def without(members: Iterable[Member], hmis_ids: Collection[str]) -> list[Member]:
    return [each for each in members if normalised(each["hmis_id"]) not in hmis_ids]
