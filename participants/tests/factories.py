"""Participants with a place on the list, where they stay, and what they released."""

from datetime import timedelta
from itertools import count

from django.utils import timezone

from participants.merges import fields as merge_fields
from participants.merges.acts import merge_pair, seen_mark
from participants.merges.pairs import propose_pair
from participants.models import (
    Contact,
    DuplicatePair,
    HmisImport,
    HmisLine,
    HmisProject,
    HmisRecord,
    HmisRefusal,
    HmisUploadPart,
    InactivityRule,
    LastAttempt,
    ListPlace,
    LivingSituation,
    OutflowCase,
    OutflowRound,
    Participant,
    PlaceChange,
    Release,
    ReturnedCell,
    ReturnedList,
    RightsRequest,
    SavedView,
    SheetSource,
)
from participants.services.releases import record_release
from participants.spreadsheets.table import remembered
from regions.tests.factories import today_in

number = count(1)


def make_participant(agency, region, *, name="Ana Example", days=100, listed=True, **fields):
    """On the by-name list for `days`, kept by `agency`; no release. By alias alone for a VSP."""
    n = next(number)
    usual = {"adults": 1, "children": 0, "is_youth": False, "is_veteran": False}
    fields = usual | fields
    if agency.is_victim_service_provider:
        name = None
        fields["is_confidential"] = True
    participant = Participant.objects.create(
        continuum=agency.continuum,
        region=region,
        county=region.counties.first(),
        agency=agency,
        alias=fields.pop("alias", f"Heron-{n:04}"),
        name=name,
        **fields,
    )
    if listed:
        on = today_in(agency.continuum.zone) - timedelta(days=days)
        ListPlace.objects.create(participant=participant, listed_on=on, status_on=on)
    return participant


def make_release(participant, *, agencies=(), days=365, **fields):
    """A live release for case conferencing: to all partners, or to `agencies` if given."""
    today = today_in(participant.continuum.zone)
    release = Release.objects.create(
        participant=participant,
        form_version="ROI 3",
        to_all_partners=fields.pop("to_all_partners", not agencies),
        signed_on=fields.pop("signed_on", today - timedelta(days=30)),
        expires_on=fields.pop("expires_on", today + timedelta(days=days)),
        **fields,
    )
    release.agencies.set(agencies)
    return release


def record_paper(participant, *, by, signed_on, expires_on):
    """A release for case conferencing, to all partners, as somebody records it without a scan."""
    return record_release(
        Participant.objects.get(pk=participant.pk),
        agencies=[],
        scan=None,
        actor=by,
        now=timezone.now(),
        form_version="ROI 3",
        covers_case_conferencing=True,
        covers_referrals=False,
        covers_hmis=False,
        to_all_partners=True,
        signed_on=signed_on,
        expires_on=expires_on,
    )


def make_situation(participant, kind=LivingSituation.Kind.SHELTER, *, days_ago=10, **fields):
    return LivingSituation.objects.create(
        participant=participant,
        kind=kind,
        on=today_in(participant.continuum.zone) - timedelta(days=days_ago),
        **fields,
    )


def make_contact(participant, kind=Contact.Kind.SEEN, *, days_ago=10, **fields):
    return Contact.objects.create(
        participant=participant,
        kind=kind,
        on=today_in(participant.continuum.zone) - timedelta(days=days_ago),
        **fields,
    )


def make_move(participant, flow, *, on, **fields):
    """A move as it stands in the history; the place on the list is set by the caller."""
    return PlaceChange.objects.create(participant=participant, flow=flow, on=on, **fields)


def make_inactivity(continuum, **fields):
    """The rule of 90 days, 30 for youth, with everything counted."""
    return InactivityRule.objects.create(continuum=continuum, **fields)


