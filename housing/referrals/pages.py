"""What the pages of referrals show, by the rules for who is looking."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict

import audit.actions
import audit.services
from accounts.models import User
from agreements.models import StaffMember
from housing.models import Referral, ReferralNote, ReferralQuerySet
from participants.disclosures import shown_to
from participants.models import Participant
from participants.naming import Label, labels
from regions.clock import local_day
from regions.models import Continuum

LISTED = audit.actions.register("referral.listed", "Looked at referrals")
State = Referral.State
ACTS_FOR_HOUSEHOLD = "housing.answer_for_household"
ACTS_FOR_PROGRAM = "housing.answer_for_program"
RULES = "housing.rule_on_referral"
# While it is in these the program is to answer.
BY_PROGRAM = (State.ACCEPTED, State.ACKNOWLEDGED, State.ENROLLED)
WAITS_FOR = {
    State.PROPOSED: "The household’s answer",
    State.ACCEPTED: "The program acknowledges it",
    State.ACKNOWLEDGED: "The program decides",
    State.ENROLLED: "The day they move in",
}
TONES = {
    State.MOVED_IN: "good",
    State.HOUSEHOLD_DECLINED: "neutral",
    State.PROGRAM_DECLINED: "warn",
    State.WITHDRAWN: "neutral",
    State.EXPIRED: "neutral",
}


@dataclass(frozen=True)
class ReferralRow:
    """A referral as this viewer may read it, on a day."""

    referral: Referral
    label: Label
    days: int
    is_overdue: bool
    waits_for: str

    @property
    def tone(self) -> str:
        return "bad" if self.is_overdue else TONES.get(State(self.referral.state), "info")


def with_opening(rows: ReferralQuerySet) -> ReferralQuerySet:
    """Of one household whose record is at hand: with what a line says of the opening."""
    return rows.select_related("opening__program", "participant__continuum")


def with_all(rows: ReferralQuerySet) -> ReferralQuerySet:
    """With what a line says of each."""
    return rows.select_related(
        "opening__program__agency",
        "opening__county",
        "participant__continuum",
        "participant__agency",
        "follow_up_person__user",
        "follow_up_person__agency",
        "reason",
    )


def referral_rows(rows: Iterable[Referral], viewer: User, *, now: datetime) -> list[ReferralRow]:
    """Late ones first; the look is for the page to record."""
    rows = list(rows)
    names = labels([each.participant for each in rows], viewer, now)
    found = [row_of(each, names[each.participant_id], now) for each in rows]
    return sorted(found, key=lambda row: (not row.is_overdue, -row.days if row.waits_for else 0))


def row_of(referral: Referral, label: Label, now: datetime) -> ReferralRow:
    zone = referral.participant.continuum.zone
    on = local_day(now, zone)
    return ReferralRow(
        referral,
        label,
        (on - local_day(referral.since, zone)).days,
        referral.is_overdue(on),
        waiting(referral),
    )


def waiting(referral: Referral) -> str:
    """What comes next, in words; empty where nothing does."""
    if referral.state == State.PROGRAM_DECLINED:
        if referral.appeal == Referral.Appeal.OPEN:
            return "The appeal is decided"
        return "" if referral.ruling == Referral.Ruling.AGREED else "The CE Specialist looks at it"
    return WAITS_FOR.get(State(referral.state), "")


def record_look(rows: Sequence[ReferralRow], viewer: User, *, now: datetime) -> None:
    """Write into the audit whose referrals a page showed."""
    if rows:
        audit.services.record(
            LISTED,
            actor=viewer,
            continuum_id=viewer.membership.continuum_id,
            detail=shown_to({row.referral.participant_id: row.label for row in rows}),
            now=now,
        )


@dataclass(frozen=True)
class NoteLine:
    """A line of a referral's story, as this reader may read it."""

    note: ReferralNote
    words: str


class ReferralPage(TypedDict):
    row: ReferralRow
    referral: Referral
    shown_as: Label
    participant: Participant
    notes: list[NoteLine]
    sees_household: bool
    may_answer: bool
    may_decide: bool
    may_rule: bool
    may_appeal: bool
    may_decide_appeal: bool
    is_off_list: bool


def referral_page(referral: Referral, viewer: User, *, now: datetime) -> ReferralPage:
    """One referral: its story, and what this person may do about it now; the look is recorded."""
    row = referral_rows([referral], viewer, now=now)[0]
    record_look([row], viewer, now=now)
    on = local_day(now, referral.participant.continuum.zone)
    is_declined = referral.state == State.PROGRAM_DECLINED
    is_agreed = is_declined and referral.ruling == Referral.Ruling.AGREED
    answers = viewer.has_perm(ACTS_FOR_HOUSEHOLD, referral)
    rules = viewer.has_perm(RULES, referral)
    in_time = referral.due_on is None or referral.due_on >= on
    notes = referral.notes.select_related("by", "reason")
    visible = Participant.objects.visible_to(viewer, on).filter(pk=referral.participant_id)
    return {
        "row": row,
        "referral": referral,
        "shown_as": row.label,
        "participant": referral.participant,
        "notes": [NoteLine(each, row.label.clean(each.words)) for each in notes],
        "sees_household": visible.exists(),
        "may_answer": referral.is_under_way and answers,
        "may_decide": referral.state in Referral.HOLDING
        and viewer.has_perm(ACTS_FOR_PROGRAM, referral),
        "may_rule": is_declined and not is_agreed and rules,
        "may_appeal": is_agreed and not referral.appeal and in_time and answers,
        "may_decide_appeal": referral.appeal == Referral.Appeal.OPEN and rules,
        "is_off_list": referral.is_under_way
        and not Participant.objects.on_the_list().filter(pk=referral.participant_id).exists(),
    }


def overdue_for(
    place: StaffMember | None, continuum: Continuum, on: date
) -> tuple[list[Referral], list[Referral]]:
    """`(mine, my agency's)` overdue; of a CE Specialist (`place` None) those overdue for days.

    The person that is asked is who follows up while the household answers, and the program's
    agency while the program does.
    """
    rows = with_all(Referral.objects.overdue(on).filter(continuum=continuum))
    if place is None:
        late = [each for each in rows if each.due_on and (on - each.due_on).days > LEAD_ASKED]
        return [], late
    mine, ours = [], []
    for each in rows:
        if each.state in BY_PROGRAM:
            is_ours = each.opening.program.agency_id == place.agency_id
        else:
            is_ours = each.follow_up_person.agency_id == place.agency_id
        if each.follow_up_person_id == place.pk:
            mine.append(each)
        elif is_ours and (place.is_lead or each.state in BY_PROGRAM):
            ours.append(each)
    return mine, ours


def to_look_at(continuum: Continuum) -> list[Referral]:
    """Programs' declines that the CE Specialist has not looked at, and appeals that are open."""
    declined = Referral.objects.filter(continuum=continuum, state=State.PROGRAM_DECLINED)
    return list(declined.exclude(ruling="agreed", appeal__in=["", "won", "lost"]))


# After so many days past due the CE Specialist is asked, too.
LEAD_ASKED = 2


def people_to_follow_up(participant: Participant, user: User) -> StaffMember | None:
    """Who follows up unless somebody else is chosen: the navigator, else whoever refers."""
    places = StaffMember.objects.current()
    navigator = places.filter(navigated=participant).first()
    own = places.filter(user=user).first()
    keeping = places.filter(agency=participant.agency_id).order_by("-is_lead").first()
    return navigator or own or keeping
