"""Somebody who is invited says whether they come."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.refusals import refusals
from conferencing.access import get_meeting
from regions.middleware import ContinuumRequest

from . import acts


@require_http_methods(["GET", "POST"])
def meeting_answer(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Say whether one comes; who cannot is asked for word of their households."""
    meeting, now = get_meeting(request, pk), timezone.now()
    if not acts.is_invited(meeting, request.user, now=now):
        raise PermissionDenied("This call is not one of yours.")
    if request.method == "POST":
        with refusals(request):
            is_coming = acts.answer_in(request.POST.get("answer", ""))
            acts.keep_answer(meeting, is_coming=is_coming, actor=request.user, now=now)
            messages.success(
                request, "You’re down as coming." if is_coming else "You’re down as not coming."
            )
            if not is_coming and acts.sends_word(meeting, request.user):
                return redirect("conferencing:word_send", pk=meeting.pk)
        return redirect(meeting)
    page = {
        "meeting": meeting,
        "kept": acts.answer_of(meeting, request.user),
        "takes_answers": acts.takes_answers(meeting, now),
        "sends_word": acts.sends_word(meeting, request.user),
    }
    return render(request, "conferencing/coming/meeting_answer.html", page)
