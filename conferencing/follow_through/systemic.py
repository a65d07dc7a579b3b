"""Systemic barriers: gathered from the reviews that marked them, owned, worked on, merged.

Source: River Valleys, “Purpose”: case conferencing identifies systemic barriers.

A mark belongs to the barrier of its own words. One barrier merged into another counts under it,
and takes its marks with it when the two are parted again.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

import audit.services
from accounts.models import User
from agreements.emails import AS_PERSON, tell
from agreements.leaving import AgencyRow, PlaceRow, Receivers, hold_places
from agreements.models import Agency, StaffMember
from agreements.models.agencies import StaffMemberQuerySet
from audit import actions
from conferencing.models import Meeting, Review, SystemicBarrier, SystemicBarrierMark
from conferencing.reviews.line import same_words
from participants.naming import Reader
from participants.own_words import note_edited
from participants.texts import reader
from regions.models import Continuum, Membership
from regions.words import plural

NOTED = actions.register("systemic_barrier.noted", "Took systemic barriers over from a call")
CHANGED = actions.register("systemic_barrier.changed", "Changed a systemic barrier")
MERGED = actions.register("systemic_barrier.merged", "Merged two systemic barriers")
UNMERGED = actions.register("systemic_barrier.unmerged", "Parted two systemic barriers again")

# A person's place, or those of a whole agency.
Places = Sequence[StaffMember] | QuerySet[StaffMember]
SOMEBODY = "the household"
SPECIALIST = "specialist"
LONGEST = SystemicBarrier._meta.get_field("words").max_length
CHANGED_MEANWHILE = "This barrier was changed meanwhile. Look at it as it is now, then change it."


@transaction.atomic
def note_systemic_barriers(
    meeting: Meeting, *, actor: User, now: datetime
) -> list[SystemicBarrierMark]:
    """Mark, for each household that the call spoke of, the barriers that it called systemic.

    Words that differ in case, accents and blanks alone are one barrier; words that are new make
    one. Running it again marks nothing twice. Returns the marks made.
    """
    # Two calls closed at once must not make the same barrier twice.
    Continuum.objects.select_for_update(no_key=True).get(pk=meeting.continuum_id)
    barriers = {
        same_words(each.words): each
        for each in SystemicBarrier.objects.filter(continuum=meeting.continuum_id)
    }
    reviews = list(
        meeting.reviews.told()
        .select_related("participant")
        .prefetch_related("systemic_marks")
        .order_by("discussed_at")
    )
    marks, nobody = [], Reader(meeting.continuum_id)
    for review in reviews:
        marked = {each.barrier_id for each in review.systemic_marks.all()}
        for words in systemic_words(review, nobody):
            key = same_words(words)
            if key not in barriers:
                barriers[key] = add_barrier(meeting, words, actor=actor, now=now)
            if barriers[key].pk not in marked:
                marked.add(barriers[key].pk)
                marks.append(SystemicBarrierMark(barrier=barriers[key], review=review))
    SystemicBarrierMark.objects.bulk_create(marks)
    if marks:
        audit.services.record(
            NOTED,
            actor=actor,
            about=meeting,
            detail={"barriers": sorted({str(each.barrier_id) for each in marks})},
            now=now,
        )
    return marks


def systemic_words(review: Review, nobody: Reader) -> Iterator[str]:
    """The words marked at a review, without name and alias: nobody's household stands in them.

    `nobody`: a reader whom no release covers.
    """
    person = review.participant
    for text in review.systemic or []:
        text = nobody.clean_of(text, {person.pk: SOMEBODY})
        text = re.sub(re.escape(person.alias), SOMEBODY, text, flags=re.IGNORECASE)
        words = " ".join(text.split())
        if words:
            yield words[:LONGEST].strip()


def add_barrier(meeting: Meeting, words: str, *, actor: User, now: datetime) -> SystemicBarrier:
    barrier = SystemicBarrier(
        continuum_id=meeting.continuum_id,
        words=words,
        first_marked_on=meeting.on,
        changed_at=now,
        changed_by=actor,
    )
    barrier.full_clean()
    barrier.save(force_insert=True)
    return barrier


def version_of(barrier: SystemicBarrier) -> str:
    """A text that tells this state of the barrier: a stale form is refused by it."""
    return barrier.changed_at.isoformat()


def possible_owners(continuum_id: UUID) -> StaffMemberQuerySet:
    """Who can own a barrier: people who have a place at an agency of the continuum now."""
    return (
        StaffMember.objects.current()
        .filter(agency__continuum=continuum_id)
        .select_related("user", "agency")
        .order_by("user__name", "pk")
    )


def owner_key(barrier: SystemicBarrier) -> str:
    """The owner as a form and the audit name them; empty for nobody."""
    return SPECIALIST if barrier.is_with_specialist else str(barrier.owner_id or "")


@transaction.atomic
def change_barrier(
    barrier: SystemicBarrier,
    *,
    status: str,
    owner: StaffMember | str | None,
    strategy: str,
    seen: str,
    actor: User,
    now: datetime,
) -> SystemicBarrier:
    """Say who works on a barrier, how, and how far it is.

    `owner` is a member of staff, `SPECIALIST` or None. `seen` is the `version_of` what the page
    showed. Raises ValidationError.
    """
    if isinstance(owner, StaffMember):
        hold_places([owner.pk])
    barrier = lock_unmerged(barrier)
    if seen != version_of(barrier):
        raise ValidationError(CHANGED_MEANWHILE)
    person = owner if isinstance(owner, StaffMember) else None
    if person and not possible_owners(barrier.continuum_id).filter(pk=person.pk).exists():
        raise ValidationError({"owner": "Choose somebody who has a place at an agency now."})
    former = (barrier.status, owner_key(barrier))
    barrier.status, barrier.owner, barrier.strategy = status, person, strategy
    note_edited(barrier, "strategy", actor=actor)
    barrier.is_with_specialist = owner == SPECIALIST
    save_change(barrier, former, actor=actor, now=now)
    return barrier


def save_change(
    barrier: SystemicBarrier, former: tuple[str, str], *, actor: User, now: datetime
) -> None:
    """Save a barrier, and record its status and its owner, from what they were (`former`)."""
    save(barrier, actor=actor, now=now)
    audit.services.record(
        CHANGED,
        actor=actor,
        about=barrier,
        detail={
            "status": [former[0], barrier.status],
            "owner": [former[1] or None, owner_key(barrier) or None],
        },
        now=now,
    )


@transaction.atomic
def merge_barrier(
    barrier: SystemicBarrier, *, into: SystemicBarrier, actor: User, now: datetime
) -> SystemicBarrier:
    """Count `barrier` under `into` from now on, also what is marked later. Reversible."""
    # In one order, so that two merges at once wait for each other instead of locking up.
    locked = {
        each.pk: each
        for each in SystemicBarrier.objects.select_for_update()
        .filter(pk__in=[barrier.pk, into.pk], continuum=barrier.continuum_id)
        .order_by("pk")
    }
    if len(locked) < 2:
        raise ValidationError({"into": "Choose another barrier of this continuum."})
    barrier, into = locked[barrier.pk], locked[into.pk]
    if barrier.merged_into_id or into.merged_into_id:
        raise ValidationError("One of the two was merged meanwhile. Look at the list again.")
    barrier.merged_into = into
    save(barrier, actor=actor, now=now)
    audit.services.record(
        MERGED,
        actor=actor,
        about=barrier,
        detail={"into": str(into.pk)},
        now=now,
    )
    return barrier


@transaction.atomic
def unmerge_barrier(barrier: SystemicBarrier, *, actor: User, now: datetime) -> SystemicBarrier:
    """Part a barrier from the one it was merged into; it stands alone with its own marks."""
    barrier = SystemicBarrier.objects.select_for_update().get(pk=barrier.pk)
    former = barrier.merged_into_id
    if former is None:
        return barrier
    barrier.merged_into = None
    save(barrier, actor=actor, now=now)
    audit.services.record(
        UNMERGED,
        actor=actor,
        about=barrier,
        detail={"from": str(former)},
        now=now,
    )
    return barrier


def lock_unmerged(barrier: SystemicBarrier) -> SystemicBarrier:
    barrier = SystemicBarrier.objects.select_for_update().get(pk=barrier.pk)
    if barrier.merged_into_id:
        raise ValidationError("This barrier was merged into another. Part them first.")
    return barrier


def save(barrier: SystemicBarrier, *, actor: User, now: datetime) -> None:
    barrier.changed_at, barrier.changed_by = now, actor
    barrier.full_clean()
    barrier.save()


def owned_by(places: Places) -> QuerySet[SystemicBarrier]:
    """The barriers that these people work on, and that stand by themselves."""
    barriers = SystemicBarrier.objects.filter(owner__in=places, merged_into__isnull=True)
    return barriers.exclude(status=SystemicBarrier.Status.RESOLVED).order_by(
        "first_marked_on", "pk"
    )


def owned_rows(places: Places, viewer: User | None, now: datetime) -> list[PlaceRow]:
    """`[(key, words)]` of their barriers, in words that this viewer may read."""
    barriers = list(owned_by(places))
    read = reader(viewer, now) if viewer and barriers else None
    return [
        (str(each.pk), f"Systemic barrier: {read.clean(each.words)}" if read else "")
        for each in barriers
    ]


def hand_on_barriers(places: Places, receivers: Receivers, actor: User, now: datetime) -> None:
    """Give their barriers to `{key: StaffMember or None}`; the CE Specialists hear of None."""
    left = []
    for barrier in owned_by(places).select_for_update():
        former, receiver = (barrier.status, owner_key(barrier)), receivers[str(barrier.pk)]
        barrier.owner = receiver
        if receiver is None:
            barrier.status = SystemicBarrier.Status.OPEN
            left.append(barrier)
        save_change(barrier, former, actor=actor, now=now)
    if left:
        tell_left(left, actor=actor, now=now)


def barrier_rows(place: StaffMember, viewer: User | None, now: datetime) -> list[PlaceRow]:
    return owned_rows([place], viewer, now)


def settle_barriers(place: StaffMember, receivers: Receivers, actor: User, now: datetime) -> None:
    hand_on_barriers([place], receivers, actor, now)


def agency_barrier_rows(agency: Agency, viewer: User | None, now: datetime) -> list[AgencyRow]:
    return [(key, words, True) for key, words in owned_rows(agency.staff.all(), viewer, now)]


def settle_agency_barriers(
    agency: Agency, receivers: Receivers, actor: User, now: datetime
) -> None:
    hand_on_barriers(agency.staff.all(), receivers, actor, now)


def tell_left(barriers: Sequence[SystemicBarrier], *, actor: User, now: datetime) -> None:
    """Mail the CE Specialists, but for whoever did it, how many barriers nobody works on now."""
    continuum = barriers[0].continuum
    for membership in Membership.objects.specialists_of(continuum).select_related("user"):
        if membership.user != actor:
            tell(
                membership.user,
                continuum=continuum,
                subject="A systemic barrier needs an owner",
                lines=[
                    f"{plural(len(barriers), 'systemic barrier')} had an owner who has left. "
                    "Choose who works on it."
                ],
                label="Look at systemic barriers",
                url=reverse("conferencing:systemic_barrier_list"),
                reason=AS_PERSON.format(continuum=continuum.name),
                key=f"barrier-left:{barriers[0].pk}:{now.isoformat()}",
                about_id=barriers[0].pk,
                now=now,
                actor=actor,
            )
