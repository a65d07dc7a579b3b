"""Whether two HMIS IDs are one: “H-1” and “h_1” are, as the blind index has it."""

from collections.abc import Iterable

from vault.blind import normalised


def one_spelling(hmis_id: str | None) -> str:
    """What all spellings of an HMIS ID have in common; empty of none."""
    return normalised(hmis_id or "")


def same_hmis_id(one: str | None, other: str | None) -> bool:
    """Whether both are there, and one."""
    return bool(one and other) and one_spelling(one) == one_spelling(other)


def is_among(hmis_id: str | None, others: Iterable[str | None]) -> bool:
    """Whether it is there, and one of the others."""
    return any(same_hmis_id(hmis_id, each) for each in others)
