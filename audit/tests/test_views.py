import csv
import io
import re
import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from audit import actions, exports
from audit.models import AuditEntry
from audit.services import Act, record, record_many, remove_reasons
from audit.tests.test_chain import guards_off
from conferencing.tests.factories import make_meeting
from regions.words import day_words

LOOKED = actions.register("test.looked", "Looked at a test")
MAILED = actions.register("test.mailed", "Mailed a test")
PARTICIPANT = uuid.uuid4()
LIST = "/audit/"
EXPORT = "/audit/export/"


def sign_in(client, user, minutes_ago=0):
    """Sign in, the password having been shown so long ago."""
    client.force_login(user)
    session = client.session
    session["account_authentication_methods_user"] = str(user.pk)
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time() - 60 * minutes_ago}
    ]
    session.save()


@pytest.fixture
def administrator(client, river_administrator):
    sign_in(client, river_administrator)
    return river_administrator


@pytest.fixture
def acts(river, three, river_specialist, river_provider, three_specialist):
    """What three people did, in two continuums."""
    start = datetime(2026, 3, 1, 5, 30, tzinfo=UTC)  # February 28, 23:30 in Chicago
    about = ("participants.participant", PARTICIPANT)
    rows = [
        Act(action=LOOKED, actor=river_specialist, continuum_id=river.pk, about=about),
        Act(
            action=MAILED,
            actor=river_provider,
            continuum_id=river.pk,
            why="=Asked by <phone>",
            detail={"recipients": 3, "is_late": True, "regions": ["1", "2"]},
        ),
        Act(action=LOOKED, actor=three_specialist, continuum_id=three.pk, about=about, why="No"),
        Act(action=LOOKED, actor=None, continuum_id=river.pk),
    ]
    return [record_many([act], now=start + timedelta(hours=n))[0] for n, act in enumerate(rows)]


def shown(client, **chosen):
    """The sequence numbers that the page lists."""
    response = client.get(LIST, chosen)
    assert response.status_code == 200
    return [entry.sequence for entry in response.context["entries"]]


def test_entry_list_says_who_did_what_when_and_why(client, administrator, acts):
    html = client.get(LIST).content.decode()
    assert reverse("audit:entry_list") == LIST
    for words in (
        "Sam Specialist",
        '<strong>Sam Specialist</strong><span class="cc-sentence"> looked at a test: ',
        "Feb 28, 2026, 11:30:00 PM CST",
        f'<a href="?reference={PARTICIPANT}">participant<span class="visually-hidden">, all ',
        "=Asked by &lt;phone&gt;",
        "Is late: yes<br>Regions: 1, 2<br>Recipients: 3",
        "System",
        "the end of the record are as they were written",
    ):
        assert words in html
    assert html.count("<h1>") == 1
    assert "Terry" not in html


def test_entry_list_says_pages_and_calls_in_words_and_leaves_out_what_says_nothing(
    client, administrator, river, region_2, three, three_region
):
    call, foreign = make_meeting(river, region_2), make_meeting(three, three_region)
    shown = {"page": "rights_request_add", "named": False, "under": "", "release": ""}
    listed = {"searched": False, "participants": [str(PARTICIPANT)], "named_under": {}}
    acts = [
        Act(action=LOOKED, actor=None, continuum_id=river.pk, about=call, detail=shown),
        Act(action=LOOKED, actor=None, continuum_id=river.pk, detail=listed),
        Act(action=LOOKED, actor=None, continuum_id=river.pk, about=foreign),
        Act(
            action=LOOKED,
            actor=None,
            continuum_id=river.pk,
            detail={"meeting": str(call.pk), "searched": True},
        ),
    ]
    record_many(acts)
    html = client.get(LIST).content.decode()
    entries = client.get(LIST).context["entries"]
    told = {entry.about_shown for entry in entries if entry.object_type}
    assert told == {f"Region 2, {day_words(call.on)}", ""}
    assert [entry.detail_shown for entry in entries[-4:]] == [
        [("Meeting", f"Region 2, {day_words(call.on)}", False), ("Searched", "yes", False)],
        [],
        [("Participants (1)", str(PARTICIPANT), True)],
        [("Page", "Record a request", False), ("Named", "no", False)],
    ]
    assert str(call.pk) not in re.sub(r'href="[^"]*"', "", html)
    assert f"?reference={call.pk}" in html


def test_entry_list_shows_the_own_continuum_alone(client, administrator, acts, three_administrator):
    assert shown(client) == [4, 2, 1]
    client.force_login(three_administrator)
    assert shown(client) == [3]


