"""What somebody typed for a call and was told is saved: where a reader finds it afterwards."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from agreements.models import StaffMember
from conferencing.models import Review, RosterEntry
from conferencing.services.calls import begin_call, raise_participant
from conferencing.services.closing import close_call
from conferencing.services.decisions import decisions_said
from conferencing.services.last_review import last_reviews
from conferencing.services.minutes.addenda import add_addendum
from conferencing.services.notes import save_notes
from conferencing.services.snapshots import make_snapshot
from conferencing.services.steps import report_progress
from conferencing.tests.factories import make_meeting, make_review, make_roster, make_step
from conferencing.tests.pages import text_of
from conferencing.tests.world import signed_in
from participants.tests.factories import make_merge, make_participant, make_release, make_situation
from regions.tests.factories import today_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def following(river, region_2, ana, ben):
    """The call after, with both on its roster."""
    call = make_meeting(river, region_2, starts_at=timezone.now() + timedelta(minutes=20))
    make_roster(call, ana, ben)
    return call


def write(review, user, **values):
    now = timezone.now()
    on = today_in(review.meeting.continuum.zone)
    base = Review.objects.get(pk=review.pk).revision
    saved = save_notes(
        review.meeting_id, review.pk, values, base=base, kept={}, actor=user, on=on, now=now
    )
    assert not saved.held
    assert not saved.conflict


def close(meeting, user):
    close_call(meeting, carries_over=True, actor=user, now=timezone.now())


def file_of(user, person):
    """What the household's file tells this reader."""
    page = signed_in(user).get(reverse("conferencing:participant_reviews", args=[person.pk]))
    return text_of(page)


def minutes_of(user, meeting):
    return text_of(signed_in(user).get(reverse("conferencing:minutes_detail", args=[meeting.pk])))


def list_of(meeting):
    return json.dumps(make_snapshot(meeting, now=timezone.now()), default=str)


def page_at(meeting, user, person):
    """The household's page at this call, which is begun for it."""
    begin_call(meeting, actor=user, now=timezone.now())
    review = Review.objects.get(meeting=meeting, participant=person)
    address = reverse("conferencing:call_household", args=[meeting.pk, review.pk])
    return text_of(signed_in(user).get(address))


def everywhere(user, person, held, call):
    return {
        "file": file_of(user, person),
        "minutes": minutes_of(user, held),
        "list": list_of(call),
        "call": page_at(call, user, person),
    }


def test_what_is_decided_in_words_alone_is_told_without_its_box(
    review, following, ana, river_provider, river_specialist
):
    write(
        review,
        river_provider,
        referral="Quarry Lane, second floor",
        exception_reason="Cannot climb stairs",
        target_kind="milestone",
        target_on="",
        target_words="Birth certificate in hand",
    )
    close(review.meeting, river_specialist)
    found = everywhere(river_specialist, ana, review.meeting, following)
    for words in (
        "Referral, not marked as made",
        "Quarry Lane, second floor",
        "Priority exception, not marked as made",
        "Cannot climb stairs",
        "Birth certificate in hand",
    ):
        assert [place for place, told in found.items() if words not in told] == [], words
    assert "Milestone, no date set: Birth certificate in hand" in found["file"]
    assert "Referral made" not in found["file"]


def test_a_box_says_what_is_decided_with_words_or_without(review, river_provider):
    write(review, river_provider, is_referred=True, target_kind="", target_on="", target_words="")
    assert decisions_said(Review.objects.get(pk=review.pk)) == ["Referral made"]
    write(review, river_provider, referral="Quarry Lane")
    assert decisions_said(Review.objects.get(pk=review.pk)) == ["Referral made: Quarry Lane"]


