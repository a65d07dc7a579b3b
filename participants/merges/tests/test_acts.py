"""Two records of one person, joined and taken apart again, over every table."""

import threading
from datetime import date, timedelta

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from agreements.services.people import end_place
from agreements.tests.factories import make_staff
from audit.models import AuditEntry
from conferencing.call.acts import begin_call
from conferencing.models import Nomination, NothingToDiscuss, RosterEntry
from conferencing.roster.nominations import not_on_the_roster
from conferencing.tests.factories import (
    make_guest,
    make_meeting,
    make_prework,
    make_review,
    make_roster,
    make_step,
    report,
)
from conferencing.tests.pages import text_of
from conferencing.tests.world import signed_in
from participants.grounds import KEEPS
from participants.merges import fields as merge_fields
from participants.merges import relations
from participants.merges.acts import (
    GONE,
    PROVIDERS_OWN,
    STALE,
    merge_pair,
    seen_mark,
    undo_merge,
)
from participants.models import (
    DuplicatePair,
    HmisRecord,
    ListPlace,
    Merge,
    Participant,
    PlaceChange,
    Release,
)
from participants.naming import label_for
from participants.services.places import change_place
from participants.tests.factories import (
    make_attempt,
    make_case,
    make_contact,
    make_merge,
    make_move,
    make_pair,
    make_participant,
    make_release,
    make_request,
    make_situation,
)
from regions.tests.factories import today_in

APPEND_ONLY = {
    "audit.AuditEntry",
    "audit.ChainHead",
    "participants.KnownName",
    "participants.Merge",
    "participants.OwnWords",
    "outbox.Heartbeat",
}
Flow = PlaceChange.Flow


def dump():
    """Every row of every table, opened: `{table: {key: {column: value}}}`; histories aside."""
    found = {}
    for model in apps.get_models():
        meta = model._meta
        is_history = hasattr(model, "pgh_tracked_model") or meta.app_label == "pghistory"
        if is_history or meta.label in APPEND_ONLY or meta.proxy or not meta.managed:
            continue
        names = [each.attname for each in meta.concrete_fields]
        found[meta.label] = {
            str(row.pk): {name: opened(getattr(row, name)) for name in names}
            for row in model._base_manager.all()
        }
    return found


def opened(value):
    return bytes(value) if isinstance(value, memoryview) else value


def changes(before, after):
    """`{table: [keys of rows that differ]}`, to read a failure by."""
    return {
        label: sorted(
            key
            for key in before[label].keys() | after[label].keys()
            if before[label].get(key) != after[label].get(key)
        )
        for label in before
        if before[label] != after[label]
    }


def choices_of(pair):
    """For all that differs the first record's value."""
    groups = [group.key for group in merge_fields.differing(pair.one, pair.other)]
    return dict.fromkeys([*groups, "place"], "one")


def join(keeper, former, actor, **chosen):
    return make_merge(keeper, former, by=actor, **chosen)


def pair_of(one, other, actor):
    return make_pair(one, other, by=actor)


@pytest.fixture
def two(river_agency, river_other_agency, region_2):
    """A household on file twice: with Bridge Housing and with Cedar Outreach."""
    kept = make_participant(river_agency, region_2, name="Ana Example", days=100)
    former = make_participant(
        river_other_agency,
        region_2,
        name="Anna Exampel",
        days=300,
        notes="Anna sleeps at the library",
        hmis_id="H-77",
        is_veteran=True,
        children=2,
    )
    return kept, former


