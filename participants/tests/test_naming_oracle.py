"""The naming rule against a small oracle of plain Python, over releases at random."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from conferencing.prep_lists.copies import names_of
from participants.grounds import nameable
from participants.models import Participant, Release
from participants.naming import labels
from participants.tests.factories import make_participant
from regions.services import choose_who_sees_names
from regions.tests.factories import today_in

TODAY = today_in()
ZONE = ZoneInfo("America/Chicago")
RELEASES = st.fixed_dictionaries(
    {
        "participant": st.sampled_from(
            ["named", "elsewhere", "typed", "elsewhere", "typed", "nameless", "victim"]
        ),
        "covers": st.sampled_from([True, True, False]),
        "to_all": st.booleans(),
        "agencies": st.sets(st.sampled_from(["own", "other", "victim"])),
        "signed": st.integers(-3, 1),
        "length": st.integers(0, 4),
        "revoked": st.sampled_from([None, None, *range(-60, 61, 8)]),
    }
)
# Hours from noon of today in the continuum's zone; around midnight too.
MOMENTS = st.integers(-36, 36)
# The oracle's own knowledge of whose record each is, and who typed its name.
KEPT_BY = {"named": "own", "elsewhere": "other", "typed": "other"}
TYPED_BY = {"named": "lapsed", "elsewhere": "own", "typed": "specialist"}


@dataclass
class Stage:
    participants: dict
    agencies: dict
    viewers: dict
    agency_of: dict


@pytest.fixture
def stage(
    river_agency,
    river_other_agency,
    river_vsp_agency,
    region_2,
    river_provider,
    river_other_provider,
    river_vsp_provider,
    river_specialist,
    river_administrator,
    river_lapsed_provider,
    river_unsigned_provider,
    three_provider,
):
    return Stage(
        participants={
            "named": make_participant(
                river_agency, region_2, name="Ana Example", named_by=river_lapsed_provider
            ),
            "elsewhere": make_participant(
                river_other_agency, region_2, name="Eva Elsewhere", named_by=river_provider
            ),
            "typed": make_participant(
                river_other_agency, region_2, name="Ty Typed", named_by=river_specialist
            ),
            "nameless": make_participant(river_agency, region_2, name=None),
            "victim": make_participant(river_vsp_agency, region_2),
        },
        agencies={"own": river_agency, "other": river_other_agency, "victim": river_vsp_agency},
        viewers={
            "own": river_provider,
            "other": river_other_provider,
            "victim": river_vsp_provider,
            "specialist": river_specialist,
            "administrator": river_administrator,
            "lapsed": river_lapsed_provider,
            "unsigned": river_unsigned_provider,
            "stranger": three_provider,
        },
        # The oracle's own knowledge of who is in standing, and where.
        agency_of={"own": "own", "other": "other", "victim": "victim", "specialist": None},
    )


def has_own_ground(role, which, *, is_chosen):
    """Keeps the record, typed the name, or is CE Specialist where these see all names."""
    return (
        KEPT_BY.get(which) == role
        or TYPED_BY.get(which) == role
        or (is_chosen and role == "specialist")
    )


def may_name(role, agency_of, which, releases, moment, *, is_chosen):
    """The rule in plain words: design, rules 2 and 3."""
    if which not in KEPT_BY or role not in agency_of:
        return False
    if has_own_ground(role, which, is_chosen=is_chosen):
        return True
    on = moment.astimezone(ZONE).date()
    agency = agency_of[role]
    for release in releases:
        is_live = (
            release["covers"]
            and TODAY + timedelta(days=release["signed"]) <= on
            and on <= TODAY + timedelta(days=release["signed"] + release["length"])
            and (release["revoked"] is None or at(release["revoked"]) > moment)
        )
        is_to_viewer = release["to_all"] or (agency is not None and agency in release["agencies"])
        if release["participant"] == which and is_live and is_to_viewer:
            return True
    return False


def at(hours):
    noon = datetime.combine(TODAY, time(12), ZONE).astimezone(UTC)
    return noon + timedelta(hours=hours)


def store(stage, releases):
    rows = [
        Release(
            participant=stage.participants[each["participant"]],
            form_version="ROI",
            covers_case_conferencing=each["covers"],
            to_all_partners=each["to_all"],
            signed_on=TODAY + timedelta(days=each["signed"]),
            expires_on=TODAY + timedelta(days=each["signed"] + each["length"]),
            revoked_at=None if each["revoked"] is None else at(each["revoked"]),
        )
        for each in releases
    ]
    Release.objects.bulk_create(rows)
    listed = Release.agencies.through
    listed.objects.bulk_create(
        listed(release=row, agency=stage.agencies[name])
        for row, each in zip(rows, releases, strict=True)
        for name in each["agencies"]
    )


def frozen(participants):
    """What a list's snapshot holds of them."""
    return {
        "participants": [
            {"id": str(each.pk), "name": each.name, "alias": each.alias} for each in participants
        ],
        "steps": [],
    }


