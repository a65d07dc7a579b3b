"""Documents in hand, navigator and phone of a sheet: read, compared, hidden, given back."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from agreements.tests.factories import make_staff
from conferencing.tests.readable import readable
from conferencing.tests.world import signed_in
from participants.hmis.services import undo_import
from participants.merges.acts import undo_merge
from participants.models import Document, Participant
from participants.spreadsheets import services
from participants.spreadsheets.choices import kinds_of
from participants.spreadsheets.kept import chosen_tab
from participants.spreadsheets.leaving_out import looks
from participants.spreadsheets.tests.sheets import (
    apply,
    as_csv,
    guessed,
    match,
    newest,
    say_words,
    upload,
    work,
)
from participants.spreadsheets.values import (
    OTHER_PAPERS,
    PAPERS,
    Doubt,
    documents,
    is_in_hand,
)
from participants.tests.factories import make_merge, make_participant, make_release
from regions.models import County
from regions.tests.factories import today_in

WORDS = [(kind, word) for kind, words in PAPERS.items() for word in words]
HEADS = ["Name", "DOB", "HMIS ID", "County", "# adults", "Docs", "Navigator", "Phone", "Notes"]
PHONE = "507-555-0142, ask for Zed"


@given(
    st.lists(st.sampled_from([*WORDS, *(("", each) for each in sorted(OTHER_PAPERS))]), min_size=1),
    st.sampled_from([", ", ";", " / ", " & ", " and ", " + ", "|"]),
    st.booleans(),
)
def test_documents_are_read_however_they_are_set_apart(named, sign, is_upper):
    cell = sign.join(word for _kind, word in named)
    found = documents(cell.upper() if is_upper else cell.capitalize())
    assert found == [each for each in Document.values if each in {kind for kind, _word in named}]


@pytest.mark.parametrize(
    "cell", ["no ID", "ID, needs SS card", "ID (expired)", "has everything", "missing id", "2 of 4"]
)
def test_what_is_no_document_alone_is_doubtful(cell):
    with pytest.raises(Doubt, match="Names something else"):
        documents(cell)


def test_none_and_nothing_are_not_the_same():
    assert [documents(cell) for cell in ("None", "no", "", "?", "n/a")] == [[], [], *[None] * 3]
    assert {looks(word) for _kind, word in WORDS} == {""}


@pytest.fixture
def specialist(river_specialist, region_2):
    County.objects.get_or_create(region=region_2, name="Rice")
    return signed_in(river_specialist)


@pytest.fixture
def navigator(river_provider):
    return river_provider.places.get()


def us(day):
    return f"{day.month}/{day.day}/{day.year}"


def bring(client, rows, river_agency):
    upload(client, as_csv([HEADS, *rows]).encode(), name="list.csv")
    hmis_import = newest()
    if hmis_import.state == "matching":
        match(client, hmis_import, agency=str(river_agency.pk), name="List")
    return work(newest())


def row(born, number, *more, name="Ana Alder"):
    return [name, us(born), f"H{number}", "Rice", 1, *more, "He drinks; ask Zed about it"]


@pytest.fixture
def born(river):
    return today_in(river.zone) - timedelta(days=12_000)


def told(person):
    person.refresh_from_db()
    return person.documents, person.navigator, person.contact


@pytest.mark.django_db
def test_they_come_in_change_and_are_given_back(
    specialist, river, river_agency, region_2, river_specialist, navigator, born
):
    make = {"birth_date": born, "adults": 1}
    blank = make_participant(river_agency, region_2, name="Ana Alder", hmis_id="H1", **make)
    other = make_staff(river_agency, name="Nia Navigator", regions=[region_2])
    full = make_participant(
        *(river_agency, region_2),
        **{"name": "Bo Birch", "hmis_id": "H2", "contact": "at the library", "navigator": other},
        **{"documents": ["ss_card", "id"], **make},
    )
    make_release(blank)
    make_release(full)
    rows = [
        row(born, 1, "ID and SS card", "Pat Provider", PHONE),
        row(born, 2, "SS card; Photo ID; birth cert", "pat provider", PHONE, name="Bo Birch"),
        row(born, 3, "VOH", navigator.user.email, PHONE, name="Cy Cedar"),
    ]
    upload(specialist, as_csv([HEADS, *rows]).encode(), name="list.csv")
    found = guessed(specialist, newest())
    assert [found[letter] for letter in "FGHI"] == ["documents", "navigator", "phone", ""]
    match(specialist, newest(), agency=str(river_agency.pk), name="List")
    first = work(newest())
    assert list(first.refusals.all()) == []
    page = readable(specialist.get(first.get_absolute_url() + "?show=changed").content.decode())
    assert "Photo ID, Social Security card" in page
    assert "Nia Navigator → Pat Provider" in page
    assert "at the library" in page
    line = first.lines.get(participant=full)
    how = {each["field"]: each["how"] for each in line.changes}
    assert {"navigator_id": "kept", "phone": "kept"}.items() <= how.items()
    assert "documents" not in how
    assert (
        services.choose_all(first, takes_sheet=True, actor=river_specialist, now=timezone.now())
        == 2
    )
    done = apply(specialist, first)
    assert (done.state, done.failure) == ("applied", "")
    assert told(blank) == (["id", "ss_card"], navigator, PHONE)
    assert told(full) == (["ss_card", "id"], navigator, PHONE)
    fresh = Participant.objects.get(pk__in=first.lines.filter(kind="new").values("participant"))
    assert told(fresh) == (["homelessness"], navigator, PHONE)
    assert {each.notes for each in Participant.objects.all()} == {""}
    assert bring(specialist, rows, river_agency).counts["unchanged"] == 3
    newest().delete()
    counts = undo_import(done, actor=river_specialist, now=timezone.now())
    assert counts == {"removed": 1, "restored": 2, "kept": 0}
    assert told(blank) == ([], None, None)
    assert told(full) == (["ss_card", "id"], other, "at the library")


@pytest.mark.django_db
def test_a_phone_on_file_is_shown_to_whoever_may_read_it_and_replaced_by_nobody_else(
    specialist, river, river_agency, region_2, river_specialist, born
):
    known = make_participant(
        *(river_agency, region_2),
        **{"name": "Ana Alder", "hmis_id": "H1", "birth_date": born, "contact": "at the library"},
    )
    hmis_import = bring(specialist, [row(born, 1, "", "", PHONE)], river_agency)
    url = hmis_import.get_absolute_url() + "?show=changed"
    page = readable(specialist.get(url).content.decode())
    assert "another than on file (not shown to you)" in page
    for words in ("at the library", PHONE):
        assert words not in page
    act = {"takes_sheet": True, "actor": river_specialist, "now": timezone.now()}
    line = hmis_import.lines.get()
    with pytest.raises(ValidationError, match="hidden from you"):
        services.choose_value(line, field="phone", **act)
    services.choose_all(hmis_import, **act)
    apply(specialist, hmis_import)
    assert told(known)[2] == "at the library"


@pytest.mark.django_db
def test_a_text_is_no_phone(specialist, river, river_agency, born):
    texts = [PHONE, "calls " * 30]
    rows = [row(born, n, "", "", text, name=f"Person N{n}") for n, text in enumerate(texts)]
    hmis_import = bring(specialist, rows, river_agency)
    assert [(each.line, each.problem) for each in hmis_import.refusals.all()] == [
        (3, "Longer than 120 signs: a text, and no phone.")
    ]
    apply(specialist, hmis_import)
    held = {each.name: each.contact for each in Participant.objects.all()}
    assert held == {"Person N0": PHONE, "Person N1": None}


@pytest.mark.django_db
def test_a_navigator_who_left_meanwhile_is_named_by_nothing(
    specialist, river, river_agency, region_2, river_specialist, navigator, born
):
    other = make_staff(river_agency, name="Nia Navigator", regions=[region_2])
    known = make_participant(
        river_agency, region_2, name="Ana Alder", hmis_id="H1", birth_date=born, navigator=other
    )
    rows = [
        row(born, 1, "ID", "Nia Navigator", ""),
        row(born, 2, "ID", "Nia Navigator", "", name="Bo"),
    ]
    hmis_import = bring(specialist, rows, river_agency)
    type(other).objects.filter(pk=other.pk).update(ended_on=today_in(river.zone))
    done = apply(specialist, hmis_import)
    assert (done.state, done.failure) == ("applied", "")
    fresh = Participant.objects.get(pk__in=done.lines.filter(kind="new").values("participant"))
    assert told(fresh) == (["id"], None, None)
    # A word that is nobody's name any more is asked about.
    upload(specialist, as_csv([HEADS, *rows]).encode(), name="list.csv")
    again = newest()
    assert again.state == "matching"
    say_words(specialist, again, {"Nia Navigator": str(navigator.pk)})
    services.choose_all(work(again), takes_sheet=True, actor=river_specialist, now=timezone.now())
    done = apply(specialist, again)
    assert (told(known)[1], told(fresh)[1]) == (navigator, navigator)
    undo_import(done, actor=river_specialist, now=timezone.now())
    assert (told(known)[1], told(fresh)[1]) == (None, None)


@pytest.mark.django_db
def test_who_is_helped_by_somebody_since_is_kept_by_an_undo(
    specialist, river, river_agency, region_2, river_specialist, navigator, born
):
    other = make_staff(river_agency, name="Nia Navigator", regions=[region_2])
    rows = [row(born, n, "", "Pat Provider", "", name=f"Person N{n}") for n in range(2)]
    done = apply(specialist, bring(specialist, rows, river_agency))
    first, _second = Participant.objects.all()
    Participant.objects.filter(pk=first.pk).update(navigator=other)
    counts = undo_import(done, actor=river_specialist, now=timezone.now())
    assert counts == {"removed": 1, "restored": 0, "kept": 1}
    assert list(Participant.objects.all()) == [first]


@pytest.mark.django_db
def test_a_name_of_two_people_is_asked_about(
    specialist, river, river_agency, region_2, navigator, born
):
    make_staff(river_agency, name="Pat Provider", regions=[region_2])
    rows = [
        row(born, 1, "", "Pat Provider", ""),
        row(born, 2, "", navigator.user.email, "", name="Bo"),
    ]
    upload(specialist, as_csv([HEADS, *rows]).encode(), name="list.csv")
    match(specialist, newest(), agency=str(river_agency.pk), name="List")
    assert newest().state == "matching"
    _tabs, tab = chosen_tab(newest())
    asked = services.asked_of(newest(), kinds_of(river), tab)
    assert asked == {"navigator": ["Pat Provider"]}


@pytest.mark.django_db
@pytest.mark.parametrize("is_kept", [True, False])
def test_a_merge_between_carries_them_and_an_undo_takes_them_back(
    specialist, river, river_agency, region_2, river_specialist, navigator, born, is_kept
):
    known = make_participant(
        river_agency, region_2, name="Ana Alder", hmis_id="H1", birth_date=born, adults=1
    )
    other = make_participant(river_agency, region_2, name="Ana Elder", birth_date=born, adults=1)
    rows = [row(born, 1, "ID and SS card", "Pat Provider", PHONE)]
    done = apply(specialist, bring(specialist, rows, river_agency))
    kept, former = (known, other) if is_kept else (other, known)
    chosen = dict.fromkeys(("contact", "navigator", "documents"), known)
    merge = make_merge(kept, former, by=river_specialist, **chosen)
    assert told(kept) == (["id", "ss_card"], navigator, PHONE)
    undo_import(done, actor=river_specialist, now=timezone.now())
    assert told(kept) == ([], None, None)
    undo_merge(merge, why="Two sisters", actor=river_specialist, now=timezone.now())
    assert [told(each) for each in (known, other)] == [([], None, None)] * 2


# A column for each document


@pytest.mark.parametrize(
    ("cell", "is_there"),
    [("Y", True), ("x", True), ("In hand", True), ("On file", True), ("3/4/2026", True),
     ("2026-03-04", True), ("Received", True), ("No", False), ("Needed", False), ("0", False),
     ("missing", False), ("Pending", False), ("", None), ("?", None), ("unknown", None)],
)  # fmt: skip
def test_a_document_of_its_own_is_in_hand_or_not(cell, is_there, born):
    assert is_in_hand(cell, born + timedelta(days=12_000)) is is_there


@pytest.mark.parametrize("cell", ["expired", "ask Zed", "1/2", "Y?", "in 2031"])
def test_what_is_neither_is_doubtful(cell, born):
    with pytest.raises(Doubt, match="Neither yes nor no"):
        is_in_hand(cell, born)


PAPER_HEADS = ["Name", "DOB", "HMIS ID", "County", "Photo ID (Y/N)", "SS Card", "VOH"]


def papers(client, rows, river_agency):
    upload(client, as_csv([PAPER_HEADS, *rows]).encode(), name="papers.csv")
    if newest().state == "matching":
        found = guessed(client, newest())
        kinds = ["id", "ss_card", "homelessness"]
        assert [found[letter] for letter in "EFG"] == [f"paper:{kind}" for kind in kinds]
        match(client, newest(), agency=str(river_agency.pk), name="Papers")
    return apply(client, work(newest()))


@pytest.mark.django_db
def test_each_document_is_compared_by_itself(
    specialist, river, river_agency, region_2, river_specialist, born
):
    """What the sheet has no column of, or says nothing of, stays as it is on file."""
    person = make_participant(
        *(river_agency, region_2),
        **{"name": "Ana Alder", "hmis_id": "H1", "birth_date": born, "documents": ["disability"]},
    )
    make_release(person)
    first = ["Ana Alder", us(born), "H1", "Rice"]
    papers(specialist, [[*first, "Y", "unknown", "No"]], river_agency)
    assert told(person)[0] == ["id", "disability"]
    # Somebody records the card by hand, and the sheet learns of the letter.
    person.documents = ["id", "ss_card", "disability"]
    person.save()
    done = papers(specialist, [[*first, "Y", "N", "received"]], river_agency)
    assert told(person)[0] == ["id", "ss_card", "homelessness", "disability"]
    how = [(each["field"], each["how"]) for each in done.lines.get().changes]
    assert how == [("documents", "update"), ("documents", "kept")]
    undo_import(done, actor=river_specialist, now=timezone.now())
    assert told(person)[0] == ["id", "ss_card", "disability"]
    # The same sheet again says nothing new but that; and what it takes back goes.
    papers(specialist, [[*first, "N", "?", "?"]], river_agency)
    assert told(person)[0] == ["ss_card", "disability"]


@pytest.mark.django_db
def test_a_new_household_comes_with_them(specialist, river_agency, region_2, born):
    papers(
        specialist, [["Cy Cedar", us(born), "H3", "Rice", "x", "needed", "1/5/2026"]], river_agency
    )
    assert Participant.objects.get().documents == ["id", "homelessness"]
