"""Agencies, and the page of who is in standing."""

import uuid
from collections.abc import Iterable

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import get_permitted_or_404
from accounts.decorators import recently_authenticated
from accounts.refusals import refusals
from regions.middleware import ContinuumRequest

from ..forms.agencies import AgencyFilterForm, AgencyForm, NewAgencyForm
from ..models import Agency, AgencyAgreement, AgreementForm
from ..models.agencies import AgencyQuerySet, StaffMemberQuerySet
from ..overview import narrowed, tally
from ..services.agencies import add_agency, change_agency
from ..standing import AgencyLine, PersonLine, specialist_standings, standings
from .people import (
    continuum_or_404,
    invitation_state,
    leaving_context,
    open_things_of_agency,
    step_of,
)


@require_safe
def agency_list(request: ContinuumRequest) -> HttpResponse:
    continuum = continuum_or_404(request)
    agencies = Agency.objects.visible_to(request.user).select_related("continuum")
    sees_all = request.user.has_perm("agreements.view_standing")
    own = agencies.with_place_of(request.user)
    lines = standings(agencies if sees_all else own, request.today)
    context = {
        "continuum": continuum,
        "rows": agency_rows(agencies, lines, own),
        "sees_all": sees_all,
        "may_add": request.user.has_perm("agreements.manage_agencies"),
    }
    return render(request, "agreements/agency_list.html", context)


def agency_rows(
    agencies: AgencyQuerySet, lines: list[AgencyLine], own: Iterable[Agency]
) -> list[dict[str, object]]:
    """Each agency with its regions, and with its line of standing where that may be seen."""
    by_agency = {line.agency.pk: line for line in lines}
    regions = agencies.regions_by_agency()
    own_keys = {agency.pk for agency in own}
    return [
        {
            "agency": agency,
            "regions": regions.get(agency.pk, []),
            "line": by_agency.get(agency.pk),
            "is_own": agency.pk in own_keys,
        }
        for agency in agencies
    ]


@require_safe
def standing_list(request: ContinuumRequest) -> HttpResponse:
    continuum = continuum_or_404(request)
    agencies = Agency.objects.visible_to(request.user).select_related("continuum")
    sees_all = request.user.has_perm("agreements.view_standing")
    if not sees_all:
        agencies = agencies.with_place_of(request.user)
    filters = AgencyFilterForm(request.GET, continuum=continuum)
    show, region = filters.chosen
    lines = standings(agencies, request.today)
    context = {
        "continuum": continuum,
        "filters": filters,
        "sees_all": sees_all,
        "tally": tally(lines),
        "lines": narrowed(lines, show=show, region=region),
        "specialists": specialist_standings(continuum, request.today)
        if sees_all and not (show or region)
        else [],
    }
    return render(request, "agreements/standing_list.html", context)


@require_safe
def agency_detail(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    agencies = Agency.objects.visible_to(request.user).select_related("continuum", "group")
    agency = get_object_or_404(agencies, pk=pk)
    user = request.user
    context = {
        "agency": agency,
        "regions": agency.regions(),
        "may_see_standing": user.has_perm("agreements.view_standing", agency),
        "may_change": user.has_perm("agreements.manage_agencies", agency),
        "may_manage_people": user.has_perm("agreements.manage_people", agency),
        "may_sign": user.has_perm("agreements.sign_agreement", agency),
        "may_upload": user.has_perm("agreements.countersign_agreement", agency),
    }
    if context["may_see_standing"]:
        agreements = AgencyAgreement.objects.visible_to(user).filter(agency=agency)
        line = standings([agency], request.today)[0]
        context |= {
            "line": line,
            "people": people_rows(line),
            "former": former_people(agency) if context["may_manage_people"] else [],
            "has_text": AgreementForm.objects.in_use(agency.continuum, "agency") is not None,
            "agreements": [
                (each, each.state(request.today))
                for each in agreements.select_related("form", "countersigned_by")
                .without_documents()
                .order_by("-entered_at")
            ],
        }
    return render(request, "agreements/agency_detail.html", context)


def people_rows(line: AgencyLine) -> list[tuple[PersonLine, tuple[str, str]]]:
    """Each person of the agency with how far their invitation has come."""
    prefetch_related_objects([person.user for person in line.people], "invitations")
    prefetch_related_objects([person.place for person in line.people if person.place], "regions")
    now = timezone.now()
    return [(person, invitation_state(person.user, now)) for person in line.people]


def former_people(agency: Agency) -> StaffMemberQuerySet:
    """The places that ended, the latest first."""
    return agency.staff.filter(ended_on__isnull=False).select_related("user").order_by("-ended_on")


@require_http_methods(["GET", "POST"])
@permission_required("agreements.manage_agencies", raise_exception=True)
@recently_authenticated
def agency_add(request: ContinuumRequest) -> HttpResponse:
    continuum = continuum_or_404(request)
    form = NewAgencyForm(request.POST or None, continuum=continuum)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            agency = add_agency(
                continuum,
                actor=request.user,
                regions=form.cleaned_data["regions"],
                **form.values,
            )
            messages.success(request, f"{agency} was added. Invite its lead next.")
            return redirect(agency)
    return render(request, "agreements/agency_add.html", {"form": form, "continuum": continuum})


@require_http_methods(["GET", "POST"])
@recently_authenticated
def agency_edit(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    agency = get_permitted_or_404(
        request.user,
        "agreements.manage_agencies",
        Agency.objects.visible_to(request.user).select_related("continuum"),
        pk=pk,
    )
    was_active = agency.is_active
    form = AgencyForm(request.POST or None, instance=agency, continuum=agency.continuum)
    # Asked only once the tick is taken away; what is open is shown to whoever may see it.
    ends = was_active and form.is_bound and form.is_valid() and not form.values["is_active"]
    open_things = open_things_of_agency(request, agency) if ends else None
    step = step_of(request, form, open_things) if open_things else "save"
    if request.method == "POST" and form.is_valid() and step == "save":
        with refusals(form):
            change_agency(
                agency,
                actor=request.user,
                revision=form.cleaned_data["revision"],
                regions=form.cleaned_data["regions"],
                answers=open_things.answers if open_things else None,
                **form.values,
            )
            messages.success(request, "The agency was changed.")
            return redirect(agency)
    if open_things and open_things.found and not form.errors:
        context = leaving_context(form, open_things, step, agency=agency)
        return render(request, "agreements/agency_end.html", context)
    return render(request, "agreements/agency_edit.html", {"form": form, "agency": agency})
