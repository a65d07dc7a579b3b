"""Follow-through, for the CE Specialist: the page and its figures as a file."""

from functools import partial

from django.core.exceptions import PermissionDenied
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


def choice_of(request):
    """The period and region that were chosen, or refuse."""
    refuse_without_standing(request)
    if not request.user.has_perm("conferencing.watch_follow_through"):
        raise PermissionDenied
    return FollowThroughForm(request.GET, continuum=request.continuum)


@require_GET
def follow_through(request):
    choice = choice_of(request)
    context = follow_through_page(
        request.continuum,
        request.user,
        **choice.chosen(request.today),
        all_of=request.GET.get("all", ""),
        on=request.today,
        now=timezone.now(),
    )
    return render(
        request,
        "conferencing/follow_through/follow_through.html",
        {**context, "filter_form": choice},
    )


@require_http_methods(["GET", "POST"])
def follow_through_export(request):
    choice = choice_of(request)
    return csv_for_a_reason(
        request,
        partial(export_follow_through, request.continuum, **choice.chosen(request.today)),
        file_name="follow-through.csv",
        template="conferencing/follow_through/follow_through_export.html",
        choice=choice,
    )


def csv_for_a_reason(request, export, *, file_name, template, choice):
    """The page that asks why, and then the file: `export` takes why, actor, on and now."""
    form = FollowThroughExportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        text = export(
            why=form.cleaned_data["why"],
            actor=request.user,
            on=request.today,
            now=timezone.now(),
        )
        headers = {"Content-Disposition": f'attachment; filename="{file_name}"'}
        return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)
    return render(request, template, {"form": form, "choice": choice})
