"""Days, times and numbers in words, as lists, minutes and pages of calls say them."""


def day_words(on):
    """Nov 3, 2026."""
    return f"{on:%b} {on.day}, {on.year}"


def clock_words(at):
    """10:00 AM, of an aware local time."""
    return f"{at.hour % 12 or 12}:{at:%M} {'AM' if at.hour < 12 else 'PM'}"


def plural(number, one, many=None):
    return f"{number} {one if number == 1 else many or one + 's'}"
