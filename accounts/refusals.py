"""Saying no: how a page tells why an act was refused, in the same way everywhere.

A service refuses with a ValidationError; no view catches it by itself:

    with refusals(form):
        invite_person(agency, actor=request.user, **form.values)
        messages.success(request, "…")
        return redirect(agency)
    return render(…)  # with the form, which says now what is in the way
"""

from types import TracebackType
from typing import Protocol, Self

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest


class Refuses(Protocol):
    """What shows a refusal by itself: every form of the house (`accounts.named_fields`)."""

    def refuse(self, error: ValidationError) -> None: ...


class Refusal:
    """Holds what a service refused in its block, shows it there, and tells it afterward.

    False unless something was refused.
    """

    def __init__(self, shown_on: Refuses | HttpRequest | None) -> None:
        self.shown_on = shown_on
        self.error: ValidationError | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if not isinstance(error, ValidationError):
            return False
        self.error = error
        if isinstance(self.shown_on, HttpRequest):
            self.say(self.shown_on)
        elif self.shown_on is not None:
            self.shown_on.refuse(error)
        return True

    def __bool__(self) -> bool:
        return self.error is not None

    def say(self, request: HttpRequest) -> None:
        """Tell it at the top of the page that comes next."""
        messages.error(request, self.words)

    @property
    def messages(self) -> list[str]:
        return self.error.messages if self.error else []

    @property
    def words(self) -> str:
        return " ".join(self.messages)

    @property
    def by_field(self) -> dict[str, list[str]]:
        """What is wrong by field, for a script; what is about no field under `__all__`."""
        if self.error and hasattr(self.error, "error_dict"):
            return self.error.message_dict
        return {"__all__": self.messages} if self.error else {}

    @property
    def codes(self) -> set[str | None]:
        """The code of each single error, also of those by field."""
        return codes_of(self.error) if self.error else set()


def refusals(shown_on: Refuses | HttpRequest | None = None) -> Refusal:
    """Take the refusals of a block: on its form, or without one on the page that comes next.

    Without either they are for the view to tell: to a script, or at a place of the page.
    """
    return Refusal(shown_on)


def codes_of(error: ValidationError) -> set[str | None]:
    """The code of each single error in it."""
    if hasattr(error, "error_dict"):
        return {each.code for found in error.error_dict.values() for each in found}
    return {each.code for each in error.error_list}
