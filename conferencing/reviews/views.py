"""A participant's reviews month by month, with steps and what became of them."""

import uuid

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from agreements.access import refuse_without_standing
from participants.views.participants import get_participant
from regions.middleware import ContinuumRequest

from .pages import reviews_page


@require_GET
def participant_reviews(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    refuse_without_standing(request)
    participant = get_participant(request, pk)
    context = reviews_page(participant, request.user, now=timezone.now())
    context["keeps"] = request.user.has_perm("participants.change_participant", participant)
    return render(request, "conferencing/reviews/participant_reviews.html", context)
