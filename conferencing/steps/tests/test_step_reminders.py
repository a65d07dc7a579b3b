"""Who is told of steps that nobody reported, when, and once: on a real mail server."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

import outbox.services
from agreements.models import AgencyAgreement, StaffMember
from agreements.tests.factories import make_staff, revoke
from conferencing import due
from conferencing.home.pages import home_page
from conferencing.models import Call
from conferencing.prep_lists.acts import freeze_list
from conferencing.schedule.acts import move_meeting
from conferencing.steps.acts import report_progress
from conferencing.steps.unreported import last_calls
from conferencing.tests.factories import make_meeting, make_roster, make_step, report
from outbox.models import Message
from participants.tests.factories import make_participant, make_release
from regions.tests.factories import ordinary_thursday, today_in
from regions.words import weekday_words

CHICAGO = ZoneInfo("America/Chicago")
KINDS = ["step-reminder", "steps-unreported", "steps-unreported-week"]
pytestmark = pytest.mark.django_db(transaction=True)


def thursday(weeks):
    """A call's start: a Thursday at ten, in so many weeks."""
    if weeks > 0:
        on = ordinary_thursday(in_days=7 * weeks)
    else:
        on = today_in() + timedelta(days=(3 - today_in().weekday()) % 7 + 7 * weeks)
    return datetime(on.year, on.month, on.day, 10, tzinfo=CHICAGO)


@pytest.fixture
def former(river, region_2):
    return make_meeting(river, region_2, starts_at=thursday(-2))


@pytest.fixture
def call(river, region_2, former):
    return make_meeting(river, region_2, starts_at=thursday(2))


@pytest.fixture
def ana(river_agency, region_2):
    household = make_participant(river_agency, region_2, name="Ana Sentinelle", alias="Heron-1")
    make_release(household)
    return household


def place_of(user):
    return StaffMember.objects.get(user=user)


def due_at(call, participant, agency, **fields):
    """A step that was given before the former call and is due at this one."""
    days = (call.on - today_in()).days
    return make_step(participant, agency, due_in=days, what="Call Ana Sentinelle", **fields)


def reminder_at(call):
    return due.steps_reminder_at(call.continuum, call.on)


def lead_told_at(call):
    return due.lead_told_at(call.continuum, call.on)


def specialist_told_at(call):
    return due.specialist_told_at(call.continuum, call.on)


def tick(at):
    outbox.services.tick(at, send=True)


def about_steps(smtp_server):
    return [mail for mail in smtp_server.messages if mail["Subject"].startswith("Steps ")]


def told(smtp_server):
    return sorted((mail["To"], mail["Subject"].split(":")[0]) for mail in about_steps(smtp_server))


def body(mail):
    return " ".join(mail.get_body(("plain",)).get_content().split())


def everything_in(mail):
    """Headers and texts; a boundary or a Message-ID may hold three letters by chance."""
    texts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    return "\n".join([mail["Subject"], mail["To"], *texts])


def test_remind_of_steps_mails_each_person_once_a_working_day_before(
    smtp_server, call, ana, river_agency, river_provider, river_lead, river_other_provider
):
    for _ in range(2):
        due_at(call, ana, river_agency, person=place_of(river_provider))
    due_at(call, ana, river_agency)
    make_step(ana, river_agency, person=place_of(river_provider), due_in=80, what="after the call")
    at = reminder_at(call)
    tick(at - timedelta(minutes=1))
    assert told(smtp_server) == []
    tick(at)
    tick(at + timedelta(minutes=1))
    tick(call.starts_at - timedelta(minutes=1))
    assert told(smtp_server) == sorted(
        [(river_provider.email, "Steps to report"), (river_lead.email, "Steps to report")]
    )
    mails = {mail["To"]: mail for mail in about_steps(smtp_server)}
    assert "2 steps that you are to report on are still open" in body(mails[river_provider.email])
    assert "1 step that you are to report on is still open" in body(mails[river_lead.email])
    assert "/steps/?whose=mine" in body(mails[river_provider.email])
    for mail in mails.values():
        for secret in ("Ana ", "Sentinelle", "Heron", "landlord", str(ana.pk)):
            assert secret not in everything_in(mail)


