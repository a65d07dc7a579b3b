"""One continuum alone in a database, and the same one among 389 others: 650,000 participants.

Both are databases of their own beside the bench's. The others are copies of the one, made by the
database itself: other keys, the same spread of days, needs and releases. What is sealed in them
would not open under their keys; no page of the one continuum ever asks for it.
"""

import sys
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import cache

CONTINUUMS, EACH, REGIONS = 390, 1667, 4
ALONE, AMONG = "bench_alone", "bench_among"


@cache
def places():
    """`({name: connection}, CE Specialist, provider)`: the same people in both databases."""
    from django.core.management import call_command

    from bench.world import analyse, continuum_of, migrated

    migrated()  # the bench's own, before another stands in its place
    make_database(ALONE)
    alone = connected(ALONE)
    with using(alone):
        call_command("migrate", verbosity=0)
        specialist, provider = measured()
        analyse()
    alone.close()
    make_database(AMONG, template=ALONE)
    among = connected(AMONG)
    with using(among):
        print(f"  copying {EACH:,} participants {CONTINUUMS - 1} times …", file=sys.stderr)
        codes = [f"CR-{number:03}" for number in range(1, CONTINUUMS)]
        others = [continuum_of(0, code=code, regions=REGIONS)[0] for code in codes]
        surround(specialist.membership.continuum, others)
        analyse()
        assert_size()
    return {"alone": connected(ALONE), "among": among}, specialist, provider


def make_database(name, *, template="template1"):
    import psycopg2
    from django.db import connection

    maintenance = connection.get_connection_params() | {"dbname": "postgres"}
    maintenance.pop("cursor_factory", None)
    with closing(psycopg2.connect(**maintenance)) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def connected(name):
    from django.db import connections

    usual = connections["default"]
    return type(usual)(usual.settings_dict | {"NAME": name}, alias="default")


@contextmanager
def using(other):
    """Let everything speak to this database for a while."""
    from django.contrib.contenttypes.models import ContentType
    from django.db import connections

    usual = connections["default"]
    connections["default"] = other
    ContentType.objects.clear_cache()
    try:
        yield
    finally:
        connections["default"] = usual
        ContentType.objects.clear_cache()


def measured():
    """The continuum that is measured; returns its CE Specialist and one provider."""
    from django.utils import timezone

    from bench.world import continuum_of
    from participants.models import Contact, InactivityRule, ListPlace, Participant

    continuum, specialist, providers = continuum_of(EACH, code="MN-950", regions=REGIONS)
    InactivityRule.objects.create(continuum=continuum)
    today = timezone.now().date()
    people = list(Participant.objects.filter(continuum=continuum).order_by("alias"))
    navigator = providers[0].places.get()
    for number, person in enumerate(people):
        person.navigator = navigator if number % 5 == 0 else None
        person.children = number % 4
        person.is_veteran = number % 11 == 0
    Participant.objects.bulk_update(people, ["navigator", "children", "is_veteran"], batch_size=500)
    Contact.objects.bulk_create(
        Contact(
            participant=person,
            kind=Contact.Kind.values[(number + turn) % 5],
            on=today - timedelta(days=number * 7 % 150 + turn * 20),
        )
        for number, person in enumerate(people)
        for turn in range(3)
    )
    # Two in five have left the list.
    gone = [person.pk for number, person in enumerate(people) if number % 5 > 2]
    ListPlace.objects.filter(participant__in=gone).update(status=ListPlace.Status.HOUSED)
    return specialist, providers[0]


def surround(continuum, others):
    """Fill the others, which have the same regions, agencies and people, with its households."""
    from django.db import connection

    from participants.models import Contact, ListPlace, LivingSituation, Participant, Release

    with connection.cursor() as cursor:
        # Triggers would write the history of each copy, which no page of the list reads.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("CREATE TEMP TABLE other (key text, continuum_id uuid)")
        cursor.execute(
            "CREATE TEMP TABLE twin (key text, former uuid, new uuid, PRIMARY KEY (key, former))"
        )
        for other in others:
            cursor.execute("INSERT INTO other VALUES (%s, %s)", [other.code, other.pk])
            twins = zip(rows_of(continuum), rows_of(other), strict=True)
            cursor.executemany(
                "INSERT INTO twin VALUES (%s, %s, %s)",
                [(other.code, former, new) for former, new in twins],
            )
        cursor.execute("ANALYZE other")
        cursor.execute("ANALYZE twin")
        for model in (Participant, ListPlace, LivingSituation, Contact, Release):
            cursor.execute(copying(model), [continuum.pk])
        cursor.execute("DROP TABLE other, twin")
        cursor.execute("SET session_replication_role = DEFAULT")


def rows_of(continuum):
    """The keys of what households refer to, in the same order in each continuum."""
    from agreements.models import StaffMember

    for region in continuum.regions.order_by("name", "pk"):
        yield region.pk
        yield from region.counties.order_by("name").values_list("pk", flat=True)
    for agency in continuum.agencies.order_by("name", "pk"):
        yield agency.pk
        people = StaffMember.objects.filter(agency=agency).order_by("pk")
        yield from people.values_list("pk", flat=True)


def copying(model):
    """SQL that copies the continuum's rows of a table once for each of the others."""
    from django.db import models

    from participants.models import Participant

    names, values = [], []
    for column in model._meta.concrete_fields:
        here = f't."{column.column}"'
        if (column.is_relation and column.related_model is Participant) or column.primary_key:
            value = f"md5({here}::text || o.key)::uuid"
        elif column.name == "continuum":
            value = "o.continuum_id"
        elif isinstance(column, models.ForeignKey):
            value = f"(SELECT new FROM twin WHERE key = o.key AND former = {here})"  # noqa: S608
        else:
            value = here
        names.append(f'"{column.column}"')
        values.append(value)
    way = "t.continuum_id = %s"
    if model is not Participant:
        inner = "SELECT id FROM participants_participant WHERE continuum_id = %s"
        way = f"t.participant_id IN ({inner})"
    return (
        f"INSERT INTO {model._meta.db_table} ({', '.join(names)}) "  # noqa: S608 (our own names)
        f"SELECT {', '.join(values)} FROM {model._meta.db_table} t CROSS JOIN other o WHERE {way}"
    )


def assert_size():
    from participants.models import Participant

    assert Participant.objects.count() == CONTINUUMS * EACH
    assert Participant.objects.filter(region__isnull=False).count() == CONTINUUMS * EACH
