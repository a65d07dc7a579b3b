"""Who answered for a call, for whoever plans it; and whom the first page asks."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.urls import reverse

from accounts.models import User
from agreements.models import StaffMember
from conferencing.models import Meeting, MeetingAnswer, MeetingInvitation
from conferencing.task import Task
from regions.clock import local_day
from regions.words import day_words

from .acts import sends_word
from .audience import audience_of

ASKED = timedelta(days=14)  # so long before a call the first page asks


@dataclass
class Answers:
    """Who is invited to a call, by what they said: `[(name, organization)]`, by organization."""

    coming: list[tuple[str, str]] = field(default_factory=list)
    away: list[tuple[str, str]] = field(default_factory=list)
    silent: list[tuple[str, str]] = field(default_factory=list)


def answers_of(meeting: Meeting, *, now: datetime) -> Answers:
    """What everybody who is invited said, for whoever plans the call. A constant few queries."""
    audience = audience_of(meeting.continuum, local_day(now, meeting.continuum.zone))
    invited = audience.of(meeting)
    answers = MeetingAnswer.objects.standing().filter(meeting=meeting)
    said = dict(answers.values_list("user", "is_coming"))
    places = StaffMember.objects.current().filter(user__in=invited)
    agencies = dict(places.values_list("user", "agency__name"))
    found = Answers()
    for key in invited:
        who = (audience.users[key].name, agencies.get(key, meeting.continuum.name))
        is_coming = said.get(key)
        lists = {None: found.silent, True: found.coming, False: found.away}
        lists[is_coming].append(who)
    for each in (found.coming, found.away, found.silent):
        each.sort(key=lambda who: (who[1].casefold(), who[0].casefold()))
    return found


def answer_tasks(user: User, now: datetime) -> list[Task]:
    """The calls of the next two weeks that the person is invited to and has not answered for."""
    invited = MeetingInvitation.objects.filter(
        meeting=OuterRef("pk"), user=user, method=MeetingInvitation.Method.REQUEST
    )
    answered = MeetingAnswer.objects.standing().filter(meeting=OuterRef("pk"), user=user)
    meetings = list(
        Meeting.objects.upcoming(now)
        .filter(Exists(invited), ~Exists(answered), call__isnull=True, starts_at__lt=now + ASKED)
        .select_related("continuum", "region")
        .order_by("starts_at")
    )
    may_send = bool(meetings) and sends_word(meetings[0], user)
    hint = "If you can’t come, send word of your households." if may_send else ""
    return [
        Task(
            f"Say if you’re coming: {meeting.scope_words} call, {day_words(meeting.on)}",
            reverse("conferencing:meeting_answer", args=[meeting.pk]),
            hint,
            "Answer",
            meeting.on,
        )
        for meeting in meetings
    ]
