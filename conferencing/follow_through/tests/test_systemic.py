"""Systemic barriers: gathered from calls, owned, merged and parted; counts alone are shown."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from agreements.tests.factories import make_staff
from audit.models import AuditEntry
from conferencing.follow_through import systemic
from conferencing.follow_through.systemic_pages import barrier_lines
from conferencing.models import Review, SystemicBarrier, SystemicBarrierMark
from conferencing.tests.factories import make_barrier, make_meeting, make_review
from conferencing.tests.pages import hidden, text_of
from participants.tests.factories import make_participant
from regions.tests.factories import today_in

pytestmark = pytest.mark.django_db
Status = SystemicBarrier.Status


def held(continuum, region=None, *, days_ago=20):
    at = timezone.now() - timedelta(days=days_ago)
    return make_meeting(continuum, region, starts_at=at, state="closed")


def note(meeting, actor):
    return systemic.note_systemic_barriers(meeting, actor=actor, now=timezone.now())


def words(continuum):
    return sorted(each.words for each in SystemicBarrier.objects.filter(continuum=continuum))


def mark_on(meeting, household, *systemic_words):
    """A review of `meeting` that marked these barriers as systemic."""
    marked = list(systemic_words)
    return make_review(meeting, household, barriers=marked, systemic=marked)


def test_note_systemic_barriers_takes_like_words_as_one_and_marks_nothing_twice(
    river, region_2, river_agency, river_specialist
):
    first, second = held(river, region_2, days_ago=40), held(river, region_2)
    one, other = (make_participant(river_agency, region_2) for _ in range(2))
    mark_on(first, one, "Landlord’s fee", "No buses to Zumbrota")
    mark_on(second, other, "  LANDLORD'S   fée ", "", "landlord's fee")
    mark_on(second, one, "landlord's FEE")
    not_marked = make_participant(river_agency, region_2)
    make_review(second, not_marked, barriers=["No ID"])
    Review.objects.create(
        meeting=second,
        participant=make_participant(river_agency, region_2),
        outcome=Review.Outcome.CARRIED_OVER,
        systemic=["Never said"],
    )
    assert [len(note(call, river_specialist)) for call in (first, second)] == [2, 2]
    assert [note(call, river_specialist) for call in (first, second)] == [[], []]
    assert words(river) == ["Landlord’s fee", "No buses to Zumbrota"]
    barrier = next(each for each in SystemicBarrier.objects.all() if "fee" in each.words)
    assert (barrier.first_marked_on, barrier.status, barrier.changed_by) == (
        first.on,
        Status.OPEN,
        river_specialist,
    )
    assert barrier.marks.count() == 3
    noted = AuditEntry.objects.filter(action="systemic_barrier.noted")
    assert noted.count() == 2


def test_note_systemic_barriers_leaves_names_and_aliases_out_and_cuts_what_is_too_long(
    river, region_2, river_agency, river_specialist
):
    call = held(river, region_2)
    person = make_participant(river_agency, region_2, name="Mina Secretname", alias="Heron-77")
    mark_on(call, person, "Mina is refused everywhere", "heron-77 has no ID", "x" * 250)
    note(call, river_specialist)
    note(call, river_specialist)
    assert words(river) == [
        "the household has no ID",
        "the household is refused everywhere",
        "x" * 200,
    ]
    assert SystemicBarrierMark.objects.count() == 3


def test_note_systemic_barriers_keeps_continuums_apart(
    river, region_2, river_agency, river_specialist, three, three_region, three_agency
):
    make_barrier(three, words="No ID")
    call = held(river, region_2)
    mark_on(call, make_participant(river_agency, region_2), "No ID")
    note(call, river_specialist)
    assert (words(river), words(three)) == (["No ID"], ["No ID"])
    assert SystemicBarrierMark.objects.get().barrier.continuum == river


def test_note_systemic_barriers_asks_the_same_for_1_and_30_reviews(
    django_assert_num_queries, river, region_2, river_agency, river_specialist
):
    def call_with(count):
        call = held(river, region_2, days_ago=count)
        for _ in range(count):
            mark_on(call, make_participant(river_agency, region_2), "No ID")
        return call

    note(call_with(2), river_specialist)  # the first entry of an audit begins its chain
    for count in (1, 30):
        call = call_with(count)
        with django_assert_num_queries(QUERIES_NOTE):
            note(call, river_specialist)


QUERIES_NOTE = 16


def test_barrier_lines_count_households_reviews_and_months_once_each(
    river, region_2, river_agency, river_specialist
):
    old, new = held(river, region_2, days_ago=400), held(river, region_2, days_ago=0)
    one, other = (make_participant(river_agency, region_2) for _ in range(2))
    mark_on(old, one, "No ID")
    mark_on(new, one, "No ID", "Identity papers take months")
    mark_on(new, other, "Identity papers take months")
    note(old, river_specialist)
    note(new, river_specialist)
    by_words = {each.words: each for each in SystemicBarrier.objects.all()}
    into, merged = by_words["No ID"], by_words["Identity papers take months"]
    today = today_in(river.zone)

    def told():
        return [
            (line.barrier.words, line.since, line.last_on, line.households, line.reviews)
            for line in barrier_lines(river, on=today)[0]
        ]

    apart = [
        ("Identity papers take months", new.on, new.on, 2, 2),
        ("No ID", old.on, new.on, 1, 2),
    ]
    assert told() == apart
    systemic.merge_barrier(merged, into=into, actor=river_specialist, now=timezone.now())
    assert told() == [("No ID", old.on, new.on, 2, 3)]
    (line,), months = barrier_lines(river, on=today)
    assert line.by_month == [0] * 11 + [2]
    assert (len(months), months[-1]) == (12, today.replace(day=1))
    systemic.unmerge_barrier(merged, actor=river_specialist, now=timezone.now())
    assert told() == apart
    acts = AuditEntry.objects.filter(action__startswith="systemic_barrier.").order_by("sequence")
    assert [each.action for each in acts][2:] == [
        "systemic_barrier.merged",
        "systemic_barrier.unmerged",
    ]


def test_what_is_marked_after_a_merge_counts_under_the_other_and_is_parted_again(
    river, region_2, river_agency, river_specialist
):
    into, merged = make_barrier(river, words="No ID"), make_barrier(river, words="No papers")
    now = timezone.now()
    systemic.merge_barrier(merged, into=into, actor=river_specialist, now=now)
    call = held(river, region_2)
    mark_on(call, make_participant(river_agency, region_2), "no papers")
    note(call, river_specialist)
    (line,) = barrier_lines(river, on=today_in())[0]
    assert (line.barrier, line.merged, line.households) == (into, [merged], 1)
    systemic.unmerge_barrier(merged, actor=river_specialist, now=now)
    lines = barrier_lines(river, on=today_in())[0]
    assert [(each.barrier, each.households) for each in lines] == [(merged, 1), (into, 0)]


def test_merge_barrier_refuses_itself_circles_and_another_continuum(river, three, river_specialist):
    one, two = make_barrier(river, words="One"), make_barrier(river, words="Two")
    foreign = make_barrier(three, words="Three")

    def merge(barrier, into):
        systemic.merge_barrier(barrier, into=into, actor=river_specialist, now=timezone.now())

    for into in (one, foreign):
        with pytest.raises(ValidationError, match="another barrier of this continuum"):
            merge(one, into)
    merge(one, two)
    for barrier, into in [(two, one), (one, two)]:
        with pytest.raises(ValidationError, match="merged meanwhile"):
            merge(barrier, into)
    with pytest.raises(ValidationError, match="Part them first"):
        systemic.change_barrier(
            one,
            status=Status.RESOLVED,
            owner=None,
            strategy="",
            seen=systemic.version_of(one),
            actor=river_specialist,
            now=timezone.now(),
        )
    assert set(SystemicBarrier.objects.filter(merged_into=None)) == {two, foreign}


def test_a_resolved_barrier_that_is_marked_again_says_so(
    river, region_2, river_agency, river_specialist
):
    barrier = make_barrier(river, words="No ID", status=Status.RESOLVED)
    SystemicBarrier.objects.update(changed_at=timezone.now() - timedelta(days=30))
    (line,) = barrier_lines(river, on=today_in())[0]
    assert line.came_back is False
    call = held(river, region_2)
    mark_on(call, make_participant(river_agency, region_2), "No ID")
    note(call, river_specialist)
    (line,) = barrier_lines(river, on=today_in())[0]
    assert (line.barrier, line.came_back) == (barrier, True)


# pages


def test_systemic_barrier_list_shows_counts_and_strategies_and_no_household(
    client, river, region_2, river_agency, river_specialist, river_provider, river_other_provider
):
    call = held(river, region_2)
    person = make_participant(river_agency, region_2, name="Mina Secretname", alias="Heron-77")
    mark_on(call, person, "Secretname cannot get an ID")
    note(call, river_specialist)
    owner = river_provider.places.get()
    SystemicBarrier.objects.update(owner=owner, status=Status.WORKED_ON)
    barrier = SystemicBarrier.objects.get()
    barrier.strategy = "Ask the county for a <b>walk-in</b> day"
    barrier.save()
    url = reverse("conferencing:systemic_barrier_list")
    change = reverse("conferencing:systemic_barrier_edit", args=[barrier.pk])
    for reader, may_change in [
        (river_specialist, True),
        (river_provider, False),
        (river_other_provider, False),
    ]:
        client.force_login(reader)
        page = client.get(url).content.decode()
        assert "the household cannot get an ID" in page
        assert "&lt;b&gt;walk-in&lt;/b&gt;" in page
        assert "Pat Provider" in page
        assert ("Secretname" in page, "Heron-77" in page) == (False, False)
        assert (change in page) is may_change


@pytest.mark.parametrize("count", [1, 30])
def test_systemic_barrier_list_asks_the_database_the_same_for_1_and_30(
    client, django_assert_num_queries, river, region_2, river_agency, river_specialist, count
):
    owner = make_staff(river_agency)
    call = held(river, region_2)
    person = make_participant(river_agency, region_2)
    mark_on(call, person, *(f"Barrier {number}" for number in range(count)))
    note(call, river_specialist)
    SystemicBarrier.objects.update(owner=owner)
    make_barrier(river, words="Other", merged_into=SystemicBarrier.objects.first())
    client.force_login(river_specialist)
    url = reverse("conferencing:systemic_barrier_list")
    client.get(url)
    with django_assert_num_queries(QUERIES_LIST):
        assert len(client.get(url).context["lines"]) == count


QUERIES_LIST = 19


def test_systemic_barrier_edit_says_who_works_on_it_and_refuses_a_stale_form(
    client, river, river_specialist, river_provider
):
    barrier = make_barrier(river)
    url = reverse("conferencing:systemic_barrier_edit", args=[barrier.pk])
    client.force_login(river_specialist)
    page = client.get(url)
    assert "Landlords refuse the voucher" in text_of(page)
    owner = river_provider.places.get()
    form = {"status": "worked_on", "owner": owner.pk, "seen": hidden(page, "seen")}
    answer = client.post(url, form | {"strategy": "Landlord breakfast in May"})
    assert answer.status_code == 302
    barrier.refresh_from_db()
    told = (barrier.status, barrier.owner, barrier.strategy, barrier.changed_by)
    assert told == ("worked_on", owner, "Landlord breakfast in May", river_specialist)
    stale = client.post(url, form | {"strategy": "Something else", "status": "resolved"})
    assert "was changed meanwhile" in text_of(stale)
    assert "Something else" in stale.content.decode()
    barrier.refresh_from_db()
    assert (barrier.status, barrier.strategy) == ("worked_on", "Landlord breakfast in May")
    entry = AuditEntry.objects.get(action="systemic_barrier.changed")
    assert entry.detail == {"status": ["open", "worked_on"], "owner": [None, str(owner.pk)]}


def test_systemic_barrier_edit_gives_it_to_the_specialist_and_back(
    client, river, river_specialist, river_provider
):
    owner = river_provider.places.get()
    barrier = make_barrier(river, owner=owner)
    url = reverse("conferencing:systemic_barrier_edit", args=[barrier.pk])
    client.force_login(river_specialist)
    told = []
    for choice in ("specialist", owner.pk, ""):
        seen = hidden(client.get(url), "seen")
        form = {"status": "worked_on", "owner": choice, "strategy": "Ask", "seen": seen}
        page = client.post(url, form, follow=True)
        barrier.refresh_from_db()
        told.append((barrier.owner, barrier.is_with_specialist))
        assert ("CE Specialist" in text_of(page)) is barrier.is_with_specialist
    assert told == [(None, True), (owner, False), (None, False)]
    entries = AuditEntry.objects.filter(action="systemic_barrier.changed").order_by("sequence")
    key = str(owner.pk)
    assert [each.detail["owner"] for each in entries] == [
        [key, "specialist"],
        ["specialist", key],
        [key, None],
    ]


def test_systemic_barrier_edit_takes_no_owner_of_elsewhere_or_who_has_left(
    client, river, river_agency, river_specialist, three_provider
):
    barrier = make_barrier(river)
    gone = make_staff(river_agency, ended_on=today_in())
    url = reverse("conferencing:systemic_barrier_edit", args=[barrier.pk])
    client.force_login(river_specialist)
    seen = hidden(client.get(url), "seen")
    for owner in (gone, three_provider.places.get()):
        page = client.post(url, {"status": "open", "owner": owner.pk, "seen": seen})
        assert "Choose somebody who has a place at an agency now." in text_of(page)
    barrier.refresh_from_db()
    assert barrier.owner is None


def test_systemic_barrier_merge_and_unmerge_by_the_pages(client, river, three, river_specialist):
    into, barrier = make_barrier(river, words="No ID"), make_barrier(river, words="No papers")
    foreign = make_barrier(three, words="Foreign words")
    client.force_login(river_specialist)
    url = reverse("conferencing:systemic_barrier_merge", args=[barrier.pk])
    assert "Foreign words" not in client.get(url).content.decode()
    for wrong in ("", foreign.pk, barrier.pk, "x"):
        assert client.post(url, {"into": wrong}).status_code == 200
    barrier.refresh_from_db()
    assert barrier.merged_into is None
    page = client.post(url, {"into": into.pk}, follow=True)
    assert "“No papers” counts under “No ID” now." in text_of(page)
    edit = client.get(reverse("conferencing:systemic_barrier_edit", args=[barrier.pk]), follow=True)
    assert edit.context["barrier"] == into
    assert "No papers" in text_of(edit)
    parted = client.post(
        reverse("conferencing:systemic_barrier_unmerge", args=[barrier.pk]), follow=True
    )
    assert "“No papers” stands by itself again." in text_of(parted)
    barrier.refresh_from_db()
    assert barrier.merged_into is None


def test_systemic_barriers_are_changed_by_the_specialist_alone(
    client,
    river,
    river_specialist,
    river_provider,
    river_lead,
    river_administrator,
    river_lapsed_provider,
    three_specialist,
):
    into, barrier = make_barrier(river, words="No ID"), make_barrier(river, words="No papers")
    acts = {
        "edit": {"status": "resolved", "seen": systemic.version_of(barrier)},
        "merge": {"into": into.pk},
        "unmerge": {},
    }
    for user, status in [
        (river_provider, 403),
        (river_lead, 403),
        (river_administrator, 403),
        (river_lapsed_provider, 403),
        (three_specialist, 404),
    ]:
        client.force_login(user)
        for act, form in acts.items():
            url = reverse(f"conferencing:systemic_barrier_{act}", args=[barrier.pk])
            assert (user.name, client.post(url, form).status_code) == (user.name, status)
    barrier.refresh_from_db()
    assert (barrier.status, barrier.merged_into) == (Status.OPEN, None)
