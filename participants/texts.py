"""Words that stand beside no household of their own, as one reader may read them.

Reasons in the audit, what a view or a barrier is called, why a call is canceled: people write
names into them all the same. Whoever is not covered for somebody reads such a text without their
name, and whoever may know of nobody reads it without their alias too.
"""

import re
from datetime import datetime
from functools import cached_property
from typing import cast
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from agreements.models import StaffMember
from audit.models import Viewer
from participants import naming
from participants.models import Participant
from participants.redaction import WITHHELD
from regions.clock import local_day
from regions.models import Continuum, Membership

WORD = re.compile(r"\w+")
LONGEST_ALIAS = 4  # words


class Reader:
    """Cleans texts of one continuum for one reader; asks at the first text, in a few queries."""

    def __init__(self, viewer: Viewer | None, now: datetime) -> None:
        self.viewer, self.now = viewer if isinstance(viewer, User) else None, now
        membership = getattr(viewer, "membership", None)
        self.continuum: Continuum | None = membership and membership.continuum

    def clean(self, text: str | None) -> str:
        """The text without the names of those whom the reader is not covered for."""
        if not text or self.continuum is None:
            return text or ""
        return self.without_aliases(self.names.clean(text))

    def to_edit(self, text: str | None) -> str:
        """The same for a field: what stands for a name there also tells whose (`put_back`)."""
        if not text or self.continuum is None:
            return text or ""
        return self.without_aliases(self.names.text_to_edit(text))

    def put_back(self, typed: str, stored: str | None) -> str:
        """What was typed over the text `to_edit`, with the names that the stored one holds."""
        return self.names.put_back_text(typed, stored)

    @cached_property
    def names(self) -> naming.Reader:
        return naming.Reader(self.here.pk, self.viewer, self.now)

    @property
    def here(self) -> Continuum:
        return cast(Continuum, self.continuum)  # asked of somebody who belongs to one

    @cached_property
    def aliases(self) -> frozenset[tuple[str, ...]]:
        """The aliases of a reader who may know of nobody, as words; nothing for everybody else."""
        on = local_day(self.now, self.here.zone)
        if self.viewer and Participant.objects.visible_to(self.viewer, on).exists():
            return frozenset()
        known = Participant.every.filter(continuum=self.continuum).values_list("alias", flat=True)
        return frozenset(tuple(WORD.findall(alias.casefold())) for alias in known)

    def without_aliases(self, text: str) -> str:
        found = list(WORD.finditer(text))
        spans: list[tuple[int, int]] = []
        start = 0
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


def guests_alone(continuum: UUID | None) -> QuerySet[Membership, UUID]:
    """The keys of the people who belong to the continuum as guests of a call and nothing else."""
    places = StaffMember.objects.filter(user=OuterRef("user"))
    found = Membership.objects.filter(
        continuum=continuum, is_guest=True, is_specialist=False, is_administrator=False
    )
    return found.filter(~Exists(places)).values_list("user", flat=True)


def reader(viewer: Viewer | None, now: datetime) -> Reader:
    """How `viewer` reads texts at `now`; one for a page, so that names are opened once."""
    return Reader(viewer, now)
