"""Each term has its entry, each entry is reached from a page, and the "?" says what it opens."""

import re

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import reverse

from conferencing.glossary.entries import BY_LABEL, BY_NAME, ENTRIES, alphabetically

# What pages call by a term of the field: each has to have an entry under this name.
TERMS = """
active referral, actively homeless, alias, assessment, by-name list, carried over,
case conferencing, CE Specialist, CES Partner Agreement, chronic homelessness, closed day,
confidentiality statement, Continuum of Care (CoC), coordinated entry (CE), current paperwork,
diversion, emergency shelter, enrollment, exit, facilitator, follow-through, follow-up person,
freshness, guest, head of household, HMIS, HMIS event, HMIS ID, inactive, inflow, last contact,
minutes, move-in date, navigator, nomination, note taker, nothing to discuss, outflow,
outflow round, permanent supportive housing (PSH), population, pre-work, prep list,
prioritization, rapid re-housing (RRH), release of information, roster, rotation, step,
street outreach, systemic barrier, target date, transitional housing (TH), unsheltered,
victim service provider (VSP), youth
"""
DECLARED = {" ".join(each.split()) for each in TERMS.split(",")}
TAG = re.compile(r"""{% term "([^"]+)" %}|term_name="([^"]+)\"""")
TEMPLATES = settings.BASE_DIR / "templates"


def on_templates():
    found = {}
    for path in TEMPLATES.rglob("*.html"):
        for name, given in TAG.findall(path.read_text()):
            found.setdefault(name or given, set()).add(path)
    return found


def test_each_declared_term_has_an_entry_and_each_entry_is_declared():
    assert set(BY_NAME) == DECLARED
    slugs = [each.slug for each in ENTRIES]
    assert len(set(slugs)) == len(slugs)


def test_each_entry_is_reached_from_a_page_and_no_page_asks_for_another():
    on_pages = on_templates()
    assert set(on_pages) - set(BY_NAME) == set()
    reached = set(on_pages) | {each.name for each in BY_LABEL.values()}
    assert len(on_pages) >= 20
    linked = {other for each in ENTRIES for other in each.see}
    assert linked <= set(BY_NAME)
    while further := {
        other for name in reached for other in BY_NAME[name].see if other not in reached
    }:
        reached |= further
    assert set(BY_NAME) - reached == set()


def test_each_label_that_an_entry_explains_is_one_that_a_field_has():
    rooms = ("participants", "housing", "conferencing", "agreements", "regions", "accounts")
    code = "\n".join(
        path.read_text()
        for room in rooms
        for path in (settings.BASE_DIR / room).rglob("*.py")
        if not {"tests", "migrations", "glossary"} & set(path.parts)
    )
    # As a label or, for a model's form, in small letters as the name of its column.
    missing = {
        label
        for label in BY_LABEL
        if f'"{label}"' not in code and f'"{label[0].lower()}{label[1:]}"' not in code
    }
    assert missing == set()


def test_no_term_is_asked_on_the_page_of_a_running_call():
    of_the_call = {each.name for paths in on_templates().values() for each in paths}
    assert not [each for each in of_the_call if each.startswith(("call_", "notes_"))]


def test_entries_are_short_and_in_order():
    for each in ENTRIES:
        assert 1 <= len(re.findall(r"[.!?](?:\s|$)", each.meaning)) <= 4, each.name
    names = [each.name.lower() for each in alphabetically()]
    assert names == sorted(names)


class Person:
    def __init__(self, is_authenticated):
        self.is_authenticated = is_authenticated


def rendered(template, user=None):
    request = RequestFactory().get("/")
    request.user = user or Person(True)
    context = Context()
    context.request = request
    return Template(template).render(context)


def test_term_is_asked_once_on_a_page_with_its_name_and_address():
    html = rendered('{% term "roster" %}{% term "roster" %}')
    assert html.count("<a ") == 1
    assert 'aria-label="What is the roster?"' in html
    assert f'href="{reverse("conferencing:glossary")}#roster"' in html


def test_term_is_not_asked_where_the_glossary_is_closed():
    assert rendered('{% term "roster" %}', Person(False)) == ""
    assert Template('{% term "roster" %}').render(Context()) == ""


@pytest.mark.django_db
def test_glossary_is_a_page_with_every_entry(client, river_provider):
    client.force_login(river_provider)
    html = client.get(reverse("conferencing:glossary")).content.decode()
    for each in ENTRIES:
        assert f'id="{each.slug}"' in html
    assert "What is" not in html
