"""What an agency knows before the call of the households it works with.

It waits beside the review; the note taker accepts it into the review during the call.
"""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

import audit.services
from accounts.models import User
from agreements.models import StaffMember
from audit import actions
from conferencing import elements
from conferencing.at_once import tell_if_held
from conferencing.careful_words import hints
from conferencing.models import (
    ActionItem,
    Meeting,
    Nomination,
    PrepList,
    PreWork,
    RosterEntry,
)
from conferencing.reviews.last import last_reviews
from participants.models import Participant
from participants.naming import label_for
from participants.own_words import brings_names, note_edited
from participants.typed_over import put_back_over, taken_over_whole
from regions.clock import local_day

KEPT = actions.register("prework.kept", "Prepared a household for a call")
REMOVED = actions.register("prework.removed", "Took back what was prepared for a call")
ACCEPTED = actions.register("prework.accepted", "Took an agency’s pre-work into a review")
TEXTS = (*elements.TEXTS, "notes")
FIELDS = (*elements.COLUMNS, "notes")
NOTHING = "Write at least one thing that the call should know."
NOT_YOURS = "Your agency does not work with this household, or it is not on the roster."
STALE = (
    "Somebody of your agency changed this meanwhile, and yours was not saved. Both are "
    "below: copy what is missing into yours, then save again."
)


Values = dict[str, Any]  # Any: a text, or a list of words, by FIELDS


def entries_to_prepare(user: User, place: StaffMember, on: date) -> QuerySet[RosterEntry]:
    """Roster entries that the person's agency may prepare, at calls that are not closed.

    Of rosters that are settled or went out; of households that the agency works with: it keeps
    the record, has an open step, is the navigator's, or nominated the household. An open step is
    enough where the household moved to a region in which the agency takes no part: the step went
    with it, unless a victim service provider serves the household. What else is known of it stays
    closed to them (`Participant.visible_to`).
    """
    agency = place.agency_id
    steps = ActionItem.objects.open().filter(participant=OuterRef("participant"), agency=agency)
    good = StaffMember.objects.in_good_standing(on).filter(user=user).values("agency")
    nominated = Nomination.objects.filter(
        participant=OuterRef("participant"),
        meeting=OuterRef("meeting"),
        agency=agency,
        withdrawn_at__isnull=True,
    )
    sent = PrepList.objects.filter(meeting=OuterRef("meeting"))
    return (
        RosterEntry.objects.filter(
            Q(participant__in=Participant.objects.visible_to(user, on))
            | Q(Exists(steps.filter(agency__in=good)), participant__is_confidential=False),
            meeting__state=Meeting.State.PLANNED,
        )
        .filter(Q(meeting__roster_settled_at__isnull=False) | Exists(sent))
        .filter(
            Q(participant__agency=agency)
            | Q(participant__navigator__agency=agency, participant__navigator__ended_on=None)
            | Exists(steps)
            | Exists(nominated)
        )
    )


@transaction.atomic
def keep_prework(
    meeting: Meeting,
    participant: Participant,
    *,
    revision: int,
    actor: User,
    now: datetime,
    **said: Any,  # a text, or a list of words
) -> PreWork | None:
    """Keep what the actor's agency knows of a household before the call.

    `said` by `FIELDS`: empty, or left out, is "nothing new"; `barriers` is the whole list of words
    as it stands now, or None.
    `revision` is the one that the form showed, 0 for none. What was accepted into the review
    already waits again once it is changed. What is emptied altogether is taken back: the row goes
    (None), unless the call used it. Raises ValidationError when the agency does not work with the
    household, the call is over, nothing is written, a place is given for a victim service
    provider's participant, or somebody else saved meanwhile (code "stale").
    """
    entry, place = _lock_entry(meeting, participant, actor, now)
    if unknown := said.keys() - set(FIELDS):
        raise TypeError(f"No part of pre-work: {unknown}")
    values = {
        name: said.get(name) if name in elements.LISTS else said.get(name, "") for name in FIELDS
    }
    values |= {name: said.get(name, "").strip() or None for name in TEXTS}
    _refuse_place(entry.participant, values)
    kept = PreWork.objects.filter(
        meeting=meeting, participant=participant, agency=place.agency
    ).first()
    if revision != (kept.revision if kept else 0):
        raise ValidationError(STALE, code="stale")
    if not any(values[name] for name in FIELDS) and values["barriers"] is None:
        _take_back(kept, actor=actor, now=now)
        return None
    kept = kept or PreWork(meeting=meeting, participant=participant, agency=place.agency)
    sent, values = values, _with_names(values, kept, entry.participant, meeting, actor, now)
    if values["notes"] != kept.notes:
        kept.notes_by = actor if values["notes"] else None
    for name, value in values.items():
        setattr(kept, name, value)
    kept.by, kept.at = actor, now
    kept.accepted_at = kept.accepted_by = None
    kept.revision += 1
    kept.full_clean()
    beside = _taken_from(values, sent, entry.participant, meeting, actor, now)
    note_edited(kept, *TEXTS, "barriers", actor=actor, values=values, beside=beside)
    kept.save()
    tell_if_held(meeting.pk)
    _record(KEPT, kept, actor=actor, now=now)
    return kept


