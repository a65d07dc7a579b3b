"""One reader's copy of the minutes: frozen words and addenda by the rules of the moment."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import NotRequired
from zoneinfo import ZoneInfo

from accounts.models import User
from agreements.models import Agency
from conferencing.deliveries.copies import (
    Disclosed,
    Names,
    disclosed_rows,
    frame,
    made_at_words,
)
from conferencing.models import Addendum, Attendance, Minutes
from conferencing.words import roles_in
from participants.models import Participant
from participants.own_words import as_frozen
from participants.texts import Reader, reader
from participants.typed_words import Typed
from regions.words import clock_words, day_words, plural

from .attended import Attended
from .document import AddendumData, HouseholdData, MinutesData, NothingData, OrganizationData
from .snapshots import FrozenHousehold, Snapshot

UNCONFIRMED = "not_recorded"
WALK_IN = Attendance.Kind.WALK_IN.label.lower()
GUEST = "Guest"


class ShownHousehold(HouseholdData):
    """A household as the copy tells of it, with its key; `review`: to which the reader may add."""

    id: str
    is_told: bool
    review: NotRequired[uuid.UUID | None]


class Copy:
    """The minutes as `viewer` may read them at `now`; of the households in `keys` (None: all).

    `agency`: that for which the copy is made, where it is made for one.
    """

    def __init__(
        self,
        minutes: Minutes,
        viewer: User,
        *,
        agency: Agency | None = None,
        keys: Collection[str] | None = None,
        now: datetime,
    ) -> None:
        self.minutes, self.viewer, self.agency, self.now = minutes, viewer, agency, now
        self.snapshot: Snapshot = minutes.snapshot
        every = self.snapshot["households"]
        self.rows: list[FrozenHousehold] = [
            as_frozen(row) for row in every if keys is None or row["id"] in keys
        ]
        self.left_out = len(every) - len(self.rows)
        self.names = Names({row["id"] for row in every}, viewer, now)
        people = Participant.every.filter(pk__in=[row["id"] for row in every])
        # Of records that were joined since: the one under which their review stands now.
        ids = {row["id"] for row in every}
        under = {str(each.pk): str(each.merged_into_id) for each in people if each.merged_into_id}
        self.under = {key: into for key, into in under.items() if into not in ids}
        self.added = self.addenda()

    def addenda(self) -> defaultdict[str, list[Addendum]]:
        """`{participant's id, "" for the whole call: [addendum]}`, oldest first."""
        found: defaultdict[str, list[Addendum]] = defaultdict(list)
        rows = Addendum.objects.filter(meeting=self.minutes.meeting_id)
        for each in rows.select_related("review", "by").order_by("at"):
            found[str(each.review.participant_id) if each.review else ""].append(each)
        return found

    def clean(self, text: str, row: FrozenHousehold) -> str:
        return self.names.clean(text, row, "id")

    def clean_of_all(self, text: str) -> str:
        """Words about the whole call: without the name of anybody whom this reader may not read."""
        return self.names.clean_of(text, self.snapshot["households"], "id")

    def shown_addenda(self, key: str, clean: Callable[[str], str]) -> list[AddendumData]:
        zone = ZoneInfo(self.minutes.meeting.continuum.zone)
        return [
            {
                "by": each.by.name,
                "at": made_at_words(each.at, zone.key),
                "words": clean(each.words),
            }
            for each in self.added[self.under.get(key, key)]
        ]

    @property
    def whole(self) -> list[AddendumData]:
        """What was added about the whole call; nothing for whom it shows no household."""
        if self.left_out and not self.rows:
            return []
        return self.shown_addenda("", self.clean_of_all)

    @property
    def attendance(self) -> list[Attended]:
        """Who was there. Whoever had no account may be a participant, whose name is cleaned."""
        read = reader(self.viewer, self.now)
        return [self.attended(as_frozen(row), read) for row in self.snapshot["attendance"]]

    def attended(self, row: Attended, read: Reader) -> Attended:
        shown = row.copy()
        shown.pop("typed", None)
        is_household = shown.pop("is_household", False)
        if not row.get("has_account", row["kind"] != WALK_IN):
            name = self.names.own(row["name"], [row])
            shown["name"] = read.clean(name)
            shown["organization"] = read.clean(self.names.own(row["organization"], [row]))
            if is_household and type(name) is not Typed:
                shown["name"] = GUEST
        return shown

    @property
    def households(self) -> list[ShownHousehold]:
        return [self.household(row) for row in self.rows]

    def household(self, row: FrozenHousehold) -> ShownHousehold:
        def clean(text: str) -> str:
            return self.clean(text, row)

        shown: ShownHousehold = {
            "id": row["id"],
            "label": self.names.label(row, "id"),
            "is_named": self.names.is_named(row, "id"),
            "summary": summary(row),
            "because": clean(row.get("because", "")),
            "is_discussed": row["is_discussed"],
            "had_nothing": "nothing_by" in row,
            "is_told": False,
            "elements": [
                {
                    **element,
                    "texts": [{**text, "words": clean(text["words"])} for text in element["texts"]],
                }
                for element in row["elements"]
            ],
            "notes": clean(row["notes"]),
            "writers": row.get("writers", []),
            "sent_word": [
                {**each, "words": clean(each["words"])} for each in row.get("sent_word", [])
            ],
            "decisions": [{**each, "words": clean(each["words"])} for each in row["decisions"]],
            "steps": [{**each, "what": clean(each["what"])} for each in row["steps"]],
            "reported": [
                {**each, "what": clean(each["what"]), "line": clean(each["line"])}
                for each in row.get("reported", [])
            ],
            "no_step_reason": clean(row["no_step_reason"]),
            "guests": row["guests"],
            "added": self.shown_addenda(row["id"], clean),
        }
        shown["is_told"] = row["is_discussed"] or has_content(shown)
        return shown

    @property
    def nothing(self) -> list[NothingData]:
        """Who was read out as one: by name or alias, and who had marked it."""
        return [
            {
                "label": self.names.label(row, "id"),
                "is_named": self.names.is_named(row, "id"),
                "marked_by": row["nothing_by"],
            }
            for row in self.rows
            if "nothing_by" in row
        ]

    @property
    def disclosed(self) -> list[Disclosed]:
        return disclosed_rows(self.rows, self.names)

    def document(self) -> MinutesData:
        """What the PDF of this copy shows (conferencing.minutes.document)."""
        continuum = self.minutes.meeting.continuum
        data = frame(continuum, self.viewer, self.agency, now=self.now)
        frozen = self.minutes.frozen_at.astimezone(ZoneInfo(continuum.zone))
        frozen_at = f"{day_words(frozen)}, {clock_words(frozen)} {frozen:%Z}"
        shown = self.households
        return {
            "document": {**data["document"], "frozen_at": frozen_at},
            "recipient": data["recipient"],
            "notice": data["notice"],
            "meeting": self.snapshot["meeting"],
            "roles": roles_in(self.snapshot["meeting"]),
            "held": self.snapshot["held"],
            "opening": self.snapshot.get("opening", ""),
            "purpose": self.snapshot["purpose"],
            "present": by_organization(self.attendance, is_present=True),
            "absent": by_organization(self.attendance, is_present=False),
            "locked_out": locked_out(self.attendance),
            "households": [each for each in shown if each["is_told"]],
            "nothing": self.nothing,
            "carried": [
                {"label": each["label"], "is_named": each["is_named"]}
                for each in shown
                if is_carried(each)
            ],
            "left_out": self.left_out,
            "added": self.whole,
        }


def is_carried(shown: ShownHousehold) -> bool:
    return not (shown["is_discussed"] or shown["had_nothing"])


def summary(row: FrozenHousehold) -> str:
    """2 adults, 1 child · Rice County · 6 minutes."""
    parts = [row["household"]]
    if row["county"]:
        parts.append(f"{row['county']} County")
    if row["minutes"]:
        parts.append(plural(row["minutes"], "minute"))
    return " · ".join(filter(None, parts))


def has_content(shown: ShownHousehold) -> bool:
    """Whether something was said of a household that was carried over, or why it was raised."""
    said = any(
        element["changed"] != UNCONFIRMED and element["texts"] for element in shown["elements"]
    )
    texts = (shown["because"], shown["notes"], shown["no_step_reason"])
    lists = (shown["decisions"], shown["steps"], shown["added"], shown["reported"])
    return said or any(texts) or any(lists) or bool(shown.get("sent_word"))


def locked_out(attendance: Iterable[Attended]) -> list[str]:
    """The organizations whose people were expected and could not get in."""
    rows = [row for row in attendance if not row["is_present"] and not row.get("could_come", True)]
    return sorted({row["organization"] or row["name"] for row in rows})


def by_organization(attendance: Iterable[Attended], *, is_present: bool) -> list[OrganizationData]:
    """`[{organization, people}]`: who came, or did not, with their duty or how they came."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in attendance:
        if row["is_present"] == is_present and (is_present or row.get("could_come", True)):
            word = "excused" if row.get("sent_word") and not is_present else ""
            more = ", ".join(filter(None, [row["duty"], row["kind"], word]))
            name = f"{row['name']} ({more})" if more else row["name"]
            found[row["organization"] or "No organization given"].append(name)
    return [{"organization": each, "people": names} for each, names in found.items()]
