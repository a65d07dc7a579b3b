"""A locked PDF of the minutes for somebody who says why: its password shown once.

Two steps, for a browser takes a page or a file, not both: the reason gives a password and a
sealed order; the order, brought back within minutes by the same person, gives the file.
"""

import base64
import binascii
import json
from datetime import datetime, timedelta
from typing import TypedDict, cast

from django.core.exceptions import ValidationError
from django.db import transaction

import audit.actions
import audit.services
from accounts.models import User
from agreements.models import Agency, StaffMember
from audit.models import JSON
from conferencing.deliveries.paper import shown_in
from conferencing.models import Meeting
from vault import keys
from vault.documents import new_password

from .copies import Copy
from .document import locked_minutes
from .pages import copy_for, minutes_of

MINUTES_EXPORTED = audit.actions.register("minutes.exported", "Exported the minutes of a call")
MINUTES_DOWNLOADED = audit.actions.register(
    "minutes.downloaded", "Took the file of exported minutes"
)
ORDER_LASTS = timedelta(minutes=10)
OVER = "The time for this file is over. Say again why you export the minutes."


class Order(TypedDict):
    """What an order holds, sealed; `until` as seconds since 1970."""

    password: str
    until: float


def associated(meeting: Meeting, actor: User) -> bytes:
    return f"minutes export|{meeting.pk}|{actor.pk}".encode()


@transaction.atomic
def export_minutes(meeting: Meeting, *, reason: str, actor: User, now: datetime) -> tuple[str, str]:
    """Record why `actor` exports the minutes; return `(password, order)` for their file.

    Raises ValidationError when there are no minutes, or nothing in them for this person.
    """
    refuse_empty(meeting, actor, now=now)
    if not reason.strip():
        raise ValidationError({"reason": "Say why you export the minutes."})
    password = new_password()
    order: Order = {"password": password, "until": (now + ORDER_LASTS).timestamp()}
    audit.services.record(
        MINUTES_EXPORTED,
        actor=actor,
        about=meeting,
        why=reason,
        now=now,
    )
    sealed = keys.seal(json.dumps(order).encode(), associated(meeting, actor))
    return password, base64.urlsafe_b64encode(sealed).decode()


@transaction.atomic
def download_minutes(meeting: Meeting, *, order: str, actor: User, now: datetime) -> bytes:
    """Return the PDF that the order is for, by the rules of this moment; that is recorded.

    Raises ValidationError for an order that is over, somebody else's, or none.
    """
    password = password_in(order, meeting, actor, now=now)
    place = StaffMember.objects.current().filter(user=actor).select_related("agency").first()
    copy = refuse_empty(meeting, actor, agency=place.agency if place else None, now=now)
    pdf = locked_minutes(copy.document(), password=password)
    shown = cast(JSON, copy.disclosed)  # its rows are plain
    audit.services.record(
        MINUTES_DOWNLOADED,
        actor=actor,
        about=copy.minutes,
        detail={**shown_in(copy.disclosed), "shown": shown},
        now=now,
    )
    return pdf


def password_in(order: str, meeting: Meeting, actor: User, *, now: datetime) -> str:
    try:
        sealed = base64.b64decode(order.encode(), altchars=b"-_", validate=True)
        kept: Order = json.loads(keys.unseal(sealed, associated(meeting, actor), "An order"))
    except (UnicodeEncodeError, binascii.Error, keys.VaultError):
        raise ValidationError(OVER) from None
    if kept["until"] < now.timestamp():
        raise ValidationError(OVER)
    return kept["password"]


def refuse_empty(
    meeting: Meeting, actor: User, *, agency: Agency | None = None, now: datetime
) -> Copy:
    """Return the person's copy, or say that there is nothing in it."""
    minutes = minutes_of(meeting)
    if minutes is None:
        raise ValidationError("There are no minutes of this call.")
    copy = copy_for(minutes, actor, agency=agency, now=now)
    if copy.left_out and not copy.rows:
        raise ValidationError("None of this call’s households are of your regions.")
    return copy
