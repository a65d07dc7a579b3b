"""What is open for a household, and what programs ask of it."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.refusals import refusals
from agreements.access import refuse_without_standing
from housing import pages
from housing.answers import add_score, give_answers
from housing.forms.answers import AnswersForm, ScoreForm
from housing.household import KEEPS
from housing.models import HousingAnswers
from participants.views.participants import context_of, get_participant
from regions.middleware import ContinuumRequest


@require_GET
def household_openings(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """The openings that fit a household, that do not and why, and what is not known."""
    refuse_without_standing(request)
    participant = get_participant(request, pk)
    context = pages.household_page(participant, request.user, now=timezone.now())
    return render(request, "housing/household_openings.html", context)


@require_http_methods(["GET", "POST"])
def answers_edit(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Record what programs ask beyond what is on the list."""
    refuse_without_standing(request)
    participant = get_participant(request, pk, KEEPS)
    if participant.is_confidential:
        raise Http404
    row = HousingAnswers.objects.filter(participant=participant).first()
    form = AnswersForm(request.POST or None, given=row.given if row else {})
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            given = form.given()
            give_answers(participant, given=given, actor=request.user, now=timezone.now())
            messages.success(request, "Saved.")
            return redirect("housing:household_openings", participant.pk)
    context = context_of(request, participant)
    return render(request, "housing/answers_edit.html", {**context, "form": form})


@require_http_methods(["GET", "POST"])
def score_add(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Record an assessment score by hand."""
    refuse_without_standing(request)
    participant = get_participant(request, pk, KEEPS)
    if participant.is_confidential:
        raise Http404
    form = ScoreForm(request.POST or None, initial={"happened_on": request.today})
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            add_score(participant, actor=request.user, now=timezone.now(), **form.cleaned_data)
            messages.success(request, "Recorded.")
            return redirect("housing:household_openings", participant.pk)
    context = context_of(request, participant)
    return render(request, "housing/score_add.html", {**context, "form": form})
