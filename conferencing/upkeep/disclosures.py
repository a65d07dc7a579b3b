"""What the meeting's acts showed of a participant, for the disclosure record."""

from collections.abc import Collection, Iterable

from audit.models import AuditEntry, Viewer
from conferencing.call import guest_pages, household_pages, presenting, raise_pages
from conferencing.call import pages as call_pages
from conferencing.follow_through import pages as follow_through
from conferencing.minutes import deliveries as minutes_deliveries
from conferencing.minutes import exports, pages
from conferencing.models import Meeting, Minutes, PrepList, PrepListDelivery, RosterEntry
from conferencing.nothing_to_discuss import pages as nothing_pages
from conferencing.prep_lists import deliveries
from conferencing.prework import pages as prework_pages
from conferencing.reviews import pages as reviews
from conferencing.roster import pages as roster_pages
from conferencing.steps import pages as step_pages
from participants import disclosures
from participants.disclosures import CALL, EXPORT, LIST, MINUTES, PAGE, REVIEWED
from regions.words import day_words

from . import leaving


class SentLists:
    """Lists that were mailed when the audit kept numbers alone: what went out is kept beside each
    delivery."""

    actions = (deliveries.LIST_SENT,)

    def keys(self, keys: Collection[str]) -> list[str]:
        """References of the deliveries of lists that had the participant on them."""
        entries = RosterEntry.pgh_event_model  # type: ignore[attr-defined]  # pghistory's
        stood = entries.objects.filter(participant__in=keys)
        frozen = PrepList.objects.filter(meeting__in=stood.values("meeting"))
        lists = [
            each.pk
            for each in frozen
            if any(row["id"] in keys for row in each.snapshot["participants"])
        ]
        found = PrepListDelivery.objects.filter(prep_list__in=lists)
        return [str(pk) for pk in found.values_list("pk", flat=True)]

    def shown(self, entries: Iterable[AuditEntry]) -> dict[str, list[disclosures.Shown]]:
        keys = [entry.object_id for entry in entries if "shown" not in entry.detail]
        found = PrepListDelivery.objects.filter(pk__in=keys)
        return {str(each.pk): each.disclosed or [] for each in found}


def meetings_called(keys: set[str], viewer: Viewer | None) -> dict[str, str]:
    """`{key: "Region 2, Nov 3, 2026"}` of the keys that are of calls of the viewer's continuum."""
    membership = getattr(viewer, "membership", None)
    if membership is None:
        return {}
    continuum = membership.continuum_id
    meetings = Meeting.objects.filter(pk__in=keys, continuum=continuum)
    minutes = Minutes.objects.filter(pk__in=keys, meeting__continuum=continuum)
    pairs = [(each.pk, each) for each in meetings.select_related("continuum", "region")]
    pairs += [
        (each.pk, each.meeting)
        for each in minutes.defer("snapshot").select_related(
            "meeting__continuum", "meeting__region"
        )
    ]
    return {str(key): words_of(meeting) for key, meeting in pairs}


def words_of(meeting: Meeting) -> str:
    return f"{meeting.scope_words}, {day_words(meeting.on)}"


def register() -> None:
    """Say how what the acts of a conference showed is told to a participant."""
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
        (presenting.PRESENTED, CALL, "The agenda of a call, on a shared screen", REVIEWED),
        *(
            (action, CALL, f"{part.label} at a call", REVIEWED)
            for part, action in presenting.SPELLED_OUT.items()
        ),
        (raise_pages.SEARCHED, CALL, "Search for a household to raise on a call", REVIEWED),
        (household_pages.HOUSEHOLD_VIEWED, CALL, "The review at a call", REVIEWED),
        (guest_pages.VIEWED, PAGE, "Guests of a call", REVIEWED),
        (prework_pages.VIEWED, PAGE, "Preparing a call", REVIEWED),
        (roster_pages.ROSTER_VIEWED, PAGE, "The roster of a call", REVIEWED),
        (nothing_pages.VIEWED, PAGE, "What is not discussed at a call", REVIEWED),
        (roster_pages.SEARCHED, PAGE, "Search for a household to nominate", REVIEWED),
        (
            reviews.REVIEWS_VIEWED,
            PAGE,
            "The household’s reviews and steps",
            disclosures.COORDINATION,
        ),
        (step_pages.STEPS_VIEWED, PAGE, "Steps", disclosures.COORDINATION),
        (leaving.LEAVING_VIEWED, PAGE, "What a colleague leaves open", disclosures.COORDINATION),
        (follow_through.VIEWED, PAGE, "Follow-through", disclosures.COORDINATION),
    ]:
        disclosures.register(action, kind=kind, what=what, purpose=purpose)
    disclosures.register_finder(SentLists())
