"""Seal again, with the newest key, everything that old keys sealed."""

import contextlib
import signal
import time
from collections.abc import Iterator
from types import FrameType

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Model

from vault import key_checks, keys, rotation

Failures = dict[tuple[str, rotation.Pk, str], keys.VaultError]  # of model, primary key and field


class Command(BaseCommand):
    help = (
        "Seals again with the newest key of FIELD_KEYS everything that older keys sealed, in short "
        "batches, while the system runs. Ctrl-C stops it after the batch; run it again to go on."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=500, help="rows per transaction (500)")
        parser.add_argument("--report", action="store_true", help="only say what each key holds")
        parser.add_argument(
            "--wait",
            type=int,
            default=30,
            help="seconds to wait for rows that others hold locked (30)",
        )

    def handle(self, *, batch: int, report: bool, wait: int, **options: object) -> None:
        if batch < 1:
            raise CommandError("--batch must be 1 or more.")
        if report:
            self.say_tally()
            return
        self.is_stopped = False
        with self.stopped_by(signal.SIGINT, signal.SIGTERM):
            failures = self.rotate(batch, time.monotonic() + wait)
        self.finish(failures)

    @contextlib.contextmanager
    def stopped_by(self, *numbers: signal.Signals) -> Iterator[None]:
        """Let these signals end the work after the batch in hand."""

        def stop(number: int, frame: FrameType | None) -> None:
            self.is_stopped = True

        former = {number: signal.signal(number, stop) for number in numbers}
        try:
            yield
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)

    def rotate(self, batch: int, deadline: float) -> Failures:
        """Walk over everything until nothing is left that can be sealed again."""
        models = rotation.models_with_sealed_columns()
        while True:
            failures: Failures = {}
            for model in models:
                self.rotate_model(model, batch, failures)
            for place in rotation.places():
                while not self.is_stopped and place.rotate(batch):
                    pass
            failed_rows = {(label, pk) for label, pk, _ in failures}
            waiting = sum(map(rotation.rows_on_old_keys, models)) - len(failed_rows)
            if self.is_stopped or waiting <= 0 or time.monotonic() > deadline:
                return failures
            time.sleep(0.5)

    def rotate_model(self, model: type[Model], batch: int, failures: Failures) -> None:
        label, rows = model._meta.label, 0
        for done in rotation.rotate_model(model, batch):
            rows += done.rows
            for (pk, field), error in done.failures.items():
                failures[label, pk, field] = error
            if self.is_stopped:
                break
        if rows:
            self.stdout.write(f"{label}: {rows} rows sealed again")

    def finish(self, failures: Failures) -> None:
        """Say what is left, and end with a code that a script can use."""
        for (label, pk, field), error in failures.items():
            self.stderr.write(f"{label}.{field} of {pk} cannot be opened: {error}")
        old_ids: set[str] = set()
        for label, counts in rotation.tally().items():
            old = rotation.left_on_old_keys(counts)
            old_ids |= set(old)
            for key_id, count in sorted(old.items()):
                self.stdout.write(f"left: {label}: {count} on {key_id}")
        key_checks.forget_emptied(old_ids)
        if self.is_stopped:
            raise CommandError("Stopped. Run rotate_keys again to go on.", returncode=130)
        if old_ids:
            raise CommandError(
                f"Something is left on {', '.join(sorted(old_ids))}: keep it in FIELD_KEYS and "
                "run rotate_keys again."
            )
        self.stdout.write(self.style.SUCCESS(f"Nothing is left on old keys. {self.advice()}"))

    def advice(self) -> str:
        newest, *old = (key.id for key in keys.ring().keys)
        if not old:
            return f"All is on {newest}."
        return f"All is on {newest}; {', '.join(old)} can be taken out of FIELD_KEYS."

    def say_tally(self) -> None:
        newest = keys.ring().newest.id
        for label, counts in rotation.tally().items():
            held = ", ".join(
                f"{key_id}{'' if key_id == newest else ' (old)'}: {count}"
                for key_id, count in sorted(counts.items())
            )
            self.stdout.write(f"{label}: {held or 'empty'}")
        left = sum(
            sum(rotation.left_on_old_keys(counts).values()) for counts in rotation.tally().values()
        )
        self.stdout.write(f"{left} left on old keys." if left else "Nothing is left on old keys.")
