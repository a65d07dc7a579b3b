"""The guests of a running call, as those who hold it see them: who is there, at whose review."""

from conferencing.models import CallGuest
from participants.naming import labels


def guest_lines(meeting, *, now, person=None, clean=None):
    """Each live guest of the call, or of one household, and what was handed over to them.

    Never who they are: how they belong to the household is enough to mind one's words.
    """
    guests = CallGuest.objects.live().filter(meeting=meeting).select_related("participant")
    if person is not None:
        guests = guests.filter(participant=person)
    return [
        {
            "guest": guest,
            "is_following": guest.is_following(now),
            "safety": clean(guest.safety_shown) if clean and guest.safety_shown else "",
        }
        for guest in guests.order_by("invited_at")
    ]


def labelled_guest_lines(meeting, user, *, now):
    """All live guests of the call, each with the household's label for this reader."""
    lines = guest_lines(meeting, now=now)
    names = labels([line["guest"].participant for line in lines], user, now) if lines else {}
    return [line | {"label": names[line["guest"].participant_id]} for line in lines]
