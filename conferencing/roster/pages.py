"""What the roster's page says: who is on it and why, who comes next, who was nominated."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain

from django.db.models import Exists, OuterRef

import audit.actions
import audit.services
from accounts.models import User
from agreements.models import StaffMember
from conferencing.models import (
    CallGuest,
    Meeting,
    Nomination,
    NothingToDiscuss,
    RosterEntry,
)
from conferencing.nothing_to_discuss.acts import marks_of
from conferencing.nothing_to_discuss.pages import pulled_back_at
from conferencing.reviews.line import Entry, short_review_lines
from participants.disclosures import shown_to
from participants.models import Participant
from participants.models.people import ParticipantQuerySet
from participants.naming import Label, labels
from participants.search import matching_keys, search
from regions.clock import local_day
from regions.words import plural

from .acts import minutes_per_household, proposed_again, room_for
from .criteria import Candidate, Kind, candidates, scope
from .moving_on import next_calls
from .nominations import nominations, not_on_the_roster
from .whys import ADDED, Before, LastCall, Why, is_elsewhere, moved, why, whys_of

ROSTER_VIEWED = audit.actions.register("roster.viewed", "Looked at a roster")
SEARCHED = audit.actions.register("roster.searched", "Looked for a household to nominate")
NEXT_SHOWN = 8
FOUND_SHOWN = 12
FOUND_TO_NOMINATE = 20


@dataclass
class Line:
    """One household as the page shows it."""

    participant: Participant
    label: Label
    whys: list[Why] = field(default_factory=list)
    household: str = ""
    days: int | None = None
    entry: RosterEntry | None = None
    nomination: Nomination | None = None
    mark: NothingToDiscuss | None = None
    reviews: list[Entry] = field(default_factory=list)
    before: Before | None = None
    next_call: Meeting | None = None

    @property
    def reasons(self) -> list[str]:
        return [each.told for each in self.whys]

    @property
    def minutes(self) -> int:
        """The time of the call that is meant for the household: none if it is read out."""
        return self.entry.minutes if self.entry and not self.mark else 0


def roster_page(
    meeting: Meeting, viewer: User, *, text: str = "", now: datetime
) -> dict[str, object]:
    """Return the page's context, in a constant number of queries; the look is recorded."""
    on = local_day(now, meeting.continuum.zone)
    entries = list(
        meeting.roster.select_related(
            "participant__place", "participant__county", "participant__region"
        ).order_by("position")
    )
    listed = {entry.participant_id for entry in entries}
    found = [each for each in candidates(meeting, on=on) if each.participant.pk not in listed]
    by_key = {each.participant.pk: each for each in found}
    is_opened = bool(meeting.roster_opened_at or entries)
    weighty = [each for each in found if each.weight]
    proposed = [] if is_opened else weighty[: room_for(meeting)]
    coming = weighty[len(proposed) :][:NEXT_SHOWN]
    nominated = list(not_on_the_roster(meeting))
    matching = []
    if text.strip():
        keys = matching_keys(scope(meeting), text, viewer, now)
        matching = [each for each in found if each.participant.pk in keys][:FOUND_SHOWN]
    people = [entry.participant for entry in entries]
    people += [each.participant for each in proposed + coming + matching]
    people += [each.participant for each in nominated]
    names = labels(people, viewer, now)
    said = nominations(meeting)
    reviews = short_review_lines(people, on=on, zone=meeting.continuum.zone)
    last = LastCall(meeting, people, on=on)
    may_change = meeting.state == "planned" and meeting.starts_at > now
    marks = marks_of(meeting, now=now)
    freed = sum(entry.minutes for entry in entries if entry.participant_id in marks)
    minutes = sum(entry.minutes for entry in entries) - freed
    audit.services.record(
        ROSTER_VIEWED,
        actor=viewer,
        about=meeting,
        detail=shown_to(names, with_hmis_ids=True),
        now=now,
    )
    shown = {
        "lines": [entry_line(entry, names, said, on) for entry in entries],
        "proposed": [candidate_line(each, names) for each in proposed],
        "coming": [candidate_line(each, names) for each in coming],
        "found": [candidate_line(each, names) for each in matching],
        "nominated": [
            nomination_line(each, names, by_key.get(each.participant_id)) for each in nominated
        ],
    }
    elsewhere = [each for each in shown["lines"] if is_elsewhere(each.participant, meeting)]
    calls = next_calls([each.participant for each in elsewhere], now) if elsewhere else {}
    for line in elsewhere:
        line.next_call = calls.get(line.participant.region_id)
    for line in chain.from_iterable(shown.values()):
        line.reviews = reviews.get(line.participant.pk, [])
        line.before = last.before(line.participant, line.reviews)
        line.mark = marks.get(line.participant.pk) if line.entry else None
        if may_change and line.entry:
            line.whys = moved(line.participant, meeting, line.label) + line.whys
    return {
        "meeting": meeting,
        **shown,
        "is_opened": is_opened,
        "text": text,
        "minutes_planned": minutes,
        "minutes_freed": freed,
        "aside": sum(line.mark is not None for line in shown["lines"]),
        "pulled_back": pulled_back(meeting, names),
        "minutes_over": max(minutes - meeting.minutes, 0),
        "minutes_free": max(meeting.minutes - minutes, 0),
        "room": room_for(meeting),
        "minutes_each": minutes_per_household(meeting),
        "is_settled": meeting.roster_settled_at is not None,
        "may_change": may_change,
        "may_add": may_change and is_opened and meeting.roster_settled_at is None,
        "has_list": meeting.prep_lists.exists(),
    }


