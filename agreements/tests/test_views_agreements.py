"""Signing for an agency, paper, countersigning, revoking, reading."""

from datetime import date, datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import InternalError, connection, transaction
from django.utils import timezone

from agreements.models import Agency, AgencyAgreement, AgreementForm
from agreements.services.texts import draft_form, publish_form
from agreements.standing import agency_standing
from agreements.tests.conftest import plain_pdf, shown, words_of
from agreements.tests.factories import (
    form_of,
    make_agency,
    make_agreement,
    make_form,
    make_staff,
    revoke,
)
from audit.models import AuditEntry
from regions.clock import local_day

AGENCY = AgreementForm.Kind.AGENCY
TYPED = {"has_read": "on", "name": "Lee A. Lead", "title": "Executive Director"}


@pytest.fixture
def text(river):
    words = "# What we promise\n\nWe promise.\n\n- First\n- Second"
    known = AgreementForm.objects.filter(continuum=river, kind=AGENCY).first()
    return known or make_form(river, AGENCY, text=words)


@pytest.fixture
def new_agency(river, region_2, text):
    return make_agency(river, name="New House", regions=[region_2])


@pytest.fixture
def new_lead(new_agency):
    return make_staff(new_agency, name="Nell Lead", lead=True).user


def today(river):
    return local_day(timezone.now(), river.zone)


def url(row, act=""):
    return f"{row.get_absolute_url()}{act}"


def test_agreement_sign_shows_the_whole_text_and_what_is_kept(browser, new_agency, new_lead):
    words = words_of(browser(new_lead).get(url(new_agency, "sign/")))
    assert "What we promise We promise. First Second" in words
    assert "the network address you sign from are kept" in words
    assert "I have read the whole text" in words


def test_agreement_sign_keeps_version_hash_who_when_from_where_and_the_pdf(
    browser, river, text, new_agency, new_lead, river_administrator, audited, mails
):
    client = browser(new_lead)
    before = timezone.now()
    data = shown(client.get(url(new_agency, "sign/"))) | TYPED
    answer = client.post(url(new_agency, "sign/"), data, REMOTE_ADDR="192.0.2.7")
    agreement = AgencyAgreement.objects.get()
    assert answer.url == url(agreement)
    assert (agreement.agency, agreement.form, agreement.way) == (new_agency, text, "online")
    assert agreement.text_hash == AgreementForm.hash_of(text.text)
    assert (agreement.signer, agreement.signer_name) == (new_lead, "Lee A. Lead")
    assert agreement.signer_title == "Executive Director"
    assert agreement.signed_from == "192.0.2.7"
    assert before <= agreement.signed_at <= timezone.now()
    assert (agreement.countersigned_at, agreement.effective_on) == (None, None)
    with pikepdf.open(BytesIO(agreement.document)) as pdf:
        assert len(pdf.pages) >= 1
    assert audited() == [("agreement.signed", "Nell Lead")]
    assert mails() == [
        (river_administrator.email, "New House: agreement to countersign"),
    ]
    assert (
        agency_standing(new_agency, today(river))
        .reasons[0]
        .endswith("and waits for countersignature.")
    )


def test_agreement_sign_document_lies_encrypted_in_the_database(browser, new_agency, new_lead):
    client = browser(new_lead)
    client.post(url(new_agency, "sign/"), shown(client.get(url(new_agency, "sign/"))) | TYPED)
    with connection.cursor() as cursor:
        cursor.execute("SELECT document FROM agreements_agencyagreement")
        stored = bytes(cursor.fetchone()[0])
    document = AgencyAgreement.objects.get().document
    assert document.startswith(b"%PDF")
    assert document[:16] not in stored


@pytest.mark.parametrize(
    ("left_out", "error"),
    [
        ("has_read", "Read the whole text, then tick this box."),
        ("name", "Fill in “"),
        ("title", "Fill in “"),
    ],
)
def test_agreement_sign_names_what_is_missing_and_keeps_what_was_typed(
    browser, new_agency, new_lead, left_out, error
):
    client = browser(new_lead)
    data = shown(client.get(url(new_agency, "sign/"))) | TYPED
    del data[left_out]
    answer = client.post(url(new_agency, "sign/"), data)
    assert error in words_of(answer)
    kept = {"name": "Lee A. Lead", "title": "Executive Director"}
    kept.pop(left_out, None)
    for value in kept.values():
        assert f'value="{value}"' in answer.content.decode()
    assert not AgencyAgreement.objects.exists()


