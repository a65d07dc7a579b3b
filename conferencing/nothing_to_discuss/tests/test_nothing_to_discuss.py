"""Households with nothing to discuss: who is marked, by whom, and what pulls one back."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from agreements.models import StaffMember
from audit.models import AuditEntry
from conferencing.home.pages import home_page
from conferencing.models import (
    ActionItem,
    Addendum,
    Meeting,
    Nomination,
    NothingToDiscuss,
    PrepList,
    ProgressUpdate,
    Review,
)
from conferencing.nothing_to_discuss import acts
from conferencing.nothing_to_discuss.rules import reasons_to_discuss
from conferencing.prep_lists.acts import freeze_list, is_unchanged
from conferencing.prep_lists.copies import Copy
from conferencing.prep_lists.pages import effects_of_sending
from conferencing.roster.acts import proposal, settle_roster
from conferencing.tests.factories import (
    make_guest,
    make_meeting,
    make_prework,
    make_review,
    make_roster,
    make_step,
    report,
)
from conferencing.tests.pages import text_of
from conferencing.tests.test_undo import press_undo
from participants.models import LivingSituation, PlaceChange
from participants.tests.factories import make_participant, make_release
from regions.models import ReviewCriterion
from regions.tests.factories import make_criteria, today_in

pytestmark = pytest.mark.django_db
Why = NothingToDiscuss.Why
Progress = ProgressUpdate.Progress


@pytest.fixture
def step(ana, former_review, river_agency, river_provider):
    """Under way since the last review, due in ten days."""
    place = StaffMember.objects.get(user=river_provider)
    return make_step(ana, river_agency, person=place, review=former_review)


@pytest.fixture
def call(river, region_2, ana, ben, step, river_specialist):
    """A call in ten days, its roster settled; of Ana nothing changed, Ben was never reviewed."""
    meeting = make_meeting(river, region_2)
    make_roster(meeting, ana, ben)
    return settle_roster(meeting, actor=river_specialist, now=timezone.now())


def mark(call, person, actor):
    (made,) = acts.mark_nothing_to_discuss(call, [person], actor=actor, now=timezone.now())
    return made


def marked(call):
    return set(acts.marks_of(call, now=timezone.now()))


def why(call, person):
    return reasons_to_discuss(call, [person], now=timezone.now())[person.pk]


def page_of(call):
    return reverse("conferencing:nothing_to_discuss", args=[call.pk])


def test_the_keeping_agency_and_the_specialist_mark_and_nobody_else(
    call, ana, river_provider, river_specialist, river_other_provider, river_unsigned_provider
):
    for actor in (river_other_provider, river_unsigned_provider):
        with pytest.raises(PermissionDenied):
            mark(call, ana, actor)
    first = mark(call, ana, river_provider)
    assert (first.marked_by, first.agency.name) == (
        "Pat Provider, Bridge Housing",
        "Bridge Housing",
    )
    assert (
        acts.mark_nothing_to_discuss(call, [ana], actor=river_specialist, now=timezone.now()) == []
    )
    assert marked(call) == {ana.pk}
    acts.pull_back(first, actor=river_specialist, now=timezone.now())
    assert mark(call, ana, river_specialist).agency is None


def test_only_on_a_settled_roster_before_the_call_and_of_households_on_it(
    call, ana, river, region_2, river_agency, river_specialist
):
    other = make_participant(river_agency, region_2)
    with pytest.raises(ValidationError, match="is not on the roster"):
        mark(call, other, river_specialist)
    Meeting.objects.filter(pk=call.pk).update(roster_settled_at=None)
    with pytest.raises(ValidationError, match="not settled"):
        mark(call, ana, river_specialist)
    past = timezone.now() - timedelta(minutes=1)
    Meeting.objects.filter(pk=call.pk).update(roster_settled_at=past, starts_at=past)
    with pytest.raises(ValidationError, match="has begun"):
        mark(call, ana, river_specialist)
    assert not NothingToDiscuss.objects.exists()


def nominate(call, ana, at):
    return Nomination.objects.create(
        meeting=call,
        participant=ana,
        agency=at["other"].agency,
        by=at["other"].user,
        reason="Sick",
        at=at["now"],
    )


def stay(ana, kind, at):
    return LivingSituation.objects.create(
        participant=ana, kind=kind, on=today_in(), by=at["place"].user
    )


def change_place(ana, at):
    return PlaceChange.objects.create(
        participant=ana,
        flow=PlaceChange.Flow.BACK_FROM_INACTIVE,
        on=today_in(),
        by=at["place"].user,
    )


def carry(call, ana):
    Review.objects.filter(participant=ana).update(outcome="carried_over", revision=1)


def add(call, ana, at):
    review = Review.objects.get(participant=ana)
    Addendum.objects.create(
        meeting=review.meeting, review=review, words="They moved", by=at["boss"], at=at["now"]
    )


def step_of(ana):
    return ActionItem.objects.get(participant=ana)


# Of each kind of change, that it keeps a household from being marked, and pulls one back.
CHANGES = {
    Why.FIRST: lambda call, ana, at: Review.objects.filter(participant=ana).delete(),
    Why.CARRIED_OVER: lambda call, ana, at: carry(call, ana),
    Why.NO_STEP: lambda call, ana, at: ActionItem.objects.filter(participant=ana).update(
        state="done", closed_at=at["now"]
    ),
    Why.OVERDUE: lambda call, ana, at: ActionItem.objects.filter(participant=ana).update(
        due_on=today_in() - timedelta(days=1)
    ),
    Why.CRITICAL: lambda call, ana, at: ActionItem.objects.filter(participant=ana).update(
        is_critical=True
    ),
    Why.NOMINATED: nominate,
    Why.PREPARED: lambda call, ana, at: make_prework(call, ana, at["place"], notes="Job lost"),
    Why.REPORTED: lambda call, ana, at: report(
        step_of(ana), Progress.BLOCKED, by=at["place"].user, at=at["now"]
    ),
    Why.MOVED: lambda call, ana, at: stay(ana, "unsheltered", at),
    Why.ADDED: add,
    Why.GUEST: lambda call, ana, at: make_guest(call, ana, by=at["boss"]),
    Why.NOBODY: lambda call, ana, at: StaffMember.objects.filter(pk=at["place"].pk).update(
        ended_on=today_in()
    ),
}


@pytest.fixture
def at(river_provider, river_other_provider, river_specialist):
    return {
        "now": timezone.now(),
        "place": StaffMember.objects.get(user=river_provider),
        "other": StaffMember.objects.get(user=river_other_provider),
        "boss": river_specialist,
    }


ELSEWHERE = {Why.ASKED, Why.SAID, Why.NEW_REPORT, Why.LISTED, Why.HOUSEHOLD}


def test_every_kind_of_change_is_tried():
    """Asked and said are by people at the page and on the call; others are tried elsewhere."""
    assert set(CHANGES) == set(Why) - ELSEWHERE


@pytest.mark.parametrize("kind", CHANGES)
def test_what_is_to_be_discussed_is_not_marked(call, ana, river_specialist, at, kind):
    assert why(call, ana) == []
    if kind == Why.FIRST:
        ActionItem.objects.filter(participant=ana).update(review=None)
    CHANGES[kind](call, ana, at)
    assert kind in why(call, ana)
    with pytest.raises(ValidationError) as refused:
        mark(call, ana, river_specialist)
    assert f"Heron-1: {kind.label}." in refused.value.messages
    assert not NothingToDiscuss.objects.exists()


@pytest.mark.parametrize("kind", CHANGES)
def test_a_change_pulls_a_household_back_by_itself_and_says_so(
    client, call, ana, river_provider, river_specialist, at, kind
):
    made = mark(call, ana, river_provider)
    now = timezone.now()
    assert marked(call) == {ana.pk}
    if kind == Why.FIRST:
        ActionItem.objects.filter(participant=ana).update(review=None)
    CHANGES[kind](call, ana, at | {"now": now})
    assert marked(call) == set()  # at once, and kept by the next tick
    acts.pull_back_due(timezone.now())
    acts.pull_back_due(timezone.now())
    made.refresh_from_db()
    assert made.pulled_back_at
    assert made.pulled_back_by is None
    words = made.pulled_back_because
    expected = {kind.label} | ({Why.NEW_REPORT.label} if kind == Why.REPORTED else set())
    assert words in expected | {Why.CARRIED_OVER.label}
    tasks = [task.title for task in home_page(river_specialist, now=timezone.now())["tasks"]]
    assert sum("1 household back on the agenda" in title for title in tasks) == 1
    client.force_login(river_specialist)
    roster = reverse("conferencing:roster_detail", args=[call.pk])
    assert f"Heron-1 : {words}" in text_of(client.get(roster))
    assert f"Heron-1 : {words}" in text_of(client.get(page_of(call)))


def test_a_report_under_way_counts_only_after_the_mark(call, ana, step, river_provider):
    report(step, Progress.UNDER_WAY, by=river_provider, at=timezone.now() - timedelta(days=1))
    mark(call, ana, river_provider)
    assert marked(call) == {ana.pk}
    report(step, Progress.UNDER_WAY, by=river_provider, at=timezone.now())
    assert marked(call) == set()


def test_what_was_reported_at_the_last_review_is_no_news(
    call, ana, step, former_review, river_agency, river_provider
):
    """Steps are reported on at the call: they were heard there, and new ones given."""
    held = former_review.meeting
    done = make_step(ana, river_agency, state="done", closed_at=held.starts_at)
    report(done, Progress.DONE, by=river_provider, at=held.starts_at + timedelta(minutes=3))
    assert why(call, ana) == []
    late = report(step, Progress.BLOCKED, by=river_provider, at=held.ends_at + timedelta(hours=1))
    assert why(call, ana) == [Why.REPORTED]
    former_review.discussed_at = held.ends_at + timedelta(days=1)  # as the call was closed
    former_review.save()
    assert why(call, ana) == [Why.REPORTED]
    late.delete()
    assert why(call, ana) == []


def test_a_household_that_is_marked_again_or_off_the_roster_is_not_back_on_the_agenda(
    client, call, ana, step, river_provider, river_other_provider, river_specialist
):
    roster = reverse("conferencing:roster_detail", args=[call.pk])
    client.force_login(river_specialist)

    def told():
        tasks = [task.title for task in home_page(river_specialist, now=timezone.now())["tasks"]]
        pages = [text_of(client.get(each)) for each in (page_of(call), roster)]
        said = {"Back on the agenda" in page for page in pages}
        said.add(any("back on the agenda" in title for title in tasks))
        (is_told,) = said
        return is_told

    mark(call, ana, river_provider)
    ActionItem.objects.filter(pk=step.pk).update(is_critical=True)
    acts.pull_back_due(timezone.now())
    assert told()
    ActionItem.objects.filter(pk=step.pk).update(is_critical=False)
    again = mark(call, ana, river_provider)
    assert not told()
    call.roster.filter(participant=ana).delete()
    ActionItem.objects.filter(pk=step.pk).update(is_critical=True)
    acts.pull_back_due(timezone.now())
    again.refresh_from_db()
    assert again.pulled_back_at is None
    assert not told()
    ActionItem.objects.filter(pk=step.pk).update(is_critical=False)
    lines = effects_of_sending(call, now=timezone.now())
    assert not any("nothing to discuss" in line for line in lines)


def test_where_it_stays_as_the_last_review_said_is_no_news(call, ana, river_provider, at):
    mark(call, ana, river_provider)
    stay(ana, "shelter", at)
    assert marked(call) == {ana.pk}
    change_place(ana, at)
    assert marked(call) == set()


def test_any_agency_of_the_region_pulls_one_back_without_a_reason_and_undoes_it(
    client, call, ana, river_provider, river_other_provider, river_specialist
):
    made = mark(call, ana, river_provider)
    client.force_login(river_other_provider)
    page = client.get(page_of(call))
    assert "Heron-1" in text_of(page)
    assert "Ana Example" not in text_of(page)
    back = reverse("conferencing:nothing_to_discuss_pull_back", args=[call.pk, made.pk])
    answer = client.post(back, follow=True)
    assert "The household will be discussed." in text_of(answer)
    assert "Heron-1 : Oli Other, Cedar Outreach" in text_of(answer)
    assert marked(call) == set()
    with pytest.raises(ValidationError, match="Somebody asked to discuss it"):
        mark(call, ana, river_provider)  # nobody overrules who asked
    press_undo(client, page_of(call))
    assert marked(call) == {ana.pk}
    acts_kept = AuditEntry.objects.filter(action__startswith="nothing_to_discuss.").exclude(
        action="nothing_to_discuss.viewed"
    )
    assert list(acts_kept.order_by("at", "pk").values_list("action", flat=True)) == [
        "nothing_to_discuss.marked",
        "nothing_to_discuss.pulled_back",
        "nothing_to_discuss.marked",
    ]


def test_nobody_pulls_back_once_the_call_has_begun(client, call, ana, river_provider):
    made = mark(call, ana, river_provider)
    past = timezone.now() - timedelta(minutes=1)
    Meeting.objects.filter(pk=call.pk).update(starts_at=past)
    client.force_login(river_provider)
    back = reverse("conferencing:nothing_to_discuss_pull_back", args=[call.pk, made.pk])
    assert acts.BEGUN in text_of(client.post(back, follow=True))
    made.refresh_from_db()
    assert made.pulled_back_at is None


def test_an_undo_is_refused_where_something_changed_meanwhile(call, ana, step, river_provider):
    made = mark(call, ana, river_provider)
    data = acts.pull_back(made, actor=river_provider, now=timezone.now())
    assert acts.pull_back(made, actor=river_provider, now=timezone.now()) is None
    ActionItem.objects.filter(pk=step.pk).update(is_critical=True)
    with pytest.raises(ValidationError, match="critical"):
        acts.undo_pull_back(data, actor=river_provider, now=timezone.now())
    assert marked(call) == set()


def test_the_page_marks_several_by_one_press_and_shows_each_only_what_they_may_do(
    client, call, ana, ben, river_provider, river_other_provider
):
    client.force_login(river_provider)
    page = client.get(page_of(call))
    assert [line.participant for line in page.context["ready"]] == [ana]
    assert [(line.participant, line.against) for line in page.context["others"]] == [
        (ben, [Why.FIRST.label, Why.NO_STEP.label])
    ]
    refused = client.post(page_of(call), {"participant": [str(ana.pk), str(ben.pk)]})
    assert "Heron-2: It was never reviewed before." in text_of(refused)
    assert marked(call) == set()
    answer = client.post(page_of(call), {"participant": [str(ana.pk)]}, follow=True)
    assert "1 household, frees 5 min" in text_of(answer)
    assert "Pat Provider, Bridge Housing" in text_of(answer)
    step = ana.steps.get()
    step.what = "Call Ana Example back"
    step.save()
    assert "Call Ana Example back" in text_of(client.get(page_of(call)))
    client.force_login(river_other_provider)
    page = client.get(page_of(call))
    assert "Call Heron-1 back" in text_of(page)
    assert "Ana Example" not in text_of(page)
    assert not page.context["may_mark"]
    assert "Discuss it after all" in text_of(page)
    assert client.post(page_of(call), {"participant": [str(ana.pk)]}).status_code == 403


def test_a_mark_is_found_at_its_own_call_alone(
    client, call, river, region_1, river_agency, river_specialist
):
    wide = make_meeting(river)
    far = make_participant(river_agency, region_1, name="Far Away", alias="Far-1")
    make_roster(wide, far)
    made = NothingToDiscuss.objects.create(
        meeting=wide, participant=far, by=river_specialist, at=timezone.now()
    )
    settle_roster(wide, actor=river_specialist, now=timezone.now())
    client.force_login(river_specialist)
    assert "Far-1" in text_of(client.get(page_of(wide)))
    elsewhere = reverse("conferencing:nothing_to_discuss_pull_back", args=[call.pk, made.pk])
    assert client.post(elsewhere).status_code == 404  # another call's


@pytest.mark.parametrize("number", [1, 12])
def test_the_page_asks_the_database_the_same_however_many(
    client,
    call,
    ana,
    river,
    region_2,
    river_agency,
    river_provider,
    django_assert_num_queries,
    number,
):
    former = Meeting.objects.get(reviews__participant=ana)
    people = [make_participant(river_agency, region_2) for _ in range(number)]
    for position, person in enumerate(people, start=10):
        make_release(person)
        make_review(former, person)
        make_step(person, river_agency, person=StaffMember.objects.get(user=river_provider))
        call.roster.create(participant=person, position=position, source="added")
    acts.mark_nothing_to_discuss(call, [ana, *people[1:]], actor=river_provider, now=timezone.now())
    client.force_login(river_provider)
    client.get(page_of(call))
    with django_assert_num_queries(QUERIES):
        client.get(page_of(call))


QUERIES = 55


def test_what_is_marked_frees_its_minutes_for_others(
    client, call, ana, river, region_2, river_agency, river_specialist
):
    client.force_login(river_specialist)
    roster = reverse("conferencing:roster_detail", args=[call.pk])
    assert "2 households, 10 of 60 minutes" in text_of(client.get(roster))
    mark(call, ana, river_specialist)
    page = text_of(client.get(roster))
    assert "2 households, 5 of 60 minutes. Nothing to discuss : 1 household, frees 5 min" in page
    listed = set(call.roster.values_list("participant", flat=True))
    Meeting.objects.filter(pk=call.pk).update(ends_at=call.starts_at + timedelta(minutes=10))
    call.refresh_from_db()
    waiting = make_participant(river_agency, region_2, is_veteran=True)
    now = timezone.now()
    make_criteria(region_2, ReviewCriterion.Kind.VETERAN)
    assert [each.participant for each in proposal(call, now=now)] == [waiting]
    NothingToDiscuss.objects.all().delete()
    assert proposal(call, now=now, listed=listed) == []


def test_the_prep_list_shows_them_in_a_block_with_the_last_line(
    call, ana, ben, step, river_provider, river_other_provider, river_specialist
):
    report(
        step,
        Progress.UNDER_WAY,
        by=river_provider,
        line="Ana's papers asked for",
        at=timezone.now() - timedelta(days=2),
    )
    mark(call, ana, river_provider)
    now = timezone.now()
    assert (
        "1 household has nothing to discuss: they stand together, before the others."
        in effects_of_sending(call, now=now)
    )
    prep_list = freeze_list(call, actor=river_specialist, now=now)
    copies = {
        each.recipient: Copy(each, now=now).document()
        for each in prep_list.deliveries.select_related("recipient", "agency", "prep_list__meeting")
    }
    for reader, label, line in (
        (river_provider, "Ana Example", "Under way: Ana's papers asked for"),
        (river_other_provider, "Heron-1", "Under way: Heron-1's papers asked for"),
    ):
        document = copies[reader]
        assert [each["label"] for each in document["participants"]] == [
            "Ben Sample" if reader == river_provider else "Heron-2"
        ]
        assert document["participants"][0]["position"] == 1
        (row,) = document["nothing"]
        assert (row["label"], row["marked_by"]) == (label, "Pat Provider, Bridge Housing")
        assert [each["report"] for each in row["steps"]] == [line]
    assert is_unchanged(call, prep_list, now=now)
    acts.pull_back(NothingToDiscuss.objects.get(), actor=river_other_provider, now=now)
    assert not is_unchanged(call, PrepList.objects.get(), now=now)
