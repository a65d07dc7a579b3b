"""What stood in a record before it was joined with another: where it stands now, and the journals.

Who takes something back that was written before a merge takes it back where the merge brought it,
too, and in the journal: taken apart later, the two do not get it again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model

from participants.models import HmisRecord, Merge, Participant
from regions.models import Continuum

from .fields import GROUPS
from .journal import Entry, attname_of, columns, plain, write


def merges_since(continuum: Continuum, at: datetime) -> list[Merge]:
    """Those that stand, the oldest first. To be asked while the continuum's row is held."""
    return list(Merge.objects.standing().filter(continuum=continuum, at__gte=at).order_by("at"))


class Trace:
    """One record, and the merges since something was written into it (`merges_since`)."""

    def __init__(self, record: Participant, merges: Iterable[Merge]) -> None:
        self.key, self.merges = str(record.pk), list[Merge]()
        self.family = {self.key}
        for merge in merges:
            pair = {str(merge.keeper_id), str(merge.former_id)}
            if pair & self.family:
                self.family |= pair
                self.merges.append(merge)

    @property
    def is_joined(self) -> bool:
        return bool(self.merges)

    def keep(self) -> None:
        """Save the journals."""
        for merge in self.merges:
            merge.save(update_fields=["journal"])

    def entries(self, merge: Merge, op: str, model: type[Model]) -> Iterator[Entry]:
        for entry in list(merge.journal):
            if entry["op"] == op and entry["model"] == model._meta.label:
                yield entry

    def holders(self, column: str, value: object) -> set[str]:
        """The keys of the records that hold the record's value of the column now."""
        return {str(row.pk) for row in self.rows(column, self.follow(column, value), value)}

    def put_instead(self, column: str, value: object, instead: object) -> set[str]:
        """Let `instead` stand wherever the record's value of the column does; return in whom.

        Where somebody wrote another one since, that stays. `column`: as a row holds it.
        """
        rows = self.rows(column, self.follow(column, value, instead), value)
        for row in rows:
            setattr(row, column, columns(row)[column].to_python(instead))
            write(row, [column])
        return {str(row.pk) for row in rows}

    def rows(self, column: str, keys: Iterable[str], value: object) -> list[Participant]:
        rows = Participant.every.filter(pk__in=list(keys))
        return [row for row in rows if plain(getattr(row, column)) == plain(value)]

    def follow(self, column: str, value: object, *instead: object) -> set[str]:
        """The records that the value came to; with `instead`, each journal has that for it."""
        at, was = {self.key}, plain(value)
        for merge in self.merges:
            pair, before = {str(merge.keeper_id), str(merge.former_id)}, set(at)
            for entry in self.entries(merge, "change", Participant):
                key, after = entry["pk"], entry["after"]
                if not chosen_with(column) & set(after):
                    continue
                # What is chosen together comes together, also where the two do not differ.
                if entry["before"].get(column, was) == was and key in before:
                    at.discard(key)
                    if instead:
                        entry["before"][column] = plain(instead[0])
                        after.setdefault(column, was)
                if after.get(column, was) == was and (pair - {key}) & before:
                    at.add(key)
                    if instead:
                        entry["before"].setdefault(column, was)
                        after[column] = plain(instead[0])
        return at

    def told_under(self) -> Iterator[tuple[Merge, str]]:
        """`(merge, key)`: which record held, before it, what HMIS says under the record's id."""
        at = self.key
        for merge in self.merges:
            yield merge, at
            at = moved(merge, at)

    def holder_of_hmis(self) -> UUID:
        """The key of the record with which what HMIS says under the record's id stands now."""
        at = self.key
        for merge in self.merges:
            at = moved(merge, at)
        return UUID(at)

    def said_instead(self, values: Mapping[str, object] | None) -> None:
        """Let the journals hold this for what HMIS had said; None: it had said nothing."""
        for merge, at in self.told_under():
            for entry in self.entries(merge, "delete", HmisRecord):
                if entry["before"]["participant_id"] != at:
                    continue
                if values is None:
                    merge.journal.remove(entry)
                else:
                    entry["before"] |= {name: plain(value) for name, value in values.items()}

    def own(self, model: type[Model]) -> set[str]:
        """The keys of the record's own rows, wherever they moved to."""
        found = {
            plain(key)
            for key in model._base_manager.filter(participant=self.key).values_list("pk", flat=True)
        }
        others = set[str]()
        for merge in self.merges:
            for entry in self.entries(merge, "move", model):
                if entry["after"] == self.key:
                    others |= set(entry["rows"])
                if entry["before"] == self.key:
                    found |= set(entry["rows"])
        return found - others

    def kept_instead(self, model: type[Model], column: str, values: Mapping[str, object]) -> None:
        """Let an undo of the merges put these back in the rows that moved: `{key: value}`."""
        for merge in self.merges:
            for entry in self.entries(merge, "move", model):
                for key, kept in entry.get("keeps", {}).items():
                    if key in values and column in kept:
                        kept[column] = values[key]

    def stamped_instead(self, row: Participant, column: str, value: object) -> None:
        """Let a column that follows others be undone as if the merges had set this."""
        for entry in self.stamps(str(row.pk), column):
            entry["after"] = plain(value)

    def stamped_before(self, column: str, value: object) -> None:
        """Let the record get this back of a column that follows others."""
        for entry in self.stamps(self.key, column)[:1]:
            entry["before"] = plain(value)

    def stamps(self, key: str, column: str) -> list[Entry]:
        return [
            entry
            for merge in self.merges
            for entry in self.entries(merge, "stamp", Participant)
            if entry["pk"] == key and entry["column"] == column
        ]


def chosen_with(column: str) -> set[str]:
    """The columns that a person chooses together with this one; all as a row holds them."""
    for group in GROUPS:
        names = {attname_of(Participant, name) for name in group.columns}
        if column in names:
            return names
    return {column}


def moved(merge: Merge, at: str) -> str:
    """Where what HMIS says stands after the merge; `at`: with which record it did before."""
    keeper, former = str(merge.keeper_id), str(merge.former_id)
    entries: Sequence[Any] = merge.journal  # entries, as their ops have them
    if any(each["op"] == "swap" for each in entries):
        return {keeper: former, former: keeper}.get(at, at)
    went = [
        each
        for each in entries
        if each["op"] == "delete" and each["model"] == HmisRecord._meta.label
    ]
    return keeper if any(each["before"]["participant_id"] == at for each in went) else at
