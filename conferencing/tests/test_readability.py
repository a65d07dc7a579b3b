"""What people read is plain: at most 8th grade, text by text and page by page."""

from collections import defaultdict

import pytest

from conferencing.tests.readability import grade_of, is_measured, syllables_of, texts

GRADE = 8
FOUND = texts()


def test_each_text_is_at_most_of_eighth_grade():
    hard = {
        f"{grade_of(text):.1f} {name}: {text}" for name, text in FOUND if grade_of(text) > GRADE
    }
    assert hard == set()
    assert len(FOUND) > 1200


def test_each_page_is_so_as_a_whole():
    pages = defaultdict(list)
    for name, text in FOUND:
        pages[name].append(text if text[-1] in ".!?…" else f"{text}.")
    hard = {name: grade_of("\n".join(said)) for name, said in pages.items()}
    assert {name: grade for name, grade in hard.items() if grade > GRADE} == {}


@pytest.mark.parametrize(
    ("word", "number"),
    [
        *(("asked", 1), ("wanted", 2), ("settled", 2), ("closes", 2), ("places", 2), ("table", 2)),
        *(("somebody", 3), ("people", 2), ("recorded", 3), ("client", 2), ("earlier", 3)),
        *(("being", 2), ("create", 2), ("period", 3), ("didn’t", 2), ("agency’s", 2), ("HMIS", 1)),
        *(("households", 2), ("immediately", 5), ("facility", 4)),
    ],
)
def test_syllables_are_counted_as_they_are_heard(word, number):
    assert syllables_of(word) == number


def test_grade_tells_plain_from_hard():
    plain = "The agency keeps the record. It tells the call what changed since the last time."
    hard = (
        "Notwithstanding the aforementioned considerations, participating organizations are"
        " responsible for communicating modifications immediately."
    )
    assert grade_of(plain) < 4
    assert grade_of(hard) > 16


def test_what_is_no_text_is_not_measured():
    assert is_measured("Nobody gets the list before the day on which it goes out to all.")
    assert not is_measured("Too short to tell.")
    assert not is_measured(r"(?:a|an|the) very long rule of which nobody reads a word \b at all")
