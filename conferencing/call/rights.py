"""Letting the open pages of a running call know that somebody's rights changed.

A page that follows a call holds a stamp of what decides who sees whose name. Whatever changes such
a right leaves a row in a history table, by trigger, so that nothing has to be told of: a release
that is recorded or revoked, an agreement, a statement, a place, a role, a setting, and a record
that gets another name, another agency, or is joined into another one. The stamp's
first part costs next to nothing and is asked at every look; only when it differs the second is
worked out, which is this reader's alone and says whether the page has to be made anew.
"""

import hashlib
import uuid
from datetime import date, datetime

from django.db import connection
from django.db.models import Model, TextField
from django.db.models.expressions import RawSQL

from accounts.models import User
from agreements.models import (
    Agency,
    AgencyAgreement,
    AgreementForm,
    PersonalStatement,
    StaffMember,
)
from audit.history import events_of
from conferencing.models import Meeting
from participants.grounds import rights_of
from participants.models import KnownName, Participant, Release
from participants.naming import labels
from regions.models import Continuum, Membership

# What decides on names and on who may follow a call; each keeps its history by trigger.
DECIDES = (
    Participant,
    Release,
    AgencyAgreement,
    AgreementForm,
    PersonalStatement,
    StaffMember,
    Agency,
    Membership,
    Continuum,
    User,
)
# A change that was begun earlier may be committed later than its number says: beside the last
# number so many before it are counted.
WINDOW = 200


def table_of(model: type[Model]) -> str:
    return connection.ops.quote_name(events_of(model).model._meta.db_table)


def newest_changes() -> RawSQL:
    """An expression: a text that differs once any right of anybody changed."""
    parts = []
    for model in DECIDES:
        table = table_of(model)
        newest = f"(SELECT max(pgh_id) FROM {table})"  # noqa: S608
        late = f"(SELECT count(*) FROM {table} WHERE pgh_id > {newest} - {WINDOW})"  # noqa: S608
        parts += [newest, late]
    return RawSQL(f"md5(concat_ws('.', {', '.join(parts)}))", [], output_field=TextField())  # noqa: S611


def first_part(newest: str, on: date) -> str:
    """The stamp's first part: `newest_changes` and the day, for some rights end by date."""
    return f"{newest}.{on:%Y%m%d}"


def second_part(meeting: Meeting, user: User, seat: object, *, now: datetime) -> str:
    """What this reader may see at this call, as a short text."""
    people = list(Participant.objects.filter(reviews__meeting=meeting).distinct())
    named = sorted((str(key), label.text) for key, label in labels(people, user, now).items())
    place = StaffMember.objects.current().filter(user=user).values_list("agency", "is_lead").first()
    membership = user.membership
    facts = (
        named,
        seat,
        place,
        membership.is_specialist,
        membership.is_administrator,
        changes_of(meeting.continuum_id),
        readable_by(user, meeting.continuum_id, now),
    )
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:32]


def changes_of(continuum_id: uuid.UUID) -> tuple[object, ...]:
    """How often releases, settings and names of this continuum changed: texts name others, too."""
    known = connection.ops.quote_name(KnownName._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT count(*), max(event.pgh_id), (
                SELECT max(pgh_id) FROM {table_of(Continuum)} WHERE id = %s
            ), (
                SELECT concat_ws('.', count(*), max(added_in)) FROM {known} WHERE continuum_id = %s
            ) FROM {table_of(Release)} event
            JOIN {connection.ops.quote_name(Participant._meta.db_table)} participant
                ON participant.id = event.participant_id
            WHERE participant.continuum_id = %s
            """,  # noqa: S608
            [continuum_id] * 3,
        )
        found: tuple[object, ...] = cursor.fetchone()
        return found


def readable_by(user: User, continuum_id: uuid.UUID, now: datetime) -> str:
    """Whose names this reader may see in texts, as a short text."""
    rights = rights_of(continuum_id, user, now)
    keys = [*sorted(rights.covered), "", *sorted(rights.typed)]
    return hashlib.sha256(" ".join(keys).encode()).hexdigest()
