"""The meeting as a thing of its own: roles, roster, prep list, reviews, steps."""

from .feeds import CalendarFeed
from .lists import PrepList, PrepListDelivery
from .meetings import Meeting, MeetingInvitation, MeetingRole, MeetingUserObjectPermission
from .reviews import ActionItem, ProgressUpdate, Review
from .roster import Nomination, RosterEntry

__all__ = [
    "ActionItem",
    "CalendarFeed",
    "Meeting",
    "MeetingInvitation",
    "MeetingRole",
    "MeetingUserObjectPermission",
    "Nomination",
    "PrepList",
    "PrepListDelivery",
    "ProgressUpdate",
    "Review",
    "RosterEntry",
]
