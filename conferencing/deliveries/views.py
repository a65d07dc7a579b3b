"""Pages that any paper's deliveries ask: sure about this, and why not yet."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.named_fields import NamedFields
from accounts.refusals import refusals
from agreements.models import Agency
from conferencing.models import Meeting
from regions.middleware import ContinuumRequest


def confirmed(
    request: ContinuumRequest,
    meeting: Meeting,
    *,
    form: NamedFields | None,
    act: Callable[[dict[str, Any]], object],  # Any: what was typed
    done: str,
    back: str = "conferencing:list_detail",
    **context: object,
) -> HttpResponse:
    """Ask first, saying what will be done; then do it, or show what is in the way.

    `back`: where it leads once it is done; `cancel_url`: where else, if not there.
    """
    url = reverse(back, args=[meeting.pk])
    if request.method == "POST" and (form is None or form.is_valid()):
        with refusals(request if form is None else form):
            act(form.cleaned_data if form else {})
            messages.success(request, done)
            return redirect(url)
        if form is None:
            return redirect(url)
    context = {"cancel_url": url} | context | {"meeting": meeting, "form": form}
    return render(request, "conferencing/deliveries/list_confirm.html", context)


def not_yet(
    request: ContinuumRequest,
    meeting: Meeting,
    why_not: str,
    *,
    agency: Agency | None,
    title: str,
    back: str = "conferencing:list_detail",
) -> HttpResponse:
    """Say why somebody cannot be sent their copy, with the way to where it is put right."""
    may_see = agency and request.user.has_perm("agreements.view_standing", agency)
    context = {
        "meeting": meeting,
        "why_not": why_not,
        "agency": agency if may_see else None,
        "title": title,
        "back_url": reverse(back, args=[meeting.pk]),
    }
    return render(request, "conferencing/deliveries/delivery_not_yet.html", context)
