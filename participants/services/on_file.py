"""What is typed is compared with what is sealed: each answer recorded, and few of them a day.

"Somebody has this HMIS ID" is an answer about a person, also to whom no release covers. So the
comparison is the last thing that is done with a form: where nothing is found the household is
saved, which is recorded as such; where something is, that somebody was told so is recorded, and
after MOST_A_DAY such answers a person gets none until the next day. The count is of the audit,
which no restart forgets.
"""

from collections.abc import Callable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

import audit.actions
import audit.services
from accounts.models import User
from audit.models import AuditEntry
from participants import disclosures
from participants.models import Participant
from regions.clock import local_day, local_midnight
from regions.models import Continuum

MATCH_TOLD = audit.actions.register(
    "on_file.told", "Was told that what they typed is on file already"
)
disclosures.register(
    MATCH_TOLD, kind=disclosures.PAGE, what="That something typed is on file with the household"
)
# What was compared, with whom it is on file, and the error that says so.
Match = tuple[str, list[Participant], ValidationError]
MOST_A_DAY = 20
ENOUGH = (
    f"You reached today’s limit of {MOST_A_DAY} answers about what is on file. Leave out the "
    "field that is compared (the HMIS ID, or the date of birth), ask the CE Specialist, or try "
    "again tomorrow."
)


def answer(
    continuum: Continuum, compare: Callable[[], Match | None], *, actor: User, now: datetime
) -> None:
    """Compare what `actor` typed; raise the ValidationError that says what is on file, or return.

    `compare()` returns None, or `(what was compared, [participants], error)`. One person's answers
    come one after the other, so that many at once are counted too. What is recorded stays, though
    the form is refused.
    """
    with transaction.atomic():
        # Nobody reads this lock but the next answer of the same person.
        User.objects.select_for_update(no_key=True, of=("self",)).get(pk=actor.pk)
        refusal = ValidationError(ENOUGH, code="enough")
        if told_today(continuum, actor, now) < MOST_A_DAY:
            found = compare()
            if found is None:
                return
            what, people, refusal = found
            audit.services.record(
                MATCH_TOLD,
                actor=actor,
                continuum_id=continuum.pk,
                detail={
                    "compared": what,
                    "participants": sorted(str(each.pk) for each in people),
                    "named_under": {},
                },
                now=now,
            )
    raise refusal


def told_today(continuum: Continuum, actor: User, now: datetime) -> int:
    """How many answers this person got since midnight of the continuum's day."""
    midnight = local_midnight(local_day(now, continuum.zone), continuum.zone)
    return AuditEntry.objects.filter(
        continuum_id=continuum.pk, action=MATCH_TOLD, actor_id=actor.pk, at__gte=midnight
    ).count()
