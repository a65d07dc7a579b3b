"""The disclosure record of a participant: what was shown of them, when, to whom, what for.

Source: HUD 2004 privacy and security standards, 4.2.6 (optional protection “accounting of
disclosures”): date, nature, purpose and recipient, open to the participant.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q

import audit.actions
import audit.services
from accounts.models import User
from agreements.models import StaffMember
from audit.models import AuditEntry, AuditEntryQuerySet
from participants import disclosures
from participants.documents import disclosure_record_pdf
from participants.grounds import WORDS
from participants.models import Participant, Release
from participants.naming import Reader
from regions.clock import local_day, local_midnight
from regions.words import day_words

from .pages import LISTED, VIEWED, record_look
from .release_pages import RELEASES_VIEWED
from .release_work import ENDING_VIEWED, MISSING_VIEWED, UNPROVEN_VIEWED
from .releases import SCAN_READ

RECORD_VIEWED = audit.actions.register(
    "disclosure_record.viewed", "Looked at a participant’s disclosure record"
)
RECORD_EXPORTED = audit.actions.register(
    "disclosure_record.exported", "Made a disclosure record to hand over"
)
PER_PAGE = 50
MOST_ROWS = 5000  # of one paper

for action, what in [
    (VIEWED, "The household’s page"),
    (RELEASES_VIEWED, "The household’s releases"),
    (RECORD_VIEWED, "This record"),
    (ENDING_VIEWED, "Releases that end soon"),
    (MISSING_VIEWED, "Households without a release"),
    (UNPROVEN_VIEWED, "Releases without proof"),
    (LISTED, "The by-name list"),
]:
    disclosures.register(action, kind=disclosures.PAGE, what=what)
disclosures.register(
    SCAN_READ,
    kind=disclosures.EXPORT,
    what="The scan of the signed release",
    purpose="Keeping the record",
)
disclosures.register(
    RECORD_EXPORTED,
    kind=disclosures.EXPORT,
    what="This record, to hand over",
    purpose="Access by the participant",
)


class Chosen(TypedDict, total=False):
    """What a record is narrowed to (see `entries_about`)."""

    since: date | None
    until: date | None
    kind: str
    outside: bool


@dataclass
class Row:
    """One disclosure. `named`: by name; None where an older entry did not keep it.

    `why`: one of participants.grounds.WORDS, for a name; `by_id`: by alias, with the HMIS ID.
    """

    at: datetime
    kind: str
    what: str
    person: str
    agency: str
    purpose: str
    named: bool | None
    release: Release | None = field(default=None, repr=False)
    why: str = ""
    by_id: bool = False

    @property
    def under(self) -> str:
        if self.named is None:
            return "Not kept at the time"
        if not self.named:
            return "By alias, with the HMIS ID" if self.by_id else "By alias"
        if self.release is None:
            return WORDS.get(self.why, "By name")
        return f"By name, release of {day_words(self.release.signed_on)} " + (
            f"({self.release.form_version})"
            f"{''.join(f'; {each.lower()}' for each in self.release.proof)}"
        )


def entries_about(
    participant: Participant,
    *,
    since: date | None = None,
    until: date | None = None,
    kind: str = "",
    outside: bool = False,
) -> AuditEntryQuerySet:
    """The audit's entries that showed the participant to somebody, the newest first.

    From the day `since` to the day `until`, in the continuum's zone; of one kind; `outside`:
    without what the keeping agency's own people of today looked at.
    """
    about, keys = Q(), keys_of(participant)
    for key in keys:
        named = Q(object_id=key) | Q(detail__contains={"participant": key})
        about |= named & Q(action__in=disclosures.actions())
        about |= Q(detail__contains={"participants": [key]})
        about |= Q(detail__contains={"shown": [{"participant": key}]})
    for finder in disclosures.finders():
        about |= Q(object_id__in=finder.keys(keys), action__in=finder.actions)
    found = AuditEntry.objects.filter(about, continuum_id=participant.continuum_id)
    zone = participant.continuum.zone
    if since:
        found = found.filter(at__gte=local_midnight(since, zone))
    if until:
        found = found.filter(at__lt=local_midnight(next_day(until), zone))
    if kind == disclosures.PAGE:
        others = [each for each in disclosures.KINDS if each != kind]
        found = found.exclude(action__in=disclosures.actions(*others))
    elif kind:
        found = found.filter(action__in=disclosures.actions(kind))
    if outside:
        own = StaffMember.objects.current().filter(agency=participant.agency_id)
        users = set(own.values_list("user", flat=True))
        found = found.exclude(actor_id__in=users)
        found = found.filter(
            Q(detail__recipient__isnull=True)
            | ~Q(detail__recipient__in=[str(each) for each in users])
        )
    return found.order_by("-sequence")


def keys_of(participant: Participant) -> list[str]:
    """The keys under which the audit knows a participant: of records joined into theirs too."""
    former = Participant.every.filter(merged_into=participant)
    return [str(participant.pk), *(str(key) for key in former.values_list("pk", flat=True))]


def next_day(day: date) -> date:
    return day.fromordinal(day.toordinal() + 1)


def rows_of(participant: Participant, entries: Iterable[AuditEntry]) -> list[Row]:
    """The rows of some entries, in a constant number of queries.

    They are for the participant to read, whom nothing covers of other people.
    """
    reader = Reader(participant.continuum_id)
    entries = list(entries)
    kept: dict[str, list[disclosures.Shown]] = {}
    for finder in disclosures.finders():
        kept |= finder.shown([each for each in entries if each.action in finder.actions])
    keys = set(keys_of(participant))
    told = [(entry, *shown_in(entry, keys, kept)) for entry in entries]
    asked = {key for key in map(release_key, (under for *_rest, under in told)) if key}
    releases = Release.objects.with_proof().defer("scan").in_bulk(asked)
    recipients = {entry.pk: recipient_of(entry) for entry in entries}
    people = User.objects.select_related("membership")
    users = people.in_bulk({each for each in recipients.values() if each})
    agencies = agencies_of(users)
    zone = participant.continuum.zone
    rows = []
    for entry, named, under in told:
        act = disclosures.act(entry.action)
        user = recipients[entry.pk]
        on = local_day(entry.at, zone)
        person = entry.actor_label
        if user and user != entry.actor_id and user in users:
            person = users[user].name
        rows.append(
            Row(
                entry.at.astimezone(ZoneInfo(zone)),
                act.kind if act else disclosures.PAGE,
                act.what if act else audit.actions.words(entry.action),
                person,
                organization_of(users.get(user), agencies[user], on),
                purpose_of(entry, act, participant, reader),
                named,
                releases.get(release_key(under)),
                why=under if under in WORDS else "",
                by_id=is_by_id(entry, keys),
            )
        )
    return rows


def recipient_of(entry: AuditEntry) -> UUID | None:
    """Who was shown it: the one to whom it was sent, else the one who acted."""
    sent_to = entry.detail.get("recipient")
    return UUID(sent_to) if sent_to else entry.actor_id


def purpose_of(
    entry: AuditEntry, act: disclosures.Act | None, participant: Participant, reader: Reader
) -> str:
    if act and act.kind == disclosures.EXPORT and entry.why:
        return reader.clean_of(entry.why, {participant.pk: participant.alias})
    return act.purpose if act else disclosures.COORDINATION


def shown_in(
    entry: AuditEntry, keys: set[str], kept: Mapping[str, list[disclosures.Shown]]
) -> tuple[bool | None, str]:
    """`(by name?, under what)`; `(None, "")` where an older entry did not keep it.

    Under what: the key of the release, or one of participants.grounds.WORDS. `keys`: of the
    participant. Of several rows about them, the one that names them counts.
    """
    detail = entry.detail
    if entry.action == SCAN_READ and "named_under" not in detail:
        return True, entry.object_id  # from before scans were shared
    rows = detail.get("shown") or kept.get(entry.object_id, ())
    rows = [each for each in rows if each["participant"] in keys]
    if rows:
        row = max(rows, key=lambda each: bool(each["named"]))
        return row["named"], under_of(row) if row["named"] else ""
    if "named_under" in detail:
        named = detail["named_under"]
        under = next((named[key] for key in sorted(keys) if key in named), "")
        return bool(under), under
    if "named" in detail:
        return detail["named"], under_of(detail) if detail["named"] else ""
    return None, ""


def under_of(detail: Mapping[str, Any]) -> str:  # Any: whatever its act kept
    """By what right a name was shown: entries from before that had reasons know releases alone."""
    return detail.get("under") or detail.get("release") or ""


def release_key(under: str) -> UUID | None:
    """The key of the release, where a name was shown under one."""
    return UUID(under) if under and under not in WORDS else None


def is_by_id(entry: AuditEntry, keys: set[str]) -> bool:
    detail = entry.detail
    return bool(detail.get("hmis_id") or keys.intersection(detail.get("hmis_ids", ())))


def agencies_of(users: Iterable[UUID]) -> dict[UUID | None, list[StaffMember]]:
    """`{user's key: [place, …]}`, with the agency and its days."""
    found = defaultdict[UUID | None, list[StaffMember]](list)
    for place in StaffMember.objects.filter(user__in=users).select_related("agency"):
        found[place.user_id].append(place)
    return found


def organization_of(user: User | None, places: Iterable[StaffMember], on: date) -> str:
    """The agency at which somebody worked on a day; empty for the CoC's own people."""
    for place in places:
        if place.joined_on <= on and (place.ended_on is None or place.ended_on >= on):
            return place.agency.name
    membership = getattr(user, "membership", None)
    return "Guest of a call" if membership and membership.is_guest else ""