@pytest.fixture
def full(two, river, region_2, river_agency, river_provider, river_other_provider):
    """Rows of both in every table that points at a participant, where they clash and where not."""
    place = river_provider.places.get()
    today = today_in(river.zone)
    past = make_meeting(river, region_2, starts_at=timezone.now() - timedelta(days=40))
    past.state = "closed"
    past.save()
    ahead = make_meeting(river, region_2)
    other_call = make_meeting(river, region_2, starts_at=timezone.now() + timedelta(days=40))
    for household in two:
        make_move(household, Flow.IDENTIFIED, on=household.place.listed_on, reason="Met at camp")
        make_situation(household, days_ago=3, words="Behind the library")
        make_contact(household)
        make_release(household, agencies=[river_agency])
        make_request(household, by=river_provider)
        case = make_case(household, river_agency, by=river_provider)
        make_attempt(case, by=river_provider, words="Anna was not there")
        review = make_review(past, household, notes="Anna wants a flat")
        make_step(household, river_agency, person=place, review=review)
        make_prework(ahead, household, place, notes=f"Notes on {household.alias}")
        Nomination.objects.create(
            meeting=ahead,
            participant=household,
            agency=river_agency,
            by=river_provider,
            reason="Waits for long",
            at=timezone.now(),
        )
        make_guest(ahead, household, by=river_provider, name=f"Guest of {household.alias}")
        NothingToDiscuss.objects.create(
            meeting=ahead,
            participant=household,
            agency=river_agency,
            by=river_provider,
            at=timezone.now(),
        )
    NothingToDiscuss.objects.filter(participant=two[1]).update(
        pulled_back_at=timezone.now(), pulled_back_by=river_provider, why="asked"
    )
    report(two[1].steps.get(), by=river_provider, at=timezone.now())
    make_roster(ahead, *two)
    make_roster(past, *two)
    make_roster(other_call, two[1])
    earlier = make_participant(river_agency, region_2, name="Anne Example", days=10)
    return *two, earlier, today


# One that is forgotten would be lost


def test_merging_has_a_rule_for_every_relation():
    assert relations.unregistered() == []


def test_merging_finds_a_relation_without_a_rule(monkeypatch):
    rules = dict(relations._rules)
    rules.pop((Release, "participant"))
    monkeypatch.setattr(relations, "_rules", rules)
    assert relations.unregistered() == [("participants.Release", "participant")]


# Round trip


def test_merge_pair_and_undo_merge_put_every_row_back(full, river_specialist):
    kept, former, earlier, _ = full
    join(former, earlier, river_specialist)
    pair_of(kept, former, river_specialist)
    before = dump()
    merge = join(
        kept,
        former,
        river_specialist,
        values={"notes": "both"},
        name=former,
        hmis_id=former,
        household=former,
        is_veteran=former,
    )
    joined = dump()
    assert set(changes(before, joined)) == {
        "conferencing.ActionItem",
        "conferencing.CallGuest",
        "conferencing.Nomination",
        "conferencing.NothingToDiscuss",
        "conferencing.PreWork",
        "conferencing.RosterEntry",
        "participants.Contact",
        "participants.LastAttempt",
        "participants.ListPlace",
        "participants.LivingSituation",
        "participants.OutflowCase",
        "participants.Participant",
        "participants.PlaceChange",
        "participants.Release",
        "participants.RightsRequest",
    }
    left = undo_merge(merge, why="Two sisters", actor=river_specialist, now=timezone.now())
    assert left == []
    assert changes(before, dump()) == {}
    merge.refresh_from_db()
    assert (merge.undone_by, merge.undone_because) == (river_specialist, "Two sisters")


def test_merge_pair_leaves_nothing_that_counts_with_the_former_record(full, river_specialist):
    kept, former, *_ = full
    join(kept, former, river_specialist)
    former = Participant.every.get(pk=former.pk)
    assert former.merged_into == kept
    left = {
        each.related_model._meta.label: each.related_model._base_manager.filter(
            **{each.field.name: former}
        ).count()
        for each in relations.relations()
        if each.related_model is not DuplicatePair
    }
    assert {label: number for label, number in left.items() if number} == {
        # at the call that was closed both stand in the minutes, and stay
        "conferencing.RosterEntry": 1,
        "conferencing.Review": 1,
        "conferencing.PreWork": 1,
        "participants.Merge": 1,
        # and by its names it is found in what people wrote
        "participants.KnownName": 1,
    }


def test_merge_pair_takes_what_hmis_said_along_with_the_id(two, river_specialist):
    kept, former = two
    said = {"name": "Anna Exampel", "adults": 1}
    HmisRecord.objects.create(participant=former, said=said, as_of=date(2026, 6, 1))
    before = dump()
    merge = join(kept, former, river_specialist, hmis_id=former)
    record = HmisRecord.objects.get()
    assert (record.participant_id, record.said) == (kept.pk, said)
    record.said = {"name": "Anna E.", "adults": 2}  # by the next import
    record.save()
    undo_merge(merge, why="Two sisters", actor=river_specialist, now=timezone.now())
    assert set(changes(before, dump())) == {"participants.DuplicatePair"}  # the one that was made


