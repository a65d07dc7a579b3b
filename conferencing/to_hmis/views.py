"""What goes to HMIS: looked at, decided row by row, taken as a file, ticked as keyed."""

import uuid
from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.decorators import recently_authenticated
from accounts.refusals import refusals
from agreements.access import refuse_without_standing
from agreements.models import Agency
from conferencing.access import get_continuum, get_permitted_meeting
from regions.middleware import ContinuumRequest, continuum_of

from . import acts
from .facts import keys_of
from .forms import AddEventForm, HmisUsersForm, ScopeForm, TakeForm, form_of
from .gathering import fact_at
from .pages import (
    agency_of,
    closed_calls,
    discussed,
    keying_page,
    lines_of,
    people_of,
    record_look,
    take_page,
    to_hmis_page,
)

TAKE, KEY = "conferencing.take_to_hmis", "conferencing.key_into_hmis"
USERS = "regions.set_hmis_users"
KEPT = ("meeting", "since", "until", "show", "page")


def refuse_unless(request: ContinuumRequest, perm: str) -> None:
    refuse_without_standing(request)
    if not request.user.has_perm(perm):
        raise PermissionDenied


def scope_form(request: ContinuumRequest) -> ScopeForm:
    continuum = continuum_of(request)
    calls = closed_calls(continuum)
    return ScopeForm(request.GET, continuum=continuum, meetings=calls, today=request.today)


def back_to(request: ContinuumRequest, name: str) -> str:
    """The list as it was chosen: its filters go along with each of its links."""
    chosen = {key: request.GET[key] for key in KEPT if request.GET.get(key)}
    return reverse(f"conferencing:{name}") + (f"?{urlencode(chosen)}" if chosen else "")


@require_GET
def to_hmis(request: ContinuumRequest) -> HttpResponse:
    """Each row that goes to HMIS, in words, with what is left out and why."""
    refuse_unless(request, TAKE)
    form = scope_form(request)
    context = to_hmis_page(
        form.scope(),
        request.user,
        group=request.GET.get("show", ""),
        page=request.GET.get("page"),
        now=timezone.now(),
    )
    context |= {
        "filter_form": form,
        "meeting": form.scope().meeting,
        "may_set_users": request.user.has_perm(USERS),
    }
    return render(request, "conferencing/to_hmis/to_hmis.html", context)


@require_http_methods(["GET", "POST"])
@recently_authenticated
def to_hmis_take(request: ContinuumRequest) -> HttpResponse:
    """The zip for whoever says why, if it holds what they saw."""
    refuse_unless(request, TAKE)
    choice, now = scope_form(request), timezone.now()
    form = TakeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            content = acts.take_file(
                choice.scope(), actor=request.user, now=now, **form.cleaned_data
            )
            name = f"hmis-csv-{request.today:%Y-%m-%d}.zip"
            headers = {"Content-Disposition": f'attachment; filename="{name}"'}
            return HttpResponse(content, content_type="application/zip", headers=headers)
    context = take_page(choice.scope(), request.user, now=now)
    form.initial["seen"] = context["seen"]
    if form.is_bound:
        form.data = form.data.copy()
        form.data["seen"] = str(context["seen"])
    context |= {"form": form, "choice": choice, "list_url": back_to(request, "to_hmis")}
    return render(request, "conferencing/to_hmis/to_hmis_take.html", context)


@require_http_methods(["GET", "POST"])
def to_hmis_answer(request: ContinuumRequest, source: str, pk: uuid.UUID) -> HttpResponse:
    """Say what one row is in HMIS, where the file alone has no code for it."""
    refuse_unless(request, TAKE)
    continuum, now = continuum_of(request), timezone.now()
    fact = fact_at(source, pk, continuum, request.user, now)
    line = lines_of([fact], request.user, now=now)[0]
    if not line.may_answer:
        raise PermissionDenied(line.standing.why or "Nothing is to be decided about it.")
    form = form_of(fact, request.POST or None, continuum=continuum, today=request.today)
    back = back_to(request, "to_hmis")
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            acts.answer(fact, answers=form.answers, actor=request.user, now=now)
            messages.success(request, "Saved.")
            return redirect(back)
    record_look([line], continuum, request.user, page="to_hmis_answer", now=now)
    context = {"line": line, "form": form, "back": back}
    return render(request, "conferencing/to_hmis/to_hmis_answer.html", context)


