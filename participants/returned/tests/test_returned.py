"""An exported list that comes back: proposals, conflicts, rights of the moment, keys of rows."""

import io
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from msoffcrypto.format.ooxml import OOXMLFile
from openpyxl import load_workbook

from audit.models import AuditEntry
from conferencing.tests.pages import hidden
from conferencing.tests.readable import readable
from conferencing.tests.world import signed_in
from participants.households.acts import change_head
from participants.models import Participant, ReturnedCell, ReturnedList
from participants.returned import acts
from participants.returned.acts import KEPT_FOR, OTHER_HEAD, forget_returned, settle
from participants.returned.keys import RowKey, sealed, unsealed
from participants.services.participants import change_participant
from participants.tests.factories import (
    make_participant,
    make_release,
    make_returned,
    make_situation,
)
from regions.models import County
from regions.tests.factories import today_in

pytestmark = pytest.mark.django_db
EXPORT = "/participants/export/"
COLUMNS = "columns=where&columns=makeup&columns=needs&columns=stay&columns=days&columns=bedrooms"


@pytest.fixture
def people(river_agency, river_other_agency, river_vsp_agency, region_2):
    """Our own; another's, by alias; a victim service provider's."""
    for name in ("Rice", "Steele"):
        County.objects.get_or_create(region=region_2, name=name)
    own = make_participant(
        river_agency, region_2, name="Qwertzuiop Sharedname", alias="Own-1", days=30, children=2
    )
    make_release(own, agencies=[river_agency])
    make_situation(own, days_ago=9)
    other = make_participant(
        river_other_agency, region_2, name="Zyxwvut Hiddenname", alias="Other-2", days=20
    )
    vsp = make_participant(river_vsp_agency, region_2, alias="Vsp-3", days=10)
    return own, other, vsp


def export(client):
    """The exported workbook without its lock."""
    url = f"{EXPORT}?{COLUMNS}"
    seen = hidden(client.get(url), "seen")
    page = client.post(url, {"kind": "xlsx", "reason": "Outreach", "seen": seen})
    file = client.post(url, {"order": hidden(page, "order")})
    plain = io.BytesIO()
    book = OOXMLFile(io.BytesIO(file.content))
    book.load_key(password=page.context["password"])
    book.decrypt(plain)
    return plain.getvalue(), file.content, page.context["password"]


def edited(data, changes, *, drop=()):
    """The workbook with cells changed, `{(alias, heading): value}`, and columns emptied."""
    book = load_workbook(io.BytesIO(data))
    page = book["By-name list"]
    rows = list(page.iter_rows())
    head = next(row for row in rows if any(cell.value == "Alias" for cell in row))
    place = {cell.value: at for at, cell in enumerate(head)}
    for row in rows[head[0].row :]:
        for heading in drop:
            row[place[heading]].value = None
        for (alias, heading), value in changes.items():
            if row[place["Alias"]].value == alias:
                row[place[heading]].value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bring(client, data, **typed):
    file = SimpleUploadedFile("list.xlsx", data)
    return client.post(reverse("participants:returned_add"), {"file": file, **typed})


def proposed(client, data):
    answer = bring(client, data)
    assert answer.status_code == 302, answer.context["form"].errors
    page = client.get(answer.url)
    return ReturnedList.objects.order_by("-at").first(), page


@pytest.mark.parametrize("when", ["before it comes back", "before it is taken", "before all is"])
def test_a_former_heads_name_is_given_to_nobody_who_heads_the_household_since(
    river_provider, river, people, when
):
    own, _other, _vsp = people
    client = signed_in(river_provider)
    data, _locked, _password = export(client)
    changed = edited(data, {("Own-1", "Household"): "Qwertzuiop Newname", ("Own-1", "Children"): 3})

    def head_changes():
        person = Participant.objects.get(pk=own.pk)
        change_head(
            person,
            # Called the same by chance: nothing on the page tells the two apart.
            head={"name": person.name, "birth_date": None, "contact": None, "hmis_id": None},
            member=None,
            stays_as="",
            happened_on=today_in(river.zone),
            reason="",
            changed_at=person.changed_at,
            actor=river_provider,
            now=timezone.now(),
        )

    if when == "before it comes back":
        head_changes()
    returned, page = proposed(client, changed)
    names = [each.name for each in page.context["proposals"]]
    if when == "before it comes back":
        assert names == ["Children"]
        assert [words for _line, words in returned.refusals] == [OTHER_HEAD]
    else:
        assert names == ["Name", "Children"]
        seen = page.context["proposals"][0].seen_json
        head_changes()
        cell = returned.cells.get(subject="name")
        if when == "before it is taken":
            url = reverse("participants:returned_settle", args=[returned.pk, cell.pk])
            answer = client.post(url, {"takes_file": "on", "seen": seen}, follow=True)
            assert OTHER_HEAD in readable(answer.content.decode())
    client.post(reverse("participants:returned_settle_all", args=[returned.pk]))
    own.refresh_from_db()
    assert (own.name, own.children) == ("Qwertzuiop Sharedname", 3)


