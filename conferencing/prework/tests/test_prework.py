"""What agencies prepare before a call: which households, what is kept, who reads it."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from agreements.models import StaffMember
from agreements.services.statements import revoke_statement
from agreements.tests.factories import make_staff
from audit.models import AuditEntry
from conferencing.barriers import WORDS
from conferencing.call.note_fields import clean_list
from conferencing.elements import TEXTS
from conferencing.home.pages import home_page
from conferencing.models import Call, Meeting, Nomination, PreWork
from conferencing.prep_lists.acts import freeze_list
from conferencing.prework.acts import entries_to_prepare, keep_prework, mark_prework_accepted
from conferencing.reviews.prepared import prework_for
from conferencing.tests.factories import (
    make_meeting,
    make_prework,
    make_review,
    make_roster,
    make_step,
)
from conferencing.tests.pages import hidden, text_of
from participants.tests.factories import make_participant, make_release


def place_of(user):
    return StaffMember.objects.select_related("user", "agency").get(user=user)


@pytest.fixture
def call(river, region_2):
    return make_meeting(river, region_2, roster_settled_at=timezone.now())


@pytest.fixture
def household(river_agency, region_2, call):
    """Kept by the provider's agency, on the roster; under no release."""
    person = make_participant(river_agency, region_2, name="Ana Sentinelle", alias="Heron-1")
    make_roster(call, person)
    return person


def edit(meeting, person):
    return reverse("conferencing:prework_edit", args=[meeting.pk, person.pk])


def to_prepare(user, call):
    entries = entries_to_prepare(user, place_of(user), call.on).filter(meeting=call)
    return sorted(entries.values_list("participant__alias", flat=True))


def test_entries_to_prepare_are_the_households_that_the_agency_works_with(
    river, region_2, call, river_agency, river_provider, river_other_agency, river_other_provider
):
    now = timezone.now()
    place = place_of(river_provider)

    def household(alias, **fields):
        return make_participant(river_other_agency, region_2, alias=alias, **fields)

    kept = make_participant(river_agency, region_2, alias="Kept")
    navigated = household("Navigated", navigator=place)
    former = make_staff(river_agency, ended_on=call.on - timedelta(days=30))
    formerly = household("Formerly navigated", navigator=former)
    stepped, done = household("Stepped"), household("Done")
    make_step(stepped, river_agency)
    make_step(done, river_agency, state="done", closed_at=now)
    asked, asked_elsewhere, no_more = (
        household("Nominated"),
        household("Nominated elsewhere"),
        household("Nominated no more"),
    )
    other_call = make_meeting(river, region_2, starts_at=now + timedelta(days=40))
    for meeting, person, withdrawn_at in (
        (call, asked, None),
        (other_call, asked_elsewhere, None),
        (call, no_more, now),
    ):
        Nomination.objects.create(
            meeting=meeting,
            participant=person,
            agency=river_agency,
            by=river_provider,
            reason="Sleeps outside",
            at=now,
            withdrawn_at=withdrawn_at,
        )
    make_roster(call, kept, navigated, formerly, stepped, done, asked, asked_elsewhere, no_more)
    make_participant(river_agency, region_2, alias="Not on the roster")
    assert to_prepare(river_provider, call) == ["Kept", "Navigated", "Nominated", "Stepped"]
    call.roster_settled_at = None
    call.save()
    assert to_prepare(river_provider, call) == []
    freeze_list(call, actor=None, now=now)
    assert to_prepare(river_provider, call) == ["Kept", "Navigated", "Nominated", "Stepped"]
    revoke_statement(river_provider.statements.get(), actor=None, reason="Left")
    assert to_prepare(river_provider, call) == []


