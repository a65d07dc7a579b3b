"""The main job end to end, as people do it: a real browser, a real mail server, a real PDF."""

import re
from datetime import datetime
from io import BytesIO
from zoneinfo import ZoneInfo

import pypdfium2
import pytest
from django.utils import timezone
from playwright.sync_api import expect

import outbox.services
from accounts.models import Session
from agreements.models import AgencyAgreement
from agreements.standing import person_standing
from agreements.tests.factories import make_agency, make_form, make_staff
from conferencing.tests.browser import NARROW
from conferencing.tests.factories import make_meeting
from conferencing.tests.readable import readable
from conferencing.tests.waiting import words_of
from participants.tests.factories import make_participant, make_release
from regions.models import ReviewCriterion
from regions.tests.factories import make_criteria, ordinary_thursday, today_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery 1"


@pytest.fixture(autouse=True)
def _own_address(settings, live_server):
    """Links in mails lead to the server of the test."""
    settings.SITE_URL = live_server.url


@pytest.fixture
def call(river, region_2):
    """Next month's call of Region 2: Thursday at ten, in three weeks at least."""
    zone = ZoneInfo(river.zone)
    on = ordinary_thursday(in_days=21, zone=river.zone)
    starts_at = datetime(on.year, on.month, on.day, 10, tzinfo=zone)
    return make_meeting(river, region_2, starts_at=starts_at)


@pytest.fixture
def households(river_agency, region_2):
    """Four that the criteria propose, longest first; one is released to nobody."""
    make_criteria(region_2, ReviewCriterion.Kind.UNSHELTERED, ReviewCriterion.Kind.LONGEST)
    names = ["Ana Ñandú", "Björn Åker", "Chit Htun", "Dolores Hidden"]
    made = [
        make_participant(
            river_agency,
            region_2,
            name=name,
            alias=f"Heron-{number}",
            days=400 - number,
            is_unsheltered=True,
        )
        for number, name in enumerate(names, start=1)
    ]
    for household in made[:3]:
        make_release(household)
    return made


def sign_in(page, user):
    page.get_by_label("Email address").fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/sign-in/" not in url)


def open_as(new_page, user, path="/", **context):
    page = new_page(**context)
    page.goto(path)
    sign_in(page, user)
    return page


def expect_column(page, table, number, texts):
    """Wait until a column of a table says this, each cell in its first line."""
    cells = page.get_by_role("table", name=table).locator(f"tbody tr > *:nth-child({number})")
    first_lines = [re.compile(rf"^\s*{re.escape(text)}\s*(\n|$)") for text in texts]
    expect(cells).to_have_text(first_lines, use_inner_text=True)


def let_ten_minutes_pass():
    """Since everybody proved who they are."""
    for row in Session.objects.all():
        session = row.get_decoded()
        for record in session.get("account_authentication_methods", []):
            record["at"] -= 10 * 60
        row.session_data = Session.objects.encode(session)
        row.save()


def lists_in(smtp_server):
    return {mail["To"]: mail for mail in smtp_server.messages if "Prep list:" in mail["Subject"]}


def text_of(pdf, password):
    document = pypdfium2.PdfDocument(BytesIO(pdf), password=password)
    return " ".join(" ".join(page.get_textpage().get_text_bounded() for page in document).split())


