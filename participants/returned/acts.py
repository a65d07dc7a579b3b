"""Bringing an exported list back: what was changed in it is proposed, then taken or left."""

import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import IO
from uuid import UUID

import pghistory
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from msoffcrypto.exceptions import DecryptionError, InvalidKeyError
from msoffcrypto.format.ooxml import OOXMLFile

import audit.actions
import audit.services
from accounts.models import User
from participants.grounds import may_replace
from participants.hmis.archives import ImportRefused
from participants.models import HeadChange, Participant, ReturnedCell, ReturnedList
from participants.services.list_export import MOST_ROWS
from participants.services.on_file import COMPARED
from participants.services.participants import ask_of_change, change_participant, make_change
from participants.services.places import record_stay
from participants.spreadsheets.reading import Tab, cell_of, read_file, read_pasted
from regions.clock import local_day
from regions.models import Continuum

from .cells import BY_KEY, COUNTED, EDITABLE, EDITED, STAY, Texts, Values, is_same, texts_of
from .keys import HEADING, RowKey, unsealed
from .now import texts_now

RETURNED = audit.actions.register("list.returned", "Brought an exported list back")
CHANGE, RECORD_STAY = "participants.change_participant", "participants.record_stay"
KEPT_FOR = timedelta(days=2)
# Each cell is an act of its own, with all that is asked of one: somebody waits for them.
AT_ONCE = 300
State = ReturnedCell.State
NO_LIST = (
    "This is no list that was exported here, or its hidden last column, “Row key”, was taken out. "
    "Bring back the file itself, with that column."
)
# Of a locked workbook how often its password is hashed: Excel's own 100,000 and some.
MOST_SPINS = 500_000
SORTED_APART = (
    "Its row key is of another household: the columns were sorted apart, or the alias was changed. "
    "Nothing of the row is taken."
)
OTHER_HEAD = "Another person heads the household since: the name of the head stays."
OTHERS = "You cannot change this household here."


@dataclass
class Proposals:
    """What a file proposes: cells, and `(line, words)` of what cannot be changed this way."""

    cells: list[ReturnedCell] = field(default_factory=list)
    refusals: list[tuple[int, str]] = field(default_factory=list)
    exported_at: datetime | None = None
    rows: int = 0


def unlocked(file: IO[bytes], password: str) -> IO[bytes]:
    """The workbook without its lock. ValidationError without the right password."""
    file.seek(0)
    is_locked = file.read(4) == b"\xd0\xcf\x11\xe0"
    file.seek(0)
    if not is_locked:
        return file
    if not password:
        raise ValidationError({"password": "The file is locked. Enter its password, as well."})
    out = io.BytesIO()
    try:
        book = OOXMLFile(file)
        if book.type == "agile" and book.info["spinValue"] > MOST_SPINS:
            raise ValueError("made to take long")
        book.load_key(password=password.strip())
        book.decrypt(out)
    except (InvalidKeyError, DecryptionError) as error:
        raise ValidationError({"password": "This is not the password of the file."}) from error
    except Exception as error:  # whatever an old or broken file makes of it
        raise ValidationError({"file": "The file cannot be opened. Save it as .xlsx."}) from error
    out.seek(0)
    return out


@transaction.atomic
def bring_back(
    continuum: Continuum,
    *,
    file: IO[bytes] | None,
    file_name: str,
    password: str,
    text: str,
    actor: User,
    now: datetime,
) -> ReturnedList:
    """Keep what was changed in an exported list as proposals. Nothing is changed yet.

    Raises ValidationError for what is no such list, and where nothing was changed.
    """
    try:
        tabs = read_file(unlocked(file, password), file_name) if file else read_pasted(text)
    except ImportRefused as refused:
        raise ValidationError({"file" if file else "text": str(refused)}) from refused
    headings, rows = table_of(tabs)
    if len(rows) > MOST_ROWS:
        raise ValidationError(f"A list holds at most {MOST_ROWS:,} households.")
    found = propose(continuum, headings, rows, actor=actor, now=now)
    if found.exported_at is None:
        raise ValidationError(NO_LIST)
    if not found.cells and not found.refusals:
        raise ValidationError("Nothing was changed in this file. It says what it said.")
    returned = ReturnedList.objects.create(
        continuum=continuum,
        by=actor,
        at=now,
        exported_at=found.exported_at,
        rows=found.rows,
        refusals=[list(each) for each in found.refusals],
    )
    for number, cell in enumerate(found.cells, start=1):
        cell.returned_list, cell.number = returned, number
    ReturnedCell.objects.bulk_create(found.cells)
    audit.services.record(
        RETURNED,
        actor=actor,
        about=returned,
        detail={"proposed": len(found.cells), "refused": len(found.refusals)},
        now=now,
    )
    return returned


def table_of(tabs: Iterable[Tab]) -> tuple[Texts, list[tuple[int, list[str]]]]:
    """Headings and rows of the sheet that holds the list."""
    for tab in tabs:
        for place, row in enumerate(tab.rows):
            if HEADING in row and "Alias" in row:
                refuse_twice(row)
                below = list(zip(tab.lines, tab.rows, strict=True))[place + 1 :]
                return tuple(row), below
    raise ValidationError(NO_LIST)


