"""Households by chance: acts of people and imports, undone now and then, in any order.

After each nobody heads a household of which they are a member, is a member twice or heads two; and
who headed it when is told by days as by the order in which it was recorded.
"""

import random
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from participants.hmis.undoing import undo_import
from participants.households.undoing import undo_act
from participants.models import HmisImport, HouseholdMember, Participant
from participants.tests.test_hmis import apply, export, ready
from participants.tests.test_hmis_households import couple, enrol, leave

from .test_undoing import some_act

__all__ = ["export", "ready"]

pytestmark = pytest.mark.django_db
STAYED, HOUSED, DIED = "116", "410", "24"
State = HmisImport.State
ENROLLED = [("E20", "C"), ("E21", "D"), ("E22", "J"), ("E60", "G"), ("E61", "K")]


def told(rng):
    """What HMIS tells of two households, with up to three things that befell them by chance."""
    data = couple()
    enrol(data, "E60", "G", "H60", first="Gil", born="1970-01-01")
    enrol(data, "E61", "K", "H60", rel="2", first="Kai", born="2003-01-01")
    for number in range(rng.randint(0, 3)):
        what = rng.choice(["met", "left", "housed", "headed anew", "moved"])
        eid, pid = rng.choice(ENROLLED)
        on = f"2026-06-0{rng.randint(2, 5)}"
        if what == "met":
            data["CurrentLivingSituation"].append([f"Q{number}", eid, pid, on, STAYED, "", ""])
        elif eid not in {row[1] for row in data["Exit"]}:
            befell(data, rng, what, eid, pid, on)
    return data


def befell(data, rng, what, eid, pid, on):
    household = next(row[4] for row in data["Enrollment"] if row[0] == eid)
    leave(data, eid, pid, on, {"housed": HOUSED, "headed anew": DIED}.get(what, STAYED))
    if what == "headed anew":
        others = [row for row in data["Enrollment"] if row[4] == household and row[1] != pid]
        rng.choice(others)[5] = "1"
    elif what == "moved":
        into = rng.choice(["H20", "H60", "H99"])
        enrol(data, f"{eid}N", pid, into, rel=rng.choice("123"), on=on)


def everybody_is_once_in_a_household():
    heads = []
    for household in Participant.objects.select_related("place"):
        heads += [household.hmis_id] if household.hmis_id else []
        there = [
            each.hmis_id
            for each in HouseholdMember.objects.of_household(household)
            if each.hmis_id and not each.until
        ]
        assert len(there) == len(set(there))
        assert household.hmis_id not in there
        assert household.place.listed_on
        changes = list(household.head_changes.order_by("on", "recorded_at"))
        assert changes == sorted(changes, key=lambda each: each.recorded_at)
    assert len(heads) == len(set(heads))


@pytest.mark.parametrize("seed", range(30))
def test_nobody_is_twice_in_a_household_whatever_befell_it(
    ready, export, river_specialist, river_provider, seed
):
    rng = random.Random(seed)  # noqa: S311 (the same stories each time)
    apply(ready, export(told(rng), "first"), river_specialist)
    done, imports = [], []
    for number in range(8):
        now, chance = timezone.now(), rng.random()
        try:
            if chance < 0.4:
                done.append(some_act(rng, river_provider, now))
            elif chance < 0.55 and done:
                undo_act(rng.choice(done), actor=river_provider, now=now)
            elif chance < 0.65 and imports:
                undo_import(imports.pop(), actor=river_specialist, now=now)
            else:
                as_of = date(2026, 6, 8) + timedelta(days=number)
                folder = export(told(rng), f"later {number}")
                made = apply(ready, folder, river_specialist, as_of=as_of)
                assert made.state in (State.APPLIED, State.SAME)
                imports += [made] if made.state == State.APPLIED else []
        except ValidationError:
            continue
        everybody_is_once_in_a_household()
