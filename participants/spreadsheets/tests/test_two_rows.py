"""Two rows of one household on file, known by different numbers: one is taken, the other said."""

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from participants.hmis.undoing import undo_import
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


def test_a_household_of_two_joined_records_that_is_told_of_no_more_is_absent_until_undone(
    specialist, river, river_agency, river_specialist
):
    born = today_in(river.zone) - timedelta(days=12_000)
    rows = [
        [name, us(born + timedelta(days=900 * place)), f"C-{place}", "", "Rice", 1]
        for place, name in enumerate(("Xandra Quillfeather", "Sandra Quilfeather", "Di Vance"))
    ]
    apply(specialist, bring(specialist, [HEADS, *rows], river_agency, name="List"))
    keeper, former, _other = (
        Participant.objects.get(sheet_records=each) for each in records_of("C-0", "C-1", "C-2")
    )
    make_merge(keeper, former, by=river_specialist)
    again = apply(specialist, bring(specialist, [HEADS, rows[2]], river_agency))
    assert again.counts["done"]["absent"] == 1
    assert SheetRecord.objects.filter(absent_on__isnull=False).count() == 2
    undo_import(again, actor=river_specialist, now=timezone.now())
    assert not SheetRecord.objects.filter(absent_on__isnull=False).exists()


def test_ids_that_went_from_one_household_to_another_come_back_by_an_undo(
    specialist, river, river_agency, river_specialist
):
    """Each takes the id that the one above it had."""
    born = today_in(river.zone) - timedelta(days=12_000)

    def rows(names, shift):
        return [
            HEADS,
            *(
                [
                    name,
                    us(born + timedelta(days=900 * n)),
                    f"C-{n}",
                    f"H-{5 + n - shift}",
                    "Rice",
                    1,
                ]
                for n, name in enumerate(names)
            ),
        ]

    names = ["Xandra Quillfeather", "Di Vance", "Bo Zwick"]
    apply(specialist, bring(specialist, rows(names, 0), river_agency, name="List"))
    ids = {each.name: each.hmis_id for each in Participant.objects.all()}
    again = bring(specialist, rows(names, 1), river_agency)
    apply(specialist, again)
    assert {each.name: each.hmis_id for each in Participant.objects.all()} == {
        "Xandra Quillfeather": "H-4",
        "Di Vance": "H-5",
        "Bo Zwick": "H-6",
    }
    undo_import(again, actor=river_specialist, now=timezone.now())
    assert {each.name: each.hmis_id for each in Participant.objects.all()} == ids


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
