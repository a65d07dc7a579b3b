"""Name or alias, by the releases as they stand for the viewer."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from participants.grounds import KEEPS, RELEASE, SETTING, TYPED, nameable
from participants.models import Participant
from participants.naming import label_for
from participants.redaction import WITHHELD
from participants.services.participants import change_participant
from participants.tests.factories import make_merge, make_participant, make_release, make_situation
from regions.services import choose_who_sees_names
from regions.tests.factories import today_in


def label_text(participant, viewer):
    return label_for(participant, viewer, timezone.now()).text


def test_labels_name_only_to_agencies_that_a_live_release_lists(
    river_agency, region_2, river_provider, river_other_agency, river_vsp_provider
):
    participant = make_participant(
        river_other_agency, region_2, name="Ana Example", alias="Heron-1"
    )
    assert label_text(participant, river_provider) == "Heron-1"
    make_release(participant, agencies=[river_agency])
    assert label_text(participant, river_provider) == "Ana Example"
    assert label_text(participant, river_vsp_provider) == "Heron-1"


def test_labels_alias_when_release_expired_revoked_or_for_something_else(
    river_other_agency, region_2, river_provider
):
    participant = make_participant(river_other_agency, region_2, alias="Heron-2")
    today = today_in()
    make_release(participant, expires_on=today - timedelta(days=2))
    make_release(participant, revoked_at=timezone.now())
    make_release(participant, covers_case_conferencing=False)
    make_release(participant, signed_on=today + timedelta(days=2))
    assert label_text(participant, river_provider) == "Heron-2"


def test_labels_alias_to_whoever_is_not_in_standing(
    river_agency, region_2, river_lapsed_provider, river_unsigned_provider, three_provider
):
    participant = make_participant(river_agency, region_2, alias="Heron-3")
    make_release(participant)
    for viewer in (river_lapsed_provider, river_unsigned_provider, three_provider):
        assert label_text(participant, viewer) == "Heron-3"


def test_labels_victim_services_participant_by_alias_in_spite_of_a_release(
    river_vsp_agency, region_2, river_vsp_provider
):
    participant = make_participant(river_vsp_agency, region_2, alias="Heron-4")
    make_release(participant)
    assert label_text(participant, river_vsp_provider) == "Heron-4"
    assert not nameable(Participant.objects.all(), river_vsp_provider, timezone.now()).exists()


def test_participant_database_refuses_identity_for_victim_services(river_vsp_agency, region_2):
    participant = make_participant(river_vsp_agency, region_2)
    for field, value in [("name", "Ana"), ("contact", "555"), ("hmis_id", "1")]:
        setattr(participant, field, value)
        with pytest.raises(IntegrityError), transaction.atomic():
            participant.save()
        participant = Participant.objects.get(pk=participant.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_situation(participant, words="12 Elm Street")


def test_participant_moving_to_victim_services_with_a_name_is_refused(
    river_agency, river_vsp_agency, region_2
):
    participant = make_participant(river_agency, region_2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Participant.objects.filter(pk=participant.pk).update(agency=river_vsp_agency)


def test_visible_to_shows_participants_to_those_in_standing_of_the_continuum(
    river_agency,
    region_2,
    region_1,
    river_provider,
    river_specialist,
    river_administrator,
    river_lapsed_provider,
    river_unsigned_provider,
    three_specialist,
):
    here = make_participant(river_agency, region_2)
    elsewhere = make_participant(river_agency, region_1)
    river_agency_elsewhere = Participant.objects.filter(pk=elsewhere.pk)
    today = today_in()

    def seen(user):
        return set(Participant.objects.visible_to(user, today))

    assert seen(river_specialist) == {here, elsewhere}
    assert seen(river_provider) == {here, elsewhere}
    assert river_agency_elsewhere.exists()
    for user in (
        river_administrator,
        river_lapsed_provider,
        river_unsigned_provider,
        three_specialist,
    ):
        assert seen(user) == set()


def grounds_of(participant, *viewers):
    return [label_for(participant, each, timezone.now()).ground.why for each in viewers]


def test_labels_name_to_the_keeping_agency_without_a_release(
    river_agency,
    region_2,
    river_provider,
    river_other_provider,
    river_specialist,
    river_administrator,
    river_lapsed_provider,
    three_provider,
):
    participant = make_participant(river_agency, region_2, name="Ana Example", alias="Heron-5")
    strangers = [
        river_other_provider,
        river_specialist,
        river_administrator,
        river_lapsed_provider,
        three_provider,
    ]
    assert grounds_of(participant, river_provider, *strangers) == [KEEPS, "", "", "", "", ""]
    assert label_text(participant, river_provider) == "Ana Example"
    make_release(participant)
    assert grounds_of(participant, river_provider) == [RELEASE]


def test_labels_alias_to_the_keeping_agency_once_it_is_not_in_standing(
    river_agency, region_2, river_provider, river_unsigned_provider
):
    participant = make_participant(river_agency, region_2, alias="Heron-6")
    assert grounds_of(participant, river_unsigned_provider) == [""]
    river_provider.statements.update(revoked_at=timezone.now())
    assert grounds_of(participant, river_provider) == [""]


def test_labels_follow_a_record_that_another_agency_keeps_now(
    river_agency, river_other_agency, region_2, river_provider, river_other_provider
):
    participant = make_participant(river_agency, region_2)
    assert grounds_of(participant, river_provider, river_other_provider) == [KEEPS, ""]
    Participant.objects.filter(pk=participant.pk).update(agency=river_other_agency)
    assert grounds_of(participant, river_provider, river_other_provider) == ["", KEEPS]


def test_labels_name_to_who_typed_it_but_not_what_others_recorded(
    river_agency, region_2, river_specialist, river_other_provider
):
    participant = make_participant(
        river_agency,
        region_2,
        name="Ana Example",
        named_by=river_other_provider,
        hmis_id="H-7",
    )
    label = label_for(participant, river_other_provider, timezone.now())
    assert (label.text, label.ground.why) == ("Ana Example", TYPED)
    assert (label.tells_all, label.hmis_id) == (False, "")
    assert grounds_of(participant, river_specialist) == [""]


def test_labels_give_the_specialist_the_hmis_id_beside_the_alias(
    river_agency,
    river_vsp_agency,
    region_2,
    river_provider,
    river_specialist,
    river_other_provider,
    three_specialist,
):
    participant = make_participant(river_agency, region_2, alias="Heron-8", hmis_id="H-8")
    hidden = make_participant(river_vsp_agency, region_2, alias="Heron-9")
    now = timezone.now()
    label = label_for(participant, river_specialist, now)
    assert (label.text, label.is_named, label.hmis_id) == ("Heron-8", False, "H-8")
    assert label_for(participant, river_provider, now).hmis_id == "H-8"
    for viewer in (river_other_provider, three_specialist):
        assert label_for(participant, viewer, now).hmis_id == ""
    assert label_for(hidden, river_specialist, now).hmis_id == ""
    river_specialist.statements.update(revoked_at=now)
    assert label_for(participant, river_specialist, now).hmis_id == ""


def test_labels_name_to_specialists_where_the_continuum_chose_so(
    river,
    river_agency,
    river_vsp_agency,
    region_2,
    river_specialist,
    river_other_provider,
    river_administrator,
    three_specialist,
):
    participant = make_participant(river_agency, region_2)
    hidden = make_participant(river_vsp_agency, region_2)
    acting = {"actor": river_administrator, "now": timezone.now()}
    others = [river_other_provider, river_administrator, three_specialist]
    choose_who_sees_names(river, specialists_see=True, why="ROI v3: may know.", **acting)
    assert grounds_of(participant, river_specialist, *others) == [SETTING, "", "", ""]
    assert grounds_of(hidden, river_specialist, *others) == ["", "", "", ""]
    choose_who_sees_names(river, specialists_see=False, why="", **acting)
    assert grounds_of(participant, river_specialist, *others) == ["", "", "", ""]


def test_labels_of_a_joined_record_are_those_of_the_one_that_stays(
    river_agency, river_other_agency, region_2, river_provider, river_other_provider
):
    stays = make_participant(river_agency, region_2, name="Ana Example")
    goes = make_participant(river_other_agency, region_2, name="Anna Example")
    Participant.objects.filter(pk=goes.pk).update(merged_into=stays)
    goes = Participant.every.get(pk=goes.pk)
    assert grounds_of(goes, river_provider, river_other_provider) == [KEEPS, ""]


HIDDEN = ["Zyxwvut Qorvath", "Zyxwvut  Qorvath-Lind", "Nguyễn Thị Hoa", "田中花子", "A+B"]


def typed_after(hidden, agency, region, *, keeper, typist):
    """A household whose hidden name its agency took off the record, before somebody typed one."""
    person = make_participant(agency, region, name=hidden)
    for name, actor in (("", keeper), ("Xavier Moxley", typist)):
        person = Participant.objects.get(pk=person.pk)
        person = change_participant(
            person, changed_at=person.changed_at, actor=actor, now=timezone.now(), name=name
        )
    return Participant.objects.get(pk=person.pk)


@pytest.mark.django_db
@pytest.mark.parametrize("hidden", HIDDEN)
def test_who_typed_a_name_reads_that_one_and_no_other_of_the_household(
    hidden, river_agency, region_2, river_specialist, river_provider
):
    person = typed_after(
        hidden, river_agency, region_2, keeper=river_provider, typist=river_specialist
    )
    other = make_participant(river_agency, region_2, name="Ida Other")
    text = f"Met Xavier Moxley. {hidden} hides from her husband. Call Moxley."
    for about in (person, other):
        label = label_for(about, river_specialist, timezone.now())
        for shown in (label.clean(text), label.to_edit(text)):
            assert hidden not in shown
            assert "Met Xavier Moxley." in shown
        stored = label.put_back(label.to_edit(text) + " Soon.", text)
        assert stored == f"{text} Soon."
        assert label_for(about, river_provider, timezone.now()).clean(text) == text
    assert label_for(person, river_specialist, timezone.now()).clean(hidden) == WITHHELD


@pytest.mark.django_db
def test_who_typed_a_name_reads_no_name_of_a_record_that_was_joined_into_it(
    river_agency, region_2, river_other_provider, river_specialist
):
    typed = make_participant(
        river_agency, region_2, name="Bea Moxley", named_by=river_other_provider
    )
    hidden = make_participant(river_agency, region_2, name="Zyxwvut Qorvath")
    make_merge(typed, hidden, by=river_specialist)
    text = "Bea Moxley, once Zyxwvut Qorvath, Qorvath for short."
    for person in Participant.every.all():
        label = label_for(person, river_other_provider, timezone.now())
        assert label.clean(text) == f"Bea Moxley, once {WITHHELD}, {WITHHELD} for short."