def make_case(participant, agency, *, by, **fields):
    """A household in this month's round, given to `agency`."""
    today = today_in(participant.continuum.zone)
    round, _ = OutflowRound.objects.get_or_create(
        continuum=participant.continuum,
        month=today.replace(day=1),
        defaults={"begun_at": timezone.now(), "begun_by": by},
    )
    return OutflowCase.objects.create(
        round=round,
        participant=participant,
        agency=agency,
        last_contact_on=fields.pop("last_contact_on", today - timedelta(days=100)),
        **fields,
    )


def make_attempt(case, how=LastAttempt.How.PHONE, *, by, **fields):
    today = today_in(case.participant.continuum.zone)
    return LastAttempt.objects.create(case=case, how=how, on=today, by=by, **fields)


def make_request(participant, *, by, days_ago=10, kind="access", outcome="", answer=None, **fields):
    """A request for access that came ten days ago; with an `outcome`, answered today."""
    today = today_in(participant.continuum.zone)
    received = today - timedelta(days=days_ago)
    return RightsRequest.objects.create(
        participant=participant,
        kind=kind,
        received_on=received,
        due_on=received + timedelta(days=30),
        by_whom=fields.pop("by_whom", "The participant, in person"),
        words=fields.pop("words", "Everything that is on file"),
        outcome=outcome,
        answer=answer,
        answered_on=today if outcome else None,
        answered_by=by if outcome else None,
        recorded_by=by,
        recorded_at=fields.pop("recorded_at", timezone.now()),
        **fields,
    )


def make_pair(one, other, *, by, **fields):
    """Two records that somebody wants compared; waiting for a decision."""
    pair = propose_pair(one, other, actor=by, now=timezone.now())
    DuplicatePair.objects.filter(pk=pair.pk).update(**fields)
    return DuplicatePair.objects.select_related("one", "other").get(pk=pair.pk)


def make_merge(keeper, former, *, by, values=None, now=None, place=None, **chosen):
    """`former` joined into `keeper`: all values of `keeper`, unless chosen of another record."""
    pair = make_pair(keeper, former, by=by)
    sides = {pair.one_id: "one", pair.other_id: "other"}
    differing = [group.key for group in merge_fields.differing(pair.one, pair.other)]
    choices = dict.fromkeys([*differing, "place"], sides[keeper.pk])
    choices |= {name: sides[record.pk] for name, record in chosen.items()}
    if place:
        choices["place"] = sides[place.pk]
    return merge_pair(
        pair,
        keeper=sides[keeper.pk],
        choices=choices | (values or {}),
        seen=seen_mark(pair.one, pair.other),
        actor=by,
        now=now or timezone.now(),
    )


def make_saved_view(owner, *, name, query=None, is_shared=False):
    now = timezone.now()
    return SavedView.objects.create(
        continuum=owner.membership.continuum,
        owner=owner,
        name=name,
        query=query or {},
        is_shared=is_shared,
        made_at=now,
        changed_at=now,
    )


def said_of(**values):
    """What HMIS says of a household, as an import keeps it."""
    said = {
        "name": "Hilda Hmis",
        "birth_date": "1980-02-03",
        "adults": 1,
        "children": 0,
        "is_youth": False,
        "is_veteran": None,
        "is_prioritized": None,
        "referral_active_on": None,
        "listed_on": "2026-01-05",
        "entered_on": "2026-01-05",
        "left": None,
        "stay": ["shelter", "2026-01-05"],
        "contact": ["2026-01-05", "entry"],
        "project": "P1",
        "line": 2,
        "where": None,
        "agency": None,
    }
    return said | values


