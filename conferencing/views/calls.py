"""The page of the hour, and what is done on it."""

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import undo
from accounts.access import get_permitted_or_404
from accounts.models import UndoOffer
from conferencing.barriers import GROUPS
from conferencing.forms.calls import RaiseForm, TableForm, WalkInForm
from conferencing.models import Call, CallGuest, Meeting, Review
from conferencing.services import (
    attendance,
    call_pages,
    call_rights,
    call_undo,
    calls,
    closing,
    guest_pages,
    guests,
    household_pages,
)
from conferencing.services.call_pages import meeting_with_seat
from conferencing.services.notes import save_notes
from participants.search import search
from regions.clock import local_day


def seated(request, pk, *, may=None, begun=True):
    """Return `(meeting, call, seat)`; 404 for strangers, 403 for who may not do it now.

    `may`: the name of a right of the seat. `begun`: 404 before the call is begun.
    """
    try:
        meeting, call, seat = meeting_with_seat(pk, request.user, request.today)
    except Meeting.DoesNotExist:
        raise Http404 from None
    if may and not getattr(seat, may):
        raise PermissionDenied("This is for the people who run the call.")
    if begun and call is None:
        raise Http404
    request.sees_participants = True  # a seat is for staff in standing; the navigation asks no more
    return meeting, call, seat


def is_from_page(request):
    """Whether the call page's own script asks, which reads answers itself."""
    return request.headers.get("X-Call") == "1"


def acted(request, meeting, act, *, said=None, undoes=None):
    """Do it; tell the page's script by status, others by a message on the page.

    `said`: asked before, what the page says of it afterwards: `{"said": …, "review": …}` or None.
    `undoes`: `(kind, words)` of an act that returns what it takes to undo it, or None.
    """
    try:
        words = said() if said else None
        data = act()
    except ValidationError as error:
        if is_from_page(request):
            lacks = any(each.code == "lacks_step" for each in error.error_list)
            return JsonResponse({"errors": error.messages, "lacks": lacks}, status=422)
        messages.error(request, " ".join(error.messages))
    else:
        if undoes and data:
            words = offer_undo(request, meeting, *undoes, data)
        if is_from_page(request):
            return JsonResponse(words) if words else HttpResponse(status=204)
        if words and "said" in words:
            messages.warning(request, words["said"])
    return redirect("conferencing:call_detail", pk=meeting.pk)


def undo_place(meeting):
    """Where the page of a call shows what can be undone: in the part with the agenda."""
    return reverse("conferencing:call_frame", args=[meeting.pk])


def offer_undo(request, meeting, kind, words, data):
    """Let it be undone; returns for the page's script where."""
    place = undo_place(meeting)
    undo.offer(request, kind, place=place, words=words, data=data, now=timezone.now())
    offered = undo.offered(request, place)
    return {"undo": reverse("conferencing:call_undo_act", args=[meeting.pk, offered.pk])}


def review_of(meeting, pk):
    return get_object_or_404(meeting.reviews.select_related("meeting__continuum"), pk=pk)


@require_GET
def call_detail(request, pk):
    """The call: its opening before it is begun, the live page while it is held."""
    meeting, call, seat = seated(request, pk, begun=False)
    now = timezone.now()
    if call is None:
        page = call_pages.opening_page(meeting, request.user, seat, now=now)
        return render(request, "conferencing/call_opening.html", page)
    if not call.is_open:
        return redirect("conferencing:minutes_detail", pk=meeting.pk)
    page = call_pages.call_page(meeting, call, request.user, seat, now=now)
    page["undo"] = undo.offered(request, undo_place(meeting))
    return render(request, "conferencing/call_detail.html", page)


@require_POST
def call_begin(request, pk):
    meeting, _, _ = seated(request, pk, may="may_tick", begun=False)
    return acted(
        request,
        meeting,
        lambda: calls.begin_call(meeting, actor=request.user, now=timezone.now()),
    )


@require_GET
def call_live(request, pk):
    """What changed since the page's version and stamp of rights: 204 without a body for nothing.

    `renew`: what the reader may see has changed, so that the page is to be made anew.
    """
    try:
        version = int(request.GET.get("v", ""))
    except ValueError:
        version = -1
    first, _dash, second = request.GET.get("s", "").partition("-")
    # A page that has the first part alone is given the second, so that it can tell from then on.
    known = (first if second else "") if "s" in request.GET else None
    try:
        news = call_pages.followed(
            pk, request.user, version=version, rights=known, on=request.today
        )
    except Call.DoesNotExist:
        raise Http404 from None
    if news is None:
        return HttpResponse(status=204)
    meeting, _call, seat = seated(request, pk)
    is_changed, former = news["rights"] != first, second
    if is_changed or not second:
        second = call_rights.second_part(meeting, request.user, seat, now=timezone.now())
    answer = {
        "version": news["version"],
        "frame": news["frame"],
        "table": news["on_table"] and str(news["on_table"]),
        "closed": news["closed_at"] is not None,
        "seat": {"write": seat.may_write, "steer": seat.may_steer},
        "rights": f"{news['rights']}-{second}",
        "renew": "s" in request.GET and is_changed and second != former,
    }
    asked = request.GET.get("r", "")
    if asked:
        answer["review"] = live_review(request, meeting, seat, asked)
    return JsonResponse(answer)


