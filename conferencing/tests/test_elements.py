"""Each element of a review is declared once: everything else asks the declaration.

Shown on an element of words, of which nothing needs to be known but its declaration: no module,
page, paper or script names it. Where somebody stays and what stands in the way have rules of
their own besides.
"""

import re
from dataclasses import replace

from django.conf import settings
from django.urls import reverse

from conferencing.elements import ELEMENTS, Sight
from conferencing.models import PreWork, Review

ROOMS = ("conferencing", "housing", "participants", "templates", "static/js")
NAMES_IT = ("conferencing/elements.py", "conferencing/models/", "/migrations/", "/example/") + (
    "/tests/",
)


def sources():
    for room in ROOMS:
        for path in sorted((settings.BASE_DIR / room).rglob("*")):
            name = path.relative_to(settings.BASE_DIR).as_posix()
            is_ours = path.suffix in (".py", ".html", ".txt", ".js", ".typ")
            if is_ours and not any(each in f"/{name}" for each in NAMES_IT):
                yield name, path.read_text()


def test_an_element_of_words_is_named_by_its_declaration_alone():
    """As a key or a column; "preferences" in running text names nothing."""
    keys = "|".join(each.key for each in ELEMENTS if each.is_text and each.key != "safety")
    named = re.compile(rf"[\"'.]({keys})(_changed)?\b|\b({keys})(_changed|=)")
    assert keys
    assert [name for name, source in sources() if named.search(source)] == []


def test_what_a_participant_always_sees_is_said_as_it_is_declared(
    client, river_specialist, river, monkeypatch
):
    client.force_login(river_specialist)
    pages = ("regions:region_list", "conferencing:guest_sight_edit")

    def said(words):
        return [words in client.get(reverse(each)).content.decode().lower() for each in pages]

    shown = [replace(each, sight=Sight.ALWAYS) for each in ELEMENTS if not each.is_place]
    monkeypatch.setattr("conferencing.templatetags.elements.ELEMENTS", shown)
    words = "preferences, critical barriers, safety, steps and decisions"
    assert said(words) == [True, True]


def test_each_element_has_its_columns_and_no_column_lacks_its_element():
    declared = {column for each in ELEMENTS for column in each.columns}
    for model in (Review, PreWork):
        columns = {each.name for each in model._meta.local_fields}
        assert declared <= columns
    marks = {each.name for each in Review._meta.local_fields if each.name.endswith("_changed")}
    assert marks == {each.mark for each in ELEMENTS}
