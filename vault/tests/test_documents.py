"""Drawing and locking: tagged, of our own fonts, opened by the password alone."""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vault import documents
from vault.documents import DocumentError

PASSWORD = "ABCD-EFGH-JKMN-PQRS"
AGREEMENT = {
    "continuum": "River Valleys CoC (MN-502)",
    "title": "Partner Agreement",
    "version": "2026.1",
    "text": "Opening words.\n\n# Heading one\n\n- first\n- second\n  goes on\n\nLast words.",
    "text_hash": "ab" * 32,
    "agency": "Rice County Social Services",
    "signer": {"name": "Minh Khai Nguyễn", "title": "Director"},
    "signed_at": "Nov 3, 2026, 2:14 PM CST",
    "signed_from": "203.0.113.7",
    "countersigned": {"name": "Paula Ekström", "at": "Nov 4, 2026, 9:02 AM CST"},
    "effective_on": "Nov 4, 2026",
    "expires_on": "Nov 3, 2027",
    "is_example": False,
}


def agreement(**changes):
    return documents.render("agreement", {**AGREEMENT, **changes})


def text_of(pdf, password=None):
    """Return the text of each page, as PDFium reads it, breaks and isolates aside."""
    document = pypdfium2.PdfDocument(pdf, password=password)
    pages = [page.get_textpage().get_text_range() for page in document]
    return [re.sub("[\u200b\u2066-\u2069\ufffe]", "", text) for text in pages]


def flat(pdf):
    return " ".join(" ".join(text_of(pdf)).split())


# Drawing


def test_render_draws_a_tagged_pdf_with_language_and_neutral_title():
    with pikepdf.open(BytesIO(agreement())) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) in ("en", "en-US")
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert "/StructTreeRoot" in pdf.Root
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:title"] == "Signed agreement"
            assert "dc:creator" not in metadata
        assert "Nguy" not in str(pdf.docinfo)
        assert "Rice" not in str(pdf.docinfo)


def test_render_uses_the_fonts_of_the_project_alone():
    used = set()
    with pikepdf.open(BytesIO(agreement(title="Ωμέγα محمد မြန်မာ 王"))) as pdf:
        for item in pdf.objects:
            if isinstance(item, pikepdf.Dictionary) and "/FontName" in item:
                used.add(str(item.FontName).split("+")[-1])
    assert used == {
        "PlainLatin-Regular",
        "PlainLatin-Bold",
        "NotoSans-Regular",
        "NotoSans-Bold",
        "NotoSansArabic-Regular",
        "NotoSansArabic-Bold",
        "NotoSansMyanmar-Regular",
        "NotoSansMyanmar-Bold",
        "DroidSansFallback",
    }


def test_render_shows_markup_as_text():
    code = '#panic("x") *b* _i_ $x$ <l> @ref `raw` \\ [x] // /* */ #sys.inputs'
    assert code in flat(agreement(agency=code))


def test_render_refuses_a_template_that_is_not_there():
    for name in ("nothing", "../look", "prep_list.typ", ""):
        with pytest.raises(DocumentError, match="no document template"):
            documents.render(name, {})


def test_render_names_template_and_line_but_never_the_data():
    secret = "Maria-Thompson"
    with pytest.raises(DocumentError) as caught:
        agreement(text=[secret])
    assert re.search(r"document agreement .*agreement\.typ, line \d+", str(caught.value))
    chain = caught.value
    while chain is not None:
        assert secret not in str(chain)
        chain = chain.__cause__ or chain.__context__


@pytest.mark.parametrize("value", [float("nan"), object(), b"bytes", {1, 2}])
def test_render_refuses_what_is_no_json(value):
    with pytest.raises(DocumentError, match="not plain JSON"):
        agreement(text=value)


def test_render_lacking_a_key_fails_clearly():
    with pytest.raises(DocumentError, match="agreement"):
        documents.render("agreement", {})


def test_render_serves_several_threads_at_once():
    names = [f"Agency {number}" for number in range(12)]
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(lambda name: agreement(agency=name), names))
    for name, pdf in zip(names, drawn, strict=True):
        assert re.search(rf"{name}\b", flat(pdf))


def test_render_in_a_process_forked_after_drawing_fails_instead_of_hanging():
    agreement()
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            agreement()
        except DocumentError as error:
            os.write(writer, str(error).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as answer:
        assert b"forked" in answer.read()
    os.waitpid(child, 0)
    assert agreement()


ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=60)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_render_draws_any_text(title, agency, text):
    assert agreement(title=title, agency=agency, text=text).startswith(b"%PDF-")


def test_render_draws_every_character_of_unicode():
    every = [chr(code) for code in range(0x110000) if chr(code).isprintable()]
    every += [chr(code) for code in range(0x20)]
    step = 20_000
    for start in range(0, len(every), step):
        assert agreement(text=" a".join(every[start : start + step]))


