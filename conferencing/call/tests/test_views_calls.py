"""The page of the hour: who sees and does what, and what the server answers."""

import json
from datetime import timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from agreements.models import StaffMember
from agreements.tests.factories import make_agency_in_standing, make_staff
from audit.models import AuditEntry
from conferencing.call.acts import begin_call, put_on_table, raise_participant
from conferencing.call.closing import close_call
from conferencing.models import ActionItem, Attendance, Call, CallSight, Meeting, Review
from conferencing.rotation.roles import change_role
from conferencing.tests.factories import make_guest, make_meeting, make_roster, make_step
from conferencing.tests.pages import text_of
from conferencing.tests.readable import readable
from participants.models import Release
from participants.services.disclosures import entries_about, rows_of
from participants.tests.factories import make_participant, make_release
from regions.tests.factories import today_in

pytestmark = pytest.mark.django_db


def at(name, meeting, *keys):
    return reverse(f"conferencing:{name}", args=[meeting.pk, *keys])


def save(client, review, values, *, base=None, kept=None):
    base = Review.objects.get(pk=review.pk).revision if base is None else base
    return client.post(
        at("notes_save", review.meeting, review.pk),
        json.dumps({"base": base, "values": values, "kept": kept or {}}),
        content_type="application/json",
    )


def step_values(user, **changes):
    values = {
        "key": str(uuid4()),
        "what": "Call the landlord",
        "follow_up_person": str(StaffMember.objects.get(user=user).pk),
        "due_on": str(today_in() + timedelta(days=42)),
    }
    return values | changes


def test_step_add_gives_it_once_with_person_and_date(client, review, river_provider):
    client.force_login(river_provider)
    url = at("step_add", review.meeting, review.pk)
    values = step_values(river_provider)
    assert client.post(url, values).status_code == 204
    assert client.post(url, values).status_code == 204
    step = ActionItem.objects.get(review=review)
    assert (step.what, step.follow_up_person.user, step.participant) == (
        "Call the landlord",
        river_provider,
        review.participant,
    )


PAGE = {"X-Call": "1"}


@pytest.fixture
def outsider(river, region_1):
    """Staff in standing of an agency that takes part in Region 1 alone."""
    agency = make_agency_in_standing(river, name="Dover Homes", regions=[region_1])
    return make_staff(agency, name="Vic Visitor", regions=[region_1]).user


def live(client, review, *, version=0, shown=True):
    asked = {"v": version} | ({"r": str(review.pk)} if shown else {})
    return client.get(at("call_live", review.meeting), asked)


# Saving notes


def test_notes_save_answers_with_the_revision_and_the_local_time(client, review, river_provider):
    client.force_login(river_provider)
    answer = save(client, review, {"notes": "Ana was here"})
    at_ = Review.objects.get(pk=review.pk).saved_at
    assert answer.status_code == 200
    assert answer.json()["revision"] == 1
    assert answer.json()["held"] == {}
    assert answer.json()["at"][3:] == f"{at_:%M:%S}"
    assert "values" not in answer.json()


def test_notes_save_tells_what_is_held_and_why(client, review, river_provider):
    client.force_login(river_provider)
    answer = save(client, review, {"notes": "123-45-6789", "safety": "A dog"})
    assert answer.status_code == 200
    (hint,) = answer.json()["held"].pop("notes")
    assert (hint["kind"], hint["is_refused"], answer.json()["revision"]) == ("ssn", False, 1)
    kept = save(client, review, {"notes": "123-45-6789"}, kept={"notes": ["ssn"]})
    assert (kept.json()["held"], kept.json()["revision"]) == ({}, 2)


def test_notes_save_in_conflict_gives_back_the_others_words(
    client, review, river_provider, river_specialist
):
    client.force_login(river_specialist)
    save(client, review, {"notes": "Ana Example has keys"})
    client.force_login(river_provider)
    answer = save(client, review, {"notes": "Mine"}, base=0)
    assert answer.status_code == 409
    told = answer.json()
    assert (told["revision"], told["by"], told["values"]["notes"]) == (
        1,
        "Sam Specialist",
        "Ana Example has keys",
    )
    assert Review.objects.get(pk=review.pk).notes == "Ana Example has keys"


