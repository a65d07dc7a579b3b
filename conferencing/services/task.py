"""One thing on a person's first page that needs them now."""

from dataclasses import dataclass
from datetime import timedelta

# How far ahead the first page looks.
AHEAD = timedelta(days=35)


@dataclass(frozen=True)
class Task:
    """One thing to do: what, where, and how urgent."""

    title: str
    url: str
    hint: str = ""
    state: str = ""
    tone: str = "info"
    due: str = ""
