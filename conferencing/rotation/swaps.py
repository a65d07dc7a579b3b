"""Whoever cannot come finds a replacement; who accepts has the role and its rights at once.

Source: River Valleys, “Roles”: whoever cannot serve finds a replacement and informs the CE
Specialist. Here the system does the informing.
"""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

import audit.services
from accounts.models import User
from agreements.models import Agency, StaffMember
from agreements.standing import person_standing
from audit import actions
from conferencing.models import MeetingRole, RoleSwap
from participants.own_words import note_typed
from regions.clock import local_day

from .mail import tell_swap_answered, tell_swap_asked
from .roles import (
    CHANGED_MEANWHILE,
    agencies_in_turn,
    change_role,
    lock_meeting,
    name_person,
    people_for,
)

PROPOSED = actions.register("swap.proposed", "Asked someone to fill in at a call")
ACCEPTED = actions.register("swap.accepted", "Took over a role at a call")
DECLINED = actions.register("swap.declined", "Declined to fill in at a call")
WITHDRAWN = actions.register("swap.withdrawn", "Withdrew a request to fill in at a call")
Answer = RoleSwap.Answer


def people_to_ask(
    role: MeetingRole, asker: User, on: date
) -> list[tuple[Agency, list[StaffMember]]]:
    """Who can take the role over: `[(agency, [StaffMember, …]), …]`, the own agency first.

    Own people in standing without `asker` (a user) and the one named; then those of the other
    agencies of the region's circle that do not hold the other role at this call. Two queries.
    """
    meeting = role.meeting
    others = meeting.roles.exclude(pk=role.pk).values("agency")
    circle = agencies_in_turn(meeting.continuum_id, meeting.region, on)
    agencies = Agency.objects.filter(pk__in=circle.values("pk")).exclude(pk__in=others)
    people = (
        StaffMember.objects.in_good_standing(on)
        .filter(agency__in=agencies.values("pk"))
        .exclude(agency=role.agency_id)
        .select_related("user", "agency")
        .order_by("agency__name", "user__name")
    )
    groups: dict[Agency, list[StaffMember]] = {}
    own = people_for(role.agency, on).exclude(user=asker)
    if role.person_id is not None:
        own = own.exclude(pk=role.person_id)
    for person in [*own, *people]:
        groups.setdefault(person.agency, []).append(person)
    return list(groups.items())


@transaction.atomic
def propose_swap(
    role: MeetingRole, *, to: StaffMember, words: str = "", actor: User, now: datetime
) -> RoleSwap:
    """Ask somebody to take the role over; until they accept it stays where it is.

    `to` is one of `people_to_ask`, `words` a line for them alone. Raises ValidationError when
    the role is not the actor's to hand on any more, somebody is asked already, the person cannot
    take it over today, or the call is over or canceled.
    """
    meeting = lock_meeting(role.meeting, now)
    rows = MeetingRole.objects.select_related("person__user", "agency")
    found = rows.filter(pk=role.pk).first()
    proposer = StaffMember.objects.current().filter(user=actor).select_related("user").first()
    if found is None or proposer is None or not is_handed_on_by(proposer, found):
        raise ValidationError(CHANGED_MEANWHILE)
    role = found
    role.meeting = meeting
    asked = role.swaps.filter(answer=Answer.WAITING).select_related("to__user").first()
    if asked is not None:
        raise ValidationError(f"{asked.to.user.name} is asked already. Take that back first.")
    on = local_day(now, meeting.continuum.zone)
    if not any(to in people for _agency, people in people_to_ask(role, actor, on)):
        raise ValidationError(
            {"to": f"{to.user.name} cannot take this role over. Ask somebody else."}
        )
    swap = RoleSwap(
        role=role, proposed_by=proposer, proposed_at=now, to=to, words=words.strip() or None
    )
    swap.full_clean()
    note_typed(swap, "words", actor=actor)
    swap.save()
    tell_swap_asked(swap, now=now)
    _record(PROPOSED, swap, actor=actor, now=now)
    return swap


