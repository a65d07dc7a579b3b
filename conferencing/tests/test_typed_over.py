"""What stands for a name in a text means whom its writer saw, whatever others did meanwhile."""

import json

import pytest
from django.urls import reverse

from conferencing.barriers import LONGEST_BARRIER
from conferencing.call.household_pages import bases, values_to_edit
from conferencing.call.note_fields import TEXTS
from conferencing.models import PreWork, Review
from conferencing.prework.acts import keep_prework
from conferencing.reviews.last import last_reviews, whereabouts
from conferencing.tests.factories import make_prework, send_notes
from conferencing.tests.test_own_words import ahead, now
from participants.models import Participant
from participants.naming import label_for
from participants.services.participants import change_participant
from participants.services.places import record_stay
from participants.tests.factories import make_participant, make_release
from regions.tests.factories import today_in
from vault.tests.conftest import key

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strangers")]
SEEN = "Xochitl Tlapa hits Zed Quux."
ALIASES = {"Xochitl Tlapa": "Plover-71", "Zed Quux": "Plover-72"}
THEIRS = f"Zed Quux called. {SEEN}"


@pytest.fixture
def strangers(river_other_agency, region_2):
    """On file, under no release: the note taker may read neither name."""
    for name, alias in ALIASES.items():
        make_participant(river_other_agency, region_2, name=name, alias=alias)


def field_of(review, viewer, name="notes"):
    """What stands in the field of the page."""
    review = Review.objects.get(pk=review.pk)
    label = label_for(review.participant, viewer, now())
    return values_to_edit(review, label)[name]


def post(client, review, base, values):
    url = reverse("conferencing:notes_save", args=[review.meeting_id, review.pk])
    sent = json.dumps({"base": base, "values": values})
    return client.post(url, sent, content_type="application/json")


@pytest.mark.parametrize(
    ("theirs", "take", "expected"),
    [
        (THEIRS, "mine", f"{SEEN} Needs shelter."),
        (THEIRS, "theirs", THEIRS),
        (THEIRS, "both", f"{THEIRS}\n{SEEN} Needs shelter."),
        ("Zed Quux called.", "mine", f"{SEEN} Needs shelter."),
        ("Nobody is there.", "mine", f"{SEEN} Needs shelter."),
        ("Nobody is there.", "both", f"Nobody is there.\n{SEEN} Needs shelter."),
        ("Zed Quux hits Xochitl Tlapa.", "mine", f"{SEEN} Needs shelter."),
    ],
)
def test_a_conflict_swaps_and_loses_nobody(
    client, review, river_provider, river_specialist, theirs, take, expected
):
    send_notes(review, {"notes": SEEN}, river_specialist)
    base = Review.objects.get(pk=review.pk).revision
    mine = f"{field_of(review, river_provider)} Needs shelter."
    send_notes(review, {"notes": theirs}, river_specialist)
    client.force_login(river_provider)
    told = post(client, review, base, {"notes": mine})
    assert told.status_code == 409
    stands = told.json()["values"]["notes"]
    taken = {"mine": mine, "theirs": stands, "both": f"{stands}\n{mine}"}[take]
    assert post(client, review, told.json()["revision"], {"notes": taken}).status_code == 200
    assert Review.objects.get(pk=review.pk).notes == expected


def test_a_list_of_barriers_in_a_conflict(client, review, river_provider, river_specialist):
    send_notes(review, {"barriers": ["Owes Zed Quux", "Fears Xochitl Tlapa"]}, river_specialist)
    base = Review.objects.get(pk=review.pk).revision
    mine = [*field_of(review, river_provider, "barriers"), "No income"]
    send_notes(review, {"barriers": ["Fears Xochitl Tlapa"]}, river_specialist)
    client.force_login(river_provider)
    told = post(client, review, base, {"barriers": mine}).json()
    assert post(client, review, told["revision"], {"barriers": mine}).status_code == 200
    assert Review.objects.get(pk=review.pk).barriers == [
        "Owes Zed Quux",
        "Fears Xochitl Tlapa",
        "No income",
    ]


def test_a_name_that_comes_on_file_while_the_page_is_open_takes_no_other_along(
    client, review, region_2, river_other_agency, river_provider, river_specialist
):
    send_notes(review, {"notes": "Nemo Onfile called. Xochitl Tlapa hits her."}, river_specialist)
    seen = Review.objects.get(pk=review.pk)
    shown = field_of(review, river_provider)
    assert shown.startswith("Nemo Onfile called. [name withheld ")
    make_participant(river_other_agency, region_2, name="Nemo Onfile")
    client.force_login(river_provider)
    assert post(client, review, seen.revision, {"notes": f"{shown} So."}).status_code == 200
    stored = Review.objects.get(pk=review.pk).notes
    assert stored == "Nemo Onfile called. Xochitl Tlapa hits her. So."


