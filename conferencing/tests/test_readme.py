"""What the documents call a page, a button or a command is what it is called."""

import html
import re
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
DOCUMENTS = ["README.md", "SECURITY.md", "docs/audit.md", "docs/production.md", "docs/running.md"]
NAMED = re.compile(r"(?<![*\w])\*([A-Z][^*]+)\*(?![*\w])")
CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
# Names with something in them that the page puts there: what stands before and after it.
MADE_UP = {
    "Password for the Region 2 list": "Password for the",
    "Sign the CES Partner Agreement": "Sign the",
}


def said():
    """Every word of the pages and of the program, blanks folded, without markup."""
    found = []
    for template in (TOP / "templates").rglob("*.html"):
        text = re.sub(r"{[%{#].*?[%}#]}", "\n", html.unescape(template.read_text()))
        found.append(re.sub(r"<[^>]+>", "\n", text))
    for room in ("accounts", "agreements", "audit", "conferencing", "participants", "regions"):
        found += [
            each.read_text() for each in (TOP / room).rglob("*.py") if "tests" not in each.parts
        ]
    return re.sub(r"[ \t]+", " ", "\n".join(found))


def names_in(document):
    text = CODE.sub("", (TOP / document).read_text())
    for name in NAMED.findall(text):
        yield from (" ".join(each.split()) for each in name.split("→"))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_page_and_button_that_a_document_names_exists(document):
    words = said()
    lacking = {name for name in names_in(document) if MADE_UP.get(name, name) not in words}
    assert lacking == set()


def test_the_readme_names_its_buttons():
    assert len(set(names_in("README.md"))) >= 30


def test_the_readme_lists_every_command():
    found = {
        each.stem
        for each in TOP.glob("*/management/commands/*.py")
        if not each.stem.startswith("_")
    }
    listed = set(re.findall(r"^\| `(\w+)[` ]", (TOP / "README.md").read_text(), re.MULTILINE))
    assert found - listed == set()
    assert listed - found <= {"make", "check"}
