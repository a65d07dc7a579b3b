"""Which call or continuum an address means, for whoever may see it."""

import uuid

from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.access import get_permitted_or_404
from agreements.access import refuse_without_standing
from conferencing.models import Meeting
from regions.calling import zone_name
from regions.middleware import ContinuumRequest
from regions.models import Continuum


def get_continuum(request: ContinuumRequest, perm: str | None = None) -> Continuum:
    """The person's continuum; with `perm`, for whoever holds it there."""
    if request.continuum is None:
        raise Http404("No continuum")
    visible = Continuum.objects.visible_to(request.user)
    key = request.continuum.pk
    if perm:
        return get_permitted_or_404(request.user, perm, visible, pk=key)
    found = visible.filter(pk=key).first()
    if found is None:
        raise Http404("No continuum")
    return found


def get_meeting(request: ContinuumRequest, pk: uuid.UUID, perm: str | None = None) -> Meeting:
    visible = Meeting.objects.visible_to(request.user).select_related("continuum", "region")
    if perm:
        return get_permitted_or_404(request.user, perm, visible, pk=pk)
    meeting = visible.filter(pk=pk).first()
    if meeting is None:
        raise Http404("No such meeting")
    return meeting


def zone_words(continuum: Continuum) -> str:
    return f"In {zone_name(continuum.zone)}, where the continuum is."


def get_permitted_meeting(
    request: ContinuumRequest, pk: uuid.UUID, perm: str = "conferencing.settle_roster"
) -> Meeting:
    meetings = Meeting.objects.visible_to(request.user)
    meetings = meetings.select_related("continuum", "region", "call")
    get_object_or_404(meetings, pk=pk)
    refuse_without_standing(request)
    return get_permitted_or_404(request.user, perm, meetings, pk=pk)
