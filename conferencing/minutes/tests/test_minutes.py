"""The minutes from the call's close to the mailbox, on a real mail server."""

import json
from datetime import timedelta
from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import outbox.services
from agreements.models import AgencyAgreement, StaffMember
from agreements.tests.factories import make_staff, revoke
from audit.models import AuditEntry
from conferencing import minutes
from conferencing.minutes.addenda import add_addendum
from conferencing.minutes.deliveries import MINUTES, NOT_AMONG_THEM
from conferencing.models import CallGuest, Minutes, MinutesDelivery, Review
from conferencing.tests.factories import (
    make_attendance,
    make_meeting,
    make_review,
    make_role,
    make_roster,
    make_step,
)
from conferencing.tests.readable import readable
from outbox.models import Message
from participants.models import Participant, Release
from participants.tests.factories import make_participant, make_release
from regions.models import Membership
from regions.tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)
ANA = "Ana Ñandú-Example"
FREEZE_QUERIES = 61


def text_of(pdf_bytes, password):
    document = pypdfium2.PdfDocument(pdf_bytes, password=password)
    return " ".join(" ".join(page.get_textpage().get_text_bounded() for page in document).split())


def minutes_in(smtp_server):
    return [mail for mail in smtp_server.messages if "Minutes:" in mail["Subject"]]


def pdf_of(mail):
    part = next(part for part in mail.walk() if part.get_content_type() == "application/pdf")
    return part.get_payload(decode=True)


def text_for(smtp_server, frozen, user):
    """What the copy that was mailed to this person says."""
    mail = next(each for each in minutes_in(smtp_server) if each["To"] == user.email)
    return text_of(pdf_of(mail), frozen.deliveries.get(recipient=user).password)


def send_all(now=None):
    return outbox.services.tick(now or timezone.now(), send=True)


@pytest.fixture
def call(river, region_2):
    """A call that was closed an hour ago, of a continuum that mails its minutes."""
    river.sends_minutes, river.purpose = True, "Agree who does what next."
    river.save()
    return make_meeting(
        river, region_2, starts_at=timezone.now() - timedelta(hours=2), state="closed"
    )


@pytest.fixture
def ana(river_agency, region_2):
    participant = make_participant(river_agency, region_2, name=ANA, alias="Heron-1")
    make_release(participant, agencies=[river_agency])
    return participant


@pytest.fixture
def said(call, ana, river_agency, river_provider):
    """What was said of Ana: some elements confirmed, one not, decisions, a step."""
    make_roster(call, ana)
    place = StaffMember.objects.get(user=river_provider)
    review = make_review(
        call,
        ana,
        location="shelter",
        location_words="Ana is at the shelter on Main",
        location_changed="changed",
        preferences="Ana wants a ground floor",
        barriers=["No photo ID", "Landlords refuse the voucher"],
        barriers_changed="unchanged",
        systemic=["Landlords refuse the voucher"],
        safety="Ana feels safe",
        safety_changed="unchanged",
        notes="Ana will call on Monday",
        navigator=place,
        eligibility="eligible",
        is_referred=True,
        referral="Oak Street, for Ana",
        is_exception=True,
        exception_reason="Ana is ill",
        target_kind="move_in",
        target_on=call.on + timedelta(days=30),
        learned="The landlord wanted Ana to have two pay stubs",
        seconds_used=372,
    )
    make_step(ana, river_agency, person=place, review=review, what="Drive Ana to the office")
    return review


def freeze(call, actor):
    return minutes.freeze_minutes(call, actor=actor, now=timezone.now())


def test_freeze_minutes_mails_each_who_was_there_a_copy_that_only_their_password_opens(
    smtp_server, call, said, river_provider, river_other_provider, river_lead, river_specialist
):
    for user in (river_provider, river_other_provider):
        make_attendance(call, user)
    make_attendance(call, river_lead, present=False)
    frozen = freeze(call, river_specialist)
    send_all()
    mails = {mail["To"]: mail for mail in minutes_in(smtp_server)}
    assert set(mails) == {
        river_provider.email,
        river_other_provider.email,
        river_specialist.email,
    }
    for user, shown, kept in [
        (river_provider, ANA, "Heron-1"),
        (river_other_provider, "Heron-1", "Ana"),
        (river_specialist, "Heron-1", "Ana"),
    ]:
        text = text_for(smtp_server, frozen, user)
        assert shown in text
        assert kept not in text
        assert f"Made for {user.name}" in text
        assert call.continuum.non_disclosure_words in text
        for wrong in ("", "0000-0000-0000-0000"):
            with pytest.raises(pikepdf.PasswordError):
                pikepdf.open(BytesIO(pdf_of(mails[user.email])), password=wrong)


