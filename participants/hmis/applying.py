"""Writing a preview that somebody confirmed into the by-name list: all of it, or nothing.

Every household is compared again, under lock, with what is on file by now; what was done is kept
with the line, so that it can be undone.
"""

from collections.abc import Collection, Container, Iterable, Sequence
from datetime import date, datetime
from itertools import islice
from uuid import UUID

import pghistory
from django.core.exceptions import ValidationError
from django.db import connection, transaction

import audit.actions
import audit.services
from agreements.models import Agency
from participants.aliases import gives_away, new_alias
from participants.hmis.kept import Former, RecordBefore, RecordSaid, Said, Value, text_of
from participants.hmis.reading import Progress
from participants.hmis.said import (
    contacts_said,
    first_flow,
    head_before,
    is_joined,
    keep_members,
    members_of,
    members_on_file,
    typed,
    waits,
    with_former_head,
    without_home,
)
from participants.models import (
    Contact,
    HeadChange,
    HmisImport,
    HmisLine,
    HmisRecord,
    HouseholdMember,
    ListPlace,
    LivingSituation,
    Participant,
    PlaceChange,
    Release,
)
from participants.services.places import FLOW_TO_STATUS
from regions.models import Continuum, County, Region
from regions.words import long_day_words

from .comparing import CONTACTS, FIELDS, IDENTITY, UPDATE, difference, on_file, said_first
from .preview import newest_stay, on_file_by_hmis_id
from .twins import joined_ids
from .uploads import destroy

APPLIED = audit.actions.register("import.applied", "Applied an HMIS import")
AT_ONCE = 500
Flow = PlaceChange.Flow
Status = ListPlace.Status


