"""What a line of a log may hold: no token, nothing typed, no character that forges another line.

An address is written with those of its parts that are words of ours, keys, numbers or months; every
other part (a token, what somebody typed) as `***`. A refused request is logged in one line.
"""

import logging
import re
from functools import cache

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

# Parts of an address that say nothing, beside the words of our own addresses: a row's key, a
# number, a month or day.
PLAIN_PART = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|\d{1,10}|\d{4}-\d{2}(?:-\d{2})?"
)
OWN_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")
STATIC_FILE = re.compile(r"/static/[A-Za-z0-9._/-]{1,200}")
LONGEST_ADDRESS = 300
MASK = "***"
QUIET_LOGGERS = ("django.request", "django.security")
ADDRESS_IN_TEXT = re.compile(r"/[^\s'\"]*")


def shown_address(path: str) -> str:
    """The path of a request as a log may have it."""
    if STATIC_FILE.fullmatch(path) and ".." not in path:
        return path
    parts = path.partition("?")[0].split("/")
    shown = "/".join(part if not part or is_plain(part) else MASK for part in parts)
    return shown if len(shown) <= LONGEST_ADDRESS else shown[:LONGEST_ADDRESS] + MASK


def is_plain(part: str) -> bool:
    return PLAIN_PART.fullmatch(part) is not None or part in own_words(settings.ROOT_URLCONF)


@cache
def own_words(urlconf: str) -> set[str]:
    """The words of which the addresses of the system are made."""
    found: set[str] = set()
    waiting: list[URLResolver | URLPattern] = [get_resolver(urlconf)]
    while waiting:
        each = waiting.pop()
        waiting += getattr(each, "url_patterns", [])
        parts = str(each.pattern).strip("^$").split("/")
        found |= {part for part in parts if OWN_WORD.fullmatch(part)}
    return found


def shown_text(text: object) -> str:
    """A text without characters that a terminal or a reader of lines would obey."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in str(text)
    )


def shown_argument(value: object) -> object:
    """An argument of a log's line: of an address, blanks and all, what may be shown of it."""
    if isinstance(value, str) and value.startswith("/"):
        return shown_address(value)
    return value


class RefusedInOneLine(logging.Filter):
    """Takes the trace, and the tokens in addresses, out of what Django says of a request.

    A refusal (4xx) is no fault of the program. Faults (5xx) keep their trace.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith(QUIET_LOGGERS):
            return True
        if getattr(record, "status_code", 400) < 500:
            record.exc_info = record.exc_text = record.stack_info = None
        if isinstance(record.args, tuple):
            record.args = tuple(map(shown_argument, record.args))
        text = record.getMessage()
        record.msg = ADDRESS_IN_TEXT.sub(lambda found: shown_address(found[0]), text)
        record.args = ()
        return True


class LineFormatter(logging.Formatter):
    """One line for each message, whatever it holds; a trace follows on lines of its own."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = shown_text(record.message)
        return super().formatMessage(record)
