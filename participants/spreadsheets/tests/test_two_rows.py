"""Two rows of one household on file, known by different numbers: one is taken, the other said."""

import random
from datetime import timedelta

import pytest

from participants.models import Participant, SheetRecord
from participants.spreadsheets.matching import match
from participants.spreadsheets.rows import Found
from participants.tests.factories import make_merge, make_participant, make_sheet_import
from regions.tests.factories import today_in
from vault.blind import normalised

from .sheets import apply
from .test_attacks import HEADS, bring, places, specialist, us

__all__ = ["places", "specialist"]

pytestmark = pytest.mark.django_db
NAMES = ("Xandra Quillfeather", "Xandra Quillfeather-Lee", "Xandra Lee", "Bo Zwick", None)


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("name", NAMES[:3])
def test_a_row_known_by_its_hmis_id_is_no_new_household_beside_one_known_by_its_number(
    specialist, river, river_agency, name, is_first
):
    born = today_in(river.zone) - timedelta(days=12_000)
    known = ["Xandra Quillfeather", us(born), "C-1", "", "Rice", 1]
    other = ["Di Vance", us(born), "C-9", "H-9", "Rice", 1]
    apply(specialist, bring(specialist, [HEADS, known, other], river_agency, name="List"))
    person = Participant.objects.exclude(hmis_id__isnull=False).get()
    person.hmis_id = "H-1"
    person.save()
    later = [name, us(born + timedelta(days=1)), "C-2", "h_1", "Rice", 7]
    rows = [known, later] if is_first else [later, known]
    again = bring(specialist, [HEADS, *rows, other], river_agency)
    assert [(row.line, row.problem) for row in again.refusals.all()] == [
        (
            3 if is_first else 2,
            f"Line {2 if is_first else 3} tells of the same household on file; that one is taken.",
        )
    ]
    assert (again.counts["new"], again.counts["duplicate"]) == (0, 0)
    apply(specialist, again)
    assert {(each.name, each.hmis_id) for each in Participant.objects.all()} == {
        ("Xandra Quillfeather", "H-1"),
        ("Di Vance", "H-9"),
    }


@pytest.mark.parametrize("told", ["C-1", "c_2"])
@pytest.mark.parametrize("newest", ["C-1", "C-2"])
def test_a_household_of_two_joined_records_is_told_of_under_either_number(
    specialist, river, river_agency, river_specialist, told, newest
):
    born = today_in(river.zone) - timedelta(days=12_000)
    one = ["Xandra Quillfeather", us(born), "C-1", "", "Rice", 1]
    two = ["Sandra Quilfeather", us(born + timedelta(days=900)), "C-2", "", "Rice", 1]
    apply(specialist, bring(specialist, [HEADS, one, two], river_agency, name="List"))
    keeper, former = (
        Participant.objects.get(sheet_records=each) for each in records_of("C-1", "C-2")
    )
    for each in records_of(newest):
        each.as_of += timedelta(days=1)
        each.save()
    make_merge(keeper, former, by=river_specialist)
    row = [*(one if told == "C-1" else two)[:2], told, "", "Rice", 4]
    again = apply(specialist, bring(specialist, [HEADS, row], river_agency))
    assert (again.state, again.failure, again.counts["done"]["changed"]) == ("applied", "", 1)
    keeper.refresh_from_db()
    assert keeper.adults == 4
    assert {each.row_key for each in SheetRecord.objects.all()} in ({"C-1", "C-2"}, {"C-1", "c_2"})


def records_of(*keys):
    return sorted(
        (each for each in SheetRecord.objects.all() if each.row_key in keys),
        key=lambda each: each.row_key,
    )


def test_no_row_whose_number_is_on_file_is_new_whatever_else_it_says(river, river_agency, region_2):
    born = today_in(river.zone) - timedelta(days=12_000)
    source = make_sheet_import(river_agency).sheet_source
    for number in (1, 2, 3):
        household = make_participant(
            river_agency, region_2, name=NAMES[number % 3], hmis_id=f"H-{number}",
            birth_date=born + timedelta(days=number), alias=f"Wren-{number}",
        )  # fmt: skip
        SheetRecord.objects.create(
            source=source, participant=household, row_key=f"C-{number}", said={}, as_of=born
        )
    on_file = {f"{kind} {number}" for kind in "hc" for number in (1, 2, 3)}
    rng = random.Random(7)  # noqa: S311 (the same rows each time)
    for _try in range(150):
        rows = []
        for number, (key, hmis_id) in enumerate(zip(
            rng.sample(["C-1", "c_2", "C 3", "C-4"], 4), rng.sample(["h_1", "H-2", "", "H-4"], 4),
            strict=True,
        )):  # fmt: skip
            on = born + timedelta(days=rng.choice([1, 2, 3, 900]))
            said = {"hmis_id": hmis_id, "name": rng.choice(NAMES), "birth_date": on.isoformat()}
            rows.append(Found(line=number + 2, key=key, said=said))
        found = match(river, source, rows)
        for place, row in enumerate(rows):
            if {normalised(row.key), normalised(row.said["hmis_id"])} & on_file:
                assert found.has(place), (rows, place)
        for place, other in found.twice.items():
            assert other in found.known
            assert place not in {*found.known, *found.perhaps, *found.doubtful, *found.several}
        assert len({*found.known.values()}) == len(found.known)
