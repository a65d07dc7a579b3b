"""What the list says of households now, in the texts of a file, to one reader."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from accounts.models import User
from participants.list_files import texts_of
from participants.listing import COLUMNS
from participants.models import Participant
from participants.naming import Label, labels
from participants.quiet import rule_of
from participants.services.pages import rows_of, with_list_columns
from participants.spreadsheets.reading import cell_of


def texts_now(
    people: Iterable[Participant],
    viewer: User,
    *,
    now: datetime,
    names: dict[UUID, Label] | None = None,
) -> dict[UUID, dict[str, str]]:
    """`{household: {heading: text}}` of every column, as the file of this moment would say it."""
    people = list(people)
    if not people:
        return {}
    rule = rule_of(people[0].continuum)
    keys = [each.pk for each in people]
    listed = list(with_list_columns(Participant.objects.filter(pk__in=keys), rule))
    names = names or labels(listed, viewer, now)
    rows = rows_of(listed, names, viewer, now=now, rule=rule)
    return {
        row.participant.pk: {
            heading: cell_of(text) for heading, text in texts_of(row, COLUMNS).items()
        }
        for row in rows
    }
