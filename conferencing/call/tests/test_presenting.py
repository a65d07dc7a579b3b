"""The shared screen: no more than each person present may see, and only what was pressed for."""

from datetime import timedelta
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from agreements.models import StaffMember
from agreements.tests.factories import make_agency_in_standing, make_staff
from audit.models import AuditEntry
from conferencing.call.acts import begin_call, put_on_table
from conferencing.call.attendance import (
    add_person,
    add_walk_in,
    come_in,
    mark_present,
    note_heard,
)
from conferencing.call.guests import withdraw_guest
from conferencing.call.opening import confirm_opening
from conferencing.call.presenting import ROWS
from conferencing.call.room import room, room_of, who_is_here
from conferencing.models import Attendance, Call, CallGuest
from conferencing.rotation.roles import change_role
from conferencing.tests.factories import (
    make_guest,
    make_meeting,
    make_roster,
    make_step,
    review_of,
    write_notes,
)
from conferencing.tests.pages import text_of
from conferencing.tests.readable import readable
from participants.audiences import audiences_of
from participants.grounds import TYPED, rights_of
from participants.models import FormerHead, Release
from participants.naming import SharedReader, labels
from participants.tests.factories import make_merge, make_participant, make_release
from participants.tests.test_naming_everywhere import drawn, invented
from participants.tests.test_naming_oracle import TODAY, at
from regions.clock import Moment, local_day
from regions.services import choose_who_sees_names

pytestmark = pytest.mark.django_db
PAGE = {"X-Call": "1"}


# ---- What is shown is what each person present may see


VIEWERS = (
    "river_provider",
    "river_lead",
    "river_other_provider",
    "river_vsp_provider",
    "river_specialist",
    "river_administrator",
    "river_lapsed_provider",
    "river_unsigned_provider",
    "three_provider",
)


@pytest.fixture
def viewers(request, river_other_agency, region_2):
    """Readers of every kind: who left and whose account was closed are among them."""
    gone = make_staff(river_other_agency, name="Gil Gone", regions=[region_2]).user
    StaffMember.objects.filter(user=gone).update(ended_on=TODAY)
    closed = make_staff(river_other_agency, name="Cal Closed", regions=[region_2]).user
    User.objects.filter(pk=closed.pk).update(is_active=False)
    known = [request.getfixturevalue(name) for name in VIEWERS]
    return [*known, gone, User.objects.get(pk=closed.pk)]


@pytest.fixture
def people(river_agency, river_other_agency, river_vsp_agency, region_2, river_provider):
    """Households of three agencies, of a victim service provider, and one of two joined records."""
    agencies = (river_agency, river_other_agency, river_other_agency, river_vsp_agency)
    people = [
        make_participant(
            agencies[number % 4],
            region_2,
            name=invented(number),
            alias=f"Bird-{number:02}",
            named_by=river_provider if number in (1, 2) else None,
        )
        for number in range(12)
    ]
    twin = make_participant(river_other_agency, region_2, name=invented(30))
    make_merge(people[5], twin, by=river_provider)
    people[5].refresh_from_db()
    return people


def sign(people, agencies, random):
    """Up to three releases for everybody; of some households a former head signed one of them."""
    Release.objects.all().delete()
    FormerHead.objects.all().delete()
    for person in people:
        if person.is_confidential:
            continue
        signed = []
        for each in [drawn(random) for _ in range(random.randint(0, 3))]:
            first = TODAY + timedelta(days=each.signed)
            release = Release.objects.create(
                participant=person,
                form_version="ROI",
                covers_case_conferencing=each.covers,
                to_all_partners=each.to_all,
                signed_on=first,
                expires_on=first + timedelta(days=each.length),
                revoked_at=None if each.revoked is None else at(each.revoked),
            )
            release.agencies.set([agencies[name] for name in each.agencies])
            signed.append(release)
        if random.random() < 0.3:
            head = FormerHead.objects.create(participant=person)
            head.releases.set(signed[:1])
            Release.objects.filter(pk__in=[each.pk for each in signed[:1]]).update(
                is_by_former_head=True
            )


