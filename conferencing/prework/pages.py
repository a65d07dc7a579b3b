"""What the pages of pre-work show, by the rules for who is looking."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypedDict

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse

import audit.actions
import audit.services
from accounts.models import User
from agreements.models import StaffMember
from conferencing.elements import Clean, Read, read
from conferencing.models import Meeting, PreWork, Review
from conferencing.reviews.additions import addition_line, additions_since
from conferencing.reviews.last import last_reviews, was_carried_over
from conferencing.reviews.prepared import ending_words, shown, with_listed
from conferencing.task import AHEAD, Task
from participants.disclosures import shown_to
from participants.models import Participant
from participants.naming import Label, label_for, labels
from regions.clock import local_day
from regions.words import day_words, plural

from .acts import entries_to_prepare

if TYPE_CHECKING:
    from conferencing.reviews.prepared import ListedPreWork

VIEWED = audit.actions.register("prework.viewed", "Looked at households to prepare for a call")


class Reviewed(TypedDict):
    on: date
    is_carried_over: bool
    where: str
    said: Read
    notes: str


class PreWorkPage(TypedDict):
    meeting: Meeting
    place: StaffMember
    participant: Participant
    shown_as: Label
    household: str
    review: Reviewed | None
    added: list[str]
    kept: dict[str, Any] | None  # Any: as `shown` gives it


def prepare_tasks(user: User, place: StaffMember, now: datetime) -> list[Task]:
    """The calls ahead for which the agency has households to prepare. A constant few queries."""
    continuum = place.agency.continuum
    on = local_day(now, continuum.zone)
    ahead = Meeting.objects.upcoming(now).filter(continuum=continuum, starts_at__lt=now + AHEAD)
    is_done = Exists(
        PreWork.objects.filter(
            meeting=OuterRef("meeting"),
            participant=OuterRef("participant"),
            agency=place.agency_id,
        )
    )
    counted = (
        entries_to_prepare(user, place, on)
        .filter(meeting__in=ahead)
        .values("meeting")
        .annotate(all=Count("pk"), done=Count("pk", filter=Q(is_done)))
    )
    found = {row["meeting"]: row for row in counted}
    meetings = ahead.filter(pk__in=found).select_related("region", "continuum")
    return [
        Task(
            f"Prepare for the call: {plural(found[meeting.pk]['all'], 'household')}",
            reverse("conferencing:prework_list", args=[meeting.pk]),
            f"{meeting.scope_words} call, {day_words(meeting.on)}. "
            "What changed since the last review?",
            "Prepare",
            meeting.on,
            f"{found[meeting.pk]['done']} prepared" if found[meeting.pk]["done"] else "",
        )
        for meeting in meetings
        if found[meeting.pk]["done"] < found[meeting.pk]["all"]
    ]


def prework_list_page(
    meeting: Meeting, user: User, place: StaffMember, *, now: datetime
) -> dict[str, object]:
    """The agency's households on the roster, what the last review said; the look is recorded."""
    on = local_day(now, meeting.continuum.zone)
    entries = list(
        entries_to_prepare(user, place, on)
        .filter(meeting=meeting)
        .select_related("participant")
        .order_by("position")
    )
    people = [entry.participant for entry in entries]
    names = labels(people, user, now)
    reviews = last_reviews(seen_whole(people, user, on), before=meeting)
    prepared = with_listed(PreWork.objects.filter(meeting=meeting, agency=place.agency_id))
    kept = list(prepared.select_related("by", "participant", "meeting__continuum"))
    kept_by_person = {each.participant_id: each for each in kept}
    others = no_longer_to_prepare(kept, people, user, on)
    names |= labels([each.participant for each in others], user, now)
    if names:
        audit.services.record(
            VIEWED,
            actor=user,
            about=meeting,
            detail=shown_to(names),
            now=now,
        )
    return {
        "meeting": meeting,
        "place": place,
        "is_ready": bool(meeting.roster_settled_at) or meeting.prep_lists.exists(),
        "lines": [
            {
                "participant": person,
                "label": names[person.pk],
                "household": person.size_words,
                "review": reviewed(reviews.get(person.pk), names[person.pk].clean),
                "kept": kept_by_person.get(person.pk),
            }
            for person in people
        ],
        "others": [
            {"label": names[each.participant_id], "kept": each, "ending": ending_words(each)}
            for each in others
        ],
    }


def no_longer_to_prepare(
    kept: "Iterable[ListedPreWork]", people: list[Participant], user: User, on: date
) -> "list[ListedPreWork]":
    """What the agency prepared where nothing can be changed: the call is over, or without them."""
    found = [each for each in kept if each.participant not in people]
    if not found:
        return []
    visible = seen_whole([each.participant for each in found], user, on)
    return [each for each in found if each.participant in visible]


def seen_whole(people: Sequence[Participant], user: User, on: date) -> list[Participant]:
    """Those of whom the person may know more than that their agency has a step for them."""
    keys = [each.pk for each in people]
    visible = Participant.objects.visible_to(user, on).filter(pk__in=keys)
    found = set(visible.values_list("pk", flat=True)) if keys else set()
    return [each for each in people if each.pk in found]


def prework_edit_page(
    meeting: Meeting, participant: Participant, user: User, place: StaffMember, *, now: datetime
) -> PreWorkPage:
    """One household: the last review, and what the agency kept; the look is recorded."""
    label = label_for(participant, user, now)
    seen = seen_whole([participant], user, local_day(now, meeting.continuum.zone))
    former = last_reviews(seen, before=meeting)
    added = additions_since(seen, former, before=meeting)
    kept = (
        PreWork.objects.filter(meeting=meeting, participant=participant, agency=place.agency_id)
        .select_related("by", "agency")
        .first()
    )
    audit.services.record(
        VIEWED,
        actor=user,
        about=meeting,
        detail=shown_to({participant.pk: label}),
        now=now,
    )
    return {
        "meeting": meeting,
        "place": place,
        "participant": participant,
        "shown_as": label,
        "household": participant.size_words,
        "review": reviewed(former.get(participant.pk), label.to_edit),
        "added": [addition_line(each, label.clean) for each in added.get(participant.pk, ())],
        "kept": shown(kept, label.to_edit) if kept else None,
    }


def reviewed(review: Review | None, clean: Clean) -> Reviewed | None:
    """The elements of a review as the reader may see them; None without a review."""
    if review is None:
        return None
    return {
        "on": review.meeting.on,
        "is_carried_over": was_carried_over(review),
        "where": review.get_location_display() or "Location not recorded",
        "said": read(review, clean),
        "notes": clean(review.notes),
    }
