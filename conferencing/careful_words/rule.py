"""What a rule on careful words is, and how it finds."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

Pair = tuple[re.Pattern[str] | None, re.Pattern[str] | None]  # what is found, and its exception


class Kind(StrEnum):
    SSN = "ssn"
    BIRTH_DATE = "birth_date"
    DIAGNOSIS = "diagnosis"
    HIV = "hiv"
    SUBSTANCE_USE = "substance_use"
    CRIMINAL = "criminal"
    WHEREABOUTS = "whereabouts"


@dataclass(frozen=True)
class Rule:
    kind: Kind
    words: str
    patterns: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    cased: tuple[str, ...] = ()
    cased_exceptions: tuple[str, ...] = ()

    @cached_property
    def compiled(self) -> tuple[Pair, Pair]:
        """Pattern and exception for small letters, then for the letters as typed."""
        return (
            (any_of(self.patterns), any_of(self.exceptions)),
            (any_of(self.cased), any_of(self.cased_exceptions)),
        )

    def spans(self, small: str, typed: str) -> Iterator[tuple[int, int]]:
        """Each `(start, end)` that the rule finds and no exception lets through."""
        free = None
        for (pattern, _), text in zip(self.compiled, (small, typed), strict=True):
            if pattern is None:
                continue
            match = pattern.search(text)
            while match:
                if free is None:
                    free = self.let_through(small, typed)
                start, end = match.span()
                is_free = any(begin <= start < stop for begin, stop in free)
                if not is_free:
                    yield start, end
                match = pattern.search(text, start + 1 if is_free else end)

    def let_through(self, small: str, typed: str) -> list[tuple[int, int]]:
        return [
            match.span()
            for (_, exception), text in zip(self.compiled, (small, typed), strict=True)
            if exception
            for match in exception.finditer(text)
        ]


def any_of(patterns: Sequence[str]) -> re.Pattern[str] | None:
    """One pattern for all, standing between other characters than letters; None for none."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)") if patterns else None
