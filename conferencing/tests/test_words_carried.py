"""What somebody typed stays theirs wherever it goes, and tells nobody whether a guess was right."""

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.models import StaffMember
from agreements.tests.factories import make_staff
from conferencing.call.acts import begin_call
from conferencing.call.attendance import add_walk_in
from conferencing.call.closing import close_call
from conferencing.call.guests import hand_over_safety
from conferencing.minutes.copies import Copy
from conferencing.models import (
    Attendance,
    CallGuest,
    Minutes,
    Nomination,
    PreWork,
    Review,
    RosterEntry,
)
from conferencing.prep_lists.acts import freeze_list
from conferencing.prep_lists.copies import names_of, participant
from conferencing.prework.acts import keep_prework
from conferencing.roster.nominations import nominate_participant, withdraw_nomination
from conferencing.tests.factories import (
    make_guest,
    make_meeting,
    make_prework,
    make_roster,
    send_notes,
)
from conferencing.tests.pages import text_of
from conferencing.upkeep.leaving import settle_agency_nominations
from participants import own_words
from participants.merges import fields as merge_fields
from participants.merges.acts import merge_pair, seen_mark
from participants.models import OwnWords, Participant, PlaceChange
from participants.naming import label_for
from participants.own_words import note_carried, note_typed
from participants.services.places import change_place, correct_place
from participants.tests.factories import make_pair, make_participant
from regions.tests.factories import today_in
from vault.encrypted import EncryptedField
from vault.sealed import Sealed

from .test_own_words import NOT_TYPED, ahead, by_nomination, now

pytestmark = pytest.mark.django_db

# Of somebody on file whom nobody here but the specialist's other agency knows: hidden in the text
# that stands there; hidden, but somebody else; on no file.
RIGHT, WRONG, NOBODY = "Xochitl Tlapa", "Zed Quux", "Nemo Onfile"
GUESSES = pytest.mark.parametrize("guess", [RIGHT, WRONG, NOBODY])


@pytest.fixture(autouse=True)
def hidden(river_other_agency, region_2):
    for number, name in enumerate((RIGHT, WRONG)):
        alias = f"Plover-{number + 8}"
        make_participant(river_other_agency, region_2, name=name, alias=alias)


def reads(review, user):
    return label_for(review.participant, user, now()).clean


def field(review, name, user):
    return label_for(review.participant, user, now()).to_edit(getattr(stored(review), name))


def stored(review):
    return Review.objects.get(pk=review.pk)


def next_call(review, actor):
    starts_at = now() + timedelta(minutes=5)
    meeting = make_meeting(review.meeting.continuum, review.meeting.region, starts_at=starts_at)
    make_roster(meeting, review.participant)
    begin_call(meeting, actor=actor, now=now())
    return Review.objects.get(meeting=meeting)


def frozen_words(meeting, user):
    """All words of the minutes' households, as this reader reads them."""
    copy = Copy(Minutes.objects.get(meeting=meeting), user, now=now())
    return json.dumps([each for each in copy.households if each["is_told"]])


def history(client, review, user):
    client.force_login(user)
    address = reverse("conferencing:notes_history", args=[review.meeting_id, review.pk])
    return re.sub(r"\s+", " ", text_of(client.get(address)))


# The history of notes


@GUESSES
def test_history_shows_a_guess_as_typed_after_it_was_taken_out(
    client, review, guess, river_provider, river_specialist
):
    send_notes(review, {"notes": f"{RIGHT} threatens her."}, river_specialist)
    shown = field(review, "notes", river_provider)
    send_notes(review, {"notes": f"{shown} Saw {guess}."}, river_provider)
    send_notes(
        review, {"notes": field(review, "notes", river_provider)[: len(shown)]}, river_provider
    )
    page = history(client, review, river_provider)
    assert f"[name withheld] threatens her. Saw {guess}." in page
    assert page.count("[name withheld] threatens her.") == 3
    # The others read no more than before; the specialist typed the one name themselves.
    if guess == WRONG:
        assert guess not in history(client, review, river_specialist)