def test_freeze_minutes_says_who_was_there_what_was_said_and_what_was_not_confirmed(
    smtp_server,
    call,
    said,
    river_agency,
    river_provider,
    river_other_agency,
    river_other_provider,
    river_lead,
    river_specialist,
):
    place = StaffMember.objects.get(user=river_other_provider)
    make_role(call, river_other_agency, person=place)
    make_attendance(call, river_other_provider)
    make_attendance(call, river_lead, present=False)
    make_attendance(call, name="Wim Walkin", organization="Food Shelf", kind="walk_in")
    frozen = freeze(call, river_specialist)
    send_all()
    text = text_for(smtp_server, frozen, river_other_provider)
    for words in [
        "Purpose Agree who does what next.",
        "Cedar Outreach: Oli Other (facilitator)",
        "Food Shelf: Wim Walkin (walk-in)",
        "Absent: – Bridge Housing: Lee Lead",
        "Current location Emergency shelter: Heron-1 is at the shelter on Main Changed",
        "Preferences Not confirmed at this call Known before: Heron-1 wants a ground",
        "Critical barriers No photo ID; Landlords refuse the voucher Systemic (unchanged)",
        "Current safety Heron-1 feels safe (unchanged)",
        "Notes Heron-1 will call on Monday",
        "Housing navigator Pat Provider, Bridge Housing",
        "Eligibility Eligible",
        "Referral made Oak Street, for Heron-1",
        "Priority exception Heron-1 is ill",
        "What was learned The landlord wanted Heron-1 to have two pay stubs",
        "Drive Heron-1 to the office Follow-up: Pat Provider, Bridge Housing",
        "6 minutes",
    ]:
        assert words in text
    assert "Ana" not in readable(text)


def test_freeze_minutes_mail_holds_no_participant_data(
    smtp_server, call, said, ana, river_provider, river_specialist
):
    make_attendance(call, river_provider)
    freeze(call, river_specialist)
    send_all()
    mail = next(each for each in minutes_in(smtp_server) if each["To"] == river_provider.email)
    part = next(part for part in mail.walk() if part.get_content_type() == "application/pdf")
    part.set_payload("")  # by chance, its letters hold anybody's name
    words = mail.as_string()
    for secret in ("Ana", "Heron-1", "landlord", "shelter", str(ana.pk), str(said.pk)):
        assert secret not in readable(words)
    assert "/minutes/" in mail.get_body(("plain",)).get_content()
    assert part.get_filename() == f"minutes-{call.on:%Y-%m-%d}.pdf"


def test_freeze_minutes_leaves_out_whoever_is_not_in_standing_and_says_why(
    call,
    said,
    river,
    river_provider,
    river_lapsed_provider,
    river_unsigned_provider,
    river_administrator,
    river_specialist,
):
    for user in (
        river_provider,
        river_lapsed_provider,
        river_unsigned_provider,
        river_administrator,
    ):
        make_attendance(call, user)
    make_attendance(call, name="Wim Walkin", organization="Food Shelf", kind="walk_in")
    unsigned = make_user(river, name="Uli Unsigned", specialist=True)
    frozen = freeze(call, river_specialist)
    left_out = {
        each.recipient: each.left_out_because
        for each in frozen.deliveries.filter(message__isnull=True)
    }
    assert set(left_out) == {
        river_lapsed_provider,
        river_unsigned_provider,
        river_administrator,
        unsigned,
    }
    assert "CES Partner Agreement expired on" in left_out[river_lapsed_provider]
    assert left_out[river_unsigned_provider] == "The confidentiality statement was never signed."
    assert left_out[river_administrator] == "This person isn’t assigned to an agency."
    assert left_out[unsigned] == "The confidentiality statement was never signed."
    assert not frozen.deliveries.filter(message__isnull=True, password__isnull=False).exists()
    assert {each.recipient for each in frozen.deliveries.filter(message__isnull=False)} == {
        river_provider,
        river_specialist,
    }


