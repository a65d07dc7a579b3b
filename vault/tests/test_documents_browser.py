"""Locked documents in pdf.js, which is Firefox's reader, run in a real browser."""

from pathlib import Path

import pytest

from conferencing.tests import clock
from conferencing.tests.waiting import expect_evaluated
from vault import documents

from .test_documents import PASSWORD, agreement

pytestmark = pytest.mark.browser

PDFJS = Path(__file__).parent / "pdfjs"
SITE = "http://reader.test/"
OPEN = """async (password) => {
  const pdfjs = await import("/pdf.min.mjs");
  pdfjs.GlobalWorkerOptions.workerSrc = "/pdf.worker.min.mjs";
  try {
    const pdf = await pdfjs.getDocument({url: "/document.pdf", password}).promise;
    const text = await (await pdf.getPage(1)).getTextContent();
    const marks = await pdf.getMarkInfo();
    return [pdf.numPages, marks.Marked, text.items.map((item) => item.str).join("")];
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
    files["document.pdf"] = (documents.encrypt(agreement(), PASSWORD), "application/pdf")
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
    pages, is_tagged, text = reader.evaluate(OPEN, PASSWORD)
    assert pages == 1
    assert is_tagged
    assert "Opening words." in text


@pytest.mark.parametrize("wrong", ["", PASSWORD.lower(), PASSWORD.replace("-", "")])
def test_encrypt_opens_with_nothing_else_in_pdfjs(reader, wrong):
    expect_evaluated(reader, OPEN, "PasswordException", arg=wrong)
