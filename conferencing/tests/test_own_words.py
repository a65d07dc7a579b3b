"""Over all kinds of text: who typed a name reads it back, and nobody else who is not covered."""

import ast
import json
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.apps import apps
from django.conf import settings
from django.utils import timezone

from agreements.models import StaffMember
from conferencing.call import note_fields
from conferencing.call.acts import raise_participant
from conferencing.call.attendance import add_walk_in
from conferencing.call.closing import close_call
from conferencing.call.steps import add_step
from conferencing.minutes.addenda import add_addendum
from conferencing.minutes.copies import Copy
from conferencing.models import (
    ActionItem,
    Addendum,
    Attendance,
    Meeting,
    Minutes,
    Nomination,
    PreWork,
    ProgressUpdate,
    Review,
    RosterEntry,
)
from conferencing.prep_lists.acts import freeze_list
from conferencing.prep_lists.copies import names_of, participant
from conferencing.prework.acts import keep_prework
from conferencing.roster.nominations import nominate_participant
from conferencing.schedule.acts import cancel_meeting
from conferencing.steps import acts as steps
from conferencing.tests.factories import make_meeting, make_roster, send_notes
from conferencing.tests.readable import readable
from participants.models import LastAttempt, LivingSituation, OwnWords, Participant, PlaceChange
from participants.naming import label_for, reader_for
from participants.services.participants import add_participant, change_participant
from participants.services.places import change_place, record_stay
from participants.services.rounds import record_attempt
from participants.tests.factories import make_case, make_participant
from regions.tests.factories import today_in
from vault.fields import EncryptedJSONField, EncryptedTextField

SAID = "Met Xochitl Tlapa, who knows Ana Example."
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def stranger(river_other_agency, region_2):
    return make_participant(river_other_agency, region_2, name="Xochitl Tlapa", alias="Plover-9")


def now():
    return timezone.now()


def ahead(review, person):
    starts_at = now() + timedelta(days=9)
    meeting = make_meeting(person.continuum, person.region, starts_at=starts_at)
    make_roster(meeting, person)
    Meeting.objects.filter(pk=meeting.pk).update(roster_settled_at=now())
    return Meeting.objects.get(pk=meeting.pk)


def by_note(review, actor, said):
    texts = dict.fromkeys(note_fields.TEXTS, said)
    send_notes(review, {**texts, "barriers": [said]}, actor)
    review = Review.objects.get(pk=review.pk)
    return [*(getattr(review, name) for name in texts), *review.barriers]


def by_prework(review, actor, said):
    person = review.participant
    texts = dict.fromkeys(("location_words", "preferences", "safety", "notes"), said)
    meeting = ahead(review, person)
    keep_prework(meeting, person, revision=0, barriers=[said], actor=actor, now=now(), **texts)
    kept = PreWork.objects.get(meeting=meeting)
    return [*(getattr(kept, name) for name in texts), *kept.barriers]


def by_nomination(review, actor, said):
    starts_at = now() + timedelta(days=9)
    person = review.participant
    meeting = make_meeting(person.continuum, person.region, starts_at=starts_at)
    nominate_participant(meeting, person, reason=said, actor=actor, now=now())
    return [Nomination.objects.get(meeting=meeting).reason]


def by_step(review, actor, said):
    place = StaffMember.objects.current().get(user=actor)
    step = add_step(
        review,
        what=said,
        agency=place.agency,
        follow_up_person=place,
        due_on=today_in("America/Chicago"),
        is_critical=False,
        keep_words=True,
        key=uuid4(),
        actor=actor,
        now=now(),
    )
    return [ActionItem.objects.get(pk=step.pk).what]


def by_report(review, actor, said):
    by_step(review, actor, "Call back")
    step = ActionItem.objects.get()
    steps.report_progress(step, progress="done", line=said, actor=actor, now=now())
    return [ProgressUpdate.objects.get(step=step).line]


def by_addendum(review, actor, said):
    close_call(review.meeting, carries_over=True, actor=actor, now=now())
    add_addendum(review.meeting, review=review, words=said, actor=actor, now=now())
    return [Addendum.objects.get().words]


def by_raising(review, actor, said):
    person = make_participant(review.participant.agency, review.participant.region, name=None)
    raise_participant(review.meeting, person, because=said, actor=actor, now=now())
    return [RosterEntry.objects.get(participant=person).added_because]


def by_walk_in(review, actor, said):
    add_walk_in(review.meeting, name=said, organization=said, actor=actor, now=now())
    row = Attendance.objects.get(kind="walk_in")
    return [row.name, row.organization]


def by_cancelling(review, actor, said):
    meeting = ahead(review, review.participant)
    cancel_meeting(meeting, reason=said, actor=actor, now=now())
    return [Meeting.objects.get(pk=meeting.pk).cancellation_reason]


