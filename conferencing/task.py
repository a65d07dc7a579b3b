"""One thing on a person's first page that needs them now."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# How far ahead the first page looks.
AHEAD = timedelta(days=35)
# What belongs to a call that is so near, or on, comes before all else.
NEAR = timedelta(days=2)


@dataclass(frozen=True)
class Task:
    """One thing to do: what, where, how urgent; `at`: when the call begins that it belongs to."""

    title: str
    url: str
    hint: str = ""
    state: str = ""
    tone: str = "info"
    due: str = ""
    at: datetime | None = None

    def is_urgent(self, now: datetime) -> bool:
        """Whether it is wrong already, or belongs to a call that is near or on."""
        is_near = self.at is not None and self.at <= now + NEAR
        return self.tone == "bad" or (is_near and self.tone == "warn")


def urgent_first(tasks: list[Task], now: datetime) -> list[Task]:
    """The tasks in order: urgent ones first, of these the soonest; the others as they are."""
    urgent = [each for each in tasks if each.is_urgent(now)]
    urgent.sort(key=lambda each: each.at or now)
    return urgent + [each for each in tasks if not each.is_urgent(now)]
