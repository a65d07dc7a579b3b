import pytest

from audit import actions


def test_declare_returns_the_slug_and_keeps_the_words():
    assert actions.register("test.declared", "Declared a test") == "test.declared"
    assert actions.register("test.declared", "Declared a test") == "test.declared"
    assert actions.words("test.declared") == "Declared a test"
    assert ("test.declared", "Declared a test") in actions.choices()


def test_declare_refuses_other_words_for_the_same_action():
    actions.register("test.once", "Once")
    with pytest.raises(ValueError, match="is declared already: “Once”"):
        actions.register("test.once", "Twice")
    assert actions.words("test.once") == "Once"


@pytest.mark.parametrize("slug", ["", "viewed", "Test.viewed", "test.", "test.a.b", "test.a-b"])
def test_declare_refuses_a_slug_that_is_no_noun_and_verb(slug):
    with pytest.raises(ValueError, match="write noun"):
        actions.register(slug, "Words")


def test_words_of_an_action_no_longer_declared_are_its_slug():
    assert actions.words("gone.away") == "gone.away"
