"""Steps: one's own, one's agency's, everybody's, and the report on one of them."""

import uuid
from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import get_permitted_or_404
from accounts.refusals import refusals
from agreements.access import refuse_without_standing
from agreements.models import Agency, StaffMember
from conferencing.models import ActionItem, ProgressUpdate
from regions.middleware import ContinuumRequest
from regions.models import Region

from . import handing_on
from . import pages as step_pages
from .acts import report_own
from .forms import (
    ChangeStepForm,
    ReportForm,
    StepFilterForm,
    give_forms,
)

PER_PAGE = 25
# An address of ours with all its filters is far shorter; a longer one is not redirected to.
LONGEST_BACK = 2000
TABS = {"mine": "Mine", "agency": "My agency’s", "all": "Everybody’s"}


def tabs_for(request: ContinuumRequest, place: StaffMember | None) -> list[str]:
    """The tabs this person has, by key, the first one first."""
    keys = ["mine", "agency"] if place else []
    return keys + ["all"] if request.user.membership.is_specialist else keys


@require_GET
def step_list(request: ContinuumRequest) -> HttpResponse:
    refuse_without_standing(request)
    now, user = timezone.now(), request.user
    place = StaffMember.objects.current().filter(user=user).select_related("agency").first()
    keys = tabs_for(request, place)
    whose = request.GET.get("whose", "")
    whose = whose if whose in keys else keys[0]
    agencies, regions = None, None
    if whose == "all":
        agencies = Agency.objects.visible_to(user)
        regions = Region.objects.filter(continuum=request.continuum)
    form = StepFilterForm(request.GET, whose=whose, agencies=agencies, regions=regions)
    state, agency, region = form.chosen()
    steps = ActionItem.objects.visible_to(user, request.today)
    steps = steps.filter(pk__in=step_pages.steps_of(whose, place).values("pk"))
    if agency:
        steps = steps.filter(agency=agency)
    if region:
        steps = steps.filter(participant__region=region)
    steps = step_pages.in_state(steps, state, user.membership.continuum, now=now)
    page = Paginator(step_pages.with_columns(steps), PER_PAGE).get_page(request.GET.get("page"))
    rows = step_pages.step_rows(page.object_list, user, now=now)
    step_pages.record_look(rows, user, now=now)
    url = reverse("conferencing:step_list")
    context = {
        "tabs": [
            {"label": TABS[key], "url": f"{url}?whose={key}", "is_current": key == whose}
            for key in keys
        ],
        "whose": whose,
        "state": state,
        "filter_form": form,
        "page": page,
        "rows": give_forms(rows),
        "is_closed": whose != "mine",
        "next": request.get_full_path(),
    }
    return render(request, "conferencing/steps/step_list.html", context)


@require_http_methods(["GET", "POST"])
def step_report(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Report on one step: a page of its own, or the row of a list that a script replaces."""
    refuse_without_standing(request)
    now = timezone.now()
    steps = ActionItem.objects.visible_to(request.user, request.today)
    step = get_permitted_or_404(
        request.user, step_pages.REPORT, step_pages.with_columns(steps), pk=pk
    )
    form = ReportForm(request.POST or None, step=step)
    is_sent = request.method == "POST"
    update = is_sent and form.is_valid() and reported(request, step, form, now)
    if update and not request.htmx:
        messages.success(request, f"Reported: {update.get_progress_display().lower()}.")
        return HttpResponseRedirect(back_from(request))
    if update:
        step = step_pages.with_columns(steps).get(pk=pk)
    (row,) = step_pages.step_rows([step], request.user, now=now)
    row.form, row.was_just_reported = None if update else form, bool(update)
    give_forms([row])
    step_pages.record_look([row], request.user, now=now)
    context: dict[str, object] = {"row": row, "form": row.form, "next": back_from(request)}
    if not request.htmx:
        context["changes"] = handing_on.changes_of(step)
    if request.htmx:
        if not update:
            form.focus_first_wrong()
        return render(request, "conferencing/steps/step_row.html", context)
    return render(request, "conferencing/steps/step_report.html", context)


@require_http_methods(["GET", "POST"])
def step_change(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Hand a step on to somebody else, or give it another date."""
    refuse_without_standing(request)
    now = timezone.now()
    steps = step_pages.with_columns(ActionItem.objects.visible_to(request.user, request.today))
    step = get_permitted_or_404(request.user, step_pages.CHANGE, steps, pk=pk)
    people = handing_on.people_to_hand_to(step, request.user, request.today)
    form = ChangeStepForm(
        request.POST or None, step=step, people=people, seen=handing_on.state_of(step)
    )
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            handing_on.change_step(step, actor=request.user, now=now, **form.values())
            messages.success(request, "The step is changed. Whoever it concerns gets an email.")
            return HttpResponseRedirect(back_from(request))
    (row,) = step_pages.step_rows([step], request.user, now=now)
    step_pages.record_look([row], request.user, now=now)
    context = {
        "row": row,
        "form": form,
        "changes": handing_on.changes_of(step),
        "next": back_from(request),
    }
    return render(request, "conferencing/steps/step_change.html", context)


def reported(
    request: ContinuumRequest, step: ActionItem, form: ReportForm, now: datetime
) -> ProgressUpdate | None:
    """The report that was written down, or None when the form says what is in the way."""
    with refusals(form):
        return report_own(step, actor=request.user, now=now, **form.values())
    return None


def back_from(request: ContinuumRequest) -> str:
    """Where the person came from to report, on this site; else the list of steps.

    A path of ours alone: what is no address at all must not fail once the act is done.
    """
    url = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = (
        url.startswith("/")
        and len(url) <= LONGEST_BACK
        and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
    )
    return url if is_ours else reverse("conferencing:step_list")
