"""The page of a call's minutes, for one reader; and which households they may read of."""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Q, QuerySet

import audit.actions
import audit.services
from accounts.models import User
from agreements.models import Agency, StaffMember
from conferencing.deliveries.rows import (
    URGENCY,
    counts,
    delivery_row,
    possibly_arrived,
)
from conferencing.minutes.addenda import left_over_page
from conferencing.models import Meeting, Minutes, MinutesDelivery
from conferencing.words import roles_in
from participants.disclosures import shown_to
from participants.models import Participant
from participants.naming import Label
from regions.clock import local_day

from .addenda import PERMISSION
from .copies import Copy, by_organization, is_carried, locked_out
from .snapshots import Snapshot

MINUTES_VIEWED = audit.actions.register("minutes.viewed", "Looked at the minutes of a call")


def readable(minutes: Minutes, viewer: User, *, now: datetime) -> set[str]:
    """The ids, as text, of the households of which `viewer` may read.

    Those whom they may know of anyway. Whoever was at the call, or had a role at it, heard of
    all of them.
    """
    snapshot: Snapshot = minutes.snapshot
    ids = {row["id"] for row in snapshot["households"]}
    meeting = minutes.meeting
    was_there = meeting.attendances.filter(user=viewer, is_present=True).exists()
    if was_there or meeting.roles.filter(person__user=viewer).exists():
        return ids
    on = local_day(now, meeting.continuum.zone)
    visible = Participant.objects.visible_to(viewer, on)
    return with_joined(visible, ids) & ids


def with_joined(people: QuerySet[Participant], ids: Collection[str]) -> set[str]:
    """The keys, as text, of `people` among `ids`, and of the records that were joined into them."""
    found = people.filter(Q(pk__in=ids) | Q(merged__in=ids)).values_list("pk", "merged")
    return {str(key) for keys in found for key in keys if key}


def copy_for(
    minutes: Minutes, viewer: User, *, agency: Agency | None = None, now: datetime
) -> Copy:
    keys = readable(minutes, viewer, now=now)
    return Copy(minutes, viewer, agency=agency, keys=keys, now=now)


def minutes_of(meeting: Meeting) -> Minutes | None:
    """The meeting's frozen minutes, or None."""
    return (
        Minutes.objects.filter(meeting=meeting)
        .select_related("meeting__continuum", "meeting__region", "frozen_by")
        .first()
    )


def minutes_page(meeting: Meeting, viewer: User, *, now: datetime) -> dict[str, object]:
    """Return the page's context, in a constant number of queries; the look is recorded."""
    minutes = minutes_of(meeting)
    context: dict[str, object] = {"meeting": meeting, "minutes": minutes}
    if minutes is None:
        return context
    copy = copy_for(minutes, viewer, now=now)
    households = copy.households
    adds_everywhere = viewer.has_perm(PERMISSION, meeting)
    adds_to: set[str] = set()
    if not adds_everywhere:
        own = StaffMember.objects.current().filter(user=viewer).values("agency")
        kept = Participant.objects.filter(agency__in=own)
        adds_to = with_joined(kept, {row["id"] for row in copy.rows})
    reviews = {
        str(person): pk
        for person, pk in meeting.reviews.order_by().values_list("participant", "pk")
    }
    typed: dict[uuid.UUID, tuple[str, bool]] = {}
    for each in households:
        may_add = adds_everywhere or each["id"] in adds_to
        key = copy.under.get(each["id"], each["id"])
        each["review"] = reviews.get(key) if may_add else None
        if key in reviews:
            typed[reviews[key]] = (each["label"], may_add)
    attendance = copy.attendance
    audit.services.record(
        MINUTES_VIEWED,
        actor=viewer,
        about=minutes,
        detail={
            "participants": sorted(row["id"] for row in copy.rows),
            "named_under": {
                each["participant"]: each["under"] for each in copy.disclosed if each["named"]
            },
        },
        now=now,
    )
    own_copy = MinutesDelivery.objects.filter(minutes=minutes, recipient=viewer)
    return {
        **context,
        "roles": roles_in(copy.snapshot["meeting"]),
        "held": copy.snapshot["held"],
        "opening": copy.snapshot.get("opening", ""),
        "purpose": copy.snapshot["purpose"],
        "present": by_organization(attendance, is_present=True),
        "absent": by_organization(attendance, is_present=False),
        "locked_out": locked_out(attendance),
        "households": [each for each in households if each["is_told"]],
        "nothing": copy.nothing,
        "carried": [each for each in households if is_carried(each)],
        "left_out": copy.left_out,
        "whole": copy.whole,
        "may_add": adds_everywhere,
        "left_over": left_over_page(typed),
        "about": None,
        "may_export": viewer.has_perm("conferencing.export_minutes", meeting)
        and (bool(copy.rows) or not copy.left_out),
        "may_take": viewer.has_perm("conferencing.take_to_hmis", meeting),
        "own_copy": own_copy.select_related("message").filter(message__isnull=False).first(),
        **deliveries(minutes, viewer, now=now),
    }


def record_look(
    meeting: Meeting, names: Mapping[uuid.UUID, Label], viewer: User, *, now: datetime
) -> None:
    """Record whom (`{participant's key: Label}`) the form for an addition offered to choose."""
    audit.services.record(
        MINUTES_VIEWED,
        actor=viewer,
        about=minutes_of(meeting) or meeting,
        detail=shown_to(names),
        now=now,
    )


def deliveries(minutes: Minutes, viewer: User, *, now: datetime) -> dict[str, object]:
    """Who got a copy, and who did not and why: for the CE Specialist alone."""
    if not viewer.has_perm("conferencing.see_minutes_deliveries", minutes.meeting):
        return {"sees_deliveries": False}
    found = list(minutes.deliveries.select_related("recipient", "agency", "message"))
    possibly = possibly_arrived(found)
    rows = [delivery_row(each, now, possibly) for each in found]
    rows.sort(key=lambda row: URGENCY.index(row.tone))
    return {"sees_deliveries": True, "rows": rows, "counts": counts(rows)}


def effects_of_sending_again(delivery: MinutesDelivery) -> list[str]:
    """What sending one person's minutes, first or again, will do: texts."""
    effects = [f"{delivery.recipient.name} gets an email with the minutes, at once."]
    if delivery.password:
        effects.append("The password stays the same.")
    return [*effects, "Paperwork and releases are checked again before they go out."]
