"""Referrals: every state, who gets the last unit, what a decline and a move-in bring about."""

from datetime import datetime, time, timedelta
from threading import Barrier, Thread
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agreements.models import StaffMember
from housing import openings
from housing.models import HousingAnswers, Opening, Referral
from housing.programs import close_program
from housing.referrals import acts
from housing.referrals.catalog import DEFAULTS, HUD_RESULT, reasons_of
from housing.referrals.mail import ask_for_late, prepare_late
from housing.referrals.pages import overdue_for, to_look_at
from outbox.kinds import Withheld
from outbox.models import Message
from participants.merges.acts import undo_merge
from participants.tests.factories import make_merge, make_participant, make_release
from regions.holidays import offices_of
from regions.tests.factories import today_in

from .factories import make_answers, make_opening, make_program, make_referral

pytestmark = pytest.mark.django_db
State = Referral.State


@pytest.fixture
def place(river_provider):
    return StaffMember.objects.get(user=river_provider)


@pytest.fixture
def opening(river_agency, river_provider, region_2):
    program = make_program(river_agency, counties=[region_2.counties.first()])
    return make_opening(program, river_provider)


def household(agency, region, **values):
    return make_participant(agency, region, **values)


def refer(opening, person, place, **more):
    return acts.propose(
        opening, person, follow_up=place, actor=place.user, now=timezone.now(), **more
    )


def do(act, referral, actor, **values):
    act(referral, actor=actor, now=timezone.now(), **values)
    referral.refresh_from_db()
    return referral


def reason(continuum, side):
    return reasons_of(continuum, side)[0]


def test_a_whole_way_ends_with_the_household_housed_and_its_other_referrals_over(
    opening, river_agency, river_provider, region_2, place
):
    person = household(river_agency, region_2)
    other = make_opening(opening.program, river_provider)
    beside = refer(other, person, place)
    one = refer(opening, person, place)
    for act, state in (
        (acts.accept, "accepted"),
        (acts.acknowledge, "acknowledged"),
        (acts.enroll, "enrolled"),
    ):
        assert do(act, one, river_provider).state == state
        assert one.due_on > today_in()
    do(acts.move_in, one, river_provider, happened_on=today_in())
    beside.refresh_from_db()
    opening.refresh_from_db()
    person.place.refresh_from_db()
    assert (one.state, beside.state) == ("moved_in", "withdrawn")
    assert (opening.filled, opening.state(today_in())) == (1, "filled")
    assert person.place.status == "housed"
    assert [each.what for each in one.notes.all()] == [
        "Proposed",
        "Accepted by the household",
        "Acknowledged by the program",
        "Enrolled",
        "Moved in",
    ]


def test_an_act_that_does_not_fit_the_state_changes_nothing(
    opening, river_agency, river_provider, region_2, place
):
    person = household(river_agency, region_2)
    one = refer(opening, person, place)
    wrong = [acts.acknowledge, acts.enroll]
    for act in wrong:
        with pytest.raises(ValidationError, match="“Proposed” by now"):
            do(act, one, river_provider)
    with pytest.raises(ValidationError):
        do(acts.move_in, one, river_provider, happened_on=today_in())
    one.refresh_from_db()
    assert one.state == "proposed"
    assert one.notes.count() == 1


def test_a_press_that_comes_twice_refers_once(opening, river_agency, region_2, place):
    person = household(river_agency, region_2)
    assert refer(opening, person, place) == refer(opening, person, place)
    assert Referral.objects.count() == 1


def test_a_household_may_have_several_proposals_but_a_unit_is_held_once(
    opening, river_agency, river_provider, region_2, place
):
    first, second = household(river_agency, region_2), household(river_agency, region_2)
    one, two = refer(opening, first, place), refer(opening, second, place)
    do(acts.accept, one, river_provider)
    with pytest.raises(ValidationError, match=f"by {river_provider.name}"):
        do(acts.accept, two, river_provider)
    with pytest.raises(ValidationError, match="No unit is left"):
        refer(opening, household(river_agency, region_2), place)
    do(acts.withdraw, one, river_provider)
    assert do(acts.accept, two, river_provider).state == "accepted"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_the_last_unit_in_the_same_second_one_gets_it(
    opening, river_agency, river_provider, region_2, place
):
    both = [refer(opening, household(river_agency, region_2), place) for _n in range(2)]
    start, said = Barrier(2), []

    def take(referral):
        start.wait()
        try:
            acts.accept(referral, actor=river_provider, now=timezone.now())
        except ValidationError as error:
            said.append(error.messages[0])
        finally:
            connection.close()

    threads = [Thread(target=take, args=[each]) for each in both]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    states = sorted(Referral.objects.values_list("state", flat=True))
    assert states == ["accepted", "proposed"]
    assert len(said) == 1
    assert river_provider.name in said[0]


