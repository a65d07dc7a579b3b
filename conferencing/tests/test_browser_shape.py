"""Nothing on a page lies over what can be pressed, is cut off, or goes sideways: in every role.

Wide, narrow, and with text twice as large; asked from within the page, by `in_page.js`.
"""

import pathlib

import pytest

from conferencing.tests.browser import NARROW, WIDE
from conferencing.tests.test_browser_axe import page_as, pages_of

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


@pytest.mark.parametrize(
    "role", ["specialist", "administrator", "lead", "provider", "vsp", "lapsed", "unsigned"]
)
def test_every_page_in_every_role_keeps_its_shape(world, new_page, live_server, role):
    page = page_as(new_page, live_server, world["river"].people[role])
    faults = []
    for address, path in pages_of(role, world["river"]):
        page.set_viewport_size(WIDE)
        page.goto(path)
        faults += [f"{address}: {fault}" for fault in shape_faults(page)]
    assert faults == []
