"""Who sits at a call, and how its page is answered."""

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, cast, overload

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from accounts import undo
from accounts.refusals import refusals
from conferencing.call.seat import Seat, meeting_with_seat
from conferencing.models import Call, Meeting, Review
from regions.middleware import ContinuumRequest

if TYPE_CHECKING:
    from conferencing.call.seat import SeatedMeeting

Words = dict[str, str]  # what a page's script is told of an act


@overload
def seated(
    request: ContinuumRequest, pk: uuid.UUID, *, may: str | None = None, begun: Literal[True] = True
) -> "tuple[SeatedMeeting, Call, Seat]": ...


@overload
def seated(
    request: ContinuumRequest, pk: uuid.UUID, *, may: str | None = None, begun: Literal[False]
) -> "tuple[SeatedMeeting, Call | None, Seat]": ...


def seated(
    request: ContinuumRequest, pk: uuid.UUID, *, may: str | None = None, begun: bool = True
) -> "tuple[SeatedMeeting, Call | None, Seat]":
    """Return `(meeting, call, seat)`; 404 for strangers, 403 for who may not do it now.

    `may`: the name of a right of the seat. `begun`: 404 before the call is begun.
    """
    try:
        meeting, call, seat = meeting_with_seat(pk, request.user, request.today)
    except Meeting.DoesNotExist:
        raise Http404 from None
    if may and not getattr(seat, may):
        raise PermissionDenied("This is for the people who run the call.")
    if begun and call is None:
        raise Http404
    request.sees_participants = True  # a seat is for staff in standing; the navigation asks no more
    return meeting, call, seat


def is_from_page(request: ContinuumRequest) -> bool:
    """Whether the call page's own script asks, which reads answers itself."""
    return request.headers.get("X-Call") == "1"


def acted(
    request: ContinuumRequest,
    meeting: Meeting,
    act: Callable[[], object],
    *,
    said: Callable[[], Words | None] | None = None,
    undoes: tuple[str, str] | None = None,
) -> HttpResponse:
    """Do it; tell the page's script by status, others by a message on the page.

    `said`: asked before, what the page says of it afterward: `{"said": …, "review": …}` or None.
    `undoes`: `(kind, words)` of an act that returns what it takes to undo it, or None.
    """
    with refusals() as refused:
        words = said() if said else None
        data = act()
        if undoes and data:
            words = offer_undo(request, meeting, *undoes, data)
        if is_from_page(request):
            return JsonResponse(words) if words else HttpResponse(status=204)
        if words and "said" in words:
            messages.warning(request, words["said"])
    if refused and is_from_page(request):
        lacks = "lacks_step" in refused.codes
        return JsonResponse({"errors": refused.messages, "lacks": lacks}, status=422)
    if refused:
        refused.say(request)
    return redirect("conferencing:call_detail", pk=meeting.pk)


def undo_place(meeting: Meeting) -> str:
    """Where the page of a call shows what can be undone: in the part with the agenda."""
    return reverse("conferencing:call_frame", args=[meeting.pk])


def offer_undo(
    request: ContinuumRequest, meeting: Meeting, kind: str, words: str, data: object
) -> Words:
    """Let it be undone; returns for the page's script where."""
    place = undo_place(meeting)
    undo.offer(request, kind, place=place, words=words, data=data, now=timezone.now())
    offered = cast(undo.Offered, undo.offered(request, place))  # just now
    return {"undo": reverse("conferencing:call_undo_act", args=[meeting.pk, offered.pk])}


def review_of(meeting: Meeting, pk: uuid.UUID | None) -> Review:
    return get_object_or_404(meeting.reviews.select_related("meeting__continuum"), pk=pk)
