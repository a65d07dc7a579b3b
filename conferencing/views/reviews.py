"""A participant's reviews month by month, with steps and what became of them."""

from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from conferencing.services.reviews import reviews_page
from conferencing.views.roster import refuse_without_standing
from participants.models import Participant


@require_GET
def participant_reviews(request, pk):
    refuse_without_standing(request)
    participant = get_object_or_404(
        Participant.objects.visible_to(request.user, request.today).select_related(
            "agency", "region", "county"
        ),
        pk=pk,
    )
    context = reviews_page(participant, request.user, on=request.today, now=timezone.now())
    return render(request, "conferencing/participant_reviews.html", context)
