"""Every act that removes or reorders can be undone, or says here what its way back is."""

import re
from datetime import time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import undo
from accounts.models import UndoOffer
from agreements.models import AgreementForm
from agreements.tests.factories import make_form
from conferencing.models import Meeting
from conferencing.schedule.years import plan_year
from conferencing.tests.factories import make_guest, make_meeting, make_roster
from conferencing.tests.pages import hidden, text_of
from conferencing.tests.test_undo import press_undo
from conferencing.tests.test_walk import ROWS
from conferencing.tests.world import prove
from outbox.models import Message
from participants.models import DuplicatePair, SavedView
from participants.services.saved_views import add_saved_view
from participants.tests.factories import make_contact, make_pair, make_participant
from regions.models import CallingRule
from regions.tests.factories import make_rule, today_in

pytestmark = pytest.mark.django_db
YEAR = today_in().year + 1

# What the names of such acts hold.
TAKES_AWAY = re.compile(
    r"remove|withdraw|_move|order|revoke|discard|dismiss|put_off|_end$|cancel|hold|propose$|merge"
    r"|_close$|nothing_to_discuss_pull_back|call_nothing|deactivate|correct|carry_over|replace|unsettle|deidentify|rule_edit|criteria"
)
UNDONE = {
    "agreements:form_discard": "agreement-draft",
    "conferencing:call_nothing_to_discuss": "nothing-confirmed",
    "conferencing:call_order": "agenda",
    "conferencing:closed_day_remove": "closed-day",
    "conferencing:coc_wide_rule_edit": "calling-rule",
    "conferencing:coc_wide_rule_remove": "calling-rule",
    "conferencing:county_move": "county-moved",
    "conferencing:guest_withdraw": "guest-withdrawn",
    "conferencing:nothing_to_discuss_pull_back": "nothing-pulled-back",
    "conferencing:roster_move": "roster",
    "conferencing:roster_move_on": "roster-moved-on",
    "conferencing:roster_propose": "roster",
    "conferencing:roster_remove": "roster",
    "conferencing:roster_withdraw": "nomination",
    "conferencing:rule_edit": "calling-rule",
    "conferencing:rule_remove": "calling-rule",
    "conferencing:step_remove": "call_step",
    "housing:opening_hold": "opening-settled",
    "housing:opening_withdraw": "opening-settled",
    "participants:contact_remove": "contact-removed",
    "participants:duplicate_dismiss": "duplicate-decision",
    "participants:duplicate_put_off": "duplicate-decision",
    "participants:member_remove": "member-removed",
    "participants:saved_view_remove": "saved-view",
    "regions:county_remove": "county",
    "regions:criteria_edit": "review-criteria",
    "regions:region_move": "regions-order",
}
RIGHTS = "a decision about rights that is signed or stands: it is given anew, not undone"
ACCESS = "lets nobody in by one press: the person is invited anew, with fresh proof of identity"
OWN = "its own account, with fresh proof of identity"
OTHERWISE = {
    "accounts:held_form_discard": "words that wait for their writer alone, who says so",
    "agreements:agreement_revoke": RIGHTS,
    "agreements:staff_end": ACCESS,
    "agreements:staff_move": ACCESS,
    "agreements:statement_revoke": RIGHTS,
    "agreements:team_end": ACCESS,
    "conferencing:call_carry_over": "opened again by its button",
    "conferencing:call_close": "said before; minutes are frozen, and added to",
    "conferencing:clash_move": "each call is moved back on its page; people were told",
    "conferencing:feed_revoke": "a secret address: a new one is made",
    "conferencing:list_correct": "a list that is out stays out; it is corrected again",
    "conferencing:list_hold": "taken off hold",
    "conferencing:meeting_cancel": "restored on its page",
    "conferencing:meeting_move": "moved back on its page; people were told",
    "conferencing:roster_unsettle": "settled again",
    "conferencing:swap_propose": "withdrawn",
    "conferencing:swap_withdraw": "asked again",
    "conferencing:systemic_barrier_merge": "parted again by its button, at any time",
    "conferencing:systemic_barrier_unmerge": "counted together again",
    "housing:policy_discard": "a draft that nobody approved: drafted again from the last version",
    "housing:program_close": "reopened by its button",
    "housing:referral_household_decline": "referred again; a decline stays in its story",
    "housing:referral_move_in": "the move off the list is corrected on the household’s page",
    "housing:referral_withdraw": "referred again",
    "imports:import_discard": "nothing was changed yet; the file is uploaded again",
    "mfa_deactivate_totp": OWN,
    "mfa_remove_webauthn": OWN,
    "participants:deidentify": "the law’s; said before that it cannot be taken back",
    "participants:household_join": "undone on its page while neither was moved since",
    "participants:household_split": "undone on its page while nobody worked with the new one",
    "participants:household_undo": "recorded again",
    "participants:merge_undo": "joined again",
    "participants:place_correct": "corrected again; the mistake stays in the history",
    "participants:release_revoke": RIGHTS,
    "participants:round_close": "each household is put back on its page; said before",
    "participants:sheet_replace": "said before household by household; the sheet is sent again",
}


