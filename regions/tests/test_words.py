"""Numbers in words: what is rounded says no more than is so."""

import pytest

from regions.words import percent_of


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [
        (0, 0, None),
        (0, 7, 0),
        (7, 7, 100),
        (1, 3, 33),
        (2, 3, 67),
        (1, 1000, 1),
        (999, 1000, 99),
        (199, 200, 99),
        (9, 6, 150),
    ],
)
def test_percent_of_says_all_and_none_of_all_and_none_alone(part, whole, told):
    assert percent_of(part, whole) == told
