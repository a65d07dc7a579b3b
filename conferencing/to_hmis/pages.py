"""What goes to HMIS, as pages show it: each row in words, by the rules for who is looking."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.paginator import Page, Paginator

import audit.services
from accounts.models import User
from agreements.models import Agency, StaffMember
from audit.models import JSON
from conferencing.models import Meeting, Review
from participants.disclosures import shown_to
from participants.models import Contact, HmisUser, LivingSituation, Participant
from participants.naming import Label, labels
from regions.clock import local_day
from regions.models import Continuum, Membership

from .acts import VIEWED, Taking
from .facts import Fact, Kind, Scope, Source
from .gathering import gather
from .rows import (
    BACK,
    DECIDE,
    OTHER_HEAD,
    OUT,
    READY,
    Codes,
    Progress,
    Standing,
    codes_of,
    is_changed,
    may_be_keyed,
    progress_of,
    standing_of,
    words_of,
)

PER_PAGE = 50
RECENT_CALLS = 24
GROUPS = {READY: "Ready", DECIDE: "To decide", OUT: "Left out", BACK: "Taken back"}
ELEMENTS = {
    Kind.EVENT: "Event (4.20)",
    Kind.SITUATION: "Current living situation (4.12)",
    Kind.ASSESSMENT: "Assessment (4.19)",
}
NO_CODE = "Not decided"


@dataclass(frozen=True)
class Line:
    """One fact on a page: whose, what HMIS will read, where it comes from, how far it came."""

    fact: Fact
    label: Label
    standing: Standing
    progress: Progress

    @property
    def element(self) -> str:
        return ELEMENTS[Kind(self.fact.kind)]

    @property
    def says(self) -> str:
        """What HMIS reads of it."""
        given: Codes = self.fact.entry.given if self.fact.entry else {}
        codes = given if self.fact.is_gone else codes_of(self.fact)
        return words_of(self.fact.kind, codes) if codes else NO_CODE

    @property
    def theirs(self) -> str:
        """What HMIS says instead."""
        found = self.progress.theirs
        return words_of(self.fact.kind, found) if found else ""

    @property
    def source(self) -> str:
        return source_words(self.fact, self.label)

    @property
    def may_answer(self) -> bool:
        """Whether a person may say more of it than the file does."""
        fact = self.fact
        is_open = self.standing.group in (READY, DECIDE) and not fact.is_gone
        return is_open and fact.source != Source.NAVIGATOR

    @property
    def may_leave_out(self) -> bool:
        return self.standing.group in (READY, DECIDE) or self.may_take_back

    @property
    def may_take_back(self) -> bool:
        """Whether HMIS may hold it under somebody who did not head the household that day."""
        entry = self.fact.entry
        is_there = bool(entry and entry.given_at and not entry.is_left_out)
        return is_there and self.standing == Standing(OUT, OTHER_HEAD)

    @property
    def may_put_back(self) -> bool:
        return bool(self.fact.entry and self.fact.entry.is_left_out)


def source_words(fact: Fact, label: Label) -> str:
    """Where the fact stands on file, in words that this viewer may read."""
    match fact.source:
        case Source.REFERRAL:
            words = label.clean(fact.words) if fact.words else ""
            return f"Referral made on the call{f': {words}' if words else ''}"
        case Source.NAVIGATOR:
            return f"Navigator named on the call{f': {fact.navigator}' if fact.navigator else ''}"
        case Source.ADDED:
            return "Added from the call"
        case Source.ASSESSED:
            return "CE assessment recorded here"
        case _:
            heard = Contact.Kind(fact.heard).label if fact.heard else ""
            stay = LivingSituation.Kind(fact.stay).label if fact.stay else ""
            return "; ".join(filter(None, (heard, stay))) or "Recorded here"


def lines_of(facts: Sequence[Fact], viewer: User, *, now: datetime) -> list[Line]:
    names = labels([each.person for each in facts], viewer, now)
    found = []
    for fact in facts:
        standing = standing_of(fact)
        found.append(Line(fact, names[fact.person.pk], standing, progress_of(fact, standing)))
    return found


def record_look(
    lines: Iterable[Line], continuum: Continuum, viewer: User, *, page: str, now: datetime
) -> None:
    """Write into the audit whose rows a page showed."""
    names = {each.fact.person.pk: each.label for each in lines}
    record_look_at(names, continuum, viewer, page=page, now=now)


def record_look_at(
    names: Mapping[UUID, Label], continuum: Continuum, viewer: User, *, page: str, now: datetime
) -> None:
    if names:
        detail: dict[str, JSON] = {**shown_to(names, with_hmis_ids=True), "page": page}
        audit.services.record(
            VIEWED, actor=viewer, continuum_id=continuum.pk, detail=detail, now=now
        )


def closed_calls(continuum: Continuum) -> list[Meeting]:
    """The last calls, newest first, to choose one of."""
    calls = Meeting.objects.filter(continuum=continuum, state=Meeting.State.CLOSED)
    return list(calls.select_related("continuum", "region").order_by("-starts_at")[:RECENT_CALLS])


def to_hmis_page(
    scope: Scope, viewer: User, *, group: str, page: str | None, now: datetime
) -> dict[str, object]:
    """The rows of a scope in one of the groups, and how many are in each."""
    facts = gather(scope, viewer, now)
    standings = [(fact, standing_of(fact).group) for fact in facts]
    counts = Counter(name for _fact, name in standings)
    if group not in GROUPS:
        group = next((name for name in (READY, DECIDE, OUT) if counts[name]), READY)
    chosen = [fact for fact, name in standings if name == group]
    shown: Page[Fact] = Paginator(chosen, PER_PAGE).get_page(page)
    lines = lines_of(list(shown), viewer, now=now)
    record_look(lines, scope.continuum, viewer, page="to_hmis", now=now)
    return {
        "lines": lines,
        "page": shown,
        "group": group,
        "tabs": [
            {"key": name, "label": words, "count": counts[name], "is_current": name == group}
            for name, words in GROUPS.items()
            if counts[name] or name in (READY, DECIDE, OUT)
        ],
        "total": len(facts),
        "may_take_now": bool(counts[READY] + counts[BACK]),
        "has_user": HmisUser.objects.filter(continuum=scope.continuum).exists(),
    }


def take_page(scope: Scope, viewer: User, *, now: datetime) -> dict[str, object]:
    """What a file would hold now, in numbers."""
    taking = Taking.of(gather(scope, viewer, now))
    counts = taking.counts
    return {
        "seen": taking.seen,
        "households": len(taking.people),
        "counts": [(words, counts[str(kind)]) for kind, words in ELEMENTS.items()],
        "taken_back": len(taking.back),
        "count": len(taking.ready) + len(taking.back),
    }


# The list to key


@dataclass(frozen=True)
class ToKey:
    """A line of the keying list; `is_done`: ticked, or taken out of HMIS again."""

    line: Line
    is_done: bool

    @property
    def project(self) -> str:
        return self.line.fact.project.name if self.line.fact.project else ""


def is_to_key(fact: Fact) -> bool:
    """Whether it is to be keyed, or was; what went in a file is not keyed besides."""
    entry = fact.entry
    if entry and entry.given_at:
        return False
    if entry and entry.keyed_at:
        is_done_or_goes = fact.is_gone or not is_changed(fact) or may_be_keyed(fact)
        return not fact.person.is_confidential and is_done_or_goes
    return standing_of(fact).group == READY


def keying_page(
    scope: Scope, viewer: User, *, agency: Agency | None, page: str | None, now: datetime
) -> dict[str, object]:
    """What the staff of an agency key into HMIS; of all agencies without one."""
    facts = [
        each
        for each in gather(scope, viewer, now)
        if (agency is None or each.person.agency_id == agency.pk) and is_to_key(each)
    ]
    facts.sort(key=lambda each: (each.person.agency.name, is_done(each), each.on))
    shown: Page[Fact] = Paginator(facts, PER_PAGE).get_page(page)
    lines = lines_of(list(shown), viewer, now=now)
    record_look(lines, scope.continuum, viewer, page="to_hmis_keying", now=now)
    done = sum(is_done(each) for each in facts)
    return {
        "rows": [ToKey(each, is_done(each.fact)) for each in lines],
        "page": shown,
        "done": done,
        "waiting": len(facts) - done,
        "agency": agency,
    }


def is_done(fact: Fact) -> bool:
    entry = fact.entry
    if entry is None or entry.keyed_at is None:
        return False
    return entry.removed_at is not None if fact.is_gone else not is_changed(fact)


def agency_of(viewer: User) -> Agency | None:
    """The agency whose list the viewer keys; None for a CE Specialist, who keys all."""
    if viewer.membership.is_specialist:
        return None
    place = StaffMember.objects.current().filter(user=viewer).select_related("agency").first()
    return place.agency if place else None


# One call, and one's people


def discussed(
    meeting: Meeting, viewer: User, *, now: datetime
) -> list[tuple[Review, Participant, Label]]:
    """Of whom the call spoke, as far as the viewer may know; recorded as a look.

    Nothing of a victim service provider's households goes to HMIS.
    """
    reviews = list(meeting.reviews.told().with_household())
    on = local_day(now, meeting.continuum.zone)
    visible = Participant.objects.visible_to(viewer, on).filter(
        is_confidential=False, deidentified_at__isnull=True
    )
    people = visible.filter(pk__in={each.household for each in reviews}).in_bulk()
    names = labels(people.values(), viewer, now)
    found = [
        (each, people[each.household], names[each.household])
        for each in reviews
        if each.household in people
    ]
    record_look_at(names, meeting.continuum, viewer, page="to_hmis_add", now=now)
    return sorted(found, key=lambda each: each[2].text.casefold())


def people_of(continuum: Continuum) -> list[tuple[User, str]]:
    """Everybody who records something here, with their agency, by name."""
    members = Membership.objects.filter(
        continuum=continuum, user__is_active=True, is_guest=False
    ).select_related("user")
    places = StaffMember.objects.current().filter(agency__continuum=continuum)
    agencies = dict(places.values_list("user", "agency__name"))
    victims = set(
        places.filter(agency__is_victim_service_provider=True).values_list("user", flat=True)
    )
    found = [
        (each.user, f"{each.user.name}, {agencies[each.user_id]}")
        if each.user_id in agencies
        else (each.user, each.user.name)
        for each in members
        if each.user_id not in victims
    ]
    return sorted(found, key=lambda each: each[1].casefold())
