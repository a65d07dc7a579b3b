"""Who headed a household before: by which names they are called, and what they signed.

The record is the household's, and its name the head's. What a former head was called stays in
texts; to read it takes a release that they signed, not one of the head of now.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import F, Q

from participants.hmis_ids import same_hmis_id
from participants.models import (
    FormerHead,
    HeadChange,
    KnownName,
    Participant,
    Release,
    ReleaseQuerySet,
)
from vault.encrypted import decrypt_column

OF_NOW = """
    UPDATE participants_knownname
       SET former_head_id = %s, added_in = pg_current_xact_id()::text::bigint
     WHERE former_head_id IS NULL AND participant_id = ANY(%s::uuid[])
"""
BACK = """
    UPDATE participants_knownname
       SET former_head_id = NULL, added_in = pg_current_xact_id()::text::bigint
     WHERE former_head_id = %s
"""
# Names of a record that is apart again, of which the other's former head was called while it was
# joined: they are its own head's.
APART = """
    UPDATE participants_knownname known
       SET former_head_id = NULL, added_in = pg_current_xact_id()::text::bigint
      FROM participants_formerhead head
     WHERE head.id = known.former_head_id AND known.participant_id = ANY(%s::uuid[])
       AND head.participant_id <> known.participant_id
       AND head.participant_id = ANY(%s::uuid[])
"""


def note_former_head(
    household: Participant, change: HeadChange, *, releases: Iterable[UUID]
) -> None:
    """Let the names of now be a former head's, with what they signed.

    To be done before the name of the new one is written.
    """
    head = FormerHead.objects.create(
        participant=household, change=change, hmis_id=household.hmis_id
    )
    head.releases.set(Release.objects.filter(pk__in=releases))
    family = Participant.every.filter(pk=household.pk) | Participant.every.filter(
        merged_into=household.pk
    )
    run(OF_NOW, head.pk, [str(key) for key in family.values_list("pk", flat=True)])


def note_signer(release: Release) -> bool:
    """Whether another person headed the household when it was signed; it is kept as that one's.

    To be asked of one that was recorded just now: the paper may be older than who heads it.
    """
    later = release.participant.head_changes.filter(on__gt=release.signed_on)
    change = later.order_by("on", "recorded_at").first()
    if change is None:
        return False
    if head := FormerHead.objects.filter(change=change).first():
        head.releases.add(release)
    return True


def signers_since(change: HeadChange, since: ReleaseQuerySet) -> tuple[set[UUID], set[UUID]]:
    """Keys of releases that were recorded since a change: `(the former head's, the new one's)`.

    What yet another former head signed is neither's.
    """
    through = FormerHead.releases.through.objects.filter(release__in=since.values("pk"))
    told = dict(through.values_list("release", "formerhead__change"))
    keys = set(since.values_list("pk", flat=True))
    return {key for key in keys if told.get(key) == change.pk}, keys - told.keys()


def head_again(change: UUID | str, *, signed_since: Iterable[UUID]) -> FormerHead | None:
    """Let the head of before a change head the household again.

    Return who did since, a former one by now; None for a change of before heads were told apart.
    """
    head = FormerHead.objects.filter(change=UUID(str(change))).first()
    if head is None:
        return None
    household = head.participant
    # Where the id was given back first, it is not the one of who headed in between.
    own = None if same_hmis_id(household.hmis_id, head.hmis_id) else household.hmis_id
    other = FormerHead.objects.create(participant=household, hmis_id=own)
    other.releases.set(Release.objects.filter(pk__in=signed_since))
    run(OF_NOW, other.pk, [str(head.participant_id)])
    run(BACK, head.pk)
    head.delete()
    return other


def give_name(head: FormerHead, records: Iterable[str], name: str | None) -> None:
    """Let a name that a merge brought to other records be the former head's there too."""
    rows = KnownName.objects.filter(
        participant__in=list(records), former_head__isnull=True, token__isnull=False
    ).exclude(participant=head.participant_id)
    for row in rows:
        tokens = [(row.participant_id, row.token)]
        ((_key, called),) = decrypt_column(Participant, "name", tokens)
        if name and called == name:
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE participants_knownname SET former_head_id = %s, "
                    "added_in = pg_current_xact_id()::text::bigint WHERE id = %s",
                    [head.pk, row.pk],
                )


def part_names(one: UUID, other: UUID) -> None:
    """Two records are apart again: each one's names, and what was signed, are of its own heads."""
    both = [str(one), str(other)]
    run(APART, both, both)
    FormerHead.releases.through.objects.filter(
        ~Q(release__participant=F("formerhead__participant")),
        formerhead__participant__in=[one, other],
        release__participant__in=[one, other],
    ).delete()


def run(statement: str, *values: UUID | list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def scans_of(releases: Iterable[Release]) -> dict[UUID, set[str]]:
    """`{release: keys of the former heads who signed it}`: their names stand on its scan."""
    found: dict[UUID, set[str]] = {}
    through = FormerHead.releases.through.objects.filter(release__in=[each.pk for each in releases])
    for release, head in through.values_list("release", "formerhead"):
        found.setdefault(release, set()).add(str(head))
    return found


@dataclass(frozen=True)
class Headed:
    """Who headed a household before a day; without a `head` where that was not kept."""

    before: date
    head: UUID | None
    hmis_id: str | None


def headed_before(households: Iterable[UUID]) -> dict[UUID, list[Headed]]:
    """`{household: who headed it before, the earliest first}` of those with another head by now."""
    found: dict[UUID, list[Headed]] = defaultdict(list)
    changes = HeadChange.objects.filter(participant__in=list(households))
    for change in changes.select_related("former_head").order_by("on", "recorded_at"):
        head: FormerHead | None = getattr(change, "former_head", None)
        told = (head.pk, head.hmis_id) if head else (None, None)
        found[change.participant_id].append(Headed(change.on, *told))
    return dict(found)
