"""Systemic barriers: seen by staff in standing, owned and merged by the CE Specialist."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import get_permitted_or_404
from accounts.refusals import refusals
from agreements.access import refuse_without_standing
from conferencing.follow_through import systemic
from conferencing.follow_through.forms.systemic import ChangeBarrierForm, MergeBarrierForm
from conferencing.follow_through.systemic_pages import barrier_list_page, barrier_page
from conferencing.models import SystemicBarrier
from participants.texts import reader
from regions.middleware import ContinuumRequest, continuum_of

CHANGE = "conferencing.change_systemicbarrier"


def get_barrier(request: ContinuumRequest, pk: uuid.UUID) -> SystemicBarrier:
    """One barrier, for whoever may change it."""
    barriers = SystemicBarrier.objects.visible_to(request.user).select_related(
        "continuum", "owner__user", "merged_into"
    )
    get_object_or_404(barriers, pk=pk)
    refuse_without_standing(request)
    return get_permitted_or_404(request.user, CHANGE, barriers, pk=pk)


@require_GET
def systemic_barrier_list(request: ContinuumRequest) -> HttpResponse:
    refuse_without_standing(request)
    if not request.user.has_perm("conferencing.view_systemicbarrier"):
        raise PermissionDenied
    context = barrier_list_page(continuum_of(request), on=request.today)
    context["may_change"] = request.user.has_perm(CHANGE)
    return render(request, "conferencing/follow_through/systemic_barrier_list.html", context)


@require_http_methods(["GET", "POST"])
def systemic_barrier_edit(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Who works on it, how, and how far it is."""
    barrier = get_barrier(request, pk)
    if barrier.merged_into_id:
        return redirect("conferencing:systemic_barrier_edit", pk=barrier.merged_into_id)
    read = reader(request.user, timezone.now())
    form = ChangeBarrierForm(request.POST or None, barrier=barrier, read=read)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            systemic.change_barrier(
                barrier, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
            messages.success(request, "Saved.")
            return redirect("conferencing:systemic_barrier_list")
    context = {**barrier_page(barrier, on=request.today), "form": form}
    return render(request, "conferencing/follow_through/systemic_barrier_edit.html", context)


@require_http_methods(["GET", "POST"])
def systemic_barrier_merge(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Count it under another one that means the same."""
    barrier = get_barrier(request, pk)
    read = reader(request.user, timezone.now())
    form = MergeBarrierForm(request.POST or None, barrier=barrier, clean=read.clean)
    if request.method == "POST" and form.is_valid():
        into = form.cleaned_data["into"]
        with refusals(form):
            systemic.merge_barrier(barrier, into=into, actor=request.user, now=timezone.now())
            messages.success(
                request,
                f"“{read.clean(barrier.words)}” counts under “{read.clean(into.words)}” now.",
            )
            return redirect("conferencing:systemic_barrier_list")
    context = {**barrier_page(barrier, on=request.today), "form": form}
    return render(request, "conferencing/follow_through/systemic_barrier_merge.html", context)


@require_POST
def systemic_barrier_unmerge(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    barrier = get_barrier(request, pk)
    systemic.unmerge_barrier(barrier, actor=request.user, now=timezone.now())
    words = reader(request.user, timezone.now()).clean(barrier.words)
    messages.success(request, f"“{words}” stands by itself again.")
    return redirect("conferencing:systemic_barrier_edit", pk=barrier.pk)