@GUESSES
def test_history_shows_own_words_in_each_of_their_revisions(client, review, guess, river_provider):
    send_notes(review, {"notes": f"Met {guess}.", "barriers": [f"Owes {guess}"]}, river_provider)
    send_notes(review, {"notes": f"Met {guess} twice."}, river_provider)
    send_notes(review, {"barriers": [f"Owes {guess}", "No papers"]}, river_provider)
    page = history(client, review, river_provider)
    assert "withheld" not in page
    assert (page.count(f"Met {guess}."), page.count(f"Met {guess} twice.")) == (1, 1)
    assert page.count(f"Owes {guess}") == 2


@GUESSES
def test_a_whole_text_that_is_guessed_is_a_save_like_any_other(
    client, review, guess, river_provider, river_specialist
):
    """Typed in its place, it tells neither by what is saved nor of who wrote it before."""
    send_notes(review, {"notes": f"{RIGHT} threatens her."}, river_specialist)
    saved = send_notes(review, {"notes": f"{guess} threatens her."}, river_provider)
    assert (saved.review.revision, saved.conflict, saved.stored) == (2, False, {})
    assert reads(review, river_provider)(stored(review).notes) == f"{guess} threatens her."
    page = history(client, review, river_provider)
    assert page.count(f"{guess} threatens her.") == 1
    assert page.count("[name withheld] threatens her.") == 1
    # Sent again, because the answer was lost, it changes nothing.
    assert (
        send_notes(review, {"notes": f"{guess} threatens her."}, river_provider).review.revision
        == 2
    )


def test_history_asks_the_same_for_two_and_for_many_revisions(client, review, river_provider):
    def asked():
        with CaptureQueriesContext(connection) as found:
            history(client, review, river_provider)
        return len(found)

    send_notes(review, {"notes": f"Met {RIGHT} 0."}, river_provider)
    history(client, review, river_provider)
    few = asked()
    for number in range(1, 20):
        send_notes(review, {"notes": f"Met {RIGHT} {number}."}, river_provider)
    assert asked() == few
    # The revisions that are no more burden no other page.
    assert OwnWords.objects.filter(person=river_provider, is_former=False).count() == 1


def test_two_places_of_a_text_that_its_reader_wrote_in_are_told_apart(
    review, river_provider, river_specialist
):
    said = f"{RIGHT} called about the rent. Later {RIGHT} came by. In the end {WRONG} left."
    send_notes(review, {"notes": said}, river_specialist)
    read = reads(review, river_provider)
    three = (
        "[name withheld 1] called about the rent. Later [name withheld 1] came by. "
        "In the end [name withheld 2] left."
    )
    assert read(stored(review).notes) == three
    send_notes(review, {"notes": f"{field(review, 'notes', river_provider)} So."}, river_provider)
    apart = three.replace("2]", "3]").replace("Later [name withheld 1]", "Later [name withheld 2]")
    assert reads(review, river_provider)(stored(review).notes) == f"{apart} So."


# From one call to the next, and onto the record


@GUESSES
def test_words_stay_own_in_the_next_call_and_on_the_record(
    review, guess, river_provider, river_other_provider, river_specialist
):
    said = f"Near {guess}"
    texts = dict.fromkeys(("preferences", "safety", "location_words", "target_words"), said)
    more = {"location": "shelter", "target_on": "2027-12-01"}
    send_notes(review, {**texts, **more, "barriers": [said], "systemic": [said]}, river_provider)
    close_call(review.meeting, carries_over=True, actor=river_other_provider, now=now())
    new = next_call(review, river_other_provider)
    found = [getattr(new, name) for name in texts] + [*new.barriers, *new.systemic]
    found.append(new.participant.situations.get(words__isnull=False).words)
    assert found == [said] * 7
    assert [reads(new, river_provider)(each) for each in found] == found
    if guess != NOBODY:
        hidden = [reads(new, river_specialist)(each) for each in found]
        assert hidden == ["Near [name withheld]"] * 7