def test_agreement_sign_twice_signs_once_and_says_so(browser, new_agency, new_lead):
    client = browser(new_lead)
    data = shown(client.get(url(new_agency, "sign/"))) | TYPED
    client.post(url(new_agency, "sign/"), data)
    answer = client.post(url(new_agency, "sign/"), data, follow=True)
    assert AgencyAgreement.objects.count() == 1
    assert "This is signed already: Lee A. Lead signed version 1 on" in words_of(answer)


def test_agreement_sign_twice_after_countersignature_signs_once(
    browser, river_administrator, new_agency, new_lead
):
    client = browser(new_lead)
    data = shown(client.get(url(new_agency, "sign/"))) | TYPED
    client.post(url(new_agency, "sign/"), data)
    agreement = AgencyAgreement.objects.get()
    countersign(browser(river_administrator), agreement)
    answer = client.post(url(new_agency, "sign/"), data, follow=True)
    assert AgencyAgreement.objects.count() == 1
    assert "This is signed already" in words_of(answer)


def test_agreement_sign_refuses_a_text_that_changed_meanwhile(
    browser, river, river_administrator, new_agency, new_lead
):
    client = browser(new_lead)
    data = shown(client.get(url(new_agency, "sign/"))) | TYPED
    draft = draft_form(
        river,
        actor=river_administrator,
        kind=AGENCY,
        title="Agreement",
        text="Other words",
        months_valid=12,
    )
    publish_form(draft, actor=river_administrator, revision=0, sign_again_by=None)
    answer = client.post(url(new_agency, "sign/"), data)
    words = words_of(answer)
    assert "The text changed after you opened this page, so nothing was signed." in words
    assert "Other words" in words
    assert 'value="Lee A. Lead"' in answer.content.decode()
    assert not AgencyAgreement.objects.exists()
    again = shown(answer) | TYPED
    assert client.post(url(new_agency, "sign/"), again).status_code == 302
    assert AgencyAgreement.objects.get().form == draft


def test_agreement_sign_refuses_a_forged_hash(browser, new_agency, new_lead):
    client = browser(new_lead)
    data = shown(client.get(url(new_agency, "sign/"))) | TYPED | {"text_hash": "0" * 64}
    assert "nothing was signed" in words_of(client.post(url(new_agency, "sign/"), data))
    assert not AgencyAgreement.objects.exists()


def test_agreement_sign_of_a_renewal_leaves_the_former_in_effect(
    browser, river, river_agency, river_lead
):
    client = browser(river_lead)
    data = shown(client.get(url(river_agency, "sign/"))) | TYPED
    client.post(url(river_agency, "sign/"), data)
    assert river_agency.agreements.count() == 2
    assert agency_standing(river_agency, today(river)).is_good


def test_agreement_sign_is_for_the_agencys_own_lead(
    browser,
    river_agency,
    river_provider,
    river_administrator,
    river_specialist,
    river_other_agency,
    new_lead,
    three_lead,
):
    answers = {
        user.name: browser(user).post(url(river_agency, "sign/"), TYPED).status_code
        for user in (river_provider, river_administrator, river_specialist, new_lead, three_lead)
    }
    assert answers == {
        "Pat Provider": 403,
        "Ada Administrator": 403,
        "Sam Specialist": 403,
        "Nell Lead": 403,
        "Toni Lead": 404,
    }
    assert browser(None).get(url(river_agency, "sign/")).status_code == 302
    assert river_agency.agreements.count() == 1


def test_agreement_sign_says_when_no_text_is_published(browser, river):
    agency = make_agency(river)
    lead = make_staff(agency, lead=True).user
    client = browser(lead)
    assert "No text to sign" in words_of(client.get(url(agency, "sign/")))
    answer = client.post(url(agency, "sign/"), TYPED | {"form_id": agency.pk, "text_hash": "0"})
    assert "There is no published text to sign." in words_of(answer)


