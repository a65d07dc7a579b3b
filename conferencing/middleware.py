"""Keeps a guest of a call to what is theirs."""

from collections.abc import Callable

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from agreements.models import StaffMember
from regions.middleware import ContinuumRequest

# Where a guest may go, besides pages open to all and their account.
FOR_GUESTS = ("conferencing:home", "conferencing:call_guest", "conferencing:glossary")
OWN_ACCOUNT = ("accounts:", "account_", "mfa_", "usersessions_")
# A guest's account bears no name: names of accounts are stored in clear.
NOT_FOR_GUESTS = ("accounts:name_change",)


class GuestRequest(ContinuumRequest):
    """A request, with what this room notes on it."""

    is_guest: bool


class GuestMiddleware:
    """Whoever belongs to a continuum as a guest alone finds nothing but their own call.

    Sets `request.is_guest`. Every other page is 404 to them, those that are made later too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: GuestRequest) -> HttpResponseBase:
        request.is_guest = is_guest_only(request)
        return self.get_response(request)

    def process_view(
        self, request: GuestRequest, view_func: object, view_args: object, view_kwargs: object
    ) -> None:
        match = request.resolver_match
        name = (match and match.view_name) or ""
        if (
            not request.is_guest
            or not getattr(view_func, "login_required", True)
            or name in FOR_GUESTS
            or (name.startswith(OWN_ACCOUNT) and name not in NOT_FOR_GUESTS)
        ):
            return None
        raise Http404("Not for guests")


def is_guest_only(request: ContinuumRequest) -> bool:
    """Whether the person is in their continuum as a guest and as nothing else."""
    if request.continuum is None:
        return False
    membership = request.user.membership
    if not membership.is_guest or membership.is_specialist or membership.is_administrator:
        return False
    return not StaffMember.objects.current().filter(user=request.user).exists()