def by_stay(review, actor, said):
    on = today_in("America/Chicago")
    record_stay(
        review.participant, kind="shelter", happened_on=on, words=said, actor=actor, now=now()
    )
    return [LivingSituation.objects.get(participant=review.participant).words]


def by_place(review, actor, said):
    on = today_in("America/Chicago")
    person = review.participant
    change_place(person, flow="inactive", happened_on=on, reason=said, actor=actor, now=now())
    return [PlaceChange.objects.filter(participant=person, by=actor).latest("recorded_at").reason]


def by_attempt(review, actor, said):
    person = review.participant
    case = make_case(person, person.agency, by=actor)
    on = today_in("America/Chicago")
    record_attempt(
        case, how="phone", happened_on=on, is_reached=False, words=said, actor=actor, now=now()
    )
    return [LastAttempt.objects.get(case=case).words]


def by_record(review, actor, said):
    person = Participant.objects.get(pk=review.participant.pk)
    label = label_for(person, actor, now())
    change_participant(
        person,
        changed_at=person.changed_at,
        actor=actor,
        now=now(),
        notes=label.put_back(said, person.notes),
    )
    return [Participant.objects.get(pk=person.pk).notes]


def by_new_record(review, actor, said):
    person = add_participant(
        review.participant.continuum,
        agency=review.participant.agency,
        region=review.participant.region,
        adults=1,
        alias="",
        notes=said,
        stay="shelter",
        stay_words=said,
        listed_on=today_in("America/Chicago"),
        actor=actor,
        now=now(),
    )
    return [Participant.objects.get(pk=person.pk).notes, person.situations.get().words]


KINDS = [each for name, each in list(globals().items()) if name.startswith("by_")]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_who_typed_a_text_alone_reads_it_as_typed(
    kind, review, river_provider, river_specialist, river_other_provider
):
    texts = kind(review, river_provider, SAID)
    assert texts
    assert texts == [SAID] * len(texts)
    own = label_for(review.participant, river_provider, now())
    assert [own.clean(each) for each in texts] == texts
    assert [reader_for(river_provider, now()).clean(each) for each in texts] == texts
    assert own.clean(list(texts)) == texts
    hidden = "Met [name withheld], who knows Heron-1."
    for other in (river_specialist, river_other_provider):
        label = label_for(review.participant, other, now())
        expected = SAID.replace("Xochitl Tlapa", "[name withheld]") if label.is_named else hidden
        if other == river_other_provider:  # keeps the record of the one, not of the other
            expected = expected.replace("[name withheld]", "Xochitl Tlapa")
        assert [label.clean(each) for each in texts] == [expected] * len(texts)


def test_the_same_words_elsewhere_tell_nothing_of_who_is_meant(
    review, river_specialist, river_provider
):
    """Who guesses another's text, word for word, does not see whether they are right."""
    send_notes(review, {"referral": "Call Xochitl Tlapa"}, river_specialist)
    for guess in ("Call Xochitl Tlapa", "Call Somebody Else"):
        send_notes(review, {"target_words": guess}, river_provider)
        stored = Review.objects.get(pk=review.pk)
        label = label_for(review.participant, river_provider, now())
        assert label.clean(stored.target_words) == guess
        assert label.clean(stored.referral) == "Call [name withheld]"


def test_a_text_that_changed_behind_the_table_is_cleaned_again(review, river_provider):
    send_notes(review, {"notes": "Met Xochitl Tlapa"}, river_provider)
    stored = Review.objects.get(pk=review.pk)
    stored.notes = "Saw Xochitl Tlapa"
    stored.save()
    stored = Review.objects.get(pk=review.pk)
    label = label_for(review.participant, river_provider, now())
    assert label.clean(stored.notes) == "Saw [name withheld]"


def test_two_who_write_in_one_note_each_read_their_own_names(
    review, river_provider, river_specialist, ben
):
    Participant.objects.filter(pk=ben.pk).update(agency=review.participant.agency_id)
    send_notes(review, {"notes": "Met Xochitl Tlapa."}, river_specialist)
    label = label_for(review.participant, river_provider, now())
    field = label.to_edit(Review.objects.get(pk=review.pk).notes)
    send_notes(review, {"notes": f"{field} Saw Zed Quux."}, river_provider)
    send_notes(review, {"notes": "Met Xochitl Tlapa. Saw Zed Quux. So."}, river_specialist)
    stored = Review.objects.get(pk=review.pk).notes
    assert stored == "Met Xochitl Tlapa. Saw Zed Quux. So."
    shown = {
        user: label_for(review.participant, user, now()).clean(stored)
        for user in (river_specialist, river_provider)
    }
    assert shown == {
        river_specialist: stored,
        river_provider: "Met [name withheld]. Saw Zed Quux. So.",
    }
    # Each save takes the place of the one before.
    assert OwnWords.objects.filter(is_former=False).count() == 2


