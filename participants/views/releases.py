"""A participant's releases of information."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from agreements.access import refuse_without_standing
from participants.forms.releases import ReleaseForm, RevokeReleaseForm
from participants.services import pages
from participants.services.releases import read_scan, record_release, revoke_release

from .participants import context_of, get_participant, show_error, visible

PERM = "participants.record_release"


@require_GET
def release_list(request, pk):
    refuse_without_standing(request)
    participant = get_participant(request, pk)
    context = pages.releases_page(participant, request.user, on=request.today, now=timezone.now())
    context["may_record"] = context["keeps"] = request.user.has_perm(PERM, participant)
    return render(request, "participants/release_list.html", context)


@require_http_methods(["GET", "POST"])
def release_add(request, pk):
    refuse_without_standing(request)
    participant = get_participant(request, pk, PERM)
    if participant.is_confidential:
        raise PermissionDenied(
            "A victim service provider’s household appears by alias, whatever was signed: no "
            "release is kept here."
        )
    form = ReleaseForm(request.POST or None, request.FILES or None, continuum=request.continuum)
    if request.method == "POST" and form.is_valid():
        try:
            record_release(participant, actor=request.user, now=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            show_error(form, error)
        else:
            messages.success(request, "The release is recorded.")
            return redirect("participants:release_list", pk=participant.pk)
    context = context_of(request, participant)
    return render(request, "participants/release_add.html", {**context, "form": form})


@require_http_methods(["GET", "POST"])
def release_renew(request, pk, release_pk):
    """A new release on the terms of a former one, for a form that was signed again."""
    refuse_without_standing(request)
    participant, former = get_release(request, pk, release_pk)
    if participant.is_confidential:
        raise PermissionDenied
    form = ReleaseForm(
        request.POST or None,
        request.FILES or None,
        continuum=request.continuum,
        renews=former,
        on=request.today,
    )
    if request.method == "POST" and form.is_valid():
        try:
            record_release(participant, actor=request.user, now=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            show_error(form, error)
        else:
            messages.success(request, "The release is renewed.")
            return redirect("participants:release_list", pk=participant.pk)
    context = context_of(request, participant)
    return render(
        request, "participants/release_renew.html", {**context, "former": former, "form": form}
    )


@require_GET
def release_ending_list(request):
    """Releases that end soon, of the households whose record one keeps; the soonest first."""
    refuse_without_standing(request)
    context = pages.release_ending_page(
        visible(request), request.user, on=request.today, now=timezone.now()
    )
    return render(request, "participants/release_ending_list.html", context)


def get_release(request, pk, release_pk):
    participant = get_participant(request, pk, PERM)
    releases = participant.releases.select_related("participant", "revoked_by").defer("scan")
    return participant, get_object_or_404(releases, pk=release_pk)


@require_http_methods(["GET", "POST"])
def release_revoke(request, pk, release_pk):
    refuse_without_standing(request)
    participant, release = get_release(request, pk, release_pk)
    form = RevokeReleaseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        is_new = revoke_release(
            release, actor=request.user, now=timezone.now(), **form.cleaned_data
        )
        done = "The release is revoked. It counts for nothing from now on."
        messages.success(request, done if is_new else "It was revoked already.")
        return redirect("participants:release_list", pk=participant.pk)
    context = context_of(request, participant)
    return render(
        request, "participants/release_revoke.html", {**context, "release": release, "form": form}
    )


@require_GET
def release_scan(request, pk, release_pk):
    refuse_without_standing(request)
    _, release = get_release(request, pk, release_pk)
    if release.scan is None:
        raise Http404("No scan was put in with this release.")
    scan = read_scan(release, actor=request.user, now=timezone.now())
    return HttpResponse(
        scan,
        content_type="application/pdf",
        headers={"Content-Disposition": 'attachment; filename="release.pdf"'},
    )