def test_an_addendum_stands_with_the_review_that_it_corrects(
    review, following, ana, river_provider, river_specialist
):
    write(review, river_provider, safety="Safe with her sister")
    close(review.meeting, river_specialist)
    words = "Not safe: the sister has moved"
    now = timezone.now()
    add_addendum(review.meeting, review=review, words=words, actor=river_specialist, now=now)
    found = everywhere(river_specialist, ana, review.meeting, following)
    assert [place for place, told in found.items() if words not in told] == []


def test_an_addendum_to_a_household_nobody_spoke_of_leads_on_to_the_next_call(
    held_call, following, ben, river_specialist
):
    close(held_call.meeting, river_specialist)
    review = Review.objects.get(meeting=held_call.meeting, participant=ben)
    words = "We did hear of this one: lives in a van"
    now = timezone.now()
    add_addendum(held_call.meeting, review=review, words=words, actor=river_specialist, now=now)
    found = everywhere(river_specialist, ben, held_call.meeting, following)
    assert [place for place, told in found.items() if words not in told] == []


def test_an_addendum_is_cleaned_for_who_reads_it(
    review, following, ana, river_other_provider, river_specialist
):
    """Oli of Cedar Outreach, who is under no release of Ana's."""
    close(review.meeting, river_specialist)
    now = timezone.now()
    words = "Ana Example left her sister"
    add_addendum(review.meeting, review=review, words=words, actor=river_specialist, now=now)
    for told in (
        file_of(river_other_provider, ana),
        page_at(following, river_other_provider, ana),
    ):
        assert "left her sister" in told
        assert "Example" not in told


def test_an_addendum_to_an_older_review_does_not_come_up_again(
    former_review, review, following, ana, river_provider, river_specialist
):
    write(review, river_provider, safety="Safe again")
    close(review.meeting, river_specialist)
    # As of former days, when the minutes of each call were not frozen by its end.
    former_review.addenda.create(
        meeting=former_review.meeting,
        words="Of long ago",
        by=river_specialist,
        at=timezone.now(),
    )
    assert "Of long ago" in file_of(river_specialist, ana)
    assert "Of long ago" not in list_of(following)
    assert "Of long ago" not in page_at(following, river_specialist, ana)


def test_why_each_person_raised_a_household_is_kept_once(
    held_call, ana, ben, river_provider, river_specialist
):
    meeting, now = held_call.meeting, timezone.now()
    entry = meeting.roster.get(participant=ben)
    entry.added_because = "Ana Example’s friend asks for him"
    entry.save()
    for user, because in (
        (river_specialist, "Followed home on Friday"),
        (river_provider, "Ben Sample lost his tent"),
        (river_provider, "Ben Sample lost his tent"),
    ):
        raise_participant(meeting, ben, because=because, actor=user, now=now)
    kept = RosterEntry.objects.get(pk=entry.pk).added_because
    assert kept.split("\n") == [
        "Ana Example’s friend asks for him",
        "Followed home on Friday",
        "Ben Sample lost his tent",
    ]
    told = page_told(meeting, river_provider, ben)
    assert "Followed home on Friday" in told
    assert "Ben Sample lost his tent" in told  # their own words
    assert "lost his tent" in page_told(meeting, river_specialist, ben)
    assert "Ben Sample" not in page_told(meeting, river_specialist, ben)


def page_told(meeting, user, person):
    review = Review.objects.get(meeting=meeting, participant=person)
    address = reverse("conferencing:call_household", args=[meeting.pk, review.pk])
    return text_of(signed_in(user).get(address))


