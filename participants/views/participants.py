"""The by-name list and one participant."""

import uuid
from typing import TypedDict, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import get_permitted_or_404
from accounts.refusals import refusals
from agreements.access import refuse_without_standing
from agreements.models import Agency, StaffMember
from audit.templatetags.readers import ReadRequest, read_by
from participants.forms.listing import ListForm
from participants.forms.participants import (
    AddParticipantForm,
    ChangeParticipantForm,
    PlaceForm,
    StayForm,
)
from participants.grounds import may_replace
from participants.hmis.pages import hmis_section
from participants.listing import filtered, heads_of, ordered, words_of_order
from participants.models import Participant, ParticipantQuerySet
from participants.naming import Label
from participants.quiet import rule_of
from participants.search import search
from participants.services import pages
from participants.services.participants import add_participant, change_participant
from participants.services.places import change_place, flows_for, record_stay
from participants.services.saved_view_pages import saved_views_page
from regions.middleware import ContinuumRequest, continuum_of


class Context(TypedDict):
    """What every page about a participant shows of them."""

    participant: Participant
    shown_as: Label


def visible(request: ContinuumRequest) -> ParticipantQuerySet:
    return Participant.objects.visible_to(request.user, request.today)


def get_participant(
    request: ContinuumRequest, pk: uuid.UUID, perm: str | None = None
) -> Participant:
    rows = visible(request).select_related(
        "agency", "region", "county", "continuum", "place", "hmis", "navigator__user"
    )
    if perm:
        return get_permitted_or_404(request.user, perm, rows, pk=pk)
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "POST"])
def participant_list(request: ContinuumRequest) -> HttpResponse:
    """The list. A search comes by POST: a name has no place in an address or a log.

    To whoever changes a filter, the order or the page of it, by script, goes the list alone.
    """
    refuse_without_standing(request)
    now, reading = timezone.now(), cast(ReadRequest, request)  # keeps its readers for the page
    is_narrowed = "is_narrowed" in request.POST  # the filters were changed beside a search
    chosen = request.POST if is_narrowed else request.GET
    form = ListForm(chosen, continuum=continuum_of(request))
    text = request.POST.get("q", "").strip()
    rule = rule_of(continuum_of(request))
    rows = filtered(visible(request), **form.chosen(), rule=rule, viewer=request.user, now=now)
    rows = search(rows, text, request.user, now)
    agencies = agencies_for(request)
    # A search has pages of its own: their numbers come with it.
    number = (request.POST if text else request.GET).get("page")
    rows = ordered(rows, form.order, rule)
    page = pages.page_of(rows, number, is_judged=bool(form.value("state")))
    shown = Participant.objects.filter(pk__in=list(page))
    shown = ordered(pages.with_list_columns(shown, rule), form.order, rule)
    is_part = request.htmx.target == "list"
    answer = render(
        request,
        f"participants/{'list_part' if is_part else 'participant_list'}.html",
        {
            "is_part": is_part,
            "filter_form": form,
            "page": page,
            "rows": pages.list_rows(shown, request.user, now=now, is_search=bool(text), rule=rule),
            "text": text,
            "sort": form.order,
            "columns": form.shown_columns,
            "heads": heads_of(form.shown_columns),
            "may_add": bool(agencies),
            "may_export": request.user.has_perm("participants.export_list"),
            "may_replace": any(each.is_victim_service_provider for each in agencies),
            "order_words": words_of_order(form.order),
            **saved_views_page(request.user, form, lambda text: read_by(text, reading)),
        },
    )
    patch_vary_headers(answer, ["HX-Target"])
    if is_part and request.method == "GET":
        query = form.page_address(page.number)
        address = request.path + (f"?{query}" if query else "")
        if address != request.htmx.current_url_abs_path:
            answer["HX-Push-Url"] = address
    return answer


def refuse_unless(request: ContinuumRequest, perm: str) -> None:
    if not request.user.has_perm(perm):
        raise PermissionDenied


def joined_into(request: ContinuumRequest, pk: uuid.UUID) -> Participant | None:
    """The record that this one was joined into, for those who may see that; else None."""
    former = Participant.every.filter(pk=pk, merged_into__isnull=False).values("merged_into")
    return visible(request).filter(pk__in=former).first()


