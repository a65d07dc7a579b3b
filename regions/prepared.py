"""Questions that every page asks the database: their SQL is made once, by the ORM.

Django takes longer to write the SQL of who is in standing, or of who may be named, than
PostgreSQL takes to answer it. What differs from one asking to the next are values alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, cast
from uuid import UUID, uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import BooleanField, F, Func, Model, QuerySet, UUIDField, Value
from django.db.models.expressions import RawSQL

# What stands for a value while the SQL is made; nothing in the product is equal to one of these.
A_KEY, ANOTHER_KEY, THIRD_KEY, KEYS = uuid4(), uuid4(), uuid4(), [uuid4()]
A_DAY, A_MOMENT = date(1, 2, 3), datetime(1, 2, 3, 4, 5, 6, 7, tzinfo=UTC)


Sql = tuple[str, Sequence[object]]  # with its parameters
Question = QuerySet[Any, Any] | Sql  # Any: rows of any model, in any form


@dataclass
class Prepared:
    """A question with gaps: `make(**gaps)` returns a queryset, or SQL with its parameters.

    `gaps`: `{name: one of the stand-ins above}`. Called with a value for each gap, it returns
    `(sql, parameters)`. `make` may not ask the database, nor decide by what it is given.
    """

    make: Callable[..., Question]
    gaps: dict[str, object]
    _made: tuple[str, list[tuple[str | None, object]]] | None = field(default=None, init=False)

    def __call__(self, **values: object) -> tuple[str, list[object]]:
        if self._made is None:
            self._made = self._make()
        sql, parameters = self._made
        return sql, [values[name] if name else fixed for name, fixed in parameters]

    def _make(self) -> tuple[str, list[tuple[str | None, object]]]:
        made = self.make(**self.gaps)
        sql, parameters = made if isinstance(made, tuple) else made.query.sql_with_params()
        names = {(type(stand_in), repr(stand_in)): name for name, stand_in in self.gaps.items()}
        found = [(names.get((type(each), repr(each))), each) for each in parameters]
        missing = set(self.gaps) - {name for name, _fixed in found}
        if missing:
            raise ValueError(f"Nothing in the question asks for {', '.join(sorted(missing))}.")
        return sql, found

    def rows(self, **values: object) -> list[tuple[Any, ...]]:  # Any: as the question selects
        """Ask it; a list of tuples."""
        sql, parameters = self(**values)
        with connection.cursor() as cursor:
            cursor.execute(sql, cast(Any, parameters))  # Any: what a column may be asked with
            return list(cursor.fetchall())

    def holds(self, **values: object) -> RawSQL:
        """The question as a condition within a queryset, for one whose answer is yes or no."""
        sql, parameters = self(**values)
        # Made by the ORM, with its parameters apart.
        return RawSQL(sql, parameters, output_field=BooleanField())  # noqa: S611


def any_row(queryset: QuerySet[Model]) -> Sql:
    """SQL that says whether the queryset has a row, with its parameters."""
    sql, parameters = queryset.order_by().values_list(Value(1))[:1].query.sql_with_params()
    return f"EXISTS ({sql})", parameters


def is_any_of(field: str, keys: list[UUID]) -> Func:
    """`field__in=keys` as a condition that is the same SQL for every number of keys."""
    return Func(
        F(field),
        Value(keys, ArrayField(UUIDField())),
        template="(%(expressions)s))",
        arg_joiner=" = ANY (",
        output_field=BooleanField(),
    )
