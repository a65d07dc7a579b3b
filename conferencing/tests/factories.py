"""Meetings, rosters, reviews and steps."""

from datetime import timedelta

from django.utils import timezone
from guardian.shortcuts import assign_perm

from conferencing.call.notes import save_notes
from conferencing.models import (
    ActionItem,
    Attendance,
    CallGuest,
    Meeting,
    MeetingRole,
    PreWork,
    ProgressUpdate,
    Review,
    RoleSwap,
    RosterEntry,
    SystemicBarrier,
)
from regions.models import Membership
from regions.tests.factories import make_user, today_in


def make_meeting(continuum, region=None, *, starts_at=None, minutes=60, **fields):
    """A planned call in ten days, CoC-wide without a region."""
    starts_at = starts_at or timezone.now() + timedelta(days=10)
    return Meeting.objects.create(
        continuum=continuum,
        region=region,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        **fields,
    )


def make_role(meeting, agency, role=MeetingRole.Role.FACILITATOR, person=None):
    return MeetingRole.objects.create(
        meeting=meeting,
        role=role,
        agency=agency,
        turn_agency=agency,
        agency_name=agency.name,
        person=person,
    )


def make_swap(role, to, *, by=None, **fields):
    """A question to take a role over, not answered yet; by the one named for it."""
    return RoleSwap.objects.create(
        role=role,
        proposed_by=by or role.person,
        proposed_at=fields.pop("proposed_at", timezone.now()),
        to=to,
        **fields,
    )


def make_guest(meeting, participant, *, by, name="Guest", relation="participant", **fields):
    """A guest of one review who has opened the account already."""
    user = make_user(meeting.continuum, name="Guest")
    Membership.objects.filter(user=user).update(is_guest=True)
    assign_perm("conferencing.attend_meeting_as_guest", user, meeting)
    return CallGuest.objects.create(
        meeting=meeting,
        participant=participant,
        user=user,
        name=None if name == "Guest" else name,
        relation=relation,
        invited_by=by,
        invited_at=fields.pop("invited_at", timezone.now()),
        **fields,
    )


def make_roster(meeting, *participants):
    """The meeting's roster, opened: these households in this order."""
    meeting.roster_opened_at = timezone.now()
    meeting.save()
    return [
        RosterEntry.objects.create(
            meeting=meeting,
            participant=participant,
            position=position,
            source=RosterEntry.Source.PROPOSED,
            reasons=[{"kind": "longest", "words": "Longest on the list (100 days)"}],
        )
        for position, participant in enumerate(participants, start=1)
    ]


def make_review(meeting, participant, **fields):
    """A finished review at `meeting`."""
    return Review.objects.create(
        meeting=meeting,
        participant=participant,
        outcome=Review.Outcome.DISCUSSED,
        discussed_at=meeting.starts_at + timedelta(minutes=5),
        **fields,
    )


def review_of(meeting, participant):
    return Review.objects.get(meeting=meeting, participant=participant)


def send_notes(review, values, user, *, base=None, kept=None, meeting=None):
    """Save words of a review as the page of the call does, made from what stands or from `base`."""
    if base is None:
        base = Review.objects.get(pk=review.pk).revision
    meeting = meeting or review.meeting
    return save_notes(
        meeting.pk,
        review.pk,
        values,
        base=base,
        kept=kept or {},
        actor=user,
        now=timezone.now(),
    )


def write_notes(review, user, **values):
    """The same, of words that nothing stands against."""
    saved = send_notes(review, values, user)
    assert not saved.held
    assert not saved.conflict
    return saved


def make_prework(meeting, participant, by, **fields):
    """What the agency of `by` (a place) prepared for a household."""
    return PreWork.objects.create(
        meeting=meeting,
        participant=participant,
        agency=by.agency,
        by=by.user,
        at=fields.pop("at", timezone.now()),
        notes_by=by.user if fields.get("notes") else None,
        revision=1,
        **fields,
    )


def make_step(participant, agency, *, person=None, due_in=10, what="Call the landlord", **fields):
    now = timezone.now()
    return ActionItem.objects.create(
        participant=participant,
        agency=agency,
        follow_up_person=person,
        what=what,
        due_on=today_in(agency.continuum.zone) + timedelta(days=due_in),
        created_at=now - timedelta(days=20),
        **fields,
    )


def report(step, progress=ProgressUpdate.Progress.UNDER_WAY, *, by, line="Papers asked for", at):
    """A report on the step; it changes nothing else."""
    return ProgressUpdate.objects.create(step=step, progress=progress, line=line, by=by, at=at)


def make_attendance(meeting, user=None, *, name="", organization="", present=True, kind="expected"):
    """Somebody at the call: a user with the agency of their place, or a name without an account."""
    place = user and user.places.filter(ended_on__isnull=True).first()
    return Attendance.objects.create(
        meeting=meeting,
        user=user,
        agency=place.agency if place else None,
        name=name,
        organization=organization,
        kind=kind,
        is_present=present,
    )


def make_barrier(continuum, *, words="Landlords refuse the voucher", **fields):
    """A systemic barrier that nobody works on yet."""
    return SystemicBarrier.objects.create(
        continuum=continuum,
        words=words,
        first_marked_on=today_in(continuum.zone) - timedelta(days=30),
        changed_at=timezone.now(),
        **fields,
    )