def countersign(client, agreement, **dates):
    page = client.get(url(agreement, "countersign/"))
    first = local_day(timezone.now(), agreement.agency.continuum.zone)
    data = {"effective_on": first, "expires_on": first + timedelta(days=364)} | dates
    return page, client.post(url(agreement, "countersign/"), data)


@pytest.fixture
def waiting(new_agency, text):
    return make_agreement(
        new_agency, form=text, countersigned=False, signed_at=timezone.now() - timedelta(days=1)
    )


@pytest.fixture
def signed(browser, new_agency, new_lead):
    client = browser(new_lead)
    client.post(url(new_agency, "sign/"), shown(client.get(url(new_agency, "sign/"))) | TYPED)
    return AgencyAgreement.objects.get()


def test_agreement_countersign_makes_it_count_and_tells_the_leads(
    browser, river, river_administrator, new_agency, new_lead, signed, audited, mails
):
    page, answer = countersign(browser(river_administrator), signed)
    words = words_of(page)
    assert "From the first day the agency’s agreement is current" in words
    assert f'value="{today(river).isoformat()}"' in page.content.decode()
    assert answer.url == url(signed)
    former = signed.document
    signed = AgencyAgreement.objects.get()
    assert signed.countersigned_by == river_administrator
    assert agency_standing(new_agency, today(river)).is_good
    assert signed.document == former
    assert signed.countersigned_document != former
    assert audited()[-1] == ("agreement.countersigned", "Ada Administrator")
    assert mails()[-1] == (new_lead.email, "New House: agreement countersigned")


def test_agreement_countersign_proposes_the_months_of_the_text(
    browser, river, river_administrator, new_agency
):
    form = make_form(river, AGENCY, version=2, months_valid=6)
    agreement = make_agreement(new_agency, form=form, countersigned=False)
    page = browser(river_administrator).get(url(agreement, "countersign/"))
    assert page.context["form"]["expires_on"].value() in {
        today(river) + timedelta(days=n) for n in range(179, 185)
    }


def test_agreement_countersign_twice_changes_nothing_and_says_so(
    browser, river_administrator, waiting, mails
):
    client = browser(river_administrator)
    countersign(client, waiting)
    first = AgencyAgreement.objects.get()
    _, answer = countersign(client, waiting, expires_on=date(2099, 1, 1))
    assert "Ada Administrator countersigned this already" in words_of(answer)
    assert AgencyAgreement.objects.get().expires_on == first.expires_on


def test_agreement_countersign_refuses_a_last_day_before_the_first(
    browser, river_administrator, waiting
):
    _, answer = countersign(
        browser(river_administrator), waiting, effective_on="2026-05-02", expires_on="2026-05-01"
    )
    assert "The last day must not be before the first." in words_of(answer)
    assert 'value="2026-05-02"' in answer.content.decode()
    assert AgencyAgreement.objects.get().countersigned_at is None


def test_agreement_countersign_is_the_administrators(
    browser, waiting, new_lead, river_specialist, river_provider, three_administrator
):
    answers = {
        user.name: browser(user).get(url(waiting, "countersign/")).status_code
        for user in (new_lead, river_specialist, river_provider, three_administrator)
    }
    assert answers == {
        "Nell Lead": 403,
        "Sam Specialist": 403,
        "Pat Provider": 404,
        "Tess Administrator": 404,
    }


def test_agreement_revoke_takes_standing_at_once_and_tells_the_leads(
    browser, river, river_administrator, river_agency, river_lead, river_provider, audited, mails
):
    agreement = river_agency.agreements.get()
    client = browser(river_administrator)
    page = words_of(client.get(url(agreement, "revoke/")))
    assert "its 2 people get no list and see no participant from this moment" in page
    answer = client.post(url(agreement, "revoke/"), {"reason": "List was forwarded."})
    assert answer.status_code == 302
    assert not Agency.objects.in_good_standing(today(river)).filter(pk=river_agency.pk).exists()
    assert audited() == [("agreement.revoked", "Ada Administrator")]
    assert AuditEntry.objects.get().why == "List was forwarded."
    assert mails() == [(river_lead.email, "Bridge Housing: about your agreement")]
    assert "List was forwarded." in words_of(browser(river_lead).get(url(agreement)))


