"""Which aliases may be given to a household: each means one of the continuum, and tells nothing."""

from collections.abc import Container, Iterable

from django.core.exceptions import ValidationError
from django.db.models.functions import Lower

from participants.aliases import NO_ALIAS, gives_away, looks_like_alias, new_alias
from participants.models import Participant, ParticipantQuerySet
from regions.models import Continuum


def with_alias(continuum: Continuum, aliases: Iterable[str]) -> ParticipantQuerySet:
    """Records of the continuum, joined ones among them, that have one, in small letters or not."""
    small = [each.lower() for each in aliases]
    every = Participant.every.filter(continuum=continuum)
    return every.alias(small_alias=Lower("alias")).filter(small_alias__in=small)


def give_aliases(continuum: Continuum, people: Iterable[Participant]) -> None:
    """Give each an alias that nobody has and that tells nothing of the name; none is saved."""
    waiting, given = list(people), set[str]()
    while waiting:
        for person in waiting:
            person.alias = alias_for(person, given)
            given.add(person.alias)
        found = with_alias(continuum, [person.alias for person in waiting])
        taken = {alias.lower() for alias in found.values_list("alias", flat=True)}
        waiting = [person for person in waiting if person.alias.lower() in taken]


def alias_for(person: Participant, taken: Container[str]) -> str:
    name = person.name
    return new_alias(lambda alias: alias in taken or gives_away(alias, name))


def judge_alias(participant: Participant, changed: Container[str]) -> None:
    """What was typed as an alias, or beside one, as far as nothing sealed is asked for it."""
    if "alias" in changed and not looks_like_alias(participant.alias):
        raise ValidationError({"alias": NO_ALIAS})
    if "name" in changed and gives_away(participant.alias, participant.name):
        raise ValidationError({"alias": "The alias holds a part of the name. Choose another."})
    refuse_taken_alias(participant)


def refuse_alias(participant: Participant) -> None:
    """The alias must tell nothing of the person, and mean one household alone."""
    if participant.name and gives_away(participant.alias, participant.name):
        raise ValidationError({"alias": NO_ALIAS})
    refuse_taken_alias(participant)


def refuse_taken_alias(participant: Participant) -> None:
    others = with_alias(participant.continuum, [participant.alias])
    if others.exclude(pk=participant.pk).exists():
        raise ValidationError(
            {"alias": "Another household has this alias. Choose another, or add a number."}
        )
