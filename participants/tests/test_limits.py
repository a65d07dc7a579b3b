"""How many people and bedrooms a household has at most: the same wherever it is typed or read."""

import pytest
from django.core.exceptions import ValidationError

from participants.forms.participants import AddParticipantForm
from participants.models import MOST_BEDROOMS, MOST_PEOPLE, Participant
from participants.returned import cells
from participants.spreadsheets import targets
from participants.spreadsheets.values import Doubt, number

MOST = {"adults": MOST_PEOPLE, "children": MOST_PEOPLE, "bedrooms": MOST_BEDROOMS}


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "most"), MOST.items())
def test_a_form_takes_as_many_and_no_more(river, river_agency, name, most):
    def refused(value):
        form = AddParticipantForm(
            {name: value}, continuum=river, agency=river_agency, agencies=[river_agency]
        )
        return form.errors.get(name)

    assert refused(most) is None
    assert refused(most + 1) == [f"Enter a number from 0 to {most}."]


@pytest.mark.parametrize(("name", "most"), [*MOST.items(), ("size", MOST_PEOPLE)])
def test_a_spreadsheet_takes_as_many_and_no_more(name, most):
    target = targets.BY_KEY[name]
    assert number(str(most), target.most) == most
    with pytest.raises(Doubt):
        number(str(most + 1), target.most)


@pytest.mark.parametrize(("name", "most"), MOST.items())
def test_a_returned_list_takes_as_many_and_no_more(name, most):
    read, person = cells.BY_KEY[name].read, Participant()
    assert read((str(most),), ("",), person, None) == {name: most}
    with pytest.raises(ValidationError):
        read((str(most + 1),), ("",), person, None)
