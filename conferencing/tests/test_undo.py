"""What was removed or reordered is taken back during the sign-in, and nothing of anybody else's."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import undo
from accounts.models import UndoOffer
from conferencing.models import Nomination, RosterEntry
from conferencing.roster import acts as roster
from conferencing.tests.factories import make_meeting, make_roster
from conferencing.tests.pages import hidden, text_of
from participants.models import SavedView
from participants.services.saved_views import add_saved_view
from participants.tests.factories import make_participant
from regions.closed_days import ClosedDay, Kind
from regions.models import County, Region, ReviewCriterion
from regions.review_criteria import criteria_of
from regions.tests.factories import make_criteria, make_region

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(river, region_2):
    return make_meeting(river, region_2)


@pytest.fixture
def entries(call, river_agency, region_2):
    people = [make_participant(river_agency, region_2) for _ in range(4)]
    found = make_roster(call, *people)
    RosterEntry.objects.filter(pk=found[1].pk).update(source=RosterEntry.Source.ADDED)
    found[1].refresh_from_db()
    found[1].added_because = "Asked for by the shelter"
    found[1].save()
    return found


def on_it(call):
    """The roster as it is told: who, in which order, and why."""
    return [
        (entry.pk, entry.participant_id, entry.source, entry.reasons, entry.added_because)
        for entry in call.roster.order_by("position")
    ]


def press_undo(client, page):
    """Press the page's button; return the page that it leads to."""
    offered = client.get(page).context["undo_offered"]()
    return client.post(reverse("accounts:undo_act", args=[offered.pk]), follow=True)


def remove(client, call, entry):
    client.post(reverse("conferencing:roster_remove", args=[call.pk, entry.pk]))


def move(client, call, entry, to):
    address = reverse("conferencing:roster_move", args=[call.pk, entry.pk])
    return client.post(address, {"to": to, "by": "down"})


def apply_again(client, call):
    address = reverse("conferencing:roster_propose", args=[call.pk])
    return client.post(address, {"seen": hidden(client.get(address), "seen")})


def test_every_act_on_a_roster_is_undone_one_after_the_other(
    client, call, entries, river_specialist, region_2
):
    make_criteria(region_2, ReviewCriterion.Kind.LONGEST)
    client.force_login(river_specialist)
    page = reverse("conferencing:roster_detail", args=[call.pk])
    states = [on_it(call)]
    for act in (
        lambda: remove(client, call, entries[1]),
        lambda: move(client, call, entries[3], 1),
        lambda: apply_again(client, call),
        lambda: move(client, call, call.roster.last(), 1),
    ):
        act()
        if on_it(call) != states[-1]:
            states.append(on_it(call))
    assert len(states) >= 4
    for state in reversed(states[:-1]):
        assert "Undone:" in text_of(press_undo(client, page))
        assert on_it(call) == state
    assert "cc-undo" not in client.get(page).content.decode()


def test_undo_refuses_what_was_changed_since(client, call, entries, river_specialist):
    client.force_login(river_specialist)
    page = reverse("conferencing:roster_detail", args=[call.pk])
    remove(client, call, entries[0])
    roster.move_on_roster(entries[3], to=1, actor=river_specialist, now=timezone.now())
    after = on_it(call)
    assert undo.CHANGED_SINCE in text_of(press_undo(client, page))
    assert on_it(call) == after
    assert not UndoOffer.objects.exists()


def test_undo_is_offered_on_its_own_page_to_its_own_sign_in(
    client, call, entries, river_specialist, river_provider
):
    client.force_login(river_specialist)
    remove(client, call, entries[0])
    (row,) = UndoOffer.objects.all()
    assert "cc-undo" not in client.get(reverse("conferencing:home")).content.decode()
    address = reverse("accounts:undo_act", args=[row.pk])
    client.logout()
    client.force_login(river_specialist)
    assert client.post(address).status_code == 404
    client.force_login(river_provider)
    assert client.post(address).status_code == 404
    undo.clear(row.made_at + timedelta(hours=11))
    assert UndoOffer.objects.exists()
    undo.clear(row.made_at + timedelta(hours=13))
    assert not UndoOffer.objects.exists()


def test_undo_asks_anew_who_may(client, call, entries, river_specialist):
    client.force_login(river_specialist)
    remove(client, call, entries[0])
    (row,) = UndoOffer.objects.all()
    river_specialist.membership.is_specialist = False
    river_specialist.membership.save()
    assert client.post(reverse("accounts:undo_act", args=[row.pk])).status_code == 403
    assert call.roster.count() == 3


def test_apply_again_says_first_who_is_added_and_who_goes(
    client, call, entries, river_specialist, river_agency, region_2
):
    client.force_login(river_specialist)
    call.roster.filter(pk=entries[3].pk).delete()
    address = reverse("conferencing:roster_propose", args=[call.pk])
    before = on_it(call)
    words = text_of(client.get(address))
    for entry in (entries[0], entries[2]):
        assert entry.participant.alias in words
    assert "Removed" in words
    client.post(address)
    assert on_it(call) == before
    answer = client.post(address, {"seen": "something else"})
    assert "Something changed meanwhile" in text_of(answer)
    assert on_it(call) == before
    apply_again(client, call)
    assert on_it(call)[0][0] == entries[1].pk


