"""What is typed is compared with what is sealed: each answer recorded, and few of them a day.

"Somebody has this HMIS ID" is an answer about a person, also to whom no release covers. So the
comparison is the last thing that is done with a form: where nothing is found the household is
saved, which is recorded as such; where something is, that somebody was told so is recorded, and
after MOST_A_DAY such answers a person gets none until the next day. The count is of the audit,
which no restart forgets.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

import audit.actions
import audit.services
from accounts.models import User
from audit.models import AuditEntry
from participants import disclosures
from participants.aliases import NO_ALIAS, gives_away
from participants.by_hmis_id import records_with, those_of
from participants.models import Participant, ParticipantQuerySet
from participants.naming import label_for, labels
from regions.clock import local_day, local_midnight
from regions.models import Continuum
from vault.blind import candidates

MATCH_TOLD = audit.actions.register(
    "on_file.told", "Was told that what they typed is on file already"
)
disclosures.register(
    MATCH_TOLD, kind=disclosures.PAGE, what="That something typed is on file with the household"
)
# What was compared, with whom it is on file, and the error that says so.
Match = tuple[str, list[Participant], ValidationError]
MOST_A_DAY = 20
# The columns of which anything typed is compared.
COMPARED = frozenset({"name", "birth_date", "hmis_id", "alias"})
UNUSABLE_HMIS_ID = (
    "This HMIS ID can’t be used here. Check it, or leave it blank and ask the CE Specialist."
)
ENOUGH = (
    f"You reached today’s limit of {MOST_A_DAY} answers about what is on file. Leave out the "
    "field that is compared (the HMIS ID, or the date of birth), ask the CE Specialist, or try "
    "again tomorrow."
)


def answer(
    continuum: Continuum, compare: Callable[[], Match | None], *, actor: User, now: datetime
) -> None:
    """Compare what `actor` typed; raise the ValidationError that says what is on file, or return.

    `compare()` returns None, or `(what was compared, [participants], error)`. One person's answers
    come one after the other, so that many at once are counted too. What is recorded stays, though
    the form is refused: so an act asks before its own transaction begins, with which the record
    would be rolled back, and the count with it. Asked within one it fails.
    """
    with transaction.atomic(durable=True):
        # Nobody reads this lock but the next answer of the same person.
        User.objects.select_for_update(no_key=True, of=("self",)).get(pk=actor.pk)
        refusal = ValidationError(ENOUGH, code="enough")
        if told_today(continuum, actor, now) < MOST_A_DAY:
            found = compare()
            if found is None:
                return
            what, people, refusal = found
            audit.services.record(
                MATCH_TOLD,
                actor=actor,
                continuum_id=continuum.pk,
                detail={
                    "compared": what,
                    "participants": sorted(str(each.pk) for each in people),
                    "named_under": {},
                },
                now=now,
            )
    raise refusal


def told_today(continuum: Continuum, actor: User, now: datetime) -> int:
    """How many answers this person got since midnight of the continuum's day."""
    midnight = local_midnight(local_day(now, continuum.zone), continuum.zone)
    return AuditEntry.objects.filter(
        continuum_id=continuum.pk, action=MATCH_TOLD, actor_id=actor.pk, at__gte=midnight
    ).count()


def possible_duplicates(
    continuum: Continuum, *, name: str | None, birth_date: date | None, but: UUID | None = None
) -> ParticipantQuerySet:
    """Participants of the continuum with the same name and birth date.

    Where a record was joined into another: that one.
    """
    same = Participant.every.filter(
        continuum=continuum,
        identity_index__in=candidates("identity", continuum.pk, name, birth_date),
    )
    found = Participant.objects.filter(
        Q(pk__in=same.values("pk")) | Q(pk__in=same.values("merged_into"))
    )
    others = found.exclude(pk=but) if but else found
    return others.select_related("agency").order_by("alias")


def with_hmis_id(
    continuum: Continuum, hmis_id: str | None, *, but: UUID | None = None
) -> ParticipantQuerySet:
    """Other participants of the continuum that have it; right also while keys are rotated."""
    found = records_with(continuum.pk, [hmis_id])
    return found.exclude(pk=but) if but else found


def hmis_ids_taken(continuum: Continuum, hmis_ids: Iterable[str]) -> set[str]:
    """Those of the HMIS IDs that a participant of the continuum has; in one query."""
    return those_of(continuum.pk, hmis_ids, Participant.every.all())


def is_hmis_id_taken(continuum: Continuum, hmis_id: str | None, *, but: UUID | None = None) -> bool:
    return with_hmis_id(continuum, hmis_id, but=but).exists()


def duplicates_told(
    participant: Participant, *, actor: User, now: datetime
) -> tuple[list[Participant], ValidationError] | None:
    """`(participants, error)` of records that may be of the same person, where `actor` may know
    of them: those that they read by name, and those whose record they keep. None for no such.

    Of others nobody is told: the household is saved, and the search for duplicates shows both to
    the CE Specialist.
    """
    found = list(
        possible_duplicates(
            participant.continuum,
            name=participant.name,
            birth_date=participant.birth_date,
            but=participant.pk,
        )
    )
    names = labels(found, actor, now)
    known = [each for each in found if names[each.pk].is_named]
    kept = [
        each
        for each in found
        if each not in known and actor.has_perm("participants.change_participant", each)
    ]
    if not known and not kept:
        return None
    words = [f"It may be {each.alias}, kept by {each.agency}." for each in known]
    if kept:
        agencies = ", ".join(sorted({each.agency.name for each in kept}))
        words.append(f"A household kept by {agencies} has both.")
    return known + kept, ValidationError(
        {
            "is_different_person": (
                "Somebody with this name and birth date may be on file already. "
                f"{' '.join(words)} If this is somebody else, check the box and save again."
            )
        }
    )


def taken_hmis_id(taken: Participant, actor: User, now: datetime) -> ValidationError:
    """The error, which says whose it is to whoever may read the id there."""
    label = label_for(taken, actor, now)
    words = f"{label.text} has this HMIS ID." if label.hmis_id else UNUSABLE_HMIS_ID
    return ValidationError({"hmis_id": words})


def refuse_what_is_on_file(
    participant: Participant,
    changed: Collection[str],
    *,
    is_different_person: bool,
    actor: User,
    now: datetime,
) -> None:
    """The last thing asked of what was typed: whether it is on file with somebody.

    `changed`: the fields that were typed. Nothing is asked of what this person reads anyway. Not to
    be called within a transaction (`answer`).
    """
    asks_duplicates = (
        bool({"name", "birth_date"} & set(changed) and participant.name and participant.birth_date)
        and not is_different_person
    )
    asks_hmis_id = "hmis_id" in changed and bool(participant.hmis_id)
    asks_alias = (
        "alias" in changed
        and "name" not in changed
        and bool(participant.name)
        and not label_for(participant, actor, now).is_named
    )

    def compare() -> Match | None:
        if asks_alias and gives_away(participant.alias, participant.name):
            return "alias", [participant], ValidationError({"alias": NO_ALIAS})
        if asks_hmis_id:
            taken = with_hmis_id(
                participant.continuum, participant.hmis_id, but=participant.pk
            ).first()
            if taken:
                return "hmis_id", [taken], taken_hmis_id(taken, actor, now)
        told = asks_duplicates and duplicates_told(participant, actor=actor, now=now)
        return ("name and birth date", *told) if told else None

    if asks_duplicates or asks_hmis_id or asks_alias:
        answer(participant.continuum, compare, actor=actor, now=now)