def test_every_act_that_removes_or_reorders_is_undone_or_says_its_way_back():
    acts = {
        address
        for address, (method, _answers) in ROWS.items()
        if method != "GET" and TAKES_AWAY.search(address.partition(":")[2] or address)
    }
    assert acts - set(UNDONE) - set(OTHERWISE) == set()
    assert set(UNDONE) | set(OTHERWISE) <= acts
    assert set(UNDONE) & set(OTHERWISE) == set()
    assert set(UNDONE.values()) == undo.kinds()


@pytest.mark.parametrize("has_region", [True, False])
def test_a_removed_or_changed_calling_rule_comes_back_with_its_calls(
    client, river, region_2, river_specialist, has_region
):
    region = region_2 if has_region else None
    make_rule(river, region, starts=time(9, 30))
    for year in (YEAR - 1, YEAR):
        plan_year(river, year, actor=None, with_past=False)
    before = list(Meeting.objects.planned().values_list("slot", "starts_at", "ends_at"))
    rule = CallingRule.objects.values("week", "weekday", "months", "starts", "minutes").get()
    client.force_login(river_specialist)
    names = (
        ("rule_edit", "rule_remove") if region else ("coc_wide_rule_edit", "coc_wide_rule_remove")
    )
    edit, remove = (
        reverse(f"conferencing:{name}", args=[region.pk] if region else []) for name in names
    )
    page = region.get_absolute_url() if region else reverse("regions:region_list")
    form = {"week": 3, "weekday": 2, "starts": "14:00", "minutes": 90, "months": [1, 2, 3]}
    seen = hidden(client.post(edit, form | {"step": "look"}), "seen")
    client.post(edit, form | {"step": "save", "seen": seen})
    changed = CallingRule.objects.get()
    assert changed.starts == time(14, 0)
    client.post(remove, {"seen": hidden(client.get(remove), "seen")})
    assert not CallingRule.objects.exists()
    press_undo(client, page)
    assert CallingRule.objects.get().starts == time(14, 0)
    assert "Undone:" in text_of(press_undo(client, page))
    assert CallingRule.objects.values(*rule).get() == rule
    after = list(Meeting.objects.planned().values_list("slot", "starts_at", "ends_at"))
    assert sorted(after) == sorted(before)


def test_a_rule_that_was_changed_since_stays(client, river, region_2, river_specialist):
    make_rule(river, region_2)
    client.force_login(river_specialist)
    remove = reverse("conferencing:rule_remove", args=[region_2.pk])
    client.post(remove, {"seen": hidden(client.get(remove), "seen")})
    make_rule(river, region_2, week=1)
    assert undo.CHANGED_SINCE in text_of(press_undo(client, region_2.get_absolute_url()))
    assert CallingRule.objects.get().week == 1


def test_a_moved_county_goes_back_with_its_participants(
    client, river_agency, region_1, region_2, river_specialist
):
    other = region_1
    household = make_participant(river_agency, region_2)
    county = household.county
    client.force_login(river_specialist)
    client.post(reverse("conferencing:county_move", args=[county.pk]), {"region": other.pk})
    household.refresh_from_db()
    assert household.region == other
    press_undo(client, other.get_absolute_url())
    household.refresh_from_db()
    county.refresh_from_db()
    assert (household.region, county.region) == (region_2, region_2)


