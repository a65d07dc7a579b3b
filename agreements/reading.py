"""How the plain text of an agreement reads: on the page, and where it differs from the last one.

Blank lines part paragraphs, "# " starts a heading, "- " a bullet; nothing else means anything.
The PDF (templates/documents/agreement.typ) reads it the same way.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher


@dataclass
class Block:
    """`kind`: heading, paragraph or bullets (then `items` holds each bullet's text)."""

    kind: str
    text: str = ""
    items: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Change:
    """A line of a comparison. `kind`: same, added or removed; `parts`: (text, is_changed)."""

    kind: str
    parts: tuple[tuple[str, bool], ...]

    @property
    def text(self) -> str:
        return "".join(part for part, _ in self.parts)


def blocks(text: str) -> list[Block]:
    """Return the text as a list of `Block`s."""
    found = []
    for line in text.splitlines():
        row = line.strip()
        if row.startswith("# "):
            found.append(Block("heading", row[2:].strip()))
        elif row.startswith("- "):
            if not (found and found[-1].kind == "bullets"):
                found.append(Block("bullets"))
            found[-1].items.append(row[2:].strip())
        elif not row:
            found.append(Block("gap"))
        elif found and found[-1].kind == "bullets":
            found[-1].items[-1] += f" {row}"
        elif found and found[-1].kind == "paragraph":
            found[-1].text += f" {row}"
        else:
            found.append(Block("paragraph", row))
    return [block for block in found if block.kind != "gap"]


def compare(former: str, text: str) -> list[Change]:
    """Return the lines of `text` and of the `former` text that it replaces, as `Change`s.

    In a line that replaces another only the words that differ are marked as changed.
    """
    old, new = lines_of(former), lines_of(text)
    changes = []
    for kind, start, end, new_start, new_end in opcodes(old, new):
        removed, added = old[start:end], new[new_start:new_end]
        if kind == "equal":
            changes += [Change("same", ((line, False),)) for line in removed]
            continue
        pairs = min(len(removed), len(added))
        for before, after in zip(removed[:pairs], added[:pairs], strict=True):
            changes += changed_words(before, after)
        changes += [Change("removed", ((line, True),)) for line in removed[pairs:]]
        changes += [Change("added", ((line, True),)) for line in added[pairs:]]
    return changes


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def opcodes(old: list[str], new: list[str]) -> Sequence[tuple[str, int, int, int, int]]:
    return SequenceMatcher(None, old, new, autojunk=False).get_opcodes()


def changed_words(before: str, after: str) -> list[Change]:
    """The two lines with their differing words marked."""
    old, new = re.findall(r"\S+\s*", before), re.findall(r"\S+\s*", after)
    removed, added = [], []
    for kind, start, end, new_start, new_end in opcodes(old, new):
        if end > start:
            removed.append(("".join(old[start:end]), kind != "equal"))
        if new_end > new_start:
            added.append(("".join(new[new_start:new_end]), kind != "equal"))
    return [Change("removed", tuple(removed)), Change("added", tuple(added))]