def test_remind_of_steps_leaves_alone_whoever_reported_since_the_last_call(
    smtp_server, call, former, ana, river_agency, river_provider, river_lead
):
    place = place_of(river_provider)
    reported = due_at(call, ana, river_agency, person=place)
    report(reported, by=river_provider, at=former.ends_at + timedelta(days=1))
    closed = due_at(call, ana, river_agency, person=place)
    report_progress(closed, progress="done", actor=river_provider, now=former.ends_at)
    tick(reminder_at(call))
    assert told(smtp_server) == []


def test_remind_of_steps_asks_anew_what_was_reported_before_the_last_call(
    smtp_server, call, former, ana, river_agency, river_provider
):
    step = due_at(call, ana, river_agency, person=place_of(river_provider))
    report(step, by=river_provider, at=former.starts_at - timedelta(days=1))
    tick(reminder_at(call))
    assert told(smtp_server) == [(river_provider.email, "Steps to report")]


@pytest.mark.parametrize(
    ("minutes", "reported_after", "is_reminded"),
    [
        (100, 70, True),  # it ran forty minutes over, and the report was made in them
        (100, 101, False),
        (35, 34, True),
        (35, 40, False),  # it was closed early, and the report came within its planned hour
        (None, 90, True),  # nobody has closed it yet
        (2 * 24 * 60, 24 * 60, False),  # nobody closed it for two days
        (None, 24 * 60, False),
    ],
)
def test_remind_of_steps_counts_reports_from_the_moment_the_last_call_was_closed(
    smtp_server,
    call,
    former,
    ana,
    river_agency,
    river_provider,
    minutes,
    reported_after,
    is_reminded,
):
    closed_at = former.starts_at + timedelta(minutes=minutes) if minutes else None
    Call.objects.create(
        meeting=former,
        began_at=former.starts_at,
        began_by=river_provider,
        closed_at=closed_at,
        closed_by=river_provider if closed_at else None,
    )
    step = due_at(call, ana, river_agency, person=place_of(river_provider))
    report(step, by=river_provider, at=former.starts_at + timedelta(minutes=reported_after))
    tick(reminder_at(call))
    assert told(smtp_server) == [(river_provider.email, "Steps to report")] * is_reminded


def test_last_calls_leaves_out_one_that_runs_over_and_holds_one_that_was_closed_early(
    river, region_1, region_2, river_provider
):
    now = timezone.now()
    runs_over = make_meeting(river, region_1, starts_at=now - timedelta(minutes=70))
    Call.objects.create(meeting=runs_over, began_at=runs_over.starts_at, began_by=river_provider)
    early = make_meeting(river, region_2, starts_at=now - timedelta(minutes=50), state="closed")
    Call.objects.create(
        meeting=early,
        began_at=early.starts_at,
        began_by=river_provider,
        closed_at=now - timedelta(minutes=5),
        closed_by=river_provider,
    )
    assert last_calls(river, now) == [early]


def test_remind_of_steps_gives_the_leads_what_nobody_else_may_report(
    smtp_server,
    call,
    ana,
    river_agency,
    river_lead,
    river_provider,
    river_unsigned_provider,
    river_other_provider,
):
    due_at(call, ana, river_agency, person=place_of(river_unsigned_provider))
    due_at(call, ana, river_agency, person=place_of(river_other_provider))
    gone = make_staff(river_agency)
    due_at(call, ana, river_agency, person=gone)
    gone.ended_on = today_in()
    gone.save()
    tick(reminder_at(call))
    assert told(smtp_server) == [(river_lead.email, "Steps to report")]
    assert "3 steps that you are to report on" in body(about_steps(smtp_server)[0])


def test_remind_of_steps_is_about_the_households_region_and_no_cancelled_call(
    smtp_server, river, call, ana, river_agency, river_provider, region_1
):
    place = place_of(river_provider)
    due_at(call, make_participant(river_agency, region_1), river_agency, person=place)
    tick(reminder_at(call))
    assert told(smtp_server) == []
    due_at(call, ana, river_agency, person=place)
    call.state, call.cancellation_reason = "cancelled", "Snow"
    call.save()
    tick(reminder_at(call))
    assert told(smtp_server) == []
    make_meeting(river, starts_at=call.starts_at + timedelta(hours=3))
    tick(reminder_at(call))
    (mail,) = about_steps(smtp_server)
    assert mail["Subject"].startswith("Steps to report: CoC-wide call, Thursday, ")
    assert "2 steps" in body(mail)


