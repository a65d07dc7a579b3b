"""A person's private calendar address: made, shown again, revoked, read by a calendar."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

import audit.services
from accounts.models import User
from agreements.models import StaffMember
from audit import actions
from conferencing.models import CalendarFeed, Meeting
from conferencing.models.meetings import MeetingQuerySet
from regions.models import Membership

from . import calendar_feed
from .calendar_entries import entry_of

FEED_MADE = actions.register("calendar_feed.made", "Made a private calendar address")
FEED_REVOKED = actions.register("calendar_feed.revoked", "Revoked a private calendar address")

TOKEN_BYTES = 32
LOOK_BACK = timedelta(days=365)
# Calendars ask several times an hour; that they do is noted this often.
READ_NOTED_EVERY = timedelta(minutes=15)


def token_hash(token: str) -> str:
    """SHA-256 in hexadecimal; enough for 256 random bits, which nobody can guess."""
    return hashlib.sha256(token.encode()).hexdigest()


def live_feed(user: User) -> CalendarFeed | None:
    return CalendarFeed.objects.filter(user=user, revoked_at__isnull=True).first()


def feed_address(feed: CalendarFeed) -> str:
    """The whole address to subscribe to; whoever has it can read the calendar."""
    return settings.SITE_URL + reverse("conferencing:feed_read", args=[feed.token])


@transaction.atomic
def make_feed(user: User, *, actor: User, now: datetime | None = None) -> CalendarFeed:
    """Give the person a calendar address. ValidationError if there is one already."""
    now = now or timezone.now()
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if live_feed(user) is not None:
        raise ValidationError("You have a calendar address already. Revoke it to get a new one.")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    feed = CalendarFeed(user=user, token=token, token_hash=token_hash(token), created_at=now)
    feed.full_clean()
    feed.save()
    audit.services.record(FEED_MADE, actor=actor, about=feed, now=now)
    return feed


@transaction.atomic
def revoke_feed(user: User, *, actor: User, now: datetime | None = None) -> None:
    """Make the person's calendar address void at once; without one nothing happens."""
    now = now or timezone.now()
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    feed = live_feed(user)
    if feed is None:
        return
    feed.revoked_at = now
    feed.save()
    audit.services.record(FEED_REVOKED, actor=actor, about=feed, now=now)


def find_feed(token: str) -> CalendarFeed | None:
    """The live feed of a token, if its person's account is open."""
    return (
        CalendarFeed.objects.filter(
            token_hash=token_hash(token), revoked_at__isnull=True, user__is_active=True
        )
        .select_related("user")
        .first()
    )


def read_feed(feed: CalendarFeed, *, now: datetime) -> bytes:
    """The person's calls as a calendar: from a year ago on, canceled ones marked.

    Staff have those of the regions they follow and the CoC-wide ones, CE Specialists and
    administrators all of their continuum, anybody else none.
    """
    if feed.last_read_at is None or feed.last_read_at < now - READ_NOTED_EVERY:
        CalendarFeed.objects.filter(pk=feed.pk).update(last_read_at=now)
    membership = Membership.objects.filter(user=feed.user_id).select_related("continuum").first()
    if membership is None:
        return calendar_feed.feed([], "Case conferencing")
    meetings = (
        calls_of(membership)
        .filter(starts_at__gte=now - LOOK_BACK)
        .select_related("continuum", "region")
        .order_by("starts_at")
    )
    continuum = membership.continuum
    entries = [entry_of(meeting) for meeting in meetings]
    return calendar_feed.feed(entries, f"Calls · {continuum.name}", continuum.zone)


def calls_of(membership: Membership) -> MeetingQuerySet:
    """The meetings that concern a person of the continuum."""
    meetings = Meeting.objects.filter(continuum=membership.continuum)
    place = StaffMember.objects.current().filter(user=membership.user_id).first()
    if place is not None:
        return meetings.filter(Q(region=None) | Q(region__in=place.regions.all()))
    if membership.is_specialist or membership.is_administrator:
        return meetings
    return meetings.none()
