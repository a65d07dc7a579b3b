"""By what right somebody may read a participant's name: the one place that decides.

A live release that covers them, keeping the record, having typed the name, or, where the
continuum's own release says so and it chose so, being its CE Specialist. Asked of the database at
the moment of each act, in SQL that is made once; only somebody in standing has any right.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, TypedDict, Unpack
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from accounts.models import User
from agreements.models import StaffMember
from agreements.standing import in_standing_now, standing_of
from participants.models import ParticipantQuerySet, ReleaseQuerySet
from regions.clock import Moment, local_day
from regions.models import Membership
from regions.prepared import (
    A_DAY,
    A_KEY,
    A_MOMENT,
    ANOTHER_KEY,
    KEYS,
    THIRD_KEY,
    Prepared,
    Sql,
    is_any_of,
)
from vault.encrypted import decrypt_column

from .models import FormerHead, Participant, Release

# Why a name is shown. Of several reasons the first counts, and is the one that is recorded.
RELEASE, KEEPS, SETTING, TYPED = "release", "keeps", "setting", "typed"
WORDS = {
    RELEASE: "By name, under a release",
    KEEPS: "By name, as the agency that keeps the record",
    SETTING: "By name, as CE Specialist by the CoC’s own release",
    TYPED: "By name, to the person who entered it",
}


@dataclass(frozen=True)
class Ground:
    """Why a viewer may read a name (RELEASE, KEEPS, SETTING, TYPED; empty: they may not).

    `release_id`: of the release, where that is why. `sees_hmis_id`: a CE Specialist finds the
    household in HMIS by its id, also where they see the alias.
    """

    why: str = ""
    release_id: UUID | None = None
    sees_hmis_id: bool = False

    @property
    def under(self) -> str:
        """For the audit: the release's key, or why without one; empty by alias."""
        return str(self.release_id) if self.release_id else self.why

    @property
    def words(self) -> str:
        """Why the name is shown, as a page and the disclosure record say it."""
        return WORDS.get(self.why, "By alias")


BY_ALIAS = Ground()


class Asking(TypedDict):
    """What a question about a viewer is asked with."""

    user: UUID
    continuum: UUID
    now: datetime
    on: date


def grounds(keys: Iterable[UUID | str], viewer: User | None, now: datetime) -> dict[UUID, Ground]:
    """Return `{primary key: Ground}` of those of the participants that exist, in one query.

    A record that was joined into another is named as that one is.
    """
    membership = getattr(viewer, "membership", None)
    if viewer is None or membership is None or not viewer.is_active:
        return {}
    rows = _GROUNDS[membership.is_specialist].rows(
        keys=list(keys), **_about(viewer, membership, now)
    )
    return {
        key: ground(
            [(RELEASE, release), (KEEPS, keeps), (SETTING, chosen), (TYPED, typed)],
            release,
            sees_hmis_id=membership.is_specialist,
        )
        for key, is_confidential, standing, release, keeps, chosen, typed in rows
        if standing and not is_confidential
    }


def ground(
    reasons: Iterable[tuple[str, object]], release: UUID | None, *, sees_hmis_id: bool
) -> Ground:
    why = next((each for each, holds in reasons if holds), "")
    return Ground(why, release if why == RELEASE else None, sees_hmis_id)


def may_replace(participant: Participant, viewer: User, now: datetime) -> dict[str, bool]:
    """Which of what identifies the household this viewer may replace: `{field: bool}`.

    What they may read by right, and what is not on file. Whoever could type over what they cannot
    read would learn from what becomes of it whether they guessed it, and destroy what they did not.
    """
    found = grounds([participant.pk], viewer, now).get(participant.pk, BY_ALIAS)
    tells_all = found.why not in ("", TYPED)
    told = {
        "name": bool(found.why),
        "birth_date": tells_all,
        "contact": tells_all,
        "hmis_id": tells_all or found.sees_hmis_id,
    }
    return {name: may or not getattr(participant, name) for name, may in told.items()}


