"""Programs and openings for tests."""

from datetime import timedelta

from django.utils import timezone

from housing.models import (
    EligibilityRule,
    HousingAnswers,
    Opening,
    PrioritizationPolicy,
    Program,
    Referral,
    ReferralNote,
)
from regions.models import County
from regions.tests.factories import today_in


def make_program(agency, *, name="Elm House", kind="psh", counties=None, rules=(), **values):
    program = Program.objects.create(
        continuum_id=agency.continuum_id,
        agency=agency,
        name=name,
        kind=kind,
        changed_at=timezone.now(),
        **values,
    )
    if counties is None:
        counties = County.objects.filter(region__continuum=agency.continuum_id)[:1]
    program.counties.set(counties)
    for fact, weight, asks in rules:
        make_rule(program, fact, asks, weight=weight)
    program.refresh_from_db()
    return program


def make_rule(program, fact, asks=True, *, weight="required", source=""):
    return EligibilityRule.objects.create(
        program=program, fact=fact, weight=weight, asks=asks, source=source
    )


def make_opening(program, by, *, on=None, bedrooms=1, **values):
    on = on or today_in()
    row = {
        "county": program.counties.first(),
        "free_from": on,
        "fill_by": on + timedelta(days=14),
        "entered_at": timezone.now(),
        "changed_at": timezone.now(),
        **values,
    }
    return Opening.objects.create(program=program, entered_by=by, bedrooms=bedrooms, **row)


def make_answers(participant, by=None, **given):
    return HousingAnswers.objects.create(
        continuum_id=participant.continuum_id,
        participant=participant,
        given=given,
        changed_at=timezone.now(),
        changed_by=by,
    )


def make_referral(opening, participant, place, *, state="proposed", words="", days_ago=0, **values):
    """A referral in a state since some days ago, with a line of its story."""
    at = timezone.now() - timedelta(days=days_ago)
    row = {"due_on": None, **values}
    if state == "moved_in":
        row.setdefault("moved_in_on", today_in() - timedelta(days=days_ago))
    referral = Referral.objects.create(
        continuum_id=participant.continuum_id,
        opening=opening,
        participant=participant,
        follow_up_person=place,
        state=state,
        since=at,
        proposed_by=place.user,
        proposed_at=at,
        **row,
    )
    note = ReferralNote(referral=referral, what="Proposed", words=words, by=place.user, at=at)
    note.save()
    return referral


def make_policy(continuum, by, *, criteria=("days",), ties=(), is_draft=False, days_ago=30):
    """A version, approved some days ago and counting since, or a draft."""
    on = today_in() - timedelta(days=days_ago)
    number = PrioritizationPolicy.objects.filter(continuum=continuum).count() + 1
    return PrioritizationPolicy.objects.create(
        continuum=continuum,
        version=number,
        words="Longest first.",
        criteria=list(criteria),
        tie_breaks=list(ties),
        seed="5eed",
        approved_by="" if is_draft else "CoC Board",
        approved_on=None if is_draft else on,
        valid_from=None if is_draft else on,
        recorded_by=by,
        changed_at=timezone.now(),
    )