def test_entry_list_is_recorded_itself(client, administrator, acts, river):
    client.get(LIST, {"action": LOOKED, "person": "Zoë Participant", "reference": PARTICIPANT})
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.actor_id, entry.continuum_id) == (
        "audit.viewed",
        administrator.pk,
        river.pk,
    )
    assert entry.detail == {"action": LOOKED, "reference": str(PARTICIPANT), "by_person": True}


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({"person": "spec"}, [1]),
        ({"person": "nobody"}, []),
        ({"action": LOOKED}, [4, 1]),
        ({"action": MAILED, "person": "pat"}, [2]),
        ({"reference": str(PARTICIPANT)}, [1]),
        ({"reference": PARTICIPANT.hex}, [1]),
        ({"since": "2026-02-28", "until": "2026-02-28"}, [1]),
        ({"since": "2026-03-01"}, [4, 2]),
        ({"until": "2026-02-27"}, []),
        ({"before": "4"}, [2, 1]),
        ({"before": "x'--"}, [4, 2, 1]),
        ({"before": "9" * 40}, [4, 2, 1]),
    ],
)
def test_entry_list_chooses_by_person_action_days_and_reference(
    client, administrator, acts, chosen, expected
):
    assert shown(client, **chosen) == expected


@pytest.mark.parametrize(
    ("chosen", "error"),
    [
        ({"since": "2026-03-02", "until": "2026-03-01"}, "Choose a day on or after the first one."),
        ({"since": "yesterday"}, "Enter a valid date."),
        ({"reference": "Zoë"}, "Copy the whole identifier"),
        ({"action": "x.y"}, "Select a valid choice."),
    ],
)
def test_entry_list_names_what_cannot_be_chosen_by(client, administrator, acts, chosen, error):
    response = client.get(LIST, chosen)
    html = response.content.decode()
    assert (response.status_code, response.context["entries"]) == (200, [])
    assert error in html
    assert "There is a problem" in html
    assert "<title>Error: " in html


def test_entry_list_turns_its_pages_without_losing_the_choice(client, administrator, river):
    record_many(
        [Act(action=LOOKED, actor=administrator, continuum_id=river.pk) for _ in range(120)]
    )
    seen, address = [], f"{LIST}?action={LOOKED}"
    while address:
        response = client.get(address)
        seen.append([entry.sequence for entry in response.context["entries"]])
        older = response.context["older"]
        address = f"{LIST}?action={LOOKED}&before={older}" if older else None
        if older:
            assert f'href="?action=test.looked&amp;before={older}"' in response.content.decode()
    assert [len(page) for page in seen] == [50, 50, 20]
    assert [number for page in seen for number in page] == list(range(120, 0, -1))


@pytest.mark.parametrize("number", [1, 30])
def test_entry_list_takes_the_same_queries_for_one_and_for_thirty(
    client, administrator, river, region_2, number, django_assert_num_queries
):
    record_many(
        [
            Act(
                action=LOOKED,
                actor=None,
                continuum_id=river.pk,
                about=make_meeting(river, region_2),
                why="Because",
            )
            for _ in range(number)
        ]
    )
    shown(client)
    with django_assert_num_queries(23):
        assert len(shown(client)) == number + 1


def test_entry_list_marks_what_was_changed_from_outside(client, administrator, acts):
    with guards_off() as cursor:
        cursor.execute("UPDATE audit_auditentry SET actor_label = 'X' WHERE sequence = 2")
    html = client.get(LIST).content.decode()
    assert html.count("Changed from outside") == 1
    assert "The audit was changed from outside" in html
    assert "At entry 2: the entry was changed." in html
    assert "=Asked by" not in html
    html = client.get(LIST, {"before": "2"}).content.decode()
    assert "Unchanged" in html


def test_entry_list_says_when_the_end_was_cut_off(client, administrator, acts):
    with guards_off() as cursor:
        cursor.execute("UPDATE audit_chainhead SET count = 9")
    html = client.get(LIST).content.decode()
    assert "The audit was changed from outside" in html


@pytest.mark.parametrize("address", [LIST, EXPORT])
@pytest.mark.parametrize(
    "person", ["river_specialist", "river_provider", "river_lead", "river_vsp_provider"]
)
def test_audit_refuses_who_is_no_administrator(client, request, person, address, acts):
    sign_in(client, request.getfixturevalue(person))
    assert client.get(address).status_code == 403
    assert client.post(EXPORT, {"why": "I want to"}).status_code == 403
    assert not AuditEntry.objects.filter(action__startswith="audit.").exists()


@pytest.mark.parametrize("address", [LIST, EXPORT])
def test_audit_asks_strangers_to_sign_in(client, db, address):
    response = client.get(address)
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def exported(response):
    text = b"".join(response.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:])))


def export(client, query="", why="Review", **said):
    """What a person sends from the page that says how many entries the file will hold."""
    shown = client.get(EXPORT + query).context["form"]
    return client.post(
        EXPORT + query,
        {"why": why, "newest": shown["newest"].value(), "count": shown["count"].value()} | said,
    )


