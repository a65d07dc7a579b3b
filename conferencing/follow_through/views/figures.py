"""The by-name list in numbers, the list behind each, and the numbers as a file."""

from functools import partial

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from agreements.access import refuse_without_standing
from conferencing.follow_through.figures import MEASURES, figures_page, households_behind
from conferencing.follow_through.figures_file import export_figures
from conferencing.follow_through.forms.figures import FiguresForm
from participants.listing import LONGEST_FIRST, USUAL_COLUMNS, heads_of, ordered
from participants.models import Participant
from participants.quiet import rule_of
from participants.services import pages
from regions.middleware import ContinuumRequest, continuum_of

from .follow_through import csv_for_a_reason

PER_PAGE = 50


def choice_of(request: ContinuumRequest) -> FiguresForm:
    if not request.user.has_perm("participants.view_figures"):
        raise PermissionDenied
    return FiguresForm(request.GET, continuum=continuum_of(request))


@require_GET
def figures(request: ContinuumRequest) -> HttpResponse:
    choice = choice_of(request)
    context = figures_page(
        continuum_of(request),
        request.user,
        **choice.chosen(),
        now=timezone.now(),
    )
    context["may_open"] = request.user.has_perm("participants.add_participant")
    return render(
        request, "conferencing/follow_through/figures.html", {**context, "filter_form": choice}
    )


@require_GET
def figures_list(request: ContinuumRequest, month: str, measure: str) -> HttpResponse:
    """The households behind one figure."""
    refuse_without_standing(request)
    choice = choice_of(request)
    found, of = households_behind(
        request.user, measure=measure, month=month, **choice.chosen(), on=request.today
    )
    if of is None or measure not in MEASURES:
        raise Http404("There is no such figure.")
    rule = rule_of(continuum_of(request))
    page = Paginator(ordered(found, LONGEST_FIRST), PER_PAGE).get_page(request.GET.get("page"))
    shown = ordered(Participant.objects.filter(pk__in=[each.pk for each in page]), LONGEST_FIRST)
    rows = pages.list_rows(
        pages.with_list_columns(shown, rule),
        request.user,
        now=timezone.now(),
        rule=rule,
        page="figures",
    )
    context = {"page": page, "rows": rows, "month": of, "measure": MEASURES[measure]}
    context |= {"columns": USUAL_COLUMNS, "heads": heads_of(USUAL_COLUMNS)}
    return render(
        request, "conferencing/follow_through/figures_list.html", {**context, "choice": choice}
    )


@require_http_methods(["GET", "POST"])
def figures_export(request: ContinuumRequest) -> HttpResponse:
    choice = choice_of(request)
    return csv_for_a_reason(
        request,
        partial(export_figures, continuum_of(request), **choice.chosen()),
        file_name="by-name-list-figures.csv",
        template="conferencing/follow_through/figures_export.html",
        choice=choice,
    )
