"""What several people may read alike: the least of their rights, asked of all at once.

By the same reasons as of one (`grounds`): a live release that is to each, or keeping the record, or
being CE Specialist where the continuum chose so.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from agreements.models import PersonalStatement, StaffMember
from participants.models import ReleaseQuerySet
from regions.clock import Moment
from regions.models import Membership
from regions.prepared import Sql

from .grounds import Rights, rights_beside, rights_in
from .models import FormerHead, Participant, Release


@dataclass(frozen=True)
class Audience:
    """What decides, of several people alike, whose names they may read: their agency, or none."""

    agency: UUID | None
    is_specialist: bool


def rights_of_all(continuum_id: UUID, audiences: set[Audience], at: Moment) -> Rights:
    """The `Rights` that all of these kinds of readers (`audiences_of`) have then; one query.

    What a single one of them typed counts for nobody else, and so for nobody here.
    """
    named, heads = _named_to_all(continuum_id, audiences, at)
    typed: Sql = ("SELECT NULL::uuid, NULL::bytea WHERE FALSE", ())
    sql, parameters = rights_beside(named, typed, heads, continuum_id, None)
    with connection.cursor() as cursor:
        cursor.execute(sql, cast(Any, parameters))  # Any: keys, a day and a moment
        return rights_in(cursor.fetchall())


def audiences_of(continuum_id: UUID, people: Collection[UUID], on: date) -> set[Audience] | None:
    """The kinds of readers among `people` (keys of users), who are all in standing; one query.

    None where one of them is not, or belongs elsewhere: the least of them decides.
    """
    places = StaffMember.objects.current().filter(user=OuterRef("user"))
    staff = StaffMember.objects.in_good_standing(on).filter(user=OuterRef("user"))
    signed = PersonalStatement.objects.filter(user=OuterRef("user")).current(on)
    rows = (
        Membership.objects.filter(user__in=people, continuum=continuum_id, user__is_active=True)
        .annotate(
            agency=Subquery(places.values("agency")[:1]),
            is_good=Exists(staff),
            has_signed=Exists(signed),
        )
        .values_list("user", "is_specialist", "agency", "is_good", "has_signed")
    )
    good = {
        user: Audience(agency, is_specialist)
        for user, is_specialist, agency, is_good, has_signed in rows
        if is_good or (is_specialist and agency is None and has_signed)
    }
    return set(good.values()) if good and good.keys() == set(people) else None


def _named_to_all(continuum_id: UUID, audiences: Iterable[Audience], at: Moment) -> tuple[Sql, Sql]:
    """Whose names each of the audiences may read, and of which former heads."""
    here = Participant.objects.filter(continuum=continuum_id, is_confidential=False).order_by()
    heads = FormerHead.objects.annotate(of=Coalesce("participant__merged_into", "participant"))
    heads = heads.filter(
        participant__continuum=continuum_id, participant__is_confidential=False
    ).order_by()
    live, in_force = Release.objects.live(at), Release.objects.in_force(at)
    each_may, each_may_of_heads = Q(), Q()
    for each in audiences:
        keeps = Q(agency=each.agency) if each.agency else Q(pk__in=[])
        if each.is_specialist:
            keeps |= Q(continuum__specialists_see_names_since__isnull=False)
        listed = _listing(each.agency)
        each_may &= keeps | Q(pk__in=live.filter(listed).values("participant"))
        held = here.filter(keeps).values("pk")
        each_may_of_heads &= Q(of__in=held) | _signed(in_force.filter(listed))
    to_all = Q(to_all_partners=True)
    named = here.filter(
        Q(pk__in=live.filter(to_all).values("participant")) | each_may, name__isnull=False
    )
    heads = heads.filter(_signed(in_force.filter(to_all)) | each_may_of_heads)
    return (
        named.values_list("pk").query.sql_with_params(),
        heads.values_list("pk").query.sql_with_params(),
    )


def _listing(agency: UUID | None) -> Q:
    """The condition on a release that it is made out to this agency."""
    if agency is None:
        return Q(pk__in=[])
    return Q(Exists(Release.agencies.through.objects.filter(release=OuterRef("pk"), agency=agency)))


def _signed(releases: ReleaseQuerySet) -> Q:
    """The condition on a former head that they signed one of the releases."""
    return Q(
        Exists(
            FormerHead.releases.through.objects.filter(
                formerhead=OuterRef("pk"), release__in=releases.values("pk")
            )
        )
    )
