"""Pages of agreement texts: drafts, versions, publishing."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.utils import timezone

from agreements.models import AgreementForm
from agreements.standing import agency_standing
from agreements.tests.conftest import shown, words_of
from agreements.tests.factories import make_agency, make_agreement, make_form
from regions.clock import local_day

LIST = "/set-up/texts/"
AGENCY, PERSONAL = AgreementForm.Kind.AGENCY, AgreementForm.Kind.PERSONAL
DRAFT = {"title": "Partner Agreement", "text": "# One\r\n\r\nTwo  \r\n", "months_valid": 18}


def url(text, act=""):
    return f"{text.get_absolute_url()}{act}"


def draft_of(continuum, kind=AGENCY, version=2, **fields):
    return make_form(continuum, kind, version=version, published_at=None, **fields)


@pytest.fixture
def first(river):
    return make_form(river, AGENCY, text="# One\n\nThe same\n\nThe agency signs for one year.")


def test_form_list_shows_administrators_drafts_and_others_published_versions(
    browser, river, first, river_administrator, river_provider
):
    draft_of(river, title="Coming")
    assert "Coming" in words_of(browser(river_administrator).get(LIST))
    words = words_of(browser(river_provider).get(LIST))
    assert "Version 1" in words
    assert "Coming" not in words
    assert "Draft a new version" not in words


def test_form_list_warns_that_nobody_can_sign(browser, three_administrator):
    words = words_of(browser(three_administrator).get(LIST))
    assert "Confidentiality statement" in words
    assert "No version is published, so nobody can sign." in words
    assert "Not required in this continuum." in words


def test_form_add_drafts_the_next_version_beginning_with_the_one_in_use(
    browser, river, first, river_administrator, audited
):
    client = browser(river_administrator)
    assert "The agency signs for one year." in client.get(f"{LIST}agency/draft/").content.decode()
    answer = client.post(f"{LIST}agency/draft/", DRAFT)
    text = AgreementForm.objects.get(version=2)
    assert answer.url == url(text)
    assert (text.text, text.months_valid, text.published_at) == ("# One\n\nTwo", 18, None)
    assert text.text_hash == AgreementForm.hash_of("# One\n\nTwo")
    assert audited() == [("agreement_text.drafted", "Ada Administrator")]


def test_form_add_beside_an_open_draft_is_refused(browser, river, first, river_administrator):
    draft_of(river)
    answer = browser(river_administrator).post(f"{LIST}agency/draft/", DRAFT)
    assert "There is a draft of this text already." in words_of(answer)
    assert AgreementForm.objects.count() == 2


def test_form_add_of_an_unknown_kind_is_not_found(browser, river_administrator):
    assert browser(river_administrator).get(f"{LIST}nonsense/draft/").status_code == 404


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"text": ""}, "Fill in “Text”."),
        ({"title": ""}, "Fill in “Title”."),
        ({"months_valid": 0}, "A signature is valid for 1 to 120 months."),
        ({"months_valid": 999}, "A signature is valid for 1 to 120 months."),
    ],
)
def test_form_add_names_what_is_wrong(browser, river_administrator, changed, error):
    answer = browser(river_administrator).post(f"{LIST}agency/draft/", DRAFT | changed)
    assert error in words_of(answer)
    assert not AgreementForm.objects.exists()


def test_form_edit_changes_a_draft(browser, river, first, river_administrator):
    text = draft_of(river)
    client = browser(river_administrator)
    data = shown(client.get(url(text, "edit/"))) | DRAFT
    assert client.post(url(text, "edit/"), data).status_code == 302
    text.refresh_from_db()
    assert (text.title, text.text) == ("Partner Agreement", "# One\n\nTwo")


def test_form_edit_from_a_stale_page_changes_nothing(browser, river, first, river_administrator):
    text = draft_of(river)
    client = browser(river_administrator)
    data = shown(client.get(url(text, "edit/"))) | DRAFT
    client.post(url(text, "edit/"), data)
    answer = client.post(url(text, "edit/"), data | {"title": "Mine"})
    assert "Somebody changed this in the meantime" in words_of(answer)
    text.refresh_from_db()
    assert text.title == "Partner Agreement"


def test_form_edit_of_a_published_version_leads_back(browser, first, river_administrator):
    answer = browser(river_administrator).get(url(first, "edit/"), follow=True)
    assert "This version is published: it is not changed any more." in words_of(answer)


def test_form_compare_marks_what_changed(browser, river, first, river_administrator):
    text = draft_of(river, text="# One\n\nThe same\n\nThe agency signs for two years.\n\n- New")
    page = browser(river_administrator).get(url(text, "compare/"))
    words = words_of(page)
    assert "Removed The agency signs for one year." in words
    assert "Added The agency signs for two years." in words
    assert "Added - New" in words
    assert "<strong>two years.</strong>" in page.content.decode()
    assert browser(river_administrator).get(url(first, "compare/")).status_code == 404


def test_form_publish_makes_it_the_version_that_is_signed(
    browser, river, first, river_administrator, river_lead, audited, mails
):
    text = draft_of(river)
    client = browser(river_administrator)
    page = client.get(url(text, "publish/"))
    assert "The leads of 1 agency get a mail" in words_of(page)
    by = local_day(timezone.now(), river.zone) + timedelta(days=30)
    answer = client.post(url(text, "publish/"), shown(page) | {"sign_again_by": by})
    assert answer.url == url(text)
    text.refresh_from_db()
    assert (text.is_published, text.published_by, text.sign_again_by) == (
        True,
        river_administrator,
        by,
    )
    assert AgreementForm.objects.in_use(river, AGENCY) == text
    assert audited() == [("agreement_text.published", "Ada Administrator")]
    assert mails() == [(river_lead.email, "Bridge Housing: a new agreement to sign")]


def test_form_publish_of_a_statement_tells_everybody_who_signs_it(
    browser, three, three_administrator, three_provider, three_specialist, mails
):
    text = draft_of(three, PERSONAL)
    client = browser(three_administrator)
    page = client.get(url(text, "publish/"))
    assert "2 people get a mail" in words_of(page)
    client.post(url(text, "publish/"), shown(page))
    subject = "A new confidentiality statement to sign"
    assert set(mails()) == {(three_provider.email, subject), (three_specialist.email, subject)}


def test_form_publish_twice_publishes_once(browser, river, first, river_administrator, river_lead):
    text = draft_of(river)
    client = browser(river_administrator)
    data = shown(client.get(url(text, "publish/")))
    client.post(url(text, "publish/"), data)
    text.refresh_from_db()
    answer = client.post(url(text, "publish/"), data)
    assert "This version is published already" in words_of(answer)
    assert AgreementForm.objects.get(pk=text.pk).published_at == text.published_at


def test_form_publish_refuses_a_day_that_is_over(browser, river, first, river_administrator):
    text = draft_of(river)
    client = browser(river_administrator)
    data = shown(client.get(url(text, "publish/"))) | {"sign_again_by": "2020-01-01"}
    answer = client.post(url(text, "publish/"), data)
    assert "Choose a date after today." in words_of(answer)
    assert not AgreementForm.objects.get(pk=text.pk).is_published


def test_form_publish_of_the_first_version_asks_no_date(browser, river, river_administrator):
    text = draft_of(river, version=1)
    client = browser(river_administrator)
    page = client.get(url(text, "publish/"))
    assert "Sign again by" not in words_of(page)
    assert client.post(url(text, "publish/"), shown(page)).status_code == 302


def test_form_publish_refuses_a_draft_changed_meanwhile(browser, river, first, river_administrator):
    text = draft_of(river)
    client = browser(river_administrator)
    data = shown(client.get(url(text, "publish/")))
    AgreementForm.objects.filter(pk=text.pk).update(text="Slipped in", revision=1)
    answer = client.post(url(text, "publish/"), data)
    assert "Somebody changed this in the meantime" in words_of(answer)
    assert not AgreementForm.objects.get(pk=text.pk).is_published


def test_form_postpone_gives_agencies_their_standing_back(browser, river, river_administrator):
    agency = make_agency(river)
    text = make_form(river, AGENCY)
    make_agreement(agency, form=text)
    today = local_day(timezone.now(), river.zone)
    newer = make_form(river, AGENCY, version=2, sign_again_by=today - timedelta(days=1))
    assert not agency_standing(agency, today).is_good
    client = browser(river_administrator)
    answer = client.post(url(newer, "postpone/"), {"sign_again_by": today + timedelta(days=10)})
    assert answer.status_code == 302
    assert agency_standing(agency, today).is_good
    refused = client.post(url(text, "postpone/"), {"sign_again_by": today + timedelta(days=10)})
    assert "Only the version in use" in words_of(refused)


def test_form_discard_throws_a_draft_away_once(browser, river, first, river_administrator):
    text = draft_of(river)
    client = browser(river_administrator)
    assert "thrown away" in words_of(client.get(url(text, "discard/")))
    assert client.post(url(text, "discard/")).url == LIST
    assert list(AgreementForm.objects.all()) == [first]
    assert client.post(url(text, "discard/")).status_code == 404
    assert "published already" in words_of(client.post(url(first, "discard/")))


def test_form_pages_are_the_administrators(
    browser, river, first, river_specialist, river_lead, three_administrator
):
    text = draft_of(river)
    for user in (river_specialist, river_lead):
        assert browser(user).get(url(first)).status_code == 200
        assert browser(user).get(url(text)).status_code == 404
        assert browser(user).get(f"{LIST}agency/draft/").status_code == 403
        for act in ("edit/", "publish/", "discard/", "postpone/"):
            assert browser(user).get(url(first, act)).status_code == 403
            assert browser(user).get(url(text, act)).status_code == 404
    for act in ("", "edit/", "publish/", "discard/", "postpone/", "compare/"):
        assert browser(three_administrator).get(url(first, act)).status_code == 404
        assert browser(None).get(url(first, act)).status_code == 302


@pytest.mark.parametrize(
    "change", [{"text": "Other"}, {"title": "Other"}, {"months_valid": 1}, {"published_at": None}]
)
def test_form_published_is_held_by_the_database(first, change):
    with pytest.raises(InternalError), transaction.atomic():
        AgreementForm.objects.filter(pk=first.pk).update(**change)
    with pytest.raises(InternalError), transaction.atomic():
        first.delete()


def test_form_has_one_draft_per_kind(river):
    draft_of(river, version=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        draft_of(river, version=2)
    draft_of(river, PERSONAL, version=1)


def test_form_detail_shows_text_that_looks_like_markup_as_text(browser, river, river_provider):
    text = make_form(river, AGENCY, version=2, text="<script>alert(1)</script>\n\n- <b>x</b>")
    page = browser(river_provider).get(url(text)).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
