"""Only the server's own answer counts: portals, old bodies, empty answers and redirects are none.

Every button and form that a page of the call has is found on the page itself, not listed here.
"""

import pytest
from django.utils import timezone
from playwright.sync_api import TimeoutError, expect

from conferencing.call.acts import put_on_table
from conferencing.models import Call
from conferencing.tests.browser import PATIENCE
from conferencing.tests.factories import make_guest, make_prework, review_of
from conferencing.tests.hour import (
    NETWORK,
    choose_person,
    forgive,
    open_call,
    wait_saved,
    wait_unsaved,
)
from conferencing.tests.waiting import evaluated, expect_evaluated

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PORTAL = "<!doctype html><title>Guest Wi-Fi</title><h1>Please accept the terms</h1>"
OLD = {"X-Call-Ack": f"{'a' * 32} {'b' * 64}", "Content-Type": "application/json"}
MARKED = {"X-Test-False": "1"}  # for the test's own measuring; the page knows nothing of it
FALSE = {
    "portal": {"status": 200, "content_type": "text/html", "body": PORTAL},
    "nothing in it": {"status": 200, "content_type": "application/json", "body": "{}"},
    "empty": {"status": 200, "body": ""},
    "no content": {"status": 204, "body": ""},
    "elsewhere": {"status": 302, "headers": {"Location": "https://portal.example/"}},
    "not found": {"status": 404, "content_type": "text/html", "body": PORTAL},
    "refused": {"status": 422, "content_type": "application/json", "body": '{"errors": {}}'},
    "old": {"status": 200, "headers": OLD, "body": '{"revision": 1, "at": "", "held": {}}'},
}
# Everything on the page that tells the server something by itself.
CONTROLS = "main :is([data-act], form[action] [type=submit], [data-accept])"
TROUBLE = """() => [...document.querySelectorAll('#away, .cc-act-error')].some(
    (each) => !each.hidden && each.textContent.trim() && each.checkVisibility())"""


def answer_falsely(page, answer):
    """Whatever the page tells the server, somebody else answers."""

    def give(route):
        if route.request.method == "GET":
            route.fallback()
        else:
            route.fulfill(**answer)

    page.route("**/meetings/**", give)


def fill(page):
    """Something typed wherever something can be, besides what saves itself."""
    page.locator("#s-what").fill("Call the landlord")
    expect(page.locator("#s-what")).to_have_value("Call the landlord")
    page.locator("#steps [data-report]").evaluate_all(
        "forms => forms.forEach((form) => { form.closest('details').open = true; })"
    )
    lines = page.locator("[data-report] [name=line]").all()
    selects = page.locator("[data-report] [name=progress]").all()
    for line in lines:
        line.fill("She has the papers")
    for select in selects:
        select.select_option("under_way")
    choose_person(page, "Pat Provider")


TYPED = """() => [...document.querySelectorAll(
    '#step-form [name=what], [data-report] [name=line], [data-report] [name=progress]')]
    .map((field) => field.value)"""


@pytest.mark.parametrize("kind", FALSE)
def test_every_button_and_form_counts_only_the_servers_own_answer(
    new_page, complaints, begun, households, river_specialist, river_provider, kind
):
    call, review = begun
    place = river_provider.places.get()
    make_prework(call, households[0], place, preferences="Two bedrooms")
    page = open_call(new_page, call, river_specialist)
    page.locator("#people-open").click()
    page.locator("#people li").first.wait_for()
    fill(page)
    before = evaluated(page, TYPED, until=all)
    version = Call.objects.get(pk=call.pk).version
    answer_falsely(page, FALSE[kind])
    # Next asks first, and tells the server nothing: what it asks are buttons like others
    page.evaluate("document.getElementById('go-next').removeAttribute('data-act')")
    controls = page.locator(CONTROLS)
    number = "(selector) => document.querySelectorAll(selector).length"
    count = evaluated(page, number, arg=CONTROLS, until=lambda found: found > 12)
    for place_of in range(count):
        page.evaluate(
            "document.querySelectorAll('#away, #told, .cc-act-error').forEach("
            "(each) => { each.hidden = true; })"
        )
        name = controls.nth(place_of).evaluate(
            "(each) => { each.click(); return each.textContent.trim() || each.id; }"
        )
        try:
            page.wait_for_function(TROUBLE, timeout=8000)
        except TimeoutError:
            pytest.fail(f"Nothing was said after a press of {name!r}.")
        expect(page.locator("#told"), name).to_be_hidden()
        expect_evaluated(page, TYPED, before)
    assert Call.objects.get(pk=call.pk).version == version
    assert not review.steps.exists()
    page.unroute_all()
    page.get_by_role("button", name="Assign step").click()
    expect(page.locator("#told")).to_have_text("The step is assigned.")
    expect(page.locator("#s-what")).to_have_value("")
    assert review.steps.get().what == "Call the landlord"
    forgive(complaints, 404, 422)


