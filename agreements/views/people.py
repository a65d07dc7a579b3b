"""An agency's people, and what each chooses for themselves."""

import uuid
from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import get_permitted_or_404
from accounts.decorators import recently_authenticated
from accounts.models import User
from accounts.named_fields import Form
from accounts.refusals import refusals
from accounts.services import restart_access
from regions.middleware import ContinuumRequest
from regions.models import Continuum

from .. import leaving
from ..forms.leaving import AgencyLeavingForm, LeavingForm
from ..forms.people import (
    ChoiceOfRegionsForm,
    EndPlaceForm,
    InviteForm,
    MoveForm,
    PlaceForm,
    RestartForm,
)
from ..models import Agency, PersonalStatement, StaffMember
from ..models.agencies import StaffMemberQuerySet
from ..overview import agreement_needed, statement_needed
from ..services.people import (
    change_place,
    choose_regions,
    end_place,
    invite_person,
    move_person,
    reinvite_person,
)
from ..standing import person_standing

MANAGE = "agreements.manage_people"


def continuum_or_404(request: ContinuumRequest) -> Continuum:
    """The person's continuum; 404 for an account that belongs to none."""
    return get_object_or_404(Continuum.objects.visible_to(request.user))


def places(request: ContinuumRequest) -> StaffMemberQuerySet:
    return StaffMember.objects.visible_to(request.user).select_related("user", "agency__continuum")


def permitted_place(request: ContinuumRequest, pk: uuid.UUID, perm: str = MANAGE) -> StaffMember:
    """A place that has not ended and that the person may change."""
    return get_permitted_or_404(
        request.user, perm, places(request).filter(ended_on__isnull=True), pk=pk
    )


def invitation_state(user: User, now: datetime) -> tuple[str, str]:
    """How far the person's invitation has come: text, tone."""
    if user.has_usable_password():
        return "Active", "good"
    # All of them, newest first: lists have them fetched beforehand.
    last = next(iter(user.invitations.all()), None)
    if last is None:
        return "Not invited", "bad"
    if last.is_open(now):
        return "Invited, not yet accepted", "warn"
    return "Invitation expired", "bad"


