"""Whose name a release covers once another person heads the household: the signer's alone."""

from datetime import date
from importlib import import_module

import pytest
from django.db import connection
from django.utils import timezone

from conferencing.deliveries.copies import Names
from participants.hmis.undoing import undo_import
from participants.households.acts import change_head
from participants.households.tests.test_households import NOBODY
from participants.households.undoing import undo_act
from participants.known_names import forget_names, names_on_file
from participants.merges.acts import undo_merge
from participants.models import FormerHead, KnownName, Participant
from participants.naming import label_for, reader_for
from participants.search import search
from participants.services.releases import confirm_release, names_on_scan
from participants.tests.factories import make_merge, make_participant, make_release
from regions.clock import local_day
from regions.services import choose_who_sees_names

from .test_hmis import apply, base, by_hmis_id, export, ready
from .test_hmis_households import enrol, leave

__all__ = ["export", "ready"]

pytestmark = pytest.mark.django_db
NEXT = date(2026, 6, 8)
BEFORE = "Cyrus came along. We told Cyrus {c} about the flat; he goes by Cy {c}."
AFTER = "Diane called since. With Diane {d} we looked at the flat that Cyrus had seen."
# Which of the two names a text may tell: (the former head's, the new one's).
SIGNED = [(False, False), (True, False), (False, True), (True, True)]


def couple(surname):
    """Cyrus, spelled Cy by a first import, and Diane, who bear one surname or two."""
    data = base()
    enrol(data, "E20", "C", "H20", first="Cyrus", born="1975-01-01")
    enrol(data, "E21", "D", "H20", rel="3", first="Diane", born="1976-01-01")
    if surname:
        for row in data["Client"]:
            row[2] = surname if row[0] in "CD" else row[2]
    return data


def told(text):
    """`(whether it tells the former head's name, the new one's)`."""
    return "Cy" in text, "Diane" in text


class Story:
    """The household before another person heads it, since, and after an undo."""

    def __init__(self, ready, export, actor, *, surname, by_hand=None):
        self.ready, self.export, self.actor, self.surname = ready, export, actor, surname
        self.by_hand = by_hand
        data = couple(surname)
        data["Client"][-2][1] = "Cy"
        apply(ready, export(data, "first"), actor)
        apply(ready, export(couple(surname), "second"), actor, as_of=date(2026, 6, 2))
        self.pk = by_hmis_id("C").pk

    @property
    def household(self):
        return Participant.objects.get(pk=self.pk)

    def sign(self, *agencies):
        return make_release(self.household, agencies=agencies, days=900)

    def head_dies(self):
        if self.by_hand:
            household = self.household
            self.done = change_head(
                household,
                head={**NOBODY, "name": f"Diane {self.surname or 'LastD'}"},
                member=next(each for each in household.members.all() if each.hmis_id == "D"),
                stays_as="",
                happened_on=local_day(timezone.now(), household.continuum.zone),
                reason="Cyrus died",
                changed_at=household.changed_at,
                actor=self.by_hand,
                now=timezone.now(),
            )
            return
        data = couple(self.surname)
        leave(data, "E20", "C", "2026-06-04", "24")
        self.done = apply(self.ready, self.export(data, "later"), self.actor, as_of=NEXT)
        assert self.household.name.startswith("Diane")

    def undo(self):
        if self.by_hand:
            undo_act(self.done, actor=self.by_hand, now=timezone.now())
            return
        undo_import(self.done, actor=self.actor, now=timezone.now())
        assert self.household.name.startswith("Cyrus")

    def texts(self):
        c, d = (f"Last{each}" if not self.surname else self.surname for each in "CD")
        return [BEFORE.format(c=c), AFTER.format(d=d)]

    def shown(self, viewer):
        """`(in texts about the household, in those about another one)`: which names are told."""
        now = timezone.now()
        other = Participant.objects.exclude(pk=self.pk).filter(hmis_id__isnull=False).first()
        found = []
        for each in (self.household, other):
            label = label_for(each, viewer, now)
            found.append(told(" ".join([label.clean(text) for text in self.texts()])))
            again = told(" ".join(label.clean(self.texts())))
            to_edit = label.to_edit(self.texts())
            assert again == told(" ".join(to_edit)) == found[-1]
            assert label.put_back(to_edit, self.texts()) == self.texts()
        everywhere = reader_for(viewer, now).clean("\n".join(self.texts()))
        assert told(everywhere) == found[1]
        return found


@pytest.fixture(params=["import", "import, one surname", "by hand, one surname"])
def story(request, ready, export, river_specialist, river_provider):
    return Story(
        ready,
        export,
        river_specialist,
        surname="Ahlborn" if "one" in request.param else None,
        by_hand=river_provider if "hand" in request.param else None,
    )


@pytest.mark.parametrize("signed", SIGNED)
def test_a_release_covers_the_name_of_who_signed_it_and_no_other(
    story, signed, river_other_provider, river_provider, river_specialist
):
    """Of the household, which is named by the new head's release, texts name both or the new one.

    By alias it stays by alias whole; elsewhere each is named as far as they signed.
    """
    if signed[0]:
        story.sign()
    story.head_dies()
    if signed[1]:
        story.sign()
    label = label_for(story.household, river_other_provider, timezone.now())
    assert label.is_named == signed[1]
    assert story.shown(river_other_provider) == [signed if signed[1] else (False, False), signed]
    # The agency that keeps the record reads both; a CE Specialist without that right as others do.
    assert story.shown(river_provider) == [(True, True), (True, True)]
    assert story.shown(river_specialist)[1] == signed
    # And nobody finds the household by the former head's name.
    now, people = timezone.now(), Participant.objects.all()
    assert not search(people, "Cyrus", river_other_provider, now).filter(pk=story.pk).exists()
    assert search(people, "Diane", river_other_provider, now).exists() == signed[1]