@pytest.mark.parametrize("kind", FALSE)
def test_a_save_counts_only_the_servers_own_answer_and_the_next_one_goes(
    new_page, complaints, begun, river_provider, kind
):
    call, review = begun
    page = open_call(new_page, call, river_provider)
    answer_falsely(page, FALSE[kind])
    page.locator("#f-notes").press_sequentially("The brother came twice")
    wait_unsaved(page, "The server cannot be reached")
    page.locator("#f-safety").fill("A new lock")
    page.unroute_all()
    wait_saved(page)
    review.refresh_from_db()
    assert (review.notes, review.safety) == ("The brother came twice", "A new lock")
    expect(page.locator("#f-notes")).to_have_value("The brother came twice")
    forgive(complaints, 404, 422)


# By the page's own clock: when it was last true, and when it said first that it may not be. True
# it is with an answer of the server itself that nothing is new.
MEASURE = """(id) => {
    const bar = document.getElementById(id);
    const usual = window.fetch;
    window.measured = { trueAt: null, saidAt: null };
    window.fetch = async (...asked) => {
        const answer = await usual(...asked);
        const isOwn = answer.type === 'basic' && !answer.headers.has('X-Test-False');
        const isLook = /\\/(live|guest)\\//.test(asked[0]);
        if (isOwn && isLook && answer.status === 204) {
            Object.assign(measured, { trueAt: performance.now(), saidAt: null });
        }
        return answer;
    };
    new MutationObserver(() => {
        if (measured.saidAt === null && bar.checkVisibility() && bar.textContent.trim()) {
            measured.saidAt = performance.now();
        }
    }).observe(bar, { attributes: true, childList: true, characterData: true, subtree: true });
}"""
MOST = 5000  # milliseconds


def expect_measured(page):
    expect_evaluated(page, "measured.trueAt !== null", True, timeout=PATIENCE)


def expect_said_in_time(page, id):
    """Within five seconds of the last true answer; how long this test waits is not in it."""
    expect(page.locator(f"#{id}")).to_be_visible()
    took = evaluated(page, "measured.saidAt && measured.saidAt - measured.trueAt")
    assert 0 < took <= MOST, took


def answer_looks(page, address, kind):
    def give(route):
        if kind == "silent":
            return
        if kind == "changed on the way":
            answer = route.fetch()
            headers = answer.headers | MARKED
            route.fulfill(response=answer, status=200, headers=headers, body="{}")
        else:
            answer = FALSE[kind]
            route.fulfill(**answer | {"headers": answer.get("headers", {}) | MARKED})

    page.route(address, give)


KINDS = [*FALSE, "changed on the way", "silent"]
outcomes = {}  # by scene and name: what was wrong, or None


class Stage:
    """The fixtures of the test that plays, and a browser for each person, with many tabs."""

    def __init__(self, request):
        self.given = request.getfixturevalue
        self.first, self.made = {}, {}

    def new_page(self, user):
        page = self.given("new_page")(user, beside=self.first.get(user))
        self.first.setdefault(user, page)
        return page

    def once(self, make):
        """What `make` gives, made for the first scene that asks."""
        if make not in self.made:
            self.made[make] = make(self.given)
        return self.made[make]


def play_together(request, scene, names, name, *forgiven):
    """Play a scene under each of these names at once; raise what was wrong under this `name`.

    Pages that hear nothing wait for seconds, and need nothing meanwhile: so they wait side by
    side. A scene yields where the others take their turn. What was played once on a worker is
    not played again for its other names. `forgiven`: as for `forgive`; any other complaint
    fails the test that plays.
    """
    if (scene, name) not in outcomes:
        stage = Stage(request)
        playing = {each: scene(stage, each) for each in names}
        played = {}
        while playing:
            for each in list(playing):
                try:
                    next(playing[each])
                    continue
                except StopIteration:
                    played[scene, each] = None
                except Exception as error:
                    played[scene, each] = error
                del playing[each]
        outcomes.update(played)
        forgive(request.getfixturevalue("complaints"), *forgiven)
    if outcomes[scene, name]:
        raise outcomes[scene, name]


