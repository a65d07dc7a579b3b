"""What openings and referrals ask of a person: those that are overdue."""

from datetime import date

from django.urls import reverse

from agreements.models import StaffMember
from conferencing.task import Task
from housing.models import Referral
from housing.pages import past_openings
from housing.referrals.pages import overdue_for, to_look_at
from regions.models import Continuum
from regions.words import plural


def opening_tasks(place: StaffMember | None, continuum: Continuum, on: date) -> list[Task]:
    """One line: of the person's agency; for a CE Specialist (`place` None) of all agencies."""
    found = past_openings(place, continuum, on)
    if not found:
        return []
    first = found[0]
    if len(found) == 1:
        title, url = f"Overdue opening: {first.program}", first.get_absolute_url()
    else:
        title = f"{plural(len(found), 'overdue opening')}"
        url = f"{reverse('housing:opening_list')}?shown=past"
    hint = "Say what happened: filled, withdrawn, or another day."
    if place is None:
        hint = "Their agencies haven’t said what happened."
    return [Task(title, url, hint, "Answer" if place else "See them", by=first.fill_by)]


def referral_tasks(place: StaffMember, on: date) -> list[Task]:
    """Referrals that wait too long: mine to ask about, and those that my agency is to answer."""
    mine, ours = overdue_for(place, place.agency.continuum, on)
    return [
        *one_line(mine, "{} to ask about", "The household’s or the program’s answer is late."),
        *one_line(ours, "{} of your agency", "Say where they stand: nobody has answered in time."),
    ]


def continuum_referral_tasks(continuum: Continuum, on: date) -> list[Task]:
    """For the CE Specialist: those late for days, and the declines and appeals to look at."""
    _mine, late = overdue_for(None, continuum, on)
    tasks = one_line(late, "{} late for days", "Those asked first have not answered.")
    waiting = to_look_at(continuum)
    if waiting:
        words = plural(len(waiting), "declined referral")
        url = f"{reverse('housing:referral_list')}?shown=declined"
        hint = "Agree, send it back once, or override it; decide appeals."
        tasks.append(Task(f"{words} to look at", url, hint, "Look"))
    return tasks


def one_line(found: list[Referral], words: str, hint: str) -> list[Task]:
    """One line for several; of one it leads to that one. Names stay on the pages behind it."""
    if not found:
        return []
    first = min(found, key=lambda each: each.due_on or date.max)
    url = reverse("housing:referral_list")
    if len(found) == 1:
        url = reverse("housing:referral_detail", args=[first.pk])
    title = words.format(plural(len(found), "late referral"))
    return [Task(title, url, hint, "Open", by=first.due_on)]