# Columns that nobody types for others to read, and why; all others tell who typed them.
NOT_TYPED = {
    "accounts": "an account's own",
    "outbox": "the system's own",
    "Participant.name": "identity, shown by the label",
    "contact": "identity",
    "hmis_id": "identity",
    "former_names": "identity",
    "snapshot": "frozen; says beside each text who typed it",
    "AssessmentScore.score": "a number",
    "password": "made by the system",
    "token": "made by the system",
    "disclosed": "made by the system",
    "as_was": "made by the system",
    "journal": "made by the system",
    "said": "of HMIS",
    "answers": "codes of HUD’s lists",
    "given": "codes of HUD’s lists",
    "ids": "of HMIS",
    "changes": "of HMIS",
    "former": "of HMIS",
    "row_key": "of a sheet",
    "changed_texts": "of a file; typed once they are taken, by whoever takes them",
    "column_meanings": "digests of a sheet's headings, each a choice",
    "word_meanings": "digests of a sheet's words, each a choice",
    "sheet_settings": "made by the system",
    "systemic": "marks among the barriers, shown as these are",
}


def noted():
    """The columns of which some service says who typed them."""
    found = set()
    for app in ("agreements", "participants", "housing", "conferencing"):
        for path in (Path(settings.BASE_DIR) / app).rglob("*.py"):
            if "/tests/" in path.as_posix():
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in (
                    "note_typed",
                    "note_edited",
                    "note_carried",
                ):
                    found |= {each.value for each in node.args if isinstance(each, ast.Constant)}
    return found | {*note_fields.TEXTS, *note_fields.LISTS}


def test_every_text_that_people_type_is_known_by_its_writer():
    known = noted()
    missing = {
        f"{model._meta.label}.{column.name}"
        for app in ("agreements", "participants", "housing", "conferencing")
        for model in apps.get_app_config(app).get_models()
        if not hasattr(model, "pgh_tracked_model")
        for column in model._meta.local_fields
        if isinstance(column, EncryptedTextField | EncryptedJSONField)
        and column.name not in NOT_TYPED
        and column.name not in known
        and f"{model.__name__}.{column.name}" not in NOT_TYPED
    }
    assert missing == set()


def test_frozen_minutes_and_lists_say_to_each_writer_what_they_wrote(
    review, river_provider, river_specialist
):
    said = {name: f"{SAID} So {number}." for number, name in enumerate(("notes", "safety"))}
    send_notes(review, said, river_provider)
    by_step(review, river_provider, SAID)
    close_call(review.meeting, carries_over=True, actor=river_provider, now=now())
    add_addendum(review.meeting, review=review, words=SAID, actor=river_provider, now=now())
    frozen = Minutes.objects.get(meeting=review.meeting)
    shown = {
        user: json.dumps(
            [each for each in Copy(frozen, user, now=now()).households if each["steps"]]
        )
        for user in (river_provider, river_specialist)
    }
    assert all(each in shown[river_provider] for each in said.values())
    assert "withheld" not in shown[river_provider]
    assert "Tlapa" not in shown[river_specialist]
    assert shown[river_specialist].count("Met [name withheld], who knows") >= len(said)

    by_nomination(review, river_provider, SAID)
    ahead = Nomination.objects.get().meeting
    make_roster(ahead, review.participant)
    listed = freeze_list(ahead, actor=river_specialist, now=now())
    row = listed.snapshot["participants"][0]
    reasons = {
        user: participant(row, 1, names_of(listed.snapshot, user, now()))["reasons"][-1]
        for user in (river_provider, river_specialist)
    }
    assert reasons[river_provider].endswith(SAID)
    assert "Tlapa" not in readable(reasons[river_specialist])
    assert "Ana" not in readable(reasons[river_specialist])


def test_a_text_that_stands_twice_in_a_document_is_each_writer_s_where_they_wrote_it(
    review, river_provider, river_specialist
):
    send_notes(review, {"referral": "Call Xochitl Tlapa"}, river_specialist)
    send_notes(
        review, {"target_words": "Call Xochitl Tlapa", "target_on": "2027-01-31"}, river_provider
    )
    send_notes(review, {"is_referred": True}, river_specialist)
    close_call(review.meeting, carries_over=True, actor=river_provider, now=now())
    frozen = Minutes.objects.get(meeting=review.meeting)
    for user in (river_provider, river_specialist):
        copied = json.dumps(Copy(frozen, user, now=now()).households)
        assert (copied.count("Call Xochitl Tlapa"), copied.count("Call [name withheld]")) == (1, 1)
