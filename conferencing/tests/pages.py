"""Reading a page in a test: its words, and what its form sends back."""

import re


def text_of(response):
    """What the page says, without markup, blanks folded."""
    words = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", words).split())


def hidden(response, name):
    """The value of a hidden field on the page."""
    return re.search(rf'name="{name}" value="([^"]*)"', response.content.decode()).group(1)
