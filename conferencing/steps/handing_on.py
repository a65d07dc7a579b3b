"""A step handed on to somebody else, or given another date: at any time, with its history."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Protocol

import pghistory
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

import audit.actions
import audit.services
from accounts.models import User
from agreements.emails import AS_PERSON, leads_of, tell
from agreements.leaving import hold_places
from agreements.models import Agency, StaffMember
from agreements.models.agencies import StaffMemberQuerySet
from audit.history import events_of
from conferencing.at_once import tell_if_held
from conferencing.models import ActionItem, Call
from regions.clock import local_day
from regions.words import day_words

STEP_CHANGED = audit.actions.register("step.changed", "Handed a step on, or gave it another date")
CHANGED_MEANWHILE = (
    "Somebody changed this step in the meantime, and nothing of yours was saved. Look at it as it "
    "is now."
)


@dataclass(frozen=True)
class StepChange:
    """One line of a step's history: when, by whom, and what is different since."""

    at: datetime
    by: str
    words: list[str]


class StepEvent(Protocol):
    """A step as it was at one moment, as its history keeps it."""

    agency_id: uuid.UUID
    follow_up_person_id: uuid.UUID | None
    due_on: date
    pgh_created_at: datetime
    pgh_context: pghistory.models.Context | None


def people_to_hand_to(step: ActionItem, actor: User, on: date) -> StaffMemberQuerySet:
    """Who may take the step over: people in standing, of its agency.

    For a CE Specialist of any agency, but for a victim service provider's household.
    """
    people = StaffMember.objects.in_good_standing(on).filter(
        agency__continuum=step.participant.continuum_id
    )
    if step.participant.is_confidential or not actor.membership.is_specialist:
        people = people.filter(agency=step.agency_id)
    return people.select_related("user", "agency").order_by("agency__name", "user__name")


def state_of(step: ActionItem) -> str:
    """A short text that differs when who has the step, or its date, does."""
    return f"{step.agency_id}/{step.follow_up_person_id or ''}/{step.due_on:%Y-%m-%d}"


@transaction.atomic
def change_step(
    step: ActionItem,
    *,
    person: StaffMember | None,
    due_on: date,
    seen: str | None = None,
    actor: User,
    now: datetime,
) -> ActionItem:
    """Give an open step to `person` (None: its agency, nobody named yet) and a date.

    Who gets it, and who loses it, is told by mail, without a word about the household. A call
    that is just being held about it shows the change. Raises ValidationError by field.
    """
    if person:
        hold_places([person.pk])
    meetings = lock_calls_about([step])
    step = (
        ActionItem.objects.select_for_update(of=("self",))
        .select_related("participant__continuum", "agency", "follow_up_person__user")
        .get(pk=step.pk)
    )
    if seen is not None and seen != state_of(step):
        raise ValidationError(CHANGED_MEANWHILE, code="stale")
    if step.state != ActionItem.State.OPEN:
        raise ValidationError("This step is closed. Report on it again to open it.")
    on = local_day(now, step.participant.continuum.zone)
    if due_on != step.due_on and due_on < on:
        raise ValidationError({"due_on": "This day is past. Choose today or a later one."})
    if person is not None and person.pk != step.follow_up_person_id:
        people = people_to_hand_to(step, actor, on)
        if not people.filter(pk=person.pk).exists():
            raise ValidationError({"person": "Choose one of the list."})
    former, former_agency = step.follow_up_person, step.agency
    if not put(step, person=person, due_on=due_on, actor=actor, now=now):
        return step
    tell_step_changed(step, former, former_agency, actor=actor, now=now)
    for meeting_id in meetings:
        tell_if_held(meeting_id)
    return step


def lock_calls_about(steps: Iterable[ActionItem]) -> list[uuid.UUID]:
    """Lock the calls that are being held about these steps' households, before the steps."""
    held = Call.objects.select_for_update(of=("self",)).filter(
        closed_at__isnull=True,
        meeting__reviews__participant__in=[step.participant_id for step in steps],
    )
    return list(dict.fromkeys(held.order_by("pk").values_list("meeting", flat=True)))


