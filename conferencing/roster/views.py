"""The roster of a meeting, and agencies' nominations."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import TypeGuard
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts import undo
from accounts.refusals import refusals
from agreements.models import StaffMember
from conferencing.access import get_permitted_meeting
from conferencing.list_words import settled_words
from conferencing.models import Meeting, Nomination
from participants.models import Participant
from participants.models.people import ParticipantQuerySet
from participants.naming import labels
from participants.services.pages import record_look
from regions.middleware import ContinuumRequest
from regions.words import day_words

from . import acts as roster
from . import nominations
from .criteria import scope
from .forms import (
    AddToRosterForm,
    MoveForm,
    NominateForm,
    SettleForm,
)
from .moving_on import KIND as MOVED_ON
from .moving_on import move_to_new_call
from .pages import (
    nominate_page,
    propose_page,
    roster_page,
    words_on_guests,
)
from .undo import KIND as ROSTER
from .undo import change_roster


def visible(request: ContinuumRequest) -> ParticipantQuerySet:
    return Participant.objects.visible_to(request.user, request.today)


def acted(
    request: ContinuumRequest,
    meeting: Meeting,
    act: Callable[[], object],
    done: str = "",
    place: str = "",
) -> HttpResponse:
    """Do it, say so or say what is in the way, and go back to that place of the roster."""
    with refusals(request):
        act()
        if done:
            messages.success(request, done)
            place = ""
    return redirect(reverse("conferencing:roster_detail", args=[meeting.pk]) + place)


@require_http_methods(["GET", "POST"])
def roster_detail(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """The roster. A search comes by POST: a name has no place in an address or a log."""
    meeting = get_permitted_meeting(request, pk)
    now = timezone.now()
    context = roster_page(meeting, request.user, text=request.POST.get("q", ""), now=now)
    context |= {"moved": request.GET.get("moved", ""), "moved_by": request.GET.get("by", "")}
    return render(request, "conferencing/roster/roster_detail.html", context)


@require_POST
def roster_open(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    meeting = get_permitted_meeting(request, pk)
    return acted(
        request,
        meeting,
        lambda: roster.open_roster(meeting, actor=request.user, now=timezone.now()),
        "The proposal is the roster now. Change it as you need, then settle it.",
    )


@require_POST
def roster_add(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    meeting = get_permitted_meeting(request, pk)
    form = AddToRosterForm(request.POST, participants=visible(request))
    if not form.is_valid() and "participant" in form.errors:
        messages.error(
            request, " ".join(str(each) for found in form.errors.values() for each in found)
        )
        return redirect("conferencing:roster_detail", pk=meeting.pk)
    person = form.cleaned_data["participant"]
    if not form.is_valid():
        label = record_look(person, request.user, timezone.now(), page="roster_add")
        context = {"meeting": meeting, "form": form, "label": label}
        return render(request, "conferencing/roster/roster_add.html", context)
    because = form.cleaned_data["because"]
    return acted(
        request,
        meeting,
        lambda: roster.add_to_roster(
            meeting, person, because=because, actor=request.user, now=timezone.now()
        ),
        f"{labels([person], request.user, timezone.now())[person.pk].text} is on the roster.",
    )


def changed(
    request: ContinuumRequest,
    meeting: Meeting,
    act: Callable[[datetime], object],
    words: str,
    done: str = "",
    query: str = "",
) -> HttpResponse:
    """Change the roster so that it can be undone, and go back to it; or say what is in the way."""
    address = reverse("conferencing:roster_detail", args=[meeting.pk])
    now = timezone.now()
    with refusals(request) as refused:
        data = change_roster(meeting, lambda: act(now), now=now)
    if refused:
        return redirect(address)
    if data["before"] != data["after"]:
        undo.offer(request, ROSTER, place=address, words=words, data=data, now=now)
    if done:
        messages.success(request, done)
    removed = [UUID(entry["participant_id"]) for entry in data["removed"].values()]
    if told := words_on_guests(meeting, removed):
        messages.warning(request, told)
    return redirect(f"{address}{query}")


@require_POST
def roster_remove(request: ContinuumRequest, pk: uuid.UUID, entry_pk: uuid.UUID) -> HttpResponse:
    meeting = get_permitted_meeting(request, pk)
    entry = get_object_or_404(meeting.roster.select_related("participant"), pk=entry_pk)
    label = labels([entry.participant], request.user, timezone.now())[entry.participant_id]
    return changed(
        request,
        meeting,
        lambda now: roster.remove_from_roster(entry, actor=request.user, now=now),
        words=f"You took number {entry.position} off the roster.",
        done=f"{label.text} is off the roster.",
    )


@require_POST
def roster_move_on(request: ContinuumRequest, pk: uuid.UUID, entry_pk: uuid.UUID) -> HttpResponse:
    """Move a household that is of another region by now to that region's next call."""
    meeting = get_permitted_meeting(request, pk)
    entries = meeting.roster.select_related("meeting__continuum", "participant", "added_by")
    entry = get_object_or_404(entries, pk=entry_pk)
    now, address = timezone.now(), reverse("conferencing:roster_detail", args=[meeting.pk])
    if "household" in request.POST:
        address = reverse("conferencing:participant_reviews", args=[entry.participant_id])
    label = labels([entry.participant], request.user, now)[entry.participant_id]
    with refusals(request):
        went = move_to_new_call(entry, actor=request.user, now=now)
        call = f"{went.to.scope_words} call, {day_words(went.to.on)}"
        words = f"You moved number {entry.position} to the {call}."
        undo.offer(request, MOVED_ON, place=address, words=words, data=went.data, now=now)
        messages.success(
            request, f"{label.text} is on the roster of the {call}. {went.told}".strip()
        )
        if told := words_on_guests(meeting, [entry.participant_id]):
            messages.warning(request, told)
    return redirect(address)


