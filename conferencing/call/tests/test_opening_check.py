"""The opening check: read out, nobody records, who is here, who sent word; kept in the minutes."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from conferencing.call.acts import begin_call
from conferencing.call.attendance import come_in
from conferencing.call.closing import close_call
from conferencing.call.opening import confirm_opening, expected_of
from conferencing.minutes.exports import download_minutes, export_minutes
from conferencing.minutes.snapshots import NOT_CHECKED
from conferencing.models import Attendance, Call
from conferencing.tests.factories import make_attendance
from conferencing.tests.pages import text_of
from participants.tests.test_naming_everywhere import text_in
from regions.models import OPENING_WORDS

pytestmark = pytest.mark.django_db


def address(meeting):
    return reverse("conferencing:call_opening_check", args=[meeting.pk])


def expected(meeting, user):
    return Attendance.objects.get(meeting=meeting, user=user)


def shown_to(client, meeting):
    """What the form says of what its page shows: the words, and who is excused."""
    form = client.get(address(meeting)).context["form"]
    return {name: form[name].value() for name in ("shown", "excused")}


def test_opening_check_shows_the_words_and_asks_for_both(
    client, held_call, meeting, river, river_other_provider
):
    client.force_login(river_other_provider)
    assert OPENING_WORDS in text_of(client.get(address(meeting)))
    river.opening_words = "Nobody records. What is said stays here."
    river.save()
    assert river.opening_words in text_of(client.get(address(meeting)))
    page = text_of(client.post(address(meeting), {"is_read": "on"} | shown_to(client, meeting)))
    assert "Remove any recorder or AI note taker, then check this box." in page
    assert Call.objects.get(pk=meeting.pk).checked_at is None


def test_opening_check_is_kept_with_who_sent_word(
    client, held_call, meeting, river, river_other_provider, river_provider, river_specialist
):
    client.force_login(river_other_provider)
    agenda = reverse("conferencing:call_frame", args=[meeting.pk])
    assert "Opening check : not done yet" in text_of(client.get(agenda))
    both = {"is_read": "on", "nobody_records": "on"}
    absent = expected(meeting, river_provider)
    version = Call.objects.get(pk=meeting.pk).version
    assert (
        client.post(
            address(meeting), both | shown_to(client, meeting) | {"sent_word": [absent.pk]}
        ).status_code
        == 302
    )
    call = Call.objects.get(pk=meeting.pk)
    assert (call.checked_by, call.checked_words) == (river_other_provider, OPENING_WORDS)
    assert call.version > version
    assert expected(meeting, river_provider).sent_word
    assert not expected(meeting, river_other_provider).sent_word
    assert "Opening check" not in text_of(client.get(agenda))
    first = call.checked_at
    client.force_login(river_specialist)
    other = expected(meeting, river_provider)
    assert (
        client.post(
            address(meeting), both | shown_to(client, meeting) | {"sent_word": []}
        ).status_code
        == 302
    )
    call.refresh_from_db()
    assert (call.checked_at, call.checked_by) == (first, river_other_provider)
    other.refresh_from_db()
    assert not other.sent_word
    assert AuditEntry.objects.filter(action="call.checked").count() == 1


def test_somebody_who_is_here_sent_no_word(client, held_call, meeting, river_other_provider):
    client.force_login(river_other_provider)
    here = come_in(meeting, river_other_provider, now=timezone.now())
    both = {"is_read": "on", "nobody_records": "on", "sent_word": [here.pk]}
    assert "is here now" in text_of(client.post(address(meeting), both | shown_to(client, meeting)))


def test_opening_check_is_refused_before_and_after(meeting, river_other_provider, river_provider):
    def confirm():
        confirm_opening(meeting, sent_word={}, actor=river_provider, now=timezone.now())

    with pytest.raises(ValidationError, match="has not begun"):
        confirm()
    begin_call(meeting, actor=river_other_provider, now=timezone.now())
    close_call(meeting, carries_over=True, actor=river_other_provider, now=timezone.now())
    with pytest.raises(ValidationError, match="is closed"):
        confirm()
    assert Call.objects.get(pk=meeting.pk).checked_at is None
    assert not AuditEntry.objects.filter(action="call.checked").exists()


def test_a_check_is_of_somebody(held_call, meeting):
    with pytest.raises(IntegrityError), transaction.atomic():
        Call.objects.filter(pk=meeting.pk).update(checked_at=timezone.now())


@pytest.mark.parametrize("is_checked", [True, False])
def test_minutes_tell_the_opening_check(
    client, held_call, meeting, river_other_provider, river_provider, is_checked
):
    now = timezone.now()
    if is_checked:
        absent = expected(meeting, river_provider)
        confirm_opening(meeting, sent_word={absent.pk: True}, actor=river_other_provider, now=now)
    close_call(meeting, carries_over=True, actor=river_other_provider, now=now)
    meeting.refresh_from_db()
    client.force_login(river_other_provider)
    page = text_of(client.get(reverse("conferencing:minutes_detail", args=[meeting.pk])))
    told = "No recorder and no AI note taker was in the room" if is_checked else NOT_CHECKED
    assert told in page
    assert (OPENING_WORDS in page) == is_checked
    assert ("excused" in page) == is_checked
    password, order = export_minutes(meeting, reason="Asked", actor=river_other_provider, now=now)
    pdf = download_minutes(meeting, order=order, actor=river_other_provider, now=now)
    paper = " ".join(text_in(pdf, password).split())
    assert told in paper
    assert ("excused" in paper) == is_checked


def test_words_that_were_changed_meanwhile_are_read_out_anew(
    client, held_call, meeting, river_other_provider
):
    client.force_login(river_other_provider)
    absent = list(expected_of(meeting).values_list("pk", flat=True))
    assert len(absent) > 1
    both = {"is_read": "on", "nobody_records": "on", "sent_word": absent}
    before = shown_to(client, meeting)
    continuum = meeting.continuum
    continuum.opening_words = "Nobody repeats what is said here."
    continuum.save()
    page = client.post(address(meeting), both | before)
    assert "changed the words meanwhile" in text_of(page)
    assert "Nobody repeats what is said here." in text_of(page)
    assert Call.objects.get(pk=meeting.pk).checked_at is None
    assert page.context["form"]["sent_word"].value() == [str(pk) for pk in absent]
    again = {"shown": page.context["form"]["shown"].value()}
    assert client.post(address(meeting), both | again).status_code == 302
    assert Call.objects.get(pk=meeting.pk).checked_words == "Nobody repeats what is said here."


def test_an_older_page_changes_only_whom_its_reader_changed(
    client, held_call, meeting, river_other_provider, river_provider, river_lead, river_specialist
):
    both = {"is_read": "on", "nobody_records": "on"}
    pat = expected(meeting, river_provider)
    lee = make_attendance(meeting, river_lead, present=False)
    client.force_login(river_other_provider)
    older = shown_to(client, meeting)
    client.force_login(river_specialist)
    client.post(address(meeting), both | shown_to(client, meeting) | {"sent_word": [lee.pk]})
    client.force_login(river_other_provider)
    client.post(address(meeting), both | older | {"sent_word": [pat.pk]})
    excused = Attendance.objects.filter(meeting=meeting, sent_word=True)
    assert set(excused.values_list("user", flat=True)) == {river_provider.pk, river_lead.pk}
    older = shown_to(client, meeting)
    client.post(address(meeting), both | older | {"sent_word": [pat.pk]})
    assert set(excused.values_list("user", flat=True)) == {river_provider.pk}
    client.post(address(meeting), both | older | {"sent_word": [pat.pk, lee.pk]})
    assert set(excused.values_list("user", flat=True)) == {river_provider.pk}
