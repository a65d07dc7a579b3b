"""Releases of information: recording, scans, revoking, and who is told what."""

from datetime import date, timedelta
from io import BytesIO
from uuid import uuid4

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from conferencing.tests.pages import hidden, text_of
from participants.models import Release
from participants.naming import label_for
from participants.services.releases import record_release
from participants.tests.factories import make_participant, make_release
from regions.tests.factories import today_in


def pdf(**encryption):
    made = BytesIO()
    document = pikepdf.new()
    document.add_blank_page()
    document.save(made, **encryption)
    return made.getvalue()


def upload(content):
    return SimpleUploadedFile("Ana Sentinelle.pdf", content, content_type="application/pdf")


def typed(*agencies, **changes):
    day = today_in() - timedelta(days=2)
    values = {
        "pk": str(uuid4()),
        "form_version": "ROI 3",
        "covers_case_conferencing": "on",
        "agencies": [str(each.pk) for each in agencies],
        "signed_on": day.isoformat(),
        "expires_on": (day + timedelta(days=365)).isoformat(),
    }
    return {name: value for name, value in (values | changes).items() if value is not None}


@pytest.fixture
def person(river_agency, region_2):
    return make_participant(river_agency, region_2, name="Ana Sentinelle", alias="Heron-1")


@pytest.fixture
def add(person):
    return reverse("participants:release_add", args=[person.pk])


def errors(response):
    return {name: " ".join(words) for name, words in response.context["form"].errors.items()}


def recorded(action):
    return AuditEntry.objects.filter(action=action)


def test_release_add_names_the_household_to_whom_it_lists_from_then_on(
    client, river_provider, river_other_provider, river_other_agency, river_specialist, person, add
):
    assert not label_for(person, river_other_provider, timezone.now()).is_named
    client.force_login(river_provider)
    response = client.post(add, typed(river_other_agency, scan=upload(pdf())))
    assert response.url == reverse("participants:release_list", args=[person.pk])
    release = Release.objects.get()
    assert list(release.agencies.all()) == [river_other_agency]
    assert (release.recorded_by, release.to_all_partners) == (river_provider, False)
    assert label_for(person, river_other_provider, timezone.now()).release_id == release.pk
    assert not label_for(person, river_specialist, timezone.now()).is_named
    entry = recorded("release.recorded").get()
    assert (entry.object_id, entry.detail) == (str(release.pk), {"participant": str(person.pk)})
    assert [each.pgh_label for each in release.events.all()] == ["insert"]


def test_release_add_keeps_the_scan_encrypted_and_records_who_opens_it(
    client, river_provider, river_specialist, river_other_provider, three_provider, person, add
):
    client.force_login(river_provider)
    scan = pdf()
    client.post(add, typed(to_all_partners="on", scan=upload(scan)))
    release = Release.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, scan FROM participants_release")
        token = bytes(cursor.fetchone()[1])
    assert scan[:16] not in token
    url = reverse("participants:release_scan", args=[person.pk, release.pk])
    page = client.get(reverse("participants:release_list", args=[person.pk]))
    assert f'href="{url}"' in page.content.decode()
    client.force_login(river_specialist)
    response = client.get(url)
    assert response.content == scan
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="release.pdf"'
    assert "no-store" in response["Cache-Control"]
    assert recorded("release.scan_read").get().actor_id == river_specialist.pk
    client.force_login(three_provider)
    assert client.get(url).status_code == 404
    assert recorded("release.scan_read").count() == 1
    client.force_login(river_other_provider)
    assert client.get(url).status_code == 200
    release.revoked_at = timezone.now() - timedelta(seconds=1)
    release.save()
    assert client.get(url).status_code == 403
    assert recorded("release.scan_read").count() == 2


def test_release_scan_that_was_never_put_in_is_not_there(client, river_provider, person):
    release = make_release(person)
    client.force_login(river_provider)
    url = reverse("participants:release_scan", args=[person.pk, release.pk])
    assert client.get(url).status_code == 404
    assert not recorded("release.scan_read").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"no pdf at all", "This file is neither a PDF nor a photo"),
        (b"%PDF-1.7\nbroken", "damaged"),
        (b"%PDF-1.7" + b"x" * (11 * 1024 * 1024), "at most 10 MB can be kept"),
        (pdf(encryption=pikepdf.Encryption(owner="o", user="secret")), "locked with a password"),
        (b"", "This file is empty."),
    ],
    ids=["no pdf", "broken", "11 MB", "locked", "empty"],
)
def test_release_add_refuses_a_bad_scan_at_its_field_and_keeps_what_was_typed(
    client, river_provider, river_agency, add, content, words
):
    client.force_login(river_provider)
    data = typed(river_agency, form_version="ROI kept", covers_hmis="on")
    response = client.post(add, data | {"scan": upload(content)})
    assert list(errors(response)) == ["scan"]
    assert words in errors(response)["scan"]
    html = response.content.decode()
    assert 'value="ROI kept"' in html
    assert f'value="{data["expires_on"]}"' in html
    form = response.context["form"]
    assert (form["covers_hmis"].value(), form["agencies"].value()) == (True, [str(river_agency.pk)])
    assert "choose it again" in text_of(response)
    assert not Release.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"form_version": ""}, "form_version", "Fill in “"),
        ({"covers_case_conferencing": None}, "covers_case_conferencing", "Tick at least one"),
        ({"agencies": []}, "agencies", "Choose the agencies, or all partner agencies."),
        ({"signed_on": "2099-01-01"}, "signed_on", "Enter today’s date or one before."),
        ({"expires_on": ""}, "expires_on", "Enter the date: “"),
        ({"expires_on": "2020-01-01"}, "expires_on", "not before the day of signing"),
        ({"expires_on": "2099-01-01"}, "expires_on", "at most three years after signing"),
    ],
)
def test_release_add_names_field_and_remedy(
    client, river_provider, river_agency, add, changes, field, words
):
    client.force_login(river_provider)
    response = client.post(add, typed(river_agency, **changes))
    assert list(errors(response)) == [field]
    assert words in errors(response)[field]
    assert not Release.objects.exists()