def test_freeze_minutes_names_no_guest_and_mails_them_nothing(
    smtp_server, call, said, ana, river, river_other_provider, river_specialist
):
    kin = make_user(river, name="Kim Ñandú-Example")
    CallGuest.objects.create(
        meeting=call,
        participant=ana,
        user=kin,
        relation="family",
        invited_by=river_specialist,
        invited_at=timezone.now(),
    )
    make_attendance(call, kin)
    make_attendance(call, name=f"{ANA.upper()} ", kind="walk_in")
    make_attendance(call, river_other_provider)
    frozen = freeze(call, river_specialist)
    send_all()
    text = text_for(smtp_server, frozen, river_other_provider)
    assert "Guests invited Family member" in text
    assert "No organization given: Guest (walk-in)" in text
    for secret in ("Kim", "Ana", "ANA"):
        assert secret not in readable(text)
    assert not frozen.deliveries.filter(recipient=kin).exists()
    assert kin.email not in [mail["To"] for mail in smtp_server.messages]


def test_freeze_minutes_mails_nothing_where_the_continuum_chose_so(
    smtp_server, river, call, said, river_provider, river_specialist
):
    river.sends_minutes = False
    river.save()
    make_attendance(call, river_provider)
    frozen = freeze(call, river_specialist)
    send_all()
    assert frozen.snapshot["households"][0]["alias"] == "Heron-1"
    assert not MinutesDelivery.objects.exists()
    assert minutes_in(smtp_server) == []


def test_freeze_minutes_twice_makes_one_and_refuses_a_call_that_is_not_closed(
    call, said, river, region_2, river_provider, river_specialist
):
    make_attendance(call, river_provider)
    first = freeze(call, river_specialist)
    assert freeze(call, river_provider) == first
    assert (Minutes.objects.count(), MinutesDelivery.objects.count()) == (1, 2)
    assert Message.objects.filter(kind=MINUTES.kind).count() == 2
    assert AuditEntry.objects.filter(action="minutes.frozen").count() == 1
    with pytest.raises(ValidationError, match="not closed yet"):
        freeze(make_meeting(river, region_2), river_specialist)


def test_frozen_minutes_stay_whatever_changes_later(
    call, said, ana, river_agency, river_provider, river_specialist
):
    frozen = freeze(call, river_specialist)
    before = json.dumps(frozen.snapshot, sort_keys=True)
    said.notes, said.preferences = "Rewritten", "Rewritten"
    said.save()
    ana.name, ana.alias = "Another Name", "Other-1"
    ana.save()
    said.steps.all().delete()
    add_addendum(call, review=said, words="Not Monday", actor=river_specialist, now=timezone.now())
    freeze(call, river_specialist)
    after = Minutes.objects.get(meeting=call)
    assert json.dumps(after.snapshot, sort_keys=True) == before
    assert (after.frozen_at, after.frozen_by) == (frozen.frozen_at, river_specialist)


def test_minutes_are_sealed_in_the_database(call, said, river_specialist):
    freeze(call, river_specialist)
    with connection.cursor() as cursor:
        cursor.execute("SELECT snapshot FROM conferencing_minutes")
        stored = bytes(cursor.fetchone()[0])
    for word in (ANA.encode(), b"landlord"):
        assert word not in stored


def test_prepare_minutes_shows_the_alias_when_the_release_is_revoked_before_sending(
    smtp_server, call, said, ana, river_other_agency, river_provider, river_specialist
):
    Participant.objects.filter(pk=ana.pk).update(agency=river_other_agency)
    make_attendance(call, river_provider)
    frozen = freeze(call, river_specialist)
    Release.objects.update(revoked_at=timezone.now())
    send_all(timezone.now() + timedelta(seconds=1))
    text = text_for(smtp_server, frozen, river_provider)
    assert "Heron-1 will call on Monday" in text
    assert "Ana" not in readable(text)
    assert frozen.deliveries.get(recipient=river_provider).disclosed == [
        {"participant": str(ana.pk), "named": False, "release": None, "under": ""}
    ]


def test_prepare_minutes_keeps_todays_name_from_whoever_may_not_read_it(
    smtp_server, call, said, ana, river_other_provider, river_specialist
):
    make_attendance(call, river_other_provider)
    frozen = freeze(call, river_specialist)
    ana.name = "Zora Newname"
    ana.save()
    add_addendum(
        call,
        review=said,
        words="Zora, then Ana, was reached",
        actor=river_specialist,
        now=timezone.now(),
    )
    send_all()
    text = text_for(smtp_server, frozen, river_other_provider)
    assert "Heron-1, then Heron-1, was reached" in text
    assert "Zora" not in text
    assert "Ana" not in readable(text)


