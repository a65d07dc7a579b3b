"""The key of a row in an exported list: sealed, of one continuum, with what the row said.

So a file that comes back finds its households without their names, and says itself what was
changed in it; nothing about it is kept here meanwhile.
"""

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from vault import keys

HEADING = "Row key"


@dataclass(frozen=True)
class RowKey:
    """Which household a row is of, when it was exported, and its cells then, by heading."""

    participant: UUID
    exported_at: datetime
    cells: Mapping[str, str]


def associated(continuum: UUID) -> bytes:
    return f"row of a list|{continuum}".encode()


def sealed(key: RowKey, continuum: UUID) -> str:
    """The key as a text for the file."""
    told = [str(key.participant), int(key.exported_at.timestamp()), dict(key.cells)]
    data = zlib.compress(json.dumps(told, ensure_ascii=False).encode(errors="ignore"), 9)
    return base64.urlsafe_b64encode(keys.seal(data, associated(continuum))).decode()


def unsealed(text: str, continuum: UUID) -> RowKey | None:
    """The key of a text; None for what is none of this continuum's."""
    try:
        data = base64.b64decode(text.encode(), altchars=b"-_", validate=True)
        found = keys.unseal(data, associated(continuum), "A row of a list")
    except (UnicodeEncodeError, binascii.Error, keys.VaultError):
        return None
    participant, at, cells = json.loads(zlib.decompress(found))
    return RowKey(UUID(participant), datetime.fromtimestamp(at, UTC), cells)
