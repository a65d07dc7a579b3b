"""Who was met when, and corrections of the history of a place."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts import undo
from accounts.refusals import refusals
from agreements.access import refuse_without_standing
from participants.forms.places import ContactForm, CorrectionForm
from participants.models import Contact, Participant
from participants.services import pages
from participants.services.contacts import (
    RECORD,
    REMOVAL,
    record_contact,
    record_seen_today,
    remove_contact,
)
from participants.services.places import correct_place
from regions.middleware import ContinuumRequest

from .participants import context_of, get_participant

PERM = RECORD


@require_POST
def seen_today(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """One press of outreach; on the list it answers with what stands in the button's place."""
    refuse_without_standing(request)
    participant = get_participant(request, pk, PERM)
    contact = record_seen_today(participant, actor=request.user, now=timezone.now())
    if request.htmx:
        return line_anew(request, participant, contact)
    messages.success(request, "Recorded: seen today.")
    return redirect(participant)


def line_anew(
    request: ContinuumRequest, participant: Participant, contact: Contact | None = None
) -> HttpResponse:
    """What stands in the button's place, and what else of the household's line tells of it."""
    context = {
        "person": participant,
        "contact": contact,
        "shows": request.POST.getlist("shows"),
        "is_line": True,
        "is_answer": True,
        **pages.freshness_of(participant, request.today),
    }
    return render(request, "participants/seen_today.html", context)


@require_POST
def contact_remove(request: ContinuumRequest, pk: uuid.UUID, contact_pk: uuid.UUID) -> HttpResponse:
    """Take back a press by mistake."""
    refuse_without_standing(request)
    participant = get_participant(request, pk, PERM)
    contact = get_object_or_404(participant.contacts, pk=contact_pk, by=request.user)
    now = timezone.now()
    with refusals(request):
        remove_contact(contact, actor=request.user, now=now)
        data = {"participant": str(participant.pk), "kind": contact.kind}
        undo.offer(
            request,
            REMOVAL,
            place=participant.get_absolute_url(),
            words="A contact recorded today is taken back.",
            data=data | {"on": contact.on.isoformat()},
            now=now,
        )
        if request.htmx:
            return line_anew(request, participant)
        messages.success(request, "Taken back.")
    return redirect(participant)


@require_http_methods(["GET", "POST"])
def contact_add(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    refuse_without_standing(request)
    participant = get_participant(request, pk, PERM)
    form = ContactForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            record_contact(participant, actor=request.user, now=timezone.now(), **form.values())
            messages.success(request, "Recorded.")
            return redirect(participant)
    context = context_of(request, participant)
    return render(request, "participants/contact_add.html", {**context, "form": form})


@require_http_methods(["GET", "POST"])
def place_correct(request: ContinuumRequest, pk: uuid.UUID, change_pk: uuid.UUID) -> HttpResponse:
    """Put a move on or off the list right, with a reason."""
    refuse_without_standing(request)
    participant = get_participant(request, pk, "participants.change_place")
    change = get_object_or_404(participant.place_changes.standing(), pk=change_pk)
    form = CorrectionForm(request.POST or None).about(participant)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            is_new = correct_place(change, actor=request.user, now=timezone.now(), **form.values())
            messages.success(request, "Corrected." if is_new else "It was corrected already.")
            return redirect(participant)
    context = context_of(request, participant)
    return render(
        request, "participants/place_correct.html", {**context, "form": form, "change": change}
    )
