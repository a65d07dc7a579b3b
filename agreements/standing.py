"""Who may receive, see or do anything about participants, and if not, exactly why.

DESIGN, rule 2: staff of an agency with a current signed agreement, who signed the
confidentiality statement themselves; and CE Specialists who signed it. Asked at the
moment of the act, never when it was planned. Which paper is required is the continuum's:
River Valleys asks for both, Three County for each attendee's statement alone.

The rule itself is `agency_reasons`, `paper_reason` and `person_reasons`, which read what
they are given; the functions below them fetch for one, or for many at once. The querysets'
`in_good_standing` say the same in SQL.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypedDict, cast

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import BooleanField, Value
from django.db.models.expressions import RawSQL

from accounts.models import User
from regions.clock import local_day
from regions.models import Continuum, Membership
from regions.prepared import A_DAY, A_KEY, Prepared, Sql, any_row
from regions.words import day_words

from .models import Agency, AgencyAgreement, AgreementForm, PersonalStatement, StaffMember
from .models.papers import AgencyAgreementQuerySet, PersonalStatementQuerySet

AGREEMENT = "CES Partner Agreement"
STATEMENT = "confidentiality statement"


@dataclass(frozen=True)
class Standing:
    """`reasons` tells in words why not; empty exactly when in good standing."""

    reasons: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        return not self.reasons


SOON = timedelta(days=30)


Paper = AgencyAgreement | PersonalStatement
Papers = AgencyAgreementQuerySet | PersonalStatementQuerySet


class Counting(TypedDict):
    paper: Paper | None
    last_day: date | None
    ends_soon: bool


@dataclass
class PersonLine:
    """One person on the page of standings; `place` is None for a CE Specialist."""

    user: User
    standing: Standing
    paper: Paper | None = None
    last_day: date | None = None
    ends_soon: bool = False
    place: StaffMember | None = None


@dataclass
class AgencyLine:
    """One agency on the page of standings: `paper` is what counts, `waiting` what may soon.

    `last_day`: until when it counts if nothing new is signed; None also for "without end".
    """

    agency: Agency
    standing: Standing
    paper: Paper | None = None
    last_day: date | None = None
    ends_soon: bool = False
    waiting: Paper | None = None
    people: list[PersonLine] = field(default_factory=list)


def overdue_version(
    form: AgreementForm, published: list[AgreementForm], on: date
) -> AgreementForm | None:
    """The newer published version that had to be signed instead of `form` before `on`, or None."""
    newer = (
        each
        for each in published
        if each.kind == form.kind
        and each.version > form.version
        and each.sign_again_by
        and each.sign_again_by < on
    )
    return min(newer, key=lambda each: each.version, default=None)


def first_day(paper: Paper) -> date:
    """The day from which a paper counts that does not wait."""
    return cast(date, paper.effective_on)  # by constraint, once it is countersigned


def is_waiting(paper: Paper) -> bool:
    """Whether it is an agency's agreement that nobody countersigned or refused yet."""
    return (
        isinstance(paper, AgencyAgreement)
        and paper.countersigned_at is None
        and paper.revoked_at is None
    )


def counts(paper: Paper, published: list[AgreementForm], on: date) -> bool:
    """Whether this paper, by itself, is current on `on`."""
    return paper.revoked_at is None and not is_waiting(paper) and covers(paper, published, on)


def counted(paper: Paper, published: list[AgreementForm], on: date, *, zone: str) -> bool:
    """Whether this paper, by itself, was current on the past day `on`, though revoked since."""
    if isinstance(paper, AgencyAgreement) and paper.countersigned_at is None:
        return False
    was_revoked = paper.revoked_at is not None and local_day(paper.revoked_at, zone) <= on
    return not was_revoked and covers(paper, published, on)


def covers(paper: Paper, published: list[AgreementForm], on: date) -> bool:
    """Whether `on` is one of the days of a paper that took effect."""
    return (
        first_day(paper) <= on
        and not (paper.expires_on and paper.expires_on < on)
        and overdue_version(paper.form, published, on) is None
    )


def deadline(paper: Paper, published: list[AgreementForm]) -> date | None:
    """The last day on which this paper counts if nothing new is signed; None: without end."""
    days = [
        each.sign_again_by
        for each in published
        if each.kind == paper.form.kind and each.version > paper.form.version and each.sign_again_by
    ]
    if paper.expires_on:
        days.append(paper.expires_on)
    return min(days, default=None)


def current_paper(
    papers: Sequence[Paper], published: list[AgreementForm], on: date
) -> Paper | None:
    """The paper that keeps its agency or person in standing longest, or None."""
    current = [paper for paper in papers if counts(paper, published, on)]
    return max(
        current,
        key=lambda paper: (deadline(paper, published) or date.max, paper.signed_at),
        default=None,
    )


