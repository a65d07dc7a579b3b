"""Why a household is on a call's agenda, as people and criteria gave it."""

from collections import defaultdict

from conferencing.elements import Clean
from conferencing.models import Meeting, Nomination, RosterEntry
from participants.own_words import Said

from .decisions import as_stored
from .prepared import Keys


def reasons_of(entry: RosterEntry | None) -> list[str]:
    """The reasons of one place on a roster, as they are stored; none without one."""
    if entry is None:
        return []
    words = [reason["words"] for reason in entry.reasons]
    return words + ([entry.added_because] if entry.added_because else [])


def nominated(nomination: Nomination, clean: Clean = as_stored) -> Said:
    return Said(f"Nominated by {nomination.agency.name}: ", clean(nomination.reason))


def answered(nomination: Nomination, clean: Clean) -> str:
    return f"Answer to {nomination.agency.name}: {clean(nomination.answer)}"


def reasons_by_call(records: Keys, clean: Clean) -> tuple[set[Meeting], dict[Meeting, list[str]]]:
    """Return `(typed, {call: [texts]})`: the reasons at each call of the household's records.

    `typed`: the calls for which somebody wrote why; `clean` gives a text as its reader may see
    it. Two queries.
    """
    typed: set[Meeting] = set()
    found: dict[Meeting, list[str]] = defaultdict(list)
    entries = RosterEntry.objects.filter(participant__in=records)
    for entry in entries.select_related("meeting__continuum", "meeting__region"):
        found[entry.meeting] += [clean(each) for each in reasons_of(entry)]
        if entry.added_because:
            typed.add(entry.meeting)
    standing = Nomination.objects.filter(participant__in=records, withdrawn_at__isnull=True)
    for each in standing.select_related("agency", "meeting__continuum", "meeting__region").order_by(
        "at"
    ):
        found[each.meeting].append(nominated(each, clean))
        if each.answer:
            found[each.meeting].append(answered(each, clean))
        typed.add(each.meeting)
    return typed, found
