"""The hour itself, in real browsers on the example's data: who reads, writes, comes and goes."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

import outbox.services
from accounts.models import User
from agreements.models import StaffMember
from conferencing.call.acts import agenda
from conferencing.call.notes import has_basis
from conferencing.models import ActionItem, Meeting, MinutesDelivery, Review, SystemicBarrier
from conferencing.reviews.last import last_reviews
from conferencing.tests.example_hour import ExampleHour
from conferencing.tests.hour import (
    NETWORK,
    address,
    choose_person,
    forgive,
    wait_saved,
    wait_unsaved,
)
from conferencing.tests.waiting import attribute_of, value_of
from participants.naming import labels

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STEP = "Call the landlord about the open unit"
BARRIER = "The bus line ends in June"


@pytest.mark.usefixtures("own_address")
def test_the_whole_hour(new_page, complaints, smtp_server):
    hour = ExampleHour()
    call = hour.call
    steering = new_page(hour.facilitator)
    steering.goto(address(call))
    steering.get_by_role("button", name="Begin the call").click()
    steering.get_by_role("heading", name="Agenda").wait_for()
    writing = new_page(hour.note_taker)
    writing.goto(address(call))
    reading = new_page(hour.reader)
    reading.goto(address(call))
    first, second, third, *rest = agenda(call)
    assert len(rest) > 5

    people_come(new_page, steering, hour.visitor, call)
    steering.get_by_role("button", name="Next household").click()
    for page in (steering, writing, reading):
        on_the_page(page, first)
    agencies_report(writing, reading, first)
    prepared_is_taken_over(writing, hour.prework, first)
    network_drops(writing, reading, first)
    household_is_done(writing, first, hour.reader)

    new_writing = role_is_handed_on(new_page, writing, hour.swap, call)
    old_one_is_refused(writing, first)
    steering.get_by_role("button", name="Next household").click()
    on_the_page(new_writing, second)
    both_write_at_once(new_page, new_writing, hour.specialist, call, second)

    household_is_raised(steering, call)
    call_is_closed(steering, new_writing, call, first, third)
    minutes_and_steps_are_mailed(smtp_server, call, hour.reader, hour.visitor)
    next_roster_opens(new_page, hour.specialist, call, first)
    forgive(complaints, 403, 409, 422, NETWORK)


def on_the_page(page, review):
    page.locator(f"article.cc-household[data-review='{review.pk}']").wait_for()


def people_come(new_page, steering, visitor, call):
    """A walk-in without an account, and a visitor who is let in by it."""
    steering.get_by_role("link", name="Add a walk-in or visitor").click()
    steering.get_by_label("Name", exact=True).fill("Wes Walkin")
    steering.get_by_label("Organization").fill("County jail diversion")
    steering.get_by_role("button", name="Add them").click()
    steering.locator("#people", has_text="Wes Walkin").wait_for()
    expect(steering.locator("#people li", has_text="Wes Walkin")).to_contain_text(
        "Paperwork not current"
    )

    visiting = new_page(visitor)
    assert visiting.goto(address(call)).status == 403
    steering.get_by_role("link", name="Add a walk-in or visitor").click()
    steering.get_by_label("Name or agency").fill(visitor.name)
    steering.get_by_role("main").get_by_role("button", name="Search").click()
    steering.get_by_role("button", name=f"Add {visitor.name}").first.click()
    steering.locator("#people", has_text=visitor.name).wait_for()
    assert visiting.goto(address(call)).status == 200
    expect(visiting.get_by_role("button", name="Next household")).to_have_count(0)
    visiting.close()


def agencies_report(writing, reading, review):
    """What became of a step of an earlier call."""
    say = writing.locator("#steps details").first
    say.wait_for()
    step = ActionItem.objects.get(
        pk=attribute_of(say.locator("summary"), "id").removeprefix("say-")
    )
    assert (step.participant, step.state) == (review.participant, "open")
    say.locator("summary").click()
    say.get_by_label("Status").select_option(label="Done")
    say.get_by_label("In one line").fill("The certificate came")
    say.get_by_role("button", name="Save update", exact=True).click()
    reading.locator("#steps", has_text="Done: The certificate came").wait_for()
    step.refresh_from_db()
    assert step.state == "done"


def prepared_is_taken_over(writing, prework, review):
    """What an agency prepared, and by “Unchanged” what was known before.

    What the last review said stays unchanged. A place that is confirmed as it is known now has
    changed where the last review said another (decision 22).
    """
    former = last_reviews([review.participant], before=review.meeting)[review.participant_id]
    confirmed = {"location", *has_basis(former)} - {"preferences"}
    assert len(confirmed) > 1
    writing.locator("[data-take=preferences]").click()
    taken = value_of(writing.locator("#f-preferences"), "Two bedrooms, ground floor$")
    for name in confirmed:
        writing.locator(f"[data-unchanged={name}]").click()
    wait_saved(writing)
    now = Review.objects.get(pk=review.pk)
    for name in confirmed:
        is_same = name != "location" or review.location == former.location
        words = "Unchanged" if is_same else "Changed"
        expect(writing.locator(f"[data-mark={name}_changed]")).to_have_text(words)
        before = getattr(review, name)
        assert (getattr(now, name), getattr(now, f"{name}_changed")) == (before, words.lower())
    assert (now.preferences, now.preferences_changed) == (taken, "changed")
    prework.refresh_from_db()
    assert prework.accepted_at is not None


def network_drops(writing, reading, review):
    """The note taker goes on writing without a network; who follows reads it afterward."""
    writing.context.set_offline(True)
    writing.locator("#f-notes").press_sequentially("Will call the landlord together.")
    wait_unsaved(writing, "The server cannot be reached")
    writing.context.set_offline(False)
    wait_saved(writing)
    words = "Will call the landlord together."
    reading.locator("[data-words=notes]", has_text=words).wait_for()
    review.refresh_from_db()
    assert review.notes == words


def household_is_done(writing, review, reader):
    """Not without a step and a follow-up person."""
    writing.locator("#f-barrier").fill(BARRIER)
    writing.keyboard.press("Enter")
    writing.get_by_label(f"Systemic: {BARRIER}").check()
    writing.get_by_role("button", name="Mark discussed").click()
    writing.locator("#discuss-error", has_text="Assign a step").wait_for()
    writing.locator("#s-what").fill(STEP)
    choose_person(writing, reader.name)
    writing.get_by_role("button", name="Assign step").click()
    writing.locator("#given", has_text=STEP).wait_for()
    writing.get_by_role("button", name="Mark discussed").click()
    writing.get_by_role("button", name="Open it again").wait_for()
    before = review.barriers
    review.refresh_from_db()
    assert review.outcome == Review.Outcome.DISCUSSED
    assert review.barriers == [*before, BARRIER]
    assert BARRIER in review.systemic


def role_is_handed_on(new_page, writing, swap, call):
    """Who was asked accepts during the call, and writes from then on."""
    page = new_page(swap.to.user)
    page.goto(address(call))
    page.locator("article.cc-household").wait_for()
    accepting = page.context.new_page()
    accepting.goto(reverse("conferencing:swap_answer", kwargs={"pk": swap.pk}))
    accepting.get_by_role("button", name="Yes, I’ll do it").click()
    accepting.get_by_text("The role is yours now.").first.wait_for()
    accepting.close()
    page.get_by_role("button", name="Load the page").click()
    page.locator("#f-notes").wait_for()
    writing.locator("#seat-changed", has_text="Your part in this call has changed").wait_for()
    return page


def old_one_is_refused(writing, review):
    """What the former note taker writes now is said not to be saved; then the page only reads."""
    writing.locator("#f-notes").press_sequentially(" Too late.")
    wait_unsaved(writing, "You do not take notes at this call any more")
    writing.locator(f"#to-{review.pk}").click()
    expect(writing.locator("#f-notes")).to_have_count(0)
    on_the_page(writing, review)
    expect(writing.locator("[data-words=notes]")).to_have_text("Will call the landlord together.")
    review.refresh_from_db()
    assert review.notes == "Will call the landlord together."
    writing.close()


def both_write_at_once(new_page, writing, specialist, call, review):
    """The specialist, who helps, and the new note taker, on one text."""
    helping = new_page(specialist)
    helping.goto(address(call))
    on_the_page(helping, review)
    helping.route("**/save/", lambda route: route.abort())
    helping.route("**/live/**", lambda route: route.abort())
    helping.locator("#f-safety").fill("Sleeps in the car.")
    wait_unsaved(helping, "The server cannot be reached")
    writing.locator("#f-safety").fill("Feels safe.")
    wait_saved(writing)
    helping.unroute_all()
    dialog = helping.get_by_role("dialog", name="Somebody else wrote here meanwhile")
    dialog.get_by_role("button", name="Take both").click()
    dialog.get_by_role("button", name="Save what I chose").click()
    wait_saved(helping)
    review.refresh_from_db()
    assert review.safety == "Feels safe.\nSleeps in the car."
    helping.close()


def household_is_raised(steering, call):
    """As the hour allows: a household that nobody knew, by an alias alone."""
    steering.get_by_role("link", name="Add a household to the agenda").click()
    steering.get_by_role("textbox", name="Alias (optional)").fill("Zebra-9")
    steering.get_by_role("textbox", name="Why now").fill("Came to the shelter last night")
    steering.get_by_role("button", name="Add it to the agenda").click()
    steering.locator(".cc-agenda", has_text="Zebra-9").wait_for()
    assert call.reviews.get(participant__alias="Zebra-9").participant.name is None


def call_is_closed(steering, writing, call, first, third):
    """One household carried over by name, the rest with the closing; the minutes open."""
    steering.locator(f"#more-{third.pk}").click()
    row = steering.locator(".cc-agenda__row", has=steering.locator(f"#to-{third.pk}"))
    row.get_by_role("button", name="Carry over").click()
    row.get_by_text("Carried over").wait_for()
    steering.get_by_role("link", name="Close the call").click()
    steering.get_by_role("button", name="Carry over what is open, and close").click()
    steering.get_by_text("The call is closed").first.wait_for()
    steering.get_by_role("heading", name="Minutes", exact=True).wait_for()
    expect(steering.locator("main")).to_contain_text(STEP)
    writing.locator("#away", has_text="The call is closed").wait_for()
    writing.get_by_role("button", name="Go to the minutes").click()
    writing.get_by_role("heading", name="Minutes", exact=True).wait_for()
    call.refresh_from_db()
    assert call.state == Meeting.State.CLOSED
    done = call.reviews.filter(outcome=Review.Outcome.DISCUSSED)
    assert list(done) == [first]
    assert not call.reviews.filter(outcome=Review.Outcome.OPEN).exists()


def minutes_and_steps_are_mailed(smtp_server, call, reader, visitor):
    """To whoever was there, and to who took on something: with links, and no household's name."""
    outbox.services.tick(timezone.now(), send=True)
    people = [review.participant for review in call.reviews.select_related("participant")]
    staff = set(User.objects.values_list("name", flat=True))
    secret = {each.alias for each in people} | {each.name for each in people if each.name} - staff
    sent = {}
    for mail in smtp_server.messages:
        sent.setdefault(mail["Subject"].split(":")[0], set()).add(mail["To"])
        words = mail.get_body(("plain",)).get_content() + mail["Subject"]
        assert not any(name in words for name in secret)
    due = MinutesDelivery.objects.filter(minutes__meeting=call, message__isnull=False)
    assert sent["Minutes"] == set(due.values_list("recipient__email", flat=True))
    assert {reader.email, visitor.email} & sent["Minutes"] == {visitor.email}
    leads = StaffMember.objects.current().filter(agency__staff__user=reader, is_lead=True)
    assert sent["Your steps"] == {reader.email, *leads.values_list("user__email", flat=True)}
    noted = [each for each in SystemicBarrier.objects.all() if each.words == BARRIER]
    assert [len(each.marks.all()) for each in noted] == [1]


def next_roster_opens(new_page, specialist, call, first):
    """With everybody who was carried over; and a line that tells of the first one's year."""
    now = timezone.now()
    following = Meeting.objects.upcoming(now).filter(
        region=call.region, starts_at__gt=now + timedelta(days=1)
    )
    page = new_page(specialist)
    page.goto(reverse("conferencing:roster_detail", args=[following.first().pk]))
    rows = page.get_by_role("table", name="Proposed households").locator("xpath=./tbody/tr[th]")
    carried = [
        review.participant
        for review in call.reviews.filter(outcome="carried_over").select_related("participant")
    ]
    names = labels([*carried, first.participant], specialist, now)
    assert carried
    for each in carried:
        row = rows.filter(has_text=names[each.pk].text).filter(has_text="Carried over")
        expect(row.first).to_be_visible()
    page.goto(reverse("conferencing:participant_reviews", args=[first.participant.pk]))
    row = page.locator("main tbody tr").first
    expect(row).to_contain_text("preferences", ignore_case=True)
