"""A household's answers to what programs ask: given by whoever keeps the record."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction

import audit.actions
import audit.services
from accounts.models import User
from participants.models import Participant

from .models import AssessmentScore, HousingAnswers

if TYPE_CHECKING:
    from participants.merges.acts import Joining

ANSWERED = audit.actions.register(
    "housing_answers.changed", "Recorded what housing programs ask of a household"
)
SCORED = audit.actions.register("assessment_score.added", "Recorded an assessment score")
PAGES = {
    "score_add": "Record an assessment score",
    "household_openings": "Openings for the household",
    "answers_edit": "What housing programs ask",
}
CONFIDENTIAL = (
    "This is a victim service provider’s household. The provider alone keeps its answers."
)
Given = Mapping[str, Any]  # Any: of each question its own answer


@transaction.atomic
def give_answers(participant: Participant, *, given: Given, actor: User, now: datetime) -> None:
    """Record what a household answered; of a question that is not among `given` nothing changes.

    None takes an answer back: it is not known again.
    """
    participant = Participant.objects.select_for_update().get(pk=participant.pk)
    if participant.is_confidential:
        raise ValidationError(CONFIDENTIAL)
    row = HousingAnswers.objects.filter(participant=participant).first() or HousingAnswers(
        continuum_id=participant.continuum_id, participant=participant
    )
    before = dict(row.given)
    after = {key: value for key, value in {**before, **given}.items() if value is not None}
    if after == before:
        return
    row.given, row.changed_at, row.changed_by = after, now, actor
    row.save()
    changed = sorted(key for key in {*before, *after} if before.get(key) != after.get(key))
    audit.services.record(
        ANSWERED, actor=actor, about=participant, detail={"changed": changed}, now=now
    )


@transaction.atomic
def add_score(
    participant: Participant,
    *,
    tool: str,
    score: int,
    happened_on: date,
    actor: User,
    now: datetime,
) -> None:
    """Record what an assessment gave; pressed twice it is recorded once."""
    participant = Participant.objects.select_for_update().get(pk=participant.pk)
    if participant.is_confidential:
        raise ValidationError(CONFIDENTIAL)
    same = AssessmentScore.objects.filter(participant=participant, tool=tool, on=happened_on)
    if any(each.score == score for each in same):
        return
    row = AssessmentScore(
        participant=participant,
        tool=tool,
        score=score,
        on=happened_on,
        by=actor,
        recorded_at=now,
    )
    row.full_clean()
    row.save(force_insert=True)
    audit.services.record(SCORED, actor=actor, about=participant, detail={"tool": tool}, now=now)


def fold(joining: "Joining", former: HousingAnswers, kept: HousingAnswers) -> None:
    """The kept record's answers stand; what it has none to, the joined one's tell."""
    joining.journal.change(kept, is_lasting=False, given={**former.given, **kept.given})


def none_given(value: object) -> dict[str, object]:
    return {}