def test_release_add_is_ticked_by_hand(client, river_provider, add):
    client.force_login(river_provider)
    assert "checked" not in client.get(add).content.decode()


def test_release_add_sent_twice_records_once(client, river_provider, river_agency, person, add):
    client.force_login(river_provider)
    data = typed(river_agency, pk=hidden(client.get(add), "pk"))
    assert client.post(add, data).url == client.post(add, data).url
    assert Release.objects.count() == recorded("release.recorded").count() == 1
    response = client.post(add, data | {"form_version": "Another"})
    assert "This form was sent before" in errors(response)["__all__"]
    assert Release.objects.get().form_version == "ROI 3"


def test_release_add_sent_again_with_its_scan_is_asked_about(
    client, river_provider, river_agency, person, add
):
    client.force_login(river_provider)
    data = typed(river_agency, pk=hidden(client.get(add), "pk"))
    client.post(add, data)
    response = client.post(add, data | {"scan": upload(pdf())})
    assert "This form was sent before" in errors(response)["__all__"]
    again = data | {"pk": hidden(response, "pk")}
    client.post(add, again | {"scan": upload(pdf())})
    assert client.post(add, again | {"scan": upload(pdf())}).status_code == 302
    assert [bool(each.scan) for each in Release.objects.order_by("recorded_at")] == [False, True]


def test_release_add_for_victim_services_is_refused_on_every_way(
    client, river_vsp_provider, river_vsp_agency, region_2
):
    person = make_participant(river_vsp_agency, region_2)
    client.force_login(river_vsp_provider)
    url = reverse("participants:release_add", args=[person.pk])
    for response in (client.get(url), client.post(url, typed(to_all_partners="on"))):
        assert response.status_code == 403
        assert "is shown by alias, whatever was signed" in text_of(response)
    with pytest.raises(ValidationError):
        record_release(
            person,
            agencies=[],
            scan=None,
            actor=river_vsp_provider,
            now=timezone.now(),
            to_all_partners=True,
            signed_on=date(2026, 1, 1),
            expires_on=date(2026, 2, 1),
        )
    page = client.get(reverse("participants:release_list", args=[person.pk]))
    assert "No release is kept here" in text_of(page)
    assert not Release.objects.exists()


def test_release_revoke_takes_the_name_away_at_once_and_once(
    client,
    river_provider,
    river_specialist,
    river_other_agency,
    river_other_provider,
    person,
):
    release = make_release(person, agencies=[river_other_agency], scan=b"%PDF-kept")
    assert label_for(person, river_other_provider, timezone.now()).is_named
    client.force_login(river_provider)
    url = reverse("participants:release_revoke", args=[person.pk, release.pk])
    assert "is no longer valid" in text_of(client.get(url))
    response = client.post(url, {"reason": ""})
    assert errors(response) == {"reason": "Say why the release is revoked."}
    assert client.post(url, {"reason": "Asked to"}).status_code == 302
    client.force_login(river_specialist)
    again = client.post(url, {"reason": "Second time"}, follow=True)
    assert "It was revoked already." in text_of(again)
    release = Release.objects.get()
    assert (release.revoked_by, release.revocation_reason) == (river_provider, "Asked to")
    assert release.scan == b"%PDF-kept"
    assert recorded("release.revoked").count() == 1
    assert not label_for(person, river_other_provider, timezone.now()).is_named
    assert "Revoked" in text_of(again)
    assert "Asked to" in text_of(again)


def test_release_of_another_household_is_not_reached_through_this_one(
    client, river_provider, river_agency, region_2, person
):
    other = make_release(make_participant(river_agency, region_2))
    client.force_login(river_provider)
    for page in ("release_revoke", "release_scan"):
        url = reverse(f"participants:{page}", args=[person.pk, other.pk])
        assert client.get(url).status_code == 404
    other.refresh_from_db()
    assert other.revoked_at is None


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "Live"),
        ({"days": 30}, "Ends soon"),
        ({"days": 0}, "Ends soon"),
        ({"days": -2}, "Expired"),
        ({"covers_case_conferencing": False, "covers_hmis": True}, "Not for case conferencing"),
        ({"revoked_at": timezone.now()}, "Revoked"),
    ],
)
def test_release_list_says_how_each_stands(client, river_provider, person, fields, state):
    make_release(person, **fields)
    client.force_login(river_provider)
    page = client.get(reverse("participants:release_list", args=[person.pk]))
    assert [row[1] for row in page.context["releases"]] == [state]
    assert state in text_of(page)
