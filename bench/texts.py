"""Cleaning the texts of a page of 60 households in a continuum of 20,000 people."""

from bench.table import Row, medians, milliseconds

HOUSEHOLDS, LARGE, ROUNDS = 60, 20_000, 15
MOST = 0.020  # seconds
TEXTS = (
    "Called the landlord about the unit on the third floor; the lease may end in May.",
    "Shares a tent with Marisol Quintanilla. Will bring the papers to the office on Monday.",
    "Has an appointment with the Housing Authority, and hopes to move in before the summer.",
    "Needs ID and a birth certificate. Her mother said that she can stay for two weeks.",
)


def rows():
    from django.utils import timezone

    from bench.by_name_list import worlds
    from participants.models import Participant
    from participants.naming import covered_keys, labels

    _, (continuum, specialist, _) = worlds()
    people = list(Participant.objects.filter(continuum=continuum).order_by("pk")[:HOUSEHOLDS])

    def page(turn):
        found = labels(people, specialist, timezone.now())
        for person in people:
            clean = found[person.pk].clean
            for text in TEXTS:
                clean(f"{text} ({turn})")

    def bare(turn):
        # What must be asked anew for each act: who is covered.
        covered_keys(continuum.pk, specialist, timezone.now())

    page(-1)  # opens the names; kept from then on
    taken = medians({"page": page, "bare": bare}, rounds=ROUNDS)
    yield Row(
        f"cleaning {HOUSEHOLDS * len(TEXTS)} texts, {LARGE:,} people on file",
        milliseconds(taken["page"]),
        f"at most {milliseconds(MOST)}; who is covered alone {milliseconds(taken['bare'])}",
        taken["page"] / MOST,
        at_most=1,
    )