@pytest.mark.parametrize("what", ["closed", "withdrawn", "held"])
def test_what_is_not_on_offer_takes_nobody(
    what, opening, river_agency, river_provider, region_2, place
):
    now = timezone.now()
    if what == "closed":
        close_program(opening.program, actor=river_provider, now=now)
    elif what == "held":
        openings.hold_opening(opening, until=today_in(), actor=river_provider, now=now)
    else:
        openings.withdraw_opening(opening, actor=river_provider, now=now)
    with pytest.raises(ValidationError, match=what):
        refer(opening, household(river_agency, region_2), place)


def test_who_is_off_the_list_is_not_referred(opening, river_agency, region_2, place):
    person = household(river_agency, region_2)
    person.place.status = "inactive"
    person.place.save()
    with pytest.raises(ValidationError, match="not on the by-name list"):
        refer(opening, person, place)


def test_a_decline_names_a_reason_of_its_side_and_moves_nobody_on_the_list(
    opening, river, river_agency, river_provider, region_2, place
):
    person = household(river_agency, region_2)
    one = refer(opening, person, place)
    before = (person.place.status, person.place.listed_on)
    with pytest.raises(ValidationError):
        do(
            acts.decline,
            one,
            river_provider,
            by_program=False,
            reason=reason(river, "program"),
        )
    do(acts.decline, one, river_provider, by_program=False, reason=reason(river, "household"))
    person.place.refresh_from_db()
    assert one.state == "household_declined"
    assert (person.place.status, person.place.listed_on) == before
    assert HUD_RESULT[one.reason.side] == 2


def declined(opening, person, place, river, actor):
    one = do(acts.accept, refer(opening, person, place), actor)
    return do(acts.decline, one, actor, by_program=True, reason=reason(river, "program"))


def test_the_specialist_sends_a_decline_back_once_then_agrees_or_overrides(
    opening, river, river_agency, river_provider, river_specialist, region_2, place
):
    one = declined(opening, household(river_agency, region_2), place, river, river_provider)
    assert to_look_at(river) == [one]
    with pytest.raises(ValidationError, match="Say why"):
        do(acts.rule, one, river_specialist, ruling="sent_back")
    do(acts.rule, one, river_specialist, ruling="sent_back", words="Ask the funder.")
    assert (one.state, to_look_at(river)) == ("acknowledged", [])
    do(acts.decline, one, river_provider, by_program=True, reason=reason(river, "program"))
    with pytest.raises(ValidationError, match="sent back once"):
        do(acts.rule, one, river_specialist, ruling="sent_back", words="Again.")
    do(acts.rule, one, river_specialist, ruling="overridden", words="The rule does not say so.")
    assert one.state == "acknowledged"


def test_an_appeal_is_made_in_time_once_and_won_goes_first(
    opening, river, river_agency, river_provider, river_specialist, region_2, place
):
    one = declined(opening, household(river_agency, region_2), place, river, river_provider)
    with pytest.raises(ValidationError, match="after the CE Specialist agreed"):
        do(acts.appeal, one, river_provider, words="No.")
    do(acts.rule, one, river_specialist, ruling="agreed")
    with pytest.raises(ValidationError, match="days to appeal ended"):
        acts.appeal(
            one, actor=river_provider, now=timezone.now() + timedelta(days=20), words="Late."
        )
    do(acts.appeal, one, river_provider, words="They have the papers now.")
    assert to_look_at(river) == [one]
    do(acts.decide_appeal, one, river_specialist, is_won=True)
    assert (one.appeal, to_look_at(river)) == ("won", [])


def test_the_catalog_comes_along_once_and_each_reason_has_a_side(river):
    found = reasons_of(river)
    assert len(found) == sum(map(len, DEFAULTS.values()))
    assert [each.pk for each in reasons_of(river)] == [each.pk for each in found]
    assert {HUD_RESULT[each.side] for each in found} == {2, 3, None}


