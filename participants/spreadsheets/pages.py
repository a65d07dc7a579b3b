"""What the pages of a sheet show: its columns with a guess, and what was left out."""

from collections.abc import Mapping, Sequence
from typing import TypedDict

from django.urls import reverse

from accounts.models import User
from agreements.models import Agency
from participants.hmis.reading import shape_of
from participants.models import HmisImport, SheetSource

from .choices import kinds_of
from .kept import KeptTab, settings_of
from .sources import columns_by, nearest
from .table import folded, remembered, samples
from .targets import by_content, guess

LOOKED_AT = 200


class Guessed(TypedDict):
    """What the form of the columns starts with."""

    guessed: Mapping[str, str]
    source: SheetSource | None
    shows: bool
    shapes: Mapping[str, Sequence[str]]


def is_matching(hmis_import: HmisImport) -> bool:
    return hmis_import.is_sheet and hmis_import.state == HmisImport.State.MATCHING


def may_match(hmis_import: HmisImport) -> bool:
    """Whether it may be said, or said anew, what the columns of a sheet are."""
    states = (HmisImport.State.MATCHING, HmisImport.State.READY)
    return hmis_import.is_sheet and hmis_import.state in states and hmis_import.parts.exists()


def columns_url(hmis_import: HmisImport) -> str:
    return reverse("imports:sheet_columns", args=[hmis_import.pk])


def words_url(hmis_import: HmisImport) -> str:
    return reverse("imports:sheet_words", args=[hmis_import.pk])


def guessed(hmis_import: HmisImport, tab: KeptTab, viewer: User) -> Guessed:
    """What each column may be: as it was said, else as a like sheet, else by heading and cells.

    The cells are shown to whoever uploaded them; others see their shapes.
    """
    headings, rows = tab.headings, tab.body.rows
    chosen = settings_of(hmis_import).get("columns")
    source = hmis_import.sheet_source or nearest(hmis_import.continuum, headings)
    cells = {each.letter: samples(rows, each.place, LOOKED_AT) for each in headings}
    found = guess(headings, by_content(cells, words_known(hmis_import)))
    if source:
        said = {each.letter for each in headings if remembered(each.key) in source.column_meanings}
        found = {k: v for k, v in found.items() if k not in said} | columns_by(source, headings)
    return {
        "guessed": chosen if chosen is not None else found,
        "source": source,
        "shows": hmis_import.started_by_id == viewer.pk,
        "shapes": {
            letter: list(dict.fromkeys(map(shape_of, some)))[:3] for letter, some in cells.items()
        },
    }


def words_known(hmis_import: HmisImport) -> dict[str, set[str]]:
    kinds = kinds_of(hmis_import.continuum)
    agencies = Agency.objects.filter(continuum=hmis_import.continuum)
    return {
        "county": set(kinds.known["county"]),
        "agency": {folded(each.name) for each in agencies},
        "stay": {word for word in kinds.known["stay"] if word not in ("yes", "no")},
        "region": set(kinds.known["region"]),
    }


def columns_page(hmis_import: HmisImport, tab: KeptTab) -> dict[str, object]:
    """The sheet at a glance: how many households, and what was left out of it."""
    body = tab.body
    return {
        "import": hmis_import,
        "households": len(body.rows),
        "skipped": body.skipped,
        "left_out": tab.left.columns,
        "cells_out": len(tab.left.cells),
        "first_line": body.rows[0][0] if body.rows else None,
    }
