"""A database of the bench's own: real servers in a temporary folder, gone at the end.

Import it before anything of Django: it sets the environment, then starts Django.
"""

import atexit
import os
import shutil
import tempfile
from datetime import timedelta
from functools import cache

FOLDER = tempfile.mkdtemp(prefix="bench-")
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
os.environ["CONFERENCING_VAR"] = f"{FOLDER}/var"
os.environ["DJANGO_SETTINGS_MODULE"] = "conferencing.config.settings"
for name in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL"):
    os.environ.pop(name, None)

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from agreements.tests.factories import make_agency_in_standing, make_staff  # noqa: E402
from agreements.tests.factories import make_statement as sign  # noqa: E402
from participants.models import ListPlace, LivingSituation, Participant, Release  # noqa: E402
from regions.tests.factories import make_continuum, make_region, make_user  # noqa: E402

GIVEN = ("Ana", "Björk", "Céline", "Đặng", "Élodie", "Faduma", "Gao", "Hser", "Iñaki", "Jorge")
FAMILY = ("Adeyemi", "Böhm", "Cárdenas", "Dvořák", "Eriksen", "Farah", "Günther", "Her", "Vang")


@cache
def migrated():
    """Make the tables, once."""
    call_command("migrate", verbosity=0)


def continuum_of(size, *, code, regions=1):
    """A continuum with `size` participants on the list, all released by name to all partners.

    Returns (continuum, CE Specialist, [provider of each region]).
    """
    migrated()
    continuum = make_continuum(code=code)
    specialist = make_user(continuum, specialist=True)
    sign(specialist)
    made = [make_region(continuum, name=f"Region {n + 1}") for n in range(regions)]
    agencies = [make_agency_in_standing(continuum, regions=[region]) for region in made]
    providers = [
        make_staff(agency, regions=[region]).user
        for agency, region in zip(agencies, made, strict=True)
    ]
    today = timezone.now().date()
    people = [
        Participant(
            continuum=continuum,
            region=made[number % regions],
            county=made[number % regions].counties.first() if number < regions else None,
            agency=agencies[number % regions],
            alias=f"Heron-{number:05}",
            name=f"{GIVEN[number % len(GIVEN)]} {FAMILY[number // 10 % len(FAMILY)]} {number}",
            is_unsheltered=number % 3 == 0,
            is_youth=number % 7 == 0,
        )
        for number in range(size)
    ]
    Participant.objects.bulk_create(people, batch_size=2000)
    ListPlace.objects.bulk_create(
        (
            ListPlace(
                participant=person,
                listed_on=today - timedelta(days=number % 900),
                status_on=today - timedelta(days=number % 900),
            )
            for number, person in enumerate(people)
        ),
        batch_size=2000,
    )
    LivingSituation.objects.bulk_create(
        (
            LivingSituation(
                participant=person,
                kind=LivingSituation.Kind.SHELTER,
                on=today - timedelta(days=number % 60),
            )
            for number, person in enumerate(people)
        ),
        batch_size=2000,
    )
    Release.objects.bulk_create(
        (
            Release(
                participant=person,
                form_version="ROI 3",
                to_all_partners=True,
                signed_on=today - timedelta(days=30),
                expires_on=today + timedelta(days=300),
            )
            for person in people
        ),
        batch_size=2000,
    )
    return continuum, specialist, providers


def analyse():
    """Let PostgreSQL look at the tables, as it does by itself some minutes after a load."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
