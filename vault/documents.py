"""Documents as PDF: drawn by Typst from the project's own templates and fonts, locked by pikepdf.

What goes in is plain data. It reaches the template as JSON and is never read as markup; what
comes out is tagged for screen readers (PDF/UA-1) and, once locked, opens with its password
only. Nothing here knows a model, and no error repeats what was in the data.
"""

import itertools
import json
import os
import re
import secrets
import threading
from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

import pikepdf
import typst

from .page_text import FONTS, fit, is_mark
from .text_layer import settle_text

TEMPLATES = FONTS.parent

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LONGEST_PASSWORD = 32  # beyond it Poppler 22 and some other viewers refuse to open

MOST_ATTEMPTS = 8  # at drawing, each without the marks that Typst could not place in the last

# Printing is how many staff prepare for a call. Copying text out, changing and taking pages
# apart are asked not to be done; only honest viewers heed these bits, the password is the lock.
PERMISSIONS = pikepdf.Permissions(
    accessibility=True,
    extract=False,
    modify_annotation=False,
    modify_assembly=False,
    modify_form=False,
    modify_other=False,
    print_lowres=True,
    print_highres=True,
)


class DocumentError(Exception):
    """A document could not be made. Names the template and the place in it, never the data."""


class _Here(threading.local):
    """One compiler for each thread: Typst's is quick to use again, but not for two at once."""

    compiler: typst.Compiler | None = None


class _Process:
    """Whether Typst's own threads are alive in this process (see `_forget_threads`)."""

    has_drawn = False
    has_lost_threads = False


_here = _Here()
_process = _Process()


def _forget_threads() -> None:
    _process.has_lost_threads = _process.has_drawn
    _here.compiler = None


# Typst draws with a pool of threads that a forked child does not inherit: a child of a process
# that has drawn would wait for them for ever.
os.register_at_fork(after_in_child=_forget_threads)


def render(template: str, data: Mapping[str, object]) -> bytes:
    """Return the document `templates/documents/<template>.typ` drawn from `data` as a tagged PDF.

    `data` is whatever JSON holds, in the form that the template's first lines ask for. Every
    string in it passes through `page_text.fit`: control characters go, and characters that no
    font of the project holds are named in brackets. Safe to call from several threads at once,
    and from processes that were started before the first drawing.

    Raises DocumentError when the template is missing, the data is no JSON or lacks something
    that the template needs.
    """
    path = _template_path(template)
    named: frozenset[str] = frozenset()
    for _ in range(MOST_ATTEMPTS):
        try:
            text = json.dumps(fit(data, named), ensure_ascii=False, allow_nan=False)
        except (TypeError, ValueError, RecursionError):
            raise DocumentError(
                f"The document {template} cannot be drawn: its data is not plain JSON."
            ) from None
        try:
            drawn = _compiler().compile(
                input=str(path), sys_inputs={"data": text}, pdf_standards=["ua-1"]
            )
        except typst.TypstError as error:
            place = _place(error)
            unshown = _unshown(error, text) - named
        else:
            return _with_settled_text(cast(bytes, drawn))  # one file, as it is no picture
        if not unshown:
            break
        named |= unshown
    # Raised here, outside the except block: Typst's message quotes the data.
    raise DocumentError(f"The document {template} cannot be drawn from this data{place}.")


