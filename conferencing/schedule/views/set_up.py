"""Set-up that reaches into calls and participants: when lists go out, closed days, counties."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

import regions.services
from accounts import undo
from accounts.refusals import refusals
from conferencing.access import get_continuum
from conferencing.call.forms.guests import GuestSightForm
from conferencing.minutes.forms import MinutesChoiceForm
from conferencing.schedule import closed_days, counties, lead_days
from conferencing.schedule.forms.closed_days import ClosedDayForm, MoveCountyForm
from conferencing.schedule.forms.rules import LeadDaysForm
from regions.federal import federal_holidays
from regions.middleware import ContinuumRequest
from regions.models import County, Region

from .meetings import PLAN
from .rules import get_region


@require_http_methods(["GET", "POST"])
def lead_days_edit(request: ContinuumRequest) -> HttpResponse:
    """How early lists go out, after looking at what that does to the calls ahead."""
    continuum = get_continuum(request, PLAN)
    now = timezone.now()
    form = LeadDaysForm(request.POST or None, initial={"lead_days": continuum.lead_days})
    context: dict[str, object] = {"form": form, "is_shown": False}
    if request.method == "POST" and form.is_valid():
        days = form.cleaned_data["lead_days"]
        if request.POST.get("step") == "save":
            with refusals(request):
                lead_days.change_lead_days(
                    continuum,
                    lead_days=days,
                    seen=request.POST.get("seen", ""),
                    actor=request.user,
                    now=now,
                )
                messages.success(request, "Saved.")
                return redirect("regions:region_list")
        rows, seen = lead_days.preview_lead_days(continuum, days, now=now)
        context |= {"is_shown": True, "rows": rows, "seen": seen}
        context["past"] = [row for row in rows if row.is_past]
    return render(request, "conferencing/schedule/lead_days_edit.html", context)


@require_GET
def closed_day_list(request: ContinuumRequest) -> HttpResponse:
    """The days on which the continuum's offices are closed, with their next dates."""
    continuum = get_continuum(request, PLAN)
    now = timezone.now()
    context = {"days": closed_days.kept_days(continuum, now=now), "year": request.today.year}
    context["federal"] = federal_holidays(request.today.year)
    return render(request, "conferencing/schedule/closed_day_list.html", context)


@require_http_methods(["GET", "POST"])
def closed_day_add(request: ContinuumRequest) -> HttpResponse:
    """Add a closed day, after looking at its dates and at what it does to the calls ahead."""
    continuum = get_continuum(request, PLAN)
    now = timezone.now()
    form = ClosedDayForm(request.POST or None)
    context: dict[str, object] = {"form": form}
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["closed_day"]
        with refusals(request):
            if request.POST.get("step") == "save":
                seen = request.POST.get("seen", "")
                closed_days.add_closed_day(
                    continuum, day=day, seen=seen, actor=request.user, now=now
                )
                messages.success(request, f"{day.name} is kept as a closed day.")
                return redirect("conferencing:closed_day_list")
        with refusals(form):
            kept = [*continuum.closed_days, day.as_data()]
            context["effect"] = closed_days.effect_of(continuum, kept, now=now)
            context["day"] = day
            context["dates"] = closed_days.next_dates(day, request.today)
    return render(request, "conferencing/schedule/closed_day_add.html", context)


@require_http_methods(["GET", "POST"])
def closed_day_remove(request: ContinuumRequest, key: str) -> HttpResponse:
    """Remove a closed day, after looking at what that does to the calls ahead."""
    continuum = get_continuum(request, PLAN)
    now = timezone.now()
    kept = closed_days.kept_days(continuum, now=now)
    found = next((each for each in kept if each.key == key), None)
    if found is None:
        raise Http404("No such closed day")
    before = continuum.closed_days
    if request.method == "POST":
        with refusals(request):
            seen = request.POST.get("seen", "")
            closed_days.remove_closed_day(
                continuum, key=key, seen=seen, actor=request.user, now=now
            )
            words = f"{found.day.name} is removed."
            left = [each for each in before if closed_days.key_of(each) != key]
            data = {"continuum": str(continuum.pk), "name": found.day.name}
            undo.offer(
                request,
                closed_days.KIND,
                place=reverse("conferencing:closed_day_list"),
                words=words,
                data=data | {"before": before, "after": left},
                now=now,
            )
            messages.success(request, words)
            return redirect("conferencing:closed_day_list")
    left = [each for each in continuum.closed_days if closed_days.key_of(each) != key]
    effect = closed_days.effect_of(continuum, left, now=now)
    return render(
        request, "conferencing/schedule/closed_day_remove.html", {"found": found, "effect": effect}
    )


@require_http_methods(["GET", "POST"])
def minutes_choice_edit(request: ContinuumRequest) -> HttpResponse:
    """Whether the minutes of a call are mailed when it is closed."""
    continuum = get_continuum(request, PLAN)
    form = MinutesChoiceForm(
        request.POST or None,
        initial={"sends_minutes": "yes" if continuum.sends_minutes else "no"},
    )
    if request.method == "POST" and form.is_valid():
        regions.services.change_setting(
            continuum, actor=request.user, now=timezone.now(), **form.cleaned_data
        )
        messages.success(request, "Saved.")
        return redirect("regions:region_list")
    return render(request, "conferencing/schedule/minutes_choice_edit.html", {"form": form})


@require_http_methods(["GET", "POST"])
def guest_sight_edit(request: ContinuumRequest) -> HttpResponse:
    """What a participant who attends their own review sees of what is written there."""
    continuum = get_continuum(request, PLAN)
    initial = {
        "barriers": "yes" if continuum.guests_see_barriers else "no",
        "notes": "yes" if continuum.guests_see_notes else "no",
    }
    form = GuestSightForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        seen = {f"guests_see_{name}": value for name, value in form.cleaned_data.items()}
        regions.services.change_setting(continuum, actor=request.user, now=timezone.now(), **seen)
        messages.success(request, "Saved.")
        return redirect("regions:region_list")
    return render(request, "conferencing/call/guest_sight_edit.html", {"form": form})


@require_http_methods(["GET", "POST"])
def county_move(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Move a county, with the participants kept in it, to another region."""
    visible = Region.objects.visible_to(request.user)
    county = get_object_or_404(
        County.objects.filter(region__in=visible).select_related("region__continuum"), pk=pk
    )
    get_region(request, county.region_id)
    form = MoveCountyForm(request.POST or None, county=county)
    if request.method == "POST" and form.is_valid():
        former = county.region_id
        with refusals(form):
            counties.move_county(county, actor=request.user, **form.cleaned_data)
            region = form.cleaned_data["region"]
            words = f"{county} is moved to {region}."
            data = {"county": str(county.pk), "from": str(former), "to": str(region.pk)}
            place = region.get_absolute_url()
            undo.offer(
                request, counties.MOVED, place=place, words=words, data=data, now=timezone.now()
            )
            messages.success(request, words)
            return redirect(region)
    context = {"county": county, "form": form, "effects": counties.effects_of_move(county)}
    return render(request, "conferencing/schedule/county_move.html", context)
