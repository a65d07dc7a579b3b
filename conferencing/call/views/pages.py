"""The page of the hour, its parts, and the pages that lead on from it."""

import uuid
from datetime import datetime, timedelta
from typing import Any, TypedDict

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts import undo
from accounts.access import get_permitted_or_404
from accounts.models import User
from accounts.refusals import refusals
from conferencing.barriers import GROUPS
from conferencing.call import (
    acts as calls,
)
from conferencing.call import (
    attendance,
    closing,
    guest_pages,
    household_pages,
    people_pages,
    raise_pages,
    referral_pages,
)
from conferencing.call import (
    pages as call_pages,
)
from conferencing.call import (
    rights as call_rights,
)
from conferencing.call.forms.call import RaiseForm, WalkInForm
from conferencing.call.keys import acts_for, keys_of
from conferencing.call.notes import Saved, save_notes
from conferencing.call.seat import Seat
from conferencing.call.steering import steer_page
from conferencing.elements import FOR_SCRIPTS
from conferencing.middleware import GuestRequest
from conferencing.models import Call, CallGuest, Meeting, Review
from participants.models import Participant
from participants.models.people import ParticipantQuerySet
from participants.naming import Label
from participants.search import search
from regions.clock import local_day
from regions.middleware import ContinuumRequest

from .seat import (
    acted,
    is_from_page,
    review_of,
    seated,
    undo_place,
)


