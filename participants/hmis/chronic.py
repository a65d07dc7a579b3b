"""Whether a household is chronically homeless, and what is missing to say it.

Source: HUD's definition, 24 CFR 578.3 (80 FR 75791): a head of household, or another adult of it,
with a disability, who lives in a place not meant for habitation, a safe haven or an emergency
shelter, and has done so for twelve months without a break, or on four occasions or more in three
years that add up to twelve months. From HMIS data elements 3.08 (yes or no, never of which kind)
and 3.917.
"""

from dataclasses import dataclass
from datetime import date
from typing import Self

from participants.models import LivingSituation

Kind = LivingSituation.Kind
WITHOUT_HOME = (Kind.UNSHELTERED, Kind.SHELTER, Kind.SAFE_HAVEN)
# Less than 90 days in an institution are no break: how many they were is not told.
TELLS_NOTHING = (Kind.MISSING, Kind.UNKNOWN, Kind.INSTITUTION)
YEAR_DAYS = 365
FOUR_OR_MORE, TWELVE_MONTHS = "4", ("112", "113")
FEWER_TIMES = ("1", "2", "3")
FEWER_MONTHS = tuple(str(code) for code in range(101, 112))
DISABILITY, START, OCCASIONS, STAY = "disability", "start", "occasions", "stay"
WORDS = {
    DISABILITY: "whether there is a disabling condition",
    START: "since when they are homeless",
    OCCASIONS: "how often and for how many months in three years",
    STAY: "where they stay",
}


@dataclass(frozen=True)
class Told:
    """What the newest enrollment of one person tells; codes of HUD as text, empty: nothing."""

    disabled: str = ""
    since: date | None = None
    times: str = ""
    months: str = ""

    @classmethod
    def of(cls, disabled: str, since: str | None, times: str, months: str) -> Self:
        return cls(disabled, date.fromisoformat(since) if since else None, times, months)

    def is_long(self, on: date) -> bool | None:
        """Twelve months, without a break or together on four occasions; None: not known."""
        unbroken = None if self.since is None else (on - self.since).days >= YEAR_DAYS
        together = None
        if self.times == FOUR_OR_MORE and self.months in TWELVE_MONTHS:
            together = True
        elif self.times in FEWER_TIMES or self.months in FEWER_MONTHS:
            together = False
        if unbroken or together:
            return True
        return None if None in (unbroken, together) else False

    def lacks(self) -> list[str]:
        found = [] if self.disabled in ("0", "1") else [DISABILITY]
        if self.since is None:
            found.append(START)
        if self.times not in (*FEWER_TIMES, FOUR_OR_MORE) or (
            self.times == FOUR_OR_MORE and self.months not in (*FEWER_MONTHS, *TWELVE_MONTHS)
        ):
            found.append(OCCASIONS)
        return found


def chronic_of(people: list[Told], stay: str | None, on: date) -> tuple[bool | None, list[str]]:
    """`(whether, keys of WORDS that are missing to say it)` of the head and other adults."""
    if not people:
        return None, []
    if stay is not None and stay not in (*WITHOUT_HOME, *TELLS_NOTHING):
        return False, []
    answers: list[bool | None] = []
    lacking: list[str] = []
    for each in people:
        if each.disabled == "0":
            answers.append(False)
            continue
        is_long = each.is_long(on)
        if is_long is False:
            answers.append(False)
        elif is_long and each.disabled == "1" and stay in WITHOUT_HOME:
            return True, []
        else:
            answers.append(None)
            # Whoever is long enough without a home lacks neither of the two ways to say so.
            lacking += [name for name in each.lacks() if not is_long or name == DISABILITY]
    if None not in answers:
        return False, []
    if stay not in WITHOUT_HOME:
        lacking.append(STAY)
    return None, [name for name in WORDS if name in lacking]