def refuse_twice(headings: Iterable[str]) -> None:
    """Raise ValidationError where two columns would say the same: nobody can tell which counts."""
    times = Counter(headings)
    twice = [each for each in (HEADING, "Alias", *sorted(EDITED)) if times[each] > 1]
    if twice:
        raise ValidationError(
            f"There are two columns “{twice[0]}”. Take out the one that is yours."
        )


def propose(
    continuum: Continuum,
    headings: Texts,
    rows: Sequence[tuple[int, list[str]]],
    *,
    actor: User,
    now: datetime,
) -> Proposals:
    found = Proposals(rows=len(rows))
    told = list[tuple[int, RowKey, Mapping[str, str]]]()
    seen = set[UUID]()
    for line, row in rows:
        cells: Mapping[str, str] = dict(zip(headings, row, strict=False))
        key = unsealed(cells.get(HEADING, ""), continuum.pk) if cells.get(HEADING) else None
        if key is None:
            found.refusals.append((line, why_without_key(cells)))
            continue
        at = key.exported_at
        found.exported_at = min(found.exported_at or at, at)
        if cells.get("Alias") != cell_of(key.cells.get("Alias", "")):
            found.refusals.append((line, SORTED_APART))
        elif key.participant in seen:
            found.refusals.append((line, "The row stands in the file twice: the first one counts."))
        else:
            seen.add(key.participant)
            told.append((line, key, cells))
    changed = [each for each in told if changed_in(each[1], each[2], headings)]
    on = local_day(now, continuum.zone)
    people = people_of([key.participant for _line, key, _cells in changed], actor, on)
    current = texts_now(people.values(), actor, now=now)
    may_change = changeable(people.values(), actor)
    last_heads = headed_since(people.values())
    for line, key, cells in changed:
        person = people.get(key.participant)
        if person is None or person.pk not in may_change:
            found.refusals.append((line, OTHERS))
            continue
        compare(
            *(found, line, key, cells, person, current[person.pk], headings, on),
            has_new_head=last_heads.get(person.pk, key.exported_at) > key.exported_at,
        )
    return found


def why_without_key(cells: Mapping[str, str]) -> str:
    if cells.get(HEADING):
        return "Its row key is none of this CoC’s, or was changed."
    return "The row has no key. A new household is added on its page, or imported as a spreadsheet."


def people_of(keys: Iterable[UUID], actor: User, on: date) -> dict[UUID, Participant]:
    """The households that `actor` may know of, by the key in the file; of joined ones the kept.

    A victim service provider's are changed in its own list alone.
    """
    every = Participant.every.filter(pk__in=keys)
    stands_for = {each.pk: each.merged_into_id or each.pk for each in every.only("merged_into")}
    visible = Participant.objects.visible_to(actor, on).filter(
        pk__in=set(stands_for.values()), is_confidential=False, deidentified_at__isnull=True
    )
    people = visible.select_related("agency", "continuum", "region", "county", "place").in_bulk()
    return {key: people[kept] for key, kept in stands_for.items() if kept in people}


def changeable(people: Iterable[Participant], actor: User) -> set[UUID]:
    """Those that `actor` may change; asked once for each agency, as the answer is of the agency."""
    answers, found = dict[UUID, bool](), set[UUID]()
    for person in people:
        if person.agency_id not in answers:
            answers[person.agency_id] = actor.has_perm(CHANGE, person)
        if answers[person.agency_id]:
            found.add(person.pk)
    return found


def headed_since(people: Iterable[Participant]) -> dict[UUID, datetime]:
    """`{household: when it was recorded last that another person heads it}`."""
    rows = HeadChange.objects.filter(participant__in=[each.pk for each in people])
    return dict(rows.order_by("recorded_at").values_list("participant", "recorded_at"))


def changed_in(key: RowKey, cells: Mapping[str, str], headings: Texts) -> set[str]:
    """The headings under which the file says otherwise than it was exported."""
    return {
        heading
        for heading, exported in key.cells.items()
        if heading in headings and not is_same(cells.get(heading, ""), cell_of(exported))
    }


def compare(
    found: Proposals,
    line: int,
    key: RowKey,
    cells: Mapping[str, str],
    person: Participant,
    current: Mapping[str, str],
    headings: Texts,
    on: date,
    *,
    has_new_head: bool,
) -> None:
    changed = changed_in(key, cells, headings)
    for heading in sorted(changed - EDITED):
        found.refusals.append((line, f"{heading}: {COUNTED}"))
    for each in EDITABLE:
        if not changed & set(each.headings):
            continue
        kept = {heading: cell_of(key.cells.get(heading, "")) for heading in each.headings}
        returned = texts_of(each.headings, {**kept, **cells})
        exported = texts_of(each.headings, kept)
        if each.key == "name" and key.cells.get("Shown as") != "Name":
            found.refusals.append((line, "An alias is changed on the household’s page."))
            continue
        if each.key == "name" and has_new_head:
            found.refusals.append((line, OTHER_HEAD))
            continue
        if returned == texts_of(each.headings, current):
            continue
        try:
            each.read(returned, exported, person, on)
        except ValidationError as error:
            found.refusals.append((line, f"{each.label}: {' '.join(error.messages)}"))
            continue
        found.cells.append(
            ReturnedCell(
                participant=person,
                line=line,
                subject=each.key,
                changed_texts={"exported": exported, "returned": returned},
            )
        )


