"""What was disclosed of a participant, to whom: on the screen, and as a paper to hand over."""

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.decorators import recently_authenticated
from accounts.refusals import refusals
from agreements.access import refuse_without_standing
from participants.forms.disclosures import DisclosureFilterForm, HandOverForm
from participants.services.disclosures import Chosen, disclosures_page, export_record
from regions.middleware import ContinuumRequest

from .participants import context_of, get_participant

PERM = "participants.view_disclosures"
EVERYTHING: Chosen = {"since": None, "until": None, "kind": "", "outside": False}


@require_GET
def disclosure_record(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    refuse_without_standing(request)
    participant = get_participant(request, pk, PERM)
    form = DisclosureFilterForm(request.GET)
    context = disclosures_page(
        participant,
        request.user,
        choice=form.chosen() if form.is_valid() else EVERYTHING,
        number=request.GET.get("page"),
        now=timezone.now(),
    )
    return render(
        request, "participants/disclosure_record.html", {**context, "form": form, "keeps": True}
    )


@require_http_methods(["GET", "POST"])
@recently_authenticated
def disclosure_record_export(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """The record as a tagged PDF for whoever says why; not locked, for it is handed over."""
    refuse_without_standing(request)
    participant = get_participant(request, pk, PERM)
    choice = DisclosureFilterForm(request.GET)
    if not choice.is_valid():
        raise Http404("The record cannot be chosen from by these values.")
    form = HandOverForm(request.POST or None).about(participant)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            pdf = export_record(
                participant,
                choice=choice.chosen(),
                words=choice.words,
                reason=form.cleaned_data["reason"],
                actor=request.user,
                now=timezone.now(),
            )
            headers = {"Content-Disposition": 'attachment; filename="record-of-disclosures.pdf"'}
            return HttpResponse(pdf, content_type="application/pdf", headers=headers)
    context = context_of(request, participant)
    return render(
        request,
        "participants/disclosure_record_export.html",
        {**context, "form": form, "choice": choice},
    )
