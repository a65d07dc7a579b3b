"""The list from roster to mailbox, on a real mail server."""

import re
from datetime import datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pikepdf
import pypdfium2
import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import outbox.services
from agreements.models import AgencyAgreement, PersonalStatement
from agreements.tests.factories import make_statement, revoke
from audit.models import AuditEntry
from conferencing.models import PrepList, PrepListDelivery, RosterEntry
from conferencing.prep_lists import acts as lists
from conferencing.prep_lists import choices as list_choices
from conferencing.prep_lists.deliveries import PREP_LIST
from conferencing.tests.factories import (
    make_meeting,
    make_review,
    make_roster,
    make_step,
)
from conferencing.tests.readable import readable
from outbox.models import Message
from participants.models import Participant, Release
from participants.tests.factories import make_participant, make_release
from regions.tests.factories import ordinary_thursday, today_in

CHICAGO = ZoneInfo("America/Chicago")
pytestmark = pytest.mark.django_db(transaction=True)


def local(*parts):
    return datetime(*parts, tzinfo=CHICAGO)


def text_of(pdf_bytes, password):
    document = pypdfium2.PdfDocument(pdf_bytes, password=password)
    return " ".join(" ".join(page.get_textpage().get_text_bounded() for page in document).split())


def lists_in(smtp_server):
    """The mails with a list; the same ticks send invitations to calls too."""
    return [mail for mail in smtp_server.messages if "Prep list:" in mail["Subject"]]


def attachment(mail):
    return next(part for part in mail.walk() if part.get_content_type() == "application/pdf")


@pytest.fixture
def call(river, region_2):
    """A Thursday in two weeks at least, at ten, so that the list is due the Tuesday before."""
    thursday = ordinary_thursday(in_days=14)
    return make_meeting(
        river, region_2, starts_at=local(thursday.year, thursday.month, thursday.day, 10)
    )


@pytest.fixture
def ana(river_agency, region_2):
    participant = make_participant(
        river_agency, region_2, name="Ana Ñandú-Example", alias="Heron-1"
    )
    make_release(participant, agencies=[river_agency])
    return participant


def send_all(now):
    return outbox.services.tick(now, send=True)


def test_freeze_list_mails_each_recipient_a_copy_that_only_their_password_opens(
    smtp_server, call, ana, river_agency, river_provider, river_other_provider, river_specialist
):
    make_roster(call, ana)
    prep_list = lists.freeze_list(call, actor=river_specialist, now=timezone.now())
    send_all(timezone.now())
    mails = {mail["To"]: mail for mail in lists_in(smtp_server)}
    assert set(mails) == {river_provider.email, river_other_provider.email}
    for person, label in [(river_provider, "Ana Ñandú-Example"), (river_other_provider, "Heron-1")]:
        delivery = prep_list.deliveries.get(recipient=person)
        pdf = attachment(mails[person.email]).get_payload(decode=True)
        text = text_of(pdf, delivery.password)
        assert label in text
        assert person.name in text
        with pytest.raises(pikepdf.PasswordError):
            pikepdf.open(BytesIO(pdf), password="")
        with pytest.raises(pikepdf.PasswordError):
            pikepdf.open(BytesIO(pdf), password="0000-0000-0000-0000")
    assert "Ana" not in readable(
        text_of(
            attachment(mails[river_other_provider.email]).get_payload(decode=True),
            prep_list.deliveries.get(recipient=river_other_provider).password,
        )
    )


def test_freeze_list_mail_holds_no_participant_data(
    smtp_server, call, ana, river_provider, river_specialist
):
    make_roster(call, ana)
    lists.freeze_list(call, actor=river_specialist, now=timezone.now())
    send_all(timezone.now())
    (mail,) = lists_in(smtp_server)
    pdf = attachment(mail)
    texts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    # As words: a boundary or a Message-ID may hold three letters by chance.
    words = "\n".join([*map(str, mail.items()), str(pdf.items()), *texts])
    for secret in ("Ana", "Heron-1", "Longest", str(ana.pk)):
        assert not re.search(rf"\b{secret}\b", words)
    assert [part.get_content_type() for part in mail.walk() if not part.is_multipart()] == [
        "text/plain",
        "text/html",
        "application/pdf",
    ]
    assert "/lists/" in mail.get_body(("plain",)).get_content()
    assert "Region 2 call" in mail["Subject"]


