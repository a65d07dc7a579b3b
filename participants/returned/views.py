"""Participants → Export: an exported list that comes back with changed cells."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.refusals import refusals
from agreements.access import refuse_without_standing
from participants.models import ReturnedList
from participants.spreadsheets.reading import MOST_BYTES
from participants.views.uploads import is_too_large, takes_file
from regions.middleware import ContinuumRequest, continuum_of
from regions.words import plural

from . import acts, pages
from .forms import ReturnedForm, SettleForm

PERM = "participants.export_list"


def refuse_others(request: ContinuumRequest) -> None:
    """Who exports the list brings it back."""
    refuse_without_standing(request)
    if not request.user.has_perm(PERM):
        raise PermissionDenied


def get_returned(request: ContinuumRequest, pk: uuid.UUID) -> ReturnedList:
    refuse_others(request)
    rows = ReturnedList.objects.visible_to(request.user, request.today)
    return get_object_or_404(rows.select_related("continuum", "by"), pk=pk)


@takes_file(refuse_others, most_bytes=MOST_BYTES)
def returned_add(request: ContinuumRequest) -> HttpResponse:
    """Bring a list back."""
    form = ReturnedForm(
        request.POST or None,
        request.FILES or None,
        is_too_large=is_too_large(request),
    )
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            returned = acts.bring_back(
                continuum_of(request),
                **form.table(),
                password=form.cleaned_data["password"],
                actor=request.user,
                now=timezone.now(),
            )
            return redirect(returned)
    return render(request, "participants/returned/returned_add.html", {"form": form})


@require_GET
def returned_detail(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    returned = get_returned(request, pk)
    context = pages.detail_page(returned, request.user, now=timezone.now())
    return render(request, "participants/returned/returned_detail.html", context)


@require_POST
def returned_settle(request: ContinuumRequest, pk: uuid.UUID, cell_pk: uuid.UUID) -> HttpResponse:
    """Take one cell of the file, or leave the household as it is here."""
    returned = get_returned(request, pk)
    cell = get_object_or_404(returned.cells, pk=cell_pk)
    form = SettleForm(request.POST)
    with refusals(request):
        if not form.is_valid():
            raise ValidationError("Choose which value is right.")
        acts.settle(cell, actor=request.user, now=timezone.now(), **form.cleaned_data)
        is_taken = form.cleaned_data["takes_file"]
        messages.success(request, "Changed." if is_taken else "Left as it is here.")
    return redirect(returned)


@require_POST
def returned_settle_all(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Take every cell that is no conflict, as many as can be waited for."""
    returned = get_returned(request, pk)
    done, refused, later = acts.settle_all(returned, actor=request.user, now=timezone.now())
    words = f"Changed: {plural(done, 'cell')}."
    if later:
        words += f" {plural(later, 'cell')} to go: press the button again."
    messages.success(request, words)
    for each in refused[:10]:
        messages.error(request, each)
    return redirect(returned)