def test_prepare_minutes_withholds_when_standing_or_place_ended_after_the_call(
    smtp_server, call, said, river_agency, river_provider, river_other_provider, river_specialist
):
    for user in (river_provider, river_other_provider):
        make_attendance(call, user)
    frozen = freeze(call, river_specialist)
    revoke(AgencyAgreement.objects.filter(agency=river_agency), at=timezone.now())
    river_other_provider.places.update(ended_on=call.on)
    send_all()
    assert [mail["To"] for mail in minutes_in(smtp_server)] == [river_specialist.email]
    for user, why in [
        (river_provider, "was revoked"),
        (river_other_provider, "isn’t assigned to an agency"),
    ]:
        delivery = frozen.deliveries.get(recipient=user)
        assert delivery.message.state == Message.State.WITHHELD
        assert why in delivery.message.last_error
        assert delivery.disclosed is None


def test_prepare_minutes_withholds_from_whoever_is_a_specialist_no_more_and_was_not_there(
    smtp_server, call, said, river_specialist, river_other_provider
):
    Membership.objects.filter(user=river_other_provider).update(is_specialist=True)
    frozen = freeze(call, river_specialist)
    Membership.objects.filter(user=river_other_provider).update(is_specialist=False)
    delivery = frozen.deliveries.get(recipient=river_other_provider)
    send_all()
    delivery.refresh_from_db()
    assert [mail["To"] for mail in minutes_in(smtp_server)] == [river_specialist.email]
    assert delivery.message.last_error == NOT_AMONG_THEM


def test_note_sent_records_who_was_shown_how_many_by_name(
    smtp_server, call, said, river_provider, river_specialist
):
    make_attendance(call, river_provider)
    frozen = freeze(call, river_specialist)
    send_all()
    delivery = frozen.deliveries.get(recipient=river_provider)
    entry = AuditEntry.objects.get(action="minutes.sent", object_id=str(delivery.pk))
    assert entry.detail == {
        "recipient": str(river_provider.pk),
        "meeting": str(call.pk),
        "participants": 1,
        "by_name": 1,
        "shown": delivery.disclosed,
    }
    assert delivery.disclosed[0]["named"]
    assert delivery.document_hash


def test_minutes_list_carried_households_in_the_order_of_the_call(
    smtp_server,
    call,
    region_2,
    river_other_agency,
    river_vsp_agency,
    river_provider,
    river_specialist,
):
    people = [
        make_participant(river_other_agency, region_2, alias=f"Crane-{number}")
        for number in (1, 2, 3)
    ]
    hidden = make_participant(river_vsp_agency, region_2, alias="Wren-9")
    make_roster(call, people[2], hidden, people[0], people[1])
    make_review(call, people[2], no_step_reason="Moves in tomorrow")
    make_review(call, hidden, notes="Asks for a quiet room")
    for person, notes in [(people[0], ""), (people[1], "Reached, but no time was left")]:
        Review.objects.create(
            meeting=call,
            participant=person,
            outcome="carried_over",
            notes=notes,
            revision=bool(notes),
        )
    make_attendance(call, river_provider)
    frozen = freeze(call, river_specialist)
    assert [each["alias"] for each in frozen.snapshot["households"]] == [
        "Crane-3",
        "Wren-9",
        "Crane-1",
        "Crane-2",
    ]
    assert frozen.snapshot["households"][1]["name"] is None
    send_all()
    text = text_for(smtp_server, frozen, river_provider)
    said, _, carried = text.rpartition("Carried over to the next call")
    assert "1 Crane-3" in said
    assert "Steps None needed: Moves in tomorrow" in said
    assert "2 Wren-9" in said
    assert "3 Crane-2" in said
    assert "Outcome Carried over to the next call" in said
    assert "Reached, but no time was left" in said
    assert "Crane-1" not in said
    assert "– Crane-1 Alias – Crane-2 Alias" in carried


