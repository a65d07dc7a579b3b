"""The papers that a participant is handed."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from accounts.models import User
from participants.disclosures import KINDS
from participants.models import Participant
from participants.naming import Label
from regions.words import clock_words, day_words
from vault.documents import render

if TYPE_CHECKING:
    from .services.disclosures import Row


def disclosure_record_pdf(
    participant: Participant,
    label: Label,
    rows: Iterable["Row"],
    *,
    words: str,
    actor: User,
    now: datetime,
) -> bytes:
    """Draw the disclosure record as a tagged PDF; `rows` of `services.disclosures`."""
    continuum = participant.continuum
    zone = ZoneInfo(continuum.zone)
    local = now.astimezone(zone)
    return render(
        "disclosure_record",
        {
            "continuum": continuum.name,
            "code": continuum.code,
            "is_example": continuum.is_example,
            "label": label.text,
            "is_named": label.is_named,
            "alias": participant.alias,
            "agency": participant.agency.name,
            "made_at": f"{day_words(local)}, {clock_words(local)} {local:%Z}",
            "made_by": actor.name,
            "chosen": words,
            "kinds": list(KINDS.values()),
            "rows": [
                {
                    "day": day_words(row.at.date()),
                    "time": clock_words(row.at),
                    "what": row.what,
                    "person": row.person,
                    "agency": row.agency or continuum.name,
                    "purpose": row.purpose,
                    "under": row.under,
                }
                for row in rows
            ],
        },
    )
