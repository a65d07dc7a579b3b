"""Steps handed on and re-dated; whoever leaves leaves nothing with nobody."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from agreements.models import Agency, AgencyAgreement, StaffMember
from agreements.services.agencies import change_agency
from agreements.services.agreements import revoke_agreement
from agreements.services.people import end_place, move_person
from agreements.tests.factories import make_agreement, make_staff, make_statement
from audit.models import AuditEntry
from conferencing.models import ActionItem, Call, Nomination, SystemicBarrier
from conferencing.roster.nominations import (
    answer_nominations,
    nominate_participant,
    withdraw_nomination,
)
from conferencing.rotation.roles import change_role
from conferencing.steps.acts import report_own
from conferencing.steps.handing_on import change_step, changes_of
from conferencing.tests.factories import (
    make_barrier,
    make_meeting,
    make_role,
    make_roster,
    make_step,
)
from conferencing.tests.test_held_forms_everywhere import forms_of
from conferencing.tests.world import prove, signed_in
from conferencing.upkeep.leaving import settle_agency_nominations
from outbox.models import Message
from participants.models import Participant
from participants.tests.factories import make_participant, make_release
from regions.clock import local_day

pytestmark = pytest.mark.django_db
NAME = "Marisol Quintanilla"


@pytest.fixture
def place(river_provider):
    return StaffMember.objects.get(user=river_provider)


@pytest.fixture
def colleague(river_agency, region_2):
    place = make_staff(river_agency, name="Cory Colleague", regions=[region_2])
    if not place.user.statements.exists():
        make_statement(place.user)
    return place


@pytest.fixture
def household(river_agency, region_2, place):
    person = make_participant(river_agency, region_2, name=NAME, navigator=place)
    make_release(person)
    return person


@pytest.fixture
def step(household, river_agency, place):
    return make_step(household, river_agency, person=place, due_in=7, what=f"Call {NAME} back")


def told():
    """Who was told, by name, and every word of the mails."""
    found = Message.objects.filter(kind="agreements-notice").select_related("user")
    return sorted(each.user.name for each in found), " ".join(each.text for each in found)


def url_of(step):
    return reverse("conferencing:step_change", args=[step.pk])


def typed(client, step, **changes):
    form = client.get(url_of(step)).context["form"]
    values = {name: form[name].value() for name in form.fields}
    return values | {"due_on": step.due_on.isoformat()} | changes


def test_a_lead_hands_a_step_on_and_gives_it_another_date(
    step, colleague, river_lead, river_provider
):
    client = signed_in(river_lead)
    later = step.due_on + timedelta(days=5)

    answer = client.post(
        url_of(step), typed(client, step, person=str(colleague.pk), due_on=later.isoformat())
    )

    assert answer.status_code == 302
    step.refresh_from_db()
    assert (step.follow_up_person, step.due_on) == (colleague, later)
    names, words = told()
    assert names == ["Cory Colleague", river_provider.name]
    assert NAME not in words
    [change] = changes_of(step)
    assert change.words[0] == f"Handed on from {river_provider.name} to Cory Colleague"
    assert change.by == river_lead.name
    page = client.get(reverse("conferencing:step_report", args=[step.pk])).content.decode()
    assert f"Handed on from {river_provider.name} to Cory Colleague" in page
    entry = AuditEntry.objects.get(action="step.changed")
    assert entry.detail["participant"] == str(step.participant_id)


def test_a_specialist_hands_a_step_to_another_agency_and_a_lead_does_not(
    step, river_specialist, river_lead, river_other_provider
):
    other = StaffMember.objects.get(user=river_other_provider)
    lead = signed_in(river_lead)
    refused = lead.post(url_of(step), typed(lead, step, person=str(other.pk)))
    assert refused.status_code == 200
    assert "person" in refused.context["form"].errors

    client = signed_in(river_specialist)
    client.post(url_of(step), typed(client, step, person=str(other.pk)))

    step.refresh_from_db()
    assert (step.follow_up_person, step.agency) == (other, other.agency)
    assert set(told()[0]) >= {river_other_provider.name, river_lead.name}


def test_a_step_is_left_with_its_agency_and_the_lead_is_told(step, river_specialist, river_lead):
    client = signed_in(river_specialist)
    client.post(url_of(step), typed(client, step, person=""))

    step.refresh_from_db()
    assert step.follow_up_person is None
    assert river_lead.name in told()[0]


def test_a_step_is_not_handed_to_who_is_out_of_standing_or_to_a_past_day(
    step, river_lead, river_unsigned_provider, river_specialist
):
    client = signed_in(river_specialist)
    place = StaffMember.objects.get(user=river_unsigned_provider)
    yesterday = (timezone.now() - timedelta(days=2)).date()
    for changes in ({"person": str(place.pk)}, {"due_on": yesterday.isoformat()}):
        page = client.post(url_of(step), typed(client, step, **changes))
        assert page.status_code == 200
        assert page.context["form"].errors
    assert told()[0] == []


def test_a_step_that_changed_meanwhile_or_is_closed_is_refused(step, colleague, river_lead):
    client = signed_in(river_lead)
    old = typed(client, step, person=str(colleague.pk))
    change_step(
        step,
        person=None,
        due_on=step.due_on,
        actor=river_lead,
        now=timezone.now(),
    )
    page = client.post(url_of(step), old)
    assert "Somebody changed this step" in page.content.decode()

    ActionItem.objects.filter(pk=step.pk).update(state="done", closed_at=timezone.now())
    step.refresh_from_db()
    with pytest.raises(ValidationError, match="closed"):
        change_step(
            step, person=colleague, due_on=step.due_on, actor=river_lead, now=timezone.now()
        )


def test_a_victim_service_providers_step_stays_with_its_own(
    river_vsp_provider, region_2, river_specialist, river_lead
):
    vsp = StaffMember.objects.get(user=river_vsp_provider)
    person = make_participant(vsp.agency, region_2, alias="Heron-77")
    step = make_step(person, vsp.agency, person=vsp, due_in=3)
    assert signed_in(river_specialist).get(url_of(step)).status_code == 403
    StaffMember.objects.filter(pk=vsp.pk).update(is_lead=True)
    client = signed_in(river_vsp_provider)
    choices = client.get(url_of(step)).context["form"].fields["person"].choices
    assert [name for name, _people in choices[1:]] == [vsp.agency.name]


def test_a_step_that_a_report_opens_after_its_person_left_is_the_agencys_and_the_lead_is_told(
    step, place, household, river_specialist, river_lead, river_administrator
):
    at = timezone.now()
    report_own(step, progress="done", actor=place.user, now=at)
    answers = {("household", str(household.pk)): None}
    end_place(place, actor=river_administrator, ended_on=place.joined_on, answers=answers)
    Message.objects.all().delete()
    report_own(step, progress="under_way", actor=river_specialist, now=at + timedelta(minutes=1))
    step.refresh_from_db()
    assert (step.state, step.follow_up_person, step.agency) == ("open", None, place.agency)
    names, words = told()
    assert names == [river_lead.name]
    assert "has nobody who follows it up" in words
    assert NAME not in words
    (change,) = changes_of(step)
    assert change.words == [f"Handed on from {place.user.name} to nobody"]
    assert change.by == river_specialist.name


# Leaving


@pytest.fixture
def everything(river, region_2, place, household, step, river_provider, river_specialist):
    """Somebody with one of each open: a step, a turn, a household, a barrier, a nomination."""
    now = timezone.now()
    make_step(household, place.agency, person=place, due_in=-2, is_critical=True, what="Overdue")
    make_step(household, place.agency, person=place, state="done", closed_at=now)
    meeting = make_meeting(river, region_2, starts_at=now + timedelta(days=9))
    make_roster(meeting, household)
    change_role(
        meeting, "note_taker", agency=place.agency, person=place, actor=river_specialist, now=now
    )
    nominate_participant(meeting, household, reason="Ill", actor=river_provider, now=now)
    make_barrier(river, owner=place, status="worked_on", words=f"No bus to {NAME}")
    return meeting


def test_a_place_with_open_things_does_not_end_without_answers(everything, place, river_lead):
    with pytest.raises(ValidationError, match="Say what becomes"):
        end_place(place, actor=river_lead, ended_on=place.joined_on)
    place.refresh_from_db()
    assert place.ended_on is None


def test_a_person_with_open_things_is_not_moved_without_answers(
    everything, place, river_administrator, river_other_agency
):
    with pytest.raises(ValidationError, match="Say what becomes"):
        move_person(
            place, actor=river_administrator, agency=river_other_agency, function="outreach"
        )


def test_a_role_at_a_call_that_runs_over_is_asked_about(
    river, region_2, river_provider, river_lead, place
):
    now = timezone.now()
    meeting = make_meeting(river, region_2, starts_at=now - timedelta(minutes=80))
    role = make_role(meeting, place.agency, person=place)
    Call.objects.create(meeting=meeting, began_at=meeting.starts_at, began_by=river_provider)
    with pytest.raises(ValidationError, match="Say what becomes"):
        end_place(place, actor=river_lead, ended_on=place.joined_on)
    answers = {("role", str(role.pk)): None}
    end_place(place, actor=river_lead, ended_on=place.joined_on, answers=answers)
    role.refresh_from_db()
    assert role.person is None


def test_barriers_that_nobody_takes_over_are_open_again_and_the_specialist_is_told(
    river, place, river_lead, river_specialist
):
    Participant.objects.filter(navigator=place).update(navigator=None)
    barrier = make_barrier(river, owner=place, status="worked_on")
    done = make_barrier(river, owner=place, status="resolved", words="No bus")
    merged = make_barrier(river, owner=place, words="Deposits", merged_into=barrier)
    with pytest.raises(ValidationError, match="Say what becomes"):
        end_place(place, actor=river_lead, ended_on=place.joined_on)
    answers = {("barrier", str(barrier.pk)): None}
    end_place(place, actor=river_lead, ended_on=place.joined_on, answers=answers)
    for each in (barrier, done, merged):
        each.refresh_from_db()
    assert (barrier.owner, barrier.status, barrier.changed_by) == (None, "open", river_lead)
    recorded = AuditEntry.objects.get(action="systemic_barrier.changed").detail
    assert recorded["status"] == ["worked_on", "open"]
    assert (done.owner, merged.owner) == (place, place)
    names, words = told()
    assert river_specialist.name in names
    assert "1 systemic barrier had an owner who has left" in words.replace("\n", " ")
    assert barrier.words not in words


def fields_of(page):
    form = page.context["open_things"]
    return [name for name in form.fields if name != "everything"]


@pytest.mark.parametrize("act", ["staff_end", "staff_move"])
def test_leaving_asks_for_each_thing_shows_the_answers_and_hands_on(
    act, everything, place, colleague, household, river_lead, river_administrator,
    river_other_agency, river_provider,
):  # fmt: skip
    url = reverse(f"agreements:{act}", args=[place.pk])
    client = signed_in(river_lead if act == "staff_end" else river_administrator)
    page = client.get(url)
    fields = fields_of(page)
    assert sorted(name.split("-")[0] for name in fields) == [
        "barrier",
        "household",
        "nomination",
        "role",
        "step",
        "step",
    ]
    assert (NAME in page.content.decode()) == (act == "staff_end")  # administrators see no names
    own = (
        {"ended_on": timezone.now().date().isoformat()}
        if act == "staff_end"
        else {"agency": str(river_other_agency.pk), "function": "outreach"}
    )
    if act == "staff_end":
        own = {"ended_on": page.context["form"]["ended_on"].value().isoformat()}

    missing = client.post(url, own)
    assert missing.status_code == 200
    assert set(missing.context["open_things"].errors) == set(fields)

    answers = own | {"everything": str(colleague.pk), fields[0]: "leave"}
    check = client.post(url, answers)
    assert "Check your answers" in check.content.decode()
    place.refresh_from_db()
    assert place.ended_on is None
    done = client.post(url, answers | {"step": "save"})

    assert done.status_code == 302
    place.refresh_from_db()
    assert place.ended_on is not None
    left = fields[0].partition("-")[2]
    steps = {str(each.pk): each for each in ActionItem.objects.open()}
    assert {key: each.follow_up_person for key, each in steps.items()} == {
        key: None if key == left else colleague for key in steps
    }
    assert len(steps) == 2
    role = everything.roles.get(role="note_taker")
    assert role.person == colleague
    assert colleague.user.has_perm("conferencing.take_notes_in_meeting", everything)
    assert not river_provider.has_perm("conferencing.take_notes_in_meeting", everything)
    assert Participant.objects.get(pk=household.pk).navigator == colleague
    assert Nomination.objects.get().by == colleague.user
    assert SystemicBarrier.objects.get().owner == colleague
    names, words = told()
    assert {"Cory Colleague", river_provider.name} <= set(names)
    assert "1 open step, 1 role at a call" in words.replace("\n", " ")
    assert NAME not in words
    assert not ActionItem.objects.open().filter(follow_up_person__ended_on__isnull=False).exists()


def test_leaving_with_nothing_open_takes_one_step(place, river_lead):
    Participant.objects.filter(navigator=place).update(navigator=None)
    client = signed_in(river_lead)
    url = reverse("agreements:staff_end", args=[place.pk])
    page = client.get(url)
    assert fields_of(page) == []
    day = page.context["form"]["ended_on"].value().isoformat()
    assert client.post(url, {"ended_on": day}).status_code == 302


def test_nothing_open_is_left_with_somebody_of_another_agency(
    everything, place, river_lead, river_other_provider
):
    other = StaffMember.objects.get(user=river_other_provider)
    client = signed_in(river_lead)
    url = reverse("agreements:staff_end", args=[place.pk])
    day = client.get(url).context["form"]["ended_on"].value().isoformat()
    page = client.post(url, {"ended_on": day, "everything": str(other.pk), "step": "save"})
    assert page.status_code == 200
    place.refresh_from_db()
    assert place.ended_on is None


# An agency whose access ends


@pytest.fixture
def other(river_other_provider):
    return StaffMember.objects.get(user=river_other_provider)


def ways_to_end(agency, client, administrator):
    """By which page an agency's access ends, and what is typed there."""
    paper = AgencyAgreement.objects.filter(agency=agency).current(agency_day(agency)).get()
    edit = reverse("agreements:agency_edit", args=[agency.pk])
    prove(client, administrator)
    form = client.get(edit).context["form"]
    typed = {
        "name": agency.name,
        "phone": agency.phone,
        "is_in_rotation": "on",
        "regions": [region.pk for region in agency.regions()],
        "revision": form["revision"].value(),
    }
    revoke = reverse("agreements:agreement_revoke", args=[paper.pk])
    return {"agency_edit": (edit, typed), "agreement_revoke": (revoke, {"reason": "They asked."})}


