"""Whether mail is going out."""

from datetime import datetime, timedelta
from typing import TypedDict

from django.db.models import Exists, OuterRef
from django.utils import timezone

from ..clock import database_now
from ..models import Attempt, Heartbeat, Message, StepRun

HEARTBEAT_LIMIT = timedelta(minutes=3)
DUE_LIMIT = timedelta(minutes=5)
SKEW_LIMIT = timedelta(seconds=5)


class Health(TypedDict):
    """See `health`."""

    ok: bool
    heartbeat_age: int | None
    oldest_due_late: int
    failing_steps: dict[str, str]
    settings_refused: str
    problems: list[str]


def health(now: datetime | None = None) -> Health:
    """Tell an operator, and `/health/ready`, whether the outbox is alive.

    `ok` is False when the last tick is over 3 minutes old, or a row that should have been
    tried was left alone for over 5 minutes. Ages in whole seconds; `heartbeat_age` is None
    before the first tick. `failing_steps` (name: what failed) and `settings_refused` (the
    mail server's words) are shown, and do not by themselves make it unready: restarting
    would not help. `problems` are sentences.
    """
    skew = None
    if now is None:
        now = database_now()
        skew = abs(timezone.now() - now)
    beat = Heartbeat.objects.first()
    age = None if beat is None else max(now - beat.at, timedelta(0))
    lateness = _oldest_due(now)
    failing = dict(
        StepRun.objects.exclude(failed_at=None).order_by("name").values_list("name", "last_error")
    )
    refused = _settings_refused()
    critical = []
    if age is None:
        critical.append("The tick has not run yet. Start Celery beat and a worker.")
    elif age > HEARTBEAT_LIMIT:
        critical.append("The tick has not run for over 3 minutes. Look at Celery beat.")
    if lateness > DUE_LIMIT:
        critical.append("A mail is due for over 5 minutes. Look at the Celery worker.")
    notes = [f"Step {name} of the tick fails: {words}." for name, words in failing.items()]
    if refused:
        notes.append(f"The mail settings are refused. {refused}")
    if skew is not None and skew > SKEW_LIMIT:
        notes.append(
            f"The clock of this machine and the database's differ by {skew.total_seconds():.0f} "
            "seconds. Look at NTP."
        )
    return {
        "ok": not critical,
        "heartbeat_age": None if age is None else int(age.total_seconds()),
        "oldest_due_late": int(lateness.total_seconds()),
        "failing_steps": failing,
        "settings_refused": refused,
        "problems": critical + notes,
    }


def _oldest_due(now: datetime) -> timedelta:
    """Return how long the most neglected row has waited for an attempt, or for its return."""
    due = Message.objects.due(now).order_by("next_attempt_at").first()
    left = Message.objects.abandoned(now).order_by("leased_until").first()
    since = [due.next_attempt_at] if due else []
    since += [left.leased_until] if left and left.leased_until else []
    return now - min(since, default=now)


def _settings_refused() -> str:
    """Return the mail server's words if a waiting mail was stopped by the settings, else ""."""
    tries = Attempt.objects.filter(message=OuterRef("pk"), number=OuterRef("attempts"))
    row = (
        Message.objects.filter(state=Message.State.WAITING)
        .filter(Exists(tries.filter(outcome=Attempt.Outcome.CONFIGURATION)))
        .order_by("next_attempt_at")
        .first()
    )
    return row.last_error if row else ""
