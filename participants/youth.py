"""Who heads a household grows older: who was a youth is one no more on the 25th birthday."""

from datetime import date, datetime, timedelta

from django.core.cache import cache

from participants.models import Participant
from regions.clock import local_day
from regions.models import Continuum

MAJORITY = 18
OLDEST_YOUTH = 24
KEPT = timedelta(hours=26)


def age_on(born: date | None, on: date) -> int | None:
    """In years, of somebody born on a day; None: not known."""
    if born is None:
        return None
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def is_youth(born: date | None, on: date) -> bool | None:
    """Whether a head of household is under 25 on a day; None: not known.

    Source: HUD HMIS Data Standards, youth household: nobody of it is 25 or older. Of the others
    an age band is all that is known here, so the head alone is asked.
    """
    age = age_on(born, on)
    return None if age is None else age <= OLDEST_YOUTH


def follow_birthdays(now: datetime) -> None:
    """Step of the tick: once a day, households whose head turned 25 are no youth's any more."""
    for continuum in Continuum.objects.all():
        on = local_day(now, continuum.zone)
        # Lost, it is done once more, and changes nothing.
        if cache.add(f"birthdays:{continuum.pk}:{on}", True, KEPT.total_seconds()):
            grow_older(continuum, on)


def grow_older(continuum: Continuum, on: date) -> int:
    """Return how many households were a youth's until now."""
    youths = Participant.objects.filter(
        continuum=continuum, is_youth=True, birth_date__isnull=False
    )
    grown = [each.pk for each in youths if not is_youth(each.birth_date, on)]
    # Nobody used the record: when it was last changed stays as it is.
    return Participant.objects.filter(pk__in=grown, is_youth=True).update(is_youth=False)
