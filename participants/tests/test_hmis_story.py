"""Three imports one after the other leave the list as a person would have made it, and its past."""

import random
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from conferencing.follow_through.figures import MEASURES, figures
from conferencing.tests.world import signed_in
from participants.hmis import services
from participants.hmis.undoing import undo_import
from participants.models import HouseholdMember, Participant

from .test_hmis import apply, base, by_hmis_id, export, preview, ready
from .test_hmis_households import enrol, leave

__all__ = ["export", "ready"]

pytestmark = pytest.mark.django_db
APRIL, JUNE, JULY, AUGUST = (date(2026, month, 6) for month in (4, 6, 7, 8))
SINCE = date(2026, 4, 1)
# Family → whom it is of: (id, relation, first name, birth date).
FAMILIES = {
    "C": [("C", "1", "Cy", "1975-01-01"), ("D", "3", "Di", "1976-01-01"),
          ("J", "2", "Jo", "2016-01-01")],
    "W": [("W", "1", "Wes", "1955-02-02"), ("X", "3", "Wilma", "1956-03-03")],
    "S": [("S", "1", "Sam", "1985-04-04"), ("T", "3", "Sue", "1986-05-05"),
          ("U", "2", "Kit", "2015-06-06")],
    "L": [("L", "1", "Lee", "1966-07-07")],
    "N": [("N", "1", "Nan", "1967-08-08"), ("O", "2", "Ole", "2012-09-09")],
}  # fmt: skip


def town(prefix="", on=SINCE):
    """An export of these families alone; of another system every id has a prefix."""
    data = base()
    for name in ("Client", "Enrollment", "CurrentLivingSituation", "Services", "Assessment"):
        data[name] = []
    data["Event"] = []
    for family, people in FAMILIES.items():
        for pid, relation, first, born in people:
            row = {"rel": relation, "first": first, "born": born, "on": on.isoformat()}
            enrol(data, f"{prefix}E{pid}", f"{prefix}{pid}", f"{prefix}H{family}", **row)
            data["Client"][-1][2] = f"Town{pid}"
    return data


def lived(data, prefix=""):
    """June: Cy leaves, and Di heads; Wes dies, and Wilma does; Lee dies; Sue leaves with Kit."""

    def out(pid, on, destination):
        leave(data, f"{prefix}E{pid}", f"{prefix}{pid}", on, destination)

    out("C", "2026-06-20", "116")
    out("W", "2026-06-25", "24")
    out("L", "2026-06-28", "24")
    out("T", "2026-06-15", "116")
    out("U", "2026-06-15", "116")
    for pid, relation in (("T", "1"), ("U", "2")):
        enrol(data, f"{prefix}E{pid}2", f"{prefix}{pid}", f"{prefix}HT", rel=relation,
              on="2026-06-15")  # fmt: skip
    return data


def the_list(on):
    """`{name: (status, on the list since, who else is there)}`: what a person sees."""
    found = {}
    for each in Participant.objects.select_related("place"):
        members = [
            row.get_relation_display()
            for row in HouseholdMember.objects.of_household(each)
            if row.until is None or row.until > on
        ]
        first = each.name.split()[0]
        found[first] = (each.place.status, each.place.listed_on, sorted(members))
    return found


def past():
    """What each month says of itself: `{month: {measure: number}}`."""
    months = figures(Participant.objects.all(), on=date(2026, 8, 31))
    return {each.first: {name: each.count(name) for name in MEASURES} for each in months}


def until(month, found):
    """The months before this one."""
    return {first: each for first, each in found.items() if first < month.replace(day=1)}


# As somebody would have written it by hand.
AFTER_JUNE = {
    "Di": ("active", SINCE, ["Child"]),
    "Wilma": ("active", SINCE, []),
    "Sam": ("active", SINCE, []),
    "Sue": ("active", SINCE, ["Child"]),
    "Lee": ("no_longer", SINCE, []),
    "Nan": ("active", SINCE, ["Child"]),
}