@require_GET
def call_detail(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """The call: its opening before it is begun, the live page while it is held."""
    meeting, call, seat = seated(request, pk, begun=False)
    now = timezone.now()
    if call is None:
        page = call_pages.opening_page(meeting, request.user, seat, now=now)
        return render(request, "conferencing/call/call_opening.html", page)
    if not call.is_open:
        return redirect("conferencing:minutes_detail", pk=meeting.pk)
    page = call_pages.call_page(meeting, call, request.user, seat, now=now)
    page["undo"] = undo.offered(request, undo_place(meeting))
    page["declared"] = FOR_SCRIPTS
    own = keys_of(request.user)
    page["keys"] = acts_for(own, may_write=seat.may_write, may_steer=seat.may_steer)
    return render(request, "conferencing/call/call_detail.html", page)


@require_GET
def call_live(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """What changed since the page's version and stamp of rights: 204 without a body for nothing.

    `renew`: what the reader may see has changed, so that the page is to be made anew.
    """
    try:
        version = int(request.GET.get("v", ""))
    except ValueError:
        version = -1
    first, _dash, second = request.GET.get("s", "").partition("-")
    # A page that has the first part alone is given the second, so that it can tell from then on.
    known = (first if second else "") if "s" in request.GET else None
    try:
        news = call_pages.followed(
            pk, request.user, version=version, rights=known, on=request.today
        )
    except Call.DoesNotExist:
        raise Http404 from None
    if news is None:
        return HttpResponse(status=204)
    meeting, _call, seat = seated(request, pk)
    is_changed, former = news["rights"] != first, second
    if is_changed or not second:
        second = call_rights.second_part(meeting, request.user, seat, now=timezone.now())
    answer: dict[str, object] = {
        "version": news["version"],
        "frame": news["frame"],
        "table": news["on_table"] and str(news["on_table"]),
        "closed": news["closed_at"] is not None,
        "seat": {"write": seat.may_write, "steer": seat.may_steer},
        "rights": f"{news['rights']}-{second}",
        "renew": "s" in request.GET and is_changed and second != former,
    }
    asked = request.GET.get("r", "")
    if asked:
        answer["review"] = live_review(request, meeting, seat, asked)
    return JsonResponse(answer)


def live_review(
    request: ContinuumRequest, meeting: Meeting, seat: Seat, asked: str
) -> dict[str, object] | None:
    """The words of the review that the page shows, for it to put in their places."""
    try:
        review = household_pages.find_words(meeting, call_pages.key_or_none(asked))
    except Review.DoesNotExist:
        return None
    label = household_pages.record_look(review, request.user, now=timezone.now())
    found: dict[str, object] = {
        "id": str(review.pk),
        "revision": review.revision,
        "words": household_pages.reading(review, label.clean),
    }
    if seat.may_write:
        found["values"] = household_pages.values_to_edit(review, label)
        found["by"] = review.saved_by.name if review.saved_by else ""
    return found


@require_GET
def call_frame(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """The agenda as a part of the page; `?part=steer` the facilitator's bar instead."""
    meeting, call, seat = seated(request, pk)
    page = call_pages.frame_page(meeting, call, request.user, seat, now=timezone.now())
    if request.GET.get("part") == "steer" and seat.may_steer:
        bar = steer_page(meeting, page["rows"])
        return render(request, "conferencing/call/call_steer.html", {**bar})
    context = {**page, "undo": undo.offered(request, undo_place(meeting))}
    return render(request, "conferencing/call/call_agenda.html", context)


@require_GET
def call_referrals(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """The referrals with which the call opens."""
    meeting, _, _ = seated(request, pk, begun=False)
    page = referral_pages.referrals_page(meeting, request.user, now=timezone.now())
    return render(request, "conferencing/call/call_referrals.html", page)


@require_GET
def call_people(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Who is here, as a part of the page."""
    meeting, call, seat = seated(request, pk)
    page = people_pages.people_page(meeting, call, request.user, seat, now=timezone.now())
    return render(request, "conferencing/call/call_people.html", page)


@require_GET
def call_household(request: ContinuumRequest, pk: uuid.UUID, review_pk: uuid.UUID) -> HttpResponse:
    """One household, as a part of the page; `?part=` one part of it alone."""
    meeting, call, seat = seated(request, pk)
    now = timezone.now()
    try:
        review = household_pages.find_review(meeting, review_pk)
    except Review.DoesNotExist:
        raise Http404 from None
    page = household_pages.household(meeting, call, review, request.user, seat, now=now)
    if (part := request.GET.get("part")) in ("steps", "given", "outcome", "guests", "openings"):
        return render(request, f"conferencing/call/call_{part}.html", page)
    if page["may_write"]:
        following = call_pages.next_meeting_after(meeting)
        page |= household_pages.choices_for(meeting, review, request.today)
        page |= {
            "catalogue": GROUPS,
            "due_default": following.on if following else request.today + timedelta(days=28),
        }
    return render(request, "conferencing/call/call_household.html", page)


@require_http_methods(["GET", "POST"])
def call_raise(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Raise a household on the call: one of the list, or a new one by alias alone."""
    meeting, _, _ = seated(request, pk, may="may_tick")
    now = timezone.now()
    visible = raise_pages.households_to_raise(meeting, request.user, request.today)
    page = raise_page(request, meeting, visible, now)
    form = page["form"]
    if request.method == "POST" and "q" not in request.POST and form.is_valid():
        with refusals(form):
            raise_it(meeting, form.cleaned_data, actor=request.user, now=now)
            messages.success(request, "It is on the agenda, at the end.")
            return redirect("conferencing:call_detail", pk=meeting.pk)
    return render(request, "conferencing/call/call_raise.html", page)


class RaisePage(TypedDict):
    meeting: Meeting
    form: RaiseForm
    text: str
    found: list[tuple[Participant, Label, bool]]
    key: object


def raise_page(
    request: ContinuumRequest, meeting: Meeting, visible: ParticipantQuerySet, now: datetime
) -> RaisePage:
    text = request.POST.get("q", "")
    regions = meeting.continuum.regions.all()
    if meeting.region_id:
        regions = regions.filter(pk=meeting.region_id)
    is_sent = request.method == "POST" and "q" not in request.POST
    form = RaiseForm(
        request.POST if is_sent else None,
        participants=visible,
        agencies=raise_pages.keeping_agencies(meeting, request.user, request.today),
        regions=regions,
    )
    people = list(search(visible, text, request.user, now).order_by("alias")[:8]) if text else []
    return {
        "meeting": meeting,
        "form": form,
        "text": text,
        "found": raise_pages.found_rows(meeting, people, request.user, now),
        "key": raise_pages.new_key(form),
    }


def raise_it(
    meeting: Meeting,
    data: dict[str, Any],  # Any: of each field its own
    *,
    actor: User,
    now: datetime,
) -> Review:
    if data["participant"]:
        return calls.raise_participant(
            meeting, data["participant"], because=data["because"], actor=actor, now=now
        )
    agency = data["agency"] or raise_pages.only_one(
        raise_pages.keeping_agencies(meeting, actor, local_day(now, meeting.continuum.zone))
    )
    region = data["region"] or meeting.region
    if agency is None or region is None:
        raise ValidationError("Choose the agency that keeps the record, and the region.")
    return calls.raise_alias(
        meeting,
        agency=agency,
        region=region,
        alias=data["alias"],
        adults=data["adults"],
        children=data["children"],
        because=data["because"],
        key=data["key"],
        actor=actor,
        now=now,
    )


@require_http_methods(["GET", "POST"])
def call_walk_in(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Add somebody who is here: a visitor with an account, or a name and an organization."""
    meeting, _, _ = seated(request, pk, may="may_tick")
    now, text = timezone.now(), request.POST.get("q", "")
    is_sent = request.method == "POST" and "q" not in request.POST
    form = WalkInForm(request.POST if is_sent else None)
    if is_sent and request.POST.get("user"):
        chosen = get_object_or_404(
            attendance.people_of(meeting), pk=call_pages.key_or_none(request.POST["user"])
        )
        return acted(
            request,
            meeting,
            lambda: attendance.add_person(meeting, user=chosen, actor=request.user, now=now),
        )
    if is_sent and form.is_valid():
        values = form.cleaned_data
        return acted(
            request,
            meeting,
            lambda: attendance.add_walk_in(meeting, actor=request.user, now=now, **values),
        )
    people = attendance.people_to_add(meeting, text)
    page = {"meeting": meeting, "form": form, "text": text, "people": people}
    return render(request, "conferencing/call/call_walk_in.html", page)


@require_http_methods(["GET", "POST"])
def call_close(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Check what the call decided, carry over what is left, and close it."""
    meeting, call, seat = seated(request, pk, may="may_tick")
    if not call.is_open:
        return redirect("conferencing:minutes_detail", pk=meeting.pk)
    now = timezone.now()
    wrong: dict[uuid.UUID, list[str]] = {}
    if request.method == "POST" and "discuss" in request.POST:
        wrong = discussed_before_closing(request, meeting, seat, now)
        if not wrong:
            messages.success(request, "It is marked discussed.")
            return redirect("conferencing:call_close", pk=meeting.pk)
    elif request.method == "POST":
        with refusals(request):
            carries_over = request.POST.get("rest") == "carry_over"
            closing.close_call(meeting, carries_over=carries_over, actor=request.user, now=now)
            messages.success(request, "The call is closed. Its minutes are frozen.")
            return redirect("conferencing:minutes_detail", pk=meeting.pk)
    is_refused = bool(wrong)
    page = call_pages.closing_page(meeting, call, request.user, seat, now=now)
    for row in page["begun"]:
        row["wrong"] = wrong.pop(row["review"].pk, [])
    for words in wrong.values():  # of one that stands there no more
        messages.error(request, " ".join([*words, request.POST.get("no_step_reason", "")]))
    context = {**page, "is_refused": is_refused}
    return render(request, "conferencing/call/call_close.html", context)


def discussed_before_closing(
    request: ContinuumRequest, meeting: Meeting, seat: Seat, now: datetime
) -> dict[uuid.UUID, list[str]]:
    """Mark one household discussed from the closing page; why not, by review, if it is refused.

    Whoever takes notes, or did a moment ago, may say there why no step is needed.
    """
    review = review_of(meeting, call_pages.key_or_none(request.POST["discuss"]))
    reason = request.POST.get("no_step_reason", "").strip()
    with refusals() as refused, transaction.atomic():
        if reason and not seat.may_finish:
            raise ValidationError("You don’t take the notes any more. This reason is not saved.")
        if reason:
            saved = save_notes(
                meeting.pk,
                review.pk,
                {"no_step_reason": reason},
                base=revision_shown(request),
                kept={},
                actor=request.user,
                now=now,
            )
            refuse_unsaved(saved)
        calls.discuss(review, actor=request.user, now=now)
    return {review.pk: refused.messages} if refused else {}


def revision_shown(request: ContinuumRequest) -> int:
    """The revision that the closing page showed; -1, which never stood, where it says none."""
    text = request.POST.get("base", "")
    return int(text) if text.isdecimal() and len(text) < 10 else -1


def refuse_unsaved(saved: Saved) -> None:
    """Raise ValidationError for a reason that was not accepted."""
    if saved.conflict:
        raise ValidationError("Somebody changed this household just now. Open it and look.")
    if saved.held:
        raise ValidationError([hint.words for found in saved.held.values() for hint in found])


@require_GET
def call_guest(request: GuestRequest, pk: uuid.UUID) -> HttpResponse:
    """A guest's side of the call: their own review while it is on the table, and nothing else.

    The page asks for itself anew; `?v=` that still holds is answered by 204.
    """
    meetings = Meeting.objects.visible_to(request.user).select_related(
        "continuum", "region", "call__on_table"
    )
    if request.is_guest:
        own = CallGuest.objects.live().filter(user=request.user)
        meetings = meetings.filter(guests__in=own)
    meeting = get_permitted_or_404(
        request.user, "conferencing.attend_meeting_as_guest", meetings, pk=pk
    )
    page = guest_pages.guest_page(meeting, request.user, now=timezone.now())
    if request.GET.get("v") == str(page["version"]):
        return HttpResponse(status=204)
    part = "conferencing/call/call_guest_part.html"
    return render(
        request, part if is_from_page(request) else "conferencing/call/call_guest.html", page
    )
