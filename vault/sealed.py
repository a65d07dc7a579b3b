"""What stands in an encrypted field of an instance: a token that is opened when it is read."""

import copy
import uuid
from typing import TYPE_CHECKING, Any, Self

from django.core.exceptions import FieldError
from django.db.models import Model

if TYPE_CHECKING:
    from .encrypted import EncryptedField

Value = Any  # what a column holds: text, date, bytes or JSON, as the field that has it says

UNOPENED = object()


class Sealed:
    """A token as it came from the database. Shows nothing; opened by the instance's attribute."""

    __slots__ = ("pk", "plain", "token", "value")

    def __init__(self, token: bytes) -> None:
        self.token = token
        self.pk: uuid.UUID | None = None
        self.plain: bytes | None = None
        self.value: Value = UNOPENED

    def __repr__(self) -> str:
        return "<encrypted>"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return self.token == other.token if type(other) is Sealed else NotImplemented

    def __hash__(self) -> int:
        return hash(self.token)

    def __reduce__(self) -> tuple[object, ...]:
        # A pickle holds the token, not what was read of it; a container that may have been
        # changed in place goes with it, so that the change is not lost.
        if isinstance(self.value, (dict, list)):
            return sealed_again, (self.token, self.pk, self.plain, self.value)
        return sealed_again, (self.token, self.pk)

    def __deepcopy__(self, memo: dict[int, object]) -> "Sealed":
        value = copy.deepcopy(self.value, memo) if self.plain is not None else UNOPENED
        return sealed_again(self.token, self.pk, self.plain, value)


def sealed_again(
    token: bytes, pk: uuid.UUID | None, plain: bytes | None = None, value: Value = UNOPENED
) -> Sealed:
    sealed = Sealed(token)
    sealed.pk, sealed.plain, sealed.value = pk, plain, value
    return sealed


class Written(bytes):
    """A token on its way from `pre_save` to the database: the only thing that may be written."""


class Words(str):
    """A text as it was opened, which knows where it is stored: `place`, of model, column and row.

    So two texts that say the same are told apart. Whatever is made of it is a text like any other.
    """

    __slots__ = ("place",)
    place: bytes

    def __new__(cls, text: str, place: bytes) -> Self:
        words = super().__new__(cls, text)
        words.place = place
        return words

    def __getnewargs__(self) -> tuple[str, bytes]:  # type: ignore[override]  # str's has no place
        return str(self), self.place


def held(instance: Model, name: str) -> Value:
    """Return what an encrypted field of the instance holds, unopened: Sealed, plain or None."""
    return getattr(type(instance), name).held(instance)


class SealedAttribute:
    """The instance's attribute: opens on reading, keeps the token while the value is the same."""

    def __init__(self, field: "EncryptedField") -> None:
        self.field = field

    def __get__(self, instance: Model | None, owner: type[Model] | None = None) -> Value:
        if instance is None:
            return self
        held = self.held(instance)
        return self.field.opened(held, instance) if type(held) is Sealed else held

    def __set__(self, instance: Model, value: Value) -> None:
        data = instance.__dict__
        name = self.field.attname
        if type(value) is Sealed:
            if value.pk is None:
                value.pk = data.get(self.field.bound_pk_attname)
        elif value is not None:
            if hasattr(value, "resolve_expression"):
                raise FieldError(f"{self.field} is encrypted: it takes a value, no expression.")
            former = data.get(name)
            if type(former) is Sealed and self.field.is_same(former, value, instance):
                value = self.field.to_python(value)
                value = self.field.placed(value, self.field.associated(former.pk))
                value = sealed_again(former.token, former.pk, former.plain, value)
        data[name] = value

    def held(self, instance: Model) -> Value:
        """Return what the instance holds, fetched if it was deferred: Sealed, plain or None."""
        data = instance.__dict__
        name = self.field.attname
        if name not in data:
            rows = self.field.model._base_manager.db_manager(
                instance._state.db, hints={"instance": instance}
            )
            self.__set__(instance, rows.values_list(name, flat=True).get(pk=instance.pk))
        return data[name]
