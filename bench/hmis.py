"""The import of an export with 100,000 clients and 1,000,000 service rows, of it again, and of the
next day's.

Against reading the same files with Python's csv and copying the wanted columns raw into PostgreSQL.
Each side runs in a process of its own, so that peak memory is its own; the export is then made ten
times as long in its services, to show that memory does not grow with it.
"""

import csv
import os
import resource
import tempfile
import time
import traceback
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from bench.table import Row

CLIENTS, SERVICES, TIMES = 100_000, 1_000_000, 10
AS_OF = date(2026, 6, 1)
WANTED = {
    "Client": ["PersonalID", "FirstName", "LastName", "DOB", "VeteranStatus"],
    "Enrollment": [
        "EnrollmentID", "PersonalID", "ProjectID", "EntryDate", "HouseholdID", "RelationshipToHoH",
        "LivingSituation", "MoveInDate",
    ],
    "Exit": ["EnrollmentID", "ExitDate", "Destination"],
    "Services": ["EnrollmentID", "DateProvided", "RecordType"],
}  # fmt: skip
# As wide as HUD's files are.
FILLERS = {"Client": 30, "Enrollment": 70, "Exit": 36, "Services": 14}
# On the list at a time: 650,000 people on the lists of 390 continuums are 1,667 on each.
EVERY, CROWDED = 60, 10


def rows():
    from bench.world import migrated

    migrated()
    with tempfile.TemporaryDirectory() as folder:
        export = make_export(Path(folder) / "export", SERVICES)
        plain = measured(read_and_copy, export)
        ours = measured(import_first, export)
        reading = measured(read_only, export)
        again = measured(import_again, export)
        later = make_export(Path(folder) / "later", SERVICES, changed=True)
        reading_later = measured(read_only, later)
        changed = measured(import_changed, later)
        longer = make_export(Path(folder) / "longer", SERVICES * TIMES)
        grown = measured(import_longer, longer)
        crowded = make_export(Path(folder) / "crowded", SERVICES, every=CROWDED)
        plain_crowded = measured(read_and_copy, crowded)
        many = measured(import_crowded, crowded)
        crowded_later = make_export(
            Path(folder) / "crowded_later", SERVICES, every=CROWDED, changed=True
        )
        reading_crowded = measured(read_only, crowded_later)
        many_changed = measured(import_crowded_changed, crowded_later)
    what = f"{CLIENTS:,} clients, {SERVICES:,} services"
    yield Row(
        f"HMIS import, {what}", said(ours), f"csv and COPY {said(plain)}",
        ours[0] / plain[0], at_most=3, note=f"{listed(EVERY):,} new households on the list.",
    )  # fmt: skip
    yield Row(
        f"the same with {listed(CROWDED):,} households on the list", said(many),
        f"csv and COPY {said(plain_crowded)}", many[0] / plain_crowded[0],
        at_most=4, note="A new household is sealed, with history, an alias and a place.",
    )  # fmt: skip
    yield Row(
        "the same export again", said(again), f"reading it {said(reading)}",
        again[0] / reading[0], at_most=1.5,
    )  # fmt: skip
    yield Row(
        f"the export a day later, 1 % changed, {listed(EVERY):,} households", said(changed),
        f"reading it {said(reading_later)}", changed[0] / reading_later[0], at_most=1.5,
    )  # fmt: skip
    yield Row(
        f"the same with {listed(CROWDED):,} households on the list", said(many_changed),
        f"reading it {said(reading_crowded)}", many_changed[0] / reading_crowded[0], at_most=1.5,
        note="Each household is opened and compared with what is on file.",
    )  # fmt: skip
    yield Row("peak memory of the import", f"{ours[1]:.0f} MB", "300 MB", ours[1] / 300, at_most=1)
    yield Row(
        f"peak memory, {TIMES} × the services", f"{grown[1]:.0f} MB", f"{ours[1]:.0f} MB",
        grown[1] / ours[1], at_most=1.1,
    )  # fmt: skip


