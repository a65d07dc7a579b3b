"""Who leads writes while the note taker is away, and it is said whose words they are."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from agreements.models import StaffMember
from agreements.tests.factories import make_staff
from conferencing.call.attendance import come_in, mark_present, note_heard
from conferencing.call.closing import close_call
from conferencing.call.notes import save_notes
from conferencing.call.seat import meeting_with_seat
from conferencing.call.standing_in import hand_back, stand_in
from conferencing.call.undo import seat_for
from conferencing.minutes.exports import download_minutes, export_minutes
from conferencing.models import Attendance, Call, MeetingRole, Review
from conferencing.rotation.roles import name_person, revoke_person
from conferencing.tests.pages import text_of
from participants.tests.test_naming_everywhere import text_in

pytestmark = pytest.mark.django_db


def may_write(call, user):
    _meeting, _call, seat = meeting_with_seat(call.pk, user, timezone.localdate())
    return seat.may_write


def write(review, user, words, *, on=None):
    now = timezone.now()
    review.refresh_from_db()
    saved = save_notes(
        review.meeting_id,
        review.pk,
        {"notes": words},
        base=review.revision,
        kept={},
        actor=user,
        now=now,
    )
    assert not saved.conflict
    return saved.review


@pytest.fixture
def taken(begun, river_other_provider):
    """The call, its review, and who leads it, who takes notes for now."""
    call, review = begun
    stand_in(call, actor=river_other_provider, now=timezone.now())
    return call, review, river_other_provider


def test_who_leads_writes_only_once_they_take_the_notes(begun, river_other_provider):
    call, review = begun
    assert not may_write(call, river_other_provider)
    with pytest.raises(PermissionDenied):
        write(review, river_other_provider, "Not yet.")
    stand_in(call, actor=river_other_provider, now=timezone.now())
    assert may_write(call, river_other_provider)
    assert write(review, river_other_provider, "While nobody else could.").notes


def test_nobody_takes_the_notes_of_who_is_checked_in(begun, river_provider, river_other_provider):
    call, _review = begun
    come_in(call, river_provider, now=timezone.now())
    with pytest.raises(ValidationError, match="Pat Provider is checked in and takes notes"):
        stand_in(call, actor=river_other_provider, now=timezone.now())
    assert not may_write(call, river_other_provider)


@pytest.mark.parametrize("way", ["comes in", "is checked in", "is heard"])
def test_it_ends_when_the_note_taker_is_here_again(taken, way, river_provider):
    call, review, leader = taken
    row, _made = Attendance.objects.get_or_create(meeting=call, user=river_provider)
    now = timezone.now()
    if way == "comes in":
        come_in(call, river_provider, now=now)
    elif way == "is checked in":
        mark_present(row, is_present=True, actor=leader, now=now)
    else:
        note_heard(row, actor=leader, now=now)
    assert not may_write(call, leader)
    assert write(review, leader, "What was still in hand.").notes == "What was still in hand."


def test_it_ends_when_it_is_handed_back_and_begins_anew(taken, river_specialist):
    call, _review, leader = taken
    hand_back(call, actor=river_specialist)
    assert may_write(call, leader)
    hand_back(call, actor=leader)
    assert not may_write(call, leader)
    stand_in(call, actor=leader, now=timezone.now())
    assert may_write(call, leader)


def test_who_leads_no_more_writes_no_more(taken):
    call, review, leader = taken
    revoke_person(MeetingRole.objects.get(meeting=call, role=MeetingRole.Role.FACILITATOR))
    with pytest.raises(PermissionDenied):
        write(review, leader, "No longer mine.")
    with pytest.raises(PermissionDenied):
        seat_for(str(call.pk), leader, "may_write", timezone.now())


def test_who_leads_now_takes_the_notes_of_who_led_before(client, taken):
    call, review, former = taken
    role = MeetingRole.objects.get(meeting=call, role=MeetingRole.Role.FACILITATOR)
    place = make_staff(role.agency, name="Nell Next")
    leader = place.user
    name_person(role, person=place, actor=None, now=timezone.now())
    agenda = reverse("conferencing:call_frame", args=[call.pk])
    client.force_login(leader)
    page = text_of(client.get(agenda))
    assert "Oli Other is taking notes" not in page
    assert "Take notes for now" in page
    client.post(reverse("conferencing:call_stand_in", args=[call.pk]))
    assert "You’re taking notes while Pat Provider is away." in text_of(client.get(agenda))
    assert write(review, leader, "From here on.").saved_by == leader
    assert not may_write(call, former)


def test_it_ends_with_the_call(taken):
    call, review, leader = taken
    close_call(call, carries_over=True, actor=leader, now=timezone.now())
    with pytest.raises(ValidationError):
        write(review, leader, "Too late.")


def test_each_page_says_who_takes_notes(
    client, begun, river_provider, river_other_provider, river_specialist
):
    call, _review = begun
    agenda = reverse("conferencing:call_frame", args=[call.pk])

    def said_to(user):
        client.force_login(user)
        return text_of(client.get(agenda))

    assert "Pat Provider, who takes notes, is not checked in." in said_to(river_other_provider)
    for user in (river_provider, river_specialist):
        assert "not checked in" not in said_to(user)
    client.force_login(river_other_provider)
    for _press in range(2):
        act = client.post(reverse("conferencing:call_stand_in", args=[call.pk]))
        assert act.status_code == 302
    assert "You’re taking notes while Pat Provider is away." in said_to(river_other_provider)
    assert "Oli Other is taking notes while you’re away. I’m back" in said_to(river_provider)
    words = said_to(river_specialist)
    assert "Oli Other is taking notes while Pat Provider is away." in words
    assert "I’m back" not in words
    client.force_login(river_provider)
    client.post(reverse("conferencing:call_attend", args=[call.pk]))
    for user in (river_provider, river_specialist, river_other_provider):
        assert "taking notes" not in said_to(user)


def test_who_only_follows_cannot_take_the_notes(client, begun, river_lead):
    call, _review = begun
    client.force_login(river_lead)
    for name in ("call_stand_in", "call_hand_back"):
        assert client.post(reverse(f"conferencing:{name}", args=[call.pk])).status_code == 403
    assert Call.objects.get(pk=call.pk).stand_in is None


@pytest.mark.parametrize("who_writes", ["note taker", "both", "who leads"])
def test_page_and_minutes_say_whose_words_they_are(
    client, taken, who_writes, river_provider, river_lead
):
    call, review, leader = taken
    if who_writes != "who leads":
        write(review, river_provider, "The first half.")
    if who_writes != "note taker":
        write(review, leader, "The first half. The second half.")
    client.force_login(river_lead)
    household = reverse("conferencing:call_household", args=[call.pk, review.pk])
    last = "Pat Provider" if who_writes == "note taker" else "Oli Other"
    assert f"Written down by {last}" in text_of(client.get(household))
    close_call(call, carries_over=True, actor=leader, now=timezone.now())
    call.refresh_from_db()
    names = {"both": "Pat Provider, Oli Other", "who leads": "Oli Other"}.get(who_writes)
    client.force_login(leader)
    page = text_of(client.get(reverse("conferencing:minutes_detail", args=[call.pk])))
    password, order = export_minutes(call, reason="Asked", actor=leader, now=timezone.now())
    pdf = download_minutes(call, order=order, actor=leader, now=timezone.now())
    paper = " ".join(text_in(pdf, password).split())
    for told in (page, paper):
        assert ("Written down by" in told) == (names is not None)
        assert names is None or f"Written down by {names}" in told


@pytest.fixture
def back(taken, river_provider):
    """The note taker is here again, who leads still has something in hand."""
    call, review, leader = taken
    write(review, leader, "So far.")
    come_in(call, river_provider, now=timezone.now())
    assert not may_write(call, leader)
    review.refresh_from_db()
    return call, review, leader


def test_why_no_step_is_needed_is_kept_when_it_was_in_hand(client, back):
    call, review, leader = back
    client.force_login(leader)
    typed = {"discuss": review.pk, "base": review.revision, "no_step_reason": "Waits for court"}
    client.post(reverse("conferencing:call_close", args=[call.pk]), typed)
    review.refresh_from_db()
    assert (review.no_step_reason, review.outcome) == ("Waits for court", "discussed")


@pytest.mark.parametrize("is_gone", [True, False])
def test_a_reason_that_cannot_be_kept_stays_on_the_page(client, back, river_provider, is_gone):
    call, review, leader = back
    typed = {"discuss": review.pk, "base": review.revision, "no_step_reason": "Waits for court"}
    if is_gone:
        now = timezone.now()
        write(review, river_provider, "More.")
        Review.objects.filter(pk=review.pk).update(outcome="discussed", discussed_at=now)
    else:
        Call.objects.filter(pk=call.pk).update(stand_in=None, stands_in=False)
    client.force_login(leader)
    page = client.post(reverse("conferencing:call_close", args=[call.pk]), typed)
    assert "Waits for court" in page.content.decode()
    why = "changed this household just now" if is_gone else "This reason is not saved."
    assert why in text_of(page)
    review.refresh_from_db()
    assert not review.no_step_reason


def test_a_step_and_a_report_in_hand_are_accepted(client, back):
    call, review, leader = back
    client.force_login(leader)
    place = StaffMember.objects.get(user=leader)
    step = {
        "what": "Call the landlord",
        "follow_up_person": place.pk,
        "due_on": timezone.localdate() + timedelta(days=9),
        "key": uuid4(),
    }
    url = reverse("conferencing:step_add", args=[call.pk, review.pk])
    assert client.post(url, step).status_code == 204
    made = review.steps.get()
    url = reverse("conferencing:call_report", args=[call.pk, made.pk])
    said = client.post(url, {"pk": uuid4(), "progress": "under_way", "line": "Called twice"})
    assert said.status_code == 204, said.content
    assert made.updates.get().line == "Called twice"
    revoke_person(MeetingRole.objects.get(meeting=call, role=MeetingRole.Role.FACILITATOR))
    assert client.post(url, {"pk": uuid4(), "progress": "done"}).status_code == 403
