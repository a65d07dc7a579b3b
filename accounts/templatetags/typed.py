"""Reads back to people what they typed into a form that came to nothing."""

from django import template
from django.http import HttpRequest
from django.http.request import RawPostDataException, UnreadablePostError

from accounts.held_forms import SECRETS, TOKEN

register = template.Library()


@register.simple_tag
def typed_words(request: HttpRequest | str) -> list[str]:
    """The texts of several words in the form that this answers, as they were typed.

    Only of a form that was sent to an address of ours: its token was asked for by then. None
    where a page stands without a request (then it is "").
    """
    if isinstance(request, str) or request.method != "POST" or request.resolver_match is None:
        return []
    try:
        sent = list(request.POST.lists())
    except (RawPostDataException, UnreadablePostError):
        return []
    texts = [
        text.strip()
        for name, values in sent
        if name != TOKEN and not SECRETS.search(name)
        for text in values
    ]
    return [text for text in dict.fromkeys(texts) if len(text.split()) > 1]
