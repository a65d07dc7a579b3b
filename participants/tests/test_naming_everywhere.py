"""The naming rule as a property: nobody is named anywhere to whom no live release covers.

More than ten thousand cases against labels, narrowing, search and what documents are made of; some
thousands more through the pages, papers, mails and files themselves.
"""

from dataclasses import dataclass
from datetime import timedelta
from random import Random

import pypdfium2
import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from agreements.models import StaffMember
from conferencing import minutes
from conferencing.call.acts import begin_call, put_on_table
from conferencing.deliveries.copies import Names
from conferencing.minutes import MINUTES
from conferencing.minutes.exports import download_minutes, export_minutes
from conferencing.models import Meeting
from conferencing.prep_lists import acts as lists
from conferencing.prep_lists.copies import Copy
from conferencing.prep_lists.deliveries import PREP_LIST
from conferencing.roster.nominations import nominate_participant
from conferencing.tests.factories import (
    make_attendance,
    make_meeting,
    make_prework,
    make_review,
    make_roster,
    make_step,
    report,
)
from conferencing.tests.world import signed_in
from participants.forms.listing import ListForm
from participants.grounds import nameable
from participants.listing import COLUMNS
from participants.models import (
    DuplicatePair,
    HmisImport,
    HmisLine,
    Merge,
    Participant,
    Release,
)
from participants.naming import labels
from participants.quiet import rule_of
from participants.search import matching_keys
from participants.services.disclosures import export_record
from participants.services.list_export import download_list, export_list, extent_of
from participants.tests.factories import (
    make_hmis_record,
    make_import,
    make_merge,
    make_pair,
    make_participant,
    make_request,
    make_situation,
    said_of,
)
from participants.tests.test_naming_oracle import TODAY, ZONE, at
from vault.tests.workbooks import cells_in

pytestmark = pytest.mark.django_db
# A seed says all that there is to say of a case: there is nothing to shrink.
QUIET = {
    "deadline": None,
    "database": None,
    "phases": [Phase.generate],
    "suppress_health_check": list(HealthCheck),
}
IMPORTED = [*HmisLine.Kind, "refused"]
SYLLABLES = ["qaz", "vex", "zok", "jux", "wiq", "xov", "kez", "pyx", "zuf", "qim", "vuz", "jaq"]


@dataclass(frozen=True)
class Signed:
    """A release as the oracle knows it: days from today, hours from today's noon."""

    covers: bool
    to_all: bool
    agencies: frozenset
    signed: int
    length: int
    revoked: int | None

    def covers_at(self, moment, agency):
        on = moment.astimezone(ZONE).date()
        first = TODAY + timedelta(days=self.signed)
        is_live = (
            self.covers
            and first <= on <= first + timedelta(days=self.length)
            and (self.revoked is None or at(self.revoked) > moment)
        )
        return is_live and (self.to_all or (agency is not None and agency in self.agencies))


def invented(number):
    """A name no part of which is a word, or stands in another one."""
    one, two = SYLLABLES[number % 12], SYLLABLES[number // 12 % 12]
    return f"{one}{two}a".capitalize() + " " + f"{two}{one}{one}o".capitalize()


@dataclass
class Stage:
    people: list
    agencies: dict
    viewers: dict
    agency_of: dict

    def may_name(self, role, person, signed, moment):
        if role not in self.agency_of or person.is_confidential or not person.name:
            return False
        if self.keeps(role, person):
            return True
        return any(each.covers_at(moment, self.agency_of[role]) for each in signed[person.pk])

    def keeps(self, role, person):
        """Whether the role's agency keeps the record, or its viewer typed the name."""
        agency = self.agencies.get(self.agency_of[role])
        return person.agency == agency or person.named_by == self.viewers[role]


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
        people=[],
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
        agency_of={"own": "own", "other": "other", "victim": "victim", "specialist": None},
    )


def drawn(random):
    """A release at random; most of them cover, some have ended, begin ahead or were revoked."""
    return Signed(
        covers=random.random() < 0.8,
        to_all=random.random() < 0.3,
        agencies=frozenset(name for name in ("own", "other", "victim") if random.random() < 0.4),
        signed=random.randint(-4, 1),
        length=random.randint(0, 5),
        revoked=random.choice([None, None, None, *range(-60, 61, 12)]),
    )


