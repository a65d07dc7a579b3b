"""What somebody who leaves holds open here: steps, turns, households, barriers, nominations."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

import audit.actions
import audit.services
from accounts.models import User
from agreements.leaving import AgencyRow, Kind, PlaceRow, Receivers
from agreements.models import Agency, StaffMember
from agreements.standing import person_standing
from conferencing.at_once import tell_if_held
from conferencing.follow_through.systemic import (
    agency_barrier_rows,
    barrier_rows,
    settle_agency_barriers,
    settle_barriers,
)
from conferencing.models import ActionItem, Meeting, MeetingRole, Nomination, RoleSwap
from conferencing.models.reviews import ActionItemQuerySet
from conferencing.rotation.roles import change_role, name_person
from conferencing.steps.handing_on import lock_calls_about, put
from participants.disclosures import shown_to
from participants.models import Participant, ParticipantQuerySet
from participants.naming import labels
from participants.own_words import joined, note_carried
from regions.clock import local_day
from regions.words import day_words

LEAVING_VIEWED = audit.actions.register("leaving.viewed", "Looked at what somebody leaves open")
NAVIGATOR_CHANGED = audit.actions.register(
    "participant.navigator_changed", "Gave a household another navigator"
)
NOMINATION_HANDED_ON = audit.actions.register(
    "nomination.handed_on", "Handed a nomination on, or took it back"
)


def shown_as(
    participants: Iterable[Participant], viewer: User | None, now: datetime
) -> dict[UUID, str]:
    """`{key: words}` for households: as the viewer may see them; for one who may not, none.

    The look is recorded.
    """
    people = list({each.pk: each for each in participants}.values())
    if (
        viewer is None
        or not person_standing(viewer, local_day(now, viewer.membership.continuum.zone)).is_good
    ):
        return {each.pk: "a household" for each in people}
    found = labels(people, viewer, now)
    if found:
        audit.services.record(
            LEAVING_VIEWED,
            actor=viewer,
            continuum_id=viewer.membership.continuum_id,
            detail=shown_to(found),
            now=now,
        )
    return {key: label.text for key, label in found.items()}


def open_steps(**whose: StaffMember | Agency) -> ActionItemQuerySet:
    return (
        ActionItem.objects.open()
        .filter(**whose)
        .select_related("participant__continuum", "agency", "follow_up_person__user")
        .order_by("due_on", "created_at", "pk")
    )


def step_lines(
    steps: Sequence[ActionItem], viewer: User | None, now: datetime
) -> Iterator[tuple[ActionItem, str]]:
    """Each step with its words for this reader."""
    names = shown_as([step.participant for step in steps], viewer, now)
    for step in steps:
        critical = " (critical)" if step.is_critical else ""
        words = f"Step for {names[step.participant_id]}, due {day_words(step.due_on)}{critical}"
        yield step, words


def hand_over(steps: ActionItemQuerySet, receivers: Receivers, actor: User, now: datetime) -> None:
    """Give each open step to whoever was chosen for it; calls about them tell their followers."""
    meetings = lock_calls_about(list(steps))
    for step in steps.select_for_update(of=("self",)):
        put(step, person=receivers[str(step.pk)], due_on=step.due_on, actor=actor, now=now)
    for meeting_id in meetings:
        tell_if_held(meeting_id)


def step_rows(place: StaffMember, viewer: User | None, now: datetime) -> list[PlaceRow]:
    lines = step_lines(list(open_steps(follow_up_person=place)), viewer, now)
    return [(str(step.pk), words) for step, words in lines]


def settle_steps(place: StaffMember, receivers: Receivers, actor: User, now: datetime) -> None:
    hand_over(open_steps(follow_up_person=place), receivers, actor, now)


def open_roles(place: StaffMember, now: datetime) -> QuerySet[MeetingRole]:
    return (
        MeetingRole.objects.upcoming(now)
        .filter(person=place)
        .select_related("meeting__continuum", "meeting__region", "agency", "person__user")
        .order_by("meeting__starts_at", "pk")
    )


def role_rows(place: StaffMember, viewer: User | None, now: datetime) -> list[PlaceRow]:
    return [(str(role.pk), role_words(role)) for role in open_roles(place, now)]


def role_words(role: MeetingRole) -> str:
    on = local_day(role.meeting.starts_at, role.meeting.continuum.zone)
    return f"{role.get_role_display()}, {role.meeting.scope_words} call of {day_words(on)}"


def settle_roles(place: StaffMember, receivers: Receivers, actor: User, now: datetime) -> None:
    RoleSwap.objects.filter(to=place, answer=RoleSwap.Answer.WAITING).update(
        answer=RoleSwap.Answer.OVERTAKEN, answered_at=now
    )
    for role in list(open_roles(place, now)):
        name_person(role, person=receivers[str(role.pk)], actor=actor, now=now)


def households_of(place: StaffMember) -> ParticipantQuerySet:
    return Participant.objects.filter(navigator=place).order_by("alias", "pk")


def household_rows(place: StaffMember, viewer: User | None, now: datetime) -> list[PlaceRow]:
    people = list(households_of(place))
    names = shown_as(people, viewer, now)
    return [(str(each.pk), f"Navigator of {names[each.pk]}") for each in people]


def settle_households(place: StaffMember, receivers: Receivers, actor: User, now: datetime) -> None:
    give_navigators(households_of(place), receivers, actor, now)


def give_navigators(
    households: ParticipantQuerySet, receivers: Receivers, actor: User, now: datetime
) -> None:
    for person in households.select_for_update(of=("self",)):
        person.navigator = receivers[str(person.pk)]
        person.save(update_fields=["navigator"])
        audit.services.record(
            NAVIGATOR_CHANGED,
            actor=actor,
            about=person,
            detail={"navigator": str(person.navigator_id or "")},
            now=now,
        )


def open_nominations(place: StaffMember, now: datetime) -> QuerySet[Nomination]:
    return (
        Nomination.objects.filter(
            by=place.user_id,
            agency=place.agency_id,
            withdrawn_at__isnull=True,
            meeting__state=Meeting.State.PLANNED,
            meeting__starts_at__gt=now,
        )
        .select_related("participant", "meeting__continuum", "meeting__region")
        .order_by("meeting__starts_at", "pk")
    )


def nomination_rows(place: StaffMember, viewer: User | None, now: datetime) -> list[PlaceRow]:
    found = list(open_nominations(place, now))
    names = shown_as([each.participant for each in found], viewer, now)
    return [
        (
            str(each.pk),
            f"Nomination of {names[each.participant_id]} for the call of "
            f"{day_words(local_day(each.meeting.starts_at, each.meeting.continuum.zone))}",
        )
        for each in found
    ]


def settle_nominations(
    place: StaffMember, receivers: Receivers, actor: User, now: datetime
) -> None:
    for nomination in open_nominations(place, now).select_for_update(of=("self",)):
        receiver = receivers[str(nomination.pk)]
        if receiver is None:
            continue  # it is the agency's, and stays
        nomination.by = receiver.user
        nomination.save(update_fields=["by"])
        note_nomination(nomination, receiver, actor, now)


def note_nomination(
    nomination: Nomination, receiver: StaffMember, actor: User, now: datetime
) -> None:
    audit.services.record(
        NOMINATION_HANDED_ON,
        actor=actor,
        about=nomination,
        detail={
            "participant": str(nomination.participant_id),
            "by": str(receiver.user_id),
        },
        now=now,
    )


def agency_step_rows(agency: Agency, viewer: User | None, now: datetime) -> list[AgencyRow]:
    lines = step_lines(list(open_steps(agency=agency)), viewer, now)
    return [(str(step.pk), words, not step.participant.is_confidential) for step, words in lines]


def settle_agency_steps(agency: Agency, receivers: Receivers, actor: User, now: datetime) -> None:
    hand_over(open_steps(agency=agency), receivers, actor, now)


def roles_of(agency: Agency, now: datetime) -> QuerySet[MeetingRole]:
    return (
        MeetingRole.objects.upcoming(now)
        .filter(agency=agency)
        .select_related("meeting__continuum", "meeting__region", "agency", "person__user")
        .order_by("meeting__starts_at", "pk")
    )


def agency_role_rows(agency: Agency, viewer: User | None, now: datetime) -> list[AgencyRow]:
    return [(str(role.pk), role_words(role), True) for role in roles_of(agency, now)]


def settle_agency_roles(agency: Agency, receivers: Receivers, actor: User, now: datetime) -> None:
    """Who is chosen does it; the rest goes to the next agencies in turn at the next tick."""
    swaps = RoleSwap.objects.filter(to__agency=agency, answer=RoleSwap.Answer.WAITING)
    swaps.update(answer=RoleSwap.Answer.OVERTAKEN, answered_at=now)
    for role in list(roles_of(agency, now)):
        if person := receivers[str(role.pk)]:
            change_role(
                role.meeting,
                role.role,
                agency=person.agency,
                person=person,
                actor=actor,
                why=f"{agency.name} no longer takes part.",
                now=now,
            )
        elif role.person_id:
            name_person(role, person=None, actor=actor, now=now)


def households_with(agency: Agency) -> ParticipantQuerySet:
    return Participant.objects.filter(navigator__agency=agency).order_by("alias", "pk")


def agency_household_rows(agency: Agency, viewer: User | None, now: datetime) -> list[AgencyRow]:
    people = list(households_with(agency))
    names = shown_as(people, viewer, now)
    return [
        (str(each.pk), f"Navigator of {names[each.pk]}", not each.is_confidential)
        for each in people
    ]


def settle_agency_households(
    agency: Agency, receivers: Receivers, actor: User, now: datetime
) -> None:
    give_navigators(households_with(agency), receivers, actor, now)


def nominations_of(agency: Agency, now: datetime) -> QuerySet[Nomination]:
    return (
        Nomination.objects.filter(
            agency=agency,
            withdrawn_at__isnull=True,
            meeting__state=Meeting.State.PLANNED,
            meeting__starts_at__gt=now,
        )
        .select_related("participant", "meeting__continuum", "meeting__region")
        .order_by("meeting__starts_at", "pk")
    )


def agency_nomination_rows(agency: Agency, viewer: User | None, now: datetime) -> list[AgencyRow]:
    found = list(nominations_of(agency, now))
    names = shown_as([each.participant for each in found], viewer, now)
    return [
        (
            str(each.pk),
            f"Nomination of {names[each.participant_id]} for the call of "
            f"{day_words(local_day(each.meeting.starts_at, each.meeting.continuum.zone))}",
            not each.participant.is_confidential,
        )
        for each in found
    ]


def settle_agency_nominations(
    agency: Agency, receivers: Receivers, actor: User, now: datetime
) -> None:
    """Another agency's from now on; where that has nominated too, its own says what both said."""
    for nomination in nominations_of(agency, now).select_for_update(of=("self",)):
        receiver = receivers[str(nomination.pk)]
        if receiver is None:
            continue
        same = Nomination.objects.filter(
            meeting=nomination.meeting_id,
            participant=nomination.participant_id,
            agency=receiver.agency_id,
        ).first()
        if same is None:
            nomination.by, nomination.agency = receiver.user, receiver.agency
            nomination.save(update_fields=["by", "agency"])
        else:
            join_nomination(same, nomination, receiver)
            nomination.withdrawn_at = now
            nomination.save(update_fields=["withdrawn_at"])
        note_nomination(nomination, receiver, actor, now)


