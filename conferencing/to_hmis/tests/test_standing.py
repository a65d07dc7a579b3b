"""What goes to HMIS and what stays out, with its reason; nothing of anybody who did not agree."""

import zipfile
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError
from django.utils import timezone

from agreements.models import StaffMember
from audit.models import AuditEntry
from conferencing.tests.factories import make_review
from conferencing.tests.readable import readable
from conferencing.to_hmis import acts, rows
from conferencing.to_hmis.acts import Taking, take_file
from conferencing.to_hmis.gathering import gather
from conferencing.to_hmis.rows import BACK, DECIDE, OUT, READY, standing_of
from participants.models import Contact, HmisEntry, HmisProject, LivingSituation, Participant
from participants.tests.factories import (
    make_contact,
    make_participant,
    make_release,
    make_situation,
)
from regions.tests.factories import today_in

from .hmis import OUTREACH, table

pytestmark = pytest.mark.django_db
Stay = LivingSituation.Kind


@pytest.fixture
def standing(scope, river_specialist, coc_user):
    """`{(source, day): (group, why)}` of all facts."""

    def run(of=scope, actor=river_specialist):
        found = gather(of, actor, timezone.now())
        told = {(each.source, each.on): standing_of(each) for each in found}
        return {key: (each.group, each.why) for key, each in told.items()}

    return run


def only(found):
    (each,) = found.values()
    return each


def test_a_stay_goes_by_its_one_code_and_waits_where_hud_has_several(
    ana, standing, river_provider, scope, river_specialist
):
    for number, kind in enumerate(Stay):
        make_situation(ana, kind, days_ago=number + 1, by=river_provider)
    found = {each.stay: each for each in gather(scope, river_specialist, timezone.now())}
    assert {kind: standing_of(each).group for kind, each in found.items()} == {
        kind: READY if kind in rows.BY_STAY else DECIDE for kind in Stay
    }
    assert {kind: rows.codes_of(each) for kind, each in found.items() if kind in rows.BY_STAY} == {
        kind: {"CurrentLivingSituation": code} for kind, code in rows.BY_STAY.items()
    }


def test_a_contact_goes_with_where_they_stayed_that_day_and_waits_without(
    ana, standing, river_provider, scope, river_specialist
):
    for number, kind in enumerate(Contact.Kind):
        make_contact(ana, kind, days_ago=number + 1, by=river_provider)
    found = {source: group for (source, _on), (group, _why) in standing().items()}
    assert found == {"contact": DECIDE, "assessed": READY}
    assert len(standing()) == len(Contact.Kind) - 1  # a service is told by its own element
    seen = ana.contacts.get(kind=Contact.Kind.SEEN)
    LivingSituation.objects.create(
        participant=ana, kind=Stay.UNSHELTERED, on=seen.on, by=river_provider
    )
    assert standing()["contact", seen.on] == (READY, "")
    assert len(standing()) == len(Contact.Kind) - 1


def test_what_a_file_told_is_no_fact_of_ours(ana, standing, river_provider):
    make_contact(ana, by=river_provider, is_imported=True)
    make_situation(ana, by=river_provider, is_imported=True)
    make_contact(ana)
    assert standing() == {}


RELEASES = [
    ({"covers_hmis": False}, False),
    ({"covers_case_conferencing": False}, True),
    ({"to_all_partners": False}, True),
    ({"revoked_at": timezone.now}, False),
    ({"expires_on": -1}, False),
    ({"expires_on": 0}, True),
    ({"signed_on": 1}, False),
    ({"signed_on": 0}, True),
    ({"is_by_former_head": True}, False),
]


@pytest.mark.parametrize(("change", "goes"), RELEASES)
def test_a_household_goes_with_a_live_release_for_hmis_alone(
    ana, standing, river_provider, change, goes
):
    make_situation(ana, by=river_provider)
    release, today = ana.releases.get(), today_in(ana.continuum.zone)
    for name, value in change.items():
        if name.endswith("_on"):
            value = today + timedelta(days=value)
        setattr(release, name, value() if callable(value) else value)
    release.save()
    assert only(standing()) == ((READY, "") if goes else (OUT, rows.NO_RELEASE))


