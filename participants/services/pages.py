"""What the participants' pages show, by the rules for who is looking."""

from dataclasses import dataclass

from django.db.models import Case, F, OuterRef, Subquery, Value, When

import audit.actions
import audit.services
from agreements.models import StaffMember
from participants.disclosures import shown_to
from participants.models import ENDS_SOON, ListPlace, LivingSituation, Participant, Release
from participants.naming import label_for, labels
from participants.quiet import (
    WARNED_BEFORE,
    ages_of,
    in_state,
    inactive_on,
    rule_of,
    with_ages,
    with_last_contact,
)
from participants.redaction import without_name
from participants.search import search

from .participants import last_change

LISTED = audit.actions.declare("participant.listed", "Looked at the by-name list")
VIEWED = audit.actions.declare("participant.viewed", "Looked at a participant")
ENDING_VIEWED = audit.actions.declare("releases.ending_viewed", "Looked at releases that end soon")
RELEASES_VIEWED = audit.actions.declare("participant.releases_viewed", "Looked at releases")

NEEDS = {
    "unsheltered": ("Unsheltered", {"is_unsheltered": True}),
    "youth": ("Youth", {"is_youth": True}),
    "veteran": ("Veteran", {"is_veteran": True}),
    "minors": ("Minors in the household", {"children__gt": 0}),
    "referral": ("Active referral", {"referral_active_on__isnull": False}),
    "shelter": ("Shelter or diversion need", {"needs_shelter": True}),
    "prioritized": ("Prioritized for housing", {"is_prioritized": True}),
}
# Whoever has no place on the list comes last, whichever way it is sorted by days.
ORDERS = {
    "alias": [F("alias").asc()],
    "-alias": [F("alias").desc()],
    "days": [F("place__listed_on").desc(nulls_last=True), "alias"],
    "-days": [F("place__listed_on").asc(nulls_last=True), "alias"],
    "region": ["region__position", "region__name", "county__name", "alias"],
    "-region": ["-region__position", "-region__name", "-county__name", "alias"],
}


def ordered(participants, key):
    """Order by one of ORDERS; the longest on the list first for anything else."""
    return participants.order_by(*ORDERS.get(key, ORDERS["-days"]))


def filtered(
    participants,
    *,
    region=None,
    county=None,
    status="",
    need="",
    agency=None,
    state="",
    rule=None,
    on=None,
):
    """Narrow by what was chosen; `state` (participants.quiet.STATES) needs `rule` and `on`."""
    if region:
        participants = participants.filter(region=region)
    if county:
        participants = participants.filter(county=county)
    if status:
        participants = participants.filter(place__status=status)
    if need:
        participants = participants.filter(**NEEDS[need][1])
    if agency:
        participants = participants.filter(agency=agency)
    if state:
        participants = in_state(participants, state, rule, on)
    return participants


def needs_of(participant):
    """The household's needs in words."""
    checks = {
        "unsheltered": participant.is_unsheltered,
        "youth": participant.is_youth,
        "veteran": participant.is_veteran,
        "minors": participant.children > 0,
        "referral": participant.referral_active_on is not None,
        "shelter": participant.needs_shelter,
        "prioritized": participant.is_prioritized,
    }
    return [NEEDS[key][0] for key, is_met in checks.items() if is_met]


@dataclass
class Row:
    participant: Participant
    label: object
    needs: list
    days: int | None
    stay: str
    stay_on: object
    ages: list
    inactive_on: object
    may_be_seen: bool
    release_ends_on: object


def found(participants, *, text, viewer, now):
    """Narrow to those whose visible name or alias matches what was typed."""
    return search(participants, text, viewer, now)


def with_list_columns(participants, rule=None):
    participants = with_ages(participants)
    if rule:
        participants = with_last_contact(participants, rule)
    newest = LivingSituation.objects.filter(participant=OuterRef("pk")).order_by(
        "-on", "-recorded_at"
    )
    return participants.select_related("region", "county", "agency", "place").annotate(
        stay_kind=Subquery(newest.values("kind")[:1]), stay_on=Subquery(newest.values("on")[:1])
    )


def list_rows(participants, viewer, *, on, now, is_search=False, rule=None, page=""):
    """Rows of one page of the list; one entry in the audit names all that were shown."""
    people = list(participants)
    names = labels(people, viewer, now)
    audit.services.record(
        LISTED,
        actor=viewer,
        continuum_id=viewer.membership.continuum_id,
        detail={
            **shown_to(names),
            "participants": [str(person.pk) for person in people],
            "searched": is_search,
            **({"page": page} if page else {}),
        },
        now=now,
    )
    own = StaffMember.objects.current().filter(user=viewer).values_list("agency", flat=True)
    soon = Release.objects.ending(now, on).kept_by(viewer).filter(participant__in=people)
    ending = dict(soon.order_by("-expires_on").values_list("participant", "expires_on"))
    return [
        row_of(person, names, set(own), ending.get(person.pk), on=on, rule=rule)
        for person in people
    ]


