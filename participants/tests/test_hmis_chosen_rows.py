"""The rows of a file that are asked for are those that are found by reading all of it."""

import io
import random
import zipfile

import pytest

from participants.hmis.archives import ImportRefused, Zip
from participants.hmis.reading import REQUIRED, Export, Refusals
from participants.models import HmisLine

from .test_hmis import apply, base, export, preview, ready

__all__ = ["export", "ready"]

PIECES = ("A", "B", " A ", '"A"', '"B"', '"A, B"', '"A\nB"', '"B\r\n""A"""', "", 'B"A', '"A" ')
ENDS = ("\n", "\r\n", "\r")


def export_of(text):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name in REQUIRED:
            file.writestr(f"{name}.csv", text if name == "Exit" else "Key\n1\n")
    return Export(Zip(made), Refusals())


def read(text, chosen=None, *, again=False):
    """`(rows with their lines, how many were counted, what was refused)`, or why none is read."""
    export = export_of(text)
    try:
        rows = list(export.table("Exit", ("Key", "Other")).rows(chosen, again=again))
    except ImportRefused as refused:
        return str(refused)
    return rows, export.rows_read, export.refusals.rows


def a_file(seed):
    rng = random.Random(seed)  # noqa: S311
    end, width = rng.choice(ENDS), rng.choice([2, 3])
    head = "Key,Other" if width == 2 else rng.choice(["Key,Other,DateDeleted", "X,Key,Other"])
    pieces = rng.choice([PIECES, PIECES[:3], PIECES[:5]])
    lines = [head]
    for _ in range(rng.randrange(60)):
        many = width if rng.random() < 0.9 else rng.choice([0, 1, width + 1])
        lines.append(",".join(rng.choice(pieces) for _ in range(many)))
    return end.join(lines) + rng.choice(["", end])


@pytest.mark.parametrize("column", ["Key", "Other"])
def test_chosen_rows_are_those_of_the_whole_file(column):
    chosen, chosen_at_all = (column, {"A"}.__contains__), 0
    for seed in range(400):
        text = a_file(seed)
        place = text.splitlines()[0].split(",").index(column)
        whole = read(text)
        if isinstance(whole, str):
            assert read(text, chosen) == whole
            continue
        rows, count, refused = whole
        expected = [(line, row) for line, row in rows if row[place].strip() == "A"]
        assert read(text, chosen) == (expected, count, refused), seed
        assert read(text, chosen, again=True) == (expected, 0, []), seed
        chosen_at_all += len(expected)
    assert chosen_at_all > 500


# Of the enrollments of an export those are read that can count; what hangs on others is told too


@pytest.mark.django_db
def test_an_id_that_is_in_the_export_in_any_project_is_not_replaced(
    ready, export, river_specialist
):
    apply(ready, export(), river_specialist)
    data = base()
    data["Client"].append(["A2", "Ana", "Alder", "", "1990-07-24", "0", ""])
    data["Enrollment"] = [
        ["E1", "A", "P3", "2026-03-01", "H1", "1", "MN-502", "116", "", ""],
        ["E9", "A2", "P1", "2026-05-02", "H9", "1", "MN-502", "116", "", ""],
    ]
    waiting = preview(ready, export(data, "later"), river_specialist)
    line = waiting.lines.get(kind=HmisLine.Kind.DUPLICATE)
    assert line.said["hmis_id"] == "A2"
    assert "replaces" not in line.said


@pytest.mark.django_db
def test_the_heads_word_for_a_shared_project_holds_though_they_are_on_no_list(
    ready, export, river_specialist
):
    data = base()
    data["ProjectCoC"] += [["P3", "MN-502", "", "", ""], ["P3", "MN-500", "", "", ""]]
    data["Client"].append(["Q", "Quinn", "Alder", "", "1980-01-01", "0", ""])
    data["Enrollment"] += [
        ["E8", "Q", "P3", "2026-04-01", "H8", "1", "MN-500", "116", "2026-04-20", ""],
        ["E9", "A", "P3", "2026-04-01", "H8", "3", "", "116", "2026-04-20", ""],
    ]
    found = preview(ready, export(data), river_specialist)
    said = {line.said["hmis_id"]: line.said for line in found.lines.all()}
    assert (said["A"]["left"], said["A"]["asks"]) == (None, None)