def test_notes_save_in_conflict_is_redacted_for_a_writer_whom_no_release_covers(
    client, review, river_provider, river_specialist
):
    client.force_login(river_provider)
    save(client, review, {"notes": "Ana Example has keys", "barriers": ["Ana has no income"]})
    client.force_login(river_specialist)
    answer = save(client, review, {"notes": "Mine"}, base=0)
    assert answer.status_code == 409
    assert "Ana" not in readable(answer.content.decode())
    values = answer.json()["values"]
    assert (values["notes"], values["barriers"]) == ("Heron-1 has keys", ["Heron-1 has no income"])


def test_notes_save_names_each_field_that_it_cannot_take(client, review, river_provider):
    client.force_login(river_provider)
    answer = save(client, review, {"location": "palace", "notes": "x" * 20_001, "mood": "good"})
    assert (answer.status_code, answer.json()) == (
        422,
        {
            "errors": {
                "location": ["Choose one of the list."],
                "notes": ["Keep it to 20000 characters; this has 20001."],
                "__all__": ["The notes have no such field."],
            }
        },
    )


GARBAGE = [
    b"",
    b"{",
    b"[]",
    b"7",
    b'"notes"',
    b"\xff\xfe",
    b'{"base": 0}',
    b'{"values": {}}',
    b'{"base": "x", "values": {}}',
    b'{"base": null, "values": {}}',
    b'{"base": Infinity, "values": {}}',
    b"[" * 100_000,
]


@pytest.mark.parametrize("body", GARBAGE, ids=range(len(GARBAGE)))
def test_notes_save_of_garbage_is_400_and_changes_nothing(client, review, river_provider, body):
    client.force_login(river_provider)
    url = at("notes_save", review.meeting, review.pk)
    answer = client.post(url, body, content_type="application/json")
    assert (answer.status_code, answer.json()) == (
        400,
        {"errors": {"__all__": ["The notes could not be read."]}},
    )
    assert Review.objects.get(pk=review.pk).revision == 0


def test_notes_save_after_the_close_is_410(client, review, river_provider):
    close_call(review.meeting, carries_over=True, actor=river_provider, now=timezone.now())
    client.force_login(river_provider)
    answer = save(client, review, {"notes": "Late"})
    assert answer.status_code == 410
    assert answer.json()["errors"]["__all__"] == [
        "The call is closed. Corrections are added to its minutes."
    ]


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("river_provider", 200),
        ("river_specialist", 200),
        ("river_other_provider", 403),
        ("river_lead", 403),
        ("river_unsigned_provider", 403),
        ("river_lapsed_provider", 403),
        ("river_administrator", 403),
        ("outsider", 403),
        ("three_specialist", 404),
        ("three_provider", 404),
    ],
)
def test_notes_save_by_who_may(client, request, review, who, status):
    client.force_login(request.getfixturevalue(who))
    assert save(client, review, {"notes": "Words"}).status_code == status
    assert Review.objects.get(pk=review.pk).notes == ("Words" if status == 200 else "")


def test_notes_save_follows_a_role_that_was_handed_on(client, review, river_provider, river_lead):
    client.force_login(river_provider)
    assert save(client, review, {"notes": "Pat's"}).status_code == 200
    place = StaffMember.objects.get(user=river_lead)
    change_role(
        review.meeting,
        "note_taker",
        agency=place.agency,
        person=place,
        actor=None,
        now=timezone.now(),
    )
    assert save(client, review, {"notes": "Pat's again"}).status_code == 403
    client.force_login(river_lead)
    assert save(client, review, {"safety": "Lee's"}).status_code == 200
    stored = Review.objects.get(pk=review.pk)
    assert (stored.notes, stored.safety) == ("Pat's", "Lee's")


