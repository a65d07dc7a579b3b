"""An agency's agreement: sign, put in from paper, countersign, revoke, download."""

import uuid
from typing import cast

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import get_permitted_or_404
from accounts.pages import client_ip
from accounts.refusals import refusals
from regions.middleware import ContinuumRequest

from ..forms.agreements import CountersignForm, RevokeForm, SignAgreementForm, UploadForm
from ..models import Agency, AgencyAgreement, AgreementForm
from ..models.agencies import AgencyQuerySet
from ..models.papers import AgencyAgreementQuerySet
from ..reading import blocks
from ..services.agreements import (
    SIGNED_ALREADY,
    countersign_agreement,
    ends_access,
    last_day,
    newest_agreement,
    read_agreement,
    revoke_agreement,
    sign_agreement,
    upload_agreement,
)
from ..standing import standings
from .people import leaving_context, open_things_of_agency, step_of

COUNTERSIGN = "agreements.countersign_agreement"


def agencies(request: ContinuumRequest) -> AgencyQuerySet:
    return Agency.objects.visible_to(request.user).select_related("continuum")


def agreements(request: ContinuumRequest) -> AgencyAgreementQuerySet:
    return AgencyAgreement.objects.visible_to(request.user).select_related(
        "agency__continuum", "form", "countersigned_by", "revoked_by", "entered_by"
    )


def pdf_response(pdf: bytes, name: str) -> HttpResponse:
    """A PDF to keep; its file name says nothing of anybody."""
    return HttpResponse(
        pdf,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{name}.pdf"',
            "X-Content-Type-Options": "nosniff",
        },
    )


@require_http_methods(["GET", "POST"])
def agreement_sign(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    agency = get_permitted_or_404(
        request.user, "agreements.sign_agreement", agencies(request), pk=pk
    )
    text = AgreementForm.objects.in_use(agency.continuum, AgreementForm.Kind.AGENCY)
    newest = newest_agreement(agency)
    form = SignAgreementForm(request.POST or None, text=text, newest=newest)
    if request.method == "POST" and form.is_valid():
        with refusals(form) as refused:
            agreement = sign_agreement(
                agency,
                actor=request.user,
                **form.shown,
                name=form.cleaned_data["name"],
                title=form.cleaned_data["title"],
                signed_from=client_ip(request),
            )
            messages.success(
                request, "You signed the agreement. The administrator was told to countersign it."
            )
            return redirect(agreement)
        if SIGNED_ALREADY in refused.codes:
            refused.say(request)
            return redirect(cast(AgencyAgreement, newest_agreement(agency)))
    context = {
        "agency": agency,
        "text": text,
        "blocks": blocks(text.text) if text else [],
        "form": form,
        "newest": newest,
        "line": standings([agency], request.today)[0],
    }
    return render(request, "agreements/agreement_sign.html", context)


@require_http_methods(["GET", "POST"])
def agreement_upload(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    agency = get_permitted_or_404(request.user, COUNTERSIGN, agencies(request), pk=pk)
    texts = AgreementForm.objects.published().filter(
        continuum=agency.continuum, kind=AgreementForm.Kind.AGENCY
    )
    form = UploadForm(
        request.POST or None,
        request.FILES or None,
        texts=texts,
        newest=newest_agreement(agency),
        today=request.today,
    )
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            agreement = upload_agreement(agency, actor=request.user, **form.cleaned_data)
            messages.success(request, "The scan is kept. Countersign it to make it count.")
            return redirect("agreements:agreement_countersign", agreement.pk)
    context = {"agency": agency, "form": form, "has_texts": texts.exists()}
    return render(request, "agreements/agreement_upload.html", context)


@require_safe
def agreement_detail(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    agreement = get_object_or_404(
        agreements(request).defer("document", "countersigned_document"), pk=pk
    )
    user = request.user
    context = {
        "agreement": agreement,
        "state": agreement.state(request.today),
        "may_countersign": user.has_perm(COUNTERSIGN, agreement),
        "may_read": user.has_perm("agreements.read_agreement", agreement),
        "has_pdf": bool(agreement.document_hash),
    }
    return render(request, "agreements/agreement_detail.html", context)


@require_http_methods(["GET", "POST"])
def agreement_countersign(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    agreement = get_permitted_or_404(request.user, COUNTERSIGN, agreements(request), pk=pk)
    form = CountersignForm(
        request.POST or None,
        initial={
            "effective_on": request.today,
            "expires_on": last_day(request.today, agreement.form.months_valid),
        },
    )
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            countersign_agreement(agreement, actor=request.user, **form.cleaned_data)
            messages.success(request, f"You countersigned the agreement of {agreement.agency}.")
            return redirect(agreement)
    former = standings([agreement.agency], request.today)[0].paper
    newest = AgreementForm.objects.in_use(agreement.agency.continuum, AgreementForm.Kind.AGENCY)
    context = {
        "agreement": agreement,
        "form": form,
        "former": former,
        "newer": newest if newest and newest.version > agreement.form.version else None,
    }
    return render(request, "agreements/agreement_countersign.html", context)


@require_http_methods(["GET", "POST"])
def agreement_revoke(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    agreement = get_permitted_or_404(request.user, COUNTERSIGN, agreements(request), pk=pk)
    agency, form = agreement.agency, RevokeForm(request.POST or None)
    ends = ends_access(agreement, request.today)
    open_things = open_things_of_agency(request, agency, is_asked=ends)
    step = step_of(request, form, open_things)
    if step == "save":
        with refusals(form):
            revoke_agreement(
                agreement,
                actor=request.user,
                reason=form.cleaned_data["reason"],
                answers=open_things.answers,
            )
            done = "was revoked" if agreement.countersigned_at else "was not accepted"
            messages.success(request, f"The agreement of {agreement.agency} {done}.")
            return redirect(agreement)
    line = standings([agreement.agency], request.today)[0]
    context = leaving_context(form, open_things, step, agency=agency)
    context |= {"agreement": agreement, "line": line}
    return render(request, "agreements/agreement_revoke.html", context)


@require_safe
def agreement_download(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    agreement = get_permitted_or_404(
        request.user, "agreements.read_agreement", agreements(request), pk=pk
    )
    with refusals(request):
        pdf = read_agreement(
            agreement, actor=request.user, as_signed=request.GET.get("as") == "signed"
        )
        return pdf_response(pdf, f"agreement-version-{agreement.form.version}")
    return redirect(agreement)
