"""By which words a participant, and a text about one, appears to whom: the one place that decides.

DESIGN, rule 3: whoever has a right to it (`grounds`) reads the name, everybody else the alias; a
victim service provider's participant is known by alias to all. Every page, list, PDF, mail, export
and search asks here, at the moment of the act, and only somebody in standing is told a name.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, overload
from uuid import UUID

from accounts.models import User

from .grounds import (
    BY_ALIAS,
    TYPED,
    Ground,
    grounds,
)
from .models import Participant
from .readers import Reader, SharedReader, stands_for_somebody
from .typed_words import edited


@dataclass(frozen=True)
class Label:
    """`text` is the name or the alias; `ground` says why it is a name.

    `hmis_id`: what this viewer may read of it, empty for none.
    """

    text: str
    is_named: bool
    ground: Ground = BY_ALIAS
    hmis_id: str = ""
    participant: Participant = field(
        default=None,  # type: ignore[assignment]  # labels() gives each its own
        compare=False,
        repr=False,
    )
    reader: "Reader" = field(
        default=None,  # type: ignore[assignment]  # labels() gives each its own
        compare=False,
        repr=False,
    )

    def __str__(self) -> str:
        return self.text

    @property
    def release_id(self) -> UUID | None:
        """The release that allows the name; None by alias, and where another reason allows it."""
        return self.ground.release_id

    @property
    def tells_all(self) -> bool:
        """Whether date of birth, contact and HMIS ID go with the name.

        Whoever typed a name knows the name. The rest may have been recorded by others.
        """
        return self.is_named and self.ground.why != TYPED

    @overload
    def clean(self, text: str | None) -> str: ...

    @overload
    def clean(self, text: list[str]) -> list[str]: ...

    def clean(self, text: str | list[str] | None) -> str | list[str]:
        """A text about the household as this reader may read it; empty for None.

        The only way from a text that is stored sealed to a reader. The alias stands for the
        household's own name, where that may not be read, WITHHELD for anybody else's. A list of
        texts comes back as a list, in which one number stands for one person throughout.
        """
        if isinstance(text, list):
            return self.reader.clean_list(text, self)
        return self.reader.clean(text, [self]) if text else ""

    @overload
    def to_edit(self, text: str | None, place: bytes | None = None) -> str: ...

    @overload
    def to_edit(self, text: list[str], place: bytes | None = None) -> list[str]: ...

    def to_edit(self, text: str | list[str] | None, place: bytes | None = None) -> str | list[str]:
        """The same for a field: what stands for a name there also tells whose name it is.

        So `put_back` knows it again, whatever became of the stored text meanwhile. Nothing but
        what this returns belongs in a field, or in what can be taken over into one.
        """
        if isinstance(text, list):
            return self.reader.to_edit(text, self, place)
        return self.reader.to_edit([text], self, place)[0] if text else ""

    @overload
    def put_back(
        self,
        typed: str,
        stored: str | None,
        beside: Iterable[str | list[str]] = (),
        place: bytes | None = None,
    ) -> str: ...

    @overload
    def put_back(
        self,
        typed: list[str],
        stored: list[str],
        beside: Iterable[str | list[str]] = (),
        place: bytes | None = None,
    ) -> list[str]: ...

    def put_back(
        self,
        typed: Any,  # as one of these
        stored: Any,  # as one of these
        beside: Iterable[str | list[str]] = (),
        place: bytes | None = None,
    ) -> Any:  # as one of these
        """What was typed over the text `to_edit`, with the names that the stored one holds.

        Texts, or lists of texts. `beside`: stored texts (or lists) that the page let take over.
        `place`: where it will be stored, if nothing stands there yet. ValidationError where what
        stands for a name was moved to where the name cannot be kept, or stands for nobody.
        """
        return self.put_back_and_show(typed, stored, beside, place)[0]

    @overload
    def put_back_and_show(
        self,
        typed: str,
        stored: str | None,
        beside: Iterable[str | list[str]] = (),
        place: bytes | None = None,
    ) -> tuple[str, str]: ...

    @overload
    def put_back_and_show(
        self,
        typed: list[str],
        stored: list[str],
        beside: Iterable[str | list[str]] = (),
        place: bytes | None = None,
    ) -> tuple[list[str], list[str]]: ...

    def put_back_and_show(
        self,
        typed: Any,  # as one of these
        stored: Any,  # as one of these
        beside: Iterable[str | list[str]] = (),
        place: bytes | None = None,
    ) -> tuple[Any, Any]:  # as one of these
        """The same, and what was typed as the page shows it from now on."""
        is_list = isinstance(typed, list)
        if not typed or not (stored or beside or stands_for_somebody(typed)):
            fresh = [edited(each, []) for each in typed] if is_list else typed
            return fresh if is_list or not typed else edited(typed, []), typed
        texts, again = self.reader.put_back(
            typed if is_list else [typed],
            stored if is_list else [stored],
            self,
            [each if isinstance(each, list) else [each] for each in beside],
            place,
        )
        return (texts, again) if is_list else (texts[0], again[0])

    def by_alias(self) -> "Label":
        """The label of somebody whose name is not shown on this page, whoever is looking."""
        person = self.participant
        return Label(person.alias, False, participant=person, reader=self.reader)

    def shown_to_all(self, reader: "SharedReader") -> "Label":
        """The label on a screen that several people see, its texts cleaned for the least of them.

        By name where each of them may read it, as whoever shows the screen may too; never with
        the HMIS ID.
        """
        is_named = self.is_named and str(self.participant.pk) in reader.rights.covered
        return replace(self if is_named else self.by_alias(), reader=reader, hmis_id="")


def reader_for(viewer: User, now: datetime) -> Reader:
    """The `Reader` of texts that are about no household in particular."""
    return Reader(viewer.membership.continuum_id, viewer, now)


def labels(
    participants: Iterable[Participant], viewer: User | None, now: datetime
) -> dict[UUID, Label]:
    """Return `{primary key: Label}` for the participants (instances), in constant queries."""
    participants = list(participants)
    found = grounds([each.pk for each in participants], viewer, now)
    if not participants:
        return {}
    reader = Reader(participants[0].continuum_id, viewer, now)
    return {
        each.pk: replace(label(each, found.get(each.pk, BY_ALIAS)), participant=each, reader=reader)
        for each in participants
    }


def label(participant: Participant, ground: Ground) -> Label:
    """The participant's label on the ground that was found, or on none (BY_ALIAS)."""
    if participant.is_confidential:
        return Label(participant.alias, False)
    if not ground.why or not participant.name:
        hmis_id = participant.hmis_id if ground.sees_hmis_id else None
        return Label(participant.alias, False, hmis_id=hmis_id or "")
    named = Label(participant.name, True, ground)
    if participant.hmis_id and (named.tells_all or ground.sees_hmis_id):
        return Label(participant.name, True, ground, participant.hmis_id)
    return named


def label_for(participant: Participant, viewer: User | None, now: datetime) -> Label:
    """The label of a single participant."""
    return labels([participant], viewer, now)[participant.pk]


__all__ = ["Label", "Reader", "SharedReader", "label_for", "labels", "reader_for"]
