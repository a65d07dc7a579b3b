"""What model fields that are encrypted at rest share (AES-256-GCM; key ring in `vault.keys`).

The column is `bytea`; NULL stays NULL (so that a constraint can ask `name IS NULL`), and an
empty text is sealed like any other. Each token is bound to model, field and primary key, so
that a value copied to another row or column does not open. The primary key must be a UUID
made by the application, so that it is known before the row is written.

Reading: the attribute opens its token when it is read; what is not read is not opened.
`values()` and `values_list()` give `Sealed`, which shows nothing. Writing: instances
(`save`, `create`, `bulk_create`); an unchanged value keeps its token, so that history sees no
change. `queryset.update()` and `bulk_update()` know no primary key and are refused for these
fields, as are searching and F(). `bulk_create(update_conflicts=True)` may be used only when the
conflict is on the primary key. Rows of an event model (django-pghistory) hold tokens copied by a
trigger: they open as the tracked model's.

Renaming a field or a model: give the field `sealed_as="app_label.model.field"` with the names it
had, all in lower case but the field's.
"""

import uuid
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn, cast

from cryptography.exceptions import InvalidTag
from django.core import checks
from django.core.exceptions import FieldError, ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.functional import cached_property

from vault import keys

from .blind import Deconstructed
from .sealed import UNOPENED, Sealed, SealedAttribute, Value, Written

Token = Sealed | bytes | memoryview  # what stands in a column


