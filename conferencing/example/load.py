"""Puts the two continuums and everything invented around them into the database."""

from datetime import datetime, timedelta
from random import Random

from django.db import transaction

from conferencing.models import Meeting
from conferencing.schedule.years import plan_year
from regions.clock import local_day
from regions.models import CallingRule, Continuum, County, Region, ReviewCriterion

from .contacts import make_contacts
from .duties import give_duties, invite_as_if_earlier
from .history import History
from .hmis import tell_of_hmis
from .households import Households
from .openings import open_programs
from .people import People
from .procedures import PROCEDURES, Procedure
from .referrals import make_referrals
from .rights import ask_for_rights
from .running import Running, make_room, plan_call
from .views import keep_views

SEED = 20_260_101
PLANNED_BEFORE = timedelta(days=90)


def load_example(*, now: datetime) -> list[str]:
    """Make each continuum that is not there yet; return the codes of those made.

    Safe to run again: a continuum that is there is left as it is.
    """
    return [each.code for each in PROCEDURES if load_continuum(each, now=now)]


@transaction.atomic
def load_continuum(procedure: Procedure, *, now: datetime) -> Continuum | None:
    if Continuum.objects.filter(code=procedure.code).exists():
        return None
    continuum = make_continuum(procedure)
    random = Random(f"{SEED} {procedure.code}")  # noqa: S311 (nothing secret)
    today = local_day(now, continuum.zone)
    People(continuum, procedure, random=random, today=today).make()
    Households(continuum, random=random, today=today).make()
    for year in (today.year - 1, today.year, today.year + 1):
        plan_year(continuum, year, actor=None, now=now)
    make_room(continuum, now=now)
    give_duties(continuum, random=Random(f"{SEED} duties {procedure.code}"), now=now)  # noqa: S311
    running = plan_call(continuum, now=now)
    # The calls stand since the years were planned, so that no list of theirs comes suddenly.
    Meeting.objects.filter(continuum=continuum).update(list_timed_at=now - PLANNED_BEFORE)
    History(continuum, random=random, now=now).make()
    make_contacts(continuum, random=Random(f"{SEED} contacts {procedure.code}"), now=now)  # noqa: S311
    tell_of_hmis(continuum, random=Random(f"{SEED} hmis {procedure.code}"), today=today)  # noqa: S311
    invite_as_if_earlier(continuum, now=now)
    ask_for_rights(continuum, random=Random(f"{SEED} rights {procedure.code}"), now=now)  # noqa: S311
    if running:
        Running(running, random=Random(f"{SEED} running {procedure.code}"), now=now).make()  # noqa: S311
    open_programs(continuum, random=Random(f"{SEED} openings {procedure.code}"), now=now)  # noqa: S311
    make_referrals(continuum, random=Random(f"{SEED} referrals {procedure.code}"), now=now)  # noqa: S311
    keep_views(continuum, now=now)
    return continuum


def make_continuum(procedure: Procedure) -> Continuum:
    continuum = Continuum.objects.create(
        code=procedure.code,
        name=procedure.name,
        zone=procedure.zone,
        closed_days=[each.as_data() for each in procedure.closed_days],
        is_example=True,
        requires_agency_agreement=procedure.requires_agency_agreement,
        export_by=procedure.export_by,
        non_disclosure_words=procedure.non_disclosure_words,
        purpose=procedure.purpose,
        ground_rules=procedure.ground_rules,
        call_link=f"{procedure.link}{procedure.code.lower()}/coc-wide"
        if procedure.coc_wide
        else "",
    )
    for position, text in enumerate(procedure.regions, start=1):
        slug = text.name.lower().replace(" ", "-")
        region = Region.objects.create(
            continuum=continuum,
            name=text.name,
            position=position,
            call_link=f"{procedure.link}{procedure.code.lower()}/{slug}",
        )
        County.objects.bulk_create(County(region=region, name=name) for name in text.counties)
        CallingRule.objects.create(
            continuum=continuum,
            region=region,
            week=text.week,
            weekday=text.weekday,
            starts=text.starts,
            minutes=60,
        )
        ReviewCriterion.objects.bulk_create(
            ReviewCriterion(region=region, kind=kind, number=number, position=place)
            for place, (kind, number) in enumerate(procedure.criteria, start=1)
        )
    if procedure.coc_wide:
        week, weekday, months, starts = procedure.coc_wide
        CallingRule.objects.create(
            continuum=continuum,
            week=week,
            weekday=weekday,
            months=list(months),
            starts=starts,
            minutes=60,
        )
    return continuum
