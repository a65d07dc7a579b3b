"""The tick and the sending in one command, without Celery or Redis."""

from datetime import UTC, datetime

from django.core.management.base import BaseCommand, CommandError, CommandParser

from outbox.services import tick

ANOTHER_RUNS = 75  # EX_TEMPFAIL of sysexits.h: come again


class Command(BaseCommand):
    help = (
        "Do what is due now and send the mails that are due, without Celery or Redis. "
        "Ends with a line “sent N, failed N, late N, waiting N”, and with code 75 if it did "
        "nothing because another tick was running."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--at",
            metavar="TIME",
            help=(
                "act as if it were this time: ISO 8601, such as 2026-05-20T08:00:00-05:00; "
                "without an offset it is UTC. What is due by then is really sent."
            ),
        )

    def handle(self, *args: object, at: str | None = None, **options: object) -> None:
        summary = tick(parse_time(at), send=True, beat=at is None)
        self.stdout.write(str(summary))
        if not summary.ran:
            raise CommandError(
                "Another tick is running; this one did nothing.", returncode=ANOTHER_RUNS
            )


def parse_time(text: str | None) -> datetime | None:
    """Return the aware time that was typed, UTC unless it says otherwise; None for none."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(
            f"--at: “{text}” is not a time. Write it like 2026-05-20T08:00 (UTC) "
            "or 2026-05-20T08:00:00-05:00."
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
