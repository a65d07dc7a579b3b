"""What the page of the hour shows, to each person by their rights and by the releases."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, TypeAlias, TypedDict
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.forms import Form

import audit.actions
import audit.services
from accounts.models import User
from agreements.models import Agency, PersonalStatement, StaffMember
from agreements.models.agencies import AgencyQuerySet
from agreements.standing import in_standing_now, note_standing, person_standing
from conferencing.call.attendance import LabelledGuestLine, labelled_guest_lines
from conferencing.models import (
    Attendance,
    Call,
    CallSight,
    Meeting,
    MeetingRole,
    MeetingUserObjectPermission,
    Review,
    RosterEntry,
)
from conferencing.words import span_of
from participants.disclosures import shown_to
from participants.models import Participant
from participants.models.people import ParticipantQuerySet
from participants.naming import Label, labels
from participants.texts import reader
from regions.clock import local_day
from regions.models import Membership, Region, RegionGroupObjectPermission
from regions.words import percent_of

from . import rights as call_rights
from .acts import what_is_lacking
from .sights import Shown, keep_sights, record_new_looks

AGENDA_VIEWED = audit.actions.register("call.viewed", "Followed a call")

SEARCHED = audit.actions.register("call.searched", "Looked for a household to raise on a call")

STATES: dict[str, tuple[str, str]] = {
    Review.Outcome.OPEN: ("Waiting", "neutral"),
    Review.Outcome.DISCUSSED: ("Discussed", "good"),
    Review.Outcome.CARRIED_OVER: ("Carried over", "warn"),
}


class Asked(TypedDict):
    """What a call’s page asks of the meeting beside its columns, in the same query."""

    is_in_standing: bool
    takes_notes: bool
    facilitates: bool
    is_of_it: bool
    newest_changes: str


if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    SeatedMeeting: TypeAlias = WithAnnotations[Meeting, Asked]


class AgendaRow(TypedDict):
    review: Review
    entry: RosterEntry
    label: Label
    state: str
    tone: str
    is_now: bool
    seconds: int
    minutes: int
    is_over: bool
    share: int | None


class BegunRow(AgendaRow):
    lacking: list[str]
    wrong: list[str]  # why it could not be marked discussed, once that was tried


class PersonLine(TypedDict):
    row: Attendance
    name: str
    organization: str
    is_good: bool
    is_me: bool


class News(TypedDict):
    version: int
    frame: int
    on_table: UUID | None
    closed_at: datetime | None
    rights: str


@dataclass(frozen=True)
class Seat:
    """What this person may do at the call, at this moment."""

    may_write: bool
    may_steer: bool
    is_expected: bool

    @property
    def may_tick(self) -> bool:
        return self.may_write or self.may_steer


class Frame(TypedDict):
    meeting: Meeting
    call: Call
    seat: Seat
    rows: list[AgendaRow]
    count: dict[str, int]
    minutes_planned: int
    now: datetime


class ClosingPage(Frame):
    begun: list[BegunRow]


def meeting_with_seat(
    pk: uuid.UUID | str, user: User, on: date
) -> "tuple[SeatedMeeting, Call | None, Seat]":
    """Return `(meeting, call or None, Seat)`, asked in one query; PermissionDenied says why not.

    Staff in standing of agencies that take part in the region, who follow it, have a role, or
    were added as visitors; CE Specialists in standing; CoC-wide all staff in standing. Meeting of
    another continuum: Meeting.DoesNotExist.
    """
    membership = getattr(user, "membership", None)
    if membership is None:
        raise Meeting.DoesNotExist
    granted = MeetingUserObjectPermission.objects.filter(content_object=OuterRef("pk"), user=user)
    places = StaffMember.objects.current().filter(user=user)
    takes_part = RegionGroupObjectPermission.objects.filter(
        content_object=OuterRef("region"),
        permission__codename="take_part_in_region",
        group__agency__staff__in=places,
    )
    follows = Region.objects.filter(pk=OuterRef("region"), followers__in=places)
    attends = Attendance.objects.filter(meeting=OuterRef("pk"), user=user)
    meeting = (
        Meeting.objects.filter(pk=pk, continuum=membership.continuum_id)
        .select_related("continuum", "region", "call")
        .annotate(
            is_in_standing=in_standing_now(user, on),
            takes_notes=Exists(granted.filter(permission__codename="take_notes_in_meeting")),
            facilitates=Exists(granted.filter(permission__codename="facilitate_meeting")),
            is_of_it=Exists(takes_part) | Exists(follows) | Exists(attends),
            newest_changes=call_rights.newest_changes(),
        )
        .get()
    )
    if not meeting.is_in_standing:
        reasons = person_standing(user, on).reasons
        if not places.exists() and not membership.is_specialist:
            reasons = ("Calls are for staff whose paperwork is current. Ask your CE Specialist.",)
        raise PermissionDenied(" ".join(reasons))
    note_standing(user, on)
    is_own = membership.is_specialist or meeting.takes_notes or meeting.facilitates
    if not (is_own or meeting.is_coc_wide or meeting.is_of_it):
        raise PermissionDenied(
            "This call is of another region. The facilitator can add you as a visitor."
        )
    seat = Seat(
        may_write=meeting.takes_notes or membership.is_specialist,
        may_steer=meeting.facilitates or membership.is_specialist,
        is_expected=is_own or meeting.is_of_it,
    )
    return meeting, getattr(meeting, "call", None), seat


def opening_page(meeting: Meeting, user: User, seat: Seat, *, now: datetime) -> dict[str, object]:
    """Before the call: who is expected and leads, in one line what it is for, and the link."""
    return {
        "span": span_of(meeting),
        "meeting": meeting,
        "roles": roles_of(meeting),
        "households": meeting.roster.count(),
        "minutes_planned": sum(meeting.roster.values_list("minutes", flat=True)),
        "seat": seat,
        "may_begin": seat.may_tick and meeting.state == Meeting.State.PLANNED,
        "now": now,
    }


def roles_of(meeting: Meeting) -> dict[str, MeetingRole | None]:
    return dict.fromkeys(MeetingRole.Role.values) | {
        role.role: role
        for role in MeetingRole.objects.filter(meeting=meeting).select_related(
            "agency", "person__user"
        )
    }


def call_page(
    meeting: "SeatedMeeting", call: Call, user: User, seat: Seat, *, now: datetime
) -> dict[str, object]:
    """The page of the running call: frame, and what its scripts need. The look is recorded."""
    page = frame(meeting, call, user, seat, now=now)
    with transaction.atomic():
        shown = shown_on(page)
        keep_sights(shown, user, part=CallSight.Part.AGENDA, now=now)
        record_look(shown, user, meeting=meeting, now=now)
    on = local_day(now, meeting.continuum.zone)
    rights = call_rights.first_part(meeting.newest_changes, on)
    return {**page, "roles": roles_of(meeting), "rights": rights}


def frame_page(meeting: Meeting, call: Call, user: User, seat: Seat, *, now: datetime) -> Frame:
    """The agenda as a part of the page; recorded where it shows more than it did before."""
    page = frame(meeting, call, user, seat, now=now)
    record_new_looks(
        shown_on(page),
        user,
        part=CallSight.Part.AGENDA,
        record=partial(record_look, meeting=meeting),
        now=now,
    )
    return page


def shown_on(page: Frame) -> dict[Review, Label]:
    """`{review: Label}` of the households that a frame shows."""
    return {row["review"]: row["label"] for row in page["rows"]}


def record_look(shown: Shown, user: User, *, meeting: Meeting, now: datetime) -> None:
    audit.services.record(
        AGENDA_VIEWED,
        actor=user,
        about=meeting,
        detail=shown_to({review.participant_id: label for review, label in shown.items()}),
        now=now,
    )


def frame(meeting: Meeting, call: Call, user: User, seat: Seat, *, now: datetime) -> Frame:
    """The agenda: each household's state, and minutes used against planned."""
    entries = {
        entry.participant_id: entry
        for entry in meeting.roster.select_related("participant").order_by("position")
    }
    reviews = sorted(
        meeting.reviews.with_told().with_step(),
        key=lambda each: entries[each.participant_id].position,
    )
    people = [entry.participant for entry in entries.values()]
    names = labels(people, user, now)
    rows: list[AgendaRow] = []
    hour = meeting.minutes * 60
    for review in reviews:
        entry = entries[review.participant_id]
        is_now = call.on_table_id == review.pk
        seconds = review.seconds_used
        if is_now and call.on_table_at:
            seconds += max(int((now - call.on_table_at).total_seconds()), 0)
        is_open_now = is_now and review.outcome == Review.Outcome.OPEN
        words, tone = ("Now", "info") if is_open_now else STATES[review.outcome]
        rows.append(
            {
                "review": review,
                "entry": entry,
                "label": names[review.participant_id],
                "state": words,
                "tone": tone,
                "is_now": is_now,
                "seconds": seconds,
                "minutes": round(seconds / 60),
                "is_over": seconds > entry.minutes * 60,
                "share": percent_of(seconds, hour),
            }
        )
    count = {
        outcome: sum(row["review"].outcome == outcome for row in rows)
        for outcome in Review.Outcome.values
    }
    return {
        "meeting": meeting,
        "call": call,
        "seat": seat,
        "rows": rows,
        "count": count,
        "minutes_planned": sum(row["entry"].minutes for row in rows),
        "now": now,
    }


