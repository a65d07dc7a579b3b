"""What was added to the minutes about a household: told wherever its review is told."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import cast

from django.db.models import Q
from django.db.models.functions import Coalesce

from conferencing.elements import Clean
from conferencing.models import Addendum, Meeting, Review
from participants.models import Participant
from participants.own_words import Said
from regions.clock import local_day
from regions.words import day_words

from .decisions import as_stored


def additions_to(reviews: Iterable[Review]) -> defaultdict[uuid.UUID, list[Addendum]]:
    """Return `{review's key: [Addendum, …]}`, oldest first. One query."""
    found: defaultdict[uuid.UUID, list[Addendum]] = defaultdict(list)
    rows = Addendum.objects.filter(review__in=[each.pk for each in reviews])
    for each in rows.select_related("by", "meeting__continuum").order_by("at"):
        found[cast(uuid.UUID, each.review_id)].append(each)  # as asked
    return found


def additions_since(
    people: Collection[Participant], former: Mapping[uuid.UUID, Review], *, before: Meeting
) -> defaultdict[uuid.UUID, list[Addendum]]:
    """Return `{participant's key: [Addendum, …]}`: to each one's last review, and later ones.

    Also to one at which nothing was said. `former`: the last reviews before a meeting
    (`last_reviews`). One query.
    """
    found: defaultdict[uuid.UUID, list[Addendum]] = defaultdict(list)
    rows = Addendum.objects.filter(
        Q(review__participant__in=people) | Q(review__participant__merged_into__in=people),
        meeting__starts_at__lt=before.starts_at,
    ).annotate(household=Coalesce("review__participant__merged_into", "review__participant"))
    for each in rows.select_related("by", "meeting__continuum").order_by("at"):
        last = former.get(each.household)
        if last is None or each.meeting.starts_at >= last.meeting.starts_at:
            found[each.household].append(each)
    return found


def addition_words(addendum: Addendum, clean: Clean = as_stored) -> Said:
    """Who added what to the minutes of which call."""
    on = day_words(addendum.meeting.on)
    return Said(f"Added to the minutes of {on} by {addendum.by.name}: ", clean(addendum.words))


def addition_line(addendum: Addendum, clean: Clean) -> str:
    """The same, and when."""
    added_on = day_words(local_day(addendum.at, addendum.meeting.continuum.zone))
    return f"{addition_words(addendum, clean)} ({added_on})"