@GUESSES
def test_a_guess_beside_a_hidden_name_reads_alike_in_minutes_and_in_the_next_call(
    review, guess, river_provider, river_specialist
):
    send_notes(review, {"preferences": f"{RIGHT} threatens her."}, river_specialist)
    shown = field(review, "preferences", river_provider)
    send_notes(review, {"preferences": f"{shown} Saw {guess}."}, river_provider)
    close_call(review.meeting, carries_over=True, actor=river_provider, now=now())
    expected = f"[name withheld] threatens her. Saw {guess}."
    assert expected in frozen_words(review.meeting, river_provider)
    new = next_call(review, river_provider)
    assert reads(new, river_provider)(new.preferences) == expected
    # The next call’s history begins with it.
    assert own_words.at_revision(new.preferences, 0) == new.preferences


def test_carrying_asks_the_same_for_one_row_and_for_many(review, river_provider):
    send_notes(review, {"preferences": f"Near {RIGHT}"}, river_provider)
    former = stored(review)

    def carried(number):
        rows = [
            Review(meeting=former.meeting, preferences=former.preferences) for _ in range(number)
        ]
        with CaptureQueriesContext(connection) as found:
            note_carried(rows, "preferences", "safety")
        return len(found)

    assert (carried(1), carried(30)) == (2, 2)
    assert OwnWords.objects.filter(person=river_provider).count() == 2 * (1 + 1 + 30)


@GUESSES
def test_prework_that_the_note_taker_takes_over_stays_its_writer_s(
    review, guess, river_provider, river_specialist, river_agency, ana
):
    kept = PreWork(
        meeting=review.meeting,
        participant=ana,
        agency=river_agency,
        notes=f"Call {guess}",
        by=river_provider,
        at=now(),
        revision=1,
    )
    note_typed(kept, "notes", actor=river_provider)
    kept.save(force_insert=True)
    send_notes(review, {"notes": f"{WRONG} came."}, river_specialist)
    prepared = label_for(ana, river_specialist, now()).to_edit(PreWork.objects.get().notes)
    send_notes(review, {"notes": f"Today {WRONG} came.\n{prepared}"}, river_specialist)
    text = stored(review).notes
    assert text == f"Today {WRONG} came.\nCall {guess}"
    if guess != NOBODY:
        expected = f"Today [name withheld] came.\nCall {guess}"
        assert reads(review, river_provider)(text) == expected


def test_who_prepares_a_guess_does_not_see_it_in_what_another_wrote(
    review, river_provider, river_specialist, river_agency, ana
):
    kept = PreWork(
        meeting=review.meeting,
        participant=ana,
        agency=river_agency,
        notes=RIGHT,
        by=river_provider,
        at=now(),
        revision=1,
    )
    note_typed(kept, "notes", actor=river_provider)
    kept.save(force_insert=True)
    send_notes(review, {"notes": f"Call {RIGHT} today"}, river_specialist)
    send_notes(review, {"notes": f"Call {RIGHT} today, please"}, river_specialist)
    shown = reads(review, river_provider)(stored(review).notes)
    assert shown == "Call [name withheld] today, please"


@GUESSES
def test_a_guess_that_is_taken_over_beside_the_same_name_stands_for_its_own_line_alone(
    review, river_provider, river_vsp_provider, river_specialist, guess
):
    person = review.participant
    theirs = make_prework(
        review.meeting, person, river_vsp_provider.places.get(), notes=f"{RIGHT} beats her"
    )
    mine = PreWork(
        meeting=review.meeting,
        participant=person,
        agency=river_provider.places.get().agency,
        notes=guess,
        by=river_provider,
        at=now(),
        revision=1,
    )
    note_typed(mine, "notes", actor=river_provider)
    mine.save(force_insert=True)
    edit = label_for(person, river_specialist, now()).to_edit
    lines = [edit(PreWork.objects.get(pk=each.pk).notes) for each in (theirs, mine)]
    send_notes(review, {"notes": "\n".join(lines)}, river_specialist)
    assert stored(review).notes == f"{RIGHT} beats her\n{guess}"
    first, last = reads(review, river_provider)(stored(review).notes).split("\n")
    assert RIGHT not in first
    assert first.endswith("beats her")
    assert last == guess


