"""What may be stored of a household, each refusal at the field that it is about."""

from django.core.exceptions import ValidationError

from participants.models import IDENTITY, Participant

from .aliases import refuse_alias
from .on_file import UNUSABLE_HMIS_ID, is_hmis_id_taken

JOINED_STAYS = (
    "Another record was joined into this one, and tells who it is. A victim service provider keeps "
    "no such record: undo the merge first, or add the household anew."
)


def judge(participant: Participant) -> None:
    """Raise ValidationError, each at its field, for what may not be stored."""
    refuse_alias(participant)
    judge_by_itself(participant)
    refuse_taken_hmis_id(participant)


def judge_by_itself(participant: Participant) -> None:
    """The same, as far as nothing sealed of the continuum's households is asked for it."""
    for field in IDENTITY:
        if not getattr(participant, field):
            setattr(participant, field, None)
    refuse_identity(participant)
    refuse_nobody(participant)
    refuse_foreign_county(participant)
    participant.full_clean(exclude=["hmis_id_index", "identity_index"], validate_unique=False)


def with_what_is_judged(participant: Participant, *, is_held: bool = False) -> Participant:
    """The row anew, with what is asked of a record before it is stored; `is_held`: under lock."""
    rows = Participant.objects.select_related("agency", "continuum", "region", "county")
    if is_held:
        rows = rows.select_for_update(of=("self",))
    return rows.get(pk=participant.pk)


def refuse_identity(participant: Participant) -> None:
    """A victim service provider's participant is known by alias alone."""
    if participant.agency.is_victim_service_provider:
        if Participant.every.filter(merged_into=participant.pk).exists():
            raise ValidationError({"agency": JOINED_STAYS})
        participant.is_confidential = True
        for field in IDENTITY:
            if getattr(participant, field):
                raise ValidationError(
                    {field: "A victim service provider's participant is known by alias alone."}
                )


def refuse_foreign_county(participant: Participant) -> None:
    if participant.county and participant.county.region_id != participant.region_id:
        raise ValidationError(
            {
                "county": (
                    f"{participant.county} is not a county of {participant.region}. Choose one of "
                    "its counties, or another region."
                )
            }
        )


def refuse_taken_hmis_id(participant: Participant) -> None:
    if is_hmis_id_taken(participant.continuum, participant.hmis_id, but=participant.pk):
        raise ValidationError({"hmis_id": UNUSABLE_HMIS_ID})


def refuse_nobody(participant: Participant) -> None:
    if participant.household_size == 0:
        raise ValidationError({"adults": "Enter at least one adult or one child."})
