"""What must never go to HMIS, or twice, whatever became of a release, a call, a project, a tick."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conferencing.models import Review
from conferencing.tests.factories import make_meeting, make_review
from conferencing.to_hmis import acts, rows
from conferencing.to_hmis.facts import Scope
from conferencing.to_hmis.forms import EventForm
from conferencing.to_hmis.gathering import gather
from conferencing.to_hmis.pages import is_to_key
from participants.models import HmisEntry, HmisProject
from participants.tests.factories import make_situation

from .hmis import table

pytestmark = pytest.mark.django_db
SITUATION = "CurrentLivingSituation"


def only(scope, viewer):
    (fact,) = gather(scope, viewer, timezone.now())
    return fact


@pytest.mark.parametrize("change", [{"covers_hmis": False}, {"revoked_at": timezone.now}])
def test_what_changed_of_a_keyed_line_is_keyed_under_a_live_release_alone(
    ana, scope, river_specialist, river_provider, coc_user, change
):
    now = timezone.now()
    make_situation(ana, "shelter", days_ago=3, by=river_provider)
    acts.note_keyed(only(scope, river_specialist), actor=river_provider, now=now)
    given = HmisEntry.objects.get().given
    release = ana.releases.get()
    for name, value in change.items():
        setattr(release, name, value() if callable(value) else value)
    release.save()
    # As it was keyed it stays on the list; what is said since is nobody's to key.
    assert is_to_key(only(scope, river_specialist))
    make_situation(ana, "unsheltered", days_ago=3, by=river_provider)
    fact = only(scope, river_specialist)
    assert not is_to_key(fact)
    with pytest.raises(ValidationError, match=rows.NO_RELEASE):
        acts.note_keyed(fact, actor=river_provider, now=now)
    assert HmisEntry.objects.get().given == given


def test_what_changed_of_a_keyed_line_is_keyed_again(
    ana, scope, river_specialist, river_provider, coc_user
):
    now = timezone.now()
    make_situation(ana, "shelter", days_ago=3, by=river_provider)
    acts.note_keyed(only(scope, river_specialist), actor=river_provider, now=now)
    make_situation(ana, "unsheltered", days_ago=3, by=river_provider)
    fact = only(scope, river_specialist)
    assert is_to_key(fact)
    acts.note_keyed(fact, actor=river_provider, now=now)
    assert HmisEntry.objects.get().given[SITUATION] == "116"


def test_a_call_takes_back_nothing_of_another_call_of_its_day(
    ana, call, take, river, region_2, river_specialist
):
    make_review(call, ana, is_referred=True)
    other = make_meeting(river, region_2, starts_at=call.starts_at, state="closed")
    late = make_review(other, ana, is_referred=True)
    for fact in gather(Scope(river, call.on, call.on), river_specialist, timezone.now()):
        acts.answer(fact, answers={"Event": "2"}, actor=river_specialist, now=timezone.now())
    acts.add_event(late, ana, answers={"Event": "3"}, actor=river_specialist, now=timezone.now())
    both = table(take(of=Scope(river, call.on, call.on)), "Event")
    assert len(both) == 3
    for meeting, number in ((call, 1), (other, 2)):
        told = table(take(of=Scope(river, call.on, call.on, meeting)), "Event")
        assert [row["DateDeleted"] for row in told] == [""] * number
    Review.objects.filter(pk=late.pk).update(is_referred=False)
    told = table(take(of=Scope(river, call.on, call.on, other)), "Event")
    assert sorted(bool(row["DateDeleted"]) for row in told) == [False, True]


def test_an_event_is_added_once_and_another_one_as_well(ana, call, river_specialist):
    review, now = make_review(call, ana), timezone.now()
    add = {"actor": river_specialist, "now": now}
    first = acts.add_event(review, ana, answers={"Event": "2"}, **add)
    with pytest.raises(ValidationError, match="added already"):
        acts.add_event(review, ana, answers={"Event": "2", "ResultDate": ""}, **add)
    acts.add_event(review, ana, answers={"Event": "2", "ProbSolDivRRResult": "1"}, **add)
    HmisEntry.objects.filter(pk=first.pk).update(is_left_out=True)
    acts.add_event(review, ana, answers={"Event": "2"}, **add)
    assert HmisEntry.objects.count() == 3


@pytest.mark.parametrize("act", ["answer", "leave_out", "take_in", "note_keyed", "take_back_keyed"])
def test_every_act_on_a_row_waits_for_the_file_that_is_made(
    ana, scope, river_specialist, river_provider, coc_user, act
):
    make_situation(ana, "shelter", days_ago=3, by=river_provider)
    fact, more = only(scope, river_specialist), {}
    if act == "take_back_keyed":
        acts.note_keyed(fact, actor=river_specialist, now=timezone.now())
    if act == "answer":
        more["answers"] = {SITUATION: "101"}
    with CaptureQueriesContext(connection) as found:
        getattr(acts, act)(fact, actor=river_specialist, now=timezone.now(), **more)
    locks = [each["sql"] for each in found if "FOR NO KEY UPDATE" in each["sql"]]
    assert "regions_continuum" in locks[0]


def test_a_changed_row_is_newer_than_the_one_before(ana, take, river_provider):
    """Of two rows with one id an importer takes the newer."""
    make_situation(ana, "shelter", days_ago=3, by=river_provider)
    ana.situations.update(recorded_at=timezone.now() - timedelta(days=2))
    first = table(take(now=timezone.now() - timedelta(hours=1)), SITUATION)[0]
    again = table(take(now=timezone.now() - timedelta(minutes=30)), SITUATION)[0]
    assert again["DateUpdated"] == first["DateUpdated"]
    make_situation(ana, "unsheltered", days_ago=3, by=river_provider)
    changed = table(take(), SITUATION)[0]
    assert changed["CurrentLivingSitID"] == first["CurrentLivingSitID"]
    assert changed[SITUATION] != first[SITUATION]
    assert changed["DateUpdated"] > first["DateUpdated"]


@pytest.mark.parametrize("how", ["refused", "of a victim service provider", "gone"])
def test_no_row_refers_to_a_project_that_is_refused(
    ana, call, take, scope, river, river_specialist, river_vsp_agency, how
):
    review = make_review(call, ana)

    def is_offered():
        form = EventForm(continuum=river, on=call.on, today=call.on)
        return "P3" in dict(form.fields["LocationCrisisOrPHHousing"].choices)

    assert is_offered()
    answers = {"Event": "14", "LocationCrisisOrPHHousing": "P3"}
    acts.add_event(review, ana, answers=answers, actor=river_specialist, now=timezone.now())
    assert table(take(), "Event")[0]["LocationCrisisOrPHHousing"] == "P3"
    project = HmisProject.objects.filter(key="P3")
    if how == "gone":
        project.delete()
    elif how == "refused":
        project.update(is_refused=True)
    else:
        project.update(agency=river_vsp_agency)
    assert table(take(), "Event")[0]["LocationCrisisOrPHHousing"] == ""
    assert not is_offered()
