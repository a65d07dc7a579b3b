"""A role handed on: somebody is asked, and accepts or declines."""

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import get_permitted_or_404
from accounts.named_fields import Form
from accounts.refusals import refusals
from conferencing.models import MeetingRole, RoleSwap
from conferencing.rotation import swaps
from conferencing.rotation.forms.swaps import ProposeSwapForm
from regions.middleware import ContinuumRequest

Answering = Callable[..., RoleSwap]

ANSWERS: dict[str, tuple[Answering | None, str]] = {
    "accept": (swaps.accept_swap, "The role is yours now."),
    "decline": (swaps.decline_swap, "You declined. Whoever asked you is told."),
}


def get_swap(request: ContinuumRequest, pk: uuid.UUID, perm: str) -> RoleSwap:
    visible = RoleSwap.objects.visible_to(request.user).select_related(
        "role__meeting__continuum",
        "role__meeting__region",
        "role__agency",
        "role__person__user",
        "proposed_by__user",
        "proposed_by__agency",
        "to__user",
        "to__agency",
    )
    return get_permitted_or_404(request.user, perm, visible, pk=pk)


@require_http_methods(["GET", "POST"])
def swap_propose(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Whoever cannot come asks somebody to take the role over."""
    visible = MeetingRole.objects.visible_to(request.user).select_related(
        "meeting__continuum", "meeting__region", "agency", "person__user"
    )
    role = get_permitted_or_404(request.user, "conferencing.propose_swap", visible, pk=pk)
    now = timezone.now()
    groups = swaps.people_to_ask(role, request.user, request.today)
    form = ProposeSwapForm(request.POST or None, groups=groups)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            swap = swaps.propose_swap(role, actor=request.user, now=now, **form.cleaned_data)
            messages.success(request, f"{swap.to.user.name} is asked by mail.")
            return redirect("conferencing:swap_answer", pk=swap.pk)
    waiting = role.swaps.waiting(now).select_related("to__user", "to__agency").first()
    context = {
        "role": role,
        "meeting": role.meeting,
        "form": form,
        "groups": groups,
        "waiting": waiting,
    }
    return render(request, "conferencing/rotation/swap_propose.html", context)


@require_http_methods(["GET", "POST"])
def swap_answer(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """What is asked, and the answer of the person asked."""
    perm = "conferencing.answer_swap" if request.method == "POST" else "conferencing.read_swap"
    swap = get_swap(request, pk, perm)
    now, form = timezone.now(), Form(request.POST)
    if request.method == "POST":
        act, done = ANSWERS.get(request.POST.get("answer", ""), (None, ""))
        with refusals(form):
            if act is None:
                raise ValidationError("Choose one of the two: accept or decline.")
            act(swap, actor=request.user, now=now)
            messages.success(request, done)
            return redirect("conferencing:swap_answer", pk=swap.pk)
        swap = get_swap(request, pk, perm)
    context = {
        "swap": swap,
        "role": swap.role,
        "meeting": swap.role.meeting,
        "form": form,
        "is_waiting": swap.is_waiting(now),
        "is_asked": swap.to.user_id == request.user.pk,
        "may_propose": request.user.has_perm("conferencing.propose_swap", swap.role),
        "may_withdraw": request.user.has_perm("conferencing.withdraw_swap", swap),
    }
    return render(request, "conferencing/rotation/swap_answer.html", context)


@require_POST
def swap_withdraw(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Take the question back."""
    swap = get_swap(request, pk, "conferencing.withdraw_swap")
    with refusals(request):
        swaps.withdraw_swap(swap, actor=request.user, now=timezone.now())
        messages.success(request, f"{swap.to.user.name} is no longer asked.")
    return redirect("conferencing:swap_answer", pk=swap.pk)