def test_a_wait_that_is_over_asks_the_person_then_the_agency_then_the_specialist(
    opening, river, river_agency, region_2, place
):
    on = today_in()
    one = make_referral(
        opening, household(river_agency, region_2), place, due_on=on - timedelta(days=1)
    )
    assert overdue_for(place, river, on) == ([one], [])
    assert overdue_for(None, river, on) == ([], [])
    assert overdue_for(None, river, on + timedelta(days=3)) == ([], [one])


def test_a_program_reads_the_alias_unless_a_release_covers_it(
    client, river, river_provider, river_other_provider, region_2
):
    """The agency of the program, which keeps nothing of the household."""
    ours = StaffMember.objects.get(user=river_provider)
    theirs = StaffMember.objects.get(user=river_other_provider)
    program = make_program(theirs.agency, counties=[region_2.counties.first()])
    opening = make_opening(program, river_other_provider)
    person = household(ours.agency, region_2, name="Ana Example")
    one = make_referral(opening, person, ours, words="Ana Example wants to see it first")
    client.force_login(river_other_provider)
    url = reverse("housing:referral_detail", args=[one.pk])
    page = client.get(url).content.decode()
    assert "Ana Example" not in page
    assert person.alias in page
    make_release(person)
    assert "Ana Example" in client.get(url).content.decode()


def test_pages_lead_from_a_proposal_to_the_move_in(
    client, opening, river_agency, river_provider, region_2, place
):
    person = household(river_agency, region_2)
    client.force_login(river_provider)
    client.post(
        reverse("housing:referral_add", args=[person.pk, opening.pk]), {"follow_up": place.pk}
    )
    one = Referral.objects.get()
    for act in ("accept", "acknowledge", "enroll"):
        client.post(reverse(f"housing:referral_{act}", args=[one.pk]))
    client.post(
        reverse("housing:referral_move_in", args=[one.pk]),
        {"happened_on": f"{today_in():%Y-%m-%d}", "words": ""},
    )
    one.refresh_from_db()
    assert one.state == "moved_in"
    assert Opening.objects.get().filled == 1
    listed = client.get(reverse("housing:referral_list"), {"shown": "ended"})
    assert reverse("housing:referral_detail", args=[one.pk]) in listed.content.decode()


@pytest.mark.parametrize("count", [1, 30])
def test_the_list_of_referrals_asks_the_database_the_same(
    client, opening, river_agency, river_provider, region_2, place, count
):
    for _n in range(count):
        make_referral(opening, household(river_agency, region_2), place)
    client.force_login(river_provider)
    url = reverse("housing:referral_list")
    client.get(url)
    with CaptureQueriesContext(connection) as found:
        assert client.get(url).status_code == 200
    assert len(found) == QUERIES


QUERIES = 18


def test_late_answers_are_asked_for_by_mail_once_rung_by_rung_naming_nobody(
    opening, river, river_agency, river_specialist, region_2, place
):
    on = today_in()
    person = household(river_agency, region_2, name="Ana Example")
    make_referral(opening, person, place, due_on=on - timedelta(days=1))
    noon = datetime.combine(on, time(12), ZoneInfo(river.zone))
    for days, asked in [(0, {place.user}), (1, {place.user}), (4, {place.user, river_specialist})]:
        now = noon + timedelta(days=days)
        ask_for_late(now)
        ask_for_late(now)
        mails = Message.objects.filter(kind="referrals-late")
        assert {each.user for each in mails} == asked
        assert mails.count() == len(asked)
    for mail in Message.objects.filter(kind="referrals-late"):
        made = prepare_late(mail, noon + timedelta(days=4))
        assert "1 referral of River Valleys CoC waits" in made.text
        assert "Ana Example" not in made.text + made.html
        assert person.alias not in made.text + made.html


def test_a_mail_about_what_was_answered_meanwhile_is_withheld(
    opening, river, river_agency, river_provider, region_2, place
):
    on = today_in()
    one = make_referral(
        opening, household(river_agency, region_2), place, due_on=on - timedelta(days=1)
    )
    noon = datetime.combine(on, time(12), ZoneInfo(river.zone))
    ask_for_late(noon)
    do(acts.accept, one, river_provider)
    with pytest.raises(Withheld, match="Nothing is late"):
        prepare_late(Message.objects.get(kind="referrals-late"), noon)


