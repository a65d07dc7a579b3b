"""What becomes of a referral: each act locks the opening, then the referral, and leaves a line."""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

import audit.actions
import audit.services
from accounts.models import User
from agreements.models import StaffMember
from housing.models import DeclineReason, Opening, Referral, ReferralNote
from participants.models import ListPlace, Participant, PlaceChange
from participants.own_words import note_typed
from participants.services.places import change_place
from regions.clock import local_day
from regions.holidays import offices_of
from regions.words import day_words

from .catalog import rule_of

State, Ruling, Appeal = Referral.State, Referral.Ruling, Referral.Appeal
Side = DeclineReason.Side

PROPOSED = audit.actions.register("referral.proposed", "Referred a household to an opening")
CHANGED = audit.actions.register("referral.changed", "Recorded where a referral stands")

NOT_NOW = "This referral is “{}” by now. Look at it as it is, then decide."
GONE = "This opening takes no referral now: it is {}."
NO_UNIT = "No unit is left. The last one went to another household on {}, by {}."
NO_UNIT_LEFT = "No unit is left."
OFF_LIST = "The household is not on the by-name list now."
# What each state waits for, by the name of its number of days in the continuum's rule.
WAITS = {
    State.PROPOSED: "household_days",
    State.ACCEPTED: "acknowledge_days",
    State.ACKNOWLEDGED: "decide_days",
    State.ENROLLED: "move_in_days",
    State.PROGRAM_DECLINED: "appeal_days",
}
After = Callable[[Referral, User, datetime], None]
_after_move_in: list[After] = []


def after_move_in(act: After) -> None:
    """Add what an upper room does once a household moved in."""
    _after_move_in.append(act)


@transaction.atomic
def propose(
    opening: Opening,
    participant: Participant,
    *,
    follow_up: StaffMember,
    actor: User,
    now: datetime,
    review: UUID | None = None,
) -> Referral:
    """Refer a household to an opening; pressed twice it is referred once.

    Refused where nothing is left of the opening, and it says who has it and since when.
    """
    opening = locked_opening(opening)
    participant = Participant.objects.select_for_update().get(pk=participant.pk)
    former = opening.referrals.under_way().filter(participant=participant).first()
    if former:
        return former
    place = ListPlace.objects.filter(participant=participant).first()
    if participant.deidentified_at or place is None or not place.is_active:
        raise ValidationError(OFF_LIST)
    refuse_without_room(opening, now)
    referral = Referral(
        continuum_id=participant.continuum_id,
        opening=opening,
        participant=participant,
        review=review,
        follow_up_person=follow_up,
        since=now,
        proposed_by=actor,
        proposed_at=now,
    )
    referral.due_on = due_after(referral, State.PROPOSED, now)
    referral.full_clean()
    referral.save(force_insert=True)
    tell(referral, State.PROPOSED.label, actor, now)
    audit.services.record(PROPOSED, actor=actor, about=referral, now=now)
    return referral


@transaction.atomic
def accept(referral: Referral, *, actor: User, now: datetime, words: str = "") -> None:
    """The household says yes: from now on the referral holds a unit."""
    referral = locked(referral, State.PROPOSED)
    refuse_without_room(referral.opening, now)
    move(referral, State.ACCEPTED, actor, now, words)


@transaction.atomic
def acknowledge(referral: Referral, *, actor: User, now: datetime, words: str = "") -> None:
    """The program has seen it, and works on it."""
    move(locked(referral, State.ACCEPTED), State.ACKNOWLEDGED, actor, now, words)


@transaction.atomic
def enroll(referral: Referral, *, actor: User, now: datetime, words: str = "") -> None:
    """The program takes the household."""
    move(locked(referral, State.ACKNOWLEDGED), State.ENROLLED, actor, now, words)


