"""Follow-through, for the CE Specialist: the page and its figures as a file."""

from collections.abc import Callable
from functools import partial

from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from agreements.access import refuse_without_standing
from conferencing.follow_through.file import export_follow_through
from conferencing.follow_through.forms.follow_through import (
    FollowThroughExportForm,
    FollowThroughForm,
)
from conferencing.follow_through.pages import follow_through_page
from regions.middleware import ContinuumRequest, continuum_of


def choice_of(request: ContinuumRequest) -> FollowThroughForm:
    """The period and region that were chosen, or refuse."""
    refuse_without_standing(request)
    if not request.user.has_perm("conferencing.watch_follow_through"):
        raise PermissionDenied
    return FollowThroughForm(request.GET, continuum=continuum_of(request))


@require_GET
def follow_through(request: ContinuumRequest) -> HttpResponse:
    choice = choice_of(request)
    context = follow_through_page(
        continuum_of(request),
        request.user,
        **choice.chosen(request.today),
        all_of=request.GET.get("all", ""),
        now=timezone.now(),
    )
    return render(
        request,
        "conferencing/follow_through/follow_through.html",
        {**context, "filter_form": choice},
    )


@require_http_methods(["GET", "POST"])
def follow_through_export(request: ContinuumRequest) -> HttpResponse:
    choice = choice_of(request)
    return csv_for_a_reason(
        request,
        partial(export_follow_through, continuum_of(request), **choice.chosen(request.today)),
        file_name="follow-through.csv",
        template="conferencing/follow_through/follow_through_export.html",
        choice=choice,
    )


def csv_for_a_reason(
    request: ContinuumRequest,
    export: Callable[..., str],
    *,
    file_name: str,
    template: str,
    choice: BaseForm,
) -> HttpResponse:
    """The page that asks why, and then the file: `export` takes why, actor and now."""
    form = FollowThroughExportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        text = export(
            why=form.cleaned_data["why"],
            actor=request.user,
            now=timezone.now(),
        )
        headers = {"Content-Disposition": f'attachment; filename="{file_name}"'}
        return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)
    return render(request, template, {"form": form, "choice": choice})
