"""Starting, confirming, discarding an import; what the task does."""

import gc
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

import audit.actions
import audit.services
from accounts.models import User
from participants import retention
from participants.hmis.archives import Files, ImportRefused
from participants.models import HmisImport, HmisLine
from regions.models import Continuum

from .applying import apply_import
from .preview import read_export
from .undoing import undo_import
from .uploads import destroy, is_wanted, open_upload, store

logger = logging.getLogger(__name__)

STARTED = audit.actions.register("import.started", "Uploaded an HMIS export or a spreadsheet")
DISCARDED = audit.actions.register("import.discarded", "Discarded an import")
RENUMBERED = audit.actions.register(
    "import.renumbered", "Joined the households that an HMIS import has under other ids"
)
VIEWED = audit.actions.register("import.viewed", "Looked at an import")

State = HmisImport.State
KEPT_FOR = timedelta(days=2)
SILENT_FOR = timedelta(minutes=15)
# `(import, now)` reads one of another kind than an export of HMIS up to its preview.
READERS: dict[str, Callable[[HmisImport, datetime], None]] = {}
UNFINISHED = "Another import is not finished. Apply it or discard it first."


@transaction.atomic
def start_import(
    continuum: Continuum,
    *,
    files: Iterable["UploadedFile[bytes]"],
    actor: User | None,
    now: datetime,
    as_of: date | None = None,
) -> HmisImport:
    """Keep what was uploaded, and have it read. ValidationError while another is unfinished."""
    if continuum.hmis_imports.unfinished().exists():
        raise ValidationError(UNFINISHED)
    wanted = [each for each in files if is_wanted(each.name)]
    if files and not wanted:
        raise ValidationError(
            {"files": "None of these is a zip or a file of an HMIS CSV export, such as Client.csv."}
        )
    hmis_import = HmisImport(continuum=continuum, started_at=now, started_by=actor, as_of=as_of)
    try:
        with transaction.atomic():
            hmis_import.save()
            for uploaded in wanted:
                store(hmis_import, uploaded)
    except IntegrityError as error:
        raise ValidationError(
            f"{UNFINISHED} If it is not: a file of one name was chosen twice."
        ) from error
    audit.services.record(STARTED, actor=actor, about=hmis_import, now=now)
    if wanted:
        queue(hmis_import)
    return hmis_import


def queue(hmis_import: HmisImport) -> None:
    """Have the worker go on with it; with the broker gone, the tick does so again later."""
    from .tasks import advance

    key = str(hmis_import.pk)
    transaction.on_commit(lambda: advance.apply_async((key,), retry=False), robust=True)


def advance_import(key: str, *, now: datetime) -> None:
    """What the worker does: read what waits, apply what was confirmed. May run twice."""
    rows = HmisImport.objects.select_related("continuum", "sheet_source")
    hmis_import = rows.filter(pk=key).first()
    if hmis_import is None:
        return
    if hmis_import.state == State.WAITING:
        read_upload(hmis_import, now=now)
    elif hmis_import.state == State.CONFIRMED:
        apply_confirmed(hmis_import, now=now)


def read_upload(hmis_import: HmisImport, *, now: datetime) -> None:
    """Read an upload up to its preview; an export that cannot be read says why."""
    taken = HmisImport.objects.filter(pk=hmis_import.pk, state=State.WAITING)
    if not taken.update(state=State.READING, changed_at=now):
        return
    hmis_import.state = State.READING
    try:
        if reader := READERS.get(hmis_import.kind):
            reader(hmis_import, now)
            hmis_import.state = State.READY
            hmis_import.save()
            return
        files = open_upload(hmis_import)
        try:
            read_files(hmis_import, files, now=now)
        finally:
            files.close()
    except ImportRefused as refused:
        fail(hmis_import, str(refused))
    except Exception as error:
        logger.error("Reading an HMIS import failed: %s", type(error).__name__)
        fail(
            hmis_import,
            "The export could not be read, for a reason that is not in the file's format. Try "
            "again; if it happens again, tell whoever runs this system.",
        )


def read_files(hmis_import: HmisImport, files: Files, *, now: datetime) -> None:
    """Read files up to the preview, and keep it."""

    def progress(name: str, rows: int) -> None:
        HmisImport.objects.filter(pk=hmis_import.pk).update(
            progress_file=name, progress_rows=rows, changed_at=timezone.now()
        )

    with only_new_collected():
        read_export(hmis_import, files, now=now, progress=progress)
    hmis_import.state = State.READY
    hmis_import.save()


