"""The people of an export: ages; names and birth dates, sealed, of who may head a household."""

import json
import unicodedata
from collections.abc import Mapping
from datetime import date
from itertools import islice

from django.db import connection

from participants.hmis import codes
from participants.hmis.kept import day_of
from participants.hmis.reading import Dates, Export, Row, Table
from participants.hmis.staging import MOST_HELD, copy_all, day, ids_of, is_key, of_those
from participants.youth import age_on
from vault import keys

CLIENTS_AT_ONCE = 5_000
SEALED = b"participants.hmis.client\0"


def stage_clients(export: Export, dates: Dates, *, as_of: date) -> None:
    """The people of households that were staged: age, veteran, and who may lead, sealed."""
    columns = ("PersonalID", "FirstName", "LastName", "DOB")
    table = export.table("Client", columns, ("VeteranStatus", "NameSuffix"))
    pid_at, held = table.at("PersonalID"), members_held()
    rows = table.rows(of_those("PersonalID", held))
    while batch := list(islice(rows, CLIENTS_AT_ONCE)):
        by_pid: dict[str, tuple[int, Row]] = {}
        for line, row in batch:
            pid = row[pid_at].strip()
            if pid in by_pid:
                problem = "The person is in the file twice."
                remedy = "Merge them in HMIS."
                table.refuse(line, "PersonalID", "", problem, remedy, ids=ids_of(pid))
            else:
                by_pid[pid] = (line, row)
        copy_clients(table, dates, as_of, by_pid, held)
        export.tell_progress()


def members_held() -> dict[str, bool] | None:
    """`{PersonalID: may lead}` of the households that count; None for too many to hold."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid, bool_or(may_lead) FROM hmis_member GROUP BY pid LIMIT %s", [MOST_HELD + 1]
        )
        found = dict(cursor.fetchall())
    return found if len(found) <= MOST_HELD else None


def copy_clients(
    table: Table,
    dates: Dates,
    as_of: date,
    by_pid: Mapping[str, tuple[int, Row]],
    held: Mapping[str, bool] | None,
) -> None:
    if held is None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid, bool_or(may_lead) FROM hmis_member WHERE pid = ANY(%s) GROUP BY pid",
                [[pid for pid in by_pid if is_key(pid)]],
            )
            wanted = dict(cursor.fetchall())
    else:
        wanted = {pid: held[pid] for pid in by_pid}
    rows = (
        client_line(table, dates, as_of, pid, *by_pid[pid], may_lead=may_lead)
        for pid, may_lead in wanted.items()
    )
    copy_all("COPY hmis_client FROM STDIN", rows)


def client_line(
    table: Table, dates: Dates, as_of: date, pid: str, line: int, row: Row, *, may_lead: bool
) -> str:
    born = day(table, dates, line, "DOB", row[table.at("DOB")], pid=pid)
    years = age_on(day_of(born), as_of)
    age = str(years) if years is not None and 0 <= years < 130 else "\\N"
    veteran = codes.YES_NO.get(table.get(row, "VeteranStatus"))
    is_veteran = "\\N" if veteran is None else "t" if veteran else "f"
    sealed = "\\N"
    if may_lead:
        name = name_of(row[table.at("FirstName")], row[table.at("LastName")])
        plain = json.dumps([name, born or None]).encode()
        sealed = "\\\\x" + keys.seal(plain, SEALED + pid.encode()).hex()
    return f"{pid}\t{age}\t{is_veteran}\t{sealed}\t{line}\n"


def name_of(first: str, last: str) -> str | None:
    """First and last name; None for what is hashed or missing, whatever HashStatus says."""
    parts = [" ".join(part.split()) for part in (first, last)]
    parts = ["" if is_hash(part) else part for part in parts]
    return unicodedata.normalize("NFC", " ".join(filter(None, parts)))[:300] or None


def is_hash(text: str) -> bool:
    return len(text) in (32, 40, 64) and all(letter in "0123456789abcdefABCDEF" for letter in text)


def opened(sealed: bytes | memoryview | None, pid: str) -> list[str | None]:
    """`[name, date of birth]` of a person who may lead a household."""
    if sealed is None:
        return [None, None]
    plain = keys.unseal(bytes(sealed), SEALED + pid.encode(), "HMIS client")
    name_and_birth: list[str | None] = json.loads(plain)
    return name_and_birth
