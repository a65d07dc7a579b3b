"""Households with nothing to discuss: marked and pulled back before the call."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts import undo
from accounts.refusals import refusals
from conferencing.access import get_permitted_meeting
from conferencing.models import NothingToDiscuss
from participants.models import Participant
from regions.middleware import ContinuumRequest
from regions.words import plural

from . import acts
from .forms import MarkForm
from .pages import nothing_page


@require_http_methods(["GET", "POST"])
def nothing_to_discuss(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Which households are read out as one; and mark some, by the boxes that are ticked."""
    meeting = get_permitted_meeting(request, pk, acts.PULL_BACK)
    visible = Participant.objects.visible_to(request.user, request.today)
    listed = visible.filter(roster_entries__meeting=meeting)
    form = MarkForm(request.POST or None, participants=listed)
    now = timezone.now()
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            chosen = list(form.cleaned_data["participant"])
            made = acts.mark_nothing_to_discuss(meeting, chosen, actor=request.user, now=now)
            if made:
                words = plural(len(made), "household")
                messages.success(request, f"Nothing to discuss: {words} marked.")
            return redirect("conferencing:nothing_to_discuss", pk=meeting.pk)
    context = nothing_page(meeting, request.user, now=now)
    ticked = set(request.POST.getlist("participant"))
    return render(
        request,
        "conferencing/nothing_to_discuss/nothing_to_discuss.html",
        {**context, "form": form, "ticked": ticked},
    )


@require_POST
def nothing_to_discuss_pull_back(
    request: ContinuumRequest, pk: uuid.UUID, mark_pk: uuid.UUID
) -> HttpResponse:
    """Have one discussed after all. No reason is asked for."""
    meeting = get_permitted_meeting(request, pk, acts.PULL_BACK)
    visible = Participant.objects.visible_to(request.user, request.today)
    marks = NothingToDiscuss.objects.filter(meeting=meeting, participant__in=visible)
    mark = get_object_or_404(marks.select_related("meeting", "participant"), pk=mark_pk)
    now = timezone.now()
    place = reverse("conferencing:nothing_to_discuss", args=[meeting.pk])
    with refusals(request):
        data = acts.pull_back(mark, actor=request.user, now=now)
        messages.success(request, "The household will be discussed.")
        if data:
            words = "You put a household back on the agenda."
            undo.offer(request, acts.UNDO, place=place, words=words, data=data, now=now)
    return redirect(place)
