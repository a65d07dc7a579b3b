"""The audit, for administrators."""

import uuid
from collections.abc import Iterator
from typing import Protocol

from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from audit import actions, readers, services
from audit.chain import glance_at_chain
from audit.exports import csv_lines
from audit.forms import EntryExportForm, EntryFilterForm
from audit.models import AuditEntry, AuditEntryQuerySet, Viewer

PAGE = 50
OTHER_ENTRIES = "These are not the entries that this page counted. Check the number and try again."


class _Continuum(Protocol):
    id: uuid.UUID


class AuditRequest(HttpRequest):
    """What middleware makes of a request: somebody is signed in, perhaps in a continuum."""

    user: PermissionsMixin  # type: ignore[assignment]  # nobody signed out comes here
    continuum: _Continuum


def permitted_entries(request: AuditRequest) -> AuditEntryQuerySet:
    """Return the entries of the person's continuum, or refuse."""
    if request.continuum is None or not request.user.has_perm("audit.view_entries"):
        raise PermissionDenied
    return AuditEntry.objects.visible_to(request.user)


def chosen_from(
    entries: AuditEntryQuerySet, form: EntryFilterForm, viewer: Viewer
) -> AuditEntryQuerySet:
    """The entries that were asked for; by a person's name never those of a guest."""
    found = entries.matching(**form.cleaned_data)
    if form.cleaned_data["person"]:
        found = found.exclude(actor_id__in=readers.guests_of(viewer))
    return found


@require_safe
def entry_list(request: AuditRequest) -> HttpResponse:
    entries = permitted_entries(request)
    form = EntryFilterForm(request.GET)
    found = chosen_from(entries, form, request.user) if form.is_valid() else entries.none()
    page = list(found.before(request.GET.get("before"))[: PAGE + 1])
    services.record(
        actions.AUDIT_VIEWED,
        actor=request.user,
        continuum_id=request.continuum.id,
        detail=form.detail,
    )
    chain = glance_at_chain(page)
    context = {
        "form": form,
        "entries": readers.name_rows(
            readers.say(page[:PAGE], request.user, timezone.now()), request.user
        ),
        "older": page[PAGE - 1].sequence if len(page) > PAGE else None,
        "chain": chain,
    }
    return render(request, "audit/entry_list.html", context)


@require_http_methods(["GET", "POST"])
def entry_export(request: AuditRequest) -> HttpResponseBase:
    """A file of the entries that the page counted: no newer ones, and none by another choice."""
    entries = permitted_entries(request)
    choice = EntryFilterForm(request.GET)
    if not choice.is_valid():
        raise Http404("The audit cannot be chosen from by these values.")
    form = EntryExportForm(request.POST or None)
    found = chosen_from(entries, choice, request.user)
    if request.method == "POST" and form.is_valid():
        chosen = found.up_to(form.cleaned_data["newest"] or 0)
        if chosen.count() == form.cleaned_data["count"]:
            services.record(
                actions.AUDIT_EXPORTED,
                actor=request.user,
                continuum_id=request.continuum.id,
                why=form.cleaned_data["why"],
                detail=choice.detail | {"count": form.cleaned_data["count"]},
            )
            lines = csv_lines(
                chosen, timezone.get_current_timezone(), viewer=request.user, now=timezone.now()
            )
            return as_file(lines)
        form.add_error(None, OTHER_ENTRIES)
    newest = found.order_by("-sequence").values_list("sequence", flat=True).first() or 0
    count = found.up_to(newest).count()
    form.carry(newest=newest, count=count)
    context = {"form": form, "choice": choice, "count": count}
    return render(request, "audit/entry_export.html", context)


def as_file(lines: Iterator[str]) -> StreamingHttpResponse:
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)
