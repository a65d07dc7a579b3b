"""No test compares random bytes with words that random bytes may hold."""

import ast
import secrets
import uuid
from pathlib import Path

import pytest
from django.conf import settings

from conferencing.tests.readable import may_be_drawn, readable, without_drawn

ADVICE = (
    "Chance writes so short a word into a key, a token or sealed bytes sooner or later. Of a "
    "text ask readable(text) (conferencing/tests/readable.py), of sealed or packed bytes a word "
    "of eight bytes at least."
)


def constants(node, loops=None):
    """The words that an expression names; those of a loop by the loop's own name."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
        yield node.value
    elif isinstance(node, ast.Tuple | ast.List | ast.Set):
        for part in node.elts:
            yield from constants(part, loops)
    elif isinstance(node, ast.Name) and loops:
        yield from loops.get(node.id, ())


def is_readable(node):
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "readable"


def chances_in(text):
    """Line and words of each comparison that chance decides."""
    module = ast.parse(text)
    named = {}
    for part in module.body:
        if isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name):
            named[part.targets[0].id] = list(constants(part.value))
    for act in ast.walk(module):
        if not isinstance(act, ast.FunctionDef):
            continue
        loops = dict(named)
        for part in ast.walk(act):
            if isinstance(part, ast.For | ast.comprehension) and isinstance(part.target, ast.Name):
                loops.setdefault(part.target.id, []).extend(constants(part.iter, named))
        for part in ast.walk(act):
            for line, word, place in absences(part):
                words = [each for each in constants(word, loops) if may_be_drawn(each)]
                if isinstance(words and words[0], bytes) or (words and not is_readable(place)):
                    yield line, words


def absences(node):
    """What must not be in what: `a not in b`, `not any(a in b for …)`."""
    if isinstance(node, ast.Compare):
        for kind, place in zip(node.ops, node.comparators, strict=True):
            if isinstance(kind, ast.NotIn):
                yield node.lineno, node.left, place
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        inner = node.operand
        if isinstance(inner, ast.Compare) and isinstance(inner.ops[0], ast.In):
            yield node.lineno, inner.left, inner.comparators[0]
        if isinstance(inner, ast.Call) and ast.unparse(inner.func) == "any":
            for part in ast.walk(inner):
                if isinstance(part, ast.Compare) and isinstance(part.ops[0], ast.In):
                    yield node.lineno, part.left, part.comparators[0]


def test_no_test_leaves_to_chance_what_it_must_not_find():
    found = []
    for path in sorted(Path(settings.BASE_DIR).glob("*/**/tests/**/test_*.py")):
        place = path.relative_to(settings.BASE_DIR)
        if {".venv", "var"} & set(place.parts) or path == Path(__file__):
            continue
        found += [f"{place}:{line}: {words}" for line, words in chances_in(path.read_text())]
    assert not found, f"{'; '.join(found)}. {ADVICE}"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("assert 'Ana' not in page", [["Ana"]]),
        ("assert '1990' not in said", [["1990"]]),
        ("assert b'Ana' not in stored", [[b"Ana"]]),
        ("assert b'Ana' not in readable(stored)", [[b"Ana"]]),
        ("for word in ('Alder', 'dad'):\n  assert word not in said", [["dad"]]),
        ("assert not any(word in said for word in ('Bo', 'Birch'))", [["Bo"]]),
        ("assert not any(word in said for word in YEARS)", [["1980"]]),
        ("assert 'Ana' not in readable(page)", []),
        ("assert 'Ana Example' not in page", []),
        ("assert b'Sentinelle' not in stored", []),
        ("assert 'Ana' in page", []),
    ],
)
def test_comparisons_that_chance_decides_are_found(body, found):
    text = "YEARS = ('1980', 'Ana Example')\n" + "def test():\n " + body.replace("\n", "\n ")
    assert [words for _line, words in chances_in(text)] == found


def test_without_drawn_keeps_what_people_write_and_nothing_that_is_drawn():
    words = "Ana Example, born Nov 29, 1981; Heron-0001 waits for the counterproposal."
    for drawn in (
        str(uuid.uuid4()),
        uuid.uuid4().hex,
        secrets.token_urlsafe(32) + "1",
        secrets.token_hex(32) + "0",
        "ANA7-1990-KIM2-BOB3",
    ):
        assert without_drawn(f"{words} /{drawn}/ {words}") == f"{words} // {words}"
    assert without_drawn("at 2026-11-30 12:00:07.198042+00:00") == "at 2026-11-30 12:00:07+00:00"
    for written in ("Donaudampfschifffahrtsgesellschaft", "counterrevolutionary", "call_household"):
        assert without_drawn(written) == written
    assert without_drawn("12:00:07, $7.1980") == "12:00:07, $7.1980"


def test_readable_looks_for_short_words_beside_tokens_and_for_long_ones_everywhere():
    token = "q7Ana1990-qHwPz8Rt2kLm"
    text = readable(f"Ana Example /{token}/ 1981")
    assert "Ana" in text
    assert token in text
    assert token[2:16] in text
    assert "1981" in text
    assert "1990" not in text
    assert "Ana" not in readable(f"Heron /{token}/")
