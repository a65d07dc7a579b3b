"""What paper asks: to sign, to countersign, to renew; and the people who can put it right."""

from datetime import date

from django.urls import reverse

from accounts.models import User
from agreements.models import Agency, AgencyAgreement, StaffMember
from agreements.overview import papers_to_sign
from agreements.standing import SOON, standings
from conferencing.task import Task
from regions.clock import local_day
from regions.models import Continuum, Membership
from regions.words import day_words, plural


def own_paper(user: User, place: StaffMember | None, on: date) -> list[Task]:
    """Papers that this person is to sign, for themselves and, as a lead, for the agency."""
    return [
        Task(
            duty.title,
            duty.url,
            duty.hint,
            "Sign" if duty.is_urgent else "Sign again",
            on if duty.is_urgent else duty.due_on,
        )
        for duty in papers_to_sign(user, place, on)
    ]


def administrator_tasks(continuum: Continuum, on: date) -> list[Task]:
    """Agreements to countersign, agencies out of standing, agreements that end soon."""
    agencies = Agency.objects.filter(continuum=continuum, is_active=True)
    lines = standings(agencies.select_related("continuum"), on)
    papers = [each.waiting for each in lines if isinstance(each.waiting, AgencyAgreement)]
    waiting = sorted(papers, key=lambda each: each.signed_at)
    names = {each.agency.pk: each.agency.name for each in lines}
    tasks = [
        Task(
            f"Countersign the agreement of {names[each.agency_id]}",
            reverse("agreements:agreement_countersign", args=[each.pk]),
            f"Signed {day_words(local_day(each.signed_at, continuum.zone))}.",
            "Countersign",
        )
        for each in waiting
    ]
    if Membership.objects.administrators_of(continuum).count() == 1:
        tasks.append(
            Task(
                "Make a second person administrator",
                reverse("agreements:team_list"),
                "With one administrator nobody can restart access while that person is away.",
                "Choose a person",
            )
        )
    url = reverse("agreements:standing_list")
    without = sum(not each.standing.is_good for each in lines)
    if without:
        tasks.append(
            Task(
                f"{plural(without, 'agency has', 'agencies have')} no current agreement",
                f"{url}?show=not_in_standing",
                "Their people get no list and see nothing of participants.",
                "See which",
            )
        )
    last_days = [
        each.last_day
        for each in lines
        if each.standing.is_good and each.ends_soon and each.last_day
    ]
    if last_days:
        tasks.append(
            Task(
                f"{plural(len(last_days), 'agreement ends', 'agreements end')} "
                f"within {SOON.days} days",
                f"{url}?show=ending",
                button="See which",
                by=min(last_days),
            )
        )
    return tasks
