"""TrueType fonts as documents hold them: their tables, and new letters made of their glyphs."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass

WORDS, ARE_XY, MORE = 0x0001, 0x0002, 0x0020  # flags of a component (OpenType, glyf)


@dataclass(frozen=True)
class Part:
    """A glyph of a letter, and where it stands from the first one's, in the font's units."""

    glyph: int
    x: int
    y: int


Made = tuple[tuple[Part, ...], str, int]  # a new glyph: its parts, its text, its width


def number_at(table: bytes, at: int) -> int:
    """Return the number that two bytes of a table hold, from the place `at`."""
    number: int = struct.unpack_from(">H", table, at)[0]
    return number


def tables_of(data: bytes) -> dict[str, bytes]:
    """Return the tables of a TrueType font by name (OpenType, table directory)."""
    count = number_at(data, 4)
    records = [struct.unpack_from(">4sLLL", data, 12 + 16 * at) for at in range(count)]
    return {tag.decode("ascii"): data[start : start + size] for tag, _, start, size in records}


def with_letters(tables: dict[str, bytes], made: dict[Made, int]) -> bytes:
    """Return the font with a composite glyph for each letter that was made."""
    tables = dict(tables)
    count = number_at(tables["maxp"], 4)
    glyphs = _glyphs(tables, count)
    units = number_at(tables["head"], 18)
    metrics = _metrics(tables, count)
    for (parts, _text, width), _glyph in sorted(made.items(), key=lambda item: item[1]):
        composite, left = _composite(parts, glyphs)
        glyphs.append(composite)
        metrics.append((min(max(round(width * units / 1000), 0), 0xFFFF), left))
    tables["glyf"], offsets = b"", [0]
    body = bytearray()
    for glyph in glyphs:
        body += glyph + bytes(-len(glyph) % 4)
        offsets.append(len(body))
    tables["glyf"] = bytes(body)
    tables["loca"] = struct.pack(f">{len(offsets)}L", *offsets)
    tables["hmtx"] = b"".join(struct.pack(">Hh", *metric) for metric in metrics)
    tables["hhea"] = tables["hhea"][:34] + struct.pack(">H", len(metrics))
    tables["head"] = (
        tables["head"][:8] + bytes(4) + tables["head"][12:50] + struct.pack(">h", 1)
        + tables["head"][52:]
    )  # fmt: skip
    tables["maxp"] = _maxp(tables["maxp"], len(glyphs), made)
    return _font(tables)


def _glyphs(tables: dict[str, bytes], count: int) -> list[bytes]:
    is_long = struct.unpack_from(">h", tables["head"], 50)[0]
    loca = tables["loca"]
    if is_long:
        offsets = list(struct.unpack_from(f">{count + 1}L", loca))
    else:
        offsets = [2 * each for each in struct.unpack_from(f">{count + 1}H", loca)]
    return [tables["glyf"][offsets[at] : offsets[at + 1]] for at in range(count)]


def _metrics(tables: dict[str, bytes], count: int) -> list[tuple[int, int]]:
    long = number_at(tables["hhea"], 34)
    hmtx = tables["hmtx"]
    found: list[tuple[int, int]] = []
    for at in range(count):
        if at < long:
            width, left = struct.unpack_from(">Hh", hmtx, 4 * at)
            found.append((width, left))
        else:
            left = struct.unpack_from(">h", hmtx, 4 * long + 2 * (at - long))[0]
            found.append((found[long - 1][0], left))
    return found


def _composite(parts: Iterable[Part], glyphs: list[bytes]) -> tuple[bytes, int]:
    """Return a glyph made of others, and its left edge."""
    shown = [part for part in parts if len(glyphs[part.glyph]) >= 10]
    if not shown:
        return b"", 0
    boxes = []
    for part in shown:
        left, low, right, high = struct.unpack_from(">4h", glyphs[part.glyph], 2)
        box = (left + part.x, low + part.y, right + part.x, high + part.y)
        boxes.append([_short(edge) for edge in box])
    left, low = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, high = max(box[2] for box in boxes), max(box[3] for box in boxes)
    body = struct.pack(">h4h", -1, left, low, right, high)
    for number, part in enumerate(shown):
        more = MORE if number < len(shown) - 1 else 0
        body += struct.pack(
            ">HHhh", WORDS | ARE_XY | more, part.glyph, _short(part.x), _short(part.y)
        )
    return body, left


def _short(number: int) -> int:
    """The number as far as a font can say it: stacked marks without end reach beyond."""
    return min(max(number, -0x8000), 0x7FFF)


def _maxp(maxp: bytes, count: int, made: Iterable[Made]) -> bytes:
    """Raise the limits that a font declares by what the composites may reach."""
    fields = list(struct.unpack_from(">LH13H", maxp))
    fields[1] = count
    most = max(len(parts) for parts, _text, _width in made)
    points, contours, deep_points, deep_contours = fields[2:6]
    fields[4] = min(0xFFFF, max(points, deep_points) * most)
    fields[5] = min(0xFFFF, max(contours, deep_contours) * most)
    fields[13] = max(fields[13], most)
    fields[14] = fields[14] + 1
    return struct.pack(">LH13H", *fields)


def _font(tables: dict[str, bytes]) -> bytes:
    """Put a font together, with its checksums."""
    count = len(tables)
    power = 1 << (count.bit_length() - 1)
    head = struct.pack(
        ">LHHHH", 0x00010000, count, power * 16, count.bit_length() - 1, (count - power) * 16
    )
    start, directory, body = 12 + 16 * count, b"", b""
    for tag, data in sorted(tables.items()):
        directory += struct.pack(">4sLLL", tag.encode("ascii"), _sum(data), start, len(data))
        padded = data + bytes(-len(data) % 4)
        body += padded
        start += len(padded)
    whole = bytearray(head + directory + body)
    at = next(
        struct.unpack_from(">4sLLL", directory, 16 * number)[2]
        for number in range(count)
        if directory[16 * number : 16 * number + 4] == b"head"
    )
    struct.pack_into(">L", whole, at + 8, (0xB1B0AFBA - _sum(bytes(whole))) & 0xFFFFFFFF)
    return bytes(whole)


def _sum(data: bytes) -> int:
    data += bytes(-len(data) % 4)
    numbers: tuple[int, ...] = struct.unpack(f">{len(data) // 4}L", data)
    return sum(numbers) & 0xFFFFFFFF
