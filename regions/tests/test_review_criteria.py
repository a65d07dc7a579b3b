"""A region's review criteria: every kind once, in the order given."""

import pytest
from django.core.exceptions import ValidationError

from regions.models import ReviewCriterion
from regions.review_criteria import change_criteria, criteria_of, criteria_state
from regions.tests.factories import make_continuum, make_criteria, make_region

Kind = ReviewCriterion.Kind


@pytest.fixture
def region(db):
    return make_region(make_continuum(), name="Region 2")


def kept(region):
    rows = region.criteria.order_by("position")
    return [(row.kind, row.is_used, row.number) for row in rows]


def test_criteria_of_lists_every_kind_once(region):
    make_criteria(region, Kind.LONGEST, Kind.YOUTH)
    rows = criteria_of(region)
    assert [row.kind for row in rows[:2]] == [Kind.LONGEST, Kind.YOUTH]
    assert sorted(row.kind for row in rows) == sorted(Kind.values)
    assert not any(row.is_used for row in rows[2:])
    assert region.criteria.count() == 2


def test_change_criteria_keeps_the_order_given(region):
    make_criteria(region, Kind.LONGEST, Kind.YOUTH)
    rows = [(Kind.YOUTH, True, None), (Kind.NOT_REVIEWED, True, 4), (Kind.LONGEST, False, 8)]
    seen = criteria_state(criteria_of(region))
    change_criteria(region, rows=rows, seen=seen, actor=None)
    assert kept(region) == rows
    with pytest.raises(ValidationError, match="changed meanwhile"):
        change_criteria(region, rows=rows[::-1], seen=seen, actor=None)
    with pytest.raises(ValidationError):
        change_criteria(region, rows=[rows[0], rows[0]], actor=None)
    assert kept(region) == rows
