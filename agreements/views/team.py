"""The CoC's own people: CE Specialists and administrators."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import recently_authenticated
from accounts.named_fields import Form
from accounts.refusals import refusals
from accounts.services import restart_access
from regions.middleware import ContinuumRequest
from regions.models import Continuum, Membership, MembershipQuerySet

from ..forms.people import EndRolesForm, RestartForm, RolesForm, TeamInviteForm
from ..services.team import change_roles, invite_to_team, reinvite_to_team
from ..standing import specialist_standings
from .people import continuum_or_404, invitation_state

MANAGE = "agreements.manage_team"


def team_of(request: ContinuumRequest) -> MembershipQuerySet:
    """The memberships with a role, in the person's own continuum."""
    return (
        Membership.objects.filter(continuum__in=Continuum.objects.visible_to(request.user))
        .filter(Q(is_specialist=True) | Q(is_administrator=True), user__is_active=True)
        .select_related("user", "continuum")
        .order_by("user__name", "pk")
    )


def seen_in(membership: Membership) -> dict[str, bool]:
    return {
        "was_specialist": membership.is_specialist,
        "was_administrator": membership.is_administrator,
    }


@require_safe
@permission_required(MANAGE, raise_exception=True)
def team_list(request: ContinuumRequest) -> HttpResponse:
    continuum = continuum_or_404(request)
    standing = {
        line.user.pk: line.standing for line in specialist_standings(continuum, request.today)
    }
    rows: list[dict[str, Any]] = [  # Any: for the page
        {
            "membership": membership,
            "standing": standing.get(membership.user_id),
            "invitation": invitation_state(membership.user, timezone.now()),
        }
        for membership in team_of(request).prefetch_related("user__invitations")
    ]
    administrators = [row for row in rows if row["membership"].is_administrator]
    context = {
        "rows": rows,
        "continuum": continuum,
        "has_one_administrator": len(administrators) == 1,
    }
    return render(request, "agreements/team_list.html", context)


@require_http_methods(["GET", "POST"])
@permission_required(MANAGE, raise_exception=True)
@recently_authenticated
def team_invite(request: ContinuumRequest) -> HttpResponse:
    continuum = continuum_or_404(request)
    form = TeamInviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            membership = invite_to_team(
                continuum,
                actor=request.user,
                email=form.cleaned_data["email"],
                name=form.cleaned_data["name"],
                **form.roles,
            )
            messages.success(request, f"{membership.user.name} has the role and gets a mail.")
            return redirect("agreements:team_list")
    return render(request, "agreements/team_invite.html", {"form": form, "continuum": continuum})


@require_http_methods(["GET", "POST"])
@permission_required(MANAGE, raise_exception=True)
@recently_authenticated
def team_edit(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    membership = get_object_or_404(team_of(request), pk=pk)
    initial = seen_in(membership) | {
        "is_specialist": membership.is_specialist,
        "is_administrator": membership.is_administrator,
    }
    form = RolesForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            change_roles(membership, actor=request.user, seen=form.seen, **form.roles)
            messages.success(request, f"The roles of {membership.user.name} were changed.")
            return redirect("agreements:team_list")
    return render(request, "agreements/team_edit.html", {"form": form, "membership": membership})


@require_http_methods(["GET", "POST"])
@permission_required(MANAGE, raise_exception=True)
@recently_authenticated
def team_reinvite(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    membership = get_object_or_404(team_of(request), pk=pk)
    form = Form(request.POST)
    if request.method == "POST":
        with refusals(form):
            reinvite_to_team(membership, actor=request.user)
            messages.success(request, f"{membership.user.name} gets a new invitation by mail.")
            return redirect("agreements:team_list")
    context = {"membership": membership, "form": form}
    return render(request, "agreements/team_reinvite.html", context)


@require_http_methods(["GET", "POST"])
@permission_required(MANAGE, raise_exception=True)
@recently_authenticated
def team_restart(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """For a colleague who lost their second factor or their mailbox: begin anew."""
    membership = get_object_or_404(team_of(request).exclude(pk=request.user.pk), pk=pk)
    form = RestartForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            restart_access(membership.user, actor=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, f"{membership.user.name} gets a new invitation by mail.")
            return redirect("agreements:team_list")
    context = {"form": form, "membership": membership}
    return render(request, "agreements/team_restart.html", context)


@require_http_methods(["GET", "POST"])
@permission_required(MANAGE, raise_exception=True)
def team_end(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    membership = get_object_or_404(team_of(request), pk=pk)
    form = EndRolesForm(request.POST or None, initial=seen_in(membership))
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            change_roles(
                membership,
                actor=request.user,
                seen=form.seen,
                is_specialist=False,
                is_administrator=False,
            )
            messages.success(request, f"{membership.user.name} has no role in the CoC any more.")
            return redirect("agreements:team_list")
    return render(request, "agreements/team_end.html", {"form": form, "membership": membership})
