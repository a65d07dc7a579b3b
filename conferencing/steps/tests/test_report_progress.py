"""The report on a step: what it writes down, closes and opens, and what it asks for."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from audit.models import AuditEntry
from conferencing.models import ActionItem, ProgressUpdate
from conferencing.steps.acts import report_progress
from conferencing.tests.factories import make_step
from participants.tests.factories import make_participant

Progress, State = ProgressUpdate.Progress, ActionItem.State


@pytest.fixture
def step(river_agency, region_2):
    return make_step(make_participant(river_agency, region_2), river_agency)


@pytest.mark.parametrize(
    ("progress", "state"),
    [
        (Progress.DONE, State.DONE),
        (Progress.NOT_NEEDED, State.NOT_NEEDED),
        (Progress.NOT_DONE, State.NOT_DONE),
        (Progress.UNDER_WAY, State.OPEN),
        (Progress.BLOCKED, State.OPEN),
        (Progress.NOT_REACHED, State.OPEN),
    ],
)
def test_report_progress_writes_it_down_and_closes_what_is_finished(
    step, river_provider, progress, state
):
    now = timezone.now()
    seen = date(2026, 3, 1)
    update = report_progress(
        step,
        progress=progress,
        line="  Asked at\n the office ",
        last_seen_on=seen,
        actor=river_provider,
        now=now,
    )
    held = ProgressUpdate.objects.get()
    assert held == update
    assert (held.step, held.progress, held.line, held.by, held.at) == (
        step,
        progress,
        "Asked at the office",
        river_provider,
        now,
    )
    assert held.last_seen_on == (seen if progress == Progress.NOT_REACHED else None)
    step.refresh_from_db()
    assert (step.state, step.closed_at) == (state, None if state == State.OPEN else now)
    entry = AuditEntry.objects.get(action="step.reported")
    assert (entry.actor_id, entry.object_id) == (river_provider.pk, str(step.pk))
    assert entry.detail == {"progress": progress, "participant": str(step.participant_id)}
    assert "office" not in str(entry.detail)


def test_report_progress_opens_again_what_was_called_done_by_mistake(step, river_provider):
    first = timezone.now()
    report_progress(step, progress=Progress.DONE, actor=river_provider, now=first)
    report_progress(
        step, progress=Progress.DONE, actor=river_provider, now=first + timedelta(hours=1)
    )
    step.refresh_from_db()
    assert (step.state, step.closed_at) == (State.DONE, first)
    report_progress(
        step, progress=Progress.UNDER_WAY, actor=river_provider, now=first + timedelta(hours=2)
    )
    step.refresh_from_db()
    assert (step.state, step.closed_at) == (State.OPEN, None)
    assert [update.progress for update in step.updates.all()] == ["under_way", "done", "done"]


def test_report_progress_sent_twice_reports_once(step, river_provider):
    sent = {"progress": Progress.DONE, "line": "Paid", "actor": river_provider, "pk": uuid4()}
    first = report_progress(step, now=timezone.now(), **sent)
    again = report_progress(step, now=timezone.now() + timedelta(seconds=1), **sent)
    assert (first, first.at) == (again, again.at)
    with pytest.raises(ValidationError, match="sent before with other words"):
        report_progress(step, now=timezone.now(), **{**sent, "line": "Paid in full"})
    assert ProgressUpdate.objects.get().line == "Paid"
    assert AuditEntry.objects.filter(action="step.reported").count() == 1


def test_report_progress_with_the_key_of_another_steps_report_is_refused(
    step, river_agency, region_2, river_provider
):
    other = make_step(make_participant(river_agency, region_2), river_agency)
    key = uuid4()
    report_progress(other, progress=Progress.DONE, actor=river_provider, now=timezone.now(), pk=key)
    with pytest.raises(ValidationError):
        report_progress(
            step, progress=Progress.DONE, actor=river_provider, now=timezone.now(), pk=key
        )
    step.refresh_from_db()
    assert (step.state, step.updates.count()) == (State.OPEN, 0)


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress.BLOCKED, "Say in one line what is in the way."),
        (Progress.NOT_NEEDED, "Say in one line what changed."),
        (Progress.NOT_DONE, "Say in one line why nobody got to it."),
    ],
)
def test_report_progress_asks_for_words_where_a_choice_says_too_little(
    step, river_provider, progress, words
):
    with pytest.raises(ValidationError) as caught:
        report_progress(step, progress=progress, line=" ", actor=river_provider, now=timezone.now())
    assert caught.value.message_dict == {"line": [words]}
    step.refresh_from_db()
    assert (step.state, step.updates.count()) == (State.OPEN, 0)
    assert not AuditEntry.objects.filter(action="step.reported").exists()