@pytest.mark.parametrize("seed", range(4))
def test_a_room_may_read_what_each_one_in_it_may_read_and_nothing_else(
    viewers,
    people,
    river,
    river_agency,
    river_other_agency,
    river_vsp_agency,
    river_specialist,
    seed,
):
    random = Random(seed)  # noqa: S311 (nothing secret)
    agencies = {"own": river_agency, "other": river_other_agency, "victim": river_vsp_agency}
    if seed % 2:
        choose_who_sees_names(
            river,
            specialists_see=True,
            why="“CE Specialists may read names”",
            actor=river_specialist,
            now=timezone.now(),
        )
    answers, shown_names = set(), 0
    for _round in range(4):
        sign(people, agencies, random)
        moment = at(random.randint(-60, 60))
        on = local_day(moment, river.zone)
        rights = {viewer: rights_of(river.pk, viewer, moment) for viewer in viewers}
        own = {viewer: labels(people, viewer, moment) for viewer in viewers}
        for _case in range(12):
            # mostly those who may see something, so that a name is shown now and then
            here = random.sample(viewers[:5], random.randint(1, 4))
            here += random.sample(viewers[5:], random.random() < 0.3)
            found = audiences_of(river.pk, {each.pk for each in here}, on)
            reader = SharedReader(river.pk, found, Moment(moment, on))
            least = set.intersection(*(rights[each].covered for each in here))
            assert set(reader.rights.covered) == least
            assert dict(reader.rights.typed) == {}
            presenter = here[0]
            text = " and ".join(invented(number).split()[0] for number in range(12))
            cleaned = reader.clean(text)
            for person in people:
                label = own[presenter][person.pk].shown_to_all(reader)
                each_may = all(
                    own[each][person.pk].is_named and own[each][person.pk].ground.why != TYPED
                    for each in here
                )
                assert label.is_named == each_may
                assert label.text == (person.name if each_may else person.alias)
                assert label.hmis_id == ""
                shown_names += each_may
                answers.add(each_may)
                first = (person.name or "").split(" ")[0]
                if first and first in cleaned:
                    assert str(person.pk) in least
    assert answers == {True, False}
    assert shown_names > 20


def test_a_room_with_a_stranger_is_told_nothing(viewers, people, river):
    for person in people:
        if not person.is_confidential:
            make_release(person)
    now = timezone.now()
    meeting = make_meeting(river)
    everybody_may = {viewer.pk for viewer in viewers[:5]}

    def named(users, **given):
        asked = {"without_account": 0, "guests": [], "is_checked": True} | given
        found = room(meeting, users, now=now, **asked)
        shown = labels(people, viewers[0], now)
        return sum(found.label(each).is_named for each in shown.values())

    assert named(everybody_may) == 9
    assert named(everybody_may, without_account=1) == 0
    assert named(everybody_may, guests=[CallGuest()]) == 0
    assert named(everybody_may, is_checked=False) == 0
    for viewer in viewers[5:]:
        assert named(everybody_may | {viewer.pk}) == 0
    assert named(set()) == 0


# ---- The page


@pytest.fixture
def call(meeting, ana, river_other_provider, river_provider):
    """Held, checked, Ana on the table; she is released to both agencies who are here."""
    make_release(ana)
    now = timezone.now()
    call = begin_call(meeting, actor=river_other_provider, now=now)
    review = review_of(meeting, ana)
    place = StaffMember.objects.get(user=river_provider)
    make_step(ana, place.agency, person=place, review=review, what="Take Ana Example to the DMV")
    put_on_table(meeting, review, actor=river_other_provider, now=now)
    check(meeting, river_other_provider)
    call.refresh_from_db()
    return call


def check(meeting, user):
    confirm_opening(meeting, sent_word={}, actor=user, now=timezone.now())


def present(client, meeting, user, **asked):
    client.force_login(user)
    return client.get(reverse("conferencing:call_present", args=[meeting.pk]), asked)


def test_present_shows_what_everybody_here_may_see(client, call, meeting, river_other_provider):
    page = text_of(present(client, meeting, river_other_provider))
    assert "Ana Example" in page
    assert "Take Ana Example to the DMV" in page
    assert "Shows only what everyone checked in may see: 1 person." in page
    assert "0 of 3 discussed" in page
    for kept in ("Ben Sample", "On the agenda", "Near Ana", "Sign out", "Search"):
        assert kept not in page


