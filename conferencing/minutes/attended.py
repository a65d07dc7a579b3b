"""Who was at a call, for its minutes: expected, came, had a duty, could not get in."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise
from typing import NotRequired, TypedDict

from accounts.models import User
from agreements.models import PersonalStatement, StaffMember
from audit.history import events_of
from conferencing.coming.came import who_took_part
from conferencing.models import Attendance, CallGuest, Meeting, MeetingRole
from participants.folding import fold
from regions.clock import local_day
from regions.models import Membership


class Attended(TypedDict):
    """Somebody who was expected, or came. What is not required, the first minutes did not keep."""

    name: str
    organization: str
    kind: str
    duty: str
    is_present: bool
    could_come: NotRequired[bool]
    sent_word: NotRequired[bool]
    has_account: NotRequired[bool]
    is_household: NotRequired[bool]
    typed: NotRequired[Mapping[str, object]]  # see `say_who_typed`


def attendance(meeting: Meeting, names: Iterable[str]) -> list[Attended]:
    """Who was expected and who came; `names`: of the heads of the households spoken of.

    Guests stay out, for their names would tell whose kin they are. A participant who was noted as
    one who walked in (`is_household`) is “Guest” to all but the person who typed the name.
    """
    known = {fold(name) for name in names}
    took_part, locked_out = who_took_part([meeting])[meeting.pk], not_in_standing(meeting)
    specialists = specialists_of(meeting)
    guests = CallGuest.objects.filter(meeting=meeting).values("user")
    rows = meeting.attendances.exclude(user__in=guests).select_related("user", "agency")
    here = {row.user_id for row in rows if row.is_present and row.user_id}
    duties = duties_at(meeting, took_part | here)
    found: list[Attended] = [
        {
            "name": row.shown_name,
            "is_household": is_of(row, known),
            "organization": row.shown_organization
            or (specialists.get(row.user_id, "") if row.user_id else ""),
            "kind": "" if row.kind == row.Kind.EXPECTED else row.get_kind_display().lower(),
            "duty": duties.get(row.user_id, "") if row.user_id else "",
            "is_present": row.is_present or row.user_id in took_part,
            "could_come": row.user_id not in locked_out,
            "sent_word": row.sent_word,
            "has_account": row.user_id is not None,
        }
        for row in rows
    ]
    unlisted = took_part - {row.user_id for row in rows if row.user_id}
    found += [
        {
            "name": name,
            "organization": organization,
            "kind": "",
            "duty": duties.get(user, ""),
            "is_present": True,
            "could_come": True,
            "has_account": True,
        }
        for user, name, organization in people_of(unlisted, specialists)
    ]
    return found


def people_of(
    users: set[uuid.UUID], specialists: Mapping[uuid.UUID, str]
) -> list[tuple[uuid.UUID, str, str]]:
    """`[(user, name, organization)]`: staff by their agency, specialists by their continuum."""
    staff = StaffMember.objects.current().filter(user__in=users).select_related("user", "agency")
    found = [(place.user_id, place.user.name, place.agency.name) for place in staff]
    others = users - {user for user, _, _ in found}
    names = User.objects.filter(pk__in=others).values_list("pk", "name")
    found += [(user, name, specialists.get(user, "")) for user, name in names]
    return sorted(found, key=lambda each: each[1])


def duties_at(meeting: Meeting, here: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """`{user: their duty}`: of who has it, and of those `here` who had it earlier in the call."""
    found: dict[uuid.UUID, str] = {}
    if call := getattr(meeting, "call", None):
        events = events_of(MeetingRole).filter(meeting=meeting)
        for event, later in pairwise(events.select_related("person").order_by("pgh_obj", "pgh_id")):
            was_at_call = event.pgh_obj_id == later.pgh_obj_id
            was_at_call &= later.pgh_created_at > call.began_at
            if was_at_call and event.person and event.person.user_id in here:
                found[event.person.user_id] = event.get_role_display().lower()
    roles = MeetingRole.objects.filter(meeting=meeting)
    for role in roles.select_related("person").order_by("role"):
        if role.person is not None:
            found[role.person.user_id] = role.get_role_display().lower()
    return found


def not_in_standing(meeting: Meeting) -> set[uuid.UUID]:
    """Who was expected and could not get in: their agency's agreement or their statement lapsed."""
    on = local_day(meeting.starts_at, meeting.continuum.zone)
    expected = set(meeting.attendances.filter(user__isnull=False).values_list("user", flat=True))
    good = StaffMember.objects.in_good_standing(on).filter(user__in=expected)
    specialists = Membership.objects.specialists_of(meeting.continuum).filter(
        user__statements__in=PersonalStatement.objects.current(on)
    )
    return (
        expected
        - set(good.values_list("user", flat=True))
        - set(specialists.values_list("user", flat=True))
    )


def specialists_of(meeting: Meeting) -> dict[uuid.UUID, str]:
    """`{user: what their line says}` for those who are there for the CoC itself."""
    rows = Membership.objects.specialists_of(meeting.continuum)
    return dict.fromkeys(rows.values_list("user", flat=True), meeting.continuum.name)


def is_of(row: Attendance, known: Collection[str]) -> bool:
    return not row.user_id and fold(row.name or "") in known
