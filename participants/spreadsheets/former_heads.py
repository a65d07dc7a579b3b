"""By whom else than its head of now a sheet may know a household: who headed it before."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

from participants.hmis.kept import Said
from participants.merges.reasons import same_name
from participants.models import FormerHead, KnownName, Participant
from regions.models import Continuum
from vault.blind import normalised
from vault.encrypted import decrypt_column


@dataclass
class FormerHeads:
    """Names and HMIS IDs of those who headed households of a continuum before, by household."""

    names: dict[UUID, set[str]] = field(default_factory=lambda: defaultdict(set))
    ids: dict[UUID, set[str]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def of(cls, continuum: Continuum, households: Iterable[UUID] | None = None) -> Self:
        """Of all households, or of those alone."""
        heads = FormerHead.objects.filter(
            participant__continuum=continuum,
            participant__is_confidential=False,
            participant__deidentified_at__isnull=True,
        ).select_related("participant")
        if households is not None:
            keys = list(households)
            heads = heads.filter(participant__in=keys) | heads.filter(
                participant__merged_into__in=keys
            )
        found, kept = cls(), dict[UUID, UUID]()
        for head in heads:
            kept[head.pk] = key = head.participant.merged_into_id or head.participant_id
            if head.hmis_id:
                found.ids[key].add(normalised(head.hmis_id))
        rows = list(KnownName.objects.filter(former_head__in=list(kept), token__isnull=False))
        tokens = [(row.participant_id, row.token) for row in rows]
        opened = decrypt_column(Participant, "name", tokens)
        for row, (_key, called) in zip(rows, opened, strict=True):
            if row.former_head_id and (name := same_name(called)):
                found.names[kept[row.former_head_id]].add(name)
        return found

    def are_named(
        self, key: UUID, said: Said, names: Collection[str | None], ids: Collection[str | None]
    ) -> bool:
        """Whether a row names a former head of the household, by name or HMIS ID.

        `names`, `ids`: those of who heads it now, whom it may name as well.
        """
        name, spelled = same_name(said["name"]), normalised(said["hmis_id"])
        own = {normalised(each) for each in ids if each}
        by_id = spelled not in own and spelled in self.ids.get(key, ())
        return by_id or (name not in names and name in self.names.get(key, ()))

    def by_id(self) -> dict[str, set[UUID]]:
        return turned(self.ids)

    def by_name(self) -> dict[str, set[UUID]]:
        return turned(self.names)


def turned(told: dict[UUID, set[str]]) -> dict[str, set[UUID]]:
    found: dict[str, set[UUID]] = defaultdict(set)
    for key, texts in told.items():
        for each in texts:
            found[each].add(key)
    return found
