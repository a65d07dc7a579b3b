"""Kinds of sheets that come again: recognized by their headings, and what was said of them."""

from collections.abc import Iterable, Mapping

from participants.models import SheetSource
from regions.models import Continuum

from .table import Heading, remembered
from .targets import BY_KEY


def recognized(continuum: Continuum, headings: Iterable[Heading]) -> SheetSource | None:
    """The kind of sheet that has just these headings, in whatever order; the newest of several."""
    keys = {remembered(each.key) for each in headings}
    for source in SheetSource.objects.filter(continuum=continuum).order_by("-changed_at"):
        if set(source.column_meanings) == keys:
            return source
    return None


def nearest(continuum: Continuum, headings: Iterable[Heading]) -> SheetSource | None:
    """The kind of sheet that shares most headings, at least two thirds of all; or None."""
    keys = {remembered(each.key) for each in headings}
    best, most = None, 0.66
    for source in SheetSource.objects.filter(continuum=continuum).order_by("-changed_at"):
        alike = len(keys & set(source.column_meanings)) / max(
            1, len(keys | set(source.column_meanings))
        )
        if alike > most:
            best, most = source, alike
    return best


def columns_by(source: SheetSource, headings: Iterable[Heading]) -> dict[str, str]:
    """`{letter: key of a target}` as it was said of the headings before; only those it knows."""
    said = source.column_meanings
    found = {each.letter: said.get(remembered(each.key), "") for each in headings}
    return {letter: key for letter, key in found.items() if key in BY_KEY}


def remember(
    source: SheetSource, headings: Iterable[Heading], columns: Mapping[str, str]
) -> SheetSource:
    """Keep with a kind of sheet what its columns are."""
    source.column_meanings = {
        remembered(each.key): columns.get(each.letter, "") for each in headings
    }
    source.save()
    return source
