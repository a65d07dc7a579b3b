"""The keys of a call's page: which there are, and those that a person chose instead.

Each is held with Alt (Option on a Mac). They go by their place on the keyboard and are named as
browsers name them (`KeyboardEvent.code`): the number row is the page from top to bottom.
"""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from conferencing.elements import ELEMENTS
from conferencing.models import OwnKeys

Keys = dict[str, str]  # the name of an act: its key

WRITES, STEERS, EITHER = "write", "steer", "either"


@dataclass(frozen=True)
class Act:
    """Something that a key does, as the page's script and the list under “?” call it."""

    name: str
    words: str
    usual: str
    who: str
    of_writer: str = ""  # what it does for whoever takes notes and does not lead


# By its place, so that a key that somebody chose stays that place's; as many as a page may show.
PLACES = (
    ("first", "Digit1"),
    ("second", "Digit2"),
    ("third", "Digit3"),
    ("fourth", "Digit4"),
    ("fifth", "Slash"),
    ("sixth", "Quote"),
)
ACTS = (
    *(
        Act(name, f"To {element.title.lower()}", key, WRITES)
        for element, (name, key) in zip(ELEMENTS, PLACES, strict=False)
    ),
    Act("all_unchanged", "“Unchanged” for every element that nobody touched", "Digit0", WRITES),
    Act(
        "unchanged",
        "“Unchanged” for the element that has the focus, or the first that is not confirmed",
        "Period",
        WRITES,
    ),
    Act("notes", "To the notes", "Digit5", WRITES),
    Act("step", "To the new step", "Digit6", WRITES),
    Act("decisions", "To the decisions", "Digit7", WRITES),
    Act("discuss", "Mark the household discussed", "Digit8", EITHER),
    Act("next", "Next household", "Digit9", EITHER, "To the household being discussed"),
    Act("previous", "Previous household", "Comma", STEERS),
    Act("carry", "Carry the household over", "Minus", STEERS),
    Act("nothing", "Confirm “Nothing to discuss”", "Equal", STEERS),
    Act("choice", "To the choice between two texts", "Semicolon", WRITES),
)
USUAL: Keys = {act.name: act.usual for act in ACTS}
SIGNS = {
    "Minus": "−",
    "Equal": "=",
    "Comma": ",",
    "Period": ".",
    "Slash": "/",
    "Semicolon": ";",
    "Quote": "’",
    "BracketLeft": "[",
    "BracketRight": "]",
    "Backquote": "`",
}
WORDS = (
    {f"Digit{number}": str(number) for number in range(10)}
    | {f"Key{letter}": letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    | SIGNS
)


def keys_of(user: User) -> Keys:
    """`{act: key}` as this person has them."""
    row = OwnKeys.objects.filter(user=user).first()
    own = {name: key for name, key in (row.chosen if row else {}).items() if name in USUAL}
    keys = USUAL | own
    # An act that came later than somebody's own keys takes one that they have not given away.
    for name in USUAL:
        if name not in own and keys[name] in own.values():
            keys[name] = next(key for key in WORDS if key not in keys.values())
    return keys


def acts_for(keys: Keys, *, may_write: bool, may_steer: bool) -> list[dict[str, str]]:
    """What the list under “?” shows: only what this seat may do."""
    rights = {WRITES: may_write, STEERS: may_steer, EITHER: may_write or may_steer}
    return [
        {
            "name": act.name,
            "does": act.words if may_steer else act.of_writer or act.words,
            "key": keys[act.name],
            "sign": WORDS[keys[act.name]],
        }
        for act in ACTS
        if rights[act.who]
    ]


@transaction.atomic
def choose_key(user: User, name: str, key: str) -> Keys:
    """Let `key` do this act for a person; what it did before gets the former key of this act."""
    User.objects.select_for_update().get(pk=user.pk)
    if name not in USUAL or key not in WORDS:
        raise ValidationError("Choose a letter, a number or a sign, with Alt.")
    keys = keys_of(user)
    taken = next((other for other, own in keys.items() if own == key), name)
    keys[taken], keys[name] = keys[name], key
    chosen = {each: own for each, own in keys.items() if USUAL[each] != own}
    OwnKeys.objects.update_or_create(user=user, defaults={"chosen": chosen})
    return keys


def usual_keys(user: User) -> Keys:
    """Give a person the usual keys again."""
    OwnKeys.objects.filter(user=user).delete()
    return USUAL
