"""What the participants' pages show, by the rules for who is looking."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol, TypedDict, Unpack, cast
from uuid import UUID

from django.core.paginator import Page, Paginator

import audit.actions
import audit.services
from accounts.models import User
from agreements.models import StaffMember
from participants.disclosures import shown_as, shown_to
from participants.grounds import WORDS
from participants.hmis.said import tells_of
from participants.listing import NEEDS, SHORT_NEEDS, SOURCES, source_of
from participants.models import (
    HmisRecord,
    HouseholdAct,
    HouseholdMember,
    InactivityRule,
    ListPlace,
    LivingSituation,
    Participant,
    ParticipantQuerySet,
    Release,
)
from participants.naming import Label, label_for, labels
from participants.quiet import (
    ASSESSED,
    WARNED_BEFORE,
    Age,
    ages_of,
    counts_by,
    inactive_on,
    newest_stay,
    rule_of,
    with_ages,
    with_last_contact,
)
from regions.clock import Moment, local_day
from regions.words import day_words

from .participants import last_change

LISTED = audit.actions.register("participant.listed", "Looked at the by-name list")
VIEWED = audit.actions.register("participant.viewed", "Looked at a participant")


def needs_of(participant: Participant) -> list[str]:
    """The household's needs in words."""
    checks = {
        "unsheltered": participant.is_unsheltered,
        "youth": bool(participant.is_youth),
        "veteran": bool(participant.is_veteran),
        "chronic": bool(participant.is_chronic),
        "minors": bool(participant.children),
        "referral": participant.referral_active_on is not None,
        "shelter": participant.needs_shelter,
        "prioritized": participant.is_prioritized,
    }
    return [NEEDS[key][0] for key, is_met in checks.items() if is_met]


PER_PAGE = 50
NEW_FOR = timedelta(days=365)


class Listed(Protocol):
    """A household that `with_list_columns` annotated."""

    is_youth: bool | None
    last_contact_on: date
    told_until: date | None
    stay_kind: str | None
    stay_on: date | None


class More(TypedDict):
    """What of a row is asked of many at once."""

    may_be_seen: bool
    release_ends_on: date | None
    covering: Release | None


@dataclass
class Row:
    participant: Participant
    label: Label
    needs: list[str]
    days: int | None
    stay: str
    stay_on: date | None
    ages: list[Age]
    inactive_on: date | None
    may_be_seen: bool
    release_ends_on: date | None
    covering: Release | None  # under which the name is shown, with its proof
    last_contact_on: date | None
    source: str
    enrolled: str

    @property
    def short_needs(self) -> list[str]:
        return [SHORT_NEEDS.get(words, words) for words in self.needs]

    @property
    def assessment(self) -> str:
        """The level of the last assessment, and its day."""
        on = self.ages[ASSESSED].on
        level = self.participant.get_assessment_level_display()
        return ", ".join(filter(None, (level, day_words(on) if on else "")))

    @property
    def release_words(self) -> str:
        """Under what the household is shown to this viewer as it is."""
        if self.participant.is_confidential:
            return "Alias only"
        if not self.label.is_named:
            return "None covers you"
        if self.covering:
            until = self.covering.expires_on
            words = [f"By name until {day_words(until)}", *self.covering.proof]
            return "; ".join(words)
        return WORDS[self.label.ground.why]


def page_of(
    participants: ParticipantQuerySet, number: str | None, *, is_judged: bool
) -> Page[UUID]:
    """A page of the keys of ordered households.

    `is_judged`: each is judged by what was last recorded of it. Then all keys are read: told to
    stop at the fiftieth, the database would go through the places of every continuum in order.
    """
    keys = participants.values_list("pk", flat=True)
    return Paginator(list(keys) if is_judged else keys, PER_PAGE).get_page(number)


def with_list_columns(
    participants: ParticipantQuerySet, rule: InactivityRule | None = None
) -> ParticipantQuerySet:
    """Annotate and join what a row of the list shows."""
    participants = with_last_contact(with_ages(participants), rule or InactivityRule())
    participants = participants.select_related(
        "region", "county", "agency", "place", "hmis", "navigator__user"
    ).defer("hmis__said")
    return participants.annotate(stay_kind=newest_stay("kind"), stay_on=newest_stay("on"))


