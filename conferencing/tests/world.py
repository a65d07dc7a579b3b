"""One world of objects in both continuums, for tests that go through every page.

`world["river"].people[role]` is a user of the cast; `world["river"].keys["<address>"]` the
arguments with which an address names an object of River Valleys; `world["three"]` likewise. The
provider's agency keeps the objects: what is walked is the provider's own.
"""

import time
import uuid
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.held_forms import keep as keep_form
from accounts.models import User
from accounts.services import invite
from accounts.tests.factories import add_passkey
from agreements.models import AgreementForm, StaffMember
from agreements.tests.factories import (
    form_of,
    make_agency_in_standing,
    make_agreement,
    make_form,
    make_statement,
)
from conferencing import minutes
from conferencing.call.acts import begin_call, put_on_table
from conferencing.follow_through.systemic import note_systemic_barriers
from conferencing.minutes.addenda import add_addendum
from conferencing.models import Meeting, MeetingRole, NothingToDiscuss, PreWork
from conferencing.prep_lists import acts as lists
from conferencing.roster import nominations
from conferencing.schedule.closed_days import key_of
from conferencing.schedule.feeds import make_feed
from conferencing.tests.factories import (
    make_attendance,
    make_barrier,
    make_guest,
    make_meeting,
    make_prework,
    make_review,
    make_role,
    make_roster,
    make_step,
    make_swap,
    report,
)
from housing.referrals.catalog import reasons_of
from housing.tests.factories import make_opening, make_policy, make_program, make_referral
from outbox.models import Heartbeat
from participants.models import HmisUser
from participants.tests.factories import (
    make_attempt,
    make_case,
    make_contact,
    make_enrollment,
    make_hmis_record,
    make_import,
    make_inactivity,
    make_merge,
    make_pair,
    make_participant,
    make_release,
    make_request,
    make_returned,
    make_saved_view,
    make_sheet_import,
    make_situation,
)
from regions.closed_days import ClosedDay, Kind
from regions.models import County, Membership, ReviewCriterion
from regions.tests.factories import make_criteria, make_rule, make_user, today_in

CAST = {
    "river": {
        "specialist": "river_specialist",
        "administrator": "river_administrator",
        "lead": "river_lead",
        "provider": "river_provider",
        "other": "river_other_provider",
        "vsp": "river_vsp_provider",
        "lapsed": "river_lapsed_provider",
        "unsigned": "river_unsigned_provider",
    },
    "three": {
        "specialist": "three_specialist",
        "administrator": "three_administrator",
        "lead": "three_lead",
        "provider": "three_provider",
    },
}
# Under no release: nobody may read it anywhere.
HIDDEN = "Zyxwvut Hiddenname"
# Under a release to the provider's agency alone: its staff in standing read it, nobody else.
SHARED = "Qwertzuiop Sharedname"
# Kept by another agency than the provider's, under no release: its own people alone read it.
ELSEWHERE = "Vutsrqp Elsewherename"
MENTION = f" with {ELSEWHERE}"  # in the texts about every household
ABOUT_A_HOUSEHOLD = [
    "conferencing:participant_reviews",
    "participants:participant_detail",
    "participants:participant_edit",
    "participants:stay_add",
    "participants:place_change",
    "participants:contact_add",
    "participants:member_add",
    "participants:head_change",
    "participants:household_split",
    "participants:household_join",
    "participants:release_list",
    "participants:release_add",
    "participants:disclosure_record",
    "participants:rights_request_list",
    "participants:rights_request_add",
    "participants:duplicate_choose",
    "housing:household_openings",
    "housing:answers_edit",
    "housing:score_add",
]
HELD = '{"fields": [["alias", ["Heron-12"]]], "query": "", "page": "/participants/add/"}'
PDF = b"%PDF-1.7\n%%EOF\n"


@dataclass
class Scene:
    """What one continuum has: its people by role, its objects by address, its own words."""

    people: dict[str, User]
    keys: dict[str, dict]
    own_words: set[str]
    aliases: set[str]
    password: str
    minutes_password: str
    elsewhere_keys: dict[str, dict]


def signed_in(user):
    """A browser in which the person proved just now who they are."""
    client = Client(raise_request_exception=False)
    client.force_login(user)
    prove(client, user)
    return client