def test_two_records_joined_keep_what_was_chosen_at_each(
    river, region_2, river_agency, river_provider, river_other_provider, river_specialist
):
    held = make_meeting(
        river, region_2, starts_at=timezone.now() - timedelta(days=28), state="closed"
    )
    two = [
        make_participant(river_agency, region_2, name=name, alias=alias)
        for name, alias in (("Ilse Sommerfeld", "Lark-31"), ("Ilse Somerfeld", "Lark-32"))
    ]
    for each in two:
        make_release(each)
    on = today_in(river.zone)
    make_review(
        held,
        two[0],
        revision=1,
        navigator=StaffMember.objects.get(user=river_provider),
        eligibility="eligible",
        target_kind="move_in",
        target_on=on,
        target_words="Quarry Lane",
        location="shelter",
        location_words="Bed nine",
        location_changed="changed",
    )
    make_review(
        held,
        two[1],
        revision=1,
        navigator=StaffMember.objects.get(user=river_other_provider),
        eligibility="not_eligible",
        target_kind="milestone",
        target_words="Dentist in June",
        location="hotel",
        location_words="Room twelve",
    )
    make_merge(*two, by=river_specialist)
    call = make_meeting(river, region_2, starts_at=timezone.now() + timedelta(minutes=20))
    make_roster(call, two[0])
    review = last_reviews([two[0]], before=call)[two[0].pk]
    said = "\n".join(decisions_said(review))
    for words in ("Pat Provider", "Oli Other", ": eligible", "not eligible", "Quarry Lane"):
        assert words in said, words
    assert "Milestone, no date set: Dentist in June" in said
    assert review.location_words == "Bed nine; also Hotel or motel: Room twelve"
    listed = list_of(call)
    assert "Bed nine" in listed
    assert "Room twelve" in listed
    told = page_at(call, river_specialist, two[0])
    for words in ("Quarry Lane", "Dentist in June", "Bed nine", "Room twelve", "Oli Other"):
        assert words in told, words
    begun = Review.objects.get(meeting=call)
    assert "Quarry Lane" in begun.target_words
    assert "Dentist in June" in begun.target_words


def test_a_place_in_words_without_its_kind_is_where_the_next_call_goes_on_from(
    held_call, following, ben, river_provider, river_specialist
):
    review = Review.objects.get(meeting=held_call.meeting, participant=ben)
    write(review, river_provider, location="", location_words="Under the railway bridge")
    close(held_call.meeting, river_specialist)
    stay = ben.situations.get()
    assert (stay.kind, stay.words) == ("unknown", "Under the railway bridge")
    found = everywhere(river_specialist, ben, held_call.meeting, following)
    assert [place for place, told in found.items() if "railway bridge" not in told] == []


def test_a_place_without_its_kind_does_not_say_who_is_sheltered(
    held_call, ben, river_provider, river_specialist
):
    ben.is_unsheltered = True
    ben.save()
    review = Review.objects.get(meeting=held_call.meeting, participant=ben)
    write(review, river_provider, location="", location_words="Under the railway bridge")
    close(held_call.meeting, river_specialist)
    ben.refresh_from_db()
    assert ben.is_unsheltered


def test_what_is_recorded_later_on_the_day_of_a_call_is_news_on_the_next_list(
    former_review, following, ana, river_agency, river_provider
):
    place = StaffMember.objects.get(user=river_provider)
    step = make_step(ana, river_agency, person=place, review=former_review)
    called_at = former_review.meeting.starts_at
    for minutes, line in ((-1, "Before they began"), (2, "The key was handed back")):
        at = called_at + timedelta(minutes=minutes)
        report_progress(step, progress="under_way", line=line, actor=river_provider, now=at)
    days_ago = (today_in(ana.continuum.zone) - former_review.meeting.on).days
    make_situation(ana, "hotel", days_ago=days_ago, words="Harbor Inn")
    listed = list_of(following)
    assert "The key was handed back" in listed
    assert "Before they began" not in listed
    assert "Harbor Inn" in listed


def test_what_a_call_said_itself_is_no_news_on_the_next_list(
    review, following, river_provider, river_specialist
):
    write(review, river_provider, location="hotel", location_words="Harbor Inn")
    close(review.meeting, river_specialist)
    shot = make_snapshot(following, now=timezone.now())
    row = next(each for each in shot["participants"] if each["elements"])
    assert row["elements"]["location"] == "Hotel or motel: Harbor Inn"
    assert row["changes"] == []
