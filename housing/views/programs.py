"""Programs and whom they take."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import get_permitted_or_404
from accounts.refusals import refusals
from agreements.access import refuse_without_standing
from housing import pages
from housing.forms.programs import AddProgramForm, ChangeProgramForm
from housing.models import Program, ProgramQuerySet
from housing.programs import add_program, change_program, close_program, reopen_program
from regions.middleware import ContinuumRequest, continuum_of

CHANGE = "housing.change_program"


def visible(request: ContinuumRequest) -> ProgramQuerySet:
    return Program.objects.visible_to(request.user).select_related("agency", "continuum")


def get_program(request: ContinuumRequest, pk: uuid.UUID, perm: str = CHANGE) -> Program:
    return get_permitted_or_404(request.user, perm, visible(request), pk=pk)


@require_GET
def program_list(request: ContinuumRequest) -> HttpResponse:
    refuse_without_standing(request)
    is_free = Q(openings__withdrawn_on__isnull=True, openings__filled__lt=F("openings__units"))
    rows = visible(request).prefetch_related("counties")
    rows = rows.annotate(open_count=Count("openings", filter=is_free)).order_by(
        F("closed_on").asc(nulls_first=True), "agency__name", "name"
    )
    context = {"programs": rows, "may_add": bool(pages.speaks_for(request.user))}
    return render(request, "housing/program_list.html", context)


@require_GET
def program_detail(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    refuse_without_standing(request)
    program = get_object_or_404(visible(request).prefetch_related("rules", "counties"), pk=pk)
    context = {
        **pages.program_page(program, request.today),
        "may_change": request.user.has_perm(CHANGE, program),
    }
    return render(request, "housing/program_detail.html", context)


@require_http_methods(["GET", "POST"])
def program_add(request: ContinuumRequest) -> HttpResponse:
    refuse_without_standing(request)
    agencies = pages.speaks_for(request.user)
    if not agencies:
        raise PermissionDenied("You belong to no agency that has programs.")
    form = AddProgramForm(request.POST or None, continuum=continuum_of(request), agencies=agencies)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            program = add_program(
                form.cleaned_data["agency"],
                pk=form.cleaned_data["pk"],
                actor=request.user,
                now=timezone.now(),
                **form.values(),
            )
            messages.success(request, "The program was added. Enter what is open next.")
            return redirect(program)
    return render(request, "housing/program_add.html", {"form": form})


@require_http_methods(["GET", "POST"])
def program_edit(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    refuse_without_standing(request)
    program = get_program(request, pk)
    form = ChangeProgramForm(request.POST or None, continuum=continuum_of(request), program=program)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            change_program(program, actor=request.user, now=timezone.now(), **form.values())
            messages.success(request, "Saved.")
            return redirect(program)
    return render(request, "housing/program_edit.html", {"form": form, "program": program})


@require_POST
def program_close(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    refuse_without_standing(request)
    program = get_program(request, pk)
    close_program(program, actor=request.user, now=timezone.now())
    messages.success(request, "Closed. Nothing of it is on offer now. You can reopen it here.")
    return redirect(program)


@require_POST
def program_reopen(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    refuse_without_standing(request)
    program = get_program(request, pk)
    reopen_program(program, actor=request.user, now=timezone.now())
    messages.success(request, "Reopened.")
    return redirect(program)
