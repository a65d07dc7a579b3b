"""`{{ text|read_by:request }}`: what somebody typed, as this reader may read it."""

from django import template
from django.http import HttpRequest
from django.utils import timezone

from audit.readers import Reader, cleaned, make_readers

register = template.Library()


class ReadRequest(HttpRequest):
    """A request that keeps, for its one page, who cleans its texts."""

    text_readers: list[Reader]


@register.filter
def read_by(text: object, request: ReadRequest) -> str:
    """The text without names that whoever asked may not see; names are opened once for a page."""
    if not text:
        return ""
    if not hasattr(request, "text_readers"):
        request.text_readers = make_readers(request.user, timezone.now())
    # As it is: a stored text knows where it stands, and so who typed it.
    return cleaned(text if isinstance(text, str) else str(text), request.text_readers)
