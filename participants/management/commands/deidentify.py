"""`manage.py deidentify`: removes who it was from records that nobody used for seven years."""

from datetime import date, datetime
from typing import Any

from django.core.management import CommandParser
from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from django.utils import timezone

from participants.services.retention import deidentify, preview
from regions.clock import local_day
from regions.models import Continuum

REASON = "Retention, by the command"


class Command(BaseCommand):
    help = (
        "De-identify records of participants seven years after their last change. It cannot be "
        "taken back. Stopped in the middle, it goes on when run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--continuum", help="HUD code of one continuum; all of them without.")
        parser.add_argument("--at", help="As of this date (2026-03-31); today without.")
        parser.add_argument(
            "--dry-run", action="store_true", help="Only say what is due; change nothing."
        )

    def handle(self, *args: Any, **options: Any) -> None:  # as of any command
        now = timezone.now()
        at = self.date_of(options["at"])
        for continuum in self.continuums(options["continuum"]):
            today = local_day(now, continuum.zone)
            if at and at > today and not options["dry_run"] and not continuum.is_example:
                raise CommandError(
                    f"{at} is ahead: records of {continuum.code} are not due yet. Add --dry-run "
                    "to see what will be."
                )
            self.one(continuum, as_of=at or today, now=now, is_dry=options["dry_run"])

    def one(self, continuum: Continuum, *, as_of: date, now: datetime, is_dry: bool) -> None:
        found = preview(continuum, on=as_of)
        said = f"{continuum.code}: {found.count} due (last changed before {found.before})"
        if found.still_active:
            said += f", {found.still_active} as old left alone: still active on the list"
        self.stdout.write(said)
        if found.count and not is_dry:
            count = deidentify(continuum, as_of=as_of, reason=REASON, actor=None, now=now)
            self.stdout.write(f"{continuum.code}: {count} de-identified")

    def continuums(self, code: str | None) -> QuerySet[Continuum]:
        found = Continuum.objects.filter(code=code) if code else Continuum.objects.all()
        if code and not found:
            raise CommandError(f"There is no continuum {code}.")
        return found

    def date_of(self, text: str | None) -> date | None:
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            raise CommandError(f"{text} is no date. Write it as 2026-03-31.") from None