def test_agreement_revoke_asks_for_a_reason(browser, river_administrator, river_agency):
    agreement = river_agency.agreements.get()
    answer = browser(river_administrator).post(url(agreement, "revoke/"), {"reason": "  "})
    assert "Say why" in words_of(answer)
    assert river_agency.agreements.get().revoked_at is None


def test_agreement_revoke_twice_keeps_the_first_reason(browser, river_administrator, river_agency):
    agreement = river_agency.agreements.get()
    client = browser(river_administrator)
    client.post(url(agreement, "revoke/"), {"reason": "First"})
    answer = client.post(url(agreement, "revoke/"), {"reason": "Second"})
    assert "This was done already; nothing was changed." in words_of(answer)
    assert river_agency.agreements.get().revocation_reason == "First"


def test_agreement_revoke_of_one_that_waits_does_not_accept_it(
    browser, river_administrator, new_agency, new_lead, waiting, audited
):
    client = browser(river_administrator)
    client.post(url(waiting, "revoke/"), {"reason": "Not the director."})
    assert audited() == [("agreement.not_accepted", "Ada Administrator")]
    assert "Not accepted" in words_of(client.get(url(waiting)))
    _, answer = countersign(client, waiting)
    assert "it cannot be countersigned" in words_of(answer)
    lead = browser(new_lead)
    data = shown(lead.get(url(new_agency, "sign/"))) | TYPED
    assert lead.post(url(new_agency, "sign/"), data).status_code == 302
    assert new_agency.agreements.count() == 2


def upload(client, agency, file, **changed):
    page = client.get(url(agency, "upload/"))
    data = shown(page) | {
        "form": form_of(agency.continuum, AGENCY).pk,
        "name": "Dana Director",
        "title": "Director",
        "signed_on": "2026-02-03",
        "scan": file,
    }
    return client.post(url(agency, "upload/"), data | changed)


def scan(content=None, name="scan.pdf"):
    return SimpleUploadedFile(name, plain_pdf() if content is None else content, "application/pdf")


def test_agreement_upload_keeps_the_scan_encrypted_and_leads_to_countersigning(
    browser, river_administrator, new_agency, text, audited
):
    pdf = plain_pdf(2)
    answer = upload(browser(river_administrator), new_agency, scan(pdf))
    agreement = AgencyAgreement.objects.get()
    assert answer.url == url(agreement, "countersign/")
    assert (agreement.way, agreement.form, agreement.document) == ("paper", text, pdf)
    assert (agreement.signer, agreement.signer_name) == (None, "Dana Director")
    assert agreement.signed_at == datetime(2026, 2, 3, 12, tzinfo=ZoneInfo("America/Chicago"))
    assert agreement.entered_by == river_administrator
    assert audited() == [("agreement.uploaded", "Ada Administrator")]


@pytest.mark.parametrize(
    ("content", "name", "error"),
    [
        (b"PK\x03\x04 a Word document", "scan.pdf", "This file is neither a PDF nor a photo"),
        (b"PK\x03\x04 a Word document", "scan.docx", "This file is neither a PDF nor a photo"),
        (b"", "scan.pdf", "This file is empty."),
        (b"%PDF-1.7\nnothing behind it", "scan.pdf", "This PDF is damaged"),
    ],
)
def test_agreement_upload_of_no_pdf_says_so_and_keeps_what_was_typed(
    browser, river_administrator, new_agency, content, name, error
):
    answer = upload(browser(river_administrator), new_agency, scan(content, name))
    assert error in words_of(answer)
    page = answer.content.decode()
    for typed in ("Dana Director", "Director", "2026-02-03"):
        assert f'value="{typed}"' in page
    assert not AgencyAgreement.objects.exists()


def test_agreement_upload_over_10_mb_says_how_large_it_is(browser, river_administrator, new_agency):
    large = plain_pdf() + b"0" * (10 * 1024 * 1024)
    answer = upload(browser(river_administrator), new_agency, scan(large))
    assert "This file has 10.0 MB; at most 10 MB can be kept." in words_of(answer)
    assert not AgencyAgreement.objects.exists()


