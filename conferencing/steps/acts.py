"""The report back on a step: what became of it, in a choice and one line."""

import uuid
from datetime import date, datetime
from typing import NotRequired, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction

import audit.actions
import audit.services
from accounts.models import User
from agreements.leaving import hold_places
from agreements.models import Agency
from conferencing.at_once import tell_if_held
from conferencing.careful_words import hints
from conferencing.models import ActionItem, Call, ProgressUpdate
from participants.models import Participant
from participants.own_words import note_typed

from .handing_on import put, tell_step_changed

STEP_REPORTED = audit.actions.register("step.reported", "Reported on a step")

Progress, State = ProgressUpdate.Progress, ActionItem.State
STATE_AFTER = {
    Progress.DONE: State.DONE,
    Progress.NOT_NEEDED: State.NOT_NEEDED,
    Progress.NOT_DONE: State.NOT_DONE,
}
ASKS_FOR_WORDS = {
    Progress.BLOCKED: "Say in one line what is in the way.",
    Progress.NOT_NEEDED: "Say in one line what changed.",
    Progress.NOT_DONE: "Say in one line why nobody got to it.",
}
USED_BEFORE = (
    "This form was sent before with other words. Look at what was reported. To report what you "
    "typed here as well, send it again."
)


class Report(TypedDict):
    """What is said of a step; see `report_progress`."""

    progress: str
    line: NotRequired[str]
    last_seen_on: NotRequired[date | None]
    pk: NotRequired[uuid.UUID | None]


@transaction.atomic
def report_progress(
    step: ActionItem,
    *,
    progress: str,
    line: str = "",
    last_seen_on: date | None = None,
    actor: User,
    now: datetime,
    pk: uuid.UUID | None = None,
    said_by: Agency | None = None,
) -> ProgressUpdate:
    """Write down what became of a step; done, no longer needed and not done close it.

    One that was not done says which: circumstances changed, or nobody got to it (as MARAC, in the
    UK, asks). What is still to be done stays open, and is given another date.
    A later report opens a closed step again: what was called done by mistake is not lost. Where its
    follow-up person has left since, it is their agency's, whose leads are told.
    `last_seen_on` counts for a household that could not be reached; None there: not known.
    `said_by`: the agency whose words somebody else writes down. `pk` is made with the form: one
    that was sent twice reports once. Raises ValidationError at its field where words are missing,
    or could tell where a victim service provider's participant is.
    """
    step = (
        ActionItem.objects.select_for_update(of=("self",))
        .select_related("participant__continuum", "agency", "follow_up_person__user")
        .get(pk=step.pk)
    )
    line = " ".join(line.split())
    seen_on = last_seen_on if progress == Progress.NOT_REACHED else None
    former = ProgressUpdate.objects.filter(pk=pk).first() if pk else None
    if former:
        held = (former.step_id, former.progress, former.line, former.last_seen_on, former.by_id)
        if held != (step.pk, progress, line, seen_on, actor.pk):
            raise ValidationError(USED_BEFORE, code="used_before")
        return former
    if not line and progress in ASKS_FOR_WORDS:
        raise ValidationError({"line": ASKS_FOR_WORDS[Progress(progress)]})
    refuse_whereabouts(line, step.participant)
    update = ProgressUpdate(
        step=step, progress=progress, line=line, last_seen_on=seen_on, by=actor, at=now
    )
    update.said_by = said_by
    update.pk = pk or update.pk
    update.full_clean()
    note_typed(update, "line", actor=actor)
    update.save(force_insert=True)
    close_or_open(step, STATE_AFTER.get(Progress(progress), State.OPEN), actor=actor, now=now)
    audit.services.record(
        STEP_REPORTED,
        actor=actor,
        about=step,
        detail={"progress": str(progress), "participant": str(step.participant_id)},
        now=now,
    )
    return update


def refuse_whereabouts(line: str, participant: Participant) -> None:
    """Raise ValidationError for what must never be stored, VAWA (34 USC 12291(b)(2))."""
    found = hints(line, is_confidential=participant.is_confidential)
    refused = [hint.words for hint in found if hint.is_refused]
    if refused:
        raise ValidationError({"line": list(dict.fromkeys(refused))})


def close_or_open(step: ActionItem, state: str, *, actor: User, now: datetime) -> None:
    """Put the step into the state that its newest report gives it."""
    if step.state == state:
        return
    step.state = state
    step.closed_at = None if state == State.OPEN else now
    step.full_clean()
    step.save(update_fields=["state", "closed_at"])
    person = step.follow_up_person
    if state == State.OPEN and person and not hold_places([person.pk]):
        put(step, person=None, due_on=step.due_on, actor=actor, now=now)
        tell_step_changed(step, person, step.agency, actor=actor, now=now)


@transaction.atomic
def report_own(
    step: ActionItem, *, actor: User, now: datetime, **report: Unpack[Report]
) -> ProgressUpdate:
    """Report on a step from its own page (see `report_progress`); a call that is just being held
    about the household shows it.
    """
    calls = Call.objects.select_for_update(of=("self",)).filter(
        closed_at__isnull=True, meeting__reviews__participant=step.participant_id
    )
    held = list(calls.order_by("pk").values_list("meeting", flat=True))
    update = report_progress(step, actor=actor, now=now, **report)
    for meeting_id in held:
        tell_if_held(meeting_id)
    return update
