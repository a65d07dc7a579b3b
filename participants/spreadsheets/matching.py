"""Which household on file a row of a sheet tells of: by its number, or by name and birth date.

A row that names who headed a household before is asked about, as is whoever is not surely the same.
A victim service provider's household holds no name and is never found by one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from participants.by_hmis_id import indexes_of, records_with
from participants.hmis.comparing import value_of
from participants.hmis.kept import RecordSaid
from participants.hmis_ids import same_hmis_id
from participants.merges.reasons import differ_in_one_part, same_name
from participants.models import Participant, SheetRecord, SheetSource
from regions.models import Continuum
from vault.blind import candidates, normalised

from .former_heads import FormerHeads
from .rows import Found


@dataclass
class Matches:
    """By place of the row: whose it is, surely; whose it may be; and where several may be meant."""

    known: dict[int, UUID] = field(default_factory=dict)
    perhaps: dict[int, UUID] = field(default_factory=dict)
    several: set[int] = field(default_factory=set)
    # Whose number it is by what was told before, and who is plainly another person.
    doubtful: dict[int, UUID] = field(default_factory=dict)
    # Of a household of which another row tells surely: the place of that one.
    twice: dict[int, int] = field(default_factory=dict)
    # Of those known, or perhaps known: named by who headed the household before.
    former: set[int] = field(default_factory=set)

    def has(self, place: int) -> bool:
        """Whether it is said already what the row is."""
        is_one = place in self.known or place in self.perhaps
        is_said = place in self.doubtful or place in self.twice
        return is_one or is_said or place in self.several


@dataclass(frozen=True)
class OnFile:
    key: UUID
    name: str | None
    birth_date: date | None
    hmis_id: str | None


def match(continuum: Continuum, source: SheetSource | None, rows: Sequence[Found]) -> Matches:
    """Return the `Matches` of rows. A household is surely known by one row at most."""
    found = Matches()
    taken = dict[UUID, int]()

    def know(place: int, key: UUID) -> None:
        if key in taken:
            found.twice[place] = taken[key]
        else:
            found.known[place] = key
            taken[key] = place

    people = Identities(continuum)
    by_key, others, told = by_records(source, rows)
    for place, key in (*by_key.items(), *by_hmis_id(continuum, rows).items()):
        if found.has(place):
            continue
        if people.is_another(key, rows[place], told.get(key)):
            found.doubtful[place] = key
        elif not people.has_former_head_in(key, rows[place]):
            know(place, key)
        else:
            found.former.add(place)
            # What this kind of sheet told of before goes on being told of under that head.
            if place in by_key and key not in taken:
                know(place, key)
            else:
                found.perhaps[place] = key
    for place, keys in people.by_former_id(rows).items():
        if found.has(place):
            continue
        if len(keys) > 1:
            found.several.add(place)
        elif people.is_another(keys[0], rows[place], None):
            found.doubtful[place] = keys[0]
        else:
            found.former.add(place)
            found.perhaps[place] = keys[0]
    alike = {place: people.like(row) for place, row in enumerate(rows) if not found.has(place)}
    # Who is surely a row's is asked about by none that stands above it.
    for place, (sure, _perhaps) in alike.items():
        free = [each for each in sure if each.key not in taken]
        # Another row of this kind of sheet, or another HMIS ID, is that household's already.
        clear = [each for each in free if each.key not in others and fits(each, rows[place])]
        if len(free) == 1 and clear:
            know(place, free[0].key)
    for place, likely in alike.items():
        if place in found.known:
            continue
        sure, perhaps = ([each for each in some if each.key not in taken] for some in likely)
        asked = {each.key for each in sure or perhaps}
        # Also of a household that another row tells of: who headed it before comes as no new one.
        former = set() if sure else people.headed_before_by(rows[place])
        if len(asked | former) > 1:
            found.several.add(place)
        elif asked | former:
            (found.perhaps[place],) = asked | former
            if former:
                found.former.add(place)
    return found


def fits(person: OnFile, row: Found) -> bool:
    said = row.said["hmis_id"]
    return not person.hmis_id or not said or same_hmis_id(person.hmis_id, said)


def by_records(
    source: SheetSource | None, rows: Sequence[Found]
) -> tuple[dict[int, UUID], set[UUID], dict[UUID, RecordSaid]]:
    """`{place: household}` of rows that this kind of sheet told of before; and all it told of.

    Last, `{household: what it said of those rows then}`.
    """
    if source is None:
        return {}, set(), {}
    places = dict[bytes, int]()
    for place, row in enumerate(rows):
        for index in candidates("sheet key", source.pk, row.key):
            places.setdefault(index, place)
    records = SheetRecord.objects.filter(
        source=source,
        participant__is_confidential=False,
        participant__deidentified_at__isnull=True,
    ).select_related("participant")
    found, others, told = dict[int, UUID](), set[UUID](), dict[UUID, RecordSaid]()
    shown = ("source", "row_key_index", "said", "participant__merged_into")
    for record in records.only(*shown).iterator(chunk_size=500):
        kept = record.participant.merged_into_id or record.participant_id
        index = record.row_key_index
        if index is not None and bytes(index) in places:
            found[places[bytes(index)]] = kept
            told[kept] = record.said
        else:
            others.add(kept)
    return found, others | set(found.values()), told


def by_hmis_id(continuum: Continuum, rows: Sequence[Found]) -> dict[int, UUID]:
    # From the last to the first: of two rows the first has it.
    places = {row.said["hmis_id"]: place for place, row in reversed(list(enumerate(rows)))}
    by_index = indexes_of(continuum.pk, places)
    people = records_with(continuum.pk, places).values_list("hmis_id_index", "pk", "merged_into")
    return {
        places[by_index[bytes(index)]]: kept or key
        for index, key, kept in people
        if index is not None
    }


class Identities:
    """Names and birth dates of a continuum's households, as the rule for duplicates compares."""

    def __init__(self, continuum: Continuum) -> None:
        self.by_name = defaultdict[str, list[OnFile]](list)
        self.by_birth = defaultdict[date, list[OnFile]](list)
        self.by_key = defaultdict[UUID, list[OnFile]](list)
        self.former = FormerHeads.of(continuum)
        self.with_former_id, self.with_former_name = self.former.by_id(), self.former.by_name()
        people = Participant.every.filter(
            continuum=continuum,
            is_confidential=False,
            deidentified_at__isnull=True,
            name__isnull=False,
        ).only("pk", "name", "birth_date", "hmis_id", "merged_into")
        for person in people.iterator(chunk_size=500):
            each = OnFile(
                person.merged_into_id or person.pk,
                same_name(person.name),
                person.birth_date,
                person.hmis_id,
            )
            self.by_key[each.key].append(each)
            if each.name:
                self.by_name[each.name].append(each)
            if each.birth_date:
                self.by_birth[each.birth_date].append(each)

    def is_another(self, key: UUID, row: Found, told: RecordSaid | None) -> bool:
        """Whether a row is plainly of another person than the household that has its number.

        Numbers of a sheet may be those of its lines, and one may be typed wrong. Who has another
        name in all its parts, or shares a part of it and has a birth date that is wholly another,
        is another person; also than the sheet said last.
        """
        people = self.by_key.get(key, [])
        names = {each.name for each in people if each.name} | self.former.names.get(key, set())
        births = {each.birth_date for each in people if each.birth_date}
        if former := same_name(value_of(told or {}, "name")):
            names.add(former)
        if birth := value_of(told or {}, "birth_date"):
            births.add(date.fromisoformat(birth))
        return is_none_of(row, names, births)

    def has_former_head_in(self, key: UUID, row: Found) -> bool:
        """Whether a row of the household names who headed it before."""
        people = self.by_key.get(key, [])
        names, ids = [each.name for each in people], [each.hmis_id for each in people]
        return self.former.are_named(key, row.said, names, ids)

    def by_former_id(self, rows: Sequence[Found]) -> dict[int, list[UUID]]:
        """`{place: households}` that somebody headed before who has the row's HMIS ID."""
        told = {place: normalised(row.said["hmis_id"]) for place, row in enumerate(rows)}
        return {
            place: sorted(self.with_former_id[spelled])
            for place, spelled in told.items()
            if spelled in self.with_former_id
        }

    def headed_before_by(self, row: Found) -> set[UUID]:
        """The households that somebody of the row's name headed before."""
        keys = self.with_former_name.get(same_name(row.said["name"]) or "", set())
        return {key for key in keys if self.has_former_head_in(key, row)}

    def like(self, row: Found) -> tuple[list[OnFile], list[OnFile]]:
        """Who has the row's name and birth date; and who may be the same person all the same."""
        name, born = same_name(row.said["name"]), row.said["birth_date"]
        if not name:
            return [], []
        on = date.fromisoformat(born) if born else None
        named = self.by_name.get(name, [])
        sure = [each for each in named if on and each.birth_date == on]
        perhaps = [each for each in named if each not in sure and may_be(on, each.birth_date)]
        if on:
            parts = set(name.split())
            alike = [each for each in self.by_birth.get(on, []) if each not in sure]
            perhaps += [each for each in alike if parts & set((each.name or "").split())]
        return once(sure), once(perhaps)


def is_none_of(row: Found, names: Collection[str], births: Collection[date]) -> bool:
    """Whether a row plainly tells of another person than who has these names and birth dates.

    With a name or birth date of theirs it may be the same; else one part of a name must be, and the
    birth date nearly.
    """
    name, born = same_name(row.said["name"]), row.said["birth_date"]
    on = date.fromisoformat(born) if born else None
    if name in names or on in births:
        return False
    is_born_otherwise = bool(on and births) and not any(may_be(on, each) for each in births)
    if not name or not names:
        return is_born_otherwise
    parts = set(name.split())
    return is_born_otherwise or not any(parts & set(each.split()) for each in names)


def are_two(one: Found, other: Found) -> bool:
    """Whether two rows plainly tell of two persons."""
    name, born = same_name(other.said["name"]), other.said["birth_date"]
    return is_none_of(one, {name} if name else set(), {date.fromisoformat(born)} if born else set())


def may_be(one: date | None, other: date | None) -> bool:
    """Whether two of one name may be one person: a birth date is missing, or nearly the same."""
    return one is None or other is None or differ_in_one_part(one, other)


def once(people: Iterable[OnFile]) -> list[OnFile]:
    return list({each.key: each for each in people}.values())
