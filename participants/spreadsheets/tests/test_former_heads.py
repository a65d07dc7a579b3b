"""A sheet that still names who headed a household before is asked about, and shows no such name."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from conferencing.tests.readable import readable
from conferencing.tests.world import signed_in
from participants.hmis.services import undo_import
from participants.households.acts import change_head
from participants.households.undoing import undo_act
from participants.models import HmisLine, Participant
from participants.services.participants import IDENTITY, change_participant
from participants.tests.factories import make_participant, make_release
from regions.models import County
from regions.tests.factories import today_in

from .sheets import apply, match, newest, upload, work, workbook

pytestmark = pytest.mark.django_db
FORMER, ID = "Quillfeather, Xandra", "UQ-001"
NOBODY = {"name": None, "birth_date": None, "contact": None, "hmis_id": None}
HEADINGS = ["Client", "HMIS ID", "DOB", "Phone", "Veteran?", "County", "Date Added"]


@pytest.fixture
def specialist(river_specialist):
    return signed_in(river_specialist)


@pytest.fixture
def household(river, river_agency, region_2):
    County.objects.get_or_create(region=region_2, name="Rice")
    return make_participant(
        river_agency, region_2, name="Xandra Quillfeather", hmis_id=ID, birth_date=born(river)
    )


def born(river):
    return today_in(river.zone) - timedelta(days=12_000)


def new_head(person, actor, *, name="Cleo Newhead", **more):
    person = Participant.objects.select_related("continuum").get(pk=person.pk)
    return change_head(
        person,
        head={**NOBODY, "name": name, **more},
        member=None,
        stays_as="",
        happened_on=today_in(person.continuum.zone),
        reason="",
        changed_at=person.changed_at,
        actor=actor,
        now=timezone.now(),
    )


def row(river, name=FORMER, hmis_id=ID, *, birth=True, veteran="Yes"):
    today = today_in(river.zone)
    day = born(river) if birth else None
    return [name, hmis_id, day, "612 555 0100", veteran, "Rice", today - timedelta(days=50)]


def bring(client, agency, *rows, headings=HEADINGS):
    upload(client, workbook([headings, *rows]))
    hmis_import = newest()
    if hmis_import.state == "matching":
        match(client, hmis_import, agency=str(agency.pk))
        hmis_import.refresh_from_db()
    return work(hmis_import)


def lines(hmis_import):
    return [
        (each.kind, each.participant_id, bool(each.said.get("under_former_head")))
        for each in hmis_import.lines.all()
    ]


def decide(client, hmis_import, decision):
    (line,) = hmis_import.lines.filter(kind=HmisLine.Kind.DUPLICATE)
    url = reverse("imports:duplicate_decide", args=[hmis_import.pk, line.pk])
    client.post(url, {"decision": decision})


def seen(client, hmis_import):
    pages = [
        client.get(f"{hmis_import.get_absolute_url()}?show={each}").content.decode()
        for each in ("new", "changed", "absent", "duplicate", "refused")
    ]
    return readable("".join(pages))


NAMING = {
    "by all": {},
    "by name alone": {"hmis_id": "", "birth": False},
    "by name and birth date": {"hmis_id": ""},
    "by name with another birth date on file": {"hmis_id": "", "birth": False},
    "by HMIS ID, under another name of theirs": {"name": "Xandra Married"},
    "by HMIS ID alone": {"name": "", "birth": False},
    "by HMIS ID, with the new head's name": {"name": "Cleo Newhead", "birth": False},
}


@pytest.mark.parametrize("how", NAMING)
@pytest.mark.parametrize("new_id", [None, "UQ-777"])
def test_who_headed_a_household_before_is_asked_about_and_comes_as_no_new_one(
    specialist, river, river_agency, river_provider, household, how, new_id
):
    new_head(household, river_provider, hmis_id=new_id)
    if "on file" in how:
        household = Participant.objects.get(pk=household.pk)
        household.birth_date = born(river) - timedelta(days=4_000)
        household.save()
    make_release(household, agencies=[river_agency], to_all_partners=True)
    found = bring(specialist, river_agency, row(river, **NAMING[how]))
    assert lines(found) == [("duplicate", household.pk, True)]
    page = seen(specialist, found)
    assert "Names a former head" in page
    assert "Quillfeather" not in page
    assert "Xandra" not in page
    # Left alone it is left out.
    done = apply(specialist, found)
    assert done.counts["done"]["added"] == 0
    assert Participant.objects.count() == 1


@pytest.mark.parametrize("new_id", [None, "UQ-777"])
def test_what_a_row_says_of_a_former_head_is_not_said_of_the_new_one(
    specialist, river, river_agency, river_provider, river_specialist, household, new_id
):
    new_head(household, river_provider, hmis_id=new_id)
    make_release(household, to_all_partners=True)
    former = on_file(household)
    found = bring(specialist, river_agency, row(river))
    decide(specialist, found, "join")
    done = apply(specialist, found)
    assert (done.counts["done"]["added"], done.counts["done"]["joined"]) == (0, 1)
    assert on_file(household) == former
    assert Participant.objects.get().is_veteran
    assert "Quillfeather" not in seen(specialist, done)
    # Once decided it is known.
    again = bring(specialist, river_agency, row(river, veteran="No"))
    assert lines(again) == [("changed", household.pk, True)]
    assert "Quillfeather" not in seen(specialist, again)
    apply(specialist, again)
    assert on_file(household) == former
    undo_import(again, actor=river_specialist, now=timezone.now())
    assert on_file(household) == former
    assert Participant.objects.get().is_veteran


def test_an_undo_takes_back_what_was_taken_of_a_row_that_names_a_former_head(
    specialist, river, river_agency, river_provider, river_specialist, household
):
    new_head(household, river_provider)
    former = on_file(household)
    found = bring(specialist, river_agency, row(river))
    decide(specialist, found, "join")
    undo_import(apply(specialist, found), actor=river_specialist, now=timezone.now())
    assert on_file(household) == former
    assert not Participant.objects.get().is_veteran
    assert lines(bring(specialist, river_agency, row(river))) == [("duplicate", household.pk, True)]


def on_file(household):
    person = Participant.objects.get(pk=household.pk)
    return person.name, person.birth_date, person.contact, person.hmis_id


def test_a_former_head_who_lives_elsewhere_comes_as_a_household_once_a_person_says_so(
    specialist, river, river_agency, river_provider, household
):
    new_head(household, river_provider, hmis_id="UQ-777")
    found = bring(specialist, river_agency, row(river))
    decide(specialist, found, "add")
    done = apply(specialist, found)
    assert done.counts["done"]["added"] == 1
    other = Participant.objects.exclude(pk=household.pk).get()
    assert (other.name, other.hmis_id) == ("Xandra Quillfeather", ID)
    # By then they are who the row names.
    again = bring(specialist, river_agency, row(river, veteran="No"))
    assert lines(again) == [("changed", other.pk, False)]


def test_beside_a_row_of_the_new_head_it_is_asked_about_all_the_same(
    specialist, river, river_agency, river_provider, household
):
    new_head(household, river_provider, hmis_id="UQ-777")
    own = row(river, "Newhead, Cleo", "UQ-777", birth=False)
    found = bring(specialist, river_agency, own, row(river))
    assert sorted(lines(found)) == [
        ("changed", household.pk, False),
        ("duplicate", household.pk, True),
    ]


@pytest.mark.parametrize("name", [FORMER, "Quillfeathers, Xandra"])
def test_a_sheet_that_repeats_itself_changes_no_head_and_shows_no_former_name(
    specialist, river, river_agency, river_provider, household, name
):
    apply(specialist, bring(specialist, river_agency, row(river)))
    new_head(household, river_provider)
    make_release(household, to_all_partners=True)
    former = on_file(household)
    found = bring(specialist, river_agency, row(river, name, veteran="No"))
    assert [each[:2] for each in lines(found)] == [("changed", household.pk)]
    page = seen(specialist, found)
    assert "Cleo Newhead" in page
    assert "Quillfeather" not in page
    apply(specialist, found)
    assert on_file(household) == former


def test_another_spelling_of_a_former_heads_name_is_shown_under_no_release_of_the_new_one(
    specialist, river, river_agency, river_provider, household
):
    """It is no name on file, and known by the sheet’s own number alone."""
    headings = ["Case #" if each == "HMIS ID" else each for each in HEADINGS]
    apply(specialist, bring(specialist, river_agency, row(river), headings=headings))
    new_head(household, river_provider)
    make_release(household, to_all_partners=True)
    former = on_file(household)
    other = row(river, "Quillfeathers, Xandra", veteran="No")
    found = bring(specialist, river_agency, other, headings=headings)
    assert lines(found) == [("changed", household.pk, False)]
    assert "name" in {each["field"] for each in found.lines.get().changes}
    page = seen(specialist, found)
    assert "Cleo Newhead" in page
    assert "Quillfeather" not in page
    apply(specialist, found)
    assert on_file(household) == former


def test_a_head_who_changes_between_the_preview_and_its_being_applied_gets_nothing_of_the_former(
    specialist, river, river_agency, river_provider, household
):
    household.birth_date = None
    household.save()
    found = bring(specialist, river_agency, row(river))
    new_head(household, river_provider)
    decided = found.lines.get()
    if decided.kind == HmisLine.Kind.DUPLICATE:
        decide(specialist, found, "join")
    apply(specialist, found)
    assert on_file(household) == ("Cleo Newhead", None, None, None)


def test_who_heads_it_again_is_no_former_head(
    specialist, river, river_agency, river_provider, household
):
    undo_act(new_head(household, river_provider), actor=river_provider, now=timezone.now())
    found = bring(specialist, river_agency, row(river))
    assert lines(found) == [("changed", household.pk, False)]


def test_a_victim_service_providers_household_is_found_by_no_former_head(
    specialist, river, river_agency, river_provider, household, river_vsp_agency
):
    new_head(household, river_provider)
    make_release(household)
    person = Participant.objects.get(pk=household.pk)
    change_participant(
        person,
        agency=river_vsp_agency,
        changed_at=person.changed_at,
        actor=river_provider,
        now=timezone.now(),
        **dict.fromkeys(IDENTITY),
    )
    found = bring(specialist, river_agency, row(river))
    assert lines(found) == [("new", None, False)]