# Following


def test_call_live_with_nothing_new_has_no_body(client, review, river_lead):
    client.force_login(river_lead)
    version = Call.objects.get(meeting=review.meeting).version
    answer = live(client, review, version=version)
    assert (answer.status_code, answer.content) == (204, b"")
    assert not CallSight.objects.exists()


def test_call_live_gives_a_reader_words_and_the_writer_values(
    client, review, river_lead, river_provider
):
    client.force_login(river_provider)
    save(client, review, {"notes": "Ana Example has keys", "location": "unsheltered"})
    writing = live(client, review).json()
    client.force_login(river_lead)
    reading = live(client, review).json()
    call = Call.objects.get(meeting=review.meeting)
    assert {name: reading[name] for name in ("version", "frame", "table", "closed")} == {
        "version": call.version,
        "frame": call.frame,
        "table": str(review.pk),
        "closed": False,
    }
    assert set(reading["review"]) == {"id", "revision", "words"}
    assert set(writing["review"]) == {"id", "revision", "words", "values", "by"}
    words = reading["review"]["words"]
    assert (words["notes"], words["location"], words["location_changed"]) == (
        "Ana Example has keys",
        "Place not meant for habitation",
        "Changed",
    )
    assert words["barriers"] == ["No photo ID (systemic)", "Eviction on record"]
    assert writing["review"]["values"]["notes"] == "Ana Example has keys"


def test_call_live_names_by_the_release_of_each_viewer(
    client, review, river_provider, river_other_provider
):
    client.force_login(river_provider)
    save(client, review, {"notes": "Ana Example has keys"})
    client.force_login(river_other_provider)
    answer = live(client, review)
    assert "Ana" not in readable(answer.content.decode())
    assert answer.json()["review"]["words"]["notes"] == "Heron-1 has keys"
    for name, keys in (("call_detail", ()), ("call_frame", ()), ("call_household", (review.pk,))):
        page = client.get(at(name, review.meeting, *keys)).content.decode()
        assert ("Ana" in page, "Heron-1" in page) == (False, True)
    client.force_login(river_provider)
    assert "Ana Example" in client.get(at("call_frame", review.meeting)).content.decode()


def test_a_victim_service_providers_household_is_an_alias_to_everybody(
    client, held_call, wren, river_vsp_provider, river_specialist, river_provider
):
    review = Review.objects.get(meeting=held_call.meeting, participant=wren)
    for user in (river_vsp_provider, river_specialist, river_provider):
        client.force_login(user)
        page = client.get(at("call_household", held_call.meeting, review.pk))
        assert "Wren-3" in text_of(page)
        assert 'data-field="location_words"' not in page.content.decode()


def test_notes_history_begins_with_how_the_household_came_on_the_agenda(
    client, review, river_agency, region_2, river_specialist
):
    late = make_participant(river_agency, region_2, alias="Heron-9")
    raised = raise_participant(
        review.meeting, late, because="", actor=river_specialist, now=timezone.now()
    )
    client.force_login(river_specialist)
    for each, words in (
        (review, "At the start of the meeting"),
        (raised, "When it was added to the agenda"),
    ):
        page = text_of(client.get(at("notes_history", each.meeting, each.pk)))
        zone = ZoneInfo(each.meeting.continuum.zone)
        began_at = Review.pgh_event_model.objects.filter(pgh_obj=each.pk).earliest("pgh_id")
        assert f"{words} {began_at.pgh_created_at.astimezone(zone):%a, %b}" in page


