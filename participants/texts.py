"""Words that stand beside no household of their own, as one reader may read them.

Reasons in the audit, what a view or a barrier is called, why a call is cancelled: people write
names into them all the same. Whoever is not covered for somebody reads such a text without their
name, and whoever may know of nobody reads it without their alias too.
"""

import re
from functools import cached_property

from django.db.models import Exists, OuterRef

from agreements.models import StaffMember
from participants.folding import parts, words
from participants.models import Participant
from participants.naming import nameable
from participants.redaction import without_name
from regions.clock import local_day
from regions.models import Membership

LEFT_OUT = "[name left out]"
WORD = re.compile(r"\w+")
LONGEST_ALIAS = 4  # words


class Reader:
    """Cleans texts of one continuum for one reader; asks at the first text, in two queries."""

    def __init__(self, viewer, now):
        self.viewer, self.now = viewer, now
        membership = getattr(viewer, "membership", None)
        self.continuum = membership and membership.continuum

    def clean(self, text):
        """The text without the names of those whom the reader is not covered for."""
        if not text or self.continuum is None:
            return text or ""
        found = {key for word in words(text) for key in self.bearers.get(word, ())}
        for key in sorted(found, key=str):
            text = without_name(text, self.names[key], LEFT_OUT)
        return self.without_aliases(text)

    @cached_property
    def names(self):
        """`{key: every name}` of those whose name the reader may not see."""
        people = Participant.every.filter(continuum=self.continuum, name__isnull=False)
        shown = nameable(Participant.objects.all(), self.viewer, self.now).values("pk")
        hidden = people.exclude(pk__in=shown).exclude(merged_into__in=shown)
        return {each.pk: each.every_name for each in hidden.only("name", "former_names")}

    @cached_property
    def bearers(self):
        """`{part of a name, folded: keys}`."""
        found = {}
        for key, name in self.names.items():
            for part in parts(name):
                found.setdefault(part, set()).add(key)
        return found

    @cached_property
    def aliases(self):
        """The aliases of a reader who may know of nobody, as words; nothing for everybody else."""
        on = local_day(self.now, self.continuum.zone)
        if Participant.objects.visible_to(self.viewer, on).exists():
            return frozenset()
        known = Participant.every.filter(continuum=self.continuum).values_list("alias", flat=True)
        return frozenset(tuple(WORD.findall(alias.casefold())) for alias in known)

    def without_aliases(self, text):
        found = list(WORD.finditer(text))
        spans, start = [], 0
        while self.aliases and start < len(found):
            for size in range(LONGEST_ALIAS, 0, -1):
                run = found[start : start + size]
                if tuple(each[0].casefold() for each in run) in self.aliases:
                    spans.append((run[0].start(), run[-1].end()))
                    start += size - 1
                    break
            start += 1
        for begins, ends in reversed(spans):
            text = text[:begins] + LEFT_OUT + text[ends:]
        return text


def guests_alone(continuum):
    """The keys of the people who belong to the continuum as guests of a call and nothing else."""
    places = StaffMember.objects.filter(user=OuterRef("user"))
    found = Membership.objects.filter(
        continuum=continuum, is_guest=True, is_specialist=False, is_administrator=False
    )
    return found.filter(~Exists(places)).values_list("user", flat=True)


def reader(viewer, now):
    """How `viewer` reads texts at `now`; one for a page, so that names are opened once."""
    return Reader(viewer, now)