def prove(client, user):
    """As if whoever is signed in had proved just now who they are."""
    session = client.session
    session["account_authentication_methods_user"] = str(user.pk)
    now = time.time()
    session["account_authentication_methods"] = [
        {"method": "password", "at": now},
        {"method": "mfa", "type": "webauthn", "at": now},
    ]
    session.save()


def keep_watchdog_content():
    """As if the mail's tick had run just now."""
    Heartbeat.objects.update_or_create(pk=1, defaults={"at": timezone.now()})


@pytest.fixture
def world(request, db):
    """`{"river": Scene, "three": Scene}`; the mail's watchdog is content."""
    return make_world(request)


@pytest.fixture
def river_scene(request, db):
    """River Valleys alone, for a test that looks at nothing of the other continuum."""
    keep_watchdog_content()
    return scene_of(request, "river")


def make_world(request, **more):
    """`more`: as for `make_scene`."""
    keep_watchdog_content()
    return {name: scene_of(request, name, **more) for name in CAST}


def scene_of(request, name, **more):
    """The scene of the continuum of this name with its cast."""
    people = {role: request.getfixturevalue(fixture) for role, fixture in CAST[name].items()}
    return make_scene(request.getfixturevalue(name), people, **more)


def make_scene(continuum, people, *, is_elsewhere=False):
    """Everything that a page can be about, in one continuum.

    `is_elsewhere`: with a household that another agency keeps, on each roster and in the texts.
    """
    now = timezone.now()
    place = StaffMember.objects.select_related("agency").get(user=people["provider"])
    agency, region = place.agency, place.regions.get()
    keys = {}

    def name_objects(row, *addresses, **more):
        for address in addresses:
            keys[address] = {"pk": row.pk, **more}

    name_objects(
        region,
        "regions:region_detail",
        "regions:region_edit",
        "regions:region_move",
        "regions:criteria_edit",
        "regions:county_add",
        "conferencing:rule_edit",
        "conferencing:rule_remove",
    )
    name_objects(region.counties.first(), "regions:county_rename", "conferencing:county_move")
    name_objects(County.objects.create(region=region, name="Empty"), "regions:county_remove")
    continuum.closed_days = [ClosedDay("Inventory", Kind.YEARLY, month=2, day=29).as_data()]
    continuum.save()
    keys["conferencing:closed_day_remove"] = {"key": key_of(continuum.closed_days[0])}
    make_rule(continuum, region)
    make_rule(continuum, week=4, weekday=4, months=[1, 4, 7, 10])
    make_criteria(region, *ReviewCriterion.Kind)
    papers(continuum, agency, people, name_objects)
    staff(agency, people, place, name_objects, keys)
    aliases = participants(people, agency, region, place, name_objects)
    if is_elsewhere:
        aliases["elsewhere"] = kept_elsewhere(people, agency, region)
    password = calls(continuum, people, agency, region, place, name_objects, aliases, now)
    minutes_password = minutes_of(continuum, people, agency, region, place, name_objects, aliases)
    held_call(continuum, people, region, name_objects, aliases)
    hmis(agency, name_objects)
    housing(agency, people, name_objects)
    to_hmis(continuum, people, keys, name_objects, aliases)
    feed = make_feed(people["provider"], actor=people["provider"])
    keys["conferencing:feed_read"] = {"token": feed.token}
    name_objects(add_passkey(people["provider"]), "mfa_remove_webauthn", "mfa_edit_webauthn")
    held = keep_form(people["provider"], "/no/longer/there/", HELD, now=timezone.now())
    name_objects(held, "accounts:held_form_detail", "accounts:held_form_discard")
    own_words = {agency.name, *(person.name for person in people.values())}
    return Scene(
        people,
        keys,
        own_words,
        {each.alias for each in aliases.values()},
        password,
        minutes_password,
        keys_of_elsewhere(aliases["elsewhere"], keys) if is_elsewhere else {},
    )


