"""What is done on the page of the hour: each act is one press."""

import uuid

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts import undo
from accounts.models import UndoOffer
from accounts.refusals import refusals
from conferencing.call import (
    acts as calls,
)
from conferencing.call import (
    attendance,
    guests,
    household_pages,
    keys,
    nothing,
    standing_in,
)
from conferencing.call import (
    pages as call_pages,
)
from conferencing.call import (
    undo as call_undo,
)
from conferencing.call.forms.call import TableForm
from conferencing.call.referring import key_of, refer_at_call
from conferencing.models import CallGuest, Review
from housing.models import Opening
from regions.middleware import ContinuumRequest
from regions.words import plural

from .seat import (
    Words,
    acted,
    review_of,
    seated,
    undo_place,
)


@require_POST
def call_begin(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    meeting, _, _ = seated(request, pk, may="may_tick", begun=False)
    return acted(
        request,
        meeting,
        lambda: calls.begin_call(meeting, actor=request.user, now=timezone.now()),
    )


@require_POST
def call_table(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Take up the next, the former, or a chosen household."""
    meeting, call, _ = seated(request, pk, may="may_steer")
    form = TableForm(request.POST, reviews=meeting.reviews.all())
    is_whole = form.is_valid()
    seen = form.cleaned_data.get("seen")
    # Somebody else went on meanwhile.
    has_moved = "seen" in request.POST and call.on_table not in (None, seen)

    def act() -> None:
        review, go = form.cleaned_data.get("review"), form.cleaned_data.get("go")
        if not is_whole or not (review or go):
            raise ValidationError("Choose a household of this call.")
        if has_moved:
            return
        now = timezone.now()
        if review is None and go != "none":
            step = 1 if go == "next" else -1
            review = calls.neighbour(meeting, call, step, left=seen, now=now)
        calls.put_on_table(meeting, review, actor=request.user, now=now)

    def said() -> Words | None:
        left = call.on_table
        if has_moved or left is None or left.outcome != Review.Outcome.OPEN:
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
def call_discuss(request: ContinuumRequest, pk: uuid.UUID, review_pk: uuid.UUID) -> HttpResponse:
    meeting, _, _ = seated(request, pk, may="may_tick")
    review = review_of(meeting, review_pk)
    return acted(
        request,
        meeting,
        lambda: calls.discuss(review, actor=request.user, now=timezone.now()),
    )


@require_POST
def call_refer(request: ContinuumRequest, pk: uuid.UUID, review_pk: uuid.UUID) -> HttpResponse:
    """Refer the household on the table to an opening, as part of its review."""
    meeting, _, _ = seated(request, pk, may="may_write")
    review = review_of(meeting, review_pk)
    if not request.user.has_perm("participants.refer_household", review.participant):
        raise PermissionDenied
    openings = Opening.objects.visible_to(request.user)
    opening = get_object_or_404(openings, pk=key_of(request.POST.get("opening")))
    return acted(
        request,
        meeting,
        lambda: refer_at_call(review, opening, actor=request.user, now=timezone.now()),
    )


@require_POST
def call_reopen(request: ContinuumRequest, pk: uuid.UUID, review_pk: uuid.UUID) -> HttpResponse:
    meeting, _, _ = seated(request, pk, may="may_tick")
    review = review_of(meeting, review_pk)
    return acted(
        request, meeting, lambda: calls.reopen(review, actor=request.user, now=timezone.now())
    )


@require_POST
def call_carry_over(request: ContinuumRequest, pk: uuid.UUID, review_pk: uuid.UUID) -> HttpResponse:
    meeting, _, _ = seated(request, pk, may="may_steer")
    review = review_of(meeting, review_pk)
    return acted(
        request, meeting, lambda: calls.carry_over(review, actor=request.user, now=timezone.now())
    )


@require_POST
def call_nothing_to_discuss(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Confirm that there is nothing to discuss of the households that were read out."""
    meeting, _, _ = seated(request, pk, may="may_steer")
    keys = [call_pages.key_or_none(each) for each in request.POST.get("reviews", "").split()]
    seen = [key for key in keys if key]
    words = f"You confirmed “Nothing to discuss”: {plural(len(seen), 'household')}."
    return acted(
        request,
        meeting,
        lambda: nothing.confirm_nothing(meeting, seen, actor=request.user, now=timezone.now()),
        undoes=(nothing.UNDO, words),
    )


@require_POST
def call_discuss_after_all(
    request: ContinuumRequest, pk: uuid.UUID, review_pk: uuid.UUID
) -> HttpResponse:
    """Take one household out of those that are read out as one."""
    meeting, _, _ = seated(request, pk, may="may_steer")
    review = review_of(meeting, review_pk)
    return acted(
        request, meeting, lambda: nothing.take_out(review, actor=request.user, now=timezone.now())
    )


@require_POST
def call_order(request: ContinuumRequest, pk: uuid.UUID, review_pk: uuid.UUID) -> HttpResponse:
    """Move a household one place up or down."""
    meeting, _, _ = seated(request, pk, may="may_steer")
    review = review_of(meeting, review_pk)
    by = -1 if request.POST.get("by") == "up" else 1
    entry = get_object_or_404(meeting.roster, participant=review.participant_id)
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
def call_undo_act(request: ContinuumRequest, pk: uuid.UUID, undo_pk: uuid.UUID) -> HttpResponse:
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

    def act() -> None:
        undo.carry_out(request.user, sign_in, undo_pk, now=timezone.now())

    return acted(request, meeting, act)


@require_POST
def call_attend(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Say of oneself that one is here."""
    meeting, _, _ = seated(request, pk)
    return acted(
        request, meeting, lambda: attendance.come_in(meeting, request.user, now=timezone.now())
    )


@require_POST
def call_stand_in(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Take notes oneself while the note taker is away; who takes them already goes on."""
    meeting, _, seat = seated(request, pk, may="may_steer")

    def act() -> None:
        if not seat.may_write:
            standing_in.stand_in(meeting, actor=request.user, now=timezone.now())

    return acted(request, meeting, act)


@require_POST
def call_hand_back(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Stop taking notes in the note taker's place."""
    meeting, _, _ = seated(request, pk, may="may_steer")
    return acted(request, meeting, lambda: standing_in.hand_back(meeting, actor=request.user))


@require_POST
def call_tick(request: ContinuumRequest, pk: uuid.UUID, attendance_pk: uuid.UUID) -> HttpResponse:
    """Tick that somebody is here, or not; or that they were heard."""
    meeting, _, seat = seated(request, pk, may="may_tick")
    row = get_object_or_404(meeting.attendances.select_related("meeting"), pk=attendance_pk)
    what, now = request.POST.get("what"), timezone.now()
    if what == "heard" and not seat.may_steer:
        raise PermissionDenied("This is for the facilitator.")

    def act() -> None:
        if what == "heard":
            attendance.note_heard(row, actor=request.user, now=now)
        else:
            attendance.mark_present(row, is_present=what == "present", actor=request.user, now=now)

    return acted(request, meeting, act)


@require_POST
def call_guest_safety(
    request: ContinuumRequest, pk: uuid.UUID, guest_pk: uuid.UUID
) -> HttpResponse:
    """Hand a guest what is written under safety now, or take it back."""
    meeting, _, _ = seated(request, pk, may="may_write")
    guest = get_object_or_404(
        CallGuest.objects.live().select_related("meeting"), pk=guest_pk, meeting=meeting
    )
    is_taken = request.POST.get("what") == "take_back"
    act = guests.take_safety_back if is_taken else guests.hand_over_safety
    return acted(request, meeting, lambda: act(guest, actor=request.user, now=timezone.now()))


@require_POST
def call_keys(request: ContinuumRequest, pk: uuid.UUID) -> HttpResponse:
    """Change one key of one's own, or take the usual ones again; answer with all of them."""
    seated(request, pk)
    with refusals() as refused:
        if request.POST.get("usual"):
            chosen = keys.usual_keys(request.user)
        else:
            name, key = request.POST.get("act", ""), request.POST.get("key", "")
            chosen = keys.choose_key(request.user, name, key)
        signs = {name: [key, keys.WORDS[key]] for name, key in chosen.items()}
        return JsonResponse({"keys": signs})
    return JsonResponse({"errors": refused.messages}, status=422)
