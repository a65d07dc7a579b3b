"""Writing a preview that somebody confirmed into the by-name list: all of it, or nothing.

Every household is compared again, under lock, with what is on file by now; what was done is kept
with the line, so that it can be undone.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from uuid import UUID

import pghistory
from django.db import connection, transaction

import audit.actions
import audit.services
from participants.by_hmis_id import records_with
from participants.hmis.kept import Former, RecordBefore, Said, text_of
from participants.hmis.reading import Progress
from participants.hmis.said import (
    first_flow,
    follow_members,
    head_before,
    is_joined,
    is_told_elsewhere,
    listed_since,
    members_of,
    members_on_file,
    members_told,
    waits,
    with_former_head,
    without_home,
)
from participants.hmis_ids import same_hmis_id
from participants.models import (
    Contact,
    HmisImport,
    HmisLine,
    HmisRecord,
    HmisRefusal,
    HouseholdMember,
    ListPlace,
    LivingSituation,
    Participant,
    PlaceChange,
    SheetRecord,
)
from participants.services.aliases import give_aliases
from participants.services.places import hold
from regions.models import Continuum

from .changing import Changing
from .comparing import (
    CONTACTS,
    FIELDS,
    UPDATE,
    Difference,
    difference,
    on_file,
    said_first,
)
from .copying import copy_rows, drafted
from .known import by_hmis_id, newest_stay
from .twins import joined_ids, joined_record, said_of_joined
from .uploads import destroy

APPLIED = audit.actions.register("import.applied", "Applied an import")
AT_ONCE = 500


@transaction.atomic
def apply_import(
    hmis_import: HmisImport, *, now: datetime, progress: Progress | None = None
) -> HmisImport:
    """Apply a confirmed import. Twice does nothing more. ValidationError changes nothing."""
    Continuum.objects.select_for_update(no_key=True).get(pk=hmis_import.continuum_id)
    hmis_import = (
        HmisImport.objects.select_for_update(of=("self",))
        .select_related("continuum", "confirmed_by", "sheet_source")
        .get(pk=hmis_import.pk)
    )
    if hmis_import.state != HmisImport.State.CONFIRMED:
        return hmis_import
    if not hmis_import.lines.exists():
        # The import before can still be undone.
        hmis_import.state = HmisImport.State.SAME
        hmis_import.save()
        destroy(hmis_import)
        return hmis_import
    forget_former(hmis_import)
    with pghistory.context(hmis_import=str(hmis_import.pk)):
        be_quick_with_history()
        applying = APPLYING.get(hmis_import.kind, Applying)
        done = applying(hmis_import, progress).run()
    hmis_import.state, hmis_import.applied_at = HmisImport.State.APPLIED, now
    hmis_import.counts = {**hmis_import.counts, "done": done}
    hmis_import.save()
    destroy(hmis_import)
    audit.services.record(
        APPLIED,
        actor=hmis_import.confirmed_by,
        about=hmis_import,
        detail=dict(done),
        now=now,
    )
    return hmis_import


def be_quick_with_history() -> None:
    """Let the triggers of history find a setting that they would miss, row by row, by an error."""
    with connection.cursor() as cursor:
        # Not by SELECT: the context of the history comes with other statements alone.
        cursor.execute("SET LOCAL pgtrigger.ignore = '{}'")


def forget_former(hmis_import: HmisImport) -> None:
    """What the former import was and did is kept until this one: then it cannot be undone.

    So is what it could not read, with the ids of whom it was about.
    """
    former = HmisImport.objects.filter(
        continuum=hmis_import.continuum_id, state__in=FINISHED
    ).exclude(pk=hmis_import.pk)
    HmisLine.objects.filter(hmis_import__in=former).delete()
    HmisRefusal.objects.filter(hmis_import__in=former).delete()


FINISHED = (
    HmisImport.State.APPLIED,
    HmisImport.State.SAME,
    HmisImport.State.UNDONE,
    HmisImport.State.DISCARDED,
    HmisImport.State.FAILED,
)


class Applying(Changing):
    """One import on its way into the list, some hundred households at a time."""

    def __init__(self, hmis_import: HmisImport, progress: Progress | None) -> None:
        super().__init__(hmis_import)
        self.progress = progress
        self.done = {"added": 0, "changed": 0, "absent": 0, "joined": 0, "left_out": 0}
        self.joined: set[UUID] = set()

    def run(self) -> dict[str, int]:
        rows = HmisLine.objects.filter(hmis_import=self.hmis_import)
        hold(rows.values("participant"))
        lines = rows.iterator(chunk_size=AT_ONCE)
        number = 0
        while batch := list(islice(lines, AT_ONCE)):
            self.take(batch)
            number += len(batch)
            if self.progress:
                self.progress("", number)
        return self.done

    def take(self, batch: list[HmisLine]) -> None:
        wanted = [line for line in batch if line.kind != HmisLine.Kind.ABSENT]
        told = [line.said["hmis_id"] for line in wanted]
        # Also who got an id meanwhile.
        is_any_known = hold(records_with(self.continuum.pk, told).values("pk"))
        known = by_hmis_id(self.continuum, told) if is_any_known else {}
        twins = Participant.objects.select_related("place", "hmis").in_bulk(
            [line.participant_id for line in wanted if line.decision == HmisLine.Decision.JOIN]
        )
        anew = Participant.objects.select_related("place", "hmis").in_bulk(
            [line.participant_id for line in wanted if head_before(line) or is_told_elsewhere(line)]
        )
        unknown = [each.said["hmis_id"] for each in wanted if each.said["hmis_id"] not in known]
        joined = joined_ids(self.continuum, unknown) if is_any_known else set[str]()
        fresh: list[HmisLine] = []
        gone: list[HmisLine] = []
        for line in batch:
            participant = known.get(line.said.get("hmis_id"))
            former_head = head_before(line)
            if former_head:
                # Who has this id by now is on file beside them: a person decides, not the import.
                is_free = participant is None and line.said["hmis_id"] not in joined
                participant = anew.get(line.participant_id) if is_free else None
                if participant is not None and not same_hmis_id(participant.hmis_id, former_head):
                    participant = None
            if participant is None and is_told_elsewhere(line):
                participant = anew.get(line.participant_id)
            if participant is not None and participant.is_confidential:
                participant = None
            if line.kind == HmisLine.Kind.ABSENT:
                gone.append(line)
            elif participant is None and (former_head or line.said["hmis_id"] in joined):
                self.done["left_out"] += 1
            elif participant is not None:
                self.change(line, participant)
            elif line.decision == HmisLine.Decision.JOIN and line.participant_id in twins:
                self.join(line, twins[line.participant_id])
            elif line.kind == HmisLine.Kind.CHANGED or waits(line):
                self.done["left_out"] += 1
            else:
                fresh.append(line)
        self.add(fresh)
        self.mark_absent(gone)
        changed = [line for line in batch if line.former]
        self.keep_lines(changed, [line for line in fresh if not line.former])

    def keep_lines(self, changed: Sequence[HmisLine], fresh: Sequence[HmisLine]) -> None:
        """What was done, for an undo; of a new household it is enough who it became."""
        HmisLine.objects.filter(pk__in=[line.pk for line in changed]).delete()
        HmisLine.objects.bulk_create(changed)
        rows = [(line.pk, line.participant_id) for line in fresh]
        if rows:
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE participants_hmisline SET participant_id = made.participant "
                    "FROM unnest(%s::uuid[], %s::uuid[]) AS made (line, participant) "
                    "WHERE id = made.line",
                    [[str(key) for key, _made in rows], [str(made) for _key, made in rows]],
                )

    # New households

    def add(self, lines: Sequence[HmisLine]) -> None:
        people = self.people_of(lines)
        give_aliases(self.continuum, people)
        copy_rows(people)
        places: list[ListPlace] = []
        moves: list[PlaceChange] = []
        stays: list[LivingSituation] = []
        records: list[HmisRecord | SheetRecord] = []
        contacts: list[Contact] = []
        members: list[HouseholdMember] = []
        for line, person in zip(lines, people, strict=True):
            said: Said = line.said
            since, on = listed_since(said)
            places.append(
                drafted(ListPlace, participant_id=person.pk, listed_on=since, status_on=on)
            )
            moves.append(self.move_of(person, first_flow(said), on))
            members += members_of(person, said.get("members") or [])
            if said["stay"]:
                stays.append(self.stay_of(person, said["stay"]))
            contacts += self.contacts_of(person, said)
            records.append(self.told_first(person, said))
            line.participant = person
            if line.kind != HmisLine.Kind.NEW:
                line.former = {"is_new": True}
        for rows in (places, moves, stays, records, contacts, members):
            copy_rows(rows)
        self.done["added"] += len(people)

    def people_of(self, lines: Iterable[HmisLine]) -> list[Participant]:
        return [self.participant_of(line) for line in lines]

    def told_first(self, person: Participant, said: Said) -> HmisRecord | SheetRecord:
        """What is kept of what the import said of a new household."""
        return self.record_of(person, said_first(said, self.as_of), said)

    # Households on file

    def join(self, line: HmisLine, person: Participant) -> None:
        """The possible duplicate is the same person: their record gets the HMIS ID."""
        former = line.said.get("replaces")
        if person.is_confidential or (person.hmis_id and not same_hmis_id(person.hmis_id, former)):
            self.done["left_out"] += 1
            return
        self.joined.add(person.pk)
        self.change(line, person, hmis_id=line.said["hmis_id"])
        self.done["joined"] += 1

    def change(self, line: HmisLine, person: Participant, *, hmis_id: str | None = None) -> None:
        said: Said = line.said
        record: HmisRecord | None = getattr(person, "hmis", None)
        head = said["hmis_id"] if head_before(line) else None
        joined = joined_record(person, said["hmis_id"]) if is_joined(line) else None
        found = difference(
            person,
            said,
            as_of=self.as_of,
            record=record,
            newest_stay=newest_stay(person),
            head=head,
            joined=said_of_joined(joined),
            is_linked=bool(hmis_id),
        )
        if hmis_id and record:
            found.note("link", None, None, UPDATE)
        if not found.changes:
            return
        updates = found.updates()
        line.participant, line.changes = person, found.changes
        former: Former = {
            "record": as_it_was(record) if record else None,
            "fields": {
                name: on_file(person, name)
                for name in updates
                if name in (*FIELDS, "where", "listed_on")
            },
            "set": {},
        }
        if hmis_id:
            former |= {"joined": True, "replaced": person.hmis_id}
        if head:
            self.change_head(person, said, former)
        if head or "members" in updates:
            # Joined records keep each the members that are told under its id.
            last = said_of_joined(joined) if joined else getattr(record, "said", None)
            members = members_on_file(joined or person)
            # Whoever heads it now is no member any more, also if a person said that they came.
            before = members_told(last) + [
                each for each in members if same_hmis_id(each["hmis_id"], head)
            ]
            former["members"] = members
            former["members_set"] = follow_members(
                joined or person, before, with_former_head(said, former, person)
            )
        if joined is not None and "members" in updates:
            self.note_joined(joined, found, former)
        self.change_person(person, updates, former, hmis_id or head)
        self.change_place(person, updates, former)
        if news := [name for name in CONTACTS if name in updates]:
            there = set(person.contacts.values_list("kind", "on"))
            # What was recorded here, and went to HMIS, comes back from there.
            told = self.contacts_of(person, said, news)
            made = Contact.objects.bulk_create(
                each for each in told if (each.kind, each.on) not in there
            )
            former["contacts"] = [str(each.pk) for each in made]
        line.former = former
        if record:
            record.said, record.as_of, record.absent_on = found.said, self.as_of, None
            record.left_on, record.perhaps_housed_on = without_home(said)
            record.save()
        else:
            self.record_of(person, found.said, said).save(force_insert=True)
        self.done["changed"] += 1

    def note_joined(self, joined: Participant, found: Difference, former: Former) -> None:
        """Whom HMIS tells of under the id of a joined record is noted with that record."""
        record: HmisRecord | None = getattr(joined, "hmis", None)
        former["told"] = str(joined.pk)
        former["told_record"] = as_it_was(record) if record else None
        record = record or HmisRecord(participant=joined)
        record.said, record.as_of = found.joined or {}, self.as_of
        record.save()

    def mark_absent(self, lines: list[HmisLine]) -> None:
        # Who was found under another id is in the export.
        lines = [line for line in lines if line.participant_id not in self.joined]
        keys = [line.participant_id for line in lines]
        present = HmisRecord.objects.filter(participant__in=keys, absent_on__isnull=True)
        there = set(present.values_list("pk", flat=True))
        HmisRecord.objects.filter(pk__in=there).update(absent_on=self.as_of)
        for line in lines:
            if line.participant_id in there:
                line.former = {"is_absent": True}
        self.done["absent"] += len(there)


# By kind of import; what is not told here is applied as an export of HMIS.
APPLYING: dict[str, type[Applying]] = {}


def as_it_was(record: HmisRecord) -> RecordBefore:
    return {
        "said": record.said,
        "as_of": record.as_of.isoformat(),
        "absent_on": text_of(record.absent_on),
        "left_on": text_of(record.left_on),
        "perhaps_housed_on": text_of(record.perhaps_housed_on),
    }
