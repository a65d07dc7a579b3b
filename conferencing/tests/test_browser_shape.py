"""Every page in every role: axe finds nothing, and nothing is covered, cut off or goes sideways.

Wide, narrow, and with text twice as large; asked from within the page, by `in_page.js`.
"""

import pathlib

import pytest

from conferencing.tests.browser import NARROW, WIDE
from conferencing.tests.test_browser_axe import faults_of, page_as, pages_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

IN_PAGE = (pathlib.Path(__file__).parent / "in_page.js").read_text()
NARROW_WIDTHS = (390, 360, 320)


def ask_in_page(page, *questions):
    """What the page answers to questions of `in_page.js`, one after the other."""
    asked = "".join(f"...page.{each}()," for each in questions)
    return page.evaluate(f"(() => {{ const page = {IN_PAGE}; return [{asked}]; }})()")


def shape_faults(page):
    """What is too wide, cut off, or lies below something else that would take the press."""
    faults = ask_in_page(page, "cutOff", "covered", "enlarged")
    for width in NARROW_WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        more = ["covered"] if width == NARROW["width"] else []
        found = ask_in_page(page, "sideways", *more)
        faults += [f"{width} px wide: {fault}" for fault in found]
    return faults


# Loading a page costs more than what is asked of it: axe and the shape are asked of the same one.
# The pages of a role are dealt out to as many tests as keep none much longer than the others.
DEALT = {
    "specialist": 4,
    "administrator": 2,
    "lead": 2,
    "provider": 3,
    "vsp": 1,
    "lapsed": 1,
    "unsigned": 1,
}


@pytest.mark.parametrize(
    ("role", "hand"), [(role, hand) for role, hands in DEALT.items() for hand in range(hands)]
)
def test_every_page_in_every_role_is_accessible_and_keeps_its_shape(
    world, new_page, live_server, role, hand
):
    page = page_as(new_page, live_server, world["river"].people[role])
    faults = []
    for address, path in list(pages_of(role, world["river"]))[hand :: DEALT[role]]:
        page.set_viewport_size(WIDE)
        response = page.goto(path)
        if response.status != 200:
            faults.append(f"{address}: {response.status}")
        faults += [f"{address}: {fault}" for fault in [*faults_of(page), *shape_faults(page)]]
    assert faults == []
