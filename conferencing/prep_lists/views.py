"""A meeting's list and deliveries, and a recipient's password."""

import uuid

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import get_permitted_or_404
from accounts.decorators import recently_authenticated
from accounts.refusals import refusals
from conferencing.access import get_permitted_meeting, zone_words
from conferencing.deliveries.views import confirmed, not_yet
from conferencing.models import Meeting, PrepListDelivery
from conferencing.prep_lists.deliveries import PREP_LIST
from conferencing.shared_forms import READ_OUT_HINT, ReasonForm
from conferencing.words import meeting_words
from regions.middleware import ContinuumRequest

from . import acts as lists
from . import choices as list_choices
from . import deliveries
from .forms import ChooseListForm, CorrectListForm
from .pages import (
    effects_of_release,
    effects_of_sending,
    effects_of_sending_again,
    list_page,
    needs_choice_off_hold,
)

CHOSEN = {
    list_choices.NOW: "The roster is settled, and the list is on its way.",
    list_choices.AT: "The list goes out at the time you chose.",
    list_choices.NONE: "No list goes out for this call. You can choose again until it begins.",
}


def get_meeting(request: ContinuumRequest, pk: uuid.UUID) -> Meeting:
    """The meeting, for whoever may send its list."""
    return get_permitted_meeting(request, pk, "conferencing.send_list")


def get_delivery(request: ContinuumRequest, perm: str, pk: uuid.UUID) -> PrepListDelivery:
    visible = PrepListDelivery.objects.visible_to(request.user, request.today)
    return get_permitted_or_404(
        request.user,
        perm,
        visible.select_related(
            "prep_list__meeting__continuum", "prep_list__meeting__region", "recipient", "message"
        ),
        pk=pk,
    )


