"""What the meeting's acts showed of a participant, for the disclosure record."""

from conferencing.models import PrepList, PrepListDelivery, RosterEntry
from participants import disclosures
from participants.disclosures import CALL, EXPORT, LIST, MINUTES, PAGE, REVIEWED

from . import (
    call_pages,
    deliveries,
    follow_through,
    guest_pages,
    household_pages,
    leaving,
    prework_pages,
    reviews,
    roster_pages,
    step_pages,
)
from .minutes import deliveries as minutes_deliveries
from .minutes import exports, pages

for action, kind, what, purpose in [
    (deliveries.LIST_SENT, LIST, "Prep list, mailed locked", REVIEWED),
    (
        deliveries.LIST_POSSIBLY_SENT,
        LIST,
        "Prep list, mailed locked; may not have arrived",
        REVIEWED,
    ),
    (
        minutes_deliveries.MINUTES_POSSIBLY_SENT,
        MINUTES,
        "Minutes of a call, mailed locked; may not have arrived",
        REVIEWED,
    ),
    (minutes_deliveries.MINUTES_SENT, MINUTES, "Minutes of a call, mailed locked", REVIEWED),
    (pages.MINUTES_VIEWED, MINUTES, "Minutes of a call, read here", REVIEWED),
    (exports.MINUTES_DOWNLOADED, EXPORT, "Minutes of a call, as a file", REVIEWED),
    (call_pages.AGENDA_VIEWED, CALL, "The agenda of a call", REVIEWED),
    (call_pages.SEARCHED, CALL, "Search for a household to raise on a call", REVIEWED),
    (household_pages.HOUSEHOLD_VIEWED, CALL, "The review at a call", REVIEWED),
    (guest_pages.VIEWED, PAGE, "Guests of a call", REVIEWED),
    (prework_pages.VIEWED, PAGE, "Preparing a call", REVIEWED),
    (roster_pages.ROSTER_VIEWED, PAGE, "The roster of a call", REVIEWED),
    (roster_pages.SEARCHED, PAGE, "Search for a household to nominate", REVIEWED),
    (reviews.REVIEWS_VIEWED, PAGE, "The household’s reviews and steps", disclosures.COORDINATION),
    (step_pages.STEPS_VIEWED, PAGE, "Steps", disclosures.COORDINATION),
    (leaving.LEAVING_VIEWED, PAGE, "What a colleague leaves open", disclosures.COORDINATION),
    (follow_through.VIEWED, PAGE, "Follow-through", disclosures.COORDINATION),
]:
    disclosures.declare(action, kind=kind, what=what, purpose=purpose)


class SentLists:
    """Lists that were mailed when the audit kept numbers alone: what went out is kept beside each
    delivery."""

    actions = (deliveries.LIST_SENT,)

    def keys(self, keys):
        """References of the deliveries of lists that had the participant on them."""
        stood = RosterEntry.pgh_event_model.objects.filter(participant__in=keys)
        frozen = PrepList.objects.filter(meeting__in=stood.values("meeting"))
        lists = [
            each.pk
            for each in frozen
            if any(row["id"] in keys for row in each.snapshot["participants"])
        ]
        found = PrepListDelivery.objects.filter(prep_list__in=lists)
        return [str(pk) for pk in found.values_list("pk", flat=True)]

    def shown(self, entries):
        keys = [entry.object_id for entry in entries if "shown" not in entry.detail]
        found = PrepListDelivery.objects.filter(pk__in=keys)
        return {str(each.pk): each.disclosed or [] for each in found}


disclosures.add_finder(SentLists())
