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
from regions.words import plural

from .acts import entries_to_prepare, keep_prework
from .forms import PreWorkForm, WordForm
from .pages import prework_edit_page, prework_list_page
from .words import send_word, word_rows, words_too_late

PREPARE = "conferencing.prepare_call"
NOTHING_NEW = "You wrote nothing new, and nothing was sent."


def place_of(request: ContinuumRequest) -> StaffMember:
    return StaffMember.objects.current().select_related("agency").get(user=request.user)


@require_GET
def prework_list(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """The agency's households on the roster of a call, prepared or not."""
    meeting = get_permitted_meeting(request, pk, PREPARE)
    context = prework_list_page(meeting, request.user, place_of(request), now=timezone.now())
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
            kept = keep_prework(meeting, person, actor=request.user, now=now, **form.values())
            words = "is prepared" if kept else "is no longer prepared"
            messages.success(request, f"{page['shown_as'].text} {words}.")
            return redirect("conferencing:prework_list", pk=meeting.pk)
    is_stale = refused is not None and "stale" in refused.codes
    context = {**page, "form": form, "is_stale": is_stale}
    return render(request, "conferencing/prework/prework_edit.html", context)


@require_http_methods(["GET", "POST"])
def word_send(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Send word of one's households to a call that one cannot come to: a line for each."""
    meeting = get_permitted_meeting(request, pk, PREPARE)
    now = timezone.now()
    rows = word_rows(meeting, request.user, place_of(request), now=now)
    forms = [WordForm(request.POST or None, row=row) for row in rows]
    invalid = [form for form in forms if not form.is_valid()]
    too_late = words_too_late(request.POST.dict(), rows)
    sent = taken_back = 0
    if request.method == "POST" and not invalid:
        for form in forms:
            if "notes" in form.changed_data:
                with refusals(form):
                    words, revision = form.cleaned_data["notes"], form.cleaned_data["revision"]
                    send_word(
                        meeting, form.row, words, revision=revision, actor=request.user, now=now
                    )
                    sent, taken_back = sent + bool(words), taken_back + (not words)
        if not (too_late or any(form.errors for form in forms)):
            households = plural(sent, "household")
            words = f"The call will have your word on {households}." if sent else NOTHING_NEW
            if taken_back:
                back = f"Your word on {plural(taken_back, 'household')} is taken back."
                words = f"{words} {back}" if sent else back
            messages.success(request, words)
            return redirect(meeting)
    page = {
        "meeting": meeting,
        "forms": forms,
        "is_ready": meeting.roster_settled_at is not None,
        "too_late": too_late,
        "sent": sent,
    }
    return render(request, "conferencing/prework/word_send.html", page)