@transaction.atomic
def apply_import(
    hmis_import: HmisImport, *, now: datetime, progress: Progress | None = None
) -> HmisImport:
    """Apply a confirmed import. Twice does nothing more. ValidationError changes nothing."""
    Continuum.objects.select_for_update(no_key=True).get(pk=hmis_import.continuum_id)
    hmis_import = (
        HmisImport.objects.select_for_update(of=("self",))
        .select_related("continuum", "confirmed_by")
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
        done = Applying(hmis_import, now, progress).run()
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
        cursor.execute("SELECT set_config('pgtrigger.ignore', '{}', true)")


def forget_former(hmis_import: HmisImport) -> None:
    """What the former import was and did is kept until this one: then it cannot be undone."""
    HmisLine.objects.filter(
        hmis_import__continuum=hmis_import.continuum_id, hmis_import__state__in=FINISHED
    ).exclude(hmis_import=hmis_import).delete()


FINISHED = (
    HmisImport.State.APPLIED,
    HmisImport.State.UNDONE,
    HmisImport.State.DISCARDED,
    HmisImport.State.FAILED,
)


class Applying:
    """One import on its way into the list, some hundred households at a time."""

    def __init__(self, hmis_import: HmisImport, now: datetime, progress: Progress | None) -> None:
        self.hmis_import, self.now, self.progress = hmis_import, now, progress
        self.continuum, self.as_of = hmis_import.continuum, hmis_import.brought_to
        self.actor = hmis_import.confirmed_by
        self.reason = f"From HMIS, as of {long_day_words(self.as_of)}"
        self.done = {"added": 0, "changed": 0, "absent": 0, "joined": 0, "left_out": 0}
        mine = {"region__continuum": self.continuum}
        self.joined: set[UUID] = set()
        self.regions = set(
            Region.objects.filter(continuum=self.continuum).values_list("pk", flat=True)
        )
        self.counties = dict(County.objects.filter(**mine).values_list("pk", "region_id"))
        self.agencies = {
            str(each.pk): each
            for each in Agency.objects.filter(
                continuum=self.continuum, is_victim_service_provider=False
            )
        }

    def run(self) -> dict[str, int]:
        lines = HmisLine.objects.filter(hmis_import=self.hmis_import).iterator(chunk_size=AT_ONCE)
        number = 0
        while batch := list(islice(lines, AT_ONCE)):
            self.take(batch)
            number += len(batch)
            if self.progress:
                self.progress("", number)
        return self.done

    def take(self, batch: list[HmisLine]) -> None:
        wanted = [line for line in batch if line.kind != HmisLine.Kind.ABSENT]
        known = on_file_by_hmis_id(self.continuum, [line.said["hmis_id"] for line in wanted])
        twins = Participant.objects.select_related("place", "hmis").in_bulk(
            [line.participant_id for line in wanted if line.decision == HmisLine.Decision.JOIN]
        )
        anew = Participant.objects.select_related("place", "hmis").in_bulk(
            [line.participant_id for line in wanted if head_before(line) or is_joined(line)]
        )
        unknown = [each.said["hmis_id"] for each in wanted if each.said["hmis_id"] not in known]
        joined = joined_ids(self.continuum, unknown)
        fresh: list[HmisLine] = []
        gone: list[HmisLine] = []
        for line in batch:
            participant = known.get(line.said.get("hmis_id"))
            former_head = head_before(line)
            if former_head:
                # Who has this id by now is on file beside them: a person decides, not the import.
                is_free = participant is None and line.said["hmis_id"] not in joined
                participant = anew.get(line.participant_id) if is_free else None
                if participant is not None and participant.hmis_id != former_head:
                    participant = None
            if participant is None and is_joined(line):
                participant = anew.get(line.participant_id)
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
        people = [self.participant_of(line) for line in lines]
        name_all(self.continuum, people)
        Participant.objects.bulk_create(people)
        places: list[ListPlace] = []
        moves: list[PlaceChange] = []
        stays: list[LivingSituation] = []
        records: list[HmisRecord] = []
        contacts: list[Contact] = []
        members: list[HouseholdMember] = []
        for line, person in zip(lines, people, strict=True):
            said: Said = line.said
            listed_on = date.fromisoformat(said["listed_on"] or "")  # one that is new has it
            places.append(ListPlace(participant=person, listed_on=listed_on, status_on=listed_on))
            moves.append(self.move_of(person, first_flow(said), listed_on))
            members += members_of(person, said.get("members") or [])
            if said["stay"]:
                stays.append(self.stay_of(person, said["stay"]))
            contacts += self.contacts_of(person, said)
            records.append(self.record_of(person, said_first(said, self.as_of), said))
            line.participant = person
            if line.kind != HmisLine.Kind.NEW:
                line.former = {"is_new": True}
        ListPlace.objects.bulk_create(places)
        PlaceChange.objects.bulk_create(moves)
        LivingSituation.objects.bulk_create(stays)
        HmisRecord.objects.bulk_create(records)
        Contact.objects.bulk_create(contacts)
        HouseholdMember.objects.bulk_create(members)
        self.done["added"] += len(people)

    def participant_of(self, line: HmisLine) -> Participant:
        said: Said = line.said
        agency = self.agencies.get(said["agency"] or "")
        if agency is None:
            raise ValidationError(
                "An agency of a project was removed, or is a victim service provider. Read the "
                "export again."
            )
        region, county = self.where(said["where"])
        person = Participant(
            continuum=self.continuum,
            agency=agency,
            region_id=region,
            county_id=county,
            hmis_id=said["hmis_id"],
            is_unsheltered=bool(
                said["stay"] and said["stay"][0] == LivingSituation.Kind.UNSHELTERED
            ),
        )
        for name in FIELDS:
            if (value := said.get(name)) is not None:
                setattr(person, name, typed(name, value))
        return person

    def where(self, value: list[str | None] | None) -> tuple[UUID, UUID | None]:
        """Region and county as keys; ValidationError when they changed since the preview."""
        region, county = (UUID(each) if each else None for each in value or (None, None))
        if county is not None:
            region = self.counties.get(county, region) if county in self.counties else None
        if region is None or region not in self.regions:
            raise ValidationError("A region or county was removed. Read the export again.")
        return region, county

    def move_of(self, person: Participant, flow: Flow, on: date) -> PlaceChange:
        return PlaceChange(participant=person, flow=flow, on=on, reason=self.reason, by=self.actor)

    def stay_of(self, person: Participant, stay: list[str]) -> LivingSituation:
        return LivingSituation(
            participant=person, kind=stay[0], on=date.fromisoformat(stay[1]), by=self.actor
        )

    def contacts_of(
        self, person: Participant, said: Said, names: Collection[str] = CONTACTS
    ) -> list[Contact]:
        return [
            Contact(participant=person, kind=kind, on=on, by=self.actor)
            for kind, on in sorted(contacts_said(said, names))
        ]

    def record_of(self, person: Participant, kept: RecordSaid, said: Said) -> HmisRecord:
        record = HmisRecord(participant=person, said=kept, as_of=self.as_of)
        record.left_on, record.perhaps_housed_on = without_home(said)
        return record

    # Households on file

    def join(self, line: HmisLine, person: Participant) -> None:
        """The possible duplicate is the same person: their record gets the HMIS ID."""
        former = line.said.get("replaces")
        if person.is_confidential or (person.hmis_id and person.hmis_id != former):
            self.done["left_out"] += 1
            return
        self.joined.add(person.pk)
        self.change(line, person, hmis_id=line.said["hmis_id"])
        self.done["joined"] += 1

    def change(self, line: HmisLine, person: Participant, *, hmis_id: str | None = None) -> None:
        said: Said = line.said
        record: HmisRecord | None = getattr(person, "hmis", None)
        head = said["hmis_id"] if head_before(line) else None
        found = difference(
            person,
            said,
            as_of=self.as_of,
            record=record,
            newest_stay=newest_stay(person),
            head=head,
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
            former["members"] = members_on_file(person)
            keep_members(person, with_former_head(said, former, person))
        self.change_person(person, updates, former, hmis_id or head)
        self.change_place(person, updates, former)
        if news := [name for name in CONTACTS if name in updates]:
            made = Contact.objects.bulk_create(self.contacts_of(person, said, news))
            former["contacts"] = [str(each.pk) for each in made]
        line.former = former
        if record:
            record.said, record.as_of, record.absent_on = found.said, self.as_of, None
            record.left_on, record.perhaps_housed_on = without_home(said)
            record.save()
        else:
            self.record_of(person, found.said, said).save(force_insert=True)
        self.done["changed"] += 1

    def change_head(self, person: Participant, said: Said, former: Former) -> None:
        """Another person heads the household: an event on its line. Releases are asked about."""
        left = {each["hmis_id"]: each["to"] for each in said.get("members") or []}
        on = left.get(person.hmis_id) or self.as_of.isoformat()
        made = HeadChange.objects.create(
            participant=person, on=date.fromisoformat(on), reason=self.reason, by=self.actor
        )
        held = person.releases.filter(is_by_former_head=False, revoked_at__isnull=True)
        former["head"] = {
            "hmis_id": person.hmis_id,
            "change": str(made.pk),
            "on": on,
            "releases": [str(key) for key in held.values_list("pk", flat=True)],
        }
        Release.objects.filter(pk__in=former["head"]["releases"]).update(is_by_former_head=True)

    def change_person(
        self, person: Participant, updates: dict[str, Value], former: Former, hmis_id: str | None
    ) -> None:
        fields = set()
        for name in FIELDS:
            if name in updates:
                setattr(person, name, typed(name, updates[name]))
                fields.add(name)
        if "name" in updates:
            # Nobody typed it: whoever typed the former one does not know this one.
            former["named_by"] = str(person.named_by_id) if person.named_by_id else None
            person.named_by = None
            fields.add("named_by")
        if "where" in updates:
            person.region_id, person.county_id = self.where(updates["where"])
            fields |= {"region", "county"}
        if hmis_id:
            person.hmis_id = hmis_id
            fields |= {"hmis_id", "hmis_id_index"}
        if fields & set(IDENTITY):
            fields.add("identity_index")
            if gives_away(person.alias, person.name or ""):
                former["alias"] = person.alias
                name_all(self.continuum, [person])
                former["alias_given"] = person.alias
                fields.add("alias")
        if "stay" in updates:
            stay = self.stay_of(person, updates["stay"])
            stay.save(force_insert=True)
            former["stay"] = str(stay.pk)
            former["is_unsheltered"] = person.is_unsheltered
            person.is_unsheltered = stay.kind == LivingSituation.Kind.UNSHELTERED
            fields.add("is_unsheltered")
        if fields:
            person.save(update_fields=[*fields, "changed_at"])
        former["set"] = {name: updates[name] for name in former["fields"]}

    def change_place(self, person: Participant, updates: dict[str, Value], former: Former) -> None:
        place = getattr(person, "place", None)
        if not {"place", "listed_on"} & set(updates):
            return
        former["place"] = place and [
            place.status,
            place.status_on.isoformat(),
            place.listed_on.isoformat(),
        ]
        if "listed_on" in updates and place:
            place.listed_on = date.fromisoformat(updates["listed_on"])
        if "place" in updates:
            flow, on = Flow(updates["place"][0]), date.fromisoformat(updates["place"][1])
            place = place or ListPlace(participant=person, listed_on=on)
            place.status, place.status_on = FLOW_TO_STATUS[flow], on
            move = self.move_of(person, flow, on)
            move.save(force_insert=True)
            former["move"] = str(move.pk)
        if place:
            place.save()

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


def alias_for(person: Participant, taken: Container[str]) -> str:
    name = person.name
    return new_alias(lambda alias: alias in taken or gives_away(alias, name))


def as_it_was(record: HmisRecord) -> RecordBefore:
    return {
        "said": record.said,
        "as_of": record.as_of.isoformat(),
        "absent_on": text_of(record.absent_on),
        "left_on": text_of(record.left_on),
        "perhaps_housed_on": text_of(record.perhaps_housed_on),
    }


def name_all(continuum: Continuum, people: Iterable[Participant]) -> None:
    """Give each an alias that nobody has and that tells nothing of the name."""
    waiting, taken = list(people), set[str]()
    while waiting:
        for person in waiting:
            person.alias = alias_for(person, taken)
            taken.add(person.alias)
        used = set(
            Participant.every.filter(
                continuum=continuum, alias__in=[person.alias for person in waiting]
            ).values_list("alias", flat=True)
        )
        waiting = [person for person in waiting if person.alias in used]
