"""Attendance by agency over the year, for the CE Specialist."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from agreements.access import refuse_without_standing
from conferencing.follow_through.attendance import attendance_page
from conferencing.follow_through.forms.follow_through import RegionForm
from regions.middleware import ContinuumRequest, continuum_of


@require_GET
def attendance(request: ContinuumRequest) -> HttpResponse:
    refuse_without_standing(request)
    if not request.user.has_perm("conferencing.watch_follow_through"):
        raise PermissionDenied
    continuum = continuum_of(request)
    choice = RegionForm(request.GET, continuum=continuum)
    context = attendance_page(
        continuum, request.user, region=choice.chosen_region, now=timezone.now()
    )
    return render(
        request,
        "conferencing/follow_through/attendance.html",
        {**context, "filter_form": choice},
    )