def nameable(participants: ParticipantQuerySet, viewer: User, now: datetime) -> ParticipantQuerySet:
    """Narrow the queryset to those whose name `viewer` may see at `now`."""
    return participants.filter(may_be_named(viewer, now))


def may_be_named(viewer: User, now: datetime) -> Q:
    """The condition on participants under which `viewer` may read their name at `now`."""
    return Q(name__isnull=False) & on_grounds(viewer, now, KEEPS, SETTING, TYPED)


def may_be_told_all(viewer: User, now: datetime) -> Q:
    """The same for date of birth, contact and HMIS ID, as far as they are on file."""
    return on_grounds(viewer, now, KEEPS, SETTING)


def on_grounds(viewer: User, now: datetime, *reasons: str) -> Q:
    """The condition that a release covers the viewer, or one of the reasons without one holds."""
    membership = getattr(viewer, "membership", None)
    if membership is None:
        return Q(pk__in=[])
    of = _about(viewer, membership, now)
    return _on_grounds(membership.is_specialist, in_standing_now(viewer, of["on"]), reasons, **of)


class TypedNames(Mapping[str, str | None]):
    """`{key: the name that somebody typed}`, each opened when it is asked for.

    `tokens`: `{key: the sealed name}`. A record that was joined into one of these (`into`) is
    called so too, as far as its names are the same.
    """

    def __init__(self, tokens: Mapping[str, str], into: Mapping[str, str]) -> None:
        self.tokens = tokens
        self.keepers = {each: each for each in tokens}
        self.keepers |= {former: keeper for former, keeper in into.items() if keeper in tokens}

    def __getitem__(self, key: str) -> str | None:
        keeper = self.keepers[key]
        sealed = [(UUID(keeper), bytes.fromhex(self.tokens[keeper]))]
        ((_key, found),) = decrypt_column(Participant, "name", sealed)
        name: str | None = found
        return name

    def __contains__(self, key: object) -> bool:
        return key in self.keepers

    def __iter__(self) -> Iterator[str]:
        return iter(self.keepers)

    def __len__(self) -> int:
        return len(self.keepers)


@dataclass(frozen=True)
class Rights:
    """Whose names one may see in texts; keys as text.

    `covered`: of whom every name. `typed`: `{key: the one name that they may see, as they typed
    it}`, of others. `into`: `{key: the record that it was joined into}`, which is named as that
    one is. `heads`: `{key of a former head: the record that they headed}`; of whom this one may
    read the names, by a release that they signed themselves, `covered` has the key too. `own`: the
    marks of texts in which they typed words (`OwnWords`), a line each.
    """

    covered: set[str]
    typed: Mapping[str, str | None]
    into: dict[str, str]
    heads: dict[str, str]
    own: str


def rights_of(continuum_id: UUID, viewer: User | None, now: datetime | None) -> Rights:
    """The `Rights` of the viewer at `now` (None: somebody whom nothing covers). One query."""
    membership = getattr(viewer, "membership", None)
    if viewer is not None and now is not None and membership is not None and viewer.is_active:
        question = _RIGHTS[membership.is_specialist]
        rows = question.rows(here=continuum_id, **_about(viewer, membership, now))
    else:
        rows = _RIGHTS_OF_NOBODY.rows(here=continuum_id, user=viewer.pk if viewer else None)
    return rights_in(rows)


def rights_in(rows: list[tuple[Any, ...]]) -> Rights:  # Any: of each column its own
    """The `Rights` in the answer to `rights_beside`."""
    ((keys, typed, joined, headed, own),) = rows
    covered = set(keys[1:-1].split(",")) if keys else set()
    typed = dict(each.split(" ") for each in typed.split(",")) if typed else {}
    into = dict(each.split(" ") for each in joined.split(",")) if joined else {}
    covered.update(former for former, keeper in into.items() if keeper in covered)
    heads = [each.split(" ") for each in headed.split(",")] if headed else []
    covered.update(head for head, _household, is_covered in heads if is_covered == "t")
    of_whom = {head: household for head, household, _is_covered in heads}
    return Rights(covered, TypedNames(typed, into), into, of_whom, own or "")


