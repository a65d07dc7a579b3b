"""Each element of a review is declared once: everything else asks the declaration.

Shown on an element of words, of which nothing needs to be known but its declaration: no module,
page, paper or script names it. Where somebody stays and what stands in the way have rules of
their own besides.
"""

import re

from django.conf import settings

from conferencing.elements import ELEMENTS
from conferencing.models import PreWork, Review

ROOMS = ("conferencing", "participants", "templates", "static/js")
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


def test_each_element_has_its_columns_and_no_column_lacks_its_element():
    declared = {column for each in ELEMENTS for column in each.columns}
    for model in (Review, PreWork):
        columns = {each.name for each in model._meta.local_fields}
        assert declared <= columns
    marks = {each.name for each in Review._meta.local_fields if each.name.endswith("_changed")}
    assert marks == {each.mark for each in ELEMENTS}