def put(
    step: ActionItem, *, person: StaffMember | None, due_on: date, actor: User, now: datetime
) -> bool:
    """Set who has the (locked) step and its date; whether anything changed. Recorded."""
    former = state_of(step)
    was = {"person": str(step.follow_up_person_id or ""), "due_on": step.due_on.isoformat()}
    step.follow_up_person, step.due_on = person, due_on
    if person:
        step.agency = person.agency
    if state_of(step) == former:
        return False
    step.full_clean()
    with pghistory.context(user=str(actor.pk)):
        step.save(update_fields=["follow_up_person", "agency", "due_on"])
    audit.services.record(
        STEP_CHANGED,
        actor=actor,
        about=step,
        detail={
            "participant": str(step.participant_id),
            "person": str(person.pk) if person else "",
            "due_on": due_on.isoformat(),
            "was": was,
        },
        now=now,
    )
    return True


def tell_step_changed(
    step: ActionItem,
    former: StaffMember | None,
    former_agency: Agency,
    *,
    actor: User,
    now: datetime,
) -> None:
    """Mail whoever gets, loses or keeps the step with another date; not whoever did it."""
    new = step.follow_up_person
    words: dict[User, str] = {}
    if (former and former.pk) != (new and new.pk):
        if former and former.ended_on is None:
            words[former.user] = "A step that was yours was handed on. You need not do it."
        if new:
            words[new.user] = "A step was handed to you: you are its follow-up person now."
        elif former:
            for user in leads_of(step.agency):
                words[user] = "A step of your agency has nobody who follows it up. Name somebody."
    elif new:
        words[new.user] = "A step of yours has another date."
    if former_agency.pk != step.agency_id:
        for user in leads_of(former_agency):
            words.setdefault(user, "A step of your agency was handed on to another agency.")
    words.pop(actor, None)
    for user, line in words.items():
        tell(
            user,
            continuum=step.participant.continuum,
            subject="A step changed",
            lines=[line, "The page of steps shows which one it is."],
            label="Look at the steps",
            url=reverse("conferencing:step_list"),
            reason=AS_PERSON.format(continuum=step.participant.continuum.name),
            key=f"step-changed:{step.pk}:{now.isoformat()}",
            about_id=step.pk,
            now=now,
            actor=actor,
        )


def changes_of(step: ActionItem) -> list[StepChange]:
    """The step's history of people and dates, newest first (`StepChange`)."""
    events: list[StepEvent] = list(
        events_of(ActionItem)
        .filter(pgh_obj=step.pk)
        .select_related("pgh_context")
        .defer("what")
        .order_by("pgh_id")
    )
    names = names_in(events)
    found = []
    for former, event in pairwise(events):
        words: list[str] = []
        if former.follow_up_person_id != event.follow_up_person_id:
            words.append(
                f"Handed on from {names.get(former.follow_up_person_id, 'nobody')} to "
                f"{names.get(event.follow_up_person_id, 'nobody')}"
            )
        if former.agency_id != event.agency_id:
            words.append(f"From {names[former.agency_id]} to {names[event.agency_id]}")
        if former.due_on != event.due_on:
            words.append(f"Due {day_words(event.due_on)}")
        if words:
            by = (event.pgh_context.metadata or {}).get("user", "") if event.pgh_context else ""
            found.append(StepChange(event.pgh_created_at, names.get(str(by), ""), words))
    return found[::-1]


def names_in(events: Iterable[StepEvent]) -> dict[object, str]:
    """`{key: name}` of the people, agencies and actors that these events speak of."""
    people = {each.follow_up_person_id for each in events if each.follow_up_person_id}
    users = {
        str(each.pgh_context.metadata.get("user") or "")
        for each in events
        if each.pgh_context and each.pgh_context.metadata
    }
    names = dict(StaffMember.objects.filter(pk__in=people).values_list("pk", "user__name"))
    names |= dict(
        Agency.objects.filter(pk__in={each.agency_id for each in events}).values_list("pk", "name")
    )
    found = User.objects.filter(pk__in=users - {""}).values_list("pk", "name")
    return names | {str(key): name for key, name in found}
