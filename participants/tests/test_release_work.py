"""Households without a release, releases that expire or lack proof; many recorded at once."""

from datetime import timedelta

import pytest
from dateutil.relativedelta import relativedelta
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agreements.tests.factories import make_staff
from audit.models import AuditEntry
from conferencing.home.pages import home_page
from conferencing.tests.pages import hidden, text_of
from conferencing.tests.world import signed_in
from participants.models import Participant, Release
from participants.naming import label_for
from participants.services.disclosures import entries_about, rows_of
from participants.services.retention import deidentify
from participants.tests.factories import make_participant, make_release
from participants.tests.test_views_releases import pdf, typed, upload
from regions.tests.factories import today_in

MISSING = "participants:release_missing_list"
ENDING = "participants:release_ending_list"
UNPROVEN = "participants:release_unproven_list"


@pytest.fixture
def three_people(river_agency, region_2):
    return [
        make_participant(river_agency, region_2, name=f"Ana {word}", alias=f"Heron-{number}")
        for number, word in enumerate(["Quillfeather", "Zwick", "Vexholm"], start=1)
    ]


def shown(user, address=MISSING):
    page = signed_in(user).get(reverse(address))
    return [row["label"].text for row in page.context["rows"]]


def sent(people, *agencies, **changes):
    return typed(*agencies, **{"chosen": [str(each.pk) for each in people], **changes})


def record(user, people, address=MISSING, **changes):
    return signed_in(user).post(reverse(address), sent(people, **changes))


def test_missing_list_shows_each_agency_its_own_by_name_and_the_specialist_all_by_hmis_id(
    three_people,
    region_2,
    river_agency,
    river_other_agency,
    river_vsp_agency,
    river_provider,
    river_other_provider,
    river_vsp_provider,
    river_specialist,
):
    one, two, three = three_people
    make_release(one)
    make_release(two, expires_on=today_in() - timedelta(days=1))
    make_participant(river_vsp_agency, region_2)
    make_participant(river_agency, region_2, name="Not Listed", listed=False)
    other = make_participant(
        river_other_agency, region_2, name="Bo Other", alias="Wren-4", hmis_id="H-4"
    )
    assert set(shown(river_provider)) == {"Ana Zwick", "Ana Vexholm"}
    assert shown(river_other_provider) == ["Bo Other"]
    assert shown(river_vsp_provider) == []
    assert set(shown(river_specialist)) == {"Heron-2", "Heron-3", "Wren-4"}
    page = signed_in(river_specialist).get(reverse(MISSING))
    assert "HMIS ID H-4" in text_of(page)
    entry = AuditEntry.objects.filter(action="releases.missing_viewed").latest("sequence")
    assert entry.detail == {
        "participants": sorted(str(each.pk) for each in (two, three, other)),
        "named_under": {},
        "hmis_ids": [str(other.pk)],
    }


def test_first_page_tells_how_many_have_no_release(three_people, river_provider, river_lead):
    def told():
        tasks = home_page(river_provider, now=timezone.now())["tasks"]
        return [each.title for each in tasks if each.url == reverse(MISSING)]

    assert told() == ["3 households have no release"]
    record(river_provider, three_people, to_all_partners="on")
    assert told() == []


def test_many_releases_are_recorded_at_once_with_one_scan_and_once(
    three_people, river_provider, river_other_provider
):
    scan = pdf()
    data = sent(three_people, to_all_partners="on", form_version="ROI 3, version 3")
    client = signed_in(river_provider)
    for _ in range(2):
        answer = client.post(reverse(MISSING), data | {"scan": upload(scan)}, follow=True)
        assert "The release is recorded for 3 households." in text_of(answer)
    releases = list(Release.objects.all())
    assert {each.participant for each in releases} == set(three_people)
    assert {each.form_version for each in releases} == {"ROI 3, version 3"}
    assert [each.scan for each in releases if each.scan] == [scan]
    assert {each.has_scan for each in Release.objects.with_proof()} == {True}
    assert AuditEntry.objects.filter(action="release.recorded").count() == 3
    assert shown(river_provider) == []
    now = timezone.now()
    assert all(label_for(each, river_other_provider, now).release_id for each in three_people)