def hear_nothing_true(stage, kind):
    call, _review = stage.given("begun")
    users = stage.given("river_provider"), stage.given("river_other_provider")
    pages = [open_call(stage.new_page, call, user) for user in users]
    yield
    for page in pages:
        page.evaluate(MEASURE, "stale")
    yield
    for page in pages:
        expect_measured(page)
        expect(page.locator("#stale")).to_be_hidden()
    expect(pages[1].locator("#save-words")).to_have_text("Live")
    yield
    for page in pages:
        answer_looks(page, "**/live/**", kind)
    yield
    for page in pages:
        expect_said_in_time(page, "stale")
    expect(pages[1].locator("#save-words")).to_have_text("Not up to date")
    expect(pages[0].locator("#away")).to_be_hidden()  # nobody is signed out
    yield
    for page in pages:
        page.unroute_all(behavior="ignoreErrors")
    yield
    for page in pages:
        expect(page.locator("#stale")).to_be_hidden()
    expect(pages[1].locator("#save-words")).to_have_text("Live")


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_that_hears_nothing_true_says_so_within_five_seconds(request, kind):
    first = KINDS.index(kind) // 5 * 5  # five at once: each has two pages
    names = KINDS[first : first + 5]
    play_together(request, hear_nothing_true, names, kind, 404, 422, NETWORK)


def give_news(given):
    """The next household comes on the table."""
    call, _review = given("begun")
    following = review_of(call, given("households")[1])
    put_on_table(call, following, actor=given("river_other_provider"), now=timezone.now())


def hear_of_news(stage, name):
    kind, part = name
    call, _review = stage.given("begun")
    page = open_call(stage.new_page, call, stage.given("river_other_provider"))
    yield
    page.evaluate(MEASURE, "stale")
    yield
    expect_measured(page)
    yield
    answer_looks(page, f"**/call/{part}", kind)
    yield
    stage.once(give_news)
    yield
    expect_said_in_time(page, "stale")
    expect(page.locator("#save-words")).to_have_text("Not up to date")
    yield
    page.unroute_all(behavior="ignoreErrors")
    yield
    expect(page.locator("#stale")).to_be_hidden()
    expect(page.locator("#save-words")).to_have_text("Live")
    expect(page.locator(".cc-household h2")).to_have_text("Ben Example")
    expect(page.locator("#agenda .is-now")).to_contain_text("Ben Example")


PARTS = ["reviews/**", "agenda/", "people/"]
KINDS_OF_PARTS = ["portal", "not found", "silent"]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("kind", KINDS_OF_PARTS)
def test_a_page_that_hears_of_news_and_cannot_have_them_says_so_within_five_seconds(
    request, kind, part
):
    names = [(each, of) for each in KINDS_OF_PARTS for of in PARTS]
    play_together(request, hear_of_news, names, (kind, part), 404, NETWORK)


def invite_guest(given):
    call, _review = given("begun")
    return make_guest(call, given("households")[0], by=given("river_specialist"))


def hear_nothing_true_as_guest(stage, kind):
    call, _review = stage.given("begun")
    page = stage.new_page(stage.once(invite_guest).user)
    page.goto(f"/meetings/{call.pk}/call/guest/")
    on = page.get_by_role("heading", name="Your review is on now")
    expect(on).to_be_visible()
    yield
    page.evaluate(MEASURE, "guest-stale")
    yield
    expect_measured(page)
    expect(on).to_be_visible()
    yield
    answer_looks(page, "**/guest/**", kind)
    yield
    expect_said_in_time(page, "guest-stale")
    expect(on).to_have_count(0)
    yield
    page.unroute_all(behavior="ignoreErrors")
    yield
    expect(on).to_be_visible()
    expect(page.locator("#guest-stale")).to_be_hidden()


@pytest.mark.parametrize("kind", KINDS)
def test_a_guests_page_that_hears_nothing_true_shows_no_review(request, kind):
    play_together(request, hear_nothing_true_as_guest, KINDS, kind, 404, 422, NETWORK)
