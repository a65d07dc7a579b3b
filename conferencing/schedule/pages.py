"""What one call's page shows, and what a plan would do, in words."""

import uuid
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from accounts.models import User
from conferencing.coming.acts import answer_of, is_invited, sends_word, takes_answers
from conferencing.coming.pages import answers_of
from conferencing.due import EARLY
from conferencing.list_words import list_state
from conferencing.models import Meeting, MeetingRole, RoleSwap
from conferencing.words import span_of
from regions.calling import zone_name
from regions.models import Continuum, Region
from regions.words import plural

from .invitations import HORIZON, count_told
from .planning import Act, Change
from .rules import RulePreview
from .year_pages import CallRow, meeting_row

ACT_WORDS = {
    Act.MADE: ("New", "good"),
    Act.MOVED: ("Moves", "info"),
    Act.RESTORED: ("Planned again", "good"),
    Act.REMOVED: ("Goes", "warn"),
    Act.CALLED_OFF: ("Canceled", "warn"),
    Act.KEPT: ("Stays as it is", "neutral"),
    Act.UNCHANGED: ("No change", "neutral"),
}

DONE_WORDS = {
    Act.MADE: "made",
    Act.MOVED: "moved",
    Act.RESTORED: "planned again",
    Act.REMOVED: "removed",
    Act.CALLED_OFF: "canceled",
}


@dataclass(frozen=True)
class RoleCard:
    """One role at a call, whether this person may name who has it or hand it on, who is asked."""

    name: str
    label: str
    role: MeetingRole | None
    may_name: bool
    may_hand_on: bool = False
    asked: RoleSwap | None = None
    may_read_asked: bool = False

    @property
    def words(self) -> str:
        """Why the agency has the role."""
        role = self.role
        if role is None:
            return ""
        if role.is_by_rotation:
            return "By rotation"
        if role.turn_agency_id:
            return f"Substituting for {role.agency_name}"
        return "Chosen manually"


def meeting_page(meeting: Meeting, user: User, *, now: datetime) -> dict[str, object]:
    """Everything on the page of one call, for this person."""
    row = meeting_row(meeting, now=now)
    may_plan = user.has_perm("conferencing.plan_meeting", meeting)
    is_open = meeting.state == Meeting.State.PLANNED and meeting.ends_at >= now
    newest = meeting.prep_lists.order_by("-revision").first()
    first = meeting.prep_lists.order_by("revision").first()
    waiting = RoleSwap.objects.waiting(now).filter(role__meeting=meeting)
    waiting = waiting.select_related("to__user", "proposed_by", "role__meeting")
    asked = {swap.role_id: swap for swap in waiting}
    return {
        "meeting": meeting,
        "row": row,
        "roles": [_card(name, row, user, asked) for name in MeetingRole.Role],
        "zone": zone_name(meeting.continuum.zone),
        "span": span_of(meeting),
        "list_state": list_state(meeting, now=now),
        "may_choose_list": user.has_perm("conferencing.send_list", meeting),
        "may_plan": may_plan,
        "may_invite_guests": user.has_perm("conferencing.invite_guest", meeting),
        "is_open": is_open,
        "now": now,
        "is_begun": meeting.is_held,
        "takes_roles": is_open or meeting.is_held,
        "is_near": is_open and not hasattr(meeting, "call") and meeting.starts_at - EARLY <= now,
        "may_move": may_plan and is_open and meeting.starts_at > now,
        "may_restore": may_plan
        and meeting.state == Meeting.State.CANCELLED
        and meeting.starts_at > now,
        "newest_list": newest,
        "first_list": first,
        "is_late": (newest is None or meeting.list_was_for is not None)
        and is_open
        and meeting.is_list_promised
        and now >= meeting.list_late_at,
        "told": count_told(meeting),
        "answers": answers_of(meeting, now=now) if may_plan and is_open else None,
        "may_answer": takes_answers(meeting, now) and is_invited(meeting, user, now=now),
        "answer": answer_of(meeting, user) if is_open else None,
        "sends_word": sends_word(meeting, user),
        "invited_from": meeting.starts_at - HORIZON,
        "is_invited": meeting.starts_at - HORIZON <= now,
        "mine": [
            role.get_role_display().lower()
            for role in row.roles.values()
            if role and role.person and role.person.user_id == user.pk
        ],
    }


