"""Set-up that reaches into calls and participants: how early lists go out, counties that move."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

import regions.services
from conferencing.forms.counties import MoveCountyForm
from conferencing.forms.minutes import MinutesChoiceForm
from conferencing.forms.rules import LeadDaysForm
from conferencing.services import counties, lead_days
from conferencing.views.meetings import PLAN, get_continuum
from conferencing.views.rules import get_region
from regions.models import County, Region


@require_http_methods(["GET", "POST"])
def lead_days_edit(request):
    """How early lists go out, after looking at what that does to the calls ahead."""
    continuum = get_continuum(request, PLAN)
    now = timezone.now()
    form = LeadDaysForm(request.POST or None, initial={"lead_days": continuum.lead_days})
    context = {"form": form, "is_shown": False}
    if request.method == "POST" and form.is_valid():
        days = form.cleaned_data["lead_days"]
        if request.POST.get("step") == "save":
            try:
                lead_days.change_lead_days(
                    continuum,
                    lead_days=days,
                    seen=request.POST.get("seen", ""),
                    actor=request.user,
                    now=now,
                )
            except ValidationError as error:
                messages.warning(request, " ".join(error.messages))
            else:
                messages.success(request, "Saved.")
                return redirect("regions:region_list")
        rows, seen = lead_days.preview_lead_days(continuum, days, now=now)
        context |= {"is_shown": True, "rows": rows, "seen": seen}
        context["at_once"] = [row for row in rows if row.is_at_once]
    return render(request, "conferencing/lead_days_edit.html", context)


@require_http_methods(["GET", "POST"])
def minutes_choice_edit(request):
    """Whether the minutes of a call are mailed when it is closed."""
    continuum = get_continuum(request, PLAN)
    form = MinutesChoiceForm(
        request.POST or None,
        initial={"sends_minutes": "yes" if continuum.sends_minutes else "no"},
    )
    if request.method == "POST" and form.is_valid():
        regions.services.change_sends_minutes(
            continuum, actor=request.user, now=timezone.now(), **form.cleaned_data
        )
        messages.success(request, "Saved.")
        return redirect("regions:region_list")
    return render(request, "conferencing/minutes_choice_edit.html", {"form": form})


@require_http_methods(["GET", "POST"])
def county_move(request, pk):
    """Move a county, with the participants kept in it, to another region."""
    visible = Region.objects.visible_to(request.user)
    county = get_object_or_404(
        County.objects.filter(region__in=visible).select_related("region__continuum"), pk=pk
    )
    get_region(request, county.region_id)
    form = MoveCountyForm(request.POST or None, county=county)
    if request.method == "POST" and form.is_valid():
        try:
            counties.move_county(county, actor=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"{county} is moved to {form.cleaned_data['region']}.")
            return redirect(form.cleaned_data["region"])
    context = {"county": county, "form": form, "effects": counties.effects_of_move(county)}
    return render(request, "conferencing/county_move.html", context)
