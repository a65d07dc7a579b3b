"""What the types leave open says why, on its line."""

import re

from run.bootstrap import BASE

OPEN = re.compile(r"(?<![\w“])Any(?![\w”])")
IGNORED = re.compile(r"# type: ignore")
NAMED = re.compile(r"# type: ignore\[[a-z, -]+\]  # \w")


def lines():
    """Every line of our code but tests and migrations, with its place."""
    for path in sorted(BASE.glob("[a-z]*/**/*.py")):
        place = path.relative_to(BASE)
        if not {"tests", "migrations"} & set(place.parts):
            for number, line in enumerate(path.read_text().splitlines(), start=1):
                yield f"{place}:{number}", line


def test_each_any_says_why():
    used = [
        (place, line)
        for place, line in lines()
        if OPEN.search(line.partition("#")[0].partition('"')[0])
        and not line.lstrip().startswith(("from ", "import "))
    ]
    assert len(used) > 20
    assert [place for place, line in used if "  # " not in line] == []


def test_each_ignored_error_is_named_and_says_why():
    ignored = [(place, line) for place, line in lines() if IGNORED.search(line)]
    assert len(ignored) > 10
    assert [place for place, line in ignored if not NAMED.search(line)] == []
