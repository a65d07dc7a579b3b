"""What Celery calls. Tasks may run twice: the rows in PostgreSQL decide."""

from celery import shared_task
from django.utils import timezone

from .services import advance_import


@shared_task(name="participants.advance_import")
def advance(import_id: str) -> None:
    advance_import(import_id, now=timezone.now())