@transaction.atomic
def move_in(
    referral: Referral, *, happened_on: date, actor: User, now: datetime, words: str = ""
) -> None:
    """The household moved in: it is housed on the list, and its other referrals end."""
    referral = locked(referral, State.ENROLLED)
    opening = referral.opening
    referral.moved_in_on = happened_on
    move(referral, State.MOVED_IN, actor, now, words)
    opening.filled += 1
    if not opening.left:
        opening.settled_on = happened_on
    opening.changed_at = now
    opening.save()
    others = Referral.objects.under_way().filter(participant=referral.participant_id)
    for other in others.select_related("opening__program__continuum"):
        move(other, State.WITHDRAWN, actor, now, "", what="Withdrawn: housed elsewhere")
    place = ListPlace.objects.filter(participant=referral.participant_id).first()
    if place and place.is_active:
        change_place(
            referral.participant,
            flow=PlaceChange.Flow.HOUSED,
            happened_on=happened_on,
            reason=f"Moved in: {opening.program}",
            actor=actor,
            now=now,
        )
    for act in _after_move_in:
        act(referral, actor, now)


@transaction.atomic
def decline(
    referral: Referral,
    *,
    by_program: bool,
    reason: DeclineReason,
    actor: User,
    now: datetime,
    words: str = "",
) -> None:
    """The household, or the program, says no, with a reason from the catalog.

    A program's decline waits for the CE Specialist. A decline changes nothing about the
    household's place or its order.
    """
    states: tuple[str, ...] = (State.ACCEPTED, State.ACKNOWLEDGED, State.ENROLLED)
    if not by_program:
        states = (State.PROPOSED, *states)
    referral = locked(referral, *states)
    sides = (Side.PROGRAM if by_program else Side.HOUSEHOLD, Side.NEITHER)
    if reason.continuum_id != referral.continuum_id or reason.side not in sides:
        raise ValidationError({"reason": "Choose one of the list."})
    referral.reason, referral.ruling = reason, Ruling.NONE
    state = State.PROGRAM_DECLINED if by_program else State.HOUSEHOLD_DECLINED
    move(referral, state, actor, now, words, reason=reason)


@transaction.atomic
def rule(referral: Referral, *, ruling: str, actor: User, now: datetime, words: str = "") -> None:
    """The CE Specialist agrees to a program's decline, sends it back once, or overrides it."""
    referral = locked(referral, State.PROGRAM_DECLINED)
    if referral.ruling == Ruling.AGREED:
        raise ValidationError(NOT_NOW.format("agreed to"))
    if ruling == Ruling.AGREED:
        referral.ruling = ruling
        referral.due_on = due_after(referral, State.PROGRAM_DECLINED, now)
        save(referral, actor, now, words, what="Decline agreed to")
        return
    if not words:
        raise ValidationError({"words": "Say why; the program reads it."})
    if ruling == Ruling.SENT_BACK and referral.was_sent_back:
        raise ValidationError("It was sent back once already. Agree to the decline or override it.")
    refuse_without_room(referral.opening, now)
    what = "Decline sent back" if ruling == Ruling.SENT_BACK else "Decline overridden"
    referral.was_sent_back = referral.was_sent_back or ruling == Ruling.SENT_BACK
    referral.ruling, referral.reason = Ruling(ruling), None
    move(referral, State.ACKNOWLEDGED, actor, now, words, what=what)


@transaction.atomic
def appeal(referral: Referral, *, actor: User, now: datetime, words: str) -> None:
    """The household's side asks that a decline be looked at again, within the agreed days."""
    referral = locked(referral, State.PROGRAM_DECLINED)
    if referral.ruling != Ruling.AGREED or referral.appeal:
        raise ValidationError("An appeal is made once, after the CE Specialist agreed.")
    if referral.due_on and referral.due_on < today(referral, now):
        raise ValidationError(f"The days to appeal ended on {day_words(referral.due_on)}.")
    if not words:
        raise ValidationError({"words": "Say why the decline should be looked at again."})
    referral.appeal = Appeal.OPEN
    save(referral, actor, now, words, what="Appealed")


@transaction.atomic
def decide_appeal(
    referral: Referral, *, is_won: bool, actor: User, now: datetime, words: str = ""
) -> None:
    """Won: the household goes first for the next opening that fits."""
    referral = locked(referral, State.PROGRAM_DECLINED)
    if referral.appeal != Appeal.OPEN:
        raise ValidationError(NOT_NOW.format(referral.get_appeal_display()))
    referral.appeal = Appeal.WON if is_won else Appeal.LOST
    save(referral, actor, now, words, what="Appeal won" if is_won else "Appeal lost")


