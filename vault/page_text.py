"""Text as a document's fonts can show it.

People's names and notes come in every script, and with everything that a keyboard, a
telephone or a copied web page leaves behind. A tagged PDF (PDF/UA-1) may hold no
character without a glyph, so that one emoji in one name would stop a whole list: what the
project's fonts do not hold is named in square brackets instead, where it stood.
"""

import re
import struct
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

FONTS = Path(__file__).resolve().parent.parent / "templates" / "documents" / "fonts"

LONGEST_RUN = 18  # characters without a space that still fit the narrowest column

ZERO_WIDTH_SPACE = "\u200b"
LEFT_TO_RIGHT_ISOLATE, RIGHT_TO_LEFT_ISOLATE, POP_ISOLATE = "\u2066", "\u2067", "\u2069"
JOINERS = "\u200c\u200d"
DIRECTION_MARKS = "\u200e\u200f\u061c"

_UNSPACED = re.compile(rf"[^\s{ZERO_WIDTH_SPACE}]{{{LONGEST_RUN + 1},}}")
_FLAG = re.compile("([\U0001f1e6-\U0001f1ff])([\U0001f1e6-\U0001f1ff])")


def fit_text(text: str, named: frozenset[str] = frozenset()) -> str:
    """Return `text` so that every document can show it, and nothing in it can act.

    Line ends become "\\n", tabs a space; control characters, lone surrogates and the
    characters that turn or nest the direction of writing go. A line with right-to-left
    letters is isolated, so that it cannot reorder what stands around it. Runs without a
    space longer than `LONGEST_RUN` get invisible places to break. A character that no
    font of the project holds becomes its name in brackets: "[grinning face]"; so does each of
    the characters in `named`.
    """
    if text.isascii() and text.isprintable():
        return _breakable(text)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    text = unicodedata.normalize("NFC", text)
    text = _FLAG.sub(_flag_name, text)
    if not text.isprintable():
        text = "".join(filter(_is_shown, text))
    fonts = _coverage()
    if not fonts[0].issuperset(text) or not named.isdisjoint(text):
        text = _with_names(text, fonts, named)
    return "\n".join(map(_isolated, _breakable(text).split("\n")))


