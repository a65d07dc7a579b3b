"""At a call: households with nothing to discuss are one block, confirmed by one press."""

import importlib
from datetime import timedelta

import pypdfium2
import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from agreements.models import StaffMember
from audit.history import events_of
from conferencing.call import acts as calls
from conferencing.call import nothing
from conferencing.call.closing import close_call
from conferencing.call.keys import USUAL, choose_key, keys_of
from conferencing.call.steps import add_step, report_at_call
from conferencing.minutes.pages import copy_for, minutes_of
from conferencing.models import (
    Attendance,
    Call,
    Meeting,
    NothingToDiscuss,
    OwnKeys,
    PrepList,
    PrepListDelivery,
    Review,
)
from conferencing.nothing_to_discuss import acts
from conferencing.prep_lists.copies import Copy
from conferencing.prep_lists.snapshots import make_snapshot
from conferencing.prework.acts import keep_prework
from conferencing.reviews.last import last_reviews
from conferencing.reviews.line import review_lines
from conferencing.roster.criteria import carried_over
from conferencing.tests.factories import (
    make_meeting,
    make_review,
    make_step,
    report,
    write_notes,
)
from conferencing.tests.pages import text_of
from participants.tests.factories import make_participant
from regions.tests.factories import today_in
from vault import documents

pytestmark = pytest.mark.django_db
PAGE = {"X-Call": "1"}
Outcome = Review.Outcome


@pytest.fixture
def cora(river_agency, region_2, former_review):
    """Another household of the keeping agency, reviewed a month ago too."""
    person = make_participant(river_agency, region_2, name="Cora Case", alias="Heron-9")
    make_review(former_review.meeting, person, notes="Said a month ago")
    return person


@pytest.fixture
def called(meeting, ana, cora, former_review, river_agency, river_provider, river_specialist):
    """The call of the hour, begun, with Ana and Cora marked."""
    place = StaffMember.objects.get(user=river_provider)
    for person in (ana, cora):
        make_step(person, river_agency, person=place, what="Call the landlord")
    meeting.roster.create(participant=cora, position=9, source="added", minutes=7)
    now = timezone.now()
    Meeting.objects.filter(pk=meeting.pk).update(roster_settled_at=now)
    acts.mark_nothing_to_discuss(meeting, [ana, cora], actor=river_specialist, now=now)
    calls.begin_call(meeting, actor=river_specialist, now=now)
    return Meeting.objects.get(pk=meeting.pk)


def review_of(meeting, person):
    return Review.objects.get(meeting=meeting, participant=person)


def block(meeting):
    reviews = list(meeting.reviews.all())
    return set(acts.block_of(meeting, reviews, now=timezone.now()))


def confirm(client, meeting, *people):
    keys = " ".join(str(review_of(meeting, each).pk) for each in people)
    url = reverse("conferencing:call_nothing_to_discuss", args=[meeting.pk])
    return client.post(url, {"reviews": keys}, headers=PAGE)


def page_of(client, meeting):
    return client.get(reverse("conferencing:call_detail", args=[meeting.pk]))


def test_the_block_stands_before_the_others_and_takes_no_minutes(
    client, called, ana, cora, river_other_provider
):
    client.force_login(river_other_provider)
    page = page_of(client, called)
    words = text_of(page)
    assert "0 of 2 discussed · 10 min planned" in words
    assert (
        "Nothing to discuss: 2 households Read out together, then confirm · frees 12 min" in words
    )
    assert "Ana Example" not in words
    assert words.index("frees 12 min") < words.index("Heron-2")
    bar = page.context["steer"]
    assert (bar["done"], bar["total"], bar["expected_seconds"]) == (0, 2, 0)
    confirm(client, called, ana, cora)
    bar = page_of(client, called).context["steer"]
    assert (bar["done"], bar["total"], bar["expected_seconds"]) == (0, 2, 0)


def test_one_press_confirms_the_block_and_one_undoes_it(
    client, called, ana, cora, ben, river_other_provider
):
    client.force_login(river_other_provider)
    assert confirm(client, called, ana, cora).status_code == 200
    assert {each.outcome for each in (review_of(called, ana), review_of(called, cora))} == {
        Outcome.NOTHING
    }
    assert review_of(called, ben).outcome == Outcome.OPEN
    page = page_of(client, called)
    assert "Confirmed · frees 12 min" in text_of(page)
    assert 'id="confirm-nothing"' not in page.content.decode()
    offered = page.context["undo"]
    assert offered.words == "You confirmed “Nothing to discuss”: 2 households."
    undo = reverse("conferencing:call_undo_act", args=[called.pk, offered.pk])
    assert client.post(undo, headers=PAGE).status_code == 204
    assert {review_of(called, each).outcome for each in (ana, cora)} == {Outcome.OPEN}
    assert block(called) == {ana.pk, cora.pk}


