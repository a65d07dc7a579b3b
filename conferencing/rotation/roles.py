"""Who facilitates and who takes notes: turns given by rotation, people named, stand-ins."""

import uuid
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from guardian.shortcuts import assign_perm, remove_perm

import audit.services
from accounts.models import User
from agreements.models import Agency, StaffMember
from agreements.models.agencies import AgencyQuerySet, StaffMemberQuerySet
from audit import actions
from conferencing.at_once import lock_open, tell_if_held
from conferencing.models import Meeting, MeetingRole, RoleSwap
from regions.clock import local_day
from regions.models import Continuum, Region

from .turns import (
    FACILITATOR,
    NOTE_TAKER,
    Seat,
    Turn,
    next_one,
    next_turn,
)

PERSON_NAMED = actions.register("meeting_role.named", "Named a person for a role at a call")
ROLE_CHANGED = actions.register("meeting_role.changed", "Changed who has a role at a call")

# How far back the turns of a circle are looked at.
REMEMBERED = timedelta(days=3 * 365)
# Roles are given this many calls ahead: far enough to plan, near enough to be still true.
CALLS_AHEAD = 3
CHANGED_MEANWHILE = "The role was changed meanwhile. Look at who has it now, then choose again."
Roles = dict[uuid.UUID, dict[str, MeetingRole]]  # by meeting's key, then by name


def agencies_in_turn(
    continuum: Continuum | uuid.UUID, region: Region | None, on: date
) -> AgencyQuerySet:
    """The circle: agencies in standing that take their turn and take part in the region's calls.

    Without a region (CoC-wide) all agencies of the continuum that are in standing and take turns.
    """
    rows = Agency.objects.filter(continuum=continuum, is_in_rotation=True).in_good_standing(on)
    return rows if region is None else rows.taking_part_in(region)


def people_for(agency: Agency, on: date) -> StaffMemberQuerySet:
    """The agency's people who can be named for a role: those in standing."""
    return (
        StaffMember.objects.in_good_standing(on)
        .filter(agency=agency)
        .select_related("user", "agency")
        .order_by("user__name")
    )


def agencies_to_choose(meeting: Meeting, name: str, on: date) -> AgencyQuerySet:
    """The agencies that can do it at the meeting: in standing, without the other role."""
    others = meeting.roles.exclude(role=name).values("agency")
    rows = Agency.objects.filter(continuum=meeting.continuum_id).in_good_standing(on)
    return rows.exclude(pk__in=others).order_by("name")


@transaction.atomic
def assign_roles(
    continuum: Continuum,
    *,
    actor: User | None = None,
    now: datetime | None = None,
    since: datetime | None = None,
    ahead: int = CALLS_AHEAD,
) -> list[MeetingRole]:
    """Give the next calls of each region, and the next CoC-wide ones, their two agencies.

    A role stays as given while its agency is in standing or its named person is; else it goes to
    the next agency in turn, and stays open when there is none. Running it again changes nothing.
    `actor` is None for the clock. With `since` (aware datetime) the planned calls from then on
    get their turns too, by today's standing. Returns the roles given.
    """
    now = now or timezone.now()
    continuum = Continuum.objects.select_for_update(no_key=True).get(pk=continuum.pk)
    on = local_day(now, continuum.zone)
    standing = _Standing(continuum, on)
    meetings = list(
        Meeting.objects.filter(continuum=continuum, starts_at__gt=(since or now) - REMEMBERED)
        .filter(Q(state=Meeting.State.PLANNED) | Exists(_roles_of_row()))
        .order_by("starts_at", "pk")
    )
    roles = _roles_by_meeting(meetings)
    given = []
    for region in [*continuum.regions.order_by("position", "name"), None]:
        circle = [meeting for meeting in meetings if meeting.region_id == (region and region.pk)]
        waiting = _waiting(circle, now, since or now, ahead)
        if waiting:
            rows = agencies_in_turn(continuum, region, on).values_list("pk", "name")
            seats = [Seat(*row) for row in rows]
            given += _go_round(seats, circle, waiting, roles, standing, now)
    return given


