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
    from participants.naming import labels

    _, (continuum, specialist, _) = worlds()
    people = list(Participant.objects.filter(continuum=continuum).order_by("pk")[:HOUSEHOLDS])

    def page(turn):
        found = labels(people, specialist, timezone.now())
        for person in people:
            clean = found[person.pk].clean
            for text in TEXTS:
                clean(f"{text} ({turn})")

    def asking(turn):
        # What must be asked anew for each act: labels, who is covered, new names, what stays.
        found = labels(people, specialist, timezone.now())
        assert found[people[0].pk].reader.cleaner

    asked = labels(people, specialist, timezone.now())

    def cleaning(turn):
        for person in people:
            clean = asked[person.pk].clean
            for text in TEXTS:
                clean(f"{text} ({turn})")

    page(-1)  # opens the names; kept from then on
    cleaning(-1)
    taken = medians({"page": page, "asking": asking, "cleaning": cleaning}, rounds=ROUNDS)
    what = f"{HOUSEHOLDS * len(TEXTS)} texts, {LARGE:,} people on file"
    yield Row(
        f"cleaning {what}",
        milliseconds(taken["cleaning"]),
        f"at most {milliseconds(MOST)}",
        taken["cleaning"] / MOST,
        at_most=1,
    )
    yield Row(
        f"the same with its queries, {LARGE:,} of them covered by a release",
        milliseconds(taken["page"]),
        f"queries alone {milliseconds(taken['asking'])}",
        taken["page"] / MOST,
        note="Who is covered is asked of the database at each act and kept by none: the more are "
        "covered, the longer its answer. It is the same query as that of the list's own page.",
    )