def fit(value: object, named: frozenset[str] = frozenset()) -> object:
    """Return JSON-like data with each string, keys aside, as `fit_text` leaves it."""
    if isinstance(value, str):
        return fit_text(value, named)
    if isinstance(value, dict):
        return {key: fit(item, named) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [fit(item, named) for item in value]
    return value


def is_mark(char: str) -> bool:
    """True for what is drawn on the letter before it."""
    return unicodedata.category(char)[0] == "M"


def _is_shown(char: str) -> bool:
    """False for what has no shape of its own and no business in a name or a note."""
    if char == "\n" or char in JOINERS or char in DIRECTION_MARKS:
        return True
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _with_names(text: str, fonts: tuple[frozenset[str], ...], named: frozenset[str]) -> str:
    """Write the name of each character that no font can show together with its base.

    A letter and the marks on it are drawn by one font: a mark that the letter's font lacks is
    named too, and so are the marks after one that is named, or they would sit on its bracket.
    """
    out: list[str] = []
    holders: Sequence[frozenset[str]] = fonts
    for char in text:
        able = [
            font
            for font in (holders if is_mark(char) else fonts)
            if char in font and char not in named
        ]
        if char in JOINERS:
            out.append("" if out and out[-1].endswith("]") else char)
        elif able or char == "\n" or char in DIRECTION_MARKS:
            out.append(char)
        elif not _is_look(char):
            out.append(f"[{_name(char)}]")
        if not (_is_look(char) or char in JOINERS):
            holders = able
    return "".join(out)


def _is_look(char: str) -> bool:
    """True for what only chooses between looks: emoji in colour or not, the tone of a skin."""
    return (
        "\ufe00" <= char <= "\ufe0f"
        or "\U000e0100" <= char <= "\U000e01ef"
        or "\U0001f3fb" <= char <= "\U0001f3ff"
    )


def _name(char: str) -> str:
    if unicodedata.category(char) == "So":
        return unicodedata.name(char, f"U+{ord(char):04X}").lower()
    return f"U+{ord(char):04X}"


def _flag_name(match: re.Match[str]) -> str:
    letters = "".join(chr(ord(char) - 0x1F1E6 + ord("A")) for char in match.groups())
    return f"[flag {letters}]"


def _isolated(line: str) -> str:
    """Keep right-to-left letters from reordering what stands around them (Unicode UAX 9).

    A line runs from right to left only when it is nearly all in such a script: "محمد, Steele
    House" stays name first, agency second, as the English page around it reads.
    """
    kinds = Counter(map(unicodedata.bidirectional, line))
    leftward = kinds["R"] + kinds["AL"]
    if not leftward:
        return line
    opening = RIGHT_TO_LEFT_ISOLATE if leftward > 3 * kinds["L"] else LEFT_TO_RIGHT_ISOLATE
    return f"{opening}{line}{POP_ISOLATE}"


def _breakable(text: str) -> str:
    if len(text) <= LONGEST_RUN or max(map(len, text.split()), default=0) <= LONGEST_RUN:
        return text
    return _UNSPACED.sub(_with_breaks, text)


def _with_breaks(match: re.Match[str]) -> str:
    """Let a long run break about every `LONGEST_RUN` characters, never inside a letter."""
    out, since = [], 0
    for previous, char in zip(" " + match[0], match[0], strict=False):
        joins = is_mark(char) or char in JOINERS
        if since >= LONGEST_RUN // 2 and not joins and not _binds_next(previous):
            out.append(ZERO_WIDTH_SPACE)
            since = 0
        out.append(char)
        since += 1
    return "".join(out)


def _binds_next(char: str) -> bool:
    return char in JOINERS or unicodedata.combining(char) == 9  # virama: a conjunct goes on


@lru_cache(maxsize=1)
def _coverage() -> tuple[frozenset[str], ...]:
    """Return the characters of each font file, the main one (Noto Sans) first."""
    paths = sorted(FONTS.glob("*.ttf"), key=lambda path: (path.stem != "NotoSans-Regular", path))
    return tuple(
        frozenset(map(chr, _code_points(path.read_bytes())))
        for path in paths
        if not path.stem.endswith("-Bold")
    )


def _code_points(font: bytes) -> set[int]:
    """Read the Unicode code points out of a TrueType font's `cmap` (OpenType, section cmap)."""
    count = struct.unpack_from(">H", font, 4)[0]
    records = [struct.unpack_from(">4sLLL", font, 12 + 16 * index) for index in range(count)]
    start = next(offset for tag, _, offset, _ in records if tag == b"cmap")
    found: set[int] = set()
    for index in range(struct.unpack_from(">H", font, start + 2)[0]):
        platform, _, offset = struct.unpack_from(">HHL", font, start + 4 + 8 * index)
        table = start + offset
        form = struct.unpack_from(">H", font, table)[0]
        if platform in (0, 3) and form == 12:
            groups = struct.unpack_from(">L", font, table + 12)[0]
            for first, last, glyph in struct.iter_unpack(
                ">LLL", font[table + 16 : table + 16 + 12 * groups]
            ):
                found.update(range(first + (glyph == 0), last + 1))
        elif platform in (0, 3) and form == 4:
            found |= _segments(font, table)
    return found


def _segments(font: bytes, table: int) -> set[int]:
    double = struct.unpack_from(">H", font, table + 6)[0]
    number = double // 2

    def column(place: int, sign: str = "H") -> tuple[int, ...]:
        return struct.unpack_from(f">{number}{sign}", font, table + place)

    ends, starts = column(14), column(16 + double)
    deltas, offsets = column(16 + 2 * double), column(16 + 3 * double)
    found = set()
    for index, (first, last) in enumerate(zip(starts, ends, strict=True)):
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code
            if offsets[index]:
                place = table + 16 + 3 * double + 2 * index + offsets[index]
                glyph = struct.unpack_from(">H", font, place + 2 * (code - first))[0]
                if not glyph:
                    continue
            if (glyph + deltas[index]) % 0x10000:
                found.add(code)
    return found