def housing(agency, people, name_objects):
    """Two programs of the provider's agency; the openings of one are walked."""
    program = make_program(
        agency, rules=[("type", "required", ["family"]), ("veteran", "preferred", True)]
    )
    make_program(agency, name="Elm Street", kind="shelter")
    opening = make_opening(program, people["provider"], units=5)
    name_objects(
        program, *(f"housing:program_{act}" for act in ("detail", "edit", "close", "reopen"))
    )
    name_objects(program, "housing:opening_add")
    acts = ("detail", "edit", "hold", "fill", "withdraw", "offer")
    name_objects(opening, *(f"housing:opening_{act}" for act in acts))
    hidden = agency.participants.get(alias__startswith="Hidden-")
    place = StaffMember.objects.get(user=people["provider"])
    referral = make_referral(opening, hidden, place, state="accepted", words=f"{HIDDEN} said yes")
    name_objects(hidden, "housing:referral_add", opening_pk=opening.pk)
    acts = (
        "detail",
        "accept",
        "acknowledge",
        "enroll",
        "move_in",
        "household_decline",
        "program_decline",
        "rule",
        "appeal",
        "decide_appeal",
        "withdraw",
    )
    name_objects(referral, *(f"housing:referral_{act}" for act in acts))
    make_policy(agency.continuum, people["provider"], criteria=["days"])
    draft = make_policy(agency.continuum, people["provider"], is_draft=True)
    acts = ("detail", "edit", "approve", "discard")
    name_objects(draft, *(f"housing:policy_{act}" for act in acts))
    name_objects(opening, "housing:opening_households")
    name_objects(reasons_of(agency.continuum)[0], "housing:reason_use")


def kept_elsewhere(people, agency, region):
    """A household of an agency that has nothing to do with the provider's."""
    if other := people.get("other"):
        keeper = StaffMember.objects.get(user=other).agency
    else:
        keeper = make_agency_in_standing(agency.continuum, name="Kept Elsewhere", regions=[region])
    household = make_participant(
        keeper,
        region,
        name=ELSEWHERE,
        days=300,
        alias=f"Elsewhere-{agency.continuum.code}",
        notes=f"{ELSEWHERE} sleeps in a tent.",
        contact=f"{ELSEWHERE}, 555 0101",
    )
    make_situation(household, words=f"{ELSEWHERE} was seen at the bridge", by=people["specialist"])
    make_contact(household, by=people["specialist"], days_ago=2)
    return household


def keys_of_elsewhere(household, keys):
    """Addresses that are about the household, or about what was said of it."""
    held, sent = (
        Meeting.objects.get(pk=keys[f"conferencing:{each}"]["pk"])
        for each in ("call_household", "prework_list")
    )
    review = {"pk": held.pk, "review_pk": held.reviews.get(participant=household).pk}
    about = {address: {"pk": household.pk} for address in ABOUT_A_HOUSEHOLD}
    return about | {
        "conferencing:call_household": review,
        "conferencing:notes_history": review,
        "conferencing:prework_edit": {"pk": sent.pk, "participant_pk": household.pk},
        "conferencing:step_report": {"pk": household.steps.first().pk},
        "conferencing:step_change": {"pk": household.steps.first().pk},
    }


def hmis(agency, name_objects):
    """An import that waits to be looked at, with a line of every kind, and one that was applied."""
    hidden = agency.participants.get(alias__startswith="Hidden-")
    make_hmis_record(hidden, name=f"{HIDDEN} Junior", birth_date="1980-02-03", children=4)
    hmis_import = make_import(agency, known=hidden)
    line = hmis_import.lines.get(kind="duplicate")
    name_objects(
        hmis_import,
        *(
            f"imports:import_{act}"
            for act in ["detail", "projects", "refusals", "confirm", "discard"]
        ),
    )
    name_objects(hmis_import, "imports:duplicates_join")
    name_objects(hmis_import, "imports:duplicate_decide", line_pk=line.pk)
    sheet = make_sheet_import(agency, known=hidden)
    sheet_acts = ["sheet_columns", "sheet_words", "values_choose"]
    name_objects(sheet, *(f"imports:{act}" for act in sheet_acts))
    name_objects(sheet, "imports:value_choose", line_pk=sheet.lines.get().pk)
    moving = make_import(agency, state="applied")
    name_objects(moving, "imports:import_undo", "imports:import_progress")


