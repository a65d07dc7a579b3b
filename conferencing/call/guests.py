"""Guests of a call: a participant, family or close support, invited to one review.

Source: Three County, “Attendees”: client and family members/close supports. A guest sees that
review while it is on the table, and nothing else. An account's name is stored in clear, the audit
keeps it and the mail greets by it, so every guest's account is called “Guest”; what a family member
or close support is called is sealed with their invitation.
"""

import uuid
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias, TypedDict, cast

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from guardian.shortcuts import assign_perm, remove_perm

import accounts.services
import audit.services
from accounts.models import User
from accounts.undo import refuse_changed
from agreements.models import StaffMember
from agreements.services.people import account_for, close_if_unused
from audit import actions
from conferencing.at_once import lock_open, tell_followers, tell_if_held
from conferencing.models import (
    CallGuest,
    Meeting,
    MeetingUserObjectPermission,
    Review,
    RosterEntry,
    not_over,
)
from outbox.kinds import Prepared, Withheld
from outbox.models import Message
from outbox.services import queue_mail
from participants.models import Participant
from participants.own_words import note_carried, note_typed
from regions.clock import local_day
from regions.models import Membership

from .acts import lock_call
from .guest_mail import guest_mail

INVITED = actions.register("guest.invited", "Invited a guest to a review")
REINVITED = actions.register("guest.reinvited", "Invited a guest to a review again")
WITHDRAWN = actions.register("guest.withdrawn", "Withdrew a guest’s invitation")
HANDED_OVER = actions.register("guest.safety_handed_over", "Showed a guest the words on safety")
TAKEN_BACK = actions.register("guest.safety_taken_back", "Took the words on safety from a guest")
KIND = "call-guest"
UNDO = "guest-withdrawn"
INVITE = "conferencing.invite_guest"
PERMISSION = "conferencing.attend_meeting_as_guest"
GUEST = "Guest"
Relation = CallGuest.Relation
# How long after its end a call's guests are let go, if nobody closed it.
LET_GO_AFTER = timedelta(days=1)
# How often it is written down that a guest's page asks.
NOTED_EVERY = timedelta(seconds=5)


class Withdrawn(TypedDict):
    """What it takes to undo that an invitation was withdrawn."""

    guest: str


class ReviewOff(TypedDict):
    is_review_off: bool


if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    OwnCall: TypeAlias = WithAnnotations[Meeting, ReviewOff]


def entries_to_invite_to(meeting: Meeting, user: User, on: date) -> QuerySet[RosterEntry]:
    """Roster entries to whose review the person may invite: a victim service provider's own,
    for CE Specialists all others."""
    place = StaffMember.objects.current().filter(user=user).values("agency")
    entries = RosterEntry.objects.filter(
        meeting=meeting, participant__in=Participant.objects.visible_to(user, on)
    )
    own = entries.filter(participant__is_confidential=True, participant__agency__in=place)
    if not user.membership.is_specialist:
        return own
    return own | entries.filter(participant__is_confidential=False)


@transaction.atomic
def invite_guest(
    meeting: Meeting,
    participant: Participant,
    *,
    relation: str,
    name: str,
    email: str,
    actor: User,
    now: datetime,
) -> CallGuest:
    """Invite somebody to one household's review at a call, and let them in by mail.

    `name` is what a family member or close support is called; a participant's own invitation, and
    any of a victim service provider's household, bears none. Raises ValidationError when the
    household is not one that the actor may invite to, the call is over or canceled, the name
    is missing, or the address is somebody else's.
    """
    on = local_day(now, meeting.continuum.zone)
    meeting = lock_open(meeting, now)
    if not entries_to_invite_to(meeting, actor, on).filter(participant=participant).exists():
        raise ValidationError(
            {"participant": "This household is not on the roster, or not yours to invite to."}
        )
    is_nameless = participant.is_confidential or relation == Relation.PARTICIPANT
    called = None if is_nameless else name.strip()
    if called == "":
        raise ValidationError({"name": "Say what the guest is called."})
    user = account_for(meeting.continuum, email=email, name=GUEST)
    user.membership = _membership_of(user, GUEST if is_nameless else None)
    user.membership.is_guest = True
    user.membership.save()
    guest = CallGuest(
        meeting=meeting,
        participant=participant,
        user=user,
        name=called,
        relation=relation,
        invited_by=actor,
        invited_at=now,
    )
    guest.full_clean()
    note_typed(guest, "name", actor=actor)
    guest.save()
    assign_perm(PERMISSION, user, meeting)
    tell_if_held(meeting.pk)
    _let_in(guest, actor=actor, now=now)
    tell_guest(guest, now=now)
    _record(INVITED, guest, actor=actor, now=now)
    return guest


@transaction.atomic
def reinvite_guest(guest: CallGuest, *, actor: User, now: datetime) -> CallGuest:
    """Mail the way in again. ValidationError once withdrawn, or when the call is over."""
    meeting = lock_open(guest.meeting, now)
    guest = _locked(guest)
    if guest.withdrawn_at:
        raise ValidationError("This invitation was withdrawn. Invite the guest anew.")
    guest.meeting = meeting
    _let_in(guest, actor=actor, now=now)
    tell_guest(guest, again=now, now=now)
    _record(REINVITED, guest, actor=actor, now=now)
    return guest


