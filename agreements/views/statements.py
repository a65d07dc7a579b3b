"""The confidentiality statement that each person signs for themselves."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import get_permitted_or_404
from accounts.pages import client_ip
from accounts.refusals import refusals
from regions.middleware import ContinuumRequest

from ..forms.agreements import RevokeForm, SignStatementForm
from ..models import AgreementForm, PersonalStatement
from ..models.papers import PersonalStatementQuerySet
from ..overview import statement_needed
from ..reading import blocks
from ..services.agreements import SIGNED_ALREADY
from ..services.statements import (
    newest_statement,
    read_statement,
    revoke_statement,
    sign_statement,
)
from ..standing import person_standing
from .agreements import pdf_response
from .people import continuum_or_404


def statements(request: ContinuumRequest) -> PersonalStatementQuerySet:
    return PersonalStatement.objects.visible_to(request.user).select_related(
        "form__continuum", "user"
    )


@require_safe
def statement_detail(request: ContinuumRequest) -> HttpResponse:
    """The person's own statement: whether it counts, and its history."""
    continuum = continuum_or_404(request)
    own = statements(request).filter(user=request.user).without_documents()
    context = {
        "continuum": continuum,
        "text": AgreementForm.objects.in_use(continuum, AgreementForm.Kind.PERSONAL),
        "need": statement_needed(request.user, continuum, request.today),
        "standing": person_standing(request.user, request.today),
        "statements": [(each, each.state(request.today)) for each in own],
    }
    return render(request, "agreements/statement_detail.html", context)


@require_http_methods(["GET", "POST"])
def statement_sign(request: ContinuumRequest) -> HttpResponse:
    continuum = continuum_or_404(request)
    text = AgreementForm.objects.in_use(continuum, AgreementForm.Kind.PERSONAL)
    newest = newest_statement(request.user)
    form = SignStatementForm(request.POST or None, text=text, newest=newest)
    if request.method == "POST" and form.is_valid():
        with refusals(form) as refused:
            sign_statement(
                request.user,
                **form.shown,
                name=form.cleaned_data["name"],
                signed_from=client_ip(request),
            )
            messages.success(request, "You signed the confidentiality statement.")
            return redirect("agreements:statement_detail")
        if SIGNED_ALREADY in refused.codes:
            refused.say(request)
            return redirect("agreements:statement_detail")
    context = {
        "continuum": continuum,
        "text": text,
        "blocks": blocks(text.text) if text else [],
        "form": form,
        "newest": newest,
        "need": statement_needed(request.user, continuum, request.today),
    }
    return render(request, "agreements/statement_sign.html", context)


@require_http_methods(["GET", "POST"])
def statement_revoke(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    statement = get_permitted_or_404(
        request.user, "agreements.revoke_statement", statements(request), pk=pk
    )
    form = RevokeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            revoke_statement(statement, actor=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, f"The statement of {statement.user} was revoked.")
            return redirect("agreements:standing_list")
    return render(
        request, "agreements/statement_revoke.html", {"statement": statement, "form": form}
    )


@require_safe
def statement_download(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    statement = get_permitted_or_404(
        request.user, "agreements.read_statement", statements(request), pk=pk
    )
    with refusals(request):
        pdf = read_statement(statement, actor=request.user)
        return pdf_response(pdf, f"statement-version-{statement.form.version}")
    return redirect("agreements:statement_detail")
