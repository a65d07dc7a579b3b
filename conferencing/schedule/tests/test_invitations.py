"""What people's calendars are told by mail, and when."""

from datetime import timedelta

import icalendar
import pytest
from django.utils import timezone

from agreements.models import PersonalStatement, StaffMember
from agreements.tests.factories import make_agency_in_standing, make_staff, make_statement
from conferencing.models import MeetingInvitation
from conferencing.schedule.acts import cancel_meeting, change_link, move_meeting
from conferencing.schedule.feeds import make_feed, read_feed
from conferencing.schedule.invitations import send_invitations
from conferencing.tests.factories import make_meeting, make_role
from outbox.models import Message
from outbox.services.attempts import send
from regions.tests.factories import make_region, make_user, today_in

KIND = "conferencing-invitation"


@pytest.fixture
def call(river, region_2):
    """Region 2's call in ten days."""
    return make_meeting(river, region_2)


def told(method="REQUEST"):
    return sorted(
        MeetingInvitation.objects.filter(method=method).values_list("user__name", flat=True)
    )


def calendar_of(message):
    """The calendar part of a mail as received."""
    part = next(part for part in message.walk() if part.get_content_type() == "text/calendar")
    return part, icalendar.Calendar.from_ical(part.get_payload(decode=True))


def test_send_invitations_reaches_those_whom_the_call_concerns(
    call,
    river,
    river_specialist,
    river_administrator,
    river_lead,
    river_provider,
    river_lapsed_provider,
    river_unsigned_provider,
    three_specialist,
):
    elsewhere = make_region(river, name="Elsewhere")
    make_staff(
        make_agency_in_standing(river, regions=[elsewhere]),
        name="Eve Elsewhere",
        regions=[elsewhere],
    )
    send_invitations(river, now=timezone.now())
    assert told() == ["Lee Lead", "Pat Provider", "Sam Specialist"]
    assert Message.objects.filter(kind=KIND).count() == 3


def test_send_invitations_of_a_coc_wide_call_reach_all_in_standing(
    river, river_specialist, river_provider, river_lapsed_provider
):
    elsewhere = make_region(river, name="Elsewhere")
    make_staff(
        make_agency_in_standing(river, regions=[elsewhere]),
        name="Eve Elsewhere",
        regions=[elsewhere],
    )
    make_meeting(river, None)
    send_invitations(river, now=timezone.now())
    assert told() == ["Eve Elsewhere", "Pat Provider", "Sam Specialist"]


def test_send_invitations_again_sends_nothing(call, river, river_provider):
    now = timezone.now()
    assert send_invitations(river, now=now) == 1
    assert send_invitations(river, now=now + timedelta(minutes=1)) == 0


def test_send_invitations_waits_for_the_horizon(river, region_2, river_provider):
    meeting = make_meeting(river, region_2, starts_at=timezone.now() + timedelta(days=60))
    assert send_invitations(river, now=timezone.now()) == 0
    assert send_invitations(river, now=meeting.starts_at - timedelta(days=46)) == 0
    assert send_invitations(river, now=meeting.starts_at - timedelta(days=45)) == 1


def test_invitation_round_trip_request_change_cancel(
    call, river, region_2, river_provider, river_specialist, smtp_server
):
    river_specialist.membership.delete()
    now = timezone.now()
    send_and_read = []

    def deliver(moment):
        send_invitations(river, now=moment)
        for message in Message.objects.filter(kind=KIND, state=Message.State.WAITING):
            send(message.pk, now=moment)
        send_and_read.append(smtp_server.messages[-1])

    deliver(now)
    moved = move_meeting(
        call,
        starts_at=call.starts_at + timedelta(days=1),
        minutes=90,
        actor=river_provider,
        now=now,
    )
    deliver(now + timedelta(minutes=1))
    cancel_meeting(call, reason="Client X is ill", actor=river_provider, now=now)
    deliver(now + timedelta(minutes=2))
    assert len(smtp_server.messages) == 3
    seen = []
    for message in send_and_read:
        part, calendar = calendar_of(message)
        event = calendar.walk("VEVENT")[0]
        assert part.get_param("method") == str(calendar["METHOD"])
        assert part.get_content_charset() == "utf-8"
        assert "Client X" not in message.as_string()
        seen.append(
            (
                str(calendar["METHOD"]),
                str(event["UID"]),
                int(event["SEQUENCE"]),
                str(event["STATUS"]),
                event["DTSTART"].dt,
                str(event["ATTENDEE"]),
            )
        )
    address = f"mailto:{river_provider.email}"
    first = call.starts_at.replace(microsecond=0)
    second = moved.starts_at.replace(microsecond=0)
    assert seen == [
        ("REQUEST", str(call.pk), 0, "CONFIRMED", first, address),
        ("REQUEST", str(call.pk), 1, "CONFIRMED", second, address),
        ("CANCEL", str(call.pk), 2, "CANCELLED", second, address),
    ]
    subjects = [message["Subject"].split(":")[0] for message in send_and_read]
    assert subjects == ["Invitation", "Changed", "Canceled"]


