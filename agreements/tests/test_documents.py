"""The PDF of what was signed, and the check of a scan."""

from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, String

from agreements.documents import check_scan, moment
from agreements.tests.conftest import plain_pdf


def saved(change, **options):
    pdf = pikepdf.open(BytesIO(plain_pdf()))
    change(pdf)
    out = BytesIO()
    pdf.save(out, **options)
    return out.getvalue()


def error_of(data):
    with pytest.raises(ValidationError) as caught:
        check_scan(data)
    return caught.value


def test_check_scan_takes_a_plain_pdf():
    assert check_scan(plain_pdf(3)) is None


def test_check_scan_takes_what_scanners_add():
    def change(pdf):
        pdf.Root.OpenAction = Array([pdf.pages[0].obj, Name.Fit])
        pdf.docinfo["/Producer"] = "Scanner 3000"
        pdf.pages[0].Annots = Array(
            [
                pdf.make_indirect(
                    Dictionary(
                        Type=Name.Annot,
                        Subtype=Name.Link,
                        Rect=Array([0, 0, 9, 9]),
                        A=Dictionary(S=Name.URI, URI=String("https://example.org")),
                    )
                )
            ]
        )

    assert check_scan(saved(change)) is None


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"PK\x03\x04", b"<html>%PDX-1.7</html>", b"\x89PNG" + b"0" * 2000 + b"%PDF-"],
)
def test_check_scan_refuses_what_is_no_pdf(data):
    error = error_of(data)
    assert error.code == "not_a_pdf"
    assert error.messages[0].startswith("This file is not a PDF. Scan the signed paper")


def test_check_scan_refuses_a_damaged_pdf():
    assert error_of(b"%PDF-1.7\n" + b"\x00" * 500).code == "damaged"


def test_check_scan_refuses_a_locked_pdf():
    lock = pikepdf.Encryption(user="secret", owner="more secret", R=6)
    assert error_of(saved(lambda pdf: None, encryption=lock)).code == "locked"
    open_lock = pikepdf.Encryption(user="", owner="more secret", R=6)
    assert error_of(saved(lambda pdf: None, encryption=open_lock)).code == "locked"


def test_check_scan_refuses_no_pages_and_too_many():
    assert error_of(plain_pdf(0)).code == "empty"
    assert error_of(plain_pdf(201)).code == "too_many_pages"


def add_script_on_open(pdf):
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def add_named_script(pdf):
    script = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), script])))


def add_script_on_page(pdf):
    pdf.pages[0].obj.AA = Dictionary(O=Dictionary(S=Name.JavaScript, JS=String("1")))


def add_launch(pdf):
    pdf.Root.OpenAction = Dictionary(S=Name.Launch, F=String("calc.exe"))


def add_file(pdf):
    pdf.attachments["hidden.exe"] = b"MZ"


def add_file_annotation(pdf):
    pdf.pages[0].Annots = Array(
        [Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, Rect=Array([0, 0, 9, 9]))]
    )


def add_running_form(pdf):
    pdf.Root.AcroForm = Dictionary(Fields=Array([]), XFA=String("<xdp/>"))


def add_deep_script(pdf):
    deep = Dictionary(S=Name.JavaScript, JS=String("1"))
    for _ in range(20):
        deep = Dictionary(Next=Array([deep]))
    pdf.pages[0].obj.Hidden = deep


@pytest.mark.parametrize(
    "change",
    [
        add_script_on_open,
        add_named_script,
        add_script_on_page,
        add_launch,
        add_file,
        add_file_annotation,
        add_running_form,
        add_deep_script,
    ],
)
def test_check_scan_refuses_what_runs_or_hides(change):
    error = error_of(saved(change))
    assert error.code == "active"
    assert "which a scan never does" in error.messages[0]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 600))
def test_check_scan_of_rubbish_raises_nothing_but_a_clear_error(rubbish, at):
    pdf = plain_pdf()
    with suppress(ValidationError):
        check_scan(pdf[:at] + rubbish + pdf[at:])


def test_moment_speaks_the_zone_of_the_continuum():
    at = datetime(2026, 11, 3, 18, 5, tzinfo=UTC)
    assert moment(at, "America/Chicago") == "Nov 3, 2026, 12:05 PM CST"
    assert moment(at, "America/New_York") == "Nov 3, 2026, 1:05 PM EST"
