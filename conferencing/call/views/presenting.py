"""The window that is made to be shared, and the opening check that comes before it."""

import uuid
from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.refusals import refusals
from conferencing.call import opening, presenting
from conferencing.call.forms.call import OpeningCheckForm
from conferencing.call.room import who_is_here
from regions.middleware import ContinuumRequest

from .seat import is_from_page, seated


@require_GET
def call_present(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """The household on the table as everybody who is here may see it; nothing new: 204.

    `?notes=` and `?safety=` name the review at which somebody pressed for them.
    """
    meeting, call, seat = seated(request, pk, may="may_tick")
    pressed = presenting.Pressed.of(call, request.GET)
    here = who_is_here(meeting, call)
    stamp = presenting.stamp_of(meeting, call, here, pressed, request.today)
    if is_from_page(request) and request.GET.get("v") == stamp:
        return HttpResponse(status=204)
    page: Mapping[str, object] = {"meeting": meeting, "call": call, "stamp": stamp}
    if call.is_open:
        page = presenting.present_page(
            meeting, call, request.user, seat, here, pressed, now=timezone.now()
        )
    part = "conferencing/call/call_present_part.html"
    return render(
        request, part if is_from_page(request) else "conferencing/call/call_present.html", page
    )


@require_http_methods(["GET", "POST"])
def call_opening_check(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Confirm that the words were read out, that nobody records, and who sent word."""
    meeting, call, seat = seated(request, pk, may="may_tick")
    if not call.is_open:
        return redirect("conferencing:minutes_detail", pk=meeting.pk)
    now = timezone.now()
    is_done = call.checked_at is not None
    form = OpeningCheckForm(
        request.POST or None,
        words=opening.words_of(meeting, call),
        expected=opening.expected_of(meeting),
        initial={"is_read": is_done, "nobody_records": is_done},
    )
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            opening.confirm_opening(meeting, sent_word=form.excuses(), actor=request.user, now=now)
            messages.success(request, "The opening check is in the minutes.")
            return redirect("conferencing:call_detail", pk=meeting.pk)
    page = opening.opening_check_page(meeting, call, request.user, seat, now=now)
    return render(request, "conferencing/call/call_opening_check.html", {**page, "form": form})
