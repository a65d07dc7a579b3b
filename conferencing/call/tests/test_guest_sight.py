"""What a guest is shown of a running call, and that those who hold it see the guest."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from agreements.models import StaffMember
from audit.models import AuditEntry
from conferencing.call.acts import begin_call, put_on_table
from conferencing.call.guests import hand_over_safety, take_safety_back, withdraw_guest
from conferencing.models import CallGuest
from conferencing.tests.factories import (
    make_guest,
    make_meeting,
    make_roster,
    make_step,
    review_of,
    write_notes,
)
from conferencing.tests.pages import text_of
from participants.tests.factories import make_participant
from regions.services import change_setting

pytestmark = pytest.mark.django_db
PAGE = {"X-Call": "1"}
LINK = "https://meet.example/room-7"
# One word of its own for each part of a review, so that it is found wherever it is shown.
PARTS = {
    "location_words": "Lanternword",
    "preferences": "Meadowword",
    "barriers": ["Fencelineword"],
    "safety": "Thresholdword",
    "notes": "Notebookword",
    "no_step_reason": "Reasonword",
}
WORDS = {"step": "Stepword", **{name: text for name, text in PARTS.items() if name != "barriers"}}
WORDS["barriers"] = "Fencelineword"


@pytest.fixture
def two(three, three_region, three_agency):
    return [
        make_participant(three_agency, three_region, name="Gia Example", alias="Maple-1"),
        make_participant(three_agency, three_region, name="Hal Sample", alias="Maple-2"),
    ]


@pytest.fixture
def call(three, three_region, two, three_specialist):
    """Being held, with the first household's review on and every part of it written."""
    now = timezone.now()
    meeting = make_meeting(three, three_region, starts_at=now + timedelta(minutes=1), link=LINK)
    make_roster(meeting, *two)
    begin_call(meeting, actor=three_specialist, now=now)
    review = review_of(meeting, two[0])
    write_notes(review, three_specialist, location="hotel", **PARTS)
    place = StaffMember.objects.filter(agency=two[0].agency).first()
    make_step(two[0], two[0].agency, person=place, review=review, what="Stepword")
    put_on_table(meeting, review, actor=three_specialist, now=now)
    return meeting


def shown(client, guest):
    """Which parts of the review the guest gets: as a page, and as the part that its script asks."""
    client.force_login(guest.user)
    url = reverse("conferencing:call_guest", args=[guest.meeting_id])
    whole = client.get(url).content.decode()
    part = client.get(url, headers=PAGE).content.decode()
    parts = {name for name, word in WORDS.items() if word in part}
    assert {name for name, word in WORDS.items() if word in whole} == parts
    return parts


OWN = {"location_words", "preferences", "step"}


@pytest.mark.parametrize(
    ("relation", "barriers", "notes", "expected"),
    [
        ("participant", False, False, OWN),
        ("participant", True, False, OWN | {"barriers"}),
        ("participant", False, True, OWN | {"notes"}),
        ("participant", True, True, OWN | {"barriers", "notes"}),
        ("family", True, True, {"step"}),
        ("support", True, True, {"step"}),
        ("family", False, False, {"step"}),
    ],
)
def test_a_guest_is_shown_what_the_continuum_set_and_never_safety(
    client, three, call, two, three_specialist, relation, barriers, notes, expected
):
    change_setting(
        three, guests_see_barriers=barriers, guests_see_notes=notes, actor=three_specialist
    )
    guest = make_guest(call, two[0], by=three_specialist, relation=relation)
    assert shown(client, guest) == expected


@pytest.mark.parametrize("relation", CallGuest.Relation.values)
def test_safety_is_handed_over_as_it_stands_by_an_act_that_is_recorded(
    client, call, two, three_specialist, relation
):
    guest = make_guest(call, two[0], by=three_specialist, relation=relation)
    other = make_guest(call, two[0], by=three_specialist, relation="support")
    review = review_of(call, two[0])
    client.force_login(three_specialist)
    url = reverse("conferencing:call_guest_safety", args=[call.pk, guest.pk])
    assert client.post(url, {"what": "hand_over"}, headers=PAGE).status_code == 204
    write_notes(review, three_specialist, safety="Thresholdword, and Secretafterwards")
    assert "safety" in shown(client, guest)
    assert "safety" not in shown(client, other)
    url_of_guest = reverse("conferencing:call_guest", args=[call.pk])
    client.force_login(guest.user)
    assert "Secretafterwards" not in client.get(url_of_guest).content.decode()
    entry = AuditEntry.objects.get(action="guest.safety_handed_over")
    assert (entry.actor_id, entry.detail["guest"]) == (three_specialist.pk, str(guest.pk))
    assert "Threshold" not in str(entry.detail)
    client.force_login(three_specialist)
    household = reverse("conferencing:call_household", args=[call.pk, review.pk])
    assert "Sees these words on safety: Thresholdword" in text_of(
        client.get(household, {"part": "guests"})
    )
    assert client.post(url, {"what": "take_back"}, headers=PAGE).status_code == 204
    assert "safety" not in shown(client, guest)
    assert AuditEntry.objects.filter(action="guest.safety_taken_back").count() == 1


