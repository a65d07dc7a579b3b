"""Uploading a sheet, saying what its columns and words are, choosing between two values."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import IO, TypedDict

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

import audit.actions
import audit.services
from accounts.models import User
from agreements.models import Agency
from participants.hmis.applying import APPLYING
from participants.hmis.archives import ImportRefused
from participants.hmis.comparing import KEPT, PERSON
from participants.hmis.pages import is_told
from participants.hmis.services import (
    READERS,
    STARTED,
    UNFINISHED,
    locked,
    queue,
)
from participants.hmis.uploads import base_name
from participants.models import HmisImport, HmisLine, SheetSource
from participants.naming import label_for, labels
from regions.models import Continuum, County, Region

from .applying import ApplyingSheet
from .choices import OUT, SKIP, Kinds, kinds_of, words_asked
from .comparing import CHOOSABLE, CHOSEN
from .kept import KeptTab, Settings, chosen_tab, cleaned, keep, kept_tabs, settings_of
from .leaving_out import looks
from .preview import read_sheet
from .reading import read_file, read_pasted
from .rows import each_cell
from .sources import columns_by, recognized, remember
from .table import folded, remembered
from .targets import BY_KEY

MATCHED = audit.actions.register("import.columns_matched", "Said what the columns of a sheet are")

State = HmisImport.State
AT_ONCE = 500
MOST_WORDS = 100
OTHERS_WORDS = (
    "Only whoever uploaded the sheet can say what its words mean: one may be a person’s name. Ask "
    "them, or discard it and upload it yourself."
)
NOBODY = "Choose which column holds the name, or the number of the household."


class Defaults(TypedDict):
    """Where a sheet's households are, and whose, when their row does not say."""

    region: Region | None
    county: County | None
    agency: Agency | None


def start_sheet(
    continuum: Continuum,
    *,
    file: IO[bytes] | None,
    file_name: str,
    text: str,
    as_of: date | None,
    actor: User,
    now: datetime,
) -> HmisImport:
    """Keep a sheet without what is never kept; read it at once where its kind came before.

    Raises ValidationError for what cannot be read, and while another import is not finished.
    """
    if continuum.hmis_imports.unfinished().exists():
        raise ValidationError(UNFINISHED)
    try:
        name = base_name(file_name)
        # Before the transaction: a large sheet is looked through for a while.
        tabs = cleaned(read_file(file, name) if file is not None else read_pasted(text))
    except ImportRefused as refused:
        raise ValidationError({"text" if file is None else "file": str(refused)}) from refused
    return keep_sheet(continuum, tabs, as_of=as_of, actor=actor, now=now)


@transaction.atomic
def keep_sheet(
    continuum: Continuum,
    tabs: Sequence[KeptTab],
    *,
    as_of: date | None,
    actor: User,
    now: datetime,
) -> HmisImport:
    """The same, with a sheet as it may be kept."""
    hmis_import = HmisImport(
        continuum=continuum,
        kind=HmisImport.Kind.SHEET,
        state=State.MATCHING,
        started_at=now,
        started_by=actor,
        as_of=as_of,
    )
    tab = tabs[0]
    settings: Settings = {"tab": 0, "head": tab.head}
    source = recognized(continuum, tab.headings)
    if source:
        settings |= {"columns": columns_by(source, tab.headings), "is_recognized": True}
    hmis_import.sheet_settings, hmis_import.sheet_source = settings, source
    try:
        with transaction.atomic():
            hmis_import.save()
    except IntegrityError as error:
        raise ValidationError(UNFINISHED) from error
    keep(hmis_import, tabs)
    audit.services.record(STARTED, actor=actor, about=hmis_import, now=now)
    if source and not asked_of(hmis_import, kinds_of(continuum), tab):
        go_on(hmis_import)
    return hmis_import


def go_on(hmis_import: HmisImport) -> None:
    hmis_import.state = State.WAITING
    hmis_import.save()
    queue(hmis_import)


def asked_of(hmis_import: HmisImport, kinds: Kinds, tab: KeptTab) -> dict[str, list[str]]:
    """`{kind of choice: words}` of the sheet that nobody said yet what they mean."""
    columns = settings_of(hmis_import).get("columns", {})
    rows = tab.body.rows
    cells = {
        columns[each.letter]: list(each_cell(rows, each.place))
        for each in tab.headings
        if columns.get(each.letter)
    }
    source = hmis_import.sheet_source
    return words_asked(cells, kinds, source.word_meanings if source else {})