def test_keep_prework_keeps_what_is_new_and_waits_again_when_changed(
    call, household, river_provider, river_lead
):
    now = timezone.now()
    held = Call.objects.create(meeting=call, began_at=now, began_by=river_lead)
    kept = keep_prework(
        call,
        household,
        revision=0,
        location="hotel",
        location_words=" Motel on Main ",
        barriers=["No photo ID"],
        actor=river_provider,
        now=now,
    )
    assert (kept.location, kept.location_words, kept.barriers, kept.safety, kept.revision) == (
        "hotel",
        "Motel on Main",
        ["No photo ID"],
        None,
        1,
    )
    held.refresh_from_db()
    assert (held.version, held.frame) == (2, 2)
    accepted = mark_prework_accepted(kept, actor=river_lead, now=now)
    mark_prework_accepted(kept, actor=river_provider, now=now)
    assert (accepted.accepted_at, accepted.accepted_by) == (now, river_lead)
    changed = keep_prework(
        call, household, revision=1, safety="Calmer now", actor=river_lead, now=now
    )
    assert (changed.pk, changed.location, changed.barriers, changed.safety) == (
        kept.pk,
        "",
        None,
        "Calmer now",
    )
    assert (changed.accepted_at, changed.accepted_by, changed.by) == (None, None, river_lead)
    entries = AuditEntry.objects.filter(action__startswith="prework.").order_by("sequence")
    assert [(each.action, each.actor_id, each.detail["revision"]) for each in entries] == [
        ("prework.kept", river_provider.pk, 1),
        ("prework.accepted", river_lead.pk, 1),
        ("prework.kept", river_lead.pk, 2),
    ]
    assert "Motel" not in str([each.detail for each in entries])


def test_keep_prework_refuses(
    call, household, river_provider, river_other_provider, river_unsigned_provider, region_2
):
    now = timezone.now()

    def keep(**values):
        return keep_prework(
            call, household, **{"revision": 0, "actor": river_provider, "now": now} | values
        )

    with pytest.raises(ValidationError, match="Write at least one thing"):
        keep(notes="  ")
    for actor in (river_other_provider, river_unsigned_provider):
        with pytest.raises(ValidationError, match="does not work with this household"):
            keep(notes="Moved", actor=actor)
    keep(notes="Moved")
    with pytest.raises(ValidationError) as stale:
        keep(notes="Stayed")
    assert stale.value.code == "stale"
    assert [each.notes for each in PreWork.objects.all()] == ["Moved"]
    call.state = Meeting.State.CLOSED
    call.save()
    with pytest.raises(ValidationError, match="The call is closed"):
        keep(notes="Too late", revision=1)
    call.state, call.cancellation_reason = Meeting.State.CANCELLED, "Snow"
    call.save()
    with pytest.raises(ValidationError, match="This call is canceled"):
        keep(notes="Too late", revision=1)
    assert [each.notes for each in PreWork.objects.all()] == ["Moved"]


def test_keep_prework_holds_no_place_of_a_victim_service_providers_household(
    client, call, river_vsp_agency, river_vsp_provider, region_2
):
    now = timezone.now()
    person = make_participant(river_vsp_agency, region_2, alias="Confidential-1")
    make_roster(call, person)
    for values, field in (
        ({"location_words": "A house"}, "location_words"),
        ({"safety": "She is staying with her sister in Owatonna"}, "safety"),
        ({"barriers": ["Staying with her sister in Owatonna"]}, "barriers"),
    ):
        with pytest.raises(ValidationError) as refused:
            keep_prework(call, person, revision=0, actor=river_vsp_provider, now=now, **values)
        assert list(refused.value.error_dict) == [field]
    assert not PreWork.objects.exists()
    client.force_login(river_vsp_provider)
    page = client.get(edit(call, person))
    assert 'name="location_words"' not in page.content.decode()
    assert "No location details are kept" in text_of(page)
    typed = {"revision": 0, "own_barriers": "Staying with her sister in Owatonna"}
    answer = client.post(edit(call, person), typed)
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["own_barriers"]
    client.post(edit(call, person), {"revision": 0, "location": "shelter", "location_words": "x"})
    kept = PreWork.objects.get()
    assert (kept.location, kept.location_words) == ("shelter", None)


