"""What Celery calls. Tasks may run twice: the rows in PostgreSQL decide."""

from celery import shared_task

from . import services


@shared_task(name="outbox.tick")
def tick() -> None:
    services.tick()


# Stopped before the five-minute lease runs out, so that no two workers send one row.
@shared_task(name="outbox.send", time_limit=280)
def send(message_id: str) -> None:
    services.send(message_id)