def pulled_back(
    meeting: Meeting, names: Mapping[uuid.UUID, Label]
) -> list[tuple[NothingToDiscuss, Label]]:
    """Who was marked “nothing to discuss”, and is on the agenda again by somebody or a change."""
    rows = NothingToDiscuss.objects.back_on_agenda().filter(meeting=meeting)
    rows = rows.select_related("pulled_back_by", "pulled_back_agency")
    found = sorted(rows, key=pulled_back_at)
    return [(each, names[each.participant_id]) for each in found if each.participant_id in names]


def propose_page(meeting: Meeting, viewer: User, *, now: datetime) -> dict[str, object]:
    """What applying the criteria again would do, household by household; the look is recorded."""
    shown = proposed_again(meeting, now=now)
    names = labels([*shown.order, *shown.removed], viewer, now)
    audit.services.record(
        ROSTER_VIEWED,
        actor=viewer,
        about=meeting,
        detail=shown_to(names),
        now=now,
    )
    positions = dict(meeting.roster.values_list("participant", "position"))
    former = [positions[each.pk] for each in shown.order if each.pk in positions]
    return {
        "meeting": meeting,
        "seen": shown.seen,
        "is_open": meeting.roster_settled_at is None,
        "order": [
            (number, names[each.pk], positions.get(each.pk))
            for number, each in enumerate(shown.order, start=1)
        ],
        "added": [names[each.pk] for each in shown.added],
        "removed": [names[each.pk] for each in shown.removed],
        "is_moved": former != sorted(former),
    }


def entry_line(
    entry: RosterEntry,
    names: Mapping[uuid.UUID, Label],
    said: Mapping[uuid.UUID, list[str]],
    on: date,
) -> Line:
    person = entry.participant
    place = getattr(person, "place", None)
    label = names[person.pk]
    whys = whys_of(entry.reasons, label)
    if entry.added_because:
        whys.append(why(ADDED, f"Added: {entry.added_because}", label))
    whys += [why(Kind.NOMINATED, words, label) for words in said[person.pk]]
    return Line(
        person,
        label,
        whys,
        person.size_words,
        place.days(on) if place else None,
        entry=entry,
    )


def candidate_line(found: Candidate, names: Mapping[uuid.UUID, Label]) -> Line:
    person = found.participant
    return Line(
        person,
        names[person.pk],
        whys_of(found.reasons, names[person.pk]),
        person.size_words,
        found.days_on_list,
    )


def nomination_line(
    nomination: Nomination, names: Mapping[uuid.UUID, Label], found: Candidate | None
) -> Line:
    person = nomination.participant
    label = names[person.pk]
    said = f"{nomination.agency.name}: {label.clean(nomination.reason)}"
    return Line(
        person,
        label,
        [why(Kind.NOMINATED, said, label), *whys_of(found.reasons if found else [], label)],
        person.size_words,
        found.days_on_list if found else None,
        nomination=nomination,
    )


def nominate_page(
    meeting: Meeting,
    viewer: User,
    *,
    on_list: ParticipantQuerySet,
    text: str,
    chosen: Participant | None,
    now: datetime,
) -> dict[str, object]:
    """Return the context of the page on which an agency nominates; what it shows is recorded.

    `on_list`: the households that `viewer` may nominate; `chosen`: the one they chose, or None.
    """
    found = []
    if text.strip():
        found = list(search(on_list, text, viewer, now).order_by("alias")[:FOUND_TO_NOMINATE])
    place = StaffMember.objects.current().filter(user=viewer).select_related("agency").first()
    standing = Nomination.objects.filter(
        meeting=meeting, agency=place.agency_id if place else None, withdrawn_at__isnull=True
    ).select_related("participant", "by")
    listed = RosterEntry.objects.filter(
        meeting=meeting,
        participant=OuterRef("participant"),
        meeting__roster_settled_at__isnull=False,
    )
    standing = standing.annotate(is_listed=Exists(listed))
    own = list(standing.order_by("at"))
    people = [*found, *(each.participant for each in own), *filter(None, [chosen])]
    names = labels(people, viewer, now)
    if people:
        audit.services.record(
            SEARCHED,
            actor=viewer,
            about=meeting,
            detail=shown_to(names),
            now=now,
        )
    return {
        "meeting": meeting,
        "text": text,
        "found": [(each, names[each.pk]) for each in found],
        "chosen": chosen and names[chosen.pk],
        "own": [
            (
                each,
                names[each.participant_id],
                names[each.participant_id].clean(each.reason),
                names[each.participant_id].clean(each.answer),
            )
            for each in own
        ],
        "place": place,
    }


def words_on_guests(meeting: Meeting, participants: Collection[uuid.UUID]) -> str:
    """What becomes of the guests of households that were taken off the roster; empty: none."""
    number = CallGuest.objects.live().filter(meeting=meeting, participant__in=participants).count()
    if not number:
        return ""
    return (
        f"{plural(number, 'guest was', 'guests were')} invited to a review that is off the roster "
        "now. An email tells them that it will not take place."
    )