def take_back_owed(meeting: Meeting, *, since: datetime, now: datetime) -> None:
    """Take back the turns that a call's agencies were given because it was canceled (`since`).

    For it is held after all, and they would serve twice in a row. A role for which somebody was
    named, or asked, stays; the others are given anew when the calls get their turns.
    """
    agencies = meeting.roles.filter(turn_agency__isnull=False).values("turn_agency")
    given = MeetingRole.objects.unnamed().filter(
        meeting__in=Meeting.objects.planned().filter(
            continuum=meeting.continuum_id, region=meeting.region_id, starts_at__gt=now
        ),
        turn_agency__in=agencies,
        is_by_rotation=True,
        given_at__gte=since,
    )
    given.exclude(meeting=meeting).exclude(swaps__answer=RoleSwap.Answer.WAITING).delete()


def assign_due_roles(now: datetime) -> None:
    """The tick's step: roles of every continuum, as standing and plans are now."""
    for continuum in Continuum.objects.filter(meetings__state=Meeting.State.PLANNED).distinct():
        assign_roles(continuum, actor=None, now=now)


class _Standing:
    """Which agencies and people are in standing on a date, asked once."""

    def __init__(self, continuum: Continuum, on: date) -> None:
        agencies = Agency.objects.filter(continuum=continuum).in_good_standing(on)
        people = StaffMember.objects.filter(agency__continuum=continuum)
        self.agencies = set(agencies.values_list("pk", flat=True))
        self.people = set(people.in_good_standing(on).values_list("pk", flat=True))
        self.current_people = set(people.current().values_list("pk", flat=True))


def _roles_of_row() -> QuerySet[MeetingRole]:
    return MeetingRole.objects.filter(meeting=OuterRef("pk"))


def _roles_by_meeting(meetings: Sequence[Meeting]) -> Roles:
    """Roles by meeting's key, then by name; kept up to date while turns are given."""
    found: Roles = {meeting.pk: {} for meeting in meetings}
    for role in MeetingRole.objects.filter(meeting__in=meetings).select_related("person__user"):
        found[role.meeting_id][role.role] = role
    return found


def _waiting(
    circle: Sequence[Meeting], now: datetime, since: datetime, ahead: int
) -> list[Meeting]:
    planned = [each for each in circle if each.state == Meeting.State.PLANNED]
    past = [each for each in planned if since < each.starts_at <= now]
    return past + [each for each in planned if each.starts_at > now][:ahead]


def _go_round(
    seats: Sequence[Seat],
    circle: Sequence[Meeting],
    waiting: Sequence[Meeting],
    roles: Roles,
    standing: _Standing,
    now: datetime,
) -> list[MeetingRole]:
    """Fill the vacant roles of the waiting calls, in order; return the roles given."""
    in_turn = {seat.key for seat in seats}
    given = []
    for meeting in waiting:
        mine = roles[meeting.pk]
        _forget_people_gone(mine.values(), standing, now)
        vacant = [
            name for name in MeetingRole.TURNS if not _is_held(mine.get(name), in_turn, standing)
        ]
        if not vacant:
            continue
        former = {name: mine.pop(name) for name in vacant if name in mine}
        near = _near(circle, meeting, roles)
        turn = _turn(seats, history_of(circle, roles), mine, vacant, near)
        for name in vacant:
            seat = getattr(turn, name)
            if seat is not None:
                is_last = turn.last_used is not None and turn.last_used.key == seat.key
                mine[name] = _give(meeting, name, seat, is_last, former.get(name), now)
                given.append(mine[name])
            elif name in former:
                revoke_person(former[name])
                former[name].delete()
    return given


def _forget_people_gone(roles: Iterable[MeetingRole], standing: _Standing, now: datetime) -> None:
    """Ask the lead anew where the person named has left the agency."""
    for role in roles:
        if role.person_id and role.person_id not in standing.current_people:
            revoke_person(role)
            role.person = None
            role.save()
            _note_change(role, now)


