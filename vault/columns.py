"""Carrying a plain column into a sealed one, and back, within a migration.

    *seal_in_place("meeting", "cancellation_reason", EncryptedTextField(null=True, blank=True),
                   event="meetingevent"),

Rows and their history are carried over. History (the event model's table) holds the tokens of the
tracked rows, as the triggers would have copied them. Take constraints on the column away before,
and put them back after.
"""

import re
import uuid
from collections.abc import Callable

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from vault import keys
from vault.encrypted import EncryptedField

BATCH = 1000
TOKEN = re.compile(r"\\x[0-9a-f]+")


class SealText(Operation):
    """Turn the texts of a column, which is still plain, into tokens as the database writes bytes.

    The change of the column's type that follows takes them over. Backwards likewise. `of`: the
    tracked model's name, for an event model. An empty text becomes NULL.
    """

    reduces_to_sql = False
    reversible = True

    def __init__(self, model_name: str, name: str, *, of: str | None = None) -> None:
        self.model_name, self.name, self.of = model_name, name, of

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        pass

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        def sealed(pk: uuid.UUID, text: str) -> str | None:
            if text == "":
                return None
            token = keys.seal(text.encode("utf-8"), self.associated(app_label, pk))
            return "\\x" + token.hex()

        self.carry(app_label, schema_editor, from_state, sealed)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        def opened(pk: uuid.UUID, text: str) -> str:
            if not TOKEN.fullmatch(text):
                raise ValueError(f"{self.model_name}.{self.name} holds what is no token.")
            associated = self.associated(app_label, pk)
            where = f"{self.model_name}.{self.name}"
            return keys.unseal(bytes.fromhex(text[2:]), associated, where).decode("utf-8")

        self.carry(app_label, schema_editor, to_state, opened, for_null="")

    def associated(self, app_label: str, pk: uuid.UUID) -> bytes:
        return f"{app_label}.{self.of or self.model_name}.{self.name}".encode() + b"\0" + pk.bytes

    def describe(self) -> str:
        return f"Seal {self.name} of {self.model_name}"

    def carry(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        state: ProjectState,
        turned: Callable[[uuid.UUID, str], str | None],
        for_null: str | None = None,
    ) -> None:
        """Write `turned(key that it is bound to, text)` over each text, making no history.

        `for_null`: what stands where there was nothing.
        """
        model = state.apps.get_model(app_label, self.model_name)
        quote = schema_editor.connection.ops.quote_name
        table, pk, name = map(quote, (model._meta.db_table, model._meta.pk.column, self.name))
        bound = quote("pgh_obj_id") if self.of else pk
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"SELECT {pk} FROM {table} WHERE {name} IS NOT NULL")  # noqa: S608
            found = [row[0] for row in cursor.fetchall()]
            for start in range(0, len(found), BATCH):
                cursor.execute(
                    f"SELECT {pk}, {bound}, {name} FROM {table} WHERE {pk} = ANY(%s)",  # noqa: S608
                    [found[start : start + BATCH]],
                )
                cursor.executemany(
                    f"UPDATE {table} SET {name} = %s WHERE {pk} = %s",  # noqa: S608
                    [(turned(owner, text), row) for row, owner, text in cursor.fetchall()],
                )
            if for_null is not None:
                cursor.execute(
                    f"UPDATE {table} SET {name} = %s WHERE {name} IS NULL",  # noqa: S608
                    [for_null],
                )
            # What deferred constraints still have to check would stop the change of the table.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def seal_in_place(
    model_name: str, name: str, field: EncryptedField, *, event: str | None = None
) -> list[Operation]:
    """The operations that seal a plain column where it stands, in its history too."""
    found = [(model_name, None)] + ([(event, model_name)] if event else [])
    return [
        operation
        for model, of in found
        for operation in (
            # Wide enough for a token, and empty where there is nothing to seal.
            migrations.AlterField(model, name, models.TextField(null=True, blank=True)),
            SealText(model, name, of=of),
            migrations.AlterField(model, name, field.clone()),
        )
    ]
