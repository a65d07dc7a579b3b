"""axe on every page for nobody, guests, on a phone, and on refusals; none scrolls sideways.

test_browser_shape.py asks axe of every page in every role, where it is open anyway.
"""

import pathlib

import axe_playwright_python
import pytest
from django.urls import reverse

from conferencing.models import CallGuest
from conferencing.tests.browser import NARROW, WIDE, take_session
from conferencing.tests.test_walk import FIXED, PARTS, ROWS
from conferencing.tests.waiting import expect_evaluated
from conferencing.tests.world import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AXE = (pathlib.Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Files, answers to machines, and parts that stand within a page: no pages.
NO_PAGES = PARTS | {
    "accounts:session_state",
    "conferencing:call_live",
    "agreements:agreement_download",
    "agreements:statement_download",
    "participants:release_scan",
    "imports:import_progress",
    "imports:import_refusals",
    "conferencing:feed_read",
    "health_live",
    "health_mail",
    "health_ready",
}
OWN_ACCOUNT = ("account", "mfa_", "usersessions_")


def pages_of(column, scene):
    """Address and path of each page that this column of the walk's table may open.

    One's own account is the same in each role: it is looked at as the provider, who has a
    passkey, and as nobody.
    """
    for address, (method, cells) in ROWS.items():
        is_account = address.startswith(OWN_ACCOUNT)
        if cells[column] != "200" or method == "POST" or address in NO_PAGES:
            continue
        if is_account and column not in ("anonymous", "provider"):
            continue
        kwargs = scene.keys.get(address, FIXED.get(address))
        yield address, reverse(address, kwargs=kwargs)


# What axe finds, in words: rule, help, and where. All that it passes would be megabytes. What
# stands half under something that does not scroll (the dialog beside a call) is looked at again
# scrolled up to where it is free, as whoever wants to press it does.
FAULTS = f"""(async () => {{
  const rule = {{ type: "rule", values: ["target-size"] }};
  const isFreeAbove = async ({{ target }}) => {{
    const what = document.querySelector(target[0]), was = scrollY;
    scrollBy({{ top: what.getBoundingClientRect().top - innerHeight / 4, behavior: "instant" }});
    const again = await axe.run(what, {{ runOnly: rule, resultTypes: ["violations"] }});
    scrollTo({{ top: was, behavior: "instant" }});
    return !again.violations.length;
  }};
  const found = await axe.run({{ runOnly: {TAGS}, resultTypes: ["violations"] }});
  const words = [];
  for (const {{ id, help, nodes }} of found.violations) {{
    const left = [];
    for (const node of nodes) if (id !== "target-size" || !await isFreeAbove(node)) left.push(node);
    const where = JSON.stringify(left.slice(0, 3).map((node) => node.target));
    if (left.length) words.push(`${{id}}: ${{help}} at ${{where}}`);
  }}
  return words;
}})()"""


def faults_of(page):
    """What axe finds, in words; it is brought to a page only once."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    return page.evaluate(FAULTS)


def look(page, *widths):
    """A page as it stands, at each width: accessible, and not sideways; wide again afterward."""
    faults = []
    for width in widths or (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        expect_evaluated(page, "document.scrollingElement.scrollWidth <= innerWidth", True)
        faults += faults_of(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    assert faults == []


def sideways(page):
    """By how many pixels the page is wider than the window, at each narrow width."""
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        over = page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
        if over > 0:
            yield f"{over} px wider than a window of {width}"


def look_at_all(page, pages, *, viewport=WIDE):
    faults = []
    for address, path in pages:
        page.set_viewport_size(viewport)
        response = page.goto(path)
        if response.status != 200:
            faults.append(f"{address}: {response.status}")
        faults += [f"{address}: {fault}" for fault in faults_of(page)]
        faults += [f"{address}: {fault}" for fault in sideways(page)]
    return faults


def page_as(new_page, live_server, user):
    page = new_page()
    take_session(page.context, signed_in(user), live_server.url)
    return page


def test_every_page_for_nobody_is_accessible(world, new_page):
    assert look_at_all(new_page(), pages_of("anonymous", world["river"])) == []


@pytest.mark.parametrize("half", [0, 1])
def test_every_page_is_accessible_on_a_phone(world, new_page, live_server, half):
    page = page_as(new_page, live_server, world["three"].people["specialist"])
    pages = list(pages_of("specialist", world["three"]))[half::2]
    assert look_at_all(page, pages, viewport=NARROW) == []


def test_a_guests_page_is_accessible(world, new_page, live_server):
    guest = CallGuest.objects.filter(meeting__continuum__code="MN-502").first()
    page = page_as(new_page, live_server, guest.user)
    assert look_at_all(page, [("conferencing:home", "/")]) == []


def test_refusals_are_accessible(world, new_page, live_server, complaints):
    page = page_as(new_page, live_server, world["river"].people["lapsed"])
    faults = []
    for path, status in [("/participants/", 403), ("/no-such-page/", 404)]:
        page.set_viewport_size(WIDE)
        assert page.goto(path).status == status
        faults += [*faults_of(page), *sideways(page)]
    assert faults == []
    complaints.clear()  # the console tells of each refusal