def own_grounds(user: User | UUID, is_specialist: bool) -> dict[str, Q]:
    """`{KEEPS, SETTING, TYPED: condition}` on participants, but for standing."""
    place = StaffMember.objects.current().filter(user=user)
    chosen = Q(continuum__specialists_see_names_since__isnull=False)
    return {
        KEEPS: Q(agency__in=place.values("agency")),
        SETTING: chosen if is_specialist else Q(pk__in=[]),
        TYPED: Q(named_by=user),
    }


def _about(viewer: User, membership: Membership, now: datetime) -> Asking:
    """What the questions about a viewer are asked with."""
    return {
        "user": viewer.pk,
        "continuum": membership.continuum_id,
        "now": now,
        "on": local_day(now, membership.continuum.zone),
    }


def _covering(**of: Unpack[Asking]) -> ReleaseQuerySet:
    """The releases that live then and are to this viewer, whose standing is not asked."""
    live = Release.objects.live(Moment(of["now"], of["on"]))
    return _to_viewer(live, user=of["user"], continuum=of["continuum"])


def _to_viewer(releases: ReleaseQuerySet, *, user: UUID, continuum: UUID) -> ReleaseQuerySet:
    """Those of the releases that are to this viewer."""
    place = StaffMember.objects.current().filter(user=user)
    listed = Release.agencies.through.objects.filter(
        release=OuterRef("pk"), agency__in=place.values("agency")
    )
    return releases.filter(
        participant__continuum=continuum, participant__is_confidential=False
    ).filter(Q(to_all_partners=True) | Exists(listed))


def _on_grounds(
    is_specialist: bool, standing: Value | RawSQL, reasons: Iterable[str], **of: Unpack[Asking]
) -> Q:
    own, held = own_grounds(of["user"], is_specialist), Q(pk__in=[])
    for why in reasons:
        held |= own[why]
    covered = Q(pk__in=_covering(**of).values("participant"))
    return Q(is_confidential=False, continuum=of["continuum"]) & Q(standing) & (covered | held)


def _named(is_specialist: bool, *reasons: str, **of: Unpack[Asking]) -> Q:
    standing = standing_of(is_specialist, user=of["user"], on=of["on"])
    return Q(name__isnull=False) & _on_grounds(is_specialist, standing, reasons, **of)


def _ground_rows(
    is_specialist: bool, *, keys: list[UUID], **of: Unpack[Asking]
) -> QuerySet[Participant, tuple[Any, ...]]:  # Any: of each column its own
    own = own_grounds(of["user"], is_specialist)
    covering = _covering(**of).filter(participant=OuterRef("stands_for"))
    keeper = Participant.every.filter(pk=OuterRef("stands_for"))
    return (
        Participant.every.filter(is_any_of("pk", keys), continuum=of["continuum"])
        .annotate(stands_for=Coalesce(F("merged_into"), F("pk")))
        .annotate(
            covered_by=Subquery(covering.order_by("-expires_on", "pk").values("pk")[:1]),
            keeps=Exists(keeper.filter(own[KEEPS])),
            chosen=Exists(keeper.filter(own[SETTING])),
            typed=Exists(keeper.filter(own[TYPED])),
            standing=standing_of(is_specialist, user=of["user"], on=of["on"]),
        )
        .order_by()
        .values_list("pk", "is_confidential", "standing", "covered_by", "keeps", "chosen", "typed")
    )


