"""Notes and steps of a household, saved while the call is held."""

import json
import uuid
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.refusals import Refusal, refusals
from agreements.models import StaffMember
from conferencing.call import (
    household_pages,
    notes,
)
from conferencing.call import (
    steps as call_steps,
)
from conferencing.call import (
    undo as call_undo,
)
from conferencing.call.forms.call import StepForm
from conferencing.call.note_history import revisions
from conferencing.call.notes import Saved
from conferencing.models import ActionItem, Review
from conferencing.prework.acts import mark_prework_accepted
from conferencing.reviews.prepared import offered_at
from conferencing.steps.forms import ReportForm
from regions.middleware import ContinuumRequest

from .seat import (
    acted,
    review_of,
    seated,
)


@require_POST
def notes_save(request: ContinuumRequest, pk: uuid.UUID, review_pk: uuid.UUID) -> HttpResponse:
    """Accept what the writer typed. 200 says what was accepted; 409 what stands there instead.

    Takes and gives JSON (see `services.notes.save_notes`). 422: values that cannot be taken, by
    field; 410: the call is closed.
    """
    now = timezone.now()
    try:
        sent = json.loads(request.body)
        base, values, kept = int(sent["base"]), sent["values"], sent.get("kept", {})
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        seated(request, pk, may="may_write")
        return JsonResponse({"errors": {"__all__": ["The notes could not be read."]}}, status=400)
    try:
        with refusals() as refused:
            saved = notes.save_notes(
                pk,
                review_pk,
                values,
                base=base,
                kept=kept,
                actor=request.user,
                now=now,
            )
            return JsonResponse(answer(saved, request), status=409 if saved.conflict else 200)
    except Review.DoesNotExist:
        raise Http404 from None
    status = 410 if "closed" in refused.codes else 422
    return JsonResponse({"errors": refused.by_field}, status=status)


def answer(saved: Saved, request: ContinuumRequest) -> dict[str, object]:
    """The revision that stands now and when it was accepted; in a conflict also what it holds."""
    review = saved.review
    zone = ZoneInfo(review.meeting.continuum.zone)
    at = review.saved_at and review.saved_at.astimezone(zone)
    told: dict[str, object] = {
        "revision": review.revision,
        "at": f"{at:%H:%M:%S}" if at else "",
        "held": {
            name: [
                {"kind": hint.kind, "words": hint.words, "is_refused": hint.is_refused}
                for hint in found
            ]
            for name, found in saved.held.items()
        },
        "stored": saved.stored,
    }
    if saved.conflict:
        label = household_pages.record_look(review, request.user, now=timezone.now())
        told["values"] = household_pages.values_to_edit(review, label)
        told["by"] = review.saved_by.name if review.saved_by else ""
    return told


@require_GET
def notes_history(request: ContinuumRequest, pk: uuid.UUID, review_pk: uuid.UUID) -> HttpResponse:
    """Every accepted revision of a household's notes at this call, newest first."""
    meeting, call, _seat = seated(request, pk)
    try:
        review = household_pages.find_review(meeting, review_pk)
    except Review.DoesNotExist:
        raise Http404 from None
    shown_as = household_pages.record_look(review, request.user, now=timezone.now())
    page = {
        "meeting": meeting,
        "call": call,
        "review": review,
        "shown_as": shown_as,
        "was_raised": review.was_raised,
        "revisions": [
            (
                event,
                [
                    (words, household_pages.history_words(value, shown_as.clean))
                    for words, value in changed
                ],
            )
            for event, changed in revisions(review, shown_as.reader)
        ],
    }
    return render(request, "conferencing/call/notes_history.html", page)


@require_POST
def step_add(request: ContinuumRequest, pk: uuid.UUID, review_pk: uuid.UUID) -> HttpResponse:
    """Give a step. 204, or 422 with what is wrong by field."""
    meeting, _, _ = seated(request, pk, may="may_finish")
    review = review_of(meeting, review_pk)
    people = StaffMember.objects.in_good_standing(request.today).filter(
        agency__continuum=meeting.continuum_id
    )
    form = StepForm(request.POST, people=people.select_related("agency", "user"))
    if form.is_valid():
        person = form.cleaned_data["follow_up_person"]
        with refusals() as refused:
            call_steps.add_step(
                review,
                agency=person.agency,
                actor=request.user,
                now=timezone.now(),
                **form.cleaned_data,
            )
            return HttpResponse(status=204)
        return told(refused)
    return JsonResponse({"errors": form.errors, "is_hint": False}, status=422)


def told(refused: Refusal) -> HttpResponse:
    """422 with what is wrong by field, and what the page's script does about it."""
    words = {
        "errors": refused.by_field,
        "is_hint": "hint" in refused.codes,
        "is_used": "used_before" in refused.codes,
    }
    return JsonResponse(words, status=422)


@require_POST
def step_remove(request: ContinuumRequest, pk: uuid.UUID, step_pk: uuid.UUID) -> HttpResponse:
    meeting, _, _ = seated(request, pk, may="may_write")
    step = get_object_or_404(
        ActionItem.objects.select_related("review__meeting"), pk=step_pk, review__meeting=meeting
    )
    return acted(
        request,
        meeting,
        lambda: call_undo.take_step_back(step, actor=request.user, now=timezone.now()),
        undoes=(call_undo.STEP, "You took back a step."),
    )


@require_POST
def prework_accept(request: ContinuumRequest, pk: uuid.UUID, prework_pk: uuid.UUID) -> HttpResponse:
    """Say that an agency's pre-work is taken into the review."""
    meeting, _, _ = seated(request, pk, may="may_write")
    prework = get_object_or_404(offered_at(meeting), pk=prework_pk)
    return acted(
        request,
        meeting,
        lambda: mark_prework_accepted(prework, actor=request.user, now=timezone.now()),
    )


@require_POST
def call_report(request: ContinuumRequest, pk: uuid.UUID, step_pk: uuid.UUID) -> HttpResponse:
    """Write down what an agency reports on its step during the call. 204, or 422 by field."""
    meeting, _, _ = seated(request, pk, may="may_finish")
    step = get_object_or_404(
        ActionItem, pk=step_pk, participant__in=meeting.reviews.values("participant")
    )
    form = ReportForm(request.POST, step=step)
    if form.is_valid():
        now = timezone.now()
        with refusals() as refused:
            call_steps.report_at_call(meeting, step, actor=request.user, now=now, **form.values())
            return HttpResponse(status=204)
        return told(refused)
    return JsonResponse({"errors": form.errors, "kept": form.data.get("kept", "")}, status=422)