def test_call_live_and_the_pages_record_each_look_at_a_household_once(
    client, review, ben, river_lead
):
    client.force_login(river_lead)
    other = Review.objects.get(meeting=review.meeting, participant=ben)
    for _ in range(2):
        live(client, review)
        client.get(at("call_household", review.meeting, review.pk))
        client.get(at("notes_history", review.meeting, review.pk))
        live(client, other)
    entries = AuditEntry.objects.filter(action="call.household_viewed", actor_id=river_lead.pk)
    assert {each.object_id for each in entries} == {str(review.participant_id), str(ben.pk)}
    assert entries.count() == 2
    sights = CallSight.objects.filter(user=river_lead)
    assert {each.part for each in sights} == {"review"}
    assert sights.count() == 2


def looks_at(household, user):
    """What the disclosure record says of the call's own looks: (what, by name?, release)."""
    kinds = ("call.viewed", "call.household_viewed")
    entries = entries_about(household).filter(actor_id=user.pk, action__in=kinds)
    return [(row.what, row.named, row.release) for row in reversed(rows_of(household, entries))]


@pytest.mark.parametrize(
    ("address", "what", "has_review"),
    [
        ("call_frame", "The agenda of a call", False),
        ("call_household", "The review at a call", True),
        ("notes_history", "The review at a call", True),
    ],
)
def test_a_release_recorded_in_mid_call_makes_a_second_row_by_name(
    client, review, river_other_provider, address, what, has_review
):
    client.force_login(river_other_provider)
    household = review.participant
    url = at(address, review.meeting, *([review.pk] if has_review else []))
    place = StaffMember.objects.get(user=river_other_provider)
    client.get(url)
    client.get(url)
    assert looks_at(household, river_other_provider) == [(what, False, None)]
    release = make_release(household, agencies=[place.agency])
    client.get(url)
    client.get(url)
    seen = looks_at(household, river_other_provider)
    assert seen == [(what, False, None), (what, True, release)]
    Release.objects.filter(pk=release.pk).update(revoked_at=timezone.now())
    client.get(url)
    assert looks_at(household, river_other_provider) == seen


def test_the_agenda_as_a_part_is_recorded_once_for_what_it_states(client, review, river_lead):
    client.force_login(river_lead)
    for _ in range(3):
        client.get(at("call_frame", review.meeting))
    assert AuditEntry.objects.filter(action="call.viewed", actor_id=river_lead.pk).count() == 1
    client.get(at("call_detail", review.meeting))
    client.get(at("call_detail", review.meeting))
    client.get(at("call_frame", review.meeting))
    assert AuditEntry.objects.filter(action="call.viewed", actor_id=river_lead.pk).count() == 3


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("river_lead", 200),
        ("outsider", 403),
        ("river_unsigned_provider", 403),
        ("river_lapsed_provider", 403),
        ("river_administrator", 403),
        ("three_specialist", 404),
    ],
)
def test_the_call_is_shown_to_who_is_of_it_and_in_standing(client, request, review, who, status):
    client.force_login(request.getfixturevalue(who))
    meeting = review.meeting
    assert live(client, review).status_code == status
    for name, keys in (
        ("call_detail", ()),
        ("call_frame", ()),
        ("call_people", ()),
        ("call_household", (review.pk,)),
        ("notes_history", (review.pk,)),
    ):
        answer = client.get(at(name, meeting, *keys))
        assert answer.status_code == status
        assert ("Ana Example" in answer.content.decode()) == (
            status == 200 and name != "call_people"
        )
    assert CallSight.objects.exists() == (status == 200)


@pytest.mark.parametrize("asked", ["nonsense", "6f1f3d9c-9d0e-4f64-8b2f-0d9a4c1c7a11", "\x00"])
def test_call_live_of_a_review_that_is_none_of_this_call_has_no_words(
    client, review, river_lead, asked
):
    client.force_login(river_lead)
    answer = client.get(at("call_live", review.meeting), {"v": "x", "r": asked})
    assert answer.json()["review"] is None


def test_call_live_before_the_call_has_begun_is_404(client, meeting, river_lead):
    client.force_login(river_lead)
    assert client.get(at("call_live", meeting), {"v": 1}).status_code == 404


# Steering


