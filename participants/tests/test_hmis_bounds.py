"""A file that is made to fill memory or disk is refused, in words, before it does."""

import io
import random
import resource
import struct
import tracemalloc
import zipfile

import pytest

from participants.hmis.archives import MOST_RATIO, RATIO_COUNTS_FROM, ImportRefused, Zip
from participants.hmis.reading import MOST_ROW_BYTES, Export, Refusals
from participants.hmis.staging import Lines

HEAD = {
    "Export": "ExportID,CSVVersion",
    "Organization": "OrganizationID",
    "Project": "ProjectID",
    "Enrollment": "EnrollmentID",
    "Exit": "ExitID",
    "Client": "PersonalID,FirstName",
}


def packed(level=9, **files):
    """A zip of an export; each file as bytes, or as an iterable of pieces."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as file:
        for name, head in HEAD.items():
            body = files.get(name, (f"{head}\n1,a\n".encode(),))
            with file.open(f"{name}.csv", "w", force_zip64=True) as out:
                for piece in [body] if isinstance(body, bytes) else body:
                    out.write(piece)
    made.seek(0)
    return made


def rows_of(made, name="Client"):
    export = Export(Zip(made), Refusals())
    return list(export.table(name, HEAD[name].split(",")).rows())


def peak_of(act):
    """The most memory that Python held at once during an act, in bytes."""
    tracemalloc.start()
    try:
        act()
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return peak


def refused(act, *arguments, match):
    with pytest.raises(ImportRefused, match=match):
        act(*arguments)


def many(piece, count, first=b""):
    yield b"PersonalID,FirstName\n" + first
    for _ in range(count):
        yield piece


# Text that does not pack so tightly that its ratio alone would tell.
NOISE = random.Random(5).randbytes(6000)  # noqa: S311
NOISE = bytes(97 + each % 26 for each in NOISE)


@pytest.mark.parametrize(
    ("piece", "count"),
    [
        (NOISE, 2000),  # one line without an end
        (b'"' + NOISE + b'\n",', 2000),  # a row over many lines, its cells quoted
        (b"a\n" * 3000, 500),  # after a quotation mark that is never closed
        (b"a," * 4000, 300),  # more columns than there is room for
    ],
    ids=["line", "row of lines", "quotation", "columns"],
)
def test_a_row_without_end_is_refused_in_bounded_memory(piece, count):
    made = packed(Client=many(piece, count, b'"' if piece.startswith(b"a\n") else b""))

    def read():
        with pytest.raises(ImportRefused) as caught:
            rows_of(made)
        said.append(str(caught.value))

    said = []
    peak = peak_of(read)

    assert said[0].startswith("Client.csv ")
    assert "Export it again" in said[0]
    assert peak < 24 * MOST_ROW_BYTES


def test_a_header_without_end_is_refused_too():
    with pytest.raises(ImportRefused, match="more than 1 MB"):
        rows_of(packed(Client=[NOISE] * 2000))


def test_rows_near_the_bound_are_read():
    name = b"x" * 100_000
    rows = rows_of(packed(Client=many(b"1," + name + b"\n", 40)))
    assert len(rows) == 40


def test_what_is_packed_too_tightly_is_refused_before_it_is_opened():
    body = many(b"\0" * (1 << 20), 250)
    with pytest.raises(ImportRefused, match=r"Client\.csv is packed more tightly .* 250 MB"):
        Zip(packed(Client=body))


def test_a_real_export_packs_far_below_the_bound():
    """The emptiest that there is: a line of commas and one key, 700,000 times."""
    line = b"%d" + b"," * 60 + b"\n"
    made = packed(level=6, Client=many(b"".join(line % n for n in range(1000)), 700))
    info = Zip(made).infos["Client.csv"]
    assert info.file_size > RATIO_COUNTS_FROM
    assert info.file_size / info.compress_size < MOST_RATIO


def test_a_size_that_is_told_wrongly_helps_nobody():
    """A directory that says 10 bytes of a file of 40 MB: no more than that is read."""
    made = packed(Client=many(b"1,a\n" * 1000, 10_000)).getvalue()
    at = made.rindex(b"Client.csv") - 46
    lied = made[: at + 24] + struct.pack("<I", 10) + made[at + 28 :]
    damaged = r"^Client\.csv is damaged in the zip\. Export it again\.$"
    peak = peak_of(lambda: refused(rows_of, io.BytesIO(lied), match=damaged))
    assert peak < 8 * MOST_ROW_BYTES


def test_a_zip_of_too_many_files_is_refused_before_its_list_is_read():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for number in range(40_000):
            file.writestr(f"{number}.csv", b"")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak = peak_of(lambda: refused(Zip, made, match="too many files"))
    assert peak < 8 << 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_a_refusal_during_copy_is_the_one_that_was_raised():
    def rows():
        yield "1\n"
        raise ImportRefused("Client.csv has a row of more than 1 MB")

    lines = Lines(rows())
    assert lines.read(100) in ("", "1\n")
    assert str(lines.failure) == "Client.csv has a row of more than 1 MB"
    assert lines.is_over