def sign(stage, random):
    """Give everybody up to three releases; return `{key: [Signed, …]}`."""
    signed = {
        person.pk: [drawn(random) for _ in range(random.randint(0, 3))] for person in stage.people
    }
    rows, listed = [], []
    for person in stage.people:
        for each in signed[person.pk]:
            first = TODAY + timedelta(days=each.signed)
            row = Release(
                participant=person,
                form_version="ROI",
                covers_case_conferencing=each.covers,
                covers_hmis=True,
                to_all_partners=each.to_all,
                signed_on=first,
                expires_on=first + timedelta(days=each.length),
                revoked_at=None if each.revoked is None else at(each.revoked),
            )
            rows.append(row)
            listed += [(row, stage.agencies[name]) for name in each.agencies]
    Release.objects.bulk_create(rows)
    through = Release.agencies.through
    through.objects.bulk_create(through(release=row, agency=agency) for row, agency in listed)
    return signed


def test_nobody_is_named_in_ten_thousand_cases_without_a_release_that_covers(stage, region_2):
    own, other, victim = (stage.agencies[name] for name in ("own", "other", "victim"))
    typers = {
        0: stage.viewers["specialist"],
        1: stage.viewers["other"],
        2: stage.viewers["lapsed"],
        8: stage.viewers["own"],
    }
    stage.people = [
        make_participant(
            (own, own, own, other, victim)[number % 5],
            region_2,
            name=invented(number),
            named_by=typers.get(number % 10),
        )
        for number in range(60)
    ]
    snapshot = [
        {"id": str(each.pk), "name": each.name or invented(number), "alias": each.alias}
        for number, each in enumerate(stage.people)
    ]
    cases, answers = [], set()

    @settings(max_examples=3, **QUIET)
    @given(st.integers(0, 2**32))
    def agrees(seed):
        random = Random(seed)  # noqa: S311 (nothing secret)
        with transaction.atomic():
            signed = sign(stage, random)
            for moment in [at(random.randint(-60, 60)) for _ in range(8)]:
                for role, viewer in stage.viewers.items():
                    expected = {
                        person.pk: stage.may_name(role, person, signed, moment)
                        for person in stage.people
                    }
                    check(viewer, expected, snapshot, moment)
                    cases.extend(expected)
                    answers.update((role, each) for each in expected.values())
            transaction.set_rollback(True)

    def check(viewer, expected, snapshot, moment):
        shown = labels(stage.people, viewer, moment)
        assert {pk: label.is_named for pk, label in shown.items()} == expected
        for person in stage.people:
            words = person.name if expected[person.pk] else person.alias
            assert shown[person.pk].text == words
        named = {pk for pk, is_named in expected.items() if is_named}
        everybody = Participant.objects.all()
        assert set(nameable(everybody, viewer, moment).values_list("pk", flat=True)) == named
        names = Names([row["id"] for row in snapshot], viewer, moment)
        for row in snapshot[len(cases) // 60 % 12 :: 12]:
            is_named = expected[type(stage.people[0].pk)(row["id"])]
            assert names.label(row, "id") == (row["name"] if is_named else row["alias"])
            text = f"{row['name']} called; {row['name'].split()[0]} is well"
            said = names.clean(text, row, "id")
            assert (row["name"].split()[0] in said) == is_named
        asked = stage.people[len(cases) % len(stage.people)]
        found = matching_keys(everybody, asked.name or "nobody", viewer, moment)
        assert found == ({asked.pk} if expected[asked.pk] else set())

    agrees()
    assert len(cases) >= 10_000
    assert {role for role, is_named in answers if is_named} == set(stage.agency_of)
    assert {role for role, is_named in answers if not is_named} == set(stage.viewers)


@dataclass
class Scene:
    """Calls and rows that speak of everybody by name, in every text that there is."""

    held: Meeting
    closed: Meeting
    coming: Meeting
    frozen: object
    prep_list: object
    hmis_import: HmisImport


@pytest.fixture
def scene(stage, river, region_2):
    own, other, victim = (stage.agencies[name] for name in ("own", "other", "victim"))
    stage.people = [
        make_participant(
            (own, own, other, victim)[number % 4],
            region_2,
            name=invented(number),
            alias=f"Bird-{number:02}",
            named_by=stage.viewers["specialist"] if number == 4 else None,
            **({} if number % 4 == 3 else {"contact": f"{invented(number)}, 555 0100"}),
            notes=f"{invented(number)} sleeps outside",
        )
        for number in range(8)
    ]
    specialist, provider = stage.viewers["specialist"], stage.viewers["own"]
    place = StaffMember.objects.get(user=provider)
    now = timezone.now()
    river.sends_minutes = True
    river.save()
    former = make_meeting(river, region_2, starts_at=now - timedelta(days=40))
    closed = make_meeting(river, region_2, starts_at=now - timedelta(days=9), state="closed")
    held = make_meeting(river, region_2, starts_at=now - timedelta(minutes=5))
    coming = make_meeting(river, region_2, starts_at=now + timedelta(days=3))
    for meeting in (closed, held, coming):
        make_roster(meeting, *stage.people)
    for person in stage.people:
        called = person.name or person.alias
        said = f"{called} and again {called.split()[0]} waits"
        words = {
            "preferences": said,
            "barriers": [said],
            "safety": said,
            "notes": said,
            "systemic": [said],
            "target_kind": "move_in",
            "target_on": TODAY - timedelta(days=2),
            "target_words": said,
        }
        for meeting in (former, closed):
            review = make_review(meeting, person, **words)
            make_step(
                person, own, person=place, review=review, due_in=-3, what=f"Write to {called}"
            )
        step = make_step(person, own, person=place, what=f"Call {called}")
        report(step, line=said, by=provider, at=now - timedelta(hours=2))
        if not person.is_confidential:
            make_situation(person, words=said, by=provider)
            make_prework(held, person, place, preferences=said)
        make_request(person, by=provider, words=said, by_whom=called)
    make_pair(stage.people[0], stage.people[1], by=specialist)
    twin = make_participant(own, region_2, name=f"{invented(2)} Junior", notes=invented(2))
    make_merge(stage.people[2], twin, by=specialist)
    stage.people[2].refresh_from_db()
    nominate_participant(coming, stage.people[0], reason="Is ill", actor=provider, now=now)
    for role in ("own", "other", "victim", "specialist"):
        make_attendance(closed, stage.viewers[role])
    frozen = minutes.freeze_minutes(closed, actor=specialist, now=now)
    prep_list = lists.freeze_list(coming, actor=specialist, now=now)
    begin_call(held, actor=specialist, now=now)
    put_on_table(held, held.reviews.first(), actor=specialist, now=now)
    return Scene(held, closed, coming, frozen, prep_list, import_of(stage.people, own))


def import_of(people, agency):
    """An import that says of everybody, by name, what HMIS may and more than it may."""
    hmis_import = make_import(agency)
    for number, person in enumerate(people, start=100):
        called = person.name or person.alias
        changes = [{"field": "name", "from": called, "to": f"{called} Alder", "how": "kept"}]
        for kind in HmisLine.Kind:
            HmisLine.objects.create(
                hmis_import=hmis_import,
                number=number,
                kind=kind,
                participant=person,
                said={"hmis_id": f"H{number}", **said_of(name=called)},
                changes=changes,
            )
        if not person.is_confidential:
            make_hmis_record(person, name=f"{called} Alder", adults=4)
    return hmis_import


def pages(stage, scene, random):
    """`(method, address, data)` of pages about everybody, or about somebody drawn at random."""
    person = random.choice(stage.people)
    review = scene.held.reviews.order_by("pk")[random.randrange(len(stage.people))]
    asked = random.choice([each for each in stage.people if each.name]).name.split()[0]

    def of(address, *args, method="get", **data):
        return method, reverse(address, args=args), data

    return [
        of("conferencing:home"),
        of("participants:participant_list"),
        of("participants:participant_list", method="post", q=asked),
        of("participants:participant_list", status="all", columns=list(COLUMNS), sort="contact"),
        of("participants:list_export"),
        of("participants:participant_detail", person.pk),
        of("participants:participant_edit", person.pk),
        of("participants:release_list", person.pk),
        of("participants:release_ending_list"),
        of("participants:freshness"),
        of("participants:duplicates"),
        of("participants:duplicate_detail", DuplicatePair.objects.first().pk),
        of("participants:duplicate_dismiss", DuplicatePair.objects.first().pk),
        of("participants:duplicate_choose", person.pk),
        of("participants:merge_undo", Merge.objects.first().pk),
        of("participants:round_list"),
        of("participants:contact_add", person.pk),
        of("participants:disclosure_record", person.pk),
        of("participants:rights_request_list", person.pk),
        of("participants:rights_request_open_list"),
        of("conferencing:participant_reviews", person.pk),
        of("conferencing:step_list", whose="all", state="all"),
        of("conferencing:roster_detail", scene.coming.pk),
        of("conferencing:roster_nominate", scene.coming.pk, q=asked),
        of("conferencing:prework_list", scene.coming.pk),
        of("conferencing:guest_invite", scene.coming.pk),
        of("conferencing:call_detail", scene.held.pk),
        of("conferencing:call_frame", scene.held.pk),
        of("conferencing:call_present", scene.held.pk),
        of("conferencing:call_household", scene.held.pk, review.pk),
        of("conferencing:call_live", scene.held.pk, r=review.pk),
        of("conferencing:call_raise", scene.held.pk, q=asked),
        of("conferencing:notes_history", scene.held.pk, review.pk),
        of("conferencing:minutes_detail", scene.closed.pk),
        of("conferencing:addendum_add", scene.closed.pk),
        of("conferencing:follow_through"),
        of("imports:import_list"),
        *(of("imports:import_detail", scene.hmis_import.pk, show=kind) for kind in IMPORTED),
        of("imports:import_refusals", scene.hmis_import.pk),
        of("imports:import_confirm", scene.hmis_import.pk),
        of("imports:import_projects", scene.hmis_import.pk),
        of("conferencing:systemic_barrier_list"),
    ]


def documents(scene, viewer, person, now):
    """`(what, text)` of what is made for this viewer: lists, minutes, files, mails, a record."""
    # A CE Specialist gets no list of their own.
    for delivery in scene.prep_list.deliveries.filter(recipient=viewer):
        yield "prep list's data", str(Copy(delivery, now=now).document())
        prepared = PREP_LIST.prepare(delivery.message, now)
        yield "prep list's mail", prepared.subject + prepared.text + prepared.html
        for name, pdf, _kind in prepared.attachments:
            yield "prep list", name + text_in(pdf, delivery.password)
    copy = scene.frozen.deliveries.get(recipient=viewer)
    prepared = MINUTES.prepare(copy.message, now)
    yield "minutes' mail", prepared.subject + prepared.text + prepared.html
    for name, pdf, _kind in prepared.attachments:
        yield "minutes", name + text_in(pdf, copy.password)
    for kind in ("pdf", "xlsx"):
        yield f"list as {kind}", exported_list(viewer, kind, now)
    password, order = export_minutes(scene.closed, reason="Asked", actor=viewer, now=now)
    pdf = download_minutes(scene.closed, order=order, actor=viewer, now=now)
    yield "exported minutes", text_in(pdf, password)
    choice = {"since": None, "until": None, "kind": "", "outside": False}
    pdf = export_record(
        person, choice=choice, words="Everything", reason="Asked", actor=viewer, now=now
    )
    yield "record", text_in(pdf)


def exported_list(viewer, kind, now):
    """Every word of the by-name list as a file, with every column."""
    continuum = viewer.membership.continuum
    query = {"status": "all", "columns": list(COLUMNS)}
    acting = {"actor": viewer, "now": now}
    choice = ListForm.of_view(query, continuum=continuum)
    extent = extent_of(choice, viewer, rule=rule_of(continuum), now=now)
    password, order = export_list(
        continuum, choice=choice, kind=kind, reason="Asked", seen=extent.seen, **acting
    )
    file = download_list(
        continuum,
        order=order,
        choice_of=lambda kept: ListForm.of_view(kept, continuum=continuum),
        **acting,
    )
    if kind == "pdf":
        return file.name + text_in(file.content, password)
    return file.name + "\n".join(map(str, cells_in(file.content, password)))


def text_in(pdf, password=None):
    document = pypdfium2.PdfDocument(pdf, password=password)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def leaks(text, hidden):
    """Those of the hidden people of whom a part of the name stands in the text."""
    folded = text.casefold()
    return [
        person.alias
        for person in hidden
        if any(part.casefold() in folded for part in person.name.split())
    ]


def test_no_page_paper_mail_or_file_names_anybody_to_whom_no_release_covers(stage, scene):
    faults, checked, named_somewhere = [], 0, set()
    clients = {role: signed_in(viewer) for role, viewer in stage.viewers.items()}

    def holds(seed):
        nonlocal checked
        random = Random(seed)  # noqa: S311 (nothing secret)
        with transaction.atomic():
            signed, now = sign(stage, random), timezone.now()
            for role in (*stage.agency_of, "lapsed"):
                viewer = stage.viewers[role]
                may = {
                    person.pk: stage.may_name(role, person, signed, now) for person in stage.people
                }
                hidden = [each for each in stage.people if each.name and not may[each.pk]]
                shown = [each for each in stage.people if may[each.pk]]
                texts = []
                for method, address, data in pages(stage, scene, random):
                    response = getattr(clients[role], method)(address, data)
                    assert response.status_code < 500, address
                    text = response.content.decode() + str(response.headers)
                    searched = data.get("q", "")
                    texts.append((f"{method} {address}", text, searched))
                if role in stage.agency_of:
                    person = random.choice(stage.people)
                    made = documents(scene, viewer, person, now)
                    texts += [(what, text, "") for what, text in made]
                for what, text, searched in texts:
                    # What was typed into a search stands in its box again.
                    found = [each for each in hidden if not searched or searched not in each.name]
                    faults.extend((seed, role, what, alias) for alias in leaks(text, found))
                    checked += len(hidden)
                    if leaks(text, shown):
                        named_somewhere.add(role)
            transaction.set_rollback(True)

    # Two worlds at least, and more until somebody was named to each who may be told a name.
    for seed in range(1, 12):
        holds(seed)
        if seed > 1 and named_somewhere == set(stage.agency_of):
            break
    assert faults == []
    assert checked > 1000
    assert named_somewhere == set(stage.agency_of)