def form_data(page):
    form = page.context["form"]
    found = {name: form[name].value() for name in form.fields}
    kept = {name: value for name, value in found.items() if value not in (None, False, "", [])}
    return {name: "on" if value is True else value for name, value in kept.items()}


def test_a_record_that_was_changed_meanwhile(client, ana, river_provider, river_specialist):
    def change(words):
        person = Participant.objects.get(pk=ana.pk)
        change_participant(
            person, changed_at=person.changed_at, actor=river_specialist, now=now(), notes=words
        )

    change(SEEN)
    client.force_login(river_provider)
    url = reverse("participants:participant_edit", args=[ana.pk])
    data = {"children": "0"} | form_data(client.get(url))
    data["notes"] += " Needs shelter."
    change(THEIRS)
    refused = client.post(url, data)
    assert refused.status_code == 200
    data["changed_at"] = refused.context["form"]["changed_at"].value()
    assert client.post(url, data).status_code == 302
    assert Participant.objects.get(pk=ana.pk).notes == f"{SEEN} Needs shelter."


def test_prework_that_was_changed_meanwhile(client, review, ana, river_lead, river_provider):
    meeting = ahead(review, review.participant)
    keep_prework(meeting, ana, revision=0, notes=SEEN, actor=river_lead, now=now())
    client.force_login(river_provider)
    url = reverse("conferencing:prework_edit", args=[meeting.pk, ana.pk])
    data = form_data(client.get(url))
    data["notes"] += " Needs shelter."
    keep_prework(meeting, ana, revision=1, notes=THEIRS, actor=river_lead, now=now())
    data["revision"] = client.post(url, data).context["form"]["revision"].value()
    assert client.post(url, data).status_code == 302
    assert PreWork.objects.get(meeting=meeting).notes == f"{SEEN} Needs shelter."


def test_words_that_are_taken_over_keep_their_names(
    review, former_review, river_provider, river_specialist
):
    """“As known” and “Unchanged”: from a stay, and from the last review."""
    record_stay(
        review.participant,
        kind="shelter",
        happened_on=today_in("America/Chicago"),
        words="With Xochitl Tlapa",
        actor=river_specialist,
        now=now(),
    )
    former_review.preferences = "Near Zed Quux"
    former_review.save()
    review = Review.objects.get(pk=review.pk)
    person, meeting = review.participant, review.meeting
    edit = label_for(person, river_provider, now()).to_edit
    known = whereabouts([person], meeting=meeting)[person.pk]
    offered = bases(last_reviews([person], before=meeting).get(person.pk), known, edit)
    send_notes(review, {**offered["location"], "location_changed": "unchanged"}, river_provider)
    send_notes(review, {"preferences": "Anywhere"}, river_provider)
    send_notes(
        review, {**offered["preferences"], "preferences_changed": "unchanged"}, river_provider
    )
    review = Review.objects.get(pk=review.pk)
    assert (review.location_words, review.preferences) == ("With Xochitl Tlapa", "Near Zed Quux")


def test_prework_is_taken_over_in_part_changed_and_beside_another(
    review, river_lead, river_vsp_provider, river_provider, river_specialist
):
    places = [each.places.get() for each in (river_lead, river_vsp_provider)]
    send_notes(review, {"notes": "Lives with Zed Quux."}, river_specialist)
    make_prework(review.meeting, review.participant, places[0], notes="Call Xochitl Tlapa.")
    make_prework(review.meeting, review.participant, places[1], notes="Call Zed Quux.")
    edit = label_for(review.participant, river_provider, now()).to_edit
    one, other = (
        edit(PreWork.objects.get(agency=place.agency).notes).replace("Call", "Do call")
        for place in places
    )
    lives = field_of(review, river_provider)
    send_notes(review, {"notes": "\n".join([lives, one, other])}, river_provider)
    assert Review.objects.get(pk=review.pk).notes == (
        "Lives with Zed Quux.\nDo call Xochitl Tlapa.\nDo call Zed Quux."
    )


def test_what_stands_for_nobody_is_refused_and_nothing_is_saved(
    client, review, river_provider, river_specialist
):
    send_notes(review, {"notes": SEEN}, river_specialist)
    base = Review.objects.get(pk=review.pk).revision
    client.force_login(river_provider)
    for words in ("Met [name withheld].", "Met [name withheld 1]."):
        told = post(client, review, base, {"notes": words, "safety": "Safe"})
        assert told.status_code == 422
        assert "stands for nobody here any more" in told.json()["errors"]["notes"][0]
    assert Review.objects.get(pk=review.pk).revision == base


