"""A zip or workbook of which some bytes were changed is read, or refused; it is never an error."""

import contextlib
import io
import zipfile

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from participants.hmis.archives import ImportRefused, Zip
from participants.hmis.reading import BoundedReader, Export, Refusals
from participants.spreadsheets.kept import cleaned
from participants.spreadsheets.reading import read_file

NAMES = ("Export", "Project", "Client", "Enrollment", "Exit", "Organization", "ProjectCoC")


def zipped(method=zipfile.ZIP_DEFLATED):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name in NAMES:
            archive.writestr(f"{name}.csv", "PersonalID,Name\n" + "A1,Ana\nB2,Bo\n" * 40)
    return made.getvalue()


def workbook(method=zipfile.ZIP_DEFLATED):
    book, made, again = Workbook(), io.BytesIO(), io.BytesIO()
    for row in (["Name", "DOB"], ["Ana", "4/3/1990"], ["Bo", "=1+1"]):
        book.worksheets[0].append(row)
    book.save(made)
    with zipfile.ZipFile(made) as parts, zipfile.ZipFile(again, "w", method) as archive:
        for name in parts.namelist():
            archive.writestr(name, parts.read(name))
    return again.getvalue()


def read_zip(data):
    files = Zip(io.BytesIO(data))
    for name in Export(files, Refusals()).names.values():
        with BoundedReader(files.open(name), name) as file:
            while file.read1(1 << 16):
                pass


def read_workbook(data):
    cleaned(read_file(io.BytesIO(data), "list.xlsx"))


READERS = {"zip": (read_zip, zipped()), "workbook": (read_workbook, workbook())}
# Where in its list of contents a zip says of a part: version, flags (1: locked), method.
SAYS = [(6, 99), (8, 1), (8, 64), (10, 99), (10, 14), (10, 12), (20, 255), (24, 255), (42, 255)]


@pytest.mark.parametrize("kind", READERS)
@given(changes=st.lists(st.tuples(st.floats(0, 0.9999), st.integers(0, 255)), min_size=1))
@settings(max_examples=150, deadline=None)
@example(changes=[(0.8984375, 0)])  # a part without a name
def test_any_bytes_that_are_changed_are_no_error(kind, changes):
    read, data = READERS[kind]
    changed = bytearray(data)
    for at, byte in changes:
        changed[int(at * len(data))] = byte
    with contextlib.suppress(ImportRefused):
        read(bytes(changed))


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize(("at", "value"), SAYS)
def test_what_a_list_of_contents_says_wrong_is_no_error(kind, at, value):
    read, data = READERS[kind]
    for start in range(len(data) - 4):
        if data[start : start + 4] == b"PK\x01\x02":
            changed = bytearray(data)
            changed[start + at] = value
            with contextlib.suppress(ImportRefused):
                read(bytes(changed))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_to_pack_are_refused_before_they_are_unpacked(method):
    """A part of LZMA says itself how much memory it takes."""
    for read, data in ((read_zip, zipped(method)), (read_workbook, workbook(method))):
        with pytest.raises(ImportRefused, match="packed in a way that cannot be read here"):
            read(data)


@pytest.mark.parametrize("kind", READERS)
def test_each_is_read_as_it_was_made(kind):
    read, data = READERS[kind]
    read(data)
