"""Facilitator and note taker: an agency's turns, its person named, a stand-in chosen."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import get_permitted_or_404
from accounts.refusals import refusals
from agreements.models import StaffMember
from conferencing.access import get_continuum, get_meeting
from conferencing.models import MeetingRole
from conferencing.rotation import roles
from conferencing.rotation.forms.roles import ChangeRoleForm, NamePersonForm
from regions.middleware import ContinuumRequest


@require_GET
def role_list(request: ContinuumRequest) -> HttpResponse:
    """The coming turns of the person's agency; for CE Specialists those of all agencies."""
    now = timezone.now()
    get_continuum(request)
    place = StaffMember.objects.current().filter(user=request.user).select_related("agency").first()
    visible = MeetingRole.objects.visible_to(request.user).upcoming(now)
    if place is not None:
        visible = visible.filter(agency=place.agency)
    context = {
        "agency": place.agency if place else None,
        "place": place,
        "now": now,
        "may_name": place.is_lead if place else request.user.membership.is_specialist,
        "roles": visible.select_related(
            "meeting__region", "meeting__continuum", "agency", "person__user"
        ),
    }
    return render(request, "conferencing/rotation/role_list.html", context)


@require_http_methods(["GET", "POST"])
def role_name_person(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """The agency's lead names who does it."""
    visible = MeetingRole.objects.visible_to(request.user).select_related(
        "meeting__continuum", "meeting__region", "agency", "person__user"
    )
    role = get_permitted_or_404(request.user, "conferencing.change_meetingrole", visible, pk=pk)
    people = roles.people_for(role.agency, request.today)
    form = NamePersonForm(
        request.POST or None,
        people=people,
        initial={"person": role.person, "seen": roles.state_of(role)},
    )
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            roles.name_person(role, actor=request.user, **form.cleaned_data)
            messages.success(request, "Saved.")
            return redirect(role.meeting)
    context = {"role": role, "meeting": role.meeting, "form": form, "people": people}
    return render(request, "conferencing/rotation/role_name_person.html", context)


@require_http_methods(["GET", "POST"])
def role_change(request: ContinuumRequest, pk: uuid.UUID, name: str) -> HttpResponse:
    """The CE Specialist has another agency do it at this call."""
    if name not in MeetingRole.Role.values:
        raise Http404("No such role")
    meeting = get_meeting(request, pk, "conferencing.plan_meeting")
    role = meeting.roles.select_related("agency", "person__user").filter(role=name).first()
    form = ChangeRoleForm(
        request.POST or None,
        agencies=roles.agencies_to_choose(meeting, name, request.today),
        initial={"agency": role and role.agency, "seen": roles.state_of(role)},
    )
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            role = roles.change_role(meeting, name, actor=request.user, **form.cleaned_data)
            messages.success(request, f"{role.agency} has the role now. Name its person.")
            return redirect("conferencing:role_name_person", pk=role.pk)
    context = {
        "meeting": meeting,
        "role": role,
        "role_label": MeetingRole.Role(name).label,
        "form": form,
    }
    return render(request, "conferencing/rotation/role_change.html", context)