STEERING = ("call_table", "call_carry_over", "call_order")
TICKING = ("call_discuss", "call_reopen", "call_close", "call_walk_in", "call_raise")


@pytest.mark.parametrize(
    ("who", "may_steer", "may_tick"),
    [
        ("river_specialist", True, True),
        ("river_other_provider", True, True),
        ("river_provider", False, True),
        ("river_lead", False, False),
    ],
)
def test_the_call_is_steered_by_its_facilitator(client, request, review, who, may_steer, may_tick):
    client.force_login(request.getfixturevalue(who))
    keyed = ("call_carry_over", "call_order", "call_discuss", "call_reopen")
    for name in (*STEERING, *TICKING):
        url = at(name, review.meeting, *([review.pk] if name in keyed else []))
        answer = client.post(url, {"go": "next", "by": "down"}, headers=PAGE)
        may = may_steer if name in STEERING else may_tick
        assert (answer.status_code == 403) == (not may), name
    stands = set(Review.objects.filter(meeting=review.meeting).values_list("outcome", flat=True))
    table = Call.objects.get(meeting=review.meeting).on_table
    assert may_tick or (stands, table) == ({"open"}, review)


def test_call_table_goes_on_and_back_and_refuses_nothing_chosen(
    client, held_call, river_other_provider
):
    client.force_login(river_other_provider)
    url = at("call_table", held_call.meeting)

    def go(**values):
        answer = client.post(url, values, headers=PAGE)
        held_call.refresh_from_db()
        table = held_call.on_table and held_call.on_table.participant.alias
        errors = answer.json()["errors"] if answer.status_code == 422 else None
        return answer.status_code, table, errors

    choose = ["Choose a household of this call."]
    assert go(go="next") == (204, "Heron-1", None)
    assert go(go="next") == (200, "Heron-2", None)
    assert go(go="previous") == (200, "Heron-1", None)
    assert go(go="previous") == (422, "Heron-1", ["This is the first household."])
    assert go() == (422, "Heron-1", choose)
    assert go(go="sideways") == (422, "Heron-1", choose)
    assert go(review=str(uuid4())) == (422, "Heron-1", choose)
    assert go(go="none") == (200, None, None)


def test_what_is_refused_is_told_on_the_page_where_no_script_runs(client, review, river_provider):
    client.force_login(river_provider)
    answer = client.post(at("call_discuss", review.meeting, review.pk), follow=True)
    assert "Assign a step with a follow-up person, or say why no step is needed." in text_of(answer)


def test_a_household_that_was_discussed_says_so_while_it_is_still_the_one_on_the_screen(
    client, review, river_provider
):
    review.outcome, review.discussed_at = Review.Outcome.DISCUSSED, timezone.now()
    review.save()
    client.force_login(river_provider)
    for name in ("call_frame", "call_close"):
        page = client.get(reverse(f"conferencing:{name}", args=[review.meeting_id]))
        (row,) = (each for each in page.context["rows"] if each["review"].pk == review.pk)
        assert (row["is_now"], row["state"]) == (True, "Discussed")


@pytest.mark.parametrize(
    ("has_left", "words"), [(False, "paperwork not current"), (True, "has left")]
)
def test_who_navigates_stays_chosen_where_nobody_could_choose_them_now(
    client, review, river_provider, river_lapsed_provider, has_left, words
):
    place = StaffMember.objects.get(user=river_lapsed_provider)
    if has_left:
        place.ended_on = today_in() - timedelta(days=1)
        place.save()
    review.navigator = place
    review.save()
    client.force_login(river_provider)
    url = reverse("conferencing:call_household", args=[review.meeting_id, review.pk])
    chosen = f'<option value="{place.pk}" selected>{place.user.name}, {place.agency} ({words})<'
    assert chosen in client.get(url).content.decode()


