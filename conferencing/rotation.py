"""Whose turn it is to facilitate and to take notes: by agency, in turn, alphabetically.

"Both roles of facilitator and note taker will rotate from different participating agencies
alphabetically each month" (River Valleys, Facilitator and Note Taker). Pure computation; the
choices, and why, are in docs/decisions/0005-rotation.md. A key is whatever names an agency for
good (its primary key); names are only ever compared folded.
"""

import unicodedata
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

FACILITATOR = "facilitator"
NOTE_TAKER = "note_taker"


@dataclass(frozen=True)
class Seat:
    """An agency in the circle: its key, and its name now or, in a past turn, its name then."""

    key: Hashable
    name: str


@dataclass(frozen=True)
class Turn:
    """What one meeting asks of the circle: who facilitates, who takes notes.

    `last_used` is where the circle stands after this turn, which is not always the note taker:
    keep it with the meeting. Once the meeting `is_cancelled` its agencies are owed a turn.
    """

    facilitator: Seat | None = None
    note_taker: Seat | None = None
    last_used: Seat | None = None
    is_cancelled: bool = False

    @property
    def seats(self) -> list[tuple[str, Seat]]:
        """The roles that are filled, in the order in which the circle gave them."""
        pairs = [(FACILITATOR, self.facilitator), (NOTE_TAKER, self.note_taker)]
        filled = [(role, seat) for role, seat in pairs if seat is not None]
        if self.last_used is not None and len(filled) == 2:
            filled.sort(key=lambda pair: pair[1].key == self.last_used.key)
        return filled


def sort_name(name: str) -> str:
    """A name as it is put in alphabetical order: without case, accents and stray spaces."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(plain.split())


def circle(agencies: Iterable[Seat], last_used: Seat | None = None) -> list[Seat]:
    """The agencies in the order of their turns, beginning after the last one used.

    The place of the last one is its name as recorded then, also when that agency has left or has
    another name now: so nobody between is passed over. An agency just used comes last, wherever
    a new name would put it. Agencies of the same name keep the order of their keys.
    """
    seats = sorted({seat.key: seat for seat in agencies}.values(), key=_place)
    if last_used is None:
        return seats
    after = [seat for seat in seats if _place(seat) > _place(last_used)]
    ordered = after + [seat for seat in seats if _place(seat) <= _place(last_used)]
    return [seat for seat in ordered if seat.key != last_used.key] + [
        seat for seat in ordered if seat.key == last_used.key
    ]


def next_two(
    agencies: Iterable[Seat],
    last_used: Seat | None,
    *,
    owed: Sequence[Hashable] = (),
    former_roles: Mapping[Hashable, str] | None = None,
) -> Turn:
    """The next turn: two different agencies, those owed one first, then on round the circle.

    The first of the two facilitates, unless it did so at its former turn (`former_roles`, by
    key) and the other did not: then they change places, so that with an even number of agencies
    everyone has both roles. With one agency the note taker is None, with none both are.
    """
    former_roles = former_roles or {}
    ordered = circle(agencies, last_used)
    by_key = {seat.key: seat for seat in ordered}
    first_in_line = [by_key[key] for key in dict.fromkeys(owed) if key in by_key]
    rest = [seat for seat in ordered if seat not in first_in_line]
    chosen = (first_in_line + rest)[:2]
    from_circle = [seat for seat in chosen if seat not in first_in_line]
    reached = from_circle[-1] if from_circle else last_used
    if not chosen:
        return Turn(last_used=last_used)
    if len(chosen) == 1:
        return Turn(facilitator=chosen[0], last_used=reached)
    facilitator, note_taker = chosen
    if (
        former_roles.get(facilitator.key) == FACILITATOR
        and former_roles.get(note_taker.key) != FACILITATOR
    ):
        facilitator, note_taker = note_taker, facilitator
    return Turn(facilitator, note_taker, reached)


def next_turn(agencies: Iterable[Seat], history: Sequence[Turn]) -> Turn:
    """The turn that follows the region's meetings so far.

    `history` holds their turns in the order in which they were given, those still to come and
    the cancelled ones too, as recorded then: someone standing in at a meeting changes nothing
    here. The agencies of a cancelled meeting come next, unless they have had a turn since.
    """
    return next_two(
        agencies,
        _last_used(history),
        owed=_owed(history),
        former_roles=_former_roles(history),
    )


def next_one(
    agencies: Iterable[Seat], history: Sequence[Turn], *, role: str, beside: Hashable | None
) -> Turn:
    """The turn for one role alone, when the other is held by `beside`: a role that fell vacant.

    Whoever is owed a turn comes first, then the circle goes on; the turn is empty when there is
    nobody but the agency that holds the other role.
    """
    last_used = _last_used(history)
    ordered = circle([seat for seat in agencies if seat.key != beside], last_used)
    by_key = {seat.key: seat for seat in ordered}
    owed = next((by_key[key] for key in _owed(history) if key in by_key), None)
    if owed is not None:
        return Turn(**{role: owed}, last_used=last_used)
    if not ordered:
        return Turn(last_used=last_used)
    return Turn(**{role: ordered[0]}, last_used=ordered[0])


def plan(agencies: Iterable[Seat], history: Sequence[Turn], meetings: int) -> list[Turn]:
    """The turns of the next `meetings` meetings, as things stand today."""
    agencies = list(agencies)
    turns: list[Turn] = []
    for _number in range(meetings):
        turns.append(next_turn(agencies, [*history, *turns]))
    return turns


def _place(seat: Seat) -> tuple[str, str]:
    return sort_name(seat.name), str(seat.key)


def _last_used(history: Sequence[Turn]) -> Seat | None:
    """Where the circle stands; a cancelled meeting's turn moves it too, since it is owed."""
    return next((turn.last_used for turn in reversed(history) if turn.last_used is not None), None)


def _owed(history: Sequence[Turn]) -> list[Hashable]:
    """Agencies whose turn fell with a cancelled meeting and that had none since, in order."""
    owed: dict[Hashable, None] = {}
    for turn in history:
        for _role, seat in turn.seats:
            if turn.is_cancelled:
                owed.setdefault(seat.key)
            else:
                owed.pop(seat.key, None)
    return list(owed)


def _former_roles(history: Sequence[Turn]) -> dict[Hashable, str]:
    return {
        seat.key: role for turn in history if not turn.is_cancelled for role, seat in turn.seats
    }
