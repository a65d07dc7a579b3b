"""What can be written of a household during a call, and which values can be taken."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError

from agreements.models import StaffMember
from conferencing import elements
from conferencing.barriers import LONGEST_BARRIER, MOST_BARRIERS
from conferencing.elements import CHOICES, ELEMENTS
from conferencing.models import Review
from participants.typed_over import written

TEXTS = {
    **elements.TEXTS,
    "notes": 20_000,
    "referral": 300,
    "exception_reason": 1000,
    "target_words": 300,
    "learned": 1000,
    "no_step_reason": 500,
}
FLAGS = ("is_referred", "is_exception")
LISTS = (*elements.LISTS, "systemic")
FIELDS = (*TEXTS, *CHOICES, *FLAGS, *LISTS, "target_on", "navigator")
NULLABLE = {name for name in TEXTS if Review._meta.get_field(name).null}
# What a field is called in the history, where its own name does not say it.
LABELS = {
    **{each.key: each.title.lower() for each in ELEMENTS if not each.is_text},
    **{each.typed: f"{each.key} details" for each in ELEMENTS if each.is_place},
    **{
        each.mark: f"{each.key if each.is_text else each.title.lower()} changed?"
        for each in ELEMENTS
    },
    "systemic": "systemic barriers",
    "target_kind": "target",
    "target_words": "milestone in words",
}
MARKS = tuple(each.mark for each in ELEMENTS)
LOCATION = ("location", "location_words", "location_changed")
NOT_FOR_CONFIDENTIAL = (
    "For a victim service provider's participant no place is written down, only its kind."
)


Value = Any  # a text, a list of texts, a flag, a date or a key, as its field has it
Values = dict[str, Value]  # by field


def stands(review: Review, name: str) -> Value:
    """The value of a field as a save has it."""
    if name == "navigator":
        return review.navigator_id
    value = getattr(review, name)
    if value is None and name in LISTS:
        return []
    return "" if value is None and name in TEXTS else value


def values_of(review: Review) -> Values:
    """Every field as the page has it, as JSON takes it."""
    found = {name: stands(review, name) for name in FIELDS}
    found["target_on"] = review.target_on.isoformat() if review.target_on else ""
    found["navigator"] = str(review.navigator_id) if review.navigator_id else ""
    return found


def clean(values: object, review: Review) -> Values:
    """The values as the model has them; ValidationError by field for what it cannot take."""
    if not isinstance(values, dict):
        raise ValidationError("The notes could not be read.")
    found, wrong = {}, {}
    for name, value in values.items():
        try:
            found[name] = clean_one(name, value, review)
        except ValidationError as error:
            wrong[name if name in FIELDS else "__all__"] = error.messages
    if wrong:
        raise ValidationError(wrong)
    return found


def clean_one(name: str, value: Value, review: Review) -> Value:
    if name in TEXTS:
        return clean_text(name, value, review)
    if name in CHOICES:
        if value not in ("", *dict(CHOICES[name])) or (name.endswith("_changed") and not value):
            raise ValidationError("Choose one of the list.")
        return value
    if name in FLAGS:
        if not isinstance(value, bool):
            raise ValidationError("Choose yes or no.")
        return value
    if name in LISTS:
        return clean_list(value, stands(review, "barriers"))
    if name == "target_on":
        try:
            return date.fromisoformat(value) if value else None
        except (TypeError, ValueError):
            raise ValidationError("Enter a date, for example 2027-01-31.") from None
    if name == "navigator":
        return clean_navigator(value, review)
    raise ValidationError("The notes have no such field.")


def clean_text(name: str, value: object, review: Review) -> str:
    if not isinstance(value, str):
        raise ValidationError("Enter words.")
    value = storable(value).replace("\r\n", "\n")
    if (size := written(value)) > TEXTS[name]:
        raise ValidationError(f"Keep it to {TEXTS[name]} characters; this has {size}.")
    if name == "location_words" and value and review.participant.is_confidential:
        raise ValidationError(NOT_FOR_CONFIDENTIAL)
    return value


def storable(text: str) -> str:
    """The text without what a database cannot keep: zeros, and halves of characters."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\x00", "")


def clean_list(value: object, before: Collection[str] = ()) -> list[str]:
    """The barriers; one that stood there `before` was judged when it was typed."""
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValidationError("Enter barriers, one by one.")
    words = list(dict.fromkeys(storable(each).strip() for each in value))
    words = [each for each in words if each]
    long = [each for each in words if written(each) > LONGEST_BARRIER]
    if len(words) > MOST_BARRIERS or not set(long) <= set(before):
        raise ValidationError(
            f"Keep it to {MOST_BARRIERS} barriers of {LONGEST_BARRIER} characters each."
        )
    return words


def clean_navigator(value: object, review: Review) -> UUID | None:
    if not value:
        return None
    try:
        key = UUID(str(value))
    except ValueError:
        raise ValidationError("Choose one of the list.") from None
    if key != review.navigator_id:
        here = StaffMember.objects.current().filter(
            pk=key, agency__continuum=review.meeting.continuum_id
        )
        if not here.exists():
            raise ValidationError("Choose one of the list.")
    return key
