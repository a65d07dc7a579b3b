"""A step that was not done says which, wherever it is told: circumstances, or nobody got to it."""

from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from agreements.models import StaffMember
from conferencing import migrations
from conferencing.call.acts import begin_call
from conferencing.call.closing import close_call
from conferencing.call.steps import report_at_call
from conferencing.minutes.pages import copy_for, minutes_of
from conferencing.models import ActionItem, Meeting, ProgressUpdate, Review
from conferencing.prep_lists.snapshots import make_snapshot
from conferencing.steps.acts import ASKS_FOR_WORDS, STATE_AFTER, report_progress
from conferencing.tests.factories import make_step, write_notes
from conferencing.tests.pages import text_of

pytestmark = pytest.mark.django_db
Progress, State = ProgressUpdate.Progress, ActionItem.State
# Of each way in which a step ends undone: what is reported, and how its state is called.
UNDONE = {
    Progress.NOT_NEEDED: ("No longer needed: circumstances changed", "Circumstances changed"),
    Progress.NOT_DONE: ("Not done: nobody got to it", "Not done"),
}


def test_every_way_to_end_undone_asks_for_words_and_has_a_state_of_its_own():
    assert set(UNDONE) == set(STATE_AFTER) - {Progress.DONE}
    assert len(set(STATE_AFTER.values())) == len(STATE_AFTER)
    assert set(UNDONE) <= set(ASKS_FOR_WORDS)
    for progress, (reported, ended) in UNDONE.items():
        assert progress.label == reported
        assert STATE_AFTER[progress].label == ended


@pytest.mark.parametrize("progress", UNDONE)
def test_every_page_and_paper_says_which_it_was(
    client,
    meeting,
    ana,
    former_review,
    river,
    region_2,
    river_agency,
    river_provider,
    river_other_provider,
    river_specialist,
    progress,
):
    reported, ended = UNDONE[progress]
    now, place = timezone.now(), StaffMember.objects.get(user=river_provider)
    step = make_step(ana, river_agency, person=place, review=former_review, due_in=0)
    calls_step = make_step(ana, river_agency, person=place, review=former_review, what="Visit")
    client.force_login(river_provider)
    form = client.get(reverse("conferencing:step_report", args=[step.pk]))
    assert reported in text_of(form)
    line = "Ana Example moved in with family"
    report_progress(step, progress=progress, line=line, actor=river_provider, now=now)
    before = make_snapshot(meeting, now=now)
    row = next(each for each in before["participants"] if each["id"] == str(ana.pk))
    assert any(f"Call the landlord: {reported.lower()}" in str(each) for each in row["changes"])
    assert [each["what"] for each in row["steps"]] == ["Visit"]

    begin_call(meeting, actor=river_specialist, now=now)
    review = Review.objects.get(meeting=meeting, participant=ana)
    household = client.get(reverse("conferencing:call_household", args=[meeting.pk, review.pk]))
    assert ended in text_of(household)
    assert f'<option value="{progress}">{reported}</option>' in household.content.decode()
    report_at_call(
        meeting, calls_step, progress=progress, line="Not this month", actor=river_provider, now=now
    )
    write_notes(review, river_provider, notes="Spoken of", no_step_reason="Stays with family")
    Review.objects.filter(pk=review.pk).update(outcome="discussed", discussed_at=now)
    close_call(meeting, carries_over=True, actor=river_specialist, now=now)

    minutes = minutes_of(Meeting.objects.get(pk=meeting.pk))
    for reader, line in (
        (river_provider, "Ana Example moved in with family"),
        (river_other_provider, "Heron-1 moved in with family"),
    ):
        told = copy_for(minutes, reader, now=timezone.now()).document()["households"]
        (told,) = [each for each in told if each["notes"] == "Spoken of"]
        assert [(each["status"], each["line"]) for each in told["reported"]] == [
            (reported, line),
            (reported, "Not this month"),
        ]
        client.force_login(reader)
        page = text_of(client.get(reverse("conferencing:minutes_detail", args=[meeting.pk])))
        assert reported in page
        assert line in page
    client.force_login(river_specialist)
    reviews = text_of(client.get(reverse("conferencing:participant_reviews", args=[ana.pk])))
    assert ended in reviews
    words = "overtaken by changed circumstances" if progress == Progress.NOT_NEEDED else "not done"
    assert f"2 {words}" in reviews
    closed = text_of(client.get(reverse("conferencing:step_list") + "?whose=all&state=closed"))
    assert ended in closed


@pytest.mark.parametrize("after_start", [timedelta(days=-3), timedelta(minutes=4)])
def test_minutes_repeat_no_report_that_the_last_review_heard(
    meeting, ana, former_review, after_start, river_agency, river_provider, river_specialist
):
    step = make_step(ana, river_agency)
    heard_at = former_review.meeting.starts_at + after_start
    ProgressUpdate.objects.create(step=step, progress="blocked", by=river_provider, at=heard_at)
    begin_call(meeting, actor=river_specialist, now=timezone.now())
    review = Review.objects.get(meeting=meeting, participant=ana)
    write_notes(review, river_provider, notes="Spoken of")
    close_call(meeting, carries_over=True, actor=river_specialist, now=timezone.now())
    told = copy_for(minutes_of(meeting), river_provider, now=timezone.now()).households
    assert [each["reported"] for each in told] == [[], [], []]


def test_a_later_report_opens_a_step_again_that_nobody_had_got_to(
    river_agency, ana, river_provider
):
    step, now = make_step(ana, river_agency), timezone.now()
    report_progress(step, progress="not_done", line="Out sick", actor=river_provider, now=now)
    step.refresh_from_db()
    assert (step.state, step.closed_at) == (State.NOT_DONE, now)
    report_progress(step, progress="under_way", actor=river_provider, now=now)
    step.refresh_from_db()
    assert (step.state, step.closed_at) == (State.OPEN, None)


def test_the_way_back_leaves_no_word_that_an_older_version_does_not_know(
    river_agency, ana, river_provider
):
    step, now = make_step(ana, river_agency), timezone.now()
    other = make_step(ana, river_agency, state="not_needed", closed_at=now)
    report_progress(step, progress="not_done", line="Out sick", actor=river_provider, now=now)
    (path,) = Path(migrations.__file__).parent.glob("*_step_not_done.py")
    migration = import_module(f"conferencing.migrations.{path.stem}")
    migration.not_needed_again(apps, None)
    assert set(ActionItem.objects.values_list("state", flat=True)) == {"not_needed"}
    assert ProgressUpdate.objects.get().progress == "not_needed"
    events = ActionItem.pgh_event_model.objects.filter(pgh_obj__in=[step.pk, other.pk])
    assert not events.filter(state="not_done").exists()