@require_POST
def roster_move(request: ContinuumRequest, pk: uuid.UUID, entry_pk: uuid.UUID) -> HttpResponse:
    """Put a household elsewhere in the order; the button that was pressed keeps the focus."""
    meeting = get_permitted_meeting(request, pk)
    entry = get_object_or_404(meeting.roster, pk=entry_pk)
    form = MoveForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Position: enter a number, 1 for first.")
        return redirect("conferencing:roster_detail", pk=meeting.pk)
    to = form.cleaned_data["to"]
    by = request.POST.get("by", "")
    by = by if by in ("up", "down", "number") else "number"
    return changed(
        request,
        meeting,
        lambda now: roster.move_on_roster(entry, to=to, actor=request.user, now=now),
        words=f"You moved number {entry.position} to {to}.",
        query=f"?moved={entry.pk}&by={by}",
    )


@require_http_methods(["GET", "POST"])
def roster_propose(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Apply the criteria again, after looking at who is added, who goes, and the new order."""
    meeting = get_permitted_meeting(request, pk)
    now = timezone.now()
    seen = request.POST.get("seen")
    if request.method == "POST" and seen is not None:
        shown = roster.proposed_again(meeting, now=now)
        if seen == shown.seen:
            return changed(
                request,
                meeting,
                lambda now: roster.propose_again(meeting, actor=request.user, seen=seen, now=now),
                words="You applied the criteria again.",
                done="The criteria were applied again. What people added stayed.",
            )
        messages.warning(request, "Something changed meanwhile. This is what would happen now.")
    return render(
        request,
        "conferencing/roster/roster_propose.html",
        propose_page(meeting, request.user, now=now),
    )


@require_POST
def roster_settle(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Settle the roster; with nominations that are not on it, ask first, and answer them."""
    meeting = get_permitted_meeting(request, pk)
    waiting = list(nominations.not_on_the_roster(meeting))
    form = SettleForm(request.POST if "answer" in request.POST else None)
    if waiting and not form.is_valid():
        agencies = sorted({each.agency.name for each in waiting})
        context = {"meeting": meeting, "form": form, "count": len(waiting), "agencies": agencies}
        return render(request, "conferencing/roster/roster_settle.html", context)

    def settle() -> None:
        now = timezone.now()
        with transaction.atomic():
            roster.settle_roster(meeting, actor=request.user, now=now)
            if waiting:
                words = form.cleaned_data["answer"]
                nominations.answer_nominations(meeting, words=words, actor=request.user, now=now)

    meeting.refresh_from_db()
    return acted(request, meeting, settle, settled_words(meeting, now=timezone.now()))


@require_POST
def roster_unsettle(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    meeting = get_permitted_meeting(request, pk)
    return acted(
        request,
        meeting,
        lambda: roster.unsettle_roster(meeting, actor=request.user, now=timezone.now()),
        "The roster is open again.",
    )


@require_http_methods(["GET", "POST"])
def roster_nominate(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """A provider nominates a household for a call, and sees the agency's nominations."""
    meeting = get_permitted_meeting(request, pk, "conferencing.nominate_participant")
    now = timezone.now()
    on_list = scope(meeting).filter(pk__in=visible(request).values("pk"))
    is_search = "q" in request.POST
    form = NominateForm(None if is_search else request.POST or None, participants=on_list)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            nominations.nominate_participant(
                meeting, actor=request.user, now=now, **form.cleaned_data
            )
            messages.success(request, "Nominated. The CE Specialist sees it on the roster.")
            return redirect("conferencing:roster_nominate", pk=meeting.pk)
    chosen = form["participant"].value() if form.is_bound else request.GET.get("participant")
    page = nominate_page(
        meeting,
        request.user,
        on_list=on_list,
        text=request.POST.get("q", ""),
        chosen=on_list.filter(pk=chosen).first() if is_key(chosen) else None,
        now=now,
    )
    if page["chosen"] and not form.is_bound:
        form.initial["participant"] = chosen
    return render(request, "conferencing/roster/roster_nominate.html", {**page, "form": form})


def is_key(text: object) -> TypeGuard[str]:
    try:
        UUID(str(text))
    except ValueError:
        return False
    return True


@require_POST
def roster_withdraw(
    request: ContinuumRequest, pk: uuid.UUID, nomination_pk: uuid.UUID
) -> HttpResponse:
    """Take back one's own agency's nomination."""
    meeting = get_permitted_meeting(request, pk, "conferencing.nominate_participant")
    places = StaffMember.objects.current().filter(user=request.user)
    nomination = get_object_or_404(
        Nomination, pk=nomination_pk, meeting=meeting, agency__staff__in=places
    )
    now = timezone.now()
    nominations.withdraw_nomination(nomination, actor=request.user, now=now)
    words = "The nomination is taken back."
    place = reverse("conferencing:roster_nominate", args=[meeting.pk])
    data = {"nomination": str(nomination.pk)}
    undo.offer(request, nominations.WITHDRAWN, place=place, words=words, data=data, now=now)
    messages.success(request, words)
    return redirect("conferencing:roster_nominate", pk=meeting.pk)