def test_only_who_takes_notes_hands_over_and_only_what_is_written(
    client, call, two, three_specialist, three_provider
):
    guest = make_guest(call, two[0], by=three_specialist)
    aside = make_guest(call, two[1], by=three_specialist)
    url = reverse("conferencing:call_guest_safety", args=[call.pk, guest.pk])
    client.force_login(three_provider)
    assert client.post(url, {"what": "hand_over"}).status_code == 403
    client.force_login(guest.user)
    assert client.post(url, {"what": "hand_over"}).status_code == 404
    now = timezone.now()
    with pytest.raises(ValidationError, match="Nothing is written under safety"):
        hand_over_safety(aside, actor=three_specialist, now=now)
    withdraw_guest(guest, actor=three_specialist, now=now)
    with pytest.raises(ValidationError, match="was withdrawn"):
        hand_over_safety(guest, actor=three_specialist, now=now)
    take_safety_back(aside, actor=three_specialist, now=now)
    assert not AuditEntry.objects.filter(action__startswith="guest.safety").exists()


def test_the_link_to_the_meeting_is_there_only_while_the_review_is_on(
    client, call, two, three_specialist
):
    guest = make_guest(call, two[0], by=three_specialist)
    url = reverse("conferencing:call_guest", args=[call.pk])

    def has_link():
        client.force_login(guest.user)
        pages = (url, reverse("conferencing:home"))
        return [LINK in client.get(page).content.decode() for page in pages]

    assert has_link() == [True, False]
    for person in (two[1], None):
        review = person and review_of(call, person)
        put_on_table(call, review, actor=three_specialist, now=timezone.now())
        assert has_link() == [False, False]
    put_on_table(call, review_of(call, two[0]), actor=three_specialist, now=timezone.now())
    assert has_link() == [True, False]


def test_leaving_the_review_takes_it_off_at_the_next_look(client, call, two, three_specialist):
    """The page asks with the version that it has: 204 would leave the review standing."""
    guest = make_guest(call, two[0], by=three_specialist)
    client.force_login(guest.user)
    url = reverse("conferencing:call_guest", args=[call.pk])
    version = client.get(url).context["version"]
    put_on_table(call, review_of(call, two[1]), actor=three_specialist, now=timezone.now())
    answer = client.get(url, {"v": version}, headers=PAGE)
    assert answer.status_code == 200
    assert "Please wait" in answer.content.decode()
    version = answer.context["version"]
    withdraw_guest(guest, actor=three_specialist, now=timezone.now())
    # an account that nobody needs any more is closed: the page is led to the sign-in
    assert client.get(url, {"v": version}, headers=PAGE).status_code in (302, 401, 404)


def test_the_call_shows_which_guests_follow(client, call, two, three_specialist, three_provider):
    guest = make_guest(call, two[0], by=three_specialist, relation="family", name="Ma Secret")
    make_guest(call, two[1], by=three_specialist, withdrawn_at=timezone.now())
    people = reverse("conferencing:call_people", args=[call.pk])
    household = reverse("conferencing:call_household", args=[call.pk, review_of(call, two[0]).pk])
    live = reverse("conferencing:call_live", args=[call.pk])

    def seen_by(user):
        client.force_login(user)
        return text_of(client.get(people)), text_of(client.get(household))

    for words in seen_by(three_provider):
        assert "Family member" in words
        assert "Not here now" in words
    client.force_login(three_specialist)
    version = client.get(live, {"v": -1}).json()["version"]
    client.force_login(guest.user)
    client.get(reverse("conferencing:call_guest", args=[call.pk]))
    client.force_login(three_specialist)
    assert client.get(live, {"v": version}).status_code == 200  # the open pages hear of it
    for user in (three_provider, three_specialist):
        for words in seen_by(user):
            assert "Following now" in words
            assert "Ma Secret" not in words
    assert "at the review of Gia Example" in seen_by(three_provider)[0]  # of their own agency
    assert "at the review of Maple-1" in seen_by(three_specialist)[0]
    CallGuest.objects.update(seen_at=timezone.now() - timedelta(minutes=1))
    for words in seen_by(three_provider):
        assert "Not here now" in words
        assert "Following now" not in words


def test_guest_sight_edit_is_the_specialists_and_is_recorded(
    client, three, three_specialist, three_provider
):
    address = reverse("conferencing:guest_sight_edit")
    client.force_login(three_provider)
    assert client.post(address, {"barriers": "yes", "notes": "no"}).status_code == 403
    client.force_login(three_specialist)
    assert "Choose yes or no." in text_of(client.post(address, {"barriers": "perhaps"}))
    three.refresh_from_db()
    assert (three.guests_see_barriers, three.guests_see_notes) == (False, False)
    client.post(address, {"barriers": "yes", "notes": "no"})
    three.refresh_from_db()
    assert (three.guests_see_barriers, three.guests_see_notes) == (True, False)
    entry = AuditEntry.objects.filter(action="continuum.changed").latest("sequence")
    assert entry.detail == {"guests_see_barriers": True, "guests_see_notes": False}
    assert "preferences, steps and decisions, barriers" in text_of(
        client.get(reverse("regions:region_list"))
    )
