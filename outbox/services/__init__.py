"""The outbox's services: queue a mail, send it, and the tick that sees to both."""

from .attempts import send
from .health import health
from .messages import cancel, hold, queue_mail, release, resend, send_now
from .ticks import Summary, tick

__all__ = [
    "Summary",
    "cancel",
    "health",
    "hold",
    "queue_mail",
    "release",
    "resend",
    "send",
    "send_now",
    "tick",
]
