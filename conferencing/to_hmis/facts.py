"""What was recorded here in a time, or at a call, that has a place in HMIS: fact by fact.

Facts are found, never kept: a correction on file is a correction here. What a person said of one,
and how far it came, stands beside it as an `HmisEntry`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from conferencing.models import Meeting
from participants.former_heads import Headed
from participants.hmis.codes import COORDINATED_ENTRY
from participants.hmis.kept import Enrollment
from participants.hmis_ids import is_among, same_hmis_id
from participants.models import (
    HmisEntry,
    HmisProject,
    HmisRecord,
    HmisUser,
    Participant,
)
from regions.models import Continuum

Kind, Source = HmisEntry.Kind, HmisEntry.Source


@dataclass(frozen=True)
class Scope:
    """From `since` to `until`, both days included; with `meeting`, that call alone."""

    continuum: Continuum
    since: date
    until: date
    meeting: Meeting | None = None


@dataclass
class Fact:
    """Something that was recorded of a household on a day, and what HMIS knows of them."""

    kind: str
    source: str
    source_id: UUID
    person: Participant
    on: date
    recorded_at: datetime
    recorded_by: Any  # the key of a user, or None
    stay: str = ""  # of LivingSituation.Kind
    heard: str = ""  # of Contact.Kind
    words: str | None = None  # typed, sealed on file
    navigator: str = ""
    is_by_provider: bool = False
    is_gone: bool = False  # nothing on file says it any more
    is_place_refused: bool = False  # refers to a project that is refused, or is none any more
    entry: HmisEntry | None = None
    enrollment: Enrollment | None = None
    project: HmisProject | None = None  # of the enrollment
    release: UUID | None = None
    user_key: str = ""
    told_on: date | None = None  # the day of the newest export that held the household
    headed: tuple[Headed, ...] = ()  # who headed the household before, the earliest first

    @property
    def key(self) -> UUID:
        """The id of the row in HMIS: the same at every time."""
        return self.entry.pk if self.entry else HmisEntry.key_of(self.source, self.source_id)

    @property
    def address(self) -> UUID:
        """What a page calls it by, beside its source: events that were added share one review."""
        is_added = self.source == Source.ADDED
        return self.entry.pk if self.entry and is_added else self.source_id

    @property
    def record(self) -> HmisRecord | None:
        return getattr(self.person, "hmis", None)

    @property
    def former_head(self) -> Headed | None:
        """Who headed the household that day, if another person does now."""
        return next((each for each in self.headed if self.on < each.before), None)

    def is_of_head(self, enrollment: Enrollment) -> bool:
        """Whether it is an enrollment of who headed the household that day.

        Of a household that one person headed all along the import says so, also under the id of a
        record that was joined into theirs.
        """
        if not self.headed:
            return True
        head = self.former_head
        hmis_id = head.hmis_id if head else self.person.hmis_id
        return same_hmis_id(enrollment["person"], hmis_id)

    @property
    def is_told_of(self) -> bool:
        """Whether the last import told of those under whose HMIS ID the row went out."""
        given = self.entry.given.get("PersonalID") if self.entry else None
        told = [each["person"] for each in enrollments_of(self.record)]
        return not self.headed or given is None or is_among(given, told)

    @property
    def answers(self) -> dict[str, str]:
        return self.entry.answers if self.entry else {}


def keys_of(continuum: Continuum) -> dict[UUID | int | None, str]:
    """`{key of a person, or None for the CoC's own: UserID in HMIS}`."""
    return dict(HmisUser.objects.filter(continuum=continuum).values_list("user", "key"))


def enrollments_of(record: HmisRecord | None) -> list[Enrollment]:
    """Those that the last import told of."""
    told = record.said.get("enrollments") if record else None
    return list(told["value"]) if told else []


def enrollment_of(fact: Fact, projects: Mapping[str, HmisProject]) -> Enrollment | None:
    """The enrollment under which a fact goes: open on its day; coordinated entry before others.

    It is of who headed the household that day, and one that it went under before stays, while it
    is one of these.
    """
    record, on = fact.record, fact.on.isoformat()
    if record is None or record.absent_on:
        return None
    fitting = [
        each
        for each in enrollments_of(record)
        if fact.is_of_head(each)
        and each["from"] <= on
        and on <= (each["to"] or on)
        and not is_refused(projects.get(each["project"]))
        and (record.left_on is None or fact.on <= record.left_on)
    ]
    if fact.entry and fact.entry.is_out:
        former = fact.entry.given.get("EnrollmentID")
        fitting = [each for each in fitting if each["id"] == former] or fitting

    def rank(each: Enrollment) -> tuple[bool, bool, str, str]:
        project = projects.get(each["project"])
        is_listed = bool(project and project.is_listed)
        return each["kind"] == COORDINATED_ENTRY, is_listed, each["from"], each["id"]

    return max(fitting, key=rank, default=None)


def is_refused(project: HmisProject | None) -> bool:
    """Whether nothing goes there: of a victim service provider, or not known to be of none."""
    if project is None:
        return True
    return project.is_refused or bool(project.agency and project.agency.is_victim_service_provider)
