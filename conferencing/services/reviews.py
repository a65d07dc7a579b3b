"""A participant's reviews and steps as one reader may see them."""

from django.db.models import Prefetch

import audit.actions
from conferencing.models import ProgressUpdate, Review
from conferencing.roles import permitted
from participants.services.pages import seen

from .additions import addition_line, additions_to
from .decisions import decisions_said
from .review_line import review_lines
from .step_pages import REPORT

REVIEWS_VIEWED = audit.actions.declare("participant.reviews_viewed", "Looked at reviews and steps")


def reviews_page(participant, viewer, *, on, now):
    """Return the page's context, in a constant number of queries; the look is recorded."""
    label = seen(participant, viewer, now, page="reviews", action=REVIEWS_VIEWED)
    clean = label.clean

    reviews = (
        Review.objects.of([participant])
        .with_told()
        .exclude(outcome=Review.Outcome.OPEN, is_told=False)
        .select_related("meeting__region", "navigator__user", "navigator__agency")
        .order_by("-meeting__starts_at")
    )
    added = additions_to(reviews)
    updates = ProgressUpdate.objects.select_related("by", "said_by")
    steps = (
        participant.steps.select_related("participant", "agency", "follow_up_person__user")
        .prefetch_related(Prefetch("updates", queryset=updates))
        .order_by("-created_at")
    )
    may_report = permitted(viewer, REPORT, steps)
    lines = [step_line(step, clean, on, step.pk in may_report) for step in steps]
    return {
        "participant": participant,
        "shown_as": label,
        "line": review_lines([participant], on=on, zone=participant.continuum.zone)[participant.pk],
        "open_steps": [line for line in lines if line["step"].state == "open"],
        "reviews": [
            {
                "review": review,
                "location_words": clean(review.location_words),
                "preferences": clean(review.preferences),
                "barriers": clean(review.barriers),
                "safety": clean(review.safety),
                "notes": clean(review.notes),
                "decisions": decisions_said(review, clean),
                "added": [addition_line(each, clean) for each in added[review.pk]],
                "steps": [line for line in lines if line["step"].review_id == review.pk],
            }
            for review in reviews
        ],
    }


def step_line(step, clean, on, may_report):
    return {
        "may_report": may_report,
        "step": step,
        "what": clean(step.what),
        "is_overdue": step.state == "open" and step.due_on < on,
        "updates": [(update, clean(update.line)) for update in step.updates.all()],
    }
