"""Finding out whether the audit is still as it was written."""

import dataclasses

from audit.models import FIRST_HASH, AuditEntry, ChainHead
from vault import keys


@dataclasses.dataclass(frozen=True)
class ChainState:
    """How far the chain holds. `broken_at`: the first sequence number that does not."""

    count: int
    hash: bytes
    broken_at: int | None = None
    problem: str = ""

    @property
    def is_whole(self):
        return self.broken_at is None


def verify_chain(*, anchor: tuple[int, bytes] | None = None, batch: int = 1000) -> ChainState:
    """Walk every entry from the first and return how far the chain holds.

    Takes the memory of one batch, and may run while entries are being added. `anchor` is a
    (sequence number, hash) noted down outside of the database at an earlier time: with it, entries
    cut off the end and a chain written anew are found even if the database was put back whole.
    """
    state = ChainState(0, FIRST_HASH)
    while True:
        entries = AuditEntry.objects.filter(sequence__gt=state.count).order_by("sequence")[:batch]
        count_before = state.count
        for entry in entries:
            state = _step(state, entry, anchor)
            if not state.is_whole:
                return state
        if state.count == count_before:
            end = _compare_with_head(state, anchor)
            if end is not None:
                return end


def glance_at_chain() -> ChainState:
    """Return whether the end of the chain holds: the head's signature and the last entry.

    Cheap enough for every page; `verify_chain` alone looks at every entry.
    """
    head = ChainHead.objects.first() or ChainHead()
    last = AuditEntry.objects.filter(sequence=head.count).first()
    state = ChainState(head.count, bytes(head.hash))
    if last is None:
        problem = "the entry is missing" if head.count or AuditEntry.objects.exists() else ""
    elif not head.is_signed:
        problem = "the signature of the chain's head does not hold"
    elif bytes(last.hash) != state.hash:
        problem = "the entry was changed"
    else:
        problem = _problem(last)
    return dataclasses.replace(state, broken_at=head.count, problem=problem) if problem else state


def _step(state: ChainState, entry: AuditEntry, anchor) -> ChainState:
    number = state.count + 1
    if entry.sequence != number:
        return _broken(state, "the entry is missing")
    if bytes(entry.former_hash) != state.hash:
        return _broken(state, "the entry does not follow from the one before it")
    problem = _problem(entry)
    if problem:
        return _broken(state, problem)
    if anchor is not None and anchor[0] == number and anchor[1] != bytes(entry.hash):
        return _broken(state, "the entry's hash is not the expected one")
    return ChainState(number, bytes(entry.hash))


def _problem(entry: AuditEntry) -> str:
    """Return what is wrong with an entry by itself, or nothing."""
    try:
        return "" if entry.is_intact else "the entry was changed"
    except keys.UnknownKey as error:
        return f"the entry's reason cannot be checked: {error}"
    except (keys.VaultError, KeyError, TypeError):
        return "the entry's reason was changed"


def _compare_with_head(state: ChainState, anchor) -> ChainState | None:
    """Judge a chain that has no further entries; None when some were added meanwhile."""
    head = ChainHead.objects.first() or ChainHead()
    has_more = AuditEntry.objects.filter(sequence__gt=state.count).exists()
    if has_more:
        return None
    if head.count > state.count:
        return _broken(state, "the entry is missing")
    if head.count < state.count:
        return dataclasses.replace(
            state, broken_at=head.count + 1, problem="the entry was not recorded by this system"
        )
    if bytes(head.hash) != state.hash:
        return dataclasses.replace(
            state, broken_at=state.count, problem="the chain was written anew up to this entry"
        )
    if state.count and not head.is_signed:
        return dataclasses.replace(
            state, broken_at=state.count, problem="the signature of the chain's head does not hold"
        )
    if anchor is not None and anchor[0] > state.count:
        return _broken(state, f"the chain was longer: {anchor[0]} entries are expected")
    return state


def _broken(state: ChainState, problem: str) -> ChainState:
    return dataclasses.replace(state, broken_at=state.count + 1, problem=problem)