@transaction.atomic
def accept_swap(swap: RoleSwap, *, actor: User, now: datetime) -> RoleSwap:
    """Take the role over: its rights move from the one named before to `actor` at once.

    Whose turn it was stays as recorded. Accepted already: nothing happens. Raises
    ValidationError when the actor is not in standing, when the role was changed or the question
    taken back meanwhile, and when the call is over or canceled.
    """
    meeting = lock_meeting(swap.role.meeting, now)
    swap = _locked(swap)
    if swap.answer == Answer.ACCEPTED:
        return swap
    _refuse_settled(swap)
    role = swap.role
    if not is_handed_on_by(swap.proposed_by, role):
        raise ValidationError(CHANGED_MEANWHILE)
    reasons = person_standing(swap.to.user, local_day(now, meeting.continuum.zone)).reasons
    if reasons:
        raise ValidationError(
            ["Your paperwork is not current, so you can’t take the role over.", *reasons]
        )
    _settle(swap, Answer.ACCEPTED, now)
    if swap.to.agency_id == role.agency_id:
        name_person(role, person=swap.to, actor=actor, now=now)
    else:
        change_role(meeting, role.role, agency=swap.to.agency, person=swap.to, actor=actor, now=now)
    tell_swap_answered(swap, now=now)
    _record(ACCEPTED, swap, actor=actor, now=now)
    return swap


@transaction.atomic
def decline_swap(swap: RoleSwap, *, actor: User, now: datetime) -> RoleSwap:
    """Say no; the role stays where it is. ValidationError when it was settled otherwise."""
    swap = _locked(swap)
    if swap.answer == Answer.DECLINED:
        return swap
    _refuse_settled(swap)
    _settle(swap, Answer.DECLINED, now)
    tell_swap_answered(swap, now=now)
    _record(DECLINED, swap, actor=actor, now=now)
    return swap


@transaction.atomic
def withdraw_swap(swap: RoleSwap, *, actor: User, now: datetime) -> RoleSwap:
    """Take the question back. ValidationError when it was answered already."""
    swap = _locked(swap)
    if swap.answer == Answer.WITHDRAWN:
        return swap
    _refuse_settled(swap)
    _settle(swap, Answer.WITHDRAWN, now)
    _record(WITHDRAWN, swap, actor=actor, now=now)
    return swap


def is_handed_on_by(proposer: StaffMember, role: MeetingRole) -> bool:
    """Whether the role is still the proposer's to hand on: theirs, or as a lead unnamed."""
    if role.person_id is None:
        return proposer.is_lead and proposer.agency_id == role.agency_id
    return role.person_id == proposer.pk


def _locked(swap: RoleSwap) -> RoleSwap:
    return (
        RoleSwap.objects.select_for_update(of=("self",))
        .select_related(
            "role__meeting__continuum",
            "role__meeting__region",
            "role__agency",
            "role__person__user",
            "proposed_by__user",
            "to__user",
            "to__agency",
        )
        .get(pk=swap.pk)
    )


def _refuse_settled(swap: RoleSwap) -> None:
    words = {
        Answer.ACCEPTED: f"{swap.to.user.name} has accepted already.",
        Answer.DECLINED: f"{swap.to.user.name} has declined already.",
        Answer.WITHDRAWN: f"{swap.proposed_by.user.name} took the question back.",
        Answer.OVERTAKEN: "The role was changed meanwhile, so there is nothing to answer.",
    }
    if swap.answer != Answer.WAITING:
        raise ValidationError(words[Answer(swap.answer)])


def _settle(swap: RoleSwap, answer: Answer, now: datetime) -> None:
    swap.answer, swap.answered_at = answer, now
    swap.full_clean()
    swap.save()


def _record(action: str, swap: RoleSwap, *, actor: User, now: datetime) -> None:
    audit.services.record(
        action,
        actor=actor,
        about=swap,
        detail={
            "meeting": str(swap.role.meeting_id),
            "role": swap.role.role,
            "from": str(swap.proposed_by.user_id),
            "to": str(swap.to.user_id),
        },
        now=now,
    )
