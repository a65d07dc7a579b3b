"""Reading a page in a test: its words, and what its form sends back."""

import re
from html import unescape

# What Python says of an object that nobody made words for.
CODE = re.compile(
    r"<[\w.]+ (?:object|at 0x|instance)|<QuerySet|\b(?:[A-Z][a-z]+)+\(\w+=|\bdatetime\.\w+\("
    r"|\b(?:UUID|Decimal|OrderedDict|defaultdict)\(|__proxy__|\{'\w+': |\bdict_(?:keys|values)\("
)


def text_of(response):
    """What the page says, without markup, blanks folded."""
    words = words_of(response.content.decode())
    assert not code_in(words), code_in(words)
    return words


def words_of(text):
    words = re.sub(r"<(script|style)\b.*?</\1>", " ", text, flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", words).split())


def code_in(words):
    """What stands on a page as Python shows an object to programmers, or an empty text."""
    found = CODE.search(unescape(words))
    return found.group() if found else ""


def hidden(response, name):
    """The value of a hidden field on the page."""
    return re.search(rf'name="{name}" value="([^"]*)"', response.content.decode()).group(1)
