"""What is written of a household: accepted on its own revision, or shown beside what stands."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agreements.models import StaffMember
from agreements.tests.factories import make_staff
from conferencing.at_once import IS_CLOSED
from conferencing.call import note_fields
from conferencing.call.closing import close_call
from conferencing.call.household_pages import values_to_edit
from conferencing.call.note_fields import values_of
from conferencing.call.note_history import revisions
from conferencing.elements import CHOICES
from conferencing.models import Call, PreWork, Review
from conferencing.rotation.roles import change_role
from conferencing.tests.factories import make_prework, send_notes
from participants.naming import Reader, label_for
from participants.redaction import WITHHELD
from participants.tests.factories import make_participant
from regions.tests.factories import today_in

pytestmark = pytest.mark.django_db

SSN = "Her number is 123-45-6789."


def wrong(review, values, user):
    """What the service says against it, by field."""
    before = values_of(Review.objects.get(pk=review.pk))
    with pytest.raises(ValidationError) as error:
        send_notes(review, values, user)
    stored = Review.objects.get(pk=review.pk)
    assert (values_of(stored), stored.revision) == (before, 0)
    return error.value.message_dict


def read(review):
    review = Review.objects.get(pk=review.pk)
    return {"revision": review.revision, **values_of(review)}


def of_kind(found):
    """Held hints by field: their kinds."""
    return {name: [str(hint.kind) for hint in held] for name, held in found.items()}


def test_save_notes_accepts_every_field(review, river_provider, river_other_provider):
    navigator = StaffMember.objects.get(user=river_other_provider)
    values = {
        "location": "unsheltered",
        "location_words": "Under the bridge",
        "location_changed": "changed",
        "preferences": "Two rooms",
        "preferences_changed": "changed",
        "barriers": ["No income"],
        "barriers_changed": "changed",
        "safety": "A dog",
        "safety_changed": "unchanged",
        "systemic": ["No income"],
        "notes": "First line\nSecond line",
        "navigator": str(navigator.pk),
        "eligibility": "eligible",
        "is_referred": True,
        "referral": "Maple House",
        "is_exception": True,
        "exception_reason": "Hospital discharge",
        "target_kind": "milestone",
        "target_on": "2027-01-31",
        "target_words": "Papers",
        "learned": "Start sooner",
        "no_step_reason": "All done",
    }
    assert set(values) == set(note_fields.FIELDS)
    saved = send_notes(review, values, river_provider)
    assert (saved.conflict, saved.held) == (False, {})
    assert read(review) == {"revision": 1, **values}
    stored = Review.objects.get(pk=review.pk)
    assert (stored.saved_by, stored.saved_at is not None, stored.navigator) == (
        river_provider,
        True,
        navigator,
    )
    assert stored.target_on == date(2027, 1, 31)


def test_save_notes_tells_followers_without_a_new_frame(review, river_provider):
    before = Call.objects.get(meeting=review.meeting)
    send_notes(review, {"notes": "One"}, river_provider)
    after = Call.objects.get(meeting=review.meeting)
    assert (after.version, after.frame) == (before.version + 1, before.frame)


def test_save_notes_can_empty_each_text_again(review, river_provider):
    full = dict.fromkeys(note_fields.TEXTS, "Words") | {"barriers": ["No income"]}
    empty = dict.fromkeys(note_fields.TEXTS, "") | {
        "barriers": [],
        "target_on": "",
        "navigator": "",
    }
    send_notes(review, full, river_provider)
    send_notes(review, empty, river_provider)
    found = read(review)
    assert {name: found[name] for name in empty} == empty
    stored = Review.objects.get(pk=review.pk)
    assert {getattr(stored, name) for name in note_fields.NULLABLE} == {None}


def test_save_notes_again_after_its_answer_was_lost_is_accepted_and_changes_nothing(
    review, river_provider
):
    values = {"notes": "One", "preferences": "Two rooms"}
    send_notes(review, values, river_provider, base=0)
    version = Call.objects.get(meeting=review.meeting).version
    again = send_notes(review, values, river_provider, base=0)
    assert (again.conflict, again.held, again.review.revision) == (False, {}, 1)
    assert read(review)["revision"] == 1
    assert Call.objects.get(meeting=review.meeting).version == version


def test_save_notes_again_after_somebody_else_wrote_shows_their_words(
    review, river_provider, river_specialist
):
    send_notes(review, {"notes": "One"}, river_provider, base=0)
    send_notes(review, {"safety": "From Sam"}, river_specialist, base=1)
    again = send_notes(review, {"notes": "One"}, river_provider, base=0)
    assert again.conflict
    assert (read(review)["notes"], read(review)["safety"]) == ("One", "From Sam")


@pytest.mark.parametrize("base", [-1, 7, 10**30])
def test_save_notes_from_a_revision_that_never_was_is_a_conflict(review, river_provider, base):
    assert send_notes(review, {"notes": "One"}, river_provider, base=base).conflict
    assert send_notes(review, {"notes": ""}, river_provider, base=base).conflict
    assert read(review)["revision"] == 0


def test_save_notes_from_another_revision_overwrites_nothing(
    review, river_provider, river_specialist
):
    send_notes(review, {"notes": "Pat's"}, river_provider, base=0)
    before = read(review)
    saved = send_notes(review, {"notes": "Sam's", "safety": "Sam's"}, river_specialist, base=0)
    assert (saved.conflict, saved.review.notes, saved.review.saved_by) == (
        True,
        "Pat's",
        river_provider,
    )
    assert read(review) == before


@pytest.mark.parametrize(
    ("sent", "mark"),
    [
        ({"location": "unsheltered"}, "location_changed"),
        ({"location_words": "Elm Street"}, "location_changed"),
        ({"preferences": "Two rooms"}, "preferences_changed"),
        ({"barriers": ["No income"]}, "barriers_changed"),
        ({"safety": "A dog"}, "safety_changed"),
    ],
)
def test_save_notes_marks_follow_texts_unless_sent(review, river_provider, sent, mark):
    send_notes(review, {mark: "unchanged"}, river_provider)
    send_notes(review, sent, river_provider)
    assert read(review)[mark] == "changed"
    send_notes(review, {**sent, mark: "unchanged"}, river_provider)
    # another place than the last review said is a change, whatever is pressed
    said = "changed" if mark == "location_changed" else "unchanged"
    assert read(review)[mark] == said


def test_save_notes_holds_careful_words_back_until_they_are_kept(review, river_provider):
    values = {"notes": SSN, "preferences": "Two rooms"}
    saved = send_notes(review, values, river_provider)
    assert (saved.conflict, of_kind(saved.held)) == (False, {"notes": ["ssn"]})
    found = read(review)
    assert (found["notes"], found["preferences"], found["revision"]) == ("", "Two rooms", 1)
    other = send_notes(
        review, {"notes": SSN}, river_provider, kept={"notes": ["hiv"], "safety": ["ssn"]}
    )
    assert of_kind(other.held) == {"notes": ["ssn"]}
    kept = send_notes(review, {"notes": SSN}, river_provider, kept={"notes": ["ssn"]})
    assert (kept.held, read(review)["notes"], read(review)["revision"]) == ({}, SSN, 2)


@pytest.mark.parametrize("kept", [None, {}])
def test_save_notes_without_an_answer_to_hints_holds_the_words(review, river_provider, kept):
    saved = send_notes(review, {"safety": SSN}, river_provider, kept=kept)
    assert of_kind(saved.held) == {"safety": ["ssn"]}


@pytest.mark.parametrize("kept", ["notes", {"notes": "ssn"}, {"notes": [["x"]]}, {"notes": 5}])
def test_save_notes_refuses_answers_of_another_form_and_saves_nothing(review, river_provider, kept):
    before = read(review)
    with pytest.raises(ValidationError, match="could not be read"):
        send_notes(review, {"safety": "Words"}, river_provider, kept=kept)
    assert read(review) == before


def test_save_notes_holds_the_systemic_mark_with_its_barrier(review, river_provider):
    sent = {"barriers": ["No photo ID", SSN], "systemic": ["No photo ID", SSN]}
    saved = send_notes(review, sent, river_provider)
    assert of_kind(saved.held) == {"barriers": ["ssn"], "systemic": ["ssn"]}
    assert read(review)["systemic"] == ["No photo ID"]
    kept = send_notes(review, sent, river_provider, kept={"barriers": ["ssn"]})
    found = read(review)
    assert (kept.held, found["barriers"], found["systemic"]) == ({}, *[["No photo ID", SSN]] * 2)


def test_save_notes_refuses_whereabouts_for_a_victim_service_provider_though_kept(
    held_call, wren, river_provider
):
    review = Review.objects.get(meeting=held_call.meeting, participant=wren)
    words = "She stays at 214 Maple Street"
    kinds = ["whereabouts"]
    fields = ("notes", "safety", "preferences", "referral", "no_step_reason")
    for name in fields:
        saved = send_notes(review, {name: words}, river_provider, kept={name: kinds})
        assert of_kind(saved.held) == {name: kinds}
        assert saved.held[name][0].is_refused
    saved = send_notes(review, {"barriers": [words]}, river_provider, kept={"barriers": kinds})
    assert of_kind(saved.held) == {"barriers": kinds}
    assert read(review)["revision"] == 0


def test_save_notes_takes_no_place_in_words_for_a_victim_service_provider(
    held_call, wren, river_provider
):
    review = Review.objects.get(meeting=held_call.meeting, participant=wren)
    assert wrong(review, {"location_words": "Anywhere"}, river_provider) == {
        "location_words": [note_fields.NOT_FOR_CONFIDENTIAL]
    }
    send_notes(review, {"location": "shelter", "location_words": ""}, river_provider)
    assert (read(review)["location"], read(review)["location_words"]) == ("shelter", "")


CHOOSE = ["Choose one of the list."]
DAY = ["Enter a date, for example 2027-01-31."]
ONE_BY_ONE = ["Enter barriers, one by one."]
FEWER = ["Keep it to 30 barriers of 200 characters each."]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"location": "palace"}, {"location": CHOOSE}),
        ({"location": ["shelter"]}, {"location": CHOOSE}),
        ({"location_changed": ""}, {"location_changed": CHOOSE}),
        ({"safety_changed": None}, {"safety_changed": CHOOSE}),
        ({"eligibility": "maybe"}, {"eligibility": CHOOSE}),
        ({"target_kind": 1}, {"target_kind": CHOOSE}),
        ({"is_referred": "yes"}, {"is_referred": ["Choose yes or no."]}),
        ({"is_exception": None}, {"is_exception": ["Choose yes or no."]}),
        ({"target_on": "31.1.2027"}, {"target_on": DAY}),
        ({"target_on": 20270131}, {"target_on": DAY}),
        ({"navigator": "nobody"}, {"navigator": CHOOSE}),
        ({"navigator": str(uuid4())}, {"navigator": CHOOSE}),
        ({"notes": None}, {"notes": ["Enter words."]}),
        ({"notes": ["One"]}, {"notes": ["Enter words."]}),
        ({"barriers": "No income"}, {"barriers": ONE_BY_ONE}),
        ({"systemic": [1]}, {"systemic": ONE_BY_ONE}),
        ({"barriers": ["x" * 201]}, {"barriers": FEWER}),
        ({"barriers": [f"Barrier {n}" for n in range(31)]}, {"barriers": FEWER}),
        ({"outcome": "discussed"}, {"__all__": ["The notes have no such field."]}),
        ({"revision": 9}, {"__all__": ["The notes have no such field."]}),
        (
            {"referral": "x" * 301, "location": "palace", "notes": "Fine"},
            {"referral": ["Keep it to 300 characters; this has 301."], "location": CHOOSE},
        ),
    ],
)
def test_save_notes_refuses_a_bad_value_by_its_field(review, river_provider, values, words):
    assert wrong(review, values, river_provider) == words


def test_save_notes_refuses_what_is_no_object(review, river_provider):
    with pytest.raises(ValidationError) as error:
        send_notes(review, ["notes"], river_provider)
    assert error.value.messages == ["The notes could not be read."]


@pytest.mark.parametrize(("name", "most"), note_fields.TEXTS.items())
def test_save_notes_takes_a_text_up_to_its_length(review, river_provider, name, most):
    words = {name: [f"Keep it to {most} characters; this has {most + 1}."]}
    assert wrong(review, {name: "é" * (most + 1)}, river_provider) == words
    send_notes(review, {name: "é" * most}, river_provider)
    assert read(review)[name] == "é" * most


def test_save_notes_keeps_what_a_database_cannot_hold_out(review, river_provider):
    sent = "One\x00 two\r\nthree \ud83d \ud83c\udfe0"
    send_notes(review, {"notes": sent, "barriers": ["No\x00 income", "\ud800"]}, river_provider)
    found = read(review)
    assert found["notes"] == "One two\nthree � 🏠"
    assert found["barriers"] == ["No income", "�"]


def test_save_notes_keeps_each_barrier_once_and_systemic_among_them(review, river_provider):
    sent = {
        "barriers": [" No income", "No income ", "", "No car"],
        "systemic": ["No car", "Nothing of these"],
    }
    send_notes(review, sent, river_provider)
    found = read(review)
    assert (found["barriers"], found["systemic"]) == (["No income", "No car"], ["No car"])
    send_notes(review, {"barriers": ["No income"]}, river_provider)
    assert (read(review)["barriers"], read(review)["systemic"]) == (["No income"], [])


def test_save_notes_takes_no_navigator_of_another_continuum_or_who_left(
    review, river_provider, river_agency, three_provider
):
    elsewhere = StaffMember.objects.get(user=three_provider)
    gone = make_staff(river_agency, ended_on=today_in("America/Chicago"))
    for place in (elsewhere, gone):
        assert wrong(review, {"navigator": str(place.pk)}, river_provider) == {"navigator": CHOOSE}


# Who may


def test_save_notes_is_for_the_note_taker_and_specialists(review, river_provider, river_specialist):
    send_notes(review, {"notes": "Pat's"}, river_provider)
    send_notes(review, {"notes": "Sam's"}, river_specialist)
    assert read(review)["notes"] == "Sam's"


@pytest.mark.parametrize("who", ["other_provider", "lead", "administrator", "unsigned_provider"])
def test_save_notes_is_for_nobody_else(request, review, who):
    with pytest.raises(PermissionDenied):
        send_notes(review, {"notes": "Mine"}, request.getfixturevalue(f"river_{who}"))
    assert read(review)["revision"] == 0


def test_save_notes_is_refused_at_once_to_whose_role_was_handed_on(
    review, river_provider, river_lead
):
    send_notes(review, {"notes": "Pat's"}, river_provider)
    place = StaffMember.objects.get(user=river_lead)
    change_role(
        review.meeting,
        "note_taker",
        agency=place.agency,
        person=place,
        actor=None,
        now=timezone.now(),
    )
    with pytest.raises(PermissionDenied):
        send_notes(review, {"notes": "Pat's again"}, river_provider)
    send_notes(review, {"safety": "Lee's"}, river_lead)
    assert (read(review)["notes"], read(review)["safety"]) == ("Pat's", "Lee's")


def test_save_notes_is_refused_out_of_standing(review, river_provider):
    river_provider.statements.update(revoked_at=timezone.now())
    with pytest.raises(PermissionDenied):
        send_notes(review, {"notes": "Mine"}, river_provider)
    assert read(review)["revision"] == 0


def test_save_notes_finds_no_review_of_another_call_or_continuum(
    review, former_review, river_provider, three_specialist
):
    with pytest.raises(Review.DoesNotExist):
        send_notes(review, {"notes": "Mine"}, three_specialist)
    with pytest.raises(Review.DoesNotExist):
        send_notes(former_review, {"notes": "Mine"}, river_provider, meeting=review.meeting)
    assert (read(review)["revision"], read(former_review)["revision"]) == (0, 0)


def test_save_notes_is_refused_on_a_closed_call(review, river_provider):
    close_call(review.meeting, carries_over=True, actor=river_provider, now=timezone.now())
    with pytest.raises(ValidationError) as error:
        send_notes(review, {"notes": "Late"}, river_provider)
    assert (error.value.code, error.value.messages) == ("closed", [IS_CLOSED])
    assert read(review)["notes"] == ""


# The history


def history(review):
    return [
        (event.revision, event.saved_by and event.saved_by.name, dict(changed))
        for event, changed in revisions(review, Reader(review.meeting.continuum_id))
    ]


def test_revisions_hold_each_accepted_save_with_its_writer_newest_first(
    review, river_provider, river_specialist, river_other_provider
):
    navigator = StaffMember.objects.get(user=river_other_provider)
    send_notes(review, {"notes": "One"}, river_provider)
    send_notes(review, {"notes": "One"}, river_provider, base=0)
    send_notes(review, {"notes": "Lost"}, river_specialist, base=0)
    send_notes(
        review,
        {"navigator": str(navigator.pk), "is_referred": True, "location": "unsheltered"},
        river_specialist,
    )
    send_notes(review, {"notes": "", "target_on": "2027-01-31"}, river_provider)
    found = history(review)
    began = found.pop()
    assert found == [
        (3, "Pat Provider", {"notes": "", "target date": date(2027, 1, 31)}),
        (
            2,
            "Sam Specialist",
            {
                "current location": "Place not meant for habitation",
                "current location changed?": "Changed",
                "referral made": "Yes",
                "primary housing navigator": "Oli Other, Cedar Outreach",
            },
        ),
        (1, "Pat Provider", {"notes": "One"}),
    ]
    assert began[:2] == (0, None)
    assert began[2]["preferences"] == "Near Ana's work"
    assert "notes" not in began[2]
    assert "eligibility determination" not in began[2]


WRITERS = st.sampled_from(["pat", "sam"])
FIELDS = st.sampled_from(["notes", "preferences", "safety"])
TEXTS = st.sampled_from(["", "a", "b", "ab", "c d"])
SAVES = st.lists(st.tuples(WRITERS, st.dictionaries(FIELDS, TEXTS, min_size=1), st.booleans()))


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(saves=SAVES)
def test_no_sequence_of_saves_by_two_writers_loses_an_accepted_text(
    held_call, ben, river_provider, river_specialist, saves
):
    """Each writer knows what the server told them last, and looks at it again only at times."""
    Review.objects.filter(meeting=held_call.meeting, participant=ben).delete()
    review = Review.objects.create(meeting=held_call.meeting, participant=ben)
    people = {"pat": river_provider, "sam": river_specialist}
    stands = dict.fromkeys(("notes", "preferences", "safety"), "")
    known = {name: (0, dict(stands)) for name in people}
    accepted = []
    for who, values, looks in saves:
        if looks:
            known[who] = (Review.objects.get(pk=review.pk).revision, dict(stands))
        base, knows = known[who]
        saved = send_notes(review, values, people[who], base=base)
        if saved.conflict:
            assert base != saved.review.revision
            continue
        assert knows | values == stands | values, "accepted beside words that they never saw"
        news = {name: value for name, value in values.items() if value != stands[name]}
        if news:
            accepted.append((people[who].name, news))
        stands |= values
        known[who] = (saved.review.revision, dict(stands))
    found = values_of(Review.objects.get(pk=review.pk))
    assert {name: found[name] for name in stands} == stands
    told = [
        (by, {name: value for name, value in changed.items() if name in stands})
        for _, by, changed in history(review)[::-1]
    ]
    assert told == [(None, {}), *accepted]


def test_save_notes_keeps_a_name_that_its_writer_cannot_read(
    review, region_2, river_other_agency, river_provider, river_specialist
):
    make_participant(river_other_agency, region_2, name="Bo Moua")
    send_notes(review, {"notes": "Met Bo Moua.", "barriers": ["Owes Bo Moua"]}, river_specialist)
    shown = shown_to(review, river_provider)
    assert shown["notes"].startswith(f"Met {WITHHELD[:-1]} ")
    edited = {
        "notes": f"{shown['notes']} Calls back.",
        "barriers": [*shown["barriers"], "No income"],
    }
    send_notes(review, edited, river_provider)
    kept = read(review)
    assert kept["notes"] == "Met Bo Moua. Calls back."
    assert kept["barriers"] == ["Owes Bo Moua", "No income"]


def shown_to(review, viewer):
    """What stands in the fields of the page."""
    review = Review.objects.get(pk=review.pk)
    label = label_for(review.participant, viewer, timezone.now())
    return values_to_edit(review, label)


@pytest.fixture
def strangers(region_2, river_other_agency):
    return [
        make_participant(river_other_agency, region_2, name=name)
        for name in ("Dmitri Volkov", "Xochitl Tlapa", "Hope Young")
    ]


@pytest.mark.usefixtures("strangers")
def test_save_notes_puts_each_person_where_the_writer_left_them(
    review, river_provider, river_specialist
):
    send_notes(review, {"safety": "Volkov hit her. Tlapa drives her."}, river_specialist)
    _hit, drives, _end = shown_to(review, river_provider)["safety"].split(".")
    moved = f"{drives.strip()} daily."
    saved = send_notes(review, {"safety": moved}, river_provider)
    assert read(review)["safety"] == "Tlapa drives her daily."
    assert saved.stored == {}
    assert shown_to(review, river_provider)["safety"] == moved


@pytest.mark.usefixtures("strangers")
@pytest.mark.parametrize("typed", ["qq{}qq", "Met {}x", "Met [name withheld]"])
def test_save_notes_refuses_what_would_let_its_writer_read_a_name(
    review, river_provider, river_specialist, typed
):
    send_notes(review, {"notes": "Met Volkov. Fears him."}, river_specialist)
    mark = shown_to(review, river_provider)["notes"].removeprefix("Met ").split(".")[0]
    with pytest.raises(ValidationError) as refused:
        send_notes(
            review, {"notes": typed.format(mark), "preferences": "Two rooms"}, river_provider
        )
    assert list(refused.value.message_dict) == ["notes"]
    assert read(review)["notes"] == "Met Volkov. Fears him."


@pytest.mark.usefixtures("strangers")
def test_save_notes_loses_no_barrier_and_no_mark_that_is_shown_like_another(
    review, river_provider, river_specialist
):
    stored = ["Owes Volkov", "Owes Dmitri Volkov", "Owes Tlapa"]
    send_notes(review, {"barriers": stored, "systemic": ["Owes Dmitri Volkov"]}, river_specialist)
    shown = shown_to(review, river_provider)
    assert len(shown["barriers"]) == 2
    added = {"barriers": [*shown["barriers"], "No income"], "systemic": shown["systemic"]}
    send_notes(review, added, river_provider)
    found = read(review)
    assert found["barriers"] == [*stored, "No income"]
    assert found["systemic"] == ["Owes Dmitri Volkov"]
    edited = [f"{shown['barriers'][1]} rent", "No income"]
    send_notes(review, {"barriers": edited, "systemic": edited[:1]}, river_provider)
    found = read(review)
    assert (found["barriers"], found["systemic"]) == (
        ["Owes Tlapa rent", "No income"],
        ["Owes Tlapa rent"],
    )


def test_values_to_edit_clean_words_and_nothing_else(
    review, region_2, river_other_agency, river_provider, river_specialist
):
    place = make_staff(river_other_agency, id=UUID("0bebade0-59fa-4de3-9fad-000000000000"))
    kind = CHOICES["location"][0][0]
    for name in (f"{kind.title()} Quzak", "Bebade Quzak", "Fad Quzak"):
        make_participant(river_other_agency, region_2, name=name)
    Review.objects.filter(pk=review.pk).update(navigator=place)
    sent = {"location": kind, "location_changed": "changed", "target_on": "2027-01-31"}
    send_notes(review, {**sent, "notes": "Met Fad."}, river_provider)
    assert shown_to(review, river_specialist)["notes"].startswith("Met [name withheld ")
    review = Review.objects.get(pk=review.pk)
    assert {name: shown_to(review, river_specialist)[name] for name in (*sent, "navigator")} == {
        **sent,
        "navigator": str(place.pk),
    }


@pytest.mark.usefixtures("strangers")
def test_save_notes_takes_prework_over_with_the_names_that_its_writer_cannot_read(
    review, river_provider, river_specialist
):
    prework = make_prework(
        review.meeting,
        review.participant,
        StaffMember.objects.current().get(user=river_provider),
        safety="Fears Tlapa.",
        barriers=["Owes Tlapa"],
    )
    send_notes(review, {"safety": "Volkov hit her.", "barriers": []}, river_specialist)
    label = label_for(review.participant, river_provider, timezone.now())
    prework = PreWork.objects.get(pk=prework.pk)
    stands = shown_to(review, river_provider)
    taken = {
        "safety": f"{stands['safety']}\n{label.to_edit(prework.safety)}",
        "barriers": label.to_edit(prework.barriers),
    }
    saved = send_notes(review, taken, river_provider)
    found = read(review)
    assert found["safety"] == "Volkov hit her.\nFears Tlapa."
    assert found["barriers"] == ["Owes Tlapa"]
    send_notes(review, {"safety": f"{saved.stored['safety']} So."}, river_provider)
    assert read(review)["safety"] == "Volkov hit her.\nFears Tlapa. So."