def to_hmis(continuum, people, keys, name_objects, households):
    """What was recorded of a household whose release covers HMIS, on its way there."""
    hidden, today = households["hidden"], today_in(continuum.zone)
    make_release(hidden, covers_case_conferencing=False, covers_hmis=True)
    HmisUser.objects.create(continuum=continuum, key="COC1")
    project = continuum.hmis_projects.filter(is_refused=False).first()
    hidden.hmis.said["enrollments"] = {
        "value": [make_enrollment(f"{today - timedelta(days=300)}", project=project.key)],
        "on": f"{today}",
    }
    hidden.hmis.save()
    closed = Meeting.objects.get(pk=keys["conferencing:minutes_detail"]["pk"])
    review = closed.reviews.get(participant=hidden)
    review.is_referred, review.referral = True, f"{HIDDEN} to the new building"
    review.save()
    name_objects(closed, "conferencing:to_hmis_add")
    name_objects(review, "conferencing:to_hmis_answer", source="referral")
    contact = make_contact(hidden, by=people["specialist"], days_ago=5)
    addresses = ["conferencing:to_hmis_leave_out", "conferencing:to_hmis_put_back"]
    name_objects(contact, *addresses, source="contact")
    stay = make_situation(hidden, "unsheltered", by=people["specialist"], days_ago=6)
    name_objects(stay, "conferencing:to_hmis_key", "conferencing:to_hmis_unkey", source="stay")


def papers(continuum, agency, people, name_objects):
    texts = form_of(continuum, AgreementForm.Kind.AGENCY)
    draft = make_form(continuum, version=2, published_at=None)
    name_objects(
        draft,
        "agreements:form_detail",
        "agreements:form_compare",
        "agreements:form_edit",
        "agreements:form_discard",
        "agreements:form_publish",
    )
    name_objects(texts, "agreements:form_postpone")
    name_objects(
        agency,
        "agreements:agency_detail",
        "agreements:agency_edit",
        "agreements:staff_invite",
        "agreements:agreement_sign",
        "agreements:agreement_upload",
    )
    signed = {"signer_name": people["lead"].name, "document": PDF, "document_hash": "0" * 64}
    agreement = make_agreement(agency, **signed)
    name_objects(
        agreement,
        "agreements:agreement_detail",
        "agreements:agreement_revoke",
        "agreements:agreement_download",
    )
    waiting = make_agreement(agency, countersigned=False, **signed)
    name_objects(waiting, "agreements:agreement_countersign")
    statement = people["provider"].statements.get()
    statement.document = PDF
    statement.save()
    name_objects(statement, "agreements:statement_revoke", "agreements:statement_download")


def staff(agency, people, place, name_objects, keys):
    """People of the agency and of the CoC, one of them invited and not yet in."""
    name_objects(
        place,
        "agreements:staff_detail",
        "agreements:staff_edit",
        "agreements:staff_move",
        "agreements:staff_restart",
        "agreements:staff_end",
    )
    new = User.objects.create_user(f"new.{agency.pk}@example.org", name=f"New at {agency}")
    Membership.objects.create(user=new, continuum=agency.continuum)
    waiting = StaffMember.objects.create(
        user=new, agency=agency, function=place.function, joined_on=place.joined_on
    )
    name_objects(waiting, "agreements:staff_reinvite")
    invitation = invite(new, actor=people["administrator"])
    keys["accounts:invitation_open"] = {"token": invitation.token}
    name_objects(
        people["specialist"].membership,
        "agreements:team_edit",
        "agreements:team_end",
        "agreements:team_reinvite",
        "agreements:team_restart",
    )