def test_an_error_keeps_what_was_checked_and_typed_and_records_nothing(
    three_people, river_provider, river_other_agency, region_2
):
    client = signed_in(river_provider)
    data = sent(three_people[:2], form_version="Kept words", expires_on="")
    page = client.post(reverse(MISSING), data | {"to_all_partners": "on"})
    assert "Enter the date: “" in text_of(page)
    chosen = {row["label"].text: row["is_chosen"] for row in page.context["rows"]}
    assert chosen == {"Ana Quillfeather": True, "Ana Zwick": True, "Ana Vexholm": False}
    assert 'value="Kept words"' in page.content.decode()
    page = client.post(reverse(MISSING), typed(to_all_partners="on"))
    assert "Check at least one household." in text_of(page)
    others = make_participant(river_other_agency, region_2, name="Bo Other")
    page = record(river_provider, [three_people[0], others], to_all_partners="on")
    assert "no longer kept by your agency" in text_of(page)
    assert "Bo Other" not in page.content.decode()
    page = record(river_provider, three_people, scan=upload(b"no pdf"), to_all_partners="on")
    assert "neither a PDF nor a photo" in text_of(page)
    assert not Release.objects.exists()


def test_all_of_a_page_are_checked_by_a_button_that_keeps_what_was_typed(
    three_people, river_provider
):
    client = signed_in(river_provider)
    data = typed(form_version="Half typed", select="all")
    page = client.post(reverse(MISSING), data)
    assert [row["is_chosen"] for row in page.context["rows"]] == [True] * 3
    assert page.content.decode().count(" checked") >= 3
    assert 'value="Half typed"' in page.content.decode()
    assert hidden(page, "pk") == data["pk"]
    page = client.post(reverse(MISSING), data | {"select": "none"})
    assert [row["is_chosen"] for row in page.context["rows"]] == [False] * 3
    assert not Release.objects.exists()


def test_what_expires_is_renewed_for_many_at_once(three_people, river_provider, river_other_agency):
    for person in three_people:
        make_release(person, agencies=[river_other_agency], days=10)
    assert set(shown(river_provider, ENDING)) == {
        "Ana Quillfeather",
        "Ana Zwick",
        "Ana Vexholm",
    }
    answer = record(river_provider, three_people, ENDING, to_all_partners="on")
    assert answer.status_code == 302
    assert shown(river_provider, ENDING) == []
    assert Release.objects.count() == 6


@pytest.mark.parametrize("address", [MISSING, ENDING, UNPROVEN])
def test_release_work_asks_the_same_of_the_database_for_1_and_30(
    river_agency, region_2, river_provider, address
):
    client, counts = signed_in(river_provider), []
    for number in (1, 29):
        for _ in range(number):
            person = make_participant(river_agency, region_2)
            if address != MISSING:
                make_release(person, agencies=[river_agency], days=10)
        client.get(reverse(address))
        with CaptureQueriesContext(connection) as queries:
            page = client.get(reverse(address))
        counts.append(len(queries))
    assert len(page.context["rows"]) == 30
    assert counts[0] == counts[1] < 40


def test_release_work_has_pages(river_agency, region_2, river_provider):
    for _ in range(52):
        make_participant(river_agency, region_2)
    client = signed_in(river_provider)
    pages = [client.get(f"{reverse(MISSING)}?page={number}") for number in (1, 2)]
    assert [len(page.context["rows"]) for page in pages] == [50, 2]


# Scans


def scan_of(user, release):
    address = reverse("participants:release_scan", args=[release.participant_id, release.pk])
    return signed_in(user).get(address)


def test_a_scan_opens_for_whom_the_name_may_be_told(
    three_people,
    river_agency,
    river_other_agency,
    river_provider,
    river_other_provider,
    river_vsp_provider,
    river_specialist,
):
    person = three_people[0]
    release = make_release(person, agencies=[river_other_agency], scan=pdf())
    readers = (river_provider, river_other_provider, river_specialist, river_vsp_provider)
    assert [scan_of(each, release).status_code for each in readers] == [200, 200, 403, 403]
    page = signed_in(river_specialist).get(reverse("participants:release_list", args=[person.pk]))
    assert "Scan (PDF)" not in text_of(page)
    release.revoked_at = timezone.now() - timedelta(seconds=1)
    release.save()
    assert [scan_of(each, release).status_code for each in readers] == [200, 403, 403, 403]
    told = [(row.person, row.under) for row in rows_of(person, entries_about(person))]
    assert ("Pat Provider", "By name, as the agency that keeps the record") in told
    (under,) = {under for who, under in told if who == "Oli Other"}
    assert under.startswith("By name, release of")