def _is_held(role: MeetingRole | None, in_turn: Collection[Hashable], standing: _Standing) -> bool:
    """Whether a role stays as it is: its person or its agency can be relied on."""
    if role is None:
        return False
    if role.person_id in standing.people:
        return True
    return role.agency_id in (in_turn if role.is_by_rotation else standing.agencies)


def _near(circle: Sequence[Meeting], meeting: Meeting, roles: Roles) -> set[uuid.UUID]:
    """The agencies that serve, or were to, at the calls right before and after the meeting."""
    held = [each for each in circle if each.state != Meeting.State.CANCELLED or each == meeting]
    place = held.index(meeting)
    beside = [*held[:place][-1:], *held[place + 1 :][:1]]
    return {
        key
        for each in beside
        for role in roles[each.pk].values()
        for key in (role.agency_id, role.turn_agency_id)
        if key is not None
    }


def _turn(
    seats: Sequence[Seat],
    history: Sequence[Turn],
    held: Mapping[str, MeetingRole],
    vacant: Sequence[str],
    near: Collection[Hashable],
) -> Turn:
    """The turn for the vacant roles; the circle goes on, or one agency joins the other's."""
    if len(vacant) == 2:
        return next_turn(seats, history, near=near)
    other = next(name for name in MeetingRole.TURNS if name not in vacant)
    return next_one(seats, history, role=vacant[0], beside=held[other].agency_id, near=near)


def history_of(meetings: Sequence[Meeting], roles: Roles) -> list[Turn]:
    """The turns of a circle's calls in the order in which they were given, as recorded then.

    `roles` are by meeting's key, then name. Roles of one call that were given at different
    times are turns of their own; who stands in has no turn.
    """
    turns: dict[tuple[datetime, datetime, str], tuple[Meeting, list[MeetingRole]]] = {}
    for meeting in meetings:
        for role in roles[meeting.pk].values():
            if role.turn_agency_id is not None:
                key = (role.given_at, meeting.starts_at, str(meeting.pk))
                turns.setdefault(key, (meeting, []))[1].append(role)
    return [_recorded(*turns[key]) for key in sorted(turns)]


def _recorded(meeting: Meeting, roles: Sequence[MeetingRole]) -> Turn:
    seats = {role.role: Seat(role.turn_agency_id, role.agency_name) for role in roles}
    last = next((seats[role.role] for role in roles if role.is_last_used), None)
    return Turn(
        facilitator=seats.get(FACILITATOR),
        note_taker=seats.get(NOTE_TAKER),
        last_used=last,
        is_cancelled=meeting.state == Meeting.State.CANCELLED,
    )


def _give(
    meeting: Meeting,
    name: str,
    seat: Seat,
    is_last_used: bool,
    former: MeetingRole | None,
    now: datetime,
) -> MeetingRole:
    role = former or MeetingRole(meeting=meeting, role=name)
    if former is not None:
        revoke_person(former)
    role.agency_id = role.turn_agency_id = cast(uuid.UUID, seat.key)  # an agency's, in our circles
    role.agency_name = seat.name
    role.is_last_used = is_last_used
    role.given_at = now
    role.person = None
    role.is_by_rotation = True
    role.save()
    _note_change(role, now)
    return role


def revoke_person(role: MeetingRole) -> None:
    """Take from the role's person what they may do at the meeting by it."""
    if role.person is not None:
        remove_perm(role.permission, role.person.user, role.meeting)


@transaction.atomic
def name_person(
    role: MeetingRole,
    *,
    person: StaffMember | None,
    actor: User | None,
    seen: str | None = None,
    now: datetime | None = None,
) -> MeetingRole:
    """Name who does it for the agency; None takes the name back.

    The person gets the permission to do it at this one meeting, and the one named before loses
    it. `seen` is `state_of` the role as the form showed it. Raises ValidationError when the role
    changed since, the call is over or canceled, or the person is not one of the agency's in
    standing today.
    """
    now = now or timezone.now()
    meeting = lock_meeting(role.meeting, now, while_held=True)
    rows = MeetingRole.objects.select_related("person__user", "agency")
    found = rows.filter(pk=role.pk).first()
    if found is None or (seen is not None and seen != state_of(found)):
        raise ValidationError(CHANGED_MEANWHILE)
    role = found
    former = state_of(role)
    _set_person(role, meeting, person, now)
    role.save()
    if state_of(role) != former:
        _note_change(role, now)
    _record(PERSON_NAMED, role, actor=actor, now=now)
    return role


