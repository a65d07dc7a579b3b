"""Agreement texts: versions, drafts, publishing."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts import undo
from accounts.access import get_permitted_or_404
from accounts.named_fields import Form
from accounts.refusals import refusals
from regions.middleware import ContinuumRequest

from ..forms.texts import DraftForm, PublishForm, SignAgainForm
from ..models import AgreementForm
from ..reading import blocks, compare
from ..services.texts import (
    DISCARD,
    agencies_to_sign,
    change_draft,
    discard_draft,
    draft_form,
    kept_of,
    people_to_sign,
    postpone_signing,
    publish_form,
)
from ..starters import starter_text
from .people import continuum_or_404

MANAGE = "agreements.manage_texts"


def permitted_text(request: ContinuumRequest, pk: uuid.UUID) -> AgreementForm:
    texts = AgreementForm.objects.visible_to(request.user).select_related("continuum")
    return get_permitted_or_404(request.user, MANAGE, texts, pk=pk)


def earlier_version(text: AgreementForm) -> AgreementForm | None:
    """The published version before this one, or None."""
    return (
        AgreementForm.objects.published()
        .filter(continuum=text.continuum, kind=text.kind, version__lt=text.version)
        .order_by("-version")
        .first()
    )


@require_safe
def form_list(request: ContinuumRequest) -> HttpResponse:
    continuum = continuum_or_404(request)
    texts = AgreementForm.objects.visible_to(request.user).defer("text")
    may_manage = request.user.has_perm(MANAGE)
    kinds = []
    for kind in AgreementForm.Kind:
        versions = [text for text in texts if text.kind == kind]
        kinds.append(
            {
                "kind": kind,
                "versions": versions,
                "in_use": next((text for text in versions if text.is_published), None),
                "draft": next((text for text in versions if not text.is_published), None),
                "is_required": kind == AgreementForm.Kind.PERSONAL
                or continuum.requires_agency_agreement,
            }
        )
    context = {"continuum": continuum, "kinds": kinds, "may_manage": may_manage}
    return render(request, "agreements/form_list.html", context)


@require_safe
def form_detail(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """The whole text as it is read when signing; for a draft, the preview."""
    texts = AgreementForm.objects.visible_to(request.user).select_related(
        "continuum", "published_by"
    )
    text = get_object_or_404(texts, pk=pk)
    context = {
        "text": text,
        "blocks": blocks(text.text),
        "earlier": earlier_version(text),
        "in_use": AgreementForm.objects.in_use(text.continuum, text.kind) == text,
        "may_manage": request.user.has_perm(MANAGE, text),
    }
    return render(request, "agreements/form_detail.html", context)


@require_safe
def form_compare(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    texts = AgreementForm.objects.visible_to(request.user).select_related("continuum")
    text = get_object_or_404(texts, pk=pk)
    earlier = earlier_version(text)
    if earlier is None:
        raise Http404
    context = {
        "text": text,
        "earlier": earlier,
        "changes": compare(f"{earlier.title}\n{earlier.text}", f"{text.title}\n{text.text}"),
    }
    return render(request, "agreements/form_compare.html", context)


@require_http_methods(["GET", "POST"])
@permission_required(MANAGE, raise_exception=True)
def form_add(request: ContinuumRequest, kind: str) -> HttpResponse:
    continuum = continuum_or_404(request)
    if kind not in AgreementForm.Kind.values:
        raise Http404
    in_use = AgreementForm.objects.in_use(continuum, kind)
    initial = (
        {"title": in_use.title, "text": in_use.text, "months_valid": in_use.months_valid}
        if in_use
        else {
            "title": AgreementForm.Kind(kind).label,
            "text": starter_text(continuum, AgreementForm.Kind(kind)),
        }
    )
    form = DraftForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = {name: form.cleaned_data[name] for name in ("title", "text", "months_valid")}
        with refusals(form):
            text = draft_form(continuum, actor=request.user, kind=kind, **data)
            messages.success(request, "The draft was saved. Nobody can sign it yet.")
            return redirect(text)
    context = {"form": form, "kind": AgreementForm.Kind(kind), "in_use": in_use}
    return render(request, "agreements/form_add.html", context)


@require_http_methods(["GET", "POST"])
def form_edit(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    text = permitted_text(request, pk)
    if text.is_published:
        messages.warning(request, "This version is published: it is not changed any more.")
        return redirect(text)
    form = DraftForm(request.POST or None, instance=text)
    if request.method == "POST" and form.is_valid():
        data = {name: form.cleaned_data[name] for name in ("title", "text", "months_valid")}
        with refusals(form):
            change_draft(
                text, actor=request.user, revision=form.cleaned_data["revision"] or 0, **data
            )
            messages.success(request, "The draft was saved. Nobody can sign it yet.")
            return redirect(text)
    return render(request, "agreements/form_edit.html", {"form": form, "text": text})


@require_http_methods(["GET", "POST"])
def form_discard(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    text = permitted_text(request, pk)
    form = Form(request.POST)
    if request.method == "POST":
        with refusals(form):
            data = kept_of(text)
            discard_draft(text, actor=request.user)
            words, place = "The draft was discarded.", reverse("agreements:form_list")
            undo.offer(request, DISCARD, place=place, words=words, data=data, now=timezone.now())
            messages.success(request, words)
            return redirect("agreements:form_list")
    return render(request, "agreements/form_discard.html", {"text": text, "form": form})


@require_http_methods(["GET", "POST"])
def form_publish(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    text = permitted_text(request, pk)
    earlier = earlier_version(text)
    form = PublishForm(
        request.POST or None, has_earlier=bool(earlier), initial={"revision": text.revision}
    )
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            publish_form(
                text,
                actor=request.user,
                revision=form.cleaned_data["revision"],
                sign_again_by=form.cleaned_data.get("sign_again_by"),
            )
            messages.success(request, f"Version {text.version} is published and can be signed.")
            return redirect(text)
    context = {
        "form": form,
        "text": text,
        "earlier": earlier,
        "agency_count": len(agencies_to_sign(text)),
        "people_count": len(people_to_sign(text)),
    }
    return render(request, "agreements/form_publish.html", context)


@require_http_methods(["GET", "POST"])
def form_postpone(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    text = permitted_text(request, pk)
    form = SignAgainForm(request.POST or None, initial={"sign_again_by": text.sign_again_by})
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            postpone_signing(
                text, actor=request.user, sign_again_by=form.cleaned_data["sign_again_by"]
            )
            messages.success(request, "The date was changed.")
            return redirect(text)
    return render(request, "agreements/form_postpone.html", {"form": form, "text": text})
