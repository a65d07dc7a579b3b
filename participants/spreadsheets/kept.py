"""What of an uploaded sheet is kept until it is applied: sealed, and without what is never kept."""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypedDict, cast

from participants.hmis.archives import ImportRefused
from participants.hmis.uploads import PIECE
from participants.models import HmisImport, HmisUploadPart

from .leaving_out import Cell, LeftOut, leave_out
from .reading import Tab
from .table import Body, Heading, body_of, find_head, headings_of
from .targets import is_heading

NAME = "sheet"
# No text is taken of a sheet: what is longer is none that says a day, a name, a choice.
LONGEST_KEPT = 400


class Settings(TypedDict, total=False):
    """What is decided about the sheet of an import, beside its rows."""

    file: str  # its name's ending alone: a name may tell of a person
    tab: int
    head: int
    columns: dict[str, str]  # letter: key of a target, or ""
    is_recognized: bool  # by its headings, as a kind of sheet that came before


@dataclass
class KeptTab:
    """A sheet as it is kept: cleaned, and what was left out of it."""

    tab: Tab
    head: int
    left: LeftOut = field(default_factory=LeftOut)

    def with_head(self, head: int | None) -> "KeptTab":
        """The same with its headings in another row, and without what these say is never kept."""
        if head is None or head == self.head or not 0 <= head < len(self.tab.rows):
            return self
        more = leave_out(self.tab, head)
        columns = self.left.columns + more.columns
        return KeptTab(self.tab, head, LeftOut(columns, self.left.cells + more.cells))

    @property
    def headings(self) -> list[Heading]:
        """The columns that hold anything; none that was left out."""
        gone = {letter for letter, _what in self.left.columns}
        filled = {
            place for row in self.tab.rows[self.head :] for place, cell in enumerate(row) if cell
        }
        return [
            heading
            for place, heading in enumerate(headings_of(self.tab, self.head))
            if heading.letter not in gone and place in filled
        ]

    @property
    def body(self) -> Body:
        return body_of(self.tab, self.head)


def cleaned(tabs: Sequence[Tab]) -> list[KeptTab]:
    """The sheets as they may be kept; the one with most rows first."""
    found = []
    for tab in sorted(tabs, key=lambda each: -len(each.rows)):
        tab.rows = [[cell[:LONGEST_KEPT] for cell in row] for row in tab.rows]
        head = find_head(tab, is_heading)
        found.append(KeptTab(tab, head, leave_out(tab, head)))
    return found


def keep(hmis_import: HmisImport, tabs: Sequence[KeptTab]) -> None:
    """Keep sheets with their import, sealed, in pieces."""
    data = zlib.compress(json.dumps([asdict(each) for each in tabs]).encode())
    HmisUploadPart.objects.filter(hmis_import=hmis_import).delete()
    for number, start in enumerate(range(0, len(data), PIECE)):
        piece = data[start : start + PIECE]
        HmisUploadPart.objects.create(
            hmis_import=hmis_import, file_name=NAME, number=number, size=len(piece), content=piece
        )


def kept_tabs(hmis_import: HmisImport) -> list[KeptTab]:
    """The sheets of an import, as they were kept. ImportRefused when they are no longer."""
    parts = HmisUploadPart.objects.filter(hmis_import=hmis_import, file_name=NAME)
    data = b"".join(bytes(part.content) for part in parts.order_by("number"))
    if not data:
        raise ImportRefused("The uploaded sheet is no longer kept. Upload it again.")
    return [tab_from(each) for each in json.loads(zlib.decompress(data))]


def tab_from(said: Mapping[str, Any]) -> KeptTab:  # Any: as JSON has it
    tab = Tab(**said["tab"])
    tab.formulas = [(line, place) for line, place in tab.formulas]
    left = LeftOut(
        [(letter, what) for letter, what in said["left"]["columns"]],
        [Cell(*each) for each in said["left"]["cells"]],
    )
    return KeptTab(tab, said["head"], left)


def settings_of(hmis_import: HmisImport) -> Settings:
    return cast(Settings, hmis_import.sheet_settings or {})


def chosen_tab(hmis_import: HmisImport) -> tuple[list[KeptTab], KeptTab]:
    """Every sheet of an import, and the one that is read, its headings where they were said."""
    tabs, settings = kept_tabs(hmis_import), settings_of(hmis_import)
    tab = tabs[min(settings.get("tab", 0), len(tabs) - 1)]
    return tabs, tab.with_head(settings.get("head"))