def test_merge_pair_writes_history_and_the_audit(two, river_specialist):
    kept, former = two
    merge = join(kept, former, river_specialist, name=former)
    undo_merge(merge, why="Two sisters", actor=river_specialist, now=timezone.now())
    events = Participant.pgh_event_model.objects
    names = [each.name for each in events.filter(pgh_obj=kept.pk).order_by("pgh_id")]
    assert (names[0], names[-1]) == ("Ana Example", "Ana Example")
    assert "Anna Exampel" in names
    into = events.filter(pgh_obj=former.pk).order_by("pgh_id").values_list("merged_into", flat=True)
    assert list(dict.fromkeys(into)) == [None, kept.pk]
    acts = AuditEntry.objects.filter(action__in=["participant.merged", "participant.unmerged"])
    assert [(each.action, each.object_id, each.detail) for each in acts.order_by("sequence")] == [
        (action, str(kept.pk), {"former": str(former.pk), "merge": str(merge.pk)})
        for action in ("participant.merged", "participant.unmerged")
    ]


# What stays


def test_merge_pair_counts_from_the_earlier_identification(two, river, river_specialist):
    kept, former = two
    for household in two:
        make_move(household, Flow.IDENTIFIED, on=household.place.listed_on)
    join(kept, former, river_specialist)
    place = ListPlace.objects.get()
    today = today_in(river.zone)
    assert (place.participant_id, place.status) == (kept.pk, "active")
    assert (today - place.listed_on).days == 300
    standing = kept.place_changes.standing()
    assert [(each.flow, (today - each.on).days) for each in standing] == [("identified", 300)]
    assert kept.place_changes.count() == 2


def test_merge_pair_tells_a_return_as_one(two, river, river_specialist):
    """Housed by one agency, found again by another: a return from housing, not a new household."""
    kept, former = two
    today = today_in(river.zone)
    make_move(former, Flow.IDENTIFIED, on=today - timedelta(days=300))
    make_move(former, Flow.HOUSED, on=today - timedelta(days=200))
    ListPlace.objects.filter(participant=former).update(
        status="housed", status_on=today - timedelta(days=200)
    )
    make_move(kept, Flow.IDENTIFIED, on=today - timedelta(days=100))
    join(kept, Participant.objects.get(pk=former.pk), river_specialist)
    moves = kept.place_changes.standing().order_by("on")
    assert [(each.flow, (today - each.on).days) for each in moves] == [
        ("identified", 300),
        ("housed", 200),
        ("back_from_housing", 100),
    ]
    assert ListPlace.objects.get().status == "active"


def test_merge_pair_moves_nobody_off_the_list_against_the_choice(two, river, river_specialist):
    """The other record went inactive later; the chosen one is active and stays so."""
    kept, former = two
    today = today_in(river.zone)
    make_move(kept, Flow.IDENTIFIED, on=today - timedelta(days=100))
    make_move(former, Flow.IDENTIFIED, on=today - timedelta(days=300))
    make_move(former, Flow.INACTIVE, on=today - timedelta(days=5))
    ListPlace.objects.filter(participant=former).update(
        status="inactive", status_on=today - timedelta(days=5)
    )
    join(kept, Participant.objects.get(pk=former.pk), river_specialist, place=kept)
    moves = kept.place_changes.standing().order_by("on")
    assert [(each.flow, (today - each.on).days) for each in moves] == [("identified", 300)]
    assert ListPlace.objects.get().status == "active"


def test_merge_pair_leaves_one_entry_on_the_roster_of_a_call_to_come(
    two, river, region_2, river_specialist
):
    meeting = make_meeting(river, region_2)
    make_roster(meeting, *two)
    reasons = [{"kind": "veteran", "words": "Veteran"}, {"kind": "longest", "words": "300 days"}]
    RosterEntry.objects.filter(participant=two[0]).update(reasons=reasons[:1])
    RosterEntry.objects.filter(participant=two[1]).update(reasons=reasons, minutes=9)
    join(*two, river_specialist)
    entry = meeting.roster.get()
    assert (entry.participant, entry.reasons, entry.minutes) == (two[0], reasons, 9)