def test_changed_cells_are_proposed_and_taken_one_by_one_or_all(river_provider, river, people):
    own, _other, _vsp = people
    client = signed_in(river_provider)
    data, _locked, _password = export(client)
    today = today_in(river.zone)
    changes = {
        ("Own-1", "Household"): "Qwertzuiop Newname",
        ("Own-1", "County"): "Steele",
        ("Own-1", "Children"): 3,
        ("Own-1", "Needs"): "Veteran, Minors in the household",
        ("Own-1", "Location"): "Hotel or motel",
        ("Own-1", "Recorded for"): today,
        ("Own-1", "Bedrooms needed"): "2",
        ("Own-1", "Days on the list"): 3,
    }
    returned, page = proposed(client, edited(data, changes))
    assert [each.name for each in page.context["proposals"]] == [
        "Name", "Region and county", "Children", "Needs", "Where they stay", "Bedrooms needed",
    ]  # fmt: skip
    assert [words for _line, words in returned.refusals] == [
        "Days on the list: It is counted or kept elsewhere, and cannot be changed in a file."
    ]
    own.refresh_from_db()
    assert own.children == 2
    children = next(each for each in page.context["proposals"] if each.name == "Children")
    url = reverse("participants:returned_settle", args=[returned.pk, children.cell.pk])
    client.post(url, {"takes_file": "on", "seen": children.seen_json})
    own.refresh_from_db()
    assert (own.children, own.is_veteran) == (3, False)
    client.post(reverse("participants:returned_settle_all", args=[returned.pk]))
    own.refresh_from_db()
    assert (own.name, own.county.name, own.is_veteran, own.bedrooms) == (
        "Qwertzuiop Newname", "Steele", True, 2,
    )  # fmt: skip
    stay = own.situations.order_by("-on").first()
    assert (stay.kind, stay.on, stay.by) == ("hotel", today, river_provider)
    assert set(returned.cells.values_list("state", flat=True)) == {"taken"}
    # Marked as any change by hand.
    acts = AuditEntry.objects.filter(object_id=str(own.pk), action="participant.changed")
    assert {act.actor_id for act in acts} == {river_provider.pk}
    assert len(acts) == 5


def test_what_changed_here_meanwhile_is_a_conflict_and_nothing_is_chosen(river_provider, people):
    own, _other, _vsp = people
    client = signed_in(river_provider)
    data, _locked, _password = export(client)
    change_participant(
        own, changed_at=own.changed_at, children=4, actor=river_provider, now=timezone.now()
    )
    returned, page = proposed(client, edited(data, {("Own-1", "Children"): 3}))
    (proposal,) = page.context["proposals"]
    assert (proposal.before, proposal.after, proposal.here) == ("2", "3", "4")
    assert proposal.is_conflict
    client.post(reverse("participants:returned_settle_all", args=[returned.pk]))
    own.refresh_from_db()
    assert own.children == 4
    # What changes once more between page and button is not overwritten either.
    change_participant(
        own, changed_at=own.changed_at, children=5, actor=river_provider, now=timezone.now()
    )
    cell = returned.cells.get()
    with pytest.raises(ValidationError, match="changed it just now"):
        settle(cell, takes_file=True, seen=["4"], actor=river_provider, now=timezone.now())
    settle(cell, takes_file=True, seen=["5"], actor=river_provider, now=timezone.now())
    own.refresh_from_db()
    assert own.children == 3


def test_rights_of_the_moment_count_and_hidden_households_are_not_named(
    river_provider, river_specialist, people
):
    specialist = signed_in(river_specialist)
    data, _locked, _password = export(specialist)
    changed = edited(data, {("Other-2", "Children"): 3, ("Vsp-3", "Children"): 3})
    provider = signed_in(river_provider)
    answer = bring(provider, changed)
    returned = ReturnedList.objects.get(by=river_provider)
    page = readable(provider.get(answer.url).content.decode())
    assert not returned.cells.exists()
    words = [each for _line, each in returned.refusals]
    assert words == ["You cannot change this household here."] * 2
    assert "Hiddenname" not in page
    assert "Other-2" not in page
    # Another person's returned list is nobody else's.
    assert specialist.get(answer.url).status_code == 404


