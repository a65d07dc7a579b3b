"""A household that goes to a victim service provider: nothing of it tells who it is any more."""

from datetime import date
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.history import HISTORY_REWRITTEN
from audit.models import AuditEntry
from conferencing.tests.pages import text_of
from conferencing.tests.world import signed_in
from participants.hmis import services
from participants.hmis.undoing import undo_import
from participants.households.acts import change_head
from participants.households.joining import join_households
from participants.households.splitting import split_household
from participants.households.undoing import undo_act
from participants.merges.acts import undo_merge
from participants.models import HmisEntry, HmisLine, HmisRecord, Participant, SheetRecord
from participants.services.participants import IDENTITY, change_participant
from participants.tests.factories import make_merge, make_participant, make_sheet_import
from participants.tests.test_hmis import apply, by_hmis_id, export, preview, ready
from participants.tests.test_hmis_households import couple, enrol
from participants.tests.test_retention import everything_readable, places_of
from regions.tests.factories import today_in

from .test_households import NOBODY

__all__ = ["export", "ready"]

pytestmark = pytest.mark.django_db
ON = date(2026, 6, 3)
SECRETS = ("Zyxwvut", "Sentinelle", "HMIS-77", "1975-05-06")
# What is not shown, and knows a name again in what others write.
KNOWN_STILL = {"participants.KnownName.token"}


def goes(household, agency, actor):
    household = Participant.objects.get(pk=household.pk)
    return change_participant(
        household,
        agency=agency,
        changed_at=household.changed_at,
        actor=actor,
        now=timezone.now(),
        **dict.fromkeys(IDENTITY),
    )


def places():
    return set(places_of(SECRETS)) - KNOWN_STILL


def told_of(data):
    for row in data["Client"]:
        if row[0] == "C":
            row[0], row[1], row[2], row[4] = "HMIS-77", "Zyxwvut", "Sentinelle", "1975-05-06"
    for row in data["Enrollment"]:
        row[1] = "HMIS-77" if row[1] == "C" else row[1]
    return data


def known_to_hmis(ready, export, actor):
    """Zyxwvut Sentinelle with Di and Jo, by two imports: the second changed who is of them."""
    apply(ready, export(told_of(couple()), "first"), actor)
    data = told_of(couple())
    enrol(data, "E23", "M", "H20", rel="2", born="2020-01-01")
    data["Client"][-4][2] = "Sentinelle-Zyxwvut"
    return apply(ready, export(data, "second"), actor, as_of=date(2026, 6, 2))


@pytest.fixture
def told(ready, export, river_specialist):
    return known_to_hmis(ready, export, river_specialist)


ACTS = ("head", "head without a name", "split", "joins", "is joined")


def act_on(kind, household, other, actor):
    household = Participant.objects.get(pk=household.pk)
    common = {"happened_on": ON, "actor": actor, "now": timezone.now()}
    member = next(each for each in household.members.all() if each.hmis_id == "D")
    head = NOBODY | ({"name": "Zyxwvut Second"} if kind == "head" else {})
    if kind.startswith("head"):
        return change_head(
            household, head=head, member=member if kind == "head" else None, stays_as="",
            reason="Sentinelle left", changed_at=household.changed_at, **common,
        )  # fmt: skip
    if kind == "split":
        return split_household(
            household, members=[member], member=member, head=head,
            changed_at=household.changed_at, **common,
        )  # fmt: skip
    pair = (household, other) if kind == "joins" else (other, household)
    return join_households(pair[0], into=pair[1], relation="4", **common)


@pytest.mark.parametrize("kind", ACTS)
def test_nothing_that_was_done_to_it_tells_who_it_is_or_can_be_undone(
    told, river_specialist, river_provider, river_vsp_agency, river_agency, region_2, kind
):
    household = by_hmis_id("HMIS-77")
    other = make_participant(river_agency, region_2, name="Bo Kuhl", alias="Wren-8")
    other.place.listed_on = other.place.status_on = date(2026, 4, 1)
    other.place.save()
    act = act_on(kind, household, other, river_provider)
    assert places()
    goes(household, river_vsp_agency, river_provider)
    assert places() == set()
    before = everything_readable()
    with pytest.raises(ValidationError, match="removed since"):
        undo_act(act, actor=river_provider, now=timezone.now())
    assert everything_readable() == before
    # And nobody reads with whom it lived: neither here nor there.
    page = signed_in(river_provider).get(other.get_absolute_url())
    assert Participant.objects.get(pk=household.pk).alias not in text_of(page)


FORMER = ("Participant.name", "HmisRecord.said", "SheetRecord.said", "HmisEntry.given")


def test_no_former_state_tells_who_it_was_of_what_is_there_or_is_not_any_more(
    told, river_provider, river_vsp_agency
):
    household = by_hmis_id("HMIS-77")
    source = make_sheet_import(household.agency).sheet_source
    said = {"name": {"value": "Zyxwvut Sentinelle", "on": "2026-05-01"}}
    for key in ("HMIS-77", "another"):
        SheetRecord.objects.create(
            source=source, participant=household, row_key=key, said=said, as_of=ON
        )
    SheetRecord.objects.filter(row_key_index__isnull=False).first().delete()
    entry = HmisEntry.objects.create(
        participant=household, kind="situation", source="stay", source_id=uuid4(), on=ON,
        given={"PersonalID": "HMIS-77"}, given_at=timezone.now(),
    )  # fmt: skip
    entry.given = {}
    entry.save()
    assert set(places()) >= {"participants." + each.replace(".", "Event.") for each in FORMER}
    goes(household, river_vsp_agency, river_provider)
    assert places() == set()
    rewritten = AuditEntry.objects.filter(action=HISTORY_REWRITTEN)
    told_by = {entry.detail["table"] for entry in rewritten}
    assert told_by == {f"participants_{each.split('.')[0].lower()}event" for each in FORMER}
    # Nothing is left that a later change would have to empty.
    household = Participant.objects.get(pk=household.pk)
    before = rewritten.count()
    change_participant(
        household, needs_shelter=True, changed_at=household.changed_at, actor=river_provider,
        now=timezone.now(),
    )  # fmt: skip
    assert rewritten.count() == before