def test_invitation_is_taken_back_from_whoever_stops_following(
    call, river, region_2, river_provider
):
    now = timezone.now()
    place = river_provider.places.get()
    for number, regions in enumerate([[region_2], [], [region_2], []]):
        place.regions.set(regions)
        assert send_invitations(river, now=now + timedelta(minutes=number)) == 1
    methods = Message.objects.filter(kind=KIND).order_by("created_at")
    assert [row.dedupe_key.split(":")[3] for row in methods] == [
        "REQUEST",
        "CANCEL",
        "REQUEST",
        "CANCEL",
    ]


def test_invitation_is_taken_back_from_whoever_leaves(call, river, river_provider, smtp_server):
    now = timezone.now()
    send_invitations(river, now=now)
    river_provider.places.update(ended_on=today_in(river.zone))
    river_provider.is_active = False
    river_provider.save()
    later = now + timedelta(minutes=1)
    send_invitations(river, now=later)
    for message in Message.objects.filter(kind=KIND, state="waiting").order_by("created_at"):
        send(message.pk, now=later)
    states = (
        Message.objects.filter(kind=KIND).order_by("created_at").values_list("state", flat=True)
    )
    assert list(states) == ["withheld", "sent"]
    _part, calendar = calendar_of(smtp_server.messages[0])
    assert str(calendar["METHOD"]) == "CANCEL"


def test_invitation_asks_standing_when_it_is_sent(call, river, river_provider, smtp_server):
    now = timezone.now()
    send_invitations(river, now=now)
    PersonalStatement.objects.update(revoked_at=now)
    message = Message.objects.get(kind=KIND)
    send(message.pk, now=now)
    message.refresh_from_db()
    assert (message.state, smtp_server.messages) == ("withheld", [])
    assert not MeetingInvitation.objects.exists()
    make_statement(river_provider)
    later = now + timedelta(minutes=1)
    assert send_invitations(river, now=later) == 1
    again = Message.objects.get(kind=KIND, state="waiting")
    send(again.pk, now=later)
    (mail,) = smtp_server.messages
    assert mail["Subject"].startswith("Invitation: ")


def test_an_invitation_that_may_have_arrived_is_taken_back_by_a_higher_number(
    call, river, river_provider, smtp_server
):
    """Out of standing before the repeat, and back later: the calendar follows each time."""
    now = timezone.now()
    send_invitations(river, now=now)
    first = Message.objects.get(kind=KIND)
    smtp_server.drop("ACCEPTED")
    send(first.pk, now=now)
    PersonalStatement.objects.update(revoked_at=now)
    later = now + timedelta(hours=1)
    send(first.pk, now=later)
    first.refresh_from_db()
    assert (first.state, first.possibly_at is not None) == ("withheld", True)

    send_invitations(river, now=later)
    send(Message.objects.get(kind=KIND, state="waiting").pk, now=later)
    make_statement(river_provider)
    send_invitations(river, now=later + timedelta(hours=1))
    send(Message.objects.get(kind=KIND, state="waiting").pk, now=later + timedelta(hours=1))
    entries = [calendar_of(mail)[1] for mail in smtp_server.messages]
    assert [str(entry["METHOD"]) for entry in entries] == ["REQUEST", "CANCEL", "REQUEST"]
    numbers = [entry.walk("VEVENT")[0]["SEQUENCE"] for entry in entries]
    assert numbers == sorted(set(numbers))


