"""A call's minutes: read, added to, exported; and a recipient's password."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import get_permitted_or_404
from accounts.decorators import recently_authenticated
from accounts.refusals import refusals
from conferencing.access import get_permitted_meeting
from conferencing.deliveries.views import confirmed, not_yet
from conferencing.minutes.addenda import left_over_page
from conferencing.minutes.deliveries import MINUTES
from conferencing.models import MinutesDelivery
from conferencing.shared_forms import READ_OUT_HINT, ReasonForm
from conferencing.words import meeting_words
from participants.naming import labels
from regions.middleware import ContinuumRequest

from . import addenda, deliveries, exports
from .forms import WHOLE_CALL, AddendumForm, ExportMinutesForm
from .pages import effects_of_sending_again, minutes_page, record_look


@require_GET
def minutes_detail(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """The frozen minutes with what was added, by the rules that hold for the reader now."""
    meeting = get_permitted_meeting(request, pk, "conferencing.read_minutes")
    page = minutes_page(meeting, request.user, now=timezone.now())
    return render(request, "conferencing/minutes/minutes_detail.html", page)


@require_http_methods(["GET", "POST"])
def addendum_add(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Add to the minutes, about a household or the whole call."""
    meeting = get_permitted_meeting(request, pk, "conferencing.read_minutes")
    now = timezone.now()
    reviews = {str(each.pk): each for each in addenda.reviews_to_add_to(meeting, request.user)}
    names = labels([each.participant for each in reviews.values()], request.user, now)
    choices = [(key, names[each.participant_id].text) for key, each in reviews.items()]
    if request.user.has_perm(addenda.PERMISSION, meeting):
        choices.append((WHOLE_CALL, "The call as a whole"))
    if not choices:
        raise PermissionDenied("Only who ran the call, or keeps the record, adds to its minutes.")
    form = AddendumForm(
        request.POST or None, choices=choices, initial={"about": request.GET.get("about")}
    )
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            addenda.add_addendum(
                meeting,
                review=reviews.get(form.cleaned_data["about"]),
                words=form.cleaned_data["words"],
                actor=request.user,
                now=now,
            )
            messages.success(request, "Added to the minutes. What was frozen stays as it was.")
            added = form.cleaned_data["about"] if form.cleaned_data["is_left_over"] else ""
            url = reverse("conferencing:minutes_detail", args=[meeting.pk])
            return redirect(f"{url}?added={added}" if added else url)
    record_look(meeting, names, request.user, now=now)
    context = {
        "meeting": meeting,
        "form": form,
        "about": form["about"].value(),
        "left_over": left_over_page({}),
    }
    return render(request, "conferencing/minutes/addendum_add.html", context)


@require_http_methods(["GET", "POST"])
@recently_authenticated
def minutes_export(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """A locked PDF for whoever says why: first its password, shown once, then the file."""
    meeting = get_permitted_meeting(request, pk, "conferencing.export_minutes")
    now = timezone.now()
    is_order = request.method == "POST" and "order" in request.POST
    form = ExportMinutesForm(None if "order" in request.POST else request.POST or None)
    context = {"meeting": meeting, "form": form}
    with refusals() as refused:
        if is_order:
            pdf = exports.download_minutes(
                meeting, order=request.POST["order"], actor=request.user, now=now
            )
            return as_file(pdf, deliveries.file_name(meeting))
        if request.method == "POST" and form.is_valid():
            context["password"], context["order"] = exports.export_minutes(
                meeting, actor=request.user, now=now, **form.cleaned_data
            )
    context["refusal"] = refused.words
    return render(request, "conferencing/minutes/minutes_export.html", context)


def as_file(pdf: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


def get_delivery(request: ContinuumRequest, perm: str, pk: uuid.UUID) -> MinutesDelivery:
    visible = MinutesDelivery.objects.visible_to(request.user, request.today).select_related(
        "minutes__meeting__continuum", "minutes__meeting__region", "recipient", "agency", "message"
    )
    return get_permitted_or_404(request.user, perm, visible, pk=pk)


@require_http_methods(["GET", "POST"])
def minutes_again(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    delivery = get_delivery(request, "conferencing.send_minutes", pk)
    meeting, name, now = delivery.minutes.meeting, delivery.recipient.name, timezone.now()
    agency, why_not = MINUTES.whom_and_why_not(delivery, now=now)
    title, back = f"Send the minutes to {name}", "conferencing:minutes_detail"
    if why_not:
        return not_yet(request, meeting, why_not, agency=agency, title=title, back=back)
    again = " again" if delivery.message_id else ""
    return confirmed(
        request,
        meeting,
        form=ReasonForm(request.POST or None, label=f"Why you are sending them{again}"),
        act=lambda data: MINUTES.send_again(delivery, actor=request.user, now=now, **data),
        done=f"The minutes for {name} are on their way.",
        back=back,
        title=title,
        effects=effects_of_sending_again(delivery),
        submit="Send",
    )


@require_http_methods(["GET", "POST"])
@recently_authenticated
def minutes_read_out(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """A recipient's password, for the CE Specialist to read out on the phone."""
    delivery = get_delivery(request, "conferencing.read_password_to_recipient", pk)
    form = ReasonForm(
        request.POST or None, label="Why you are reading it aloud", hint=READ_OUT_HINT
    )
    context = {"delivery": delivery, "meeting": delivery.minutes.meeting, "form": form}
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            context["password"] = MINUTES.read_password_out(
                delivery, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
    return render(request, "conferencing/minutes/minutes_read_out.html", context)


@require_GET
@recently_authenticated
def minutes_reveal(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """The recipient's own password of their copy of the minutes."""
    delivery = get_delivery(request, "conferencing.reveal_minutes_password", pk)
    meeting = delivery.minutes.meeting
    with refusals(request) as refused:
        password = MINUTES.reveal_password(delivery, actor=request.user, now=timezone.now())
    if refused:
        return redirect("conferencing:minutes_detail", pk=meeting.pk)
    context = {"meeting": meeting, "words": meeting_words(meeting), "password": password}
    return render(request, "conferencing/minutes/minutes_reveal.html", context)
