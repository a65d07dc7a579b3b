"""What a password must be: long, not among the ones that everybody tries, a letter and a number.

NIST SP 800-63B-4 (3.1.1.2): at least 15 characters where the password may stand alone, a list
of common and breached ones, no further composition and no expiry. HUD's 2004 HMIS standards
(4.3.1) ask for a letter and a number; that is the one rule of composition.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from .models import User

# Words of the service itself, which whoever guesses tries first.
CONTEXT = ("conferencing", "coordinatedentry", "continuumofcare", "homelessservices")
# Parts of a CoC's name that many have; they say nothing of this one.
GENERIC = {
    "coc",
    "continuum",
    "care",
    "of",
    "the",
    "and",
    "county",
    "counties",
    "state",
    "homeless",
}
SHORTEST_NAME = 4
SEQUENCES = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
)
LOOKALIKES = str.maketrans("013457@$!", "oleastasi")
SHORTEST_UNIT = 6
LETTERS = re.compile(r"[^\W\d_]+")


class OwnNamesValidator:
    """Refuses a password that holds the person's name, their CoC's, or the system's.

    In any case, spelling of letters (marks, figures that look like letters), spacing and order.
    """

    def validate(self, password: str, user: User | None = None) -> None:
        words = set(LETTERS.findall(folded(password)))
        forms = {squashed(password), squashed(password.lower().translate(LOOKALIKES))}

        def is_in(part: str) -> bool:
            return part in words or (
                len(part) >= SHORTEST_NAME and any(part in form for form in forms)
            )

        for whose, parts, rule in names_around(user):
            if parts and rule(is_in(part) for part in parts):
                raise ValidationError(
                    f"Your password must not hold {whose} name: whoever guesses tries that "
                    "first. Try four unrelated words and a number.",
                    code="password_holds_name",
                )

    def get_help_text(self) -> str:
        return "Your password must not hold your name, your CoC’s or the system’s."


def names_around(
    user: User | None,
) -> Iterator[tuple[str, Sequence[str], Callable[[Iterable[bool]], bool]]]:
    """What a password must not hold: (whose, the name's parts, whether `any` or `all` count)."""
    yield "the system’s", CONTEXT, any
    if user is None:
        return
    parts = LETTERS.findall(folded(user.name))
    yield "your", [*parts, "".join(parts), squashed(user.email.partition("@")[0])], any
    if user._state.adding:
        return
    membership = getattr(user, "membership", None)  # kept by an upper room
    if membership is not None:
        named = LETTERS.findall(folded(membership.continuum.name))
        yield "your CoC’s", [each for each in named if each not in GENERIC], all
        yield "your CoC’s", [squashed(membership.continuum.code)], all


def folded(text: str) -> str:
    """In small letters without marks."""
    text = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in text if not unicodedata.combining(letter))


def squashed(text: str) -> str:
    """The letters and figures of a text alone."""
    return "".join(letter for letter in folded(text) if letter.isalnum())


class LetterAndNumberValidator:
    """Asks for at least one letter and one number."""

    def validate(self, password: str, user: User | None = None) -> None:
        if not any(c.isalpha() for c in password):
            raise ValidationError("Use at least one letter.", code="password_no_letter")
        if not any(c.isdigit() for c in password):
            raise ValidationError("Use at least one number.", code="password_no_number")

    def get_help_text(self) -> str:
        return "Your password must contain at least one letter and one number."


class GuessablePasswordValidator(CommonPasswordValidator):
    """Refuses common passwords, and long ones that are only a common one stretched.

    The list is Django's (20,000 breached passwords). Most are shorter than 15 characters, so
    what is looked up is the password without the figures and signs around it, without
    look-alike figures within it, and the unit that it repeats.
    """

    message = (
        "This password is easy to guess: it is a well-known password, a sequence, or one of them "
        "repeated or with figures added. Try four unrelated words and a number."
    )

    def validate(self, password: str, user: User | None = None) -> None:
        if any(self.is_guessable(form) for form in forms_of(password)):
            raise ValidationError(self.message, code="password_guessable")

    def is_guessable(self, form: str) -> bool:
        unit = repeated_unit(form)
        runs = set(LETTERS.findall(form))
        return (
            # One or two well-known words, however often, with whatever stands between them.
            (0 < len(runs) <= 2 and all(run in self.passwords or is_sequence(run) for run in runs))
            or form in self.passwords
            or unit in self.passwords
            or bare(unit) in self.passwords
            or (unit != form and len(unit) < SHORTEST_UNIT)
            or is_sequence(form)
        )

    def get_help_text(self) -> str:
        return (
            "Your password cannot be a well-known one, or a well-known one repeated or with "
            "figures added. Four unrelated words and a number are easy to remember."
        )


def forms_of(password: str) -> set[str]:
    """The password as typed, without what stands around its letters, and with figures read as
    the letters that they look like; in lower case."""
    typed = password.strip().lower()
    core = bare(typed)
    forms = {typed, typed.rstrip("0123456789!.?"), core, typed.translate(LOOKALIKES)}
    forms.add(bare("".join(typed.split())))
    forms |= {core.translate(LOOKALIKES), bare(core.translate(LOOKALIKES))}
    return {form for form in forms if form}


def bare(text: str) -> str:
    return re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)


def repeated_unit(text: str) -> str:
    """The shortest text which, repeated (and cut at the end), gives `text`."""
    for length in range(1, len(text) // 2 + 1):
        unit = text[:length]
        if (unit * (len(text) // length + 1))[: len(text)] == text:
            return unit
    return text


def is_sequence(text: str) -> bool:
    return len(text) >= SHORTEST_UNIT and any(
        text in line or text in line[::-1] for line in SEQUENCES
    )