@transaction.atomic
def choose_table(hmis_import: HmisImport, *, tab: int, line: int | None) -> HmisImport:
    """Say which sheet of the workbook is read, and in which line its headings stand."""
    hmis_import = matching(hmis_import)
    tabs = tabs_of(hmis_import)
    if not 0 <= tab < len(tabs):
        raise ValidationError({"tab": "Choose one of the sheets."})
    chosen = tabs[tab]
    was = settings_of(hmis_import)
    head = chosen.head
    if line is not None and tab == was.get("tab", 0):
        lines = chosen.tab.lines
        if line and line not in lines[:-1]:
            raise ValidationError({"line": "There is nothing in this line. Choose another."})
        head = lines.index(line) + 1 if line else 0
    # What its headings say is never kept goes for good.
    tabs[tab] = chosen.with_head(head)
    keep(hmis_import, tabs)
    hmis_import.sheet_settings = {"tab": tab, "head": head}
    hmis_import.sheet_source = recognized(hmis_import.continuum, tabs[tab].headings)
    hmis_import.save()
    return hmis_import


@transaction.atomic
def match_columns(
    hmis_import: HmisImport,
    *,
    columns: Mapping[str, str],
    source: SheetSource | None,
    name: str,
    defaults: Defaults,
    actor: User,
    now: datetime,
) -> HmisImport:
    """Say what each column is, and remember it with the kind of sheet; read on if nothing is asked.

    `columns`: `{letter: key of a target, or ""}`; `name`: of a new kind of sheet. Raises
    ValidationError for two columns of one meaning, and where nobody could be told apart.
    """
    hmis_import = matching(hmis_import)
    try:
        _tabs, tab = chosen_tab(hmis_import)
    except ImportRefused as refused:
        raise ValidationError(str(refused)) from refused
    chosen = {letter: key for letter, key in columns.items() if key in BY_KEY}
    refuse_twice(chosen)
    if not {"name", "last", "key", "hmis_id"} & set(chosen.values()):
        raise ValidationError(NOBODY)
    refuse_texts(tab, chosen, kinds_of(hmis_import.continuum), source)
    if source is None:
        if not name.strip():
            raise ValidationError({"name": "Give this kind of sheet a name."})
        if looks(name):
            raise ValidationError({"name": "Choose a name that tells nothing of a person."})
        source = SheetSource(continuum=hmis_import.continuum, name=name.strip())
        source.full_clean(exclude=["column_meanings", "word_meanings"])
    source.region, source.county = defaults["region"], defaults["county"]
    source.agency = defaults["agency"]
    remember(source, tab.headings, chosen)
    hmis_import.sheet_source = source
    hmis_import.sheet_settings = {**settings_of(hmis_import), "columns": dict(chosen)}
    hmis_import.save()
    audit.services.record(
        MATCHED,
        actor=actor,
        about=hmis_import,
        detail={"columns": len(chosen), "left_out": len(tab.headings) - len(chosen)},
        now=now,
    )
    if not asked_of(hmis_import, kinds_of(hmis_import.continuum), tab):
        go_on(hmis_import)
    return hmis_import


def refuse_twice(chosen: Mapping[str, str]) -> None:
    by_target = dict[str, list[str]]()
    for letter, key in chosen.items():
        by_target.setdefault(key, []).append(letter)
    errors = {
        f"column_{letters[1]}": f"Column {letters[0]} is “{BY_KEY[key].label}” already. Choose one."
        for key, letters in by_target.items()
        if len(letters) > 1
    }
    whole = [letter for letter, key in chosen.items() if key == "name"]
    if whole and {"first", "last"} & set(chosen.values()):
        errors[f"column_{whole[0]}"] = (
            "First and last name are in columns of their own. Choose those, or this one."
        )
    if errors:
        raise ValidationError(errors)


def refuse_texts(
    tab: KeptTab, chosen: Mapping[str, str], kinds: Kinds, source: SheetSource | None
) -> None:
    """Raise ValidationError where a column of names or notes is taken for one of choices."""
    rows = tab.body.rows
    letters = {key: letter for letter, key in chosen.items()}
    cells = {
        chosen[each.letter]: each_cell(rows, each.place)
        for each in tab.headings
        if each.letter in chosen
    }
    asked = words_asked(cells, kinds, source.word_meanings if source else {})
    errors = {
        f"column_{letters[kind]}": f"It holds {len(words):,} words that nobody knows: it is no "
        f"column of “{BY_KEY[kind].label}”. Choose another meaning."
        for kind, words in asked.items()
        if len(words) > MOST_WORDS
    }
    if errors:
        raise ValidationError(errors)


