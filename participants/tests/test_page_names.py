"""Pages on which participants are looked at have a name for the audit."""

import ast

from django.conf import settings

from participants import urls
from participants.page_names import PAGES


def literal_pages():
    """What services say that a page is called: `page="…"` in calls that record a look."""
    for room in ("participants", "conferencing"):
        for path in (settings.BASE_DIR / room).rglob("*.py"):
            if "tests" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call):
                    for word in node.keywords:
                        if word.arg == "page" and isinstance(word.value, ast.Constant):
                            yield word.value.value


def patterns(module):
    """Each address of a room, those of its folders among them."""
    for each in module.urlpatterns:
        yield from patterns(each.urlconf_module) if hasattr(each, "urlconf_module") else [each]


def test_every_page_about_a_participant_is_called_by_words():
    of_one = {each.name for each in patterns(urls) if str(each.pattern).startswith("<uuid:pk>/")}
    asked = {*literal_pages(), *of_one} - {""}
    assert len(asked) > 25
    assert asked <= set(PAGES)