@GUESSES
def test_who_prepares_a_guess_does_not_see_it_in_a_barrier_that_another_changes(
    guess, review, river_provider, river_specialist, river_agency, ana
):
    barriers = [f"Owes {RIGHT}"]
    changed = stored(review)
    changed.barriers = barriers
    changed.save()
    kept = PreWork(
        meeting=review.meeting,
        participant=ana,
        agency=river_agency,
        barriers=[f"Owes {guess}"],
        by=river_provider,
        at=now(),
        revision=1,
    )
    note_typed(kept, "barriers", actor=river_provider)
    kept.save(force_insert=True)
    (shown,) = field(review, "barriers", river_specialist)
    send_notes(review, {"barriers": [f"{shown} rent"]}, river_specialist)
    assert stored(review).barriers == [f"Owes {RIGHT} rent"]
    assert reads(review, river_provider)(stored(review).barriers) == ["Owes [name withheld] rent"]


@GUESSES
def test_safety_that_is_handed_to_a_guest_stays_its_writer_s(
    review, guess, river_provider, river_specialist, ana
):
    guest = make_guest(review.meeting, ana, by=river_specialist)
    send_notes(review, {"safety": f"Call {guess}"}, river_provider)
    hand_over_safety(guest, actor=river_specialist, now=now())
    shown = CallGuest.objects.get(pk=guest.pk).safety_shown
    assert reads(review, river_provider)(shown) == f"Call {guess}"


# Walk-ins


def walk_in(minutes, user):
    """The row of the one who has no account, as this reader's copy has it."""
    rows = Copy(minutes, user, now=now()).attendance
    return next(each for each in rows if not each["has_account"])


@GUESSES
def test_a_walk_in_reads_as_typed_at_the_call_and_in_its_minutes(
    client, review, guess, river_provider, river_other_provider, river_specialist
):
    send_notes(review, {"notes": "x"}, river_provider)
    add_walk_in(
        review.meeting, name=guess, organization=f"With {guess}", actor=river_provider, now=now()
    )
    client.force_login(river_provider)
    page = client.get(reverse("conferencing:call_people", args=[review.meeting_id]))
    assert guess in text_of(page)
    close_call(review.meeting, carries_over=True, actor=river_other_provider, now=now())
    minutes = Minutes.objects.get()
    rows = {user: walk_in(minutes, user) for user in (river_provider, river_specialist)}
    mine = rows[river_provider]
    assert (mine["name"], mine["organization"]) == (guess, f"With {guess}")
    if guess != NOBODY:
        assert rows[river_specialist]["name"] == "[name withheld]"


def test_a_walk_in_who_is_of_a_household_is_a_guest_to_all_but_their_writer(
    review, ana, river_specialist, river_provider
):
    send_notes(review, {"notes": "x"}, river_specialist)
    add_walk_in(review.meeting, name=ana.name, organization="", actor=river_specialist, now=now())
    close_call(review.meeting, carries_over=True, actor=river_specialist, now=now())
    minutes = Minutes.objects.get()
    rows = [walk_in(minutes, user) for user in (river_specialist, river_provider)]
    assert [row["name"] for row in rows] == [ana.name, "Guest"]
    assert not any({"is_household", "typed"} & row.keys() for row in rows)


@GUESSES
def test_a_walk_in_that_is_hidden_is_added_again_by_who_guesses_them(
    client, review, guess, river_provider, river_specialist
):
    for _twice in range(2):
        add_walk_in(review.meeting, name=RIGHT, organization="", actor=river_specialist, now=now())
    assert Attendance.objects.filter(user=None).count() == 1
    for _twice in range(2):
        add_walk_in(
            review.meeting, name=guess.lower(), organization="", actor=river_provider, now=now()
        )
    assert Attendance.objects.filter(user=None).count() == 2
    client.force_login(river_provider)
    page = client.get(reverse("conferencing:call_people", args=[review.meeting_id]))
    assert guess.lower() in text_of(page)


# Frozen documents