def shortcoming(
    paper: Paper, published: list[AgreementForm], on: date, *, noun: str, zone: str
) -> str:
    """Why this one paper does not count, in words."""
    if paper.revoked_at and not getattr(paper, "countersigned_at", paper.signed_at):
        return f"The {noun} was not accepted on {day_words(local_day(paper.revoked_at, zone))}."
    if paper.revoked_at:
        return f"The {noun} was revoked on {day_words(local_day(paper.revoked_at, zone))}."
    if first_day(paper) > on:
        return f"The {noun} takes effect on {day_words(first_day(paper))}."
    if paper.expires_on and paper.expires_on < on:
        return f"The {noun} expired on {day_words(paper.expires_on)}."
    newer = overdue_version(paper.form, published, on)
    assert newer is not None
    by = day_words(cast(date, newer.sign_again_by))
    return f"Version {newer.version} of the {noun} had to be signed by {by}."


def paper_reason(
    papers: Sequence[Paper], published: list[AgreementForm], on: date, *, noun: str, zone: str
) -> str:
    """Say why none of `papers` counts on `on`; empty text if one does.

    `published`: the continuum's published texts; `zone`: its time zone. One that takes effect
    later is told before older shortcomings; one that waits is told beside them.
    """
    if current_paper(papers, published, on):
        return ""
    if not papers:
        return f"The {noun} was never signed."
    waiting = max(filter(is_waiting, papers), key=lambda paper: paper.signed_at, default=None)
    others = [paper for paper in papers if not is_waiting(paper)]
    signed = waiting and (
        f"signed on {day_words(local_day(waiting.signed_at, zone))} and waits for countersignature."
    )
    if not others:
        return f"The {noun} was {signed}"
    latest = max(
        others,
        key=lambda paper: (
            paper.revoked_at is None and first_day(paper) > on,
            paper.signed_at,
        ),
    )
    why = shortcoming(latest, published, on, noun=noun, zone=zone)
    return f"{why} A new one was {signed}" if waiting else why


def agency_reasons(
    agency: Agency, papers: Sequence[Paper], published: list[AgreementForm], on: date
) -> list[str]:
    """Why the agency is not in standing: a list of sentences, empty when it is."""
    reasons = [] if agency.is_active else ["The agency no longer takes part."]
    if agency.continuum.requires_agency_agreement:
        reasons.append(
            paper_reason(papers, published, on, noun=AGREEMENT, zone=agency.continuum.zone)
        )
    return list(filter(None, reasons))


def person_reasons(
    user: User,
    membership: Membership | None,
    of_agency: Sequence[str] | None,
    papers: Sequence[Paper],
    published: list[AgreementForm],
    on: date,
) -> list[str]:
    """Why the person is not in standing.

    `of_agency`: the reasons of the agency where they have a place now; None without a place.
    """
    if not user.is_active or membership is None:
        return ["The account is closed."]
    reasons = list(of_agency or [])
    if of_agency is None and not membership.is_specialist:
        reasons.append("This person isn’t assigned to an agency.")
    reasons.append(
        paper_reason(papers, published, on, noun=STATEMENT, zone=membership.continuum.zone)
    )
    return list(filter(None, reasons))


def published_texts(continuum_id: uuid.UUID) -> list[AgreementForm]:
    return list(AgreementForm.objects.published().filter(continuum=continuum_id).defer("text"))


def agency_standing(agency: Agency, on: date) -> Standing:
    """Return the agency's `Standing` on the date `on` (the continuum's local date)."""
    papers = list(agency.agreements.select_related("form").without_documents())
    published = published_texts(agency.continuum_id)
    return Standing(tuple(agency_reasons(agency, papers, published, on)))


def person_standing(user: User, on: date) -> Standing:
    """Return the person's `Standing` on `on`, be they staff of an agency or a CE Specialist."""
    membership = Membership.objects.filter(user=user).select_related("continuum").first()
    if membership is None:
        return Standing(("The account is closed.",))
    place = (
        StaffMember.objects.current().filter(user=user).select_related("agency__continuum").first()
    )
    of_agency = agency_standing(place.agency, on).reasons if place else None
    papers = list(user.statements.select_related("form").without_documents())
    published = published_texts(membership.continuum_id)
    return Standing(tuple(person_reasons(user, membership, of_agency, papers, published, on)))


def _of_staff(user: uuid.UUID, on: date) -> Sql:
    return any_row(StaffMember.objects.in_good_standing(on).filter(user=user))


def _of_specialist(user: uuid.UUID, on: date) -> Sql:
    """Staff in standing; or one of the CoC's own who signed, and has no place in an agency."""
    staff, of_staff = _of_staff(user, on)
    place, of_place = any_row(StaffMember.objects.current().filter(user=user))
    signed, of_signed = any_row(PersonalStatement.objects.filter(user=user).current(on))
    return f"({staff} OR (NOT {place} AND {signed}))", [*of_staff, *of_place, *of_signed]


