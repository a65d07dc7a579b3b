"""Finding out whether the audit is still as it was written."""

import dataclasses
from collections.abc import Iterable

from audit.models import FIRST_HASH, AuditEntry, ChainHead, know_removed

Anchor = tuple[int, bytes]  # a sequence number and the hash there


@dataclasses.dataclass(frozen=True)
class ChainState:
    """How far the chain holds. `broken_at`: the first sequence number that does not."""

    count: int
    hash: bytes
    broken_at: int | None = None
    problem: str = ""

    @property
    def is_whole(self) -> bool:
        return self.broken_at is None


def verify_chain(*, anchor: Anchor | None = None, batch: int = 1000) -> ChainState:
    """Walk every entry from the first and return how far the chain holds.

    Takes the memory of one batch, and may run while entries are being added. `anchor` is a
    (sequence number, hash) noted down outside of the database at an earlier time: with it, entries
    cut off the end and a chain written anew are found even if the database was put back whole.
    """
    state = ChainState(0, FIRST_HASH)
    if (unnumbered := _unnumbered()) is not None:
        return dataclasses.replace(state, broken_at=unnumbered, problem=FOREIGN)
    while True:
        entries = AuditEntry.objects.filter(sequence__gt=state.count).order_by("sequence")[:batch]
        count_before = state.count
        know_removed(entries)
        for entry in entries:
            state = _step(state, entry, anchor)
            if not state.is_whole:
                return state
        if state.count == count_before:
            end = _compare_with_head(state, anchor)
            if end is not None:
                return end


FOREIGN = "the entry was not recorded by this system"


def _unnumbered() -> int | None:
    """The number of an entry below the first; None where there is none, as it should be."""
    found = AuditEntry.objects.never_numbered().order_by("-sequence")
    return found.values_list("sequence", flat=True).first()


def glance_at_chain(entries: Iterable[AuditEntry] = ()) -> ChainState:
    """Return whether these entries, and the end of the chain, are as they were written.

    Cheap enough for every page; `verify_chain` alone looks at every entry and at the links.
    """
    head = ChainHead.objects.first() or ChainHead()
    last = AuditEntry.objects.filter(sequence=head.count).first()
    entries = list(entries)
    know_removed(entries)
    state = ChainState(head.count, bytes(head.hash))
    if (unnumbered := _unnumbered()) is not None:
        return dataclasses.replace(state, broken_at=unnumbered, problem=FOREIGN)
    for entry in sorted(entries, key=lambda entry: entry.sequence):
        if entry.flaw:
            return dataclasses.replace(state, broken_at=entry.sequence, problem=entry.flaw)
    problem = _problem_of_end(head, last)
    return dataclasses.replace(state, broken_at=head.count, problem=problem) if problem else state


def _problem_of_end(head: ChainHead, last: AuditEntry | None) -> str:
    if last is None:
        return "the entry is missing" if head.count or AuditEntry.objects.exists() else ""
    if head.flaw_of_signature:
        return head.flaw_of_signature
    if bytes(last.hash) != bytes(head.hash):
        return "the entry was changed"
    return last.flaw


def _step(state: ChainState, entry: AuditEntry, anchor: Anchor | None) -> ChainState:
    number = state.count + 1
    if entry.sequence != number:
        return _broken(state, "the entry is missing")
    if bytes(entry.former_hash) != state.hash:
        return _broken(state, "the entry does not follow from the one before it")
    if entry.flaw:
        return _broken(state, entry.flaw)
    if anchor is not None and anchor[0] == number and anchor[1] != bytes(entry.hash):
        return _broken(state, "the entry's hash is not the expected one")
    return ChainState(number, bytes(entry.hash))


def _compare_with_head(state: ChainState, anchor: Anchor | None) -> ChainState | None:
    """Judge a chain that has no further entries; None when some were added meanwhile."""
    head = ChainHead.objects.first() or ChainHead()
    has_more = AuditEntry.objects.filter(sequence__gt=state.count).exists()
    if has_more:
        return None
    if head.count > state.count:
        return _broken(state, "the entry is missing")
    if head.count < state.count:
        return dataclasses.replace(state, broken_at=head.count + 1, problem=FOREIGN)
    # Every row counts: one that the walk did not come by stands beside the chain.
    if AuditEntry.objects.filter(sequence__lte=state.count).count() != state.count:
        return dataclasses.replace(
            state, broken_at=state.count, problem="there are more entries than numbers"
        )
    if bytes(head.hash) != state.hash:
        return dataclasses.replace(
            state, broken_at=state.count, problem="the chain was written anew up to this entry"
        )
    if state.count and head.flaw_of_signature:
        return dataclasses.replace(state, broken_at=state.count, problem=head.flaw_of_signature)
    if anchor is not None and anchor[0] > state.count:
        return _broken(state, f"the chain was longer: {anchor[0]} entries are expected")
    return state


def _broken(state: ChainState, problem: str) -> ChainState:
    return dataclasses.replace(state, broken_at=state.count + 1, problem=problem)
