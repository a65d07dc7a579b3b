"""Photos of a signed paper become the one PDF that is kept, without what the phone wrote beside."""

from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from agreements.documents import check_scan
from agreements.forms.scans import ScanField
from agreements.photos import LONG_EDGE, MOST_PHOTOS, is_photo, pdf_of_photos


def photo(size=(300, 400), form="JPEG", *, colour="white", mark=None, exif=None):
    picture = Image.new("RGBA" if form == "PNG" else "RGB", size, colour)
    if mark:
        picture.paste("black", mark)
    made = BytesIO()
    picture.save(made, form, **({"exif": exif} if exif else {}))
    return made.getvalue()


def uploaded(*contents):
    return [
        SimpleUploadedFile(f"photo {number}.jpg", content)
        for number, content in enumerate(contents, start=1)
    ]


def test_pdf_of_photos_has_a_page_for_each_in_their_order():
    pdf = pdf_of_photos([photo((300, 400)), photo((400, 300), "PNG")])
    check_scan(pdf)
    sizes = [page.get_size() for page in pypdfium2.PdfDocument(pdf)]
    assert [width > height for width, height in sizes] == [False, True]


def test_pdf_of_photos_keeps_nothing_of_where_and_when_it_was_taken():
    exif = Image.Exif()
    exif[0x010F], exif[0x0132] = "Phonemaker", "2026:03:01 10:00:00"
    exif.get_ifd(0x8825)[1] = "N"
    taken = photo(exif=exif)
    assert b"Phonemaker" in taken
    pdf = pdf_of_photos([taken])
    assert b"Phonemaker" not in pdf
    with pikepdf.open(BytesIO(pdf)) as opened:
        for each in opened.objects:
            if isinstance(each, pikepdf.Stream):
                assert b"Phonemaker" not in each.read_raw_bytes()
                if each.get("/Subtype") == "/Image":
                    assert not Image.open(BytesIO(each.read_raw_bytes())).getexif()


def test_pdf_of_photos_is_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # held on its side
    (page,) = pypdfium2.PdfDocument(pdf_of_photos([photo((400, 300), exif=exif)]))
    width, height = page.get_size()
    assert height > width


def test_pdf_of_photos_of_a_large_photo_is_small_enough_to_keep():
    pdf = pdf_of_photos([photo((9000, 12000))])
    with pikepdf.open(BytesIO(pdf)) as opened:
        (image,) = opened.pages[0].images.values()
        assert max(int(image.Width), int(image.Height)) == LONG_EDGE


@pytest.mark.parametrize(
    ("photos", "says"),
    [
        ([photo()[:400]], "damaged"),
        ([b"\xff\xd8\xff nothing of the kind"], "damaged"),
        ([photo(form="PNG")[:60]], "damaged"),
        ([photo()] * (MOST_PHOTOS + 1), "choose at most 20"),
        ([photo((8000, 8000), "PNG")], "larger than a phone"),
    ],
)
def test_pdf_of_photos_refuses_what_is_none(photos, says):
    with pytest.raises(ValidationError, match=says):
        pdf_of_photos(photos)


def test_scan_field_takes_photos_or_one_pdf():
    field = ScanField()
    pdf = pdf_of_photos([photo()])
    assert field.clean(uploaded(pdf)) == pdf
    assert field.clean(uploaded(pdf)[0]) == pdf
    made = field.clean(uploaded(photo(), photo()))
    assert len(pypdfium2.PdfDocument(made)) == 2
    assert is_photo(photo())
    assert not is_photo(pdf)


@pytest.mark.parametrize(
    ("contents", "says"),
    [
        ([b"%PDF-1.7 damaged"], "damaged"),
        ([pdf_of_photos([photo()]), photo()], "one PDF, or photos alone"),
        ([pdf_of_photos([photo()])] * 2, "one PDF, or photos alone"),
        ([b"\x00\x00\x00\x18ftypheic\x00\x00"], "HEIC"),
        ([b"GIF89a"], "neither a PDF nor a photo"),
        ([b""], "This file is empty"),
        ([], "required"),
    ],
)
def test_scan_field_says_what_is_wrong(contents, says):
    with pytest.raises(ValidationError, match=says):
        ScanField().clean(uploaded(*contents) if contents else [])


def test_scan_field_may_be_left_out():
    assert ScanField(required=False).clean(None) is None
    assert ScanField(required=False).clean([]) is None
