"""What becomes of what somebody leaves open: one choice for each thing, or one for all."""

from django import forms

from accounts.named_fields import Form

LEAVE = "leave"


class LeavingForm(Form):
    """Built from what is open (`agreements.leaving.open_of`) and who may take it over."""

    everything = forms.ChoiceField(
        label="Everything to",
        required=False,
        help_text="For all that you do not choose one by one below.",
    )

    def __init__(self, *args, found, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.found, self.people = found, {str(each.pk): each for each in people}
        names = [(key, place.user.name) for key, place in self.people.items()]
        self.fields["everything"].choices = [
            ("", "Choose one by one"),
            *names,
            (LEAVE, "Leave with the agency"),
        ]
        if not found:
            del self.fields["everything"]
        for kind, rows in found:
            for key, words in rows:
                self.fields[f"{kind.name}-{key}"] = forms.ChoiceField(
                    label=words,
                    choices=[("", "Choose"), *names, (LEAVE, kind.left)],
                    required=False,
                )

    def groups(self):
        """`[(title, [fields])]`, for the page."""
        return [
            (kind.title, [self[f"{kind.name}-{key}"] for key, _words in rows])
            for kind, rows in self.found
        ]

    def clean(self):
        data = super().clean()
        for kind, rows in self.found:
            for key, _words in rows:
                name = f"{kind.name}-{key}"
                data[name] = data.get(name) or data.get("everything") or ""
                if not data[name] and name not in self.errors:
                    self.add_error(name, "Choose who takes this over, or leave it with the agency.")
        return data

    @property
    def answers(self):
        """`{(kind's name, key): StaffMember or None}`."""
        return {
            (kind.name, key): self.people.get(self.cleaned_data[f"{kind.name}-{key}"])
            for kind, rows in self.found
            for key, _words in rows
        }

    def summary(self):
        """`[(title, [(words, who)])]`, for checking before it is done."""
        return [
            (kind.title, [(words, self.who(kind, key)) for key, words in rows])
            for kind, rows in self.found
        ]

    def who(self, kind, key):
        receiver = self.answers[kind.name, key]
        return receiver.user.name if receiver else kind.left
