"""Whatever shows a household records it: every address, as a page and as a part of one.

Each answer is read for the aliases and names of the world's households; what it shows must stand
in the audit, written in that request, by name where it was by name.
"""

import pytest
from django.db import transaction
from django.urls import reverse

from audit.models import AuditEntry
from conferencing.models import CallGuest, Review
from conferencing.tests.test_walk import FIXED, ROWS
from conferencing.tests.world import keep_watchdog_content, signed_in
from participants.models import Participant
from participants.services.disclosures import entries_about, rows_of

pytestmark = pytest.mark.django_db

# How an answer is asked for: by a browser, by htmx, and, at a call, by the script of its page.
ASKERS = {"page": {}, "htmx": {"HX-Request": "true"}, "call": {"X-Call": "1"}}
# Further questions of one address, each of which answers with other parts of a household.
QUESTIONS = {
    "conferencing:call_household": ["", "part=steps", "part=outcome"],
    "conferencing:call_live": ["", "v=-1", "v=-1&r={review}"],
    "conferencing:step_list": ["", "whose=all", "state=closed", "state=all&whose=all"],
    "participants:participant_list": ["", "status=all", "need=unsheltered"],
}
# Searches: whoever is found is shown.
SEARCHES = {
    "participants:participant_list": ["qwertzuiop", "hidden-mn", "shared-mn", "confidential-"],
    "conferencing:call_raise": ["qwertzuiop", "hidden-mn", "shared-mn"],
    "conferencing:roster_nominate": ["qwertzuiop", "hidden-mn", "shared-mn"],
    "conferencing:roster_detail": ["qwertzuiop", "hidden-mn", "shared-mn"],
}


@pytest.fixture(autouse=True)
def _quiet(caplog):
    caplog.set_level("ERROR", logger="django.request")


def shown_in(text, people):
    """`{participant: by name?}` of the households that a text shows."""
    found = {}
    for person in people:
        names = [part for part in (person.name or "").split() if part in text]
        if names or person.alias in text:
            found[person] = bool(names)
    return found


def recorded_after(last, people, user):
    """`{participant: by name?}` of what the audit recorded since entry `last`, shown to `user`."""
    found = {}
    for person in people:
        entries = entries_about(person).filter(sequence__gt=last, actor_id=user.pk)
        for row in rows_of(person, entries):
            found[person] = found.get(person, False) or bool(row.named)
    return found


def askers_of(address):
    name = address.removeprefix("conferencing:")
    at_call = name.startswith(("call_", "notes_", "step_", "prework_"))
    return ASKERS if at_call else ["page", "htmx"]


class Reader:
    """One person, who asks every address in every way; `faults` says what was not recorded."""

    def __init__(self, user, people):
        self.user, self.people = user, people
        self.client = signed_in(user)
        self.faults, self.seen = [], set()

    def ask(self, address, kwargs, *, question="", data=None, asker="page"):
        url = reverse(address, kwargs=kwargs) + (f"?{question}" if question else "")
        with transaction.atomic():
            last = AuditEntry.objects.values_list("sequence", flat=True).first() or 0
            headers = ASKERS[asker]
            if data is None:
                response = self.client.get(url, headers=headers)
            else:
                # What an act says of itself is read on the page that it leads to.
                response = self.client.post(url, data, headers=headers, follow=True)
            text = b"".join(response) if response.streaming else response.content
            shown = shown_in(text.decode(errors="replace"), self.people)
            kept = recorded_after(last, shown, self.user)
            transaction.set_rollback(True)
        if shown:
            self.seen.add((address, asker))
        where = f"{'GET' if data is None else 'POST'} {address}?{question} {data or ''} ({asker})"
        for person, by_name in shown.items():
            if person not in kept:
                self.faults.append(f"{where} shows {person.alias}, recorded nowhere")
            elif by_name and not kept[person]:
                self.faults.append(f"{where} names {person.alias}, recorded by alias")

    def ask_everything(self, keys, review):
        for address, (method, _cells) in ROWS.items():
            kwargs = keys.get(address, FIXED.get(address, {}))
            for asker in askers_of(address):
                if method != "POST":
                    for question in QUESTIONS.get(address, [""]):
                        question = question.format(review=review.pk)
                        self.ask(address, kwargs, question=question, asker=asker)
                if method != "GET":
                    self.ask(address, kwargs, data={}, asker=asker)
                for text in SEARCHES.get(address, ()):
                    self.ask(address, kwargs, data={"q": text}, asker=asker)


def reader_of(scene, role):
    user = scene.people.get(role)
    if role == "guest":
        user = CallGuest.objects.get(relation="participant", meeting__continuum__code="MN-502").user
    return Reader(user, list(Participant.objects.filter(continuum__code="MN-502")))


# The others of the cast read of no household at all, as the walk of every address holds.
@pytest.mark.parametrize("role", ["specialist", "lead", "provider", "other", "vsp", "guest"])
def test_what_is_shown_is_recorded(world, role):
    keep_watchdog_content()
    scene = world["river"]
    reader = reader_of(scene, role)
    review = Review.objects.get(pk=scene.keys["conferencing:call_household"]["review_pk"])
    reader.ask_everything(scene.keys, review)
    assert sorted(set(reader.faults)) == []


def test_the_reader_reads_parts_and_pages(world):
    """The sweep above would pass if it saw nothing."""
    scene = world["river"]
    reader = reader_of(scene, "provider")
    for address in ("conferencing:call_frame", "conferencing:step_report"):
        for asker in ASKERS:
            reader.ask(address, scene.keys[address], asker=asker)
    assert len(reader.seen) == 2 * len(ASKERS)