def test_invitation_overtaken_by_a_change_is_not_sent(call, river, river_provider, smtp_server):
    now = timezone.now()
    send_invitations(river, now=now)
    move_meeting(
        call,
        starts_at=call.starts_at + timedelta(days=1),
        minutes=60,
        actor=river_provider,
        now=now,
    )
    first = Message.objects.get(kind=KIND)
    send(first.pk, now=now)
    first.refresh_from_db()
    assert (first.state, smtp_server.messages) == ("withheld", [])
    assert send_invitations(river, now=now + timedelta(minutes=1)) == 1
    second = Message.objects.filter(kind=KIND).exclude(pk=first.pk).get()
    send(second.pk, now=now + timedelta(minutes=1))
    assert len(smtp_server.messages) == 1


def test_send_invitations_leaves_calls_that_have_begun(call, river, river_provider):
    assert send_invitations(river, now=call.starts_at) == 0


def test_send_invitations_asks_as_often_for_thirty_people(
    river, region_2, river_agency, django_assert_num_queries
):
    def count():
        now = timezone.now()
        send_invitations(river, now=now)
        with django_assert_num_queries(7):
            send_invitations(river, now=now)

    make_meeting(river, region_2)
    make_staff(river_agency, regions=[region_2])
    count()
    for number in range(29):
        make_staff(river_agency, regions=[region_2])
        make_meeting(river, region_2, starts_at=timezone.now() + timedelta(days=11, hours=number))
    make_user(river, specialist=True)
    for _ in range(10):
        send_invitations(river, now=timezone.now())
    count()


def deliver_all(river, now, smtp_server):
    """Send what calendars are to be told now; return (address, method, sequence) of each mail."""
    before = len(smtp_server.messages)
    send_invitations(river, now=now)
    for message in Message.objects.filter(
        kind__startswith=KIND, state=Message.State.WAITING
    ).order_by("created_at", "kind"):
        send(message.pk, now=now)
    found = []
    for mail in smtp_server.messages[before:]:
        _part, calendar = calendar_of(mail)
        event = calendar.walk("VEVENT")[0]
        found.append((mail["To"], str(calendar["METHOD"]), int(event["SEQUENCE"])))
    return found


def test_sequence_only_grows_over_withdrawals_and_new_invitations(
    call, river, region_2, river_provider, smtp_server
):
    now = timezone.now()
    place = river_provider.places.get()
    found = []
    for number, regions in enumerate([[region_2], [], [region_2], [], [region_2]]):
        place.regions.set(regions)
        found += deliver_all(river, now + timedelta(minutes=number), smtp_server)
    move_meeting(
        call, starts_at=call.starts_at + timedelta(hours=1), minutes=60, actor=river_provider,
        now=now,
    )  # fmt: skip
    found += deliver_all(river, now + timedelta(minutes=9), smtp_server)
    methods = ["REQUEST", "CANCEL", "REQUEST", "CANCEL", "REQUEST", "REQUEST"]
    assert [method for _to, method, _sequence in found] == methods
    assert [sequence for _to, _method, sequence in found] == [0, 1, 2, 3, 4, 5]


def test_an_address_that_changes_loses_the_call_and_the_new_one_gets_it(
    call, river, river_provider, smtp_server
):
    now = timezone.now()
    old = river_provider.email
    assert deliver_all(river, now, smtp_server) == [(old, "REQUEST", 0)]
    river_provider.email = "new-address@example.org"
    river_provider.save()
    found = deliver_all(river, now + timedelta(minutes=1), smtp_server)
    assert sorted(found) == sorted([(old, "CANCEL", 1), ("new-address@example.org", "REQUEST", 1)])
    farewell = next(mail for mail in smtp_server.messages if mail["To"] == old and "No longer" in
                    mail["Subject"])  # fmt: skip
    words = farewell.get_body(("plain",)).get_content()
    assert "Your email address was changed." in words
    assert "http" not in words
    assert deliver_all(river, now + timedelta(minutes=2), smtp_server) == []


def test_an_address_that_changes_with_the_place_ended_loses_the_call(
    call, river, river_provider, smtp_server
):
    now = timezone.now()
    old = river_provider.email
    deliver_all(river, now, smtp_server)
    river_provider.email = "new-address@example.org"
    river_provider.save()
    river_provider.places.get().regions.set([])
    assert deliver_all(river, now + timedelta(minutes=1), smtp_server) == [(old, "CANCEL", 1)]


