"""The confidentiality statement that each person signs for themselves."""

from datetime import timedelta

import pytest
from django.db import InternalError, transaction
from django.utils import timezone

from agreements.models import AgreementForm, PersonalStatement
from agreements.services.statements import sign_statement
from agreements.standing import person_standing
from agreements.tests.conftest import shown, words_of
from agreements.tests.factories import make_form, make_statement
from regions.clock import local_day
from regions.tests.factories import make_user

SIGN = "/agencies/statement/sign/"
OWN = "/agencies/statement/"
PERSONAL = AgreementForm.Kind.PERSONAL


@pytest.fixture
def text(river):
    return make_form(river, PERSONAL, text="# Mine\n\nI keep it to myself.", months_valid=12)


def today(river):
    return local_day(timezone.now(), river.zone)


def sign(client, name="Una U. Unsigned", **changed):
    data = shown(client.get(SIGN)) | {"has_read": "on", "name": name} | changed
    return client.post(SIGN, data, REMOTE_ADDR="192.0.2.9")


def test_statement_sign_puts_the_person_in_standing_at_once(
    browser, river, text, river_unsigned_provider, audited
):
    client = browser(river_unsigned_provider)
    assert "Mine I keep it to myself." in words_of(client.get(SIGN))
    assert not person_standing(river_unsigned_provider, today(river)).is_good
    assert sign(client).url == OWN
    statement = PersonalStatement.objects.get(user=river_unsigned_provider)
    assert (statement.form, statement.text_hash) == (text, AgreementForm.hash_of(text.text))
    assert (statement.signed_name, statement.signed_from) == ("Una U. Unsigned", "192.0.2.9")
    assert statement.effective_on == today(river)
    assert statement.document.startswith(b"%PDF")
    assert person_standing(river_unsigned_provider, today(river)).is_good
    assert audited() == [("statement.signed", "Una Unsigned")]


def test_statement_sign_is_for_a_specialist_without_agency_too(browser, river, text):
    user = make_user(river, name="Sol Specialist", specialist=True)
    assert sign(browser(user)).status_code == 302
    assert person_standing(user, today(river)).is_good


def test_statement_sign_twice_signs_once_and_says_so(browser, text, river_unsigned_provider):
    client = browser(river_unsigned_provider)
    data = shown(client.get(SIGN)) | {"has_read": "on", "name": "Una"}
    client.post(SIGN, data)
    answer = client.post(SIGN, data, follow=True)
    assert "You signed this already: version 1, on" in words_of(answer)
    assert river_unsigned_provider.statements.count() == 1
    assert "There is nothing to do." in words_of(client.get(SIGN))


def test_statement_sign_refuses_a_text_that_changed_meanwhile(
    browser, river, text, river_unsigned_provider
):
    client = browser(river_unsigned_provider)
    data = shown(client.get(SIGN)) | {"has_read": "on", "name": "Una U."}
    make_form(river, PERSONAL, version=2, text="Other words", published_at=timezone.now())
    answer = client.post(SIGN, data)
    assert "The text changed after you opened this page" in words_of(answer)
    assert "Other words" in words_of(answer)
    assert 'value="Una U."' in answer.content.decode()
    assert not river_unsigned_provider.statements.exists()


def test_statement_sign_asks_to_read_the_whole_text(browser, text, river_unsigned_provider):
    client = browser(river_unsigned_provider)
    data = shown(client.get(SIGN)) | {"name": "Una"}
    assert "Read the whole text, then tick this box." in words_of(client.post(SIGN, data))
    assert not river_unsigned_provider.statements.exists()


def test_statement_sign_opens_for_renewal_sixty_days_before_the_end(
    browser, river, river_unsigned_provider, text
):
    make_statement(
        river_unsigned_provider,
        effective_on=today(river) - timedelta(days=300),
        expires_on=today(river) + timedelta(days=60),
        form=text,
    )
    assert sign(browser(river_unsigned_provider)).status_code == 302
    assert river_unsigned_provider.statements.count() == 2


def test_statement_sign_asks_again_for_a_new_version(browser, river, river_provider):
    make_form(river, PERSONAL, version=2, sign_again_by=today(river) + timedelta(days=20))
    client = browser(river_provider)
    assert "There is a new version of the statement. Sign it by" in words_of(client.get(OWN))
    assert sign(client).status_code == 302


def test_statement_detail_shows_ones_own_history_alone(browser, river_provider, river_specialist):
    words = words_of(browser(river_provider).get(OWN))
    assert "as Pat Provider" in words
    assert "Sam Specialist" not in words


@pytest.fixture
def signed(river, text, river_unsigned_provider):
    return sign_statement(
        river_unsigned_provider,
        form_id=text.pk,
        text_hash=text.text_hash,
        seen="",
        name="Una Unsigned",
    )


def download(statement):
    return f"/agencies/statements/{statement.pk}/download/"


def revoke(statement):
    return f"/agencies/statements/{statement.pk}/revoke/"


def test_statement_download_is_for_the_person_and_the_administrator(
    browser,
    signed,
    river_unsigned_provider,
    river_administrator,
    river_specialist,
    river_lead,
    three_administrator,
    audited,
):
    answer = browser(river_unsigned_provider).get(download(signed))
    assert answer.content == signed.document
    assert answer["Content-Disposition"] == 'attachment; filename="statement-version-1.pdf"'
    assert browser(river_administrator).get(download(signed)).status_code == 200
    assert audited()[-2:] == [
        ("statement.downloaded", "Una Unsigned"),
        ("statement.downloaded", "Ada Administrator"),
    ]
    assert browser(river_specialist).get(download(signed)).status_code == 403
    assert browser(river_lead).get(download(signed)).status_code == 404
    assert browser(three_administrator).get(download(signed)).status_code == 404
    assert browser(None).get(download(signed)).status_code == 302


def test_statement_revoke_takes_standing_at_once_and_lets_the_person_sign_again(
    browser, river, signed, river_administrator, river_unsigned_provider, audited, mails
):
    answer = browser(river_administrator).post(revoke(signed), {"reason": "Photographed a list."})
    assert answer.status_code == 302
    assert (
        person_standing(river_unsigned_provider, today(river))
        .reasons[0]
        .startswith("The confidentiality statement was revoked on")
    )
    assert audited()[-1] == ("statement.revoked", "Ada Administrator")
    assert mails() == [
        (river_unsigned_provider.email, "Your confidentiality statement was revoked")
    ]
    client = browser(river_unsigned_provider)
    assert "Photographed a list." in words_of(client.get(OWN))
    assert sign(client).status_code == 302
    assert person_standing(river_unsigned_provider, today(river)).is_good


def test_statement_revoke_is_the_administrators(
    browser, signed, river_unsigned_provider, river_specialist, river_lead, three_administrator
):
    answers = {
        user.name: browser(user).post(revoke(signed), {"reason": "x"}).status_code
        for user in (river_unsigned_provider, river_specialist, river_lead, three_administrator)
    }
    assert answers == {
        "Una Unsigned": 403,
        "Sam Specialist": 403,
        "Lee Lead": 404,
        "Tess Administrator": 404,
    }


def test_statement_is_held_by_the_database(signed):
    with pytest.raises(InternalError), transaction.atomic():
        PersonalStatement.objects.filter(pk=signed.pk).update(signed_name="Somebody else")
    with pytest.raises(InternalError), transaction.atomic():
        PersonalStatement.objects.filter(pk=signed.pk).delete()
