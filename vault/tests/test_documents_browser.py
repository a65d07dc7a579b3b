"""Locked documents in pdf.js, which is Firefox's reader, run in a real browser."""

import unicodedata
from pathlib import Path

import pytest

from conferencing.tests import clock
from conferencing.tests.waiting import evaluated, expect_evaluated
from vault import documents

from .test_documents import PASSWORD, agreement
from .test_text_layer import LINKS, NAMES

pytestmark = pytest.mark.browser

TEXT = "\n\n".join(["Opening words.", *(f"Here: {each}." for each in [*LINKS, *NAMES])])
PDFJS = Path(__file__).parent / "pdfjs"
SITE = "http://reader.test/"
OPEN = """async (password) => {
  const pdfjs = await import("/pdf.min.mjs");
  pdfjs.GlobalWorkerOptions.workerSrc = "/pdf.worker.min.mjs";
  try {
    const pdf = await pdfjs.getDocument({url: "/document.pdf", password}).promise;
    let text = "";
    for (let number = 1; number <= pdf.numPages; number += 1) {
      const content = await (await pdf.getPage(number)).getTextContent();
      text += content.items.map((item) => item.str).join("");
    }
    const marks = await pdf.getMarkInfo();
    return [pdf.numPages, marks.Marked, text];
  } catch (error) {
    return error.name;
  }
}"""


@pytest.fixture
def reader(browser):
    """A page that holds pdf.js and one locked document, and no network."""
    files = {
        name: ((PDFJS / name).read_bytes(), "text/javascript")
        for name in ("pdf.min.mjs", "pdf.worker.min.mjs")
    }
    files["document.pdf"] = (documents.encrypt(agreement(text=TEXT), PASSWORD), "application/pdf")
    files[""] = (b"<!doctype html><title>Reader</title>", "text/html")

    def answer(route):
        body, kind = files[route.request.url.removeprefix(SITE)]
        route.fulfill(body=body, content_type=kind)

    context = browser.new_context()
    context.add_init_script(clock.script())
    context.route("**", answer)
    page = context.new_page()
    page.goto(SITE)
    yield page
    context.close()


def test_encrypt_opens_with_the_password_in_pdfjs(reader):
    pages, is_tagged, text = evaluated(reader, OPEN, arg=PASSWORD)
    assert pages >= 1
    assert is_tagged
    assert "Opening words." in text


def test_the_text_of_names_and_links_is_what_is_seen_in_pdfjs(reader):
    _pages, _is_tagged, text = evaluated(reader, OPEN, arg=PASSWORD)
    for each in [*LINKS, *NAMES]:
        assert f"Here: {unicodedata.normalize('NFC', each)}." in text


@pytest.mark.parametrize("wrong", ["", PASSWORD.lower(), PASSWORD.replace("-", "")])
def test_encrypt_opens_with_nothing_else_in_pdfjs(reader, wrong):
    expect_evaluated(reader, OPEN, "PasswordException", arg=wrong)