@pytest.mark.parametrize("entered", [SINCE, date(2026, 8, 1)], ids=["taken along", "entered anew"])
def test_three_imports_leave_the_list_that_a_person_would_have_made(
    ready, export, river_specialist, entered
):
    """A change of head, two deaths and a split; then another system, with every id new.

    That one took the days of entry along, or had all of them entered on the day of the change.
    """
    apply(ready, export(town(), "june"), river_specialist, as_of=JUNE)
    keys = {each.name.split()[0]: each.pk for each in Participant.objects.all()}
    first = past()
    second = apply(ready, export(lived(town()), "july"), river_specialist, as_of=JULY)
    assert the_list(JULY) == AFTER_JUNE
    lived_on = past()
    assert until(date(2026, 6, 1), lived_on) == until(date(2026, 6, 1), first)
    june = lived_on[date(2026, 6, 1)]
    assert (june["identified"], june["no_longer"], june["active"]) == (1, 1, 5)
    # Each is the record that it was, and one is new.
    for name, former in (("Di", "Cy"), ("Wilma", "Wes"), ("Sam", "Sam"), ("Nan", "Nan")):
        assert Participant.objects.get(pk=keys[former]).name.startswith(name)
    undo_import(second, actor=river_specialist, now=timezone.now())
    assert past() == first
    assert set(the_list(JUNE)) == {"Cy", "Wes", "Sam", "Lee", "Nan"}
    apply(ready, export(lived(town()), "again"), river_specialist, as_of=JULY)
    assert (the_list(JULY), past()) == (AFTER_JUNE, lived_on)

    other = town("new-", entered)
    gone = {f"new-{pid}" for pid in "CWL"}
    for name, at in (("Client", 0), ("Enrollment", 1)):  # who left is not in the new system
        other[name] = [row for row in other[name] if row[at] not in gone]
    heads = {"new-D": "new-HC", "new-X": "new-HW", "new-T": "new-HT"}
    for row in other["Enrollment"]:
        if row[1] in heads:
            row[4:6] = [heads[row[1]], "1"]
        if row[1] == "new-U":
            row[4] = "new-HT"
    waiting = preview(ready, export(other, "august"), river_specialist, as_of=AUGUST)
    assert (waiting.counts["renumbered"], waiting.counts["new"]) == (5, 0)
    signed_in(river_specialist).post(reverse("imports:duplicates_join", args=[waiting.pk]))
    now = timezone.now()
    services.confirm_import(waiting, accepts=True, actor=river_specialist, now=now, is_queued=False)
    services.apply_confirmed(waiting, now=now)
    waiting.refresh_from_db()
    assert (the_list(AUGUST), past()) == (AFTER_JUNE, lived_on)
    assert by_hmis_id("new-D").pk == keys["Cy"]
    undo_import(waiting, actor=river_specialist, now=now)
    assert (the_list(AUGUST), past()) == (AFTER_JUNE, lived_on)
    assert by_hmis_id("D").pk == keys["Cy"]


EVENTS = ("nothing", "head leaves", "head dies", "all leave", "housed", "part leaves")


def happen(rng, data, since, until):
    """Let something befall each family that is still whole, on some day after `since`."""
    gone = {row[2] for row in data["Exit"]}
    for people in FAMILIES.values():
        if gone & {pid for pid, *_more in people}:
            continue
        days = rng.randint(1, (until - since).days)
        on, event = (since + timedelta(days=days)).isoformat(), rng.choice(EVENTS)
        first, *others = (pid for pid, *_more in people)
        if event in ("head leaves", "head dies"):
            leave(data, f"E{first}", first, on, "24" if event == "head dies" else "116")
        elif event in ("all leave", "housed"):
            for pid in (first, *others):
                leave(data, f"E{pid}", pid, on, "410" if event == "housed" else "116")
        elif event == "part leaves" and others:
            leave(data, f"E{others[0]}", others[0], on, "116")
            enrol(data, f"E{others[0]}2", others[0], f"H{others[0]}", on=on)


@pytest.mark.parametrize("seed", range(10))
def test_no_import_changes_a_month_that_was_over_before_nor_does_its_undo(
    ready, export, river_specialist, seed
):
    """What happened since the import before is counted in its own month, and in no earlier one."""
    rng = random.Random(seed)  # noqa: S311 (the same stories each time)
    data, last = town(), date(2026, 5, 6)
    apply(ready, export(data, "first"), river_specialist, as_of=last)
    for number, day in enumerate((JUNE, JULY, AUGUST)):
        before = past()
        happen(rng, data, last, day)
        done = apply(ready, export(data, f"e{number}"), river_specialist, as_of=day)
        after = past()
        assert until(last, after) == until(last, before)
        if done.state == "applied":
            listed = the_list(day)
            undo_import(done, actor=river_specialist, now=timezone.now())
            assert past() == before
            apply(ready, export(data, f"again{number}"), river_specialist, as_of=day)
            assert (past(), the_list(day)) == (after, listed)
        last = day