@require_http_methods(["GET", "POST"])
def to_hmis_add(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Add an event that a call agreed and that no box of the review says."""
    meeting = get_permitted_meeting(request, pk, TAKE)
    now = timezone.now()
    found = {str(each[0].pk): each for each in discussed(meeting, request.user, now=now)}
    form = AddEventForm(
        request.POST or None,
        households=[(key, label.text) for key, (_review, _person, label) in found.items()],
        continuum=meeting.continuum,
        on=meeting.on,
        today=request.today,
    )
    back = f"{reverse('conferencing:to_hmis')}?meeting={meeting.pk}"
    if request.method == "POST" and form.is_valid():
        review, person, _label = found[form.cleaned_data["household"]]
        with refusals(form):
            acts.add_event(review, person, answers=form.answers, actor=request.user, now=now)
            messages.success(request, "Added.")
            return redirect(back)
    context = {"meeting": meeting, "form": form, "back": back, "has_households": bool(found)}
    return render(request, "conferencing/to_hmis/to_hmis_add.html", context)


@require_POST
def to_hmis_leave_out(request: ContinuumRequest, source: str, pk: uuid.UUID) -> HttpResponse:
    refuse_unless(request, TAKE)
    return done_to(request, source, pk, acts.leave_out, "Left out of HMIS.", back="to_hmis")


@require_POST
def to_hmis_put_back(request: ContinuumRequest, source: str, pk: uuid.UUID) -> HttpResponse:
    refuse_unless(request, TAKE)
    return done_to(request, source, pk, acts.take_in, "It goes to HMIS again.", back="to_hmis")


def done_to(
    request: ContinuumRequest,
    source: str,
    pk: uuid.UUID,
    act: Callable[..., object],
    words: str,
    *,
    back: str,
    agency: Agency | None = None,
) -> HttpResponse:
    """Do it to one row, of an agency's own where one is given, and go back to the list."""
    now = timezone.now()
    fact = fact_at(source, pk, continuum_of(request), request.user, now)
    if agency is not None and fact.person.agency_id != agency.pk:
        raise PermissionDenied("Another agency keys this one.")
    with refusals(request):
        act(fact, actor=request.user, now=now)
        messages.success(request, words)
    return redirect(back_to(request, back))


@require_GET
def to_hmis_keying(request: ContinuumRequest) -> HttpResponse:
    """What an agency keys by hand, where its HMIS takes no file."""
    refuse_unless(request, KEY)
    form = scope_form(request)
    context = keying_page(
        form.scope(),
        request.user,
        agency=agency_of(request.user),
        page=request.GET.get("page"),
        now=timezone.now(),
    )
    context |= {"filter_form": form, "may_take": request.user.has_perm(TAKE)}
    return render(request, "conferencing/to_hmis/to_hmis_keying.html", context)


@require_POST
def to_hmis_key(request: ContinuumRequest, source: str, pk: uuid.UUID) -> HttpResponse:
    return ticked(request, source, pk, acts.note_keyed, "Checked off.")


@require_POST
def to_hmis_unkey(request: ContinuumRequest, source: str, pk: uuid.UUID) -> HttpResponse:
    return ticked(request, source, pk, acts.take_back_keyed, "It waits to be keyed again.")


def ticked(
    request: ContinuumRequest, source: str, pk: uuid.UUID, act: Callable[..., object], words: str
) -> HttpResponse:
    """Tick or untick one line: of one's own agency, or of all for a CE Specialist."""
    refuse_unless(request, KEY)
    agency = agency_of(request.user)
    return done_to(request, source, pk, act, words, back="to_hmis_keying", agency=agency)


@require_http_methods(["GET", "POST"])
def hmis_users(request: ContinuumRequest) -> HttpResponse:
    """Who is who in HMIS: each row says who entered it."""
    continuum = get_continuum(request, USERS)
    form = HmisUsersForm(request.POST or None, people=people_of(continuum), keys=keys_of(continuum))
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            acts.set_hmis_users(continuum, keys=form.keys, actor=request.user, now=timezone.now())
            messages.success(request, "Saved.")
            return redirect("conferencing:hmis_users")
    return render(request, "conferencing/to_hmis/hmis_users.html", {"form": form})
