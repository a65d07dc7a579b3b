"""What the audit calls the meetings, and their minutes, that its entries are about."""

from conferencing.models import Meeting, Minutes
from regions.words import day_words


def meetings_called(keys, viewer):
    """`{key: "Region 2, Nov 3, 2026"}` of the keys that are of calls of the viewer's continuum."""
    continuum = viewer.membership.continuum_id
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


def words_of(meeting):
    return f"{meeting.scope_words}, {day_words(meeting.on)}"
