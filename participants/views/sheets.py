"""A victim service provider's list as a sheet: looked at first, then it replaces the former."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.refusals import refusals
from agreements.access import refuse_without_standing
from agreements.models import Agency, StaffMember
from participants.forms.sheets import SheetForm
from participants.services.sheets import plan_sheet, replace_sheet, words_of
from regions.middleware import ContinuumRequest, continuum_of


def own_provider(request: ContinuumRequest) -> Agency:
    """The victim service provider of the person, or refuse."""
    refuse_without_standing(request)
    place = StaffMember.objects.current().filter(user=request.user).select_related("agency").first()
    if place is None or not request.user.has_perm("participants.replace_sheet"):
        raise PermissionDenied("Only a victim service provider’s staff replace its list.")
    return place.agency


@require_http_methods(["GET", "POST"])
def sheet_replace(request: ContinuumRequest) -> HttpResponse:
    agency = own_provider(request)
    form = SheetForm(request.POST or None, request.FILES or None, continuum=continuum_of(request))
    context = {"form": form, "agency": agency}
    if request.method == "POST" and form.is_valid():
        sheet, region = form.cleaned_data["sheet"], form.cleaned_data["region"]
        with refusals(form):
            if request.POST.get("step") == "save":
                replace_sheet(
                    agency,
                    sheet,
                    region=region,
                    seen=request.POST.get("seen", ""),
                    actor=request.user,
                    now=timezone.now(),
                )
                messages.success(request, "The list is replaced.")
                return redirect("participants:participant_list")
            plan = plan_sheet(agency, sheet, region=region)
            form.put(sheet)
            changed = [(who, words_of(values), back) for who, values, back in plan.changed]
            context |= {"plan": plan, "changed": changed}
    return render(request, "participants/sheet_replace.html", context)
