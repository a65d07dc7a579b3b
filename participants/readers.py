"""How one reader, or the least of several, reads the texts about participants at one moment.

`naming` says by which words each participant appears; here a text is cleaned of the names that are
not told, and what is typed over it gets them back.
"""

import json
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import ValidationError

from accounts.models import User
from regions.clock import Moment
from vault.encrypted import decrypt_column
from vault.keys import ring
from vault.sealed import Words

from .audiences import Audience, rights_of_all
from .grounds import Rights, rights_of
from .known_names import former_of, names_of, staying_of
from .models import KnownName, OwnWords, Participant
from .own_words import marks_of, spans_of
from .redaction import STANDS, WITHHELD, Cleaner, MovedError, known_of_typed
from .redaction.cleaner import Own
from .typed_words import Known, edited

if TYPE_CHECKING:
    from .naming import Label

MOVED = (
    "Nothing of this was saved yet. Leave “[name withheld]” (or the alias) where it stood, apart "
    "from other letters and names, or take it out with the sentence that it is in. Then save "
    "again."
)
TAKE_OUT = "Take it out, or copy the words as the page shows them now. Then save again."


# Texts with the names in them, and as they read without.
Placed = tuple[list[str], list[str]]


class Reader:
    """Who reads texts at one moment: cleans each of the names that they may not see then.

    `viewer`: None for somebody whom nothing covers. Asked of the database at the first text, in
    three queries, and never kept beyond the act: who is covered now is not who was a minute ago.
    """

    def __init__(
        self, continuum_id: UUID, viewer: User | None = None, now: datetime | None = None
    ) -> None:
        self.continuum_id, self.viewer, self.now = continuum_id, viewer, now

    @cached_property
    def joined(self) -> tuple[set[str], dict[str, str]]:
        """`(keys of those whose names may be seen, {key: the record that it was joined into})`."""
        return self.rights.covered, self.rights.into

    @cached_property
    def rights(self) -> Rights:
        return rights_of(self.continuum_id, self.viewer, self.now)

    @cached_property
    def own_marks(self) -> dict[str, str]:
        """`{mark of a text: which of its words this reader typed, as the row has it}`."""
        lines = (line.partition(" ") for line in self.rights.own.splitlines())
        return {mark: spans for mark, _blank, spans in lines}

    def own_words(self, text: str) -> Known | None:
        """`(typed, saw)`: which words of the text this reader typed; None for none of them."""
        place = getattr(text, "place", None)
        if place is None or not self.own_marks:
            return known_of_typed(text)
        for mark in marks_of(place, text):
            spans = self.own_marks.get(mark.hex())
            if spans is not None:
                whole = [(0, len(text))]
                return spans_of(json.loads(spans)) if spans else (whole, whole)
        return None

    def learn(self, texts: Collection[Words]) -> None:
        """Ask which words of these texts of former revisions (`at_revision`) are this reader's.

        One query for all of them: only a page that shows former revisions pays for their marks.
        """
        marks = {mark for text in texts for mark in marks_of(text.place, text)}
        former = OwnWords.objects.filter(person=self.viewer, is_former=True, mark__in=marks)
        for mark, spans in former.values_list("mark", "spans"):
            self.own_marks[bytes(mark).hex()] = json.dumps(spans) if spans else ""

    @cached_property
    def cleaner(self) -> Cleaner:
        return self.cleaner_of(self.rights.covered, self.rights.typed)

    def cleaner_of(
        self, covered: Container[str], typed: Mapping[str, str | None], key: int = 0
    ) -> Cleaner:
        known, staying = names_of(self.continuum_id), staying_of(self.continuum_id)
        reader = self.viewer.pk.bytes if self.viewer else b""
        return Cleaner(known, covered, staying, self.own_words, reader, key, typed)

    def clean(self, text: str | None, about: Iterable["Label"] = ()) -> str:
        """The text as it may be read; `about`: labels of the households of which it tells."""
        return self.clean_of(text, {each.participant.pk: shown_in_text(each) for each in about})

    def clean_of(self, text: str | None, shown: Mapping[UUID, str | None]) -> str:
        """The same; `shown`: `{participant's key: what stands for their name, None: the name}`."""
        if not text:
            return text or ""
        own: dict[str, str | None] = {}
        for key, stands in shown.items():
            own |= self.own_of(str(key), stands)
        return self.cleaner.clean(text, own)

    def clean_list(self, texts: list[str], label: "Label") -> list[str]:
        return self.cleaner.clean_all(texts, self.own(label)) if any(texts) else texts

    def to_edit(self, texts: list[str], label: "Label", place: bytes | None = None) -> list[str]:
        return self.cleaner.to_edit(texts, self.own(label), place) if any(texts) else texts

    def text_to_edit(self, text: str | None) -> str:
        """The same, of a text that is about no household in particular."""
        return self.cleaner.to_edit([text])[0] if text else ""

    def put_back(
        self,
        typed: list[str],
        stored: Sequence[str | None],
        label: "Label",
        beside: Iterable[Sequence[str | None]] = (),
        place: bytes | None = None,
    ) -> Placed:
        return self.placed(typed, stored, self.own(label), beside, place)

    def put_back_text(self, typed: str, stored: str | None) -> str:
        """The same, of a text that is about no household in particular."""
        if not typed or not (stored or stands_for_somebody(typed)):
            return typed and edited(typed, [])
        return self.placed([typed], [stored])[0][0]

    def placed_now(
        self,
        typed: list[str],
        stored: Sequence[str | None],
        own: Own | None = None,
        beside: Iterable[Sequence[str | None]] = (),
        place: bytes | None = None,
    ) -> Placed:
        """Also what a page showed before a release began, or under an older key of the ring."""
        unknown: MovedError | None = None
        rights: list[tuple[Container[str], Mapping[str, str | None]]]
        rights = [(self.rights.covered, self.rights.typed), (frozenset(), {})]
        for key, (covered, names) in product(range(len(ring().keys)), rights):
            try:
                return self.cleaner_of(covered, names, key).put_back_all(
                    typed, stored, own, beside, place
                )
            except MovedError as error:
                if not error.unknown:
                    raise
                unknown = unknown or error
        assert unknown is not None
        raise unknown

    def placed(
        self,
        typed: list[str],
        stored: Sequence[str | None],
        own: Own | None = None,
        beside: Iterable[Sequence[str | None]] = (),
        place: bytes | None = None,
    ) -> Placed:
        try:
            return self.placed_now(typed, stored, own, beside, place)
        except MovedError as error:
            unknown = f"“{error.unknown}” stands for nobody here any more."
            words = f"Nothing of this was saved yet. {unknown} {TAKE_OUT}"
            raise ValidationError(words if error.unknown else MOVED, code="moved") from None

    def own(self, label: "Label") -> Own:
        return self.own_of(str(label.participant.pk), shown_in_text(label))

    def own_of(self, key: str, stands: str | None) -> Own:
        """What stands for the names of a household's people; `stands`: for its head's.

        A former head is shown as the household is, and by name only where a release that they
        signed covers this reader: WITHHELD beside the head's name, not the alias of both.
        """
        family = self.family(key)
        former = [head for head, of in self.rights.heads.items() if of == family[0]]
        covered = self.rights.covered
        return dict.fromkeys(family, stands) | {
            head: stands if stands is not None or head in covered else WITHHELD for head in former
        }

    def may_read_frozen(self, key: str, name: str) -> bool:
        """Whether a name, as a document has it of a household that this reader may name, is told.

        It may be a former head's, who headed the household when the document was made.
        """
        heads = self.former.get(UUID(key), {})
        so_called = {head for head, names in heads.items() if name in names}
        if not so_called or so_called & self.rights.covered:
            return True
        return name in self.names_of_now(key)

    @cached_property
    def former(self) -> Mapping[UUID, Mapping[str, set[str]]]:
        return former_of(self.continuum_id)

    def names_of_now(self, key: str) -> set[str]:
        """What the head of now is called, in the spellings of the record."""
        rows = KnownName.objects.filter(
            participant=UUID(key), former_head__isnull=True, token__isnull=False
        )
        tokens = rows.values_list("participant", "token")
        return {name for _key, name in decrypt_column(Participant, "name", tokens)}

    def family(self, key: str) -> list[str]:
        """The record, the one that it was joined into, and all that were joined into that."""
        into = self.rights.into
        root = into.get(key, key)
        return [root, *(former for former, keeper in into.items() if keeper == root)]


class SharedReader(Reader):
    """Who reads a screen that several people see: as the least entitled of them.

    `audiences`: what kinds of readers they are; None where somebody sees it whom nothing covers.
    What one of them typed is shown as to the others: cleaned.
    """

    def __init__(self, continuum_id: UUID, audiences: set[Audience] | None, at: Moment) -> None:
        super().__init__(continuum_id, None, at.now)
        self.audiences, self.at = audiences, at

    @cached_property
    def rights(self) -> Rights:
        if self.audiences is None:
            return rights_of(self.continuum_id, None, None)
        return rights_of_all(self.continuum_id, self.audiences, self.at)

    def own_words(self, text: str) -> Known | None:
        return None


def stands_for_somebody(typed: str | list[str]) -> bool:
    """Whether a text, or one of a list, holds what stands for a name."""
    return any(STANDS.search(each) for each in ([typed] if isinstance(typed, str) else typed))


def shown_in_text(label: "Label") -> str | None:
    return None if label.is_named else label.participant.alias
