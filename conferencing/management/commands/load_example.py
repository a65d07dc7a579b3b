"""`manage.py load_example`: two continuums by their procedures, with invented people."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from conferencing.example.load import load_example


class Command(BaseCommand):
    help = (
        "Make River Valleys (MN-502) and Three County (MA-507) with invented people. "
        "Safe to run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--production",
            action="store_true",
            help="Do it although DATABASE_URL is set. The example accounts' password is public.",
        )

    def handle(self, *args: Any, **options: Any) -> None:  # as of any form
        if not settings.EMBEDDED and not options["production"]:
            raise CommandError(
                "DATABASE_URL is set. Example accounts have a public password. They do not belong "
                "in production. If this database is for trying things out, add --production."
            )
        made = load_example(now=timezone.now())
        if made:
            self.stdout.write(f"Example data made: {', '.join(made)}.")
        else:
            self.stdout.write("Example data is there already.")