def test_moving_keeps_the_focus_on_what_was_pressed(client, call, entries, river_specialist):
    client.force_login(river_specialist)
    answer = move(client, call, entries[0], 2)
    html = client.get(answer["Location"]).content.decode()
    assert html.count(" autofocus") == 1
    down = html[html.index(" autofocus") - 160 : html.index(" autofocus") + 20]
    assert 'value="3"' in down
    assert f">Down {entries[0].participant.alias}<" in html[html.index(" autofocus") :][:120]
    # At the end the button can no longer be pressed: the field of its number has the focus.
    html = client.get(move(client, call, entries[0], 4)["Location"]).content.decode()
    assert html.count(" autofocus") == 1
    assert f'id="to-{entries[0].pk}"' in html[html.index(" autofocus") - 200 :][:200]
    page = reverse("conferencing:roster_move", args=[call.pk, entries[0].pk])
    client.post(page, {"to": 1, "by": "number"})
    assert call.roster.get(pk=entries[0].pk).position == 1


def test_order_of_regions_counties_and_criteria_are_undone(client, river, river_specialist):
    first, second = (
        make_region(river, name="A", position=1),
        make_region(river, name="B", position=2),
    )
    make_criteria(first, ReviewCriterion.Kind.LONGEST)
    client.force_login(river_specialist)
    regions = reverse("regions:region_list")
    client.post(reverse("regions:region_move", args=[second.pk]), {"direction": "up"})
    assert list(Region.objects.filter(continuum=river)) == [second, first]
    press_undo(client, regions)
    assert list(Region.objects.filter(continuum=river)) == [first, second]
    county = County.objects.create(region=first, name="Rice-to-be")
    client.post(reverse("regions:county_remove", args=[county.pk]))
    assert not County.objects.filter(name="Rice-to-be").exists()
    press_undo(client, first.get_absolute_url())
    assert County.objects.get(name="Rice-to-be").region == first
    before = [(each.kind, each.is_used, each.number) for each in criteria_of(first)]
    address = reverse("regions:criteria_edit", args=[first.pk])
    kinds = [kind for kind, _used, _number in reversed(before)]
    form = {"seen": hidden(client.get(address), "seen"), "order": kinds, "used_youth": "on"}
    client.post(address, form)
    assert [(each.kind, each.is_used) for each in criteria_of(first) if each.is_used] == [
        ("youth", True)
    ]
    press_undo(client, first.get_absolute_url())
    assert [(each.kind, each.is_used, each.number) for each in criteria_of(first)] == before


def test_a_removed_closed_day_view_and_nomination_are_undone(
    client, river, call, river_agency, region_2, river_specialist, river_provider
):
    day = ClosedDay("Day after", Kind.HOLIDAY, holiday="Thanksgiving Day", offset=1)
    river.closed_days = [day.as_data()]
    river.save()
    client.force_login(river_specialist)
    days = reverse("conferencing:closed_day_list")
    key = client.get(days).context["days"][0].key
    remove_address = reverse("conferencing:closed_day_remove", args=[key])
    client.post(remove_address, {"seen": hidden(client.get(remove_address), "seen")})
    river.refresh_from_db()
    assert river.closed_days == []
    press_undo(client, days)
    river.refresh_from_db()
    assert river.closed_days == [day.as_data()]
    now = timezone.now()
    client.force_login(river_provider)
    view = add_saved_view(river, name="Mine", query={"q": ""}, actor=river_provider, now=now)
    client.post(reverse("participants:saved_view_remove", args=[view.pk]))
    assert not SavedView.objects.exists()
    press_undo(client, reverse("participants:participant_list"))
    assert SavedView.objects.get().name == "Mine"
    household = make_participant(river_agency, region_2)
    nomination = Nomination.objects.create(
        meeting=call,
        participant=household,
        agency=river_agency,
        by=river_provider,
        reason="Sleeps outside",
        at=now,
    )
    client.post(reverse("conferencing:roster_withdraw", args=[call.pk, nomination.pk]))
    nomination.refresh_from_db()
    assert nomination.withdrawn_at
    press_undo(client, reverse("conferencing:roster_nominate", args=[call.pk]))
    nomination.refresh_from_db()
    assert nomination.withdrawn_at is None


def test_settling_without_a_nominated_household_asks_first_and_answers(
    client, call, entries, river_agency, region_2, river_specialist, river_provider
):
    nomination = Nomination.objects.create(
        meeting=call,
        participant=make_participant(river_agency, region_2),
        agency=river_agency,
        by=river_provider,
        reason="Sleeps outside",
        at=timezone.now(),
    )
    client.force_login(river_specialist)
    settle = reverse("conferencing:roster_settle", args=[call.pk])
    assert "1 nomination is not on the roster, by Bridge Housing." in text_of(client.post(settle))
    call.refresh_from_db()
    assert call.roster_settled_at is None
    answer = client.post(settle, {"answer": "First next month."}, follow=True)
    assert "The roster is settled. List goes out" in text_of(answer)
    call.refresh_from_db()
    assert call.roster_settled_at
    client.force_login(river_provider)
    assert "1 nomination is not on the roster" in text_of(client.get("/"))
    page = reverse("conferencing:roster_nominate", args=[call.pk])
    assert "Not on the roster for this call. First next month." in text_of(client.get(page))
    nomination.refresh_from_db()
    assert nomination.answered_at