def test_freeze_list_leaves_out_whoever_is_not_in_standing_and_says_why(
    call, ana, river_provider, river_lapsed_provider, river_unsigned_provider, river_specialist
):
    make_roster(call, ana)
    prep_list = lists.freeze_list(call, actor=river_specialist, now=timezone.now())
    left_out = {
        each.recipient: each.left_out_because
        for each in prep_list.deliveries.filter(message__isnull=True)
    }
    assert set(left_out) == {river_lapsed_provider, river_unsigned_provider}
    assert "CES Partner Agreement expired on" in left_out[river_lapsed_provider]
    assert left_out[river_unsigned_provider] == "The confidentiality statement was never signed."
    assert [each.recipient for each in prep_list.deliveries.filter(message__isnull=False)] == [
        river_provider
    ]


def test_freeze_list_twice_makes_one_list_and_one_mail_each(
    call, ana, river_provider, river_specialist
):
    make_roster(call, ana)
    first = lists.freeze_list(call, actor=river_specialist, now=timezone.now())
    again = lists.freeze_list(call, actor=None, now=timezone.now())
    assert first == again
    assert PrepList.objects.count() == PrepListDelivery.objects.count() == 1
    assert Message.objects.filter(kind=PREP_LIST.kind).count() == 1


def test_tick_freezes_at_the_due_time_and_not_before(
    smtp_server, call, ana, river_provider, river_specialist
):
    make_roster(call, ana)
    due_at = call.list_due_at
    assert due_at.astimezone(CHICAGO).hour == 8
    assert (call.on - due_at.date()).days == 2
    send_all(due_at - timedelta(minutes=1))
    assert not PrepList.objects.exists()
    send_all(due_at)
    prep_list = PrepList.objects.get()
    assert (prep_list.frozen_by, prep_list.was_settled) == (None, False)
    to_provider = [mail for mail in lists_in(smtp_server) if mail["To"] == river_provider.email]
    assert len(to_provider) == 1


def test_prepare_withholds_when_the_agreement_is_revoked_after_freezing(
    smtp_server, call, ana, river_agency, river_provider, river_specialist
):
    make_roster(call, ana)
    prep_list = lists.freeze_list(call, actor=river_specialist, now=timezone.now())
    revoke(AgencyAgreement.objects.filter(agency=river_agency), at=timezone.now())
    send_all(timezone.now())
    message = prep_list.deliveries.get(recipient=river_provider).message
    assert lists_in(smtp_server) == []
    assert message.state == Message.State.WITHHELD
    assert "was revoked" in message.last_error


def test_prepare_withholds_when_the_person_leaves_after_freezing(
    smtp_server, call, ana, river_provider, river_specialist
):
    make_roster(call, ana)
    lists.freeze_list(call, actor=river_specialist, now=timezone.now())
    river_provider.places.update(ended_on=today_in())
    send_all(timezone.now())
    assert lists_in(smtp_server) == []
    assert Message.objects.get(kind=PREP_LIST.kind).state == Message.State.WITHHELD


def test_prepare_shows_the_alias_when_the_release_is_revoked_after_freezing(
    smtp_server, call, ana, river_other_agency, river_provider, river_specialist
):
    Participant.objects.update(agency=river_other_agency)
    make_roster(call, ana)
    prep_list = lists.freeze_list(call, actor=river_specialist, now=timezone.now())
    Release.objects.update(revoked_at=timezone.now())
    send_all(timezone.now() + timedelta(seconds=1))
    delivery = prep_list.deliveries.get()
    (mail,) = lists_in(smtp_server)
    text = text_of(attachment(mail).get_payload(decode=True), delivery.password)
    assert "Heron-1" in text
    assert "Ana" not in readable(text)
    assert delivery.disclosed == [
        {"participant": str(ana.pk), "named": False, "release": None, "under": ""}
    ]