def test_a_shared_scan_opens_for_whoever_may_read_every_name_on_it_and_is_told_to_each(
    three_people, river_agency, river_other_agency, river_provider, river_other_provider
):
    data = sent(three_people[:2], to_all_partners="on")
    signed_in(river_provider).post(reverse(MISSING), data | {"scan": upload(pdf())})
    first, second = Release.objects.order_by("participant__alias")
    assert scan_of(river_other_provider, first).status_code == 200
    assert scan_of(river_other_provider, second).status_code == 200
    for person in three_people[:2]:
        rows = rows_of(person, entries_about(person))
        opened = [each for each in rows if each.what == "The scan of the signed release"]
        assert [each.person for each in opened] == ["Oli Other"] * 2
        assert all(each.named for each in opened)
    second.revoked_at = timezone.now() - timedelta(seconds=1)
    second.save()
    for release in (first, second):
        assert scan_of(river_other_provider, release).status_code == 403
        assert scan_of(river_provider, release).status_code == 200
    page = signed_in(river_other_provider).get(
        reverse("participants:release_list", args=[first.participant_id])
    )
    assert "Scan (PDF)" not in text_of(page)


def test_a_shared_scan_goes_with_the_first_record_that_is_de_identified(
    river, three_people, river_provider
):
    data = sent(three_people, to_all_partners="on")
    signed_in(river_provider).post(reverse(MISSING), data | {"scan": upload(pdf())})
    holder = Release.objects.get(scan__isnull=False)
    # All but the one whose release holds the scan are in use still.
    other = next(each for each in three_people if each.pk != holder.participant_id)
    other.place.status = "inactive"
    other.place.save()
    later = today_in(river.zone) + relativedelta(years=7, days=5)
    deidentify(river, as_of=later, reason="Policy", actor=None, now=timezone.now())
    assert Participant.objects.get(pk=other.pk).name is None
    assert not Release.objects.filter(scan__isnull=False).exists()


def test_what_proof_lacks_is_said_on_every_page_and_counted_for_the_specialist(
    river, three_people, river_agency, river_provider, river_other_provider, river_specialist
):
    one, two, three = three_people
    make_release(one, recorded_by=river_provider)
    make_release(two, recorded_by=river_specialist, scan=pdf())
    make_release(three, recorded_by=river_other_provider)
    lacking = {
        one: ["No scan", "Recorded by its own agency only"],
        two: [],
        three: ["No scan"],
    }
    releases = Release.objects.with_proof()
    assert {each.participant: each.proof for each in releases} == lacking
    assert set(shown(river_specialist, UNPROVEN)) == {"Ana Quillfeather", "Ana Vexholm"}
    page = signed_in(river_specialist).get(reverse(MISSING))
    assert page.context["counts"] == {"missing": 0, "ending": 0, "unproven": 2}
    assert f'href="{reverse(UNPROVEN)}"' in page.content.decode()
    release = one.releases.get()
    client = signed_in(river_provider)
    for address in (
        reverse("participants:release_list", args=[one.pk]),
        reverse("participants:release_renew", args=[one.pk, release.pk]),
        reverse("participants:release_revoke", args=[one.pk, release.pk]),
        reverse(UNPROVEN),
        f"{reverse('participants:participant_list')}?columns=release",
    ):
        page = text_of(client.get(address))
        for words in lacking[one]:
            assert words in page, address
    page = text_of(client.get(reverse("participants:disclosure_record", args=[one.pk])))
    assert "No scan" in page


def test_who_left_the_keeping_agency_before_was_no_witness_of_its_own(
    three_people, river_agency, region_2
):
    place = make_staff(river_agency, name="Mo Moved", regions=[region_2])
    release = make_release(three_people[0], recorded_by=place.user, scan=pdf())
    (found,) = Release.objects.with_proof()
    assert found.proof == ["Recorded by its own agency only"]
    place.ended_on = today_in() - timedelta(days=3)
    place.joined_on = today_in() - timedelta(days=30)
    place.save()
    (found,) = Release.objects.with_proof()
    assert (found.pk, found.proof) == (release.pk, [])
