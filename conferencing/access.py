"""Which call or continuum an address means, for whoever may see it."""

from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.access import get_permitted_or_404
from agreements.access import refuse_without_standing
from conferencing.models import Meeting
from regions.calling import zone_name
from regions.models import Continuum


def get_continuum(request, perm=None):
    """The person's continuum; with `perm`, for whoever holds it there."""
    visible = Continuum.objects.visible_to(request.user)
    key = request.continuum.pk if request.continuum else None
    if perm:
        return get_permitted_or_404(request.user, perm, visible, pk=key)
    found = visible.filter(pk=key).first()
    if found is None:
        raise Http404("No continuum")
    return found


def get_meeting(request, pk, perm=None):
    visible = Meeting.objects.visible_to(request.user).select_related("continuum", "region")
    if perm:
        return get_permitted_or_404(request.user, perm, visible, pk=pk)
    meeting = visible.filter(pk=pk).first()
    if meeting is None:
        raise Http404("No such meeting")
    return meeting


def zone_words(continuum):
    return f"In {zone_name(continuum.zone)}, where the continuum is."


def get_permitted_meeting(request, pk, perm="conferencing.settle_roster"):
    meetings = Meeting.objects.visible_to(request.user)
    meetings = meetings.select_related("continuum", "region", "call")
    get_object_or_404(meetings, pk=pk)
    refuse_without_standing(request)
    return get_permitted_or_404(request.user, perm, meetings, pk=pk)
