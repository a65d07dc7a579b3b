"""An export that ends before it was made lets nobody become inactive for what it cannot tell."""

from datetime import date, timedelta
from itertools import product

import pytest
from django.urls import reverse
from django.utils import timezone

from conferencing.tests.pages import text_of
from conferencing.tests.world import signed_in
from participants.hmis.undoing import undo_import
from participants.models import HmisImport, HmisRecord, OutflowCase, Participant
from participants.quiet import past, soon
from participants.services.pages import due_day, with_list_columns
from participants.services.rounds import begin_round, results
from participants.tests.factories import (
    make_attempt,
    make_contact,
    make_inactivity,
    make_participant,
)
from regions.clock import local_day
from regions.tests.factories import today_in
from regions.words import long_day_words

from .test_hmis import apply, base, by_hmis_id, export, ready

__all__ = ["export", "ready"]

pytestmark = pytest.mark.django_db
DAYS, YOUTH_DAYS = 60, 30


@pytest.fixture
def today(river):
    return today_in(river.zone)


@pytest.fixture
def rule(river):
    return make_inactivity(river, days=DAYS, youth_days=YOUTH_DAYS)


def make_import(river, today, *, ended, made=0, state="applied"):
    """An import applied today: made `made` days ago, of data that end `ended` days ago."""
    return HmisImport.objects.create(
        continuum=river,
        state=state,
        started_at=timezone.now(),
        confirmed_at=timezone.now(),
        applied_at=timezone.now(),
        as_of=today - timedelta(days=made),
        exported_on=today - timedelta(days=made),
        period_end=today - timedelta(days=ended),
    )


def of_hmis(person):
    return HmisRecord.objects.create(participant=person, said={}, as_of=date(2026, 1, 1))


@pytest.mark.parametrize(("ended", "made"), [(0, 0), (10, 10), (1, 0), (20, 0), (45, 3), (90, 0)])
def test_inactivity_is_judged_as_of_the_end_of_the_data(
    river, river_agency, region_2, today, rule, ended, made
):
    """Against plain arithmetic: of HMIS or not, youth or not, met then or then."""
    make_import(river, today, ended=ended, made=made)
    told = today - timedelta(days=ended) if ended > made else None
    expected = {"past": set(), "soon": set()}
    gaps = (1, 16, 29, 30, 31, 44, 46, 47, 59, 60, 61, 75, 80, 105, 121, 151)
    for is_told, youth, gap in product([True, False], [True, False], gaps):
        person = make_participant(river_agency, region_2, days=gap, is_youth=youth)
        if is_told:
            of_hmis(person)
        day = today - timedelta(days=gap) + timedelta(days=YOUTH_DAYS if youth else DAYS)
        counts = told is None or not is_told or day <= told
        if counts and day <= today:
            expected["past"].add(person.pk)
        elif counts and day <= today + timedelta(days=14):
            expected["soon"].add(person.pk)
    people = Participant.objects.all()
    assert set(past(people, rule, today).values_list("pk", flat=True)) == expected["past"]
    assert set(soon(people, rule, today).values_list("pk", flat=True)) == expected["soon"]
    shown = {
        each.pk
        for each in with_list_columns(people, rule)
        if due_day(each, rule, today) is not None
    }
    assert shown == expected["past"] | expected["soon"]


@pytest.mark.parametrize("state", ["same", "undone", "failed", "ready"])
def test_only_an_import_that_was_taken_counts_and_the_last_of_these(
    river, river_agency, region_2, today, rule, state
):
    person = make_participant(river_agency, region_2, days=DAYS + 5)
    of_hmis(person)
    make_import(river, today, ended=0)
    assert past(Participant.objects.all(), rule, today).exists()
    make_import(river, today, ended=20, state=state)
    assert past(Participant.objects.all(), rule, today).exists() == (state != "same")
    make_import(river, today, ended=0)
    assert past(Participant.objects.all(), rule, today).exists()


def test_an_early_end_is_said_and_moves_nobody(
    ready, export, river_specialist, river_provider, region_2, river_agency
):
    """From the export to the page; a round that was begun keeps whom it cannot tell of."""
    rule = make_inactivity(ready, days=DAYS, youth_days=DAYS)
    on = local_day(timezone.now(), ready.zone)
    data = base()
    for name, at in (("Enrollment", 3), ("CurrentLivingSituation", 3), ("Services", 3)):
        for row in data[name]:
            row[at] = (on - timedelta(days=DAYS + 5)).isoformat()
    data["Assessment"], data["Event"] = [], []
    data["Export"][0][2:5] = [on.isoformat(), "2025-01-01", on.isoformat()]
    apply(ready, export(data, "whole"), river_specialist, as_of=on)
    assert past(Participant.objects.all(), rule, on).count() == 2
    round = begin_round(ready, actor=river_specialist, now=timezone.now())
    case = round.cases.get(participant=by_hmis_id("A"))
    make_attempt(case, by=river_provider)
    ended = on - timedelta(days=20)
    data["Client"][0][1] = "Anna"
    data["Export"][0][4] = ended.isoformat()
    done = apply(ready, export(data, "early"), river_specialist, as_of=on)
    assert not past(Participant.objects.all(), rule, on).exists()
    untold = OutflowCase.Result.UNTOLD
    assert set(results(round, on).values()) == {untold}
    make_contact(by_hmis_id("A"), days_ago=0)
    assert results(round, on)[case.pk] == OutflowCase.Result.REACHED
    words = f"The last HMIS export ends on {long_day_words(ended)}"
    client = signed_in(river_specialist)
    page = text_of(client.get(reverse("participants:round_list")))
    assert words in page
    close = client.get(reverse("participants:round_close", args=[round.pk]))
    assert "1 comes from HMIS, whose last export ends earlier: stays on the list" in text_of(close)
    undo_import(done, actor=river_specialist, now=timezone.now())
    assert past(Participant.objects.all(), rule, on).count() == 1