@transaction.atomic
def withdraw(referral: Referral, *, actor: User, now: datetime, words: str = "") -> None:
    """Take a referral back: the unit it held is free again."""
    move(locked(referral, *Referral.UNDER_WAY), State.WITHDRAWN, actor, now, words)


@transaction.atomic
def expire(referral: Referral, *, actor: User, now: datetime, words: str = "") -> None:
    """End a referral whose days are over without an answer."""
    referral = locked(referral, *Referral.UNDER_WAY)
    if not referral.is_overdue(today(referral, now)):
        raise ValidationError("Its days are not over yet.")
    move(referral, State.EXPIRED, actor, now, words)


def locked_opening(opening: Opening) -> Opening:
    rows = Opening.objects.select_for_update(of=("self",))
    return rows.select_related("program__continuum", "program__agency").get(pk=opening.pk)


def locked(referral: Referral, *states: str) -> Referral:
    """The referral as it is now, after its opening; refused when it is in none of the states."""
    opening = locked_opening(referral.opening)
    rows = Referral.objects.select_for_update(of=("self",)).select_related("participant__continuum")
    found = rows.get(pk=referral.pk)
    found.opening = opening
    if found.state not in states:
        raise ValidationError(NOT_NOW.format(found.get_state_display()), code="stale")
    return found


def refuse_without_room(opening: Opening, now: datetime) -> None:
    """Refuse for an opening of which nothing is left, and say who has it."""
    on = local_day(now, opening.program.continuum.zone)
    if opening.program.closed_on:
        raise ValidationError(GONE.format("closed"))
    state = opening.state(on)
    if state in (Opening.State.WITHDRAWN, Opening.State.HELD):
        raise ValidationError(GONE.format(str(state.label).lower()))
    holding = opening.referrals.holding().order_by("-since")
    if opening.filled + holding.count() < opening.units:
        return
    last = holding.first()
    if last is None:
        raise ValidationError(NO_UNIT_LEFT)
    note = last.notes.filter(by__isnull=False).select_related("by").order_by("-at").first()
    who = note.by.name if note and note.by else "somebody"
    zone = opening.program.continuum.zone
    raise ValidationError(NO_UNIT.format(day_words(local_day(last.since, zone)), who))


def move(
    referral: Referral,
    state: Referral.State,
    actor: User,
    now: datetime,
    words: str,
    *,
    what: str = "",
    reason: DeclineReason | None = None,
) -> None:
    referral.state, referral.since = state, now
    referral.due_on = due_after(referral, state, now)
    save(referral, actor, now, words, what=what or str(state.label), reason=reason)


def save(
    referral: Referral,
    actor: User,
    now: datetime,
    words: str,
    *,
    what: str,
    reason: DeclineReason | None = None,
) -> None:
    referral.full_clean()
    referral.save()
    tell(referral, what, actor, now, words, reason)
    audit.services.record(CHANGED, actor=actor, about=referral, detail={"what": what}, now=now)


def tell(
    referral: Referral,
    what: str,
    actor: User,
    now: datetime,
    words: str = "",
    reason: DeclineReason | None = None,
) -> None:
    note = ReferralNote(referral=referral, what=what, words=words, reason=reason, by=actor, at=now)
    note.full_clean()
    note_typed(note, "words", actor=actor)
    note.save(force_insert=True)


def due_after(referral: Referral, state: str, now: datetime) -> date | None:
    """By when what comes after a state is to be done, in the continuum's working days."""
    name = WAITS.get(State(state))
    if name is None:
        return None
    continuum = referral.participant.continuum
    on, offices = local_day(now, continuum.zone), offices_of(continuum.closed_days)
    for _day in range(getattr(rule_of(continuum), name)):
        on = offices.working_day_after(on)
    return on


def today(referral: Referral, now: datetime) -> date:
    return local_day(now, referral.participant.continuum.zone)