@transaction.atomic
def withdraw_guest(guest: CallGuest, *, actor: User, now: datetime) -> CallGuest:
    """Take an invitation back; what it let in is shut at once. Withdrawn already: nothing."""
    guest = _locked(guest)
    if guest.withdrawn_at is None:
        guest.withdrawn_at = now
        guest.full_clean()
        guest.save()
        _shut_out(guest.user, guest.meeting, actor=actor, now=now)
        tell_if_held(guest.meeting_id)
        _record(WITHDRAWN, guest, actor=actor, now=now)
    return guest


@transaction.atomic
def undo_withdrawal(data: Withdrawn, *, actor: User, now: datetime) -> None:
    """Let a guest in again whose invitation was withdrawn by mistake, and tell them anew."""
    guest = CallGuest.objects.filter(pk=data["guest"]).select_related("meeting", "user").first()
    if guest is None or not actor.has_perm(INVITE, guest.meeting):
        raise PermissionDenied
    on = local_day(now, guest.meeting.continuum.zone)
    entries = entries_to_invite_to(guest.meeting, actor, on)
    refuse_changed(entries.filter(participant=guest.participant_id).exists())
    meeting = lock_open(guest.meeting, now)
    guest = _locked(guest)
    again = CallGuest.objects.live().filter(meeting=meeting, user=guest.user)
    refuse_changed(guest.withdrawn_at is not None and not again.exists())
    guest.user = account_for(meeting.continuum, email=guest.user.email, name=GUEST)
    membership = _membership_of(guest.user, None)
    membership.is_guest = True
    membership.save()
    guest.withdrawn_at = None
    guest.full_clean()
    guest.save()
    assign_perm(PERMISSION, guest.user, meeting)
    tell_if_held(meeting.pk)
    _let_in(guest, actor=actor, now=now)
    tell_guest(guest, again=now, now=now)
    _record(REINVITED, guest, actor=actor, now=now)


def note_following(guest: CallGuest, *, now: datetime) -> None:
    """Keep that the guest’s page asked for the call, for whoever holds it to see."""
    if guest.seen_at and now - guest.seen_at < NOTED_EVERY:
        return
    was_following = guest.is_following(now)
    CallGuest.objects.filter(pk=guest.pk).update(seen_at=now)
    if not was_following:
        tell_if_held(guest.meeting_id)


@transaction.atomic
def hand_over_safety(guest: CallGuest, *, actor: User, now: datetime) -> CallGuest:
    """Show the guest what is written under safety at this moment; nothing that is written later.

    Raises ValidationError when the invitation was withdrawn, the call is not held, or nothing is
    written.
    """
    guest = _of_a_held_call(guest, actor=actor, now=now)
    review = Review.objects.get(meeting=guest.meeting_id, participant=guest.participant_id)
    if not review.safety.strip():
        raise ValidationError("Nothing is written under safety yet.")
    guest.safety_shown, guest.safety_shown_at, guest.safety_shown_by = review.safety, now, actor
    note_carried([guest], "safety_shown")
    guest.save(update_fields=["safety_shown", "safety_shown_at", "safety_shown_by"])
    tell_followers(guest.meeting_id)
    _record(HANDED_OVER, guest, actor=actor, now=now)
    return guest


@transaction.atomic
def take_safety_back(guest: CallGuest, *, actor: User, now: datetime) -> CallGuest:
    """Take the text off the guest's page again. Nothing handed over: nothing happens."""
    guest = _of_a_held_call(guest, actor=actor, now=now)
    if guest.safety_shown is not None:
        guest.safety_shown = guest.safety_shown_at = guest.safety_shown_by = None
        guest.save(update_fields=["safety_shown", "safety_shown_at", "safety_shown_by"])
        tell_followers(guest.meeting_id)
        _record(TAKEN_BACK, guest, actor=actor, now=now)
    return guest


def _of_a_held_call(guest: CallGuest, *, actor: User, now: datetime) -> CallGuest:
    lock_call(guest.meeting, actor=actor, now=now)
    guest = _locked(guest)
    if guest.withdrawn_at:
        raise ValidationError("This invitation was withdrawn.")
    return guest


def tell_guests(now: datetime) -> None:
    """Step of the tick: guests learn of a call moved or called off, and of their household taken
    off its roster or put on it again; after the call they are let go.
    """
    to_come = CallGuest.objects.live().with_is_on_roster().filter(meeting__starts_at__gt=now)
    guests = list(to_come.select_related("meeting", "user"))
    mails = Message.objects.filter(kind=KIND, about_id__in=[guest.pk for guest in guests])
    keys = defaultdict(list)
    for guest_pk, key in mails.order_by("created_at").values_list("about_id", "dedupe_key"):
        keys[guest_pk].append(key)
    for guest in guests:
        told = keys[guest.pk]
        if (guest.meeting.sequence, guest.is_off) != (_told_by(told[-1]) if told else (0, False)):
            is_again = guest.is_off or _key(guest) in told
            tell_guest(guest, again=now if is_again else None, is_off=guest.is_off, now=now)
    over = MeetingUserObjectPermission.objects.filter(
        permission__codename="attend_meeting_as_guest",
        content_object__ends_at__lt=now - LET_GO_AFTER,
    )
    for given in over.select_related("user", "content_object"):
        _shut_out(given.user, given.content_object, actor=None, now=now)