class EncryptedField(models.Field):  # type: ignore[type-arg]  # as Django runs, it takes none
    """What the encrypted fields share; a subclass says how a value becomes bytes and back."""

    descriptor_class = SealedAttribute

    def __init__(
        self,
        *args: Any,  # as of any field
        sealed_as: str | None = None,
        **kwargs: Any,  # as of any field
    ) -> None:
        self.sealed_as = sealed_as
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Deconstructed:
        name, path, args, kwargs = super().deconstruct()
        if self.sealed_as is not None:
            kwargs["sealed_as"] = self.sealed_as
        return name, path, args, kwargs

    def get_internal_type(self) -> str:
        return "BinaryField"

    def contribute_to_class(
        self, cls: type[models.Model], name: str, private_only: bool = False
    ) -> None:
        # Django copies the fields of an abstract model, with whatever they remember.
        for remembered in ("bound_model", "bound_pk_attname", "bound_prefix"):
            self.__dict__.pop(remembered, None)
        super().contribute_to_class(cls, name, private_only=private_only)

    # What a subclass says

    def to_bytes(self, value: Value) -> bytes:
        raise NotImplementedError

    def from_bytes(self, plain: bytes) -> Value:
        raise NotImplementedError

    # What a token is bound to

    @cached_property
    def bound_model(self) -> type[models.Model]:
        """The model whose rows the tokens belong to: for an event model the tracked one."""
        tracked: type[models.Model] = getattr(self.model, "pgh_tracked_model", self.model)
        return tracked._meta.concrete_model or tracked

    @cached_property
    def bound_pk_attname(self) -> str:
        """The attribute that holds the primary key to which a token is bound."""
        if self.bound_model is self.model:
            return self.model._meta.pk.attname
        if any(field.name == "pgh_obj" for field in self.model._meta.fields):
            return "pgh_obj_id"
        return self.bound_model._meta.pk.attname

    @cached_property
    def bound_prefix(self) -> bytes:
        """The associated data up to the primary key."""
        name = self.sealed_as or f"{self.bound_model._meta.label_lower}.{self.name}"
        return name.encode("utf-8") + b"\0"

    def associated(self, pk: uuid.UUID | None) -> bytes:
        """Return the associated data of this column for the row with this primary key."""
        if type(pk) is not uuid.UUID:
            if pk is None:
                raise FieldError(f"{self} is encrypted: its row needs a primary key first.")
            pk = uuid.UUID(str(pk))
        return self.bound_prefix + pk.bytes

    def seal(self, value: Value, pk: uuid.UUID | None) -> bytes:
        """Return the token of `value` for the row with this primary key."""
        return keys.seal(self.to_bytes(self.to_python(value)), self.associated(pk))

    def unseal(self, token: Token, pk: uuid.UUID) -> Value:
        """Return the value of a token of the row with this primary key."""
        token = token.token if isinstance(token, Sealed) else bytes(token)
        return self.from_bytes(keys.unseal(token, self.associated(pk), str(self)))

    def opened(self, sealed: Sealed, instance: models.Model) -> Value:
        """Return the value of what the instance holds, opened once."""
        if sealed.value is UNOPENED:
            if sealed.pk is None:
                sealed.pk = getattr(instance, self.bound_pk_attname)
            sealed.plain = keys.unseal(sealed.token, self.associated(sealed.pk), str(self))
            value = self.from_bytes(sealed.plain)
            sealed.value = self.placed(value, self.associated(sealed.pk))
        return sealed.value

    def placed(self, value: Value, place: bytes) -> Value:
        """The value as the attribute gives it: texts know where they are stored."""
        return value

    def is_same(self, sealed: Sealed, value: Value, instance: models.Model) -> bool:
        """Whether assigning `value` leaves what is stored as it is."""
        try:
            self.opened(sealed, instance)
            return self.to_bytes(self.to_python(value)) == sealed.plain
        except (keys.VaultError, ValidationError, TypeError, ValueError):
            return False

    # To and from the database

    def from_db_value(
        self, value: bytes | memoryview | None, expression: object, connection: object
    ) -> Sealed | None:
        return None if value is None else Sealed(bytes(value))

    def pre_save(self, instance: models.Model, add: bool) -> Written | None:
        held = self.model.__dict__[self.attname].held(instance)
        if held is None:
            return None
        pk = getattr(instance, self.bound_pk_attname)
        value = held
        if type(held) is Sealed:
            is_here = held.pk is None or self.associated(held.pk) == self.associated(pk)
            if is_here and self.is_unchanged(held) and self.is_newest(held.token):
                return Written(held.token)
            value = self.opened(held, instance)
        value, place = self.to_python(value), self.associated(pk)
        plain = self.to_bytes(value)
        sealed = Sealed(keys.seal(plain, place))
        sealed.pk, sealed.plain, sealed.value = pk, plain, self.placed(value, place)
        instance.__dict__[self.attname] = sealed
        return Written(sealed.token)

    def is_unchanged(self, sealed: Sealed) -> bool:
        """Whether the value was not changed in place since it was opened."""
        return True

    @staticmethod
    def is_newest(token: bytes) -> bool:
        return token.startswith(keys.ring().newest.header)

    def get_db_prep_save(self, value: object, connection: BaseDatabaseWrapper) -> object:
        if value is None:
            return None
        if type(value) is not Written:
            raise FieldError(
                f"{self} is encrypted, bound to each row: update() and bulk_update() cannot write "
                "it. Set it on instances and save them (or bulk_create)."
            )
        return connection.Database.Binary(value)  # type: ignore[attr-defined]  # the driver

    def get_db_prep_value(
        self, value: object, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> object:
        # Asked when constraints are validated: they may see whether there is a value, never which.
        if value is None:
            return None
        return connection.Database.Binary(b"")  # type: ignore[attr-defined]  # the driver

    def get_lookup(self, lookup_name: str) -> "type[models.Lookup[object]] | None":
        # pgtrigger's df and ndf compare a row with its former self, inside the database.
        if lookup_name in ("isnull", "df", "ndf"):
            return super().get_lookup(lookup_name)
        raise FieldError(
            f"{self} is encrypted: “{lookup_name}” cannot search it. Only isnull can; for equality "
            "use a blind index."
        )

    def get_transform(self, lookup_name: str) -> NoReturn:
        raise FieldError(f"{self} is encrypted: “{lookup_name}” cannot look into it.")

    def value_to_string(self, obj: models.Model) -> NoReturn:
        raise FieldError(
            f"{self} is encrypted and is not written to fixtures. Use pg_dump for copies."
        )

    # Checks

    def check(self, **kwargs: object) -> list[checks.CheckMessage]:
        return [*super().check(**kwargs), *self._check_key(), *self._check_options()]

    def _check_key(self) -> list[checks.CheckMessage]:
        pk = self.bound_model._meta.pk
        while isinstance(pk, models.ForeignKey):
            pk = pk.target_field
        if not isinstance(pk, models.UUIDField) or not pk.has_default():
            return [
                checks.Error(
                    "An encrypted field needs a primary key that our own code makes.",
                    hint="id = models.UUIDField(primary_key=True, default=uuid.uuid4)",
                    obj=self,
                    id="vault.E001",
                )
            ]
        names = [field.attname for field in self.model._meta.concrete_fields]
        if names.index(self.bound_pk_attname) > names.index(self.attname):
            return [
                checks.Error(
                    "The primary key must be declared before an encrypted field.",
                    obj=self,
                    id="vault.E002",
                )
            ]
        return []

    def _check_options(self) -> list[checks.CheckMessage]:
        for option in ("primary_key", "unique", "db_index"):
            if getattr(self, option):
                return [
                    checks.Error(
                        f"An encrypted field cannot have {option}. Equal values differ at rest.",
                        hint="Use vault.blind.BlindIndexField where equality must be found.",
                        obj=self,
                        id="vault.E003",
                    )
                ]
        if self.has_db_default():
            return [
                checks.Error(
                    "An encrypted field cannot have db_default: the database holds no key.",
                    obj=self,
                    id="vault.E004",
                )
            ]
        return []


def decrypt_column(
    model: type[models.Model], field_name: str, rows: Iterable[tuple[uuid.UUID, Token | None]]
) -> Iterator[tuple[uuid.UUID, Value]]:
    """Yield (primary key, value) for many rows quickly, to search or sort names in memory.

    `rows` yields (UUID, token), as `queryset.values_list("pk", field_name)` or a cursor gives
    them (of an event model the tracked row's UUID, `pgh_obj_id`); a token is Sealed, bytes,
    memoryview or None. Raises as reading the attribute does.
    """
    field = cast(EncryptedField, model._meta.get_field(field_name))
    prefix = field.bound_prefix
    from_bytes = field.from_bytes
    key, size, end = None, 0, 0
    for pk, stored in rows:
        if stored is None:
            yield pk, None
            continue
        token = stored.token if isinstance(stored, Sealed) else bytes(stored)
        if key is None or token[:size] != key.header:
            key = keys.key_of(token)
            size, decrypt = len(key.header), key.cipher.decrypt
            end = size + keys.NONCE_BYTES
        try:
            plain = decrypt(token[size:end], token[end:], prefix + pk.bytes)
        except (InvalidTag, ValueError):
            plain = keys.unseal(token, field.associated(pk), str(field))
        yield pk, from_bytes(plain)
