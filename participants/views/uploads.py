"""What views do with a file that somebody uploads: it is sealed before anything reads it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from participants.hmis.uploads import MOST_BYTES, SealingUploadHandler
from regions.middleware import ContinuumRequest

View = TypeVar("View", bound=Callable[..., Any])  # Any: an answer, of whatever kind


def takes_file(
    may: Callable[[ContinuumRequest], object], *, most_bytes: int = MOST_BYTES
) -> Callable[[View], View]:
    """Let a view's form bring a file of at most `most_bytes`, sealed as it comes.

    `may(request)` refuses whoever may not, before any of it is taken. The form is checked for its
    token once its files are sealed, for what looks for the token reads them.
    """

    def decorated(view: View) -> View:
        checked = csrf_protect(view)

        @csrf_exempt
        @require_http_methods(["GET", "POST"])
        @wraps(view)
        def sealing(request: ContinuumRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            may(request)
            if request.method == "POST":  # a form that waits is given by GET, without its file
                request.upload_handlers = [SealingUploadHandler(request, most_bytes)]
            return checked(request, *args, **kwargs)  # type: ignore[no-any-return]  # a view's own

        return sealing  # type: ignore[return-value]  # the view, taken with care

    return decorated


def is_too_large(request: ContinuumRequest) -> bool:
    """Whether the upload was broken off: then nothing of the form came."""
    return hasattr(request, "is_upload_too_large")