def agency_day(agency):
    return local_day(timezone.now(), agency.continuum.zone)


def has_access(agency):
    return Agency.objects.filter(pk=agency.pk).in_good_standing(agency_day(agency)).exists()


@pytest.mark.parametrize("act", ["agency_edit", "agreement_revoke"])
def test_an_agency_whose_access_ends_leaves_nothing_with_nobody_unasked(
    act, everything, place, household, other, river_administrator, river_provider
):
    agency, meeting = place.agency, everything
    make_step(household, agency, person=None, due_in=4, what="Nobody named")
    client = signed_in(river_administrator)
    url, own = ways_to_end(agency, client, river_administrator)[act]

    asked = client.post(url, own)
    fields = fields_of(asked)
    kinds = sorted(name.split("-")[0] for name in fields)
    assert kinds == ["barrier", "household", "nomination", "role", "step", "step", "step"]
    assert NAME not in asked.content.decode()
    assert has_access(agency)

    steps = [name for name in fields if name.startswith("step-")]
    answers = own | {"everything": str(other.pk), steps[0]: "leave"}
    check = client.post(url, answers)
    assert "Check your answers" in check.content.decode()
    assert has_access(agency)
    (sent,) = [each["fields"] for each in forms_of(check) if "step" in each["fields"]]
    done = client.post(url, sent | {"regions": own.get("regions", []), "step": "save"})

    assert done.status_code == 302
    assert not has_access(agency)
    left = steps[0].partition("-")[2]
    for step in ActionItem.objects.open():
        expected = (None, agency) if str(step.pk) == left else (other, other.agency)
        assert (step.follow_up_person, step.agency) == expected
    assert ActionItem.objects.open().count() == 3
    role = meeting.roles.get(role="note_taker")
    assert (role.person, role.agency) == (other, other.agency)
    assert not river_provider.has_perm("conferencing.take_notes_in_meeting", meeting)
    assert Participant.objects.get(pk=household.pk).navigator == other
    nomination = Nomination.objects.get()
    assert (nomination.by, nomination.agency) == (other.user, other.agency)
    assert SystemicBarrier.objects.get().owner == other
    names, words = told()
    assert other.user.name in names
    assert "2 open steps, 1 role at a call" in words.replace("\n", " ")
    assert NAME not in words
    agency.refresh_from_db()
    assert agency.is_active == (act == "agreement_revoke")