def _card(
    name: MeetingRole.Role, row: CallRow, user: User, asked: Mapping[uuid.UUID, RoleSwap]
) -> RoleCard:
    role = row.roles.get(name)
    if role is None:
        return RoleCard(name.value, name.label, None, False)
    swap = asked.get(role.pk)
    return RoleCard(
        name.value,
        name.label,
        role,
        may_name=user.has_perm("conferencing.change_meetingrole", role),
        may_hand_on=user.has_perm("conferencing.propose_swap", role),
        asked=swap,
        may_read_asked=swap is not None and user.has_perm("conferencing.read_swap", swap),
    )


@dataclass(frozen=True)
class PreviewRow:
    """One call of a plan: what happens to it, from when, to when."""

    scope: str
    act: str
    tone: str
    is_change: bool
    starts_at: datetime
    from_starts_at: datetime | None
    why: str
    clash: str | None
    proposed_on: date | None


def preview(changes: Sequence[Change], continuum: Continuum, *, now: datetime) -> dict[str, object]:
    """A plan in words, before it is carried out: its calls to come and whatever changes."""
    rows = _preview_rows(changes, continuum)
    wanted = [row for row in rows if row.is_change or row.starts_at > now]
    return {
        "rows": wanted,
        "past": len(rows) - len(wanted),
        "words": changed_words(changes, "will be "),
        "has_changes": any(row.is_change for row in rows),
    }


def _preview_rows(changes: Sequence[Change], continuum: Continuum) -> list[PreviewRow]:
    names: dict[Hashable, str] = dict(continuum.regions.values_list("pk", "name"))
    return [_preview_row(change, names) for change in changes]


def _preview_row(change: Change, names: Mapping[Hashable, str]) -> PreviewRow:
    words, tone = ACT_WORDS[change.act]
    meeting = change.meeting
    is_moved = change.act in (Act.MOVED, Act.RESTORED)
    is_cancelled = meeting is not None and meeting.state == Meeting.State.CANCELLED
    if is_cancelled and change.act in (Act.KEPT, Act.UNCHANGED):
        words = "Stays canceled"
    planned = change.planned
    if planned is not None and change.starts_at != planned.starts_at:
        planned = None  # it is held at another time than the rule's
    return PreviewRow(
        scope=names.get(change.region_id, "CoC-wide"),
        act=words,
        tone=tone,
        is_change=change.act not in (Act.KEPT, Act.UNCHANGED),
        starts_at=change.starts_at,
        from_starts_at=meeting.starts_at if meeting and is_moved else None,
        why=change.why,
        clash=planned.clash if planned and not is_cancelled else None,
        proposed_on=planned.proposed_on if planned else None,
    )


def rule_preview(
    shown: RulePreview, continuum: Continuum, region: Region | None, *, now: datetime
) -> dict[str, object]:
    """A rule's preview for the page: its own calls to come, and every other that changes."""
    key = region and region.pk
    years = []
    for year in shown.years:
        rows = _preview_rows(year.changes, continuum)
        wanted = [
            row
            for row, change in zip(rows, year.changes, strict=True)
            if row.is_change or (change.region_id == key and change.starts_at > now)
        ]
        years.append(
            {
                "year": year.year,
                "is_made": year.is_made,
                "words": changed_words(year.changes, "will be "),
                "caption": f"Meetings in {year.year}",
                "rows": wanted,
                "others": len(rows) - len(wanted),
            }
        )
    return {"seen": shown.seen, "years": years}


def moved_words(moved: Sequence[Meeting]) -> str:
    """How many calls were moved, and how many lists wait for a choice by it."""
    words = f"{plural(len(moved), 'call was', 'calls were')} moved."
    waiting = sum(
        each.needs_list_choice and (each.list_was_for is not None or not each.prep_lists.exists())
        for each in moved
    )
    if waiting:
        words += (
            f" {plural(waiting, 'list does', 'lists do')} not go out by itself: choose on its page."
        )
    return words


def done_words(year: int, changes: Sequence[Change]) -> str:
    """What planning a year did, in one line."""
    return f"{year}: {changed_words(changes)}"


def changed_words(changes: Sequence[Change], verb: str = "") -> str:
    """How many calls change, and how: "3 calls moved, 1 call removed."."""
    parts = []
    for act, words in DONE_WORDS.items():
        count = sum(1 for each in changes if each.act == act)
        if count:
            parts.append(f"{count} call{'' if count == 1 else 's'} {verb}{words}")
    return f"{', '.join(parts)}." if parts else "No calls change."