def tell_guest(
    guest: CallGuest, *, again: datetime | None = None, is_off: bool = False, now: datetime
) -> None:
    """Queue the mail: when the call is, or that it or the review is off, and where to go."""
    queue_mail(
        kind=KIND,
        address=guest.user.email,
        user=guest.user,
        subject="Your invitation to a call",
        dedupe_key=_key(guest, again, is_off=is_off),
        not_after=guest.meeting.ends_at,
        continuum_id=guest.meeting.continuum_id,
        about_id=guest.pk,
        now=now,
    )


def prepare_guest(message: Message, now: datetime) -> Prepared:
    """Write the mail when it is sent, as things are then; withheld once withdrawn or told anew."""
    guest = (
        CallGuest.objects.live()
        .with_is_on_roster()
        .filter(pk=cast(uuid.UUID, message.about_id))  # as of every mail of this kind
        .select_related("meeting__continuum", "meeting__region", "user")
        .first()
    )
    if guest is None:
        raise Withheld("The invitation was withdrawn.")
    if Message.objects.newer_than(message).exists():
        raise Withheld("A newer mail tells them.")
    return guest_mail(guest)


def _key(guest: CallGuest, again: datetime | None = None, *, is_off: bool = False) -> str:
    key = f"call-guest:{guest.pk}:{guest.meeting.sequence}{':off' if is_off else ''}"
    return f"{key}:{again.isoformat()}" if again else key


def _told_by(key: str) -> tuple[int, bool]:
    """What a mail of this key told: the sequence of its call, and whether the review is off."""
    _kind, _guest, sequence, *rest = key.split(":")
    return int(sequence), "off" in rest


def _let_in(guest: CallGuest, *, actor: User, now: datetime) -> None:
    """An account that nobody opened yet gets the link to open it."""
    if not guest.user.has_usable_password():
        accounts.services.invite(
            guest.user,
            actor=actor,
            on_behalf_of=guest.meeting.continuum.name,
            continuum_id=guest.meeting.continuum_id,
            is_staff=False,
            now=now,
        )


def _membership_of(user: User, name: str | None) -> Membership:
    """The guest's membership, locked; ValidationError for one of staff, or of another name."""
    membership = Membership.objects.select_for_update().get(user=user)
    if is_staff(user):
        raise ValidationError(
            {"email": "Somebody who takes part in the calls has this address; no guest can."}
        )
    if name and user.name != name:
        raise ValidationError(
            {"email": "This address has an account with a name. Use one made for this purpose."}
        )
    return membership


def _shut_out(user: User, meeting: Meeting, *, actor: User | None, now: datetime) -> None:
    """Take the permission; close the account unless another call of theirs is still to come."""
    remove_perm(PERMISSION, user, meeting)
    others = CallGuest.objects.live().filter(user=user, meeting__ends_at__gte=now - LET_GO_AFTER)
    if not is_staff(user) and not others.exclude(meeting=meeting).exists():
        close_if_unused(user, actor=actor, now=now)


def is_staff(user: User) -> bool:
    """Whether the person has a place or a role, and so is no guest alone."""
    roles = Membership.objects.filter(user=user).filter(
        Q(is_specialist=True) | Q(is_administrator=True)
    )
    return StaffMember.objects.current().filter(user=user).exists() or roles.exists()


def _locked(guest: CallGuest) -> CallGuest:
    return (
        CallGuest.objects.select_for_update(of=("self",))
        .select_related("meeting__continuum", "meeting__region", "user", "participant")
        .get(pk=guest.pk)
    )


def _record(action: str, guest: CallGuest, *, actor: User, now: datetime) -> None:
    audit.services.record(
        action,
        actor=actor,
        about=guest.participant,
        detail={
            "meeting": str(guest.meeting_id),
            "guest": str(guest.pk),
            "relation": guest.relation,
        },
        now=now,
    )


def own_calls(user: User, now: datetime) -> "list[OwnCall]":
    """The calls to which the person is invited as a guest and that are not over.

    Each with `is_review_off`: whether the household is off its roster.
    """
    invited = CallGuest.objects.live().filter(user=user)
    off = invited.with_is_on_roster().filter(meeting=OuterRef("pk"), is_on_roster=False)
    return list(
        Meeting.objects.exclude(state=Meeting.State.CLOSED)
        .filter(not_over(now), guests__in=invited)
        .annotate(is_review_off=Exists(off))
        .select_related("continuum", "region")
        .order_by("starts_at")
    )
