"""One thing on a person's first page that needs them, and the days that they are put under."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple

from regions.words import plural

# How far ahead the first page looks.
AHEAD = timedelta(days=35)
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Task:
    """One job: what, where, why, and the words of its button.

    `by`: the day that it is to be done by, if it has one; `when`: more of that, in few words.
    """

    title: str
    url: str
    hint: str = ""
    button: str = "Open"
    by: date | None = None
    when: str = ""


class Job(NamedTuple):
    """A task as the page shows it: its day in words, and the small words below."""

    task: Task
    day: str
    when: str


class Day(NamedTuple):
    """The tasks under one heading; only late ones are shown in red."""

    name: str
    jobs: list[Job]
    is_late: bool = False


def by_day(tasks: Sequence[Task], on: date) -> list[Day]:
    """The tasks under Late, Today, This week, Later and No date; those of a day as they come."""
    # `sorted` keeps what is of one day in the order of its consequence, as it was put together.
    ordered = sorted(tasks, key=lambda task: task.by or date.max)
    return [
        Day(name, [_job(task, on) for task in found], is_late=name == "Late")
        for name, found in groupby(ordered, key=lambda task: _heading(task.by, on))
    ]


def _heading(by: date | None, on: date) -> str:
    if by is None:
        return "No date"
    if by < on:
        return "Late"
    if by == on:
        return "Today"
    return "This week" if by < on + WEEK else "Later"


def _job(task: Task, on: date) -> Job:
    if task.by is None:
        return Job(task, "", task.when)
    day = f"{task.by:%b} {task.by.day}"
    if task.by < on:
        return Job(task, day, f"{plural((on - task.by).days, 'day')} late")
    if task.by == on:
        return Job(task, "Today", task.when)
    return Job(task, f"{task.by:%a}, {day}" if task.by < on + WEEK else day, task.when)
