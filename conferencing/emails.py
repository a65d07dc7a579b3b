"""The mails of this room: calendar entries, and notices about a call. No participant data, ever."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from conferencing.calendar_entries import entry_of
from conferencing.calendar_feed import CANCEL, Party, content_type, invitation
from conferencing.models import RoleSwap
from outbox.kinds import Prepared
from outbox.services import queue_mail
from regions.calling import zone_name
from regions.models import Membership
from regions.words import moment_words, short_weekday_words

SWAP = "role-swap"


def when_words(meeting) -> str:
    """When the call is, where its people live: "Thursday, December 10, 2026, 10:00 AM …"."""
    local = meeting.starts_at.astimezone(ZoneInfo(meeting.continuum.zone))
    words = moment_words(local)
    return f"{words} {zone_name(meeting.continuum.zone)}"


def call_words(meeting) -> str:
    return "CoC-wide call" if meeting.is_coc_wide else f"{meeting.region.name} call"


def subject(invited, method=None) -> str:
    """The subject of an invitation: what happened, which call, which day."""
    meeting = invited.meeting
    if (method or invited.method) == CANCEL:
        is_off = meeting.state == meeting.State.CANCELLED
        verb = "Cancelled" if is_off else "No longer on your calendar"
    else:
        verb = "Invitation" if invited.times_told == 1 else "Changed"
    local = meeting.starts_at.astimezone(ZoneInfo(meeting.continuum.zone))
    return f"{verb}: {call_words(meeting)}, {short_weekday_words(local)}"


def invitation_mail(invited, address) -> Prepared:
    """What a person's calendar and eyes are told about a call (`MeetingInvitation`)."""
    return _calendar_mail(invited, method=invited.method, address=address)


def farewell_mail(invited, address) -> Prepared:
    """What an address is told that the person no longer has: the call leaves its calendar."""
    return _calendar_mail(invited, method=CANCEL, address=address, has_moved=True)


def _calendar_mail(invited, *, method, address, has_moved=False):
    meeting = invited.meeting
    is_cancel, is_off = method == CANCEL, meeting.state == meeting.State.CANCELLED
    link = settings.SITE_URL + meeting.get_absolute_url()
    if is_cancel and not is_off:
        # The one call may be out of reach for whoever no longer takes part in it.
        membership = getattr(invited.user, "membership", None)
        may_look = invited.user.is_active and membership is not None and not has_moved
        link = settings.SITE_URL + reverse("conferencing:meeting_list") if may_look else ""
    context = {
        "continuum": meeting.continuum,
        "meeting": meeting,
        "call": call_words(meeting),
        "when": when_words(meeting),
        "minutes": meeting.minutes,
        "is_cancel": is_cancel,
        "is_cancelled": is_off,
        "is_change": invited.times_told > 1,
        "has_moved": has_moved,
        "link": link,
        "reason": "You get this because this call was on your calendar."
        if is_cancel
        else "You get this because you take part in these calls.",
    }
    entry = entry_of(meeting, stamp=invited.told_at, sequence=invited.calendar_sequence)
    part = invitation(entry, Party(address, invited.user.name), method)
    media_type = content_type(method).partition("; charset")[0]
    return Prepared(
        subject=subject(invited, method),
        text=render_to_string("emails/invitation.txt", context).strip() + "\n",
        html=render_to_string("emails/invitation.html", context),
        alternatives=[(part.decode(), media_type)],
    )


def notice(user, meeting, *, kind, subject, lines, label, url, key, about_id, reason="", now):
    """Put one notice about a call to one person into the outbox, once per `key`.

    `url` is a path of this site, `label` the words of the button that leads there. Not sent
    any more once the call's time is over.
    """
    context = {
        "continuum": meeting.continuum,
        "subject": subject,
        "name": user.name,
        "lines": lines,
        "label": label,
        "url": settings.SITE_URL + url,
        "reason": reason or "You get this because you take part in these calls.",
    }
    return queue_mail(
        kind=kind,
        address=user.email,
        user=user,
        subject=subject,
        text=render_to_string("emails/call_notice.txt", context).strip() + "\n",
        html=render_to_string("emails/call_notice.html", context),
        dedupe_key=f"{key}:{user.pk}",
        not_after=meeting.ends_at,
        continuum_id=meeting.continuum_id,
        about_id=about_id,
        now=now,
    )


def day_of(meeting) -> str:
    local = meeting.starts_at.astimezone(ZoneInfo(meeting.continuum.zone))
    return short_weekday_words(local)


def tell_swap_asked(swap, *, now):
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


def tell_swap_answered(swap, *, now):
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


def guest_mail(guest) -> Prepared:
    """What a guest is told, without a word of the household: when the call is, or what is off."""
    meeting = guest.meeting
    subject, last = "Your call is called off", ""
    if meeting.state == meeting.State.CANCELLED:
        first = f"The call of {meeting.continuum.name} to which you were invited is not held:"
    elif guest.is_off:
        first = (
            f"The review to which you were invited will not take place at this call of "
            f"{meeting.continuum.name}:"
        )
        last = "You do not need to come. If this changes, we will email you."
    else:
        subject = f"Your call on {day_of(meeting)}"
        first = f"You are invited to a call of {meeting.continuum.name}:"
        last = (
            "Sign in a few minutes before. Your first page leads to the call. If you have no "
            "account yet, another mail brings you the link to open it."
        )
    lines = [first, f"{when_words(meeting)}, {meeting.minutes} minutes."]
    if last:
        lines.append(last)
    context = {
        "continuum": meeting.continuum,
        "subject": subject,
        "name": guest.user.name,
        "lines": lines,
        "label": "Sign in",
        "url": settings.SITE_URL + reverse("conferencing:home"),
        "reason": "You get this because you were invited to this call.",
    }
    return Prepared(
        subject=subject,
        text=render_to_string("emails/call_notice.txt", context).strip() + "\n",
        html=render_to_string("emails/call_notice.html", context),
    )