def test_a_change_that_is_no_longer_allowed_is_refused_when_it_is_taken(
    river_provider, people, river_other_agency, region_2
):
    own, _other, _vsp = people
    client = signed_in(river_provider)
    data, _locked, _password = export(client)
    returned, page = proposed(client, edited(data, {("Own-1", "Children"): 3}))
    (proposal,) = page.context["proposals"]
    Participant.objects.filter(pk=own.pk).update(agency=river_other_agency)
    with pytest.raises(ValidationError):
        settle(
            proposal.cell, takes_file=True, seen=list(proposal.seen), actor=river_provider,
            now=timezone.now(),
        )  # fmt: skip
    own.refresh_from_db()
    assert own.children == 2
    assert not client.get(returned.get_absolute_url()).context["proposals"][0].may_change


def test_the_locked_file_comes_back_with_its_password(river_provider, people):
    client = signed_in(river_provider)
    _data, locked, password = export(client)
    for typed, field in (("", "password"), ("WRON-GWRO-NGWR-ONGW", "password")):
        form = bring(client, locked, password=typed).context["form"]
        assert list(form.errors) == [field]
    form = bring(client, locked, password=password).context["form"]
    assert "Nothing was changed" in str(form.errors)


def test_a_file_without_keys_or_of_another_continuum_is_none_of_ours(
    river_provider, people, three, region_2
):
    client = signed_in(river_provider)
    data, _locked, _password = export(client)
    form = bring(client, edited(data, {}, drop=["Row key"])).context["form"]
    assert "no list that was exported here" in str(form.errors)
    own = people[0]
    key = RowKey(own.pk, timezone.now(), {"Children": "2"})
    assert unsealed(sealed(key, own.continuum_id), own.continuum_id).participant == own.pk
    assert unsealed(sealed(key, three.pk), own.continuum_id) is None
    text = sealed(key, own.continuum_id)
    for place in range(0, len(text), 7):
        broken = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        assert unsealed(broken, own.continuum_id) is None
    assert sealed(key, own.continuum_id) != sealed(key, own.continuum_id)


def test_it_is_forgotten_after_two_days(river_provider, people):
    client = signed_in(river_provider)
    data, _locked, _password = export(client)
    proposed(client, edited(data, {("Own-1", "Children"): 3}))
    forget_returned(timezone.now() + KEPT_FOR - timedelta(minutes=5))
    assert ReturnedCell.objects.count() == 1
    forget_returned(timezone.now() + KEPT_FOR + timedelta(minutes=5))
    assert not ReturnedList.objects.exists()


def test_the_page_asks_the_database_as_often_for_one_as_for_thirty(
    client, river_provider, river_agency, region_2
):
    client.force_login(river_provider)
    counts = []
    for number in (1, 30):
        people = [
            make_participant(
                river_agency, region_2, name=f"Person {each}", alias=f"P{number}-{each}"
            )
            for each in range(number)
        ]
        returned = make_returned(people[0], by=river_provider)
        ReturnedCell.objects.bulk_create(
            ReturnedCell(
                returned_list=returned,
                participant=person,
                number=place,
                line=place,
                subject="adults",
                changed_texts={"exported": ["1"], "returned": ["2"]},
            )
            for place, person in enumerate(people, start=2)
        )
        client.get(returned.get_absolute_url())
        with CaptureQueriesContext(connection) as found:
            page = client.get(returned.get_absolute_url())
        assert len(page.context["proposals"]) == number + 1
        counts.append(len(found))
    assert counts[0] == counts[1]


def test_of_very_many_cells_some_are_taken_at_once_and_the_others_are_said(
    monkeypatch, client, river_provider, river_agency, region_2
):
    monkeypatch.setattr(acts, "AT_ONCE", 3)
    people = [make_participant(river_agency, region_2) for _number in range(5)]
    returned = make_returned(people[0], by=river_provider)
    ReturnedCell.objects.all().delete()
    ReturnedCell.objects.bulk_create(
        ReturnedCell(
            returned_list=returned, participant=person, number=place, line=place,
            subject="bedrooms", changed_texts={"exported": [""], "returned": ["2"]},
        )
        for place, person in enumerate(people, start=2)
    )  # fmt: skip
    client.force_login(river_provider)
    url = reverse("participants:returned_settle_all", args=[returned.pk])
    said = [readable(client.post(url, follow=True).content.decode()) for _time in range(2)]
    assert "Changed: 3 cells. 2 cells to go: press the button again." in said[0]
    assert "Changed: 2 cells." in said[1]
    assert "to go" not in said[1]
    assert {each.bedrooms for each in Participant.objects.all()} == {2}
