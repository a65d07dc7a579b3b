"""A victim service provider's sheet: refused by column and by shape, looked at, then replaced."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from participants.models import ListPlace, Participant
from participants.services.sheets import plan_sheet, replace_sheet
from participants.sheets import SheetError, read_sheet
from participants.tests.factories import make_participant

COUNTIES = {"steele": "Steele", "rice": "Rice"}
URL = "/participants/sheet/"
HEAD = "alias,county,people,children,needs\n"


def read(text):
    return read_sheet(text, counties=COUNTIES)


def test_read_sheet_takes_what_the_call_needs():
    rows = read(HEAD + "Heron-204,Steele County,3,2,veteran; minors\nSH 12,,1,,\n")
    assert [(row.alias, row.county, row.adults, row.children, set(row.needs)) for row in rows] == [
        ("Heron-204", "Steele", 1, 2, {"is_veteran"}),
        ("SH 12", "", 1, 0, set()),
    ]
    assert read("Alias;Household size\nB7;2") == read("\ufeffalias\tpeople\r\nB7\t2\r\n")


@pytest.mark.parametrize(
    ("column", "what"),
    [
        ("Name", "a name"),
        ("First Name", "a name"),
        ("last_name", "a name"),
        ("DOB", "a date of birth"),
        ("Birth date", "a date of birth"),
        ("Age", "a date of birth"),
        ("Address", "an address"),
        ("City", "an address"),
        ("zip", "an address"),
        ("SSN", "a number of a person"),
        ("HMIS ID", "a number of a person"),
        ("Client-ID", "a number of a person"),
        ("phone", "a way to reach somebody"),
        ("E-mail", "a way to reach somebody"),
        ("Notes", "free text"),
    ],
)
def test_read_sheet_refuses_columns_of_identity(column, what):
    with pytest.raises(SheetError) as caught:
        read(f"alias,people,{column}\nHeron-204,1,Sentinelle\n")
    assert caught.value.lines == [
        f"Column 3 looks like {what} and isn’t allowed. Take the column out."
    ]


@pytest.mark.parametrize(
    "alias",
    [
        "Ana Lopez",
        "Ana",
        "Ana Lopez 3",
        "Ana-1985",
        "Ana 2/3/1985",
        "A-02031985",
        "Feb 3",
        "412 Oak Street",
        "Apt 4",
        "123-45-6789",
        "507-555-0100",
        "ana5@example.org",
        "",
        "=HYPERLINK(1)",
        "Łucja Nowak",
    ],
)
def test_read_sheet_refuses_what_is_no_alias_and_repeats_nothing(alias):
    with pytest.raises(SheetError) as caught:
        read(f'{HEAD}"{alias}",,1,,\nHeron-204,,1,,\n')
    assert len(caught.value.lines) == 1
    assert caught.value.lines[0].startswith("Line 2: “alias” ")
    assert not alias or alias not in caught.value.lines[0]


@pytest.mark.parametrize(
    ("row", "line"),
    [
        ("B7,Owatonna,1,,", "“county” is no county"),
        ("B7,412 Oak Street,1,,", "“county” looks like an address"),
        ("B7,,1,,wants a garden", "“needs” knows"),
        ("B7,,1,,born 2/3/85", "“needs” looks like a date"),
        ("B7,,many,,", "“people” is no number"),
        ("B7,,0,,", "“people” is no number"),
        ("B7,,1,2,", "there are more children"),
        ("B7,,1,,,Ana", "has more cells"),
        ("B7,,²,,", "“people” is no number"),
    ],
)
def test_read_sheet_refuses_any_other_words(row, line):
    with pytest.raises(SheetError) as caught:
        read(HEAD + row)
    assert caught.value.lines[0].startswith(f"Line 2: {line}")


def test_read_sheet_refuses_what_is_no_sheet():
    for text in ("", "\n\n", "alias\nB7", "people\n1", "alias,people,alias\nB7,1,B7"):
        with pytest.raises(SheetError):
            read(text)
    with pytest.raises(SheetError) as caught:
        read(HEAD + "B7,,1,,\nb7,,1,,\n")
    assert caught.value.lines == ["Line 3: the alias is already in line 2."]


@pytest.fixture
def listed(river_vsp_agency, region_2):
    """Heron-1 and Heron-2 on the provider's list, Heron-3 off it."""
    people = [
        make_participant(river_vsp_agency, region_2, alias=f"Heron-{number}")
        for number in (1, 2, 3)
    ]
    ListPlace.objects.filter(participant=people[2]).update(status="inactive")
    Participant.objects.update(county=None)
    return people


