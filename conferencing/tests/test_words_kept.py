"""What somebody typed for a call and was told is saved: where a reader finds it afterward."""

import json
from collections import defaultdict
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agreements.models import StaffMember
from conferencing.call.acts import begin_call, raise_participant
from conferencing.call.closing import close_call
from conferencing.minutes.addenda import add_addendum
from conferencing.models import (
    ActionItem,
    Addendum,
    Meeting,
    Nomination,
    ProgressUpdate,
    Review,
    RosterEntry,
)
from conferencing.prep_lists.snapshots import make_snapshot
from conferencing.prework.acts import keep_prework, mark_prework_accepted
from conferencing.reviews.decisions import decisions_said
from conferencing.reviews.last import last_reviews
from conferencing.roster.acts import settle_roster
from conferencing.roster.nominations import nominate_participant
from conferencing.rotation.roles import change_role
from conferencing.schedule.acts import cancel_meeting
from conferencing.steps.acts import report_progress
from conferencing.tests.factories import (
    make_guest,
    make_meeting,
    make_prework,
    make_review,
    make_roster,
    make_step,
    write_notes,
)
from conferencing.tests.pages import text_of
from conferencing.tests.readable import readable
from conferencing.tests.world import signed_in
from participants.models import Participant
from participants.naming import label_for
from participants.tests.factories import make_merge, make_participant, make_release, make_situation
from regions.clock import local_day
from regions.tests.factories import today_in
from regions.words import day_words
from vault.encrypted import EncryptedField
from vault.fields import EncryptedJSONField

pytestmark = pytest.mark.django_db