def test_entry_export_gives_what_was_chosen_and_is_recorded(client, administrator, acts, river):
    response = export(client, f"?action={MAILED}", "Yearly review")
    assert response["Content-Disposition"] == 'attachment; filename="audit.csv"'
    heading, line = exported(response)
    assert heading[:5] == ["Number", "When", "Person", "Person identifier", "What was done"]
    assert line == [
        "2",
        "2026-03-01T00:30:00-06:00",
        "Pat Provider",
        str(acts[1].actor_id),
        "Mailed a test",
        "",
        "",
        "'=Asked by <phone>",
        '{"is_late": true, "regions": ["1", "2"], "recipients": 3}',
        bytes(acts[1].hash).hex(),
    ]
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.why, entry.detail, entry.actor_id, entry.continuum_id) == (
        "audit.exported",
        "Yearly review",
        {"action": MAILED, "count": 1},
        administrator.pk,
        river.pk,
    )


def test_entry_export_holds_the_own_continuum_alone(client, administrator, acts):
    lines = exported(export(client))
    assert [line[0] for line in lines[1:]] == ["4", "2", "1"]


def test_entry_export_holds_more_than_one_batch(client, administrator, acts, monkeypatch):
    monkeypatch.setattr(exports, "BATCH", 2)
    lines = exported(export(client))
    assert [line[0] for line in lines[1:]] == ["4", "2", "1"]


def test_entry_export_holds_what_its_page_counted_and_nothing_newer(
    client, administrator, acts, river
):
    page = client.get(EXPORT)
    assert "This file will hold 3 entries" in page.content.decode()
    client.get(LIST)  # adds an entry
    shown = page.context["form"]
    said = {name: shown[name].value() for name in ("newest", "count")}
    lines = exported(client.post(EXPORT, {"why": "Review"} | said))
    assert len(lines) - 1 == said["count"] == 3


@pytest.mark.parametrize(
    "said", [{"count": 2}, {"newest": 1}, {"count": ""}, {"newest": ""}, {"count": "many"}]
)
def test_entry_export_makes_no_file_that_was_not_confirmed(client, administrator, acts, said):
    response = export(client, **said)
    assert response.status_code == 200
    assert response.context["form"].errors
    assert not AuditEntry.objects.filter(action="audit.exported").exists()
    # The page carries the right number again.
    assert response.context["form"]["count"].value() == response.context["count"]


def test_entry_export_of_another_choice_than_was_counted_makes_no_file(client, administrator, acts):
    shown = client.get(f"{EXPORT}?action={MAILED}").context["form"]
    said = {name: shown[name].value() for name in ("newest", "count")}
    response = client.post(EXPORT, {"why": "Review"} | said)
    assert "not the entries that this page counted" in response.content.decode()
    assert not AuditEntry.objects.filter(action="audit.exported").exists()


def test_entry_export_asks_why_and_says_what_goes_in(client, administrator, acts):
    query = f"?action={MAILED}&since=2026-03-01"
    html = client.get(EXPORT + query).content.decode()
    assert "What was done: Mailed a test<br>From: March 1, 2026" in html
    response = client.post(EXPORT + query, {"why": "  "})
    assert "Say why you export the audit." in response.content.decode()
    assert not AuditEntry.objects.filter(action="audit.exported").exists()
    assert client.get(f"{EXPORT}?since=never").status_code == 404


def test_entry_export_asks_for_the_password_again(client, administrator, acts):
    sign_in(client, administrator, minutes_ago=10)
    response = client.post(EXPORT, {"why": "Review"})
    assert response.status_code == 302
    assert response["Location"].startswith("/account/confirm/password/")
    assert not AuditEntry.objects.filter(action="audit.exported").exists()


def test_a_removed_reason_is_said_on_the_page_and_in_the_file(client, administrator, river):
    entry = record(LOOKED, actor=None, continuum_id=river.pk, why="Because of Ana")
    remove_reasons([entry.sequence], actor=None, continuum_id=river.pk)
    client.force_login(administrator)
    page = client.get(LIST).content.decode()
    assert "Removed when the record was de-identified" in page
    assert "Because of Ana" not in page
    assert "changed from outside" not in page


def test_a_moment_in_the_details_is_said_as_people_say_it():
    detail = {
        "from": "2026-11-29T23:05:12.895616+00:00",
        "starts_at": ["2026-07-01T15:00:00+00:00"],
        "hmis_ids": ["A7"],
    }
    with timezone.override("America/Chicago"):
        said = AuditEntry(detail=detail).detail_words({}, {})
    assert [(label, words) for label, words, _folded in said] == [
        ("From", "Nov 29, 2026, 5:05 PM CST"),
        ("Starts at", "Jul 1, 2026, 10:00 AM CDT"),
        ("HMIS IDs", "A7"),
    ]
