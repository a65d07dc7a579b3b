"""Each act that says what is on file: the answer stays on record, though the act is refused."""

import ast
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone

from audit.models import AuditEntry
from participants.households.acts import change_head
from participants.households.members import add_member
from participants.households.splitting import split_household
from participants.models import HeadChange, HouseholdAct, Participant
from participants.returned.acts import settle
from participants.returned.now import texts_now
from participants.services.on_file import ENOUGH, MATCH_TOLD, MOST_A_DAY
from participants.services.participants import add_participant, change_participant
from participants.tests.factories import make_participant, make_returned
from regions.clock import local_day

pytestmark = pytest.mark.django_db
WHO = {"name": "Ana Sentinelle", "birth_date": date(1980, 2, 3)}
NOBODY = {"name": None, "birth_date": None, "contact": None, "hmis_id": None}
# What says what is on file, and what asks on behalf of acts that change more than a record.
ASKS = {"refuse_what_is_on_file", "ask_of_change"}


@pytest.fixture
def household(river_agency, region_2, river_provider):
    """One of two people, with who is on file already beside it."""
    make_participant(river_agency, region_2, alias="Heron-8", hmis_id="HX-4242", **WHO)
    person = make_participant(
        river_agency, region_2, name="Bo Kuhl", birth_date=WHO["birth_date"], alias="Wren-8"
    )
    since = local_day(timezone.now(), person.continuum.zone) - timedelta(days=30)
    who = {"relation": "3", "age_band": "25-61", "since": since}
    add_member(person, actor=river_provider, now=timezone.now(), **who)
    return Participant.objects.get(pk=person.pk)


def common_of(person, actor, now):
    on = local_day(now, person.continuum.zone)
    return {"happened_on": on, "changed_at": person.changed_at, "actor": actor, "now": now}


def adds(person, typed, actor, now):
    return add_participant(
        person.continuum,
        agency=person.agency,
        region=person.region,
        listed_on=date(2026, 1, 2),
        alias="",
        actor=actor,
        now=now,
        **typed,
    )


def changes(person, typed, actor, now):
    return change_participant(person, changed_at=person.changed_at, actor=actor, now=now, **typed)


def gives_another_head(person, typed, actor, now):
    common = common_of(person, actor, now)
    return change_head(person, head=NOBODY | typed, member=None, stays_as="", reason="", **common)


def splits(person, typed, actor, now):
    common, member = common_of(person, actor, now), person.members.get()
    return split_household(person, members=[member], member=member, head=NOBODY | typed, **common)


def brings_back(person, typed, actor, now):
    """Takes a name of a returned list. Its birth date is on file; no other cell is compared."""
    cell = make_returned(person, by=actor).cells.get()
    seen = texts_now([person], actor, now=now)[person.pk]
    cell.subject = "name"
    cell.changed_texts = {"exported": [seen["Household"]], "returned": [typed["name"]]}
    cell.save()
    return settle(cell, takes_file=True, seen=[seen["Household"]], actor=actor, now=now)


ACTS = {
    "add_participant": adds,
    "change_participant": changes,
    "change_head": gives_another_head,
    "split_household": splits,
    "settle": brings_back,
}


def told():
    return AuditEntry.objects.filter(action=MATCH_TOLD).count()


def refused(act, person, typed, actor, now):
    with pytest.raises(ValidationError) as caught:
        ACTS[act](person, typed, actor, now)
    return " ".join(caught.value.messages)


def everything():
    people = Participant.every.order_by("pk").values_list("pk", "hmis_id", "changed_at")
    return list(people), HouseholdAct.objects.count(), HeadChange.objects.count()


BY_ID = ({"hmis_id": "hx_4242"}, "Ana Sentinelle has this HMIS ID.")
BY_WHO = (WHO, "It may be Heron-8, ")
# A returned list holds no HMIS ID.
TOLD = [
    (act, *told) for act in ACTS for told in (BY_ID, BY_WHO) if (act, told) != ("settle", BY_ID)
]


@pytest.mark.parametrize(("act", "typed", "said"), TOLD)
def test_what_was_told_is_counted_by_each_act_and_ends_for_the_day(
    household, river_provider, act, typed, said
):
    now, before = timezone.now(), everything()
    for number in range(1, MOST_A_DAY + 1):
        assert said in refused(act, household, typed, river_provider, now)
        assert told() == number
    unlike = {"hmis_id": "HX-0"} if "hmis_id" in typed else typed | {"name": "Cy Nobody"}
    for asked in (typed, unlike):
        assert refused(act, household, asked, river_provider, now) == ENOUGH
    assert told() == MOST_A_DAY
    assert everything() == before


@pytest.mark.parametrize("act", ACTS)
def test_who_says_that_it_is_somebody_else_is_told_nothing_and_heard(
    household, river_provider, act
):
    typed = {"name": "Ana Nobody", "birth_date": WHO["birth_date"]}
    ACTS[act](household, typed, river_provider, timezone.now())
    assert told() == 0
    assert Participant.objects.filter(name__isnull=False).count() >= 2


def asking():
    """`(name, decorators)` of every function of ours that asks what is on file."""
    for room in ("participants", "conferencing"):
        for path in (settings.BASE_DIR / room).rglob("*.py"):
            if "tests" in path.parts:
                continue
            for each in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(each, ast.FunctionDef) and ASKS & {*called_in(each)}:
                    yield each.name, [ast.unparse(by) for by in each.decorator_list]


def called_in(function):
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id


def test_each_act_that_asks_what_is_on_file_is_tried_here_and_asks_before_it_begins():
    found = dict(asking())
    assert set(found) - ASKS == set(ACTS)
    assert not any("atomic" in by for each in found.values() for by in each)
