"""Possible duplicates: compared, joined, told apart; and records that were joined, parted again."""

import uuid
from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import undo
from accounts.access import get_permitted_or_404
from accounts.refusals import refusals
from agreements.access import refuse_without_standing
from participants.models import DuplicatePair, Merge
from participants.views.participants import (
    context_of,
    get_participant,
    refuse_unless,
    visible,
)
from regions.middleware import ContinuumRequest

from . import pages
from .acts import merge_pair, undo_merge
from .forms import MergeForm, OtherRecordForm, WhyForm
from .pairs import (
    DECISION,
    dismiss_pair,
    kept_of,
    propose_pair,
    put_off_pair,
)

PERM = "participants.merge_participants"


def get_pair(request: ContinuumRequest, pk: uuid.UUID) -> DuplicatePair:
    """A pair of which neither was joined; one that was is nobody's any more."""
    refuse_without_standing(request)
    rows = DuplicatePair.objects.visible_to(request.user, request.today)
    rows = rows.filter(one__merged_into__isnull=True, other__merged_into__isnull=True)
    return get_permitted_or_404(request.user, PERM, rows.select_related("one", "other"), pk=pk)


@require_GET
def duplicates(request: ContinuumRequest) -> HttpResponse:
    refuse_without_standing(request)
    refuse_unless(request, PERM)
    context = pages.duplicates_page(
        request.user, number=request.GET.get("page"), now=timezone.now()
    )
    return render(request, "participants/merges/duplicates.html", context)


@require_http_methods(["GET", "POST"])
def duplicate_detail(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Two records beside each other; sent, they are joined."""
    pair = get_pair(request, pk)
    page = pages.pair_page(pair, request.user, now=timezone.now())
    form = MergeForm(request.POST or None, page=page).about(pair.one, pair.other)
    if request.method == "POST" and form.is_valid():
        with refusals(form) as refused:
            merge = merge_pair(pair, actor=request.user, now=timezone.now(), **form.values())
            messages.success(request, "The two are one record now. You can undo it from the list.")
            return redirect(merge.keeper)
        if "gone" in refused.codes:
            refused.say(request)
            return redirect("participants:duplicates")
    return render(request, "participants/merges/duplicate_detail.html", {**page, "form": form})


def decided(
    request: ContinuumRequest,
    pair: DuplicatePair,
    words: str,
    act: Callable[[datetime], DuplicatePair],
) -> None:
    """Decide on a pair so that it can be undone."""
    now, before = timezone.now(), kept_of(pair)
    data = {"before": before, "after": kept_of(act(now))}
    if data["before"] != data["after"]:
        place = reverse("participants:duplicates")
        undo.offer(request, DECISION, place=place, words=words, data=data, now=now)


@require_http_methods(["GET", "POST"])
def duplicate_dismiss(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    pair = get_pair(request, pk)
    form = WhyForm(request.POST or None, label="How you know that these are two people")
    form.about(pair.one, pair.other)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            decided(
                request,
                pair,
                "Two records are noted as two people.",
                lambda now: dismiss_pair(pair, actor=request.user, now=now, **form.cleaned_data),
            )
            messages.success(request, "Noted: two people.")
            return redirect("participants:duplicates")
    page = pages.pair_page(pair, request.user, now=timezone.now())
    return render(request, "participants/merges/duplicate_dismiss.html", {**page, "form": form})


@require_POST
def duplicate_put_off(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    pair = get_pair(request, pk)
    with refusals(request):
        decided(
            request,
            pair,
            "A possible duplicate is put off for two weeks.",
            lambda now: put_off_pair(pair, actor=request.user, now=now),
        )
        messages.success(request, "Put off for two weeks.")
    return redirect("participants:duplicates")


@require_http_methods(["GET", "POST"])
def duplicate_choose(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Choose, by its alias, the record that may be of the same person."""
    refuse_without_standing(request)
    participant = get_participant(request, pk, PERM)
    form = OtherRecordForm(request.POST or None, people=visible(request))
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            pair = propose_pair(
                participant, form.cleaned_data["alias"], actor=request.user, now=timezone.now()
            )
            return redirect(pair)
    context = context_of(request, participant)
    return render(request, "participants/merges/duplicate_choose.html", {**context, "form": form})


@require_http_methods(["GET", "POST"])
def merge_undo(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Take two records apart again, or say why that cannot be done."""
    refuse_without_standing(request)
    rows = Merge.objects.visible_to(request.user, request.today)
    rows = rows.select_related("keeper__merged_into", "former", "by", "undone_by")
    merge = get_permitted_or_404(request.user, PERM, rows, pk=pk)
    form = WhyForm(request.POST or None, label="Why the two are taken apart")
    form.about(merge.keeper, merge.former)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            left = undo_merge(merge, actor=request.user, now=timezone.now(), **form.cleaned_data)
            if left:
                words = ", ".join(left)
                messages.warning(request, f"Not put back, for their time is over: {words}.")
            messages.success(request, "They are two records again.")
            return redirect(merge.former)
    page = pages.merge_page(merge, request.user, now=timezone.now())
    return render(request, "participants/merges/merge_undo.html", {**page, "form": form})
