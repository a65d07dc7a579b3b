"""Photos of a signed paper, as the one PDF that is kept: most forms are photographed with a phone.

Each photo is drawn anew, turned upright and made smaller; what a phone writes beside the picture
(where and when it was taken, by which device) does not come along.
"""

from io import BytesIO

from django.core.exceptions import ValidationError
from PIL import Image, ImageOps

MOST_PHOTOS = 20
# Of one photo, as its header tells. A JPEG is read at a fraction of its size, a PNG as a whole.
MOST_PIXELS = {"JPEG": 220_000_000, "MPO": 220_000_000, "PNG": 40_000_000}
LONG_EDGE = 2200  # pixels: about 200 to the inch on a letter page
QUALITY = 80
BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
# What phones call their own format, in the eighth to twelfth byte of the file.
HEIC = (b"ftyphei", b"ftyphev", b"ftypmif", b"ftypmsf", b"ftypavi")
BROKEN = (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError)


def is_photo(data: bytes) -> bool:
    """Whether the file is a JPEG or PNG, by its first bytes."""
    return data.startswith(BEGINNINGS)


def refuse_heic(data: bytes) -> None:
    """Say what to do with the format that only some phones read."""
    if data[4:11] in HEIC:
        raise ValidationError(
            "This photo is in the HEIC format. Send it as JPEG: on an iPhone, Settings, Camera, "
            "Formats, Most Compatible; or take the photo from this page.",
            code="heic",
        )


def pdf_of_photos(photos: list[bytes]) -> bytes:
    """Return one PDF with a page for each of the photos (bytes of JPEG or PNG), in their order.

    Raises ValidationError, in words that name the remedy, for a photo that cannot be read.
    """
    if len(photos) > MOST_PHOTOS:
        raise ValidationError(
            f"These are {len(photos)} photos; choose at most {MOST_PHOTOS}, one a page.",
            code="too_many_photos",
        )
    pages = [upright(photo) for photo in photos]
    made = BytesIO()
    pages[0].save(
        made, "PDF", save_all=True, append_images=pages[1:], resolution=200, quality=QUALITY
    )
    return made.getvalue()


def upright(photo: bytes) -> Image.Image:
    """The picture alone, the way it is looked at, no larger than a page needs."""
    try:
        with Image.open(BytesIO(photo), formats=["JPEG", "PNG"]) as picture:
            if picture.width * picture.height > MOST_PIXELS[str(picture.format)]:
                raise ValidationError(
                    "This photo is larger than a phone makes one. Take it again, or choose a PDF.",
                    code="too_large",
                )
            picture.draft("RGB", (LONG_EDGE, LONG_EDGE))
            turned = ImageOps.exif_transpose(picture)
            turned.thumbnail((LONG_EDGE, LONG_EDGE))
            page = Image.new("RGB", turned.size, "white")
            seen = turned.convert("RGBA")
            page.paste(seen, mask=seen)
            return page
    except BROKEN:
        raise ValidationError(
            "This photo is damaged and cannot be opened. Take it again.", code="damaged"
        ) from None
