"""What the preview of an import is kept as: its lines and its refusals, whatever was read."""

from collections.abc import Iterable
from uuid import UUID

from participants.hmis.kept import Change, Counts, Said
from participants.hmis.reading import Refusals
from participants.models import HmisImport, HmisLine, HmisRefusal

from .copying import drafted


class Previewing:
    """Makes the lines of a preview, numbered, and counted by their kind."""

    def __init__(self, hmis_import: HmisImport, counts: Counts) -> None:
        self.hmis_import, self.counts = hmis_import, counts
        self.number = 0

    def line(
        self,
        kind: HmisLine.Kind,
        said: Said | None,
        participant: UUID | None = None,
        changes: Iterable[Change] = (),
    ) -> HmisLine:
        """A line that is not saved yet; `said`: nothing of a household that is told no more."""
        self.number += 1
        self.counts[str(kind)] += 1  # type: ignore[literal-required]  # a kind of line
        return drafted(
            HmisLine,
            hmis_import_id=self.hmis_import.pk,
            number=self.number,
            kind=kind,
            participant_id=participant,
            said=said or {},
            changes=list(changes),
        )


def keep_refusals(hmis_import: HmisImport, refusals: Refusals) -> None:
    HmisRefusal.objects.bulk_create(
        [
            HmisRefusal(
                hmis_import=hmis_import,
                number=number,
                file_name=file_name,
                line=line,
                column=column,
                shape=shape[:60],
                problem=problem,
                remedy=remedy,
                ids=ids or None,
            )
            for number, (file_name, line, column, shape, problem, remedy, ids) in enumerate(
                refusals.rows, start=1
            )
        ],
        batch_size=1_000,
    )
