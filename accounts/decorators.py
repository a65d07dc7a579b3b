"""What a view may ask of the person before it acts."""

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any, TypeVar, cast, overload

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied

from . import held_forms
from .access import SignedInRequest
from .factors import lacking_proof
from .pages import page_of, send_to

View = TypeVar("View", bound=Callable[..., Any])  # Any: an answer, of whatever kind


@overload
def recently_authenticated(view: View) -> View: ...


@overload
def recently_authenticated(*, methods: Collection[str]) -> Callable[[View], View]: ...


def recently_authenticated(
    view: View | None = None, *, methods: Collection[str] | None = None
) -> View | Callable[[View], View]:
    """Ask for full re-authentication, unless the person proved who they are within five minutes.

    The password, and the second factor of whoever has one; a passkey is both. The browser goes to
    the re-authentication page and comes back, by GET, to the page where the person was. What a
    form held waits meanwhile (`accounts.held_forms`) and stands in it again. `methods`: ask for
    these alone, where the page shows nothing that needs proof (all of them if not given).
    """
    if view is None:
        return lambda view: _asks_for_proof(view, methods)
    return _asks_for_proof(view, methods)


def _asks_for_proof(view: View, methods: Collection[str] | None) -> View:
    @wraps(view)
    def asks_again(request: SignedInRequest, *args: object, **kwargs: object) -> object:
        if (methods is None or request.method in methods) and lacking_proof(request):
            ways = get_adapter().get_reauthentication_methods(request.user)
            if not ways:
                raise PermissionDenied("Nothing is set up with which to confirm who this is.")
            held = held_forms.hold(request)
            back = held.path if held else page_of(request)
            return send_to(request, ways[0]["url"], next=back)
        return view(request, *args, **kwargs)

    asks_again.asks_for_proof = True  # type: ignore[attr-defined]  # a mark, for tests of pages
    return cast(View, asks_again)