def make_import(agency, *, state="ready", known=None):
    """An import with a line of each kind; `known` is changed, absent and a possible duplicate."""
    now = timezone.now()
    continuum = agency.continuum
    hmis_import = HmisImport.objects.create(
        continuum=continuum,
        state=state,
        started_at=now,
        as_of=today_in(continuum.zone),
        csv_version="2026 v1.0",
        source="Example HMIS",
        counts={
            "new": 1,
            "changed": 1,
            "absent": 1,
            "duplicate": 1,
            "unchanged": 0,
            "refused": 1,
            "unplaced": {"P1": 2},
            "refused_projects": {"Safe house": 3},
        },
        stops=["The data of this export end on January 5, 2026. Is there a newer one?"],
        applied_at=now if state == "applied" else None,
    )
    HmisProject.objects.get_or_create(
        continuum=continuum,
        key="P1",
        defaults={"name": "Coordinated entry", "is_listed": True, "type_code": "14"},
    )
    HmisProject.objects.get_or_create(
        continuum=continuum, key="P2", defaults={"name": "Safe house", "is_refused": True}
    )
    changes = [
        {"field": "name", "from": known and known.name, "to": "Hilda Hmis", "how": "kept"},
        {"field": "is_veteran", "from": False, "to": True, "how": "update"},
    ]
    for number, kind in enumerate(HmisLine.Kind, start=1):
        HmisLine.objects.create(
            hmis_import=hmis_import,
            number=number,
            kind=kind,
            participant=None if kind == "new" else known,
            said={} if kind == "absent" else {"hmis_id": f"H{number}", **said_of()},
            changes=changes if kind == "changed" else [],
        )
    HmisRefusal.objects.create(
        hmis_import=hmis_import,
        number=1,
        file_name="Enrollment.csv",
        line=7,
        column="EntryDate",
        shape="99/99/9999",
        problem="Not a date in any known shape.",
        remedy="Correct it in HMIS.",
    )
    HmisUploadPart.objects.create(
        hmis_import=hmis_import, file_name="export.zip", number=0, size=2, content=b"PK"
    )
    return hmis_import


def make_sheet_import(agency, *, state="applied", known=None):
    """An import of a spreadsheet of a kind of its own, with a line that changes `known`."""
    now = timezone.now()
    source = SheetSource.objects.create(
        continuum=agency.continuum,
        name="Vendor’s list",
        column_meanings={remembered("name"): "name"},
        agency=agency,
    )
    hmis_import = HmisImport.objects.create(
        continuum=agency.continuum,
        kind=HmisImport.Kind.SHEET,
        sheet_source=source,
        sheet_settings={"tab": 0, "head": 1, "columns": {"A": "name"}},
        state=state,
        started_at=now,
        as_of=today_in(agency.continuum.zone),
        source=source.name,
        counts={"new": 0, "changed": 1, "absent": 0, "duplicate": 0, "unchanged": 0, "refused": 0},
        applied_at=now - timedelta(days=1) if state == "applied" else None,
    )
    HmisLine.objects.create(
        hmis_import=hmis_import,
        number=1,
        kind=HmisLine.Kind.CHANGED,
        participant=known,
        said={**said_of(), "hmis_id": "", "key": "S1"},
        changes=[{"field": "is_veteran", "from": False, "to": True, "how": "kept"}],
    )
    return hmis_import


def make_returned(participant, *, by):
    """A list that `by` exported and brought back, with one changed cell about the household."""
    now = timezone.now()
    returned = ReturnedList.objects.create(
        continuum=participant.continuum, by=by, at=now, exported_at=now, rows=1
    )
    ReturnedCell.objects.create(
        returned_list=returned,
        participant=participant,
        number=1,
        line=6,
        subject="children",
        changed_texts={"exported": ["8"], "returned": ["9"]},
    )
    return returned


def make_hmis_record(participant, **values):
    """HMIS says of the participant what `values` say."""
    on = today_in(participant.continuum.zone)
    return HmisRecord.objects.create(
        participant=participant,
        as_of=on,
        said={name: {"value": value, "on": on.isoformat()} for name, value in values.items()},
    )


def make_enrollment(entered, *, project, key="E1", person="A", left=None):
    """An enrollment as an import keeps it, from the day `entered` on."""
    return {
        "id": key,
        "person": person,
        "household": f"H{person}",
        "project": project,
        "kind": "14",
        "from": f"{entered}",
        "to": left and f"{left}",
        "by": "",
    }
