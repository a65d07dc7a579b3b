"""One reader's copy of a frozen paper: who is named in it, and what every copy says of itself."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NotRequired, TypedDict, TypeVar
from zoneinfo import ZoneInfo

from accounts.models import User
from agreements.models import Agency
from participants.grounds import BY_ALIAS, TYPED, Ground, grounds
from participants.models import Participant
from participants.naming import reader_for
from participants.own_words import typed_in
from participants.redaction import without_name
from participants.typed_words import Typed, matching, moved
from regions.models import Continuum
from regions.words import clock_words, day_words

FrozenRow = Mapping[str, Any]  # Any: as JSON holds it; `name` and `alias` are texts in every one
Text = TypeVar("Text", str, str | None)


class RecipientData(TypedDict):
    name: str
    agency: str


class FrameDocument(TypedDict):
    continuum: str  # "River Valleys CoC"
    code: str  # "MN-502"
    made_at: str  # "Nov 20, 2026, 8:00 AM CST"
    is_example: bool


class Frame(TypedDict):
    document: FrameDocument
    recipient: RecipientData
    notice: str  # the continuum's non-disclosure words


class Disclosed(TypedDict):
    """What a copy showed of one household."""

    participant: str
    named: bool
    release: str | None
    under: str


class KnownAs(TypedDict):
    name: str | None
    former_names: NotRequired[str]


def made_at_words(now: datetime, zone: str) -> str:
    local = now.astimezone(ZoneInfo(zone))
    return f"{day_words(local)}, {clock_words(local)} {local:%Z}"


def every_name_of(row: FrozenRow) -> str:
    """The frozen name, and those of records that were joined into this one, a line each."""
    return "\n".join(filter(None, (row["name"], row.get("former_names"))))


class Names:
    """Name or alias of each participant, as it stands for `viewer` at `now`; `ids` as text."""

    def __init__(self, ids: Iterable[str], viewer: User, now: datetime) -> None:
        self.reader, self.viewer = reader_for(viewer, now), str(viewer.pk)
        found = grounds(set(ids), viewer, now)
        self.grounds = {str(key): ground for key, ground in found.items() if ground.why}
        typed = [key for key, ground in found.items() if ground.why == TYPED]
        self.typed: dict[str, str] = {}
        if typed:
            people = Participant.every.filter(pk__in=typed).select_related("merged_into")
            self.typed = {str(each.pk): (each.merged_into or each).name for each in people}

    def is_named(self, row: FrozenRow, key: str) -> bool:
        """Whether the frozen name may be read: who typed today's may read that one alone."""
        ground = self.grounds.get(row[key])
        if not row["name"] or ground is None:
            return False
        if ground.why == TYPED:
            return bool(self.typed[row[key]] == row["name"])
        return self.reader.may_read_frozen(row[key], row["name"])

    def under(self, row: FrozenRow, key: str) -> Ground:
        """The `Ground` on which the name is shown; BY_ALIAS by alias."""
        return self.grounds[row[key]] if self.is_named(row, key) else BY_ALIAS

    def label(self, row: FrozenRow, key: str) -> str:
        text: str = row["name"] if self.is_named(row, key) else row["alias"]
        return text

    def clean(self, text: Text, row: FrozenRow, key: str) -> Text:
        """The words as this viewer may read them: without a name that they may not see."""
        return self.clean_of(text, [row], key)

    def clean_of(self, text: Text, rows: Collection[FrozenRow], key: str) -> Text:
        """The same, of words that may tell of several households of the document."""
        if not text:
            return text
        text = self.own(text, rows)
        shown = {row[key]: None if self.is_named(row, key) else row["alias"] for row in rows}
        for row in rows:
            # The frozen name, should the record not know it any more.
            if shown[row[key]]:
                text = without_frozen_name(text, row)
        return self.reader.clean_of(text, shown)

    def own(self, text: str, rows: Collection[FrozenRow]) -> str:
        """The text as one that knows which of its words this viewer typed, if they typed some."""
        found = (typed_in(row, text, self.viewer) for row in rows)
        spans = next(filter(None, found), None) or self.reader.own_words(text)
        return Typed(text, typed=spans[0], saw=spans[1]) if spans else text


def without_frozen_name(text: str, row: FrozenRow) -> str:
    """The text without the row's names, but where its reader typed them; it stays theirs."""
    result = without_name(text, every_name_of(row), row["alias"])
    if type(text) is not Typed or result == text:
        return result
    same = matching(text, result)
    return Typed(result, typed=moved(text.typed, same), saw=moved(text.saw, same))


def frame(continuum: Continuum, recipient: User, agency: Agency | None, *, now: datetime) -> Frame:
    """What every document says of itself: whose it is, for whom, when made, under which words."""
    return {
        "document": {
            "continuum": continuum.name,
            "code": continuum.code,
            "made_at": made_at_words(now, continuum.zone),
            "is_example": continuum.is_example,
        },
        "recipient": {
            "name": recipient.name,
            "agency": agency.name if agency else continuum.name,
        },
        "notice": continuum.non_disclosure_words,
    }


def disclosed_rows(rows: Iterable[FrozenRow], names: Names) -> list[Disclosed]:
    """What a copy shows of whom, and by what right a name: for the disclosure record."""
    shown = [(row, names.under(row, "id")) for row in rows]
    return [
        {
            "participant": row["id"],
            "named": names.is_named(row, "id"),
            "release": str(ground.release_id) if ground.release_id else None,
            "under": ground.under,
        }
        for row, ground in shown
    ]


def known_as(person: Participant) -> KnownAs:
    """The names by which texts may speak of somebody; none of a victim service provider's."""
    if person.is_confidential:
        return {"name": None}
    found: KnownAs = {"name": person.name}
    if person.former_names:
        found["former_names"] = person.former_names
    return found
