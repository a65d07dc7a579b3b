"""A month of a large CoC: every region's list to every recipient, by one worker and by two."""

import os
import subprocess
import sys
import time
from datetime import timedelta
from itertools import count

from bench.table import Row

REGIONS, RECIPIENTS, PARTICIPANTS = 10, 40, 60
LONGEST_SECONDS = 600
number = count(910)


def rows():
    from bench.world import migrated

    migrated()
    sent = REGIONS * RECIPIENTS
    what = f"a month: {REGIONS} regions × {RECIPIENTS} recipients × {PARTICIPANTS} participants"
    alone, both = month(1), month(2)
    yield Row(
        what,
        f"two workers {both:.1f} s",
        f"one worker {alone:.1f} s",
        alone / both,
        at_least=1.8,
        note=f"{sent} lists drawn, locked and mailed (as files) by real Celery workers on real "
        f"Redis: {both / sent * 1000:.0f} ms a list with two workers. Each worker's Typst is held "
        "to one thread, so that the ratio is that of the workers. PostgreSQL and Redis run on "
        "the same cores.",
    )
    free = month(1, threads="")
    yield Row(
        f"{what}, one worker whose Typst may use all cores",
        f"two workers {both:.1f} s",
        f"one worker {free:.1f} s",
        free / both,
        note="As the system runs by default: one worker draws on all cores already.",
    )


def month(workers, *, threads="1"):
    """Freeze the month's lists, then have them sent by so many workers; return seconds."""
    from django.utils import timezone

    from conferencing.prep_lists.acts import KIND, freeze_list
    from outbox.models import Message
    from outbox.tasks import send

    for meeting in meetings(code=f"MN-{next(number)}"):
        freeze_list(meeting, actor=None, now=timezone.now())
    waiting = list(
        Message.objects.filter(kind=KIND, state=Message.State.WAITING).values_list("pk", flat=True)
    )
    assert len(waiting) == REGIONS * RECIPIENTS, len(waiting)
    processes = [worker(place, threads) for place in range(workers)]
    try:
        wait_until_ready(workers)
        start = time.perf_counter()
        for pk in waiting:
            send.delay(str(pk))
        deadline = time.monotonic() + LONGEST_SECONDS
        unsettled = Message.objects.filter(pk__in=waiting).exclude(state=Message.State.SENT)
        while unsettled.exists():
            if time.monotonic() > deadline:
                raise SystemExit(f"error: {unsettled.count()} lists were not sent in time.")
            time.sleep(0.1)
        return time.perf_counter() - start
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(30)


def worker(place, threads):
    """Start one Celery worker with one process of its own."""
    return subprocess.Popen(
        [
            sys.executable, "-m", "celery", "-A", "conferencing", "worker",
            "--concurrency", "1", "--pool", "prefork", "--loglevel", "ERROR",
            "--hostname", f"bench{place}@%h", "--without-gossip", "--without-mingle",
        ],
        env={**os.environ, **({"RAYON_NUM_THREADS": threads} if threads else {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip


def wait_until_ready(workers):
    from conferencing import celery_app

    for _ in range(120):
        if len(celery_app.control.ping(timeout=0.5)) == workers:
            return
    raise SystemExit("error: the workers did not start.")


def meetings(*, code):
    """Ten calls, each with a settled roster of 60 and 40 people who get the list."""
    from django.utils import timezone

    from agreements.tests.factories import make_staff
    from bench.world import continuum_of
    from conferencing.models import Meeting
    from conferencing.tests.factories import make_meeting, make_review, make_roster, make_step
    from participants.models import Participant

    continuum, _, providers = continuum_of(REGIONS * PARTICIPANTS, code=code, regions=REGIONS)
    made = []
    for region, provider in zip(continuum.regions.order_by("name"), providers, strict=True):
        agency = provider.places.get().agency
        for _ in range(RECIPIENTS - 1):
            make_staff(agency, regions=[region])
        former = make_meeting(continuum, region, starts_at=timezone.now() - timedelta(days=30))
        people = list(Participant.objects.filter(region=region))
        for person in people:
            make_review(
                former,
                person,
                preferences="One bedroom near the bus line; ground floor if possible.",
                barriers=["No photo ID", "Eviction on record"],
                safety="No immediate needs named.",
            )
            make_step(person, agency)
        meeting = make_meeting(continuum, region)
        make_roster(meeting, *people)
        Meeting.objects.filter(pk=meeting.pk).update(roster_settled_at=timezone.now())
        made.append(Meeting.objects.get(pk=meeting.pk))
    return made
