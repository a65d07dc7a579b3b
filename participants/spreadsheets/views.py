"""Set-up → Import: a spreadsheet from the upload to its preview."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.refusals import refusals
from participants.models import HmisImport, HmisLine
from participants.views.imports import get_continuum, get_import
from participants.views.uploads import is_too_large, takes_file
from regions.middleware import ContinuumRequest
from regions.words import plural

from . import pages, services
from .choices import kinds_of
from .forms import ColumnsForm, SheetForm, TableForm, ValueForm, ValuesForm, WordsForm
from .kept import chosen_tab
from .reading import MOST_BYTES


@takes_file(get_continuum, most_bytes=MOST_BYTES)
def sheet_add(request: ContinuumRequest) -> HttpResponse:
    """Upload or paste a sheet."""
    continuum = get_continuum(request)
    if waiting := continuum.hmis_imports.unfinished().first():
        return render(request, "participants/sheet_add.html", {"waiting": waiting})
    form = SheetForm(
        request.POST or None,
        request.FILES or None,
        today=request.today,
        is_too_large=is_too_large(request),
    )
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            hmis_import = services.start_sheet(
                continuum,
                **form.table(),
                as_of=form.cleaned_data["as_of"],
                actor=request.user,
                now=timezone.now(),
            )
            return redirect(next_page(hmis_import))
    return render(request, "participants/sheet_add.html", {"form": form})


def get_sheet(request: ContinuumRequest, pk: uuid.UUID) -> HmisImport:
    hmis_import = get_import(request, pk)
    if not hmis_import.is_sheet:
        raise Http404
    return hmis_import


def next_page(hmis_import: HmisImport) -> str | HmisImport:
    return pages.columns_url(hmis_import) if pages.is_matching(hmis_import) else hmis_import


@require_http_methods(["GET", "POST"])
def sheet_columns(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """What each column is: guessed, or as it was said the last time; a person decides."""
    hmis_import = get_sheet(request, pk)
    if not pages.may_match(hmis_import):
        return render(request, "participants/sheet_closed.html", {"import": hmis_import})
    tabs, tab = chosen_tab(hmis_import)
    is_table = request.POST.get("step") == "table"
    guessed = pages.guessed(hmis_import, tab, request.user)
    form = ColumnsForm(
        request.POST if request.method == "POST" and not is_table else None,
        continuum=hmis_import.continuum,
        tab=tab,
        **guessed,
    )
    table = TableForm(
        request.POST if is_table else None,
        tabs=tabs,
        tab=tab,
        shows=guessed["shows"],
        place=hmis_import.sheet_settings.get("tab", 0),
    )
    if is_table and table.is_valid():
        with refusals(table):
            services.choose_table(hmis_import, **table.cleaned_data)
            return redirect(pages.columns_url(hmis_import))
    elif request.method == "POST" and form.is_valid():
        with refusals(form):
            hmis_import = services.match_columns(
                hmis_import, **form.values(), actor=request.user, now=timezone.now()
            )
            asks = pages.is_matching(hmis_import)
            return redirect(pages.words_url(hmis_import) if asks else hmis_import)
    context = pages.columns_page(hmis_import, tab) | {"form": form, "table": table}
    return render(request, "participants/sheet_columns.html", context)


@require_http_methods(["GET", "POST"])
def sheet_words(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """What words of the sheet mean that nobody said yet."""
    hmis_import = get_sheet(request, pk)
    if not pages.may_match(hmis_import):
        return render(request, "participants/sheet_closed.html", {"import": hmis_import})
    _tabs, tab = chosen_tab(hmis_import)
    kinds = kinds_of(hmis_import.continuum)
    asked = services.asked_of(hmis_import, kinds, tab)
    if not asked:
        return redirect(pages.columns_url(hmis_import))
    if hmis_import.started_by_id != request.user.pk:
        messages.error(request, services.OTHERS_WORDS)
        return redirect(pages.columns_url(hmis_import))
    if max(map(len, asked.values())) > services.MOST_WORDS:
        messages.error(request, "A column holds too many words to be one of choices. Change it.")
        return redirect(pages.columns_url(hmis_import))
    form = WordsForm(request.POST if request.method == "POST" else None, asked=asked, kinds=kinds)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            services.match_words(
                hmis_import, words=form.meanings(), actor=request.user, now=timezone.now()
            )
            return redirect(hmis_import)
    return render(request, "participants/sheet_words.html", {"import": hmis_import, "form": form})


@require_POST
def value_choose(request: ContinuumRequest, pk: uuid.UUID, line_pk: uuid.UUID) -> HttpResponse:
    """Take the sheet's value where the file says otherwise, or leave it."""
    hmis_import = get_import(request, pk)
    line = get_object_or_404(hmis_import.lines, pk=line_pk)
    form = ValueForm(request.POST)
    with refusals(request):
        if not form.is_valid():
            raise ValidationError("Choose which value is right.")
        services.choose_value(line, actor=request.user, now=timezone.now(), **form.cleaned_data)
        messages.success(request, "Kept. It is done with the rest when you apply the import.")
    number = request.POST.get("page", "")
    page = f"&page={number}" if number.isdigit() else ""
    return redirect(f"{hmis_import.get_absolute_url()}?show={line.kind}{page}")


@require_POST
def values_choose(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Take the sheet's value wherever the file says otherwise, or leave what is on file there."""
    hmis_import = get_import(request, pk)
    form = ValuesForm(request.POST)
    with refusals(request):
        if not form.is_valid():
            raise ValidationError("Choose which values are right.")
        takes_sheet = form.cleaned_data["takes_sheet"]
        number = services.choose_all(
            hmis_import, takes_sheet=takes_sheet, actor=request.user, now=timezone.now()
        )
        what = "The sheet’s value is used" if takes_sheet else "What is on file stays"
        places = plural(number, "place")
        messages.success(request, f"{what} in {places}. It is done when you apply the import.")
    return redirect(f"{hmis_import.get_absolute_url()}?show={HmisLine.Kind.CHANGED}")
