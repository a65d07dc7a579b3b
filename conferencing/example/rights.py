"""What participants asked for, and who looked at whom, in the example. Example data only."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

from agreements.models import StaffMember
from audit.services import Act, record_many
from participants.disclosures import shown_as, shown_to
from participants.models import Participant
from participants.naming import labels
from participants.services.pages import LISTED, VIEWED
from participants.services.rights import answer_request, record_request
from regions.clock import local_day
from regions.models import Continuum

ASKED = (
    ("access", 24, "The participant, in person", "Everything that is on file.", None),
    ("access", 6, "The participant, by phone", "Who was shown the household’s reviews.", None),
    (
        "correction",
        40,
        "The participant, by letter",
        "There are two children in the household, not one.",
        ("partly", "The number was corrected. Earlier minutes stay as they were."),
    ),
)
LOOKS = 8


def ask_for_rights(continuum: Continuum, *, random: Random, now: datetime) -> None:
    """A few requests of households with a release, two of them open, and some days of looks."""
    people = list(
        Participant.objects.filter(
            continuum=continuum, is_confidential=False, releases__covers_case_conferencing=True
        )
        .select_related("continuum", "agency")
        .order_by("alias")
        .distinct()
    )
    staff = list(
        StaffMember.objects.current()
        .filter(agency__continuum=continuum, agency__is_victim_service_provider=False)
        .select_related("user__membership__continuum", "agency")
        .order_by("user__name")
    )
    for person, asked in zip(random.sample(people, k=len(ASKED)), ASKED, strict=True):
        ask(person, *asked, staff=staff, random=random, now=now)
    for ago in range(LOOKS, 0, -1):
        at = now - timedelta(days=ago, minutes=random.randrange(300))
        viewers = random.sample(staff, k=min(3, len(staff)))
        acts = looks(continuum, random.sample(people, k=12), viewers, at)
        record_many(list(acts), now=at)


def ask(
    person: Participant,
    kind: str,
    days: int,
    by_whom: str,
    words: str,
    answered: tuple[str, str] | None,
    *,
    staff: Sequence[StaffMember],
    random: Random,
    now: datetime,
) -> None:
    own = [each.user for each in staff if each.agency_id == person.agency_id]
    actor = own[0] if own else random.choice(staff).user
    at = now - timedelta(days=days)
    request = record_request(
        person,
        kind=kind,
        received_on=local_day(at, person.continuum.zone),
        by_whom=by_whom,
        words=words,
        actor=actor,
        now=at,
    )
    if answered:
        at += timedelta(days=9)
        outcome, answer = answered
        answer_request(
            request,
            outcome=outcome,
            answer=answer,
            answered_on=local_day(at, person.continuum.zone),
            actor=actor,
            now=at,
        )


def looks(
    continuum: Continuum,
    people: Sequence[Participant],
    viewers: Iterable[StaffMember],
    at: datetime,
) -> Iterator[Act]:
    for place in viewers:
        names = labels(people, place.user, at)
        detail = shown_to(names) | {"searched": False}
        yield Act(action=LISTED, actor=place.user, continuum_id=continuum.pk, detail=detail)
        person = people[0]
        label = names[person.pk]
        yield Act(
            action=VIEWED,
            actor=place.user,
            about=person,
            detail={"page": "overview", **shown_as(label)},
        )
