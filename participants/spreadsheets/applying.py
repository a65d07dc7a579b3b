"""Writing a sheet's preview that somebody confirmed into the list: all of it, or nothing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from participants.hmis.applying import Applying
from participants.hmis.comparing import FIELDS, on_file
from participants.hmis.copying import drafted
from participants.hmis.giving_back import hold_navigators
from participants.hmis.kept import Former, RecordSaid, Said, SheetBefore, Value, text_of
from participants.hmis.known import newest_stay
from participants.hmis.reading import Progress
from participants.hmis.said import waits
from participants.merges.reasons import same_name
from participants.models import (
    Contact,
    HmisImport,
    HmisLine,
    Participant,
    PlaceChange,
    SheetRecord,
    SheetSource,
)
from participants.services.on_file import hmis_ids_taken, is_hmis_id_taken
from participants.services.places import hold
from regions.words import long_day_words
from vault.blind import candidates, normalised

from .comparing import CHOSEN, difference, said_under
from .former_heads import FormerHeads

Flow = PlaceChange.Flow


class ApplyingSheet(Applying):
    """One sheet on its way into the list."""

    def __init__(self, hmis_import: HmisImport, progress: Progress | None) -> None:
        super().__init__(hmis_import, progress)
        source = hmis_import.sheet_source
        if source is None:
            raise ValueError("a sheet of no kind")
        self.sheet: SheetSource = source
        self.reason = f"From the sheet “{source.name}”, as of {long_day_words(self.as_of)}"

        columns = (hmis_import.sheet_settings or {}).get("columns", {})
        tells_staff = "navigator" in columns.values()
        self.navigators = hold_navigators(self.continuum) if tells_staff else set[UUID]()

    def take(self, batch: list[HmisLine]) -> None:
        for line in batch:
            told = line.said.get("navigator_id")
            if told and UUID(told) not in self.navigators:
                line.said = {**line.said, "navigator_id": None}  # who left since it was read
        Kind = HmisLine.Kind
        known = by_key(self.sheet, [line.said.get("key") for line in batch if line.said])
        keys = {line.participant_id for line in batch if line.participant_id} | {*known.values()}
        hold(keys)
        people = (
            Participant.objects.filter(continuum=self.continuum, is_confidential=False)
            .select_related("place")
            .in_bulk(list(keys))
        )
        fresh, gone = list[HmisLine](), list[HmisLine]()
        former = FormerHeads.of(self.continuum, people)
        for line in batch:
            # Another row, or another person, may have brought the household here meanwhile.
            person = people.get(known.get(line.said.get("key", ""), line.participant_id))
            if person is not None and line.said and is_of_former(former, person, line.said):
                # Perhaps since the sheet was looked at: what is of the head stays.
                line.said = {**line.said, "under_former_head": True}
            if line.kind == Kind.ABSENT:
                gone.append(line)
            elif waits(line):
                self.done["left_out"] += 1
            elif line.kind == Kind.NEW or line.decision == HmisLine.Decision.ADD:
                if person is not None and line.said.get("key") in known:
                    self.follow(line, person)
                else:
                    fresh.append(line)
            elif person is None:
                self.done["left_out"] += 1
            else:
                self.follow(line, person)
                self.done["joined"] += line.decision == HmisLine.Decision.JOIN
        self.add(fresh)
        self.miss(gone)
        changed = [line for line in batch if line.former]
        self.keep_lines(changed, [line for line in fresh if not line.former])

    # New households

    def people_of(self, lines: Iterable[HmisLine]) -> list[Participant]:
        """An HMIS ID is one person's: of who has it by now, else of the first in the sheet."""
        people = super().people_of(lines)
        told = [each.hmis_id for each in people if each.hmis_id]
        taken = {normalised(each) for each in hmis_ids_taken(self.continuum, told)}
        for person in people:
            # "H-1" and "h_1" are one id.
            same = normalised(person.hmis_id or "")
            if not same or same in taken:
                person.hmis_id = None
            taken.add(same)
        return people

    def told_first(self, person: Participant, said: Said) -> SheetRecord:
        first = said_first(said, self.as_of)
        if "papers" in said:
            first["papers"] = {"value": said["papers"], "on": self.as_of.isoformat()}
        return drafted(
            SheetRecord,
            source_id=self.sheet.pk,
            participant_id=person.pk,
            row_key=said["key"],
            said=first,
            as_of=self.as_of,
        )

    # Households on file

    def follow(self, line: HmisLine, person: Participant) -> None:
        said: Said = line.said
        records = SheetRecord.objects.filter(source=self.sheet, participant=person)
        record = said_under(records, said["key"])
        found = difference(
            person,
            said,
            as_of=self.as_of,
            record=record,
            newest_stay=newest_stay(person),
            chosen={each["field"]: each["from"] for each in line.changes if each["how"] == CHOSEN},
        )
        if not found.changes:
            return
        updates = found.updates()
        line.participant, line.changes = person, found.changes
        former: Former = {
            "sheet": as_it_was(record) if record else None,
            "fields": {
                name: on_file(person, name)
                for name in updates
                if name in (*FIELDS, "where", "listed_on")
            },
            "set": {},
        }
        hmis_id = self.free_hmis_id(updates)
        if hmis_id:
            former |= {"joined": True, "replaced": person.hmis_id}
        self.change_person(person, updates, former, hmis_id)
        self.change_place(person, updates, former)
        if news := [name for name in ("contact", "assessed") if name in updates]:
            made = Contact.objects.bulk_create(self.contacts_of(person, said, news))
            former["contacts"] = [str(each.pk) for each in made]
        self.keep_record(person, said, found.said, record)
        line.former = former
        self.done["changed"] += 1

    def free_hmis_id(self, updates: dict[str, Value]) -> str | None:
        """The HMIS ID that the sheet tells of a household without one, unless it is another's."""
        hmis_id = updates.pop("hmis_id", None)
        if not hmis_id or is_hmis_id_taken(self.continuum, hmis_id):
            return None
        return str(hmis_id)

    def keep_record(
        self, person: Participant, said: Said, kept: RecordSaid, record: SheetRecord | None
    ) -> None:
        record = record or SheetRecord(source=self.sheet, participant=person)
        record.row_key, record.said, record.as_of = said["key"], kept, self.as_of
        record.absent_on = None
        record.save()

    def miss(self, lines: Sequence[HmisLine]) -> None:
        """Households that are not in this sheet any more are marked so, and stay on the list."""
        keys = [line.participant_id for line in lines]
        records = SheetRecord.objects.filter(
            source=self.sheet, participant__in=keys, absent_on__isnull=True
        )
        there: dict[UUID | None, list[SheetBefore]] = defaultdict(list)
        for each in records.order_by("pk"):
            there[each.participant_id].append(as_it_was(each))
        records.update(absent_on=self.as_of)
        for line in lines:
            if told := there.get(line.participant_id, []):
                line.former = {"is_absent": True, "sheet": told[0], "sheets": told[1:]}
        self.done["absent"] += len(there)