def test_nothing_of_a_victim_service_provider_goes(
    ana, call, standing, take, river_vsp_agency, river_vsp_provider, region_2, river_provider
):
    hidden = make_participant(river_vsp_agency, region_2)
    make_release(hidden, covers_hmis=True)
    make_situation(hidden, by=river_provider)
    make_review(call, hidden, is_referred=True)
    assert set(standing().values()) == {(OUT, rows.CONFIDENTIAL)}
    make_contact(ana, Contact.Kind.ASSESSED, by=river_vsp_provider, days_ago=2)
    place = StaffMember.objects.get(user=river_vsp_provider)
    make_review(call, ana, navigator=place, navigator_said_at=call.starts_at)
    reasons = {why for _group, why in standing().values()}
    assert reasons == {rows.CONFIDENTIAL, rows.BY_PROVIDER}
    with pytest.raises(ValidationError, match="Nothing of this is ready"):
        take()


def test_a_day_on_which_a_victim_service_provider_met_them_too_goes_without_its_words(
    ana, standing, river_vsp_provider, river_provider, scope, river_specialist
):
    make_situation(ana, Stay.SAFE_HAVEN, by=river_provider, days_ago=3)
    make_situation(ana, Stay.UNSHELTERED, by=river_vsp_provider, days_ago=3)
    (fact,) = gather(scope, river_specialist, timezone.now())
    assert (fact.stay, fact.recorded_by) == (Stay.SAFE_HAVEN, river_provider.pk)


def test_an_agency_that_became_a_victim_service_provider_sends_nothing(
    ana, standing, river_provider, river_agency
):
    make_situation(ana, by=river_provider)
    HmisProject.objects.filter(key="P1").update(is_refused=True)
    HmisProject.objects.filter(key=OUTREACH).update(is_refused=True)
    assert only(standing()) == (OUT, rows.NOT_ENROLLED)


def test_who_is_not_enrolled_on_the_day_stays_out_and_coordinated_entry_goes_first(
    ana, standing, river_provider, scope, river_specialist, hmis, imported
):
    make_situation(ana, by=river_provider, days_ago=20)
    (fact,) = gather(scope, river_specialist, timezone.now())
    assert fact.enrollment["id"] == "E1"
    ended = f"{today_in(ana.continuum.zone) - timedelta(days=25)}"
    hmis.put("Exit", "X1", EnrollmentID="E1", PersonalID="A", ExitDate=ended, Destination="116")
    imported()
    (fact,) = gather(scope, river_specialist, timezone.now())
    assert (fact.enrollment or {}).get("id") in (None, "E9")
    make_situation(ana, by=river_provider, days_ago=29)
    on = today_in(ana.continuum.zone) - timedelta(days=29)
    facts = {each.on: each for each in gather(scope, river_specialist, timezone.now())}
    assert facts[on].enrollment["id"] == "E1"


def test_who_is_missing_from_the_last_export_or_never_was_in_one_stays_out(
    ana, bo, standing, river_provider, hmis, imported, river_agency, region_2
):
    make_situation(ana, by=river_provider, days_ago=2)
    for file in ("Enrollment", "Client"):
        rows_of = hmis.files[file]
        hmis.files[file] = {
            key: row for key, row in rows_of.items() if row["PersonalID"] == bo.hmis_id
        }
    imported()
    assert only(standing()) == (OUT, rows.MISSING)
    stranger = make_participant(river_agency, region_2)
    make_release(stranger, covers_hmis=True)
    make_situation(stranger, by=river_provider, days_ago=3)
    assert (OUT, rows.NOT_IN_HMIS) in standing().values()


