"""The text of a drawn document, the same to every program that reads it.

Typst writes several glyphs of one letter (a letter and its marks, the parts of an Indian
syllable) each with the whole letter as its text, and says by `ActualText` what is meant: programs
that do not heed that read the letter twice or more. It also lets the invisible places at which a
long run may break into the text, so that a glyph stands for “m and a break”, and an “m” alone for
less.

Here each letter becomes one glyph: a composite of the glyphs it was drawn with, at the same
places, whose text is the letter, and nothing besides. What is invisible has no text.
"""

import re
import struct
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, cast

import pikepdf

from .truetype import Made, Part, number_at, tables_of, with_letters

# Places to break, and what isolates a line of another direction: for the layout alone.
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u2066\u2067\u2068\u2069"))

_MAPPING = re.compile(r"^<([0-9A-F]{4})> <([0-9A-F]*)>$", re.MULTILINE)
_MAPPINGS = re.compile(r"\d+ beginbfchar.*endbfchar", re.DOTALL)
_ACTUAL = re.compile(rb"/ActualText(?:<FEFF([0-9A-F]*)>|\(((?:[^()\\]|\\.)*)\))", re.DOTALL)
HAIR = 10  # thousandths of the size: Poppler leaves out what has no width at all
MOST_MAPPINGS = 100  # of one block, by the CMap specification


def settle_text(document: pikepdf.Pdf) -> bool:
    """Give every glyph of the document one text, and every letter one glyph.

    Return whether there was anything to settle.
    """
    fonts = _fonts_of(document)
    changed = [_settle_page(document, page, fonts) for page in document.pages]
    changed += [font.write(document) for font in fonts.values()]
    return any(changed)


def _text(digits: str) -> str:
    return bytes.fromhex(digits).decode("utf-16-be")


def _digits(text: str) -> str:
    return text.encode("utf-16-be").hex().upper()


ObjGen = tuple[int, int]  # the number of an object in the document


@dataclass
class Font:
    """A font of the document: the text and width of its glyphs, and what is added to them."""

    row: pikepdf.Dictionary
    cmap: str
    texts: dict[int, str]
    widths: dict[int, float]
    tables: dict[str, bytes]
    had_invisible: bool
    made: dict[Made, int] = field(default_factory=dict)

    @property
    def units(self) -> int:
        return number_at(self.tables["head"], 18)

    @property
    def count(self) -> int:
        return number_at(self.tables["maxp"], 4)

    @property
    def has_marks(self) -> bool:
        """Whether it has glyphs that are drawn over others."""
        return any(self.widths.get(glyph, 0.0) == 0 for glyph, text in self.texts.items() if text)

    def letter(self, parts: tuple[Part, ...], text: str, width: float) -> tuple[int, ...]:
        """Return the glyphs of a letter: the one that is it already, or new ones.

        The first has all that is drawn, and the width; a second, of which nothing is seen, has
        the marks for its text: pdf.js takes whatever has a mark in its text to have no width.
        """
        first = parts[0]
        if len(text) > 1 and any(unicodedata.category(char) == "Mn" for char in text):
            return (
                self._made(parts, text[:1], width - HAIR),
                self._made((), text[1:], HAIR),
            )
        if len(parts) == 1 and self.texts.get(first.glyph) == text:
            return (first.glyph,)
        return (self._made(parts, text, width),)

    def _made(self, parts: tuple[Part, ...], text: str, width: float) -> int:
        key = (parts, text, round(width))
        if key not in self.made:
            self.made[key] = self.count + len(self.made)
        return self.made[key]

    def write(self, document: pikepdf.Pdf) -> bool:
        """Put the texts, and the new glyphs, into the document; whether any is another."""
        if not self.made and not self.had_invisible:
            return False
        texts = dict(self.texts)
        texts |= {glyph: text for (_parts, text, _width), glyph in self.made.items()}
        lines = [f"<{glyph:04X}> <{_digits(text)}>" for glyph, text in sorted(texts.items())]
        blocks = [
            lines[start : start + MOST_MAPPINGS] for start in range(0, len(lines), MOST_MAPPINGS)
        ]
        words = "\n".join(
            f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks
        )
        cmap = _MAPPINGS.sub(lambda _: words, self.cmap, count=1)
        self.row.ToUnicode = document.make_stream(cmap.encode("ascii"))
        if not self.made:
            return True
        widths = self.widths | {glyph: width for (_parts, _text, width), glyph in self.made.items()}
        below = self.row.DescendantFonts[0]
        below.W = pikepdf.Array(
            part
            for glyph, width in sorted(widths.items())
            for part in (glyph, pikepdf.Array([round(width)]))
        )
        descriptor = below.FontDescriptor
        if "/CIDSet" in descriptor:
            del descriptor["/CIDSet"]
        descriptor.FontFile2 = document.make_stream(with_letters(self.tables, self.made))
        return True


