"""What stands in an encrypted field of an instance: a token that is opened when it is read."""

import copy

from django.core.exceptions import FieldError

UNOPENED = object()


class Sealed:
    """A token as it came from the database. Shows nothing; opened by the instance's attribute."""

    __slots__ = ("pk", "plain", "token", "value")

    def __init__(self, token: bytes):
        self.token = token
        self.pk = None
        self.plain = None
        self.value = UNOPENED

    def __repr__(self):
        return "<encrypted>"

    __str__ = __repr__

    def __eq__(self, other):
        return self.token == other.token if type(other) is Sealed else NotImplemented

    def __hash__(self):
        return hash(self.token)

    def __reduce__(self):
        # A pickle holds the token, not what was read of it; a container that may have been
        # changed in place goes with it, so that the change is not lost.
        if isinstance(self.value, (dict, list)):
            return sealed_again, (self.token, self.pk, self.plain, self.value)
        return sealed_again, (self.token, self.pk)

    def __deepcopy__(self, memo):
        value = copy.deepcopy(self.value, memo) if self.plain is not None else UNOPENED
        return sealed_again(self.token, self.pk, self.plain, value)


def sealed_again(token, pk, plain=None, value=UNOPENED):
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

    def __new__(cls, text, place):
        words = super().__new__(cls, text)
        words.place = place
        return words

    def __getnewargs__(self):
        return str(self), self.place


class SealedAttribute:
    """The instance's attribute: opens on reading, keeps the token while the value is the same."""

    def __init__(self, field):
        self.field = field

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        held = self.held(instance)
        return self.field.opened(held, instance) if type(held) is Sealed else held

    def __set__(self, instance, value):
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

    def held(self, instance):
        """Return what the instance holds, fetched if it was deferred: Sealed, plain or None."""
        data = instance.__dict__
        name = self.field.attname
        if name not in data:
            rows = self.field.model._base_manager.db_manager(
                instance._state.db, hints={"instance": instance}
            )
            self.__set__(instance, rows.values_list(name, flat=True).get(pk=instance.pk))
        return data[name]