def test_call_close_by_page_carries_over_what_is_open(client, review, river_provider):
    client.force_login(river_provider)
    url = at("call_close", review.meeting)
    assert "3 households are still open" in text_of(client.get(url))
    refused = client.post(url)
    assert "3 households are still open. Discuss or carry over" in text_of(refused)
    assert Call.objects.get(meeting=review.meeting).is_open
    minutes = at("minutes_detail", review.meeting)
    answer = client.post(url, {"rest": "carry_over"}, follow=True)
    assert answer.redirect_chain == [(minutes, 302)]
    assert "The call is closed. Its minutes are frozen." in text_of(answer)
    assert Meeting.objects.get(pk=review.meeting_id).state == "closed"
    assert client.post(url).headers["Location"] == minutes
    assert client.get(at("call_detail", review.meeting)).headers["Location"] == minutes


def test_call_raise_finds_by_what_one_may_see_and_adds_an_alias_once(
    client, held_call, river_other_agency, region_2, river_provider
):
    client.force_login(river_provider)
    url = at("call_raise", held_call.meeting)
    person = make_participant(river_other_agency, region_2, alias="Otter-77", name="Olga Sample")
    page = text_of(client.post(url, {"q": "Otter-77"}))
    assert "Otter-77" in page
    assert "Olga" not in page
    sent = {"key": str(uuid4()), "participant": str(person.pk), "because": "Evicted"}
    assert client.post(url, sent).status_code == 302
    new = {"key": str(uuid4()), "alias": "Fox-1", "adults": 1, "children": 0}
    for _ in range(2):
        assert client.post(url, new).status_code == 302
    assert [each.participant.alias for each in held_call.meeting.roster.order_by("position")] == [
        "Heron-1",
        "Heron-2",
        "Wren-3",
        "Otter-77",
        "Fox-1",
    ]


# Who is here


def test_call_tick_counts_who_was_heard_for_the_facilitator_alone(
    client, river_lead, held_call, river_provider, river_other_provider
):
    row = Attendance.objects.get(user=river_lead)
    url = at("call_tick", held_call.meeting, row.pk)
    client.force_login(river_provider)
    assert client.post(url, {"what": "heard"}, headers=PAGE).status_code == 403
    assert client.post(url, {"what": "present"}, headers=PAGE).status_code == 204
    client.force_login(river_lead)
    assert client.post(url, {"what": "present"}, headers=PAGE).status_code == 403
    client.force_login(river_other_provider)
    for _ in range(7):
        assert client.post(url, {"what": "heard"}, headers=PAGE).status_code == 204
    row.refresh_from_db()
    assert (row.spoke_times, row.is_present) == (7, True)


def test_call_people_ranks_nobody_in_public(
    client, river_lead, river_specialist, held_call, river_provider, river_other_provider
):
    now = timezone.now()
    people = Attendance.objects.filter(meeting=held_call.meeting)
    people.filter(user=river_lead).update(spoke_times=7, is_present=True, last_spoke_at=now)
    people.filter(user=river_other_provider).update(is_present=True)
    pages = {}
    for user in (river_lead, river_provider, river_other_provider, river_specialist):
        client.force_login(user)
        pages[user] = client.get(at("call_people", held_call.meeting))
    for user in (river_lead, river_provider):
        text = pages[user].content.decode()
        assert "7×" not in text
        assert "eard" not in text
    for user in (river_other_provider, river_specialist):
        assert "Heard 7×" in text_of(pages[user])
        assert "Hasn’t spoken yet: Cedar Outreach" in text_of(pages[user])


def test_call_people_shows_who_is_not_in_standing_as_such(
    client, river_unsigned_provider, river_lead, held_call
):
    client.force_login(river_lead)
    client.post(at("call_attend", held_call.meeting), headers=PAGE)
    Attendance.objects.filter(user=river_unsigned_provider).update(is_present=True)
    page = text_of(client.get(at("call_people", held_call.meeting)))
    present = page.split("Expected, not here")[0]
    assert present.count("Paperwork not current") == 1
    assert "Una Unsigned Bridge Housing Paperwork not current" in present
    assert "Lee Lead Bridge Housing Una" in present