def test_the_list_goes_out_from_roster_to_password(
    new_page,
    smtp_server,
    call,
    households,
    river_specialist,
    river_provider,
    river_other_provider,
    river_lapsed_provider,
):
    page = open_as(new_page, river_specialist)
    page.get_by_role("navigation").get_by_role("link", name="Meetings").click()
    page.goto(f"/meetings/?year={call.on.year}")
    page.locator(f'main a[href="/meetings/{call.pk}/"]').last.click()
    page.get_by_role("link", name="Roster", exact=True).click()
    proposed = ["Ana Ñandú", "Björn Åker", "Chit Htun", "Heron-4"]
    expect_column(page, "Proposed households", 1, proposed)

    page.get_by_role("button", name="Start from this proposal").click()
    roster, down = "Households on the roster, in the order of the call", "Down Ana Ñandú"
    page.get_by_role("button", name=down).focus()
    for order in ([1, 0, 2, 3], [1, 2, 0, 3]):  # the focus goes along
        page.keyboard.press("Enter")
        expect_column(page, roster, 2, [proposed[each] for each in order])
        expect(page.get_by_role("button", name=down)).to_be_focused()
    page.get_by_role("button", name="Up Chit Htun").click()
    page.get_by_role("button", name="Remove Ana Ñandú").click()
    page.get_by_text("Ana Ñandú is off the roster.").wait_for()
    settled = ["Chit Htun", "Björn Åker", "Heron-4"]
    expect_column(page, roster, 2, settled)
    page.get_by_role("button", name="Settle the roster").click()
    page.get_by_text(re.compile("The roster is settled. List goes out ")).wait_for()

    page.get_by_role("link", name="List and deliveries").click()
    page.get_by_role("link", name="Send now").click()
    expect(page.locator(".cc-effects li")).to_have_text(
        [
            "The roster as it stands is frozen (3 households).",
            "The roster is settled.",
            "2 people get an email with their own protected copy, at once.",
            "1 person is left out; the page says why.",
        ]
    )
    page.get_by_role("button", name="Send the list now").click()
    page.get_by_text("The list is frozen and on its way.").wait_for()
    outbox.services.tick(timezone.now(), send=True)

    page.reload()
    deliveries = "Each person, and the status of their list"
    expect_column(page, deliveries, 1, ["Lou Lapsed", "Oli Other", "Pat Provider"])
    expect_column(page, deliveries, 3, ["Left out", "Sent", "Sent"])
    expect(page.get_by_role("row", name="Lou Lapsed")).to_contain_text(
        "The CES Partner Agreement expired on"
    )

    mails = lists_in(smtp_server)
    assert set(mails) == {river_provider.email, river_other_provider.email}
    # The agency that keeps a record reads its own by name, everybody else by alias.
    for recipient, unreleased in (
        (river_provider, "Dolores Hidden"),
        (river_other_provider, "Heron-4"),
    ):
        mail = mails[recipient.email]
        password = read_password(new_page, mail, recipient)
        pdf = next(
            part.get_payload(decode=True)
            for part in mail.walk()
            if part.get_content_type() == "application/pdf"
        )
        text = text_of(pdf, password)
        assert recipient.name in text
        assert text.index("Chit Htun") < text.index("Björn Åker") < text.index(unreleased)
        assert "Ana" not in readable(text)
        assert ("Dolores" in text) == (unreleased == "Dolores Hidden")
        for wrong in ("", "0000-0000-0000-0000"):
            with pytest.raises(pypdfium2.PdfiumError):
                pypdfium2.PdfDocument(BytesIO(pdf), password=wrong)


def read_password(new_page, mail, user):
    """Follow the mail's link on a phone, as somebody who signed in a while ago."""
    words = mail.get_body(("plain",)).get_content()
    (link,) = re.findall(r"http://\S+/lists/\S+/", words)
    page = open_as(new_page, user, viewport=NARROW)
    let_ten_minutes_pass()
    page.goto(link)
    expect(page).to_have_url(re.compile("/account/confirm/password/"))
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button").last.click()
    page.wait_for_url(link)
    return words_of(page.locator("#list-password"))


def test_an_agreement_is_signed_countersigned_and_counts(
    new_page, smtp_server, river, region_2, river_administrator
):
    make_form(river, title="CES Partner Agreement", text="# Purpose\n\nWork together.")
    agency = make_agency(river, name="New Path", regions=[region_2])
    lead = make_staff(agency, name="Nia Newlead", lead=True, regions=[region_2]).user
    today = today_in(river.zone)
    assert not person_standing(lead, today).is_good

    page = open_as(new_page, lead)
    expect(page.get_by_text("You get no list and see no participants")).to_be_visible()
    page.get_by_role("link", name="Sign the CES Partner Agreement for New Path").click()
    expect(page.get_by_text("Work together.")).to_be_visible()
    page.get_by_label("Your title").fill("Director")
    page.get_by_role("button", name="Sign for the agency").click()
    expect(page.get_by_text("Read the whole text, then tick this box.").first).to_be_visible()
    expect(page.get_by_label("Your title")).to_have_value("Director")
    page.get_by_label("I have read the whole text").check()
    page.get_by_label("Your name").fill("Nia Newlead")
    page.get_by_role("button", name="Sign for the agency").click()
    page.get_by_text("You signed the agreement.").wait_for()

    outbox.services.tick(timezone.now(), send=True)
    assert river_administrator.email in {mail["To"] for mail in smtp_server.messages}
    desk = open_as(new_page, river_administrator)
    desk.get_by_role("link", name="Countersign the agreement of New Path").click()
    desk.get_by_role("button", name="Countersign").click()
    desk.get_by_text("You countersigned the agreement of New Path.").wait_for()

    assert AgencyAgreement.objects.get().countersigned_by == river_administrator
    assert person_standing(lead, today).is_good
    page.goto("/")
    expect(page.get_by_text("You get no list and see no participants")).to_be_hidden()
    desk.goto("/agencies/standing/")
    row = desk.get_by_role("row").filter(has_text="New Path").first
    expect(row).to_contain_text("Paperwork current")