def test_a_withdrawn_guest_is_let_in_again_after_fresh_proof(
    client, river, river_agency, region_2, river_specialist
):
    call = make_meeting(river, region_2)
    household = make_participant(river_agency, region_2)
    make_roster(call, household)
    guest = make_guest(call, household, by=river_specialist)
    client.force_login(river_specialist)
    page = reverse("conferencing:guest_list", args=[call.pk])
    client.post(reverse("conferencing:guest_withdraw", args=[call.pk, guest.pk]))
    guest.user.refresh_from_db()
    assert not guest.user.is_active
    (row,) = UndoOffer.objects.all()
    address = reverse("accounts:undo_act", args=[row.pk])
    asked = client.post(address, headers={"referer": f"http://testserver{page}"})
    assert "/account/confirm/" in asked["Location"]
    guest.refresh_from_db()
    assert guest.withdrawn_at
    prove(client, river_specialist)
    press_undo(client, page)
    guest.refresh_from_db()
    guest.user.refresh_from_db()
    assert guest.withdrawn_at is None
    assert guest.user.is_active
    assert guest.user.has_perm("conferencing.attend_meeting_as_guest", call)
    assert Message.objects.filter(kind="call-guest", user=guest.user).count() == 1


def test_a_withdrawn_guest_stays_out_of_a_call_that_is_over(
    client, river, river_agency, region_2, river_specialist
):
    call = make_meeting(river, region_2)
    household = make_participant(river_agency, region_2)
    make_roster(call, household)
    guest = make_guest(call, household, by=river_specialist)
    client.force_login(river_specialist)
    prove(client, river_specialist)
    client.post(reverse("conferencing:guest_withdraw", args=[call.pk, guest.pk]))
    past = timezone.now() - timedelta(days=1)
    Meeting.objects.filter(pk=call.pk).update(
        state=Meeting.State.CLOSED, starts_at=past, ends_at=past + timedelta(hours=1)
    )
    press_undo(client, reverse("conferencing:guest_list", args=[call.pk]))
    guest.user.refresh_from_db()
    assert not guest.user.is_active


def test_a_pair_told_apart_or_put_off_waits_again(client, river_agency, region_2, river_specialist):
    one, other = (make_participant(river_agency, region_2) for _ in range(2))
    pair = make_pair(one, other, by=river_specialist)
    client.force_login(river_specialist)
    page = reverse("participants:duplicates")
    before = DuplicatePair.objects.values().get()
    client.post(reverse("participants:duplicate_put_off", args=[pair.pk]))
    client.post(reverse("participants:duplicate_dismiss", args=[pair.pk]), {"why": "Two people"})
    assert DuplicatePair.objects.get().state == DuplicatePair.State.DIFFERENT
    press_undo(client, page)
    press_undo(client, page)
    assert DuplicatePair.objects.values().get() == before


def test_a_contact_taken_back_is_recorded_again(client, river_agency, region_2, river_provider):
    household = make_participant(river_agency, region_2)
    contact = make_contact(household, days_ago=2, by=river_provider)
    client.force_login(river_provider)
    client.post(reverse("participants:contact_remove", args=[household.pk, contact.pk]))
    assert not household.contacts.exists()
    press_undo(client, household.get_absolute_url())
    again = household.contacts.get()
    assert (again.kind, again.on, again.by) == (contact.kind, contact.on, river_provider)


def test_a_removed_household_member_comes_back(client, river_agency, region_2, river_provider):
    household = make_participant(river_agency, region_2)
    member = household.members.create(
        continuum=household.continuum,
        relation="2",
        age_band="5-12",
        since=household.place.listed_on,
        until=household.place.listed_on,
    )
    before = household.members.values().get()
    client.force_login(river_provider)
    client.post(reverse("participants:member_remove", args=[household.pk, member.pk]))
    assert not household.members.exists()
    press_undo(client, household.get_absolute_url())
    assert household.members.values().get() == before


def test_a_discarded_draft_comes_back_whole(client, river, river_administrator):
    draft = make_form(river, published_at=None, title="Agreement", text="Line one\n\nLine two")
    client.force_login(river_administrator)
    client.post(reverse("agreements:form_discard", args=[draft.pk]))
    assert not AgreementForm.objects.drafts().exists()
    press_undo(client, reverse("agreements:form_list"))
    again = AgreementForm.objects.drafts().get()
    assert (again.kind, again.title, again.text) == (draft.kind, draft.title, draft.text)
    assert (again.months_valid, again.version) == (draft.months_valid, draft.version)


def test_a_shared_view_that_the_specialist_removed_is_its_owners_again(
    client, river, river_lead, river_specialist
):
    now = timezone.now()
    view = add_saved_view(
        river, name="Ours", query={"q": ""}, is_shared=True, actor=river_lead, now=now
    )
    client.force_login(river_specialist)
    client.post(reverse("participants:saved_view_remove", args=[view.pk]))
    assert not SavedView.objects.exists()
    press_undo(client, reverse("participants:participant_list"))
    again = SavedView.objects.get()
    assert (again.owner, again.name, again.is_shared) == (river_lead, "Ours", True)