def live_review(request, meeting, seat, asked):
    """The words of the review that the page shows, for it to put in their places."""
    try:
        review = household_pages.find_words(meeting, asked)
    except (Review.DoesNotExist, ValidationError):
        return None
    clean = household_pages.note_sight(review, request.user, now=timezone.now()).clean
    found = {
        "id": str(review.pk),
        "revision": review.revision,
        "words": household_pages.reading(review, clean),
    }
    if seat.may_write:
        found["values"] = household_pages.shown_values(review, clean)
        found["by"] = review.saved_by.name if review.saved_by else ""
    return found


@require_GET
def call_frame(request, pk):
    """The agenda as a part of the page."""
    meeting, call, seat = seated(request, pk)
    page = call_pages.frame_page(meeting, call, request.user, seat, now=timezone.now())
    page["undo"] = undo.offered(request, undo_place(meeting))
    return render(request, "conferencing/call_agenda.html", page)


@require_GET
def call_people(request, pk):
    """Who is here, as a part of the page."""
    meeting, call, seat = seated(request, pk)
    page = call_pages.people_page(
        meeting, call, request.user, seat, on=request.today, now=timezone.now()
    )
    return render(request, "conferencing/call_people.html", page)


@require_GET
def call_household(request, pk, review_pk):
    """One household, as a part of the page; `?part=` its steps or its outcome alone."""
    meeting, call, seat = seated(request, pk)
    now = timezone.now()
    try:
        review = household_pages.find_review(meeting, review_pk)
    except Review.DoesNotExist:
        raise Http404 from None
    page = household_pages.household(
        meeting, call, review, request.user, seat, on=request.today, now=now
    )
    if (part := request.GET.get("part")) in ("steps", "outcome", "guests"):
        return render(request, f"conferencing/call_{part}.html", page)
    if page["may_write"]:
        following = call_pages.next_meeting_after(meeting)
        page |= household_pages.choices_for(meeting, review, request.today)
        page |= {
            "catalogue": GROUPS,
            "due_default": following.on if following else request.today + timedelta(days=28),
        }
    return render(request, "conferencing/call_household.html", page)


@require_POST
def call_table(request, pk):
    """Take up the next, the former, or a chosen household."""
    meeting, call, _ = seated(request, pk, may="may_steer")
    form = TableForm(request.POST, reviews=meeting.reviews.all())

    def act():
        is_whole = form.is_valid()
        review, go = form.cleaned_data.get("review"), form.cleaned_data.get("go")
        if not is_whole or not (review or go):
            raise ValidationError("Choose a household of this call.")
        if review is None and go != "none":
            review = calls.neighbour(meeting, call, 1 if go == "next" else -1)
        calls.put_on_table(meeting, review, actor=request.user, now=timezone.now())

    def said():
        left = call.on_table
        if left is None or left.outcome != Review.Outcome.OPEN:
            return None
        if request.POST.get("review") == str(left.pk):
            return None
        label = household_pages.label_of(left.participant, request.user, timezone.now())
        lacking = calls.what_is_lacking(left, has_step=calls.has_step(left))
        return {
            "said": f"Left open: {label.text}. {' '.join(lacking) or calls.NOT_MARKED}",
            "review": str(left.pk),
        }

    return acted(request, meeting, act, said=said)


@require_POST
def call_discuss(request, pk, review_pk):
    meeting, _, _ = seated(request, pk, may="may_tick")
    review = review_of(meeting, review_pk)
    return acted(
        request,
        meeting,
        lambda: calls.discuss(review, actor=request.user, now=timezone.now()),
    )


@require_POST
def call_reopen(request, pk, review_pk):
    meeting, _, _ = seated(request, pk, may="may_tick")
    review = review_of(meeting, review_pk)
    return acted(
        request, meeting, lambda: calls.reopen(review, actor=request.user, now=timezone.now())
    )


@require_POST
def call_carry_over(request, pk, review_pk):
    meeting, _, _ = seated(request, pk, may="may_steer")
    review = review_of(meeting, review_pk)
    return acted(
        request, meeting, lambda: calls.carry_over(review, actor=request.user, now=timezone.now())
    )


