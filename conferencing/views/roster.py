"""The roster of a meeting, and agencies' nominations."""

from itertools import chain
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import get_permitted_or_404
from agreements.access import refuse_without_standing
from agreements.models import StaffMember
from conferencing.forms.roster import AddToRosterForm, MoveForm, NominateForm
from conferencing.models import Meeting, Nomination
from conferencing.services import nominations, roster
from conferencing.services.roster_pages import nominate_page, roster_page
from participants.models import Participant


def get_meeting(request, pk, perm="conferencing.settle_roster"):
    meetings = Meeting.objects.visible_to(request.user).select_related("continuum", "region")
    get_object_or_404(meetings, pk=pk)
    refuse_without_standing(request)
    return get_permitted_or_404(request.user, perm, meetings, pk=pk)


def visible(request):
    return Participant.objects.visible_to(request.user, request.today)


def acted(request, meeting, act, done="", place=""):
    """Do it, say so or say what is in the way, and go back to that place of the roster."""
    try:
        act()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        if done:
            messages.success(request, done)
            place = ""
    return redirect(reverse("conferencing:roster_detail", args=[meeting.pk]) + place)


@require_http_methods(["GET", "POST"])
def roster_detail(request, pk):
    """The roster. A search comes by POST: a name has no place in an address or a log."""
    meeting = get_meeting(request, pk)
    now = timezone.now()
    context = roster_page(meeting, request.user, text=request.POST.get("q", ""), now=now)
    return render(request, "conferencing/roster_detail.html", context)


@require_POST
def roster_open(request, pk):
    meeting = get_meeting(request, pk)
    return acted(
        request,
        meeting,
        lambda: roster.open_roster(meeting, actor=request.user, now=timezone.now()),
        "The proposal is the roster now. Change it as you need, then settle it.",
    )


@require_POST
def roster_add(request, pk):
    meeting = get_meeting(request, pk)
    form = AddToRosterForm(request.POST, participants=visible(request))
    if not form.is_valid():
        messages.error(request, " ".join(chain.from_iterable(form.errors.values())))
        return redirect("conferencing:roster_detail", pk=meeting.pk)
    person, because = form.cleaned_data["participant"], form.cleaned_data["because"]
    return acted(
        request,
        meeting,
        lambda: roster.add_to_roster(
            meeting, person, because=because, actor=request.user, now=timezone.now()
        ),
        f"{person.alias} is on the roster.",
    )


@require_POST
def roster_remove(request, pk, entry_pk):
    meeting = get_meeting(request, pk)
    entry = get_object_or_404(meeting.roster.select_related("participant"), pk=entry_pk)
    return acted(
        request,
        meeting,
        lambda: roster.remove_from_roster(entry, actor=request.user, now=timezone.now()),
        f"{entry.participant.alias} is off the roster.",
    )


@require_POST
def roster_move(request, pk, entry_pk):
    meeting = get_meeting(request, pk)
    entry = get_object_or_404(meeting.roster, pk=entry_pk)
    form = MoveForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Position: enter a number, 1 for first.")
        return redirect("conferencing:roster_detail", pk=meeting.pk)
    return acted(
        request,
        meeting,
        lambda: roster.move_on_roster(
            entry, to=form.cleaned_data["to"], actor=request.user, now=timezone.now()
        ),
        place=f"#entry-{entry.pk}",
    )


@require_POST
def roster_propose(request, pk):
    meeting = get_meeting(request, pk)
    return acted(
        request,
        meeting,
        lambda: roster.propose_again(meeting, actor=request.user, now=timezone.now()),
        "The criteria were applied again. What people added stayed.",
    )


@require_POST
def roster_settle(request, pk):
    meeting = get_meeting(request, pk)
    return acted(
        request,
        meeting,
        lambda: roster.settle_roster(meeting, actor=request.user, now=timezone.now()),
        "The roster is settled. The list goes out at its time.",
    )


@require_POST
def roster_unsettle(request, pk):
    meeting = get_meeting(request, pk)
    return acted(
        request,
        meeting,
        lambda: roster.unsettle_roster(meeting, actor=request.user, now=timezone.now()),
        "The roster is open again.",
    )


@require_http_methods(["GET", "POST"])
def roster_nominate(request, pk):
    """A provider nominates a household for a call, and sees the agency's nominations."""
    meeting = get_meeting(request, pk, "conferencing.nominate_participant")
    now = timezone.now()
    on_list = nominations.scope(meeting).filter(pk__in=visible(request).values("pk"))
    is_search = "q" in request.POST
    form = NominateForm(None if is_search else request.POST or None, participants=on_list)
    if form.is_bound and form.is_valid():
        try:
            nominations.nominate_participant(
                meeting, actor=request.user, now=now, **form.cleaned_data
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, "Nominated. The CE Specialist sees it on the roster.")
            return redirect("conferencing:roster_nominate", pk=meeting.pk)
    chosen = form["participant"].value() if form.is_bound else request.GET.get("participant")
    page = nominate_page(
        meeting,
        request.user,
        on_list=on_list,
        text=request.POST.get("q", ""),
        chosen=on_list.filter(pk=chosen).first() if is_key(chosen) else None,
        now=now,
    )
    if page["chosen"] and not form.is_bound:
        form.initial["participant"] = chosen
    return render(request, "conferencing/roster_nominate.html", {**page, "form": form})


def is_key(text):
    try:
        UUID(str(text))
    except ValueError:
        return False
    return True


@require_POST
def roster_withdraw(request, pk, nomination_pk):
    """Take back one's own agency's nomination."""
    meeting = get_meeting(request, pk, "conferencing.nominate_participant")
    places = StaffMember.objects.current().filter(user=request.user)
    nomination = get_object_or_404(
        Nomination, pk=nomination_pk, meeting=meeting, agency__staff__in=places
    )
    nominations.withdraw_nomination(nomination, actor=request.user, now=timezone.now())
    messages.success(request, "The nomination is taken back.")
    return redirect("conferencing:roster_nominate", pk=meeting.pk)