@pytest.mark.parametrize("count", [0, 60])
def test_minutes_of_0_and_of_60_households_go_out_whole_in_as_many_queries(
    smtp_server,
    call,
    region_2,
    river_agency,
    river_other_agency,
    river_provider,
    river_specialist,
    count,
):
    people = Participant.objects.bulk_create(
        Participant(
            continuum=call.continuum,
            region=region_2,
            agency=river_other_agency,
            alias=f"Heron-{number}",
            name="Name that nobody released",
        )
        for number in range(1, count + 1)
    )
    make_roster(call, *people)
    for person in people:
        review = make_review(call, person, notes=f"Said of {person.alias}")
        make_step(person, river_agency, review=review)
    make_attendance(call, river_provider)
    with CaptureQueriesContext(connection) as captured:
        frozen = freeze(call, river_specialist)
    assert len(captured) == FREEZE_QUERIES
    send_all()
    text = text_for(smtp_server, frozen, river_provider)
    assert all(f"Said of Heron-{number} " in text for number in range(1, count + 1))
    assert ("No household was discussed." in text) == (count == 0)
    assert "nobody released" not in text


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("محمد عبد الرحمن", "محمد"),
        ("နော်မူဖော", "နော်မူဖော"),
        ("יעל כהן", "יעל"),
        ("Nguyễn Thị Minh Khai", "Nguyễn"),
    ],
)
def test_minutes_write_names_in_every_script_and_keep_them_from_others(
    smtp_server,
    call,
    region_2,
    river_agency,
    river_provider,
    river_other_provider,
    river_specialist,
    name,
    word,
):
    person = make_participant(river_agency, region_2, name=name, alias="Heron-7")
    make_release(person, agencies=[river_agency])
    make_roster(call, person)
    make_review(call, person, notes=f"{word}: {name}.")
    for user in (river_provider, river_other_provider):
        make_attendance(call, user)
    frozen = freeze(call, river_specialist)
    send_all()
    assert "Heron-7" not in text_for(smtp_server, frozen, river_provider)
    kept = text_for(smtp_server, frozen, river_other_provider)
    assert "Notes Heron-7: Heron-7." in kept
    assert word not in kept


def steps_mails(smtp_server):
    return {
        mail["To"]: mail.get_body(("plain",)).get_content()
        for mail in smtp_server.messages
        if mail["Subject"].startswith("Your steps:")
    }


def test_tell_new_steps_mails_each_person_and_each_lead_once_with_links_only(
    smtp_server,
    call,
    said,
    ana,
    region_2,
    river_agency,
    river_other_agency,
    river_provider,
    river_lead,
    river_other_provider,
    river_specialist,
):
    lead = StaffMember.objects.get(user=river_lead)
    other_lead = make_staff(river_other_agency, name="Ola Otherlead", lead=True)
    make_step(ana, river_agency, person=lead, review=said, what="Call Ana")
    make_step(ana, river_other_agency, person=None, review=said)
    make_step(ana, river_other_agency, person=other_lead)
    for _ in range(2):
        minutes.tell_new_steps(call, actor=river_specialist, now=timezone.now())
        send_all()
    found = steps_mails(smtp_server)
    assert set(found) == {river_provider.email, river_lead.email, other_lead.user.email}
    assert Message.objects.filter(kind=minutes.STEPS_KIND).count() == 3
    assert "You are the follow-up person of 1 step." in found[river_provider.email]
    assert "Bridge Housing took on" not in found[river_provider.email]
    assert "You are the follow-up person of 1 step." in found[river_lead.email]
    assert "Bridge Housing took on 2 steps." in found[river_lead.email]
    assert "follow-up person" not in found[other_lead.user.email]
    assert "Cedar Outreach took on 1 step." in found[other_lead.user.email]
    for text in found.values():
        assert "/steps/" in text
        for secret in ("Ana", "Heron-1", "Drive", "Call the landlord", str(ana.pk)):
            assert secret not in readable(text)


def test_prepare_new_steps_withholds_without_standing_and_without_a_step_left(
    smtp_server, call, said, ana, river_agency, river_provider, river_lead, river_specialist
):
    minutes.tell_new_steps(call, actor=river_specialist, now=timezone.now())
    river_provider.statements.update(revoked_at=timezone.now())
    said.steps.all().delete()
    send_all()
    assert steps_mails(smtp_server) == {}
    states = dict(Message.objects.filter(kind=minutes.STEPS_KIND).values_list("user", "last_error"))
    assert "was revoked" in states[river_provider.pk]
    assert states[river_lead.pk] == "No step from this call is left with this person."


def test_tell_new_steps_without_steps_tells_nobody(smtp_server, call, river_lead, river_specialist):
    minutes.tell_new_steps(call, actor=river_specialist, now=timezone.now())
    send_all()
    assert not Message.objects.filter(kind=minutes.STEPS_KIND).exists()
