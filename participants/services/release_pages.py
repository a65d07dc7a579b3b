"""What the page of a household's releases shows, and which scans its reader may open."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import audit.actions
from accounts.models import User
from participants.former_heads import scans_of
from participants.models import ENDS_SOON, Participant, Release
from participants.naming import Label, labels
from regions.clock import local_day

from .pages import record_look

RELEASES_VIEWED = audit.actions.register("participant.releases_viewed", "Looked at releases")


def releases_page(participant: Participant, viewer: User, *, now: datetime) -> dict[str, object]:
    """The participant's releases with their state in words; the look is recorded."""
    on = local_day(now, participant.continuum.zone)
    label = record_look(participant, viewer, now, page="releases", action=RELEASES_VIEWED)
    clean = label.clean
    found = (
        participant.releases.prefetch_related("agencies")
        .select_related("revoked_by", "recorded_by")
        .defer("scan")
        .with_proof()
        .order_by("-signed_on", "-recorded_at")
    )
    releases = list(found)
    opens = scans_that_open(releases, label, viewer, now)
    return {
        "participant": participant,
        "shown_as": label,
        "opens": opens,
        "releases": [
            (release, *state_of(release, on), clean(release.revocation_reason))
            for release in releases
        ],
    }


def scans_that_open(
    releases: Sequence[Release], label: Label, viewer: User, now: datetime
) -> set[UUID]:
    """Keys of those releases of one household whose scan this viewer may open.

    One that was recorded with others' opens for whoever may read all the names on it; one that a
    former head signed, for whoever may read that one's.
    """
    together = {each.recorded_with for each in releases if each.recorded_with}
    closed: set[UUID | None] = set()
    if together:
        rows = Release.objects.filter(recorded_with__in=together).select_related("participant")
        sharing = list(rows.defer("scan"))
        names = labels({each.participant for each in sharing}, viewer, now)
        closed = {
            each.recorded_with for each in sharing if not names[each.participant_id].tells_all
        }
    signers = scans_of(releases)
    covered = label.reader.rights.covered if signers else set[str]()
    return {
        each.pk
        for each in releases
        if each.has_scan
        and label.tells_all
        and each.recorded_with not in closed
        and signers.get(each.pk, set()) <= covered
    }


def state_of(release: Release, on: date) -> tuple[str, str]:
    """State and tone of a release on the local date `on`."""
    if release.revoked_at:
        return "Revoked", "bad"
    if release.signed_on > on:
        return "Ahead", "neutral"
    if release.expires_on < on:
        return "Expired", "neutral"
    if release.is_by_former_head:
        return "Signed by a former head", "warn"
    if not release.covers_case_conferencing:
        return "Not for case conferencing", "warn"
    if release.expires_on - on <= ENDS_SOON:
        return "Ends soon", "warn"
    return "Live", "good"
