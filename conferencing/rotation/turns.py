"""Whose turn it is to facilitate and to take notes: by agency, in turn, alphabetically.

"Both roles of facilitator and note taker will rotate from different participating agencies
alphabetically each month" (River Valleys, Facilitator and Note Taker). Pure computation; the
choices, and why, are in docs/decisions/0005-rotation.md. A key is whatever names an agency for
good (its primary key); names are only ever compared folded.
"""

import unicodedata
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

FACILITATOR = "facilitator"
NOTE_TAKER = "note_taker"
# Who had no turn while the others had as many rounds was away.
ROUNDS_AWAY = 3


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
        last = self.last_used
        if last is not None and len(filled) == 2:
            filled.sort(key=lambda pair: pair[1].key == last.key)
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
    served: Mapping[Hashable, int] | None = None,
    near: Collection[Hashable] = (),
) -> Turn:
    """The next turn: two different agencies, those owed one first, then on round the circle.

    Whoever serves at the call before or after (`near`) is passed over while another can, and
    whoever has had more turns than others (`served`, by key) waits for these: see `_fairest`.

    The first of the two facilitates, unless it did so at its former turn (`former_roles`, by
    key) and the other did not: then they change places, so that with an even number of agencies
    everyone has both roles. With one agency the note taker is None, with none both are.
    """
    former_roles = former_roles or {}
    ordered = circle(agencies, last_used)
    line = _line(ordered, owed)
    chosen = _fairest(line, owed, served, near)[:2]
    reached = _reached(ordered, chosen, last_used)
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


def next_turn(
    agencies: Iterable[Seat], history: Sequence[Turn], *, near: Collection[Hashable] = ()
) -> Turn:
    """The turn that follows the region's meetings so far.

    `history` holds their turns in the order in which they were given, those still to come and
    the canceled ones too, as recorded then: someone standing in at a meeting changes nothing
    here. The agencies of a canceled meeting come next, unless they have had a turn since.
    `near` are those who serve at the calls right before and after it.
    """
    agencies = list(agencies)
    return next_two(
        agencies,
        _last_used(history),
        owed=_owed(history),
        former_roles=_former_roles(history),
        served=_served(agencies, history),
        near=near,
    )


def next_one(
    agencies: Iterable[Seat],
    history: Sequence[Turn],
    *,
    role: str,
    beside: Hashable | None,
    near: Collection[Hashable] = (),
) -> Turn:
    """The turn for one role alone, when the other is held by `beside`: a role that fell vacant.

    Whoever is owed a turn comes first, then the circle goes on, passing over who is `near` as in
    `next_two`; the turn is empty when there is nobody but the agency that holds the other role.
    """
    agencies = list(agencies)
    last_used = _last_used(history)
    ordered = circle([seat for seat in agencies if seat.key != beside], last_used)
    line = _line(ordered, _owed(history))
    if not line:
        return Turn(last_used=last_used)
    chosen = _fairest(line, _owed(history), _served(agencies, history), near)[:1]
    return Turn(
        facilitator=chosen[0] if role == FACILITATOR else None,
        note_taker=chosen[0] if role == NOTE_TAKER else None,
        last_used=_reached(ordered, chosen, last_used),
    )


def plan(agencies: Iterable[Seat], history: Sequence[Turn], meetings: int) -> list[Turn]:
    """The turns of the next `meetings` meetings, as things stand today."""
    agencies = list(agencies)
    turns: list[Turn] = []
    for _number in range(meetings):
        past = [*history, *turns]
        before = next((turn for turn in reversed(past) if not turn.is_cancelled), Turn())
        near = {seat.key for _role, seat in before.seats}
        turns.append(next_turn(agencies, past, near=near))
    return turns


def _line(ordered: Sequence[Seat], owed: Sequence[Hashable]) -> list[Seat]:
    """The circle with those who are owed a turn put first."""
    by_key = {seat.key: seat for seat in ordered}
    first = [by_key[key] for key in dict.fromkeys(owed) if key in by_key]
    return first + [seat for seat in ordered if seat not in first]


def _fairest(
    line: list[Seat],
    owed: Collection[Hashable],
    served: Mapping[Hashable, int] | None,
    near: Collection[Hashable],
) -> list[Seat]:
    """The line as it is asked: who serves at a call beside this one last, who served more later.

    Who is owed a turn comes before others. So whoever gets a turn has, of all who could, had the
    fewest. Where nobody serves beside it, the line is as it is.
    """
    if not near:
        return line
    served = served or {}
    return sorted(
        line,
        key=lambda seat: (seat.key in near, seat.key not in owed, served.get(seat.key, 0)),
    )


def _reached(
    ordered: Sequence[Seat], chosen: Collection[Seat], last_used: Seat | None
) -> Seat | None:
    """Where the circle stands after this turn: the last one chosen before anybody was passed over.

    Who was passed over is still next in the circle, and is asked before it goes on.
    """
    reached = last_used
    for seat in ordered:
        if seat not in chosen:
            break
        reached = seat
    return reached


def _served(agencies: Iterable[Seat], history: Sequence[Turn]) -> dict[Hashable, int]:
    """How many turns each of the agencies has had, or is to have; a canceled one counts not.

    An agency without a turn for three rounds was away, or is new: it counts as one turn behind
    whoever has had most, so that it is not asked at every other call until it has caught up.
    """
    long_ago = ROUNDS_AWAY * len({seat.key for seat in agencies})
    counted: Counter[Hashable] = Counter()
    last_given: Counter[Hashable] = Counter()
    given = 0

    def so_far(key: Hashable) -> int:
        if given - last_given[key] <= long_ago:
            return counted[key]
        return max(counted[key], max(counted.values(), default=0) - 1)

    for turn in history:
        if not turn.is_cancelled:
            for _role, seat in turn.seats:
                given += 1
                counted[seat.key] = so_far(seat.key) + 1
                last_given[seat.key] = given
    return {seat.key: so_far(seat.key) for seat in agencies}


def _place(seat: Seat) -> tuple[str, str]:
    return sort_name(seat.name), str(seat.key)


def _last_used(history: Sequence[Turn]) -> Seat | None:
    """Where the circle stands; a canceled meeting's turn moves it too, since it is owed."""
    return next((turn.last_used for turn in reversed(history) if turn.last_used is not None), None)


def _owed(history: Sequence[Turn]) -> list[Hashable]:
    """Agencies whose turn fell with a canceled meeting and that had none since, in order."""
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
