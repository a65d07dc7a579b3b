"""Letting everybody who follows a running call see that something changed."""

from django.core.exceptions import ValidationError
from django.db.models import F

from conferencing.models import Call

IS_CLOSED = "The call is closed. Corrections are added to its minutes."


def tell_followers(meeting_id, *, frame=True):
    """Count the call up, for its page to fetch what is new; with `frame`, the parts around too.

    Raises ValidationError (code "closed") when the call was closed at this very moment.
    """
    if not tell_if_held(meeting_id, frame=frame):
        raise ValidationError(IS_CLOSED, code="closed")


def tell_if_held(meeting_id, *, frame=True) -> bool:
    """As `tell_followers`, for what may also be done while no call is held."""
    changes = {"version": F("version") + 1}
    if frame:
        changes["frame"] = F("frame") + 1
    return bool(Call.objects.filter(meeting=meeting_id, closed_at__isnull=True).update(**changes))
