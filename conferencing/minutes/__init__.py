"""The minutes of a call: frozen at its close, sent, read, added to, exported; and who is told."""

from .deliveries import MINUTES
from .freezing import freeze_minutes
from .new_steps import KIND as STEPS_KIND
from .new_steps import prepare_new_steps, tell_new_steps

__all__ = [
    "MINUTES",
    "STEPS_KIND",
    "freeze_minutes",
    "prepare_new_steps",
    "tell_new_steps",
]