@transaction.atomic
def match_words(
    hmis_import: HmisImport, *, words: Mapping[str, Mapping[str, str]], actor: User, now: datetime
) -> HmisImport:
    """Say what the words of a sheet mean, `{kind of choice: {word: choice}}`, and read on.

    Raises ValidationError while a word is left.
    """
    hmis_import = matching(hmis_import)
    source = hmis_import.sheet_source
    if source is None:
        raise ValidationError("Say first what the columns are.")
    if hmis_import.started_by_id != actor.pk:
        raise ValidationError(OTHERS_WORDS)
    kinds = kinds_of(hmis_import.continuum)
    said = {kind: dict(each) for kind, each in (source.word_meanings or {}).items()}
    for kind, each in words.items():
        choices = kinds.labels.get(kind, {})
        for word, choice in each.items():
            if choice in choices or choice == SKIP or (choice == OUT and kind == "agency"):
                said.setdefault(kind, {})[remembered(folded(word))] = choice
    source.word_meanings = said
    source.save()
    try:
        _tabs, tab = chosen_tab(hmis_import)
    except ImportRefused as refused:
        raise ValidationError(str(refused)) from refused
    if asked_of(hmis_import, kinds, tab):
        raise ValidationError("Say of each word what it means, or that it is left out.")
    go_on(hmis_import)
    return hmis_import


@transaction.atomic
def choose_value(
    line: HmisLine, *, field: str, takes_sheet: bool, actor: User, now: datetime
) -> HmisLine:
    """Where sheet and file differ: take the sheet's value after all, or leave it."""
    hmis_import = locked(line.hmis_import)
    line = HmisLine.objects.select_for_update().get(pk=line.pk)
    if not hmis_import.is_sheet or hmis_import.state != State.READY:
        raise ValidationError("This cannot be decided any more.")
    for change in line.changes:
        is_open = change["how"] in (KEPT, CHOSEN) and change["field"] in CHOOSABLE
        if change["field"] == field and is_open:
            refuse_unread(line, field, actor, now)
            change["how"] = CHOSEN if takes_sheet else KEPT
            break
    else:
        raise ValidationError("There is nothing to choose here.")
    line.save(update_fields=["changes"])
    return line


@transaction.atomic
def choose_all(hmis_import: HmisImport, *, takes_sheet: bool, actor: User, now: datetime) -> int:
    """The same for every household and field; return how many values are the sheet's now, or not.

    What is hidden from who chooses stays. So do name and birth date where both are others: that may
    be another person, and is looked at one by one.
    """
    hmis_import = locked(hmis_import)
    if not hmis_import.is_sheet or hmis_import.state != State.READY:
        raise ValidationError("This cannot be decided any more.")
    before, after = (KEPT, CHOSEN) if takes_sheet else (CHOSEN, KEPT)
    lines = hmis_import.lines.filter(kind=HmisLine.Kind.CHANGED).select_related("participant")
    number, keys = 0, list(lines.values_list("pk", flat=True))
    for start in range(0, len(keys), AT_ONCE):
        batch = list(
            lines.filter(pk__in=keys[start : start + AT_ONCE]).select_for_update(of=("self",))
        )
        names = labels([line.participant for line in batch if line.participant], actor, now)
        for line in batch:
            label = names.get(line.participant_id) if line.participant_id else None
            differing = [each for each in line.changes if each["field"] in CHOOSABLE]
            are_two = {*PERSON} <= {each["field"] for each in differing if each["how"] == KEPT}
            chosen = [
                each
                for each in differing
                if each["how"] == before
                and is_told(each["field"], label)
                and not (takes_sheet and are_two and each["field"] in PERSON)
            ]
            for each in chosen:
                each["how"] = after
            if chosen:
                line.save(update_fields=["changes"])
                number += len(chosen)
    return number


def refuse_unread(line: HmisLine, field: str, actor: User, now: datetime) -> None:
    """Raise ValidationError where what is on file is hidden from who would replace it."""
    person = line.participant
    label = label_for(person, actor, now) if person else None
    if not is_told(field, label):
        raise ValidationError("What is on file is hidden from you, and stays.")


def matching(hmis_import: HmisImport) -> HmisImport:
    """The import, locked, while it may be said what its columns are; a preview of it is over."""
    hmis_import = locked(hmis_import)
    if not hmis_import.is_sheet or hmis_import.state not in (State.MATCHING, State.READY):
        raise ValidationError("The columns of this sheet cannot be changed any more.")
    if hmis_import.state == State.READY:
        hmis_import.lines.all().delete()
        hmis_import.refusals.all().delete()
        hmis_import.state, hmis_import.counts, hmis_import.stops = State.MATCHING, {}, []
    return hmis_import


def tabs_of(hmis_import: HmisImport) -> list[KeptTab]:
    try:
        return kept_tabs(hmis_import)
    except ImportRefused as refused:
        raise ValidationError(str(refused)) from refused


def read(hmis_import: HmisImport, now: datetime) -> None:
    read_sheet(hmis_import, now=now)


def register() -> None:
    """Let imports of spreadsheets be read and applied as such."""
    READERS[HmisImport.Kind.SHEET] = read
    APPLYING[HmisImport.Kind.SHEET] = ApplyingSheet
