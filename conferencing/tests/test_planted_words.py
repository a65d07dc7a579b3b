"""Who wrote a guess and took it out does not see that somebody else writes just that."""

from datetime import timedelta

import pytest

from conferencing.call import note_fields
from conferencing.models import Meeting, Nomination, PreWork, Review
from conferencing.prep_lists.acts import hold_list, release_list
from conferencing.prework.acts import keep_prework
from conferencing.roster.nominations import nominate_participant, withdraw_nomination
from conferencing.schedule.acts import cancel_meeting, restore_meeting
from conferencing.tests.factories import make_meeting, send_notes
from participants.models import Participant
from participants.naming import label_for, reader_for
from participants.services.participants import change_participant

from .test_own_words import ahead, now
from .test_words_carried import GUESSES, RIGHT, hidden  # noqa: F401 (a fixture)

pytestmark = pytest.mark.django_db
SEEN = "Fears [name withheld]"


class InNotes:
    """A field of the notes of a call; emptied."""

    def __init__(self, review, name):
        self.review, self.name = review, name

    def write(self, actor, words):
        send_notes(self.review, {self.name: words}, actor)
        return getattr(Review.objects.get(pk=self.review.pk), self.name)

    def clear(self, actor):
        send_notes(self.review, {self.name: ""}, actor)


class InBarriers(InNotes):
    """One of several barriers; taken out again."""

    def write(self, actor, words):
        return super().write(actor, ["No income", "No ID", words])[2]

    def clear(self, actor):
        send_notes(self.review, {self.name: ["No income", "No ID"]}, actor)


class InNomination:
    """The reason of an agency's nomination; withdrawn."""

    def __init__(self, review, name):
        person, starts_at = review.participant, now() + timedelta(days=9)
        self.meeting = make_meeting(person.continuum, person.region, starts_at=starts_at)
        self.person = person

    def write(self, actor, words):
        nominate_participant(self.meeting, self.person, reason=words, actor=actor, now=now())
        return Nomination.objects.get(meeting=self.meeting).reason

    def clear(self, actor):
        withdraw_nomination(Nomination.objects.get(meeting=self.meeting), actor=actor, now=now())


class InPrework:
    """What an agency prepares; changed to something else."""

    def __init__(self, review, name):
        self.meeting, self.person = ahead(review, review.participant), review.participant
        self.revision = 0

    def write(self, actor, words):
        revision, self.revision = self.revision, self.revision + 1
        keep_prework(
            self.meeting, self.person, revision=revision, notes=words, actor=actor, now=now()
        )
        return PreWork.objects.get(meeting=self.meeting).notes

    def clear(self, actor):
        self.write(actor, "Nothing")


class InRecord:
    """The notes of the record; emptied."""

    def __init__(self, review, name):
        self.key = review.participant_id

    def write(self, actor, words):
        person = Participant.objects.get(pk=self.key)
        typed = label_for(person, actor, now()).put_back(words, person.notes)
        change_participant(
            person, changed_at=person.changed_at, actor=actor, now=now(), notes=typed
        )
        return Participant.objects.get(pk=self.key).notes

    def clear(self, actor):
        self.write(actor, "")


class InReason:
    """Why a call is canceled, or its list on hold; taken back."""

    def __init__(self, review, name):
        self.meeting, self.name = ahead(review, review.participant), name

    def write(self, actor, words):
        act = cancel_meeting if self.name == "cancellation_reason" else hold_list
        act(self.now(), reason=words, actor=actor, now=now())
        return getattr(self.now(), self.name)

    def clear(self, actor):
        act = restore_meeting if self.name == "cancellation_reason" else release_list
        act(self.now(), actor=actor, now=now())

    def now(self):
        return Meeting.objects.get(pk=self.meeting.pk)


PLACES = [
    *((InNotes, name) for name in note_fields.TEXTS),
    (InBarriers, "barriers"),
    (InNomination, "reason"),
    (InPrework, "notes"),
    (InRecord, "notes"),
    (InReason, "cancellation_reason"),
    (InReason, "list_hold_reason"),
]


@GUESSES
@pytest.mark.parametrize(("place", "name"), PLACES)
def test_a_guess_that_was_taken_out_tells_nothing(
    place, name, guess, review, river_provider, river_lead, river_specialist
):
    kept = place(review, name)
    # Pre-work and nominations are an agency's: another of its people writes there.
    other = river_lead if place in (InNomination, InPrework) else river_specialist
    kept.write(river_provider, f"Fears {guess}")
    kept.clear(river_provider)
    words = kept.write(other, f"Fears {RIGHT}")
    for read in (
        label_for(review.participant, river_provider, now()),
        reader_for(river_provider, now()),
    ):
        assert read.clean(words) == SEEN
    assert reader_for(other, now()).clean(words) == f"Fears {RIGHT}"
