"""Small pictures of figures, as geometry for SVG templates (templates/components/chart_*.html).

Each is drawn beside a table that says the same. Across, everything is in per cent of the
picture's width and down in pixels, so that the letters keep their size on a narrow screen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

BAR_TOP, BAR_PITCH, BAR_HEIGHT = 22, 44, 16
# How much of the width the longest bar takes; its number stands behind it.
BAR_REACH = 86
# Where the strips of months begin and end: a line has its scale to the left of them.
LINE_LEFT, LINE_RIGHT = 12, 97
COLUMNS_LEFT, COLUMNS_RIGHT = 0, 100
PLOT_TOP, PLOT_BOTTOM, PLOT_HEIGHT = 22, 142, 168
SPARK_HEIGHT = 28
LONGEST_LABEL = 40
# With more points than this only the first and the last are named by their number.
NAMED_POINTS = 7


@dataclass(frozen=True)
class Piece:
    """One part of a bar: where it begins, how wide it is, and which series it belongs to."""

    x: str
    width: str
    tone: str


@dataclass(frozen=True)
class Bar:
    label: str
    total: int
    pieces: tuple[Piece, ...]
    label_y: int
    y: int
    number_x: str
    number_y: int


@dataclass(frozen=True)
class Bars:
    """Lying bars, each the sum of its series. `legend`: `[(name, tone)]`."""

    height: int
    bar_height: int
    bars: tuple[Bar, ...]
    legend: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Point:
    """A point of a line, or a column: its place, its words, and whether these are written."""

    label: str
    words: str
    x: str
    y: float
    words_y: float
    is_named: bool = True
    left: str = ""
    width: str = ""
    height: float = 0


@dataclass(frozen=True)
class Plot:
    """A line or columns over months. `lines`: pairs of neighbouring points."""

    points: tuple[Point, ...]
    lines: tuple[tuple[Point, Point], ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    scale: tuple[tuple[str, float], ...] = ()
    height: int = PLOT_HEIGHT
    bottom: int = PLOT_BOTTOM
    label_y: int = PLOT_HEIGHT - 6


def percent(number: float) -> str:
    return f"{number:.2f}%"


def shortened(text: str) -> str:
    return text if len(text) <= LONGEST_LABEL else text[: LONGEST_LABEL - 1].rstrip() + "…"


def bars(rows: Sequence[tuple[str, Sequence[int]]], series: Sequence[tuple[str, str]]) -> Bars:
    """Return `Bars` of `[(label, [number per series])]`; `series`: `[(name, tone)]`."""
    most = max((sum(numbers) for _label, numbers in rows), default=0) or 1
    drawn = []
    for place, (label, numbers) in enumerate(rows):
        x, pieces = 0.0, []
        for number, (_name, tone) in zip(numbers, series, strict=True):
            width = number * BAR_REACH / most
            if number:
                pieces.append(Piece(percent(x), percent(width), tone))
            x += width
        top = place * BAR_PITCH
        drawn.append(
            Bar(
                shortened(label),
                sum(numbers),
                tuple(pieces),
                label_y=top + BAR_TOP - 7,
                y=top + BAR_TOP,
                number_x=percent(x + 1),
                number_y=top + BAR_TOP + BAR_HEIGHT - 3,
            )
        )
    return Bars(len(rows) * BAR_PITCH, BAR_HEIGHT, tuple(drawn), tuple(series))


def across(place: int, count: int, left: int = LINE_LEFT, right: int = LINE_RIGHT) -> float:
    """The middle of the place-th of `count` equal strips between these, in per cent."""
    return left + (right - left) * (place + 0.5) / count


def rate_line(points: Sequence[tuple[str, int | None]]) -> Plot:
    """Return a `Plot` of `[(label, rate in per cent or None)]`; None leaves its place empty."""
    count = len(points)
    known = [(place, label, rate) for place, (label, rate) in enumerate(points) if rate is not None]
    rates = [rate for _place, _label, rate in known]
    span = PLOT_BOTTOM - PLOT_TOP
    drawn = []
    for at, (place, label, rate) in enumerate(known):
        y = round(PLOT_BOTTOM - span * rate / 100, 1)
        drawn.append(
            Point(
                label,
                f"{rate}%",
                percent(across(place, count)),
                y,
                words_y=y + 19 if is_valley(rates, at) else y - 9,
                is_named=len(known) <= NAMED_POINTS or at in (0, len(known) - 1),
            )
        )
    return Plot(
        tuple(drawn),
        lines=tuple(pairwise(drawn)),
        labels=labels(points),
        scale=tuple((f"{each}%", PLOT_BOTTOM - span * each / 100) for each in (0, 50, 100)),
    )


def is_valley(rates: Sequence[int], at: int) -> bool:
    """Whether the line comes down to this point and goes up from it: its words stand below."""
    around = (rates[max(at - 1, 0)], rates[min(at + 1, len(rates) - 1)])
    return 15 <= rates[at] < min(around)


def columns(points: Sequence[tuple[str, int]]) -> Plot:
    """Return a `Plot` of standing columns for `[(label, number)]`."""
    count, most = len(points), max((number for _label, number in points), default=0) or 1
    strip = (COLUMNS_RIGHT - COLUMNS_LEFT) / (count or 1)
    span = PLOT_BOTTOM - PLOT_TOP
    drawn = []
    for place, (label, number) in enumerate(points):
        middle = across(place, count, COLUMNS_LEFT, COLUMNS_RIGHT)
        height = round(span * number / most, 1)
        drawn.append(
            Point(
                label,
                str(number),
                percent(middle),
                PLOT_BOTTOM - height,
                words_y=PLOT_BOTTOM - height - 5,
                is_named=number > 0,
                left=percent(middle - strip * 0.35),
                width=percent(strip * 0.7),
                height=height,
            )
        )
    return Plot(tuple(drawn), labels=labels(points, COLUMNS_LEFT, COLUMNS_RIGHT))


def spark(numbers: Sequence[int]) -> Plot:
    """Return a `Plot` of small columns without words, for a cell of a table."""
    most, strip = max(numbers, default=0) or 1, 100 / (len(numbers) or 1)
    drawn = []
    for place, number in enumerate(numbers):
        height = round((SPARK_HEIGHT - 2) * number / most, 1)
        drawn.append(
            Point(
                "",
                str(number),
                "",
                SPARK_HEIGHT - 1 - height,
                words_y=0,
                left=percent(strip * (place + 0.1)),
                width=percent(strip * 0.8),
                height=height,
            )
        )
    return Plot(tuple(drawn), height=SPARK_HEIGHT, bottom=SPARK_HEIGHT - 1)


def labels(
    points: Sequence[tuple[str, object]], left: int = LINE_LEFT, right: int = LINE_RIGHT
) -> tuple[tuple[str, str], ...]:
    count = len(points)
    return tuple(
        (percent(across(place, count, left, right)), label)
        for place, (label, _number) in enumerate(points)
    )