@pytest.mark.parametrize("pulled", [(), (0,), (1,), (0, 1)])
def test_merge_pair_leaves_one_mark_and_discusses_what_was_to_be_of_either(
    two, river, region_2, river_provider, river_specialist, pulled
):
    ahead, now = make_meeting(river, region_2), timezone.now()
    for number, person in enumerate(two):
        back = {"pulled_back_at": now, "pulled_back_by": river_provider, "why": "asked"}
        NothingToDiscuss.objects.create(
            meeting=ahead,
            participant=person,
            by=river_provider,
            at=now,
            **(back if number in pulled else {}),
        )
    join(*two, river_specialist)
    (mark,) = NothingToDiscuss.objects.filter(meeting=ahead)
    assert mark.participant == two[0]
    assert bool(mark.pulled_back_at) == bool(pulled)


def test_merge_pair_keeps_the_folded_entry_of_a_call_that_has_begun_since(
    two, river, region_2, river_specialist
):
    meeting = make_meeting(river, region_2)
    make_roster(meeting, *two)
    merge = join(*two, river_specialist)
    type(meeting).objects.filter(pk=meeting.pk).update(
        starts_at=timezone.now() - timedelta(hours=2), ends_at=timezone.now() - timedelta(hours=1)
    )
    left = undo_merge(merge, why="Two sisters", actor=river_specialist, now=timezone.now())
    assert left == ["places on rosters"]
    assert meeting.roster.get().participant == two[0]


def test_merge_pair_waits_for_a_call_that_is_held(two, river, region_2, river_specialist):
    now = timezone.now()
    meeting = make_meeting(river, region_2, starts_at=now - timedelta(minutes=5))
    make_roster(meeting, two[0])
    begin_call(meeting, actor=river_specialist, now=now)
    with pytest.raises(ValidationError, match="call that is being held"):
        join(*two, river_specialist)
    assert Merge.objects.count() == 0


def test_merge_pair_names_under_her_own_releases_alone(
    two,
    river_other_agency,
    river_vsp_agency,
    river_provider,
    river_other_provider,
    river_vsp_provider,
    river_specialist,
):
    """The release went to one agency: it names her, in both spellings' record, to its staff."""
    kept, former = two
    release = make_release(former, agencies=[river_vsp_agency])
    now = timezone.now()
    assert not label_for(kept, river_vsp_provider, now).is_named
    join(kept, former, river_specialist)
    kept = Participant.objects.get(pk=kept.pk)
    assert label_for(kept, river_vsp_provider, now).release_id == release.pk
    keepers = [river_provider, river_other_provider]
    assert [label_for(kept, each, now).ground.why for each in keepers] == [KEEPS, ""]
    assert set(kept.every_name.split("\n")) == {"Ana Example", "Anna Exampel"}


@pytest.mark.parametrize("taken_back", [(), (0,), (1,), (0, 1)])
@pytest.mark.parametrize("listed", [(), (0,), (1,), (0, 1)])
def test_merge_pair_joins_what_one_agency_nominated_twice_for_one_call(
    two, river, region_2, river_agency, river_provider, river_specialist, listed, taken_back
):
    """Whichever of the two is on the roster: one line, with the words of both, and no other."""
    ahead, now = make_meeting(river, region_2), timezone.now()
    for number, person in enumerate(two):
        Nomination.objects.create(
            meeting=ahead,
            participant=person,
            agency=river_agency,
            by=river_provider,
            reason=f"Words {number}",
            at=now - timedelta(hours=2 - number),
            withdrawn_at=now if number in taken_back else None,
        )
    make_roster(ahead, *(two[number] for number in listed))
    join(*two, river_specialist)
    standing = [f"Words {number}" for number in (0, 1) if number not in taken_back]
    rows = Nomination.objects.filter(meeting=ahead, withdrawn_at__isnull=True)
    assert [(each.participant, each.reason) for each in rows] == (
        [(two[0], "; ".join(standing))] if standing else []
    )
    waiting = [each.participant for each in not_on_the_roster(ahead)]
    assert waiting == ([two[0]] if standing and not listed else [])


def test_merge_pair_shows_what_was_said_of_either_at_one_call_in_the_households_file(
    two, river, region_2, river_specialist
):
    past = make_meeting(river, region_2, starts_at=timezone.now() - timedelta(days=40))
    past.state = "closed"
    past.save()
    for number, person in enumerate(two):
        make_review(past, person, notes=f"Said number {number}")
    make_roster(past, *two)
    join(*two, river_specialist)
    client = signed_in(river_specialist)
    page = text_of(client.get(reverse("conferencing:participant_reviews", args=[two[0].pk])))
    assert "Said number 0" in page
    assert "Said number 1" in page


# Refusals


