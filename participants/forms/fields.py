"""Fields of a form about participants, and how each says what is wrong with what was typed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, cast
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from accounts.named_fields import Form
from accounts.refusals import codes_of
from accounts.single_lines import keep_to_one_line
from participants.models import Document
from participants.typed_over import written
from regions.models import Continuum, County
from regions.typed_days import LATEST

OPEN_AGAIN = dict.fromkeys(("required", "invalid"), "Open the page again.")
Group = tuple[str, str, list[forms.BoundField]]  # legend, css class, fields


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:  # as of any field
        super().__init__(format="%Y-%m-%d", **kwargs)


def in_words(fields: Mapping[str, forms.Field]) -> None:
    """Give each field errors that say what to do about it; one line takes one line."""
    keep_to_one_line(fields)
    for field in fields.values():
        chosen = isinstance(field, forms.ChoiceField | forms.ModelChoiceField)
        if isinstance(field, forms.DateField):
            field.error_messages["invalid"] = "Enter a date that exists, such as 2026-03-31."
        if chosen:
            field.error_messages["invalid_choice"] = "Choose one of the list."
        longest = getattr(field, "max_length", None)
        if longest:
            field.validators = [
                each for each in field.validators if getattr(each, "code", "") != "max_length"
            ]
            field.validators.append(AtMost(longest))
            # Typed is never cut off silently: the error says how long it may be.
            field.widget.attrs.pop("maxlength", None)


@dataclass(frozen=True)
class AtMost:
    """Refuses a text that is longer, and says by how much."""

    longest: int
    code = "max_length"

    def __call__(self, text: str) -> None:
        if (size := written(text)) > self.longest:
            raise ValidationError(
                f"Shorten this to {self.longest} characters; it has {size}.", code=self.code
            )


def not_ahead(on: date) -> None:
    if timezone.localdate() < on <= LATEST:
        raise ValidationError("Enter today’s date or one before.")


class PastDay(forms.DateField):
    """A day that is today or before."""

    def __init__(self, **kwargs: Any) -> None:  # as of any field
        super().__init__(**{"widget": DateInput(), "validators": [not_ahead], **kwargs})


class DatedForm(Form):
    """A form whose field `on` is `happened_on` of its act."""

    def values(self) -> dict[str, Any]:  # Any: of each field its own
        data = {**self.cleaned_data}
        return {"happened_on": data.pop("on"), **data}


class ChangedAtField(forms.DateTimeField):
    """When the row was last changed as the page was made: a stale page changes nothing."""

    def __init__(self) -> None:
        super().__init__(widget=carried(), error_messages=OPEN_AGAIN)


def carried() -> forms.HiddenInput:
    """What a page takes along and nobody types; a browser keeps none of a former page."""
    return forms.HiddenInput(attrs={"autocomplete": "off"})


class OnceForm(Form):
    """A form that makes a row: sent twice, it makes one, for it carries the row's key."""

    data: MultiValueDict[str, Any]  # as a page sends it; Any: texts, or none
    pk = forms.UUIDField(widget=carried(), error_messages=OPEN_AGAIN)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # as of any form
        super().__init__(*args, **kwargs)
        self.fields["pk"].initial = uuid4()

    def refuse(self, error: ValidationError) -> None:
        """Let what was typed for a row that is there already be saved as one of its own."""
        if "used_before" in codes_of(error):
            self.data = self.data.copy()
            self.data[self.add_prefix("pk")] = str(uuid4())
        super().refuse(error)


class RowField(forms.ModelChoiceField):  # type: ignore[type-arg]  # none as Django runs
    """A row of the database; what is no key of one is no choice either, in the same words."""

    def to_python(self, value: Any) -> Any:  # as of the field below
        try:
            return super().to_python(value)
        except ValidationError:
            raise ValidationError(self.error_messages["invalid_choice"]) from None


class CountyField(RowField):
    """Counties below their regions."""

    def __init__(self, continuum: Continuum, **kwargs: Any) -> None:  # as of any field
        counties = County.objects.filter(region__continuum=continuum).select_related("region")
        super().__init__(counties.order_by("region__position", "region__name", "name"), **kwargs)
        self.choices = self.grouped

    def grouped(self) -> Iterator[tuple[str, str | list[tuple[UUID, str]]]]:
        yield ("", str(self.empty_label))
        rows = cast(QuerySet[County], self.queryset)  # as made above
        for region, counties in groupby(rows, key=lambda county: county.region):
            yield (region.name, [(county.pk, county.name) for county in counties])


class DocumentsField(forms.MultipleChoiceField):
    """What is in hand, as boxes to check."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:  # as of the column's field
        super().__init__(
            choices=Document.choices,
            required=False,
            label="Documents in hand",
            initial=kwargs.get("initial"),
        )

    def clean(self, value: Any) -> list[str]:  # Any: as sent
        chosen = super().clean(value)
        return [each.value for each in Document if each in chosen]
