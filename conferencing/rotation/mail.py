"""Mails about a role that is handed on: to whoever is asked, and to who asked."""

from datetime import datetime

from django.urls import reverse

from conferencing.emails import notice
from conferencing.models import RoleSwap
from conferencing.words import call_words, day_of, when_words
from regions.models import Membership

SWAP = "role-swap"


def tell_swap_asked(swap: RoleSwap, *, now: datetime) -> None:
    """To the person asked: for which role, at which call, by whom, and where to answer."""
    meeting, role = swap.role.meeting, swap.role.get_role_display().lower()
    notice(
        swap.to.user,
        meeting,
        kind=SWAP,
        subject=f"Can you be the {role}? {call_words(meeting)}, {day_of(meeting)}",
        lines=[
            f"{swap.proposed_by.user.name} ({swap.role.agency.name}) asks you to be the {role} "
            f"of the {call_words(meeting)}:",
            f"{when_words(meeting)}, {meeting.minutes} minutes.",
            "If you accept, the role is yours at once, and the CE Specialist is told.",
        ],
        label="Answer",
        url=reverse("conferencing:swap_answer", args=[swap.pk]),
        key=f"swap-asked:{swap.pk}",
        about_id=swap.pk,
        now=now,
    )


def tell_swap_answered(swap: RoleSwap, *, now: datetime) -> None:
    """To whoever asked, and to the CE Specialists: who has the role now, or still has it."""
    meeting, role = swap.role.meeting, swap.role.get_role_display().lower()
    to, asker = swap.to, swap.proposed_by
    is_accepted = swap.answer == RoleSwap.Answer.ACCEPTED
    has = "is now" if is_accepted else "cannot be"
    subject = f"{to.user.name} {has} the {role}: {call_words(meeting)}, {day_of(meeting)}"
    what = (
        f"{to.user.name} ({to.agency.name}) accepted and {has} the {role} of the "
        f"{call_words(meeting)}, in place of {asker.user.name}:"
        if is_accepted
        else f"{to.user.name} ({to.agency.name}) {has} the {role} of the {call_words(meeting)}:"
    )
    lines = [what, f"{when_words(meeting)}."]
    if not is_accepted:
        lines.append(f"{asker.user.name} asked. The role stays as it was until somebody accepts.")
    people = {asker.user_id: asker.user}
    for membership in Membership.objects.specialists_of(meeting.continuum).select_related("user"):
        people[membership.user_id] = membership.user
    for user in people.values():
        notice(
            user,
            meeting,
            kind=SWAP,
            subject=subject,
            lines=lines,
            label="See the call",
            url=meeting.get_absolute_url(),
            key=f"swap-{swap.answer}:{swap.pk}",
            about_id=swap.pk,
            now=now,
        )
