"""The guests of a call: invited to one review, invited again, withdrawn."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import undo
from accounts.decorators import recently_authenticated
from accounts.refusals import refusals
from conferencing.access import get_permitted_meeting
from conferencing.call import guest_pages, guests
from conferencing.call.forms.guests import InviteGuestForm
from conferencing.models import CallGuest, Meeting
from regions.middleware import ContinuumRequest

INVITE = guests.INVITE


@require_GET
def guest_list(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Who is invited to which review, and whether they came in yet."""
    meeting = get_permitted_meeting(request, pk, INVITE)
    context = guest_pages.guest_list_page(meeting, request.user, now=timezone.now())
    return render(request, "conferencing/call/guest_list.html", context)


@require_http_methods(["GET", "POST"])
@recently_authenticated
def guest_invite(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Invite a guest to one household's review."""
    meeting = get_permitted_meeting(request, pk, INVITE)
    now = timezone.now()
    people, choices = guest_pages.choices_to_invite_to(meeting, request.user, now=now)
    form = InviteGuestForm(request.POST or None, people=people, choices=choices)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            guests.invite_guest(meeting, actor=request.user, now=now, **form.cleaned_data)
            messages.success(request, "The guest is invited by mail.")
            return redirect("conferencing:guest_list", pk=meeting.pk)
    context = {"meeting": meeting, "form": form, "has_choices": bool(people)}
    return render(request, "conferencing/call/guest_invite.html", context)


def get_guest(request: ContinuumRequest, meeting: Meeting, guest_pk: uuid.UUID) -> CallGuest:
    visible = guest_pages.visible_guests(meeting, request.user, request.today)
    return get_object_or_404(visible, pk=guest_pk)


@require_POST
@recently_authenticated
def guest_reinvite(request: ContinuumRequest, pk: uuid.UUID, guest_pk: uuid.UUID) -> HttpResponse:
    """Mail a guest the way in again."""
    meeting = get_permitted_meeting(request, pk, INVITE)
    guest = get_guest(request, meeting, guest_pk)
    with refusals(request):
        guests.reinvite_guest(guest, actor=request.user, now=timezone.now())
        messages.success(request, "The guest is invited again by mail.")
    return redirect("conferencing:guest_list", pk=meeting.pk)


@require_POST
def guest_withdraw(request: ContinuumRequest, pk: uuid.UUID, guest_pk: uuid.UUID) -> HttpResponse:
    """Take a guest's invitation back."""
    meeting = get_permitted_meeting(request, pk, INVITE)
    guest = get_guest(request, meeting, guest_pk)
    now = timezone.now()
    with refusals(request):
        guests.withdraw_guest(guest, actor=request.user, now=now)
        undo.offer(
            request,
            guests.UNDO,
            place=reverse("conferencing:guest_list", args=[meeting.pk]),
            words="A guest’s invitation is withdrawn.",
            data={"guest": str(guest.pk)},
            now=now,
        )
        messages.success(request, "The invitation is withdrawn. The guest can no longer come in.")
    return redirect("conferencing:guest_list", pk=meeting.pk)
