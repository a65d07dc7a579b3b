"""The catalogue of barriers."""

from conferencing.barriers import CATALOGUE, WORDS
from conferencing.careful_words import hints
from conferencing.example.barriers import BARRIERS


def test_barriers_have_slugs_and_words_of_their_own():
    assert len(WORDS) == len(CATALOGUE)
    assert len({words.lower() for words in WORDS.values()}) == len(CATALOGUE)
    assert set(BARRIERS) <= set(WORDS.values())


def test_barriers_say_nothing_that_does_not_belong_in_a_shared_review():
    found = {words: hints(words, is_confidential=True) for words in WORDS.values()}
    assert {words: each for words, each in found.items() if each} == {}
