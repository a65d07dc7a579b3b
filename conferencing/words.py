"""A call and a household in words, frozen or not."""

from collections.abc import Mapping
from typing import TypedDict, cast
from zoneinfo import ZoneInfo

from conferencing.models import Meeting, MeetingRole
from regions.calling import zone_name
from regions.words import (
    clock_words,
    full_day_words,
    moment_words,
    short_weekday_words,
)

NO_RECORDING = "Please don’t record this call, and don’t use an AI note taker."


class RoleData(TypedDict):
    name: str | None  # None: the agency has not named the person yet
    agency: str | None


class MeetingData(TypedDict):
    kind: str  # "Regional call" or "CoC-wide call"
    region: str | None
    date: str  # "Friday, December 4, 2026"
    time: str  # "10:00–11:00 AM CST"
    link: str  # http(s) address, any other text, or ""
    facilitator: RoleData | None
    note_taker: RoleData | None


def span_of(meeting: Meeting) -> str:
    """10:00 AM to 11:00 AM, where the continuum is; with the zones where the clocks change."""
    zone = ZoneInfo(meeting.continuum.zone)
    starts, ends = meeting.starts_at.astimezone(zone), meeting.ends_at.astimezone(zone)
    if starts.utcoffset() == ends.utcoffset():
        return f"{clock_words(starts)} to {clock_words(ends)}"
    return f"{clock_words(starts)} {starts:%Z} to {clock_words(ends)} {ends:%Z}"


def meeting_words(meeting: Meeting) -> MeetingData:
    """The call in words of its own zone: kind, region, date, time, link, each role by its name."""
    zone = ZoneInfo(meeting.continuum.zone)
    starts, ends = meeting.starts_at.astimezone(zone), meeting.ends_at.astimezone(zone)
    roles = MeetingRole.by_role(meeting.roles.select_related("agency", "person__user"))
    region = meeting.region
    zone_change = "" if starts.utcoffset() == ends.utcoffset() else f" {starts:%Z}"
    words = {
        "kind": "CoC-wide call" if meeting.is_coc_wide else "Regional call",
        "region": region.name if region else None,
        "date": full_day_words(starts),
        "time": f"{clock_words(starts)}{zone_change}–{clock_words(ends)} {ends:%Z}",
        "link": meeting.join_link,
        **{name.value: _role_words(role) for name, role in roles.items()},
    }
    return cast(MeetingData, words)


def _role_words(role: MeetingRole | None) -> RoleData | None:
    name = role.person.user.name if role and role.person else None
    return {"agency": role.agency.name, "name": name} if role else None


def roles_in(words: MeetingData) -> list[tuple[str, RoleData | None]]:
    """`(role, who has it)` for each role that a call in words has."""
    held = cast(Mapping[str, RoleData | None], words)
    return [(role.label, held[role]) for role in MeetingRole.Role if role in held]


def when_words(meeting: Meeting) -> str:
    """When the call is, where its people live: "Thursday, December 10, 2026, 10:00 AM …"."""
    local = meeting.starts_at.astimezone(ZoneInfo(meeting.continuum.zone))
    words = moment_words(local)
    return f"{words} {zone_name(meeting.continuum.zone)}"


def call_words(meeting: Meeting) -> str:
    return "CoC-wide call" if meeting.region is None else f"{meeting.region.name} call"


def day_of(meeting: Meeting) -> str:
    local = meeting.starts_at.astimezone(ZoneInfo(meeting.continuum.zone))
    return short_weekday_words(local)


def call_and_day(meeting: Meeting) -> str:
    """Region or CoC-wide, and the date: all that a mail's subject may say."""
    on = meeting.starts_at.astimezone(ZoneInfo(meeting.continuum.zone))
    return f"{meeting.scope_words} call, {full_day_words(on)}"
