"""Who cannot come sends a line on each of their households; the call and the minutes have it."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from conferencing.call.acts import begin_call, put_on_table
from conferencing.call.closing import close_call
from conferencing.coming.acts import keep_answer
from conferencing.minutes.exports import download_minutes, export_minutes
from conferencing.models import Minutes, PreWork, Review
from conferencing.prework.acts import keep_prework
from conferencing.prework.words import send_word
from conferencing.schedule.acts import cancel_meeting
from conferencing.tests.factories import make_meeting, make_roster
from conferencing.tests.pages import text_of
from participants.tests.factories import make_participant
from participants.tests.test_naming_everywhere import text_in

pytestmark = pytest.mark.django_db
WORDS = "Has a viewing on Friday."


@pytest.fixture
def call(river, region_2):
    """In twenty minutes: it may be begun already."""
    now = timezone.now()
    return make_meeting(
        river, region_2, starts_at=now + timedelta(minutes=20), roster_settled_at=now
    )


@pytest.fixture
def households(river_agency, region_2, call):
    """Two of the provider's agency; no release covers others."""
    people = [
        make_participant(river_agency, region_2, name=name, alias=alias)
        for name, alias in (("Ana Sentinelle", "Heron-1"), ("Bo Quillfeather", "Heron-2"))
    ]
    make_roster(call, *people)
    return people


def page_of(call):
    return reverse("conferencing:word_send", args=[call.pk])


def sent_by(page, words):
    """What a browser sends of the page, with `{household: words}`; the others as it shows them."""
    data = {}
    for form in page.context["forms"]:
        values = {bound.html_name: bound.value() for bound in form}
        data |= {name: "" if value is None else value for name, value in values.items()}
        if form.row["participant"] in words:
            data[form.add_prefix("notes")] = words[form.row["participant"]]
    return data


def send(client, call, words):
    return client.post(page_of(call), sent_by(client.get(page_of(call)), words), follow=True)


def test_each_line_is_kept_where_the_call_finds_it(client, call, households, river_provider):
    client.force_login(river_provider)
    keep_answer(call, is_coming=False, actor=river_provider, now=timezone.now())
    done = send(client, call, {households[0]: WORDS})
    assert "The call will have your word on 1 household." in text_of(done)
    kept = PreWork.objects.get(meeting=call)
    assert (kept.participant, kept.notes, kept.by) == (households[0], WORDS, river_provider)
    send(client, call, {})
    kept.refresh_from_db()
    assert kept.revision == 1


def test_what_the_agency_prepared_besides_stays(
    client, call, households, river_provider, river_lead
):
    person = households[0]
    keep_prework(
        call,
        person,
        revision=0,
        actor=river_lead,
        now=timezone.now(),
        location="unsheltered",
        location_words="By the river",
        barriers=["No photo ID"],
        preferences="Asked Ana Sentinelle: ground floor.",
        notes="First.",
    )
    before = PreWork.objects.get(meeting=call)
    client.force_login(river_provider)
    send(client, call, {person: WORDS})
    after = PreWork.objects.get(meeting=call)
    for name in ("location", "location_words", "barriers", "preferences", "safety"):
        assert getattr(after, name) == getattr(before, name)
    assert (after.notes, after.by, after.revision) == (WORDS, river_provider, 2)


def test_who_was_overtaken_is_told_and_loses_nothing(
    client, call, households, river_provider, river_lead
):
    client.force_login(river_provider)
    data = sent_by(client.get(page_of(call)), dict.fromkeys(households, WORDS))
    now = timezone.now()
    keep_prework(call, households[0], revision=0, actor=river_lead, now=now, notes="Lee’s words.")
    again = client.post(page_of(call), data)
    assert WORDS in text_of(again)
    assert "Lee’s words." in text_of(again)
    assert PreWork.objects.get(participant=households[0]).notes == "Lee’s words."


