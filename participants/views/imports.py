"""Set-up → Import: an export of HMIS from the upload to the list, and back."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import get_permitted_or_404
from accounts.named_fields import Form
from accounts.refusals import refusals
from participants.forms.imports import ConfirmForm, DecisionForm, ImportForm, ProjectsForm
from participants.hmis import pages, services
from participants.hmis.pages import undone_words
from participants.hmis.projects import change_projects
from participants.hmis.undoing import undo_import
from participants.models import HmisImport, HmisProject
from regions.middleware import ContinuumRequest
from regions.models import Continuum
from regions.words import plural

from .uploads import is_too_large, takes_file

PERM = "participants.import_hmis"
PER_PAGE = 50


def get_continuum(request: ContinuumRequest) -> Continuum:
    key = request.continuum.pk if request.continuum else None
    continuum = get_object_or_404(Continuum.objects.visible_to(request.user), pk=key)
    # Without an object: the continuum is of another room than the permission.
    if not request.user.has_perm(PERM):
        raise PermissionDenied
    return continuum


def get_import(request: ContinuumRequest, pk: uuid.UUID) -> HmisImport:
    rows = HmisImport.objects.visible_to(request.user).select_related(
        "continuum", "started_by", "confirmed_by", "undone_by"
    )
    return get_permitted_or_404(request.user, PERM, rows, pk=pk)


@require_GET
def import_list(request: ContinuumRequest) -> HttpResponse:
    context = pages.list_page(get_continuum(request))
    return render(request, "participants/import_list.html", context)


@takes_file(get_continuum)
def import_add(request: ContinuumRequest) -> HttpResponse:
    """Upload an export."""
    continuum = get_continuum(request)
    if waiting := continuum.hmis_imports.unfinished().first():
        return render(request, "participants/import_add.html", {"waiting": waiting})
    form = ImportForm(
        request.POST or None,
        request.FILES or None,
        today=request.today,
        is_too_large=is_too_large(request),
    )
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            hmis_import = services.start_import(
                continuum, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
            return redirect(hmis_import)
    return render(request, "participants/import_add.html", {"form": form})


@require_GET
def import_detail(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """The preview, or how far the import is, or what became of it."""
    hmis_import = get_import(request, pk)
    context = pages.detail_page(hmis_import)
    if not hmis_import.is_moving:
        shown = request.GET.get("show", "")
        shown = shown if shown in (*pages.KINDS, "refused") else pages.first_shown(hmis_import)
        lines = hmis_import.lines.filter(kind=shown).select_related(
            "participant", "hmis_import__continuum"
        )
        context |= {
            "shown": shown,
            "tabs": pages.tabs(hmis_import, shown, hmis_import.get_absolute_url()),
        }
        number = request.GET.get("page")
        if shown == "refused":
            refused = Paginator(hmis_import.refusals.all(), PER_PAGE).get_page(number)
            context |= {"page": refused, "rows": refused}
        else:
            page = Paginator(lines, PER_PAGE).get_page(number)
            context |= {
                "page": page,
                "rows": pages.lines_shown(page, request.user, now=timezone.now()),
            }
    return render(request, "participants/import_detail.html", context)


@require_GET
def import_progress(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """A part of the page, asked for every two seconds; done, it has the page loaded again."""
    hmis_import = get_import(request, pk)
    if not hmis_import.is_moving:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "participants/import_progress.html", {"import": hmis_import})


@require_http_methods(["GET", "POST"])
def import_projects(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Which projects make a place on the list, where they are, whose they are; then read again."""
    hmis_import = get_import(request, pk)
    form = ProjectsForm(
        request.POST or None,
        continuum=hmis_import.continuum,
        projects=HmisProject.objects.filter(continuum=hmis_import.continuum),
    )
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        with refusals(form):
            change_projects(
                hmis_import.continuum, choices=form.choices(), actor=request.user, now=now
            )
            services.read_again(hmis_import, actor=request.user, now=now)
            return redirect(hmis_import)
    return render(
        request, "participants/import_projects.html", {"import": hmis_import, "form": form}
    )


@require_POST
def duplicate_decide(request: ContinuumRequest, pk: uuid.UUID, line_pk: uuid.UUID) -> HttpResponse:
    hmis_import = get_import(request, pk)
    line = get_object_or_404(hmis_import.lines, pk=line_pk)
    form = DecisionForm(request.POST)
    with refusals(request):
        if not form.is_valid():
            raise ValidationError("Choose what this household is.")
        services.decide_duplicate(line, actor=request.user, now=timezone.now(), **form.cleaned_data)
        messages.success(request, "Kept. It is done with the rest when you apply the import.")
    return redirect(f"{hmis_import.get_absolute_url()}?show={line.kind}")


@require_POST
def duplicates_join(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """All that are on file under another id are the same people: another system's export."""
    hmis_import = get_import(request, pk)
    with refusals(request):
        number = services.join_renumbered(hmis_import, actor=request.user, now=timezone.now())
        words = f"The import joins {plural(number, 'household')} when you apply it."
        messages.success(request, words)
    return redirect(f"{hmis_import.get_absolute_url()}?show=duplicate")


@require_GET
def import_refusals(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """The refused rows as CSV, without anybody's data."""
    hmis_import = get_import(request, pk)
    name = f"refused-{hmis_import.started_at:%Y-%m-%d}.csv"
    return HttpResponse(
        pages.refusals_csv(hmis_import),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_http_methods(["GET", "POST"])
def import_confirm(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """What applying will do, what is unusual about it, and the button."""
    hmis_import = get_import(request, pk)
    form = ConfirmForm(request.POST if request.method == "POST" else None, stops=hmis_import.stops)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            services.confirm_import(
                hmis_import,
                accepts=form.cleaned_data.get("accepts", False),
                actor=request.user,
                now=timezone.now(),
            )
            return redirect(hmis_import)
    return render(
        request, "participants/import_confirm.html", {"import": hmis_import, "form": form}
    )


@require_POST
def import_discard(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    hmis_import = get_import(request, pk)
    with refusals(request):
        services.discard_import(hmis_import, actor=request.user, now=timezone.now())
        messages.success(request, "The import is discarded. The by-name list is as it was.")
    return redirect("imports:import_list")


@require_http_methods(["GET", "POST"])
def import_undo(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    hmis_import = get_import(request, pk)
    form = Form(request.POST)
    if request.method == "POST":
        with refusals(form):
            counts = undo_import(hmis_import, actor=request.user, now=timezone.now())
            messages.success(request, f"Undone. Of its households: {undone_words(counts)}")
            return redirect(hmis_import)
    return render(
        request,
        "participants/import_undo.html",
        {"import": hmis_import, "form": form, "url": reverse("imports:import_list")},
    )