def participants(people, agency, region, place, name_objects):
    """Three households: under no release, under one to this agency alone, a VSP's."""
    now = timezone.now()
    hidden = make_participant(
        agency,
        region,
        name=HIDDEN,
        days=400,
        alias=f"Hidden-{agency.continuum.code}",
        notes=f"{HIDDEN} sleeps in a car.",
        contact=f"{HIDDEN}, 555 0100",
        is_unsheltered=True,
        navigator=place,
    )
    make_situation(hidden, words=f"{HIDDEN} was seen at the library", by=people["lead"])
    make_release(
        hidden,
        agencies=[agency],
        days=-1,
        signed_on=today_in(agency.continuum.zone) - timedelta(days=400),
    )
    make_release(hidden, to_all_partners=True, revoked_at=now, revocation_reason="Asked to")
    shared = make_participant(
        agency, region, name=SHARED, alias=f"Shared-{agency.continuum.code}", children=2
    )
    release = make_release(shared, agencies=[agency], scan=PDF, days=20)
    asked = make_request(hidden, by=place.user, words=f"{HIDDEN} asks who saw the file")
    answered = make_request(hidden, by=place.user, answer=f"{HIDDEN} was told", outcome="denied")
    name_objects(
        hidden,
        "participants:participant_detail",
        "participants:participant_edit",
        "participants:stay_add",
        "participants:place_change",
        "participants:seen_today",
        "participants:contact_add",
        "participants:member_add",
        "participants:head_change",
        "participants:household_split",
        "participants:household_join",
        "participants:release_add",
        "participants:disclosure_record",
        "participants:disclosure_record_export",
        "participants:rights_request_list",
        "participants:rights_request_add",
        "conferencing:participant_reviews",
        "housing:household_openings",
        "housing:answers_edit",
        "housing:score_add",
    )
    name_objects(hidden, "participants:rights_request_answer", request_pk=asked.pk)
    name_objects(hidden, "participants:rights_request_disagree", request_pk=answered.pk)
    name_objects(shared, "participants:release_list")
    name_objects(
        shared,
        "participants:release_revoke",
        "participants:release_renew",
        "participants:release_confirm",
        "participants:release_scan",
        release_pk=release.pk,
    )
    contact = make_contact(hidden, by=people["provider"], days_ago=0)
    name_objects(hidden, "participants:contact_remove", contact_pk=contact.pk)
    member = hidden.members.create(
        continuum=hidden.continuum, relation="2", age_band="5-12", since=hidden.place.listed_on
    )
    for address in ("participants:member_change", "participants:member_remove"):
        name_objects(hidden, address, member_pk=member.pk)
    act = hidden.household_acts.create(
        kind="head", on=hidden.place.listed_on, at=now, by=people["provider"], undone_at=now
    )
    name_objects(hidden, "participants:household_undo", act_pk=act.pk)
    moved = hidden.place_changes.create(
        flow="identified",
        on=hidden.place.listed_on,
        reason=f"{HIDDEN} came back",
        by=people["provider"],
    )
    name_objects(hidden, "participants:place_correct", change_pk=moved.pk)
    make_inactivity(agency.continuum)
    returned = make_returned(agency.participants.first(), by=people["provider"])
    name_objects(returned, "participants:returned_detail", "participants:returned_settle_all")
    name_objects(returned, "participants:returned_settle", cell_pk=returned.cells.get().pk)
    view = make_saved_view(people["provider"], name="Youth", is_shared=True)
    name_objects(
        view,
        "participants:saved_view_open",
        "participants:saved_view_edit",
        "participants:saved_view_remove",
    )
    pair = make_pair(hidden, shared, by=people["specialist"], why=None)
    name_objects(
        pair,
        "participants:duplicate_detail",
        "participants:duplicate_dismiss",
        "participants:duplicate_put_off",
    )
    name_objects(hidden, "participants:duplicate_choose")
    twin = make_participant(
        agency, region, name=f"{HIDDEN} Junior", alias=f"Twin-{agency.continuum.code}", listed=False
    )
    name_objects(make_merge(hidden, twin, by=people["specialist"]), "participants:merge_undo")
    case = make_case(hidden, agency, by=people["specialist"])
    make_attempt(case, words=f"{HIDDEN} had moved on", by=people["provider"])
    name_objects(case.round, "participants:round_detail", "participants:round_close")
    name_objects(case, "participants:attempt_add")
    found = {"hidden": hidden, "shared": shared}
    if vsp := people.get("vsp"):
        own = StaffMember.objects.get(user=vsp).agency
        found["confidential"] = make_participant(
            own, region, alias="Confidential-1", notes="Asks for a quiet room."
        )
    return found


