"""What becomes of what somebody leaves open: one choice for each thing, or one for all."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from django import forms

from accounts.named_fields import Form

from .. import leaving
from ..models import StaffMember

LEAVE = "leave"


class LeavingForm(Form):
    """Built from what is open (`agreements.leaving.open_of`) and who may take it over."""

    everything = forms.ChoiceField(
        label="Everything to",
        required=False,
        help_text="For all that you do not choose one by one below.",
    )

    leave_everything = "Leave with the agency"

    def __init__(
        self,
        *args: Any,  # as of any form
        found: Sequence[tuple[leaving.Kind, Sequence[leaving.Row]]],
        people: Iterable[StaffMember],
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(each.pk): each for each in people}
        self.found = [(kind, [row[:2] for row in rows]) for kind, rows in found]
        self.stays = {
            f"{kind.name}-{row[0]}" for kind, rows in found for row in rows if not self.may_go(row)
        }
        names = [(key, self.called(place)) for key, place in self.people.items()]
        cast(forms.ChoiceField, self.fields["everything"]).choices = [
            ("", "Choose one by one"),
            *names,
            (LEAVE, self.leave_everything),
        ]
        if not found:
            del self.fields["everything"]
        for kind, rows in self.found:
            for key, words in rows:
                name = f"{kind.name}-{key}"
                others = [] if name in self.stays else names
                self.fields[name] = forms.ChoiceField(
                    label=words,
                    choices=[("", "Choose"), *others, (LEAVE, self.left(kind))],
                    required=False,
                )

    def may_go(self, row: leaving.Row) -> bool:
        """Whether somebody may take this over."""
        return True

    def called(self, place: StaffMember) -> str:
        return place.user.name

    def left(self, kind: leaving.Kind) -> str:
        """What it means to leave one of this kind."""
        return kind.left

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """`[(title, [fields])]`, for the page."""
        return [
            (kind.title, [self[f"{kind.name}-{key}"] for key, _words in rows])
            for kind, rows in self.found
        ]

    def clean(self) -> dict[str, Any]:  # Any: what was typed
        data = cast(dict[str, Any], super().clean())  # Any: what was typed
        for kind, rows in self.found:
            for key, _words in rows:
                name = f"{kind.name}-{key}"
                everything = data.get("everything") or ""
                if everything and name in self.stays:
                    everything = LEAVE
                data[name] = data.get(name) or everything
                if not data[name] and name not in self.errors:
                    self.add_error(name, "Choose who takes this over, or leave it with the agency.")
        return data

    @property
    def answers(self) -> leaving.Answers:
        """`{(kind's name, key): StaffMember or None}`."""
        return {
            (kind.name, key): self.people.get(self.cleaned_data[f"{kind.name}-{key}"])
            for kind, rows in self.found
            for key, _words in rows
        }

    def summary(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """`[(title, [(words, who)])]`, for checking before it is done."""
        return [
            (kind.title, [(words, self.who(kind, key)) for key, words in rows])
            for kind, rows in self.found
        ]

    def who(self, kind: leaving.Kind, key: str) -> str:
        receiver = self.answers[kind.name, key]
        return self.called(receiver) if receiver else self.left(kind)


class AgencyLeavingForm(LeavingForm):
    """The same for an agency whose access ends: other agencies take over, where they may."""

    leave_everything = "Nobody yet"

    def may_go(self, row: leaving.Row) -> bool:
        return len(row) == 3 and row[2]

    def called(self, place: StaffMember) -> str:
        return f"{place.user.name}, {place.agency.name}"

    def left(self, kind: leaving.Kind) -> str:
        return kind.left_by_agency
