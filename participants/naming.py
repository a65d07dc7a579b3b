"""By which words a participant appears to whom: the one place that decides.

DESIGN, rule 3: without a live release that covers case conferencing and the viewer's
agency a participant appears by alias; a victim service provider's participant always does.
Every page, list, PDF, mail, export and search asks here, at the moment of the act.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from agreements.models import StaffMember
from agreements.standing import in_standing_now
from regions.clock import local_day

from .models import Release


@dataclass(frozen=True)
class Label:
    """`text` is the name or the alias; `release_id` the release that allows a name."""

    text: str
    is_named: bool
    release_id: UUID | None = None


def covering_releases(viewer, now):
    """Live releases that cover `viewer` at the moment `now`; none for one not in standing.

    A listed release covers the staff of the agencies it lists; one to all partners covers
    everybody in standing, CE Specialists included. All of it is asked in the one query.
    """
    membership = getattr(viewer, "membership", None)
    if membership is None:
        return Release.objects.none()
    on = local_day(now, membership.continuum.zone)
    place = StaffMember.objects.current().filter(user=viewer)
    listed = Release.agencies.through.objects.filter(
        release=OuterRef("pk"), agency__in=place.values("agency")
    )
    return (
        Release.objects.live(now, on)
        .filter(participant__continuum=membership.continuum_id, participant__is_confidential=False)
        .filter(Q(to_all_partners=True) | Exists(listed))
        .filter(in_standing_now(viewer, on))
    )


def nameable(participants, viewer, now):
    """Narrow the queryset to those whose name `viewer` may see at `now`."""
    return participants.filter(
        is_confidential=False,
        name__isnull=False,
        pk__in=covering_releases(viewer, now).values("participant"),
    )


def labels(participants, viewer, now):
    """Return `{primary key: Label}` for the participants (instances), in constant queries."""
    participants = list(participants)
    covering = dict(
        covering_releases(viewer, now)
        .filter(participant__in=[each.pk for each in participants])
        .order_by("expires_on")
        .values_list("participant", "pk")
    )
    return {each.pk: label(each, covering.get(each.pk)) for each in participants}


def label(participant, release_id):
    """The participant's label under the release that was found, or under none."""
    if release_id and not participant.is_confidential and participant.name:
        return Label(participant.name, True, release_id)
    return Label(participant.alias, False)


def label_for(participant, viewer, now):
    """The label of a single participant."""
    return labels([participant], viewer, now)[participant.pk]


__all__ = ["Label", "covering_releases", "label_for", "labels", "nameable"]
