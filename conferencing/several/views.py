"""The page on which one thing is done for the households that were checked on the list."""

import uuid
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

import audit.services
from accounts.refusals import refusals
from agreements.access import refuse_without_standing
from participants.disclosures import shown_to
from participants.models import Participant
from participants.naming import Label, labels
from participants.views.participants import visible
from participants.views.releases import keys_of
from regions.middleware import ContinuumRequest
from regions.words import plural

from . import acts
from .acts import MOST, VIEWED, Act
from .forms import Chosen

LIST = "participants:participant_list"


def several(request: ContinuumRequest, act: Act) -> HttpResponse:
    """The checked households (`?chosen=…`), and the form; sent, it is done for each of them.

    For whom it is done, leaves the page; who is left, stays on it, each with the reason.
    """
    refuse_without_standing(request)
    now = timezone.now()
    checked = checked_of(request)
    may = act.may_for(request.user, checked)
    people = [each for each in checked if each.pk in may]
    sent = (request.POST, request.FILES) if request.POST else ()
    form = act.make(*sent, chosen=Chosen(people, request.user, now))
    refused: acts.Refused = {}
    if request.method == "POST" and people and form.is_valid():
        with refusals(form):
            refused = act.run(people, form.cleaned_data, actor=request.user, now=now)
            if done := len(people) - len(refused):
                messages.success(request, f"Done for {plural(done, 'household')}.")
            if not refused:
                return redirect(list_address(request))
            people = [each for each in people if each.pk in refused]
    names = note_look(request, checked, now)
    context = {
        "act": act,
        "form": form,
        "rows": [
            {"participant": each, "label": names[each.pk], "refused": refused.get(each.pk, "")}
            for each in people
        ],
        "others": [names[each.pk] for each in checked if each.pk not in may],
        "address": address_of(request, people),
        "list_address": list_address(request),
    }
    return render(request, "conferencing/several/several.html", context)


def checked_of(request: ContinuumRequest) -> list[Participant]:
    """The households whose keys the address holds, of those that this person may know of."""
    keys = sorted(keys_of(request.GET.getlist("chosen")))[:MOST]
    rows = visible(request).filter(pk__in=keys)
    return list(
        rows.select_related("agency", "region", "continuum", "place", "navigator__user").order_by(
            "alias", "pk"
        )
    )


def note_look(
    request: ContinuumRequest, people: list[Participant], now: datetime
) -> dict[uuid.UUID, Label]:
    """What each is called on the page; that they were shown is recorded."""
    names = labels(people, request.user, now)
    if people:
        audit.services.record(
            VIEWED,
            actor=request.user,
            continuum_id=request.user.membership.continuum_id,
            detail=shown_to(names),
            now=now,
        )
    return names


def address_of(request: ContinuumRequest, people: list[Participant]) -> str:
    """The page's own address with the households that are left."""
    query = QueryDict(mutable=True)
    query.setlist("chosen", [str(each.pk) for each in people])
    if "list" in request.GET:
        query["list"] = request.GET["list"]
    return f"{request.path}?{query.urlencode()}"


def list_address(request: ContinuumRequest) -> str:
    """The list as it was when the households were checked."""
    chosen = QueryDict(request.GET.get("list", "")).urlencode()
    return reverse(LIST) + (f"?{chosen}" if chosen else "")


@require_http_methods(["GET", "POST"])
def several_contact(request: ContinuumRequest) -> HttpResponse:
    return several(request, acts.CONTACT)


@require_http_methods(["GET", "POST"])
def several_place(request: ContinuumRequest) -> HttpResponse:
    return several(request, acts.PLACE)


@require_http_methods(["GET", "POST"])
def several_navigator(request: ContinuumRequest) -> HttpResponse:
    return several(request, acts.NAVIGATOR)


@require_http_methods(["GET", "POST"])
def several_release(request: ContinuumRequest) -> HttpResponse:
    return several(request, acts.RELEASE)


@require_http_methods(["GET", "POST"])
def several_roster(request: ContinuumRequest) -> HttpResponse:
    return several(request, acts.ROSTER)
