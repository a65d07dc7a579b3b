"""A form that somebody else overtook saves what its writer changed, and leaves the rest alone."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict

from accounts.named_fields import Form
from accounts.refusals import codes_of

THEIRS = "Somebody changed this meanwhile. It says now: {}. To keep yours instead, save again."


class OvertakenForm(Form):
    """Knows what its page showed, and takes over what others saved since.

    A field that its writer left as the page showed it says what stands there now; `both` are those
    that its writer changed, and somebody else, too. Without such, a form that was overtaken goes by
    the state of now (`state`: the hidden field that tells it). A subclass calls `catch_up` once its
    initial values are complete.
    """

    data: MultiValueDict[str, Any]  # as a page sends it; Any: texts, or none
    both: list[str]
    state = ""
    shown = forms.CharField(
        required=False, widget=forms.HiddenInput(attrs={"autocomplete": "off"}), max_length=4000
    )

    def catch_up(self) -> None:
        now = {name: self.digest(name, self[name].initial) for name in self.seen_fields()}
        self.initial["shown"] = json.dumps(now)
        self.both = []
        if not self.is_bound:
            return
        self.data = self.data.copy()
        was = self.shown_before()
        overtaken = [name for name in now if was.get(name, now[name]) != now[name]]
        for name in overtaken:
            typed = self.digest(name, self[name].data)
            if typed == was[name]:
                self.fill_in(name)
            elif typed != now[name]:
                self.both.append(name)
        if overtaken and not self.both:
            self.go_by_now()

    def seen_fields(self) -> list[str]:
        return [
            name
            for name, field in self.fields.items()
            if not field.widget.is_hidden and not field.disabled
        ]

    def shown_before(self) -> dict[str, str]:
        """`{field: digest of what the page showed}`; of a page that does not tell it, nothing."""
        try:
            found = json.loads(self["shown"].data or "{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def go_by_now(self) -> None:
        """From here on the form is one that was made from what stands there now."""
        for name in ("shown", self.state):
            self.data[self.add_prefix(name)] = self.initial[name]

    def refuse(self, error: ValidationError) -> None:
        super().refuse(error)
        if "stale" in codes_of(error):
            self.confirmed_against_now()

    def confirmed_against_now(self) -> None:
        """Let a second press of the button keep what the writer typed over what others did."""
        for name in self.both:
            self.add_error(name, THEIRS.format(self.in_words(name)))
        self.go_by_now()

    def fill_in(self, name: str) -> None:
        """Put what stands there now into the data, as a browser would send it."""
        key, value = self.add_prefix(name), self.sent(name, self[name].initial)
        if isinstance(value, list) and hasattr(self.data, "setlist"):
            self.data.setlist(key, value)
        elif value:
            self.data[key] = value
        else:
            self.data.pop(key, None)

    def sent(
        self,
        name: str,
        value: Any,  # as a field holds it, or a page sends it
    ) -> str | list[str]:
        """The value as a browser sends it: a text, or a list of texts."""
        field = self.fields[name]
        if is_box(field):
            return "on" if value else ""
        value = field.widget.format_value(field.prepare_value(value))
        if isinstance(field.widget, forms.CheckboxSelectMultiple | forms.SelectMultiple):
            return sorted(map(str, value or []))
        value = value[0] if isinstance(value, list) else value
        return str(value or "").replace("\r\n", "\n").strip()

    def digest(self, name: str, value: object) -> str:
        said = json.dumps([name, self.sent(name, value)])
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    def in_words(self, name: str) -> str:
        """What stands in the field now, for whoever chooses between that and their own."""
        value, field = self.sent(name, self[name].initial), self.fields[name]
        if is_box(field):
            return "ticked" if value else "not ticked"
        if isinstance(field, forms.ChoiceField | forms.NullBooleanField):
            chosen = value if isinstance(value, list) else [value]
            asked = field if isinstance(field, forms.ChoiceField) else field.widget
            groups = cast(Iterable[tuple[Any, Any]], asked.choices)  # pairs, however it was made
            flat = [each for group in groups for each in of_group(group)]
            value = ", ".join(str(words) for key, words in flat if str(key) in chosen)
        return f"“{value}”" if value else "nothing"


def is_box(field: forms.Field) -> bool:
    """Whether it is checked or not; one that may also be not known is a choice of three."""
    return isinstance(field, forms.BooleanField) and not isinstance(field, forms.NullBooleanField)


def of_group(choice: tuple[Any, Any]) -> Iterable[tuple[object, object]]:  # Any: key or name
    """The choices of a group, or the one that stands by itself."""
    key, words = choice
    return words if isinstance(words, list | tuple) else [(key, words)]
