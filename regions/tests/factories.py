"""Hand-written factories; each takes what matters to the test and fills in the rest."""

from datetime import time, timedelta
from functools import cache
from itertools import count

from django.contrib.auth.hashers import get_hasher, make_password
from django.utils import timezone

from accounts.models import User
from regions.clock import local_day
from regions.holidays import FEDERAL
from regions.models import CallingRule, Continuum, County, Membership, Region, ReviewCriterion

number = count(1)


@cache
def hashed(password, hasher):
    """Hashing is slow by design; once for all people of a test run is enough."""
    return make_password(password, hasher=hasher)


def today_in(zone="America/Chicago"):
    """The date on the wall there, which is not always the date in UTC."""
    return local_day(timezone.now(), zone)


def ordinary_thursday(*, in_days, zone="America/Chicago"):
    """The first Thursday so many days ahead in a week, and after one, of working days alone."""
    on = today_in(zone) + timedelta(days=in_days)
    on += timedelta(days=(3 - on.weekday()) % 7)
    while not all(FEDERAL.is_working_day(on - timedelta(days=n)) for n in (-1, 0, 1, 2, 3, 6, 7)):
        on += timedelta(days=7)
    return on


def make_continuum(*, code=None, name=None, zone="America/Chicago", **fields):
    code = code or f"XX-{next(number):03}"
    return Continuum.objects.create(
        code=code,
        name=name or f"Continuum {code}",
        zone=zone,
        non_disclosure_words="Do not copy, forward or photograph this list.",
        **fields,
    )


def make_region(continuum, *, name=None, counties=("Rice", "Steele"), **fields):
    region = Region.objects.create(
        continuum=continuum,
        name=name or f"Region {next(number)}",
        **fields,
    )
    County.objects.bulk_create(County(region=region, name=each) for each in counties)
    return region


def make_rule(continuum, region=None, *, week=2, weekday=3, starts=time(10, 0), **fields):
    return CallingRule.objects.create(
        continuum=continuum, region=region, week=week, weekday=weekday, starts=starts, **fields
    )


def make_criteria(region, *kinds):
    return ReviewCriterion.objects.bulk_create(
        ReviewCriterion(region=region, kind=kind, position=position)
        for position, kind in enumerate(kinds, start=1)
    )


def make_user(continuum, *, name=None, email=None, specialist=False, administrator=False):
    """A user of the continuum; password "correct horse battery 1"."""
    n = next(number)
    user = User(
        email=email or f"person{n}@example.org",
        name=name or f"Person {n}",
        password=hashed("correct horse battery 1", get_hasher().algorithm),
    )
    user.save()
    Membership.objects.create(
        user=user, continuum=continuum, is_specialist=specialist, is_administrator=administrator
    )
    return user
