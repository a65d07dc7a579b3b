"""A household that is de-identified: what it lived with tells of it no more than it does itself."""

from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from django.utils import timezone

from audit.history import HISTORY_REWRITTEN
from audit.models import AuditEntry
from participants.hmis.undoing import undo_import
from participants.households.joining import join_households
from participants.households.members import add_member
from participants.households.splitting import split_household
from participants.households.undoing import undo_act
from participants.models import ListPlace, Participant
from participants.services.retention import deidentify
from participants.tests.factories import make_participant
from participants.tests.test_hmis import apply, base, by_hmis_id, export, ready
from participants.tests.test_retention import places_of
from regions.tests.factories import today_in

from .test_households import NOBODY

__all__ = ["export", "ready"]

pytestmark = pytest.mark.django_db
SECRETS = ("Zyxwvut", "Sentinelle", "HMIS-77", "HMIS-78", "555 0100")


WHO = {"name": "Zyxwvut Sentinelle", "contact": "555 0100", "hmis_id": "HMIS-77"}


@pytest.fixture
def other(river_agency, region_2):
    return make_participant(river_agency, region_2, name="Bo Stays", alias="Wren-8", hmis_id="B1")


def with_member(household, hmis_id, actor):
    on = today_in(household.continuum.zone) - timedelta(days=30)
    member = add_member(
        household, relation="4", age_band="25-61", since=on, actor=actor, now=timezone.now()
    )
    member.hmis_id = hmis_id
    member.save()
    return Participant.objects.get(pk=household.pk)


def who_moved_in(other, actor):
    guest = with_member(make_participant(other.agency, other.region, **WHO), "HMIS-78", actor)
    act = join_households(
        guest,
        into=other,
        relation="4",
        happened_on=today_in(guest.continuum.zone),
        actor=actor,
        now=timezone.now(),
    )
    return act.participant


def who_left(other, actor):
    other = with_member(other, "HMIS-77", actor)
    member = other.members.get()
    act = split_household(
        other,
        members=[member],
        member=member,
        head=NOBODY | WHO,
        happened_on=today_in(other.continuum.zone),
        changed_at=other.changed_at,
        actor=actor,
        now=timezone.now(),
    )
    return act.other


@pytest.mark.parametrize("way", [who_moved_in, who_left])
def test_nothing_of_those_with_whom_it_lived_tells_who_it_was(river, other, river_provider, way):
    gone = way(other, river_provider)
    ListPlace.objects.filter(participant=gone).update(status=ListPlace.Status.HOUSED)
    before = places_of(SECRETS)
    assert {"participants.HouseholdMember.hmis_id", "participants.HouseholdAct.journal"} <= {
        *before
    }
    later = today_in(river.zone) + relativedelta(years=7, days=5)
    now = timezone.now()
    assert deidentify(river, as_of=later, reason="Policy", actor=None, now=now) == 1
    assert Participant.objects.get(pk=gone.pk).deidentified_at
    assert places_of(SECRETS) == []
    assert Participant.objects.get(pk=other.pk).hmis_id == "B1"
    assert other.members.exists()


def is_split_by_mistake(river_agency, region_2, actor):
    one = with_member(make_participant(river_agency, region_2, name="Bo Stays"), None, actor)
    on, member = today_in(one.continuum.zone), one.members.get()
    act = split_household(
        one, members=[member], member=member, head=NOBODY | WHO, happened_on=on,
        changed_at=one.changed_at, actor=actor, now=timezone.now(),
    )  # fmt: skip
    undo_act(act, actor=actor, now=timezone.now())


def test_of_a_household_that_an_undo_took_away_nothing_is_left_after_seven_years(
    river, river_agency, region_2, river_provider
):
    is_split_by_mistake(river_agency, region_2, river_provider)
    kept = {"participants.ParticipantEvent.name", "participants.ParticipantEvent.hmis_id"}
    assert kept <= set(places_of(SECRETS))
    today, now = today_in(river.zone), timezone.now()
    for later in (relativedelta(years=6, months=11), relativedelta(years=7, days=5)):
        before = AuditEntry.objects.filter(action=HISTORY_REWRITTEN).count()
        deidentify(river, as_of=today + later, reason="Policy", actor=None, now=now)
        rewritten = AuditEntry.objects.filter(action=HISTORY_REWRITTEN).count() - before
        assert bool(rewritten) == (places_of(SECRETS) == []) == (later.years == 7)
    # What is empty by now is not emptied again.
    before = AuditEntry.objects.filter(action=HISTORY_REWRITTEN).count()
    deidentify(river, as_of=today + later, reason="Policy", actor=None, now=now)
    assert AuditEntry.objects.filter(action=HISTORY_REWRITTEN).count() == before
    assert Participant.objects.get().name == "Bo Stays"


def test_of_an_import_that_was_undone_nothing_is_left_after_seven_years(
    ready, export, river_specialist
):
    done = apply(ready, export(), river_specialist)
    undo_import(done, actor=river_specialist, now=timezone.now())
    assert {"participants.HmisRecordEvent.said", "participants.ParticipantEvent.name"} <= {
        *places_of(["Alder"])
    }
    later = today_in(ready.zone) + relativedelta(years=7, days=5)
    deidentify(ready, as_of=later, reason="Policy", actor=None, now=timezone.now())
    assert places_of(["Alder"]) == []


def test_nothing_is_left_of_rows_that_an_import_could_not_read(ready, export, river_specialist):
    data = base()
    data["Enrollment"].append(["E9", "A", "P1", "no day", "H9", "1", "MN-502", "116", "", ""])
    data["Enrollment"].append(["E8", "B", "P1", "no day", "H9", "1", "MN-502", "116", "", ""])
    apply(ready, export(data), river_specialist)
    ListPlace.objects.filter(participant=by_hmis_id("A").pk).update(status="housed")
    assert "participants.HmisRefusal.ids" in places_of(["PersonalID A"])
    later = today_in(ready.zone) + relativedelta(years=7, days=5)
    deidentify(ready, as_of=later, reason="Policy", actor=None, now=timezone.now())
    assert places_of(["PersonalID A"]) == []
    assert places_of(["PersonalID B"]) == ["participants.HmisRefusal.ids"]
    # What an import found is kept until the next one.
    for number in (2, 3):
        apply(ready, export(data, f"{number}"), river_specialist, as_of=date(2026, 6, number))
    assert {each.state for each in ready.hmis_imports.all()} == {"applied", "same"}
    last = base()
    last["Client"][0][5] = "1"
    apply(ready, export(last, "last"), river_specialist, as_of=date(2026, 6, 4))
    assert places_of(["PersonalID"]) == []
