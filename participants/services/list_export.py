"""The by-name list as a locked PDF or workbook for somebody who says why.

Two steps, for a browser takes a page or a file, not both: the reason gives a password and a
sealed order; the order, brought back within minutes by the same person, gives the file, made by
the rules of that moment.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction

import audit.actions
import audit.services
from accounts.models import User
from agreements.models import StaffMember
from participants import disclosures
from participants.disclosures import shown_to
from participants.list_files import Marks, locked_list_pdf, locked_list_workbook
from participants.listing import Choice, Query, filtered, ordered
from participants.models import InactivityRule, Participant, ParticipantQuerySet
from participants.naming import labels
from participants.quiet import rule_of
from regions.clock import local_day
from regions.models import Continuum
from vault import keys
from vault.documents import new_password

from .pages import rows_of, with_list_columns

EXPORTED = audit.actions.register("list.exported", "Exported the by-name list")
DOWNLOADED = audit.actions.register("list.downloaded", "Took the file of the exported by-name list")
disclosures.register(DOWNLOADED, kind=disclosures.EXPORT, what="The by-name list, as a file")

PDF, XLSX = "pdf", "xlsx"
MOST_ROWS = 2000
ORDER_LASTS = timedelta(minutes=10)
OVER = "The time for this file is over. Say again why you export the list."
TYPES = {
    PDF: "application/pdf",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class Order(TypedDict):
    """What a sealed order for a file says; `until` in seconds."""

    password: str
    until: float
    kind: str
    reason: str
    query: Query
    seen: str


@dataclass(frozen=True)
class ListFile:
    content: bytes
    name: str
    content_type: str


def associated(continuum: Continuum, actor: User) -> bytes:
    return f"list export|{continuum.pk}|{actor.pk}".encode()


@dataclass(frozen=True)
class Extent:
    """Which households a file is to hold: how many, and `seen`, a mark that differs with any."""

    found: ParticipantQuerySet
    count: int
    seen: str

    def refuse_other_than(self, seen: str) -> None:
        """Raise ValidationError unless these are the households that were confirmed."""
        if self.seen != seen:
            raise ValidationError(
                "The list changed since you looked: this view holds "
                f"{self.count:,} household{'' if self.count == 1 else 's'} now. "
                "No file is made. Check the number and confirm again."
            )


def extent_of(choice: Choice, actor: User, *, rule: InactivityRule | None, now: datetime) -> Extent:
    """Return the `Extent` of a choice (forms.listing.ListForm), of whom `actor` may know.

    Raises ValidationError for nobody, and for more than a file holds.
    """
    if choice.complaints:
        raise ValidationError(
            [
                "A filter of this view was not recognized. Choose the filters again, then export.",
                *choice.complaints,
            ]
        )
    on = local_day(now, actor.membership.continuum.zone)
    visible = Participant.objects.visible_to(actor, on)
    found = filtered(visible, **choice.chosen(), rule=rule, viewer=actor, now=now)
    keys_found = sorted(str(key) for key in found.order_by().values_list("pk", flat=True))
    count = len(keys_found)
    if not count:
        raise ValidationError("No household is in this view. Choose other filters.")
    if count > MOST_ROWS:
        raise ValidationError(
            f"These are {count:,} households; a file holds at most {MOST_ROWS:,}. "
            "Choose more filters."
        )
    seen = hashlib.sha256("\n".join(keys_found).encode()).hexdigest()[:32]
    return Extent(found, count, seen)


@transaction.atomic
def export_list(
    continuum: Continuum,
    *,
    choice: Choice,
    kind: str,
    reason: str,
    seen: str,
    actor: User,
    now: datetime,
) -> tuple[str, str]:
    """Record why `actor` exports the list; return `(password, order)` for their file.

    `seen`: the `Extent.seen` that they confirmed. Raises ValidationError without a reason, for
    nobody, for too many at once, and when the households are others than were confirmed.
    """
    if not reason.strip():
        raise ValidationError({"reason": "Say why you export the list."})
    extent = extent_of(choice, actor, rule=rule_of(continuum), now=now)
    extent.refuse_other_than(seen)
    password = new_password()
    order: Order = {
        "password": password,
        "until": (now + ORDER_LASTS).timestamp(),
        "kind": kind,
        "reason": reason,
        "query": choice.query(),
        "seen": seen,
    }
    audit.services.record(
        EXPORTED,
        actor=actor,
        continuum_id=continuum.pk,
        why=reason,
        detail={"kind": kind, "count": extent.count, "query": choice.query()},
        now=now,
    )
    sealed = keys.seal(json.dumps(order).encode(), associated(continuum, actor))
    return password, base64.urlsafe_b64encode(sealed).decode()


@transaction.atomic
def download_list(
    continuum: Continuum,
    *,
    order: str,
    choice_of: Callable[[Query], Choice],
    actor: User,
    now: datetime,
) -> ListFile:
    """Return the `ListFile` that the order is for, by the rules of this moment; that is recorded.

    `choice_of` turns the query that was ordered into a choice again. Raises ValidationError for an
    order that is over, somebody else's, or none, and when the households are others by now.
    """
    on = local_day(now, continuum.zone)
    kept = opened(order, continuum, actor, now=now)
    choice = choice_of(kept["query"])
    rule = rule_of(continuum)
    extent = extent_of(choice, actor, rule=rule, now=now)
    extent.refuse_other_than(kept["seen"])
    people = list(ordered(with_list_columns(extent.found, rule), choice.order, rule))
    names = labels(people, actor, now)
    rows = rows_of(people, names, actor, now=now, rule=rule)
    place = StaffMember.objects.current().filter(user=actor).select_related("agency").first()
    marks = Marks.of(
        continuum,
        person=actor.name,
        agency=place.agency.name if place else continuum.name,
        reason=kept["reason"],
        now=now,
    )
    draw = locked_list_pdf if kept["kind"] == PDF else locked_list_workbook
    content = draw(
        rows, choice.shown_columns, chosen=choice.lines, marks=marks, password=kept["password"]
    )
    audit.services.record(
        DOWNLOADED,
        actor=actor,
        continuum_id=continuum.pk,
        why=kept["reason"],
        detail={**shown_to(names), "kind": kept["kind"]},
        now=now,
    )
    return ListFile(content, f"by-name-list-{on:%Y-%m-%d}.{kept['kind']}", TYPES[kept["kind"]])


def opened(order: str, continuum: Continuum, actor: User, *, now: datetime) -> Order:
    try:
        sealed = base64.b64decode(order.encode(), altchars=b"-_", validate=True)
        kept: Order = json.loads(keys.unseal(sealed, associated(continuum, actor), "An order"))
    except (UnicodeEncodeError, binascii.Error, keys.VaultError):
        raise ValidationError(OVER) from None
    if kept["until"] < now.timestamp():
        raise ValidationError(OVER)
    return kept
