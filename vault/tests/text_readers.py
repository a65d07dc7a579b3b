"""The programs that tests read a PDF's text with: PDFium, MuPDF, pypdf, and Poppler if it is there.

PDFium is Chrome's, MuPDF and Poppler are those of many viewers and screen readers, pypdf reads
the characters one after the other and heeds nothing else. pdf.js, which is Firefox's, is tried in
a browser (`test_documents_browser`). Poppler comes in no wheel: where `pdftotext` is on the
machine it is one reader more.
"""

import shutil
import subprocess
from io import BytesIO

import pymupdf
import pypdf
import pypdfium2

# What Poppler says of the direction of a line; no reader shows it.
DIRECTIONS = dict.fromkeys(map(ord, "\u202a\u202b\u202c"))


def pdfium(pdf):
    pages = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in pages)


def mupdf(pdf):
    return "\n".join(page.get_text() for page in pymupdf.open(stream=pdf))


def by_pypdf(pdf):
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(pdf)).pages)


def poppler(pdf):
    done = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    return done.stdout.decode()


READERS = {"PDFium": pdfium, "MuPDF": mupdf, "pypdf": by_pypdf}
if shutil.which("pdftotext"):
    READERS["Poppler"] = poppler


def lines_of(name, pdf):
    """The lines that a reader finds, without their ends."""
    text = READERS[name](pdf).replace("\r", "").translate(DIRECTIONS)
    return [line.strip() for line in text.split("\n")]
