"""What the pages about a call's guests show, and what a guest's own first page does."""

from django.urls import NoReverseMatch, reverse

import audit.actions
import audit.services
from conferencing.models import CallGuest
from participants.disclosures import shown_to
from participants.models import Participant
from participants.naming import labels
from regions.clock import local_day

from .guests import PERMISSION, entries_to_invite_to, own_calls
from .prework_pages import cleaner

VIEWED = audit.actions.declare("guests.viewed", "Looked at the guests of a call")


def guest_list_page(meeting, user, *, now):
    """The call's guests that the person may know of; the look is recorded."""
    on = local_day(now, meeting.continuum.zone)
    guests = list(visible_guests(meeting, user, on).order_by("invited_at"))
    people = [guest.participant for guest in guests]
    names = labels(people, user, now)
    note_look(meeting, user, names, now)
    entries = entries_to_invite_to(meeting, user, on)
    return {
        "meeting": meeting,
        "is_open": meeting.state == meeting.State.PLANNED and meeting.ends_at >= now,
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


def visible_guests(meeting, user, on):
    """For CE Specialists all; for a victim service provider's staff those of its own."""
    guests = CallGuest.objects.filter(
        meeting=meeting, participant__in=Participant.objects.visible_to(user, on)
    ).select_related("participant", "user", "meeting__continuum", "invited_by")
    if user.membership.is_specialist:
        return guests
    own = entries_to_invite_to(meeting, user, on).values("participant__agency")
    return guests.filter(participant__is_confidential=True, participant__agency__in=own)


def guest_name(guest, label):
    """What a guest is called; nothing for a participant or a confidential household's guest."""
    participant = guest.participant
    if participant.is_confidential or guest.relation == CallGuest.Relation.PARTICIPANT:
        return ""
    return cleaner(participant, label)(guest.name or "")


def choices_to_invite_to(meeting, user, *, on, now):
    """`[(key, label), …]` of the roster's households to whose review the person may invite."""
    entries = entries_to_invite_to(meeting, user, on).select_related("participant")
    people = [entry.participant for entry in entries.order_by("position")]
    names = labels(people, user, now)
    note_look(meeting, user, names, now)
    return people, [(str(person.pk), names[person.pk].text) for person in people]


def note_look(meeting, user, names, now):
    if names:
        audit.services.record(
            VIEWED,
            actor=user,
            continuum_id=meeting.continuum_id,
            about=meeting,
            detail=shown_to(names),
            now=now,
        )


def guest_home(user, *, now):
    """A guest's first page: their calls, and where each is held."""
    return {"calls": [(meeting, call_link(meeting, user)) for meeting in own_calls(user, now)]}


def call_link(meeting, user):
    """The address of the guest's side of the call; empty where it may not be opened."""
    if not user.has_perm(PERMISSION, meeting):
        return ""
    try:
        return reverse("conferencing:call_guest", args=[meeting.pk])
    except NoReverseMatch:
        return ""