@transaction.atomic
def change_role(
    meeting: Meeting,
    name: str,
    *,
    agency: Agency,
    person: StaffMember | None = None,
    actor: User | None,
    why: str = "",
    seen: str | None = None,
    now: datetime | None = None,
) -> MeetingRole:
    """Have another agency do it at this call, by hand; whose turn it was stays as recorded.

    `seen` is `state_of` the role as the form showed it: ValidationError if it changed since, if
    the agency is not in standing or holds the other role, and as `name_person`. Returns the role.
    """
    now = now or timezone.now()
    meeting = lock_meeting(meeting, now, while_held=True)
    roles = {role.role: role for role in meeting.roles.select_related("person__user")}
    role = roles.get(name) or MeetingRole(meeting=meeting, role=name, given_at=now)
    former = state_of(roles.get(name))
    if seen is not None and seen != former:
        raise ValidationError(CHANGED_MEANWHILE)
    on = local_day(now, meeting.continuum.zone)
    here = Agency.objects.filter(continuum=meeting.continuum_id)
    if not here.in_good_standing(on).filter(pk=agency.pk).exists():
        raise ValidationError(
            {"agency": f"{agency} has no current agreement. Choose another agency."}
        )
    if any(each.agency_id == agency.pk for each in roles.values() if each.role != name):
        raise ValidationError(
            {"agency": f"{agency} has the other role at this call. Choose another agency."}
        )
    if role.agency_id != agency.pk:
        revoke_person(role)
        role.person = None
    role.agency = agency
    role.is_by_rotation = role.turn_agency_id == agency.pk
    _set_person(role, meeting, person, now)
    role.save()
    if state_of(role) != former:
        _note_change(role, now)
    _record(ROLE_CHANGED, role, actor=actor, now=now, why=why)
    return role


def state_of(role: MeetingRole | None) -> str:
    """A short text that differs when who has the role differs."""
    return f"{role.agency_id}/{role.person_id or ''}" if role else "open"


def lock_meeting(meeting: Meeting, now: datetime, *, while_held: bool = False) -> Meeting:
    """Lock the meeting against changes, and its continuum against turns being given.

    `while_held`: also after the planned end of a call that is not closed yet.
    """
    Continuum.objects.select_for_update(no_key=True).get(pk=meeting.continuum_id)
    return lock_open(meeting, now, while_held=while_held)


def _set_person(
    role: MeetingRole, meeting: Meeting, person: StaffMember | None, now: datetime
) -> None:
    if person is not None:
        on = local_day(now, meeting.continuum.zone)
        if not people_for(role.agency, on).filter(pk=person.pk).exists():
            raise ValidationError(
                {
                    "person": f"{person.user.name} is not one of {role.agency}’s people "
                    "whose paperwork is current."
                }
            )
    if role.person_id == (person and person.pk):
        return
    revoke_person(role)
    role.person = person
    if person is not None:
        assign_perm(role.permission, person.user, meeting)


def _note_change(role: MeetingRole, now: datetime) -> None:
    """Settle what the change overtakes, and let those who follow the call see it."""
    role.swaps.filter(answer=RoleSwap.Answer.WAITING).update(
        answer=RoleSwap.Answer.OVERTAKEN, answered_at=now
    )
    tell_if_held(role.meeting_id)


def _record(
    action: str, role: MeetingRole, *, actor: User | None, now: datetime, why: str = ""
) -> None:
    detail = {
        "meeting": str(role.meeting_id),
        "role": role.role,
        "agency": str(role.agency_id),
        "person": str(role.person.user_id) if role.person else "",
    }
    audit.services.record(
        action,
        actor=actor,
        about=role,
        why=why,
        detail=detail,
        now=now,
    )