def test_an_undo_is_refused_once_one_was_taken_up(client, called, ana, cora, river_other_provider):
    client.force_login(river_other_provider)
    confirm(client, called, ana, cora)
    offered = page_of(client, called).context["undo"]
    nothing.take_out(review_of(called, ana), actor=river_other_provider, now=timezone.now())
    undo = reverse("conferencing:call_undo_act", args=[called.pk, offered.pk])
    assert client.post(undo, headers=PAGE).status_code == 422
    assert review_of(called, cora).outcome == Outcome.NOTHING


def test_only_what_was_read_out_is_confirmed(client, called, ana, cora, river_other_provider):
    client.force_login(river_other_provider)
    answer = confirm(client, called, ana)
    assert (answer.status_code, answer.json()["errors"]) == (422, [nothing.CHANGED])
    report(ana.steps.get(), by=river_other_provider, at=timezone.now())  # at this moment
    assert confirm(client, called, ana, cora).status_code == 422
    assert block(called) == {cora.pk}
    assert confirm(client, called, cora).status_code == 200
    assert review_of(called, ana).outcome == Outcome.OPEN
    with pytest.raises(ValidationError, match=nothing.NOBODY):
        nothing.confirm_nothing(called, [], actor=river_other_provider, now=timezone.now())


def test_the_note_taker_does_not_confirm(client, called, ana, cora, river_provider):
    client.force_login(river_provider)
    assert confirm(client, called, ana, cora).status_code == 403
    assert 'id="confirm-nothing"' not in page_of(client, called).content.decode()


def test_next_and_previous_pass_over_the_block(called, ana, ben, wren, river_other_provider):
    call, now = called.call, timezone.now()
    first = calls.neighbour(called, call, 1, now=now)
    assert first.participant == ben
    calls.put_on_table(called, first, actor=river_other_provider, now=now)
    called.call.refresh_from_db()
    with pytest.raises(ValidationError, match="first household"):
        calls.neighbour(called, called.call, -1, now=now)
    assert calls.neighbour(called, called.call, 1, now=now).participant == wren


def on_the_table(called, review, place, now):
    calls.put_on_table(called, review, actor=place.user, now=now)


def write(called, review, place, now):
    write_notes(review, place.user, notes="They have a job now")


def give_step(called, review, place, now):
    add_step(
        review,
        what="Write to the county",
        agency=place.agency,
        follow_up_person=place,
        due_on=today_in() + timedelta(days=9),
        is_critical=False,
        keep_words=False,
        key=review.pk,
        actor=place.user,
        now=now,
    )


def hear_report(called, review, place, now):
    step = review.participant.steps.get()
    report_at_call(
        called,
        step,
        progress="under_way",
        line="Still",
        last_seen_on=None,
        actor=place.user,
        now=now,
    )


def raise_again(called, review, place, now):
    calls.raise_participant(called, review.participant, because="A fire", actor=place.user, now=now)


def carry(called, review, place, now):
    calls.carry_over(review, actor=place.user, now=now)


def reopen(called, review, place, now):
    calls.reopen(review, actor=place.user, now=now)


def take_out(called, review, place, now):
    nothing.take_out(review, actor=place.user, now=now)


TAKEN_UP = (on_the_table, write, give_step, hear_report, raise_again, carry, reopen, take_out)


@pytest.mark.parametrize("act", TAKEN_UP)
@pytest.mark.parametrize("is_confirmed", [False, True])
def test_whatever_is_said_of_one_takes_it_out_of_the_block(
    called, ana, cora, river_provider, river_other_provider, act, is_confirmed
):
    now, place = timezone.now(), StaffMember.objects.get(user=river_provider)
    keys = [review_of(called, each).pk for each in (ana, cora)]
    if is_confirmed:
        nothing.confirm_nothing(called, keys, actor=river_other_provider, now=now)
    act(called, review_of(called, ana), place, now)
    assert block(called) == {cora.pk}
    mark = NothingToDiscuss.objects.get(participant=ana)
    assert (mark.pulled_back_by, mark.pulled_back_agency) == (place.user, place.agency)
    assert review_of(called, ana).outcome == (
        Outcome.CARRIED_OVER if act == carry else Outcome.OPEN
    )
    standing = NothingToDiscuss.objects.get(participant=cora)
    assert standing.pulled_back_at is None