@pytest.mark.parametrize("change", ["off the roster", "closed", "cancelled"])
def test_what_comes_too_late_is_told_and_never_called_sent(
    client, call, households, change, river_provider, river_specialist
):
    client.force_login(river_provider)
    data = sent_by(client.get(page_of(call)), {households[0]: WORDS})
    now = timezone.now()
    if change == "off the roster":
        call.roster.filter(participant=households[0]).delete()
        data |= {f"{households[1].pk}-notes": "Has a job."}
    elif change == "closed":
        begin_call(call, actor=river_specialist, now=now)
        close_call(call, carries_over=True, actor=river_specialist, now=now)
    else:
        cancel_meeting(call, reason="Snow", actor=river_specialist, now=now)
    page = text_of(client.post(page_of(call), data, follow=True))
    assert "Not sent" in page
    assert WORDS in page
    assert "The call will have" not in page
    kept = list(PreWork.objects.values_list("participant", flat=True))
    is_other_sent = change == "off the roster"
    assert kept == ([households[1].pk] if is_other_sent else [])
    assert ("What you wrote on 1 other household was sent." in page) == is_other_sent


def test_who_writes_nothing_new_is_told_so(client, call, households, river_provider):
    client.force_login(river_provider)
    assert "nothing was sent" in text_of(send(client, call, {}))


def test_a_colleagues_name_is_no_markup(client, call, households, river_provider, river_lead):
    river_lead.name = "<b id=mine>Lee</b> & Co"
    river_lead.save()
    now = timezone.now()
    keep_prework(call, households[0], revision=0, actor=river_lead, now=now, notes="Lee’s words.")
    client.force_login(river_provider)
    page = client.get(page_of(call)).content.decode()
    assert "&lt;b id=mine&gt;Lee&lt;/b&gt; &amp; Co wrote this." in page
    assert "<b id=mine>" not in page


def test_careful_words_are_asked_about_once(client, call, households, river_provider):
    client.force_login(river_provider)
    words = "Her diagnosis is schizophrenia."
    first = send(client, call, {households[0]: words})
    assert first.redirect_chain == []
    assert not PreWork.objects.exists()
    client.post(page_of(call), sent_by(first, {}))
    assert PreWork.objects.get().notes == words


def test_another_agencys_households_are_not_offered(
    client, call, households, river_other_provider, river_specialist
):
    client.force_login(river_other_provider)
    page = client.get(page_of(call))
    assert page.context["forms"] == []
    assert "Heron-1" not in text_of(page)
    client.force_login(river_specialist)
    assert client.get(page_of(call)).status_code == 403
    row = {"participant": households[0], "label": None, "household": "", "kept": None}
    with pytest.raises(ValidationError):
        send_word(call, row, WORDS, revision=0, actor=river_other_provider, now=timezone.now())


def test_word_on_the_wrong_household_can_be_taken_back(client, call, households, river_provider):
    now = timezone.now()
    keep_answer(call, is_coming=False, actor=river_provider, now=now)
    for person in households[:2]:
        keep_prework(call, person, revision=0, actor=river_provider, now=now, notes=WORDS)
    keep_prework(
        call, households[1], revision=1, actor=river_provider, now=now,
        notes=WORDS, preferences="Close to the school",
    )  # fmt: skip
    client.force_login(river_provider)
    page = client.get(page_of(call))
    data = {
        form.add_prefix(name): form[name].value() or ""
        for form in page.context["forms"]
        for name in form.fields
    }
    for person in households[:2]:
        data[f"{person.pk}-notes"] = ""
    said = text_of(client.post(page_of(call), data, follow=True))
    assert "Your word on 2 households is taken back." in said
    (left,) = PreWork.objects.filter(meeting=call, participant__in=households[:2])
    assert (left.participant, left.notes, left.preferences) == (
        households[1], None, "Close to the school",
    )  # fmt: skip
    assert left.notes_by is None


