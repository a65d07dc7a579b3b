"""The table of figures: what it says of a ratio, and what it asks for."""

import subprocess
import sys

import pytest

from bench.__main__ import named
from bench.table import Row, medians, milliseconds, show


def row(ratio, **limits):
    return Row("a list drawn", "5 ms", "other 50 ms", ratio, **limits)


@pytest.mark.parametrize(
    ("ratio", "limits", "to_reach", "verdict"),
    [
        (15.0, {"at_least": 15}, "≥ 15 ×", "reached"),
        (14.9, {"at_least": 15}, "≥ 15 ×", "missed"),
        (1.2, {"at_most": 1.2}, "≤ 1.2 ×", "reached"),
        (1.21, {"at_most": 1.2}, "≤ 1.2 ×", "missed"),
        (None, {"at_least": 15}, "≥ 15 ×", "not measured"),
        (2.0, {}, "–", "–"),
    ],
)
def test_row_says_whether_its_ratio_was_reached(ratio, limits, to_reach, verdict):
    assert row(ratio, **limits).to_reach == to_reach
    assert row(ratio, **limits).verdict == verdict


def test_medians_take_turns_on_the_same_data_and_leave_out_the_first_round():
    calls = []
    taken = medians(
        {name: lambda turn, name=name: calls.append((turn, name)) for name in "ab"}, rounds=3
    )
    assert calls == [
        (0, "a"),
        (0, "b"),
        (1, "b"),
        (1, "a"),
        (2, "a"),
        (2, "b"),
        (3, "b"),
        (3, "a"),
    ]
    assert set(taken) == {"a", "b"}


def test_show_prints_columns_and_the_notes_below(capsys):
    show([row(20.0, at_least=15), Row("names", "1 ms", "2 ms", None, at_most=2, note="No index.")])
    lines = capsys.readouterr().out.splitlines()
    heads, rule, first, second = lines[2:6]
    assert rule.startswith("------------")
    assert first.split("  ")[0] == "a list drawn"
    assert first.endswith("reached")
    assert first.index("20.00 ×") == heads.index("ratio") == second.index("–")
    assert second.startswith("names [1]")
    assert second.endswith("not measured")
    assert lines[-1] == "[1] No index."


def test_milliseconds_keeps_what_is_small_readable():
    assert milliseconds(1.2345) == "1,234 ms"
    assert milliseconds(0.00042) == "0.42 ms"


def test_named_finds_benches_by_name_and_refuses_others():
    assert [module.__name__ for module in named(["prep_list"])] == ["bench.prep_list"]
    assert "bench.prep_list" in {module.__name__ for module in named([])}
    with pytest.raises(SystemExit, match="no bench 'table'"):
        named(["table"])


def test_every_bench_is_found_by_a_process_of_its_own():
    """None of them needs Django before it measures."""
    done = subprocess.run(
        [sys.executable, "-m", "bench", "none"], capture_output=True, text=True, check=False
    )
    assert "error: there is no bench 'none'" in done.stderr