@require_GET
def list_detail(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    meeting = get_meeting(request, pk)
    return render(
        request, "conferencing/prep_lists/list_detail.html", list_page(meeting, now=timezone.now())
    )


@require_http_methods(["GET", "POST"])
def list_send(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    meeting = get_meeting(request, pk)
    now = timezone.now()
    send = list_choices.send_settled if meeting.needs_list_choice else lists.freeze_list
    return confirmed(
        request,
        meeting,
        form=None,
        act=lambda data: send(meeting, actor=request.user, now=now),
        done="The list is frozen and on its way.",
        title="Send the list now",
        effects=effects_of_sending(meeting, now=now),
        submit="Send the list now",
    )


@require_http_methods(["GET", "POST"])
def list_choose(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """What becomes of a list whose call came too near for it to go out by itself."""
    meeting = get_meeting(request, pk)
    now = timezone.now()
    choices = list_choices.choices_for(meeting, now=now)
    form = ChooseListForm(
        request.POST or None,
        zone=meeting.continuum.zone,
        zone_words=zone_words(meeting.continuum),
        choices=choices,
        initial={"choice": meeting.list_choice},
    )
    if request.method == "POST" and form.is_valid():
        data = {
            "choice": form.cleaned_data["choice"],
            "send_at": form.cleaned_data.get("starts_at"),
        }
        with refusals(form):
            list_choices.choose_list(meeting, actor=request.user, now=now, **data)
            messages.success(request, CHOSEN[data["choice"]])
            return redirect("conferencing:list_detail", pk=meeting.pk)
    context = {"meeting": meeting, "form": form, "choices": choices}
    context["is_possible"] = bool(
        meeting.state == "planned"
        and not meeting.has_begun(now)
        and (meeting.list_was_for or not meeting.prep_lists.exists())
        and (meeting.needs_list_choice or meeting.list_choice or meeting.list_was_for)
    )
    return render(request, "conferencing/prep_lists/list_choose.html", context)


@require_http_methods(["GET", "POST"])
def list_correct(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    meeting = get_meeting(request, pk)
    now = timezone.now()
    newest = meeting.prep_lists.order_by("-revision").first()
    is_newest = newest is not None and request.POST.get("revision") in (None, str(newest.revision))
    is_unchanged = bool(newest and is_newest and lists.is_unchanged(meeting, newest, now=now))
    form = CorrectListForm(
        request.POST or None,
        is_unchanged=is_unchanged,
        initial={"revision": newest.revision if newest else 0},
        label="What is corrected",
        hint="Printed on the new list. Do not include client information.",
    )
    return confirmed(
        request,
        meeting,
        form=form,
        act=lambda data: lists.correct_list(
            meeting,
            revision=data["revision"],
            reason=data["reason"],
            actor=request.user,
            now=now,
        ),
        done="The corrected revision is frozen and on its way.",
        title="Send a corrected revision",
        effects=[
            *(
                [f"Nothing has changed since revision {newest.revision}."]
                if newest and is_unchanged
                else []
            ),
            *effects_of_sending(meeting, now=now),
            "Everybody gets a new password. The old one still opens the old revision.",
            "The new list says which revision it replaces, and why.",
        ],
        submit="Send the corrected revision",
    )


@require_http_methods(["GET", "POST"])
def list_hold(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    meeting = get_meeting(request, pk)
    now = timezone.now()
    return confirmed(
        request,
        meeting,
        form=ReasonForm(request.POST or None, label="Why the list is kept back"),
        act=lambda data: lists.hold_list(meeting, actor=request.user, now=now, **data),
        done="The list is on hold.",
        title="Put the list on hold",
        effects=[
            "Nothing goes out until you take the list off hold.",
            "Copies that were sent already can’t be recalled.",
            "Until the call begins, no password of a copy is shown.",
            "Past its due time it counts as late, and the CE Specialists are told.",
        ],
        submit="Put on hold",
    )


@require_http_methods(["GET", "POST"])
def list_release(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    meeting = get_meeting(request, pk)
    now = timezone.now()
    is_asked = meeting.list_held_at and needs_choice_off_hold(meeting, now=now)
    back = "conferencing:list_choose" if is_asked else "conferencing:list_detail"
    return confirmed(
        request,
        meeting,
        form=None,
        act=lambda data: lists.release_list(meeting, actor=request.user, now=now),
        done="The list is off hold.",
        title="Take the list off hold",
        effects=[effects_of_release(meeting, now=now)],
        back=back,
        cancel_url=reverse("conferencing:list_detail", args=[meeting.pk]),
        submit="Take off hold",
    )


@require_http_methods(["GET", "POST"])
def delivery_again(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    delivery = get_delivery(request, "conferencing.send_list", pk)
    meeting, name, now = delivery.prep_list.meeting, delivery.recipient.name, timezone.now()
    agency, why_not = PREP_LIST.whom_and_why_not(delivery, now=now)
    title = f"Send the list to {name}"
    if why_not:
        return not_yet(request, meeting, why_not, agency=agency, title=title)
    again = " again" if delivery.message_id else ""
    return confirmed(
        request,
        meeting,
        form=ReasonForm(request.POST or None, label=f"Why you are sending it{again}"),
        act=lambda data: PREP_LIST.send_again(delivery, actor=request.user, now=now, **data),
        done=f"The list for {name} is on its way.",
        title=title,
        effects=effects_of_sending_again(delivery),
        submit="Send",
    )


@require_GET
@recently_authenticated
def delivery_reveal(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """The recipient's own password of one list."""
    delivery = get_delivery(request, "conferencing.reveal_password", pk)
    with refusals(request) as refused:
        password = PREP_LIST.reveal_password(delivery, actor=request.user, now=timezone.now())
    if refused:
        return HttpResponseRedirect("/")
    meeting = delivery.prep_list.meeting
    return render(
        request,
        "conferencing/prep_lists/delivery_reveal.html",
        {
            "delivery": delivery,
            "meeting": meeting,
            "words": meeting_words(meeting),
            "password": password,
            "newer": deliveries.newer_delivery(delivery),
        },
    )


@require_http_methods(["GET", "POST"])
@recently_authenticated
def delivery_read_out(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """A recipient's password, for the CE Specialist to read out on the phone."""
    delivery = get_delivery(request, "conferencing.read_password_to_recipient", pk)
    form = ReasonForm(
        request.POST or None,
        label="Why you are reading it aloud",
        hint=READ_OUT_HINT,
    )
    context = {"delivery": delivery, "meeting": delivery.prep_list.meeting, "form": form}
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            context["password"] = PREP_LIST.read_password_out(
                delivery, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
    return render(request, "conferencing/prep_lists/delivery_read_out.html", context)
