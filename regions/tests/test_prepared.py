"""Questions whose SQL is made once."""

import uuid
from datetime import date

import pytest

from regions.models import Continuum, Membership
from regions.prepared import A_DAY, A_KEY, KEYS, Prepared, any_row, is_any_of
from regions.tests.factories import make_continuum, make_user

pytestmark = pytest.mark.django_db


def memberships(user):
    return Membership.objects.filter(user=user).order_by().values_list("continuum__code")


def test_a_question_is_made_once_and_asked_of_everybody():
    made = []

    def make(user):
        made.append(user)
        return memberships(user)

    question = Prepared(make, {"user": A_KEY})
    people = [make_user(make_continuum(code=code)) for code in ("MN-502", "MA-507")]
    assert [question.rows(user=each.pk) for each in people] == [[("MN-502",)], [("MA-507",)]]
    assert question.rows(user=None) == []
    assert len(made) == 1


def test_a_question_holds_within_another():
    mine, other = (make_continuum(code=code) for code in ("MN-502", "MA-507"))
    user = make_user(mine)
    is_there = Prepared(lambda user: any_row(memberships(user)), {"user": A_KEY})
    asked = Continuum.objects.order_by("code")
    assert list(asked.filter(is_there.holds(user=user.pk))) == [other, mine]
    assert not asked.filter(is_there.holds(user=uuid.uuid4())).exists()
    told = asked.annotate(is_there=is_there.holds(user=user.pk)).values_list("is_there", flat=True)
    assert list(told) == [True, True]


def test_any_number_of_keys_are_one_question():
    mine, other = (make_continuum(code=code) for code in ("MN-502", "MA-507"))
    question = Prepared(
        lambda keys: Continuum.objects.filter(is_any_of("pk", keys)).values_list("code"),
        {"keys": KEYS},
    )
    assert question.rows(keys=[]) == []
    assert question.rows(keys=[mine.pk]) == [("MN-502",)]
    assert sorted(question.rows(keys=[other.pk, mine.pk])) == [("MA-507",), ("MN-502",)]


def test_a_gap_that_nothing_asks_for_is_said():
    question = Prepared(lambda user, on: memberships(user), {"user": A_KEY, "on": A_DAY})
    with pytest.raises(ValueError, match="asks for on"):
        question(user=uuid.uuid4(), on=date(2026, 1, 2))