def calls(continuum, people, agency, region, place, name_objects, households, now):
    """A call whose roster is open, one whose list went out, one canceled, one in the past."""
    specialist, provider = people["specialist"], people["provider"]
    former = make_meeting(continuum, region, starts_at=now - timedelta(days=20))
    beside = MENTION if "elsewhere" in households else ""
    for household in households.values():
        called = household.name or household.alias
        make_review(
            former,
            household,
            preferences=f"{called} wants two rooms{beside}",
            barriers=[f"{called} waits for papers"],
            safety=f"{called} feels safe{beside}",
            notes=f"{called} was not reached{beside}",
            systemic=[f"{called} waits for papers"],
            target_kind="move_in",
            target_on=today_in(continuum.zone) - timedelta(days=4),
        )
        step = make_step(
            household, agency, person=place, due_in=-3, what=f"Call {called} back{beside}"
        )
        report(step, line=f"{called} was out{beside}", by=provider, at=now - timedelta(days=1))
        if household == households["hidden"]:
            name_objects(step, "conferencing:step_report", "conferencing:step_change")
    note_systemic_barriers(former, actor=specialist, now=now)
    barrier = continuum.systemic_barriers.get()
    name_objects(
        barrier, "conferencing:systemic_barrier_edit", "conferencing:systemic_barrier_merge"
    )
    merged = make_barrier(continuum, words="Papers take months", merged_into=barrier)
    name_objects(merged, "conferencing:systemic_barrier_unmerge")
    call = make_meeting(continuum, region)
    entries = make_roster(call, *households.values())
    role = make_role(call, agency, person=place)
    name_objects(
        call,
        "conferencing:meeting_detail",
        "conferencing:meeting_move",
        "conferencing:meeting_cancel",
        "conferencing:meeting_link",
        "conferencing:roster_detail",
        "conferencing:roster_open",
        "conferencing:roster_add",
        "conferencing:roster_propose",
        "conferencing:roster_settle",
        "conferencing:roster_unsettle",
        "conferencing:roster_nominate",
        "conferencing:nothing_to_discuss",
        "conferencing:list_send",
        "conferencing:list_choose",
        "conferencing:list_hold",
        "conferencing:list_release",
    )
    name_objects(call, "conferencing:role_change", name=MeetingRole.Role.FACILITATOR.value)
    name_objects(role, "conferencing:role_name_person", "conferencing:swap_propose")
    name_objects(
        call,
        "conferencing:roster_move",
        "conferencing:roster_move_on",
        "conferencing:roster_remove",
        entry_pk=entries[0].pk,
    )
    nomination = nominations.nominate_participant(
        call, households["hidden"], reason=f"{HIDDEN} is ill", actor=provider, now=now
    )
    name_objects(call, "conferencing:roster_withdraw", nomination_pk=nomination.pk)
    mark = NothingToDiscuss.objects.create(
        meeting=call, participant=households["shared"], agency=agency, by=provider, at=now
    )
    name_objects(call, "conferencing:nothing_to_discuss_pull_back", mark_pk=mark.pk)
    canceled = make_meeting(
        continuum,
        region,
        starts_at=now + timedelta(days=40),
        state="cancelled",
        cancellation_reason="Snow",
    )
    name_objects(canceled, "conferencing:meeting_restore")
    sent = make_meeting(continuum, region, starts_at=now + timedelta(days=3))
    make_roster(sent, *households.values())
    prep_list = lists.freeze_list(sent, actor=specialist, now=now)
    hidden = households["hidden"]
    make_prework(sent, hidden, place, preferences=f"{HIDDEN} wants a quiet street")
    name_objects(
        sent,
        "conferencing:list_detail",
        "conferencing:list_correct",
        "conferencing:meeting_answer",
        "conferencing:prework_list",
        "conferencing:word_send",
    )
    name_objects(sent, "conferencing:prework_edit", participant_pk=hidden.pk)
    name_objects(sent, "conferencing:guest_list", "conferencing:guest_invite")
    guest = make_guest(sent, hidden, by=specialist, relation="family", name=f"Ma {HIDDEN}")
    make_guest(sent, households["shared"], by=specialist)
    name_objects(
        sent,
        "conferencing:guest_reinvite",
        "conferencing:guest_withdraw",
        guest_pk=guest.pk,
    )
    lead = StaffMember.objects.get(user=people["lead"])
    swap = make_swap(make_role(sent, agency, person=lead), place, words="I am ill, sorry")
    name_objects(swap, "conferencing:swap_answer", "conferencing:swap_withdraw")
    delivery = prep_list.deliveries.get(recipient=provider)
    name_objects(
        delivery,
        "conferencing:delivery_reveal",
        "conferencing:delivery_again",
        "conferencing:delivery_read_out",
    )
    return delivery.password


