"""Names in what is written during a call, that its writer could not read."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.core.exceptions import ValidationError

from accounts.models import User
from conferencing.models import Review
from conferencing.prework.acts import words_of
from conferencing.reviews.last import last_reviews, whereabouts
from conferencing.reviews.prepared import Row, earlier_prework, prework_for
from participants.models import Participant
from participants.naming import Label, label_for
from participants.own_words import brings_names, listed
from participants.redaction import WITHHELD
from participants.typed_over import put_back_over, taken_over_whole
from participants.typed_words import Typed

from .note_fields import LISTS, TEXTS, Value, Values, stands


def with_names(
    cleaned: Values, review: Review, actor: User, now: datetime
) -> tuple[Values, Values]:
    """`(typed texts with the names that their writer could not read, words that the page shows)`.

    The page showed the alias, or that a name is withheld: saving must not take the name out, nor
    put it where it can be read. What agencies prepared may have been taken over, names and all.
    Raises ValidationError by field for what stands for a name where no name can be kept.
    """
    typed = {
        name: value for name, value in cleaned.items() if (name in TEXTS or name in LISTS) and value
    }
    if not typed:
        return cleaned, {}
    person = review.participant
    label = label_for(person, actor, now)
    # What agencies prepared matters only where something typed stands for a name in it.
    is_asked = any(stands_for_a_name(value, person) for value in typed.values())
    rows = prepared_for(review, now) if is_asked else []
    found, shown, wrong = dict(cleaned), {}, {}
    for name, value in typed.items():
        # A barrier that is marked as systemic is one of the barriers, as they were shown.
        column = "barriers" if name in LISTS else name
        beside = [words for each in rows for words in words_of(each)]
        try:
            found[name], again = put_back_over(
                label, value, review, column, beside, partial(shown_beside, review)
            )
        except ValidationError as error:
            wrong[name] = error.messages
            continue
        if name in LISTS:
            found[name] = list(dict.fromkeys(found[name]))
            again = list(dict.fromkeys(again))
        if again != value:
            shown[name] = again
    if wrong:
        raise ValidationError(wrong)
    if "systemic" in typed:
        found["systemic"] = only_marked(found, review, label)
    return found, shown


def prepared_for(review: Review, now: datetime) -> list[Row]:
    """What agencies prepared that the page of the review lets take over."""
    person, meeting = review.participant, review.meeting
    former = last_reviews([person], before=meeting).get(person.pk)
    earlier = earlier_prework(person, former, before=meeting, now=now)
    return [*prework_for(meeting, [person])[person.pk], *earlier]


def shown_beside(review: Review) -> list[str | list[str]]:
    """What the page shows of the household beside its notes, and lets take over."""
    person, meeting = review.participant, review.meeting
    former = last_reviews([person], before=meeting).get(person.pk)
    known = whereabouts([person], meeting=meeting).get(person.pk)
    found = words_of(former) if former else []
    return [*found, known.words] if known and known.words else found


def is_written_anew(name: str, value: Value) -> bool:
    """Whether something of the value was written, though it may say what stands there already.

    Who writes a name in place of one that is withheld, and hits it, must not see that from a save
    that changes nothing.
    """
    return (name in TEXTS or name in LISTS) and any(type(each) is Typed for each in listed(value))


def taken_from(
    wanted: Values, sent: Values, review: Review, label: Callable[[], Label], now: datetime
) -> dict[str, list[str]]:
    """`{field: stored texts}` that the values took over, with names that their writer cannot read.

    `sent`: the values as they came. `label`: a function that returns the writer's Label.
    """
    names = [name for name, value in wanted.items() if brings_names(value)]
    if not names:
        return {}
    rows = prepared_for(review, now)
    texts = [words for each in rows for words in words_of(each)] + shown_beside(review)
    return {name: taken_over_whole(sent[name], texts, label()) for name in names}


def stands_for_a_name(value: str | list[str], person: Participant) -> bool:
    """Whether a text or list of texts holds what pages show in place of a name."""
    text = value if isinstance(value, str) else "\n".join(value)
    return person.alias in text or WITHHELD[:-1] in text


def only_marked(found: Values, review: Review, label: Label) -> list[str]:
    """The marked barriers; where two are shown alike and one was marked before, that one."""
    barriers = stands(review, "barriers")
    shown = dict(zip(barriers, label.clean(barriers), strict=True))
    was = {shown.get(each): each for each in review.systemic or []}
    return [
        each
        for each in found["systemic"]
        if each in (review.systemic or []) or shown.get(each) not in was
    ]
