"""An agency prepares its households before a call."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.refusals import Refusal, refusals
from agreements.models import StaffMember
from conferencing.access import get_permitted_meeting
from regions.middleware import ContinuumRequest

from .acts import entries_to_prepare, keep_prework
from .forms import PreWorkForm
from .pages import prework_edit_page, prework_list_page

PREPARE = "conferencing.prepare_call"


def place_of(request: ContinuumRequest) -> StaffMember:
    return StaffMember.objects.current().select_related("agency").get(user=request.user)


@require_GET
def prework_list(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """The agency's households on the roster of a call, prepared or not."""
    meeting = get_permitted_meeting(request, pk, PREPARE)
    context = prework_list_page(
        meeting, request.user, place_of(request), on=request.today, now=timezone.now()
    )
    return render(request, "conferencing/prework/prework_list.html", context)


@require_http_methods(["GET", "POST"])
def prework_edit(
    request: ContinuumRequest, pk: uuid.UUID, participant_pk: uuid.UUID
) -> HttpResponse:
    """What changed for one household since its last review."""
    meeting = get_permitted_meeting(request, pk, PREPARE)
    place, now = place_of(request), timezone.now()
    entries = entries_to_prepare(request.user, place, request.today).filter(meeting=meeting)
    entry = get_object_or_404(entries.select_related("participant"), participant=participant_pk)
    person = entry.participant
    page = prework_edit_page(meeting, person, request.user, place, now=now)
    form = PreWorkForm(
        request.POST or None,
        is_confidential=person.is_confidential,
        kept=page["kept"],
        review=page["review"],
    )
    refused: Refusal | None = None
    if request.method == "POST" and form.is_valid() and not form.hints:
        with refusals(form) as refused:
            keep_prework(meeting, person, actor=request.user, now=now, **form.values())
            messages.success(request, f"{page['shown_as'].text} is prepared.")
            return redirect("conferencing:prework_list", pk=meeting.pk)
    is_stale = refused is not None and "stale" in refused.codes
    context = {**page, "form": form, "is_stale": is_stale}
    return render(request, "conferencing/prework/prework_edit.html", context)