_GAPS = {"user": A_KEY, "on": A_DAY}
_STAFF, _SPECIALIST = Prepared(_of_staff, _GAPS), Prepared(_of_specialist, _GAPS)


def _question_about(user: User) -> Prepared:
    membership = getattr(user, "membership", None)
    return _question(membership and membership.is_specialist)


def _question(is_specialist: bool | None) -> Prepared:
    return _SPECIALIST if is_specialist else _STAFF


def standing_of(is_specialist: bool, *, user: object, on: object) -> RawSQL:
    """The condition that the user (a key) is in standing on `on`, of an active account."""
    return _question(is_specialist).holds(user=user, on=on)


def is_in_standing(user: User | AnonymousUser, on: date) -> bool:
    """Like `person_standing(user, on).is_good`, in two queries at most."""
    if not user.is_authenticated or not user.is_active:
        return False
    sql, parameters = _question_about(user)(user=user.pk, on=on)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sql}", cast(Any, parameters))  # Any: a key and a day
        return bool(cursor.fetchone()[0])


def in_standing_now(user: User | AnonymousUser, on: date) -> Value | RawSQL:
    """The same as an expression of a queryset, for what must be asked in the query itself.

    Where this request found it out already (`note_standing`), that answer.
    """
    if not user.is_authenticated or not user.is_active:
        return Value(False, output_field=BooleanField())
    if getattr(user, "noted_standing", None) == on:
        return Value(True, output_field=BooleanField())
    return _question_about(user).holds(user=user.pk, on=on)


def note_standing(user: User | AnonymousUser, on: date) -> None:
    """Remember, on the one request's own person, that they were found to be in standing on `on`."""
    user.noted_standing = on  # type: ignore[union-attr]  # no column: for this request alone


def standings(agencies: Iterable[Agency], on: date) -> list[AgencyLine]:
    """Return an `AgencyLine` for each of `agencies` (of one continuum), with its people.

    Four queries, however many agencies: the page of standings.
    """
    agencies = list(agencies)
    if not agencies:
        return []
    published = published_texts(agencies[0].continuum_id)
    papers = grouped(AgencyAgreement.objects.filter(agency__in=agencies), "agency_id")
    places = list(
        StaffMember.objects.filter(agency__in=agencies, ended_on__isnull=True)
        .select_related("user__membership__continuum")
        .order_by("-is_lead", "user__name", "pk")
    )
    statements = grouped(
        PersonalStatement.objects.filter(user__in=[place.user_id for place in places]), "user_id"
    )
    lines = {}
    for agency in agencies:
        own = papers[agency.pk]
        lines[agency.pk] = AgencyLine(
            agency=agency,
            standing=Standing(tuple(agency_reasons(agency, own, published, on))),
            **what_counts(own, published, on),
            waiting=next(filter(is_waiting, own), None),
        )
    for place in places:
        line = lines[place.agency_id]
        own = statements[place.user_id]
        membership = getattr(place.user, "membership", None)
        of_agency = line.standing.reasons
        reasons = person_reasons(place.user, membership, of_agency, own, published, on)
        found = what_counts(own, published, on)
        line.people.append(PersonLine(place.user, Standing(tuple(reasons)), place=place, **found))
    return list(lines.values())


def specialist_standings(continuum: Continuum, on: date) -> list[PersonLine]:
    """Return a `PersonLine` for each of the continuum's CE Specialists without an agency."""
    specialists = (
        Membership.objects.specialists_of(continuum)
        .exclude(user__places__in=StaffMember.objects.current())
        .select_related("user", "continuum")
        .order_by("user__name")
    )
    memberships = list(specialists)
    published = published_texts(continuum.pk)
    statements = grouped(
        PersonalStatement.objects.filter(user__in=[each.user_id for each in memberships]), "user_id"
    )
    lines = []
    for membership in memberships:
        own = statements[membership.user_id]
        reasons = person_reasons(membership.user, membership, None, own, published, on)
        found = what_counts(own, published, on)
        lines.append(PersonLine(membership.user, Standing(tuple(reasons)), **found))
    return lines


def what_counts(papers: Sequence[Paper], published: list[AgreementForm], on: date) -> Counting:
    """The paper that counts on `on`, until when, and whether that is within 30 days."""
    paper = current_paper(papers, published, on)
    last_day = None if paper is None else deadline(paper, published)
    return {
        "paper": paper,
        "last_day": last_day,
        "ends_soon": last_day is not None and last_day <= on + SOON,
    }


def grouped(papers: Papers, key: str) -> dict[uuid.UUID, list[Any]]:  # Any: of their one kind
    """Papers with their forms, newest signature first, by their column `key`."""
    groups = defaultdict(list)
    for paper in papers.select_related("form").without_documents().order_by("-signed_at"):
        groups[getattr(paper, key)].append(paper)
    return groups
