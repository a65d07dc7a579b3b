"""Figures as a table. A bench is a module in this package with a function `rows()`.

`rows()` returns or yields `Row`s: what was measured, against what, and the ratio to reach.
"""

import gc
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure. Give `at_least` or `at_most` where there is a ratio to reach.

    `ratio` is None where it could not be measured; `note` then says why.
    """

    what: str
    ours: str
    other: str
    ratio: float | None
    at_least: float | None = None
    at_most: float | None = None
    note: str = ""

    @property
    def to_reach(self) -> str:
        if self.at_least is not None:
            return f"≥ {self.at_least:g} ×"
        return f"≤ {self.at_most:g} ×" if self.at_most is not None else "–"

    @property
    def verdict(self) -> str:
        if self.ratio is None:
            return "not measured"
        if self.at_least is not None:
            return "reached" if self.ratio >= self.at_least else "missed"
        if self.at_most is not None:
            return "reached" if self.ratio <= self.at_most else "missed"
        return "–"


def limit(what: str, measured: float, most: float, note: str = "") -> Row:
    """A figure against what it may be at most."""
    return Row(what, f"{measured:g}", f"at most {most:g}", measured / most, at_most=1, note=note)


def medians(sides: dict[str, Callable[[int], object]], *, rounds: int) -> dict[str, float]:
    """Return each side's median time in seconds: all sides by turns, in one process.

    Each side is called with the number of the round, so that all work on the same data in a
    round and on other data in the next. The first round only warms up.
    """
    times: dict[str, list[float]] = {name: [] for name in sides}
    for turn in range(rounds + 1):
        names = list(sides)
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            gc.collect()
            start = time.perf_counter()
            sides[name](turn)
            if turn:
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(taken) for name, taken in times.items()}


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms" if seconds >= 0.01 else f"{seconds * 1000:,.2f} ms"


def show(rows: Iterable[Row]) -> None:
    """Print the rows as they come, in columns, with their notes below."""
    heads = ("what", "ours", "against", "ratio", "to reach", "")
    lines, notes = [heads], []
    for row in rows:
        ratio = "–" if row.ratio is None else f"{row.ratio:.2f} ×"
        mark = ""
        if row.note:
            notes.append(row.note)
            mark = f" [{len(notes)}]"
        lines.append(
            (row.what + mark, row.ours, row.other, ratio, row.to_reach, row.verdict),
        )
    widths = [max(len(line[place]) for line in lines) for place in range(len(heads))]
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    for number, line in enumerate(lines):
        print(
            "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        )
        if not number:
            print("  ".join("-" * width for width in widths).rstrip())
    for number, note in enumerate(notes, start=1):
        print(f"\n[{number}] {note}")