def test_an_agencys_access_does_not_end_without_answers(everything, place, river_administrator):
    agency = place.agency
    paper = AgencyAgreement.objects.filter(agency=agency).current(agency_day(agency)).get()
    regions, revision = agency.regions(), agency.revision
    with pytest.raises(ValidationError, match="Say what becomes"):
        change_agency(
            agency,
            actor=river_administrator,
            revision=revision,
            regions=regions,
            is_active=False,
        )
    with pytest.raises(ValidationError, match="Say what becomes"):
        revoke_agreement(paper, actor=river_administrator, reason="They asked.")
    assert has_access(agency)


def test_a_revoked_agreement_beside_another_asks_nothing(everything, place, river_administrator):
    agency = place.agency
    paper = AgencyAgreement.objects.filter(agency=agency).current(agency_day(agency)).get()
    make_agreement(agency)
    client = signed_in(river_administrator)
    url = reverse("agreements:agreement_revoke", args=[paper.pk])
    assert fields_of(client.get(url)) == []
    assert client.post(url, {"reason": "Signed twice."}).status_code == 302
    assert has_access(agency)
    assert ActionItem.objects.open().filter(follow_up_person=place).count() == 2


def test_a_victim_service_providers_things_go_to_no_other_agency(
    river_vsp_provider, region_2, other, river_administrator
):
    vsp = StaffMember.objects.get(user=river_vsp_provider)
    person = make_participant(vsp.agency, region_2, alias="Heron-77", navigator=vsp)
    step = make_step(person, vsp.agency, person=vsp, due_in=3)
    client = signed_in(river_administrator)
    url, own = ways_to_end(vsp.agency, client, river_administrator)["agency_edit"]
    asked = client.post(url, own)
    assert "Heron-77" not in asked.content.decode()
    for name in fields_of(asked):
        choices = [key for key, _words in asked.context["open_things"].fields[name].choices]
        assert choices == ["", "leave"]
    refused = own | {name: str(other.pk) for name in fields_of(asked)} | {"step": "save"}
    assert client.post(url, refused).status_code == 200
    with pytest.raises(ValidationError, match="another agency"):
        change_agency(
            vsp.agency,
            actor=river_administrator,
            revision=vsp.agency.revision,
            regions=vsp.agency.regions(),
            is_active=False,
            answers={
                ("step", str(step.pk)): other,
                ("household", str(person.pk)): other,
            },
        )
    assert has_access(vsp.agency)
    client.post(url, own | {"everything": "leave", "step": "save"})
    assert not has_access(vsp.agency)