@pytest.mark.parametrize("is_colleague_away", [True, False])
def test_word_stays_of_who_sent_it_whatever_a_colleague_adds(
    client, call, households, river_provider, river_lead, river_specialist, is_colleague_away
):
    now = timezone.now()
    keep_answer(call, is_coming=False, actor=river_provider, now=now)
    keep_answer(call, is_coming=not is_colleague_away, actor=river_lead, now=now)
    sent = keep_prework(call, households[0], revision=0, actor=river_provider, now=now, notes=WORDS)
    keep_prework(
        call, households[0], revision=sent.revision, actor=river_lead, now=now,
        notes=WORDS, preferences="Close to the school",
    )  # fmt: skip
    begin_call(call, actor=river_specialist, now=now)
    review = Review.objects.get(meeting=call, participant=households[0])
    client.force_login(river_lead)
    page = text_of(client.get(reverse("conferencing:call_household", args=[call.pk, review.pk])))
    assert f"Sent word: {river_provider.name}" in page
    close_call(call, carries_over=True, actor=river_specialist, now=now)
    frozen = Minutes.objects.get(meeting=call).snapshot
    (row,) = [row for row in frozen["households"] if row.get("sent_word")]
    assert [each["by"] for each in row["sent_word"]] == [river_provider.name]


def test_call_and_minutes_say_who_sent_word_and_obey_releases(
    client, call, households, river_provider, river_lead, river_other_provider, river_specialist
):
    """A line that holds the name reaches only those whom a release covers."""
    words = "Ana Sentinelle has a viewing on Friday."
    now = timezone.now()
    keep_answer(call, is_coming=False, actor=river_provider, now=now)
    keep_prework(call, households[0], revision=0, actor=river_provider, now=now, notes=words)
    keep_prework(call, households[1], revision=0, actor=river_lead, now=now, notes="Lee is here.")
    begin_call(call, actor=river_specialist, now=now)
    reviews = {each.participant: each for each in Review.objects.filter(meeting=call)}
    put_on_table(call, reviews[households[0]], actor=river_specialist, now=now)

    def shown(person, user):
        client.force_login(user)
        at = reverse("conferencing:call_household", args=[call.pk, reviews[person].pk])
        return text_of(client.get(at))

    assert "Sent word" in shown(households[0], river_lead)
    assert words in shown(households[0], river_lead)
    stranger = shown(households[0], river_other_provider)
    assert "has a viewing on Friday." in stranger
    assert "Sentinelle" not in stranger
    assert "Sent word" not in shown(households[1], river_lead)
    close_call(call, carries_over=True, actor=river_specialist, now=now)
    call.refresh_from_db()
    for user in (river_lead, river_other_provider, river_specialist):
        client.force_login(user)
        page = text_of(client.get(reverse("conferencing:minutes_detail", args=[call.pk])))
        assert "Sent word" in page
        assert "has a viewing on Friday." in page
        assert "Pat Provider" in page
        assert ("Sentinelle" in page) == (user == river_lead)
        assert "Lee is here." not in page
    assert "excused" in page
    password, order = export_minutes(call, reason="Asked", actor=river_specialist, now=now)
    pdf = download_minutes(call, order=order, actor=river_specialist, now=now)
    paper = " ".join(text_in(pdf, password).split())
    assert "has a viewing on Friday." in paper
    assert "Sentinelle" not in paper


@pytest.mark.parametrize("number", [1, 12])
def test_the_page_asks_as_often_however_many_households(
    client, call, river_agency, region_2, river_provider, django_assert_num_queries, number
):
    people = [make_participant(river_agency, region_2) for _ in range(number)]
    make_roster(call, *people)
    now = timezone.now()
    for person in people:
        keep_prework(call, person, revision=0, actor=river_provider, now=now, notes=WORDS)
    client.force_login(river_provider)
    client.get(page_of(call))
    with django_assert_num_queries(QUERIES):
        client.get(page_of(call))


QUERIES = 27