def listed(every):
    """How many households are on the list when one client in so many is."""
    return -(-CLIENTS // every)


def said(figure):
    return f"{figure[0]:.1f} s, {figure[1]:.0f} MB"


def measured(act, folder):
    """`(seconds, peak MB)` of the act, in a process of its own."""
    reading, writing = os.pipe()
    from django.db import connections

    connections.close_all()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            from django.db import connection

            connection.ensure_connection()
            start = time.perf_counter()
            act(folder)
            taken = time.perf_counter() - start
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            os.write(writing, f"{taken} {peak}".encode())
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    _pid, status = os.waitpid(pid, 0)
    if status:
        raise RuntimeError(f"{act.__name__} failed")
    taken, peak = map(float, text.split())
    return taken, peak


def make_export(folder, services, *, every=EVERY, changed=False):
    """Write an export: one enrolment in `every` is open, in the coordinated-entry project.

    `changed`: a day later, and of each hundred people one has another name, and a service or an
    exit of that day.
    """
    folder.mkdir()
    on = AS_OF + timedelta(days=1) if changed else AS_OF
    changes = partial(is_changed, every=every) if changed else never
    write(folder, "Export", ["CSVVersion", "ExportDate"], [["2026 v1.0", on.isoformat()]])
    write(
        folder, "Organization", ["OrganizationID", "OrganizationName", "VictimServiceProvider"],
        [["O", "Bridge", "0"]],
    )  # fmt: skip
    write(
        folder, "Project", ["ProjectID", "OrganizationID", "ProjectName", "ProjectType"],
        [["P", "O", "Front door", "14"], ["Q", "O", "Shelter", "1"]],
    )  # fmt: skip
    write(folder, "Client", WANTED["Client"], clients(changes))
    write(folder, "Enrollment", WANTED["Enrollment"], enrollments(every))
    write(folder, "Exit", WANTED["Exit"], exits(every, changes))
    write(folder, "Services", WANTED["Services"], nights(services, changes))
    return folder


def write(folder, name, columns, data):
    filler = [f"Filler{number}" for number in range(FILLERS.get(name, 0))]
    blank = ["" if number % 3 else "1" for number in range(len(filler))]
    with (folder / f"{name}.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*columns, *filler])
        writer.writerows([*row, *blank] for row in data)


def is_changed(number, *, every):
    """One person in a hundred, and one household on the list in a hundred."""
    return number // every % 100 == 0


def never(number):
    return False


def clients(changes):
    for number in range(CLIENTS):
        born = date(1950, 1, 1) + timedelta(days=number % 20_000)
        first = "Second" if changes(number) else "First"
        yield [str(number), f"{first}{number}", f"Last{number}", born.isoformat(), str(number % 2)]


def enrollments(every):
    for number in range(CLIENTS):
        entered = date(2025, 6, 1) + timedelta(days=number % 300)
        project = "P" if number % every == 0 else "Q"
        yield [
            f"E{number}", str(number), project, entered.isoformat(), f"H{number}", "1", "116", "",
        ]  # fmt: skip


def exits(every, changes):
    for number in range(CLIENTS):
        if number % every:
            on = "2026-06-02" if changes(number) else "2026-05-01"
            yield [f"E{number}", on, "410"]


def nights(services, changes):
    for number in range(services):
        person = (number * 7_919) % CLIENTS
        on = date(2025, 6, 1) + timedelta(days=number % 360)
        if changes(person) and number % 10 == 0:
            on = AS_OF + timedelta(days=1)
        yield [f"E{person}", on.isoformat(), "200"]


def read_only(folder):
    for name in WANTED:
        with (folder / f"{name}.csv").open(newline="") as file:
            for _row in csv.reader(file):
                pass


def read_and_copy(folder):
    """The wanted columns of each file into a table of text, and nothing else."""
    from django.db import connection

    from participants.hmis.staging import Lines

    def lines(reader, places):
        for row in reader:
            yield "\t".join([row[place] for place in places]) + "\n"

    with connection.cursor() as cursor:
        for name, columns in WANTED.items():
            table = f"plain_{name.lower()}"
            words = ", ".join(f"c{number} text" for number in range(len(columns)))
            cursor.execute(f"CREATE TEMPORARY TABLE {table} ({words})")
            with (folder / f"{name}.csv").open(newline="") as file:
                reader = csv.reader(file)
                header = next(reader)
                places = [header.index(column) for column in columns]
                cursor.copy_expert(f"COPY {table} FROM STDIN", Lines(lines(reader, places)))


def import_into(folder, code, *, as_of=AS_OF):
    from django.utils import timezone

    from participants.hmis import services
    from participants.hmis.archives import open_path
    from regions.models import Continuum

    continuum, now = Continuum.objects.get(code=code), timezone.now()
    hmis_import = services.start_import(continuum, files=[], actor=None, now=now, as_of=as_of)
    files = open_path(folder)
    services.read_files(hmis_import, files, now=now)
    files.close()
    services.confirm_import(hmis_import, accepts=True, actor=None, now=now, is_queued=False)
    services.apply_confirmed(hmis_import, now=now)
    hmis_import.refresh_from_db()
    return hmis_import


def import_first(folder):
    import_all(folder, "MN-910", EVERY)


def import_again(folder):
    assert import_into(folder, "MN-910").state == "same"


def import_changed(folder):
    import_later(folder, "MN-910", EVERY)


def import_crowded_changed(folder):
    import_later(folder, "MN-912", CROWDED)


def import_later(folder, code, every):
    done = import_into(folder, code, as_of=AS_OF + timedelta(days=1))
    # And who had a birthday that tells.
    assert done.counts["done"]["changed"] >= listed(every) // 100, done.counts


def import_longer(folder):
    import_all(folder, "MN-911", EVERY)


def import_crowded(folder):
    import_all(folder, "MN-912", CROWDED)


def import_all(folder, code, every):
    continuum_for(code)
    done = import_into(folder, code)
    assert done.counts["done"]["added"] == listed(every), done.counts


def continuum_for(code):
    from agreements.tests.factories import make_agency
    from participants.models import HmisProject
    from regions.tests.factories import make_continuum, make_region

    continuum = make_continuum(code=code)
    region = make_region(continuum)
    HmisProject.objects.create(
        continuum=continuum, key="P", name="Front door", type_code="14", is_listed=True,
        region=region, agency=make_agency(continuum, name="Bridge", regions=[region]),
    )  # fmt: skip
