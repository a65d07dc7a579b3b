"""What was written here for HMIS, known again in an export; and the ids that go back with it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Self

from participants.hmis.codes import EVENTS, RESULTS
from participants.hmis.kept import Enrollment, EventRow
from participants.models import HmisEntry, HmisRecord
from regions.models import Continuum
from regions.words import day_words

MOST_EVENTS = 10
SITUATION, ASSESSMENT = str(HmisEntry.Kind.SITUATION), str(HmisEntry.Kind.ASSESSMENT)


@dataclass
class Own:
    """The rows that were written here: by their ids, and what was keyed by its day."""

    ids: set[str]
    days: set[tuple[str, str, str]]  # kind, EnrollmentID, day
    found: list[tuple[str, str, str, str, list[str]]] = field(default_factory=list)

    @classmethod
    def of(cls, continuum: Continuum) -> Self:
        entries = HmisEntry.objects.filter(participant__continuum=continuum).out()
        rows = list(entries.only("kind", "on", "given"))
        days = {
            (each.kind, each.given["EnrollmentID"], each.on.isoformat())
            for each in rows
            if each.kind != HmisEntry.Kind.EVENT and "EnrollmentID" in each.given
        }
        return cls({each.pk.hex for each in rows}, days)

    def note(self, kind: str, key: str, eid: str, on: str, codes: Sequence[str]) -> None:
        """Put a row of the export aside, if it may be one of these.

        What was keyed has an id of HMIS's own, and so has what some systems take from a file.
        """
        if key in self.ids or (kind, eid, on) in self.days:
            told = [each if each.isdigit() else "" for each in codes]
            self.found.append((kind, key, eid, on, told))

    def lines(self) -> Iterator[str]:
        for kind, key, eid, on, codes in self.found:
            shown = key if key.isalnum() else ""
            yield f"{kind}\t{shown}\t{eid}\t{on}\t{json.dumps(codes)}\n"


def enrollment_of(
    pid: str,
    eid: str,
    household: str,
    project: str,
    kind: str,
    entered: str,
    left_on: str | None,
    by_user: str,
) -> Enrollment:
    """An enrollment with its ids as HMIS has them, for what goes back to it."""
    told = household.removeprefix(f"{project}:h:").removesuffix(f":{pid}")
    return {
        "id": eid,
        "person": pid,
        # One that HMIS did not give, or that is none, is not made up.
        "household": told if household.startswith(f"{project}:h:") else "",
        "project": project,
        "kind": kind,
        "from": entered,
        "to": left_on,
        "by": by_user,
    }


def event_of(
    key: str,
    eid: str,
    on: str,
    code: str,
    prevented: str,
    managed: str,
    place: str,
    result: str,
    result_on: str | None,
) -> EventRow:
    """An event of coordinated entry, by the names that HUD gives its columns."""
    return {
        "EventID": key,
        "EnrollmentID": eid,
        "EventDate": on,
        "Event": code,
        "ProbSolDivRRResult": prevented,
        "ReferralCaseManageAfter": managed,
        "LocationCrisisOrPHHousing": place,
        "ReferralResult": result,
        "ResultDate": result_on or "",
    }


def events_told(record: HmisRecord) -> list[str]:
    """The events of coordinated entry that HMIS has of a household, newest first, in words."""
    told: list[EventRow] = record.said.get("events", {}).get("value") or []
    newest = sorted(told, key=lambda each: each["EventDate"], reverse=True)
    return [event_words(each) for each in newest[:MOST_EVENTS]]


def event_words(event: EventRow) -> str:
    result = RESULTS.get(event["ReferralResult"], "")
    on = day_words(date.fromisoformat(event["EventDate"]))
    words = f"{on}: {EVENTS.get(event['Event'], 'another event')}"
    return f"{words}, {result[0].lower()}{result[1:]}" if result else words
