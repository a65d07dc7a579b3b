"""What goes to HMIS of a household that another person heads by now: each head's own time alone."""

from datetime import datetime, time, timedelta
from itertools import product

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from conferencing.tests.factories import make_meeting, make_review
from conferencing.to_hmis import acts, rows
from conferencing.to_hmis.gathering import gather
from conferencing.to_hmis.pages import is_to_key
from participants.households.acts import change_head
from participants.households.joining import join_households
from participants.households.splitting import split_household
from participants.households.undoing import undo_act
from participants.merges.acts import undo_merge
from participants.models import IDENTITY, Contact, HmisEntry, Participant
from participants.services.participants import change_participant
from participants.tests.factories import make_merge, make_participant, make_release, make_situation
from participants.tests.test_hmis import by_hmis_id
from regions.tests.factories import today_in

from .hmis import table

pytestmark = pytest.mark.django_db
FILES = ("Event", "CurrentLivingSituation", "Assessment")
CHANGED = 10  # days ago
THEN, THAT_DAY, SINCE = 20, CHANGED, 3
NOBODY = {"name": None, "birth_date": None, "contact": None, "hmis_id": None}


def again(person):
    return Participant.every.select_related("continuum").get(pk=person.pk)


def new_head(person, actor, *, hmis_id="C", name="Cleo Newhead", days_ago=CHANGED, stays_as="3"):
    person = again(person)
    return change_head(
        person,
        head=NOBODY | {"name": name, "hmis_id": hmis_id},
        member=None,
        stays_as=stays_as,
        happened_on=today_in(person.continuum.zone) - timedelta(days=days_ago),
        reason="",
        changed_at=person.changed_at,
        actor=actor,
        now=timezone.now(),
    )


def record_all(person, actor, region, *days):
    """A stay, an assessment and an event of a call on each day."""
    for days_ago in days:
        make_situation(person, "shelter", days_ago=days_ago, by=actor)
        on = today_in(person.continuum.zone) - timedelta(days=days_ago)
        Contact.objects.create(participant=person, kind="assessed", on=on, by=actor)
        at = datetime.combine(on, time(12), tzinfo=timezone.get_current_timezone())
        call = make_meeting(person.continuum, region, starts_at=at, state="closed")
        review = make_review(call, person)
        acts.add_event(review, person, answers={"Event": "2"}, actor=actor, now=timezone.now())


def headed_in_hmis(hmis, days=60):
    """HMIS has the new head as the head of the same household."""
    hmis.enrol("E5", "C", days=days, household="HA")
    for eid in ("E1", "E9"):
        hmis.files["Enrollment"][eid]["RelationshipToHoH"] = "3"


def told(content):
    """What a file writes; nothing of it is taken back."""
    found = [row for file in FILES for row in table(content, file)]
    assert all(not row["DateDeleted"] for row in found)
    return found


def day_of(row):
    return row.get("EventDate") or row.get("InformationDate") or row["AssessmentDate"]


def written(take, zone):
    """`{days ago: {PersonalIDs}}` that the file of now says something of."""
    try:
        content = take()
    except ValidationError as refusal:
        if refusal.messages != ["Nothing of this is ready for HMIS. Choose another time."]:
            raise
        return {}
    found = {}
    for row in told(content):
        ago = (today_in(zone) - datetime.fromisoformat(day_of(row)).date()).days
        found.setdefault(ago, set()).add(row["PersonalID"])
    return found


def reasons(scope, viewer, zone):
    """`{days ago: {why left out}}`."""
    found = {}
    for fact in gather(scope, viewer, timezone.now()):
        standing = rows.standing_of(fact)
        if standing.group == rows.OUT:
            found.setdefault((today_in(zone) - fact.on).days, set()).add(standing.why)
    return found


@pytest.mark.parametrize(
    ("is_told_of_new", "former_signed", "new_signed"), list(product([False, True], repeat=3))
)
def test_each_heads_time_goes_under_their_own_enrollment_and_release_alone(
    hmis, imported, take, scope, river_specialist, river_provider, region_2,
    is_told_of_new, former_signed, new_signed,
):  # fmt: skip
    imported()
    ana = by_hmis_id("A")
    if former_signed:
        make_release(ana, covers_hmis=True)
    record_all(ana, river_provider, region_2, THEN)
    new_head(ana, river_provider)
    record_all(again(ana), river_provider, region_2, THAT_DAY, SINCE)
    if new_signed:
        make_release(ana, covers_hmis=True)
    if is_told_of_new:
        headed_in_hmis(hmis)
        imported()
    zone = scope.continuum.zone
    expected = {}
    if is_told_of_new and new_signed:
        expected = {THAT_DAY: {"C"}, SINCE: {"C"}}
    elif not is_told_of_new and former_signed:
        expected = {THEN: {"A"}}
    assert written(take, zone) == expected
    out = {
        THEN: rows.OTHER_HEAD if former_signed else rows.NO_RELEASE_THEN,
        THAT_DAY: rows.OTHER_HEAD if new_signed else rows.NO_RELEASE,
        SINCE: rows.OTHER_HEAD if new_signed else rows.NO_RELEASE,
    }
    assert reasons(scope, river_specialist, zone) == {
        ago: {why} for ago, why in out.items() if ago not in expected
    }