@require_http_methods(["GET", "POST"])
@recently_authenticated
def staff_invite(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    agency = get_permitted_or_404(
        request.user,
        MANAGE,
        Agency.objects.visible_to(request.user).select_related("continuum"),
        pk=pk,
    )
    form = InviteForm(
        request.POST or None,
        agency=agency,
        may_appoint=request.user.has_perm("agreements.appoint_lead", agency),
    )
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            place = invite_person(agency, actor=request.user, **form.values)
            messages.success(request, f"{place.user.name} was added to {agency} and gets an email.")
            return redirect(agency)
    return render(request, "agreements/staff_invite.html", {"agency": agency, "form": form})


@require_safe
def staff_detail(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    place = get_permitted_or_404(request.user, MANAGE, places(request), pk=pk)
    statements = PersonalStatement.objects.visible_to(request.user).filter(user=place.user)
    words, tone = invitation_state(place.user, timezone.now())
    context = {
        "place": place,
        "line": {"standing": person_standing(place.user, request.today)},
        "invitation": words,
        "invitation_tone": tone,
        "may_reinvite": not place.user.has_usable_password(),
        "may_restart": place.user.has_usable_password()
        and place.user_id != request.user.pk
        and request.user.has_perm("agreements.restart_access", place),
        "may_edit": place.user_id != request.user.pk,
        "may_move": place.user_id != request.user.pk
        and request.user.has_perm("agreements.move_person", place),
        "may_end": place.user_id != request.user.pk,
        "may_revoke": request.user.has_perm("agreements.manage_agencies"),
        "statements": [
            (each, each.state(request.today))
            for each in statements.select_related("form").without_documents()
        ],
        "may_read_statements": request.user.has_perm("agreements.manage_agencies")
        or place.user_id == request.user.pk,
    }
    return render(request, "agreements/staff_detail.html", context)


@require_http_methods(["GET", "POST"])
@recently_authenticated
def staff_edit(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    place = permitted_place(request, pk)
    form = PlaceForm(
        request.POST or None,
        instance=place,
        agency=place.agency,
        may_appoint=request.user.has_perm("agreements.appoint_lead", place),
    )
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            change_place(
                place,
                actor=request.user,
                revision=form.cleaned_data["revision"] or 0,
                **form.values,
            )
            messages.success(request, f"The role of {place.user.name} was changed.")
            return redirect(place)
    return render(request, "agreements/staff_edit.html", {"place": place, "form": form})


@require_http_methods(["GET", "POST"])
@recently_authenticated
def staff_reinvite(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    place = permitted_place(request, pk)
    form = Form(request.POST)
    if request.method == "POST":
        with refusals(form):
            reinvite_person(place, actor=request.user)
            messages.success(request, f"{place.user.name} gets a new invitation by mail.")
            return redirect(place)
    context = {"place": place, "form": form}
    return render(request, "agreements/staff_reinvite.html", context)


@require_http_methods(["GET", "POST"])
@recently_authenticated
def staff_restart(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """For somebody who lost their second factor or their mailbox: begin anew."""
    place = permitted_place(request, pk, "agreements.restart_access")
    form = RestartForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            restart_access(place.user, actor=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, f"{place.user.name} gets a new invitation by mail.")
            return redirect(place)
    return render(request, "agreements/staff_restart.html", {"place": place, "form": form})


@require_http_methods(["GET", "POST"])
def staff_end(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Remove somebody's access, and say who takes over what they have open."""
    place = permitted_place(request, pk)
    form = EndPlaceForm(request.POST or None, initial={"ended_on": request.today})
    open_things = open_things_form(request, place)
    step = step_of(request, form, open_things)
    if step == "save":
        with refusals(form):
            end_place(
                place,
                actor=request.user,
                ended_on=form.cleaned_data["ended_on"],
                answers=open_things.answers,
            )
            messages.success(request, f"{place.user.name} no longer has access by this agency.")
            return redirect(place.agency)
    return render(
        request, "agreements/staff_end.html", leaving_context(form, open_things, step, place=place)
    )


@require_http_methods(["GET", "POST"])
@recently_authenticated
def staff_move(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Give somebody a place in another agency; what they have open stays with the former one."""
    place = permitted_place(request, pk, "agreements.move_person")
    form = MoveForm(request.POST or None, place=place)
    open_things = open_things_form(request, place)
    step = step_of(request, form, open_things)
    if step == "save":
        with refusals(form):
            moved = move_person(
                place, actor=request.user, answers=open_things.answers, **form.cleaned_data
            )
            messages.success(request, f"{moved.user.name} is now with {moved.agency}.")
            return redirect(moved)
    return render(
        request, "agreements/staff_move.html", leaving_context(form, open_things, step, place=place)
    )


def open_things_form(request: ContinuumRequest, place: StaffMember) -> LeavingForm:
    """What the person has open, as this viewer may read it, with who may take it over."""
    people = (
        StaffMember.objects.in_good_standing(request.today)
        .filter(agency=place.agency_id)
        .exclude(pk=place.pk)
        .select_related("user")
        .order_by("user__name")
    )
    found = leaving.open_of(place, request.user, timezone.now())
    return LeavingForm(request.POST or None, found=found, people=people)


def open_things_of_agency(
    request: ContinuumRequest, agency: Agency, *, is_asked: bool = True
) -> AgencyLeavingForm:
    """What an agency's people have open, with who of other agencies may take it over.

    Without answers where the page before did not ask for any yet.
    """
    people = (
        StaffMember.objects.in_good_standing(request.today)
        .filter(agency__continuum=agency.continuum_id)
        .exclude(agency=agency)
        .select_related("user", "agency")
        .order_by("agency__name", "user__name")
    )
    found = leaving.open_of_agency(agency, request.user, timezone.now()) if is_asked else []
    was_asked = not found or "everything" in request.POST or "reason" in request.POST
    data = request.POST if request.method == "POST" and was_asked else None
    return AgencyLeavingForm(data, found=found, people=people)


def leaving_context(
    form: forms.BaseForm, open_things: LeavingForm, step: str, **whose: Agency | StaffMember
) -> dict[str, object]:
    return {
        **whose,
        "form": form,
        "open_things": open_things,
        "is_check": step == "check",
        "has_errors": bool(form.errors or open_things.errors),
    }


def step_of(request: ContinuumRequest, form: forms.BaseForm, open_things: LeavingForm) -> str:
    """`check` to look at the answers, `save` to act on them, empty while something is missing."""
    is_whole = form.is_valid() and open_things.is_valid()
    if request.method != "POST" or not is_whole:
        return ""
    wants_check = open_things.found and request.POST.get("step") != "save"
    return "check" if wants_check else "save"


@require_http_methods(["GET", "POST"])
@recently_authenticated(methods=["POST"])
def my_place(request: ContinuumRequest) -> HttpResponse:
    """The person's own: where they stand, which regions they follow, whether they get the list."""
    continuum = continuum_or_404(request)
    place = places(request).filter(user=request.user, ended_on__isnull=True).first()
    if place is None and request.method == "POST":
        raise Http404
    form = None
    if place:
        form = ChoiceOfRegionsForm(request.POST or None, instance=place)
        if request.method == "POST" and form.is_valid():
            with refusals(form):
                choose_regions(place, **form.cleaned_data)
                messages.success(request, "Your choice was saved.")
                return redirect("agreements:my_place")
    context = {
        "place": place,
        "form": form,
        "line": {"standing": person_standing(request.user, request.today)},
        "need": statement_needed(request.user, continuum, request.today),
        "agreement": agreement_needed(place.agency, request.today) if place else None,
        "may_sign": place and request.user.has_perm("agreements.sign_agreement", place.agency),
    }
    return render(request, "agreements/my_place.html", context)