def test_remind_of_steps_again_when_the_call_was_moved(
    smtp_server, call, ana, river_agency, river_provider, river_specialist
):
    due_at(call, ana, river_agency, person=place_of(river_provider))
    tick(reminder_at(call))
    move_meeting(
        call,
        starts_at=call.starts_at + timedelta(days=7),
        minutes=60,
        actor=river_specialist,
        now=reminder_at(call),
    )
    call.refresh_from_db()
    tick(reminder_at(call))
    assert told(smtp_server) == [(river_provider.email, "Steps to report")] * 2


def test_a_step_reminder_that_waited_names_no_day_that_the_call_was_moved_from(
    smtp_server, call, ana, river_agency, river_provider, river_specialist
):
    due_at(call, ana, river_agency, person=place_of(river_provider))
    at = reminder_at(call)
    assert queued(call, at).count() == 1
    moved = move_meeting(
        call,
        starts_at=call.starts_at + timedelta(days=14),
        minutes=60,
        actor=river_specialist,
        now=at,
    )
    tick(at + timedelta(minutes=1))
    assert told(smtp_server) == []
    tick(reminder_at(moved))
    (mail,) = about_steps(smtp_server)
    assert mail["Subject"].endswith(weekday_words(moved.on))


def test_a_step_reminder_is_repeated_only_while_its_number_holds(
    smtp_server, call, ana, river_agency, river_provider
):
    steps = [due_at(call, ana, river_agency, person=place_of(river_provider)) for _ in "12"]
    at = reminder_at(call)
    (message,) = queued(call, at)
    smtp_server.drop("ACCEPTED")
    outbox.services.send(message.pk, now=at)
    report_progress(steps[0], progress="done", actor=river_provider, now=at)
    later = at + timedelta(minutes=5)
    outbox.services.send(message.pk, now=later)
    (new,) = Message.objects.filter(kind="step-reminder", state="waiting")
    outbox.services.send(new.pk, now=later)
    first, second = about_steps(smtp_server)
    assert "2 steps" in body(first)
    assert "1 step" in body(second)
    assert first["Message-ID"] != second["Message-ID"]


def queued(call, at):
    """What the tick queued at that moment, nothing of it sent yet."""
    outbox.services.tick(at, send=False)
    return Message.objects.filter(kind__in=KINDS)


def test_step_reminder_is_withheld_when_it_was_reported_in_between(
    smtp_server, call, ana, river_agency, river_provider
):
    step = due_at(call, ana, river_agency, person=place_of(river_provider))
    at = reminder_at(call)
    assert [message.state for message in queued(call, at)] == ["waiting"]
    report_progress(step, progress="done", actor=river_provider, now=at)
    tick(at + timedelta(minutes=1))
    assert told(smtp_server) == []
    message = Message.objects.get(kind="step-reminder")
    assert (message.state, message.last_error) == ("withheld", "Nothing is left to report.")


def test_step_reminder_is_withheld_from_whoever_lost_standing_in_between(
    smtp_server, call, ana, river_agency, river_provider
):
    due_at(call, ana, river_agency, person=place_of(river_provider))
    at = reminder_at(call)
    assert queued(call, at).count() == 1
    revoke(AgencyAgreement.objects.all(), at=at)
    tick(at + timedelta(minutes=1))
    assert told(smtp_server) == []
    message = Message.objects.get(kind="step-reminder")
    assert message.state == "withheld"
    assert "was revoked" in message.last_error