@pytest.mark.parametrize("is_told_of_new", [False, True])
def test_nothing_of_it_is_keyed_either_and_the_page_says_why(
    client, hmis, imported, ana, scope, coc_user, river_specialist, river_provider, region_2,
    is_told_of_new,
):  # fmt: skip
    ana.releases.all().delete()
    record_all(ana, river_provider, region_2, THEN)
    new_head(ana, river_provider)
    record_all(again(ana), river_provider, region_2, SINCE)
    make_release(ana, covers_hmis=True)
    if is_told_of_new:
        headed_in_hmis(hmis)
        imported()
    facts = gather(scope, river_specialist, timezone.now())
    assert len(facts) == 6
    for fact in facts:
        is_new = fact.former_head is None
        assert is_to_key(fact) == (is_new and is_told_of_new)
        if not (is_new and is_told_of_new):
            why = rows.OTHER_HEAD if is_new else rows.NO_RELEASE_THEN
            with pytest.raises(ValidationError, match=why):
                acts.note_keyed(fact, actor=river_provider, now=timezone.now())
    client.force_login(river_specialist)
    page = client.get(
        reverse("conferencing:to_hmis"),
        {"since": scope.since.isoformat(), "until": scope.until.isoformat(), "show": "out"},
    ).content.decode()
    assert rows.NO_RELEASE_THEN in page
    assert (rows.OTHER_HEAD in page) is not is_told_of_new
    assert not HmisEntry.objects.out().exists()


@pytest.mark.parametrize("end", [{"revoked_at": timezone.now}, {"covers_hmis": False}])
def test_a_former_heads_release_that_ceased_covers_their_time_no_more(
    ana, take, scope, river_provider, region_2, end
):
    record_all(ana, river_provider, region_2, THEN)
    new_head(ana, river_provider)
    make_release(ana, covers_hmis=True)
    zone = scope.continuum.zone
    assert written(take, zone) == {THEN: {"A"}}
    release = ana.releases.get(is_by_former_head=True)
    for name, value in end.items():
        setattr(release, name, value() if callable(value) else value)
    release.save()
    assert written(take, zone) == {}


def test_what_was_sent_keeps_its_id_and_moves_to_nobody_else(
    hmis, imported, ana, take, scope, river_provider, region_2
):
    record_all(ana, river_provider, region_2, THEN, SINCE)
    first = {row[file_id(row)]: row["PersonalID"] for row in told(take())}
    assert set(first.values()) == {"A"}
    assert len(first) == 6
    # Recorded late: the new head's time was sent as the former one's.
    new_head(ana, river_provider)
    make_release(ana, covers_hmis=True)
    kept = told(take())
    assert {row[file_id(row)] for row in kept} < set(first)
    assert [row["PersonalID"] for row in kept] == ["A"] * 3
    headed_in_hmis(hmis)
    imported()
    moved = told(take())
    assert [row["PersonalID"] for row in moved] == ["C"] * 3
    # The very rows that stood under the former head's enrollment: HMIS has each once.
    assert {row[file_id(row)] for row in moved} == set(first) - {row[file_id(row)] for row in kept}
    assert HmisEntry.objects.out().count() == 6


def test_what_stands_under_the_wrong_head_in_hmis_can_be_taken_back(
    client, ana, take, scope, river_specialist, river_provider, region_2
):
    record_all(ana, river_provider, region_2, SINCE)
    first = {row[file_id(row)] for row in told(take())}
    new_head(ana, river_provider)
    make_release(ana, covers_hmis=True)
    client.force_login(river_specialist)
    page = client.get(reverse("conferencing:to_hmis"), {"show": "out"}).content.decode()
    assert page.count(">Take back<") == 3
    for fact in gather(scope, river_specialist, timezone.now()):
        client.post(
            reverse("conferencing:to_hmis_leave_out", args=[fact.source, fact.address]),
            query_params={"since": scope.since.isoformat(), "until": scope.until.isoformat()},
        )
    content = take()
    gone = [row for file in FILES for row in table(content, file)]
    assert {row[file_id(row)] for row in gone} == first
    assert all(row["DateDeleted"] and row["PersonalID"] == "A" for row in gone)


