"""The minutes of a call: frozen at its close, sent, read, added to, exported; and who is told."""

from .deliveries import (
    note_possibly_sent,
    note_replaced,
    note_sent,
    prepare_minutes,
    recheck_minutes,
)
from .freezing import KIND, freeze_minutes
from .new_steps import KIND as STEPS_KIND
from .new_steps import prepare_new_steps, tell_new_steps

__all__ = [
    "KIND",
    "STEPS_KIND",
    "freeze_minutes",
    "note_possibly_sent",
    "note_replaced",
    "note_sent",
    "prepare_minutes",
    "prepare_new_steps",
    "recheck_minutes",
    "tell_new_steps",
]