def _fonts_of(document: pikepdf.Pdf) -> dict[ObjGen, Font]:
    """The fonts of all pages by their number in the document."""
    found: dict[ObjGen, Font] = {}
    for page in document.pages:
        for row in page.Resources.get("/Font", {}).values():
            if row.objgen in found or "/ToUnicode" not in row:
                continue
            below = row.DescendantFonts[0]
            file = below.FontDescriptor.get("/FontFile2")
            if file is None or below.get("/CIDToGIDMap") != "/Identity":
                continue
            cmap = row.ToUnicode.read_bytes().decode("latin-1")
            said = {int(glyph, 16): _text(text) for glyph, text in _MAPPING.findall(cmap)}
            texts = {glyph: text.translate(INVISIBLE) for glyph, text in said.items()}
            found[row.objgen] = Font(
                cast(pikepdf.Dictionary, row),
                cmap,
                texts,
                _widths(below),
                tables_of(file.read_bytes()),
                said != texts,
            )
    return found


def _widths(below: pikepdf.Object) -> dict[int, float]:
    widths: dict[int, float] = {}
    array = list(below.get("/W", []))
    while array:
        first, second = int(array[0]), array[1]
        if isinstance(second, pikepdf.Array):
            widths |= {first + at: float(width) for at, width in enumerate(second)}
            array = array[2:]
        else:
            widths |= dict.fromkeys(range(first, int(second) + 1), float(array[2]))
            array = array[3:]
    return widths


@dataclass
class Letter:
    """A letter being gathered: its glyphs, where it stands on the page, and its place in a run."""

    font: Font
    size: float
    text: str
    x: float
    y: float
    parts: list[Part]
    width: float
    run: "Run"
    at: int

    def take(self, glyph: int, x: float, y: float) -> None:
        scale = self.font.units / self.size
        self.parts.append(Part(glyph, round((x - self.x) * scale), round((y - self.y) * scale)))
        self.settle()

    def settle(self) -> None:
        self.run[self.at] = self.font.letter(tuple(self.parts), self.text, self.width)


Run = list[tuple[int, ...] | float]  # the glyphs of each letter, and shifts
Origin = tuple[float, float] | Literal["odd"] | None


@dataclass
class Actual:
    """What a marked part of the page means, and the last letter that was made of it."""

    text: str
    letter: Letter | None = None


@dataclass
class Mark:
    """The beginning of a marked part, with what the part around it means."""

    former: Actual | None


def _needs_parsing(content: bytes, page: pikepdf.Page, fonts: dict[ObjGen, Font]) -> bool:
    """Whether the page has letters of several glyphs, or glyphs whose text differs by place.

    Taking a page apart costs as much as drawing it, and most need it not.
    """
    rows = list(page.Resources.get("/Font", {}).values())
    texts = {
        text for row in rows if row.objgen in fonts for text in fonts[row.objgen].texts.values()
    }
    if any(len(text) > 1 for text in texts):
        return True
    if any(fonts[row.objgen].has_marks for row in rows if row.objgen in fonts):
        return True
    for found in _ACTUAL.finditer(content):
        text = _said(found).translate(INVISIBLE)
        if len(text) != 1 or text not in texts:
            return True
    return False


def _said(found: re.Match[bytes]) -> str:
    """The text of a match of _ACTUAL."""
    if found[1] is not None:
        return _text(found[1].decode("ascii"))
    return found[2].decode("latin-1")


def _without_invisible(found: re.Match[bytes]) -> bytes:
    text = _said(found)
    if text.translate(INVISIBLE) == text:
        return found[0]
    return b"/ActualText<FEFF" + _digits(text.translate(INVISIBLE)).encode("ascii") + b">"


