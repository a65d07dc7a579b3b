"""What is written of a household during the call: one accepted save after another.

A save is accepted only on the revision it was made from; otherwise the writer is shown what
stands there now, and decides. Every accepted revision stays in the history.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.models import User
from agreements.standing import in_standing_now
from audit.history import events_of
from conferencing.at_once import IS_CLOSED, tell_followers
from conferencing.careful_words import Hint, hints
from conferencing.elements import ELEMENTS, KEYS, MARK_OF, Element
from conferencing.models import MeetingUserObjectPermission, Review
from conferencing.nothing_to_discuss.acts import discuss_after_all
from conferencing.reviews.last import (
    SAID,
    is_news,
    last_reviews,
    whereabouts,
)
from participants.naming import label_for
from participants.own_words import note_edited
from regions.clock import local_day

from .note_fields import (
    FIELDS,
    LISTS,
    LOCATION,
    NULLABLE,
    TEXTS,
    Values,
    clean,
    stands,
)
from .note_names import is_written_anew, taken_from, with_names

NOTHING_BEFORE = "Nothing is known from before that could be unchanged. Say what it is today."


Held = dict[str, list[Hint]]  # by field
Kept = dict[str, list[str]]  # by field the kinds of hints


@dataclass
class Saved:
    """What became of a save.

    `held`: per field the hints that the writer has not answered yet; those fields were not
    accepted. `stored`: what was accepted in other words than it was sent. `conflict`: the save was
    made from another revision, and nothing was accepted.
    """

    review: Review
    held: Held = field(default_factory=dict)
    stored: Values = field(default_factory=dict)
    conflict: bool = False


@transaction.atomic
def save_notes(
    meeting_id: uuid.UUID,
    review_id: uuid.UUID,
    values: object,
    *,
    base: int,
    kept: object,
    actor: User,
    now: datetime,
) -> Saved:
    """Accept what the writer typed, if it was made from the revision that stands there now.

    `values`: `{field: value}` as JSON has them; `base`: the revision they were made from; `kept`:
    per field the kinds of hints that the writer decided to keep. A save that was accepted before
    and comes again (its answer was lost) is accepted again and changes nothing. Raises
    PermissionDenied for whoever may not write at this moment, ValidationError for bad values.
    """
    review = locked_review(meeting_id, review_id, actor, now)
    sent, kept = clean(values, review), clean_kept(kept)
    cleaned, shown = with_names(sent, review, actor, now)
    stored = shown | compare_marks(cleaned, review)
    wanted = {
        name: value
        for name, value in cleaned.items()
        if value != stands(review, name) or is_written_anew(name, value)
    }
    if base != review.revision and (wanted or not knows_all(review, cleaned, base)):
        return Saved(review, conflict=True)
    held = held_back(wanted, kept, review)
    wanted = {name: value for name, value in wanted.items() if name not in held}
    keep_systemic_among_barriers(wanted, held, review)
    for name, mark in MARK_OF.items():
        if name in wanted and mark not in cleaned:
            wanted[mark] = Review.Changed.CHANGED
    if wanted:
        for name, value in wanted.items():
            kept_as = value or None if name in NULLABLE else value
            setattr(review, f"{name}_id" if name == "navigator" else name, kept_as)
        was_silent = review.revision == 0
        was_confirmed = review.outcome == Review.Outcome.NOTHING
        if was_confirmed:
            review.outcome = Review.Outcome.OPEN
        review.revision += 1
        review.saved_at, review.saved_by = now, actor
        times = {time for name in wanted if (time := said_at_of(name))}
        for time in times:
            setattr(review, time, now)
        texts = wanted.keys() & {*TEXTS, *LISTS}
        beside = taken_from(
            wanted, sent, review, partial(label_for, review.participant, actor, now), now
        )
        note_edited(review, *texts, actor=actor, values=wanted, beside=beside)
        more = ["outcome"] if was_confirmed else []
        review.save(update_fields=[*wanted, *times, *more, "revision", "saved_at", "saved_by"])
        tell_followers(meeting_id, frame=False)
        if was_silent and (discuss_after_all(review, actor=actor, now=now) or was_confirmed):
            tell_followers(meeting_id)
    return Saved(review, held=held, stored=stored)


def said_at_of(name: str) -> str | None:
    """The field that keeps when this one was said, for what the end of the call makes known."""
    if name == "navigator":
        return "navigator_said_at"
    return "location_said_at" if name in LOCATION else None


def has_basis(former: Review | None) -> tuple[str, ...]:
    """Which elements besides the location the last review said something of."""
    if former is None:
        return ()
    return tuple(each.key for each in ELEMENTS if not each.is_place and says(former, each))


def says(review: Review, element: Element) -> bool:
    """Whether a review says something of the element; of a list also that nothing is on it."""
    value = getattr(review, element.key)
    if element.is_list:
        return bool(value) or getattr(review, element.mark) != Review.Changed.NOT_RECORDED
    return bool((value or "").strip())


def compare_marks(cleaned: Values, review: Review) -> Values:
    """Hold each “unchanged” against what was known before; return the marks that say more.

    The marks tell the change since the last review (River Valleys, “Standard Set of Elements”). A
    location that is confirmed as it is known now, but is news to the last review, has changed.
    Raises ValidationError by mark where there is nothing to compare with, or something else is
    known by now.
    """
    unchanged = [
        name
        for name in KEYS
        if cleaned.get(f"{name}_changed") == Review.Changed.UNCHANGED
        and getattr(review, f"{name}_changed") != Review.Changed.UNCHANGED
    ]
    if not unchanged:
        return {}
    person, meeting = review.participant, review.meeting
    former = last_reviews([person], before=meeting).get(person.pk)
    wrong, stored = {}, {}
    for name in unchanged:
        if name != "location":
            if name not in has_basis(former):
                wrong[f"{name}_changed"] = [NOTHING_BEFORE]
            continue
        known = whereabouts([person], meeting=meeting).get(person.pk)
        location = cleaned.get("location", review.location)
        if known is None:
            wrong["location_changed"] = [NOTHING_BEFORE]
        elif location != known.kind and known.source != SAID:
            wrong["location_changed"] = [
                f"{known.says_who}: {known.label}. Confirm that, or choose what it is today."
            ]
        elif is_news(location, cleaned.get("location_words", review.location_words), former):
            cleaned["location_changed"] = stored["location_changed"] = Review.Changed.CHANGED
    if wrong:
        raise ValidationError(wrong)
    return stored


def locked_review(
    meeting_id: uuid.UUID, review_id: uuid.UUID, actor: User, now: datetime
) -> Review:
    """The review, locked, if `actor` may write on it now: asked in the one query that finds it."""
    membership = getattr(actor, "membership", None)
    if membership is None:
        raise Review.DoesNotExist
    on = local_day(now, membership.continuum.zone)
    granted = MeetingUserObjectPermission.objects.filter(
        content_object=OuterRef("meeting"), user=actor
    )
    leads = granted.filter(
        permission__codename="facilitate_meeting", content_object__call__stand_in=actor
    )
    may = granted.filter(permission__codename="take_notes_in_meeting") | leads
    review = (
        Review.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk=review_id, meeting=meeting_id, meeting__continuum=membership.continuum_id)
        .select_related("meeting__call", "meeting__continuum", "participant")
        .annotate(is_writer=Exists(may), is_in_standing=in_standing_now(actor, on))
        .first()
    )
    if review is None:
        raise Review.DoesNotExist
    if not review.is_in_standing or not (review.is_writer or membership.is_specialist):
        raise PermissionDenied("You do not take notes at this call now.")
    call = getattr(review.meeting, "call", None)
    if call is None or not call.is_open:
        raise ValidationError(IS_CLOSED, code="closed")
    return review


def knows_all(review: Review, cleaned: Values, base: int) -> bool:
    """Whether nothing stands now but what this save holds, and what stood at its base.

    So it is the save that was accepted last, and its answer was lost. A writer who does not know
    of somebody else's words must be shown them, even where their own are accepted already.
    """
    event = events_of(Review).filter(pgh_obj=review.pk, revision=base).order_by("-pgh_id").first()
    known = {*cleaned, *(MARK_OF[name] for name in cleaned if name in MARK_OF)}
    return event is not None and all(
        name in known or stands(event, name) == stands(review, name) for name in FIELDS
    )


def clean_kept(kept: object) -> Kept:
    """Which hints the writer decided to keep, `{field: [kind]}`; ValidationError for else."""
    if not isinstance(kept, dict) or not all(
        isinstance(kinds, list) and all(isinstance(kind, str) for kind in kinds)
        for kinds in kept.values()
    ):
        raise ValidationError("The answers to the hints could not be read.")
    return kept


def held_back(wanted: Values, kept: Kept, review: Review) -> Held:
    """Per field the hints that stand against accepting it, by careful_words."""
    held = {}
    for name, value in wanted.items():
        if name not in TEXTS and name != "barriers":
            continue
        text = "\n".join(value) if name == "barriers" else value
        is_confidential = review.participant.is_confidential
        answered = kept.get(name, [])
        found = [
            hint
            for hint in hints(text, is_confidential=is_confidential)
            if hint.is_refused or hint.kind not in answered
        ]
        if found:
            held[name] = found
    return held


def keep_systemic_among_barriers(wanted: Values, held: Held, review: Review) -> None:
    """Only a barrier that stands can be systemic; the mark on one that is held waits with it."""
    barriers = wanted.get("barriers", review.barriers)
    marked = wanted.get("systemic", stands(review, "systemic"))
    systemic = [each for each in marked or [] if each in barriers]
    if systemic != marked and "barriers" in held:
        held["systemic"] = held["barriers"]
    if systemic != stands(review, "systemic"):
        wanted["systemic"] = systemic
    else:
        wanted.pop("systemic", None)
