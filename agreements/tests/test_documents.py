"""The PDF of what was signed, and the check of a scan."""

import resource
import zlib
from datetime import UTC, datetime
from io import BytesIO

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, String

from agreements import scans
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
        jump = Dictionary(S=Name.GoTo, D=Array([pdf.pages[0].obj, Name.Fit]))
        pdf.Root.Outlines = Dictionary(Type=Name.Outlines, First=Dictionary(A=jump))
        pdf.pages[0].Trans = Dictionary(Type=Name.Trans, S=Name.Wipe)
        pdf.pages[0].Group = Dictionary(Type=Name.Group, S=Name.Transparency, CS=Name.DeviceRGB)
        pdf.Root.PageLabels = Dictionary(Nums=Array([0, Dictionary(S=Name.D)]))
        pdf.Root.StructTreeRoot = Dictionary(
            Type=Name.StructTreeRoot, K=Dictionary(S=Name.P, A=Dictionary(O=Name.Layout))
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


def on_open(pdf, action):
    pdf.Root.OpenAction = action


def on_a_link(pdf, action):
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=action)
    pdf.pages[0].Annots = Array([pdf.make_indirect(link)])


def in_the_outline(pdf, action):
    pdf.Root.Outlines = Dictionary(Type=Name.Outlines, First=Dictionary(A=action))


def after_a_jump(pdf, action):
    jump = Dictionary(S=Name.GoTo, D=Array([pdf.pages[0].obj, Name.Fit]), Next=Array([action]))
    pdf.Root.OpenAction = pdf.make_indirect(jump)


def on_closing_the_page(pdf, action):
    pdf.pages[0].obj.AA = Dictionary(C=action)


def of_a_field(pdf, action):
    field = Dictionary(FT=Name.Tx, T=String("a"), Subtype=Name.Widget, AA=Dictionary(K=action))
    pdf.Root.AcroForm = Dictionary(Fields=Array([pdf.make_indirect(field)]))


@pytest.mark.parametrize("kind", [*sorted(scans.ACTIONS), "/Invented"])
@pytest.mark.parametrize(
    "place",
    [on_open, on_a_link, in_the_outline, after_a_jump, on_closing_the_page, of_a_field],
)
def test_every_kind_of_action_in_every_place_is_found(kind, place):
    action = Dictionary(S=Name(kind), URI=String("https://evil.example"), F=String("other.pdf"))
    finding = scans.look(saved(lambda pdf: place(pdf, action)))["finding"]
    assert finding in (scans.AN_ACTION, "a script")


def add_address_base(pdf):
    pdf.Root.URI = Dictionary(Base=String("https://evil.example/"))


def add_portfolio(pdf):
    pdf.Root.Collection = Dictionary(View=Name.T)


def add_associated_file(pdf):
    pdf.Root.AF = Array([Dictionary(Type=Name.Filespec, F=String("x"), UF=String("x"))])


def add_stream_elsewhere(pdf):
    stream = pdf.make_stream(b"x")
    stream.F = String("https://evil.example/x")
    pdf.pages[0].obj.Hidden = stream


def add_page_elsewhere(pdf):
    form = pdf.make_stream(b"x")
    form.Type, form.Subtype = Name.XObject, Name.Form
    form.Ref = Dictionary(F=String("other.pdf"), Page=0)
    pdf.pages[0].obj.Resources = Dictionary(XObject=Dictionary(A=form))


def add_script_deeper_than_is_looked(pdf):
    deep = Dictionary(S=Name.JavaScript)
    for _ in range(scans.DEEPEST + 5):
        deep = Dictionary(K=Array([deep]))
    pdf.pages[0].obj.Hidden = deep


def test_check_scan_of_a_pdf_that_unpacks_without_end_takes_bounded_memory():
    """A table of objects of 3 GB, packed into 3 MB."""
    packer, packed = zlib.compressobj(9), []
    for _ in range(192):
        packed.append(packer.compress(bytes(1 << 24)))
    body = b"".join([*packed, packer.flush()])
    head = (
        f"<</Type/XRef/Size 700000000/W[1 2 1]/Root 1 0 R/Filter/FlateDecode/Length {len(body)}>>"
    )
    pdf = b"%PDF-1.5\n1 0 obj" + head.encode() + b"stream\n" + body + b"\nendstream endobj\n"
    pdf += b"startxref\n9\n%%EOF\n"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    largest_child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss  # of any test before

    assert error_of(pdf).code == "damaged"

    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert own - before < 100_000
    # A child also counts what its parent held when it was begun (Linux, exec).
    bound = max(largest_child, own, 1_200_000)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss <= bound


@pytest.mark.parametrize(
    "change",
    [
        add_address_base,
        add_portfolio,
        add_associated_file,
        add_stream_elsewhere,
        add_page_elsewhere,
        add_script_deeper_than_is_looked,
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
def test_look_at_rubbish_raises_nothing(rubbish, at):
    pdf = plain_pdf()
    found = scans.look(pdf[:at] + rubbish + pdf[at:])
    assert found is None or set(found) == {"is_locked", "pages", "finding"}


def test_moment_speaks_the_zone_of_the_continuum():
    at = datetime(2026, 11, 3, 18, 5, tzinfo=UTC)
    assert moment(at, "America/Chicago") == "Nov 3, 2026, 12:05 PM CST"
    assert moment(at, "America/New_York") == "Nov 3, 2026, 1:05 PM EST"