@pytest.fixture
def following(river, region_2, ana, ben):
    """The call after, with both on its roster."""
    call = make_meeting(river, region_2, starts_at=timezone.now() + timedelta(minutes=20))
    make_roster(call, ana, ben)
    return call


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
    write_notes(
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
    write_notes(
        review, river_provider, is_referred=True, target_kind="", target_on="", target_words=""
    )
    assert decisions_said(Review.objects.get(pk=review.pk)) == ["Referral made"]
    write_notes(review, river_provider, referral="Quarry Lane")
    assert decisions_said(Review.objects.get(pk=review.pk)) == ["Referral made: Quarry Lane"]


def test_an_addendum_stands_with_the_review_that_it_corrects(
    review, following, ana, river_provider, river_specialist
):
    write_notes(review, river_provider, safety="Safe with her sister")
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
    write_notes(review, river_provider, safety="Safe again")
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
    write_notes(review, river_provider, location="", location_words="Under the railway bridge")
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
    write_notes(review, river_provider, location="", location_words="Under the railway bridge")
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
    write_notes(review, river_provider, location="hotel", location_words="Harbor Inn")
    close(review.meeting, river_specialist)
    shot = make_snapshot(following, now=timezone.now())
    row = next(each for each in shot["participants"] if each["elements"])
    assert row["elements"]["location"] == "Hotel or motel: Harbor Inn"
    assert row["changes"] == []


PREPARED = {
    "safety": "A cousin knows the camp",
    "notes": "Her phone is gone",
    "barriers": ["A fine at the library"],
}


@pytest.fixture
def prepared(meeting, ana, river_provider, river_specialist):
    """Bridge Housing wrote of Ana what the call should know."""
    settle_roster(meeting, actor=river_specialist, now=timezone.now())
    return keep_prework(
        meeting, ana, revision=0, **PREPARED, actor=river_provider, now=timezone.now()
    )


def hold(meeting, steering, closing):
    begin_call(meeting, actor=steering, now=timezone.now())
    close(meeting, closing)


def words_prepared():
    return [PREPARED["safety"], PREPARED["notes"], *PREPARED["barriers"]]


def test_prework_that_a_call_did_not_take_up_is_in_the_file_and_offered_at_the_next(
    prepared, following, ana, river_provider, river_specialist
):
    hold(prepared.meeting, river_provider, river_specialist)
    told = file_of(river_provider, ana)
    assert "Prepared by Bridge Housing Not used" in told
    at_call = page_at(following, river_specialist, ana)
    assert f"prepared for {day_words(prepared.meeting.on)}, not used" in at_call
    for words in words_prepared():
        assert words in told
        assert words in at_call
    listed = reverse("conferencing:prework_list", args=[prepared.meeting_id])
    page = signed_in(river_provider).get(listed)
    assert reverse("conferencing:participant_reviews", args=[ana.pk]) in page.content.decode()
    assert "Not used" in text_of(page)


def test_what_was_taken_up_of_prework_is_not_offered_again(
    prepared, following, ana, river_provider, river_specialist
):
    begin_call(prepared.meeting, actor=river_provider, now=timezone.now())
    review = Review.objects.get(meeting=prepared.meeting, participant=ana)
    write_notes(review, river_provider, safety=PREPARED["safety"])
    mark_prework_accepted(prepared, actor=river_provider, now=timezone.now())
    close(prepared.meeting, river_specialist)
    assert "Not in the review: Critical barriers, Other updates" in file_of(river_provider, ana)
    at_call = page_at(following, river_specialist, ana)
    said = at_call[at_call.index("Prepared by agencies") : at_call.index("Elements to review")]
    assert "used in part" in said
    assert PREPARED["notes"] in said
    assert PREPARED["safety"] not in said


def test_prework_of_an_earlier_call_can_be_used_and_is_then_offered_no_more(
    prepared, following, ana, river, region_2, river_provider, river_specialist
):
    hold(prepared.meeting, river_provider, river_specialist)
    begin_call(following, actor=river_specialist, now=timezone.now())
    review = Review.objects.get(meeting=following, participant=ana)
    write_notes(review, river_specialist, safety=PREPARED["safety"])
    address = reverse("conferencing:prework_accept", args=[following.pk, prepared.pk])
    answer = signed_in(river_specialist).post(address, HTTP_X_CALL="1")
    assert answer.status_code == 204
    close(following, river_specialist)
    prepared.refresh_from_db()
    used_on = local_day(prepared.accepted_at, river.zone)
    assert f"Used {day_words(used_on)}" in file_of(river_provider, ana)
    third = make_meeting(river, region_2, starts_at=timezone.now() + timedelta(minutes=25))
    make_roster(third, ana)
    assert "prepared for" not in page_at(third, river_specialist, ana)


def test_prework_of_a_call_to_come_is_not_called_left(
    prepared, following, ana, river_provider, river_specialist
):
    assert "Prepared by Bridge Housing Not used yet" in file_of(river_provider, ana)
    assert "prepared for" not in page_at(following, river_specialist, ana)


def test_prework_of_a_call_that_was_called_off_is_offered_at_the_next(
    prepared, following, ana, river_provider, river_specialist
):
    later = timezone.now() + timedelta(days=3)
    Meeting.objects.filter(pk=prepared.meeting_id).update(
        starts_at=later, ends_at=later + timedelta(hours=1)
    )
    meeting = Meeting.objects.get(pk=prepared.meeting_id)
    cancel_meeting(meeting, reason="Snow", actor=river_specialist, now=timezone.now())
    told = file_of(river_provider, ana)
    assert "Prepared by Bridge Housing Call canceled" in told
    assert PREPARED["notes"] in told
    assert PREPARED["notes"] in page_at(following, river_specialist, ana)


def test_prework_of_a_household_taken_off_the_roster_is_in_its_file(
    prepared, ana, river_provider, river_specialist
):
    prepared.meeting.roster.filter(participant=ana).delete()
    told = file_of(river_provider, ana)
    assert "Prepared by Bridge Housing Not on the roster" in told
    assert PREPARED["safety"] in told


def test_prework_left_over_is_cleaned_and_its_names_are_kept_when_it_is_used(
    meeting, following, ana, river_provider, river_other_provider, river_specialist
):
    """Oli, who takes notes at the next call, is under no release of Ana's."""
    settle_roster(meeting, actor=river_specialist, now=timezone.now())
    kept = keep_prework(
        meeting,
        ana,
        revision=0,
        notes="Ana Example has a key",
        actor=river_provider,
        now=timezone.now(),
    )
    hold(meeting, river_provider, river_specialist)
    assert "Ana" not in readable(file_of(river_other_provider, ana))
    place = StaffMember.objects.select_related("agency").get(user=river_other_provider)
    now = timezone.now()
    change_role(following, "note_taker", agency=place.agency, person=place, actor=None, now=now)
    begin_call(following, actor=river_other_provider, now=now)
    review = Review.objects.get(meeting=following, participant=ana)
    shown = label_for(ana, river_other_provider, now).to_edit(kept.notes)
    assert "Ana" not in readable(shown)
    write_notes(review, river_other_provider, notes=shown)
    assert Review.objects.get(pk=review.pk).notes == "Ana Example has a key"
    page = page_told(following, river_other_provider, ana)
    assert "Ana" not in readable(page)
    assert "not used" not in page


def test_why_a_household_was_to_be_heard_is_in_its_file_and_minutes(
    held_call, ben, river_provider, river_specialist
):
    meeting, now = held_call.meeting, timezone.now()
    raise_participant(meeting, ben, because="Followed home", actor=river_provider, now=now)
    close(meeting, river_specialist)
    assert "Followed home" in file_of(river_specialist, ben)
    assert "Followed home" in minutes_of(river_specialist, meeting)


def test_who_nominated_reads_their_own_words_in_the_file_and_others_cleaned_ones(
    following, ben, river_provider, river_other_provider
):
    reason = "Ben Sample sleeps by the mill"
    now = timezone.now()
    nominate_participant(following, ben, reason=reason, actor=river_provider, now=now)
    assert f"Nominated by Bridge Housing: {reason}" in file_of(river_provider, ben)
    told = file_of(river_other_provider, ben)
    assert "sleeps by the mill" in told
    assert "Sample" not in told


# Why the household's file does not show what stands there.
ELSEWHERE = {
    ("Review", "systemic"): "marks on its barriers, which the file shows",
    ("CallGuest", "name"): "who a guest is: on the page of the call's guests, and nowhere else",
    ("CallGuest", "safety_shown"): "handed over of what is written under safety, for one guest",
}


def sealed_columns():
    """The sealed columns of what a call has to do with a household: `[(model, field)]`."""
    about = {Participant, Review, ActionItem}
    return [
        (model, field)
        for model in apps.get_app_config("conferencing").get_models()
        if not hasattr(model, "pgh_obj")
        and about.intersection(each.related_model for each in model._meta.fields)
        for field in model._meta.fields
        if isinstance(field, EncryptedField)
    ]


def word_of(model, field):
    return f"{model.__name__}-{field.name}".casefold()


def test_every_sealed_word_about_a_household_is_in_its_file(
    meeting, ana, river_agency, river_provider, river_specialist
):
    """A new column fails until its words are shown in the file, or a reason says why not."""
    Meeting.objects.filter(pk=meeting.pk).update(state="closed")
    words = defaultdict(dict)
    for model, field in sealed_columns():
        is_list = isinstance(field, EncryptedJSONField)
        word = word_of(model, field)
        words[model.__name__][field.name] = [word] if is_list else word
    now, place = timezone.now(), StaffMember.objects.get(user=river_provider)
    review = make_review(meeting, ana, revision=1, **words.pop("Review"))
    step = make_step(ana, river_agency, person=place, review=review, **words.pop("ActionItem"))
    by = {"by": river_provider, "at": now}
    ProgressUpdate.objects.create(step=step, progress="done", **words.pop("ProgressUpdate"), **by)
    Addendum.objects.create(meeting=meeting, review=review, **words.pop("Addendum"), **by)
    make_prework(meeting, ana, place, **words.pop("PreWork"))
    entry = meeting.roster.get(participant=ana)
    for name, word in words.pop("RosterEntry").items():
        setattr(entry, name, word)
    entry.save()
    Nomination.objects.create(
        meeting=meeting, participant=ana, agency=river_agency, **words.pop("Nomination"), **by
    )
    make_guest(meeting, ana, by=river_specialist, relation="family", **words.pop("CallGuest"))
    assert not words, "a new model about a household: make one of it here"
    told = file_of(river_provider, ana)
    missing = {
        (model.__name__, field.name)
        for model, field in sealed_columns()
        if word_of(model, field) not in told
    }
    assert missing == set(ELSEWHERE)


def test_the_file_asks_as_often_for_one_call_and_for_many(
    django_assert_num_queries, ana, river, region_2, river_agency, river_provider
):
    client = signed_in(river_provider)
    address = reverse("conferencing:participant_reviews", args=[ana.pk])
    place = StaffMember.objects.get(user=river_provider)

    def held(days_ago):
        by = {"by": river_provider, "at": timezone.now()}
        at = timezone.now() - timedelta(days=days_ago)
        call = make_meeting(river, region_2, starts_at=at, state="closed")
        make_roster(call, ana)
        review = make_review(call, ana, revision=1, notes=f"Of {days_ago} days ago")
        make_prework(call, ana, place, notes="Lost her phone", accepted_at=at)
        Nomination.objects.create(
            meeting=call, participant=ana, agency=river_agency, reason="Urgent", **by
        )
        Addendum.objects.create(meeting=call, review=review, words="It was Monday", **by)

    held(3)
    client.get(address)
    with CaptureQueriesContext(connection) as first:
        client.get(address)
    for days_ago in range(10, 18):
        held(days_ago)
    with django_assert_num_queries(len(first)):
        assert "Of 17 days ago" in text_of(client.get(address))
