"""Views of the by-name list that people keep, and the list as a file."""

import uuid
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts import undo
from accounts.access import get_permitted_or_404
from accounts.decorators import recently_authenticated
from accounts.refusals import refusals
from agreements.access import refuse_without_standing
from participants.forms.listing import ListForm
from participants.forms.saved_views import ListExportForm, SavedViewForm
from participants.models import SavedView
from participants.quiet import rule_of
from participants.services.list_export import download_list, export_list, extent_of
from participants.services.saved_views import (
    KIND,
    add_saved_view,
    change_saved_view,
    kept_of,
    remove_saved_view,
)
from participants.texts import Reader, reader
from regions.middleware import ContinuumRequest, continuum_of

KEEP, SHARE = "participants.keep_view", "participants.share_view"


def list_address(query: str, view: SavedView | None = None) -> str:
    """The list as a choice shows it, with the view that is open."""
    parts = [query, f"view={view.pk}" if view else ""]
    end = "&".join(filter(None, parts))
    return reverse("participants:participant_list") + (f"?{end}" if end else "")


@require_GET
def saved_view_open(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Lead to the list by the view's query: what it shows is asked there, of this reader."""
    refuse_without_standing(request)
    view = get_object_or_404(SavedView.objects.visible_to(request.user), pk=pk)
    form = ListForm.of_view(view.query, continuum=continuum_of(request))
    return redirect(list_address(form.address, view))


@require_http_methods(["GET", "POST"])
def saved_view_add(request: ContinuumRequest) -> HttpResponse:
    """Keep the filters, order and columns of the address under a name."""
    refuse_without_standing(request)
    choice = ListForm(request.GET, continuum=continuum_of(request))
    form = SavedViewForm(request.POST or None, may_share=request.user.has_perm(SHARE))
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            view = add_saved_view(
                continuum_of(request),
                name=form.cleaned_data["name"],
                is_shared=form.cleaned_data.get("is_shared", False),
                query=choice.query(),
                actor=request.user,
                now=timezone.now(),
            )
            messages.success(request, "The view is saved.")
            return redirect(list_address(choice.address, view))
    context = {"form": form, "choice": choice, "back": list_address(choice.address)}
    return render(request, "participants/saved_view_add.html", context)


def typed_name(name: str, view: SavedView, read: Reader) -> str:
    """What the view is to be called, with the names that its reader cannot read."""
    return view.name if name == read.to_edit(view.name).strip() else read.put_back(name, view.name)


@require_http_methods(["GET", "POST"])
def saved_view_edit(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Rename a view, share it, or let it hold what the address says."""
    refuse_without_standing(request)
    views = SavedView.objects.visible_to(request.user).select_related("owner")
    view = get_permitted_or_404(request.user, KEEP, views, pk=pk)
    read = reader(request.user, timezone.now())
    held = ListForm.of_view(view.query, continuum=continuum_of(request))
    choice = ListForm(request.GET, continuum=continuum_of(request)) if request.GET else held
    form = SavedViewForm(
        request.POST or None,
        may_share=request.user.has_perm(SHARE),
        is_changed=choice.query() != view.query,
        initial={
            "name": read.to_edit(view.name),
            "is_shared": view.is_shared,
            "takes_choice": True,
        },
    )
    if request.method == "POST" and form.is_valid():
        takes = form.cleaned_data.get("takes_choice")
        with refusals(form):
            change_saved_view(
                view,
                name=typed_name(form.cleaned_data["name"], view, read),
                is_shared=form.cleaned_data.get("is_shared"),
                query=choice.query() if takes else None,
                actor=request.user,
                now=timezone.now(),
            )
            messages.success(request, "The view is changed.")
            return redirect(list_address(choice.address, view))
    context = {"form": form, "view": view, "held": held, "choice": choice}
    context["back"] = list_address(choice.address, view)
    return render(request, "participants/saved_view_edit.html", context)


@require_http_methods(["GET", "POST"])
def saved_view_remove(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    refuse_without_standing(request)
    views = SavedView.objects.visible_to(request.user).select_related("owner")
    view = get_permitted_or_404(request.user, KEEP, views, pk=pk)
    if request.method == "POST":
        now = timezone.now()
        data = kept_of(view)
        remove_saved_view(view, actor=request.user, now=now)
        place = reverse("participants:participant_list")
        words = "The view is removed."
        undo.offer(request, KIND, place=place, words=words, data=data, now=now)
        messages.success(request, "The view is removed. No household was touched.")
        return redirect("participants:participant_list")
    return render(request, "participants/saved_view_remove.html", {"view": view})


@require_http_methods(["GET", "POST"])
@recently_authenticated
def list_export(request: ContinuumRequest) -> HttpResponse:
    """A locked file for whoever says why: first its password, shown once, then the file."""
    refuse_without_standing(request)
    if not request.user.has_perm("participants.export_list"):
        raise PermissionDenied
    continuum, now = continuum_of(request), timezone.now()
    choice = ListForm(request.GET, continuum=continuum)
    is_order = request.method == "POST" and "order" in request.POST
    form = ListExportForm(None if "order" in request.POST else request.POST or None)
    context = {"form": form, "choice": choice, "back": list_address(choice.address)}
    with refusals() as refused:
        if is_order:
            file = download_list(
                continuum,
                order=request.POST["order"],
                choice_of=lambda query: ListForm.of_view(query, continuum=continuum),
                actor=request.user,
                now=now,
            )
            headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
            return HttpResponse(file.content, content_type=file.content_type, headers=headers)
        if request.method == "POST" and form.is_valid():
            context["password"], context["order"] = export_list(
                continuum,
                choice=choice,
                actor=request.user,
                now=now,
                **form.cleaned_data,
            )
    context["refusal"] = refused.words
    if "password" not in context:
        context |= extent_to_confirm(request, choice, form, now=now)
    return render(request, "participants/list_export.html", context)


def extent_to_confirm(
    request: ContinuumRequest, choice: ListForm, form: ListExportForm, *, now: datetime
) -> dict[str, object]:
    """What the file would hold now, for the page and its form; or why there can be no file."""
    rule = rule_of(continuum_of(request))
    with refusals() as refused:
        extent = extent_of(choice, request.user, rule=rule, now=now)
    if refused:
        return {"refusal": refused.words}
    form.fields["seen"].initial = extent.seen
    if form.is_bound:
        form.data = form.data.copy()
        form.data["seen"] = extent.seen
    return {"extent": extent}
