"""Words that stand beside no household of their own, as one reader may read them.

Reasons in the audit, what a view or a barrier is called, why a call is cancelled: people write
names into them all the same. Whoever is not covered for somebody reads such a text without their
name, and whoever may know of nobody reads it without their alias too.
"""

import re
from functools import cached_property

from django.db.models import Exists, OuterRef

from agreements.models import StaffMember
from participants import naming
from participants.models import Participant
from participants.redaction import WITHHELD
from regions.clock import local_day
from regions.models import Membership

WORD = re.compile(r"\w+")
LONGEST_ALIAS = 4  # words


class Reader:
    """Cleans texts of one continuum for one reader; asks at the first text, in a few queries."""

    def __init__(self, viewer, now):
        self.viewer, self.now = viewer, now
        membership = getattr(viewer, "membership", None)
        self.continuum = membership and membership.continuum

    def clean(self, text):
        """The text without the names of those whom the reader is not covered for."""
        if not text or self.continuum is None:
            return text or ""
        return self.without_aliases(self.names.clean(text))

    def to_edit(self, text):
        """The same for a field: what stands for a name there also tells whose (`put_back`)."""
        if not text or self.continuum is None:
            return text or ""
        return self.without_aliases(self.names.text_to_edit(text))

    def put_back(self, typed, stored):
        """What was typed over the text `to_edit`, with the names that the stored one holds."""
        return self.names.put_back_text(typed, stored)

    @cached_property
    def names(self):
        return naming.Reader(self.continuum.pk, self.viewer, self.now)

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
            text = text[:begins] + WITHHELD + text[ends:]
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