def record_listed(
    names: Mapping[UUID, Label], viewer: User, *, now: datetime, is_search: bool, page: str = ""
) -> None:
    """Record whom a list showed, in its order, and how."""
    audit.services.record(
        LISTED,
        actor=viewer,
        continuum_id=viewer.membership.continuum_id,
        detail={
            **shown_to(names, with_hmis_ids=True),
            "participants": [str(key) for key in names],
            "searched": is_search,
            **({"page": page} if page else {}),
        },
        now=now,
    )


def list_rows(
    participants: Iterable[Participant],
    viewer: User,
    *,
    now: datetime,
    is_search: bool = False,
    rule: InactivityRule | None = None,
    page: str = "",
) -> list[Row]:
    """Rows of one page of the list; one entry in the audit names all that were shown."""
    people = list(participants)
    names = labels(people, viewer, now)
    record_listed(names, viewer, now=now, is_search=is_search, page=page)
    return rows_of(people, names, viewer, now=now, rule=rule)


def rows_of(
    people: Sequence[Participant],
    names: Mapping[UUID, Label],
    viewer: User,
    *,
    now: datetime,
    rule: InactivityRule | None,
) -> list[Row]:
    """A `Row` for each of the annotated households, in a constant number of queries."""
    own = set(StaffMember.objects.current().filter(user=viewer).values_list("agency", flat=True))
    at = Moment.of(now, viewer.membership.continuum.zone)
    soon = Release.objects.ending(at).kept_by(viewer).filter(participant__in=people)
    ending = dict(soon.order_by("-expires_on").values_list("participant", "expires_on"))
    under = [label.release_id for label in names.values() if label.release_id]
    proven = Release.objects.filter(pk__in=under).with_proof().only("pk", "expires_on")
    covering = {each.pk: each for each in proven}

    def under_which(label: Label) -> Release | None:
        return covering.get(label.release_id) if label.release_id else None

    return [
        row_of(
            person,
            names[person.pk],
            on=at.on,
            rule=rule,
            may_be_seen=may_be_seen(person, own),
            release_ends_on=ending.get(person.pk),
            covering=under_which(names[person.pk]),
        )
        for person in people
    ]


def may_be_seen(person: Participant, own: Container[UUID]) -> bool:
    """Whether its line offers “Seen today”: not of who is housed, nor of another's VSP's."""
    place = getattr(person, "place", None)
    is_housed = place is not None and place.status == ListPlace.Status.HOUSED
    return not is_housed and (not person.is_confidential or person.agency_id in own)


def row_of(
    person: Participant,
    label: Label,
    *,
    on: date,
    rule: InactivityRule | None,
    **more: Unpack[More],
) -> Row:
    place = getattr(person, "place", None)
    listed = cast(Listed, person)  # as annotated
    return Row(
        participant=person,
        label=label,
        needs=needs_of(person),
        days=place.days(on) if place else None,
        stay=str(dict(LivingSituation.Kind.choices).get(listed.stay_kind or "", "")),
        stay_on=listed.stay_on,
        ages=ages_of(person, on),
        inactive_on=due_day(person, rule, on),
        last_contact_on=listed.last_contact_on,
        source=SOURCES[source_of(person)],
        enrolled=enrolled_words(getattr(person, "hmis", None)),
        **more,
    )


def enrolled_words(record: HmisRecord | None) -> str:
    """Whether HMIS still has the household, in words; nothing without a word of HMIS."""
    if record is None:
        return ""
    if record.absent_on:
        return f"Not in the export of {day_words(record.absent_on)}"
    if record.left_on:
        return f"Left {day_words(record.left_on)}"
    if record.perhaps_housed_on:
        return f"Perhaps housed {day_words(record.perhaps_housed_on)}"
    return "Enrolled"


def due_day(person: Participant, rule: InactivityRule | None, on: date) -> date | None:
    """The day of inactivity of an active household if it is near or past; else None."""
    place = getattr(person, "place", None)
    if rule is None or place is None or place.status != ListPlace.Status.ACTIVE:
        return None
    listed = cast(Listed, person)  # as annotated
    return inactive_on(listed, rule) if counts_by(listed, rule, on + WARNED_BEFORE) else None


