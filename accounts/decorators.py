"""What a view may ask of the person before it acts."""

from functools import wraps

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied

from .factors import lacking_proof
from .pages import page_of, send_to


def recently_authenticated(view):
    """Ask for full re-authentication, unless the person proved who they are within five minutes.

    The password, and the second factor of whoever has one; a passkey is both. The browser goes to
    the re-authentication page and comes back, by GET, to the page where the person was. What a
    form held is not kept (it may be about participants), so put this on the view that shows the
    form as well.
    """

    @wraps(view)
    def asks_again(request, *args, **kwargs):
        if lacking_proof(request):
            methods = get_adapter().get_reauthentication_methods(request.user)
            if not methods:
                raise PermissionDenied("Nothing is set up with which to confirm who this is.")
            return send_to(request, methods[0]["url"], next=page_of(request))
        return view(request, *args, **kwargs)

    return asks_again
