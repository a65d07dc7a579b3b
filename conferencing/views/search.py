"""The search of the header."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from conferencing.services.finding import search_page

LONGEST = 200


@require_http_methods(["GET", "POST"])
def search(request):
    """Find households, agencies, people and calls. By POST: a name has no place in an address."""
    if request.continuum is None:
        raise PermissionDenied("Your account belongs to no continuum.")
    text = request.POST.get("find", "").strip()[:LONGEST]
    page = search_page(request.user, text, on=request.today, now=timezone.now())
    return render(request, "conferencing/search.html", page)