def test_of_what_is_confirmed_nothing_can_have_been_said(called, ana, river_provider):
    """The database holds it: words and this outcome do not stand together."""
    from django.db import IntegrityError, transaction

    review = review_of(called, ana)
    for values in ({"revision": 1}, {"discussed_at": timezone.now()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Review.objects.filter(pk=review.pk).update(outcome=Outcome.NOTHING, **values)


def closed(called, river_specialist, *people):
    keys = [review_of(called, each).pk for each in people]
    nothing.confirm_nothing(called, keys, actor=river_specialist, now=timezone.now())
    close_call(called, carries_over=True, actor=river_specialist, now=timezone.now())
    return Meeting.objects.get(pk=called.pk)


def test_the_minutes_hold_one_list_by_each_readers_names_and_repeat_nothing(
    client, called, ana, cora, river_provider, river_other_provider, river_specialist
):
    held = closed(called, river_specialist, ana, cora)
    for reader, names in (
        (river_provider, ["Ana Example", "Cora Case"]),
        (river_other_provider, ["Heron-1", "Heron-9"]),
    ):
        copy = copy_for(minutes_of(held), reader, now=timezone.now())
        document = copy.document()
        assert [each["label"] for each in document["nothing"]] == names
        assert {each["marked_by"] for each in document["nothing"]} == {"Sam Specialist"}
        told = [each["label"] for each in [*document["households"], *document["carried"]]]
        assert not set(told) & set(names)
        client.force_login(reader)
        page = text_of(client.get(reverse("conferencing:minutes_detail", args=[held.pk])))
        assert "Nothing to discuss: 2 households" in page
        assert "Of last month" not in page
        assert "Said a month ago" not in page
        assert names[0] in page
    frozen = {row["id"]: row for row in minutes_of(held).snapshot["households"]}
    assert (frozen[str(ana.pk)]["elements"], frozen[str(ana.pk)]["notes"]) == ([], "")


def test_it_is_an_outcome_of_its_own(client, called, ana, cora, river_specialist, river, region_2):
    """No review and none carried over: what was said before stays the last that was said."""
    nothing.take_out(review_of(called, cora), actor=river_specialist, now=timezone.now())
    held = closed(called, river_specialist, ana)
    review = review_of(held, ana)
    assert review.outcome == Outcome.NOTHING
    assert review.location_changed == Review.Changed.NOT_RECORDED
    assert review_of(held, cora).outcome == Outcome.CARRIED_OVER
    following = make_meeting(river, region_2, starts_at=timezone.now() + timedelta(days=30))
    assert last_reviews([ana], before=following)[ana.pk].notes == "Of last month"
    assert ana.pk not in carried_over(following)
    assert cora.pk in carried_over(following)
    line = review_lines([ana], on=today_in(), zone=river.zone)[ana.pk]
    assert [(each.had_nothing, each.is_carried_over) for each in line] == [
        (True, False),
        (False, False),
    ]
    client.force_login(river_specialist)
    reviews = text_of(client.get(reverse("conferencing:participant_reviews", args=[ana.pk])))
    assert reviews.count("Nothing to discuss") == 2  # in the line, and in full


@pytest.mark.parametrize("closes", [False, True])
def test_what_comes_in_after_it_was_confirmed_opens_a_household_again(
    client, called, ana, cora, river_provider, river_lead, river_specialist, closes
):
    """Word of who could not come would be read by nobody."""
    keys = [review_of(called, each).pk for each in (ana, cora)]
    nothing.confirm_nothing(called, keys, actor=river_specialist, now=timezone.now())
    nothing.reopen_changed_due(timezone.now())
    assert block(called) == {ana.pk, cora.pk}
    now = timezone.now()
    words = "They lost the room last night."
    keep_prework(called, ana, revision=0, actor=river_lead, now=now, notes=words)
    frame = called.call.frame
    client.force_login(river_specialist)
    assert "Back on the agenda" not in text_of(page_of(client, called))
    if closes:
        with pytest.raises(ValidationError, match="3 households are still open"):
            close_call(called, actor=river_specialist, now=now)
        close_call(called, carries_over=True, actor=river_specialist, now=now)
        assert review_of(called, ana).outcome == Outcome.CARRIED_OVER
    else:
        nothing.reopen_changed_due(now)
        assert Call.objects.get(meeting=called).frame > frame
        assert "Heron-1 Back on the agenda" in text_of(page_of(client, called))
        assert review_of(called, ana).outcome == Outcome.OPEN
        mark = NothingToDiscuss.objects.get(participant=ana)
        assert (mark.why, mark.pulled_back_by) == ("prepared", None)
        assert block(called) == {cora.pk}
    assert review_of(called, cora).outcome == Outcome.NOTHING


def test_on_the_way_back_it_is_carried_over(called, ana, cora, river_specialist):
    """The version before knows no such outcome."""
    closed(called, river_specialist, ana, cora)
    migration = importlib.import_module("conferencing.migrations.0021_nothing_to_discuss")
    migration.carried_over_again(apps, None)
    for rows in (Review.objects.all(), events_of(Review)):
        assert not rows.filter(outcome="nothing").exists()
    assert review_of(called, ana).outcome == Outcome.CARRIED_OVER


def test_what_nobody_read_out_is_told_before_the_call_is_closed(
    client, called, ana, cora, river_specialist
):
    client.force_login(river_specialist)
    page = client.get(reverse("conferencing:call_close", args=[called.pk]))
    assert "Nothing to discuss, not read out yet" in text_of(page)
    keys = " ".join(str(review_of(called, each).pk) for each in (ana, cora))
    client.post(
        reverse("conferencing:call_nothing_to_discuss", args=[called.pk]), {"reviews": keys}
    )
    page = text_of(client.get(reverse("conferencing:call_close", args=[called.pk])))
    assert "not read out yet" not in page.lower()
    assert "2 with nothing to discuss, 2 still open" in page


def test_a_new_act_takes_no_key_that_somebody_chose_before(river_provider):
    OwnKeys.objects.create(user=river_provider, chosen={"notes": USUAL["nothing"]})
    keys = keys_of(river_provider)
    assert keys["notes"] == USUAL["nothing"]
    assert len(set(keys.values())) == len(keys)
    choose_key(river_provider, "nothing", "Digit9")
    assert len(set(keys_of(river_provider).values())) == len(keys)


def test_the_shared_window_names_the_block_as_everybody_here_may_read_it(
    client, called, ana, cora, river_provider, river_other_provider
):
    """The note taker alone may read both names; whoever leads may not, and is here."""
    call, now = called.call, timezone.now()
    call.checked_at, call.checked_by = now, river_other_provider
    call.save()
    window = reverse("conferencing:call_present", args=[called.pk])
    client.force_login(river_provider)
    client.post(reverse("conferencing:call_attend", args=[called.pk]), headers=PAGE)
    Attendance.objects.exclude(user=river_provider).update(is_present=False)
    shown = client.get(window)
    assert [each["label"].text for each in shown.context["together"]] == [
        "Ana Example",
        "Cora Case",
    ]
    assert "Nothing to discuss: 2 households" in text_of(shown)
    others = {each["review"].participant_id for each in shown.context["rows"]}
    assert not others & {ana.pk, cora.pk}
    client.force_login(river_other_provider)
    client.post(reverse("conferencing:call_attend", args=[called.pk]), headers=PAGE)
    client.force_login(river_provider)
    shown = client.get(window)
    assert [each["label"].text for each in shown.context["together"]] == ["Heron-1", "Heron-9"]
    assert "Ana Example" not in text_of(shown)


def pdf_words(data):
    document = pypdfium2.PdfDocument(data)
    pages = (document[number].get_textpage().get_text_range() for number in range(len(document)))
    return " ".join(" ".join(pages).split())


def test_the_papers_are_drawn_with_the_block(called, ana, cora, river_provider, river_specialist):
    """Minutes and prep list as their readers get them."""
    now = timezone.now()
    prep_list = PrepList.objects.create(
        meeting=called,
        revision=1,
        frozen_at=now,
        was_settled=True,
        snapshot=make_snapshot(called, now=now),
    )
    agency = StaffMember.objects.get(user=river_provider).agency
    delivery = PrepListDelivery(prep_list=prep_list, recipient=river_provider, agency=agency)
    words = pdf_words(documents.render("prep_list", Copy(delivery, now=now).document()))
    assert "Nothing to discuss: 2 households" in words
    assert "2 participants to discuss" in words
    for told in ("Ana Example", "Cora Case", "Call the landlord", "No report yet"):
        assert told in words
    held = closed(called, river_specialist, ana, cora)
    copy = copy_for(minutes_of(held), river_provider, now=timezone.now())
    words = pdf_words(documents.render("minutes", copy.document()))
    assert "Nothing to discuss: 2 households" in words
    assert "Marked by Sam Specialist" in words
    assert "Of last month" not in words
