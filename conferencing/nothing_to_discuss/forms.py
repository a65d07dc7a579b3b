"""What is chosen on the page of households with nothing to discuss."""

from typing import Any, cast

from django import forms
from django.db.models import QuerySet

from accounts.named_fields import Form
from participants.models import Participant


class MarkForm(Form):
    """Households of the roster, by their primary keys."""

    participant = forms.ModelMultipleChoiceField(
        label="Households",
        queryset=Participant.objects.none(),
        error_messages={
            "required": "Choose at least one household.",
            "invalid_choice": "A household is not on the roster any more. Load the page again.",
        },
    )

    def __init__(
        self,
        *args: Any,  # as of any form
        participants: QuerySet[Participant],
        **kwargs: Any,  # as of any form
    ) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelMultipleChoiceField[Participant]", self.fields["participant"])
        field.queryset = participants