def _settle_page(document: pikepdf.Pdf, page: pikepdf.Page, fonts: dict[ObjGen, Font]) -> bool:
    content = page.Contents.read_bytes()
    if not _needs_parsing(content, page, fonts):
        settled = _ACTUAL.sub(_without_invisible, content)
        if settled == content:
            return False
        page.Contents = document.make_stream(settled)
        return True
    names = page.Resources.Font
    out: list[pikepdf.ContentStreamInstruction | pikepdf.ContentStreamInlineImage | Run] = []
    font, size, start = None, 1.0, 0.0
    origin: Origin = None
    actual: Actual | None = None
    letter: Letter | None = None
    stack: list[Origin | Mark] = []
    # Operands are asked for where they are read: of each instruction that would double the time.
    for instruction in pikepdf.parse_content_stream(page):
        name = str(instruction.operator)
        if name == "q":
            stack.append(origin)
        elif name == "Q":
            top = stack.pop() if stack else None
            origin = None if isinstance(top, Mark) else top
        elif name == "cm":
            a, b, c, d, x, y = map(float, instruction.operands)
            origin = (x, y) if (a, b, c, d) == (1, 0, 0, -1) and origin is None else "odd"
        elif name == "Tf":
            operands = instruction.operands
            font = fonts.get(names[str(operands[0])].objgen)
            size = float(operands[1])
        elif name == "Tm":
            start = float(instruction.operands[4])
        elif name == "BDC":
            stack.append(Mark(actual))
            said = instruction.operands[1]
            if isinstance(said, pikepdf.Dictionary) and "/ActualText" in said:
                actual = Actual(str(said["/ActualText"]).translate(INVISIBLE))
                continue
        elif name == "BMC":
            stack.append(Mark(actual))
        elif name == "EMC":
            former = None
            if stack and isinstance(stack[-1], Mark):
                former = stack[-1].former
                stack.pop()
            was, actual = actual, former
            if was is not None and was is not former:
                continue
        elif name in ("Tj", "TJ") and font is not None and isinstance(origin, tuple):
            operands = instruction.operands
            items = cast(Iterable[pikepdf.Object], operands[0]) if name == "TJ" else operands
            run, letter = _settle_run(items, font, size, origin, start, actual, letter)
            if run is not None:
                out.append(run)
            continue
        out.append(instruction)
    page.Contents = document.make_stream(
        pikepdf.unparse_content_stream(
            [_shown(each) if isinstance(each, list) else each for each in out]
        )
    )
    return True


def _settle_run(
    items: Iterable[pikepdf.Object],
    font: Font,
    size: float,
    origin: tuple[float, float],
    start: float,
    actual: Actual | None,
    letter: Letter | None,
) -> tuple[Run | None, Letter | None]:
    """Gather the letters of one run; return it with numbers for glyphs, and the last letter.

    None for a run that was wholly taken into letters before it.
    """
    x, y = origin[0] + start, origin[1]
    pen, shift = 0.0, 0.0
    run: Run = []
    for item in items:
        if not isinstance(item, pikepdf.String):
            pen -= float(item) / 1000 * size
            shift += float(item)  # written before the next letter, not before a mark of this one
            continue
        codes = bytes(item)
        for place in range(0, len(codes), 2):
            glyph = codes[place] << 8 | codes[place + 1]
            width = font.widths.get(glyph, 0.0)
            text = font.texts.get(glyph, "") if actual is None else actual.text
            if (
                letter is not None
                and letter.font is font
                and letter.size == size
                and letter.text == text
                and (width == 0 or (actual is not None and actual.letter is letter))
            ):
                letter.take(glyph, x + pen, y)
                if width:
                    letter.width = (x + pen - letter.x) / size * 1000 + width
                    letter.settle()
                    shift = 0.0
            else:
                letter = Letter(
                    font,
                    size,
                    text,
                    x + pen,
                    y,
                    [Part(glyph, 0, 0)],
                    width,
                    run,
                    len(run) + bool(shift),
                )
                if shift:
                    run.append(shift)
                    shift = 0.0
                run.append((glyph,))
                letter.settle()
            if actual is not None:
                actual.letter = letter
            pen += width / 1000 * size
    has_glyphs = any(isinstance(each, tuple) for each in run)
    return (run if has_glyphs else None), letter


def _shown(run: Run) -> tuple[list[pikepdf.Object], pikepdf.Operator]:
    """A run of letters (of one glyph or two) and shifts as the operator TJ."""
    items: list[pikepdf.String | float] = []
    codes = b""
    for each in run:
        if isinstance(each, tuple):
            codes += struct.pack(f">{len(each)}H", *each)
            continue
        if codes:
            items.append(pikepdf.String(codes))
            codes = b""
        items.append(each)
    if codes:
        items.append(pikepdf.String(codes))
    return [pikepdf.Array(items)], pikepdf.Operator("TJ")