def test_agreement_upload_refuses_a_date_to_come(browser, river, river_administrator, new_agency):
    tomorrow = today(river) + timedelta(days=1)
    answer = upload(browser(river_administrator), new_agency, scan(), signed_on=tomorrow)
    assert "Give the date it was signed: today or earlier." in words_of(answer)
    assert not AgencyAgreement.objects.exists()


def test_agreement_upload_twice_keeps_one(browser, river_administrator, new_agency):
    client = browser(river_administrator)
    seen = shown(client.get(url(new_agency, "upload/")))
    upload(client, new_agency, scan(), **seen)
    answer = upload(client, new_agency, scan(), **seen)
    assert "Another agreement of this agency was put in after you opened this page." in words_of(
        answer
    )
    assert AgencyAgreement.objects.count() == 1


def test_agreement_upload_beside_one_that_waits_is_refused(
    browser, river_administrator, new_agency, waiting
):
    answer = upload(browser(river_administrator), new_agency, scan())
    assert "This version is signed already and waits for countersignature." in words_of(answer)
    assert AgencyAgreement.objects.count() == 1


def test_agreement_upload_is_the_administrators(
    browser, river_agency, river_lead, river_specialist
):
    for user in (river_lead, river_specialist):
        assert browser(user).get(url(river_agency, "upload/")).status_code == 403


def test_agreement_download_gives_the_countersigned_pdf_with_a_neutral_name(
    browser, river_administrator, new_lead, signed, audited
):
    countersign(browser(river_administrator), signed)
    signed = AgencyAgreement.objects.get()
    client = browser(new_lead)
    answer = client.get(url(signed, "download/"))
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="agreement-version-1.pdf"'
    assert answer["Cache-Control"] == "no-store, private"
    assert answer.content == signed.countersigned_document
    assert client.get(f"{url(signed, 'download/')}?as=signed").content == signed.document
    assert audited()[-2:] == [("agreement.downloaded", "Nell Lead")] * 2


def test_agreement_download_is_for_leads_and_the_coc(
    browser, signed, new_agency, river_specialist, river_lead, three_administrator, audited
):
    colleague = make_staff(new_agency, name="Cole League").user
    before = audited()
    answers = {
        user.name: browser(user).get(url(signed, "download/")).status_code
        for user in (colleague, river_lead, three_administrator)
    }
    assert answers == {"Cole League": 403, "Lee Lead": 404, "Tess Administrator": 404}
    assert browser(None).get(url(signed, "download/")).status_code == 302
    assert audited() == before
    assert browser(river_specialist).get(url(signed, "download/")).status_code == 200


def test_agreement_download_says_when_no_pdf_is_kept(browser, river_lead, river_agency):
    agreement = river_agency.agreements.get()
    answer = browser(river_lead).get(url(agreement, "download/"), follow=True)
    assert "No PDF of this agreement is kept here." in words_of(answer)


def test_agreement_detail_is_for_the_agency_and_the_coc(
    browser, waiting, new_lead, river_specialist, river_provider, three_administrator
):
    answers = {
        user.name: browser(user).get(url(waiting)).status_code
        for user in (new_lead, river_specialist, river_provider, three_administrator)
    }
    assert answers == {
        "Nell Lead": 200,
        "Sam Specialist": 200,
        "Pat Provider": 404,
        "Tess Administrator": 404,
    }


@pytest.mark.parametrize(
    "change",
    [
        {"signer_name": "Somebody else"},
        {"text_hash": "0" * 64},
        {"signed_at": datetime(2020, 1, 1, tzinfo=ZoneInfo("UTC"))},
        {"document_hash": "0" * 64},
    ],
)
def test_agreement_signature_is_held_by_the_database(waiting, change):
    with pytest.raises(InternalError), transaction.atomic():
        AgencyAgreement.objects.filter(pk=waiting.pk).update(**change)


def test_agreement_cannot_be_deleted_or_unrevoked(river_administrator, waiting):
    with pytest.raises(InternalError), transaction.atomic():
        AgencyAgreement.objects.filter(pk=waiting.pk).delete()
    revoke(AgencyAgreement.objects.filter(pk=waiting.pk), at=timezone.now())
    with pytest.raises(InternalError), transaction.atomic():
        AgencyAgreement.objects.filter(pk=waiting.pk).update(revoked_at=None)
