"""What the prep list bench draws: the same content on every side, through our template."""

import re

import pypdfium2

from bench import prep_list


def text_of(pdf, password="ABCD-EFGH-JKMN-PQRS"):  # noqa: S107
    document = pypdfium2.PdfDocument(pdf, password=password)
    text = " ".join(page.get_textpage().get_text_range() for page in document)
    return " ".join(re.sub("[\u200b\u2066-\u2069\ufffe]", "", text).split())


def test_content_is_another_list_in_each_round_and_the_same_for_all_sides():
    assert prep_list.content(1) == prep_list.content.__wrapped__(1)
    assert prep_list.content(1) != prep_list.content(2)
    assert len(prep_list.content(1)["participants"]) == prep_list.PARTICIPANTS


def test_both_typst_sides_draw_the_same_locked_list():
    assert text_of(prep_list.ours(3)) == text_of(prep_list.bare(3))


def test_html_holds_every_text_of_the_list():
    data = prep_list.content(4)
    page = re.sub("<[^>]+>", " ", prep_list.html(data))
    for person in data["participants"]:
        elements = person["elements"]
        for text in (
            person["label"],
            *person["reasons"],
            elements["location"],
            elements["preferences"],
            *elements["barriers"],
            elements["safety"],
            *person["changes"],
            *(step["what"] for step in person["steps"]),
            *(step["owner"] for step in person["steps"]),
        ):
            assert text in page