@require_POST
def call_order(request, pk, review_pk):
    """Move a household one place up or down."""
    meeting, _, _ = seated(request, pk, may="may_steer")
    review = review_of(meeting, review_pk)
    by = -1 if request.POST.get("by") == "up" else 1
    entry = meeting.roster.filter(participant=review.participant_id).first()
    words = f"You moved number {entry.position} {'up' if by < 0 else 'down'} on the agenda."
    return acted(
        request,
        meeting,
        lambda: call_undo.change_agenda(
            meeting, review, by=by, actor=request.user, now=timezone.now()
        ),
        undoes=(call_undo.AGENDA, words),
    )


@require_POST
def call_undo_act(request, pk, undo_pk):
    """Take back what this person did last to the agenda or to a new step."""
    meeting, _, _ = seated(request, pk)
    sign_in = request.session.get(undo.SIGN_IN)
    get_object_or_404(
        UndoOffer,
        user=request.user,
        sign_in=sign_in or "",
        pk=undo_pk,
        place=undo_place(meeting),
    )

    def act():
        try:
            undo.carry_out(request.user, sign_in, undo_pk, now=timezone.now())
        except ValidationError:
            undo.forget(request.user, sign_in, undo_pk)
            raise

    return acted(request, meeting, act)


@require_http_methods(["GET", "POST"])
def call_raise(request, pk):
    """Raise a household on the call: one of the list, or a new one by alias alone."""
    meeting, _, _ = seated(request, pk, may="may_tick")
    now = timezone.now()
    visible = call_pages.households_to_raise(meeting, request.user, request.today)
    page = raise_page(request, meeting, visible, now)
    form = page["form"]
    if request.method == "POST" and "q" not in request.POST and form.is_valid():
        try:
            raise_it(meeting, form.cleaned_data, actor=request.user, now=now)
        except ValidationError as error:
            for message in error.messages:
                form.add_error(None, message)
        else:
            messages.success(request, "It is on the agenda, at the end.")
            return redirect("conferencing:call_detail", pk=meeting.pk)
    return render(request, "conferencing/call_raise.html", page)


def raise_page(request, meeting, visible, now):
    text = request.POST.get("q", "")
    regions = meeting.continuum.regions.all()
    if meeting.region_id:
        regions = regions.filter(pk=meeting.region_id)
    is_sent = request.method == "POST" and "q" not in request.POST
    form = RaiseForm(
        request.POST if is_sent else None,
        participants=visible,
        agencies=call_pages.keeping_agencies(meeting, request.user, request.today),
        regions=regions,
    )
    people = list(search(visible, text, request.user, now).order_by("alias")[:8]) if text else []
    return {
        "meeting": meeting,
        "form": form,
        "text": text,
        "found": call_pages.found_rows(meeting, people, request.user, now),
        "key": call_pages.new_key(form),
    }


def raise_it(meeting, data, *, actor, now):
    if data["participant"]:
        return calls.raise_participant(
            meeting, data["participant"], because=data["because"], actor=actor, now=now
        )
    agency = data["agency"] or call_pages.only_one(
        call_pages.keeping_agencies(meeting, actor, local_day(now, meeting.continuum.zone))
    )
    region = data["region"] or meeting.region
    if agency is None or region is None:
        raise ValidationError("Choose the agency that keeps the record, and the region.")
    return calls.raise_alias(
        meeting,
        agency=agency,
        region=region,
        alias=data["alias"],
        adults=data["adults"] or 0,
        children=data["children"] or 0,
        because=data["because"],
        key=data["key"],
        actor=actor,
        now=now,
    )


@require_POST
def call_attend(request, pk):
    """Say of oneself that one is here."""
    meeting, _, _ = seated(request, pk)
    return acted(
        request, meeting, lambda: attendance.come_in(meeting, request.user, now=timezone.now())
    )


@require_POST
def call_tick(request, pk, attendance_pk):
    """Tick that somebody is here, or not; or that they were heard."""
    meeting, _, seat = seated(request, pk, may="may_tick")
    row = get_object_or_404(meeting.attendances.select_related("meeting"), pk=attendance_pk)
    what, now = request.POST.get("what"), timezone.now()
    if what == "heard" and not seat.may_steer:
        raise PermissionDenied("This is for the facilitator.")

    def act():
        if what == "heard":
            attendance.note_heard(row, actor=request.user, now=now)
        else:
            attendance.mark_present(row, is_present=what == "present", actor=request.user, now=now)

    return acted(request, meeting, act)