def test_a_row_says_who_entered_it_or_waits(
    ana, standing, take, river_provider, coc_user, scope, river_specialist
):
    make_situation(ana, by=river_provider)
    assert table(take(), "CurrentLivingSituation")[0]["UserID"] == "COC1"
    acts.set_hmis_users(
        ana.continuum, keys={river_provider: "77"}, actor=river_specialist, now=timezone.now()
    )
    assert table(take(), "CurrentLivingSituation")[0]["UserID"] == "77"
    acts.set_hmis_users(
        ana.continuum,
        keys={river_provider: "", None: ""},
        actor=river_specialist,
        now=timezone.now(),
    )
    assert only(standing()) == (DECIDE, rows.NO_USER)


def test_one_leaves_out_and_puts_back_and_what_was_out_is_taken_back(
    ana, standing, take, river_provider, river_specialist, scope
):
    make_situation(ana, by=river_provider)
    first = take()
    (fact,) = gather(scope, river_specialist, timezone.now())
    acts.leave_out(fact, actor=river_specialist, now=timezone.now())
    assert only(standing()) == (BACK, "")
    assert table(take(), "CurrentLivingSituation")[0]["DateDeleted"]
    (fact,) = gather(scope, river_specialist, timezone.now())
    acts.take_in(fact, actor=river_specialist, now=timezone.now())
    assert only(standing()) == (READY, "")
    again = table(take(), "CurrentLivingSituation")[0]
    assert (again["DateDeleted"], again["CurrentLivingSitID"]) == (
        "",
        table(first, "CurrentLivingSituation")[0]["CurrentLivingSitID"],
    )


def test_the_id_of_a_day_stays_whatever_is_recorded_of_it_later(ana, take, river_provider):
    make_contact(ana, by=river_provider, days_ago=3)
    make_situation(ana, Stay.UNSHELTERED, by=river_provider, days_ago=3)
    first = table(take(), "CurrentLivingSituation")[0]
    make_situation(ana, Stay.SHELTER, by=river_provider, days_ago=3)
    second = table(take(), "CurrentLivingSituation")[0]
    assert second["CurrentLivingSitID"] == first["CurrentLivingSitID"]
    assert [each["CurrentLivingSituation"] for each in (first, second)] == ["116", "101"]


def test_the_file_holds_ids_days_and_codes_and_is_recorded(
    ana, call, take, river_provider, river_specialist
):
    review = make_review(call, ana, is_referred=True, referral="Ana LastA to the Apartments")
    acts.add_event(review, ana, answers={"Event": "2"}, actor=river_specialist, now=timezone.now())
    make_situation(ana, by=river_provider, words="Behind the church")
    content = take()
    with zipfile.ZipFile(BytesIO(content)) as archive:
        text = "".join(archive.read(name).decode() for name in archive.namelist())
        assert all("/" not in name for name in archive.namelist())
    for told in ("Ana", "LastA", "church", "Apartments", "1980"):
        assert told not in readable(text)
    entry = AuditEntry.objects.get(action="to_hmis.taken")
    assert entry.detail["participants"] == [str(ana.pk)]
    assert entry.detail["released"] == {str(ana.pk): str(ana.releases.get().pk)}
    assert entry.why == "Upload of the month"


def test_no_file_without_a_reason_nor_of_other_rows_than_were_confirmed(
    ana, scope, river_provider, river_specialist, coc_user
):
    make_situation(ana, by=river_provider)
    now = timezone.now()
    seen = Taking.of(gather(scope, river_specialist, now)).seen
    for reason, known in ((" ", seen), ("Upload", "other")):
        with pytest.raises(ValidationError):
            take_file(scope, reason=reason, seen=known, actor=river_specialist, now=now)
    assert not HmisEntry.objects.exists()


def test_a_viewer_takes_only_whom_they_may_know_of(
    ana, take, river_provider, three_specialist, scope
):
    make_situation(ana, by=river_provider)
    with pytest.raises(ValidationError, match="Nothing of this is ready"):
        take(actor=three_specialist)


def test_a_household_with_entries_is_not_deleted(ana, take, river_provider):
    make_situation(ana, by=river_provider)
    take()
    with pytest.raises(ProtectedError):
        Participant.objects.filter(pk=ana.pk).delete()
