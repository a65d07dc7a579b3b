"""Days, times and numbers in words, as pages, papers and mails say them."""

from datetime import date, datetime, time


def day_words(on: date) -> str:
    """Nov 3, 2026."""
    return f"{on:%b} {on.day}, {on.year}"


def long_day_words(on: date) -> str:
    """November 3, 2026."""
    return f"{on:%B} {on.day}, {on.year}"


def weekday_words(on: date) -> str:
    """Tuesday, November 3."""
    return f"{on:%A}, {on:%B} {on.day}"


def full_day_words(on: date) -> str:
    """Tuesday, November 3, 2026."""
    return f"{weekday_words(on)}, {on.year}"


def clock_words(at: datetime | time) -> str:
    """10:00 AM, of a local time."""
    return f"{at.hour % 12 or 12}:{at:%M} {'AM' if at.hour < 12 else 'PM'}"


def moment_words(at: datetime) -> str:
    """Tuesday, November 3, 2026, 10:00 AM, of an aware local time."""
    return f"{full_day_words(at)}, {clock_words(at)}"


def short_moment_words(at: datetime) -> str:
    """Tue, Nov 3, 10:00 AM, of an aware local time."""
    return f"{at:%a}, {at:%b} {at.day}, {clock_words(at)}"


def short_weekday_words(on: date) -> str:
    """Tue, Nov 3, 2026."""
    return f"{on:%a}, {day_words(on)}"


def plural(number: int, one: str, many: str | None = None) -> str:
    """1 step, 2 steps; 3 children."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def percent_of(part: int, whole: int) -> int | None:
    """In whole per cent; all and none are said of all and none alone. None of nothing."""
    if not whole:
        return None
    rounded = round(100 * part / whole)
    return min(max(rounded, 1), 99) if 0 < part < whole else rounded
