"""Corrections to a closed call: with author and time, beside the frozen text."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

import audit.actions
import audit.services
from accounts.models import User
from agreements.models import StaffMember
from conferencing.careful_words import hints
from conferencing.elements import CHOICES, FOR_SCRIPTS
from conferencing.models import Addendum, Meeting, Minutes, Review
from conferencing.models.reviews import ReviewQuerySet
from participants.folding import fold
from participants.own_words import note_typed

ADDENDUM_ADDED = audit.actions.register("minutes.addendum_added", "Added to the minutes of a call")
PERMISSION = "conferencing.add_addendum"


def reviews_to_add_to(meeting: Meeting, user: User) -> ReviewQuerySet:
    """The reviews of the call to which `user` may add, in the call's order by alias.

    All of them for its facilitator, its note taker and a CE Specialist; for others those of
    the households whose record their agency keeps.
    """
    reviews = Review.objects.filter(meeting=meeting).select_related("participant", "meeting")
    if not user.has_perm(PERMISSION, meeting):
        own = StaffMember.objects.current().filter(user=user).values("agency")
        reviews = reviews.filter(participant__agency__in=own)
    return reviews.order_by("participant__alias")


@transaction.atomic
def add_addendum(
    meeting: Meeting, *, review: Review | None, words: str, actor: User, now: datetime
) -> Addendum:
    """Add words to the minutes, about one review or (None) the whole call.

    The frozen text stays. Raises ValidationError while there are no minutes, for a review of
    another call, for no words, and for a victim service provider's participant's whereabouts.
    """
    meeting = Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
    if not Minutes.objects.filter(meeting=meeting).exists():
        raise ValidationError("There are no minutes of this call to add to.")
    if review is not None and review.meeting_id != meeting.pk:
        raise ValidationError({"about": "This household was not reviewed at this call."})
    refuse_whereabouts(meeting, review, words)
    addendum = Addendum(meeting=meeting, review=review, words=words.strip(), by=actor, at=now)
    addendum.full_clean()
    note_typed(addendum, "words", actor=actor)
    addendum.save(force_insert=True)
    audit.services.record(
        ADDENDUM_ADDED,
        actor=actor,
        about=addendum,
        detail={
            "meeting": str(meeting.pk),
            "participant": str(review.participant_id) if review else "",
        },
        now=now,
    )
    return addendum


def refuse_whereabouts(meeting: Meeting, review: Review | None, words: str) -> None:
    """Raise ValidationError for what must never be stored, VAWA (34 USC 12291(b)(2)).

    Words about the whole call are looked at as well where they tell of such a household.
    """
    if review is not None:
        is_confidential = review.participant.is_confidential
    else:
        aliases = meeting.reviews.filter(participant__is_confidential=True).order_by()
        said = f" {fold(words)} "
        is_confidential = any(
            f" {fold(alias)} " in said
            for alias in aliases.values_list("participant__alias", flat=True)
        )
    found = hints(words, is_confidential=is_confidential)
    refused = [hint.words for hint in found if hint.is_refused]
    if refused:
        raise ValidationError({"words": list(dict.fromkeys(refused))})


def left_over_page(households: Mapping[uuid.UUID, tuple[str, bool]]) -> dict[str, object]:
    """What the page's script needs to say what the browser kept, and of which household.

    `households`: `{review's key: (label for this reader, whether they may add to it)}`.
    """
    return {
        "households": {
            str(key): {"label": label, "may_add": may_add}
            for key, (label, may_add) in households.items()
        },
        "declared": FOR_SCRIPTS,
        "choices": {
            name: {value: str(words) for value, words in choices}
            for name, choices in CHOICES.items()
            if not name.endswith("_changed")
        },
    }