def always(roles):
    """Each role, without a release and with one to all partners: tried whatever chance brings."""
    to_all = {
        "covers": True,
        "to_all": True,
        "agencies": set(),
        "signed": -1,
        "length": 3,
        "revoked": None,
    }

    def add(test):
        everybody = [{**to_all, "participant": which} for which in KEPT_BY]
        for role in dict.fromkeys(roles):
            test = example([], 0, role, False)(example(everybody, 0, role, False)(test))
            test = example([], 0, role, True)(test)
        return test

    return add


@pytest.mark.django_db
def test_labels_and_lists_name_exactly_whom_the_rule_names(stage, river, river_administrator):
    people = list(Participant.objects.order_by("alias"))
    which = {person.pk: name for name, person in stage.participants.items()}
    # Those who may be named to come three times as often: their cases differ more.
    roles = [*stage.viewers, *stage.agency_of, *stage.agency_of]
    outcomes = set()

    @settings(
        max_examples=200,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @always(roles)
    @given(st.lists(RELEASES, max_size=3), MOMENTS, st.sampled_from(roles), st.booleans())
    def agrees(releases, hours, role, is_chosen):
        moment, viewer = at(hours), stage.viewers[role]
        expected = {
            person.pk: may_name(
                role, stage.agency_of, which[person.pk], releases, moment, is_chosen=is_chosen
            )
            for person in people
        }
        with transaction.atomic():
            store(stage, releases)
            acting = {"actor": river_administrator, "now": moment}
            choose_who_sees_names(river, specialists_see=is_chosen, why="ROI v3", **acting)
            shown = labels(people, viewer, moment)
            assert {pk: label.is_named for pk, label in shown.items()} == expected
            for person in people:
                words = person.name if expected[person.pk] else person.alias
                assert shown[person.pk].text == words
            named = set(
                nameable(Participant.objects.all(), viewer, moment).values_list("pk", flat=True)
            )
            assert named == {pk for pk, is_named in expected.items() if is_named}
            snapshot = frozen(people)
            names = names_of(snapshot, viewer, moment)
            assert {row["id"]: names.label(row, "id") for row in snapshot["participants"]} == {
                str(pk): label.text for pk, label in shown.items()
            }
            transaction.set_rollback(True)
        outcomes.update(
            (role, which[key], is_named)
            for key, is_named in expected.items()
            if not has_own_ground(role, which[key], is_chosen=is_chosen)
        )

    agrees()
    # Where the releases alone decide, both answers came about of each person for each role that
    # may be named to, and only "alias" for the rest.
    of_releases = {
        (role, person)
        for role in stage.agency_of
        for person in KEPT_BY
        if not has_own_ground(role, person, is_chosen=False)
    }
    assert {(role, person) for role, person, is_named in outcomes if is_named} == of_releases
    hidden = {(role, person) for role, person, is_named in outcomes if not is_named}
    assert of_releases <= hidden
    assert {role for role, _person in hidden} == set(stage.viewers)
