"""Set-up pages: the continuum, its regions and counties, its review criteria."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import undo as offers
from accounts.access import get_permitted_or_404
from accounts.decorators import recently_authenticated
from accounts.refusals import refusals
from regions import services, undo
from regions.calling import describe, zone_name
from regions.county_names import counties_left
from regions.forms import (
    ContinuumForm,
    CountiesForm,
    CountyForm,
    CriteriaForm,
    ExportByForm,
    RegionForm,
    WhoSeesNamesForm,
)
from regions.middleware import ContinuumRequest
from regions.models import CallingRule, Continuum, County, Region
from regions.review_criteria import change_criteria, criteria_of

PLAN = "regions.plan_calls"
CHOOSE_NAMES = "regions.choose_who_sees_names"


def get_continuum(request: ContinuumRequest, perm: str | None = None) -> Continuum:
    visible = Continuum.objects.visible_to(request.user)
    key = request.continuum.pk if request.continuum else None
    if perm:
        return get_permitted_or_404(request.user, perm, visible, pk=key)
    return get_object_or_404(visible, pk=key)


def get_region(request: ContinuumRequest, pk: uuid.UUID, perm: str | None = None) -> Region:
    visible = Region.objects.visible_to(request.user).select_related("continuum")
    if perm:
        return get_permitted_or_404(request.user, perm, visible, pk=pk)
    return get_object_or_404(visible, pk=pk)


def get_county(request: ContinuumRequest, pk: uuid.UUID) -> County:
    visible = Region.objects.visible_to(request.user)
    county = get_object_or_404(
        County.objects.filter(region__in=visible).select_related("region__continuum"), pk=pk
    )
    get_region(request, county.region_id, PLAN)
    return county


def offer_undo(
    request: ContinuumRequest, kind: str, place: str, words: str, data: undo.OfRegion
) -> None:
    offers.offer(request, kind, place=place, words=words, data=data, now=timezone.now())


@require_GET
def region_list(request: ContinuumRequest) -> HttpResponse:
    """The continuum's set-up at a glance: regions, counties, rules, words."""
    continuum = get_continuum(request)
    context = {
        **set_up_of(continuum),
        "continuum": continuum,
        "closed_days": continuum.offices.closed_days,
        "moved": request.GET.get("moved", ""),
        "moved_by": request.GET.get("by", ""),
        "zone": zone_name(continuum.zone),
        "may_plan": request.user.has_perm(PLAN, continuum),
        "may_choose_names": request.user.has_perm(CHOOSE_NAMES, continuum),
    }
    return render(request, "regions/region_list.html", context)


def set_up_of(continuum: Continuum) -> dict[str, object]:
    """A continuum's regions with their rules in words and the reasons they use, for the page."""
    rules = {
        rule.region_id: describe(rule.as_rule())
        for rule in CallingRule.objects.filter(continuum=continuum).select_related("continuum")
    }
    rows = [
        {
            "region": region,
            "rule": rules.get(region.pk),
            "criteria": [each for each in region.criteria.all() if each.is_used],
        }
        for region in continuum.regions.prefetch_related("counties", "criteria")
    ]
    return {"rows": rows, "coc_wide": rules.get(None)}


@require_http_methods(["GET", "POST"])
def continuum_edit(request: ContinuumRequest) -> HttpResponse:
    """Confidentiality notice, purpose, ground rules, the link to the CoC-wide call."""
    continuum = get_continuum(request, PLAN)
    form = ContinuumForm(request.POST or None, instance=continuum)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            services.change_continuum(continuum, actor=request.user, **form.cleaned_data)
            messages.success(request, "The set-up is saved.")
            return redirect("regions:region_list")
    return render(request, "regions/continuum_edit.html", {"form": form})