@pytest.fixture
def two_nominations(
    river, region_2, river_agency, river_other_agency, household, river_provider,
    river_other_provider,
):  # fmt: skip
    """Of one household by two agencies for one call, the leaving agency's first."""
    now = timezone.now()
    call = make_meeting(river, region_2, starts_at=now + timedelta(days=9))
    reason = {"reason": "Loses the shelter bed Friday"}
    one = nominate_participant(call, household, **reason, actor=river_provider, now=now)
    two = nominate_participant(
        call, household, reason="Old matter", actor=river_other_provider, now=now
    )
    return one, two


def leave(agency, nomination, user, actor):
    receiver = StaffMember.objects.current().get(user=user)
    receivers = {str(nomination.pk): receiver}
    settle_agency_nominations(agency, receivers, actor, timezone.now())
    return Nomination.objects.get(withdrawn_at=None)


def test_an_agency_that_leaves_and_one_that_nominated_too_are_both_heard(
    two_nominations, river_agency, river_other_provider, river_specialist
):
    one, two = two_nominations
    answer_nominations(two.meeting, words="Next month", actor=river_specialist, now=timezone.now())
    stands = leave(river_agency, one, river_other_provider, river_specialist)
    assert (stands.pk, stands.by, stands.at) == (two.pk, river_other_provider, one.at)
    assert stands.reason == "Old matter; Loses the shelter bed Friday"
    assert (stands.answer, stands.answered_at is not None) == ("Next month", True)