def settle(
    cell: ReturnedCell, *, takes_file: bool, seen: Sequence[str], actor: User, now: datetime
) -> ReturnedCell:
    """Change the household as the file says, or leave it as it is here.

    `seen`: what the page showed of the household. ValidationError when that changed meanwhile, and
    for what this person may not change now.
    """
    rows = ReturnedCell.objects.select_related("returned_list__continuum", "returned_list__by")
    looked_at = rows.get(pk=cell.pk)
    refuse_others_list(looked_at, actor)
    is_compared = takes_file and looked_at.subject in COMPARED
    if is_compared and looked_at.state == State.OPEN:
        person, read = proposed(looked_at, tuple(seen), actor, now)
        # Before the transaction: what somebody was told is on record, also if nothing is changed.
        ask_of_change(person, read, changed_at=person.changed_at, actor=actor, now=now)
    with transaction.atomic():
        cell = rows.select_for_update(of=("self",)).get(pk=cell.pk)
        refuse_others_list(cell, actor)
        if cell.state != State.OPEN:
            return cell
        if takes_file:
            take(cell, tuple(seen), actor, now)
        cell.state = State.TAKEN if takes_file else State.LEFT
        cell.settled_at = now
        cell.save(update_fields=["state", "settled_at"])
    return cell


def refuse_others_list(cell: ReturnedCell, actor: User) -> None:
    if cell.returned_list.by_id != actor.pk:
        raise PermissionDenied


def proposed(
    cell: ReturnedCell, seen: Texts, actor: User, now: datetime
) -> tuple[Participant, Values]:
    """The household of a cell and what the file says of it; ValidationError where it stays."""
    # One that was exported before was looked at then: who heads it since is nobody of its cells.
    at = cell.returned_list.at
    on = local_day(now, cell.returned_list.continuum.zone)
    person = people_of([cell.participant_id], actor, on).get(cell.participant_id)
    permission = RECORD_STAY if cell.subject == STAY else CHANGE
    if person is None or not actor.has_perm(permission, person):
        raise ValidationError(OTHERS)
    each = BY_KEY[cell.subject]
    current = texts_of(each.headings, texts_now([person], actor, now=now)[person.pk])
    if current != seen:
        raise ValidationError("Somebody changed it just now. Look at both values, then choose.")
    if cell.subject == "name" and not may_replace(person, actor, now)["name"]:
        raise ValidationError("The name on file is hidden from you by now, and stays.")
    if cell.subject == "name" and headed_since([person]).get(person.pk, at) > at:
        raise ValidationError(OTHER_HEAD)
    returned, exported = (
        tuple(cell.changed_texts["returned"]),
        tuple(cell.changed_texts["exported"]),
    )
    return person, each.read(returned, exported, person, on)


def take(cell: ReturnedCell, seen: Texts, actor: User, now: datetime) -> None:
    person, read = proposed(cell, seen, actor, now)
    since = person.changed_at
    with pghistory.context(returned_list=str(cell.returned_list_id)):
        if cell.subject == STAY:
            record_stay(person, **read, words="", actor=actor, now=now)
        elif cell.subject in COMPARED:
            make_change(person, read, changed_at=since, actor=actor, now=now)
        else:
            change_participant(person, changed_at=since, actor=actor, now=now, **read)


def settle_all(returned: ReturnedList, *, actor: User, now: datetime) -> tuple[int, list[str], int]:
    """Take every proposal that is no conflict, some hundred at a time.

    Return how many, why others were not, and how many are left for the next time. Where the
    household was changed here meanwhile nothing is chosen.
    """
    cells = list(returned.cells.filter(state=State.OPEN))
    on = local_day(now, returned.continuum.zone)
    people = people_of([cell.participant_id for cell in cells], actor, on)
    texts = texts_now(people.values(), actor, now=now)
    done, refused, later = 0, list[str](), 0
    for cell in cells:
        person = people.get(cell.participant_id)
        if person is None:
            refused.append(f"Line {cell.line}: {OTHERS}")
            continue
        current = texts_of(BY_KEY[cell.subject].headings, texts[person.pk])
        if list(current) != list(cell.changed_texts["exported"]):
            continue
        if done == AT_ONCE:
            later += 1
            continue
        try:
            settle(cell, takes_file=True, seen=current, actor=actor, now=now)
            done += 1
        except ValidationError as error:
            refused.append(f"Line {cell.line}: {' '.join(error.messages)}")
    return done, refused, later


def forget_returned(now: datetime) -> None:
    """Step of the tick: what came back two days ago is settled, or forgotten."""
    ReturnedList.objects.filter(at__lt=now - KEPT_FOR).delete()
