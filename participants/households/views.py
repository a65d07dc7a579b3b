"""Who is of a household, by hand."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts import undo
from accounts.refusals import refusals
from agreements.access import refuse_without_standing
from participants.models import HouseholdMember, Participant
from participants.naming import label_for
from participants.services.pages import other_of
from participants.views.participants import context_of, get_participant, visible
from regions.middleware import ContinuumRequest

from .acts import change_head
from .forms import (
    AddMemberForm,
    ChangeMemberForm,
    HeadForm,
    JoinForm,
    SplitForm,
    member_words,
)
from .joining import join_households
from .members import CHANGE, REMOVAL, add_member, change_member, is_told, remove_member
from .splitting import split_household
from .undoing import hindrances, undo_act

NOT_TOLD = (
    "Who lives in this household is shown to the agency that keeps the record, and to those whom "
    "a release covers. Ask the agency to record this, or to record a release."
)
NOBODY_TO_LEAVE = "Add the people who live with the head first. Then say who of them leaves."


def get_household(request: ContinuumRequest, pk: uuid.UUID) -> Participant:
    refuse_without_standing(request)
    return get_participant(request, pk, CHANGE)


def get_told(request: ContinuumRequest, pk: uuid.UUID) -> Participant:
    """A household for somebody who is told who lives in it."""
    participant = get_household(request, pk)
    if not label_for(participant, request.user, timezone.now()).tells_all:
        raise PermissionDenied(NOT_TOLD)
    return participant


def get_member(participant: Participant, pk: uuid.UUID) -> HouseholdMember:
    """Somebody of the household whom no import keeps."""
    member = get_object_or_404(participant.members.select_related("participant"), pk=pk)
    if is_told(member):
        raise Http404
    return member


@require_http_methods(["GET", "POST"])
def member_add(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    participant = get_household(request, pk)
    form = AddMemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            add_member(participant, actor=request.user, now=timezone.now(), **form.cleaned_data)
            messages.success(request, "Added to the household.")
            return redirect(participant)
    context = context_of(request, participant)
    return render(request, "participants/households/member_add.html", {**context, "form": form})


@require_http_methods(["GET", "POST"])
def member_change(request: ContinuumRequest, pk: uuid.UUID, member_pk: uuid.UUID) -> HttpResponse:
    participant = get_told(request, pk)
    member = get_member(participant, member_pk)
    form = ChangeMemberForm(request.POST or None, member=member)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            change_member(member, actor=request.user, now=timezone.now(), **form.cleaned_data)
            messages.success(request, "Saved.")
            return redirect(participant)
    context = {**context_of(request, participant), "form": form, "member": member}
    return render(
        request,
        "participants/households/member_change.html",
        {**context, "words": member_words(member)},
    )


@require_POST
def member_remove(request: ContinuumRequest, pk: uuid.UUID, member_pk: uuid.UUID) -> HttpResponse:
    """Somebody entered by mistake; who left keeps their place in the history instead."""
    participant = get_told(request, pk)
    member = get_member(participant, member_pk)
    now = timezone.now()
    with refusals(request):
        undo.offer(
            request,
            REMOVAL,
            place=participant.get_absolute_url(),
            words="A household member is removed.",
            data=remove_member(member, actor=request.user, now=now),
            now=now,
        )
        messages.success(request, "Removed.")
    return redirect(participant)


@require_http_methods(["GET", "POST"])
def head_change(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Another person heads the household: an event on its line, no new household."""
    participant = get_told(request, pk)
    form = HeadForm(request.POST or None, participant=participant)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            change_head(participant, actor=request.user, now=timezone.now(), **form.values())
            messages.success(request, "Recorded: another person heads the household.")
            return redirect(participant)
    context = context_of(request, participant)
    return render(request, "participants/households/head_change.html", {**context, "form": form})


@require_http_methods(["GET", "POST"])
def household_split(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Some leave, and are a household of their own."""
    participant = get_told(request, pk)
    form = SplitForm(request.POST or None, participant=participant)
    if not form.listed:
        messages.error(request, NOBODY_TO_LEAVE)
        return redirect("participants:member_add", pk=participant.pk)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            act = split_household(
                participant, actor=request.user, now=timezone.now(), **form.values()
            )
            messages.success(request, "Recorded: they are a household of their own.")
            return redirect(act.other or participant)
    context = context_of(request, participant)
    return render(
        request, "participants/households/household_split.html", {**context, "form": form}
    )


@require_http_methods(["GET", "POST"])
def household_join(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """The household lives with another one from now on."""
    participant = get_household(request, pk)
    others = visible(request).exclude(pk=participant.pk)
    form = JoinForm(request.POST or None, people=others)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with refusals(form):
            if not request.user.has_perm(CHANGE, data["alias"]):
                raise ValidationError({"alias": form.nobody_has_it})
            join_households(
                participant,
                into=data["alias"],
                relation=data["relation"],
                happened_on=data["on"],
                actor=request.user,
                now=timezone.now(),
            )
            messages.success(request, "Recorded: they live with the other household.")
            return redirect(data["alias"])
    context = context_of(request, participant)
    return render(request, "participants/households/household_join.html", {**context, "form": form})


@require_http_methods(["GET", "POST"])
def household_undo(request: ContinuumRequest, pk: uuid.UUID, act_pk: uuid.UUID) -> HttpResponse:
    participant = get_told(request, pk)
    act = get_object_or_404(
        participant.household_acts.select_related("participant", "other", "by", "undone_by"),
        pk=act_pk,
    )
    if request.method == "POST":
        with refusals(request):
            left = undo_act(act, actor=request.user, now=timezone.now())
            messages.success(request, "Undone.")
            if left:
                messages.warning(request, f"Not put back: {', '.join(left)}.")
            return redirect(participant)
    context = {
        **context_of(request, participant),
        "act": act,
        "other": other_of(act, participant, request.user, request.today),
        "hindrances": hindrances(act),
    }
    return render(request, "participants/households/household_undo.html", context)