@require_http_methods(["GET", "POST"])
def call_walk_in(request, pk):
    """Add somebody who is here: a visitor with an account, or a name and an organization."""
    meeting, _, _ = seated(request, pk, may="may_tick")
    now, text = timezone.now(), request.POST.get("q", "")
    is_sent = request.method == "POST" and "q" not in request.POST
    form = WalkInForm(request.POST if is_sent else None)
    if is_sent and request.POST.get("user"):
        chosen = get_object_or_404(
            attendance.people_of(meeting), pk=call_pages.key_or_none(request.POST["user"])
        )
        return acted(
            request,
            meeting,
            lambda: attendance.add_person(meeting, user=chosen, actor=request.user, now=now),
        )
    if is_sent and form.is_valid():
        values = form.cleaned_data
        return acted(
            request,
            meeting,
            lambda: attendance.add_walk_in(meeting, actor=request.user, now=now, **values),
        )
    people = attendance.people_to_add(meeting, text)
    page = {"meeting": meeting, "form": form, "text": text, "people": people}
    return render(request, "conferencing/call_walk_in.html", page)


@require_http_methods(["GET", "POST"])
def call_close(request, pk):
    """Check what the call decided, carry over what is left, and close it."""
    meeting, call, seat = seated(request, pk, may="may_tick")
    if not call.is_open:
        return redirect("conferencing:minutes_detail", pk=meeting.pk)
    now, wrong = timezone.now(), {}
    if request.method == "POST" and "discuss" in request.POST:
        wrong = discussed_before_closing(request, meeting, seat, now)
        if not wrong:
            messages.success(request, "It is marked discussed.")
            return redirect("conferencing:call_close", pk=meeting.pk)
    elif request.method == "POST":
        try:
            carries_over = request.POST.get("rest") == "carry_over"
            closing.close_call(meeting, carries_over=carries_over, actor=request.user, now=now)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, "The call is closed. Its minutes are frozen.")
            return redirect("conferencing:minutes_detail", pk=meeting.pk)
    page = call_pages.closing_page(meeting, call, request.user, seat, now=now)
    for row in page["begun"]:
        row["wrong"] = wrong.get(row["review"].pk, [])
    return render(request, "conferencing/call_close.html", page | {"is_refused": bool(wrong)})


def discussed_before_closing(request, meeting, seat, now):
    """Mark one household discussed from the closing page; why not, by review, if it is refused.

    Whoever takes notes may say there why no step is needed.
    """
    review = review_of(meeting, call_pages.key_or_none(request.POST["discuss"]))
    reason = request.POST.get("no_step_reason", "").strip()
    try:
        with transaction.atomic():
            if reason and seat.may_write:
                saved = save_notes(
                    meeting.pk,
                    review.pk,
                    {"no_step_reason": reason},
                    base=revision_shown(request),
                    kept={},
                    actor=request.user,
                    on=request.today,
                    now=now,
                )
                refuse_unsaved(saved)
            calls.discuss(review, actor=request.user, now=now)
    except ValidationError as error:
        return {review.pk: error.messages}
    return {}


def revision_shown(request):
    """The revision that the closing page showed; -1, which never stood, where it says none."""
    text = request.POST.get("base", "")
    return int(text) if text.isdecimal() and len(text) < 10 else -1


def refuse_unsaved(saved):
    """Raise ValidationError for a reason that was not accepted."""
    if saved.conflict:
        raise ValidationError("Somebody changed this household just now. Open it and look.")
    if saved.held:
        raise ValidationError([hint.words for found in saved.held.values() for hint in found])


@require_POST
def call_guest_safety(request, pk, guest_pk):
    """Hand a guest what is written under safety now, or take it back."""
    meeting, _, _ = seated(request, pk, may="may_write")
    guest = get_object_or_404(
        CallGuest.objects.live().select_related("meeting"), pk=guest_pk, meeting=meeting
    )
    is_taken = request.POST.get("what") == "take_back"
    act = guests.take_safety_back if is_taken else guests.hand_over_safety
    return acted(request, meeting, lambda: act(guest, actor=request.user, now=timezone.now()))


@require_GET
def call_guest(request, pk):
    """A guest's side of the call: their own review while it is on the table, and nothing else.

    The page asks for itself anew; `?v=` that still holds is answered by 204.
    """
    meetings = Meeting.objects.visible_to(request.user).select_related(
        "continuum", "region", "call__on_table"
    )
    if request.is_guest:
        own = CallGuest.objects.live().filter(user=request.user)
        meetings = meetings.filter(guests__in=own)
    meeting = get_permitted_or_404(
        request.user, "conferencing.attend_meeting_as_guest", meetings, pk=pk
    )
    page = guest_pages.guest_page(meeting, request.user, now=timezone.now())
    if request.GET.get("v") == str(page["version"]):
        return HttpResponse(status=204)
    part = "conferencing/call_guest_part.html"
    return render(request, part if is_from_page(request) else "conferencing/call_guest.html", page)
