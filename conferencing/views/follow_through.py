"""Follow-through, for the CE Specialist: the page and its figures as a file."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from agreements.access import refuse_without_standing
from conferencing.forms.follow_through import FollowThroughExportForm, FollowThroughForm
from conferencing.services.follow_through import follow_through_page
from conferencing.services.follow_through_file import export_follow_through


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
    return render(request, "conferencing/follow_through.html", {**context, "filter_form": choice})


@require_http_methods(["GET", "POST"])
def follow_through_export(request):
    choice = choice_of(request)
    form = FollowThroughExportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        text = export_follow_through(
            request.continuum,
            **choice.chosen(request.today),
            why=form.cleaned_data["why"],
            actor=request.user,
            on=request.today,
            now=timezone.now(),
        )
        headers = {"Content-Disposition": 'attachment; filename="follow-through.csv"'}
        return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)
    context = {"form": form, "choice": choice}
    return render(request, "conferencing/follow_through_export.html", context)