def row_of(person, names, own, release_ends_on, *, on, rule):
    place = getattr(person, "place", None)
    return Row(
        person,
        names[person.pk],
        needs_of(person),
        (on - place.listed_on).days if place else None,
        dict(LivingSituation.Kind.choices).get(person.stay_kind, ""),
        person.stay_on,
        ages_of(person, on),
        due_day(person, rule, on),
        not person.is_confidential or person.agency_id in own,
        release_ends_on,
    )


def due_day(person, rule, on):
    """The day of inactivity of an active household if it is near or past; else None."""
    place = getattr(person, "place", None)
    if rule is None or place is None or place.status != ListPlace.Status.ACTIVE:
        return None
    day = inactive_on(person, rule)
    return day if day <= on + WARNED_BEFORE else None


def seen(participant, viewer, now, *, page, action=VIEWED):
    """The participant's label for `viewer`; that they looked at this `page` is recorded."""
    label = label_for(participant, viewer, now)
    audit.services.record(
        action,
        actor=viewer,
        continuum_id=participant.continuum_id,
        about=participant,
        detail={
            "page": page,
            "named": label.is_named,
            "release": str(label.release_id) if label.release_id else "",
        },
        now=now,
    )
    return label


def participant_page(participant, viewer, *, on, now):
    """What the page of one participant shows; the look is recorded."""
    label = seen(participant, viewer, now, page="overview")

    def clean(text):
        if label.is_named or not text:
            return text or ""
        return without_name(text, participant.name, participant.alias)

    place = getattr(participant, "place", None)
    return {
        "participant": participant,
        "shown_as": label,
        "needs": needs_of(participant),
        "place": place,
        "days": (on - place.listed_on).days if place else None,
        "notes": clean(participant.notes),
        "contact": participant.contact if label.is_named else "",
        "birth_date": participant.birth_date if label.is_named else None,
        "hides": not label.is_named and bool(participant.name),
        "last_change": last_change(participant),
        "stays": [(stay, clean(stay.words)) for stay in participant.situations.all()[:12]],
        "moves": [
            (move, clean(move.reason), clean(move.withdrawal_reason))
            for move in participant.place_changes.select_related("by", "withdrawn_by").all()[:12]
        ],
        **freshness_of(participant, on),
    }


def freshness_of(participant, on):
    """How old what is known of the household is, and when it falls inactive."""
    rule = rule_of(participant.continuum)
    person = Participant.objects.filter(pk=participant.pk).select_related("place")
    person = with_list_columns(person, rule).get()
    return {
        "ages": ages_of(person, on),
        "inactive_on": due_day(person, rule, on),
        "contacts": participant.contacts.select_related("by")[:6],
    }


def releases_page(participant, viewer, *, on, now):
    """The participant's releases with their state in words; the look is recorded."""
    label = seen(participant, viewer, now, page="releases", action=RELEASES_VIEWED)

    def clean(text):
        if label.is_named or not text:
            return text or ""
        return without_name(text, participant.name, participant.alias)

    releases = (
        participant.releases.prefetch_related("agencies")
        .select_related("revoked_by", "recorded_by")
        .defer("scan")
        .annotate(has_scan=Case(When(scan__isnull=False, then=Value(True)), default=Value(False)))
        .order_by("-signed_on", "-recorded_at")
    )
    return {
        "participant": participant,
        "shown_as": label,
        "releases": [
            (release, *state_of(release, on), clean(release.revocation_reason))
            for release in releases
        ],
    }


def release_ending_page(participants, viewer, *, on, now):
    """Releases that end soon, of those of `participants` whose record the viewer keeps.

    In a constant number of queries; the look is recorded.
    """
    releases = list(
        Release.objects.ending(now, on)
        .kept_by(viewer)
        .filter(participant__in=participants)
        .select_related("participant__region", "participant__agency")
        .prefetch_related("agencies")
        .defer("scan")
        .order_by("expires_on", "participant__alias")
    )
    names = labels({each.participant for each in releases}, viewer, now)
    if releases:
        audit.services.record(
            ENDING_VIEWED,
            actor=viewer,
            continuum_id=viewer.membership.continuum_id,
            detail=shown_to(names),
            now=now,
        )
    rows = [
        {
            "release": each,
            "participant": each.participant,
            "label": names[each.participant_id],
            "days": (each.expires_on - on).days,
        }
        for each in releases
    ]
    return {"rows": rows, "within": ENDS_SOON.days}


def state_of(release, on):
    """State and tone of a release on the local date `on`."""
    if release.revoked_at:
        return "Revoked", "bad"
    if release.signed_on > on:
        return "Ahead", "neutral"
    if release.expires_on < on:
        return "Expired", "neutral"
    if not release.covers_case_conferencing:
        return "Not for case conferencing", "warn"
    if release.expires_on - on <= ENDS_SOON:
        return "Ends soon", "warn"
    return "Live", "good"