def join_nomination(same: Nomination, nomination: Nomination, receiver: StaffMember) -> None:
    """The receiving agency's nomination stands for both; taken back, it says nothing of its own."""
    both = (nomination,) if same.withdrawn_at else (same, nomination)
    first = min(both, key=lambda each: each.at)
    answered = [each for each in both if each.answered_at]
    times = [each.answered_at for each in answered if each.answered_at]
    same.by = receiver.user if same.withdrawn_at else same.by
    same.at, same.withdrawn_at = first.at, None
    same.reason = joined("; ", [each.reason for each in both if each.reason]) or ""
    same.answered_at = max(times, default=None)
    same.answer = joined("; ", [each.answer for each in answered if each.answer])
    note_carried([same], "reason", "answer")
    same.save(update_fields=["by", "at", "withdrawn_at", "reason", "answered_at", "answer"])


NO_OWNER = "No owner yet: the CE Specialist chooses one"
KINDS = (
    Kind(
        "step",
        "Open steps",
        "open step",
        "open steps",
        "Leave with the agency, nobody named yet",
        step_rows,
        settle_steps,
        "Nobody yet: the CE Specialist hands it on",
        agency_step_rows,
        settle_agency_steps,
    ),
    Kind(
        "role",
        "Roles at calls to come",
        "role at a call",
        "roles at calls",
        "Leave with the agency, nobody named yet",
        role_rows,
        settle_roles,
        "The next agency in the rotation",
        agency_role_rows,
        settle_agency_roles,
    ),
    Kind(
        "household",
        "Households they are navigator of",
        "household as its navigator",
        "households as their navigator",
        "No navigator yet",
        household_rows,
        settle_households,
        "No navigator yet",
        agency_household_rows,
        settle_agency_households,
    ),
    Kind(
        "barrier",
        "Systemic barriers they work on",
        "systemic barrier",
        "systemic barriers",
        NO_OWNER,
        barrier_rows,
        settle_barriers,
        NO_OWNER,
        agency_barrier_rows,
        settle_agency_barriers,
    ),
    Kind(
        "nomination",
        "Nominations for calls to come",
        "nomination",
        "nominations",
        "Stays the agency’s",
        nomination_rows,
        settle_nominations,
        "Stands as it is",
        agency_nomination_rows,
        settle_agency_nominations,
    ),
)