@contextmanager
def only_new_collected() -> Iterator[None]:
    """Let Python look for unused objects among those alone that are made within.

    It looks through all that there is for each quarter more; that there are so many, of Django and
    of our own code, and that an import makes so many, would be a seventh of its time.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def fail(hmis_import: HmisImport, words: str) -> None:
    HmisLine.objects.filter(hmis_import=hmis_import).delete()
    hmis_import.state, hmis_import.failure = State.FAILED, words
    hmis_import.save()
    destroy(hmis_import)


@transaction.atomic
def read_again(
    hmis_import: HmisImport, *, actor: User, now: datetime, as_of: date | None = None
) -> HmisImport:
    """Read the upload again, after projects were decided about or for another day."""
    hmis_import = locked(hmis_import)
    if hmis_import.state != State.READY or not hmis_import.parts.exists():
        raise ValidationError("There is no upload to read again. Upload the export again.")
    hmis_import.state = State.WAITING
    hmis_import.as_of = as_of or hmis_import.as_of
    hmis_import.save()
    queue(hmis_import)
    return hmis_import


@transaction.atomic
def decide_duplicate(line: HmisLine, *, decision: str, actor: User, now: datetime) -> HmisLine:
    """Say of a possible duplicate: the same person, somebody else, or leave it out for now."""
    hmis_import = locked(line.hmis_import)
    asked = (HmisLine.Kind.DUPLICATE, HmisLine.Kind.HOUSED)
    if hmis_import.state != State.READY or line.kind not in asked:
        raise ValidationError("This cannot be decided any more.")
    if line.kind == HmisLine.Kind.HOUSED and decision == HmisLine.Decision.JOIN:
        raise ValidationError("There is nobody on file to join them with.")
    line.decision = HmisLine.Decision(decision)
    line.save(update_fields=["decision"])
    return line


@transaction.atomic
def join_renumbered(hmis_import: HmisImport, *, actor: User, now: datetime) -> int:
    """Decide at once that all who are on file under another id are the same people.

    Return how many. Whom two rows match, or who is in the export under the id on file, stays to be
    decided one by one.
    """
    hmis_import = locked(hmis_import)
    if hmis_import.state != State.READY:
        raise ValidationError("This cannot be decided any more.")
    lines = list(hmis_import.lines.filter(kind=HmisLine.Kind.DUPLICATE))
    times = Counter(line.participant_id for line in lines)
    chosen = [
        line
        for line in lines
        if times[line.participant_id] == 1 and not line.decision and line.said.get("replaces")
    ]
    HmisLine.objects.filter(pk__in=[line.pk for line in chosen]).update(
        decision=HmisLine.Decision.JOIN
    )
    audit.services.record(
        RENUMBERED, actor=actor, about=hmis_import, detail={"households": len(chosen)}, now=now
    )
    return len(chosen)


@transaction.atomic
def confirm_import(
    hmis_import: HmisImport,
    *,
    accepts: bool,
    actor: User | None,
    now: datetime,
    is_queued: bool = True,
) -> HmisImport:
    """Let a preview be applied. ValidationError while what is unusual is not accepted."""
    hmis_import = locked(hmis_import)
    if hmis_import.state in (State.CONFIRMED, State.APPLIED):
        return hmis_import
    if hmis_import.state != State.READY:
        raise ValidationError("There is no preview to apply. Upload the export again.")
    if hmis_import.stops and not accepts:
        raise ValidationError(
            {"accepts": "Say that you looked at what is unusual, or discard the import."}
        )
    hmis_import.state, hmis_import.confirmed_by = State.CONFIRMED, actor
    hmis_import.confirmed_at, hmis_import.progress_rows = now, 0
    hmis_import.progress_file = ""
    hmis_import.save()
    if is_queued:
        queue(hmis_import)
    return hmis_import


def apply_confirmed(hmis_import: HmisImport, *, now: datetime) -> HmisImport:
    """Apply; what the list refuses sends the import back to be looked at, with the reason."""
    try:
        with only_new_collected():
            return apply_import(hmis_import, now=now)
    except ValidationError as error:
        words = " ".join(error.messages)
    except Exception as error:
        logger.error("Applying an HMIS import failed: %s", type(error).__name__)
        words = (
            "The import could not be applied, and nothing of it was written. Try again; if it "
            "happens again, tell whoever runs this system."
        )
    HmisImport.objects.filter(pk=hmis_import.pk, state=State.CONFIRMED).update(
        state=State.READY, failure=words
    )
    hmis_import.refresh_from_db()
    return hmis_import


@transaction.atomic
def discard_import(hmis_import: HmisImport, *, actor: User | None, now: datetime) -> HmisImport:
    """Forget an upload, and its preview if there is one; the list stays as it is."""
    hmis_import = locked(hmis_import)
    if hmis_import.state == State.READING:
        raise ValidationError("The export is being read right now. Discard it once it is read.")
    if hmis_import.state not in (State.READY, State.WAITING, State.MATCHING):
        raise ValidationError("This import is finished already.")
    hmis_import.state = State.DISCARDED
    hmis_import.save()
    hmis_import.lines.all().delete()
    destroy(hmis_import)
    audit.services.record(DISCARDED, actor=actor, about=hmis_import, now=now)
    return hmis_import


def locked(hmis_import: HmisImport) -> HmisImport:
    return (
        HmisImport.objects.select_for_update(of=("self",))
        .select_related("continuum")
        .get(pk=hmis_import.pk)
    )


def mind_imports(now: datetime) -> None:
    """A step of the tick: goes on with what a worker dropped; forgets what nobody confirms.

    A worker that still reads tells so by its progress, however long an export is.
    """
    silent = HmisImport.objects.filter(changed_at__lt=now - SILENT_FOR)
    silent.filter(state=State.READING).update(state=State.WAITING, changed_at=now)
    for hmis_import in silent.filter(state__in=(State.WAITING, State.CONFIRMED)):
        queue(hmis_import)
    looked_at = (State.READY, State.MATCHING)
    for hmis_import in HmisImport.objects.filter(
        state__in=looked_at, changed_at__lt=now - KEPT_FOR
    ):
        discard_import(hmis_import, actor=None, now=now)


def forget_those_removed(continuum: Continuum, removals: Iterable[retention.Removal]) -> None:
    """A step of de-identification: an upload that tells of one of them is not kept waiting."""
    told = HmisLine.objects.filter(participant__in=[each.pk for each in removals])
    waiting = continuum.hmis_imports.filter(state=State.READY, pk__in=told.values("hmis_import"))
    for hmis_import in waiting:
        discard_import(hmis_import, actor=None, now=timezone.now())


retention.register_step(forget_those_removed)


__all__ = [
    "advance_import",
    "confirm_import",
    "discard_import",
    "mind_imports",
    "read_again",
    "start_import",
    "undo_import",
]