def test_prepare_names_to_the_keeping_agency_without_a_release_and_says_so(
    smtp_server, call, ana, river_provider, river_other_provider, river_specialist
):
    Release.objects.update(revoked_at=timezone.now() - timedelta(seconds=1))
    make_roster(call, ana)
    prep_list = lists.freeze_list(call, actor=river_specialist, now=timezone.now())
    send_all(timezone.now() + timedelta(seconds=1))
    assert {each.recipient: each.disclosed for each in prep_list.deliveries.all()} == {
        river_provider: [
            {"participant": str(ana.pk), "named": True, "release": None, "under": "keeps"}
        ],
        river_other_provider: [
            {"participant": str(ana.pk), "named": False, "release": None, "under": ""}
        ],
    }


def test_prep_list_shows_own_steps_elements_and_changes_without_the_name_in_notes(
    smtp_server,
    river,
    region_2,
    call,
    ana,
    river_agency,
    river_other_agency,
    river_other_provider,
    river_specialist,
):
    former = make_meeting(river, region_2, starts_at=timezone.now() - timedelta(days=30))
    make_review(
        former,
        ana,
        preferences="Ana wants a ground floor",
        barriers=["No photo ID"],
        safety="No immediate needs named.",
    )
    make_step(ana, river_other_agency, what="Drive Ana to the county office", due_in=-3)
    make_roster(call, ana)
    prep_list = lists.freeze_list(call, actor=river_specialist, now=timezone.now())
    send_all(timezone.now())
    mail = next(each for each in lists_in(smtp_server) if each["To"] == river_other_provider.email)
    password = prep_list.deliveries.get(recipient=river_other_provider).password
    text = text_of(attachment(mail).get_payload(decode=True), password)
    assert "Drive Heron-1 to the county office" in text
    assert "Heron-1 wants a ground floor" in text
    assert "No photo ID" in text
    assert "Ana" not in readable(text)
    assert text.index("Drive Heron-1") < text.index("Longest on the list")


def test_correct_list_replaces_waiting_mails_and_says_what_it_corrects(
    smtp_server, call, ana, river_provider, river_specialist
):
    make_roster(call, ana)
    lists.freeze_list(call, actor=river_specialist, now=timezone.now())
    second = lists.correct_list(
        call, revision=1, reason="One household added", actor=river_specialist, now=timezone.now()
    )
    send_all(timezone.now())
    (mail,) = lists_in(smtp_server)
    delivery = second.deliveries.get(recipient=river_provider)
    text = text_of(attachment(mail).get_payload(decode=True), delivery.password)
    assert "One household added" in text
    with pytest.raises(ValidationError, match="Revision 2 of this list was made"):
        lists.correct_list(
            call, revision=1, reason="Again", actor=river_specialist, now=timezone.now()
        )
    assert PrepList.objects.count() == 2


def test_send_again_repeats_the_list_with_the_same_password(
    smtp_server, call, ana, river_provider, river_specialist
):
    make_roster(call, ana)
    prep_list = lists.freeze_list(call, actor=river_specialist, now=timezone.now())
    delivery = prep_list.deliveries.get()
    with pytest.raises(ValidationError, match="still on its way"):
        PREP_LIST.send_again(delivery, reason="Lost", actor=river_specialist, now=timezone.now())
    send_all(timezone.now())
    PREP_LIST.send_again(delivery, reason="Lost", actor=river_specialist, now=timezone.now())
    send_all(timezone.now())
    first, second = lists_in(smtp_server)
    assert first["Message-ID"] != second["Message-ID"]
    text_of(attachment(second).get_payload(decode=True), delivery.password)


def test_send_again_serves_one_left_out_once_they_are_in_standing(
    smtp_server, call, ana, river_unsigned_provider, river_specialist
):
    make_roster(call, ana)
    prep_list = lists.freeze_list(call, actor=river_specialist, now=timezone.now())
    delivery = prep_list.deliveries.get()
    with pytest.raises(ValidationError, match="never signed"):
        PREP_LIST.send_again(delivery, reason="", actor=river_specialist, now=timezone.now())
    make_statement(river_unsigned_provider)
    PREP_LIST.send_again(
        delivery, reason="Signed today", actor=river_specialist, now=timezone.now()
    )
    send_all(timezone.now())
    assert [mail["To"] for mail in lists_in(smtp_server)] == [river_unsigned_provider.email]
    assert PersonalStatement.objects.filter(user=river_unsigned_provider).count() == 1


