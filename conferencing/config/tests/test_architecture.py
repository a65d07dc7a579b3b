"""The map of the house names what is there, and so do templates that say what they take."""

import re

from django.conf import settings

BASE = settings.BASE_DIR
MAP = (BASE / "docs" / "architecture.md").read_text()
TEMPLATES = sorted(BASE.glob("templates/conferencing/**/*.html"))


def named(path):
    """The file, named from the top of the house or from a room that the line named before."""
    found = (BASE / room / path for room in ("", "participants", "housing", "conferencing"))
    return next((each for each in found if each.is_file()), None)


def says(path, name):
    """Whether a file has what is said to be in it; of `Class.method` the method."""
    file = named(path)
    return file and re.search(rf"\b{re.escape(name.split('.')[-1])}\b", file.read_text())


def test_files_that_the_map_names_are_there():
    files = set(re.findall(r"`((?:[\w.]+/)+[\w.]+\.(?:py|js|html|md|css))\b", MAP))
    assert len(files) > 120
    assert [each for each in sorted(files) if not named(each)] == []


def test_what_the_map_says_is_in_a_file_is_in_it():
    told = [
        *re.findall(r"`((?:\w+/)+\w+\.py): ([\w.]+)", MAP),
        *((path, name) for name, path in re.findall(r"`([\w.]+)` in `((?:\w+/)+\w+\.py)`", MAP)),
    ]
    assert len(told) > 30
    assert [each for each in told if not says(*each)] == []


def test_the_map_tells_of_each_script_of_the_call():
    scripts = sorted(each.name for each in (BASE / "static" / "js" / "call").glob("*.js"))
    assert len(scripts) > 20
    assert [each for each in scripts if not re.search(rf"[`/]{each}`", MAP)] == []


def test_the_design_system_tells_of_each_style_and_script():
    told = (BASE / "docs" / "design-system.md").read_text()
    static = BASE / "static"
    files = sorted(each.relative_to(BASE) for each in static.glob("css/*.css"))
    files += sorted(each.relative_to(BASE) for each in static.glob("js/*.js"))
    assert len(files) > 12
    assert [str(each) for each in files if f"`{each}`" not in told] == []


def test_templates_take_what_somebody_gives():
    told = [
        (BASE / "conferencing" / path.parent.name / f"{module}.py", name)
        for path in TEMPLATES
        for module, name in re.findall(r"[Tt]akes what (\w+)\.(\w+) gives", path.read_text())
    ]
    assert len(told) > 10
    missing = [
        f"{module.relative_to(BASE)}: {name}"
        for module, name in told
        if not module.is_file() or f"def {name}(" not in module.read_text()
    ]
    assert missing == []