def test_a_release_that_begins_while_the_page_is_open_loses_no_name(
    client, review, river_agency, river_provider, river_specialist
):
    send_notes(review, {"notes": SEEN}, river_specialist)
    base = Review.objects.get(pk=review.pk).revision
    mine = f"{field_of(review, river_provider)} So."
    zed = Participant.objects.get(alias=ALIASES["Zed Quux"])
    make_release(zed, agencies=[river_agency])
    assert "Zed Quux" in field_of(review, river_provider)
    client.force_login(river_provider)
    assert post(client, review, base, {"notes": mine}).status_code == 200
    assert Review.objects.get(pk=review.pk).notes == f"{SEEN} So."


def test_words_as_long_as_they_may_be_are_saved_again_with_what_stands_for_a_name(
    review, river_provider, river_specialist
):
    barrier = f"Owes Zed Quux {'x' * (LONGEST_BARRIER - 14)}"
    place = f"With Zed Quux {'x' * (TEXTS['location_words'] - 14)}"
    send_notes(review, {"barriers": [barrier], "location_words": place}, river_specialist)
    shown = [field_of(review, river_provider, name) for name in ("barriers", "location_words")]
    assert len(shown[0][0]) > LONGEST_BARRIER
    send_notes(review, {"barriers": [*shown[0], "No income"]}, river_provider)
    send_notes(review, {"location_words": shown[1].replace("With", "Near")}, river_provider)
    review = Review.objects.get(pk=review.pk)
    assert review.barriers == [barrier, "No income"]
    assert review.location_words == place.replace("With", "Near")


def test_a_page_that_is_open_while_keys_are_rotated_loses_no_name(
    review, river_provider, river_specialist, settings
):
    send_notes(review, {"notes": SEEN}, river_specialist)
    mine = f"{field_of(review, river_provider)} So."
    settings.FIELD_KEYS = f"{key(77)},{settings.FIELD_KEYS}"
    assert field_of(review, river_provider) != mine.removesuffix(" So.")
    send_notes(review, {"notes": mine}, river_provider)
    assert Review.objects.get(pk=review.pk).notes == f"{SEEN} So."


def test_whatever_fills_a_field_can_be_saved_again(
    client, review, river_provider, river_specialist
):
    """The page of the household, news while it stands open, a conflict, and an accepted save."""
    texts = {**dict.fromkeys(TEXTS, SEEN), "barriers": [SEEN], "systemic": [SEEN]}
    send_notes(review, texts, river_specialist)
    client.force_login(river_provider)
    pks = [review.meeting_id, review.pk]
    household = client.get(reverse("conferencing:call_household", args=pks))
    live = reverse("conferencing:call_live", args=pks[:1])
    news = client.get(live, {"v": 0, "s": "", "r": str(review.pk)}).json()["review"]
    stale = post(client, review, 0, {"notes": "Mine"}).json()
    assert household.context["values"] == news["values"] == stale["values"]

    written_on = {name: f"{news['values'][name]} So." for name in TEXTS}
    assert post(client, review, news["revision"], written_on).status_code == 200
    lists = {name: [*news["values"][name], "No income"] for name in ("barriers", "systemic")}
    assert post(client, review, news["revision"] + 1, lists).json()["stored"] == {}
    saved = Review.objects.get(pk=review.pk)
    assert {getattr(saved, name) for name in TEXTS} == {f"{SEEN} So."}
    assert saved.barriers == saved.systemic == [SEEN, "No income"]


LONG = "Oyelaran Bartholomew Adeyemi-Quartey"


def test_how_long_a_withheld_name_is_is_told_by_no_limit(
    client, review, ana, river, region_2, river_other_agency, river_lead, river_provider
):
    """What is typed counts, neither the name nor what stands for it."""
    make_participant(river_other_agency, region_2, name=LONG)
    meeting = ahead(review, review.participant)
    keep_prework(meeting, ana, revision=0, notes=f"Call {LONG}", actor=river_lead, now=now())
    client.force_login(river_provider)
    url = reverse("conferencing:prework_edit", args=[meeting.pk, ana.pk])
    data = form_data(client.get(url))
    shown = data["notes"]
    assert LONG not in shown
    data["notes"] = f"{shown} {'x' * (2000 - len('Call '))}"
    refused = client.post(url, data)
    assert refused.status_code == 200
    assert "2001" in str(refused.context["form"].errors["notes"])
    data["notes"] = f"{shown} {'x' * (2000 - len('Call  '))}"
    assert client.post(url, data).status_code == 302
    kept = PreWork.objects.get(meeting=meeting).notes
    assert kept.startswith(f"Call {LONG} x")
    assert len(kept) == 2000 + len(LONG)
