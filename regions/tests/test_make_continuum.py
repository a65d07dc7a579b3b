"""`manage.py make_continuum`: the first continuum of a deployment, and every other."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditEntry
from regions.models import Continuum

pytestmark = pytest.mark.django_db
GIVEN = {"code": "XX-500", "name": "Example CoC", "zone": "America/Chicago"}


def make(**changes):
    out = StringIO()
    call_command("make_continuum", **GIVEN | changes, stdout=out)
    return out.getvalue()


def test_make_continuum_makes_one_and_says_what_comes_next():
    said = make(code="xx-500 ")

    continuum = Continuum.objects.get()
    assert (continuum.code, continuum.name, continuum.zone) == tuple(GIVEN.values())
    assert continuum.requires_agency_agreement
    assert continuum.non_disclosure_words.startswith("Confidential")
    assert "invite_administrator --continuum XX-500" in said
    assert AuditEntry.objects.get().action == "continuum.added"


def test_make_continuum_without_agency_agreements():
    make(no_agency_agreement=True, notice="For you alone.")

    continuum = Continuum.objects.get()
    assert (continuum.requires_agency_agreement, continuum.non_disclosure_words) == (
        False,
        "For you alone.",
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"code": "Example"}, "EXAMPLE is no HUD code"),
        ({"code": ""}, "An empty text is no HUD code"),
        ({"code": "MN-5020"}, "no HUD code"),
        ({"zone": "Chicago"}, "Chicago is no time zone"),
        ({"zone": "America/Nowhere"}, "is no time zone"),
        ({"zone": "../../etc/passwd"}, "is no time zone"),
        ({"zone": ""}, "An empty text is no time zone"),
        ({"name": " "}, "cannot be blank"),
        ({"name": "Two\nlines"}, "on one line"),
        ({"name": "x" * 121}, "at most 120 characters"),
        ({"notice": " "}, "cannot be blank"),
    ],
)
def test_make_continuum_refuses_in_words_and_makes_nothing(changes, said):
    with pytest.raises(CommandError, match=said):
        make(**changes)
    assert not Continuum.objects.exists()


def test_make_continuum_refuses_a_code_that_is_taken():
    make()
    with pytest.raises(CommandError, match="There is a continuum XX-500 already"):
        make(name="Another")