@GUESSES
def test_a_line_that_one_person_typed_twice_is_theirs_both_times(
    review, guess, river_provider, river_specialist
):
    said = f"Call {guess}"
    send_notes(review, {"notes": said, "safety": said, "learned": said}, river_provider)
    close_call(review.meeting, carries_over=True, actor=river_provider, now=now())
    assert frozen_words(review.meeting, river_provider).count(said) == 3
    if guess != NOBODY:
        hidden = frozen_words(review.meeting, river_specialist)
        assert (hidden.count(said), hidden.count("Call [name withheld]")) == (0, 3)


@GUESSES
def test_composed_lines_of_a_list_say_to_each_writer_what_they_wrote(
    review, guess, river_provider, river_specialist
):
    """Decisions of a review that was carried over, and what changed since."""
    said = f"Call {guess}"
    texts = dict.fromkeys(("referral", "exception_reason", "learned", "no_step_reason"), said)
    flags = {"is_referred": True, "is_exception": True, "target_on": "2027-01-31"}
    send_notes(review, {**texts, **flags, "notes": said, "target_words": said}, river_provider)
    close_call(review.meeting, carries_over=True, actor=river_provider, now=now())
    meeting = ahead(review, review.participant)
    snapshot = freeze_list(meeting, actor=river_specialist, now=now()).snapshot
    row = snapshot["participants"][0]
    shown = {
        user: participant(row, 1, names_of(snapshot, user, now()))["elements"]["decisions"]
        for user in (river_provider, river_specialist)
    }
    assert len(shown[river_provider]) == 5
    assert all(each.endswith(said) for each in shown[river_provider])
    if guess != NOBODY:
        assert all(each.endswith("Call [name withheld]") for each in shown[river_specialist])


def test_a_document_that_was_frozen_before_its_texts_knew_their_place_is_still_read(
    review, river_provider, river_specialist
):
    said = f"Call {RIGHT}"
    send_notes(review, {"notes": said}, river_provider)
    close_call(review.meeting, carries_over=True, actor=river_specialist, now=now())
    minutes = Minutes.objects.get(meeting=review.meeting)
    row = next(each for each in minutes.snapshot["households"] if each["notes"])
    row["typed"] = {str(river_provider.pk): [said]}
    for each in minutes.snapshot["attendance"]:
        del each["typed"]
        each.pop("is_household", None)
    minutes.save()
    assert said in frozen_words(review.meeting, river_provider)
    assert said not in frozen_words(review.meeting, river_specialist)


def test_a_frozen_text_that_was_changed_tells_no_more_which_words_are_whose(
    review, river_provider, river_specialist
):
    send_notes(review, {"notes": f"{RIGHT} threatens her."}, river_specialist)
    send_notes(
        review, {"notes": f"{field(review, 'notes', river_provider)} Saw {WRONG}."}, river_provider
    )
    close_call(review.meeting, carries_over=True, actor=river_provider, now=now())
    minutes = Minutes.objects.get(meeting=review.meeting)
    row = next(each for each in minutes.snapshot["households"] if each["notes"])
    row["notes"] = f"Gone. {row['notes']}"
    minutes.save()
    hidden = "Gone. [name withheld 1] threatens her. Saw [name withheld 2]."
    assert hidden in frozen_words(review.meeting, river_provider)


def test_own_words_in_a_frozen_text_do_not_show_the_household_s_frozen_name(
    review, river_provider, river_specialist
):
    """A name that the record does not know any more goes also from a text that one wrote in."""
    alias = review.participant.alias
    former = review.participant.name
    send_notes(review, {"notes": f"{former} is in."}, river_provider)
    mine = f"{field(review, 'notes', river_specialist)} Saw {NOBODY}."
    assert mine.startswith(alias)
    send_notes(review, {"notes": mine}, river_specialist)
    close_call(review.meeting, carries_over=True, actor=river_provider, now=now())
    minutes = Minutes.objects.get(meeting=review.meeting)
    row = next(each for each in minutes.snapshot["households"] if each["notes"])
    row["name"], row["notes"] = "Idalia Formerly", row["notes"].replace(former, "Idalia Formerly")
    spans = row["typed"][str(river_specialist.pk)]["/notes"]
    spans["mark"] = own_words.marks_of(own_words.FROZEN, row["notes"])[0].hex()
    minutes.save()
    shown = frozen_words(review.meeting, river_specialist)
    assert "Idalia" not in shown
    assert f"{alias} is in. Saw {NOBODY}." in shown