@recently_authenticated
@require_http_methods(["GET", "POST"])
def who_sees_names(request: ContinuumRequest) -> HttpResponse:
    """Whether the CE Specialists see all names, with what that does and who chose it."""
    continuum = get_continuum(request, CHOOSE_NAMES)
    initial = {
        "specialists_see": "yes" if continuum.specialists_see_names_since else "no",
        "why": continuum.specialists_see_names_why,
    }
    form = WhoSeesNamesForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            services.choose_who_sees_names(
                continuum, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
            messages.success(request, "Saved. It takes effect immediately.")
            return redirect("regions:region_list")
    return render(request, "regions/who_sees_names.html", {"form": form, "continuum": continuum})


@require_http_methods(["GET", "POST"])
def export_by_edit(request: ContinuumRequest) -> HttpResponse:
    """Who may take the by-name list and the minutes out as files."""
    continuum = get_continuum(request, PLAN)
    form = ExportByForm(request.POST or None, initial={"export_by": continuum.export_by})
    if request.method == "POST" and form.is_valid():
        services.change_setting(continuum, actor=request.user, **form.cleaned_data)
        messages.success(request, "Saved. Takes effect immediately.")
        return redirect("regions:region_list")
    return render(request, "regions/export_by_edit.html", {"form": form})


@require_http_methods(["GET", "POST"])
def region_add(request: ContinuumRequest) -> HttpResponse:
    continuum = get_continuum(request, PLAN)
    form = RegionForm(request.POST or None, instance=Region(continuum=continuum))
    if request.method == "POST" and form.is_valid():
        data = {name: form.cleaned_data[name] for name in Region.SET_UP}
        with refusals(form):
            region = services.add_region(continuum, actor=request.user, **data)
            messages.success(request, "The region is added. Give it its counties and its rule.")
            return redirect(region)
    return render(request, "regions/region_add.html", {"form": form})


@require_GET
def region_detail(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """One region: counties, rule, criteria, link."""
    region = get_region(request, pk)
    rule = CallingRule.objects.filter(region=region).select_related("continuum").first()
    context = {
        "region": region,
        "counties": region.counties.all(),
        "rule": describe(rule.as_rule()) if rule else None,
        "criteria": [each for each in criteria_of(region) if each.is_used],
        "may_plan": request.user.has_perm(PLAN, region),
    }
    return render(request, "regions/region_detail.html", context)


@require_http_methods(["GET", "POST"])
def region_edit(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    region = get_region(request, pk, PLAN)
    form = RegionForm(request.POST or None, instance=region)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            services.change_region(region, actor=request.user, **form.cleaned_data)
            messages.success(request, "The region is saved.")
            return redirect(region)
    return render(request, "regions/region_edit.html", {"form": form, "region": region})


@require_POST
def region_move(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """One place up or down in the order."""
    region = get_region(request, pk, PLAN)
    up = request.POST.get("direction") == "up"
    before = undo.order_of(region.continuum_id)
    services.move_region(region, up=up, actor=request.user)
    data: undo.Order = {
        "region": str(region.pk),
        "before": before,
        "after": undo.order_of(region.continuum_id),
    }
    words = f"{region} is moved {'up' if up else 'down'}."
    if data["before"] != data["after"]:
        offer_undo(request, undo.ORDER, reverse("regions:region_list"), words, data)
    messages.success(request, words)
    moved = f"?moved={region.pk}&by={'up' if up else 'down'}"
    return redirect(reverse("regions:region_list") + moved)


@require_http_methods(["GET", "POST"])
def county_add(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    region = get_region(request, pk, PLAN)
    form = CountiesForm(request.POST or None, choices=counties_left(region))
    if request.method == "POST" and form.is_valid():
        names = form.cleaned_data["name"]
        with refusals(form):
            added = services.add_counties(region, names=names, actor=request.user)
            named = ", ".join(county.name for county in added)
            are = "is" if len(added) == 1 else "are"
            messages.success(request, f"{named} {are} added.")
            return redirect(region)
    return render(request, "regions/county_add.html", {"form": form, "region": region})


@require_http_methods(["GET", "POST"])
def county_rename(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    county = get_county(request, pk)
    form = CountyForm(request.POST or None, initial={"name": county.name})
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            services.rename_county(county, actor=request.user, **form.cleaned_data)
            messages.success(request, "The county is renamed.")
            return redirect(county.region)
    return render(request, "regions/county_rename.html", {"form": form, "county": county})


@require_http_methods(["GET", "POST"])
def county_remove(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    county = get_county(request, pk)
    if request.method == "POST":
        region = county.region
        with refusals(request):
            services.remove_county(county, actor=request.user)
            words = f"{county.name} is removed."
            data: undo.RemovedCounty = {"region": str(region.pk), "name": county.name}
            offer_undo(request, undo.COUNTY, region.get_absolute_url(), words, data)
            messages.success(request, words)
        return redirect(region)
    return render(request, "regions/county_remove.html", {"county": county})


@require_http_methods(["GET", "POST"])
def criteria_edit(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Which reasons put a household on the roster, in which order."""
    region = get_region(request, pk, PLAN)
    form = CriteriaForm(criteria_of(region), request.POST or None)
    if request.method == "POST" and request.POST.get("move"):
        kind, _colon, direction = request.POST["move"].partition(":")
        if direction not in ("up", "down"):
            raise Http404("No such direction")
        form.move(kind, up=direction == "up")
    elif request.method == "POST" and form.is_valid():
        _change_criteria(request, region, form)
        if not form.errors:
            messages.success(request, "The review criteria are saved.")
            return redirect(region)
    context = {"region": region, "criteria": form, "errors": form.errors, "has_errors": form.errors}
    return render(request, "regions/criteria_edit.html", context)


def _change_criteria(request: ContinuumRequest, region: Region, form: CriteriaForm) -> None:
    """Save what was typed; the form says what is wrong with it."""
    before = undo.rows_of(region)
    with refusals(form):
        change_criteria(region, rows=form.cleaned, seen=form.seen, actor=request.user)
        data: undo.Criteria = {
            "region": str(region.pk),
            "before": before,
            "after": undo.rows_of(region),
        }
        if data["before"] != data["after"]:
            words = "The review criteria are changed."
            offer_undo(request, undo.CRITERIA, region.get_absolute_url(), words, data)
