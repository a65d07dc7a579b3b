"""Requests for access and correction: recorded, answered, disagreed with."""

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.refusals import refusals
from agreements.access import refuse_without_standing
from participants.careful import CarefulForm
from participants.forms.rights import AnswerForm, DisagreementForm, RightsRequestForm
from participants.models import Participant, RightsRequest
from participants.services import rights
from regions.middleware import ContinuumRequest
from regions.words import long_day_words

from .participants import context_of, get_participant, visible

PERM = "participants.answer_request"


@require_GET
def rights_request_open_list(request: ContinuumRequest) -> HttpResponse:
    """Every open request that the person answers for; the earliest due first."""
    refuse_without_standing(request)
    context = rights.open_requests_page(visible(request), request.user, now=timezone.now())
    return render(request, "participants/rights_request_open_list.html", context)


@require_GET
def rights_request_list(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    refuse_without_standing(request)
    participant = get_participant(request, pk, PERM)
    context = rights.requests_page(participant, request.user, now=timezone.now())
    return render(request, "participants/rights_request_list.html", {**context, "keeps": True})


@require_http_methods(["GET", "POST"])
def rights_request_add(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    refuse_without_standing(request)
    participant = get_participant(request, pk, PERM)
    form = RightsRequestForm(request.POST or None).about(participant)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            asked = rights.record_request(
                participant, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
            due = long_day_words(asked.due_on)
            messages.success(request, f"Recorded. It is to be answered by {due}.")
            return redirect("participants:rights_request_list", pk=participant.pk)
    context = context_of(request, participant)
    return render(request, "participants/rights_request_add.html", {**context, "form": form})


def get_request(
    request: ContinuumRequest, pk: uuid.UUID, request_pk: uuid.UUID
) -> tuple[Participant, RightsRequest]:
    participant = get_participant(request, pk, PERM)
    return participant, get_object_or_404(participant.rights_requests, pk=request_pk)


@require_http_methods(["GET", "POST"])
def rights_request_answer(
    request: ContinuumRequest, pk: uuid.UUID, request_pk: uuid.UUID
) -> HttpResponse:
    refuse_without_standing(request)
    participant, asked = get_request(request, pk, request_pk)
    return act(
        request,
        participant,
        asked,
        AnswerForm(request.POST or None).about(participant),
        rights.answer_request,
        "The answer is recorded.",
        "participants/rights_request_answer.html",
    )


@require_http_methods(["GET", "POST"])
def rights_request_disagree(
    request: ContinuumRequest, pk: uuid.UUID, request_pk: uuid.UUID
) -> HttpResponse:
    """The person's own statement beside an answer that denied something."""
    refuse_without_standing(request)
    participant, asked = get_request(request, pk, request_pk)
    return act(
        request,
        participant,
        asked,
        DisagreementForm(request.POST or None).about(participant),
        rights.record_disagreement,
        "The statement is kept beside the answer.",
        "participants/rights_request_disagree.html",
    )


def act(
    request: ContinuumRequest,
    participant: Participant,
    asked: RightsRequest,
    form: CarefulForm,
    service: Callable[..., object],
    done: str,
    template: str,
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            service(asked, actor=request.user, now=timezone.now(), **form.cleaned_data)
            messages.success(request, done)
            return redirect("participants:rights_request_list", pk=participant.pk)
    page = rights.requests_page(participant, request.user, now=timezone.now())
    shown = next(each for each in page["requests"] if each["request"].pk == asked.pk)
    return render(request, template, {**page, "shown": shown, "form": form})