# Records that are joined, and places that are put right


def test_a_move_that_is_put_right_keeps_its_writer(review, river_provider, river_specialist):
    on = today_in("America/Chicago")
    person = review.participant
    change_place(
        person,
        flow="inactive",
        happened_on=on,
        reason=f"With {RIGHT}",
        actor=river_provider,
        now=now(),
    )
    move = PlaceChange.objects.filter(participant=person).latest("recorded_at")
    correct_place(move, happened_on=on, reason="Day", actor=river_specialist, now=now())
    right = PlaceChange.objects.standing().get(participant=person, flow="inactive")
    assert right.pk != move.pk
    assert reads(review, river_provider)(right.reason) == f"With {RIGHT}"
    assert reads(review, river_specialist)(right.reason) == "With [name withheld]"


@GUESSES
def test_nomination_in_place_of_a_hidden_one_reads_as_typed(
    guess, review, ana, river, region_2, river_agency, river_provider
):
    """A colleague’s was taken back; who nominates anew does not see what it said."""
    meeting = make_meeting(river, region_2, starts_at=now() + timedelta(days=9))
    colleague = make_staff(river_agency, name="Cal Colleague", regions=[region_2]).user
    former = nominate_participant(meeting, ana, reason=f"Fears {RIGHT}", actor=colleague, now=now())
    withdraw_nomination(former, actor=colleague, now=now())
    nominate_participant(meeting, ana, reason=f"Fears {guess}", actor=river_provider, now=now())
    text = Nomination.objects.get(meeting=meeting).reason
    assert reads(review, river_provider)(text) == f"Fears {guess}"


def test_nominations_of_a_leaving_agency_keep_their_writers(
    ana,
    review,
    river,
    region_2,
    river_agency,
    river_provider,
    river_other_provider,
    river_specialist,
):
    meeting = make_meeting(river, region_2, starts_at=now() + timedelta(days=9))
    said = {river_provider: f"Fears {RIGHT}", river_other_provider: f"Met {NOBODY}"}
    rows = [
        nominate_participant(meeting, ana, reason=words, actor=user, now=now())
        for user, words in said.items()
    ]
    to = StaffMember.objects.current().get(user=river_other_provider)
    settle_agency_nominations(river_agency, {str(rows[0].pk): to}, river_specialist, now())
    text = Nomination.objects.get(withdrawn_at=None).reason
    assert sorted(text.split("; ")) == sorted(said.values())
    assert reads(review, river_provider)(text) == text
    assert RIGHT not in reads(review, river_specialist)(text)


@pytest.fixture
def two(river_agency, region_2, river_provider):
    """Two records of one person, with notes that Pat typed in both."""
    found = []
    for number in (1, 2):
        person = make_participant(
            river_agency, region_2, name=f"Double Record{number}", alias=f"Wren-{number}"
        )
        person.notes = f"Note {number} of {RIGHT}"
        note_typed(person, "notes", actor=river_provider)
        person.save()
        found.append(Participant.objects.get(pk=person.pk))
    return found


def join(two, actor):
    pair = make_pair(*two, by=actor)
    groups = [each.key for each in merge_fields.differing(pair.one, pair.other)]
    choices = {**dict.fromkeys([*groups, "place"], "one"), "notes": merge_fields.BOTH}
    seen = seen_mark(pair.one, pair.other)
    merge = merge_pair(pair, keeper="one", choices=choices, seen=seen, actor=actor, now=now())
    return merge.keeper


