"""A participant's releases of information."""

import uuid
from collections.abc import Iterable
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.refusals import refusals
from agreements.access import refuse_without_standing
from participants.forms.releases import (
    ConfirmReleaseForm,
    ManyReleasesForm,
    ReleaseForm,
    RevokeReleaseForm,
)
from participants.models import Participant, Release
from participants.services import release_pages
from participants.services import release_work as release_work_services
from participants.services.releases import (
    confirm_release,
    names_on_scan,
    read_scan,
    record_release,
    record_releases,
    revoke_release,
)
from regions.middleware import ContinuumRequest, continuum_of

from .participants import context_of, get_participant, visible

PERM = "participants.record_release"


@require_GET
def release_list(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    refuse_without_standing(request)
    participant = get_participant(request, pk)
    context = release_pages.releases_page(participant, request.user, now=timezone.now())
    context["may_record"] = context["keeps"] = request.user.has_perm(PERM, participant)
    return render(request, "participants/release_list.html", context)


@require_http_methods(["GET", "POST"])
def release_add(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    refuse_without_standing(request)
    participant = get_participant(request, pk, PERM)
    if participant.is_confidential:
        raise PermissionDenied(
            "A victim service provider’s household is shown by alias, whatever was signed. No "
            "release is kept here."
        )
    form = ReleaseForm(request.POST or None, request.FILES or None, continuum=continuum_of(request))
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            record_release(participant, actor=request.user, now=timezone.now(), **form.cleaned_data)
            messages.success(request, "The release is recorded.")
            return redirect("participants:release_list", pk=participant.pk)
    context = context_of(request, participant)
    return render(request, "participants/release_add.html", {**context, "form": form})


@require_http_methods(["GET", "POST"])
def release_renew(request: ContinuumRequest, pk: uuid.UUID, release_pk: UUID) -> HttpResponse:
    """A new release on the terms of a former one, for a form that was signed again."""
    refuse_without_standing(request)
    participant, former = get_release(request, pk, release_pk)
    if participant.is_confidential:
        raise PermissionDenied
    form = ReleaseForm(
        request.POST or None,
        request.FILES or None,
        continuum=continuum_of(request),
        renews=former,
        on=request.today,
    )
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            record_release(participant, actor=request.user, now=timezone.now(), **form.cleaned_data)
            messages.success(request, "The release is renewed.")
            return redirect("participants:release_list", pk=participant.pk)
    context = context_of(request, participant)
    return render(
        request, "participants/release_renew.html", {**context, "former": former, "form": form}
    )


@require_http_methods(["GET", "POST"])
def release_missing_list(request: ContinuumRequest) -> HttpResponse:
    """Households without a release, of those whose record one keeps; the longest listed first."""
    return release_work(request, release_work_services.MISSING)


@require_http_methods(["GET", "POST"])
def release_ending_list(request: ContinuumRequest) -> HttpResponse:
    """Releases that end soon, of the households whose record one keeps; the soonest first."""
    return release_work(request, release_work_services.ENDING)


@require_GET
def release_unproven_list(request: ContinuumRequest) -> HttpResponse:
    """Releases without a scan, or that only the agency that keeps the record has seen."""
    return release_work(request, release_work_services.UNPROVEN)


def release_work(request: ContinuumRequest, kind: str) -> HttpResponse:
    """A list of households to check, and below it what they signed: recorded for all at once.

    What was typed and checked stays when something is wrong, and when all are checked by a button.
    """
    refuse_without_standing(request)
    is_sent = request.method == "POST" and "select" not in request.POST
    chosen = keys_of(request.POST.getlist("chosen"))
    form = ManyReleasesForm(
        request.POST if is_sent else None,
        request.FILES if is_sent else None,
        continuum=continuum_of(request),
    )
    if is_sent and record_chosen(request, form, chosen):
        return redirect(request.get_full_path())
    if request.method == "POST" and not is_sent:
        form.keep(request.POST)
    context = release_work_services.release_work_page(
        kind,
        request.user,
        visible(request),
        number=request.GET.get("page"),
        chosen=chosen,
        now=timezone.now(),
    )
    if request.POST.get("select"):
        for row in context["rows"]:
            row["is_chosen"] = request.POST["select"] == "all"
    return render(request, "participants/release_work.html", {**context, "form": form})


def record_chosen(request: ContinuumRequest, form: ManyReleasesForm, chosen: Iterable[str]) -> bool:
    """Record what was typed for the households that were checked; False if something is wrong."""
    with refusals(form):
        people = release_work_services.chosen_households(request.user, visible(request), chosen)
        if not form.is_valid():
            return False
        number = record_releases(
            people, actor=request.user, now=timezone.now(), **form.cleaned_data
        )
        households = "1 household" if number == 1 else f"{number} households"
        messages.success(request, f"The release is recorded for {households}.")
        return True
    return False


def keys_of(typed: Iterable[str]) -> set[str]:
    """The keys among what a form sent for them."""
    found = set()
    for each in typed:
        try:
            found.add(str(UUID(each)))
        except ValueError:
            continue
    return found


def get_release(
    request: ContinuumRequest, pk: uuid.UUID, release_pk: UUID
) -> tuple[Participant, Release]:
    participant = get_participant(request, pk, PERM)
    releases = participant.releases.select_related("participant", "revoked_by")
    releases = releases.with_proof().defer("scan")
    return participant, get_object_or_404(releases, pk=release_pk)


@require_http_methods(["GET", "POST"])
def release_revoke(request: ContinuumRequest, pk: uuid.UUID, release_pk: UUID) -> HttpResponse:
    refuse_without_standing(request)
    participant, release = get_release(request, pk, release_pk)
    form = RevokeReleaseForm(request.POST or None).about(participant)
    if request.method == "POST" and form.is_valid():
        is_new = revoke_release(
            release, actor=request.user, now=timezone.now(), **form.cleaned_data
        )
        done = "The release is revoked. It is no longer valid."
        messages.success(request, done if is_new else "It was revoked already.")
        return redirect("participants:release_list", pk=participant.pk)
    context = context_of(request, participant)
    return render(
        request, "participants/release_revoke.html", {**context, "release": release, "form": form}
    )


@require_http_methods(["GET", "POST"])
def release_confirm(request: ContinuumRequest, pk: uuid.UUID, release_pk: UUID) -> HttpResponse:
    """Another person heads the household: whether what the former head signed holds for them."""
    refuse_without_standing(request)
    participant, release = get_release(request, pk, release_pk)
    form = ConfirmReleaseForm(request.POST or None).about(participant)
    if request.method == "POST" and form.is_valid():
        is_new = confirm_release(
            release, actor=request.user, now=timezone.now(), **form.cleaned_data
        )
        done = "The release counts again." if is_new else "It needs no confirmation any more."
        messages.success(request, done)
        return redirect("participants:release_list", pk=participant.pk)
    context = context_of(request, participant)
    return render(
        request, "participants/release_confirm.html", {**context, "release": release, "form": form}
    )


@require_GET
def release_scan(request: ContinuumRequest, pk: uuid.UUID, release_pk: UUID) -> HttpResponse:
    refuse_without_standing(request)
    participant = get_participant(request, pk)
    release = get_object_or_404(
        participant.releases.select_related("participant").defer("scan"), pk=release_pk
    )
    now = timezone.now()
    names = names_on_scan(release, request.user, now)
    if names is None:
        raise PermissionDenied(
            "The scan shows a name that you may not see. It opens for the agency that keeps the "
            "record, and for those whom a current release covers."
        )
    scan = read_scan(release, names, actor=request.user, now=now)
    if scan is None:
        raise Http404("No scan was put in with this release.")
    return HttpResponse(
        scan,
        content_type="application/pdf",
        headers={"Content-Disposition": 'attachment; filename="release.pdf"'},
    )