def test_a_nomination_that_was_taken_back_comes_back_with_the_words_of_the_one_that_stands(
    two_nominations, river_agency, river_other_provider, river_specialist
):
    one, two = two_nominations
    answer_nominations(two.meeting, words="Next month", actor=river_specialist, now=timezone.now())
    Nomination.objects.filter(pk=one.pk).update(answered_at=None)
    withdraw_nomination(two, actor=river_other_provider, now=timezone.now())
    one.refresh_from_db()
    one.answer = None
    one.save()
    stands = leave(river_agency, one, river_other_provider, river_specialist)
    assert (stands.pk, stands.by, stands.at) == (two.pk, river_other_provider, one.at)
    assert stands.reason == "Loses the shelter bed Friday"
    assert (stands.answer, stands.answered_at) == (None, None)


def test_answer_nominations_without_words_keeps_an_answer_that_was_given(
    two_nominations, river_specialist
):
    one, _two = two_nominations
    first = timezone.now()
    answer_nominations(one.meeting, words="Next month", actor=river_specialist, now=first)
    answer_nominations(one.meeting, words=" ", actor=river_specialist, now=timezone.now())
    for each in Nomination.objects.all():
        assert (each.answer, each.answered_at) == ("Next month", first)
    answer_nominations(one.meeting, words="This one", actor=river_specialist, now=timezone.now())
    assert {each.answer for each in Nomination.objects.all()} == {"This one"}