def test_merge_pair_never_joins_a_victim_service_providers_household(
    two, river_vsp_agency, region_2, river_specialist
):
    hidden = make_participant(river_vsp_agency, region_2)
    also_hidden = make_participant(river_vsp_agency, region_2)
    for one, other in [(two[0], hidden), (hidden, two[0]), (hidden, also_hidden)]:
        with pytest.raises(ValidationError) as refusal:
            pair_of(one, other, river_specialist)
        assert refusal.value.messages == [PROVIDERS_OWN]
    assert DuplicatePair.objects.count() == 0


def test_merge_pair_refuses_when_a_record_went_to_a_victim_service_provider_since(
    two, river_vsp_agency, river_specialist
):
    pair = pair_of(*two, river_specialist)
    Participant.objects.filter(pk=two[0].pk).update(
        agency=river_vsp_agency, name=None, identity_index=None
    )
    pair.refresh_from_db()
    with pytest.raises(ValidationError) as refusal:
        merge_pair(
            pair,
            keeper="one",
            choices=choices_of(pair),
            seen=seen_mark(pair.one, pair.other),
            actor=river_specialist,
            now=timezone.now(),
        )
    assert refusal.value.messages == [PROVIDERS_OWN]
    assert Merge.objects.count() == 0


def test_merge_pair_never_joins_records_of_two_continuums(
    two, three_agency, three_region, river_specialist
):
    theirs = make_participant(three_agency, three_region)
    with pytest.raises(ValidationError, match="two CoCs"):
        pair_of(two[0], theirs, river_specialist)


def test_merge_pair_refuses_what_was_looked_at_before_a_change(two, river_specialist):
    pair = pair_of(*two, river_specialist)
    seen = seen_mark(pair.one, pair.other)
    two[1].notes = "Anna moved on"
    two[1].save()
    with pytest.raises(ValidationError) as refusal:
        merge_pair(
            pair,
            keeper="one",
            choices=choices_of(pair),
            seen=seen,
            actor=river_specialist,
            now=timezone.now(),
        )
    assert refusal.value.messages == [STALE]


@pytest.mark.django_db(transaction=True)
def test_merge_pair_from_two_sessions_joins_once(two, river_specialist):
    pair = pair_of(*two, river_specialist)
    choices, seen = choices_of(pair), seen_mark(pair.one, pair.other)
    start, outcomes = threading.Barrier(2), []

    def act(keeper):
        start.wait()
        try:
            merge_pair(
                pair,
                keeper=keeper,
                choices=choices,
                seen=seen,
                actor=river_specialist,
                now=timezone.now(),
            )
            outcomes.append("joined")
        except ValidationError as error:
            outcomes.append(error.messages[0])
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=[keeper]) for keeper in ("one", "other")]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(outcomes) == sorted(["joined", GONE])
    assert Merge.objects.count() == 1
    assert Participant.objects.filter(pk__in=[each.pk for each in two]).count() == 1


# What an undo leaves as it is by then


def test_undo_merge_leaves_what_was_prepared_since(two, river, region_2, river_provider):
    """The agency writes on; its words stay, and it is told which rows were not put back."""
    meeting, place = make_meeting(river, region_2), river_provider.places.get()
    kept, former = (make_prework(meeting, each, place, notes=f"On {each}") for each in two)
    merge = join(*two, river_provider)
    kept.refresh_from_db()
    assert kept.notes == f"On {two[0]}\nOn {two[1]}"
    kept.notes += ", and more"
    kept.save()
    left = undo_merge(merge, why="Two sisters", actor=river_provider, now=timezone.now())
    assert left == ["pre-work"]
    kept.refresh_from_db()
    former.refresh_from_db()
    assert (kept.notes, former.notes) == (f"On {two[0]}\nOn {two[1]}, and more", f"On {two[1]}")


def test_undo_merge_leaves_a_round_that_was_closed_since(two, river_agency, river_provider):
    cases = [make_case(each, river_agency, by=river_provider) for each in two]
    for case in cases:
        make_attempt(case, by=river_provider)
    merge = join(*two, river_provider)
    assert cases[0].attempts.count() == 2
    now = timezone.now()
    type(cases[0].round).objects.update(closed_at=now, closed_by=river_provider)
    assert undo_merge(merge, why="Two sisters", actor=river_provider, now=now) == ["last attempts"]
    assert cases[0].attempts.count() == 2


def end(place, actor):
    end_place(place, actor=actor, ended_on=place.joined_on, answers={}, now=timezone.now())


