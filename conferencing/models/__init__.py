"""The meeting as a thing of its own: roles, roster, prep list, reviews, steps."""

from .calls import Attendance, Call, CallGuest, CallSight, OwnKeys, PreWork
from .feeds import CalendarFeed, MeetingAnswer, MeetingInvitation
from .lists import PrepList, PrepListDelivery
from .meeting_roles import MeetingRole, RoleSwap
from .meetings import (
    Meeting,
    MeetingUserObjectPermission,
    not_over,
)
from .minutes import (
    Addendum,
    Minutes,
    MinutesDelivery,
    SystemicBarrier,
    SystemicBarrierMark,
)
from .reviews import ActionItem, ProgressUpdate, Review
from .roster import Nomination, NothingToDiscuss, RosterEntry

__all__ = [
    "ActionItem",
    "Addendum",
    "Attendance",
    "CalendarFeed",
    "Call",
    "CallGuest",
    "CallSight",
    "Meeting",
    "MeetingAnswer",
    "MeetingInvitation",
    "MeetingRole",
    "MeetingUserObjectPermission",
    "Minutes",
    "MinutesDelivery",
    "Nomination",
    "NothingToDiscuss",
    "OwnKeys",
    "PreWork",
    "PrepList",
    "PrepListDelivery",
    "ProgressUpdate",
    "Review",
    "RoleSwap",
    "RosterEntry",
    "SystemicBarrier",
    "SystemicBarrierMark",
    "not_over",
]