def closing_page(
    meeting: Meeting, call: Call, user: User, seat: Seat, *, now: datetime
) -> ClosingPage:
    """Before a call is closed: each household's state, and which open ones have notes already.

    Of each of those also what keeps it from being marked discussed. The look is recorded.
    """
    page = frame(meeting, call, user, seat, now=now)
    record_look(shown_on(page), user, meeting=meeting, now=now)
    begun: list[BegunRow] = [
        {
            **row,
            "lacking": what_is_lacking(row["review"], has_step=row["review"].has_step),
            "wrong": [],
        }
        for row in page["rows"]
        if row["review"].outcome == Review.Outcome.OPEN and row["review"].is_told
    ]
    return {**page, "begun": begun}


def people_page(
    meeting: Meeting, call: Call, user: User, seat: Seat, *, on: date, now: datetime
) -> dict[str, object]:
    """Who is here, who is expected, and, for who steers, which agencies were not heard yet.

    Whoever walked in without an account may be a participant or their kin: their name is cleaned
    for everybody but the person who typed it.
    """
    rows = list(Attendance.objects.filter(meeting=meeting).select_related("user", "agency"))
    users = [row.user_id for row in rows if row.user_id]
    staff = StaffMember.objects.in_good_standing(on).filter(user__in=users)
    good = set(staff.values_list("user", flat=True))
    specialists = Membership.objects.filter(
        user__in=users,
        is_specialist=True,
        user__statements__in=PersonalStatement.objects.current(on),
    )
    good |= set(specialists.values_list("user", flat=True))
    read = reader(user, now)

    def shown(row: Attendance, text: str) -> str:
        return text if row.user_id else read.clean(text)

    lines: list[PersonLine] = [
        {
            "row": row,
            "name": shown(row, row.shown_name),
            "organization": shown(row, row.shown_organization),
            "is_good": row.user_id in good,
            "is_me": row.user_id == user.pk,
        }
        for row in rows
    ]
    present = [line for line in lines if line["row"].is_present]
    heard, here = set(), set()
    for line in present:
        name = line["organization"]
        if name:
            here.add(name)
            if line["row"].spoke_times:
                heard.add(name)
    return {
        "meeting": meeting,
        "call": call,
        "seat": seat,
        "present": present,
        "absent": [line for line in lines if not line["row"].is_present],
        "unheard": sorted(here - heard) if seat.may_steer else [],
        "is_here": any(line["is_me"] for line in present),
        "guests": guests_of(meeting, user, now=now),
    }


