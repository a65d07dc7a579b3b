"""What was uploaded: sealed on its way in, in pieces, and destroyed when the import is done."""

import io
import tempfile
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import IO, Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

from participants.hmis.archives import Digest, ImportRefused, Zip
from participants.hmis.reading import KNOWN
from participants.models import HmisImport, HmisUploadPart
from vault import keys

PIECE = 1 << 20
MOST_BYTES = 512 * 1024**2
SEALED = b"participants.hmis.upload\0"


class SealingUploadHandler(FileUploadHandler):
    """Takes a file of a form without it ever lying on disk in clear."""

    chunk_size = PIECE
    file: "SealedFile"

    def __init__(self, request: HttpRequest, most_bytes: int) -> None:
        super().__init__(request)
        self.most_bytes = most_bytes

    def new_file(self, *args: Any, **kwargs: Any) -> None:  # as of any handler
        super().new_file(*args, **kwargs)
        self.file = SealedFile(self.file_name, self.content_type)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > self.most_bytes:
            # The view looks for it (participants/views/uploads.py).
            self.request.is_upload_too_large = True  # type: ignore[union-attr]  # not its own
            raise StopUpload(connection_reset=False)
        self.file.add(raw_data)

    def file_complete(self, file_size: int) -> "SealedFile":
        self.file.size = file_size
        return self.file


class SealedFile(UploadedFile):  # type: ignore[type-arg]  # as Django runs, it takes none
    """An uploaded file as sealed pieces in a file that has no name."""

    file: IO[bytes]

    def __init__(self, name: str | None, content_type: str | None) -> None:
        super().__init__(tempfile.TemporaryFile(), name, content_type)  # noqa: SIM115
        self.places: list[tuple[int, int]] = []
        self.end = 0

    def add(self, data: bytes) -> None:
        token = keys.seal(data, SEALED + str(len(self.places)).encode())
        self.file.write(token)
        self.places.append((self.end, len(token)))
        self.end += len(token)

    def piece(self, number: int) -> bytes:
        start, length = self.places[number]
        self.file.seek(start)
        return keys.unseal(
            self.file.read(length), SEALED + str(number).encode(), "A piece of an upload"
        )

    def pieces(self) -> Iterator[bytes]:
        for number in range(len(self.places)):
            yield self.piece(number)


def pieces_of(uploaded: "UploadedFile[bytes]") -> Iterator[bytes]:
    """The bytes of an upload, opened one piece after the other."""
    return uploaded.pieces() if isinstance(uploaded, SealedFile) else uploaded.chunks(PIECE)


def in_memory(uploaded: "UploadedFile[bytes]") -> io.BytesIO:
    """An upload in clear, for only as long as it is read."""
    return io.BytesIO(b"".join(pieces_of(uploaded)))


def store(hmis_import: HmisImport, uploaded: "UploadedFile[bytes]") -> None:
    """Keep an uploaded file with the import, sealed. A file that is not read is not kept."""
    name = base_name(uploaded.name)
    for number, piece in enumerate(of_one_size(pieces_of(uploaded))):
        HmisUploadPart.objects.create(
            hmis_import=hmis_import, file_name=name, number=number, size=len(piece), content=piece
        )


def of_one_size(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of one size, the last aside."""
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) >= PIECE:
            yield bytes(held[:PIECE])
            del held[:PIECE]
    if held:
        yield bytes(held)


def base_name(name: str | None) -> str:
    return (name or "").replace("\\", "/").rpartition("/")[2][:120]


def is_wanted(name: str | None) -> bool:
    """Whether a file of this name is read at all: a zip, or a file of the export."""
    lower = base_name(name).lower()
    return lower.endswith(".zip") or lower in {f"{known.lower()}.csv" for known in KNOWN}


def destroy(hmis_import: HmisImport) -> int:
    """Forget what was uploaded."""
    return HmisUploadPart.objects.filter(hmis_import=hmis_import).delete()[0]


def fetched(hmis_import: HmisImport, name: str) -> SealedFile:
    """A stored file, still sealed, as a file that has no name."""
    sealed = SealedFile(name, None)
    rows = HmisUploadPart.objects.filter(hmis_import=hmis_import, file_name=name)
    for part in rows.order_by("number").iterator(chunk_size=4):
        sealed.add(part.content)
        sealed.size = (sealed.size or 0) + part.size
    return sealed


class Pieces(io.RawIOBase):
    """A sealed file to read from and to seek in; a few pieces are open at a time."""

    def __init__(self, sealed: SealedFile) -> None:
        self.size, self.place = sealed.size or 0, 0
        self.piece = lru_cache(maxsize=4)(sealed.piece)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self.place, io.SEEK_END: self.size}[whence]
        self.place = max(0, start + offset)
        return self.place

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what readers give
        if self.place >= self.size:
            return 0
        number, start = divmod(self.place, PIECE)
        found = self.piece(number)[start : start + len(buffer)]
        buffer[: len(found)] = found
        self.place += len(found)
        return len(found)


class Stored:
    """The files of an upload, fetched at once.

    While COPY runs nothing else may be asked of the connection.
    """

    def __init__(self, hmis_import: HmisImport) -> None:
        rows = HmisUploadPart.objects.filter(hmis_import=hmis_import)
        names = list(rows.order_by("file_name").values_list("file_name", flat=True).distinct())
        self.files = {name: fetched(hmis_import, name) for name in names}

    def names(self) -> list[str]:
        return list(self.files)

    def open(self, name: str) -> io.BufferedReader:
        return io.BufferedReader(Pieces(self.files[name]), PIECE)

    def digest(self, digest: Digest, name: str) -> None:
        with self.open(name) as file:
            for chunk in iter(lambda: file.read(PIECE), b""):
                digest.update(chunk)

    def close(self) -> None:
        pass


def open_upload(hmis_import: HmisImport) -> Stored | Zip:
    """The files that were uploaded. ImportRefused for none, or for a zip beside others."""
    stored = Stored(hmis_import)
    if not stored.names():
        raise ImportRefused("The uploaded file is no longer kept. Upload the export again.")
    zips = [name for name in stored.names() if name.lower().endswith(".zip")]
    if not zips:
        return stored
    if len(stored.names()) > 1:
        raise ImportRefused("Upload one zip, or the single files without a zip.")
    return Zip(stored.open(zips[0]))
