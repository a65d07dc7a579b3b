"""The one door to a row that somebody wants to act on."""

from typing import TYPE_CHECKING, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django_htmx.middleware import HtmxDetails

from .models import HeldForm, User

if TYPE_CHECKING:
    from .sessions import Ending

Row = TypeVar("Row", bound=Model)


class Request(HttpRequest):
    """A request, with what this room notes on it."""

    htmx: HtmxDetails
    becomes_known_to: User
    session_ending: "Ending"
    held_form: HeldForm | None
    has_held_form: bool
    was_refused_to_act: bool


class SignedInRequest(Request):
    """What a view behind the sign-in is asked with."""

    user: User


def get_permitted_or_404(user: User, perm: str, queryset: QuerySet[Row], **lookup: object) -> Row:
    """Return the row on which `user` may do `perm`.

    `queryset` holds what the user may see at all (`Model.objects.visible_to(user)`), narrowed or
    locked as the view needs. A row outside it is `Http404`, so that a stranger does not learn that
    it exists; a row that may be seen, but not acted on, is `PermissionDenied` (403).
    """
    row = get_object_or_404(queryset, **lookup)
    if not user.has_perm(perm, row):
        raise PermissionDenied  # without words: the page says what it can
    return row