def disclosures_page(
    participant: Participant, viewer: User, *, choice: Chosen, number: str | None, now: datetime
) -> dict[str, object]:
    """One page of the record for the screen; that it was looked at is recorded."""
    label = record_look(participant, viewer, now, page="disclosures", action=RECORD_VIEWED)
    page = Paginator(entries_about(participant, **choice), PER_PAGE).get_page(number)
    return {
        "participant": participant,
        "shown_as": label,
        "page": page,
        "rows": rows_of(participant, page.object_list),
    }


@transaction.atomic
def export_record(
    participant: Participant, *, choice: Chosen, words: str, reason: str, actor: User, now: datetime
) -> bytes:
    """Return the record as a PDF to hand over; that it was made, and why, is recorded.

    `words`: what was chosen, for the paper. Raises ValidationError where it would be too long.
    """
    if not reason.strip():
        raise ValidationError({"reason": "Say why the record is handed over."})
    entries = entries_about(participant, **choice)
    count = entries.count()
    if count > MOST_ROWS:
        raise ValidationError(
            f"These are {count:,} disclosures. Choose a shorter period, at most {MOST_ROWS:,}."
        )
    label = record_look(
        participant, actor, now, page="disclosure_record_export", action=RECORD_VIEWED
    )
    rows = rows_of(participant, entries)
    pdf = disclosure_record_pdf(participant, label, rows, words=words, actor=actor, now=now)
    audit.services.record(
        RECORD_EXPORTED,
        actor=actor,
        about=participant,
        why=reason,
        detail={
            "rows": count,
            **disclosures.shown_as(label),
        },
        now=now,
    )
    return pdf