def _rights(is_specialist: bool, *, here: UUID, **of: Unpack[Asking]) -> Sql:
    people = Participant.objects.filter(continuum=here).order_by()
    named = people.filter(_named(is_specialist, KEEPS, SETTING, **of)).values_list("pk")
    own = people.filter(_named(is_specialist, TYPED, **of), named_by=of["user"])
    typed = own.values_list("pk", "name")
    return rights_beside(
        named.query.sql_with_params(),
        typed.query.sql_with_params(),
        _heads_named(is_specialist, here=here, **of).query.sql_with_params(),
        here,
        of["user"],
    )


def _heads_named(
    is_specialist: bool, *, here: UUID, **of: Unpack[Asking]
) -> QuerySet[FormerHead, tuple[Any, ...]]:  # Any: a key alone
    """Former heads whose names the viewer may read: by what they signed, or without a release.

    Who keeps the record of a household reads all of it, and so does a CE Specialist who sees names.
    """
    own, standing = own_grounds(of["user"], is_specialist), standing_of
    held = Participant.objects.filter(
        own[KEEPS] | own[SETTING], continuum=here, is_confidential=False
    )
    signed = _to_viewer(
        Release.objects.in_force(Moment(of["now"], of["on"])),
        user=of["user"],
        continuum=of["continuum"],
    )
    by_release = FormerHead.releases.through.objects.filter(
        formerhead=OuterRef("pk"), release__in=signed.values("pk")
    )
    return (
        FormerHead.objects.annotate(of=Coalesce("participant__merged_into", "participant"))
        .filter(
            Q(standing(is_specialist, user=of["user"], on=of["on"])),
            Q(Exists(by_release)) | Q(of__in=held.values("pk")),
            participant__continuum=here,
            participant__is_confidential=False,
        )
        .order_by()
        .values_list("pk")
    )


def _rights_of_nobody(*, here: UUID, user: UUID) -> Sql:
    named, typed = "SELECT NULL::uuid WHERE FALSE", "SELECT NULL::uuid, NULL::bytea WHERE FALSE"
    return rights_beside((named, ()), (typed, ()), (named, ()), here, user)


def rights_beside(named: Sql, typed: Sql, heads: Sql, here: UUID, user: UUID | None) -> Sql:
    """The question of `Rights`: by who may be named, what was typed, which former heads may be."""
    sql = f"""
        WITH named (key) AS ({named[0]}), typed (key, name) AS ({typed[0]}),
             headed (key) AS ({heads[0]})
        SELECT (SELECT array_agg(key)::text FROM named),
               (SELECT string_agg(key::text || ' ' || encode(name, 'hex'), ',')
                  FROM typed WHERE NOT EXISTS (SELECT FROM named WHERE named.key = typed.key)),
               (SELECT string_agg(id::text || ' ' || merged_into_id::text, ',')
                  FROM participants_participant
                 WHERE continuum_id = %s AND merged_into_id IS NOT NULL),
               (SELECT string_agg(
                           concat_ws(' ', head.id, coalesce(merged_into_id, person.id),
                                     head.id IN (SELECT key FROM headed)), ',')
                  FROM participants_formerhead head
                  JOIN participants_participant person ON person.id = head.participant_id
                 WHERE person.continuum_id = %s),
               (SELECT string_agg(
                           encode(mark, 'hex') || COALESCE(' ' || spans::text, ''), E'\n'
                       )
                  FROM participants_ownwords WHERE person_id = %s AND NOT is_former)
        """  # noqa: S608 (made by the ORM, with its parameters apart)
    return sql, [*named[1], *typed[1], *heads[1], here, here, user]


_GAPS = {"user": A_KEY, "continuum": ANOTHER_KEY, "now": A_MOMENT, "on": A_DAY}
_GROUNDS = {
    each: Prepared(partial(_ground_rows, each), _GAPS | {"keys": KEYS}) for each in (True, False)
}
_RIGHTS = {
    each: Prepared(partial(_rights, each), _GAPS | {"here": THIRD_KEY}) for each in (True, False)
}
_RIGHTS_OF_NOBODY = Prepared(_rights_of_nobody, {"here": THIRD_KEY, "user": A_KEY})