@transaction.atomic
def mark_prework_accepted(prework: PreWork, *, actor: User, now: datetime) -> PreWork:
    """Note that it became part of the review. Accepted already: nothing happens."""
    prework = (
        PreWork.objects.select_for_update(of=("self",)).select_related("meeting").get(pk=prework.pk)
    )
    if prework.accepted_at is None:
        prework.accepted_at, prework.accepted_by = now, actor
        prework.full_clean()
        prework.save()
        tell_if_held(prework.meeting_id)
        _record(ACCEPTED, prework, actor=actor, now=now)
    return prework


def _lock_entry(
    meeting: Meeting, participant: Participant, actor: User, now: datetime
) -> tuple[RosterEntry, StaffMember]:
    """The roster entry, locked, and the actor's place; ValidationError if not theirs."""
    if meeting.state == Meeting.State.CANCELLED:
        raise ValidationError("This call is canceled.")
    on = local_day(now, meeting.continuum.zone)
    place = StaffMember.objects.current().filter(user=actor).select_related("agency").first()
    entry = (
        entries_to_prepare(actor, place, on)
        .filter(meeting=meeting, participant=participant)
        .select_related("participant")
        .select_for_update(of=("self",))
        .first()
        if place
        else None
    )
    if place is None or entry is None:
        is_closed = Meeting.objects.filter(pk=meeting.pk, state=Meeting.State.CLOSED).exists()
        raise ValidationError("The call is closed." if is_closed else NOT_YOURS)
    return entry, place


def _with_names(
    values: Values,
    kept: PreWork,
    participant: Participant,
    meeting: Meeting,
    actor: User,
    now: datetime,
) -> Values:
    """The words with the names that whoever changes them read as withheld."""
    label, found, wrong = label_for(participant, actor, now), dict(values), {}
    former = last_reviews([participant], before=meeting).get(participant.pk)
    beside = words_of(former) if former else []
    for name in (*TEXTS, "barriers"):
        if values[name]:
            try:
                found[name], _again = put_back_over(label, values[name], kept, name, beside)
            except ValidationError as error:
                wrong[name] = error.messages
    if wrong:
        raise ValidationError(wrong)
    return found


def _taken_from(
    values: Values,
    sent: Values,
    participant: Participant,
    meeting: Meeting,
    actor: User,
    now: datetime,
) -> Values:
    """`{field: texts of the last review}` that the values took over, names and all."""
    names = [name for name in (*TEXTS, "barriers") if brings_names(values[name])]
    former = last_reviews([participant], before=meeting).get(participant.pk) if names else None
    if former is None:
        return {}
    label, texts = label_for(participant, actor, now), words_of(former)
    return {name: taken_over_whole(sent[name], texts, label) for name in names}


def words_of(row: object) -> list[str | list[str]]:
    """The texts, and lists of texts, that a review and pre-work have alike."""
    found = [getattr(row, name, None) for name in (*TEXTS, "barriers")]
    return [words for words in found if words]


def _take_back(kept: PreWork | None, *, actor: User, now: datetime) -> None:
    """Nothing is left of what was prepared; refused where nothing was, or the call used it."""
    if kept is None:
        raise ValidationError(NOTHING)
    if kept.accepted_at:
        raise ValidationError("The call used this already. Say at the call what is not so.")
    _record(REMOVED, kept, actor=actor, now=now)
    kept.delete()
    tell_if_held(kept.meeting_id)


def _refuse_place(participant: Participant, values: Values) -> None:
    """Refuse what could tell where a confidential household is."""
    if not participant.is_confidential:
        return
    if values["location_words"]:
        raise ValidationError(
            {"location_words": "For this household no place is written down in words."}
        )
    texts = {name: values[name] or "" for name in TEXTS}
    texts["barriers"] = "\n".join(values["barriers"] or [])
    for name, text in texts.items():
        found = next((h for h in hints(text, is_confidential=True) if h.is_refused), None)
        if found is not None:
            raise ValidationError({name: found.words})


def _record(action: str, prework: PreWork, *, actor: User, now: datetime) -> None:
    audit.services.record(
        action,
        actor=actor,
        about=prework.participant,
        detail={
            "meeting": str(prework.meeting_id),
            "agency": str(prework.agency_id),
            "revision": prework.revision,
        },
        now=now,
    )
