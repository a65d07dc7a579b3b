"""What was uploaded: sealed on its way in, in pieces, and destroyed when the import is done."""

import io
import tempfile
from functools import lru_cache

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from participants.models import HmisUploadPart
from vault import keys

from .reading import KNOWN, ImportRefused, Zip

PIECE = 1 << 20
MOST_BYTES = 512 * 1024**2
SEALED = b"participants.hmis.upload\0"


class SealingUploadHandler(FileUploadHandler):
    """Takes a file of a form without it ever lying on disk in clear."""

    chunk_size = PIECE

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        self.file = SealedFile(self.file_name, self.content_type)

    def receive_data_chunk(self, raw_data, start):
        if start + len(raw_data) > MOST_BYTES:
            raise StopUpload(connection_reset=True)
        self.file.add(raw_data)

    def file_complete(self, file_size):
        self.file.size = file_size
        return self.file


class SealedFile(UploadedFile):
    """An uploaded file as sealed pieces in a file that has no name."""

    def __init__(self, name, content_type):
        super().__init__(tempfile.TemporaryFile(), name, content_type)  # noqa: SIM115
        self.lengths = []

    def add(self, data):
        token = keys.seal(data, SEALED + str(len(self.lengths)).encode())
        self.file.write(token)
        self.lengths.append(len(token))

    def pieces(self):
        self.file.seek(0)
        for number, length in enumerate(self.lengths):
            token = self.file.read(length)
            yield keys.unseal(token, SEALED + str(number).encode(), "An upload")


def store(hmis_import, uploaded):
    """Keep an uploaded file with the import, sealed. A file that is not read is not kept."""
    name = base_name(uploaded.name)
    pieces = uploaded.pieces() if hasattr(uploaded, "pieces") else uploaded.chunks(PIECE)
    for number, piece in enumerate(pieces):
        HmisUploadPart.objects.create(
            hmis_import=hmis_import, file_name=name, number=number, size=len(piece), content=piece
        )


def base_name(name):
    return (name or "").replace("\\", "/").rpartition("/")[2][:120]


def is_wanted(name):
    """Whether a file of this name is read at all: a zip, or a file of the export."""
    lower = base_name(name).lower()
    return lower.endswith(".zip") or lower in {f"{known.lower()}.csv" for known in KNOWN}


def destroy(hmis_import):
    """Forget what was uploaded."""
    return HmisUploadPart.objects.filter(hmis_import=hmis_import).delete()[0]


class Pieces(io.RawIOBase):
    """A stored file to read from and to seek in; a few pieces are open at a time."""

    def __init__(self, hmis_import, name):
        rows = HmisUploadPart.objects.filter(hmis_import=hmis_import, file_name=name)
        self.parts = list(rows.order_by("number").values_list("pk", "size"))
        self.size, self.place = sum(size for _pk, size in self.parts), 0
        self.piece = lru_cache(maxsize=4)(self.fetch)

    def fetch(self, number):
        return HmisUploadPart.objects.get(pk=self.parts[number][0]).content

    def readable(self):
        return True

    def seekable(self):
        return True

    def tell(self):
        return self.place

    def seek(self, offset, whence=io.SEEK_SET):
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self.place, io.SEEK_END: self.size}[whence]
        self.place = max(0, start + offset)
        return self.place

    def readinto(self, buffer):
        if self.place >= self.size:
            return 0
        number, start = divmod(self.place, self.parts[0][1])
        found = self.piece(number)[start : start + len(buffer)]
        buffer[: len(found)] = found
        self.place += len(found)
        return len(found)


class Stored:
    """The single files of an upload."""

    def __init__(self, hmis_import):
        self.hmis_import = hmis_import
        rows = HmisUploadPart.objects.filter(hmis_import=hmis_import)
        self.all = list(rows.order_by("file_name").values_list("file_name", flat=True).distinct())

    def names(self):
        return self.all

    def open(self, name):
        return io.BufferedReader(Pieces(self.hmis_import, name), PIECE)

    def digest(self, digest, name):
        with self.open(name) as file:
            for chunk in iter(lambda: file.read(PIECE), b""):
                digest.update(chunk)

    def close(self):
        pass


def open_upload(hmis_import):
    """The files that were uploaded. ImportRefused for none, or for a zip beside others."""
    stored = Stored(hmis_import)
    if not stored.all:
        raise ImportRefused("The uploaded file is no longer kept. Upload the export again.")
    zips = [name for name in stored.all if name.lower().endswith(".zip")]
    if not zips:
        return stored
    if len(stored.all) > 1:
        raise ImportRefused("Upload one zip, or the single files without a zip.")
    return Zip(stored.open(zips[0]))