@pytest.mark.parametrize("signed", SIGNED)
def test_after_an_undo_each_name_is_covered_by_its_own_release(
    story, signed, river_other_provider, river_provider
):
    if signed[0]:
        story.sign()
    story.head_dies()
    if signed[1]:
        story.sign()
    reader = label_for(story.household, river_other_provider, timezone.now()).reader
    assert reader.clean("Cyrus") == ("Cyrus" if signed[0] else "[name withheld]")
    story.undo()
    label = label_for(story.household, river_other_provider, timezone.now())
    assert label.is_named == signed[0]
    assert story.shown(river_other_provider) == [signed if signed[0] else (False, False), signed]
    assert story.shown(river_provider) == [(True, True), (True, True)]
    assert FormerHead.objects.count() == 1


def test_a_release_to_one_agency_covers_that_one_alone(
    story, river_agency, river_other_agency, river_other_provider
):
    story.sign(river_agency)
    story.head_dies()
    story.sign(river_other_agency)
    assert story.shown(river_other_provider) == [(False, True), (False, True)]


def test_a_release_that_was_confirmed_covers_both_and_a_revoked_one_neither(
    story, river_other_provider, river_provider
):
    release = story.sign()
    story.head_dies()
    assert story.shown(river_other_provider) == [(False, False), (True, False)]
    now = timezone.now()
    confirm_release(release, reason="Both signed", actor=river_provider, now=now)
    assert story.shown(river_other_provider) == [(True, True), (True, True)]
    type(release).objects.filter(pk=release.pk).update(revoked_at=now)
    assert story.shown(river_other_provider) == [(False, False), (False, False)]


def test_specialists_who_see_names_see_both(story, river, river_specialist):
    story.head_dies()
    choose_who_sees_names(
        river, specialists_see=True, why="ROI 5", actor=river_specialist, now=timezone.now()
    )
    river_specialist.membership.continuum.refresh_from_db()
    assert story.shown(river_specialist) == [(True, True), (True, True)]


@pytest.mark.parametrize("signed", SIGNED)
def test_a_document_names_who_headed_the_household_when_it_was_made(
    story, signed, river_other_provider
):
    """A frozen list keeps the name of its day: under that one's release, and while it is named."""
    if signed[0]:
        story.sign()
    row = {"id": str(story.pk), "name": story.household.name, "alias": story.household.alias}
    story.head_dies()
    if signed[1]:
        story.sign()
    names = Names([str(story.pk)], river_other_provider, timezone.now())
    assert names.is_named(row, "id") == (signed == (True, True))
    assert told(names.clean(story.texts()[0], row, "id"))[0] == (signed == (True, True))
    now = {**row, "name": story.household.name}
    assert names.is_named(now, "id") == signed[1]


def test_a_scan_opens_to_whoever_may_read_its_signers_name(
    story, river_other_provider, river_provider
):
    now = timezone.now()
    scanned = make_release(story.household, signed_on=date(2026, 1, 1), expires_on=date(2026, 1, 2))
    story.head_dies()
    own = story.sign()
    assert names_on_scan(own, river_other_provider, now)
    assert names_on_scan(scanned, river_other_provider, now) is None
    assert names_on_scan(scanned, river_provider, now)


@pytest.mark.parametrize("first", ["joined", "headed"])
def test_a_joined_record_is_called_as_its_own_head_again(
    story, first, river_agency, region_2, river_specialist, river_other_provider
):
    """While they are one, the names of both are the former head's; apart, each has its own."""
    twin = make_participant(river_agency, region_2, name="Cyril Elsewhere")
    make_release(twin, days=900)
    if first == "headed":
        story.head_dies()
    merge = make_merge(story.household, twin, by=river_specialist)
    if first == "joined":
        story.head_dies()
    undo_merge(merge, why="Two people", actor=river_specialist, now=timezone.now())
    twin.refresh_from_db()
    label = label_for(twin, river_other_provider, timezone.now())
    assert label.clean("Cyril Elsewhere came") == "Cyril Elsewhere came"
    assert story.shown(river_other_provider)[1] == (False, False)
    heads = KnownName.objects.filter(participant=twin).values_list("former_head", flat=True)
    assert list(heads) == [None]


def test_a_record_that_is_forgotten_holds_no_name_of_a_former_head(story, river_specialist):
    story.head_dies()
    assert len(names_on_file([story.pk])[story.pk]) == 3
    reader_for(river_specialist, timezone.now()).clean("Cyrus")
    forget_names([story.pk])
    assert names_on_file([story.pk]) == {}
    assert reader_for(river_specialist, timezone.now()).clean("Cyrus") == "Cyrus"


def test_a_former_head_of_before_is_known_by_what_is_on_file(story, river_other_provider):
    """The migration tells too little rather than too much: all names but the present one."""
    story.sign()
    story.head_dies()
    since = story.sign()
    KnownName.objects.update(former_head=None)
    FormerHead.objects.all().delete()
    migration = import_module("participants.migrations.0021_former_heads")
    with connection.cursor() as cursor:
        cursor.execute(migration.NOTE)
    assert story.shown(river_other_provider) == [(True, True), (True, True)]
    since.delete()
    assert story.shown(river_other_provider) == [(False, False), (True, False)]