@pytest.mark.parametrize("is_active", [True, False])
def test_a_call_that_leaves_a_calendar_links_nothing_out_of_reach(
    call, river, river_provider, smtp_server, is_active
):
    now = timezone.now()
    deliver_all(river, now, smtp_server)
    river_provider.places.get().regions.set([])
    river_provider.is_active = is_active
    river_provider.save()
    deliver_all(river, now + timedelta(minutes=1), smtp_server)
    words = smtp_server.messages[-1].get_body(("plain",)).get_content()
    assert "You no longer take part in this call." in words
    assert str(call.pk) not in words
    assert ("All calls:\n" in words.replace("\r", "")) == is_active
    assert words.count("/meetings/") == is_active


def test_an_answer_goes_to_the_ce_specialist(
    call, river, river_provider, river_specialist, river_administrator, smtp_server
):
    deliver_all(river, timezone.now(), smtp_server)
    answers = {mail["To"]: mail["Reply-To"] for mail in smtp_server.messages}
    assert answers == {
        river_provider.email: river_specialist.email,
        river_specialist.email: None,
    }


def invited(smtp_server, river, now):
    """What the person's calendar and eyes were told last: `(text of the mail, the event)`."""
    send_invitations(river, now=now)
    for message in Message.objects.filter(kind=KIND, state=Message.State.WAITING):
        send(message.pk, now=now)
    message = smtp_server.messages[-1]
    text = message.get_body(preferencelist=("plain",)).get_content()
    return text, calendar_of(message)[1].walk("VEVENT")[0]


def test_an_invitation_says_where_the_call_is_and_what_one_does_there(
    call, river, region_2, river_agency, river_provider, smtp_server
):
    place = StaffMember.objects.get(user=river_provider)
    role = make_role(call, river_agency)
    region_2.call_link = "https://zoom.example/1"
    region_2.save()
    now = timezone.now()
    text, event = invited(smtp_server, river, now)
    for words in (text, str(event["description"])):
        assert "https://zoom.example/1" in words
        assert f"/meetings/{call.pk}/answer/" in words
        assert "You are the" not in words
    assert str(event["location"]) == "https://zoom.example/1"
    role.person = place
    role.save()
    text, event = invited(smtp_server, river, now + timedelta(minutes=1))
    assert "You are the facilitator of this call." in text
    assert "You are the facilitator of this call." in str(event["description"])
    assert event["sequence"] == 1
    change_link(call, link="https://zoom.example/2", actor=None, now=now)
    text, event = invited(smtp_server, river, now + timedelta(minutes=2))
    assert "https://zoom.example/2" in text
    assert str(event["location"]) == "https://zoom.example/2"
    assert event["sequence"] == 2
    assert send_invitations(river, now=now + timedelta(minutes=3)) == 0
    cancel_meeting(call, reason="Snow", actor=None, now=now)
    text, event = invited(smtp_server, river, now + timedelta(minutes=4))
    assert "zoom.example" not in text + str(event["description"])
    assert "/answer/" not in text


def test_who_was_invited_before_this_was_kept_is_told_of_changes_alone(
    call, river, river_provider, smtp_server
):
    now = timezone.now()
    assert send_invitations(river, now=now) == 1
    MeetingInvitation.objects.update(told_of="")
    assert send_invitations(river, now=now + timedelta(minutes=1)) == 0
    change_link(call, link="https://zoom.example/2", actor=None, now=now)
    text, _event = invited(smtp_server, river, now + timedelta(minutes=2))
    assert "https://zoom.example/2" in text
    assert send_invitations(river, now=now + timedelta(minutes=3)) == 0


def test_what_changes_before_an_invitation_is_mailed_is_told_once(
    call, river, river_provider, smtp_server
):
    """A mail that waits is of its day: what is true by then is told by the next, and no other."""
    now = timezone.now()
    assert send_invitations(river, now=now) == 1
    change_link(call, link="https://zoom.example/2", actor=None, now=now)
    for message in Message.objects.filter(kind=KIND, state=Message.State.WAITING):
        send(message.pk, now=now)
    assert smtp_server.messages == []
    deliver_all(river, now + timedelta(minutes=1), smtp_server)
    (mail,) = smtp_server.messages
    assert "https://zoom.example/2" in mail.get_body(("plain",)).get_content()
    assert send_invitations(river, now=now + timedelta(minutes=2)) == 0


def test_a_feed_says_nothing_of_where_a_call_is(call, river, region_2, river_provider):
    region_2.call_link = "https://zoom.example/1"
    region_2.save()
    feed = make_feed(river_provider, actor=river_provider)
    told = read_feed(feed, now=timezone.now()).decode()
    assert str(call.pk) in told
    assert "zoom.example" not in told
