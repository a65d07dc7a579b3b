"""The by-name list as a locked file: by the reader's rights, with a reason, recorded, marked."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pypdfium2
import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from msoffcrypto.exceptions import InvalidKeyError

from audit.models import AuditEntry
from conferencing.tests.pages import hidden, text_of
from conferencing.tests.world import signed_in
from participants.forms.listing import ListForm
from participants.listing import COLUMNS
from participants.models import Participant
from participants.quiet import rule_of
from participants.services.disclosures import entries_about, rows_of
from participants.services.list_export import OVER, download_list, export_list, extent_of
from participants.tests.factories import (
    make_contact,
    make_participant,
    make_release,
    make_situation,
)
from regions.tests.factories import today_in
from vault.tests.workbooks import cells_in, opened

EXPORT = "/participants/export/"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
REASON = "Outreach rounds of next week"


@pytest.fixture
def people(river_agency, river_other_agency, river_vsp_agency, region_2):
    """One named to our agency, one under no release, one of a victim service provider."""
    shared = make_participant(
        river_agency, region_2, name="Qwertzuiop Sharedname", alias="S-1", days=30, children=2
    )
    make_release(shared, agencies=[river_agency])
    make_contact(shared, days_ago=4)
    hidden_one = make_participant(
        river_other_agency, region_2, name="Zyxwvut Hiddenname", alias="H-2", days=20
    )
    make_situation(hidden_one, words="Zyxwvut sleeps at the library", days_ago=2)
    confidential = make_participant(river_vsp_agency, region_2, alias="C-3", days=10)
    return shared, hidden_one, confidential


def ask(client, kind, query="", reason=REASON):
    """The page with the password, asked for by what the page before it said."""
    seen = hidden(client.get(f"{EXPORT}?{query}"), "seen")
    return client.post(f"{EXPORT}?{query}", {"kind": kind, "reason": reason, "seen": seen})


def exported(client, kind, query="", reason=REASON):
    """`(password, file)` of the two steps, as a person takes them."""
    page = ask(client, kind, query, reason)
    password = page.context["password"]
    file = client.post(f"{EXPORT}?{query}", {"order": hidden(page, "order")})
    assert file.status_code == 200
    return password, file


def pages_of(file, password):
    document = pypdfium2.PdfDocument(file.content, password=password)
    return [" ".join(page.get_textpage().get_text_range().split()) for page in document]


def test_list_export_asks_for_kind_and_reason(river_provider, people):
    client = signed_in(river_provider)
    response = client.post(EXPORT, {"reason": " "})
    assert {name: " ".join(words) for name, words in response.context["form"].errors.items()} == {
        "kind": "Choose a workbook or a PDF.",
        "reason": "Say why you export the list.",
    }
    assert "password" not in response.context
    assert not AuditEntry.objects.filter(action__startswith="list.").exists()


def test_list_export_gives_a_workbook_that_opens_with_the_password_alone(river_provider, people):
    client = signed_in(river_provider)
    password, file = exported(client, "xlsx", "sort=alias&columns=where&columns=days")
    on = today_in("America/Chicago")
    assert file["Content-Type"] == XLSX
    assert file["Content-Disposition"] == (
        f'attachment; filename="by-name-list-{on:%Y-%m-%d}.xlsx"'
    )
    assert b"Sharedname" not in file.content
    with pytest.raises(InvalidKeyError):
        opened(file.content, "0000-0000-0000-0000")
    table, about = opened(file.content, password)
    rows = list(table.iter_rows(values_only=True))
    assert rows[4][-1] == "Row key"
    assert table.column_dimensions["G"].hidden
    assert [row[:-1] for row in rows[4:]] == [
        ("Household", "Shown as", "Alias", "Region", "County", "Days on the list"),
        ("C-3", "Alias", "C-3", "Region 2", "Rice", 10),
        ("H-2", "Alias", "H-2", "Region 2", "Rice", 20),
        ("Qwertzuiop Sharedname", "Name", "S-1", "Region 2", "Rice", 30),
    ]
    for page in (table, about):
        assert page["A1"].value == "Confidential: by-name list, River Valleys CoC (MN-502)"
        assert page.oddHeader.left.text.startswith(
            "Confidential · Exported by Pat Provider, Bridge Housing, on "
        )
        assert page.oddHeader.left.text.endswith(f"Why: {REASON}")
    assert [row[0] for row in rows[1:3]][1] == f"Why: {REASON}"
    assert ("Why", REASON) in list(about.iter_rows(values_only=True))
    assert "Zyxwvut" not in str(list(cells_in(file.content, password)))


def test_list_export_gives_a_tagged_pdf_marked_on_each_page(
    river_provider, river_agency, region_2, people
):
    for number in range(60):
        make_participant(river_agency, region_2, alias=f"Many-{number:02}")
    columns = "&".join(f"columns={key}" for key in COLUMNS)
    password, file = exported(signed_in(river_provider), "pdf", columns)
    assert file["Content-Type"] == "application/pdf"
    with pytest.raises(pypdfium2.PdfiumError):
        pypdfium2.PdfDocument(file.content)
    pages = pages_of(file, password)
    assert len(pages) > 1
    for number, page in enumerate(pages, start=1):
        assert "Confidential · Exported by Pat Provider, Bridge Housing, on " in page
        assert f"Why: {REASON}" in page
        assert f"Page {number} of {len(pages)}" in page
        for column in ("Household", "Navigator", "Source"):
            assert column in page
    whole = " ".join(pages)
    assert "Qwertzuiop Sharedname" in whole
    assert "Zyxwvut" not in whole
    assert "library" not in whole
    document = pypdfium2.PdfDocument(file.content, password=password)
    width, height = document[0].get_size()
    assert width > height
    assert document.is_tagged()


def test_list_export_takes_whatever_a_name_begins_with_as_text(
    river_provider, river_agency, region_2
):
    name = '=HYPERLINK("http://example.org")'
    person = make_participant(river_agency, region_2, name=name, alias="+A-1")
    make_release(person, agencies=[river_agency])
    password, file = exported(signed_in(river_provider), "xlsx")
    row = opened(file.content, password)["By-name list"][6]
    assert [(cell.value, cell.data_type) for cell in (row[0], row[2])] == [
        (name, "s"),
        ("+A-1", "s"),
    ]


def test_list_export_is_audited_and_stands_in_each_households_record(river_provider, people):
    shared, hidden_one, confidential = people
    exported(signed_in(river_provider), "pdf", "source=hand", reason="Zyxwvut asked for it")
    first, second = AuditEntry.objects.filter(action__startswith="list.").order_by("sequence")
    assert (first.action, first.detail) == (
        "list.exported",
        {"kind": "pdf", "count": 2, "query": {"source": "hand"}},
    )
    assert (second.action, second.detail) == (
        "list.downloaded",
        {
            "kind": "pdf",
            "participants": sorted([str(shared.pk), str(hidden_one.pk)]),
            "named_under": {str(shared.pk): str(shared.releases.get().pk)},
        },
    )
    assert [each.why for each in (first, second)] == ["Zyxwvut asked for it"] * 2
    for person, under in ((shared, "By name, release of"), (hidden_one, "By alias")):
        (row,) = rows_of(person, entries_about(person, kind="export"))
        assert (row.what, row.person, row.agency) == (
            "The by-name list, as a file",
            "Pat Provider",
            "Bridge Housing",
        )
        assert row.under.startswith(under)
    assert row.purpose == "H-2 asked for it"
    assert not entries_about(confidential, kind="export").exists()


def test_list_export_shows_each_reader_what_they_may_see(
    river_other_provider, river_vsp_provider, river_specialist, three_provider, people
):
    # Who keeps a record reads its name.
    readers = {
        river_other_provider: ["C-3", "Zyxwvut Hiddenname", "S-1"],
        river_vsp_provider: ["C-3", "H-2", "S-1"],
        river_specialist: ["C-3", "H-2", "S-1"],
    }
    for reader, expected in readers.items():
        password, file = exported(signed_in(reader), "xlsx", "sort=alias")
        table = opened(file.content, password)["By-name list"]
        assert [cell.value for cell in table["A"][5:]] == expected
    page = signed_in(three_provider).post(EXPORT, {"kind": "xlsx", "reason": REASON, "seen": "x"})
    assert "No household is in this view." in text_of(page)
    assert "password" not in page.context


def test_list_export_asks_again_at_the_moment_of_the_file(
    river, river_provider, river_agency, river_other_agency, people
):
    shared = people[0]
    Participant.objects.filter(pk=shared.pk).update(agency=river_other_agency)
    client = signed_in(river_provider)
    page = ask(client, "xlsx", "sort=alias")
    shared.releases.update(revoked_at=timezone.now() - timedelta(seconds=1))
    file = client.post(EXPORT, {"order": hidden(page, "order")})
    table = opened(file.content, page.context["password"])["By-name list"]
    assert [cell.value for cell in table["A"][5:]] == ["C-3", "H-2", "S-1"]
    river_agency.agreements.update(expires_on=today_in(river.zone) - timedelta(days=1))
    assert client.post(EXPORT, {"order": hidden(page, "order")}).status_code == 403


def test_list_export_refuses_an_order_that_is_over_or_not_ones_own(
    river, river_provider, river_other_provider, people
):
    now = timezone.now()
    choice = ListForm.of_view({}, continuum=river)
    acting = {"actor": river_provider, "now": now}
    seen = extent_of(choice, river_provider, rule=rule_of(river), now=now).seen
    _password, order = export_list(
        river, choice=choice, kind="xlsx", reason=REASON, seen=seen, **acting
    )

    def download(order, *, actor=river_provider, later=timedelta()):
        return download_list(
            river,
            order=order,
            choice_of=lambda query: ListForm.of_view(query, continuum=river),
            actor=actor,
            now=now + later,
        )

    assert download(order, later=timedelta(minutes=9)).name.endswith(".xlsx")
    for tried in (
        lambda: download(order, later=timedelta(minutes=11)),
        lambda: download(order, actor=river_other_provider),
        lambda: download("nonsense"),
        lambda: download("ü"),
        lambda: download(""),
    ):
        with pytest.raises(ValidationError, match=OVER[:30]):
            tried()
    assert AuditEntry.objects.filter(action="list.downloaded").count() == 1


def test_list_export_page_says_how_many_it_will_hold_and_by_which_filter(river_provider, people):
    client = signed_in(river_provider)
    words = text_of(client.get(f"{EXPORT}?source=victims"))
    assert re.search(r"This file will hold 1 household ?, chosen by:", words)
    assert "Source Victim service provider" in words
    assert "This file will hold 3 households" in text_of(client.get(EXPORT))


@pytest.mark.parametrize("change", ["more", "fewer", "others"])
def test_list_export_makes_no_file_whose_households_are_not_those_confirmed(
    river_provider, river_agency, region_2, people, change
):
    def alter():
        if change != "fewer":
            make_participant(river_agency, region_2, alias="N-9")
        if change != "more":
            people[1].place.delete()
            people[1].delete()

    client = signed_in(river_provider)
    page = ask(client, "xlsx")
    seen = hidden(client.get(EXPORT), "seen")
    alter()
    late = client.post(EXPORT, {"order": hidden(page, "order")})
    assert late["Content-Type"].startswith("text/html")
    assert "No file is made" in text_of(late)
    stale = client.post(EXPORT, {"kind": "xlsx", "reason": REASON, "seen": seen})
    assert "password" not in stale.context
    assert "No file is made" in text_of(stale)
    # What the page says now can be confirmed.
    fresh = client.post(EXPORT, {"kind": "xlsx", "reason": REASON, "seen": hidden(stale, "seen")})
    assert fresh.context["password"]
    assert AuditEntry.objects.filter(action="list.downloaded").count() == 0


def test_list_export_of_another_view_than_was_confirmed_is_not_made(river_provider, people):
    """The query was lost on the way: the file of everybody is refused."""
    client = signed_in(river_provider)
    seen = hidden(client.get(f"{EXPORT}?source=victims"), "seen")
    answer = client.post(EXPORT, {"kind": "pdf", "reason": REASON, "seen": seen})
    assert "password" not in answer.context
    assert "this view holds 3 households now" in text_of(answer)


def test_list_export_refuses_an_address_that_it_does_not_understand(river_provider, people):
    answer = signed_in(river_provider).get(f"{EXPORT}?source=nowhere")
    assert "A filter of this view was not recognized" in text_of(answer)
    assert "will hold" not in text_of(answer)


def test_list_export_keeps_the_filter_over_the_password(river_provider, people):
    client = signed_in(river_provider)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": 0}]
    session.save()
    asked = client.get(f"{EXPORT}?source=victims&sort=alias")
    assert asked["Location"].endswith(
        "?" + urlencode({"next": f"{EXPORT}?source=victims&sort=alias"})
    )


@pytest.mark.parametrize(
    ("who", "answer"),
    [("river_provider", 403), ("river_other_provider", 403), ("river_specialist", 200)],
)
def test_list_export_is_for_whom_the_continuum_lets(request, river, people, who, answer):
    river.export_by = "specialists"
    river.save()
    client = signed_in(request.getfixturevalue(who))
    assert client.get(EXPORT).status_code == answer
    page = client.get("/participants/")
    assert ("as a locked file" in text_of(page)) == (answer == 200)


def test_list_export_holds_no_more_than_a_file_should(
    monkeypatch, river_provider, river_agency, region_2
):
    monkeypatch.setattr("participants.services.list_export.MOST_ROWS", 2)
    for _ in range(3):
        make_participant(river_agency, region_2)
    page = signed_in(river_provider).post(EXPORT, {"kind": "pdf", "reason": REASON})
    assert "These are 3 households; a file holds at most 2." in text_of(page)


@pytest.mark.parametrize("kind", ["pdf", "xlsx"])
def test_list_export_asks_the_database_the_same_for_1_and_30(
    river, river_provider, river_agency, region_2, kind
):
    columns = {"columns": list(COLUMNS), "sort": "contact"}

    def asked():
        now = timezone.now()
        acting = {"actor": river_provider, "now": now}
        choice = ListForm.of_view(columns, continuum=river)
        extent = extent_of(choice, river_provider, rule=rule_of(river), now=now)
        with CaptureQueriesContext(connection) as queries:
            _password, order = export_list(
                river, choice=choice, kind=kind, reason=REASON, seen=extent.seen, **acting
            )
            download_list(
                river,
                order=order,
                choice_of=lambda query: ListForm.of_view(query, continuum=river),
                **acting,
            )
        return len(queries)

    def more(number):
        for _ in range(number):
            person = make_participant(river_agency, region_2, navigator=river_provider.places.get())
            make_release(person, agencies=[river_agency])

    more(1)
    asked()
    assert asked() == 29
    more(29)
    assert asked() == 29