@require_GET
def participant_detail(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    refuse_without_standing(request)
    try:
        participant = get_participant(request, pk)
    except Http404:
        stands_for = joined_into(request, pk)
        if stands_for is None:
            raise
        return redirect(stands_for)
    context = pages.participant_page(participant, request.user, now=timezone.now())
    context["hmis"] = hmis_section(participant, shown_as=cast(Label, context["shown_as"]))
    context["may_change"] = request.user.has_perm("participants.change_participant", participant)
    context["keeps"] = context["may_change"]
    context["may_move"] = request.user.has_perm("participants.change_place", participant)
    context["may_record_stay"] = request.user.has_perm("participants.record_stay", participant)
    context["may_merge"] = not participant.is_confidential and request.user.has_perm(
        "participants.merge_participants", participant
    )
    return render(request, "participants/participant_detail.html", context)


def agencies_for(request: ContinuumRequest) -> list[Agency]:
    """The agencies for which this person may add: their own; a specialist, any but a VSP."""
    place = StaffMember.objects.current().filter(user=request.user).select_related("agency").first()
    if place:
        return [place.agency]
    return list(
        Agency.objects.visible_to(request.user)
        .in_good_standing(request.today)
        .filter(is_victim_service_provider=False)
    )


@require_http_methods(["GET", "POST"])
def participant_add(request: ContinuumRequest) -> HttpResponse:
    refuse_without_standing(request)
    if not request.user.has_perm("participants.add_participant"):
        raise PermissionDenied
    agencies = agencies_for(request)
    if not agencies:
        raise PermissionDenied(
            "No agency has current paperwork, and each household is kept by one."
        )
    own = agencies[0] if len(agencies) == 1 else None
    form = AddParticipantForm(
        request.POST or None, continuum=continuum_of(request), agency=own, agencies=agencies
    )
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        agency = values.pop("agency", own)
        with refusals(form):
            participant = add_participant(
                continuum_of(request),
                agency=agency,
                actor=request.user,
                now=timezone.now(),
                **values,
            )
            messages.success(request, f"{participant.alias} is on the by-name list.")
            return redirect(participant)
    return render(request, "participants/participant_add.html", {"form": form, "own": own})


@require_http_methods(["GET", "POST"])
def participant_edit(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    refuse_without_standing(request)
    participant = get_participant(request, pk, "participants.change_participant")
    context = context_of(request, participant)
    form = ChangeParticipantForm(
        request.POST or None,
        instance=participant,
        continuum=continuum_of(request),
        agency=participant.agency,
        shown_as=context["shown_as"],
        may_replace=may_replace(participant, request.user, timezone.now()),
    )
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            change_participant(
                participant,
                changed_at=form.cleaned_data["changed_at"],
                actor=request.user,
                now=timezone.now(),
                **form.values(),
            )
            messages.success(request, "Saved.")
            return redirect(participant)
    return render(request, "participants/participant_edit.html", {**context, "form": form})


@require_http_methods(["GET", "POST"])
def stay_add(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    refuse_without_standing(request)
    participant = get_participant(request, pk, "participants.record_stay")
    form = StayForm(request.POST or None, is_confidential=participant.is_confidential)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            record_stay(
                participant,
                actor=request.user,
                now=timezone.now(),
                **{"words": "", **form.values()},
            )
            messages.success(request, "Recorded.")
            return redirect(participant)
    context = context_of(request, participant)
    return render(request, "participants/stay_add.html", {**context, "form": form})


@require_http_methods(["GET", "POST"])
def place_change(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    refuse_without_standing(request)
    participant = get_participant(request, pk, "participants.change_place")
    form = PlaceForm(request.POST or None, flows=flows_for(participant))
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            is_new = change_place(
                participant, actor=request.user, now=timezone.now(), **form.values()
            )
            done = "The place on the list is changed." if is_new else "It was changed so already."
            messages.success(request, done)
            return redirect(participant)
    context = context_of(request, participant)
    return render(request, "participants/place_change.html", {**context, "form": form})


def context_of(request: ContinuumRequest, participant: Participant) -> Context:
    """What a form about a participant shows of them; that they were looked at is recorded."""
    page = request.resolver_match.url_name if request.resolver_match else None
    label = pages.record_look(participant, request.user, timezone.now(), page=page or "")
    return {"participant": participant, "shown_as": label}
