"""What the types leave open says why, on its line; and a function has one clock."""

import ast
import re

from run.bootstrap import BASE

OPEN = re.compile(r"(?<![\w“])Any(?![\w”])")
IGNORED = re.compile(r"# type: ignore")
NAMED = re.compile(r"# type: ignore\[[a-z, -]+\]  # \w")


def modules():
    """Our code but tests and migrations: `(place, source)` of each module."""
    for path in sorted(BASE.glob("[a-z]*/**/*.py")):
        place = path.relative_to(BASE)
        if not {"tests", "migrations"} & set(place.parts):
            yield place, path.read_text()


def lines():
    for place, source in modules():
        for number, line in enumerate(source.splitlines(), start=1):
            yield f"{place}:{number}", line


def clocks(function):
    """By what a function is told the time: `now`, `on`, and whatever is a `Moment`."""
    taken = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    for each in taken:
        if each.arg in ("now", "on") or "Moment" in ast.unparse(each.annotation or each):
            yield each.arg


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


def test_a_function_takes_one_clock():
    """The day follows from the moment: `Moment` holds both. A day that somebody chose says so."""
    functions = [
        (f"{place}:{each.lineno} {each.name}", list(clocks(each)))
        for place, source in modules()
        for each in ast.walk(ast.parse(source))
        if isinstance(each, ast.FunctionDef)
    ]
    assert len([name for name, told_by in functions if told_by]) > 500
    assert [name for name, told_by in functions if len(told_by) > 1] == []