def test_call_walk_in_lets_a_visitor_in_at_once(client, review, outsider, river_provider):
    url = at("call_walk_in", review.meeting)
    client.force_login(outsider)
    assert client.get(at("call_detail", review.meeting)).status_code == 403
    client.force_login(river_provider)
    assert "Vic Visitor" in text_of(client.post(url, {"q": "Vic"}))
    assert client.post(url, {"user": str(outsider.pk)}).status_code == 302
    client.force_login(outsider)
    page = client.get(at("call_detail", review.meeting))
    assert page.status_code == 200
    assert "Ana" not in readable(page.content.decode())
    assert live(client, review).status_code == 200
    assert save(client, review, {"notes": "Mine"}).status_code == 403


@pytest.mark.parametrize("chosen", ["three_provider", "river_administrator", None])
def test_call_walk_in_adds_no_account_that_is_not_staff_of_the_continuum(
    client, request, held_call, river_provider, chosen
):
    key = str(request.getfixturevalue(chosen).pk) if chosen else "nobody"
    client.force_login(river_provider)
    answer = client.post(at("call_walk_in", held_call.meeting), {"user": key})
    assert answer.status_code == 404
    assert not Attendance.objects.exclude(kind="expected").exists()


def test_call_walk_in_on_a_call_just_closed_says_so(client, held_call, river_provider):
    close_call(held_call.meeting, carries_over=True, actor=river_provider, now=timezone.now())
    client.force_login(river_provider)
    url = at("call_walk_in", held_call.meeting)
    answer = client.post(url, {"name": "Wyn", "organization": ""}, follow=True)
    assert "The call is closed. Its minutes say who attended." in text_of(answer)


# Steps


def test_step_add_tells_a_hint_from_an_error(client, review, wren, river_provider):
    client.force_login(river_provider)
    url = at("step_add", review.meeting, review.pk)
    values = step_values(river_provider, what="Bring 123-45-6789")
    hinted = client.post(url, values)
    assert (hinted.status_code, hinted.json()["is_hint"]) == (422, True)
    assert client.post(url, values | {"keep_words": "on"}).status_code == 204
    other = Review.objects.get(meeting=review.meeting, participant=wren)
    refused = client.post(
        at("step_add", review.meeting, other.pk),
        step_values(river_provider, what="Visit 214 Maple Street", keep_words="on"),
    )
    assert (refused.status_code, refused.json()["is_hint"]) == (422, False)
    empty = client.post(url, {"key": str(uuid4())})
    assert empty.json() == {
        "errors": {
            "what": ["Say what needs to happen."],
            "follow_up_person": ["Choose who follows up."],
            "due_on": ["Say until when."],
        },
        "is_hint": False,
    }
    assert ActionItem.objects.count() == 1


@pytest.mark.parametrize(
    "who", ["river_unsigned_provider", "river_lapsed_provider", "three_provider"]
)
def test_step_add_gives_none_to_who_is_out_of_standing(
    client, request, review, river_provider, who
):
    client.force_login(river_provider)
    answer = client.post(
        at("step_add", review.meeting, review.pk), step_values(request.getfixturevalue(who))
    )
    assert answer.json()["errors"] == {
        "follow_up_person": ["Choose somebody whose paperwork is current today."]
    }
    assert not ActionItem.objects.exists()


def test_call_report_is_for_steps_of_the_households_of_this_call(
    client, review, river_agency, region_2, river_provider
):
    client.force_login(river_provider)
    place = StaffMember.objects.get(user=river_provider)
    step = make_step(review.participant, river_agency, person=place)
    other = make_step(make_participant(river_agency, region_2), river_agency, person=place)
    sent = {"progress": "done", "line": "Keys handed over", "pk": str(uuid4())}
    for each, status in ((step, 204), (other, 404)):
        answer = client.post(at("call_report", review.meeting, each.pk), sent)
        assert answer.status_code == status, answer.content
    states = set(ActionItem.objects.values_list("pk", "state"))
    assert states == {(step.pk, "done"), (other.pk, "open")}


