"""Who comes to a call and who cannot: asked once in the portal, shown to whoever plans the call."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from agreements.models import StaffMember
from agreements.tests.factories import make_staff
from conferencing.call.acts import begin_call
from conferencing.call.opening import expected_of
from conferencing.coming.acts import keep_answer
from conferencing.coming.pages import answer_tasks, answers_of
from conferencing.models import Attendance, MeetingAnswer, MeetingInvitation, PreWork
from conferencing.prep_lists.recipients import who_gets_it
from conferencing.reviews.prepared import with_sent_word
from conferencing.schedule.acts import cancel_meeting, move_meeting
from conferencing.schedule.invitations import send_invitations
from conferencing.tests.factories import make_meeting, make_prework, make_role
from conferencing.tests.pages import text_of
from participants.tests.factories import make_participant

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(river, region_2):
    return make_meeting(river, region_2, starts_at=timezone.now() + timedelta(minutes=25))


def page_of(call):
    return reverse("conferencing:meeting_answer", args=[call.pk])


def test_who_is_invited_answers_and_may_change_their_mind(client, call, river_provider):
    client.force_login(river_provider)
    assert "Are you coming?" in text_of(client.get(page_of(call)))
    done = client.post(page_of(call), {"answer": "coming"}, follow=True)
    assert "You’re coming." in text_of(done)
    done = client.post(page_of(call), {"answer": "away"}, follow=True)
    assert done.redirect_chain[-1][0] == reverse("conferencing:word_send", args=[call.pk])
    kept = MeetingAnswer.objects.get(meeting=call, user=river_provider)
    assert not kept.is_coming
    assert "Not coming" in text_of(client.get(page_of(call)))
    assert "You can’t come." in text_of(client.get(call.get_absolute_url()))


def test_who_is_not_invited_is_not_asked(
    client, call, river_lapsed_provider, river_administrator, three_specialist
):
    for user, status in (
        (river_lapsed_provider, 403),
        (river_administrator, 403),
        (three_specialist, 404),
    ):
        client.force_login(user)
        assert client.post(page_of(call), {"answer": "coming"}).status_code == status
        with pytest.raises(ValidationError):
            keep_answer(call, is_coming=True, actor=user, now=timezone.now())
    assert not MeetingAnswer.objects.exists()


@pytest.mark.parametrize("end", ["begun", "over", "cancelled"])
def test_a_call_that_has_begun_or_is_off_takes_no_answer(
    client, call, end, river_provider, river_specialist
):
    now = timezone.now()
    if end == "begun":
        begin_call(call, actor=river_specialist, now=now)
    elif end == "cancelled":
        cancel_meeting(call, reason="Snow", actor=river_specialist, now=now)
    else:
        now = call.ends_at + timedelta(minutes=1)
    call.refresh_from_db()
    with pytest.raises(ValidationError):
        keep_answer(call, is_coming=True, actor=river_provider, now=now)


def test_the_specialist_sees_who_comes_and_nobody_else_does(
    client, call, river_provider, river_lead, river_specialist
):
    keep_answer(call, is_coming=True, actor=river_lead, now=timezone.now())
    keep_answer(call, is_coming=False, actor=river_provider, now=timezone.now())
    found = answers_of(call, now=timezone.now())
    names = [[name for name, _of in each] for each in (found.coming, found.away, found.silent)]
    assert names == [["Lee Lead"], ["Pat Provider"], ["Sam Specialist"]]
    client.force_login(river_specialist)
    page = text_of(client.get(call.get_absolute_url()))
    assert "1 coming, 1 can’t come, 1 not answered yet" in page
    client.force_login(river_lead)
    page = text_of(client.get(call.get_absolute_url()))
    assert "can’t come" not in page
    assert "Pat Provider" not in page


def test_the_first_page_asks_until_it_is_answered(client, call, river, river_provider):
    now = timezone.now()
    assert answer_tasks(river_provider, now) == []
    send_invitations(river, now=now)
    (task,) = answer_tasks(river_provider, now)
    assert task.url == page_of(call)
    client.force_login(river_provider)
    assert "Say if you’re coming: Region 2 call" in text_of(
        client.get(reverse("conferencing:home"))
    )
    keep_answer(call, is_coming=True, actor=river_provider, now=now)
    assert answer_tasks(river_provider, now) == []


def test_who_cannot_come_has_sent_word_when_the_call_begins(
    call, river_provider, river_lead, river_specialist
):
    keep_answer(call, is_coming=False, actor=river_provider, now=timezone.now())
    begin_call(call, actor=river_specialist, now=timezone.now())
    rows = Attendance.objects.filter(meeting=call)
    assert {
        row.user: row.sent_word for row in rows if row.user in (river_provider, river_lead)
    } == {
        river_provider: True,
        river_lead: False,
    }
    assert river_provider in {row.user for row in expected_of(call) if row.sent_word}


def test_an_answer_is_for_the_time_that_the_call_was_at(
    client, river, region_2, river_agency, river_provider, river_specialist
):
    now = timezone.now()
    former = now + timedelta(days=2)
    call = make_meeting(river, region_2, starts_at=former)
    send_invitations(river, now=now)
    keep_answer(call, is_coming=False, actor=river_provider, now=now)
    person = make_participant(river_agency, region_2)
    make_prework(call, person, StaffMember.objects.get(user=river_provider), notes="Viewing")
    client.force_login(river_provider)

    def move(to):
        move_meeting(call, starts_at=to, minutes=60, actor=river_specialist, now=timezone.now())
        call.refresh_from_db()

    def counts():
        away = [name for name, _of in answers_of(call, now=now).away]
        (word,) = with_sent_word(PreWork.objects.all()).values_list("is_word", flat=True)
        page = text_of(client.get(call.get_absolute_url()))
        asks = bool(answer_tasks(river_provider, now))
        assert ("You can’t come." in page) == word == (not asks) == (away == ["Pat Provider"])
        return word

    assert counts()
    move(now + timedelta(minutes=20))
    assert not counts()
    move(former)
    assert counts()
    move(now + timedelta(minutes=20))
    begin_call(call, actor=river_specialist, now=now)
    assert not Attendance.objects.get(meeting=call, user=river_provider).sent_word


def test_who_works_in_no_agency_is_asked_for_no_word(client, call, river, river_specialist):
    """A CE Specialist’s own page would refuse it."""
    now = timezone.now()
    send_invitations(river, now=now)
    (task,) = answer_tasks(river_specialist, now)
    assert "send word" not in task.hint
    client.force_login(river_specialist)
    assert "one line on each household" not in text_of(client.get(page_of(call)))
    done = client.post(page_of(call), {"answer": "away"}, follow=True)
    assert done.status_code == 200
    assert done.redirect_chain[-1][0] == call.get_absolute_url()
    word = reverse("conferencing:word_send", args=[call.pk])
    assert word not in done.content.decode()
    assert client.get(word).status_code == 403


def test_what_is_no_answer_changes_none(client, call, river_provider):
    client.force_login(river_provider)
    for sent in ({}, {"answer": "maybe"}):
        page = client.post(page_of(call), sent, follow=True)
        assert "Say whether you’re coming." in text_of(page)
    assert not MeetingAnswer.objects.exists()


@pytest.mark.parametrize("is_leading", [True, False])
def test_whoever_leads_a_call_of_another_region_is_asked_and_gets_its_list(
    client, river, region_1, region_2, river_agency, is_leading
):
    now = timezone.now()
    call = make_meeting(river, region_2, starts_at=now + timedelta(days=2))
    place = make_staff(river_agency, name="Bo Beyond", regions=[region_1])
    make_role(call, river_agency, person=place if is_leading else None)
    send_invitations(river, now=now)
    invited = MeetingInvitation.objects.filter(meeting=call).values_list("user", flat=True)
    assert (place.user_id in invited) == is_leading
    client.force_login(place.user)
    asked = client.get(reverse("conferencing:meeting_answer", args=[call.pk]))
    assert asked.status_code == (200 if is_leading else 403)
    gets, _left_out = who_gets_it(call, now=now)
    assert (place in gets) == is_leading
    assert bool(answer_tasks(place.user, now)) == is_leading
