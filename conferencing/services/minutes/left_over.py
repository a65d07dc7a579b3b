"""What somebody typed and a call was closed without: offered to them as words to add."""

from ..note_fields import CHOICES


def left_over_page(households):
    """What the page's script needs to say what the browser kept, and of which household.

    `households`: `{review's key: (label for this reader, whether they may add to it)}`.
    """
    return {
        "households": {
            str(key): {"label": label, "may_add": may_add}
            for key, (label, may_add) in households.items()
        },
        "choices": {
            name: {value: str(words) for value, words in choices}
            for name, choices in CHOICES.items()
            if not name.endswith("_changed")
        },
    }