def test_prework_for_gives_plain_rows_per_household(call, household, river_provider, river_lead):
    place = place_of(river_provider)
    make_prework(call, household, place, location="hotel", barriers=[], notes="Ill")
    (row,) = prework_for(call, [household])[household.pk]
    assert (row.agency, row.by, row.is_accepted) == ("Bridge Housing", "Pat Provider", False)
    assert (row.location, row.location_label, row.location_words) == ("hotel", "Hotel or motel", "")
    assert (row.preferences, row.barriers, row.safety, row.notes) == ("", [], "", "Ill")
    assert prework_for(call, []) == {}


def test_prework_edit_stands_beside_the_last_review_and_keeps_what_changed(
    client, river, region_2, call, household, river_provider
):
    former = make_meeting(river, region_2, starts_at=timezone.now() - timedelta(days=30))
    make_review(
        former,
        household,
        location="shelter",
        location_words="Ana Sentinelle in room 4",
        barriers=["No photo ID", "Ana waits for her sister"],
        preferences="Two rooms",
    )
    client.force_login(river_provider)
    page = client.get(edit(call, household))
    words = text_of(page)
    for said in ("Emergency shelter: Ana Sentinelle in room 4", "Two rooms", "Ana waits for her"):
        assert said in words
    form = page.context["form"]
    assert (form["barriers"].value(), form["own_barriers"].value()) == (
        ["photo_id"],
        "Ana waits for her sister",
    )
    same = {
        "revision": 0,
        "barriers": ["photo_id"],
        "own_barriers": "Ana waits for her sister",
    }
    refused = client.post(edit(call, household), same)
    assert "Write at least one thing that the call should know." in text_of(refused)
    client.post(edit(call, household), same | {"preferences": "Near the school"})
    kept = PreWork.objects.get()
    assert (kept.preferences, kept.barriers) == ("Near the school", None)
    client.post(edit(call, household), {"revision": 1, "preferences": "Near the school"})
    kept.refresh_from_db()
    assert (kept.barriers, kept.revision) == ([], 2)
    typed = {"revision": 2, "barriers": ["phone"], "own_barriers": " A  \n\nA\r\nB"}
    answer = client.post(edit(call, household), typed, follow=True)
    assert "Ana Sentinelle is prepared." in text_of(answer)
    kept.refresh_from_db()
    assert kept.barriers == [WORDS["phone"], "A", "B"]
    entry = AuditEntry.objects.filter(action="prework.viewed").latest("sequence")
    key = str(household.pk)
    assert entry.detail == {"participants": [key], "named_under": {key: "keeps"}}


def test_prework_edit_changes_nothing_when_stale_and_shows_both(
    client, call, household, river_provider, river_lead
):
    client.force_login(river_provider)
    page = client.get(edit(call, household))
    keep_prework(
        call, household, revision=0, notes="From the lead", actor=river_lead, now=timezone.now()
    )
    typed = {"revision": hidden(page, "revision"), "notes": "From the provider"}
    answer = client.post(edit(call, household), typed)
    words = text_of(answer)
    for said in ("yours was not saved", "Saved meanwhile by Lee Lead", "From the lead"):
        assert said in words
    assert "From the provider" in answer.content.decode()
    assert PreWork.objects.get().notes == "From the lead"
    again = {"revision": hidden(answer, "revision"), "notes": "From both"}
    client.post(edit(call, household), again)
    assert PreWork.objects.get().notes == "From both"


def test_prework_edit_asks_once_whether_careful_words_belong(
    client, call, household, river_provider
):
    client.force_login(river_provider)
    typed = {"revision": 0, "notes": "His SSN is 123-45-6789"}
    answer = client.post(edit(call, household), typed)
    assert "Does this belong in a shared review?" in text_of(answer)
    assert "123-45-6789" in answer.content.decode()
    assert not PreWork.objects.exists()
    seen = hidden(answer, "careful")
    other = typed | {"careful": seen, "notes": "Was told he is HIV positive"}
    assert "Does this belong" in text_of(client.post(edit(call, household), other))
    assert not PreWork.objects.exists()
    client.post(edit(call, household), typed | {"careful": seen})
    assert PreWork.objects.get().notes == "His SSN is 123-45-6789"