def test_present_is_counted_before_the_list_of_people_shows_who_came(
    client, call, meeting, river_other_provider
):
    """Each act by which somebody comes: the window that follows it has them already."""
    make = {
        "walk-in": lambda now: add_walk_in(
            meeting, name="Wim", organization="", actor=river_other_provider, now=now
        ),
        "visitor": lambda now: add_person(
            meeting,
            user=make_staff(
                make_agency_in_standing(meeting.continuum, name="Far Away"),
                name="Vi Visitor",
                statement=False,
            ).user,
            actor=river_other_provider,
            now=now,
        ),
    }
    people = reverse("conferencing:call_people", args=[meeting.pk])
    address = reverse("conferencing:call_present", args=[meeting.pk])
    for name, come in make.items():
        before = present(client, meeting, river_other_provider)
        assert "Ana Example" in text_of(before)
        stamp, version = before.context["stamp"], Call.objects.get(pk=meeting.pk).version
        assert client.get(address, {"v": stamp}, headers=PAGE).status_code == 204
        row = come(timezone.now())
        # whatever the list of people can show from here on, the window that asks now has it
        assert Call.objects.get(pk=meeting.pk).version > version
        window = client.get(address, {"v": stamp}, headers=PAGE)
        assert (name, window.status_code) == (name, 200)
        assert "Ana" not in readable(window.content.decode())
        assert row.shown_name in text_of(client.get(people))
        mark_present(row, is_present=False, actor=river_other_provider, now=timezone.now())
    assert "Ana Example" in text_of(present(client, meeting, river_other_provider))


def test_whoever_the_list_of_people_shows_is_counted(call, meeting, river_other_provider, river):
    """The list and the room are made of the same rows, in the same state."""
    now = timezone.now()
    Attendance.objects.filter(meeting=meeting).update(is_present=True)
    add_walk_in(meeting, name="Wim", organization="", actor=river_other_provider, now=now)
    call = Call.objects.get(pk=meeting.pk)
    here = Attendance.objects.filter(meeting=meeting, is_present=True)
    found = room_of(meeting, call, who_is_here(meeting, call), river_other_provider, now=now)
    assert found.people == here.count() == 3
    assert found.has_strangers


def test_whoever_comes_by_any_way_is_in_the_next_frame(
    client, call, meeting, ana, ben, river_other_provider, river_provider, river_specialist
):
    """Also where an act changes nothing but that its actor is here, and where none did it."""
    address = reverse("conferencing:call_present", args=[meeting.pk])
    review = review_of(meeting, ana)
    now = timezone.now()
    row = Attendance.objects.filter(meeting=meeting, user=river_provider)
    guest = make_guest(meeting, ben, by=river_specialist)
    ways = {
        "on the table already": lambda: put_on_table(
            meeting, review, actor=river_provider, now=now
        ),
        "by hand": lambda: row.update(is_present=True),
        "come in": lambda: come_in(meeting, river_provider, now=now),
        "heard": lambda: note_heard(row.get(), actor=river_other_provider, now=now),
        "a guest's page": lambda: CallGuest.objects.filter(pk=guest.pk).update(
            seen_at=timezone.now()
        ),
    }
    for way, come in ways.items():
        row.update(is_present=False)
        stamp = present(client, meeting, river_other_provider).context["stamp"]
        assert client.get(address, {"v": stamp}, headers=PAGE).status_code == 204
        come()
        assert (way, client.get(address, {"v": stamp}, headers=PAGE).status_code) == (way, 200)


@pytest.mark.parametrize("how", ["asked", "at the table"])
def test_a_guest_counts_while_their_page_may_be_silent(
    client, call, meeting, ana, ben, river_specialist, river_other_provider, how
):
    guest = make_guest(meeting, ana if how == "at the table" else ben, by=river_specialist)
    if how == "asked":
        now = timezone.now()
        assert "Ana Example" in text_of(present(client, meeting, river_other_provider))
        # their page asked once; on a phone it says nothing more once they joined by the link
        CallGuest.objects.filter(pk=guest.pk).update(seen_at=now)
        Call.objects.filter(pk=meeting.pk).update(began_at=now - timedelta(minutes=30))
    page = present(client, meeting, river_other_provider)
    assert "Ana" not in readable(text_of(page))
    assert "Heron-1" in text_of(page)
    assert "1 guest" in text_of(page)
    guest.refresh_from_db()
    withdraw_guest(guest, actor=river_specialist, now=timezone.now())
    assert "Ana Example" in text_of(present(client, meeting, river_other_provider))


def test_before_the_opening_check_present_knows_nobody(client, call, meeting, river_other_provider):
    Call.objects.filter(pk=meeting.pk).update(checked_at=None, checked_by=None)
    page = text_of(present(client, meeting, river_other_provider))
    assert "Aliases only, until the opening check is done." in page
    assert "Ana" not in readable(page)


def test_a_confidential_household_is_an_alias_alone_to_a_stranger(
    client, call, meeting, wren, river_other_provider
):
    put_on_table(meeting, review_of(meeting, wren), actor=river_other_provider, now=timezone.now())
    facts = present(client, meeting, river_other_provider).context["household"]["facts"]
    assert facts
    add_walk_in(
        meeting, name="Wim", organization="", actor=river_other_provider, now=timezone.now()
    )
    page = present(client, meeting, river_other_provider)
    assert page.context["household"]["facts"] == []
    assert "Wren-3" in text_of(page)