def guests_of(meeting: Meeting, user: User, *, now: datetime) -> list[LabelledGuestLine]:
    """The call’s guests, each with the household at whose review they are. The look is recorded."""
    lines = labelled_guest_lines(meeting, user, now=now)
    if lines:
        labels_of = {line["guest"].participant_id: line["label"] for line in lines}
        reviews = meeting.reviews.filter(participant__in=labels_of)
        record_new_looks(
            {review: labels_of[review.participant_id] for review in reviews},
            user,
            part=CallSight.Part.AGENDA,
            record=partial(record_look, meeting=meeting),
            now=now,
        )
    return lines


def followed(
    meeting_pk: uuid.UUID, user: User, *, version: int, rights: str | None, on: date
) -> News | None:
    """The call's state for a page that follows it; None while nothing is new.

    `rights`: the first part of the page's stamp (see `call_rights`); None for a page that does
    not know of it. One query while nothing is new. Meeting of another continuum, or not begun:
    Call.DoesNotExist.
    """
    membership = getattr(user, "membership", None)
    row = (
        Call.objects.filter(
            meeting=meeting_pk, meeting__continuum=membership and membership.continuum_id
        )
        .annotate(newest_changes=call_rights.newest_changes())
        .values("version", "frame", "on_table", "closed_at", "newest_changes")
        .get()
    )
    stamp = call_rights.first_part(row["newest_changes"], on)
    if row["version"] == version and rights in (None, stamp):
        return None
    return {
        "version": row["version"],
        "frame": row["frame"],
        "on_table": row["on_table"],
        "closed_at": row["closed_at"],
        "rights": stamp,
    }


