"""The first page, and the search of the header."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from conferencing.call.guest_pages import guest_home
from conferencing.home.finding import offers_as_typed, search_page
from conferencing.home.pages import home_page
from conferencing.middleware import GuestRequest
from conferencing.steps.forms import give_forms
from regions.middleware import ContinuumRequest


@require_GET
def home(request: GuestRequest) -> HttpResponse:
    if request.continuum is None:
        return render(request, "conferencing/home/home_nowhere.html", status=403)
    if request.is_guest:
        calls = guest_home(request.user, now=timezone.now())
        return render(request, "conferencing/home/home_guest.html", calls)
    context = home_page(request.user, now=timezone.now())
    if context["steps"]:
        give_forms(context["steps"]["rows"])
    return render(request, "conferencing/home/home.html", {**context, "next": request.path})


LONGEST = 200


@require_http_methods(["GET", "POST"])
def search(request: ContinuumRequest) -> HttpResponse:
    """Find households, agencies, people and calls. By POST: a name has no place in an address."""
    if request.continuum is None:
        raise PermissionDenied("Your account belongs to no continuum.")
    text = request.POST.get("find", "").strip()[:LONGEST]
    page = search_page(request.user, text, now=timezone.now())
    return render(request, "conferencing/home/search.html", page)


@require_POST
def search_typed(request: ContinuumRequest) -> HttpResponse:
    """The list below the search of the header, as one types."""
    if request.continuum is None:
        raise PermissionDenied("Your account belongs to no continuum.")
    text = request.POST.get("find", "").strip()[:LONGEST]
    offers = offers_as_typed(request.user, text, now=timezone.now())
    return render(request, "conferencing/home/search_typed.html", {"offers": offers})