def test_tell_unreported_steps_tells_the_lead_then_the_specialist_once_each(
    smtp_server,
    call,
    ana,
    region_2,
    river_agency,
    river_other_agency,
    river_provider,
    river_lead,
    river_other_provider,
    river_specialist,
    river_administrator,
):
    other_lead = make_staff(river_other_agency, lead=True, regions=[region_2]).user
    due_at(call, ana, river_agency, person=place_of(river_provider))
    due_at(call, ana, river_agency)
    theirs = due_at(call, ana, river_other_agency, person=place_of(river_other_provider))
    first, second = lead_told_at(call), specialist_told_at(call)
    tick(first - timedelta(minutes=1))
    assert told(smtp_server) == []
    for minutes in (0, 1, 60):
        tick(first + timedelta(minutes=minutes))
    assert told(smtp_server) == sorted(
        [(river_lead.email, "Steps not reported"), (other_lead.email, "Steps not reported")]
    )
    mails = {mail["To"]: mail for mail in about_steps(smtp_server)}
    assert "2 steps of your agency were due at the Region 2 call" in body(mails[river_lead.email])
    assert "1 step of your agency was due" in body(mails[other_lead.email])
    assert "/steps/?whose=agency" in body(mails[river_lead.email])
    report_progress(
        theirs, progress="blocked", line="No ID", actor=other_lead, now=second - timedelta(days=1)
    )
    for minutes in (-1, 0, 1, 60):
        tick(second + timedelta(minutes=minutes))
    (mail,) = about_steps(smtp_server)[2:]
    assert mail["To"] == river_specialist.email
    assert (
        "nobody has reported on 2 steps that were due at it: - Bridge Housing: 2 steps The"
        in body(mail)
    )
    assert "/steps/?whose=all&state=unreported" in body(mail)
    for secret in ("Ana ", "Sentinelle", "Heron", "No ID", str(ana.pk)):
        assert secret not in everything_in(mail)


def test_tell_unreported_steps_is_quiet_about_what_was_not_due_or_was_reported(
    smtp_server, call, ana, river_agency, river_provider, river_lead, river_specialist
):
    place = place_of(river_provider)
    make_step(ana, river_agency, person=place, due_in=200)
    late = due_at(call, ana, river_agency, person=place)
    report(late, by=river_provider, at=call.ends_at + timedelta(days=1))
    given = due_at(call, ana, river_agency, person=place)
    given.created_at = call.starts_at + timedelta(minutes=10)
    given.save()
    for at in (lead_told_at(call), specialist_told_at(call)):
        tick(at)
    assert told(smtp_server) == []


def test_steps_unreported_is_withheld_when_all_was_closed_in_between(
    smtp_server, call, ana, river_agency, river_provider, river_lead, river_specialist
):
    step = due_at(call, ana, river_agency, person=place_of(river_provider))
    assert queued(call, lead_told_at(call)).count() == 1
    assert queued(call, specialist_told_at(call)).count() == 2
    report_progress(step, progress="done", actor=river_provider, now=specialist_told_at(call))
    tick(specialist_told_at(call) + timedelta(minutes=1))
    assert told(smtp_server) == []
    assert set(Message.objects.filter(kind__in=KINDS).values_list("state", "last_error")) == {
        ("withheld", "Nothing is left to report.")
    }


def test_tell_unreported_steps_leaves_calls_of_long_ago_alone(
    smtp_server, call, ana, river_agency, river_lead, river_specialist
):
    due_at(call, ana, river_agency)
    tick(call.starts_at + timedelta(days=15))
    assert told(smtp_server) == []


def test_home_tells_the_specialist_of_unreported_steps_a_week_after_the_call(
    call, former, ana, region_2, river_agency, river_other_agency, river_specialist, river_provider
):
    due_at(call, ana, river_agency)
    due_at(call, ana, river_agency)
    due_at(call, ana, river_other_agency)

    def lines(at):
        return [
            (task.title, task.hint, task.url)
            for task in home_page(river_specialist, now=at)["tasks"]
            if task.button == "See the steps"
        ]

    week_after = specialist_told_at(call)
    assert lines(week_after - timedelta(minutes=1)) == []
    assert lines(week_after) == [
        (
            "3 steps were not reported at the last call",
            "Bridge Housing: 2, Cedar Outreach: 1.",
            "/steps/?whose=all&state=unreported",
        )
    ]
    assert lines(call.starts_at + timedelta(days=36)) == []


def test_prep_list_mail_says_how_many_open_steps_are_ones_own(
    smtp_server, call, ana, river_agency, river_provider, river_lead, river_specialist
):
    for _ in range(3):
        due_at(call, ana, river_agency, person=place_of(river_provider))
    make_roster(call, ana)
    now = call.starts_at - timedelta(days=3)
    freeze_list(call, actor=river_specialist, now=now)
    tick(now)
    mails = {
        mail["To"]: body(mail)
        for mail in smtp_server.messages
        if mail["Subject"].startswith("Prep list:")
    }
    assert "3 open steps are yours." in mails[river_provider.email]
    assert "yours" not in mails[river_lead.email]
    for words in mails.values():
        assert "/steps/" in words
        assert "Sentinelle" not in words