def next_meeting_after(meeting: Meeting) -> Meeting | None:
    """The next planned call of the same region, or the next CoC-wide one, whichever is sooner."""
    region = Q(region=meeting.region_id) | Q(region__isnull=True)
    later = Meeting.objects.planned().filter(
        continuum=meeting.continuum_id, starts_at__gt=meeting.starts_at
    )
    if meeting.region_id:
        later = later.filter(region)
    return later.select_related("continuum").order_by("starts_at").first()


def keeping_agencies(meeting: Meeting, user: User, on: date) -> AgencyQuerySet:
    """Agencies for which `user` may add a household on the call: their own; a specialist's, all."""
    agencies = Agency.objects.filter(continuum=meeting.continuum_id).in_good_standing(on)
    own = agencies.with_place_of(user)
    return own if own.exists() else agencies.order_by("name")


def only_one(agencies: AgencyQuerySet) -> Agency | None:
    """The agency, where there is just one to choose."""
    found = list(agencies[:2])
    return found[0] if len(found) == 1 else None


def households_to_raise(meeting: Meeting, user: User, on: date) -> ParticipantQuerySet:
    """On the by-name list, and known to `user` or kept by the agency of somebody who is here.

    Visitors of another region bring their own households; whoever leads the call finds them.
    """
    here = Attendance.objects.filter(meeting=meeting, is_present=True, agency__isnull=False)
    visible = Participant.objects.visible_to(user, on)
    brought = Participant.objects.filter(
        continuum=meeting.continuum_id, agency__in=here.values("agency")
    )
    return (visible | brought).on_the_list().filter(continuum=meeting.continuum_id)


def found_rows(
    meeting: Meeting, people: list[Participant], user: User, now: datetime
) -> list[tuple[Participant, Label, bool]]:
    """Households that a search on the call found, by their labels; on the agenda already or not."""
    names = labels(people, user, now)
    listed = set(meeting.roster.values_list("participant", flat=True))
    if people:
        audit.services.record(
            SEARCHED,
            actor=user,
            about=meeting,
            detail=shown_to(names),
            now=now,
        )
    return [(person, names[person.pk], person.pk in listed) for person in people]


def new_key(form: Form) -> object:
    """The form's own key: the one it was sent with, or a new one."""
    return form["key"].value() if form.is_bound else uuid4()


def key_or_none(text: str) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
