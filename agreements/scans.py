"""Looks into a scanned PDF for what could run or hides, in a process of its own.

Run as a program it takes the PDF on its input and writes what it found as JSON. It first bounds its
own memory and time, for a PDF can be made to unpack without end. It knows nothing of Django.
"""

import contextlib
import json
import resource
import sys
from io import BytesIO
from typing import TypedDict

import pikepdf

MOST_MEMORY = 1 << 30
MOST_SECONDS = 20
DEEPEST = 60
# What pikepdf raises for parts that are not what they should be.
BROKEN = (ValueError, TypeError, KeyError, AttributeError, RecursionError, RuntimeError)
# Every kind of action (ISO 32000-2, 12.6.4) but the jump to a place in the same file.
ACTIONS = {
    "/GoToR",
    "/GoToE",
    "/GoToDp",
    "/GoTo3DView",
    "/Launch",
    "/Thread",
    "/URI",
    "/Sound",
    "/Movie",
    "/Hide",
    "/Named",
    "/SubmitForm",
    "/ResetForm",
    "/ImportData",
    "/SetOCGState",
    "/Rendition",
    "/Trans",
    "/JavaScript",
    "/RichMediaExecute",
}
# Where an action stands; what stands there, and is none that jumps, is refused whatever its kind.
PLACES_OF_ACTIONS = ("/A", "/PA", "/OpenAction", "/Next")
ANNOTATIONS = {"/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"}
AN_ACTION = "an action or a link"
A_FILE = "an attached file"


class Look(TypedDict):
    """What stands in a PDF; `finding`: what in it could run or hides, in words, or nothing."""

    is_locked: bool
    pages: int
    finding: str


def look(data: bytes) -> Look | None:
    """What stands in the PDF: {"is_locked", "pages", "finding"}; None for one that is damaged."""
    try:
        with pikepdf.open(BytesIO(data)) as pdf:
            if pdf.is_encrypted:
                return {"is_locked": True, "pages": 0, "finding": ""}
            return {"is_locked": False, "pages": len(pdf.pages), "finding": active_content(pdf)}
    except pikepdf.PasswordError:
        return {"is_locked": True, "pages": 0, "finding": ""}
    except (pikepdf.PdfError, MemoryError, *BROKEN):
        return None


def active_content(pdf: pikepdf.Pdf) -> str:
    """Say in words what in this PDF could run, or is hidden in it; empty text for a plain one."""
    seen = set()
    stack = [(found, 0) for found in pdf.objects]
    stack.append((pdf.trailer, 0))
    while stack:
        found, depth = stack.pop()
        if not isinstance(found, pikepdf.Object):
            continue
        if depth > DEEPEST:
            return "parts within parts without end"
        if found.is_indirect:
            if found.objgen in seen:
                continue
            seen.add(found.objgen)
            depth = 0
        if isinstance(found, pikepdf.Stream):
            found = found.stream_dict
            if "/F" in found or "/FFilter" in found:
                return "a part that lies elsewhere"
        if isinstance(found, pikepdf.Array):
            stack += [(each, depth + 1) for each in found]
        elif isinstance(found, pikepdf.Dictionary):
            finding = finding_in(found)
            if finding:
                return finding
            stack += [(each, depth + 1) for each in found.as_dict().values()]
    return ""


def finding_in(found: pikepdf.Dictionary) -> str:
    def name_at(key: str) -> str:
        value = found.get(key)
        return str(value) if isinstance(value, pikepdf.Name) else ""

    if "/JS" in found or name_at("/S") == "/JavaScript" or "/JavaScript" in found:
        return "a script"
    if name_at("/S") in ACTIONS or "/AA" in found or "/URI" in found:
        return AN_ACTION
    if name_at("/Type") == "/Action" and name_at("/S") != "/GoTo":
        return AN_ACTION
    if any(is_action(found.get(key)) for key in PLACES_OF_ACTIONS):
        return AN_ACTION
    if "/EF" in found or "/EmbeddedFiles" in found or "/Collection" in found:
        return A_FILE
    if name_at("/Type") in ("/EmbeddedFile", "/Filespec", "/F"):
        return A_FILE
    if name_at("/Subtype") in ANNOTATIONS and "/Rect" in found:
        return "an attached file or film"
    if "/XFA" in found or "/NeedsRendering" in found:
        return "a form that runs"
    if "/Ref" in found and name_at("/Subtype") == "/Form":
        return "a part that lies elsewhere"
    return ""


def is_action(value: object) -> bool:
    """Whether what stands where actions stand is one that does more than jump within the file."""
    if not isinstance(value, pikepdf.Dictionary):
        return False
    kind = value.get("/S")
    return isinstance(kind, pikepdf.Name) and str(kind) != "/GoTo"


if __name__ == "__main__":
    with contextlib.suppress(ValueError, OSError):  # a machine may bound them more narrowly
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    print(json.dumps(look(sys.stdin.buffer.read())))