def leaves(place, actor):
    place.agency.is_active = False
    place.agency.save()


@pytest.mark.parametrize("goes", [end, leaves])
@pytest.mark.parametrize("number", [0, 1])
def test_undo_merge_names_no_navigator_who_left_since(
    two, river_agency, river_provider, river_specialist, river_administrator, number, goes
):
    """Of the record that was closed, and of the one that was given the other's navigator."""
    gone = make_staff(river_agency, name="Gil Gone")
    stays = river_provider.places.get()
    for person, place in zip(two, (gone, stays) if number == 0 else (stays, gone), strict=True):
        person.navigator = place
        person.save()
    chosen = {"navigator": two[1]} if number == 0 else {}
    merge = join(*two, river_specialist, **chosen)
    goes(gone, river_administrator)
    left = undo_merge(merge, why="Two sisters", actor=river_specialist, now=timezone.now())
    assert f"the navigator of {two[number].alias}, who left" in left
    navigators = [Participant.objects.get(pk=each.pk).navigator for each in two]
    assert navigators[number] is None
    assert navigators[1 - number] == (stays if goes is end else None)


def test_undo_merge_puts_back_no_nomination_of_an_agency_that_left(
    two, river, region_2, river_agency, river_provider, river_specialist
):
    ahead, now = make_meeting(river, region_2), timezone.now()
    values = {"meeting": ahead, "agency": river_agency, "by": river_provider, "at": now}
    for person in two:
        Nomination.objects.create(participant=person, reason="Waits for long", **values)
    merge = join(*two, river_specialist)
    river_agency.is_active = False
    river_agency.save()
    left = undo_merge(merge, why="Two sisters", actor=river_specialist, now=now)
    assert left == ["nominations"]
    assert Nomination.objects.get().participant == two[0]


# What an undo cannot take apart


def undoing(merge, actor):
    with pytest.raises(ValidationError) as refusal:
        undo_merge(merge, why="Two sisters", actor=actor, now=timezone.now())
    return " ".join(refusal.value.messages)


def test_undo_merge_asks_for_a_reason(two, river_specialist):
    merge = join(*two, river_specialist)
    with pytest.raises(ValidationError, match="Say why"):
        undo_merge(merge, why=" ", actor=river_specialist, now=timezone.now())


def test_undo_merge_refuses_when_the_place_was_changed_since(two, river, river_specialist):
    merge = join(*two, river_specialist)
    change_place(
        two[0],
        flow=Flow.HOUSED,
        happened_on=today_in(river.zone),
        reason="",
        actor=river_specialist,
        now=timezone.now(),
    )
    assert "the place on the list" in undoing(merge, river_specialist)
    assert Participant.every.get(pk=two[1].pk).merged_into == two[0]


def test_undo_merge_refuses_while_a_release_signed_since_is_live(two, river_specialist):
    merge = join(*two, river_specialist)
    release = make_release(two[0])
    assert "A release was recorded since" in undoing(merge, river_specialist)
    release.revoked_at = timezone.now()
    release.save()
    undo_merge(merge, why="Two sisters", actor=river_specialist, now=timezone.now())


def test_undo_merge_takes_the_last_one_first(two, river_agency, region_2, river_specialist):
    third = make_participant(river_agency, region_2, name="A. Example")
    first = join(*two, river_specialist)
    second = join(third, Participant.objects.get(pk=two[0].pk), river_specialist)
    assert Participant.every.get(pk=two[1].pk).merged_into == third
    assert "was joined with" in undoing(first, river_specialist)
    undo_merge(second, why="Two sisters", actor=river_specialist, now=timezone.now())
    undo_merge(first, why="Two sisters", actor=river_specialist, now=timezone.now())
    assert Participant.objects.count() == 3


def test_undo_merge_leaves_what_was_recorded_since_with_the_one_that_stayed(two, river_specialist):
    merge = join(*two, river_specialist)
    stay = make_situation(two[0], days_ago=0)
    undo_merge(merge, why="Two sisters", actor=river_specialist, now=timezone.now())
    stay.refresh_from_db()
    assert stay.participant == two[0]


def test_undo_merge_happens_once(two, river_specialist):
    merge = join(*two, river_specialist)
    undo_merge(merge, why="Two sisters", actor=river_specialist, now=timezone.now())
    assert undoing(merge, river_specialist) == "It was undone already."
