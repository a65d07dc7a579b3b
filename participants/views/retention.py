"""De-identification after seven years: preview, then done; for administrators."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.decorators import recently_authenticated
from accounts.refusals import refusals
from participants.forms.retention import DeidentifyForm
from participants.services import retention
from regions.middleware import ContinuumRequest, continuum_of

PERM = "participants.deidentify_participants"


@require_http_methods(["GET", "POST"])
@recently_authenticated
def deidentify(request: ContinuumRequest) -> HttpResponse:
    """What is due, in numbers alone; done once somebody says why."""
    if request.continuum is None or not request.user.has_perm(PERM):
        raise PermissionDenied
    form = DeidentifyForm(request.POST or None)
    now = timezone.now()
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            count = retention.deidentify(
                continuum_of(request),
                as_of=request.today,
                reason=form.cleaned_data["reason"],
                actor=request.user,
                now=now,
                most=retention.MOST_AT_ONCE,
            )
            done = f"{count} record{'' if count == 1 else 's'} de-identified."
            messages.success(request, done if count else "Nothing was due any more.")
            return redirect("participants:deidentify")
    context = retention.deidentify_page(continuum_of(request), request.user, now=now)
    return render(request, "participants/deidentify.html", {**context, "form": form})