def test_hold_list_keeps_it_back_until_released(
    smtp_server, call, ana, river_provider, river_specialist
):
    make_roster(call, ana)
    due_at = call.list_due_at
    lists.hold_list(
        call, reason="Roster in dispute", actor=river_specialist, now=due_at - timedelta(hours=5)
    )
    send_all(due_at)
    assert not PrepList.objects.exists()
    late_at = call.list_late_at
    send_all(late_at + timedelta(minutes=1))
    late = [mail for mail in smtp_server.messages if mail["Subject"].startswith("Late:")]
    assert [mail["To"] for mail in late] == [river_specialist.email]
    lists.release_list(call, actor=river_specialist, now=late_at + timedelta(minutes=2))
    send_all(late_at + timedelta(minutes=3))
    assert not PrepList.objects.exists()
    call.refresh_from_db()
    assert call.needs_list_choice
    list_choices.choose_list(
        call, choice="now", actor=river_specialist, now=late_at + timedelta(minutes=4)
    )
    send_all(late_at + timedelta(minutes=5))
    assert PrepList.objects.count() == 1
    assert river_provider.email in [mail["To"] for mail in lists_in(smtp_server)]


def test_list_is_never_sent_after_the_call_began(call, ana, river_provider, river_specialist):
    make_roster(call, ana)
    with pytest.raises(ValidationError, match="has begun"):
        lists.freeze_list(call, actor=river_specialist, now=call.starts_at)
    send_all(call.starts_at + timedelta(minutes=1))
    assert not PrepList.objects.exists()


def test_warn_before_lists_tells_the_specialist_the_day_before_what_is_open(
    smtp_server, call, ana, river_lapsed_provider, river_provider, river_specialist
):
    make_roster(call, ana)
    send_all(call.list_warning_at)
    send_all(call.list_warning_at + timedelta(minutes=1))
    warnings = [
        mail for mail in smtp_server.messages if mail["Subject"].startswith("Before the list")
    ]
    assert [mail["To"] for mail in warnings] == [river_specialist.email]
    body = warnings[0].get_body(("plain",)).get_content()
    assert "The roster is not settled." in body
    assert "1 person won’t get the list: agreement or statement missing (Lapsed Shelter)." in body
    assert "Bridge Housing has not named its" in body


def test_note_sent_and_reveal_are_in_the_audit(
    smtp_server, call, ana, river_provider, river_specialist
):
    make_roster(call, ana)
    prep_list = lists.freeze_list(call, actor=river_specialist, now=timezone.now())
    send_all(timezone.now())
    delivery = prep_list.deliveries.get()
    PREP_LIST.reveal_password(delivery, actor=river_provider, now=timezone.now())
    PREP_LIST.read_password_out(
        delivery, reason="On the phone", actor=river_specialist, now=timezone.now()
    )
    entries = AuditEntry.objects.order_by("sequence").filter(object_id=str(delivery.pk))
    assert [(entry.action, entry.actor_id) for entry in entries] == [
        ("prep_list.sent", None),
        ("password.revealed", river_provider.pk),
        ("password.read_out", river_specialist.pk),
    ]


def test_freeze_list_of_400_households_goes_out_whole(
    smtp_server, call, river_other_agency, region_2, river_provider, river_specialist
):
    people = Participant.objects.bulk_create(
        Participant(
            continuum=call.continuum,
            region=region_2,
            agency=river_other_agency,
            alias=f"Heron-{number}",
            name="Name that nobody released",
        )
        for number in range(1, 401)
    )
    RosterEntry.objects.bulk_create(
        RosterEntry(
            meeting=call,
            participant=person,
            position=position,
            source=RosterEntry.Source.ADDED,
            reasons=[{"kind": "longest", "words": "Longest on the list"}],
        )
        for position, person in enumerate(people, start=1)
    )
    with CaptureQueriesContext(connection) as captured:
        prep_list = lists.freeze_list(call, actor=river_specialist, now=timezone.now())
    assert len(captured) < 60
    send_all(timezone.now())
    (mail,) = lists_in(smtp_server)
    text = text_of(attachment(mail).get_payload(decode=True), prep_list.deliveries.get().password)
    assert all(f"Heron-{number} " in text for number in range(1, 401))
    assert "nobody released" not in text
