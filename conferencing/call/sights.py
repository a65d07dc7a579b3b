"""What the parts of a call's page showed to whom: in the audit once for each thing it states.

The page of a call fetches its parts again with each change, every other second for each person.
A row of the audit for each fetch would bury the record; one for each household, reader and way of
showing it (by alias; by name, under which release or other right) says all that was disclosed.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from django.db import transaction

from accounts.models import User
from conferencing.models import CallSight, Review
from participants.naming import Label

Shown = Mapping[Review, Label]


class Record(Protocol):
    """Tells the audit what was shown to whom."""

    def __call__(self, shown: Shown, user: User, *, now: datetime) -> None: ...


def under(label: Label) -> str:
    """By what right a name is shown, as the audit keeps it; empty by alias."""
    return label.ground.under if label.is_named else ""


def unseen(shown: Shown, user: User, *, part: str) -> Shown:
    """Those of `{review: Label}` that this part has not yet shown to the person in this way."""
    seen = set(
        CallSight.objects.filter(
            review__in=[each.pk for each in shown], user=user, part=part
        ).values_list("review", "under")
    )
    return {
        review: label for review, label in shown.items() if (review.pk, under(label)) not in seen
    }


def keep_sights(shown: Shown, user: User, *, part: str, now: datetime) -> None:
    """Remember what `part` showed, so that it is not told again."""
    CallSight.objects.bulk_create(
        [
            CallSight(review=review, user=user, part=part, under=under(label), at=now)
            for review, label in shown.items()
        ],
        ignore_conflicts=True,
    )


def record_new_looks(shown: Shown, user: User, *, part: str, record: Record, now: datetime) -> None:
    """Let `record(shown, user, now=now)` tell the audit of what of `{review: Label}` is new."""
    new = unseen(shown, user, part=part)
    if not new:
        return
    with transaction.atomic():
        keep_sights(new, user, part=part, now=now)
        record(new, user, now=now)