def _with_settled_text(drawn: bytes) -> bytes:
    """Return the document with the same text for every program that reads it."""
    with _in_memory(drawn) as file, _opened(file) as document:
        if not settle_text(document):
            return drawn
        settled = BytesIO()
        document.save(settled, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return settled.getvalue()


def encrypt(pdf: bytes, password: str) -> bytes:
    """Return `pdf` so that it opens with `password` only: AES-256, revision 6 of ISO 32000-2.

    The owner password is random and thrown away; an empty one would let any library in.
    Metadata is encrypted as well. Raises ValueError for a password that is empty, not ASCII or
    longer than 32 characters (some viewers fail on those), DocumentError for what is no PDF.
    """
    check_password(password)
    locked = BytesIO()
    failed = "This is no PDF that can be locked: it is damaged, or locked already."
    if not pdf:
        raise DocumentError(failed)
    try:
        with _in_memory(pdf) as file, _opened(file) as document:
            document.save(
                locked,
                encryption=pikepdf.Encryption(
                    user=password,
                    owner=secrets.token_urlsafe(16),
                    R=6,
                    aes=True,
                    metadata=True,
                    allow=PERMISSIONS,
                ),
                object_stream_mode=pikepdf.ObjectStreamMode.generate,
            )
    except (pikepdf.PdfError, pikepdf.PasswordError):
        pass
    else:
        return locked.getvalue()
    raise DocumentError(failed)


def check_password(password: str) -> None:
    """Raise ValueError for a password that some program could not take."""
    if not (password and password.isascii() and password.isprintable()):
        raise ValueError("A document's password is made of printable ASCII characters.")
    if len(password) > LONGEST_PASSWORD:
        raise ValueError(f"A document's password has at most {LONGEST_PASSWORD} characters.")


def _in_memory(pdf: bytes) -> BinaryIO:
    """Return the bytes as a file that never touches a disk.

    On Linux as one with a number, which qpdf maps instead of calling back into Python for every
    few bytes: a third less time.
    """
    if not hasattr(os, "memfd_create"):
        return BytesIO(pdf)
    file = os.fdopen(os.memfd_create("document"), "w+b")
    file.write(pdf)
    file.seek(0)
    return file


def _opened(file: BinaryIO) -> pikepdf.Pdf:
    is_mapped = not isinstance(file, BytesIO)
    mode = pikepdf.AccessMode.mmap_only if is_mapped else pikepdf.AccessMode.stream
    return pikepdf.open(file, access_mode=mode)


def new_password() -> str:
    """Return a new list password: 80 random bits as "ABCD-EFGH-JKMN-PQRS".

    Crockford's base32 has no I, L, O and U, so that it can be read out on the telephone. The
    hyphens belong to it: a PDF has one user password, and it is exactly the text shown.
    """
    letters = "".join(secrets.choice(CROCKFORD) for _ in range(16))
    return "-".join(re.findall("....", letters))


def _template_path(template: str) -> Path:
    path = TEMPLATES / f"{template}.typ"
    if not re.fullmatch("[a-z_]+", template) or not path.is_file():
        raise DocumentError(f"There is no document template {template!r}.")
    return path


def _unshown(error: typst.TypstError, text: str) -> frozenset[str]:
    """Return the characters of `text` that Typst could not draw, if that is what it stopped at.

    Fonts that hold a letter and a mark do not always draw the one on the other, in clusters
    that no language writes. Typst quotes the letter, or all, as Rust does.
    """
    found = re.search(r'the text `"(.*?)"` could not be displayed', error.message, re.DOTALL)
    if not found:
        return frozenset()
    quoted = re.sub(r"\\u\{([0-9a-f]+)\}", lambda code: chr(int(code[1], 16)), found[1])
    marks = {char for char in quoted if is_mark(char)}
    for part in text.split(quoted)[1:]:
        marks.update(itertools.takewhile(is_mark, part))
    return frozenset(marks or {char for char in quoted if not char.isascii()})


def _place(error: typst.TypstError) -> str:
    """Return where in the template Typst stopped, as " (prep_list.typ, line 12)", or nothing."""
    found = re.search(r"([a-z_]+\.typ):(\d+):\d+", str(error.diagnostic))
    return f" ({found[1]}, line {found[2]})" if found else ""


def _compiler() -> typst.Compiler:
    if _process.has_lost_threads:
        raise DocumentError(
            "This process was forked from one that had drawn a document already, and cannot "
            "draw itself. Start it before the first drawing, or as a fresh process."
        )
    _process.has_drawn = True
    if _here.compiler is None:
        _here.compiler = typst.Compiler(
            root=str(TEMPLATES), font_paths=_fonts(), ignore_system_fonts=True
        )
    return _here.compiler


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """The project's fonts and no other: the machine's would change the look and cost time."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]
    )