def test_prework_pages_are_for_agencies_in_standing_and_their_own_households(
    client,
    call,
    household,
    river_provider,
    river_other_provider,
    river_specialist,
    river_unsigned_provider,
    three_provider,
):
    listing = reverse("conferencing:prework_list", args=[call.pk])
    for user, statuses in (
        (river_provider, (200, 200)),
        (river_other_provider, (200, 404)),
        (river_specialist, (403, 403)),
        (river_unsigned_provider, (403, 403)),
        (three_provider, (404, 404)),
    ):
        client.force_login(user)
        pages = [client.get(listing), client.get(edit(call, household))]
        assert (user.name, *(page.status_code for page in pages)) == (user.name, *statuses)
        words = " ".join(page.content.decode() for page in pages)
        assert ("Sentinelle" in words) == (user == river_provider)
        assert "Heron-1" not in words
    client.force_login(river_other_provider)
    assert "Nothing to prepare" in text_of(client.get(listing))
    call.roster_settled_at = None
    call.save()
    assert "The roster is not settled yet" in text_of(client.get(listing))


def test_pages_of_prework_say_what_the_last_review_said(
    client, river, call, household, river_provider
):
    former = make_meeting(
        river, call.region, starts_at=timezone.now() - timedelta(days=28), state="closed"
    )
    said = {
        "location": "hotel",
        "location_words": "Off Route 5",
        "preferences": "A kitchen of one’s own",
        "barriers": ["No photo ID", "Arrears at the utility"],
        "safety": "A brother waits outside",
        "notes": "Calls after six",
    }
    make_review(former, household, **said)
    client.force_login(river_provider)
    listed = text_of(client.get(reverse("conferencing:prework_list", args=[call.pk])))
    assert "Hotel or motel : Off Route 5" in listed or "Hotel or motel: Off Route 5" in listed
    assert "No photo ID, Arrears at the utility" in listed
    edited = text_of(client.get(edit(call, household)))
    for words in ("Hotel or motel", *said["barriers"], *(said[each] for each in TEXTS)):
        assert words in edited, words


def test_prework_is_reached_from_home_the_call_and_the_lists_page(
    client, call, household, region_2, river_agency, river_provider
):
    listing = reverse("conferencing:prework_list", args=[call.pk])
    second = make_participant(river_agency, region_2, alias="Heron-2")
    call.roster.all().delete()
    make_roster(call, household, second)
    for person in (household, second):
        make_release(person)

    def task():
        tasks = home_page(river_provider, now=timezone.now())["tasks"]
        return [(each.title, each.url, each.when) for each in tasks]

    title = "Prepare for the call: 2 households"
    assert task() == [(title, listing, "")]
    make_prework(call, household, place_of(river_provider), notes="Ill")
    assert task() == [(title, listing, "1 prepared")]
    make_prework(call, second, place_of(river_provider), notes="Ill")
    assert task() == []
    client.force_login(river_provider)
    assert f'href="{listing}"' in client.get(call.get_absolute_url()).content.decode()
    assert home_page(river_provider, now=call.ends_at + timedelta(hours=1))["tasks"] == []


def test_prework_list_and_home_ask_as_often_for_one_and_thirty(
    client,
    river,
    region_2,
    river_agency,
    river_provider,
    django_assert_num_queries,
    django_assert_max_num_queries,
):
    now = timezone.now()
    call = make_meeting(river, region_2, roster_settled_at=now)
    former = make_meeting(river, region_2, starts_at=now - timedelta(days=30))
    people = []

    def more():
        person = make_participant(river_agency, region_2)
        make_release(person, agencies=[river_agency])
        make_review(former, person, barriers=["No photo ID"])
        people.append(person)
        call.roster.all().delete()
        make_roster(call, *people)
        if len(people) > 1:
            make_prework(call, person, place_of(river_provider), notes="Ill")
        other = make_meeting(river, region_2, roster_settled_at=now)
        make_roster(other, person)

    more()
    client.force_login(river_provider)
    listing = reverse("conferencing:prework_list", args=[call.pk])
    client.get("/")
    client.get(listing)
    with django_assert_max_num_queries(32) as first:
        assert len(client.get(listing).context["lines"]) == 1
    with django_assert_max_num_queries(40) as home:
        client.get("/")
    for _ in range(29):
        more()
    with django_assert_num_queries(len(first)):
        assert len(client.get(listing).context["lines"]) == 30
    with django_assert_num_queries(len(home)):
        client.get("/")


