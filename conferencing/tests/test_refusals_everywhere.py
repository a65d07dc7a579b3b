"""No view says no in a way of its own: each leaves it to `accounts.refusals`."""

import ast

from run.bootstrap import BASE


def views():
    """Every module of views, with its place."""
    for path in sorted(BASE.glob("[a-z]*/**/*.py")):
        place = path.relative_to(BASE)
        is_view = path.name == "views.py" or "views" in place.parts
        if is_view and not {"tests", "migrations"} & set(place.parts):
            yield str(place), ast.parse(path.read_text())


def caught(tree):
    """The functions of a module that catch a ValidationError."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for each in ast.walk(function):
                kinds = isinstance(each, ast.ExceptHandler) and each.type
                if kinds and "ValidationError" in ast.unparse(kinds):
                    yield function.name


def test_no_view_catches_a_refusal_by_itself():
    found, used = set(), 0
    for place, tree in views():
        found |= {f"{place}:{name}" for name in caught(tree)}
        used += ast.unparse(tree).count("with refusals(")
    assert found == set()
    assert used > 100


def test_a_view_that_catches_a_refusal_by_itself_is_found():
    tree = ast.parse(
        "def act(request):\n"
        "    try:\n"
        "        save()\n"
        "    except (Row.DoesNotExist, exceptions.ValidationError):\n"
        "        pass\n"
    )
    assert list(caught(tree)) == ["act"]
