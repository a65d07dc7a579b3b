"""The by-name list on paper: whose print it is on each sheet, and how much of the list it holds."""

import pypdfium2
import pytest

from participants.tests.factories import make_participant

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def printed(page, path):
    page.goto(path)
    document = pypdfium2.PdfDocument(page.pdf(format="Letter", prefer_css_page_size=True))
    return [" ".join(sheet.get_textpage().get_text_range().split()) for sheet in document]


def test_participant_list_prints_whose_it_is_on_each_sheet_and_what_it_leaves_out(
    new_page, river_provider, river_agency, region_2
):
    for number in range(60):
        make_participant(river_agency, region_2, alias=f"Teal-{number:03}")
    sheets = printed(new_page(river_provider), "/participants/")
    assert len(sheets) > 2
    for sheet in sheets:
        assert "Confidential · Shown to Pat Provider (" in sheet
        assert "River Valleys CoC (MN-502)" in sheet
    assert "(prints only households 1–50)" in sheets[0]
    assert "1–50 of 60 households Only page 1 of 2 is printed here." in " ".join(sheets)


def test_participant_list_prints_a_search_with_what_it_leaves_out(
    new_page, river_provider, river_agency, region_2
):
    for number in range(60):
        make_participant(river_agency, region_2, alias=f"Teal-{number:03}")
    page = new_page(river_provider)
    page.goto("/participants/")
    page.get_by_label("Name, alias, HMIS ID or birth date").fill("teal")
    page.get_by_label("Name, alias, HMIS ID or birth date").press("Enter")
    page.get_by_text("found for your search").wait_for()
    document = pypdfium2.PdfDocument(page.pdf())
    words = " ".join(" ".join(sheet.get_textpage().get_text_range().split()) for sheet in document)
    assert "1–50 of 60 households Only page 1 of 2 is printed here." in words
