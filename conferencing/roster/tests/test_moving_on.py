"""A household that moved goes to its new region's call, as release and standing allow."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agreements.models import StaffMember
from agreements.tests.factories import make_agency_in_standing, make_staff
from conferencing.models import Meeting, Nomination, PreWork, ProgressUpdate
from conferencing.prework.acts import entries_to_prepare, keep_prework
from conferencing.prework.pages import prework_edit_page, prework_list_page
from conferencing.roster.acts import settle_roster
from conferencing.roster.moving_on import move_to_new_call, undo_moved_on
from conferencing.steps.tests.test_views_steps import sent
from conferencing.tests.factories import (
    make_meeting,
    make_prework,
    make_review,
    make_roster,
    make_step,
)
from conferencing.tests.pages import text_of
from conferencing.tests.test_undo import press_undo
from participants.models import Participant
from participants.tests.factories import make_participant, make_release
from regions.tests.factories import today_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def new_call(river, region_1):
    return make_meeting(river, region_1)


@pytest.fixture
def former_call(river, region_2):
    return make_meeting(river, region_2)


@pytest.fixture
def local(river, region_2):
    return someone_of(river, region_2)


def someone_of(river, region):
    """A person of an agency that takes part in this region alone."""
    agency = make_agency_in_standing(river, regions=[region])
    return make_staff(agency, regions=[region])


def nominate(meeting, participant, place):
    return Nomination.objects.create(
        meeting=meeting,
        participant=participant,
        agency=place.agency,
        by=place.user,
        reason="Sleeps outside",
        at=timezone.now(),
    )


def moved_away(agency, former_call, region):
    """A household on the former region's roster that is of another region since."""
    goes = make_participant(agency, former_call.region, name="Ana Sentinelle")
    make_roster(former_call, make_participant(agency, former_call.region), goes)
    Participant.objects.filter(pk=goes.pk).update(region=region, county=None)
    goes.refresh_from_db()
    return goes, former_call.roster.get(participant=goes)


def on(meeting):
    return list(meeting.roster.order_by("position").values_list("participant", flat=True))


def test_one_press_moves_a_household_to_the_new_regions_call_and_can_be_undone(
    client, river_agency, river_provider, river_specialist, region_1, former_call, new_call
):
    goes, entry = moved_away(river_agency, former_call, region_1)
    place = StaffMember.objects.get(user=river_provider)
    nomination = nominate(former_call, goes, place)
    prework = make_prework(former_call, goes, place)
    before = on(former_call)
    client.force_login(river_specialist)
    page = reverse("conferencing:roster_detail", args=[former_call.pk])
    assert f"Move to the {region_1} call" in text_of(client.get(page))
    address = reverse("conferencing:roster_move_on", args=[former_call.pk, entry.pk])
    told = text_of(client.post(address, follow=True))
    assert f"is on the roster of the {region_1} call" in told
    assert "What agencies nominated and prepared went along." in told
    assert goes.pk in on(new_call)
    assert on(former_call) == before[:1]
    nomination.refresh_from_db()
    prework.refresh_from_db()
    assert nomination.meeting == new_call == prework.meeting
    press_undo(client, page)
    nomination.refresh_from_db()
    prework.refresh_from_db()
    assert nomination.meeting == former_call == prework.meeting
    assert on(former_call) == before
    assert goes.pk not in on(new_call)


def test_the_households_page_moves_it_too_and_has_the_undo(
    client, river_agency, river_provider, river_specialist, region_1, former_call, new_call
):
    goes, entry = moved_away(river_agency, former_call, region_1)
    page = reverse("conferencing:participant_reviews", args=[goes.pk])
    client.force_login(river_provider)
    assert "still on the roster" not in text_of(client.get(page))
    client.force_login(river_specialist)
    shown = client.get(page)
    assert "still on the roster of the Region 2 call" in text_of(shown)
    address = reverse("conferencing:roster_move_on", args=[former_call.pk, entry.pk])
    assert f'action="{address}"' in shown.content.decode()
    moved = client.post(address, {"household": "1"})
    assert moved["Location"] == page
    assert "still on the roster" not in text_of(client.get(page))
    press_undo(client, page)
    assert goes.pk in on(former_call)
    edit = text_of(client.get(reverse("participants:participant_edit", args=[goes.pk])))
    assert "Open steps and their updates move with it." in edit


