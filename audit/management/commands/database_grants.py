"""Give the application's database role its rights, or print the statements that do."""

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from audit import grants


class Command(BaseCommand):
    help = (
        "Prints, or with --apply runs, the statements that let a database role do the work of the "
        "system and change or delete nothing of audit and history. Run it as the tables’ owner, "
        "after each migrate."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--role", required=True, help="the role that the system connects as")
        parser.add_argument("--apply", action="store_true", help="run the statements, too")

    def handle(self, *, role: str, apply: bool, **options: object) -> None:
        if problem := grants.problem_with(role):
            raise CommandError(problem)
        found = grants.statements(role)
        if not apply:
            self.stdout.write("".join(f"{each};\n" for each in found))
            return
        with transaction.atomic(), connection.cursor() as cursor:
            for each in found:
                cursor.execute(each)
        self.stdout.write(self.style.SUCCESS(f"{role} has its rights: {len(found)} statements."))
