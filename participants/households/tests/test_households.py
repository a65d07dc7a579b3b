"""Members, another head, a part that leaves: what is kept, what follows, what comes back."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from conferencing.tests.pages import text_of
from participants.households.acts import change_head
from participants.households.forms import member_words
from participants.households.joining import join_households
from participants.households.members import add_member, change_member, is_there
from participants.households.splitting import split_household
from participants.households.undoing import undo_act
from participants.models import (
    HeadChange,
    HouseholdAct,
    HouseholdMember,
    Participant,
    PlaceChange,
)
from participants.naming import label_for
from participants.tests.factories import make_participant, make_release
from regions.clock import local_day
from regions.tests.factories import today_in

pytestmark = pytest.mark.django_db
NOBODY = {"name": None, "birth_date": None, "contact": None, "hmis_id": None}


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def family(river_agency, region_2, river_provider, now):
    """A head and three others, since a month."""
    person = make_participant(
        river_agency, region_2, name="Ana Sentinelle", alias="Heron-1", hmis_id="P1"
    )
    since = today_in(person.continuum.zone) - timedelta(days=30)
    for relation, band in (("3", "25-61"), ("2", "13-17"), ("2", "0-4")):
        add_member(
            person, relation=relation, age_band=band, since=since, actor=river_provider, now=now
        )
    return Participant.objects.get(pk=person.pk)


def on_file(person):
    """All that a record says, and its members, places and releases: to compare before and after."""
    person = Participant.objects.get(pk=person.pk)
    columns = {each.attname for each in Participant._meta.concrete_fields} - {"changed_at"}
    return {
        "row": {name: getattr(person, name) for name in columns},
        "members": set(person.members.values_list("pk", "relation", "age_band", "since", "until")),
        "place": (person.place.status, person.place.listed_on, person.place.status_on),
        "moves": set(person.place_changes.values_list("pk", flat=True)),
        "releases": set(person.releases.values_list("pk", "is_by_former_head")),
        "changes": set(person.head_changes.values_list("pk", flat=True)),
    }


def new_head(person, actor, now, *, member=None, stays_as="", **head):
    person = Participant.objects.get(pk=person.pk)
    return change_head(
        person,
        head=NOBODY | head,
        member=member,
        stays_as=stays_as,
        happened_on=local_day(now, person.continuum.zone),
        reason="",
        changed_at=person.changed_at,
        actor=actor,
        now=now,
    )


def split(person, actor, now, members, member, **head):
    person = Participant.objects.get(pk=person.pk)
    return split_household(
        person,
        members=members,
        member=member,
        head=NOBODY | head,
        happened_on=local_day(now, person.continuum.zone),
        changed_at=person.changed_at,
        actor=actor,
        now=now,
    )


def test_the_size_follows_from_the_members(family, river_provider, now):
    assert (family.adults, family.children) == (2, 2)
    baby = family.members.get(age_band="0-4")
    on = local_day(now, family.continuum.zone)
    values = {"relation": "2", "since": baby.since, "actor": river_provider, "now": now}
    change_member(baby, age_band="0-4", until=on, **values)
    family.refresh_from_db()
    assert (family.adults, family.children) == (2, 1)
    change_member(baby, age_band="", until=None, **values)
    family.refresh_from_db()
    assert family.size_words == "Size not known"
    change_member(baby, age_band="62+", until=None, **values)
    family.refresh_from_db()
    assert (family.adults, family.children) == (3, 1)


def test_a_minor_who_heads_a_household_counts_as_one(river_agency, region_2, river_provider, now):
    on = today_in(river_agency.continuum.zone)
    person = make_participant(
        river_agency, region_2, birth_date=on - timedelta(days=17 * 365 + 30), adults=0, children=1
    )
    add_member(person, relation="2", age_band="0-4", since=on, actor=river_provider, now=now)
    person.refresh_from_db()
    assert (person.adults, person.children) == (0, 2)


def test_nobody_leaves_before_they_came(family, river_provider, now):
    child = family.members.filter(relation="2").first()
    with pytest.raises(ValidationError) as caught:
        change_member(
            child,
            relation="2",
            age_band="0-4",
            since=child.since,
            until=child.since - timedelta(days=1),
            actor=river_provider,
            now=now,
        )
    assert "until" in caught.value.message_dict


def test_a_member_added_twice_by_one_form_is_added_once(client, family, river_provider):
    client.force_login(river_provider)
    url = reverse("participants:member_add", args=[family.pk])
    data = {
        "pk": client.get(url).context["form"]["pk"].value(),
        "relation": "4",
        "age_band": "unknown",
        "since": today_in(family.continuum.zone).isoformat(),
    }
    for _ in range(2):
        assert client.post(url, data).status_code == 302
    assert family.members.filter(relation="4").count() == 1
    family.refresh_from_db()
    assert (family.adults, family.children) == (None, None)


def test_another_head_is_an_event_and_no_inflow(
    family, river_provider, river_other_agency, river_other_provider, now
):
    release = make_release(family)
    assert label_for(family, river_other_provider, now).is_named
    flows = PlaceChange.objects.count()
    place = on_file(family)["place"]
    partner = family.members.get(relation="3")
    new_head(family, river_provider, now, member=partner, name="Bea Example", hmis_id="P2")
    family = Participant.objects.get(pk=family.pk)
    assert (family.name, family.hmis_id, family.birth_date) == ("Bea Example", "P2", None)
    assert on_file(family)["place"] == place
    assert PlaceChange.objects.count() == flows
    assert HeadChange.objects.filter(participant=family).count() == 1
    release.refresh_from_db()
    assert release.is_by_former_head
    assert not label_for(family, river_other_provider, now).is_named
    # the former head left, and the one who heads is no member any more
    assert (family.adults, family.children) == (1, 2)


@pytest.mark.parametrize("stays_as", ["", "3", "4"])
@pytest.mark.parametrize("is_listed", [True, False])
def test_another_head_undone_leaves_the_household_as_it_was(
    family, river_provider, now, stays_as, is_listed
):
    make_release(family)
    before = on_file(family)
    member = family.members.get(relation="3") if is_listed else None
    act = new_head(family, river_provider, now, member=member, stays_as=stays_as, name="Bo Kuhl")
    assert on_file(family) != before
    later = make_release(family)
    undo_act(act, actor=river_provider, now=timezone.now())
    later.refresh_from_db()
    assert later.is_by_former_head
    after = on_file(family)
    after["releases"] -= {(later.pk, True)}
    assert after == before
    with pytest.raises(ValidationError):
        undo_act(act, actor=river_provider, now=timezone.now())


def test_the_id_of_hmis_comes_with_the_member(family, river_provider, now):
    partner = family.members.get(relation="3")
    partner.hmis_id = "P9"
    partner.save()
    new_head(family, river_provider, now, member=partner, stays_as="3", name="Bo Kuhl")
    family.refresh_from_db()
    assert family.hmis_id == "P9"
    assert {each.hmis_id for each in family.members.all()} >= {"P1", "P9"}


def test_those_who_leave_are_a_household_of_their_own(family, river_provider, now):
    make_release(family)
    listed_on = family.place.listed_on
    leaving = list(family.members.filter(age_band__in=["25-61", "0-4"]))
    partner = family.members.get(relation="3")
    act = split(family, river_provider, now, leaving, partner, name="Bo Kuhl")
    fresh, family = act.other, Participant.objects.get(pk=family.pk)
    on = local_day(now, family.continuum.zone)
    assert (fresh.name, fresh.adults, fresh.children) == ("Bo Kuhl", 1, 1)
    assert (family.adults, family.children) == (1, 1)
    assert (fresh.place.listed_on, fresh.place.status_on) == (listed_on, on)
    assert [(each.flow, each.on) for each in fresh.place_changes.all()] == [("identified", on)]
    assert not fresh.releases.exists()
    assert "Kuhl" not in fresh.alias
    left = HouseholdMember.objects.filter(pk__in=[each.pk for each in leaving])
    assert set(left.values_list("until", flat=True)) == {on}


def test_a_split_undone_leaves_nothing(family, river_provider, now):
    before, count = on_file(family), Participant.every.count()
    leaving = list(family.members.all())
    act = split(family, river_provider, now, leaving, family.members.get(relation="3"))
    undo_act(act, actor=river_provider, now=timezone.now())
    assert on_file(family) == before
    assert Participant.every.count() == count


def test_a_split_is_not_undone_once_somebody_worked_with_the_household(family, river_provider, now):
    leaving = [family.members.get(relation="3")]
    act = split(family, river_provider, now, leaving, leaving[0], name="Bo Kuhl")
    make_release(act.other)
    with pytest.raises(ValidationError, match="worked with since"):
        undo_act(act, actor=river_provider, now=timezone.now())
    assert Participant.objects.filter(pk=act.other_id).exists()


def test_only_who_is_there_can_leave(family, river_provider, now):
    stranger = HouseholdMember(participant=family, since=family.place.listed_on)
    with pytest.raises(ValidationError):
        split(family, river_provider, now, [stranger], stranger)
    assert not HouseholdAct.objects.exists()


def test_a_page_made_before_somebody_else_changed_the_record_does_nothing(
    client, family, river_provider
):
    client.force_login(river_provider)
    url = reverse("participants:head_change", args=[family.pk])
    changed_at = client.get(url).context["form"]["changed_at"].value()
    family.notes = "Theirs"
    family.save()
    data = {
        "changed_at": changed_at,
        "on": today_in(family.continuum.zone).isoformat(),
        "member": "other",
        "stays_as": "left",
        "name": "Bo Kuhl",
    }
    response = client.post(url, data)
    assert "Somebody changed this household while you were typing" in text_of(response)
    family.refresh_from_db()
    assert family.name == "Ana Sentinelle"


def test_whoever_may_not_read_the_head_replaces_nobody(family, river_specialist, now):
    with pytest.raises(ValidationError, match="hidden from you"):
        new_head(family, river_specialist, now, name="Bo Kuhl")


def test_a_victim_service_providers_household_gets_no_identity(
    client, river_vsp_agency, region_2, river_vsp_provider, now
):
    person = make_participant(river_vsp_agency, region_2, alias="Otter-1")
    add_member(
        person,
        relation="2",
        age_band="0-4",
        since=person.place.listed_on,
        actor=river_vsp_provider,
        now=now,
    )
    new_head(person, river_vsp_provider, now, name="Bo Kuhl", hmis_id="P7")
    child = person.members.get(relation="2")
    act = split(person, river_vsp_provider, now, [child], child, name="Bo Kuhl", hmis_id="P7")
    for each in (Participant.objects.get(pk=person.pk), act.other):
        assert (each.name, each.hmis_id, each.is_confidential) == (None, None, True)


def test_no_name_stands_in_the_audit(family, river_provider, now):
    act = new_head(family, river_provider, now, name="Bo Kuhl", hmis_id="P77")
    undo_act(act, actor=river_provider, now=timezone.now())
    said = str([(each.detail, each.why) for each in AuditEntry.objects.all()])
    assert not [word for word in ("Kuhl", "Sentinelle", "P77") if word in said]


@pytest.mark.parametrize("stays_as", ["", "3"])
def test_a_size_that_was_typed_is_not_lost_with_the_head(
    river_agency, region_2, river_provider, now, stays_as
):
    person = make_participant(river_agency, region_2, adults=2, children=3)
    new_head(person, river_provider, now, name="Bo Kuhl", stays_as=stays_as)
    person = Participant.objects.get(pk=person.pk)
    assert (person.adults, person.children) == (2 if stays_as else 1, 3)


def test_whoever_leaves_a_household_that_hmis_keeps_is_taken_off_its_size(
    river_agency, region_2, river_provider, now
):
    person = make_participant(river_agency, region_2, adults=2, children=2, hmis_id="P1")
    since = person.place.listed_on
    rows = [
        person.members.create(
            continuum=person.continuum, hmis_id=key, relation="2", age_band=band, since=since
        )
        for key, band in (("P2", "25-61"), ("P3", "0-4"), ("P4", "5-12"))
    ]
    act = split(person, river_provider, now, rows[:2], rows[0])
    person = Participant.objects.get(pk=person.pk)
    assert (person.adults, person.children) == (1, 1)
    assert (act.other.adults, act.other.children, act.other.hmis_id) == (1, 1, "P2")


@pytest.fixture
def other(river_agency, region_2):
    return make_participant(
        river_agency, region_2, name="Bo Kuhl", alias="Otter-2", hmis_id="P8", adults=1, children=2
    )


def joined(person, into, actor, now, relation="3"):
    on = local_day(now, person.continuum.zone)
    return join_households(
        person, into=into, relation=relation, happened_on=on, actor=actor, now=now
    )


def test_two_households_that_live_together_are_one_and_nobody_reads_more_names(
    family, other, river_provider, river_other_provider, now
):
    make_release(other)
    identified = PlaceChange.objects.filter(flow="identified").count()
    joined(other, family, river_provider, now)
    family, other = (Participant.objects.get(pk=each.pk) for each in (family, other))
    assert (family.adults, family.children) == (3, 2)
    assert {each.hmis_id: each.until for each in family.members.all()}["P8"] is None
    assert (other.place.status, family.place.status) == ("no_longer", "active")
    assert PlaceChange.objects.filter(flow="identified").count() == identified
    assert label_for(other, river_other_provider, now).is_named
    assert not label_for(family, river_other_provider, now).is_named
    text = label_for(family, river_other_provider, now).clean("Bo Kuhl and Ana Sentinelle came")
    assert "Sentinelle" not in text


def test_who_left_before_a_join_was_recorded_is_gone_and_who_came_is_there(
    other, third, river_provider, now
):
    """Recorded ten days late: what is on file of the days between holds in the other household."""
    today = local_day(now, other.continuum.zone)
    day = {days: today - timedelta(days=days) for days in (50, 10, 5, 3)}
    common = {"actor": river_provider, "now": now}
    child = add_member(other, relation="2", age_band="5-12", since=day[50], **common)
    values = {"relation": "2", "age_band": "5-12", "since": day[50], "until": day[5]}
    change_member(child, **values, **common)
    add_member(other, relation="4", age_band="62+", since=day[3], **common)
    other = Participant.objects.get(pk=other.pk)
    before = on_file(other), on_file(third)
    act = join_households(other, into=third, relation="3", happened_on=day[10], **common)
    rows = third.members.values_list("relation", "age_band", "since", "until")
    assert set(rows) == {
        ("3", "", day[10], None),
        ("", "5-12", day[10], day[5]),
        ("", "62+", day[3], None),
    }
    assert not [each for each in other.members.all() if is_there(each, today)]
    undo_act(act, actor=river_provider, now=timezone.now())
    assert (on_file(other), on_file(third)) == before


@pytest.fixture
def third(river_agency, region_2):
    return make_participant(river_agency, region_2, name="Cy Third", alias="Wren-3", adults=1)


def test_households_joined_and_parted_are_as_they_were(family, other, river_provider, now):
    before = on_file(family), on_file(other)
    act = joined(other, family, river_provider, now)
    assert joined(other, family, river_provider, now) == act  # sent twice
    undo_act(act, actor=river_provider, now=timezone.now())
    assert (on_file(family), on_file(other)) == before


def test_a_victim_service_providers_household_is_joined_with_no_other(
    river_vsp_agency, region_2, family, river_provider, now
):
    hidden = make_participant(river_vsp_agency, region_2, alias="Otter-1")
    for one, into in ((hidden, family), (family, hidden)):
        with pytest.raises(ValidationError, match="same provider"):
            joined(one, into, river_provider, now)
    assert not HouseholdAct.objects.exists()


def test_a_household_of_another_agency_is_not_joined_by_its_alias(
    client, family, river_other_agency, region_2, river_provider
):
    make_participant(river_other_agency, region_2, alias="Egret-9")
    client.force_login(river_provider)
    on = today_in(family.continuum.zone).isoformat()
    url = reverse("participants:household_join", args=[family.pk])
    answers = {
        text_of(client.post(url, {"alias": alias, "relation": "3", "on": on})).replace(alias, "…")
        for alias in ("Egret-9", "Nobody-9")
    }
    assert len(answers) == 1
    assert "No household that you may change" in answers.pop()


PAGES = (
    "participant_detail",
    "participant_edit",
    "member_add",
    "member_change",
    "head_change",
    "household_split",
    "household_join",
)


@pytest.mark.parametrize("page", PAGES)
def test_who_is_not_told_all_reads_nowhere_who_lives_with_the_head(
    client, family, river_specialist, page
):
    """A specialist whom no release covers: the size, not who they are."""
    client.force_login(river_specialist)
    for member in family.members.all():
        keys = [family.pk, member.pk] if page == "member_change" else [family.pk]
        shown = text_of(client.get(reverse(f"participants:{page}", args=keys)))
        assert member_words(member).lower() not in shown.lower()


def offered_on(client, person):
    """Addresses of the household that its page links to."""
    page = client.get(person.get_absolute_url()).content.decode()
    return {each for each in re.findall(r'href="([^"#?]+)"', page) if str(person.pk) in each}


def test_nobody_is_offered_what_they_are_refused(
    client, family, river_provider, river_specialist, now
):
    """A specialist whom no release covers is not told who lives there, nor what was done to it."""
    act = new_head(family, river_provider, now, name="Bo Kuhl")
    undo = reverse("participants:household_undo", args=[family.pk, act.pk])
    for reader, status in ((river_specialist, 403), (river_provider, 200)):
        client.force_login(reader)
        offered = offered_on(client, family)
        assert len(offered) > 4
        assert {client.get(each).status_code for each in offered} == {200}
        assert (undo in offered, client.get(undo).status_code) == (status == 200, status)
    client.force_login(river_specialist)
    before = on_file(family)
    assert client.post(undo).status_code == 403
    assert on_file(family) == before


@pytest.mark.parametrize("page", ["head_change", "household_split"])
def test_a_small_child_heads_no_household(client, family, river_provider, page):
    client.force_login(river_provider)
    form = client.get(reverse(f"participants:{page}", args=[family.pk])).context["form"]
    offered = {label for key, label in form.fields["member"].choices if key}
    everybody = {member_words(each) for each in family.members.all()}
    assert everybody - offered == {"Child, under 5"}
