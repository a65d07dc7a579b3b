"""Calling rules: edited with a preview of the dates, saved only after it."""

import uuid
from datetime import datetime, time

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts import undo
from accounts.access import get_permitted_or_404
from accounts.refusals import refusals
from conferencing.access import get_continuum, zone_words
from conferencing.schedule import pages as meeting_pages
from conferencing.schedule import rules
from conferencing.schedule.forms.rules import RuleForm
from regions.calling import Rule
from regions.middleware import ContinuumRequest
from regions.models import CallingRule, Continuum, Region

from .meetings import PLAN

REGIONAL_HINT = "In the months of a CoC-wide call that one takes its place."
COC_WIDE_HINT = "In these months the CoC-wide call takes the place of the regional ones."
QUARTERLY = [1, 4, 7, 10]


def get_region(request: ContinuumRequest, pk: uuid.UUID) -> Region:
    visible = Region.objects.visible_to(request.user).select_related("continuum")
    return get_permitted_or_404(request.user, PLAN, visible, pk=pk)


@require_http_methods(["GET", "POST"])
def rule_edit(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """A region's monthly rule."""
    region = get_region(request, pk)
    return edit_rule(request, region.continuum, region)


@require_http_methods(["GET", "POST"])
def coc_wide_rule_edit(request: ContinuumRequest) -> HttpResponse:
    """The CoC-wide rule, whose calls replace the regional ones of their months."""
    return edit_rule(request, get_continuum(request, PLAN), None)


def edit_rule(
    request: ContinuumRequest, continuum: Continuum, region: Region | None
) -> HttpResponse:
    """Ask for the rule, show its dates, save it once they were seen."""
    row = CallingRule.objects.filter(continuum=continuum, region=region).first()
    form = RuleForm(
        request.POST or None,
        initial=initial_of(row, region),
        zone_words=zone_words(continuum),
        months_hint=REGIONAL_HINT if region else COC_WIDE_HINT,
    )
    shown, now = None, timezone.now()
    if request.method == "POST" and form.is_valid():
        rule = rules.rule_for(continuum, form.cleaned_data)
        is_saved = request.POST.get("step") == "save" and save(
            request, continuum, region, rule, "changed", "saved", now=now
        )
        if is_saved:
            return redirect(back_to(region))
        shown = rules.preview_rule(continuum, region, rule, now=now)
    context = {
        "region": region,
        "row": row,
        "form": form,
        "back": back_to(region),
        "shown": shown and meeting_pages.rule_preview(shown, continuum, region, now=now),
    }
    return render(request, "conferencing/schedule/rule_edit.html", context)


def save(
    request: ContinuumRequest,
    continuum: Continuum,
    region: Region | None,
    rule: Rule | None,
    became: str,
    done: str,
    *,
    now: datetime,
) -> bool:
    """Change the rule as it was shown, say so and offer to undo it; say why not otherwise."""
    before, years = rules.kept_rule(continuum, region), rules.years_made(continuum, now=now)
    seen = request.POST.get("seen", "")
    with refusals(request) as refused:
        changes = rules.change_rule(
            continuum, region, rule=rule, seen=seen, actor=request.user, now=now
        )
        words = f"The calling rule of {whose(region)} is {became}."
        offer_undo(request, continuum, region, before, years, words=words, now=now)
        messages.success(request, f"The rule is {done}. {meeting_pages.changed_words(changes)}")
    return not refused


@require_http_methods(["GET", "POST"])
def rule_remove(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Take away a region's rule, after looking at what that does."""
    region = get_region(request, pk)
    return remove_rule(request, region.continuum, region)


@require_http_methods(["GET", "POST"])
def coc_wide_rule_remove(request: ContinuumRequest) -> HttpResponse:
    return remove_rule(request, get_continuum(request, PLAN), None)


def remove_rule(
    request: ContinuumRequest, continuum: Continuum, region: Region | None
) -> HttpResponse:
    if not CallingRule.objects.filter(continuum=continuum, region=region).exists():
        raise Http404("No rule")
    now = timezone.now()
    if request.method == "POST" and save(
        request, continuum, region, None, "removed", "removed", now=now
    ):
        return redirect(back_to(region))
    shown = rules.preview_rule(continuum, region, None, now=now)
    context = {
        "region": region,
        "back": back_to(region),
        "shown": meeting_pages.rule_preview(shown, continuum, region, now=now),
    }
    return render(request, "conferencing/schedule/rule_remove.html", context)


def whose(region: Region | None) -> str:
    return region.name if region else "the CoC-wide calls"


def offer_undo(
    request: ContinuumRequest,
    continuum: Continuum,
    region: Region | None,
    before: rules.RuleData | None,
    years: list[int],
    *,
    words: str,
    now: datetime,
) -> None:
    """Let a rule that was changed or removed be taken back; a first one has its own button."""
    after = rules.kept_rule(continuum, region)
    if before is None or before == after:
        return
    data: rules.ChangedRule = {
        "continuum": str(continuum.pk),
        "region": str(region.pk) if region else None,
        "before": before,
        "after": after,
        "years": years,
    }
    undo.offer(request, rules.KIND, place=back_to(region), words=words, data=data, now=now)


def initial_of(row: CallingRule | None, region: Region | None) -> dict[str, object]:
    if row is not None:
        return {
            "week": row.week,
            "weekday": row.weekday,
            "starts": row.starts,
            "minutes": row.minutes,
            "months": row.months,
        }
    return {
        "week": 2 if region else 4,
        "weekday": 3 if region else 4,
        "starts": time(10, 0),
        "minutes": 60,
        "months": list(range(1, 13)) if region else QUARTERLY,
    }


def back_to(region: Region | None) -> str:
    return region.get_absolute_url() if region else reverse("regions:region_list")