def test_an_opening_whose_units_are_held_by_referrals_is_held_and_not_on_offer(
    opening, river_agency, river_provider, region_2, place
):
    one = refer(opening, household(river_agency, region_2), place)
    assert list(Opening.objects.on_offer(today_in())) == [opening]
    do(acts.accept, one, river_provider)
    assert list(Opening.objects.on_offer(today_in())) == []
    assert Opening.objects.with_held().get().state(today_in()) == "held"
    do(acts.withdraw, one, river_provider)
    assert Opening.objects.with_held().get().state(today_in()) == "open"


def test_waits_and_reasons_are_the_continuums_own(
    client, opening, river, river_agency, river_specialist, region_2, place
):
    client.force_login(river_specialist)
    days = dict.fromkeys(
        ("household_days", "acknowledge_days", "decide_days", "move_in_days", "appeal_days"), "1"
    )
    client.post(reverse("housing:referral_waits"), days)
    one = refer(opening, household(river_agency, region_2), place)
    assert one.due_on == offices_of(river.closed_days).working_day_after(today_in())
    url = reverse("housing:reason_list")
    client.post(url, {"words": "The stairs are too steep", "side": "household"})
    added = reasons_of(river, "household")[-1]
    assert added.words == "The stairs are too steep"
    again = client.post(url, {"words": "the stairs are too steep", "side": "program"})
    assert "in the catalog already" in again.content.decode()
    client.post(reverse("housing:reason_use", args=[added.pk]))
    assert added not in reasons_of(river, "household")


def test_of_two_records_that_are_joined_answers_and_referrals_stand_and_come_apart_again(
    opening, river, river_agency, river_provider, river_specialist, region_2, place
):
    kept, former = (household(river_agency, region_2) for _n in range(2))
    make_answers(kept, pets="none")
    make_answers(former, pets="pets", income=700)
    one = refer(opening, former, place)
    merge = make_merge(kept, former, by=river_specialist)
    kept.refresh_from_db()
    assert kept.housing_answers.given == {"pets": "none", "income": 700}
    assert list(kept.referrals.all()) == [one]
    undo_merge(merge, why="Two people", actor=river_specialist, now=timezone.now())
    assert HousingAnswers.objects.get(participant=kept.pk).given == {"pets": "none"}
    assert HousingAnswers.objects.get(participant=former.pk).given["pets"] == "pets"
    assert Referral.objects.get().participant_id == former.pk


def test_a_victim_service_providers_household_is_referred_by_its_own_staff_alone(
    client, opening, river_provider, river_vsp_provider, river_specialist, region_2
):
    own = StaffMember.objects.get(user=river_vsp_provider)
    person = make_participant(own.agency, region_2)
    url = reverse("housing:referral_add", args=[person.pk, opening.pk])
    for user in (river_provider, river_specialist):
        client.force_login(user)
        assert client.post(url, {"follow_up": own.pk}).status_code == 403
    client.force_login(river_vsp_provider)
    client.post(url, {"follow_up": own.pk})
    one = Referral.objects.get()
    client.force_login(river_specialist)
    for act in ("accept", "household_decline", "appeal"):
        answer = client.post(reverse(f"housing:referral_{act}", args=[one.pk]), {"words": "Yes"})
        assert answer.status_code == 403
    one.refresh_from_db()
    assert one.state == "proposed"


def test_where_a_victim_service_providers_household_goes_is_told_to_few(
    client,
    opening,
    river_provider,
    river_other_provider,
    river_vsp_provider,
    river_specialist,
    region_2,
):
    """The program is Bridge Housing's; Cedar Outreach sees the household, and no referral of it."""
    own = StaffMember.objects.get(user=river_vsp_provider)
    person = make_participant(own.agency, region_2)
    one = make_referral(opening, person, own)
    url = reverse("housing:referral_detail", args=[one.pk])
    household_url = reverse("housing:household_openings", args=[person.pk])
    told = {}
    for user in (river_provider, river_other_provider, river_vsp_provider, river_specialist):
        client.force_login(user)
        page = client.get(household_url).content.decode()
        told[user] = (client.get(url).status_code, "Referred (1)" in page)
    assert told == {
        river_provider: (200, True),
        river_other_provider: (404, False),
        river_vsp_provider: (200, True),
        river_specialist: (200, True),
    }
