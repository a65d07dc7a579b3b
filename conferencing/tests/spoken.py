"""An hour as it is spoken: twenty households at 150 words a minute, two steps each; and a scribe.

The scribe hears a phrase, and types it once it was said, with the keys alone.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from conferencing.tests.factories import make_meeting, make_review, make_roster, make_step
from participants.tests.factories import make_participant, make_release

HOUSEHOLDS, WORDS_A_MINUTE = 20, 150
KEY_MS = 66  # so many words are typed in a minute
FIRST = ["Ada", "Bea", "Cal", "Dot", "Eli", "Fay", "Gil", "Hal", "Ida", "Jay",
         "Kit", "Lou", "Mae", "Ned", "Ora", "Pru", "Roy", "Sal", "Tom", "Una"]  # fmt: skip
WANTS = ["a ground floor, no stairs", "two bedrooms near the school", "a place that takes the dog",
         "to stay near the bus line", "shared housing, own room"]  # fmt: skip
HEARD = [
    "Met twice this month; papers are nearly complete.",
    "Answers texts the same day, no phone after six.",
    "The landlord shows the unit on Tuesday at ten.",
    "Lost the tent in the storm, asked for winter gear.",
]
DONE = ["Call the landlord about the unit", "Order the birth certificate",
        "Ask for more time on the voucher", "Drive them to the clinic"]  # fmt: skip
# What is said and nobody writes down.
OPENS = "Next is {name}. Two steps were given last month, and one of them is done. Who begins?"
TALK = "We saw them on Monday, they were in good spirits and asked whether there was any news."


@dataclass
class Spoken:
    """What is said of one household, and what of it is to stand in the record."""

    name: str
    preferences: str
    notes: str
    step: str
    offered: str
    who: str

    @classmethod
    def of(cls, number: int, name: str, who: str) -> "Spoken":
        done, other = DONE[number % 4], DONE[(number + 1) % 4]
        verb, rest = other.split(" ", 1)
        return cls(
            name,
            f"Wants {WANTS[number % 5]}.",
            HEARD[number % 4],
            done,
            f"{who} {'asks' if verb == 'Ask' else verb.lower() + 's'} {rest}",
            who,
        )

    @property
    def phrases(self) -> list[str]:
        return [
            OPENS.format(name=self.name), TALK, self.preferences, self.notes,
            f"{self.who}, can you {self.step}?", self.offered,
        ]  # fmt: skip

    def seconds(self, until: int | None = None) -> float:
        """How long it takes to say the phrases, or the first so many of them."""
        words = sum(len(each.split()) for each in self.phrases[:until])
        return words / WORDS_A_MINUTE * 60


def twenty(continuum, region, agency, note_taker):
    """A call with twenty households, each with a former review and two steps of it."""
    now = timezone.now()
    last = make_meeting(continuum, region, starts_at=now - timedelta(days=28), state="closed")
    people = []
    for number, first in enumerate(FIRST, start=1):
        person = make_participant(agency, region, name=f"{first} Example", alias=f"Tern-{number}")
        make_release(person)
        former = make_review(
            last, person, location="shelter", preferences="One bedroom", barriers=["No photo ID"]
        )
        for what in ("See the unit", "Fill in the form"):
            make_step(person, agency, person=note_taker, review=former, what=what)
        people.append(person)
    meeting = make_meeting(continuum, region, starts_at=now + timedelta(minutes=1))
    make_roster(meeting, *people)
    return meeting, people


class Scribe:
    """The note taker, with the keys alone, at the page of a call.

    `is_paced`: nothing is typed before it was said, and no faster, at 150 words a minute.
    """

    def __init__(self, page: Any, *, who: str, is_paced: bool) -> None:
        self.page, self.who, self.is_paced = page, who, is_paced
        self.keys = 0

    def press(self, key: str) -> None:
        self.keys += 1
        self.page.keyboard.press(key)

    def types(self, words: str) -> None:
        self.page.keyboard.type(words, delay=KEY_MS if self.is_paced else 0)

    def takes_down(self, spoken: Spoken) -> float:
        """Write down one household that is on the table; return how long it took, in seconds."""
        began = time.monotonic()

        def heard(phrases: int) -> None:
            wait = began + spoken.seconds(phrases) - time.monotonic()
            if self.is_paced and wait > 0:
                self.page.wait_for_timeout(wait * 1000)

        for phrases, write in enumerate(self.acts(spoken), start=3):
            heard(phrases)
            write()
        self.press("Alt+Digit8")
        self.page.get_by_role("button", name="Open it again").wait_for()
        return time.monotonic() - began

    def acts(self, spoken: Spoken) -> Iterator[Any]:
        page = self.page

        def preferences() -> None:
            self.press("Alt+Digit2")
            self.press("Control+A")
            self.types(spoken.preferences)

        def notes() -> None:
            self.press("Alt+Digit0")  # all else is unchanged; and to the notes
            self.types(spoken.notes)

        def step() -> None:
            self.press("Alt+Digit6")
            self.types(spoken.step)
            self.press("Tab")
            self.types(self.who)
            self.press("Control+Enter")
            page.locator("#given", has_text=spoken.step).wait_for()

        def offered() -> None:
            self.press("Alt+Digit5")
            self.types(f"\n{spoken.offered}")
            page.locator("#offer").wait_for()
            self.press("Control+Enter")
            page.locator("#given li").nth(1).wait_for()

        yield from (preferences, notes, step, offered)
