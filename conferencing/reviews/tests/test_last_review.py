"""What was said of a household that was carried over, and where it is known to stay: kept, told."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from agreements.models import StaffMember
from conferencing.call.acts import begin_call, put_on_table
from conferencing.call.closing import close_call
from conferencing.call.steps import add_step
from conferencing.models import Review
from conferencing.prep_lists import acts as lists
from conferencing.prep_lists import copies
from conferencing.reviews.last import last_reviews, whereabouts
from conferencing.roster.criteria import candidates
from conferencing.tests.factories import make_meeting, make_prework, make_roster, write_notes
from conferencing.tests.pages import text_of
from participants.models import HmisRecord
from participants.tests.factories import make_situation
from regions.tests.factories import make_criteria, today_in

pytestmark = pytest.mark.django_db

SAID = {
    "location": "hotel",
    "location_words": "Route 5",
    "preferences": "A kitchen of one’s own",
    "barriers": ["Arrears at the utility"],
    "safety": "A brother waits outside",
    "notes": "Told of a threat on Sunday",
    "target_kind": "milestone",
    "target_on": "2031-05-01",
    "target_words": "Papers complete",
}


@pytest.fixture
def carried(review, river_provider):
    """Ana was spoken of, a step given, and the call closed without marking her discussed."""
    place = StaffMember.objects.get(user=river_provider)
    write_notes(review, river_provider, **SAID, navigator=str(place.pk))
    step = {
        "what": "Ask for a payment plan",
        "agency": place.agency,
        "follow_up_person": place,
        "due_on": today_in(review.meeting.continuum.zone) + timedelta(days=9),
    }
    add_step(
        review,
        **step,
        is_critical=False,
        keep_words=False,
        key=uuid4(),
        actor=river_provider,
        now=timezone.now(),
    )
    close_call(review.meeting, carries_over=True, actor=river_provider, now=timezone.now())
    review.refresh_from_db()
    assert review.outcome == "carried_over"
    return review


@pytest.fixture
def following(river, region_2, carried, ana, ben):
    """The call of the month after, with both on its roster."""
    call = make_meeting(river, region_2, starts_at=timezone.now() + timedelta(days=30))
    make_roster(call, ana, ben)
    return call


def test_what_was_said_of_a_household_carried_over_stands_in_its_file(
    client, carried, ana, ben, river_specialist, river_provider
):
    client.force_login(river_provider)
    words = text_of(client.get(reverse("conferencing:participant_reviews", args=[ana.pk])))
    for said in (
        "Hotel or motel",
        "Route 5",
        "A kitchen of one’s own",
        "Arrears at the utility",
        "A brother waits outside",
        "Told of a threat on Sunday",
        "Milestone by May 1, 2031: Papers complete",
        "Primary housing navigator: Pat Provider",
        "Ask for a payment plan",
    ):
        assert said in words, said
    assert "Carried over" in words
    # of one that nobody spoke of nothing is claimed
    words = text_of(client.get(reverse("conferencing:participant_reviews", args=[ben.pk])))
    assert "Carried over" in words
    assert "Current location" not in words


def test_what_was_said_takes_effect_though_it_was_carried_over(carried, ana, ben, river_provider):
    ana.refresh_from_db()
    assert ana.navigator.user == river_provider
    stay = ana.situations.get()
    assert (stay.kind, stay.words) == ("hotel", "Route 5")
    assert not ben.situations.exists()


def test_the_next_roster_list_prework_and_call_go_on_from_it(
    client, following, carried, ana, ben, river_specialist, river_provider, region_2
):
    make_criteria(region_2, "carried_over", "not_reviewed")
    reasons = {
        each.participant.alias: [reason["words"] for reason in each.reasons]
        for each in candidates(following, on=following.on)
    }
    assert reasons["Heron-1"] == ["Carried over: not finished last time"]
    assert "Carried over: not reached last time" in reasons["Heron-2"]
    assert last_reviews([ana, ben], before=following) == {ana.pk: carried}

    client.force_login(river_specialist)
    roster = client.get(reverse("conferencing:roster_detail", args=[following.pk]))
    lines = {line.participant.pk: line.reviews[0] for line in roster.context["lines"]}
    assert (lines[ana.pk].is_carried_over, lines[ana.pk].was_begun) == (True, True)
    assert (lines[ana.pk].location, lines[ana.pk].steps.given) == ("Hotel or motel", 1)
    assert (lines[ben.pk].is_carried_over, lines[ben.pk].was_begun) == (True, False)

    prep_list = lists.freeze_list(following, actor=river_specialist, now=timezone.now())
    delivery = prep_list.deliveries.get(recipient=river_provider)
    rows = {
        row["label"]: row["elements"]
        for row in copies.Copy(delivery, now=timezone.now()).document()["participants"]
    }
    elements = rows["Ana Example"]
    assert elements["is_carried_over"]
    assert elements["safety"] == "A brother waits outside"
    assert elements["notes"] == "Told of a threat on Sunday"
    assert "Milestone by May 1, 2031: Papers complete" in elements["decisions"]
    assert rows["Ben Sample"] is None

    later = following.starts_at
    begin_call(following, actor=river_specialist, now=later)
    begun = following.reviews.get(participant=ana)
    assert (begun.location, begun.preferences, begun.barriers, begun.safety) == (
        "hotel",
        "A kitchen of one’s own",
        ["Arrears at the utility"],
        "A brother waits outside",
    )
    assert (begun.target_kind, begun.target_words) == ("milestone", "Papers complete")
    page = client.get(reverse("conferencing:call_household", args=[following.pk, begun.pk]))
    words = text_of(page)
    assert "Carried over" in words
    assert "Told of a threat on Sunday" in words
    assert "Milestone by May 1, 2031: Papers complete" in words


def test_closing_names_open_households_with_notes_and_marks_them_in_place(
    client, review, ana, ben, river_provider
):
    write_notes(review, river_provider, notes="Spoke of the landlord")
    client.force_login(river_provider)
    address = reverse("conferencing:call_close", args=[review.meeting.pk])
    page = client.get(address)
    assert [row["review"].pk for row in page.context["begun"]] == [review.pk]
    assert "1 of them with notes" in text_of(page)
    refused = client.post(address, {"discuss": str(review.pk)})
    assert "Assign a step with a follow-up person" in text_of(refused)
    assert Review.objects.get(pk=review.pk).outcome == "open"
    base = {"discuss": str(review.pk), "base": str(Review.objects.get(pk=review.pk).revision)}
    assert f'name="base" value="{base["base"]}"' in page.content.decode()
    held = client.post(address, base | {"no_step_reason": "SSN 078-05-1120 is on file"})
    assert Review.objects.get(pk=review.pk).outcome == "open"
    assert "SSN 078-05-1120 is on file" in held.content.decode()
    reason = base | {"no_step_reason": "The open steps go on."}
    done = client.post(address, reason, follow=True)
    assert done.redirect_chain[-1][0] == address
    found = Review.objects.get(pk=review.pk)
    assert (found.outcome, found.no_step_reason) == ("discussed", "The open steps go on.")
    assert client.get(address).context["begun"] == []


def test_closing_overwrites_no_reason_that_a_colleague_wrote_meanwhile(
    client, review, river_provider, river_other_provider, river_specialist
):
    write_notes(review, river_provider, notes="Spoke of the landlord")
    client.force_login(river_provider)
    address = reverse("conferencing:call_close", args=[review.meeting.pk])
    (row,) = client.get(address).context["begun"]
    shown = str(row["review"].revision)
    write_notes(review, river_specialist, no_step_reason="Moves in on Friday")
    for base in (shown, shown, "", "x", "9" * 30):
        mine = {"discuss": str(review.pk), "no_step_reason": "Mine", "base": base}
        page = client.post(address, mine)
        assert "Somebody changed this household just now" in text_of(page)
        assert 'value="Mine"' in page.content.decode()
        found = Review.objects.get(pk=review.pk)
        assert (found.outcome, found.no_step_reason) == ("open", "Moves in on Friday")
    client.post(address, {"discuss": str(review.pk)})
    found = Review.objects.get(pk=review.pk)
    assert (found.outcome, found.no_step_reason) == ("discussed", "Moves in on Friday")


# ---- Where a household is known to stay


def known(person, call):
    return whereabouts([person], meeting=call).get(person.pk)


def test_the_newest_source_says_where_a_household_stays(
    meeting, former_review, ana, river_provider
):
    place = StaffMember.objects.get(user=river_provider)
    Review.objects.filter(pk=former_review.pk).update(location_changed="not_recorded")
    assert (known(ana, meeting).kind, known(ana, meeting).source) == ("shelter", "Last review")

    def days_ago(days):
        return today_in() - timedelta(days=days)

    # older than the review, but somebody said it: what nobody confirmed counts for less
    make_situation(ana, kind="hotel", days_ago=40, by=river_provider)
    assert (known(ana, meeting).kind, known(ana, meeting).by) == ("hotel", "Pat Provider")
    Review.objects.filter(pk=former_review.pk).update(location_changed="unchanged")
    assert known(ana, meeting).kind == "shelter"
    make_situation(ana, kind="unsheltered", days_ago=10, by=river_provider)
    listed = known(ana, meeting)
    assert (listed.kind, listed.source, listed.on) == ("unsheltered", "By-name list", days_ago(10))
    make_situation(ana, kind="transitional", days_ago=5, by=river_provider)
    HmisRecord.objects.create(
        participant=ana,
        said={"stay": ["transitional", days_ago(5).isoformat()]},
        as_of=days_ago(4),
    )
    imported = known(ana, meeting)
    assert (imported.kind, imported.source, imported.by) == ("transitional", "HMIS import", "")
    make_prework(meeting, ana, place, location="doubled_up", location_words="With a cousin")
    prepared = known(ana, meeting)
    assert (prepared.kind, prepared.words) == ("doubled_up", "With a cousin")
    assert (prepared.source, prepared.by) == (
        "Prepared for this call",
        "Pat Provider, Bridge Housing",
    )


def test_a_call_begins_with_what_is_known_and_confirming_it_is_a_change(
    client, meeting, former_review, ana, river_provider, river_other_provider
):
    """The review of last month said shelter; the list says unsheltered since last week."""
    make_situation(ana, kind="unsheltered", days_ago=7, by=river_other_provider)
    begin_call(meeting, actor=river_provider, now=timezone.now())
    review = meeting.reviews.get(participant=ana)
    assert (review.location, review.location_changed) == ("unsheltered", "not_recorded")
    client.force_login(river_provider)
    page = client.get(reverse("conferencing:call_household", args=[meeting.pk, review.pk]))
    words = text_of(page)
    assert "By-name list" in words
    assert "Oli Other" in words
    assert page.context["known"]["is_news"]
    saved = write_notes(review, river_provider, location_changed="unchanged")
    assert saved.stored == {"location_changed": "changed"}
    review.refresh_from_db()
    assert (review.location, review.location_changed) == ("unsheltered", "changed")


def test_what_was_recorded_since_the_call_began_counts_when_it_is_taken_up(
    held_call, ana, river_provider
):
    review = held_call.meeting.reviews.get(participant=ana)
    assert review.location == "shelter"
    make_situation(ana, kind="hotel", days_ago=0, words="Route 9", by=river_provider)
    with pytest.raises(ValidationError, match="Hotel or motel"):
        write_notes(review, river_provider, location_changed="unchanged")
    put_on_table(held_call.meeting, review, actor=river_provider, now=timezone.now())
    review.refresh_from_db()
    assert (review.location, review.location_words, review.revision) == ("hotel", "Route 9", 0)
    write_notes(review, river_provider, location_changed="unchanged")
    put_on_table(held_call.meeting, None, actor=river_provider, now=timezone.now())
    make_situation(ana, kind="housed", days_ago=0, by=river_provider)
    put_on_table(held_call.meeting, review, actor=river_provider, now=timezone.now())
    review.refresh_from_db()
    assert review.location == "hotel"  # what the call confirmed stays


@pytest.mark.parametrize("name", ["location", "preferences", "barriers", "safety"])
def test_unchanged_is_offered_and_taken_only_against_something(
    client, held_call, ana, ben, river_provider, name
):
    client.force_login(river_provider)
    for person, is_known in ((ana, True), (ben, False)):
        review = held_call.meeting.reviews.get(participant=person)
        page = client.get(
            reverse("conferencing:call_household", args=[held_call.meeting.pk, review.pk])
        )
        assert (f'data-unchanged="{name}"' in page.content.decode()) is is_known
        if is_known:
            write_notes(review, river_provider, **{f"{name}_changed": "unchanged"})
        else:
            with pytest.raises(ValidationError, match="Nothing is known from before") as refused:
                write_notes(review, river_provider, **{f"{name}_changed": "unchanged"})
            assert list(refused.value.message_dict) == [f"{name}_changed"]
        review.refresh_from_db()
        mark = "unchanged" if is_known else "not_recorded"
        assert getattr(review, f"{name}_changed") == mark


def test_no_barrier_at_all_can_be_unchanged_once_a_call_confirmed_it(
    river, region_2, meeting, ana, former_review, river_provider
):
    former_review.barriers, former_review.barriers_changed = [], "changed"
    former_review.save()
    begin_call(meeting, actor=river_provider, now=timezone.now())
    review = meeting.reviews.get(participant=ana)
    write_notes(review, river_provider, barriers_changed="unchanged")
    review.refresh_from_db()
    assert (review.barriers, review.barriers_changed) == ([], "unchanged")


def test_a_call_that_nobody_closed_keeps_what_was_said(
    review, ana, river, region_2, client, river_provider
):
    write_notes(review, river_provider, notes="Said before the line broke")
    later = make_meeting(river, region_2, starts_at=timezone.now() + timedelta(days=30))
    assert last_reviews([ana], before=later) == {ana.pk: review}
    client.force_login(river_provider)
    words = text_of(client.get(reverse("conferencing:participant_reviews", args=[ana.pk])))
    assert "Said before the line broke" in words
    assert "Call not closed" in words


def test_a_call_that_is_left_says_whom_it_leaves_open(client, review, ben, river_specialist):
    client.force_login(river_specialist)
    url = reverse("conferencing:call_table", args=[review.meeting.pk])
    answer = client.post(url, {"go": "next"}, headers={"X-Call": "1"})
    assert answer.json() == {
        "said": "Left open: Heron-1. Assign a step with a follow-up person, or say why no step is "
        "needed.",
        "review": str(review.pk),
    }
    Review.objects.update(outcome="discussed", discussed_at=timezone.now())
    first = {"review": str(review.pk)}
    assert client.post(url, first, headers={"X-Call": "1"}).status_code == 204
