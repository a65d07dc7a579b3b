from django.http import HttpResponse
from django.shortcuts import render

from accounts.access import SignedInRequest

from .entries import BY_NAME, alphabetically


def glossary(request: SignedInRequest) -> HttpResponse:
    """The terms of the field, for everybody who signed in: it says nothing of any continuum."""
    entries = [(each, [BY_NAME[name] for name in each.see]) for each in alphabetically()]
    letters = {each.name[0].upper(): each for each, _ in reversed(entries)}
    page = {"entries": entries, "letters": sorted(letters.items())}
    return render(request, "conferencing/glossary/glossary.html", page)