def test_an_import_is_undone_beside_it_and_says_nothing_of_it(
    told, river_specialist, river_provider, river_vsp_agency
):
    household = by_hmis_id("HMIS-77")
    assert HmisLine.objects.filter(participant=household).exists()
    goes(household, river_vsp_agency, river_provider)
    assert not HmisLine.objects.filter(participant=household).exists()
    before = Participant.objects.get(pk=household.pk)
    undo_import(told, actor=river_specialist, now=timezone.now())
    after = Participant.objects.get(pk=household.pk)
    assert (after.name, after.hmis_id, after.adults) == (None, None, before.adults)
    assert not hasattr(after, "hmis")


@pytest.mark.parametrize("kind", ["as it was", "head"])
def test_an_import_that_was_previewed_before_says_nothing_of_it(
    told, ready, export, river_specialist, river_provider, river_vsp_agency, kind
):
    household = by_hmis_id("HMIS-77")
    if kind == "head":
        act_on("head", household, None, river_provider)
    data = told_of(couple())
    enrol(data, "E23", "N", "H20", rel="2", born="2021-01-01")
    waits = preview(ready, export(data, "third"), river_specialist, as_of=date(2026, 6, 8))
    assert waits.lines.filter(participant=household).exists()
    goes(household, river_vsp_agency, river_provider)
    before, count = Participant.objects.get(pk=household.pk), Participant.every.count()
    now = timezone.now()
    services.confirm_import(waits, accepts=True, actor=river_specialist, now=now, is_queued=False)
    services.apply_confirmed(waits, now=now)
    after = Participant.objects.get(pk=household.pk)
    assert (after.name, after.hmis_id, after.adults) == (None, None, before.adults)
    assert Participant.every.count() == count
    assert not after.members.of_hmis().exists()


@pytest.mark.parametrize("name", [None, "Quillon Other"])
def test_a_record_into_which_another_was_joined_does_not_go_there(
    told, river_specialist, river_provider, river_vsp_agency, river_agency, region_2, name
):
    """The joined record would go on to tell who it is, with or without a name."""
    household = by_hmis_id("HMIS-77")
    twin = make_participant(river_agency, region_2, name=name, birth_date=date(1975, 5, 6))
    chosen = {"name": twin} if name else {}
    merge = make_merge(household, twin, by=river_specialist, **chosen)
    with pytest.raises(ValidationError, match="joined into this one"):
        goes(household, river_vsp_agency, river_provider)
    assert not Participant.objects.get(pk=household.pk).is_confidential
    # The former name, where the other's was taken, stands in what undoes the joining.
    assert ("participants.Merge.journal" in places()) == bool(name)
    undo_merge(merge, why="Two people", actor=river_specialist, now=timezone.now())
    goes(household, river_vsp_agency, river_provider)
    assert not Participant.objects.get(pk=household.pk).name
    assert "participants.Merge.journal" not in places()


def test_nothing_is_left_of_rows_of_theirs_that_an_import_could_not_read(
    ready, export, river_specialist, river_provider, river_vsp_agency
):
    data = told_of(couple())
    for eid, pid in (("E98", "HMIS-77"), ("E99", "D"), ("E97", "A")):
        data["Enrollment"].append([eid, pid, "P1", "no day", "H9", "1", "MN-502", "116", "", ""])
    apply(ready, export(data), river_specialist)
    goes(by_hmis_id("HMIS-77"), river_vsp_agency, river_provider)
    assert places() == set()
    assert places_of(["PersonalID D"]) == []
    assert places_of(["PersonalID A"]) == ["participants.HmisRefusal.ids"]


def test_a_change_of_what_is_with_a_provider_already_leaves_what_can_be_undone(
    river_vsp_agency, region_2, river_vsp_provider
):
    one, two = (make_participant(river_vsp_agency, region_2, alias=f"Otter-{n}") for n in (1, 2))
    now, on = timezone.now(), today_in(one.continuum.zone)
    act = join_households(
        one, into=two, relation="4", happened_on=on, actor=river_vsp_provider, now=now
    )
    one = Participant.objects.get(pk=one.pk)
    change_participant(
        one, changed_at=one.changed_at, notes="Has a dog", actor=river_vsp_provider, now=now
    )
    undo_act(act, actor=river_vsp_provider, now=timezone.now())
    assert Participant.objects.get(pk=one.pk).place.is_active


def test_the_database_refuses_what_others_say_of_a_providers_household(
    river_agency, river_vsp_agency, region_2, river_provider
):
    source = make_sheet_import(river_agency).sheet_source
    household = make_participant(river_agency, region_2, name="Zyxwvut Sentinelle")
    rows = [
        HmisRecord(participant=household, said={}, as_of=ON),
        SheetRecord(participant=household, source=source, row_key="77", said={}, as_of=ON),
    ]
    goes(household, river_vsp_agency, river_provider)
    for row in rows:
        with pytest.raises(IntegrityError, match="is not kept"), transaction.atomic():
            row.save(force_insert=True)
