"""The prioritization policy: its versions, the draft, and who would move."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import get_permitted_or_404
from accounts.refusals import refusals
from agreements.access import refuse_without_standing
from housing import policies, policy_pages
from housing.forms.policies import ApproveForm, PolicyForm
from housing.models import PolicyQuerySet, PrioritizationPolicy
from regions.middleware import ContinuumRequest, continuum_of
from regions.models import Continuum

CHANGE = "housing.change_policy"
PLAN = "regions.plan_calls"


def visible(request: ContinuumRequest) -> PolicyQuerySet:
    return PrioritizationPolicy.objects.visible_to(request.user).select_related("continuum")


@require_GET
def policy_list(request: ContinuumRequest) -> HttpResponse:
    refuse_without_standing(request)
    continuum = continuum_of(request)
    context = {
        "policies": visible(request),
        "in_force": PrioritizationPolicy.objects.in_force(continuum, request.today),
        "may_change": request.user.has_perm(PLAN, continuum),
    }
    return render(request, "housing/policy_list.html", context)


@require_GET
def policy_detail(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """A version: its words and its order, and against the one in force, who would move."""
    refuse_without_standing(request)
    policy = get_object_or_404(visible(request), pk=pk)
    context = policy_pages.policy_page(policy, request.user, now=timezone.now())
    context["may_change"] = policy.approved_on is None and request.user.has_perm(CHANGE, policy)
    return render(request, "housing/policy_detail.html", context)


@require_POST
def policy_draft(request: ContinuumRequest) -> HttpResponse:
    refuse_without_standing(request)
    rows = Continuum.objects.visible_to(request.user)
    continuum = get_permitted_or_404(request.user, PLAN, rows)
    policy = policies.draft_policy(continuum, actor=request.user, now=timezone.now())
    messages.info(request, "This is the draft. It takes effect once its approval is recorded.")
    return redirect("housing:policy_edit", policy.pk)


@require_http_methods(["GET", "POST"])
def policy_edit(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    refuse_without_standing(request)
    policy = get_permitted_or_404(request.user, CHANGE, visible(request), pk=pk)
    form = PolicyForm(request.POST or None, policy=policy)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            policies.change_policy(policy, actor=request.user, now=timezone.now(), **form.values())
            messages.success(request, "Saved. Below is who would move.")
            return redirect(policy)
    return render(request, "housing/policy_edit.html", {"form": form, "policy": policy})


@require_http_methods(["GET", "POST"])
def policy_approve(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Record that the draft was approved: from then on it never changes."""
    refuse_without_standing(request)
    policy = get_permitted_or_404(request.user, CHANGE, visible(request), pk=pk)
    initial = {"approved_on": request.today, "valid_from": request.today}
    form = ApproveForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            policies.approve_policy(
                policy, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
            messages.success(request, "Recorded. The version stays as it is from now on.")
            return redirect(policy)
    return render(request, "housing/policy_approve.html", {"form": form, "policy": policy})


@require_POST
def policy_discard(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    refuse_without_standing(request)
    policy = get_permitted_or_404(request.user, CHANGE, visible(request), pk=pk)
    with refusals(request):
        policies.discard_policy(policy, actor=request.user, now=timezone.now())
        messages.success(request, "The draft is gone.")
        return redirect("housing:policy_list")
    return redirect(policy)