# ---- Notes and safety


@pytest.fixture
def written(call, meeting, ana, river_provider):
    review = review_of(meeting, ana)
    write_notes(review, river_provider, notes="Notebookword of Ana", safety="Thresholdword")
    return review


def test_notes_and_safety_are_there_only_when_pressed_for_and_go_with_the_household(
    client, written, meeting, ben, river_other_provider, river_provider
):
    other = review_of(meeting, ben)
    write_notes(other, river_provider, notes="Ledgerword of Ben", safety="Latchword")

    def shown(**asked):
        page = text_of(present(client, meeting, river_other_provider, **asked))
        words = ("Notebookword", "Thresholdword", "Ledgerword", "Latchword")
        return [word for word in words if word in page]

    ana, ben = str(written.pk), str(other.pk)
    assert shown() == []
    assert shown(notes=ana) == ["Notebookword"]
    assert shown(safety=ana) == ["Thresholdword"]
    assert shown(notes="1", safety="1") == []
    assert shown(notes=ben, safety=ben) == []
    put_on_table(meeting, other, actor=river_other_provider, now=timezone.now())
    assert shown() == []
    assert shown(notes=ana, safety=ana) == []
    assert shown(notes=ben) == ["Ledgerword"]
    assert shown(safety=ben) == ["Latchword"]


def test_safety_is_kept_from_guests_and_strangers_and_notes_from_guests(
    client, written, meeting, ana, ben, river, river_specialist, river_other_provider
):
    key = {"notes": str(written.pk), "safety": str(written.pk)}

    def shown():
        page = text_of(present(client, meeting, river_other_provider, **key))
        return "Notebookword" in page, "Thresholdword" in page

    now = timezone.now()
    walk_in = add_walk_in(meeting, name="Wim", organization="", actor=river_other_provider, now=now)
    assert shown() == (True, False)
    mark_present(walk_in, is_present=False, actor=river_other_provider, now=now)
    assert shown() == (True, True)
    guest = make_guest(meeting, ana, by=river_specialist)
    assert shown() == (False, False)
    river.guests_see_notes = True
    river.save()
    assert shown() == (True, False)
    CallGuest.objects.filter(pk=guest.pk).update(relation=CallGuest.Relation.FAMILY)
    assert shown() == (False, False)
    CallGuest.objects.filter(pk=guest.pk).update(
        relation=CallGuest.Relation.PARTICIPANT, participant=ben, seen_at=now
    )
    assert shown() == (False, False)


def test_present_is_recorded_once_and_safety_by_itself(
    client, written, meeting, ana, river_other_provider
):
    def entries():
        found = AuditEntry.objects.filter(action__in=("call.presented", "call.safety_presented"))
        return sorted(found.values_list("action", flat=True))

    assert entries() == []
    for _look in range(3):
        present(client, meeting, river_other_provider)
    assert entries() == ["call.presented"]
    for _look in range(2):
        present(client, meeting, river_other_provider, safety=str(written.pk))
    assert entries() == ["call.presented", "call.safety_presented"]
    entry = AuditEntry.objects.filter(action="call.presented").get()
    assert entry.detail["people"] == 1
    assert str(ana.pk) in entry.detail["named_under"]


# ---- How it is followed, and for whom


def test_present_answers_204_until_something_changes(
    client, call, meeting, ana, river_other_provider
):
    address = reverse("conferencing:call_present", args=[meeting.pk])
    stamp = present(client, meeting, river_other_provider).context["stamp"]
    assert client.get(address, {"v": stamp}, headers=PAGE).status_code == 204
    Release.objects.filter(participant=ana).update(revoked_at=timezone.now())
    answer = client.get(address, {"v": stamp}, headers=PAGE)
    assert answer.status_code == 200
    assert "Ana" not in readable(answer.content.decode())


def test_present_of_a_closed_call_shows_no_household(client, call, meeting, river_other_provider):
    Call.objects.filter(pk=meeting.pk).update(
        closed_at=timezone.now(),
        closed_by=river_other_provider,
        on_table=None,
        on_table_at=None,
    )
    page = text_of(present(client, meeting, river_other_provider))
    assert "The call is closed" in page
    assert "Ana" not in readable(page)


def test_present_is_for_those_who_lead_or_write(
    client, call, meeting, ana, river_lead, river_provider, river_specialist, three_specialist
):
    guest = make_guest(meeting, ana, by=river_specialist)
    answers = {
        user.name: present(client, meeting, user).status_code
        for user in (river_lead, river_provider, river_specialist, three_specialist, guest.user)
    }
    assert list(answers.values()) == [403, 200, 200, 404, 404]


