"""What the pages about a call's guests show, and what a guest's own first page does."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime

from django.urls import NoReverseMatch, reverse

import audit.actions
import audit.services
from accounts.models import User
from agreements.models import StaffMember
from conferencing.elements import ELEMENTS, NOT_RECORDED, Clean, Read, Sight, read
from conferencing.models import CallGuest, Meeting, Review
from conferencing.models.calls import CallGuestQuerySet
from conferencing.reviews.decisions import target_words
from participants.disclosures import shown_to
from participants.models import Participant
from participants.naming import Label, labels
from regions.clock import local_day

from . import household_pages
from .guests import (
    PERMISSION,
    entries_to_invite_to,
    note_following,
    own_calls,
)

VIEWED = audit.actions.register("guests.viewed", "Looked at the guests of a call")


def guest_list_page(meeting: Meeting, user: User, *, now: datetime) -> dict[str, object]:
    """The call's guests that the person may know of; the look is recorded."""
    on = local_day(now, meeting.continuum.zone)
    guests = list(visible_guests(meeting, user, on).order_by("invited_at"))
    people = [guest.participant for guest in guests]
    names = labels(people, user, now)
    record_look(meeting, user, names, now)
    entries = entries_to_invite_to(meeting, user, on)
    is_open = meeting.state == meeting.State.PLANNED and meeting.ends_at >= now
    return {
        "meeting": meeting,
        "is_open": is_open,
        "may_withdraw": is_open or meeting.is_held,
        "may_invite": entries.exists(),
        "lines": [
            {
                "guest": guest,
                "label": names[guest.participant_id],
                "name": guest_name(guest, names[guest.participant_id]),
                "is_in": guest.user.has_usable_password(),
            }
            for guest in guests
        ],
    }


def visible_guests(meeting: Meeting, user: User, on: date) -> CallGuestQuerySet:
    """For CE Specialists all; for a victim service provider's staff those of its own."""
    guests = CallGuest.objects.filter(
        meeting=meeting, participant__in=Participant.objects.visible_to(user, on)
    ).select_related("participant", "user", "meeting__continuum", "invited_by")
    if user.membership.is_specialist:
        return guests
    own = StaffMember.objects.current().filter(user=user).values("agency")
    return guests.filter(participant__is_confidential=True, participant__agency__in=own)


def guest_name(guest: CallGuest, label: Label) -> str:
    """What a guest is called; nothing for a participant or a confidential household's guest."""
    participant = guest.participant
    if participant.is_confidential or guest.relation == CallGuest.Relation.PARTICIPANT:
        return ""
    return label.clean(guest.name or "")


def choices_to_invite_to(
    meeting: Meeting, user: User, *, now: datetime
) -> tuple[list[Participant], list[tuple[str, str]]]:
    """`[(key, label), …]` of the roster's households to whose review the person may invite."""
    on = local_day(now, meeting.continuum.zone)
    entries = entries_to_invite_to(meeting, user, on).select_related("participant")
    people = [entry.participant for entry in entries.order_by("position")]
    names = labels(people, user, now)
    record_look(meeting, user, names, now)
    return people, [(str(person.pk), names[person.pk].text) for person in people]


def record_look(
    meeting: Meeting, user: User, names: Mapping[uuid.UUID, Label], now: datetime
) -> None:
    if names:
        audit.services.record(
            VIEWED,
            actor=user,
            about=meeting,
            detail=shown_to(names),
            now=now,
        )


def guest_home(user: User, *, now: datetime) -> dict[str, object]:
    """A guest's first page: their calls, and where each is held."""
    return {"calls": [(meeting, call_link(meeting, user)) for meeting in own_calls(user, now)]}


def call_link(meeting: Meeting, user: User) -> str:
    """The address of the guest's side of the call; empty where it may not be opened."""
    if not user.has_perm(PERMISSION, meeting):
        return ""
    try:
        return reverse("conferencing:call_guest", args=[meeting.pk])
    except NoReverseMatch:
        return ""


def guest_page(meeting: Meeting, user: User, *, now: datetime) -> dict[str, object]:
    """A guest’s own review, by alias, while it is on the table; otherwise that they wait.

    Nothing of it is on the page that this guest may not see: what is written under safety only as
    it was handed over; barriers and notes as the continuum set it; and whoever is not the
    participant sees nothing of what a member of the household said.
    """
    call = getattr(meeting, "call", None)
    guest = CallGuest.objects.live().filter(meeting=meeting, user=user).first()
    if guest:
        note_following(guest, now=now)
    table = call and call.is_open and call.on_table
    page = {"meeting": meeting, "call": call, "version": call.version if call else 0, "words": None}
    if guest is None or not table or table.participant_id != guest.participant_id:
        return page
    review = household_pages.find_review(meeting, table.pk)
    person = review.participant
    clean = household_pages.record_look(review, user, now=now).by_alias().clean
    words = guest_words(review, guest, clean)
    steps = review.steps.select_related("agency").order_by("due_on", "created_at")
    return page | {
        "shown_as": person.alias,
        "is_own": guest.is_participant,
        "words": words,
        "told": told_lines(words),
        "steps": [(clean(step.what), step.agency.name, step.due_on) for step in steps],
    }


def guest_words(review: Review, guest: CallGuest, clean: Clean) -> Read:
    """What this guest sees of the review: `{part: words}`, the parts that they see and no other."""
    words = {"decisions": decisions_for_guest(review, clean, is_own=guest.is_participant)}
    if guest.safety_shown:
        words["safety"] = clean(guest.safety_shown)
    if not guest.is_participant:
        return words
    continuum, told = review.meeting.continuum, read(review, clean, empty=NOT_RECORDED)
    for each in ELEMENTS:
        is_set = each.sight is Sight.AS_SET and getattr(continuum, f"guests_see_{each.key}")
        if each.sight is Sight.ALWAYS or is_set:
            words |= {column: told[column] for column in each.columns}
    if continuum.guests_see_notes:
        words["notes"] = clean(review.notes)
    return words


def told_lines(words: Read) -> list[tuple[str, str, str]]:
    """The elements among what a guest sees, in their order: `[(title, words, details)]`."""
    return [
        (
            each.own,
            "\n".join(words[each.key]) or "Nothing noted" if each.is_list else words[each.key],
            words[each.typed] if each.is_place else "",
        )
        for each in ELEMENTS
        if each.key in words
    ]


def decisions_for_guest(review: Review, clean: Clean, *, is_own: bool) -> list[str]:
    """What was decided, without the reasons that were written beside it."""
    found = []
    if review.navigator:
        place = review.navigator
        found.append(f"Primary housing navigator: {place.user.name}, {place.agency.name}")
    if review.eligibility:
        found.append(f"Eligibility: {review.get_eligibility_display().lower()}")
    if review.is_referred:
        words = clean(review.referral) if is_own else ""
        found.append(f"Referral made: {words}" if words else "Referral made")
    if review.target_on:
        found.append(target_words(review, clean if is_own else lambda text: ""))
    return found
