"""An agency prepares its households before a call."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from agreements.models import StaffMember
from conferencing.access import get_permitted_meeting

from .acts import entries_to_prepare, keep_prework
from .forms import PreWorkForm
from .pages import prework_edit_page, prework_list_page

PREPARE = "conferencing.prepare_call"


def place_of(request):
    return StaffMember.objects.current().select_related("agency").get(user=request.user)


@require_GET
def prework_list(request, pk):
    """The agency's households on the roster of a call, prepared or not."""
    meeting = get_permitted_meeting(request, pk, PREPARE)
    context = prework_list_page(
        meeting, request.user, place_of(request), on=request.today, now=timezone.now()
    )
    return render(request, "conferencing/prework/prework_list.html", context)


@require_http_methods(["GET", "POST"])
def prework_edit(request, pk, participant_pk):
    """What changed for one household since its last review."""
    meeting = get_permitted_meeting(request, pk, PREPARE)
    place, now = place_of(request), timezone.now()
    entries = entries_to_prepare(request.user, place, request.today).filter(meeting=meeting)
    entry = get_object_or_404(entries.select_related("participant"), participant=participant_pk)
    person = entry.participant
    page = prework_edit_page(meeting, person, request.user, place, now=now)
    form = PreWorkForm(
        request.POST or None,
        is_confidential=person.is_confidential,
        kept=page["kept"],
        review=page["review"],
    )
    is_stale = False
    if request.method == "POST" and form.is_valid() and not form.hints:
        try:
            keep_prework(meeting, person, actor=request.user, now=now, **form.values())
        except ValidationError as error:
            is_stale = show_error(form, error)
        else:
            messages.success(request, f"{page['shown_as'].text} is prepared.")
            return redirect("conferencing:prework_list", pk=meeting.pk)
    context = {**page, "form": form, "is_stale": is_stale}
    return render(request, "conferencing/prework/prework_edit.html", context)


def show_error(form, error):
    """Say at its field what is in the way; whether somebody else saved meanwhile."""
    if hasattr(error, "error_dict"):
        named = {"barriers": "own_barriers"}
        error = ValidationError(
            {named.get(name, name): each for name, each in error.error_dict.items()}
        )
    form.add_error(None, error)
    is_stale = getattr(error, "code", "") == "stale"
    if is_stale:
        form.confirmed_against_now()
    return is_stale