@pytest.mark.parametrize(("households", "more_people"), [(1, 0), (14, 12)])
def test_present_asks_the_database_the_same_however_many_there_are(
    client, river, region_2, river_agency, river_provider, river_specialist, households, more_people
):
    now = timezone.now()
    place = StaffMember.objects.get(user=river_provider)
    people = [make_participant(river_agency, region_2, name=invented(n)) for n in range(households)]
    for person in people:
        make_release(person)
    meeting = make_meeting(river, region_2, starts_at=now + timedelta(minutes=1))
    make_roster(meeting, *people)
    change_role(meeting, "note_taker", agency=river_agency, person=place, actor=None, now=now)
    begin_call(meeting, actor=river_specialist, now=now)
    for number in range(more_people):
        agency = make_agency_in_standing(river, name=f"Agency {number}", regions=[region_2])
        user = make_staff(agency, name=f"Person {number}", regions=[region_2]).user
        add_person(meeting, user=user, actor=river_provider, now=now)
    review = review_of(meeting, people[0])
    for _step in range(1 + more_people):
        make_step(people[0], river_agency, person=place, review=review)
    put_on_table(meeting, review, actor=river_specialist, now=now)
    check(meeting, river_specialist)
    present(client, meeting, river_provider)
    with CaptureQueriesContext(connection) as found:
        page = present_again(client, meeting)
    assert page.context["household"]["label"].is_named
    assert len(page.context["rows"]) == min(households, ROWS)
    assert len(found) == 18
    stamp = page.context["stamp"]
    address = reverse("conferencing:call_present", args=[meeting.pk])
    with CaptureQueriesContext(connection) as found:
        assert client.get(address, {"v": stamp}, headers=PAGE).status_code == 204
    assert len(found) == 4
    client.get(reverse("conferencing:call_frame", args=[meeting.pk]))
    with CaptureQueriesContext(connection) as found:
        client.get(reverse("conferencing:call_frame", args=[meeting.pk]))
    assert len(found) == 11


def present_again(client, meeting):
    return client.get(reverse("conferencing:call_present", args=[meeting.pk]))


def test_the_rows_in_sight_hold_the_household_on_the_table(
    client, river, region_2, river_agency, river_specialist
):
    people = [make_participant(river_agency, region_2) for _ in range(20)]
    meeting = make_meeting(river, region_2, starts_at=timezone.now())
    make_roster(meeting, *people)
    begin_call(meeting, actor=river_specialist, now=timezone.now())
    for place in (0, 5, 19):
        review = review_of(meeting, people[place])
        put_on_table(meeting, review, actor=river_specialist, now=timezone.now())
        page = present(client, meeting, river_specialist).context
        seen = [row["review"].pk for row in page["rows"]]
        assert review.pk in seen
        assert (len(seen), page["before"] + len(seen) + page["after"]) == (ROWS, 20)


def test_decisions_stand_in_a_word(client, call, meeting, ana, river_provider):
    review = review_of(meeting, ana)
    write_notes(
        review,
        river_provider,
        eligibility="eligible",
        is_referred=True,
        referral="Elm Court, unit 4",
        is_exception=True,
        exception_reason="Is ill",
    )
    page = present(client, meeting, river_provider)
    assert page.context["household"]["decisions"][:2] == ["Eligibility: eligible", "Referral made"]
    for typed in ("Elm Court", "Is ill", "exception"):
        assert typed not in text_of(page)


# ---- The line on the page of whoever leads or writes


def test_the_call_page_says_not_to_share_it(
    client, call, meeting, ben, river_other_provider, river_provider, river_lead
):
    words = "Do not share this screen: use Present"
    frame = reverse("conferencing:call_frame", args=[meeting.pk])

    def says(user):
        client.force_login(user)
        page = text_of(client.get(frame))
        assert page.count("Do not share") < 2
        return words in page

    now = timezone.now()
    # Pat reads Ben’s name, whose record Bridge Housing keeps; Oli, who is here, does not.
    assert (says(river_provider), says(river_other_provider)) == (True, False)
    walk_in = add_walk_in(meeting, name="Wim", organization="", actor=river_other_provider, now=now)
    assert (says(river_provider), says(river_other_provider)) == (True, True)
    assert not says(river_lead)
    mark_present(walk_in, is_present=False, actor=river_other_provider, now=now)
    make_release(ben)
    assert (says(river_provider), says(river_other_provider)) == (False, False)
