"""What the by-name list asks of a person: possible duplicates, inactivity, last attempts."""

from datetime import date

from django.urls import reverse

from agreements.models import StaffMember
from conferencing.task import Task
from participants.merges.pages import waiting_count
from participants.models import Participant
from participants.quiet import rule_of, soon
from participants.services.round_pages import open_round_of, untried_of
from regions.models import Continuum
from regions.words import plural


def duplicate_tasks(continuum: Continuum, on: date) -> list[Task]:
    """Pairs of records that wait for a decision, for the CE Specialist."""
    count = waiting_count(continuum, on)
    if not count:
        return []
    return [
        Task(
            plural(count, "possible duplicate"),
            reverse("participants:duplicates"),
            "Compare them: one person twice on the list waits, and is counted, twice.",
            "Compare",
        )
    ]


SOON_HINT = "Press “Seen today” on the list for anyone you’ve met."


def agency_tasks(place: StaffMember, on: date) -> list[Task]:
    """What the person's agency is to look for, and which of its households fall inactive soon."""
    continuum = place.agency.continuum
    rule = rule_of(continuum)
    if rule is None:
        return []
    people = Participant.objects.filter(continuum=continuum, agency=place.agency)
    tasks = soon_task(soon(people, rule, on).count(), f"?state=soon&agency={place.agency_id}")
    round = open_round_of(continuum)
    untried = untried_of(round, place.agency) if round else 0
    if round and untried:
        households = plural(untried, "household")
        tasks.append(
            Task(
                f"Look for {households} once more",
                round.get_absolute_url(),
                "No contact for long. Record each attempt; who is reached stays on the list.",
                "Record attempts",
                when=f"round of {round.month:%B}",
            )
        )
    return tasks


def continuum_tasks(continuum: Continuum, on: date) -> list[Task]:
    """For the CE Specialist: who falls inactive soon, and the round that is open."""
    rule = rule_of(continuum)
    if rule is None:
        return []
    people = Participant.objects.filter(continuum=continuum)
    tasks = soon_task(soon(people, rule, on).count(), "?state=soon")
    round = open_round_of(continuum)
    if round:
        households, tried = round.cases.count(), round.cases.filter(attempts__isnull=False)
        tasks.append(
            Task(
                f"Outflow round of {round.month:%B}",
                round.get_absolute_url(),
                f"{tried.distinct().count()} of {plural(households, 'household')} attempted.",
                "Open the round",
            )
        )
    return tasks


def soon_task(number: int, query: str) -> list[Task]:
    if not number:
        return []
    words = f"{plural(number, 'household')} will become inactive within 14 days"
    url = reverse("participants:participant_list") + query
    return [Task(words, url, SOON_HINT, "See them")]
