"""A year of referrals: some that ended in a home, some declined, some that wait too long."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from agreements.models import StaffMember
from housing.models import Opening, Program, Referral, ReferralNote
from housing.referrals.catalog import reasons_of
from participants.models import ListPlace, Participant
from regions.clock import local_day
from regions.models import Continuum

State = Referral.State
WAY = (State.PROPOSED, State.ACCEPTED, State.ACKNOWLEDGED, State.ENROLLED, State.MOVED_IN)
HOUSED = 18  # of the past year, at most


@dataclass(frozen=True)
class Text:
    """One referral: the state it is in, since how many days, due in how many days from today."""

    state: State
    since: int
    due: int | None = None
    side: str = ""
    ruling: str = ""
    appeal: str = ""


TEXTS = (
    Text(State.PROPOSED, 2, 4),
    Text(State.PROPOSED, 11, -4),
    Text(State.ACCEPTED, 6, -2),
    Text(State.ACKNOWLEDGED, 5, 8),
    Text(State.ENROLLED, 12, 20),
    Text(State.PROGRAM_DECLINED, 1, None, "program"),
    Text(State.PROGRAM_DECLINED, 2, 1, "program", "agreed", "open"),
    Text(State.HOUSEHOLD_DECLINED, 9, None, "household"),
    Text(State.WITHDRAWN, 20),
    Text(State.EXPIRED, 25),
)


def make_referrals(continuum: Continuum, *, random: Random, now: datetime) -> None:
    """Referrals of some active households, and of some who were housed in the last year."""
    programs = list(
        Program.objects.filter(continuum=continuum, is_confidential=False).order_by("name")
    )
    people = Participant.objects.filter(continuum=continuum, is_confidential=False)
    people = people.select_related("place", "agency").order_by("alias")
    waiting = people.filter(place__status=ListPlace.Status.ACTIVE)
    for number, (text, person) in enumerate(zip(TEXTS, waiting[4::3], strict=False)):
        at = now - timedelta(days=text.since)
        make(text, person, programs[number % len(programs)], continuum, random, at)
    year = local_day(now, continuum.zone) - timedelta(days=365)
    housed = people.filter(place__status=ListPlace.Status.HOUSED, place__status_on__gte=year)
    for number, person in enumerate(housed[:HOUSED]):
        days = (local_day(now, continuum.zone) - person.place.status_on).days
        text = Text(State.MOVED_IN, days)
        at = now - timedelta(days=days)
        make(text, person, programs[number % len(programs)], continuum, random, at)


def make(
    text: Text,
    person: Participant,
    program: Program,
    continuum: Continuum,
    random: Random,
    at: datetime,
) -> None:
    place = StaffMember.objects.current().filter(agency=person.agency).first()
    theirs = StaffMember.objects.current().filter(agency=program.agency).first()
    county = program.counties.first()
    if place is None or theirs is None or county is None:
        return
    on = local_day(at, continuum.zone)
    is_in = text.state == State.MOVED_IN
    opening = Opening.objects.create(
        program=program,
        county=county,
        units=1,
        filled=int(is_in),
        settled_on=on if is_in else None,
        bedrooms=random.choice((1, 2, 2, 3)),
        free_from=on - timedelta(days=10),
        fill_by=on + timedelta(days=30),
        entered_by=theirs.user,
        entered_at=at - timedelta(days=40),
        changed_at=at,
    )
    reasons = reasons_of(continuum, text.side) if text.side else []
    reason = random.choice(reasons) if reasons else None
    came = WAY[: WAY.index(text.state) + 1] if text.state in WAY else (State.PROPOSED, text.state)
    starts = at - timedelta(days=5 * (len(came) - 1))
    referral = Referral.objects.create(
        continuum=continuum,
        opening=opening,
        participant=person,
        follow_up_person=place,
        state=text.state,
        since=at,
        due_on=None if text.due is None else on + timedelta(days=text.since + text.due),
        reason=reason,
        ruling=text.ruling,
        appeal=text.appeal,
        proposed_by=place.user,
        proposed_at=starts,
        moved_in_on=on if is_in else None,
    )
    for number, state in enumerate(came):
        is_last = state == text.state
        ReferralNote(
            referral=referral,
            what=str(state.label),
            reason=reason if is_last else None,
            by=theirs.user if number > 1 else place.user,
            at=starts + timedelta(days=5 * number),
        ).save()