def held_call(continuum, people, region, name_objects, households):
    """A call that is being held, with a household on the table and a step given."""
    now = timezone.now()
    specialist = people["specialist"]
    held = make_meeting(continuum, region, starts_at=now - timedelta(minutes=10))
    make_roster(held, *households.values())
    begin_call(held, actor=specialist, now=now)
    review = held.reviews.get(participant=households["hidden"])
    put_on_table(held, review, actor=specialist, now=now)
    name_objects(
        held,
        "conferencing:call_detail",
        "conferencing:call_begin",
        "conferencing:call_live",
        "conferencing:call_frame",
        "conferencing:call_people",
        "conferencing:call_referrals",
        "conferencing:call_present",
        "conferencing:call_keys",
        "conferencing:call_opening_check",
        "conferencing:call_table",
        "conferencing:call_nothing_to_discuss",
        "conferencing:call_raise",
        "conferencing:call_attend",
        "conferencing:call_stand_in",
        "conferencing:call_hand_back",
        "conferencing:call_walk_in",
        "conferencing:call_close",
    )
    name_objects(
        held,
        "conferencing:call_household",
        "conferencing:notes_save",
        "conferencing:notes_history",
        "conferencing:call_discuss",
        "conferencing:call_refer",
        "conferencing:call_reopen",
        "conferencing:call_carry_over",
        "conferencing:call_order",
        "conferencing:call_discuss_after_all",
        "conferencing:step_add",
        review_pk=review.pk,
    )
    name_objects(
        held, "conferencing:call_tick", attendance_pk=held.attendances.order_by("pk").first().pk
    )
    place = StaffMember.objects.get(user=people["lead"])
    step = make_step(households["hidden"], place.agency, person=place, review=review)
    name_objects(held, "conferencing:step_remove", "conferencing:call_report", step_pk=step.pk)
    name_objects(held, "conferencing:call_undo_act", undo_pk=uuid.UUID(int=0))
    name_objects(held, "conferencing:call_guest")
    guest = make_guest(held, households["hidden"], by=specialist, relation="support")
    name_objects(held, "conferencing:call_guest_safety", guest_pk=guest.pk)
    prework = PreWork.objects.create(
        meeting=held,
        participant=households["hidden"],
        agency=place.agency,
        preferences=f"{HIDDEN} wants a garden",
        by=people["lead"],
        at=now,
    )
    name_objects(held, "conferencing:prework_accept", prework_pk=prework.pk)


def minutes_of(continuum, people, agency, region, place, name_objects, households):
    """A closed call whose minutes were mailed, and added to."""
    continuum.sends_minutes = True
    continuum.save()
    now = timezone.now()
    closed = make_meeting(
        continuum, region, starts_at=now - timedelta(days=50), state=Meeting.State.CLOSED
    )
    make_roster(closed, *households.values())
    make_attendance(closed, people["provider"])
    beside = MENTION if "elsewhere" in households else ""
    for household in households.values():
        called = household.name or household.alias
        review = make_review(
            closed, household, notes=f"{called} was called{beside}", barriers=[called]
        )
        make_step(household, agency, person=place, review=review, what=f"Write to {called}{beside}")
    # Who typed a name reads it: none of those who walk wrote here.
    writer = make_user(closed.continuum, name="Wil Writer", specialist=True)
    make_statement(writer)
    frozen = minutes.freeze_minutes(closed, actor=people["specialist"], now=now)
    for review in closed.reviews.select_related("participant"):
        called = review.participant.name or review.participant.alias
        for about in (review, None):
            add_addendum(
                closed,
                review=about,
                words=f"{called} called back{beside}",
                actor=writer,
                now=now,
            )
    name_objects(
        closed,
        "conferencing:minutes_detail",
        "conferencing:addendum_add",
        "conferencing:minutes_export",
    )
    delivery = frozen.deliveries.get(recipient=people["provider"])
    name_objects(
        delivery,
        "conferencing:minutes_reveal",
        "conferencing:minutes_again",
        "conferencing:minutes_read_out",
    )
    return delivery.password
