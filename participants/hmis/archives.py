"""The files of an export as they come: in a folder or a zip; what else was uploaded is named."""

import io
import zipfile
import zlib
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Protocol, cast

# No real export of a CoC comes near; a file made to fill a disk does.
MOST_BYTES = 8 * 1024**3
# Text packs to a twentieth or so. What packs to less than this part of itself, and is large, was
# made to be so.
MOST_RATIO, RATIO_COUNTS_FROM = 200, 32 << 20
# The list of what a zip holds is read whole: room for some ten thousand files.
MOST_DIRECTORY_BYTES = 2 << 20
# By their first bytes; a workbook (XLSX) is a zip inside.
ARCHIVES = {
    b"PK\x03\x04": "a workbook or a zip",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"\x1f\x8b": "a gzip archive",
    b"\xd0\xcf\x11\xe0": "an old workbook (XLS)",
    b"%PDF": "a PDF",
}
# What the library makes of a zip that is damaged or forged: a part that is locked, of a version or
# method that it does not know, whose name, size or place is none.
DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, KeyError),
    *(NotImplementedError, RuntimeError),
)
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
Raw = io.BufferedReader | zipfile.ZipExtFile


class Digest(Protocol):
    """A checksum in the making."""

    def update(self, data: bytes, /) -> None: ...


class Files(Protocol):
    """The files of an export, wherever they are kept."""

    def names(self) -> list[str]: ...

    def open(self, name: str) -> Raw: ...

    def digest(self, digest: Digest, name: str) -> None: ...

    def close(self) -> None: ...


class ImportRefused(Exception):
    """The export cannot be read at all: what is wrong, and the remedy. Names nobody."""


class Folder:
    """The files of an export that lie in a folder."""

    def __init__(self, path: str | Path) -> None:
        self.paths = {each.name: each for each in sorted(Path(path).iterdir()) if each.is_file()}

    def names(self) -> list[str]:
        return list(self.paths)

    def open(self, name: str) -> io.BufferedReader:
        return self.paths[name].open("rb")

    def digest(self, digest: Digest, name: str) -> None:
        with self.open(name) as file:
            for chunk in iter(lambda: file.read(1 << 20), b""):
                digest.update(chunk)

    def close(self) -> None:
        pass


class Zip:
    """The files of an export in a zip, as they come, wherever in it they lie."""

    def __init__(self, file: str | Path | IO[bytes]) -> None:
        try:
            refuse_long_directory(file)
            self.zip = zipfile.ZipFile(file)
        except DAMAGED as error:
            if what := archive_of(first_bytes(file)):
                raise ImportRefused(
                    f"The file is {what}, not a zip. Unpack it, and upload the files or zip them."
                ) from error
            raise ImportRefused(
                "The file is no zip, or it is damaged. Export it again, and upload it as it is."
            ) from error
        refuse_other_methods(self.zip.infolist())
        self.infos: dict[str, zipfile.ZipInfo] = {}
        for info in self.zip.infolist():
            name = info.filename.replace("\\", "/").rpartition("/")[2]
            # Without a name at all `is_dir` fails.
            if not name or info.is_dir() or "__MACOSX" in info.filename:
                continue
            if info.flag_bits & 1:
                raise ImportRefused(
                    "The zip is locked with a password. Unlock it, and upload the files in it."
                )
            if name.lower() in {each.lower() for each in self.infos}:
                raise ImportRefused(
                    f"{name[:60]} is in the zip twice. Leave one export in it, and try again."
                )
            self.infos[name] = info
        inner = [name for name in self.infos if name.lower().endswith((".zip", ".7z", ".rar"))]
        if inner and not any(name.lower().endswith(".csv") for name in self.infos):
            raise ImportRefused(
                f"The zip holds {inner[0][:60]} and no CSV. Unpack it, and upload what is in it."
            )
        if sum(info.file_size for info in self.infos.values()) > MOST_BYTES:
            raise ImportRefused("The files in the zip are larger than 8 GB: that is no export.")
        for name, info in self.infos.items():
            if info.file_size > max(RATIO_COUNTS_FROM, MOST_RATIO * info.compress_size):
                raise ImportRefused(
                    f"{name[:60]} is packed more tightly than any export is: it would be "
                    f"{info.file_size >> 20} MB. Export it again."
                )

    def names(self) -> list[str]:
        return list(self.infos)

    def open(self, name: str) -> zipfile.ZipExtFile:
        try:
            return cast(zipfile.ZipExtFile, self.zip.open(self.infos[name]))  # read, it is one
        except DAMAGED as error:
            raise ImportRefused(f"{name[:60]} is damaged in the zip. Export it again.") from error

    def digest(self, digest: Digest, name: str) -> None:
        # The checksum of what is in it: a zip made anew of the same files is the same export.
        info = self.infos[name]
        digest.update(f"{info.CRC}:{info.file_size}".encode())

    def close(self) -> None:
        self.zip.close()


def refuse_other_methods(infos: Iterable[zipfile.ZipInfo]) -> None:
    """Raise ImportRefused for a method that cannot be unpacked, or takes what memory it likes."""
    if any(each.compress_type not in METHODS for each in infos):
        raise ImportRefused(
            "The file is packed in a way that cannot be read here. Unpack it, and zip it anew with "
            "the zip of Windows or macOS, or save the workbook again in Excel."
        )


def archive_of(head: bytes) -> str:
    """What a file is, by its first bytes, if it is some other kind of archive or a workbook."""
    return next((words for magic, words in ARCHIVES.items() if head.startswith(magic)), "")


def first_bytes(file: str | Path | IO[bytes]) -> bytes:
    with ExitStack() as opened:
        if isinstance(file, str | Path):
            try:
                file = opened.enter_context(Path(file).open("rb"))
            except OSError:
                return b""
        file.seek(0)
        return file.read(8)


def refuse_long_directory(file: str | Path | IO[bytes]) -> None:
    """Raise ImportRefused before a list of contents is read that is made to fill the memory."""
    with ExitStack() as opened:
        if isinstance(file, (str, Path)):
            file = opened.enter_context(Path(file).open("rb"))
        record = zipfile._EndRecData(file)  # type: ignore[attr-defined]  # what ZipFile itself goes by
    size = zipfile._ECD_SIZE  # type: ignore[attr-defined]  # where in it
    if record and record[size] > MOST_DIRECTORY_BYTES:
        raise ImportRefused("The zip holds too many files to be an export. Zip the export alone.")


def open_path(path: str | Path) -> Folder | Zip:
    """The files at a path: a folder, or a zip. ImportRefused for what is neither."""
    path = Path(path)
    if path.is_dir():
        return Folder(path)
    if not path.is_file():
        raise ImportRefused(f"There is no file or folder {path.name}. Check the path.")
    return Zip(path)
