"""Say whether the audit is still as it was written."""

import re

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.chain import Anchor, verify_chain
from vault import key_checks, keys


def read_anchor(text: str) -> Anchor:
    """Return (number, hash) from `NUMBER:HASH` as this command prints it."""
    match = re.fullmatch(r"([1-9][0-9]*):([0-9a-f]{64})", text)
    if match is None:
        raise CommandError("--expect takes NUMBER:HASH, as an earlier verify_audit printed it.")
    return int(match[1]), bytes.fromhex(match[2])


class Command(BaseCommand):
    help = (
        "Walks the audit's chain. Prints OK with the number of entries and the last hash, or names "
        "the first entry that does not hold and ends with code 1. With keys that are not this "
        "database's it says so, accuses nobody, and ends with code 2."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--expect",
            metavar="NUMBER:HASH",
            help="what an earlier run printed, kept outside of this system",
        )

    def handle(self, *, expect: str | None, **options: object) -> None:
        try:
            key_checks.examine()
        except keys.KeysRefused as refused:
            raise CommandError(
                f"Not looked at, for the keys are not this database's. {refused}", returncode=2
            ) from None
        state = verify_chain(anchor=read_anchor(expect) if expect else None)
        if not state.is_whole:
            raise CommandError(f"Broken at entry {state.broken_at}: {state.problem}.")
        self.stdout.write(f"OK: {state.count} entries, {state.count}:{state.hash.hex()}")