def test_call_report_asks_once_about_words_that_have_no_place_here(
    client, review, river_agency, river_provider
):
    client.force_login(river_provider)
    step = make_step(review.participant, river_agency)
    url = at("call_report", review.meeting, step.pk)
    sent = {"progress": "done", "line": "Diagnosed with PTSD", "pk": str(uuid4())}
    answer = client.post(url, sent)
    assert answer.status_code == 422
    refused = answer.json()
    assert "This reads like a diagnosis." in refused["errors"]["line"][0]
    assert client.post(url, {**sent, "kept": refused["kept"]}).status_code == 204
    assert step.updates.get().line == "Diagnosed with PTSD"


# Guests


@pytest.fixture
def three_call(three, three_region, three_agency, three_specialist):
    """A call of Three County with two households: `(meeting, the guest's, another)`."""
    people = [
        make_participant(three_agency, three_region, name="Gia Example", alias="Maple-1"),
        make_participant(three_agency, three_region, name="Hal Sample", alias="Maple-2"),
    ]
    meeting = make_meeting(three, three_region, starts_at=timezone.now() + timedelta(minutes=1))
    make_roster(meeting, *people)
    return meeting, *people


def test_call_guest_sees_their_own_review_while_it_is_on_and_nothing_else(
    client, three_call, three_specialist
):
    meeting, own, other = three_call
    guest = make_guest(meeting, own, by=three_specialist).user
    client.force_login(guest)
    url = at("call_guest", meeting)
    seen = []

    def look():
        page = text_of(client.get(url))
        assert "Maple-2" not in page
        assert "Hal" not in readable(page)
        seen.append("Your review is on now" in page)
        return page

    assert "The call has not begun" in look()
    begin_call(meeting, actor=three_specialist, now=timezone.now())
    assert "Please wait" in look()
    for person in (other, own, None):
        review = person and Review.objects.get(meeting=meeting, participant=person)
        put_on_table(meeting, review, actor=three_specialist, now=timezone.now())
        if person == own:
            review.preferences = "Gia Example likes the flat"
            review.save()
        page = look()
        assert ("Maple-1 likes the flat" in page) == (person == own)
        assert "Gia" not in readable(page)
    close_call(meeting, carries_over=True, actor=three_specialist, now=timezone.now())
    assert "The call is over" in look()
    assert seen == [False, False, False, True, False, False]
    assert AuditEntry.objects.filter(action="call.household_viewed", actor_id=guest.pk).count() == 1


def test_call_guest_finds_no_other_page_of_the_call(client, three_call, three_specialist):
    meeting, own, _ = three_call
    guest = make_guest(meeting, own, by=three_specialist).user
    begin_call(meeting, actor=three_specialist, now=timezone.now())
    review = Review.objects.get(meeting=meeting, participant=own)
    put_on_table(meeting, review, actor=three_specialist, now=timezone.now())
    client.force_login(guest)
    for name, keys in (
        ("call_detail", ()),
        ("call_live", ()),
        ("call_frame", ()),
        ("call_people", ()),
        ("call_household", (review.pk,)),
        ("notes_history", (review.pk,)),
    ):
        assert client.get(at(name, meeting, *keys)).status_code == 404
    assert save(client, review, {"notes": "Mine"}).status_code == 404
    version = Call.objects.get(meeting=meeting).version
    again = client.get(at("call_guest", meeting), {"v": version})
    assert (again.status_code, again.content) == (204, b"")


def test_call_guest_whose_invitation_was_taken_back_finds_nothing(
    client, three_call, three_specialist
):
    meeting, own, _ = three_call
    guest = make_guest(meeting, own, by=three_specialist, withdrawn_at=timezone.now()).user
    client.force_login(guest)
    assert client.get(at("call_guest", meeting)).status_code == 404
