"""Every page of the example that is reached by links: the server's time, against 150 ms.

One address of each page (the first that was met), for each role; the median of five, after one that
warms up. Nothing is sent: what a button does is not measured here.
"""

import os
import re
import statistics
import time
from urllib.parse import urlsplit

from bench.table import Row

MOST_MS, TIMES = 150, 5
LINK = re.compile(r'href="(/[^"#]*)')
ROLES = ("a CE Specialist", "a provider", "an administrator")


def rows():
    from bench.world import migrated

    migrated()
    from django.core.management import call_command

    # What the example prints are passwords.
    with open(os.devnull, "w") as nowhere:
        call_command("load_example", stdout=nowhere)
    for role, user in people():
        yield from figures(role, found_by(user))


def people():
    """One person of each role, of the continuum with most households."""
    from django.db.models import Count

    from regions.models import Continuum, Membership

    continuum = Continuum.objects.annotate(many=Count("participants")).latest("many")
    there = Membership.objects.filter(continuum=continuum, user__is_active=True)
    chosen = (
        there.filter(is_specialist=True),
        there.filter(is_specialist=False, is_administrator=False, user__places__isnull=False),
        there.filter(is_specialist=False, is_administrator=True),
    )
    for role, rows in zip(ROLES, chosen, strict=True):
        if row := rows.order_by("pk").first():
            yield role, row.user


def found_by(user):
    """`{page: median in ms}` of each page that links lead this person to."""
    from django.test import Client
    from django.urls import Resolver404, resolve

    client = Client()
    client.force_login(user)
    todo, seen, took = ["/"], set(), {}
    while todo:
        address = todo.pop(0)
        try:
            name = resolve(urlsplit(address).path).view_name
        except Resolver404:
            continue
        if name in seen:
            continue
        seen.add(name)
        answer = client.get(address)
        if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
            continue
        took[name] = median(client, address)
        links = LINK.findall(answer.content.decode())
        todo += [each.replace("&amp;", "&") for each in links if not each.startswith("/static/")]
    return took


def median(client, address):
    times = []
    for _ in range(TIMES):
        start = time.perf_counter()
        client.get(address)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def figures(role, took):
    slowest = sorted(took, key=took.get, reverse=True)
    over = [name for name in slowest if took[name] > MOST_MS]
    told = ", ".join(f"{name} {took[name]:.0f}" for name in slowest[:8])
    yield Row(
        f"{len(took)} pages as {role}: the slowest, server time at median in ms",
        f"{took[slowest[0]]:.0f}",
        f"at most {MOST_MS}",
        took[slowest[0]] / MOST_MS,
        at_most=1,
        note=f"{len(over)} over {MOST_MS} ms. Slowest: {told}.",
    )