def replace(agency, text, region, actor):
    plan = plan_sheet(agency, text, region=region)
    return replace_sheet(
        agency, text, region=region, seen=plan.seen, actor=actor, now=timezone.now()
    )


def statuses():
    rows = ListPlace.objects.order_by("participant__alias")
    return dict(rows.values_list("participant__alias", "status"))


def test_replace_sheet_adds_changes_returns_and_takes_off(
    listed, river_vsp_agency, river_vsp_provider, river_agency, region_2
):
    other = make_participant(river_agency, region_2, alias="Other-1")
    text = HEAD + "heron-1,,4,3,youth\nHeron-3,,1,,\nHeron-9,Steele,1,,unsheltered\n"
    plan = replace(river_vsp_agency, text, region_2, river_vsp_provider)
    assert [row.alias for row, _values in plan.new] == ["Heron-9"]
    assert [(who.alias, back) for who, _values, back in plan.changed] == [
        ("Heron-1", False),
        ("Heron-3", True),
    ]
    assert [who.alias for who in plan.gone] == ["Heron-2"]
    assert statuses() == {
        "Heron-1": "active",
        "Heron-2": "no_longer",
        "Heron-3": "active",
        "Heron-9": "active",
        "Other-1": "active",
    }
    first, new = Participant.objects.get(alias="Heron-1"), Participant.objects.get(alias="Heron-9")
    assert (first.adults, first.children, first.is_youth) == (1, 3, True)
    assert (new.is_confidential, new.name, new.county.name, new.is_unsheltered) == (
        True,
        None,
        "Steele",
        True,
    )
    assert other.place_changes.count() == 0
    assert plan_sheet(river_vsp_agency, text, region=region_2).is_empty
    detail = AuditEntry.objects.get(action="sheet.replaced").detail
    assert detail == {"new": 1, "changed": 2, "gone": 1, "same": 0}


def test_replace_sheet_does_nothing_for_what_was_not_seen(
    listed, river_vsp_agency, river_vsp_provider, region_2
):
    with pytest.raises(ValidationError):
        replace_sheet(
            river_vsp_agency,
            HEAD + "Heron-9,,1,,\n",
            region=region_2,
            seen="",
            actor=river_vsp_provider,
            now=timezone.now(),
        )
    assert statuses() == {"Heron-1": "active", "Heron-2": "active", "Heron-3": "inactive"}


def test_replace_sheet_refuses_another_agencys_alias(
    river_vsp_agency, river_agency, river_vsp_provider, region_2
):
    make_participant(river_agency, region_2, alias="Other-1")
    with pytest.raises(ValidationError) as caught:
        plan_sheet(river_vsp_agency, HEAD + "other-1,,1,,\n", region=region_2)
    assert list(caught.value.error_dict) == ["text"]


def test_sheet_page_shows_first_and_saves_then(client, listed, river_vsp_provider, region_2):
    client.force_login(river_vsp_provider)
    sheet = SimpleUploadedFile("list.csv", (HEAD + "Heron-1,,1,,\nHeron-2,,2,,\n").encode())
    shown = client.post(URL, {"region": region_2.pk, "file": sheet, "step": "look"})
    plan = shown.context["plan"]
    assert (len(plan.new), len(plan.changed), len(plan.gone), plan.same) == (0, 1, 0, 1)
    assert Participant.objects.get(alias="Heron-2").adults == 1
    data = {
        "region": region_2.pk,
        "text": shown.context["form"].data["text"],
        "seen": plan.seen,
        "step": "save",
    }
    assert client.post(URL, data).status_code == 302
    assert Participant.objects.get(alias="Heron-2").adults == 2


def test_sheet_page_refuses_names_and_keeps_nothing(client, listed, river_vsp_provider, region_2):
    client.force_login(river_vsp_provider)
    before = AuditEntry.objects.count()
    text = "alias,people,name\nHeron-1,1,Ana Sentinelle\n"
    for step in ("look", "save"):
        response = client.post(URL, {"region": region_2.pk, "text": text, "step": step})
        assert response.context["form"].errors == {
            "text": ["Column 3 looks like a name and isn’t allowed. Take the column out."]
        }
    assert AuditEntry.objects.count() == before
    assert statuses() == {"Heron-1": "active", "Heron-2": "active", "Heron-3": "inactive"}


def test_sheet_page_is_a_victim_service_providers_alone(client, river_provider, river_specialist):
    for user in (river_provider, river_specialist):
        client.force_login(user)
        assert client.get(reverse("participants:sheet_replace")).status_code == 403