def test_joined_records_keep_their_writers(
    two, river_provider, river_specialist, river, region_2, river_agency
):
    meeting = make_meeting(river, region_2, starts_at=now() + timedelta(days=9))
    make_roster(meeting, *two)
    for number, person in enumerate(two):
        said = f"Say {number} to {RIGHT}"
        nominate_participant(meeting, person, reason=said, actor=river_provider, now=now())
        entry = RosterEntry.objects.get(meeting=meeting, participant=person)
        entry.added_because = said
        note_typed(entry, "added_because", actor=river_provider)
        entry.save()
        kept = PreWork(
            meeting=meeting,
            participant=person,
            agency=river_agency,
            notes=said,
            barriers=[said],
            by=river_provider,
            at=now(),
            revision=1,
        )
        note_typed(kept, "notes", "barriers", actor=river_provider)
        kept.save(force_insert=True)
    keeper = Participant.objects.get(pk=join(two, river_specialist).pk)
    kept = PreWork.objects.get(participant=keeper)
    entry = RosterEntry.objects.get(participant=keeper)
    nomination = Nomination.objects.get(participant=keeper)
    texts = [keeper.notes, kept.notes, *kept.barriers, entry.added_because, nomination.reason]
    assert [each.count(RIGHT) for each in texts] == [2, 2, 1, 1, 2, 2]
    mine = label_for(keeper, river_provider, now())
    assert [mine.clean(each) for each in texts] == texts
    theirs = label_for(keeper, river_specialist, now())
    assert not any(RIGHT in theirs.clean(each) for each in texts)


# Nothing goes elsewhere without its writer


@pytest.fixture
def saved(monkeypatch):
    """`{column: texts}` that were saved as nobody's: neither noted as typed nor carried."""
    known, found = set(), {}

    def watched(name):
        act = getattr(own_words, name)

        def noting(given, *more):
            known.update((each[0][0], str(each[1])) for each in given)
            return act(given, *more)

        monkeypatch.setattr(own_words, name, noting)

    watched("write"), watched("carry")
    pre_save = EncryptedField.pre_save

    def watching(column, row, add):
        held = column.model.__dict__[column.attname].held(row)
        if held is not None and type(held) is not Sealed:
            place = column.associated(getattr(row, column.bound_pk_attname))
            for text in own_words.listed(held):
                if isinstance(text, str) and (place, str(text)) not in known:
                    found.setdefault(f"{column.model._meta.label}.{column.name}", []).append(text)
        return pre_save(column, row, add)

    monkeypatch.setattr(EncryptedField, "pre_save", watching)
    return found


def test_no_act_stores_a_text_as_nobody_s(
    saved, two, review, ana, river_agency, river_provider, river_specialist
):
    """The main acts by which texts go from one column or row to another."""
    saved.clear()
    meeting = ahead(review, ana)
    words = {"location_words": "Under the bridge", "preferences": "Quiet", "safety": "Call first"}
    keep_prework(
        meeting,
        ana,
        revision=0,
        location="unsheltered",
        barriers=["Papers"],
        notes="N",
        actor=river_provider,
        now=now(),
        **words,
    )
    texts = {**words, "notes": "N", "target_words": "T", "referral": "R", "learned": "L"}
    lists = {"barriers": ["Papers", "Rent"], "systemic": ["Rent"]}
    send_notes(review, {**texts, **lists, "location": "shelter"}, river_provider)
    hand_over_safety(
        make_guest(review.meeting, ana, by=river_specialist), actor=river_provider, now=now()
    )
    add_walk_in(review.meeting, name="A", organization="B", actor=river_provider, now=now())
    close_call(review.meeting, carries_over=True, actor=river_provider, now=now())
    by_nomination(review, river_provider, "Soon")
    freeze_list(meeting, actor=river_specialist, now=now())
    next_call(review, river_provider)
    on = today_in("America/Chicago")
    change_place(
        ana, flow="inactive", happened_on=on, reason="Gone", actor=river_provider, now=now()
    )
    move = PlaceChange.objects.filter(participant=ana).latest("recorded_at")
    correct_place(move, happened_on=on, reason="Day", actor=river_specialist, now=now())
    join(two, river_specialist)
    # Stored without anybody’s name, and so its writer’s no more than anybody else’s.
    saved.pop("conferencing.SystemicBarrier.words", None)
    left = {
        column: texts
        for column, texts in saved.items()
        if not {column.split(".")[-1], ".".join(column.split(".")[1:])} & NOT_TYPED.keys()
    }
    assert left == {}