def file_id(row):
    return next(name for name in ("EventID", "CurrentLivingSitID", "AssessmentID") if name in row)


def other_family(ana):
    return make_participant(agency=ana.agency, region=ana.region, name="Otto Other")


def moved_in(ana, actor):
    other = other_family(ana)
    return join_households(
        again(ana),
        into=other,
        relation="4",
        happened_on=today_in(ana.continuum.zone),
        actor=actor,
        now=timezone.now(),
    )


def former_head_leaves(ana, actor):
    person = again(ana)
    member = person.members.get(hmis_id__isnull=False, until=None)
    return split_household(
        person,
        members=[member],
        member=member,
        head=NOBODY | {"name": "Pat LastA"},
        happened_on=today_in(person.continuum.zone),
        changed_at=person.changed_at,
        actor=actor,
        now=timezone.now(),
    )


def merged_and_apart(ana, actor):
    twin = make_participant(agency=ana.agency, region=ana.region, name="Cleo Newhead")
    done = make_merge(again(ana), twin, by=actor)
    undo_merge(done, why="Two", actor=actor, now=timezone.now())


@pytest.mark.parametrize("act", [moved_in, former_head_leaves, merged_and_apart])
@pytest.mark.parametrize("is_told_of_new", [False, True])
def test_whatever_is_done_to_the_household_since_changes_no_time_of_a_head(
    hmis, imported, ana, take, scope, river_provider, river_specialist, region_2, act,
    is_told_of_new,
):  # fmt: skip
    record_all(ana, river_provider, region_2, THEN)
    new_head(ana, river_provider)
    record_all(again(ana), river_provider, region_2, SINCE)
    make_release(ana, covers_hmis=True)
    if is_told_of_new:
        headed_in_hmis(hmis)
        imported()
    expected = {SINCE: {"C"}} if is_told_of_new else {THEN: {"A"}}
    zone = scope.continuum.zone
    before = [row[file_id(row)] for row in told(take())]
    assert written(take, zone) == expected
    act(ana, river_specialist)
    assert written(take, zone) == expected
    assert [row[file_id(row)] for row in told(take())] == before


def test_a_change_that_is_undone_was_none(ana, take, scope, river_provider, region_2):
    record_all(ana, river_provider, region_2, THEN)
    act = new_head(ana, river_provider)
    record_all(again(ana), river_provider, region_2, SINCE)
    undo_act(act, actor=river_provider, now=timezone.now())
    assert written(take, scope.continuum.zone) == {THEN: {"A"}, SINCE: {"A"}}


def test_of_three_heads_each_has_their_own_time(
    ana, take, scope, river_specialist, river_provider, region_2
):
    record_all(ana, river_provider, region_2, THEN)
    new_head(ana, river_provider)
    make_release(ana, covers_hmis=True)
    record_all(again(ana), river_provider, region_2, 7)
    new_head(ana, river_provider, hmis_id="D", name="Dan Third", days_ago=5)
    make_release(ana, covers_hmis=True)
    record_all(again(ana), river_provider, region_2, SINCE)
    # HMIS tells of the first one as ever, who is a member still.
    zone = scope.continuum.zone
    assert written(take, zone) == {THEN: {"A"}}
    assert reasons(scope, river_specialist, zone) == {
        7: {rows.OTHER_HEAD},
        SINCE: {rows.OTHER_HEAD},
    }


def test_who_heads_it_again_has_both_times(ana, take, scope, river_provider, region_2):
    record_all(ana, river_provider, region_2, THEN)
    new_head(ana, river_provider, stays_as="")
    record_all(again(ana), river_provider, region_2, 7)
    new_head(ana, river_provider, hmis_id="A", name="Pat LastA", days_ago=5)
    record_all(again(ana), river_provider, region_2, SINCE)
    make_release(ana, covers_hmis=True)
    assert written(take, scope.continuum.zone) == {THEN: {"A"}, SINCE: {"A"}}


def test_nothing_by_which_a_former_head_is_known_goes_to_a_victim_service_provider(
    ana, river_provider, river_vsp_agency, river_specialist
):
    new_head(ana, river_provider)
    make_release(ana)
    assert ana.former_heads.get().hmis_id == "A"
    person = again(ana)
    change_participant(
        person,
        agency=river_vsp_agency,
        changed_at=person.changed_at,
        actor=river_specialist,
        now=timezone.now(),
        **dict.fromkeys(IDENTITY),
    )
    assert ana.former_heads.get().hmis_id is None