def test_a_household_stays_where_a_roster_is_settled_or_no_call_is_planned(
    river_agency, river_specialist, region_1, former_call, new_call
):
    goes, entry = moved_away(river_agency, former_call, region_1)
    now = timezone.now()
    settle_roster(new_call, actor=river_specialist, now=now)
    with pytest.raises(ValidationError, match=f"{region_1}: The roster is settled"):
        move_to_new_call(entry, actor=river_specialist, now=now)
    new_call.delete()
    with pytest.raises(ValidationError, match="Plan one first"):
        move_to_new_call(entry, actor=river_specialist, now=now)
    assert goes.pk in on(former_call)
    stays = former_call.roster.exclude(pk=entry.pk).get()
    with pytest.raises(ValidationError, match="is of the region of this call"):
        move_to_new_call(stays, actor=river_specialist, now=now)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    released=st.sampled_from(["nobody", "local", "all"]),
    has_step=st.booleans(),
    is_revoked=st.booleans(),
    is_vsp=st.booleans(),
)
def test_what_goes_along_is_what_its_agency_may_still_know_of(
    river,
    river_agency,
    river_vsp_agency,
    river_specialist,
    region_1,
    region_2,
    released,
    has_step,
    is_revoked,
    is_vsp,
):
    now, local = timezone.now(), someone_of(river, region_2)
    former_call, new_call = make_meeting(river, region_2), make_meeting(river, region_1)
    if is_vsp:
        goes = make_participant(river_vsp_agency, region_2)
        make_roster(former_call, goes)
        Participant.objects.filter(pk=goes.pk).update(region=region_1, county=None)
        entry = former_call.roster.get()
    else:
        goes, entry = moved_away(river_agency, former_call, region_1)
        if released != "nobody":
            agencies = [] if released == "all" else [local.agency]
            make_release(goes, agencies=agencies, to_all_partners=released == "all")
    if has_step:
        make_step(goes, local.agency)
    nomination = nominate(former_call, goes, local)
    prework = make_prework(former_call, goes, local)
    if is_revoked:
        local.user.statements.update(revoked_at=now)
    data = move_to_new_call(entry, actor=river_specialist, now=now).data
    nomination.refresh_from_db()
    prework.refresh_from_db()
    # The agency takes no part in the new region: its nomination stays, whoever was released to.
    assert nomination.meeting == former_call
    # A step goes along; of a victim service provider's household it opens nothing.
    goes_on = has_step and not is_vsp
    assert prework.meeting == (new_call if goes_on else former_call)
    settle_roster(new_call, actor=river_specialist, now=now)
    may = entries_to_prepare(local.user, local, today_in(river.zone)).filter(meeting=new_call)
    assert may.filter(participant=goes).exists() == (goes_on and not is_revoked)
    if goes_on and not is_revoked:
        shown = str(prework_list_page(new_call, local.user, local, now=now)["lines"])
        named = released != "nobody"
        assert ("Sentinelle" in shown) == named
    Meeting.objects.filter(pk=new_call.pk).update(roster_settled_at=None, roster_settled_by=None)
    undo_moved_on(data, actor=river_specialist, now=now)
    prework.refresh_from_db()
    assert prework.meeting == former_call
    assert goes.pk in on(former_call)
    Meeting.objects.filter(pk__in=[former_call.pk, new_call.pk]).update(
        starts_at=now - timedelta(days=9), ends_at=now - timedelta(days=8), state="closed"
    )


def test_an_agency_with_an_open_step_prepares_and_reports_and_reads_no_review(
    client, river, river_agency, river_specialist, region_1, region_2, local, new_call
):
    goes = make_participant(river_agency, region_2, name="Ana Sentinelle")
    step = make_step(goes, local.agency, person=local)
    held = make_meeting(
        river, region_2, starts_at=timezone.now() - timedelta(days=20), state="closed"
    )
    make_review(held, goes, notes="Hides from her brother")
    Participant.objects.filter(pk=goes.pk).update(region=region_1, county=None)
    make_roster(new_call, goes)
    settle_roster(new_call, actor=river_specialist, now=timezone.now())
    keep_prework(
        new_call, goes, revision=0, actor=local.user, now=timezone.now(), notes="Landlord agreed"
    )
    assert PreWork.objects.get().meeting == new_call
    page = prework_edit_page(new_call, goes, local.user, local, now=timezone.now())
    assert page["review"] is None
    assert "brother" not in str(page)
    assert "Sentinelle" not in str(page["shown_as"].text)
    client.force_login(local.user)
    edit = reverse("conferencing:prework_edit", args=[new_call.pk, goes.pk])
    assert "brother" not in text_of(client.get(edit))
    assert client.get(goes.get_absolute_url()).status_code == 404
    report = reverse("conferencing:step_report", args=[step.pk])
    client.post(report, sent(progress="under_way", line="Called"))
    assert ProgressUpdate.objects.get().step == step
