"""The encrypted fields, by what they hold: text, a date, JSON, bytes.

What holds of all of them, and what cannot be done with them, says `vault.encrypted`.
"""

import datetime
import json
from collections.abc import Sized
from typing import Any

from django import forms
from django.core import validators
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.dateparse import parse_date, parse_datetime

from .blind import Deconstructed
from .encrypted import EncryptedField
from .sealed import UNOPENED, Sealed, Value, Words

ENCODER = DjangoJSONEncoder(ensure_ascii=False, separators=(",", ":"))


class LongestValidator(validators.MaxLengthValidator):
    """Counts what somebody wrote: of a text that holds more than they see, `written` alone.

    Otherwise the number in a refusal would tell how long that is. What is stored already (`Words`)
    was judged when it was typed, and may be longer with what its writer did not see: it is in the
    way of no act that has nothing to do with it.
    """

    def clean(self, value: Sized) -> int:
        return 0 if isinstance(value, Words) else len(getattr(value, "written", value))


class EncryptedTextField(EncryptedField):
    """Text. With `max_length` (characters) it is one line in forms, without it an area."""

    _pyi_private_set_type: str
    _pyi_private_get_type: str

    description = "Encrypted text"

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any field
        super().__init__(*args, **kwargs)
        if self.max_length is not None:
            self.validators.append(LongestValidator(self.max_length))

    def to_python(self, value: object) -> str | None:
        return value if value is None or isinstance(value, str) else str(value)

    def validate(self, value: str | None, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        try:
            self.to_bytes(value or "")
        except UnicodeEncodeError:
            raise ValidationError("Enter text without damaged characters.", "invalid") from None

    def to_bytes(self, value: str) -> bytes:
        return value.encode("utf-8")

    def from_bytes(self, plain: bytes) -> str:
        return plain.decode("utf-8")

    def placed(self, value: str, place: bytes) -> Words:
        return Words(value, place)

    def formfield(self, **kwargs: Any) -> forms.Field | None:  # Any: as of any field
        defaults: dict[str, Any] = {"max_length": self.max_length}  # Any: as of any field
        if self.max_length is None and self.choices is None:
            defaults["widget"] = forms.Textarea
        if self.null:
            defaults["empty_value"] = None
        return super().formfield(**{**defaults, **kwargs})


class EncryptedDateField(EncryptedField):
    """A date (no time)."""

    _pyi_private_set_type: datetime.date | str
    _pyi_private_get_type: datetime.date

    description = "Encrypted date"
    empty_strings_allowed = False
    default_error_messages = {"invalid": "Enter a date, such as 2026-03-31."}

    def to_python(self, value: object) -> datetime.date | None:
        if value is None or type(value) is datetime.date:
            return value
        if isinstance(value, datetime.datetime):
            return value.date()
        try:
            parsed = parse_date(str(value)) or parse_datetime(str(value))
        except ValueError:
            parsed = None
        if parsed is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return parsed.date() if isinstance(parsed, datetime.datetime) else parsed

    def to_bytes(self, value: datetime.date) -> bytes:
        return value.isoformat().encode("ascii")

    def from_bytes(self, plain: bytes) -> datetime.date:
        return datetime.date.fromisoformat(plain.decode("ascii"))

    def formfield(self, **kwargs: Any) -> forms.Field | None:  # Any: as of any field
        return super().formfield(**{"form_class": forms.DateField, **kwargs})


class EncryptedJSONField(EncryptedField):
    """What JSON can hold (dates and UUIDs are written as text). None is NULL."""

    _pyi_private_set_type: Any  # whatever JSON holds
    _pyi_private_get_type: Any  # whatever JSON holds: its model says what

    description = "Encrypted JSON"
    empty_strings_allowed = False

    def to_bytes(self, value: object) -> bytes:
        return ENCODER.encode(value).encode("utf-8")

    def from_bytes(self, plain: bytes) -> Value:
        return json.loads(plain)

    def placed(self, value: Value, place: bytes) -> Value:
        if type(value) is list and any(type(each) is str for each in value):
            return [Words(each, place) if isinstance(each, str) else each for each in value]
        return value

    def is_unchanged(self, sealed: Sealed) -> bool:
        return sealed.value is UNOPENED or self.to_bytes(sealed.value) == sealed.plain

    def validate(self, value: object, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        try:
            self.to_bytes(value)
        except (TypeError, ValueError):
            raise ValidationError("Value must be valid JSON.", code="invalid") from None

    def formfield(self, **kwargs: Any) -> forms.Field | None:  # Any: as of any field
        return super().formfield(
            **{"form_class": forms.JSONField, "encoder": DjangoJSONEncoder, **kwargs}
        )


class EncryptedBinaryField(EncryptedField):
    """Bytes, such as a scanned document."""

    _pyi_private_set_type: bytes | bytearray | memoryview
    _pyi_private_get_type: bytes

    description = "Encrypted bytes"
    empty_strings_allowed = False
    empty_values = [None, b""]

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any field
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)
        if self.max_length is not None:
            self.validators.append(validators.MaxLengthValidator(self.max_length))

    def deconstruct(self) -> Deconstructed:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        if self.editable:
            kwargs["editable"] = True
        return name, path, args, kwargs

    def to_python(self, value: object) -> bytes | None:
        if value is None or type(value) is bytes:
            return value
        if isinstance(value, (bytearray, memoryview)):
            return bytes(value)
        raise ValidationError("Expected bytes.", code="invalid")

    def to_bytes(self, value: bytes) -> bytes:
        return value

    def from_bytes(self, plain: bytes) -> bytes:
        return plain