def record_look(
    participant: Participant, viewer: User, now: datetime, *, page: str, action: str = VIEWED
) -> Label:
    """The participant's label for `viewer`; that they looked at this `page` is recorded."""
    label = label_for(participant, viewer, now)
    audit.services.record(
        action,
        actor=viewer,
        about=participant,
        detail={"page": page, **shown_as(label, with_hmis_id=True)},
        now=now,
    )
    return label


def participant_page(participant: Participant, viewer: User, *, now: datetime) -> dict[str, object]:
    """What the page of one participant shows; the look is recorded."""
    on = local_day(now, participant.continuum.zone)
    label = record_look(participant, viewer, now, page="overview")
    clean = label.clean
    place = getattr(participant, "place", None)
    return {
        "participant": participant,
        "shown_as": label,
        "needs": needs_of(participant),
        "place": place,
        "days": place.days(on) if place else None,
        "notes": clean(participant.notes),
        "contact": participant.contact if label.tells_all else "",
        "birth_date": participant.birth_date if label.tells_all else None,
        "hides": not label.is_named and bool(participant.name),
        "last_change": last_change(participant),
        "stays": [(stay, clean(stay.words)) for stay in participant.situations.all()[:12]],
        "moves": [
            (move, clean(move.reason), clean(move.withdrawal_reason))
            for move in participant.place_changes.select_related("by", "withdrawn_by").all()[:12]
        ],
        "members": members_in_words(participant, on) if label.tells_all else [],
        "household_acts": acts_shown(participant, viewer, on),
        "head_changes": [
            (change, clean(change.reason))
            for change in participant.head_changes.select_related("by")
        ],
        "asks_for_release": participant.releases.filter(
            is_by_former_head=True, revoked_at__isnull=True
        ).exists(),
        **freshness_of(participant, on),
    }


def acts_shown(
    participant: Participant, viewer: User, on: date
) -> list[tuple[HouseholdAct, Participant | None]]:
    """The last acts on the household that stand, each with the other one as `other_of` has it."""
    acts = participant.household_acts.filter(undone_at__isnull=True).select_related("other")[:5]
    return [(act, other_of(act, participant, viewer, on)) for act in acts]


def other_of(
    act: HouseholdAct, participant: Participant, viewer: User, on: date
) -> Participant | None:
    """The other household of an act, for whoever may know of it; None for anybody else.

    That a victim service provider's household lived with this one tells nobody, though both are
    seen: it would say whose it is.
    """
    other = act.other
    if other is None or participant.is_confidential != other.is_confidential:
        return None
    return Participant.objects.visible_to(viewer, on).in_place_of([other.pk]).first()


def members_in_words(participant: Participant, on: date) -> list[dict[str, str]]:
    """Who else is of the household: relation and age band, and when they were not always."""
    found = []
    record: HmisRecord | None = getattr(participant, "hmis", None)
    members = HouseholdMember.objects.of_household(participant)
    for each in sorted(members, key=lambda each: (bool(each.until), each.since)):
        words = [each.get_relation_display(), each.get_age_band_display().lower()]
        when = ""
        if each.until and each.until <= on:
            when = f"until {day_words(each.until)}"
            if each.relation == HouseholdMember.Relation.HEAD:
                words[0] = "Former head of household"
        elif each.since > on - NEW_FOR:
            when = f"since {day_words(each.since)}"
        is_own = each.participant_id == participant.pk and not tells_of(record, each)
        by_hand = str(each.pk) if is_own else ""
        found.append({"words": ", ".join(words), "when": when, "by_hand": by_hand})
    return found


def freshness_of(participant: Participant, on: date) -> dict[str, object]:
    """How old what is known of the household is, and when it falls inactive."""
    rule = rule_of(participant.continuum)
    rows = Participant.objects.filter(pk=participant.pk).select_related("place")
    person = with_list_columns(rows, rule).get()
    return {
        "ages": ages_of(person, on),
        "inactive_on": due_day(person, rule, on),
        "last_contact_on": cast(Listed, person).last_contact_on,  # as annotated
        "contacts": participant.contacts.select_related("by")[:6],
    }
