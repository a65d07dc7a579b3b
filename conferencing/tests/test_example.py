"""What `make run` starts with: loaded once, and every printed account can be tried."""

import secrets
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone

from accounts.models import User
from agreements.models import StaffMember
from conferencing.barriers import WORDS
from conferencing.call.acts import agenda
from conferencing.careful_words import hints
from conferencing.example.accounts import example_accounts
from conferencing.models import (
    ActionItem,
    Addendum,
    Attendance,
    Call,
    Meeting,
    Minutes,
    NothingToDiscuss,
    PrepListDelivery,
    PreWork,
    ProgressUpdate,
    Review,
    RoleSwap,
    SystemicBarrier,
)
from conferencing.schedule.invitations import send_invitations
from conferencing.steps.reminders import tell_unreported_steps
from conferencing.steps.unreported import unreported_of
from conferencing.tests.pages import text_of
from outbox.models import Message
from participants.models import Participant
from regions.clock import local_day
from regions.models import Continuum

pytestmark = pytest.mark.django_db
NO_STANDING = "You get no list and see no participants"


# Argon2 is slow by design; here a dozen people sign in.
QUICK = {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"]}


def load():
    said = StringIO()
    call_command("load_example", stdout=said)
    return said.getvalue().strip()


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """What the command said: loaded once for the tests of this module, then taken back."""
    with django_db_blocker.unblock(), override_settings(**QUICK), transaction.atomic():
        yield load()
        transaction.set_rollback(True)


def everything():
    return [model.objects.count() for model in (Continuum, User, Participant, Meeting)]


def held_calls(code):
    """Calls that were closed, by scope, the oldest first."""
    held = Meeting.objects.filter(continuum__code=code, state=Meeting.State.CLOSED)
    found = {}
    for meeting in held.select_related("continuum", "region").order_by("starts_at"):
        found.setdefault(meeting.scope_words, []).append(meeting)
    return found


def all_barriers():
    for model in (Review, PreWork):
        for row in model.objects.all():
            yield row.barriers


def words_of_reviews():
    """Every text of every review, with whether it is a victim service provider's participant."""
    for review in Review.objects.select_related("participant"):
        texts = (
            review.location_words,
            review.preferences,
            *review.barriers,
            review.safety,
            review.notes,
            review.referral,
            review.exception_reason,
            review.target_words,
            review.learned,
            review.no_step_reason,
        )
        yield from ((text, review.participant.is_confidential) for text in texts if text)


def words_of_steps():
    for step in ActionItem.objects.select_related("participant").prefetch_related("updates"):
        for text in (step.what, *(update.line for update in step.updates.all())):
            yield text, step.participant.is_confidential


def sign_in(address, password):
    """A browser at an address of its own: attempts are counted per address."""
    client = Client(REMOTE_ADDR=f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.1")
    answer = client.post("/account/sign-in/", {"login": address, "password": password})
    assert (address, answer.status_code, answer["Location"]) == (address, 302, "/")
    return client


def first_page(address, password):
    response = sign_in(address, password).get("/")
    assert (address, response.status_code) == (address, 200)
    return text_of(response)


def test_load_example_once_and_everybody_printed_sees_their_first_page(loaded, settings):
    settings.PASSWORD_HASHERS = QUICK["PASSWORD_HASHERS"]
    assert loaded == "Example data made: MN-502, MA-507."
    made = everything()
    assert load() == "Example data is there already."
    assert everything() == made

    names = dict(Continuum.objects.values_list("code", "name"))
    pages = {}
    for address, password, _role, code in example_accounts():
        pages[address] = first_page(address, password)
        assert names[code] in pages[address]
        assert "Example data" in pages[address]
    out = {address for address, page in pages.items() if NO_STANDING in page}
    assert out == {"lapsed@river.example", "unsigned@river.example", "unsigned@three.example"}
    assert "The roster is not settled." in pages["specialist@river.example"]
    assert "Sign the CES Partner Agreement" in pages["unsigned@river.example"]
    river = Continuum.objects.get(code="MN-502")
    assert [
        (region.name, [county.name for county in region.counties.order_by("name")])
        for region in river.regions.all()
    ] == [
        ("Region 1", ["Fillmore", "Goodhue", "Houston", "Olmsted", "Wabasha", "Winona"]),
        ("Region 2", ["Dodge", "Freeborn", "Mower", "Rice", "Steele"]),
        (
            "Region 3",
            [
                "Blue Earth",
                "Brown",
                "Faribault",
                "Le Sueur",
                "Martin",
                "Nicollet",
                "Sibley",
                "Waseca",
                "Watonwan",
            ],
        ),
    ]
    three = Continuum.objects.get(code="MA-507")
    assert [county.name for county in three.regions.get().counties.order_by("name")] == [
        "Berkshire",
        "Franklin",
        "Hampshire",
    ]


@pytest.mark.usefixtures("loaded")
def test_load_example_has_held_every_call_of_a_year_and_more():
    now = timezone.now()
    past = Meeting.objects.filter(ends_at__lt=now - timedelta(hours=1))
    assert set(past.values_list("state", flat=True)) == {Meeting.State.CLOSED}
    river, three = held_calls("MN-502"), held_calls("MA-507")
    assert list(three) == ["Three County"]
    assert sorted(river) == ["CoC-wide", "Region 1", "Region 2", "Region 3"]
    year_ago = now - timedelta(days=365)
    in_a_year = {
        scope: sum(each.starts_at > year_ago for each in calls)
        for scope, calls in (river | three).items()
    }
    assert in_a_year["Three County"] in (11, 12, 13)
    assert {in_a_year[f"Region {number}"] for number in (1, 2, 3)} <= {7, 8, 9}
    assert in_a_year["CoC-wide"] in (3, 4, 5)
    held = Meeting.objects.filter(state=Meeting.State.CLOSED)
    assert Call.objects.filter(closed_at__isnull=False).count() == held.count()
    assert Minutes.objects.count() == held.count()
    assert not Review.objects.filter(outcome="open", meeting__state="closed").exists()
    for meeting in held.prefetch_related("reviews", "roster", "attendances"):
        reviews = meeting.reviews.all()
        assert {each.participant_id for each in reviews} == {
            each.participant_id for each in meeting.roster.all()
        }
        assert sum(each.seconds_used for each in reviews) <= meeting.minutes * 60
        assert any(each.is_present and each.spoke_times for each in meeting.attendances.all())


@pytest.mark.usefixtures("loaded")
def test_load_example_holds_a_call_that_printed_people_lead():
    now = timezone.now()
    call = Call.objects.select_related("meeting__continuum").get(closed_at=None)
    meeting = call.meeting
    assert (meeting.continuum.code, meeting.scope_words) == ("MN-502", "Region 2")
    assert timedelta(0) < now - call.began_at < timedelta(minutes=20)
    assert now < meeting.ends_at
    led = {role.role: role.person.user for role in meeting.roles.select_related("person__user")}
    assert {name: user.email for name, user in led.items()} == {
        "facilitator": "outreach@river.example",
        "note_taker": "provider@river.example",
    }
    assert led["facilitator"].has_perm("conferencing.facilitate_meeting", meeting)
    assert led["note_taker"].has_perm("conferencing.take_notes_in_meeting", meeting)
    reviews = agenda(meeting)
    outcomes = [each.outcome for each in reviews]
    together = outcomes.count("nothing")
    still_open = len(reviews) - 2 - together
    assert outcomes == ["discussed"] * 2 + ["open"] * still_open + ["nothing"] * together
    assert still_open > 4
    assert call.on_table == reviews[2]
    assert reviews[2].notes
    assert not reviews[2].participant.is_confidential
    for review in reviews[:2]:
        assert review.steps.get().due_on > local_day(now, meeting.continuum.zone)
    present = dict(meeting.attendances.values_list("user__email", "is_present"))
    assert [present[f"{name}@river.example"] for name in ("provider", "outreach")] == [True, True]
    assert [present[f"{name}@river.example"] for name in ("lead", "specialist")] == [False, False]
    assert 5 < sum(present.values()) < len(present)
    assert meeting.roster_settled_at < meeting.prep_lists.get().frozen_at + timedelta(seconds=1)
    assert PreWork.objects.filter(meeting=meeting, accepted_at=None).exists()
    following = Meeting.objects.filter(region=meeting.region_id, starts_at__gt=now)
    assert following.order_by("starts_at").first().starts_at > meeting.ends_at


@pytest.mark.usefixtures("loaded")
def test_load_example_leads_its_people_to_the_call_that_is_on(settings):
    settings.PASSWORD_HASHERS = QUICK["PASSWORD_HASHERS"]
    pages = {
        address: first_page(address, password)
        for address, password, _role, code in example_accounts()
        if code == "MN-502"
    }
    words = "The Region 2 call is on now"
    called = {address.split("@")[0] for address, page in pages.items() if words in page}
    assert called == {"specialist", "lead", "provider", "outreach", "vsp"}


@pytest.mark.usefixtures("loaded")
def test_load_example_tells_each_household_so_that_one_review_follows_from_the_former():
    former, followed, repeated = {}, 0, 0
    discussed = Review.objects.filter(outcome=Review.Outcome.DISCUSSED)
    for review in discussed.order_by("meeting__starts_at").prefetch_related("steps"):
        before = former.get(review.participant_id)
        former[review.participant_id] = review
        assert review.steps.exists() != bool(review.no_step_reason)
        assert set(review.systemic or []) <= set(review.barriers)
        for name in ("location", "preferences", "safety"):
            mark, same = getattr(review, f"{name}_changed"), None
            if before:
                same = getattr(review, name) == getattr(before, name)
            if name == "location" and before:
                same = same and review.location_words == before.location_words
            assert (mark == Review.Changed.CHANGED) == (same is False)
            assert before or mark == Review.Changed.NOT_RECORDED
        if before:
            followed += 1
            repeated += bool(set(before.barriers) & set(review.barriers))
            changed = set(before.barriers) != set(review.barriers)
            assert (review.barriers_changed == Review.Changed.CHANGED) == changed
            has_passed = bool(
                before.target_on
                and before.target_on <= local_day(review.discussed_at, "America/Chicago")
            )
            assert bool(review.learned) == has_passed
    assert followed > 200  # how many, chance and the day decide
    assert repeated > 100
    assert discussed.filter(is_exception=True).exclude(exception_reason__isnull=True).exists()
    assert not discussed.filter(is_exception=True, exception_reason__isnull=True).exists()
    assert discussed.filter(navigator__isnull=False, is_referred=True).exists()
    for model in (Addendum, PreWork, RoleSwap):
        assert model.objects.exists()
    assert Attendance.objects.filter(kind=Attendance.Kind.WALK_IN, user=None).exists()
    assert Attendance.objects.filter(kind=Attendance.Kind.VISITOR).exists()


@pytest.mark.usefixtures("loaded")
def test_load_example_has_systemic_barriers_of_each_continuum_with_what_is_done_about_them():
    for continuum in Continuum.objects.all():
        barriers = SystemicBarrier.objects.filter(continuum=continuum)
        words = {each.words: each for each in barriers}
        marked = {
            each
            for review in Review.objects.filter(participant__continuum=continuum)
            for each in review.systemic or []
        }
        assert set(words) == marked
        assert set(words) <= set(WORDS.values())
        worked_on = words["Landlords refuse the voucher"]
        assert worked_on.status == SystemicBarrier.Status.WORKED_ON
        assert worked_on.owner.agency.continuum == continuum
        assert worked_on.strategy
        reviews = Review.objects.filter(systemic_marks__barrier=worked_on)
        assert reviews.values("participant").distinct().count() > 1
        for review in reviews:
            assert worked_on.words in review.systemic


@pytest.mark.usefixtures("loaded")
def test_load_example_writes_nothing_that_does_not_belong_in_a_review():
    found = {
        (text, hint.kind)
        for words in (words_of_reviews(), words_of_steps())
        for text, is_confidential in words
        for hint in hints(text, is_confidential=is_confidential)
    }
    assert found == set()
    for model in (Review, PreWork):
        of_victims = model.objects.filter(participant__is_confidential=True)
        assert set(of_victims.values_list("location_words", flat=True)) == {None}
        assert of_victims.exists()


@pytest.mark.usefixtures("loaded")
def test_load_example_reports_in_order_and_mails_nobody():
    now = timezone.now()
    for update in ProgressUpdate.objects.select_related("step"):
        assert update.step.created_at < update.at <= now
        closes = update.progress in ("done", "not_needed", "not_done")
        assert not closes or update.step.closed_at == update.at
    lists = Message.objects.filter(prep_list_delivery__isnull=False, state=Message.State.SENT)
    assert Message.objects.count() == lists.count()
    tell_unreported_steps(now)
    assert [send_invitations(each, now=now) for each in Continuum.objects.all()] == [0, 0]
    assert Message.objects.count() == lists.count()
    for continuum in Continuum.objects.all():
        coming = Meeting.objects.upcoming(now).filter(continuum=continuum).first()
        assert unreported_of([coming])[coming.pk]


@pytest.mark.usefixtures("loaded")
def test_load_example_reads_out_together_who_has_nothing_to_discuss():
    held = Meeting.objects.get(continuum__code="MN-502", call__closed_at=None, call__isnull=False)
    together = held.reviews.filter(outcome=Review.Outcome.NOTHING)
    marked = NothingToDiscuss.objects.standing().filter(meeting=held).values("participant")
    assert together.exists()
    assert not together.exclude(participant__in=marked).exists()
    opened = PrepListDelivery.objects.filter(prep_list__meeting=held, message__isnull=False)
    assert {at is None for at in opened.values_list("opened_at", flat=True)} == {True, False}


@pytest.mark.usefixtures("loaded")
def test_load_example_uses_the_words_of_the_catalogue():
    assert {each for barriers in all_barriers() for each in barriers} <= set(WORDS.values())


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(
    "address", ["provider@river.example", "outreach@river.example", "provider@three.example"]
)
def test_load_example_leaves_steps_to_report_for_printed_workers(address):
    person = StaffMember.objects.select_related("agency__continuum").get(user__email=address)
    today = local_day(timezone.now(), person.agency.continuum.zone)
    steps = person.steps.open()
    assert steps.filter(due_on__lt=today, is_critical=False).exists()
    assert steps.filter(due_on__lt=today, is_critical=True).exists()
    assert steps.filter(due_on__gt=today, is_critical=True).exists()
    assert steps.filter(due_on__gte=today, updates__progress="under_way").exists()