@pytest.mark.parametrize(
    "cluster",
    [
        "\ua838\u1cda\u9d8b",
        "\u212f\u0323\u200d\u26f4",
        "\u0931\u135f\u1ce0 \u095e\u1cd8\u0ac5 \u0975\u17cc\u1cdb",
    ],
)
def test_render_names_marks_that_no_font_can_place(cluster):
    text = flat(agreement(title=f"Ana {cluster} Zoë", text="Ordinary words."))
    assert "[U+" in text
    assert "Zoë" in text
    assert "Ordinary words." in text


# The agreement's page


def test_agreement_shows_who_signed_what_and_when():
    text = flat(agreement())
    for part in (
        "Partner Agreement",
        "Agency Rice County Social Services",
        "Signed by Minh Khai Nguyễn, Director",
        "Expires Nov 3, 2027",
        "Heading one",
        "– second goes on",
        "Nov 3, 2026, 2:14 PM CST",
        "from the network address 203.0.113.7",
        "Countersigned for River Valleys CoC (MN-502)",
        "ab" * 32,
        "Page 1 of 1",
    ):
        assert part in text
    assert "Example data" not in text
    assert "Not countersigned" not in text


def test_agreement_of_a_person_has_no_agency_and_no_countersignature():
    text = flat(agreement(agency=None, countersigned=None, expires_on=None, signed_from=None))
    assert "Does not expire" in text
    assert "Not countersigned" not in text
    assert "network address" not in text
    assert "Agency" not in text.replace("Partner Agreement", "")


def test_agreement_not_countersigned_says_so():
    assert "Not countersigned yet" in flat(agreement(countersigned=None))


def test_agreement_marks_example_data_on_every_page():
    pages = text_of(agreement(is_example=True, text="\n\n".join(["Words. " * 90] * 20)))
    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        assert "Example data" in page
        assert f"Page {number} of {len(pages)}" in page


def test_agreement_text_is_plain_headings_bullets_and_paragraphs():
    with pikepdf.open(BytesIO(agreement())) as pdf:
        kinds = [
            str(item.S)
            for item in pdf.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/StructElem"
        ]
    assert kinds.count("/H1") == 1
    assert kinds.count("/H2") == 2  # the text's own and "Signatures"
    assert kinds.count("/LI") == 2


# Locking


def test_encrypt_opens_with_the_password_in_pdfium_and_qpdf():
    locked = documents.encrypt(agreement(), PASSWORD)
    assert "Opening words." in text_of(locked, PASSWORD)[0]
    with pikepdf.open(BytesIO(locked), password=PASSWORD) as pdf:
        assert pdf.user_password_matched
        assert not pdf.owner_password_matched
        assert pdf.encryption.R == 6
        assert pdf.encryption.V == 5
        assert pdf.encryption.stream_method == pikepdf.models.encryption.EncryptionMethod.aesv3
        assert pdf.Root.MarkInfo.Marked


@pytest.mark.parametrize(
    "wrong", [None, "", " ", PASSWORD.lower(), PASSWORD.replace("-", ""), PASSWORD + " "]
)
def test_encrypt_opens_with_nothing_else(wrong):
    locked = documents.encrypt(agreement(), PASSWORD)
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(BytesIO(locked), password=wrong or "")
    with pytest.raises(pypdfium2.PdfiumError):
        pypdfium2.PdfDocument(locked, password=wrong)


def test_encrypt_leaves_nothing_readable():
    locked = documents.encrypt(agreement(), PASSWORD)
    for word in (b"Signed agreement", b"Opening words", b"pdfuaid:part", b"NotoSans"):
        assert word not in locked


def test_encrypt_makes_a_new_lock_each_time():
    pdf = agreement()
    assert documents.encrypt(pdf, PASSWORD) != documents.encrypt(pdf, PASSWORD)


def test_encrypt_allows_reading_aloud_and_printing_only():
    locked = documents.encrypt(agreement(), PASSWORD)
    with pikepdf.open(BytesIO(locked), password=PASSWORD) as pdf:
        assert {name for name, allowed in pdf.allow._asdict().items() if allowed} == {
            "accessibility",
            "print_lowres",
            "print_highres",
        }


def test_encrypt_refuses_passwords_that_viewers_fail_on():
    for password in ("", "Ünïcode-pass", "A" * 33, "line\nend"):
        with pytest.raises(ValueError, match="password") as caught:
            documents.encrypt(agreement(), password)
        assert not password or password not in str(caught.value)


def test_encrypt_refuses_what_is_no_pdf_or_locked_already():
    locked = documents.encrypt(agreement(), PASSWORD)
    for data in (b"", b"hello", b"%PDF-1.7\n", locked):
        with pytest.raises(DocumentError, match="no PDF that can be locked"):
            documents.encrypt(data, PASSWORD)


def test_new_password_is_sixteen_crockford_characters_in_fours():
    made = {documents.new_password() for _ in range(2000)}
    assert len(made) == 2000
    assert all(re.fullmatch("([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", it) for it in made)
    assert set("".join(made)) == set(documents.CROCKFORD) | {"-"}