def test_prework_edit_keeps_names_that_whoever_changes_it_may_not_read(
    client, region_2, river_other_agency, call, household, river_provider
):
    for name in ("Dmitri Volkov", "Xochitl Tlapa"):
        make_participant(river_other_agency, region_2, name=name)
    make_prework(
        call,
        household,
        place_of(river_provider),
        safety="Volkov hit her. Tlapa drives her.",
        barriers=["Owes Volkov", "Owes Tlapa"],
    )
    client.force_login(river_provider)
    form = client.get(edit(call, household)).context["form"]
    hit, drives, _end = form["safety"].value().split(".")
    typed = {
        "revision": form["revision"].value(),
        "own_barriers": f"{form['own_barriers'].value()} rent",
        "safety": f"{drives.strip()}. {hit.split(' hit')[0]} called.",
    }
    client.post(edit(call, household), typed)
    kept = PreWork.objects.get()
    assert kept.safety == "Tlapa drives her. Volkov called."
    assert kept.barriers == ["Owes Volkov", "Owes Tlapa rent"]
    glued = f"qq{hit.split(' hit')[0]}qq"
    moved = {"revision": kept.revision, "safety": glued}
    answer = client.post(edit(call, household), moved)
    assert "apart from other letters" in text_of(answer)
    assert glued in answer.content.decode()
    assert PreWork.objects.get().safety == kept.safety


LONG = "The landlord wants eleven months of rent before any reference, and told others; " * 3


@pytest.mark.parametrize(
    "barriers",
    [
        [LONG[:200]],
        [f"{number}: {LONG}"[:200] for number in range(30)],
        [WORDS["phone"], *(f"Number {number}" for number in range(29))],
        # What stands in place of a name is longer than the name.
        [f"Tlapa {LONG}"[:200]],
    ],
)
def test_prework_edit_takes_every_barrier_that_a_review_may_have(
    barriers,
    client,
    call,
    household,
    river_other_agency,
    region_2,
    river_provider,
    river_specialist,
):
    make_participant(river_other_agency, region_2, name="Tlapa", alias="Plover-9")
    former = make_meeting(
        call.continuum, region_2, starts_at=call.starts_at - timedelta(days=28), state="closed"
    )
    review = make_review(former, household)
    review.barriers = clean_list(barriers)
    review.save()
    client.force_login(river_provider)
    address = reverse("conferencing:prework_edit", args=[call.pk, household.pk])
    form = client.get(address).context["form"]
    assert form["barriers"].value() or form["own_barriers"].value()
    typed = {name: form[name].value() for name in ("barriers", "own_barriers", "revision")}

    answer = client.post(address, typed | {"notes": "Sleeps in the car now"})
    assert answer.status_code == 302, answer.context["form"].errors
    assert PreWork.objects.get().notes == "Sleeps in the car now"


def test_prework_edit_refuses_barriers_that_a_review_could_not_take(
    client, call, household, river_provider
):
    client.force_login(river_provider)
    address = reverse("conferencing:prework_edit", args=[call.pk, household.pk])
    ticked = {"barriers": ["phone"], "revision": 0}
    many = "\n".join(f"Number {number}" for number in range(30))
    for own, words in (("x" * 201, "at most 200 characters"), (many, "at most 30 barriers")):
        answer = client.post(address, ticked | {"own_barriers": own})
        assert words in str(answer.context["form"].errors["own_barriers"])
    assert not PreWork.objects.exists()