def by_key(source: SheetSource, keys: Sequence[str | None]) -> dict[str, UUID]:
    """`{key of a row: household}` of those that this kind of sheet is known to tell of by now."""
    by_index = {
        index: key for key in keys if key for index in candidates("sheet key", source.pk, key)
    }
    records = SheetRecord.objects.filter(source=source, row_key_index__in=list(by_index))
    rows = records.values_list("row_key_index", "participant", "participant__merged_into")
    return {by_index[bytes(index)]: kept or key for index, key, kept in rows}


def is_of_former(former: FormerHeads, person: Participant, said: Said) -> bool:
    """Whether a line names who headed the household before, and not who does now."""
    return former.are_named(person.pk, said, [same_name(person.name)], [person.hmis_id])


def as_it_was(record: SheetRecord) -> SheetBefore:
    return {
        "id": str(record.pk),
        "key": record.row_key,
        "said": record.said,
        "as_of": record.as_of.isoformat(),
        "absent_on": text_of(record.absent_on),
    }


def said_first(said: Said, as_of: date) -> RecordSaid:
    """What is kept of what a sheet said of a household first."""
    names = (*FIELDS, "hmis_id", "where", "listed_on", "stay", "contact", "assessed")
    return {
        name: {"value": said.get(name), "on": as_of.isoformat()}
        for name in names
        if said.get(name) not in (None, [], "")
    }
